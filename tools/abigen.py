#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes everything that follows from the lists in kernel/abi.

    /usr/bin/python3 tools/abigen.py OUTDIR [--source DIR]

reads kernel/abi/{calls,errors,events,ipc}.toml, kernel/include/iris/object.h and the examples of
docs/man (below DIR, by default this tree) and writes, only where the contents change:

    OUTDIR/include/iris/calls.h     numbers and prototypes of the kernel calls
    OUTDIR/include/iris/error.h     error numbers, names, texts
    OUTDIR/include/iris/events.h    trace events
    OUTDIR/include/iris/vdso.h      prototypes of what the vDSO answers itself
    OUTDIR/include/iris/arguments.h what each argument of each call is (for tests)
    OUTDIR/kernel/syscall_table.h   the kernel's dispatch list and handler prototypes
    OUTDIR/vdso/stubs.S             one stub per call, with unwind information
    OUTDIR/vdso/vdso.map            symbol versions
    OUTDIR/vdso.abi                 what vdso/vdso.abi should say
    OUTDIR/man/NAME                 manual pages, plain text
    OUTDIR/abi.json                 all of it, for tests and tools

A mistake in a list ends with status 1 and one line per mistake. `--outputs` prints the names of
the files (man pages excepted) and writes nothing: for Makefiles.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import jinja2

TOOLS = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # a __pycache__ in the source tree would look like a change to make
sys.path.insert(0, str(TOOLS / "abigen"))

import prototypes  # noqa: E402
from lists import Abi, ListError, abi_read  # noqa: E402
from man_example import example_section  # noqa: E402
from manual import Manual  # noqa: E402

# OUTDIR name -> template
OUTPUTS = {
    "include/iris/calls.h": "calls.h.j2",
    "include/iris/error.h": "error.h.j2",
    "include/iris/events.h": "events.h.j2",
    "include/iris/vdso.h": "vdso.h.j2",
    "include/iris/arguments.h": "arguments.h.j2",
    "kernel/syscall_table.h": "syscall_table.h.j2",
    "vdso/stubs.S": "stubs.S.j2",
    "vdso/vdso.map": "vdso.map.j2",
    "vdso.abi": "vdso.abi.j2",
}


# ---- writing ----


def render(abi: Abi, source: Path) -> dict[str, str]:
    """All output files by their name below OUTDIR."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TOOLS / "abigen"), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
    )
    environment.filters |= prototypes.FILTERS
    values = {
        "calls": abi.calls, "errors": abi.errors, "events": abi.events,
        "functions": abi.functions, "versions": abi.versions(),
        "registers": prototypes.REGISTERS, "structs": prototypes.structures(abi),
    }
    files = {
        name: environment.get_template(template).render(values)
        for name, template in OUTPUTS.items()
    }
    files |= {f"man/{name}": page + example_section(source, name)
              for name, page in Manual(abi).pages().items()}
    pages = sorted(name for name in files if name.startswith("man/"))
    described = asdict(abi) | {"versions": abi.versions(), "pages": pages}
    files["abi.json"] = json.dumps(described, indent=1) + "\n"
    return files


def write(outdir: Path, files: dict[str, str]) -> list[str]:
    """Writes what has changed, so that make rebuilds no more than that. Returns the names."""
    changed = []
    for name, text in files.items():
        path = outdir / name
        if path.exists() and path.read_text() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        changed.append(name)
    return changed


def clean(outdir: Path, files: dict[str, str]) -> None:
    """Removes pages of calls that were renamed: they would end up in the image."""
    described = outdir / "abi.json"
    before = json.loads(described.read_text()) if described.exists() else {}
    for name in set(before.get("pages", [])) - files.keys():
        (outdir / name).unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="generate the ABI from its lists")
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--source", type=Path, default=TOOLS.parent)
    parser.add_argument("--outputs", action="store_true")
    options = parser.parse_args(arguments)
    if options.outputs:
        print(*(options.outdir / name for name in [*OUTPUTS, "abi.json"]))
        return 0
    try:
        abi = abi_read(options.source)
    except ListError as error:
        print("\n".join(f"abigen: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    files = render(abi, options.source)
    clean(options.outdir, files)
    write(options.outdir, files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
