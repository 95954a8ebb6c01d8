# SPDX-License-Identifier: MIT
"""How big the kernel is: its code in the release build, and its source; and how big a program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile


def test_kernel_text(build: Path, figure: Callable[..., None]) -> None:
    """Instructions only; the vDSO image and the symbol table have sections of their own."""
    with (build / "kernel.elf").open("rb") as stream:
        elf = ELFFile(stream)
        sizes = {section.name: section["sh_size"] for section in elf.iter_sections()
                 if section["sh_flags"] & 2}
        vdso = elf.get_section_by_name(".vdso")["sh_addr"]
        text = elf.get_section_by_name(".text")
        assert not text["sh_addr"] <= vdso < text["sh_addr"] + text["sh_size"]
    figure("kernel_text", sizes[".text"], "bytes", info={
        "read_only_data": sizes[".rodata"], "data": sizes[".data"], "bss": sizes[".bss"]})


def code_lines(source: Path) -> int:
    """Lines that hold more than blanks and comments. The compiler takes the comments away."""
    if source.suffix == ".asm":
        lines = [_without_asm_comment(line) for line in source.read_text().splitlines()]
    else:
        lines = subprocess.run(["gcc", "-fpreprocessed", "-dD", "-E", "-P", "-x", "c", str(source)],
                               check=True, capture_output=True, text=True).stdout.splitlines()
    return sum(bool(line.strip()) for line in lines)


def _without_asm_comment(line: str) -> str:
    """What NASM sees of a line: a semicolon begins a comment, unless it is quoted."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == ";":
            return line[:at]
    return line


@pytest.mark.parametrize("text, expected", [
    ("int a; /* one */\n\n// nothing\n/* two\n * lines */ int b;\n#define C \"/* text */\"\n", 3),
])
def test_code_lines_counts_c(tmp_path: Path, text: str, expected: int) -> None:
    source = tmp_path / "x.c"
    source.write_text(text)
    assert code_lines(source) == expected


def test_code_lines_counts_asm(tmp_path: Path) -> None:
    source = tmp_path / "x.asm"
    source.write_text("; comment\n\n  nop ; why\n  db ';', \"a;b\" ; end\n   ;\n")
    assert code_lines(source) == 2


def test_kernel_lines(pytestconfig: pytest.Config, figure: Callable[..., None]) -> None:
    """All of kernel/ and boot/: C, headers, assembly."""
    root = pytestconfig.rootpath
    counts: dict[str, int] = {}
    for folder in ("kernel", "boot"):
        for source in sorted((root / folder).rglob("*")):
            if source.suffix in (".c", ".h", ".asm"):
                part = "arch" if "arch" in source.parts else "abi" if "include" in source.parts \
                    else folder
                counts[part] = counts.get(part, 0) + code_lines(source)
    figure("kernel_lines", sum(counts.values()), "lines", info=dict(counts))


def test_hello_size(build: Path, figure: Callable[..., None]) -> None:
    """The smallest program worth having, C library included, as it lies in the boot archive."""
    figure("hello_file", (build / "bin/hello").stat().st_size, "bytes")
