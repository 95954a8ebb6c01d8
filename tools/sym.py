#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Name addresses: of the kernel, the vDSO, or a program (`make sym ADDR=0x...`)."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

KERNEL_BASE = 0xC0000000
VDSO_BASE, VDSO_END = 0xBFFE0000, 0xBFFFF000


def file_of(address: int, build: Path, program: str | None) -> tuple[Path, int]:
    """The ELF file an address belongs to, and the address in it."""
    if address >= KERNEL_BASE:
        return build / "kernel.elf", address
    if VDSO_BASE <= address < VDSO_END:
        return build / "iris-vdso.debug", address - VDSO_BASE
    if program is None:
        sys.exit(f"sym: {address:#010x} is in a program; say which with PROG=name")
    return build / "programs" / program, address


def main() -> None:
    """The command line tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--program", help="name of the program that user addresses belong to")
    parser.add_argument("addresses", nargs="*", type=lambda text: int(text, 16))
    arguments = parser.parse_args()
    if not arguments.addresses:
        sys.exit("sym: usage: make sym ADDR=0xc0101234 [PROG=name] [V=debug]")
    for address in arguments.addresses:
        elf, local = file_of(address, arguments.build, arguments.program)
        done = subprocess.run(["addr2line", "-apfiC", "-e", str(elf), hex(local)],
                              capture_output=True, text=True, check=False)
        print(f"{address:#010x} {elf.name}: {(done.stdout or done.stderr).partition(': ')[2]}",
              end="")


if __name__ == "__main__":
    main()
