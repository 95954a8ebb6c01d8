# SPDX-License-Identifier: MIT
"""Bochs: COM1 on a pseudo-terminal, the display drawn on another one and usually thrown away.

Without a terminal of its own, Bochs opens the display's pseudo-terminal itself and says its name on
standard error; nobody reading there, it would stop once 4 KiB have been drawn.

Whenever the guest halts, Bochs waits a millisecond for its standard input: nothing there is ever to
be waited for, with /dev/null; or a line at 115200 baud would take seconds for a page of text.

Debian's Bochs has its debugger compiled in, so it is started with a script that says `c`
(continue). Its exit status is always 1. A reset is a stop and a start.
"""

from __future__ import annotations

import os
import re
import termios
import tty
from pathlib import Path

from .emulator import Emulator, Machine, register_emulator

_ROMS = Path("/usr/share/bochs")
_VGA_ROMS = Path("/usr/share/vgabios")
_MODELS = {"pentium": "pentium", "pentium2": "p2_klamath", "pentium3": "p3_katmai",
           "n270": "atom_n270"}
# What a Pentium III is built from when one of its features is to be missing.
_GENERIC = {"level": "6", "family": "6", "model": "7", "stepping": "3", "mmx": "1", "sep": "1",
            "apic": "xapic", "simd": "sse", "x86_64": "0", "vmx": "0"}
_HOST_MEMORY_LIMIT = 2048  # MiB; Bochs keeps the rest of a larger guest in a file
_DISPLAY = re.compile(rb'connected to screen "([^"]+)"')
ENTER_AS_LINE_FEED = termios.OPOST | termios.OCRNL
_CHATTER = re.compile(r"\d{11}i\[|\s*$")


@register_emulator
class Bochs(Emulator):
    """Debian's Bochs 2.7, headless unless the machine has a screen."""

    name = "bochs"
    text_screen = "term"
    screen_packages = "bochs-x, bochs-sdl, bochs-wx"
    timeout_factor = 10.0

    def __init__(self, machine: Machine, workdir: Path) -> None:
        super().__init__(machine, workdir)
        self._serial_slave = -1

    def start(self) -> None:
        if self.serial_fd < 0:
            self.serial_fd, self._serial_slave = os.openpty()
            # Held open, so that the master never reports a hang-up; raw, so that nothing echoes.
            tty.setraw(self._serial_slave)
            os.set_blocking(self.serial_fd, False)
            os.set_inheritable(self._serial_slave, False)
        terminal, terminal_slave = os.openpty()
        os.set_blocking(terminal, False)
        config, commands = self.workdir / "bochsrc", self.workdir / "commands"
        config.write_text("\n".join(self.configuration()) + "\n")
        commands.write_text("c\n")
        messages, stderr = os.pipe()
        window = self.machine.screen not in (None, self.text_screen)
        try:
            self.spawn(["bochs", "-q", "-f", str(config), "-rc", str(commands)],
                       stdout=terminal_slave, stderr=None if window else stderr,
                       env=self._terminal())
        finally:
            os.close(terminal_slave)
            os.close(stderr)
        for fd in self.drain_fds:
            os.close(fd)
        self.drain_fds = [terminal, messages]
        self._open_display(messages)
        os.set_blocking(messages, False)

    def _terminal(self) -> dict[str, str]:
        """What curses is to know of the display's terminal, whose size Bochs never sets."""
        if self.machine.screen != self.text_screen:
            return {"TERM": "vt100"}
        size = os.get_terminal_size(1)
        return {"LINES": str(size.lines), "COLUMNS": str(size.columns)}

    def _open_display(self, messages: int) -> None:
        """Our end of the display; none if it is a window, or Bochs ends before it has one."""
        said = b""
        while (name := _DISPLAY.search(said)) is None and (more := os.read(messages, 4096)):
            said += more
        with (self.workdir / "emulator.log").open("ab") as log:
            log.write(said)
        if name is None:
            return
        display = os.open(name[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(display)  # or what is drawn would come back as keys
        if self.machine.screen is None:
            self.drain_fds.append(display)
        else:
            self.screen_fd = display

    def configuration(self) -> list[str]:
        """The lines of bochsrc."""
        machine = self.machine
        vga = _VGA_ROMS / "vgabios.bin"
        lines = [
            f"display_library: {machine.screen or self.text_screen}",
            f"romimage: file={_ROMS / 'BIOS-bochs-latest'}",
            f"vgaromimage: file={vga if vga.exists() else _ROMS / 'VGABIOS-lgpl-latest'}",
            f"memory: guest={machine.memory}, host={min(machine.memory, _HOST_MEMORY_LIMIT)}",
            *self._processor(),
            "clock: sync=none, time0=utc",
            "plugin_ctrl: unmapped=1",
            f"com1: enabled=1, mode=term, dev={os.ttyname(self._serial_slave)}",
            f"ata0-master: type=cdrom, path={machine.iso}, status=inserted",
            "boot: cdrom",
            f"log: {self.workdir / 'bochs.log'}",
            "panic: action=fatal",
            "error: action=report",
            "info: action=report",
            "debug: action=ignore",
            "magic_break: enabled=0",
        ]
        places = ("ata0-slave", "ata1-master", "ata1-slave")
        if machine.drives:
            lines.append("ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15")
        for place, drive in zip(places, machine.drives):
            lines.append(f"{place}: type=disk, path={drive}, mode=flat")
        return lines + machine.bochs_options

    def _processor(self) -> list[str]:
        """A model, or its likeness without the features taken away from it."""
        name, removed = self.machine.cpu_model()
        model = _MODELS.get(name, name)
        common = "ips=20000000, reset_on_triple_fault=1"
        # PGE cannot be taken from a model; what only Bochs' generic processor can lack is sep.
        if not removed & _GENERIC.keys():
            return [f"cpu: model={model}, {common}"]
        features = {**_GENERIC, **{feature: "0" for feature in removed & _GENERIC.keys()}}
        options = ", ".join(f"{key}={value}" for key, value in features.items())
        return [f"cpu: model=bx_generic, {common}", f"cpuid: {options}"]

    @property
    def computes_time(self) -> bool:
        return True

    def before_write(self) -> None:
        # Bochs sets up its end so that ^C means a signal; all characters belong to the guest.
        if termios.tcgetattr(self._serial_slave)[3] & (termios.ISIG | termios.ECHO):
            tty.setraw(self._serial_slave)
        if self.screen_fd >= 0:
            self._prepare_screen()

    def _prepare_screen(self) -> None:
        """What is typed at the screen goes out of our end of its terminal. Bochs takes only a line
        feed for the Enter key, and its curses may have set the modes since we last did."""
        modes = termios.tcgetattr(self.screen_fd)
        if modes[1] & (termios.OPOST | termios.OCRNL | termios.ONLCR) != ENTER_AS_LINE_FEED:
            modes[1] = ENTER_AS_LINE_FEED
            termios.tcsetattr(self.screen_fd, termios.TCSANOW, modes)

    def close(self) -> None:
        super().close()
        if self._serial_slave >= 0:
            os.close(self._serial_slave)
            self._serial_slave = -1

    def diagnostics(self) -> str:
        log = self.workdir / "bochs.log"
        text = super().diagnostics() + (log.read_text(errors="replace") if log.exists() else "")
        return "\n".join(line for line in text.splitlines()[-40:] if not _CHATTER.match(line))
