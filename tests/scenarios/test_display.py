# SPDX-License-Identifier: MIT
"""The machine's own screen and keyboard show and take the same session as the serial line."""

from __future__ import annotations

import contextlib
import itertools
import re
from pathlib import Path

import pytest

from iris_harness.errors import DutError

pytestmark = pytest.mark.boot(only=[
    "dmesg", "echo", "head", "hello", "ls", "sleep", "t_devices", "t_idle", "t_screen", "tail",
    "touch", "true"])

ROWS, COLUMNS = 25, 80
MARKS = itertools.count()
TEXT_MEMORY, ROM = 0xb8000, 0xc0000
KEYS = {" ": "spc", "\n": "ret", "-": "minus", ".": "dot", "/": "slash", ";": "semicolon",
        "=": "equal", "'": "apostrophe", "\t": "tab", "\b": "backspace"}
SHIFTED = {"|": "backslash", "_": "minus", "$": "4", "?": "slash", '"': "apostrophe", "&": "7"}


def memory(qmp, address: int, size: int, folder: Path) -> bytes:
    """Physical memory of the machine."""
    file = folder / "memory"
    qmp.command("pmemsave", val=address, size=size, filename=str(file))
    return file.read_bytes()


def shown(qmp, folder: Path) -> list[str]:
    """What stands in the VGA's text memory."""
    cells = memory(qmp, TEXT_MEMORY, 2 * ROWS * COLUMNS, folder)[::2].decode("cp437")
    return [cells[at:at + COLUMNS].rstrip() for at in range(0, len(cells), COLUMNS)]


def send(qmp, *names: str) -> None:
    """Presses keys together and lets them go."""
    qmp.command("send-key", keys=[{"type": "qcode", "data": name} for name in names],
                hold_time=1)


def press(shell, qmp, text: str) -> None:
    """Types on the machine's keyboard; waits for each character's echo, as the keyboard's own queue
    holds only a few keys."""
    for char in text:
        if char in SHIFTED:
            send(qmp, "shift", SHIFTED[char])
        elif char.isupper():
            send(qmp, "shift", char.lower())
        else:
            send(qmp, KEYS.get(char, char))
        if char.isprintable():
            shell.dut.expect(f"(?i){re.escape(char)}")


def settle(shell) -> None:
    """Until nothing was printed for a second: what QEMU has queued was typed."""
    printed = -1
    while printed != len(shell.dut.serial_log):
        printed = len(shell.dut.serial_log)
        with contextlib.suppress(DutError):
            shell.dut.not_expect(r"(?s).", timeout=1.0)


def wait_shown(shell, qmp, folder: Path) -> None:
    """The screen, once it has followed (the device does within 20 ms or, on a busy host, some more)
    and ends with a prompt."""
    mark = f"mark {next(MARKS)}"
    shell.exec(f"echo {mark}", status=False)
    for _ in range(100):
        lines = shown(qmp, folder)
        if [line for line in lines if line][-2:] == [mark, "iris$"]:
            return
        shell.dut.not_expect(r"(?s).", timeout=0.05)
    pytest.fail(f"the screen shows {lines}")


def glyphs(picture: bytes) -> list[list[list[tuple[bool, ...]]]]:
    """The cells of a screen dump (PPM, 720 x 400), each as 16 rows of 9 bits: lit or not."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", picture)
    assert head and (int(head[1]), int(head[2])) == (720, 400), picture[:20]
    pixels = picture[head.end():]

    def lit(x: int, y: int) -> bool:
        return any(pixels[3 * (y * 720 + x):3 * (y * 720 + x) + 3])
    return [[[tuple(lit(9 * column + x, 16 * row + y) for x in range(9)) for y in range(16)]
             for column in range(COLUMNS)] for row in range(ROWS)]


def bits(row: tuple[bool, ...]) -> int:
    """The eight pixels of a glyph's row that come from the font."""
    return sum(1 << (7 - x) for x in range(8) if row[x])


