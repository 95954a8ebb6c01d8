# SPDX-License-Identifier: MIT
"""tools/run.py: a guest on a terminal or in a pipe, and the terminal afterwards."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import termios
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parent.parent.parent
IMAGE = ROOT / "build/release/iris.iso"
RUN = [sys.executable, str(ROOT / "tools" / "run.py")]
TINY_STATUS = 16  # what the tiny guest's `shutdown` gives
LIMIT = 60


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A boot image of the tiny guest that the harness is tested with."""
    folder = tmp_path_factory.mktemp("tiny")
    tree = folder / "tree"
    tree.mkdir()
    subprocess.run(["nasm", "-f", "bin", "-o", str(tree / "boot.bin"),
                    str(ROOT / "harness" / "tests" / "tiny.asm")], check=True)
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-b", "boot.bin", "-no-emul-boot",
                    "-boot-load-size", "4", "-o", str(folder / "tiny.iso"), str(tree)],
                   check=True, capture_output=True)
    return folder / "tiny.iso"


def piped(image: Path, emulator: str, text: str,
          *words: str) -> subprocess.CompletedProcess[str]:
    """Run with `text` on a pipe."""
    return subprocess.run([*RUN, "--image", str(image), "--emulator", emulator, *words],
                          input=text, capture_output=True, text=True, timeout=LIMIT, check=False)


def on_terminal(image: Path, *words: str, dimensions: tuple[int, int] = (24, 80),
                prompt: bool = True) -> pexpect.spawn:
    """Run on a terminal, up to the prompt."""
    child = pexpect.spawn(RUN[0], [*RUN[1:], "--image", str(image), *words], timeout=LIMIT,
                          dimensions=dimensions, env={**os.environ, "TERM": "xterm"})
    if prompt:
        child.expect_exact("iris$ ")
    return child


def modes(child: pexpect.spawn) -> list:
    """The terminal's settings."""
    return termios.tcgetattr(child.child_fd)


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if int(re.search(r"^PPid:\s*(\d+)", text, re.MULTILINE)[1]) == pid:
            found.append(int(status.parent.name))
    return found + [below for child in found for below in descendants(child)]


