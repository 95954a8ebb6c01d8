# SPDX-License-Identifier: MIT
"""The display's terminal against a model written from ECMA-48 and the VT100's manual, on sequences
that Hypothesis makes up, and on plain noise under AddressSanitizer."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build/test/host/driver_terminal"
ROWS, COLUMNS = 25, 80


class Terminal:
    """The program under test, which shows what each text leaves on a fresh screen."""

    def __init__(self) -> None:
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([PROGRAM, "serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def show(self, text: bytes) -> tuple[tuple[int, int], list[str]]:
        """The cursor's place and the rows."""
        self.process.stdin.write(struct.pack("<I", len(text)) + text)
        self.process.stdin.flush()
        answer = self.process.stdout.read(16 + 2 * ROWS * COLUMNS)
        if len(answer) != 16 + 2 * ROWS * COLUMNS:
            self.process.stdin.close()
            pytest.fail(self.process.stderr.read().decode(errors="replace"))
        row, column, _, _ = struct.unpack_from("<4I", answer)
        cells = answer[16::2].decode("cp437")
        return (row, column), [cells[at:at + COLUMNS] for at in range(0, len(cells), COLUMNS)]


class Model:
    """What a terminal does, in as few words as possible: no colours, no modes."""

    def __init__(self) -> None:
        self.rows = [" " * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.full = False
        self.top, self.bottom = 0, ROWS
        self.saved = (0, 0, False)

    def go(self, row: int, column: int) -> None:
        """Places the cursor inside the screen."""
        self.row, self.column = min(max(row, 0), ROWS - 1), min(max(column, 0), COLUMNS - 1)
        self.full = False

    def scroll(self, first: int, last: int, count: int) -> None:
        """Moves rows up, or down if the count is negative."""
        count = min(max(count, first - last), last - first)
        blank = [" " * COLUMNS] * abs(count)
        kept = self.rows[first:last]
        self.rows[first:last] = kept[count:] + blank if count > 0 else blank + kept[:count or None]

    def feed(self) -> None:
        """One line down."""
        self.full = False
        if self.row == self.bottom - 1:
            self.scroll(self.top, self.bottom, 1)
        elif self.row < ROWS - 1:
            self.row += 1

    def put(self, char: str) -> None:
        """A character at the cursor."""
        if self.full:
            self.column = 0
            self.feed()
        line = self.rows[self.row]
        self.rows[self.row] = line[:self.column] + char + line[self.column + 1:]
        self.full = self.column == COLUMNS - 1
        self.column += not self.full

    def blank(self, first: int, last: int) -> None:
        """Erases cells, counted along the rows."""
        text = "".join(self.rows)
        text = text[:first] + " " * (last - first) + text[last:]
        self.rows = [text[at:at + COLUMNS] for at in range(0, len(text), COLUMNS)]

    def erase(self, part: int, first: int, last: int) -> None:
        """From here, up to here, or everything."""
        here = self.row * COLUMNS + self.column
        self.blank(here if part == 0 else first, here + 1 if part == 1 else last)

    def shift(self, new: str) -> None:
        """Another rest of the cursor's line."""
        self.rows[self.row] = (self.rows[self.row][:self.column] + new)[:COLUMNS].ljust(COLUMNS)
        self.full = False

    def control(self, char: str) -> None:
        """One control character, or the end of an escape sequence."""
        if char == "\r":
            self.column, self.full = 0, False
        elif char == "\n" or char == "D":
            self.feed()
        elif char == "\b":
            self.go(self.row, self.column - 1)
        elif char == "\t":
            self.go(self.row, (self.column // 8 + 1) * 8)
        elif char == "E":
            self.column = 0
            self.feed()
        elif char == "M" and self.row == self.top:
            self.full = False
            self.scroll(self.top, self.bottom, -1)
        elif char == "M":
            self.go(self.row - 1, self.column)
        elif char == "7":
            self.saved = (self.row, self.column, self.full)
        elif char == "8":
            self.row, self.column, self.full = self.saved

    def sequence(self, numbers: list[int], final: str) -> None:
        """A control sequence."""
        n = numbers[0] if numbers and numbers[0] else 1
        second = numbers[1] if len(numbers) > 1 and numbers[1] else 0
        rest = self.rows[self.row][self.column:]
        line = self.row * COLUMNS
        places = {"A": (self.row - n, self.column), "B": (self.row + n, self.column),
                  "C": (self.row, self.column + n), "D": (self.row, self.column - n),
                  "E": (self.row + n, 0), "F": (self.row - n, 0), "G": (self.row, n - 1),
                  "d": (n - 1, self.column), "H": (n - 1, (second or 1) - 1)}
        if final in places:
            self.go(*places[final])
        elif final in "JK" and (not numbers or numbers[0] < 3):
            first, last = (0, ROWS * COLUMNS) if final == "J" else (line, line + COLUMNS)
            self.erase(numbers[0] if numbers else 0, first, last)
        elif final == "X":
            here = line + self.column
            self.blank(here, min(here + n, line + COLUMNS))
        elif final in "@P":
            self.shift(" " * min(n, COLUMNS) + rest if final == "@" else rest[n:])
        elif final in "LM" and self.top <= self.row < self.bottom:
            self.scroll(self.row, self.bottom, n if final == "M" else -n)
            self.column, self.full = 0, False
        elif final in "ST":
            self.scroll(self.top, self.bottom, n if final == "S" else -n)
        elif final == "r":
            bottom = min(second or ROWS, ROWS)
            if n < bottom:
                self.top, self.bottom = n - 1, bottom
                self.go(0, 0)


NUMBERS = st.lists(st.one_of(st.integers(0, 30), st.integers(0, 20000)), max_size=3)
WORDS = st.text(st.sampled_from("abc xyz0123░█é"), min_size=1, max_size=100)
PIECES = st.one_of(
    WORDS.map(lambda text: ("text", text, None)),
    st.sampled_from("\r\n\b\t").map(lambda char: ("control", char, None)),
    st.sampled_from("DEM78").map(lambda char: ("escape", char, None)),
    st.tuples(st.just("csi"), NUMBERS, st.sampled_from("ABCDEFGdHJKX@PLMSTr")))
PLACES = st.tuples(st.just("csi"), st.tuples(st.integers(1, 25), st.integers(1, 80)).map(list),
                   st.just("H"))


def check(terminal: Terminal, pieces: list) -> None:
    """Both are given the same; both show the same."""
    model, text = Model(), ""
    for kind, what, final in pieces:
        if kind == "text":
            text += what
            for char in what:
                model.put(char)
        elif kind == "csi":
            text += f"\x1b[{';'.join(map(str, what))}{final}"
            model.sequence(what, final)
        else:
            text += ("\x1b" if kind == "escape" else "") + what
            model.control(what)
    cursor, rows = terminal.show(text.encode())
    assert rows == model.rows, repr(text)
    assert cursor == (model.row, model.column), repr(text)


@pytest.fixture(name="terminal")
def make_terminal():
    terminal = Terminal()
    yield terminal
    _, errors = terminal.process.communicate()
    assert terminal.process.returncode == 0, errors.decode(errors="replace")


def run(seed: int, examples: int, function) -> None:
    """Repeatable, and as often as there is time for."""
    limits = settings(max_examples=examples, deadline=None, database=None,
                      suppress_health_check=list(HealthCheck))
    hypothesis.seed(seed)(limits(function))()


def test_same_as_the_model(terminal: Terminal, seed: int, rounds) -> None:
    run(seed, rounds(300, soak=20000),
        given(st.lists(st.one_of(PIECES, PLACES), max_size=40))(
            lambda pieces: check(terminal, pieces)))


def test_noise(terminal: Terminal, seed: int, rounds) -> None:
    """Any bytes: the program checks itself after each text, and AddressSanitizer always."""
    noise = st.lists(st.one_of(st.binary(max_size=30), st.text(max_size=20).map(str.encode),
                               st.sampled_from([b"\x1b[", b"\x1b]", b"\x1b", b"\xc3", b";", b"?"])))
    run(seed, rounds(300, soak=20000), given(noise)(lambda parts: terminal.show(b"".join(parts))))


def test_code_page(terminal: Terminal) -> None:
    """Every character of the code page, and none that is not on it, as Python's codec has them."""
    for first in range(0x20, 0x3000, 0x40):
        characters = [chr(code) for code in range(first, first + 0x40)
                      if not 0x7f <= code < 0xa0]
        _, rows = terminal.show("".join(characters).encode())
        for char, shown in zip(characters, rows[0]):
            try:
                expected = bytes([char.encode("cp437")[0]]).decode("cp437")
            except UnicodeEncodeError:
                continue  # on it or not: the 32 signs below the blank are no matter of the codec
            assert shown == expected, f"U+{ord(char):04x}"


def test_the_comparison_can_fail(terminal: Terminal) -> None:
    with pytest.raises(AssertionError):
        model_breaks = [("text", "abc", None), ("csi", [1], "D")]
        original, Model.put = Model.put, lambda self, char: None
        try:
            check(terminal, model_breaks)
        finally:
            Model.put = original