# ---- Screen -------------------------------------------------------------------------------------


@pytest.mark.qemu_only("reads the machine's memory")
def test_screen_shows_the_session(shell, qmp, tmp_path) -> None:
    """Line by line what a terminal on the serial line shows, more than one screen of it."""
    for command in ("ls /bin", "dmesg", "echo the end"):
        shell.exec(command, check=True)
    wait_shown(shell, qmp, tmp_path)
    serial = [line.rstrip() for line in shell.console.screen.lines]
    screen = [line for line in shown(qmp, tmp_path) if line][:-1]
    assert len(screen) > 20
    folded = [line[at:at + COLUMNS].rstrip() for line in serial
              for at in range(0, max(len(line), 1), COLUMNS)]
    tail = [line.expandtabs() for line in folded if line][-len(screen):]
    assert screen == tail


@pytest.mark.qemu_only("takes a picture of the screen")
def test_picture_is_the_text(shell, qmp, tmp_path) -> None:
    """Each cell of the picture is the glyph that the machine's own font has for the character in
    the text memory. Where the font lies in the video ROM is found by the glyphs themselves."""
    shell.exec("echo A quick brown fox jumps over the lazy dog 0123456789 [{(@#~)}]")
    wait_shown(shell, qmp, tmp_path)
    file = tmp_path / "screen.ppm"
    qmp.command("screendump", filename=str(file))
    picture = glyphs(file.read_bytes())
    cells = memory(qmp, TEXT_MEMORY, 2 * ROWS * COLUMNS, tmp_path)[::2]
    seen: dict[int, bytes] = {}
    cursor = shown(qmp, tmp_path).index("iris$", ROWS - 5), len("iris$ ")
    for row in range(ROWS):
        for column in range(COLUMNS):
            if (row, column) == cursor:
                continue
            glyph = bytes(bits(line) for line in picture[row][column])
            code = cells[row * COLUMNS + column]
            assert seen.setdefault(code, glyph) == glyph, f"{code:#x} at {row}, {column}"
    assert len(seen) > 50 and ord("A") in seen and seen[ord(" ")] == bytes(16), seen.keys()
    assert len(set(seen.values())) == len(seen)
    rom = memory(qmp, ROM, 0x10000, tmp_path)
    place = rom.find(seen[ord("A")])
    fonts = []
    while place >= 0:
        start = place - 16 * ord("A")
        fonts.append(all(rom[start + 16 * code:start + 16 * code + 16] == glyph
                         for code, glyph in seen.items()))
        place = rom.find(seen[ord("A")], place + 1)
    assert any(fonts), "the picture is not made of a font of the video ROM"


@pytest.mark.qemu_only("reads the machine's memory")
def test_cursor_and_colours(shell, qmp, tmp_path) -> None:
    """Escape sequences of a program act on the screen."""
    shell.exec("t_screen", check=True)
    wait_shown(shell, qmp, tmp_path)
    cells = memory(qmp, TEXT_MEMORY, 2 * ROWS * COLUMNS, tmp_path)
    lines = shown(qmp, tmp_path)
    row = next(index for index, line in enumerate(lines) if line.startswith("red green"))
    colours = [cells[2 * (row * COLUMNS + column) + 1] for column in (0, 4, 10, 15)]
    assert lines[row] == "red green blue ä┼█?"
    assert colours == [0x04, 0x0a, 0x71, 0x07]


# ---- Keyboard -----------------------------------------------------------------------------------


@pytest.mark.qemu_only("presses keys through QMP")
def test_keys_reach_the_shell(shell, qmp) -> None:
    shell.start()
    press(shell, qmp, "echo Typed on the Keyboard; echo a_b-c.d/e=f 'x|y&z?'\n")
    shell.dut.expect(r"^Typed on the Keyboard$")
    shell.dut.expect(r"^a_b-c.d/e=f x\|y&z\?$")
    shell.wait_prompt()


