#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Boot an image on this terminal (`make run`).

On a terminal, every key goes to the guest; Ctrl-A X ends, Ctrl-A A sends a Ctrl-A. In a pipe, the
input is typed once the prompt has appeared; when it has ended and the guest is back at its prompt,
the emulator is stopped. The exit status is the guest's own at its shutdown, 0 at the end of the
input, 3 after a panic in a pipe, 1 if nothing could be started.

`--screen NAME` shows the machine's own screen and takes keys there, as well as here. NAME is one of
the emulator's: QEMU's `-display` (gtk, sdl, curses, vnc=:1 ...), Bochs' `display_library` (x,
sdl2, term ...). A screen drawn with characters (curses, term) has this terminal instead of the
serial line.

`--exec PROGRAM ARGUMENTS...` runs one program instead: it gets the standard input, up to its end,
unless that is a terminal; its output comes out as it was written, and its status is this one's.
Other ends: 124 after --timeout, 125 after a panic (its message, with names, on standard error), 126
if it could not be run. What ended by a signal gives 128 and more.
"""

from __future__ import annotations

import argparse
import ctypes
import curses
import fcntl
import os
import select
import signal
import sys
import tempfile
import termios
import time
import tty
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "harness"))

# pylint: disable=wrong-import-position
from iris_harness import bochs, qemu  # noqa: E402  (both register themselves)
from iris_harness.emulator import Emulator, Machine, emulator_class  # noqa: E402
from iris_harness.errors import DutError, DutTimeout, GuestPanic  # noqa: E402
from iris_harness.execute import execute, prepare  # noqa: E402
from iris_harness.image import Image, ImageError  # noqa: E402

assert bochs and qemu

PROMPT = b"iris$ "
GRUB_PROMPT = b"grub> "
SCREEN_COLUMNS, SCREEN_LINES = 80, 25
CTRL_A = 1
PR_SET_PDEATHSIG = 1
STATUS_PANIC = 3
STATUS_EXEC_TIMEOUT, STATUS_EXEC_PANIC, STATUS_EXEC_FAILED = 124, 125, 126
QUIET = {"qemu": 1.0, "bochs": 3.0}  # seconds without output that mean: waiting at the prompt


class TerminalState:
    """What an emulator or a raw mode could leave behind, and how it was before."""

    def __init__(self) -> None:
        self.modes = {fd: termios.tcgetattr(fd) for fd in (0, 1, 2) if os.isatty(fd)}
        self.flags = {fd: fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (0, 1, 2)}

    def restore(self, drawn: bool = False) -> None:
        """Put everything back, also the terminal's own picture if it was `drawn` over."""
        if drawn:
            curses.setupterm()
            reset = (curses.tigetstr(name) for name in ("sgr0", "cnorm", "rmkx", "rmcup"))
            os.write(1, b"".join(text for text in reset if text))
        for fd, flags in self.flags.items():
            fcntl.fcntl(fd, fcntl.F_SETFL, flags)
        for fd, mode in self.modes.items():
            termios.tcsetattr(fd, termios.TCSADRAIN, mode)


def guarded(work, drawn: bool = False) -> int:
    """Run `work`, which may draw on the terminal, in a child, so that the terminal is restored even
    when the child is killed."""
    state = TerminalState()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _: sys.exit(128 + got))
        try:
            return work()
        finally:
            state.restore(drawn)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda got, _: os.kill(child, got))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    state.restore(drawn and code < 0)
    return code if code >= 0 else 128 - code


