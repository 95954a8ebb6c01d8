# SPDX-License-Identifier: MIT
"""Checks of how files are written: formatter, licence lines, Python, cppcheck."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import files

COLUMNS = 100
SPDX = "SPDX-License-Identifier: MIT"
SPDX_LINES = 4
FORMAT_WARNING = re.compile(r"^(\S+?:\d+):\d+: (?:error|warning): (.*?)(?: \[-W.*)?$")
CPPCHECK = [
    "cppcheck", "--quiet", "--enable=warning,portability,performance", "--inline-suppr",
    "--error-exitcode=1", "--std=c11", "--platform=unix32", "--max-configs=1", "-j2",
    "--template={file}:{line}: {id}: {message}", "--suppress=missingIncludeSystem",
    "--suppress=preprocessorErrorDirective", "--suppress=varFuncNullUB",
    # It takes the value after a loop for one inside.
    "--suppress=arrayIndexOutOfBoundsCond:examples/pingpong/message.c",
    "--suppress=arrayIndexOutOfBoundsCond:tests/user/lib/kit.c",
    "--library=tools/check/kernel.cfg", "-D__iris__=1", "-D__i386__=1", "-D__GNUC__=12",
    "-DDEBUG=1", "-Ikernel", "-Ikernel/include", "-Ikernel/arch/ia32", "-Iservers/lib",
    "-Ilibc/include", "-Ibuild/debug/gen/include", "-Ibuild/debug/gen/kernel",
    "-Ibuild/debug/gen/idl",
]


def _run(command: list[str]) -> list[str]:
    """Output lines of a tool, both streams."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def clang_format() -> Iterator[str]:
    """C is laid out as .clang-format says (`make format` does it)."""
    names = [str(path) for path in files.c_files()]
    seen = set()
    for line in _run(["clang-format", "--dry-run", "-Werror", *names]) if names else []:
        if match := FORMAT_WARNING.match(line):
            file = match[1].partition(":")[0]
            if file not in seen:
                seen.add(file)
                yield f"{match[1]}: {match[2]}; `make format` puts it right"


def text() -> Iterator[str]:
    """Lines end properly and fit."""
    for path in files.source_files():
        lines = path.read_text(errors="replace").split("\n")
        if lines[-1]:
            yield f"{path}: no newline at the end"
        for number, line in enumerate(lines, 1):
            if line != line.rstrip() and line.rstrip() != "*":
                yield f"{path}:{number}: trailing blanks"
            if len(line) > COLUMNS and path.suffix in {".c", ".h", ".py", ".asm", ".S", ".idl"}:
                yield f"{path}:{number}: {len(line)} columns; at most {COLUMNS}"
            if "\t" in line and path.suffix in {".c", ".h", ".py"}:
                yield f"{path}:{number}: a tab"


def licence() -> Iterator[str]:
    """Every source file names its licence."""
    for path in files.source_files():
        head = path.read_text(errors="replace").split("\n")[:SPDX_LINES]
        if not any(SPDX in line for line in head):
            yield f"{path}: no `{SPDX}` in its first lines"


def python() -> Iterator[str]:
    """Python compiles and pyflakes finds nothing."""
    names = [str(path) for path in files.source_files()
             if path.suffix == ".py" or path.read_text(errors="replace").startswith(
                 "#!/usr/bin/python3")]
    for line in _run(["/usr/bin/python3", "-m", "pyflakes", *names]):
        # pyflakes itself does not know `noqa`, which marks imports made for their effect.
        file, _, rest = line.partition(":")
        number = rest.partition(":")[0]
        source = Path(file).read_text().split("\n") if number.isdigit() else []
        if not source or "noqa" not in source[int(number) - 1]:
            yield line


def cppcheck() -> Iterator[str]:
    """cppcheck finds nothing."""
    names = [str(path) for path in files.c_files() if path.suffix == ".c"]
    if names:
        yield from (line for line in _run([*CPPCHECK, *names]) if line.strip())
