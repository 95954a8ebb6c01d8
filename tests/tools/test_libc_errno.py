# SPDX-License-Identifier: MIT
"""The error numbers of Iris are newlib's: a kernel error can go into errno as it is."""

import subprocess
import tomllib
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def newlib_errors() -> dict[str, int]:
    """errno.h of our newlib as the compiler sees it for Iris: name -> number."""
    prefix = subprocess.run([TREE / "libc/build.sh"], check=True, capture_output=True,
                            text=True).stdout.split()[-1]
    compiler = subprocess.run(["gcc", "-m32", "-print-file-name=include"], check=True,
                              capture_output=True, text=True).stdout.strip()
    defines = subprocess.run(
        ["gcc", "-m32", "-nostdinc", "-U__linux__", "-D__iris__=1", "-isystem", compiler,
         "-isystem", f"{prefix}/include", "-dM", "-E", "-x", "c", "-"],
        input="#include <sys/errno.h>\n", check=True, capture_output=True, text=True).stdout
    found: dict[str, int] = {}
    for line in defines.splitlines():
        words = line.split()
        if len(words) == 3 and words[1].startswith("E") and words[2].isdigit():
            found[words[1]] = int(words[2])
    return found


def test_every_kernel_error_has_newlibs_number(newlib_errors: dict[str, int]) -> None:
    """EDEAD included: our patch adds it to errno.h."""
    listed = tomllib.loads((TREE / "kernel/abi/errors.toml").read_text())["error"]
    assert len(listed) >= 10
    for error in listed:
        assert newlib_errors.get(error["name"]) == error["number"], error["name"]


def test_no_newlib_error_shares_the_number_of_edead(newlib_errors: dict[str, int]) -> None:
    """160 is free in newlib, so strerror can tell it apart."""
    same = [name for name, number in newlib_errors.items() if number == newlib_errors["EDEAD"]]
    assert same == ["EDEAD"]
