# SPDX-License-Identifier: MIT
"""One interface to all emulators, and the certainty that none outlives the tests."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import termios
import weakref
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

_running: weakref.WeakSet[Emulator] = weakref.WeakSet()


@dataclass
class Machine:
    """The machine to emulate, in terms every emulator understands."""

    iso: Path
    memory: int = 128                                # MiB
    cpu: str = "pentium3"                            # QEMU's notation: "pentium3,-sep,-pge"
    drives: list[Path] = field(default_factory=list)
    icount: int | None = None                        # an instruction takes 2**icount ns (QEMU only)
    extra_args: list[str] = field(default_factory=list)      # QEMU arguments
    bochs_options: list[str] = field(default_factory=list)   # lines for bochsrc
    screen: str | None = None                        # shown how, in the emulator's own words

    def cpu_model(self) -> tuple[str, set[str]]:
        """The processor's name and the features taken away from it."""
        name, *changes = self.cpu.split(",")
        return name, {change[1:] for change in changes if change.startswith("-")}


class Emulator(ABC):
    """A machine with a serial line.

    After `start()`: `serial_fd` carries COM1 both ways, `drain_fds` must be read and thrown
    away, `process` is the emulator itself, leader of a process group of its own. A screen that is
    drawn on a terminal (`text_screen` is its name) is `screen_fd`, both ways.
    """

    name: ClassVar[str]
    text_screen: ClassVar[str] = ""
    screen_packages: ClassVar[str] = ""
    timeout_factor: ClassVar[float] = 1.0

    def __init__(self, machine: Machine, workdir: Path) -> None:
        self.machine = machine
        self.workdir = workdir
        self.serial_fd = self.screen_fd = -1
        self.drain_fds: list[int] = []
        self.process: subprocess.Popen[bytes]

    @abstractmethod
    def start(self) -> None:
        """Start the emulator; returns once its serial line can be used."""

    def before_write(self) -> None:
        """Called before anything is typed."""

    def reset(self) -> bool:
        """Press the reset button; False if that takes a stop and a start."""
        return False

    @property
    def exit_code(self) -> int | None:
        """How the emulator ended, None while it runs."""
        return self.process.poll()

    @property
    def computes_time(self) -> bool:
        """Whether its clock is what it executes: it then works even where the guest idles."""
        return self.machine.icount is not None

    def suspend(self, stopped: bool) -> None:
        """Stop or go on; only where the guest does not see it."""
        if self.computes_time:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGSTOP if stopped else signal.SIGCONT)

    def stop(self) -> None:
        """End the emulator, whatever it is doing."""
        process = getattr(self, "process", None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        _running.discard(self)

    def close(self) -> None:
        """Stop, and give back every descriptor."""
        self.stop()
        for fd in {self.serial_fd, self.screen_fd, *self.drain_fds} - {-1}:
            os.close(fd)
        self.serial_fd = self.screen_fd = -1
        self.drain_fds = []

    def spawn(self, argv: list[str], stdin: int = subprocess.DEVNULL, stdout: int | None = None,
              stderr: int | None = None, pass_fds: tuple[int, ...] = (),
              env: dict[str, str] | None = None) -> None:
        """Run the emulator so that it dies with its group, with us, or with our death.

        `setpriv` (util-linux) sets the parent-death signal without running Python code between
        fork and exec, which would be unsafe next to the console's threads.
        """
        with (self.workdir / "emulator.log").open("ab") as errors:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *argv],
                stdin=stdin, stdout=errors if stdout is None else stdout,
                stderr=errors if stderr is None else stderr,
                pass_fds=pass_fds, start_new_session=True,
                env={**os.environ, **(env or {})}, cwd=self.workdir)
        _running.add(self)

    def open_screen(self) -> int:
        """A terminal for a screen drawn with characters, as large as the one we are used on;
        returns the emulator's end of it."""
        self.screen_fd, theirs = os.openpty()
        os.set_blocking(self.screen_fd, False)
        termios.tcsetwinsize(theirs, termios.tcgetwinsize(1))
        return theirs

    def diagnostics(self) -> str:
        """What the emulator itself had to say."""
        log = self.workdir / "emulator.log"
        return log.read_text(errors="replace") if log.exists() else ""


@atexit.register
def stop_all() -> None:
    """Stop every emulator still running."""
    for emulator in list(_running):
        emulator.stop()


_registry: dict[str, type[Emulator]] = {}


def register_emulator(cls: type[Emulator]) -> type[Emulator]:
    """Make an emulator class known under its name (usable as a decorator)."""
    _registry[cls.name] = cls
    return cls


def emulator_class(name: str) -> type[Emulator]:
    """The class registered under a name."""
    try:
        return _registry[name]
    except KeyError:
        raise ValueError(f"unknown emulator {name!r}; known: {', '.join(_registry)}") from None
