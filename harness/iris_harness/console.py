# SPDX-License-Identifier: MIT
"""The serial line: a reader thread that loses nothing, and waits that never sleep.

One thread per emulator blocks in poll() on the serial line, on the emulator's own output (which
must be drained, or the emulator stops) and on its process. It appends to buffers and wakes
whoever waits. Waiting is always for output, for the end of the process, or for a deadline.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .errors import DutExited, DutTimeout, GuestPanic
from .screen import Screen

if TYPE_CHECKING:
    from .emulator import Emulator

PANIC = re.compile(r"^(?:PANIC: |PANIC end)")
# A wait may be prolonged by output, but not beyond this multiple of its timeout.
ACTIVITY_LIMIT = 10
# A line arrives in single characters: seconds (of QEMU) to let more come before they are looked at.
GATHER = 0.0003
# Seconds without output after which a doubtful state is taken for what it looks like.
QUIET = 1.0
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[@-~]|\x1b[^\[]|[\r\x00\x07]")
_PARTIAL = re.compile(r"\x1b(?:\[[0-9;?]*)?\Z")


class Console:
    """Everything the guest ever printed, and a way to type.

    `text` is the output with escape sequences and carriage returns removed; `position` is how
    far `expect` has read in it. `screen` holds the same output as edited lines.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.raw = bytearray()
        self.text = ""
        self.position = 0
        self.screen = Screen()
        self.exited = False
        self.panic_expected = False
        self.changed = threading.Condition()
        self._emulator: Emulator | None = None
        self._thread: threading.Thread | None = None
        self._log: BinaryIO | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._partial = ""
        self._panic_scan = 0
        self._last_output = time.monotonic()

    # ---- the reader -------------------------------------------------------------------------

    def attach(self, emulator: Emulator) -> None:
        """Start reading from a running emulator."""
        self._emulator = emulator
        self.exited = False
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._read_loop, name="iris-console", daemon=True)
        self._thread.start()

    def detach(self) -> None:
        """Stop reading; what was read stays."""
        if self._thread is None:
            return
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._thread = None
        os.close(self._wake_read)
        os.close(self._wake_write)

    def log_to(self, path: Path | None) -> None:
        """Copy what is read from now on to a file."""
        with self.changed:
            if self._log:
                self._log.close()
            self._log = path.open("ab", buffering=0) if path else None

    def _read_loop(self) -> None:
        emulator = self._emulator
        assert emulator is not None
        poller = select.poll()
        process = os.pidfd_open(emulator.process.pid)
        drains = list(emulator.drain_fds)
        for fd in (emulator.serial_fd, process, self._wake_read, *drains):
            poller.register(fd, select.POLLIN)
        try:
            while True:
                poller.poll()
                time.sleep(GATHER * emulator.timeout_factor)
                ready = {fd for fd, _ in poller.poll()}
                for fd in drains:
                    if fd in ready and not _read(fd):
                        poller.unregister(fd)
                        drains.remove(fd)
                if emulator.serial_fd in ready:
                    data = _read(emulator.serial_fd)
                    if data:
                        self._append(data)
                        continue
                    poller.unregister(emulator.serial_fd)
                if self._wake_read in ready:
                    return
                if process in ready:
                    self._finish(emulator.serial_fd)
                    return
        finally:
            os.close(process)

    def _finish(self, serial_fd: int) -> None:
        """The emulator ended: take what it left behind and tell all waiters."""
        poller = select.poll()
        poller.register(serial_fd, select.POLLIN)
        while poller.poll(0) and (data := _read(serial_fd)):
            self._append(data)
        with self.changed:
            self.exited = True
            self.changed.notify_all()

    def _append(self, data: bytes) -> None:
        with self.changed:
            if self._log:
                self._log.write(data)
            self.raw += data
            decoded = self._decoder.decode(data)
            self.screen.feed(decoded)
            decoded = self._partial + decoded
            cut = _PARTIAL.search(decoded)
            self._partial = decoded[cut.start():] if cut else ""
            if cut:
                decoded = decoded[:cut.start()]
            self.text += _ESCAPE.sub("", decoded)
            self._last_output = time.monotonic()
            self.changed.notify_all()

    def cut(self) -> None:
        """The machine starts anew: what it prints now begins a new line, unread so far."""
        with self.changed:
            if self.screen.current:
                self.screen.feed("\n")
                self.text += "\n"
            self.position = len(self.text)

    # ---- waiting ----------------------------------------------------------------------------

    def wait(self, condition: Callable[[], object], what: str, timeout: float | None = None,
             when_quiet: Callable[[], object] | None = None) -> object:
        """Wait until `condition()` is true; it is asked whenever something was printed.

        `timeout` bounds the silence (scaled by the emulator's slowness); output prolongs the
        wait up to ten times that. A panic or the emulator's end stops it at once. What
        `when_quiet` returns counts only once nothing more was printed for a while.
        """
        limit = self.scaled(timeout)
        start = time.monotonic()
        with self.changed:
            while True:
                result = condition()
                if result:
                    return result
                self._check_alive(what, limit)
                now = time.monotonic()
                last = max(start, self._last_output)
                end = min(last + limit, start + ACTIVITY_LIMIT * limit)
                if when_quiet is not None and now >= last + self.scaled(QUIET):
                    if result := when_quiet():
                        return result
                if now >= end:
                    raise DutTimeout(f"waited {now - start:.1f} s for {what}" + self._tail())
                if when_quiet is not None and now < last + self.scaled(QUIET):
                    end = min(end, last + self.scaled(QUIET))
                self.changed.wait(end - now)

    def _check_alive(self, what: str, limit: float) -> None:
        """Waiting is in vain after a panic or without an emulator."""
        if self.panicked() and not self.panic_expected:
            self._wait_panic_end(limit)
            raise GuestPanic(f"the kernel panicked while waiting for {what}:\n"
                             + self.panic_text())
        if self.exited:
            raise DutExited(f"the emulator ended while waiting for {what}" + self._tail())

    def scaled(self, timeout: float | None) -> float:
        """A timeout in QEMU seconds, as seconds of this emulator."""
        if timeout is None:
            return self.timeout
        factor = self._emulator.timeout_factor if self._emulator else 1
        return timeout * factor

    def wait_exit(self, timeout: float | None = None) -> None:
        """Wait until the emulator process is gone."""
        limit = self.scaled(timeout)
        with self.changed:
            if not self.changed.wait_for(lambda: self.exited, limit):
                raise DutTimeout(f"the emulator did not end within {limit:.0f} s" + self._tail())

    def _wait_panic_end(self, limit: float) -> None:
        """Let the rest of the panic screen arrive; silence ends it too."""
        def complete() -> bool:
            return self.exited or any(line.startswith("PANIC end")
                                      for line in self.screen.lines[-200:])
        end = time.monotonic() + limit
        while not complete() and time.monotonic() < end:
            if not self.changed.wait(min(2.0, limit)):
                return

    def panicked(self) -> bool:
        """Whether a panic line was ever printed."""
        lines = self.screen.lines
        while self._panic_scan < len(lines):
            if PANIC.match(lines[self._panic_scan]):
                return True
            self._panic_scan += 1
        return bool(PANIC.match(self.screen.current))

    def panic_text(self) -> str:
        """The panic screen, from its first line on."""
        return self.screen.text(self._panic_scan)

    def _tail(self, count: int = 12) -> str:
        text = self.screen.text(max(0, len(self.screen.lines) - count))
        return "; last output:\n" + text if text.strip() else "; nothing was printed"

    # ---- typing -----------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Type; blocks only while the line is full, and not for ever."""
        emulator = self._emulator
        if emulator is None or self.exited:
            raise DutExited("cannot type: the emulator is not running")
        emulator.before_write()
        poller = select.poll()
        poller.register(emulator.serial_fd, select.POLLOUT)
        view = memoryview(data)
        while view:
            if not poller.poll(self.timeout * 1000):
                raise DutTimeout(f"the guest did not take input for {self.timeout:.0f} s")
            try:
                view = view[os.write(emulator.serial_fd, view):]
            except BlockingIOError:
                continue
            except OSError as error:
                raise DutExited(f"cannot type: {error}") from error


def _read(fd: int) -> bytes:
    """What can be read now; empty when the other side is gone."""
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return b""
    except OSError:  # EIO: the last user of a pty slave went away
        return b""
