# SPDX-License-Identifier: MIT
"""The ways in for a program of one's own: make run PROG=, a folder in examples/, gdb."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]

MINE = r"""
#include <stdio.h>
#include <iris/summary.h>
#include <iris/vdso.h>

IRIS_SUMMARY("a program of mine");

int main(int argc, char *argv[])
{
    printf("%s has %d words, at %s time\n", argv[0], argc - 1,
           iris_clock_monotonic() > 0 ? "a" : "no");
    return 7;
}
"""


def environment() -> dict[str, str]:
    """Without what a `make` that started us has left there."""
    return {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}


def run(command: list[str], folder: Path, typed: str = "", timeout: int = 120):
    """A command with something typed into its pipe."""
    return subprocess.run(command, cwd=folder, input=typed, capture_output=True, text=True,
                          timeout=timeout, check=False, env=environment())


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree to build in, with links to what was built already."""
    copy = tmp_path_factory.mktemp("tree") / "iris"
    shutil.copytree(TREE, copy, symlinks=True,
                    ignore=lambda folder, names: [name for name in names if name in (
                        ".git", ".ci", "__pycache__", "test", "bench", "coverage")
                        and Path(folder) in (TREE, TREE / "build")])
    return copy


# ---- make run -----------------------------------------------------------------------------------


@pytest.mark.boot(only=[])
def test_a_c_file_is_put_at_the_prompt(unlaunched_dut, tmp_path: Path) -> None:
    """What `make run PROG=my.c` does to the image, in both emulators."""
    source = tmp_path / "my.c"
    source.write_text(MINE)
    unlaunched_dut.programs = {"my": source}
    shell = unlaunched_dut.launch().shell
    result = shell.exec("my own words")
    assert (result.lines, result.status) == (["my has 2 words, at a time"], 7)
    assert re.search(r"^  my +a program of mine$", shell.exec("help").text, re.M)


def test_make_run_with_a_program_in_a_pipe(tree: Path, tmp_path: Path) -> None:
    """The command of the README itself, without a terminal."""
    source = tmp_path / "mine.c"
    source.write_text(MINE)
    done = run(["make", "run", "V=debug", f"PROG={source}"], tree, "mine a b c\nshutdown 5\n")
    assert "mine has 3 words, at a time" in done.stdout, done.stdout + done.stderr
    assert "Error 5" in done.stderr  # make tells of the guest's status
    assert "\r" not in done.stdout


def test_run_ends_with_its_input(tree: Path) -> None:
    """When the pipe ends, so does the machine, once it is back at its prompt."""
    done = run([sys.executable, "tools/run.py", "--image", "build/debug/iris.iso"], tree,
               "echo from a pipe\n")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^from a pipe$", done.stdout, re.M)


def test_compile_errors_are_told(tree: Path, tmp_path: Path) -> None:
    source = tmp_path / "wrong.c"
    source.write_text("int main(void) { return nothing; }\n")
    done = run(["make", "run", "V=debug", f"PROG={source}"], tree)
    assert done.returncode != 0 and "nothing" in done.stderr
    assert "iris$" not in done.stdout


# ---- a folder in examples/ ----------------------------------------------------------------------


def test_a_folder_in_examples_appears_and_vanishes(tree: Path) -> None:
    folder = tree / "examples" / "dropped"
    folder.mkdir()
    (folder / "first.c").write_text(MINE.replace("argc - 1", "number(argc)").replace(
        "int main", "int number(int);\n\nint main"))
    (folder / "second.c").write_text("int number(int);\nint number(int n) { return n * 10; }\n")
    image = [sys.executable, "harness/iris_harness/image.py", "list", "build/debug/iris.iso"]
    done = run(["make", "V=debug"], tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bin/dropped" in run(image, tree).stdout
    done = run([sys.executable, "tools/run.py", "--image", "build/debug/iris.iso"], tree,
               "dropped one two\n")
    assert "dropped has 30 words" in done.stdout, done.stdout
    shutil.rmtree(folder)
    assert run(["make", "V=debug"], tree).returncode == 0
    assert "bin/dropped" not in run(image, tree).stdout


# ---- gdb ----------------------------------------------------------------------------------------


def test_gdb_stops_in_main(tree: Path) -> None:
    """`make qemu-gdb PROG=hello`: the program is started, gdb stops, knows where, and goes on."""
    done = run(["make", "qemu-gdb", "PROG=hello"], tree,
               "set backtrace past-main on\nbacktrace\ninfo line\nkill\nquit\n")
    assert re.search(r"Breakpoint 1, .*main \(.*argc=1", done.stdout), done.stdout + done.stderr
    assert re.search(r"^.*#0 +.*main \(", done.stdout, re.M)
    assert re.search(r"#1 .*start_main", done.stdout), done.stdout
    assert "examples/hello/main.c" in done.stdout


def test_gdb_stops_at_boot(tree: Path) -> None:
    done = run(["make", "qemu-gdb"], tree, "backtrace\nkill\nquit\n")
    assert re.search(r"Breakpoint 1, .*kernel_main \(", done.stdout), done.stdout + done.stderr
