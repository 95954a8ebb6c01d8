# SPDX-License-Identifier: MIT
"""Addresses in logs get names, and only where that is right."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from iris_harness.symbols import load_symbols, symbolise

SOURCE = """
.globl first, second
.type first, @function
first: nop
 nop
.size first, . - first
.balign 16
second: nop
 nop
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder with a kernel, a vDSO and a program."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "code.s").write_text(SOURCE)
    subprocess.run(["as", "--32", "-o", tmp_path / "code.o", tmp_path / "code.s"], check=True)
    for name, address in (("iris.elf", 0xC0100000), ("iris-vdso.so.1", 0x1000),
                          ("programs/prog", 0x400000)):
        subprocess.run(["ld", "-m", "elf_i386", f"-Ttext={address:#x}", "-e", f"{address:#x}",
                        "-o", tmp_path / name, tmp_path / "code.o"], check=True)
    return tmp_path


@pytest.mark.parametrize(("line", "added"), [
    ("  #0 0xc0100001", "  <first+0x1>"),
    ("  #1 0xC0100011", "  <second+0x1>"),
    ("  #1 0xc0100004", ""),                   # behind the end of first
    ("  #2 0xc0100010 second+0x0", ""),        # has its name already
    ("  #3 0xbffe1000", "  <first+0x0>"),
    ("  #4 0x00400001", ""),                   # of which program?
    ("EIP=c0100010 EFL=00000002", "  <second+0x0>"),
    ("memory at 0xc0100010", ""),
])
def test_line(build: Path, line: str, added: str) -> None:
    assert symbolise([line], build / "iris.iso") == [line + added]


def test_program_of_the_last_fault(build: Path) -> None:
    lines = ["  #0 0x00400010", "fault: prog (pid 3): page fault", "  #0 0x00400010",
             "fault: unknown (pid 4): page fault", "  #0 0x00400010"]
    image = build / "iris.iso"
    assert symbolise(lines, image) == [*lines[:2], "  #0 0x00400010  <second+0x0>", *lines[3:]]


def test_missing_and_broken_files_are_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "iris.elf").write_bytes(b"not an ELF file")
    assert symbolise(["  #0 0xc0100000"], tmp_path / "iris.iso") == ["  #0 0xc0100000"]
    assert load_symbols(tmp_path / "missing") is None


def test_lookup(build: Path) -> None:
    symbols = load_symbols(build / "iris.elf")
    assert symbols is not None
    assert symbols.lookup("second") == 0xC0100010
    with pytest.raises(KeyError):
        symbols.lookup("third")
