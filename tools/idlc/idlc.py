#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Iris interface compiler: interface files in, C stubs, dispatchers and reference pages out.

usage: idlc.py --out DIR FILE.idl...
       idlc.py --index HEADER FILE.idl...
For each file NAME.idl it writes DIR/NAME.h, NAME.c, NAME.md and NAME.json. --index writes one
header with tables of all interfaces and labels, for programs that show them. See README.md here.
"""
from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

sys.dont_write_bytecode = True  # before the next imports: nothing is written into the source tree

from idl.check import check_file
from idl.emit import emit
from idl.model import File, IdlError

ERRORS = Path(__file__).resolve().parents[2] / "kernel/abi/errors.toml"


def known_errors() -> frozenset[str]:
    """The names an `errors(...)` clause may use; empty outside the source tree: then any."""
    if not ERRORS.exists():
        return frozenset()
    with ERRORS.open("rb") as stream:
        return frozenset(row["name"] for row in tomllib.load(stream)["error"])


def index(files: list[File]) -> str:
    """The header of --index."""
    names = sorted(interface.name for file in files for interface in file.interfaces)
    interfaces = [f'    X("{name}", {name.upper()}_INTERFACE)' for name in names]
    labels = [f"    {name.upper()}_LABELS(X)" for name in names]
    lines = ["/* SPDX-License-Identifier: MIT */",
             "/* Made from all interface files by tools/idlc; not to be edited. */",
             "#ifndef IDL_INTERFACES_H", "#define IDL_INTERFACES_H", ""]
    lines += [f'#include "{stem}.h"' for stem in sorted(file.stem for file in files)]
    lines += ["", '/* IRIS_INTERFACES(X): X("name", id) for each interface. */',
              "#define IRIS_INTERFACES(X) \\", " \\\n".join(interfaces),
              "", '/* IRIS_LABELS(X): X(label, "interface.method") for each method. */',
              "#define IRIS_LABELS(X) \\", " \\\n".join(labels), "", "#endif"]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Compiles all files; reports every file's first error. 0, 1 (errors) or 2 (usage)."""
    parser = argparse.ArgumentParser(prog="idlc.py", description="The Iris interface compiler.")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", type=Path, metavar="DIR", help="folder for what is generated")
    target.add_argument("--index", type=Path, metavar="HEADER", help="header listing everything")
    parser.add_argument("files", nargs="+", metavar="FILE.idl")
    options = parser.parse_args(arguments)
    failed = False
    checked = []
    for name in options.files:
        try:
            checked.append(check_file(name, known_errors()))
        except IdlError as problem:
            print(problem, file=sys.stderr)
            failed = True
        except (OSError, UnicodeDecodeError) as problem:
            print(f"{name}: error: {problem}", file=sys.stderr)
            failed = True
    if failed:
        return 1
    if options.index:
        options.index.write_text(index(checked))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    for file in checked:
        emit(file, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
