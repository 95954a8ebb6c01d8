# SPDX-License-Identifier: MIT
"""The device under test: a machine described, then running."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import image as images
from .console import Console
from .emulator import Emulator, Machine, emulator_class
from .errors import DutError, UnexpectedOutput
from .programs import program_elf
from .qemu import Qemu
from .shell import AUDITOR, Shell
from .symbols import symbolise

Pattern = str | re.Pattern[str]


@dataclass
class Settings:
    """What the command line of pytest says about all devices under test."""

    base_timeout: float = 15.0
    keep: bool = False
    audited: bool = True
    image_cache: Path = Path("build/test/images")


@dataclass
class UnlaunchedDut:
    """A machine before it is switched on. Change what you like, then `launch()`.

    `cmdline` holds words added to the image's own kernel command line. `modules` maps a file
    name under /boot to its new content (bytes or a path; None leaves the module out).
    `programs` maps a name to an ELF file or C source that will be found as bin/NAME. `only` names
    the programs of the image that are needed besides its servers and shell: an emulator that is
    slow to read a large image boots faster without the rest. `edits` are functions that change
    the image (`iris_harness.image.Image`) in any other way. `icount` makes time a matter of
    instructions, 2**icount ns each (QEMU only): 0 counts them, more lets seconds pass sooner.
    """

    iso: Path
    emulator: str = "qemu"
    settings: Settings = field(default_factory=Settings)
    cmdline: str = ""
    modules: dict[str, Path | bytes | None] = field(default_factory=dict)
    programs: dict[str, Path | str] = field(default_factory=dict)
    only: list[str] | None = None
    edits: list[Callable[[images.Image], None]] = field(default_factory=list)
    drives: list[Path] = field(default_factory=list)
    cpu: str = "pentium3"
    memory: int = 128
    icount: int | None = None
    extra_args: list[str] = field(default_factory=list)
    bochs_options: list[str] = field(default_factory=list)
    log: Path | None = None
    on_launch: Callable[[Dut], None] | None = None

    def launch(self) -> Dut:
        """Switch the machine on; returns without waiting for any output."""
        machine = Machine(self.build_image(), self.memory, self.cpu, list(self.drives),
                          self.icount, list(self.extra_args), list(self.bochs_options))
        dut = Dut(self, machine)
        if self.on_launch is not None:
            self.on_launch(dut)
        dut.start()
        return dut

    def build_image(self) -> Path:
        """The ISO with all changes applied; the given one if there are none."""
        if not self.iso.is_file():
            raise DutError(f"no boot image {self.iso}: build it first (make), or give "
                           "--iris-image=PATH")
        if not (self.cmdline or self.modules or self.programs or self.edits
                or self.only is not None):
            return self.iso.resolve()
        composed = images.extract(self.iso)
        composed.cmdline = " ".join([*composed.cmdline.split(), *self.cmdline.split()])
        if self.only is not None:
            composed.keep_programs({*self.only, *([AUDITOR] if self.settings.audited else [])})
        for name, content in self.modules.items():
            _change_module(composed, name, content)
        if self.programs:
            composed.add_files({f"bin/{name}": program_elf(Path(source), self.iso.parent)
                                for name, source in self.programs.items()})
        for edit in self.edits:
            edit(composed)
        digest = hashlib.sha256(repr((composed.cmdline, [
            (module.name, module.cmdline, len(module.data)) for module in composed.modules
        ])).encode())
        for data in (composed.kernel, *(module.data for module in composed.modules)):
            digest.update(data)
        path = self.settings.image_cache / f"{digest.hexdigest()[:24]}.iso"
        if not path.exists():
            composed.write(path)
        return path.resolve()


def _change_module(composed: images.Image, name: str, content: Path | bytes | None) -> None:
    """Replace, add or drop the module of a file name."""
    present = next((module for module in composed.modules if module.name == name), None)
    if content is None:
        composed.modules = [module for module in composed.modules if module.name != name]
        return
    data = content if isinstance(content, bytes) else Path(content).read_bytes()
    composed.set_module(name, present.cmdline if present else name, data)


class Dut:
    """A running machine and its serial console."""

    def __init__(self, config: UnlaunchedDut, machine: Machine) -> None:
        cls = emulator_class(config.emulator)
        self.config = config
        self.audited = config.settings.audited
        self.workdir = Path(tempfile.mkdtemp(prefix="iris-"))
        self.emulator: Emulator = cls(machine, self.workdir)
        self.console = Console(config.settings.base_timeout * cls.timeout_factor)
        self._shell = Shell(self)

    # ---- life -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the emulator and begin to listen."""
        self.console.log_to(self.config.log)
        try:
            self.emulator.start()
        except BaseException:
            self.emulator.close()
            raise
        self.console.attach(self.emulator)

    def hard_reset(self) -> None:
        """Press the reset button. Output read by `expect` from now on is the new boot's."""
        self._shell.rebooted()
        if self.emulator.reset():
            self.console.cut()
            return
        self.emulator.stop()
        self.console.detach()
        self.console.cut()
        self.emulator.start()
        self.console.attach(self.emulator)

    def wait_exit(self, timeout: float | None = None) -> int:
        """Wait until the emulator has ended by itself; its exit status."""
        self.console.wait_exit(timeout)
        code = self.emulator.process.wait()
        return code

    def close(self) -> None:
        """Switch the machine off."""
        self.emulator.stop()
        self.console.detach()
        self.emulator.close()
        self.console.log_to(None)
        if not self.config.settings.keep:
            shutil.rmtree(self.workdir, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether the emulator runs and the kernel has not panicked."""
        return not self.console.exited and not self.console.panicked()

    # ---- talking ----------------------------------------------------------------------------

    def expect(self, pattern: Pattern, timeout: float | None = None) -> re.Match[str]:
        """Wait until unread output matches a regular expression; reading goes on behind it.

        `^` and `$` match at line ends; carriage returns and escape sequences are not seen.
        """
        regex = re.compile(pattern, re.MULTILINE) if isinstance(pattern, str) else pattern
        console = self.console
        match = console.wait(lambda: regex.search(console.text, console.position),
                             f"{regex.pattern!r}", timeout)
        assert isinstance(match, re.Match)
        console.position = match.end()
        return match

    def expect_exact(self, text: str, timeout: float | None = None) -> None:
        """Wait for a literal text."""
        self.expect(re.compile(re.escape(text)), timeout)

    def not_expect(self, pattern: Pattern, until: Pattern | None = None,
                   timeout: float | None = None) -> None:
        """Fail if a pattern is printed before `until` matches.

        Without `until`, output is watched for `timeout` seconds (1 by default).
        """
        regex = re.compile(pattern, re.MULTILINE) if isinstance(pattern, str) else pattern
        console, start = self.console, self.console.position
        if until is not None:
            end = self.expect(until, timeout).start()
        else:
            seconds = console.scaled(1.0 if timeout is None else timeout)
            with console.changed:
                console.changed.wait_for(
                    lambda: console.exited or regex.search(console.text, start), seconds)
            end = len(console.text)
        found = regex.search(console.text, start, end)
        if found:
            raise UnexpectedOutput(f"{regex.pattern!r} was printed: {found[0]!r}")

    def write(self, data: str | bytes) -> None:
        """Type. Enter is `\\r` or `\\n`."""
        data = data.encode() if isinstance(data, str) else data
        self._shell.forget_prompt(data)
        self.console.write(data)

    @property
    def shell(self) -> Shell:
        """The shell, at its prompt."""
        self._shell.start()
        return self._shell

    @property
    def serial_log(self) -> str:
        """Everything printed so far, as a person would have seen it."""
        return self.console.screen.text()

    # ---- the end of a test ------------------------------------------------------------------

    def check(self, tolerated: dict[str, int] | None) -> None:
        """Fail on a panic, a failed audit, or objects that are not back."""
        console = self.console
        if console.panicked() and not console.panic_expected:
            raise DutError("the serial log has a panic:\n" + console.panic_text())
        if console.panic_expected:
            if not console.panicked():
                raise DutError("the test is marked expects_panic, but the kernel did not panic")
            return
        if isinstance(self.emulator, Qemu):
            self.emulator.release_gdb()
        if self.audited and self.alive and self._shell.reached:
            self._shell.check(tolerated)
        if console.panicked():
            raise DutError("the serial log has a panic:\n" + console.panic_text())

    def failure_lines(self, first: int = 0) -> list[str]:
        """The serial log from a line on, addresses in it turned into names."""
        return symbolise(self.console.screen.text(first).split("\n"), self.config.iso)
