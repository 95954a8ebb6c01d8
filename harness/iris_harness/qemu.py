# SPDX-License-Identifier: MIT
"""QEMU: serial line and QMP over inherited sockets, gdbstub on a Unix socket on demand."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from .emulator import Emulator, Machine, register_emulator
from .gdb import Gdb
from .qmp import Qmp


@register_emulator
class Qemu(Emulator):
    """`qemu-system-i386` with the same devices everywhere."""

    name = "qemu"
    text_screen = "curses"
    screen_packages = "qemu-system-gui"

    def __init__(self, machine: Machine, workdir: Path) -> None:
        super().__init__(machine, workdir)
        self.qmp: Qmp
        self._gdb: Gdb | None = None

    def start(self) -> None:
        serial, serial_child = socket.socketpair()
        qmp, qmp_child = socket.socketpair()
        screen = self.open_screen() if self.machine.screen == self.text_screen else None
        try:
            self.spawn(self.arguments(serial_child.fileno(), qmp_child.fileno()),
                       stdin=subprocess.DEVNULL if screen is None else screen, stdout=screen,
                       pass_fds=(serial_child.fileno(), qmp_child.fileno()))
        finally:
            serial_child.close()
            qmp_child.close()
            if screen is not None:
                os.close(screen)
        self.serial_fd = serial.detach()
        os.set_blocking(self.serial_fd, False)
        self.qmp = Qmp(qmp, self.diagnostics)

    def arguments(self, serial_fd: int, qmp_fd: int) -> list[str]:
        """QEMU's command line."""
        machine = self.machine
        argv = [
            "qemu-system-i386", "-accel", "tcg", "-machine", "pc", "-nodefaults", "-vga", "std",
            "-display", machine.screen or "none", "-cpu", machine.cpu, "-m", str(machine.memory),
            "-chardev", f"socket,id=serial0,fd={serial_fd}", "-serial", "chardev:serial0",
            "-chardev", f"socket,id=qmp0,fd={qmp_fd}", "-mon", "chardev=qmp0,mode=control",
            "-chardev", f"socket,id=gdb0,path={self.gdb_path},server=on,wait=off",
            "-gdb", "chardev:gdb0",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            *_boot_from(machine.iso),
        ]
        if machine.icount is not None:
            argv += ["-icount", f"shift={machine.icount},sleep=off",
                     "-rtc", "base=2020-01-01T00:00:00,clock=vm"]
        for index, drive in enumerate(machine.drives):
            argv += ["-drive", f"if=ide,format=raw,file={_escaped(drive)},"
                     f"index={index if index < 2 else 3}"]
        return argv + machine.extra_args

    @property
    def gdb_path(self) -> Path:
        """The Unix socket of the gdbstub."""
        return self.workdir / "gdb"

    def gdb(self) -> Gdb:
        """The connection to the gdbstub; made, and the machine stopped, at first use."""
        if self._gdb is None:
            self._gdb = Gdb(self.gdb_path)
        return self._gdb

    def release_gdb(self) -> None:
        """Let a machine go on that `gdb` may have stopped."""
        if self._gdb is not None:
            self._gdb.detach()
            self._gdb = None

    def reset(self) -> bool:
        self.qmp.events = [event for event in self.qmp.events if event["event"] != "RESET"]
        self.qmp.command("system_reset")
        self.qmp.wait_event("RESET")
        return True

    def stop(self) -> None:
        if self._gdb is not None:
            self._gdb.close()
            self._gdb = None
        super().stop()

    def close(self) -> None:
        super().close()
        if hasattr(self, "qmp"):
            self.qmp.close()


def _boot_from(iso: Path) -> list[str]:
    """The drive with the boot image, and beside it, empty, the drive that a PC is expected to have.

    The BIOS reads through AHCI's DMA; from an IDE drive it takes word by word, and half of the
    time of a boot would be spent on emulating that.
    """
    return ["-device", "ahci,id=ahci",
            "-drive", f"if=none,id=boot,media=cdrom,readonly=on,format=raw,file={_escaped(iso)}",
            "-device", "ide-cd,bus=ahci.0,drive=boot,bootindex=0",
            "-device", "ide-cd,bus=ide.1,unit=0"]


def _escaped(path: Path) -> str:
    """A path inside a list of options: a comma ends the option, two are one."""
    return str(path).replace(",", ",,")
