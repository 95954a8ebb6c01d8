#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes of the first program, an ELF file, the flat image that the kernel starts.

usage: flat.py INPUT OUTPUT

The image is a page that begins with six words of 32 bits (struct root_image in kernel/main.c): the
letters "root", the entry's address, the base address, and how many pages are read-only, are in the
file, and are there in all; then the program's pages from the base on. So the kernel can map the
module as the boot loader has put it into memory, and knows of no file format.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

PAGE = 4096
MAGIC = b"root"
WRITE = 2


def page_up(address: int) -> int:
    """The next page boundary."""
    return -(-address // PAGE) * PAGE


def flat(elf: ELFFile) -> bytes:
    """The image; SystemExit where the program does not have the form that one needs."""
    loads = [s.header for s in elf.iter_segments("PT_LOAD")]
    if elf.header.e_type != "ET_EXEC" or elf.header.e_machine != "EM_386" or not loads:
        sys.exit("flat.py: not an executable for i386")
    base = loads[0].p_vaddr
    fixed = kept = pages = 0
    memory = bytearray()
    for load in loads:
        start, page = load.p_vaddr - base, (load.p_vaddr - base) // PAGE
        if base % PAGE or page < pages:
            sys.exit("flat.py: segments that are out of order, or share a page")
        if load.p_flags & WRITE:
            fixed = fixed or page
        elif fixed:
            sys.exit("flat.py: a read-only segment behind a writable one")
        elf.stream.seek(load.p_offset)
        memory += bytes(start - len(memory)) + elf.stream.read(load.p_filesz)
        kept, pages = page_up(start + load.p_filesz) // PAGE, page_up(start + load.p_memsz) // PAGE
    fixed = fixed or kept
    head = struct.pack("<4s5I", MAGIC, elf.header.e_entry, base, fixed, kept, pages)
    return (head.ljust(PAGE, b"\0") + memory).ljust((1 + kept) * PAGE, b"\0")


def main() -> None:
    """Reads one file and writes the other."""
    source, target = sys.argv[1:]
    with open(source, "rb") as stream:
        try:
            image = flat(ELFFile(stream))
        except ELFError as error:
            sys.exit(f"flat.py: {source}: {error}")
    Path(target).write_bytes(image)


if __name__ == "__main__":
    main()
