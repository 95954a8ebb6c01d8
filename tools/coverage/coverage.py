#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which lines and branches of the kernel no test reaches (`make coverage`).

    coverage.py --build build/debug --output build/coverage -- TEST COMMAND

runs the tests with a QEMU that notes every kernel instruction it executes (plugin.c), then writes
OUTPUT/index.html and prints a table. A line is reached if one of its instructions ran. A branch is
a conditional jump; it counts twice, once for each way it can go. An instruction in the middle of a
block that faulted earlier counts as run: blocks are noted when they begin.
"""

from __future__ import annotations

import argparse
import bisect
import dataclasses
import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from elftools.elf.elffile import ELFFile

HERE = Path(__file__).resolve().parent
RAN, JUMPED, FELL_THROUGH = 1, 2, 4
QEMU = "qemu-system-i386"
CONDITIONAL = re.compile(r"^\s*([0-9a-f]+):\s+(j(?!mp)[a-z]+|loop[a-z]*)\s")

Lines = list[tuple[int, int, str, int]]  # start, end, file, line

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Iris: kernel coverage</title><style>
body {{ font: 14px/1.4 sans-serif; margin: 2em auto; max-width: 70em; }}
table {{ border-collapse: collapse; }} td, th {{ padding: 2px 12px; text-align: right; }}
td:first-child, th:first-child {{ text-align: left; }}
pre {{ margin: 0; font: 13px/1.35 monospace; }} pre span {{ display: block; }}
.ran {{ background: #e6ffe6; }} .missed {{ background: #ffd9d9; }}
.half {{ background: #fff3c4; }} i {{ color: #888; font-style: normal; }}
</style></head><body><h1>Kernel coverage</h1>
<p>Green ran, red never did; yellow holds a branch that only ever went one way.</p>
{table}
{files}</body></html>
"""


@dataclasses.dataclass
class Source:
    """What is known about one file: per line, whether it ran and how its branches went."""

    ran: dict[int, bool] = dataclasses.field(default_factory=dict)
    branches: dict[int, list[int]] = dataclasses.field(default_factory=dict)

    def counts(self) -> tuple[int, int, int, int]:
        """Lines run, lines, ways taken, ways."""
        ways = [way for line in self.branches.values() for way in line]
        taken = sum(bool(way & JUMPED) + bool(way & FELL_THROUGH) for way in ways)
        return sum(self.ran.values()), len(self.ran), taken, 2 * len(ways)


def text_range(kernel: Path) -> tuple[int, int]:
    """Address and size of the kernel's code."""
    with kernel.open("rb") as stream:
        section = ELFFile(stream).get_section_by_name(".text")
        return section["sh_addr"], section["sh_size"]


def line_table(kernel: Path) -> Lines:
    """The ranges of addresses that belong to a source line, from DWARF."""
    found: Lines = []
    with kernel.open("rb") as stream:
        dwarf = ELFFile(stream).get_dwarf_info()
        for unit in dwarf.iter_CUs():
            program = dwarf.line_program_for_CU(unit)
            if program is None:
                continue
            before = None
            for entry in program.get_entries():
                state = entry.state
                if state is None:
                    continue
                if before and before.address < state.address:
                    found.append((before.address, state.address,
                                  _file_name(program, before.file), before.line))
                before = None if state.end_sequence else state
    return sorted(found)


def _file_name(program, index: int) -> str:
    """The path of a file in a line program, relative to the source tree."""
    header = program.header
    first = 0 if header["version"] >= 5 else 1
    entry = header["file_entry"][index - first]
    name = entry.name.decode()
    folders = header["include_directory"]
    number = entry["dir_index"]
    if not name.startswith("/") and (header["version"] >= 5 or number):
        folder = folders[number if header["version"] >= 5 else number - 1].decode()
        name = os.path.join(folder, name)
    return os.path.normpath(os.path.relpath(name) if name.startswith("/") else name)


