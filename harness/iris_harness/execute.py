# SPDX-License-Identifier: MIT
"""One program run in a machine of its own, as if it ran here (`iris-run --exec`).

The program `hostrun` in the guest starts it and frames its output by two lines with a token. Its
input is a file of the image, so it is bytes with an end, as in a pipe. The terminal puts a carriage
return before each line feed and changes nothing else: taking away the one before each line feed
gives back the bytes that were written.
"""

from __future__ import annotations

import os
import secrets
import select
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .emulator import Emulator
from .errors import DutExited, DutTimeout, GuestPanic
from .image import Image, ImageError
from .symbols import symbolise

GUEST = "bin/hostrun"
ORDER = "hostrun"
INPUT = "hostrun.input"


def prepare(image: Image, program: str, arguments: Sequence[str], typed: bytes = b"") -> str:
    """Make an image run one program, which reads `typed`; a file of its name is put into the image.
    Returns the token."""
    path = Path(program)
    if path.is_file():
        program = f"bin/{path.name}"
        image.add_files({program: path})
    elif "/" not in program:
        program = f"bin/{program}"
    if not {program.lstrip("/"), GUEST} <= image.files().keys():
        raise ImageError(f"there is no {program} here, nor in the image with {GUEST}")
    token = secrets.token_hex(16)
    words = [token, f"/{program.lstrip('/')}", *arguments]
    image.add_files({ORDER: "".join(f"{word}\0" for word in words).encode(), INPUT: typed})
    image.cmdline = f"{image.cmdline} init=hostrun".strip()
    return token


class Output:
    """Finds what the program wrote in what the terminal shows; hands it on as early as it can."""

    def __init__(self, token: str, write: Callable[[bytes], object]) -> None:
        self.begin = f"{token}\r\n".encode()
        self.end = f"{token} ".encode()
        self.write = write
        self.raw = b""      # for panic messages
        self.pending = b""  # not handed on yet: perhaps the beginning of the end
        self.begun = False
        self.status: int | None = None

    def feed(self, data: bytes) -> None:
        """More from the terminal."""
        self.raw += data
        self.pending += data
        if not self.begun:
            _, found, rest = self.pending.partition(self.begin)
            if not found:
                return
            self.begun, self.pending = True, rest
        text, found, rest = self.pending.partition(self.end)
        if found and b"\r\n" in rest:
            self.show(text)
            self.status = int(rest.split(b"\r\n")[0])
        elif not found:
            keep = next(n for n in range(len(self.end), -1, -1)
                        if text.endswith(self.end[:n]) or text.endswith(b"\r" + self.end[:n]))
            keep += text[:len(text) - keep].endswith(b"\r")
            self.pending = text[len(text) - keep:]
            self.show(text[:len(text) - keep])

    def show(self, data: bytes) -> None:
        """Bytes as the program wrote them."""
        self.write(data.replace(b"\r\n", b"\n"))

    def panic(self, image: Path) -> str | None:
        """The whole panic message, with names, once it is there."""
        start = self.raw.find(b"PANIC: ")
        if start < 0 or b"PANIC end" not in self.raw[start:]:
            return None
        lines = self.raw[start:].decode(errors="replace").replace("\r", "").split("\n")
        return "\n".join(symbolise(lines, image))


def execute(emulator: Emulator, image: Path, token: str, timeout: float) -> int:
    """Start the machine, wait for the program's end; its status. Raises DutError otherwise."""
    output = Output(token, lambda data: _write_all(data))
    deadline = time.monotonic() + timeout
    emulator.start()
    poll = select.poll()
    for fd in (emulator.serial_fd, *emulator.drain_fds):
        poll.register(fd, select.POLLIN)
    while output.status is None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DutTimeout(f"not done within {timeout:g} s")
        for fd, _ in poll.poll(min(left, 1.0) * 1000):
            data = _read(fd)
            if fd == emulator.serial_fd:
                output.feed(data)
        if text := output.panic(image):
            raise GuestPanic(text)
        if emulator.exit_code is not None and output.status is None:
            raise DutExited(f"{emulator.name} ended before the program did\n"
                            + emulator.diagnostics())
    return output.status


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""


def _write_all(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
