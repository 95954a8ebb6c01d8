# SPDX-License-Identifier: MIT
"""The Promela models, the quick part: `make models` also runs the big ones and all mutants."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The state spaces of these are small.
QUICK = ["far", "ring"]
# One of the dispatcher, one of the ports.
QUICK_MUTANTS = [5, 9]


def _load() -> ModuleType:
    """tools/models.py as a module."""
    spec = importlib.util.spec_from_file_location("models", ROOT / "tools" / "models.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["models"] = module
    spec.loader.exec_module(module)
    return module


models = _load()


@pytest.fixture(autouse=True)
def _needs_spin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spin and tcc are packages of tools/setup; runs of several test workers stay apart."""
    assert shutil.which("spin") and shutil.which("tcc"), "no spin or tcc: run tools/setup"
    monkeypatch.setattr(models, "BUILD", tmp_path)


def test_functions_exist() -> None:
    """Every function that a model names is in the kernel."""
    assert models.stale_names() == []


def test_names_can_be_missed() -> None:
    """The look-up tells definitions from uses and from what is not there."""
    assert models.function_body("ipc.c", "link_call")
    assert models.function_body("arch/ia32/fastpath.asm", "LINK_CALL")
    assert models.function_body("ipc.c", "port_take_waiter") is None  # used, defined elsewhere
    assert models.function_body("ipc.c", "no_such_function") is None
    assert models.function_body("no_such_file.c", "link_call") is None


@pytest.mark.parametrize("name", QUICK)
def test_model(name: str) -> None:
    """The model holds, and fails without each fix that it needs. A kernel bug is expected to fail
    until it is repaired: then the same run is an ordinary test."""
    open_bugs = []
    for job in models.model_jobs(name, models.fixes()):
        job.small = True
        models.run_job(job)
        if job.missing and job.error:
            open_bugs.append(job.outcome())
        else:
            assert job.good, job.outcome()
    if open_bugs:
        pytest.xfail("; ".join(open_bugs))


@pytest.mark.parametrize("number", QUICK_MUTANTS)
def test_mutant(number: int) -> None:
    """Spin finds the bug that was built in."""
    (model,) = [model for n, model, _, _ in models.mutants() if n == number]
    (job,) = [job for job in models.mutant_jobs([model], models.fixes())
              if job.label == f"mutant {number}"]
    models.run_job(job)
    assert job.good, job.outcome()


def test_every_model_has_a_mutant() -> None:
    """A model that nothing can make fail shows nothing; `far` and `ring` fail without a fix."""
    with_mutants = {model for _, model, _, _ in models.mutants()}
    needy = {name for name in models.model_names()
             if models.NEEDS.search(models.model_text(name))}
    assert with_mutants | needy == set(models.model_names())
