# SPDX-License-Identifier: MIT
"""A line-oriented terminal model: what a person would have seen on the console.

The console edits lines on the guest's side, so the byte stream holds echoes, carriage returns,
backspaces and escape sequences. `Screen` applies those to the current line. Lines have no
maximum width and completed lines are never changed again, which is all a log needs.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[([0-9;?]*)([@-~])|\x1b[^\[]|([\x00-\x08\x0a-\x1f\x7f])"
                    r"|([^\x00-\x08\x0a-\x1f\x7f]+)")
_INCOMPLETE_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*)?\Z")


class Screen:
    """Turns console output into finished lines and one current line with a cursor."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._cells: str = ""
        self._column = 0
        self._pending = ""

    @property
    def current(self) -> str:
        """The unfinished line."""
        return self._cells

    def feed(self, text: str) -> None:
        """Apply decoded console output."""
        text = self._pending + text
        cut = _INCOMPLETE_ESCAPE.search(text)
        self._pending = text[cut.start():] if cut else ""
        if cut:
            text = text[:cut.start()]
        for match in _TOKEN.finditer(text):
            params, final, control, plain = match.groups()
            if plain:
                self._put(plain)
            elif control:
                self._control(control)
            elif final:
                self._escape(params, final)

    def text(self, first: int = 0) -> str:
        """All lines from `first` on, the unfinished one included."""
        return "\n".join(self.lines[first:] + [self._cells])

    def _put(self, plain: str) -> None:
        end = self._column + len(plain)
        padded = self._cells.ljust(self._column)
        self._cells = padded[:self._column] + plain + padded[end:]
        self._column = end

    def _control(self, char: str) -> None:
        if char == "\n":
            self.lines.append(self._cells)
            self._cells, self._column = "", 0
        elif char == "\r":
            self._column = 0
        elif char == "\b":
            self._column = max(0, self._column - 1)

    def _escape(self, params: str, final: str) -> None:
        first = params.split(";")[0].lstrip("?")
        count = int(first) if first else 0
        if final == "C":
            self._column += max(1, count)
        elif final == "D":
            self._column = max(0, self._column - max(1, count))
        elif final == "G":
            self._column = max(1, count) - 1
        elif final in "KJ":
            self._erase(count)
        elif final == "P":
            rest = self._cells[self._column + max(1, count):]
            self._cells = self._cells[:self._column] + rest
        elif final == "@":
            padded = self._cells.ljust(self._column)
            self._cells = (padded[:self._column] + " " * max(1, count)
                           + padded[self._column:])

    def _erase(self, mode: int) -> None:
        if mode == 0:
            self._cells = self._cells[:self._column]
        elif mode == 1:
            self._cells = " " * self._column + self._cells[self._column:]
        else:
            self._cells = ""


def render(data: bytes) -> list[str]:
    """The lines of a raw serial log as a person would have seen them."""
    screen = Screen()
    screen.feed(data.decode("utf-8", "replace"))
    return screen.lines + ([screen.current] if screen.current else [])