@pytest.mark.qemu_only("presses keys through QMP")
def test_editing_keys(shell, qmp) -> None:
    """Arrows, Home, Delete, history, Caps Lock, Ctrl-C at a program."""
    shell.start()
    press(shell, qmp, "cho one tw")
    send(qmp, "home")
    press(shell, qmp, "e")
    send(qmp, "end")
    press(shell, qmp, "ox\b")
    send(qmp, "left")
    send(qmp, "delete")
    press(shell, qmp, "o\n")
    shell.dut.expect(r"^one two$")
    shell.wait_prompt()
    send(qmp, "up")
    send(qmp, "caps_lock")
    press(shell, qmp, " caps")
    send(qmp, "caps_lock")
    press(shell, qmp, " off\n")
    shell.dut.expect(r"^one two CAPS off$")
    shell.wait_prompt()
    press(shell, qmp, "sleep 1000\n")
    send(qmp, "ctrl", "c")
    shell.wait_prompt()


@pytest.mark.qemu_only("presses keys through QMP")
def test_both_inputs_at_once(shell, qmp) -> None:
    """Bytes of both lines arrive, none twice; which comes first is up to their typists."""
    shell.start()
    shell.dut.write("echo ")
    shell.dut.expect_exact("echo ")
    for _ in range(20):
        shell.dut.write("s")
        send(qmp, "k")
        shell.dut.expect(r"[sk]{2}$")
    shell.dut.write("\r")
    line = shell.dut.expect(r"^[sk]{40}$")[0]
    assert line.count("s") == line.count("k") == 20
    shell.wait_prompt()


@pytest.mark.qemu_only("presses keys through QMP")
def test_flood_of_keys(shell, qmp) -> None:
    """All kinds of keys, faster than anybody reads: nothing is stuck afterwards."""
    shell.start()
    shell.dut.write("sleep 0.5\r")
    for _ in range(12):
        for name in ("a", "up", "f5", "pause", "print", "num_lock", "kp_5", "ctrl_r", "alt",
                     "shift_r", "insert", "pgdn", "kp_enter", "esc", "meta_l"):
            send(qmp, name)
    settle(shell)
    for _ in range(3):  # whole again: QEMU may have dropped a part of a key's bytes (pause has six)
        send(qmp, "shift")
    send(qmp, "ctrl", "c")
    settle(shell)
    press(shell, qmp, "echo over\n")
    shell.dut.expect(r"^over$", timeout=30)
    shell.wait_prompt()
    assert shell.exec("echo fine").lines == ["fine"]


@pytest.mark.bochs_only("QEMU's are used by all tests above")
def test_bochs_has_both(shell) -> None:
    """Another maker's controller and VGA are found, too."""
    log = shell.exec("dmesg", check=True).text
    assert "server display ... ok" in log and "keyboard:" not in log and "display:" not in log


# ---- Without them -------------------------------------------------------------------------------


def without(shell, *missing: str) -> None:
    """The log says what is missing; the serial line is as ever."""
    log = shell.exec("dmesg", check=True).text
    for text in missing:
        assert text in log
    assert shell.exec("hello", check=True).status == 0
    shell.run_test("t_idle 1", timeout=30)


@pytest.mark.boot(extra_args=["-vga", "none"])
@pytest.mark.qemu_only("Bochs has always a VGA")
def test_no_screen(shell) -> None:
    without(shell, "display: no VGA")


@pytest.mark.boot(extra_args=["-machine", "pc,i8042=off", "-vga", "none"])
@pytest.mark.qemu_only("Bochs has always a keyboard")
def test_no_keyboard(shell) -> None:
    without(shell, "keyboard: no i8042", "display: no VGA")


# ---- Attacks ------------------------------------------------------------------------------------


def test_devices_are_the_consoles_alone(shell) -> None:
    """Names lead to both drivers, but nobody can call them, nor touch their ports."""
    shell.run_test("t_devices", timeout=60)
