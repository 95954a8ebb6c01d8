# SPDX-License-Identifier: MIT
"""The binder of libc on the host: by name and version, old on new, new on old."""

import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
HOST = TREE / "tests" / "host"
GCC = ["gcc", "-m32", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1"]
R_386_COPY = 5

pytestmark = pytest.mark.xdist_group("libc_bind")  # built once


def run(*command: object) -> str:
    """Runs a command that must succeed; returns what it printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tester, two generations of the object and programs linked to them."""
    out = tmp_path_factory.mktemp("bind")
    run(*GCC, "-g", "-no-pie", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
        HOST / "bind/test_bind.c", TREE / "libc/bind.c", "-o", out / "test_bind")
    for generation in (1, 2):
        run(*GCC, "-fPIC", "-shared", "-nostdlib", f"-DGENERATION={generation}",
            "-Wl,--hash-style=gnu", "-Wl,-soname,sample.so.1",
            f"-Wl,--version-script={HOST}/bind/object{generation}.map",
            HOST / "bind/object.c", "-o", out / f"object{generation}.so")
    program(out, "old", 1)
    program(out, "old-plt", 1, "-fplt", "-Wl,-z,now")
    program(out, "new", 2, "-DWITH_THREE")
    program(out, "data", 2, "-DWITH_DATA")
    return out


def program(out: Path, name: str, generation: int, *flags: str) -> None:
    """Links a sample program the way Iris programs are linked."""
    plt = [] if "-fplt" in flags else ["-fno-plt"]
    run(*GCC, "-fno-pic", "-fno-pie", "-no-pie", "-nostdlib", *plt, *flags,
        "-Wl,-e,entry", "-Wl,-Ttext-segment=0x400000", "-Wl,--no-dynamic-linker",
        HOST / "bind/program.c", out / f"object{generation}.so", "-o", out / name)


def bind(built: Path, generation: int, name: str) -> list[str]:
    """Binds program `name` to a generation of the object; returns the lines printed."""
    return run(built / "test_bind", "bind", built / f"object{generation}.so",
               built / name).splitlines()


@pytest.mark.parametrize("name", ["old", "old-plt"])
@pytest.mark.parametrize("generation", [1, 2])
def test_old_program_runs_on_both_generations(built: Path, generation: int, name: str) -> None:
    """1 + (20 + 2) + 100 * 10: the version-1.0 function, also where 1.1 is the default."""
    assert bind(built, generation, name) == ["entry 1023"]


def test_new_program_uses_the_new_version(built: Path) -> None:
    """1 + 22 + 100 * 11 + 10000 * 3."""
    assert bind(built, 2, "new") == ["entry 31123"]


def test_new_program_on_old_object_is_refused(built: Path) -> None:
    """Both symbols of version 1.1 are missed, though one of them exists as 1.0."""
    lines = bind(built, 1, "new")
    word, symbol, count = lines[0].split()
    assert word == "missing"
    assert symbol in ("sample_three@SAMPLE_1.1", "sample_changed@SAMPLE_1.1")
    assert count == "count=2"
    # What could be bound is bound; the others lead to the trap, which returns -7.
    assert lines[1] == f"entry {1 + 22 + 100 * -7 + 10000 * -7}"


def test_copy_relocation_is_refused(built: Path) -> None:
    """Data of the vDSO cannot be copied into a program."""
    assert bind(built, 2, "data") == [f"relocation {R_386_COPY} sample_data count=1"]


@pytest.mark.parametrize(("generation", "name", "version", "expected"), [
    (1, "sample_one", "SAMPLE_1.0", "found 1"),
    (1, "sample_one", "", "found 1"),
    (1, "sample_one", "SAMPLE_1.1", "none"),
    (1, "sample_on", "SAMPLE_1.0", "none"),
    (1, "sample_onee", "", "none"),
    (1, "", "", "none"),
    (2, "sample_changed", "SAMPLE_1.0", "found 10"),
    (2, "sample_changed", "SAMPLE_1.1", "found 11"),
    (2, "sample_changed", "", "found 11"),
    (2, "sample_three", "SAMPLE_1.0", "none"),
    (2, "SAMPLE_1.0", "", "none"),
])
def test_symbol_by_name_and_version(built: Path, generation: int, name: str, version: str,
                                    expected: str) -> None:
    """The look-up itself, hits and near misses."""
    got = run(built / "test_bind", "symbol", built / f"object{generation}.so", name, version)
    assert got.strip() == expected
