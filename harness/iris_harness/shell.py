# SPDX-License-Identifier: MIT
"""Commands at the guest's prompt, their output and their exit status.

The console echoes what is typed and may redraw its line, so everything here works on the lines a
person would see (`Screen`). A command's output is what stands between its echoed line and the
echo of the next command; its status is asked for with `echo`, which also proves that the prompt
seen was the shell's and not part of the output.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import AuditFailure, CommandFailure, DutError, GuestTestFailure
from .protocol import Counts, GuestTest, compare_counts, guest_test, parse_audit

if TYPE_CHECKING:
    from .dut import Dut

AUDITOR = "audit"  # the program that lets the kernel audit itself
BASE_LINE_TRIES = 5
PROMPT = "iris$ "
# Audits repeated while counts differ: what a killed process held may still be on its way back.
# A real leak differs every time.
AUDIT_TRIES = 5
_STATUS = re.compile(r"status-(\d+) (-?\d+)\Z")


@dataclass
class ExecResult:
    """What a command printed and how it ended (`status` is None if it was not asked for)."""

    command: str
    lines: list[str]
    status: int | None

    @property
    def text(self) -> str:
        """The output as one string."""
        return "\n".join(self.lines)


class Shell:
    """The shell on the serial console of one device under test."""

    def __init__(self, dut: Dut) -> None:
        self.dut = dut
        self.console = dut.console
        self.base_line: Counts | None = None
        self.seen = False
        self._at_prompt = False
        self._first_line = 0
        self._numbers = itertools.count(1)

    # ---- the prompt -------------------------------------------------------------------------

    def start(self, timeout: float | None = None) -> None:
        """Wait for the first prompt of this boot and take the base line of object counts."""
        if self.seen:
            return
        self.wait_prompt(timeout)
        self.seen = True
        if self.dut.audited:
            self.base_line = self._steady_counts()

    def _steady_counts(self) -> Counts:
        """Counts that a further run of the command does not change: first runs leave caches."""
        counts = self.audit()
        for _ in range(BASE_LINE_TRIES):
            before, counts = counts, self.audit()
            if counts == before:
                break
        return counts

    def wait_prompt(self, timeout: float | None = None) -> None:
        """Wait until the shell can take a command."""
        screen = self.console.screen

        def likely() -> bool:
            """Something was printed on the prompt's line before it."""
            return len(screen.lines) >= self._first_line and screen.current.endswith(PROMPT)
        self.console.wait(self._prompt_is_there, f"the prompt {PROMPT!r}", timeout, likely)
        self._arrived()

    @property
    def reached(self) -> bool:
        """Whether this boot got as far as a prompt."""
        return self.seen or self.console.screen.current == PROMPT

    def _prompt_is_there(self) -> bool:
        screen = self.console.screen
        return len(screen.lines) >= self._first_line and screen.current == PROMPT

    def wait_prompt_if_needed(self) -> None:
        """Wait for the prompt unless it is known to be there."""
        if not self._at_prompt:
            self.wait_prompt()

    def forget_prompt(self, typed: bytes) -> None:
        """Something else is being typed: the next command waits for a prompt first.

        The prompt on the screen now is an old one if what is typed ends its line.
        """
        self._at_prompt = False
        ends_line = any(key in typed for key in b"\r\n\x03\x04")
        self._first_line = len(self.console.screen.lines) + ends_line

    def rebooted(self) -> None:
        """The machine starts anew: so do prompt and base line."""
        self.seen = self._at_prompt = False
        self.base_line = None

    def _arrived(self) -> None:
        self._at_prompt = True
        self.console.position = len(self.console.text)

    # ---- commands ---------------------------------------------------------------------------

    def exec(self, command: str, timeout: float | None = None, *, check: bool = False,
             status: bool = True) -> ExecResult:
        """Run a command and return its output and status.

        `timeout` is how long it may be silent. `check` raises CommandFailure on a non-zero
        status. `status=False` leaves `$?` to the next command.
        """
        if "\n" in command or "\r" in command:
            raise ValueError("one command at a time")
        self.start()
        first = self._type(command, timeout)
        end, rest = self._wait_end(first, command, timeout)
        value = None
        if status:
            prompt = end
            end, value = self._ask_status(prompt, timeout)
            if end != prompt:  # that was not the shell's prompt, but output that looks like it
                rest = ""
        else:
            self._arrived()
        lines = self.console.screen.lines[first:end] + ([rest] if rest else [])
        result = ExecResult(command, lines, value)
        if check and value:
            raise CommandFailure(f"{command!r} ended with status {value}:\n{result.text}")
        return result

    def run_test(self, command: str, timeout: float | None = None) -> GuestTest:
        """Run a test program: its report must be whole and without a failure, its status 0."""
        result = self.exec(command, timeout)
        test = guest_test(result.lines)
        if result.status != 0:
            raise GuestTestFailure(f"{command!r} reported success, but ended with status "
                                   f"{result.status}")
        return test

    def interrupt(self, timeout: float | None = None) -> None:
        """Press Ctrl-C and wait for the prompt."""
        self.dut.write("\x03")
        self.wait_prompt(timeout)

    def reboot(self, command: str = "reboot", timeout: float | None = None) -> None:
        """Let the guest restart itself; returns at the prompt of the new boot."""
        self.start()
        self._type(command, timeout)
        self.rebooted()
        self.start(timeout)

    def _type(self, command: str, timeout: float | None) -> int:
        """Type a line at the prompt; the index of the line after its echo."""
        if not self._at_prompt:
            self.wait_prompt(timeout)
        first = len(self.console.screen.lines)
        self._at_prompt = False
        self.console.write(command.encode() + b"\r")

        def echoed() -> int:
            lines = self.console.screen.lines
            return next((i + 1 for i in range(first, len(lines)) if _is_echo(lines[i], command)),
                        0)
        index = self.console.wait(echoed, f"the echo of {command!r}", timeout)
        assert isinstance(index, int)
        return index

    def _wait_end(self, first: int, command: str, timeout: float | None) -> tuple[int, str]:
        """Wait for the prompt after a command.

        Gives the index of the prompt's line, and what stood on that line before the prompt:
        output that ended without a newline.
        """
        screen = self.console.screen

        def prompt() -> tuple[int, str] | None:
            return (len(screen.lines), "") if screen.current == PROMPT else None

        def doubtful() -> tuple[int, str] | None:
            """Output without a newline before the prompt, or a message printed over it."""
            if screen.current.endswith(PROMPT):
                return len(screen.lines), screen.current.removesuffix(PROMPT)
            if screen.current.startswith(PROMPT):
                return len(screen.lines), ""
            for index in range(len(screen.lines) - 1, first - 1, -1):
                if screen.lines[index].startswith(PROMPT):
                    return index, ""
            return None
        found = self.console.wait(prompt, f"the end of {command!r}", timeout, doubtful)
        assert isinstance(found, tuple)
        return found

    def _ask_status(self, prompt: int, timeout: float | None) -> tuple[int, int]:
        """The status of the last command, and the index of the line where its output ended."""
        number = next(self._numbers)
        command = f"echo status-{number} $?"
        self.console.write(command.encode() + b"\r")

        def answered() -> tuple[int, int] | None:
            lines = self.console.screen.lines
            for index in range(prompt, len(lines)):
                match = _STATUS.match(lines[index])
                if match and int(match[1]) == number:
                    return index, int(match[2])
            return None
        found = self.console.wait(answered, f"the answer to {command!r}", timeout)
        assert isinstance(found, tuple)
        self._wait_end(found[0] + 1, command, None)
        self._arrived()
        lines = self.console.screen.lines
        echo = next((i for i in range(found[0] - 1, prompt - 1, -1)
                     if _is_echo(lines[i], command)), prompt)
        return echo, found[1]

    # ---- the state of the whole -------------------------------------------------------------

    def audit(self) -> Counts:
        """Let the kernel audit itself; the object counts."""
        return parse_audit(self.exec_raw(AUDITOR).lines)

    def exec_raw(self, command: str) -> ExecResult:
        """`exec` without the base line being taken first."""
        seen, self.seen = self.seen, True
        try:
            return self.exec(command, status=False)
        finally:
            self.seen = seen

    def check(self, tolerated: dict[str, int] | None) -> None:
        """After a test: the audit must pass and all counts be back (None tolerates any)."""
        try:
            if not self._at_prompt and not self._prompt_is_there():
                self.dut.write("\x03")  # the test left a program in the foreground
            self.wait_prompt_if_needed()
            problems = []
            for _ in range(AUDIT_TRIES):
                counts = self.audit()
                if self.base_line is None or tolerated is None:
                    return
                problems = compare_counts(self.base_line, counts, tolerated)
                if not problems:
                    return
        except AuditFailure:
            raise
        except DutError as error:
            raise AuditFailure(f"no audit after the test: {error}") from error
        raise AuditFailure("object counts are not back at this boot's base line:\n  "
                           + "\n  ".join(problems))


def _is_echo(line: str, command: str) -> bool:
    """Whether a finished line is the echo of a typed command.

    Long lines may have been scrolled sideways by the line editor; then their end must do.
    """
    line, command = line.rstrip(), command.rstrip()
    if not command:
        return line.endswith(PROMPT.rstrip())
    if line.endswith(command):
        return True
    return (len(command) > 60 and line.startswith(PROMPT)
            and line.endswith(command[-30:]))
