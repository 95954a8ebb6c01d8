#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Written manual pages: docs/man/*.txt as they are shown, with their examples, and which names each
is about.

The first line of a page is `.names NAME ...`: the first one is the page's own, the others find it
through the file `.aliases`, which the program man reads. Usage: man_pages.py SOURCE TARGET
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.dont_write_bytecode = True

from man_example import example_section  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 78


def main(source: Path, target: Path) -> int:
    aliases = []
    target.mkdir(parents=True, exist_ok=True)
    for page in sorted(source.glob("*.txt")):
        first, _, body = page.read_text().partition("\n")
        body += example_section(ROOT, page.stem)
        command, own, *others = first.split()
        if command != ".names" or own != page.stem:
            sys.exit(f"{page}:1: `.names {page.stem} ...` is wanted")
        for number, line in enumerate(body.splitlines(), 2):
            if len(line) > WIDTH:
                sys.exit(f"{page}:{number}: longer than {WIDTH} columns")
        (target / own).write_text(body)
        aliases += [f"{name} {own}\n" for name in others]
    (target / ".aliases").write_text("".join(sorted(aliases)))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