def conditional_jumps(kernel: Path) -> list[int]:
    """The addresses of all conditional jumps."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-j", ".text", str(kernel)],
                             check=True, capture_output=True, text=True).stdout
    return [int(match[1], 16) for line in listing.splitlines()
            if (match := CONDITIONAL.match(line))]


def collect(kernel: Path, marks: bytes, base: int) -> dict[str, Source]:
    """Join line table, jumps and marks."""
    sources: dict[str, Source] = {}
    lines = line_table(kernel)
    starts = [line[0] for line in lines]
    for start, end, file, number in lines:
        if base <= start < base + len(marks) and Path(file).exists():
            ran = any(mark & RAN for mark in marks[start - base:end - base])
            source = sources.setdefault(file, Source())
            source.ran[number] = source.ran.get(number, False) or ran
    for address in conditional_jumps(kernel):
        index = bisect.bisect_right(starts, address) - 1
        if index >= 0 and address < lines[index][1] and lines[index][2] in sources:
            sources[lines[index][2]].branches.setdefault(lines[index][3], []).append(
                marks[address - base])
    return sources


def share(part: int, whole: int) -> str:
    """A percentage, for humans."""
    return f"{100 * part / whole:5.1f} %" if whole else "-"


def table_rows(sources: dict[str, Source]) -> list[tuple[str, str, str, str, str]]:
    """File, lines, share, branches, share; the total last."""
    rows, total = [], [0, 0, 0, 0]
    for name, source in sorted(sources.items()):
        counts = source.counts()
        total = [a + b for a, b in zip(total, counts)]
        rows.append(_row(name, counts))
    return [*rows, _row("total", total)]


def _row(name: str, counts) -> tuple[str, str, str, str, str]:
    return (name, f"{counts[0]}/{counts[1]}", share(counts[0], counts[1]),
            f"{counts[2]}/{counts[3]}", share(counts[2], counts[3]))


def listing(name: str, source: Source) -> str:
    """One file as HTML."""
    out = [f'<h2 id="{name}">{name}</h2><pre>']
    for number, text in enumerate(Path(name).read_text(errors="replace").splitlines(), 1):
        style, note = "", ""
        if number in source.ran:
            style = "ran" if source.ran[number] else "missed"
            ways = source.branches.get(number, [])
            if style == "ran" and any(not (w & JUMPED and w & FELL_THROUGH) for w in ways):
                style = "half"
                note = "  one way only"
        out.append(f'<span class="{style}"><i>{number:4}</i> {html.escape(text)}'
                   f'<i>{note}</i></span>')
    return "".join(out) + "</pre>"


def report(sources: dict[str, Source], folder: Path) -> None:
    """Write the page, print the table."""
    rows = table_rows(sources)
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in (
        f'<a href="#{row[0]}">{row[0]}</a>', *row[1:])) + "</tr>" for row in rows)
    head = "<tr><th>file</th><th>lines</th><th></th><th>branches</th><th></th></tr>"
    files = "".join(listing(name, source) for name, source in sorted(sources.items()))
    page = folder / "index.html"
    page.write_text(PAGE.format(table=f"<table>{head}{cells}</table>", files=files))
    for row in rows:
        print(f"{row[0]:36} {row[1]:>11} {row[2]:>8} {row[3]:>11} {row[4]:>8}")
    print(f"coverage: {page}")


def prepare(folder: Path, base: int, size: int) -> Path:
    """Build the plugin, an empty file of marks, and a QEMU that uses both."""
    wrapper = folder / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    wrapper.mkdir(parents=True)
    plugin, marks = folder / "plugin.so", folder / "marks"
    marks.write_bytes(bytes(size))
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o",
                    str(plugin), str(HERE / "plugin.c")], check=True)
    script = wrapper / QEMU
    script.write_text(f"#!/bin/sh\nexec {shutil.which(QEMU)} "
                      f"-plugin {plugin},base={base:#x},marks={marks} \"$@\"\n")
    script.chmod(0o755)
    return wrapper


def main() -> int:
    """The command line tool; the exit status is that of the tests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    kernel, folder = arguments.build / "kernel.elf", arguments.output.resolve()
    base, size = text_range(kernel)
    path = f"{prepare(folder, base, size)}:{os.environ['PATH']}"
    done = subprocess.run(arguments.command, env={**os.environ, "PATH": path}, check=False)
    report(collect(kernel, (folder / "marks").read_bytes(), base), folder)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
