# SPDX-License-Identifier: MIT
"""The terminal model."""

import pytest

from iris_harness.screen import Screen, render


@pytest.mark.parametrize(("stream", "line"), [
    ("plain", "plain"),
    ("abc\rX", "Xbc"),
    ("abc\b\bX", "aXc"),
    ("abc\b \b", "ab "),
    ("\x1b[1;31mred\x1b[0m", "red"),
    ("old text\r\x1b[Knew", "new"),
    ("old\x1b[2K", ""),
    ("abcdef\x1b[3D\x1b[P", "abcef"),
    ("abc\x1b[2D\x1b[@", "a bc"),
    ("abc\x1b[1GX", "Xbc"),
    ("a\x1b[3CX", "a   X"),
    ("bell\x07\x00", "bell"),
    ("a\tb", "a\tb"),
])
def test_current_line(stream: str, line: str) -> None:
    screen = Screen()
    screen.feed(stream)
    assert screen.current == line


def test_escape_sequences_may_arrive_in_pieces() -> None:
    screen = Screen()
    for char in "old\r\x1b[Knew\x1b[31m!\r\n":
        screen.feed(char)
    assert (screen.lines, screen.current) == (["new!"], "")


def test_render_decodes_what_it_can() -> None:
    assert render(b"a\r\nb\xff\r\n$ ") == ["a", "b\ufffd", "$ "]