def gone(pid: int) -> bool:
    """Whether a process has ended (or only waits for its parent to notice)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("emulator", ["qemu", "bochs"])
def test_pipe_types_after_the_prompt_and_gives_the_status(tiny: Path, emulator: str) -> None:
    done = piped(tiny, emulator, "echo first\necho second\nshutdown\n")
    assert "iris$ echo first\nfirst\niris$ echo second\nsecond\niris$ shutdown" in done.stdout
    assert done.returncode == (TINY_STATUS if emulator == "qemu" else 0), done.stderr


def test_pipe_ends_at_the_prompt_after_its_input(tiny: Path) -> None:
    done = piped(tiny, "qemu", "echo hello\n")
    assert done.stdout.endswith("iris$ echo hello\nhello\niris$ \n")
    assert done.returncode == 0
    assert piped(tiny, "qemu", "").returncode == 0


def test_pipe_with_an_image_that_does_not_exist() -> None:
    done = piped(Path("/nowhere/iris.iso"), "qemu", "")
    assert done.returncode == 1
    assert "iris.iso" in done.stderr


def test_terminal_is_restored_after_ctrl_a_x(tiny: Path) -> None:
    child = pexpect.spawn("/bin/sh", timeout=LIMIT)
    child.sendline("PS1='shell> '")
    child.expect(r"\r\nshell> ")
    before = modes(child)
    child.sendline(" ".join([*RUN, "--image", str(tiny)]))
    child.expect_exact("iris$ ")
    assert modes(child) != before, "a terminal in use is raw"
    child.send("echo typed\r")
    child.expect("\r\ntyped\r\n")
    child.send("\x01x")
    child.expect_exact("shell> ")
    assert modes(child) == before
    child.close(force=True)


def test_terminal_status_of_a_shutdown(tiny: Path) -> None:
    child = on_terminal(tiny)
    child.send("shutdown\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == TINY_STATUS


@pytest.mark.parametrize("victim", ["emulator", "worker"])
def test_terminal_is_restored_after_a_kill(tiny: Path, victim: str) -> None:
    shell = pexpect.spawn("/bin/sh", timeout=LIMIT)
    shell.sendline("PS1='shell> '")
    shell.expect(r"\r\nshell> ")
    before = modes(shell)
    shell.sendline(" ".join([*RUN, "--image", str(tiny)]))
    shell.expect_exact("iris$ ")
    guard, worker, emulator = descendants(shell.pid)
    os.kill(emulator if victim == "emulator" else worker, signal.SIGKILL)
    shell.expect_exact("shell> ")
    assert modes(shell) == before
    shell.sendline("echo still $((40 + 2))")
    shell.expect_exact("still 42")
    assert gone(emulator) and gone(guard)
    shell.close(force=True)


# ---- The machine's own screen -------------------------------------------------------------------


@pytest.mark.parametrize("emulator", ["qemu", "bochs"])
def test_screen_that_is_not_there(tiny: Path, emulator: str) -> None:
    done = piped(tiny, emulator, "", "--screen", "hologram")
    assert done.returncode == 1
    assert "no screen 'hologram' here" in done.stderr and "Traceback" not in done.stderr
    assert len(re.findall(r"hologram", done.stderr)) > 1, "the emulator's own words are missing"


def test_screen_on_a_terminal_that_is_none_or_too_small(tiny: Path) -> None:
    done = piped(tiny, "qemu", "", "--screen", "curses")
    assert done.returncode == 1 and "drawn on a terminal, and this is none" in done.stderr
    child = on_terminal(tiny, "--screen", "curses", dimensions=(24, 80), prompt=False)
    child.expect_exact("has 80 columns and 25 lines, this terminal 80 and 24")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1


@pytest.mark.parametrize("emulator, screen", [
    ("qemu", "curses"), pytest.param("bochs", "term", marks=pytest.mark.soak)])
def test_screen_drawn_with_characters(emulator: str, screen: str) -> None:
    """Instead of the serial line: the VGA's text, and keys for the PS/2 keyboard."""
    child = on_terminal(IMAGE, "--emulator", emulator, "--screen", screen, dimensions=(28, 90),
                        prompt=False)
    child.expect(r"init bin/shell(.|\n)*iris\$")
    for key in "echo $((6*7))x\r":
        child.send(key)
        child.expect(r"\r|\S")
    child.expect_exact("42x")
    child.send("\x01x")
    child.expect(pexpect.EOF)
    assert b"\x1b[?1049l" in child.before, "the terminal's own picture is not back"
    child.close()
    assert child.exitstatus == 0


class Viewer:
    """As much of a VNC client (RFC 6143) as it takes to press keys."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        self.socket.connect(str(path))
        self.receive(12)
        self.socket.sendall(b"RFB 003.008\n")
        assert b"\x01" in self.receive(self.receive(1)[0]), "wants a password"
        self.socket.sendall(b"\x01")
        assert self.receive(4) == bytes(4)
        self.socket.sendall(b"\x01")
        size = self.receive(24)
        self.columns, self.lines = int.from_bytes(size[:2]), int.from_bytes(size[2:4])
        self.receive(int.from_bytes(size[20:24]))

    def receive(self, count: int) -> bytes:
        """So many bytes."""
        data = b""
        while len(data) < count:
            data += self.socket.recv(count - len(data)) or pytest.fail("QEMU hung up")
        return data

    def press(self, symbol: int) -> None:
        """One key, named as X does: a character, or Return."""
        for down in (1, 0):
            self.socket.sendall(bytes([4, down, 0, 0]) + symbol.to_bytes(4))


def test_screen_beside_the_serial_line(tmp_path: Path) -> None:
    """A screen elsewhere, its keyboard, and this terminal show and take the same session."""
    place = tmp_path / "vnc"
    child = on_terminal(IMAGE, "--screen", f"vnc=unix:{place}")
    viewer = Viewer(place)
    assert (viewer.columns, viewer.lines) == (720, 400)
    child.send("echo ser")
    child.expect_exact("echo ser")
    for key in "ial-and-screen":
        viewer.press(ord(key))
        child.expect_exact(key)
    viewer.press(0xff0d)
    child.expect_exact("\r\nserial-and-screen\r\n")
    child.send("shutdown\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