class Session:
    """Carries bytes between this terminal (or pipe) and the guest's serial line."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.line, self.drained = emulator.serial_fd, list(emulator.drain_fds)
        if emulator.screen_fd >= 0:  # it shows what the serial line does
            self.line, self.drained = emulator.screen_fd, [*self.drained, emulator.serial_fd]
        self.interactive = os.isatty(0)
        self.translate = not os.isatty(1)
        self.to_guest = bytearray()
        self.tail = b""
        self.read_input = self.interactive
        self.input_ended = False
        self.escape = False
        self.started = False
        self.last_output = time.monotonic()

    def run(self) -> int:
        """Until the guest or the user ends it; returns the exit status."""
        if self.interactive:
            tty.setraw(0, termios.TCSADRAIN)
        poll = select.poll()
        line = self.line
        while True:
            poll.register(line, select.POLLIN | (select.POLLOUT if self.to_guest else 0))
            for fd in self.drained:
                poll.register(fd, select.POLLIN)
            if self.read_input and not self.input_ended:
                poll.register(0, select.POLLIN)
            events = dict(poll.poll(200))
            if events.get(0) and self.take_input():
                return 0
            if self.input_ended and self.read_input:
                self.read_input = False
                poll.unregister(0)
            for fd in self.drained:
                if events.get(fd, 0) & select.POLLIN:
                    self.receive(fd)
            data = self.receive(line) if events.get(line, 0) & select.POLLIN else b""
            self.show(data)
            if not data and self.emulator.exit_code is not None:
                return self.end_of_guest()
            if events.get(line, 0) & select.POLLOUT:
                self.send()
            status = self.end_of_pipe()
            if status is not None:
                return status

    @staticmethod
    def receive(fd: int) -> bytes:
        """Whatever there is to read."""
        try:
            return os.read(fd, 65536)
        except (BlockingIOError, OSError):
            return b""

    def send(self) -> None:
        """Type what the serial line will take."""
        self.emulator.before_write()
        try:
            count = os.write(self.line, self.to_guest[:4096])
            del self.to_guest[:count]
        except (BlockingIOError, OSError):
            pass

    def show(self, data: bytes) -> None:
        """Print guest output; a pipe gets plain line ends."""
        if not data:
            return
        self.started = True
        self.last_output = time.monotonic()
        self.tail = (self.tail + data)[-4096:]
        if not self.interactive and not self.input_ended and PROMPT in self.tail:
            self.read_input = True
        if self.translate:
            data = data.replace(b"\r", b"")
        while data:
            data = data[os.write(1, data):]

    def take_input(self) -> bool:
        """Read keys or the pipe; true if the user asked to end."""
        data = os.read(0, 4096)
        if not data:
            self.input_ended = True
        if not self.interactive:
            self.to_guest += data.replace(b"\n", b"\r")  # the Enter key
            return False
        for key in data:
            if self.escape:
                self.escape = False
                if key in b"xX":
                    return True
                if key in b"aA\x01":
                    self.to_guest.append(CTRL_A)
            elif key == CTRL_A:
                self.escape = True
            else:
                self.to_guest.append(key)
        return False

    def end_of_pipe(self) -> int | None:
        """The exit status, when nobody is there to end a guest that waits or has panicked."""
        if self.interactive:
            return None
        if b"PANIC end" in self.tail:
            return STATUS_PANIC
        if time.monotonic() - self.last_output < QUIET[self.emulator.name]:
            return None
        if self.tail.endswith(GRUB_PROMPT):
            return 1
        if self.input_ended and not self.to_guest and self.tail.endswith(PROMPT):
            os.write(1, b"\n")
            return 0
        return None

    def end_of_guest(self) -> int:
        """The exit status of an emulator that ended by itself."""
        code = self.emulator.exit_code or 0
        if not self.started:
            raise DutError(f"{self.emulator.name} ended at once{no_screen(self.emulator)}\n"
                           f"{self.emulator.diagnostics()}")
        if self.emulator.name == "bochs":  # its exit status is always 1
            return 0
        return code >> 1 if code > 0 else -code


def changed_image(arguments: argparse.Namespace, folder: Path) -> Path:
    """The image to boot: the given one, or a copy with a program or command line words added."""
    words = arguments.append.split()
    if not words and not arguments.program:
        return arguments.image.resolve()
    image = Image.read(arguments.image)
    image.cmdline = " ".join([*image.cmdline.split(), *words])
    if arguments.program:
        image.add_files({f"bin/{program.name}": program for program in arguments.program})
    return image.write(folder / "iris.iso")


def draws_here(arguments: argparse.Namespace) -> bool:
    """Whether the machine's screen is drawn on this terminal, which has to hold it."""
    if arguments.screen != emulator_class(arguments.emulator).text_screen:
        return False
    if not (os.isatty(0) and os.isatty(1)):
        raise DutError(f"the screen {arguments.screen} is drawn on a terminal, and this is none")
    size = os.get_terminal_size(1)
    if size.columns < SCREEN_COLUMNS or size.lines < SCREEN_LINES:
        raise DutError(f"the screen {arguments.screen} has {SCREEN_COLUMNS} columns and "
                       f"{SCREEN_LINES} lines, this terminal {size.columns} and {size.lines}")
    try:
        curses.setupterm()
    except curses.error as error:
        raise DutError(f"the screen {arguments.screen} cannot be drawn: {error}") from error
    return True


