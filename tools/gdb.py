#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Start gdb on a debug build in QEMU (`make qemu-gdb PROG=hello`).

With a program, its name is typed at the first prompt and gdb stops in its main; without one, gdb
stops where the kernel starts. The script given to gdb stays in BUILD/gdb/script, the guest's
serial output in BUILD/gdb/serial.log; the output is also shown here.
"""

from __future__ import annotations

import argparse
import os
import select
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from elftools.elf.elffile import ELFFile

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "harness"))

# pylint: disable=wrong-import-position
from iris_harness.emulator import Machine  # noqa: E402
from iris_harness.image import Image  # noqa: E402
from iris_harness.qemu import Qemu  # noqa: E402

VDSO_BASE = 0xBFFE0000
PAGE = 4096
PROMPT = b"iris$ "


def breakpoint_in(program: Path) -> str:
    """A hardware breakpoint in main that only stops in this program.

    All programs share their addresses, and a breakpoint knows no address space; so the condition
    compares the code at that place.
    """
    with program.open("rb") as stream:
        elf = ELFFile(stream)
        symbols = elf.get_section_by_name(".symtab").get_symbol_by_name("main")
        if not symbols:
            sys.exit(f"gdb: {program} has no main")
        address = symbols[0]["st_value"]
        length = min(32, PAGE - address % PAGE) & ~3
        offset = next(iter(elf.address_offsets(address)))
        stream.seek(offset)
        words = struct.unpack(f"<{length // 4}I", stream.read(length))
    same = " && ".join(f"*(unsigned int *){address + 4 * i:#x} == {word:#x}u"
                       for i, word in enumerate(words))
    return f"hbreak *{address:#x} if {same}" if same else f"hbreak *{address:#x}"


def script_for(build: Path, socket: Path, program: Path | None) -> str:
    """gdb's commands: symbols, connection, the first stop."""
    lines = ["set confirm off", "set pagination off", "set architecture i386",
             f"file {build / 'kernel.elf'}",
             f"add-symbol-file {build / 'iris-vdso.debug'} -o {VDSO_BASE:#x}"]
    if program:
        lines.append(f"add-symbol-file {program}")
    lines += [f"target remote {socket}",
              breakpoint_in(program) if program else "hbreak kernel_main", "continue"]
    return "\n".join(lines) + "\n"


def carry(emulator: Qemu, log: Path, command: str | None, stop: threading.Event) -> None:
    """Show and keep the guest's output; type the command at the first prompt."""
    seen = b""
    with log.open("wb") as stream:
        while not stop.is_set():
            if not select.select([emulator.serial_fd], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(emulator.serial_fd, 4096)
            except OSError:
                return
            if not data:
                return
            stream.write(data)
            stream.flush()
            sys.stdout.write(data.decode(errors="replace").replace("\r", ""))
            sys.stdout.flush()
            seen += data
            if command and PROMPT in seen:
                os.write(emulator.serial_fd, command.encode() + b"\r")
                command = None


def main() -> int:
    """The command line tool; returns gdb's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--memory", type=int, default=128)
    parser.add_argument("--append", default="")
    parser.add_argument("program", nargs="?")
    arguments = parser.parse_args()
    program = arguments.build / "programs" / arguments.program if arguments.program else None
    if program and not program.exists():
        sys.exit(f"gdb: there is no program {program}")
    keep = arguments.build / "gdb"
    keep.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="iris-gdb-") as name:
        iso = arguments.build / "iris.iso"
        if arguments.append:
            image = Image.read(iso)
            image.cmdline = f"{image.cmdline} {arguments.append}".strip()
            iso = image.write(Path(name, "iris.iso"))
        machine = Machine(iso.resolve(), memory=arguments.memory, extra_args=["-S"])
        emulator = Qemu(machine, Path(name))
        stop = threading.Event()
        try:
            emulator.start()
            script = keep / "script"
            script.write_text(script_for(arguments.build, emulator.gdb_path, program))
            reader = threading.Thread(target=carry, daemon=True, args=(
                emulator, keep / "serial.log", arguments.program, stop))
            reader.start()
            done = subprocess.run(["gdb", "-q", "-x", str(script)], check=False)
            stop.set()
            reader.join()
            return done.returncode
        finally:
            emulator.close()


if __name__ == "__main__":
    sys.exit(main())
