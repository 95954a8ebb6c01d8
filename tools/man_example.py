# SPDX-License-Identifier: MIT
"""The section EXAMPLE of a manual page: docs/man/examples/NAME.c, a C source as others are."""

from __future__ import annotations

import textwrap
from pathlib import Path

FOLDER = Path("docs/man/examples")


def example_section(source: Path, name: str) -> str:
    """The section for the page `name`, after an empty line; nothing if the tree `source` has no
    such example. Whoever copies it need not copy the first line, which is our licence."""
    path = source / FOLDER / f"{name}.c"
    if not path.exists():
        return ""
    _, _, text = path.read_text().partition("\n")
    return "\nEXAMPLE\n" + textwrap.indent(text, "    ")