def no_screen(emulator: Emulator) -> str:
    """What may have been wrong with an emulator that was to show a screen."""
    screen = emulator.machine.screen
    return screen and (f": no screen {screen!r} here? Others are in {emulator.screen_packages}; "
                       "windows want an X server") or ""


def start(emulator: Emulator) -> None:
    """Start it, or say what is wrong with its screen."""
    try:
        emulator.start()
    except DutError as error:
        raise DutError(f"{emulator.name} does not start{no_screen(emulator)}\n{error}") from error


def run(arguments: argparse.Namespace) -> int:
    """Start the emulator and connect it to this terminal."""
    with tempfile.TemporaryDirectory(prefix="iris-run-") as name:
        folder = Path(name)
        machine = Machine(changed_image(arguments, folder), memory=arguments.memory,
                          cpu=arguments.cpu, screen=arguments.screen)
        emulator = emulator_class(arguments.emulator)(machine, folder)
        try:
            start(emulator)
            if os.isatty(0):
                print(f"Booting in {arguments.emulator}; Ctrl-A X ends.", flush=True)
            return Session(emulator).run()
        finally:
            emulator.close()


def standard_input(limit: int, timeout: float) -> bytes:
    """All that is piped or redirected to us; a terminal gives nothing."""
    data = bytearray()
    deadline = time.monotonic() + timeout
    while not os.isatty(0):
        if not select.select([0], [], [], max(0, deadline - time.monotonic()))[0]:
            raise DutTimeout(f"standard input has not ended within {timeout:g} s")
        more = os.read(0, 1 << 20)
        data += more
        if not more:
            break
        if len(data) > limit:
            raise DutError(f"standard input is longer than {limit >> 20} MiB: more --memory?")
    return bytes(data)


def run_program(arguments: argparse.Namespace) -> int:
    """Boot for one program; its exit status, or one that says why there is none."""
    with tempfile.TemporaryDirectory(prefix="iris-run-") as name:
        folder = Path(name)
        image = Image.read(arguments.image)
        image.cmdline = " ".join([*image.cmdline.split(), *arguments.append.split()])
        image.add_files({f"bin/{program.name}": program for program in arguments.program})
        token = prepare(image, arguments.exec[0], arguments.exec[1:],
                        standard_input(arguments.memory << 18, arguments.timeout))
        iso = image.write(folder / "iris.iso")
        machine = Machine(iso, memory=arguments.memory, cpu=arguments.cpu)
        emulator = emulator_class(arguments.emulator)(machine, folder)
        try:
            return execute(emulator, iso, token, arguments.timeout)
        finally:
            emulator.close()


def run_program_or_say(arguments: argparse.Namespace) -> int:
    """`run_program`; what went wrong goes to standard error."""
    try:
        return run_program(arguments)
    except (DutError, ImageError, OSError) as error:
        print(f"iris-run: {error}", file=sys.stderr)
        if isinstance(error, DutTimeout):
            return STATUS_EXEC_TIMEOUT
        return STATUS_EXEC_PANIC if isinstance(error, GuestPanic) else STATUS_EXEC_FAILED


def main() -> int:
    """The command line tool; returns its exit status."""
    parser = argparse.ArgumentParser(description="Boot an Iris image on this terminal.")
    default = os.environ.get("IRIS_IMAGE")
    parser.add_argument("--image", type=Path, default=default, required=default is None)
    parser.add_argument("--emulator", choices=["qemu", "bochs"], default="qemu")
    parser.add_argument("--memory", type=int, default=128, help="megabytes")
    parser.add_argument("--cpu", default="pentium3", help="in QEMU's notation")
    parser.add_argument("--screen", metavar="NAME",
                        help="the machine's own screen: gtk, sdl, curses, vnc=:1; x, sdl2, term")
    parser.add_argument("--append", default="", help="words for the kernel's command line")
    parser.add_argument("--program", type=Path, action="append", default=[],
                        help="an ELF program to put at the prompt")
    parser.add_argument("--timeout", type=float, default=300, help="seconds, for --exec")
    parser.add_argument("--exec", nargs=argparse.REMAINDER, metavar="PROGRAM",
                        help="run this program with the arguments after it, and nothing else")
    arguments = parser.parse_args()
    if arguments.exec and arguments.screen:
        parser.error("--screen shows a session, and --exec runs none")
    try:
        if arguments.exec:
            return guarded(lambda: run_program_or_say(arguments))
        return guarded(lambda: run(arguments), draws_here(arguments))
    except (DutError, ImageError, OSError) as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
