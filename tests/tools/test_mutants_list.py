# SPDX-License-Identifier: MIT
"""The list of mutants fits the kernel as it is: each change applies, exactly once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import mutants  # noqa: E402  pylint: disable=wrong-import-position

CATALOGUE = mutants.Catalogue.load()


def test_enough_of_them() -> None:
    assert len(CATALOGUE.mutants) >= 30
    files = {mutant.file for mutant in CATALOGUE.mutants}
    assert {"kernel/ipc.c", "kernel/arch/ia32/fastpath.asm", "kernel/arch/ia32/entry.asm"} <= files


@pytest.mark.parametrize("mutant", CATALOGUE.mutants, ids=lambda mutant: mutant.name)
def test_applies(mutant: mutants.Mutant) -> None:
    assert mutant.mutate(ROOT) != (ROOT / mutant.file).read_text()


def test_no_problems() -> None:
    assert not CATALOGUE.problems()


def test_every_test_exists() -> None:
    """pytest knows the name of each test that is to fail."""
    files = sorted({mutant.test.split("::")[0] for mutant in CATALOGUE.mutants})
    done = subprocess.run(
        [mutants.PYTHON, "-m", "pytest", "-p", "iris_harness.plugin", "--collect-only", "-q",
         "--emulator=qemu,bochs", *files], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": "harness", "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"},
        check=False)
    known = set(done.stdout.splitlines())
    wanted = {mutants.node(mutant.test, mutant.emulator) for mutant in CATALOGUE.mutants}
    assert wanted <= known, wanted - known


def test_a_change_that_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "file.c").write_text("a = 1;\na = 1;\n")
    twice = mutants.Mutant("twice", "all", "file.c", "a = 1;", "a = 2;", "tests/t.py::t")
    with pytest.raises(mutants.Broken, match="2 times"):
        twice.mutate(tmp_path)
    assert mutants.Catalogue([twice]).problems(tmp_path)


@pytest.mark.parametrize(("status", "text", "expected"), [
    (0, "1 passed in 2 s", "SURVIVED"), (0, "1 skipped in 2 s", "NOT RUN"),
    (1, "E   PANIC: assertion", "caught"), (1, "#test 4 FAIL a.c:3: wrong", "caught"),
    (124, "", "caught"), (4, "ERROR: not found", "NOT RUN")])
def test_verdicts(tmp_path: Path, status: int, text: str, expected: str) -> None:
    (tmp_path / "log").write_text(text + "\n")
    assert mutants.verdict(status, tmp_path / "log")[0] == expected
