# SPDX-License-Identifier: MIT
"""A stand-in for a machine: speaks Iris' console conventions on its standard input and output.

    fake_dut.py [redraw] [hang-in-boot] [panic-in-boot] [no-audit]

The word `redraw` makes it echo like a line editor that redraws the whole line at each key.
Commands are the methods `do_NAME` of `FakeGuest`.
"""

import os
import sys

PROMPT = "iris$ "
OBJECTS = ("spaces=8 threads=9 ports=7 portals=20 handles=50 mappings=90 kernel_pages={} "
           "user_pages=99")


class Exit(Exception):
    """The machine is switched off."""


class FakeGuest:
    """State of the pretended system."""

    def __init__(self, modes: set[str]) -> None:
        self.modes = modes
        self.status = 0
        self.kernel_pages = 40
        self.pending_release = 0
        self.audits = 0

    def run(self) -> None:
        """Boot, then obey."""
        if "late" in self.modes:
            self.read_key()
        self.say("[    0.000100] boot: kernel ... ok")
        if "hang-in-boot" in self.modes:
            self.halt()
        if "panic-in-boot" in self.modes:
            self.do_panic([])
        self.say("[    0.000200] boot: servers ... ok")
        while True:
            line = self.read_line()
            words = line.split()
            if words:
                command = getattr(self, "do_" + words[0].replace("-", "_"), None)
                if command is None:
                    self.say(f"{words[0]}: unknown command")
                    self.status = 127
                else:
                    self.status = command(words[1:]) or 0

    # ---- console ----------------------------------------------------------------------------

    @staticmethod
    def write(text: str) -> None:
        """Print with line ends as a serial console has them."""
        os.write(1, text.replace("\n", "\r\n").encode())

    def say(self, text: str) -> None:
        """Print a line."""
        self.write(text + "\n")

    @staticmethod
    def read_key() -> str:
        """One typed character; the line going away ends the machine."""
        data = os.read(0, 1)
        if not data:
            raise Exit
        return data.decode()

    def read_line(self) -> str:
        """The line editor: echo, backspace, Ctrl-C."""
        line = ""
        self.write(PROMPT)
        while True:
            key = self.read_key()
            if key in "\r\n":
                self.write("\n")
                return line
            if key == "\x03":
                self.write("^C\n" + PROMPT)
                line = ""
                continue
            line = line[:-1] if key == "\x7f" else line + key
            if "redraw" in self.modes:
                self.write(f"\r\x1b[K{PROMPT}{line}x\x1b[D\x1b[K")
            elif key == "\x7f":
                self.write("\b \b")
            else:
                self.write(key)

    @staticmethod
    def halt() -> None:
        """Read and ignore for ever."""
        while os.read(0, 1):
            pass
        raise Exit

    # ---- commands ---------------------------------------------------------------------------

    def do_echo(self, words: list[str]) -> int:
        """Print the words."""
        self.say(" ".join(words).replace("$?", str(self.status)))
        return 0

    def do_false(self, _words: list[str]) -> int:
        """Fail."""
        return 1

    def do_nonl(self, words: list[str]) -> int:
        """Print words without a line end."""
        self.write(" ".join(words))
        return 3

    def do_lines(self, words: list[str]) -> int:
        """Print many lines, some of which look like prompts and commands."""
        for number in range(int(words[0])):
            self.say(f"line {number}")
            if number % 100 == 50:
                self.say(PROMPT + "echo status-1 $?")
        return 0

    def do_color(self, _words: list[str]) -> int:
        """Print escape sequences."""
        self.write("\x1b[31mred\x1b[0m and a progress bar: 10%\r\x1b[2Kdone\x1b[K\n")
        return 0

    def do_spin(self, _words: list[str]) -> int:
        """Run in the foreground until Ctrl-C."""
        while self.read_key() != "\x03":
            pass
        self.say("^C")
        return 130

    def do_chatter(self, words: list[str]) -> int:
        """Print dots slowly: words are how many and milliseconds between."""
        import time
        for _ in range(int(words[0])):
            self.write(".")
            time.sleep(int(words[1]) / 1000)
        self.say("")
        return 0

    def do_hang(self, _words: list[str]) -> int:
        """Never come back."""
        self.halt()
        return 0

    def do_oops(self, _words: list[str]) -> int:
        """A message from elsewhere is printed over the next prompt."""
        self.write(PROMPT + "[    5.000000] log: something happened\n")
        return 0 if self.halted_line() else 1

    def halted_line(self) -> bool:
        """Take one line without printing a prompt for it."""
        saved, self.write = self.write, lambda _text: None
        try:
            line = self.read_line()
        finally:
            self.write = saved
        self.say(line)
        words = line.split()
        if words and words[0] == "echo":
            self.status = 0
            self.do_echo(words[1:])
        return True

    def do_panic(self, _words: list[str]) -> int:
        """The kernel's panic screen."""
        for line in ("PANIC: assertion failed: port.c:12: port->queue", "  #0 0xc0100000",
                     "  #1 0xc0100010 known_already+0x10", "PANIC end"):
            self.say(line)
        self.halt()
        return 0

    def do_fault(self, _words: list[str]) -> int:
        """A program's fault report without names."""
        self.say("fault: prog (pid 7): page fault at 0x00000000")
        self.say("  #0 0x00400004")
        return 1

    def do_leak(self, _words: list[str]) -> int:
        """Lose a page for good."""
        self.kernel_pages += 1
        return 0

    def do_slow_free(self, _words: list[str]) -> int:
        """Hold a page that is back only at the second audit from now."""
        self.pending_release = 2
        return 0

    def do_audit(self, _words: list[str]) -> int:
        """The kernel's view of itself."""
        if "no-audit" in self.modes:
            self.say("audit: unknown command")
            return 127
        if "audit-fails" in self.modes and self.audits >= 2:
            self.say("audit FAILED: ready queue 3: budget 0xc0101000 is in state blocked")
            return 1
        self.audits += 1
        self.pending_release -= self.pending_release > 0
        self.say("audit ok: " + OBJECTS.format(self.kernel_pages + (self.pending_release > 0)))
        return 0

    def do_test(self, words: list[str]) -> int:
        """Print the report of a test program, whole or damaged in the way that is named."""
        report = ["#test 1 begin demo", "#test 2 ok first thing",
                  "#test 3 metric cycles 42 instructions words=3", "#test 4 ok second thing",
                  "#test 5 end demo total=5 failed=0"]
        way = words[0] if words else "whole"
        if way == "lost":
            del report[3]
        elif way == "truncated":
            report.pop()
        elif way == "garbled":
            report[1] = "#test 2 okfirst #test"
        elif way == "total":
            report[-1] = "#test 5 end demo total=6 failed=0"
        elif way == "fails":
            report[3] = "#test 4 FAIL demo.c:7: 2 != 3"
            report[4] = "#test 5 end demo total=5 failed=1"
        elif way == "panics":
            for line in report[:2]:
                self.say(line)
            self.do_panic([])
        elif way == "hangs":
            for line in report[:2]:
                self.say(line)
            self.halt()
        for line in report:
            self.say(line)
        return 1 if way in ("fails", "bad-status") else 0

    def do_reboot(self, _words: list[str]) -> int:
        """Start anew."""
        self.kernel_pages += 5
        self.run()
        return 0

    def do_shutdown(self, _words: list[str]) -> int:
        """Switch off."""
        raise Exit


if __name__ == "__main__":
    try:
        FakeGuest(set(sys.argv[1:])).run()
    except Exit:
        sys.exit(5)
