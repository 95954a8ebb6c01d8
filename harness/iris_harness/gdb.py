# SPDX-License-Identifier: MIT
"""A minimal client of the gdb remote protocol, for scripted looks into the machine.

Connecting stops the machine. `symbols` may be set to something with `lookup(name) -> int`, so
that places can be given by name.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Protocol

from .errors import DutError, DutTimeout

REGISTERS = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
             "eip", "eflags", "cs", "ss", "ds", "es", "fs", "gs")
TIMEOUT = 60.0


class GdbError(DutError):
    """The gdbstub refused a request or is gone."""


class SymbolTable(Protocol):
    """What `Gdb.symbols` must offer."""

    def lookup(self, name: str) -> int:
        """The address of a symbol."""


class Gdb:
    """One connection to QEMU's gdbstub."""

    def __init__(self, path: Path, timeout: float = TIMEOUT) -> None:
        self.symbols: SymbolTable | None = None
        self._buffer = b""
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(timeout)
        self._sock.connect(str(path))
        self._running = False
        # Connecting stops the machine, which may send a stop packet nobody asked for.
        self._send("qSupported:multiprocess-;swbreak+;hwbreak+")
        while "PacketSize" not in self._receive(None):
            pass
        self._request("?")
        # QEMU lets single registers be written only to those who asked for the description.
        self._request("qXfer:features:read:target.xml:0,ffb")

    # ---- running ----------------------------------------------------------------------------

    def resume(self) -> None:
        """Let the machine run; does not wait."""
        self._send("c")
        self._running = True

    def wait_stop(self, timeout: float | None = None) -> str:
        """Wait until a running machine stops, and say why (the stop packet)."""
        if not self._running:
            return "S05"
        answer = self._receive(timeout)
        self._running = False
        return answer

    def run_until(self, place: int | str, timeout: float | None = None) -> None:
        """Run to a place (address or symbol)."""
        address = self.resolve(place)
        self.set_breakpoint(address)
        try:
            self.resume()
            self.wait_stop(timeout)
            if self.registers()["eip"] != address:
                raise GdbError(f"stopped at {self.registers()['eip']:#x}, not at {place}")
        finally:
            self.interrupt()
            self.clear_breakpoint(address)

    def interrupt(self) -> None:
        """Stop the machine if it runs."""
        if self._running:
            self._sock.sendall(b"\x03")
            self.wait_stop()

    def step(self) -> int:
        """Execute one instruction; the new EIP."""
        self._request("s")
        return self.registers()["eip"]

    def detach(self) -> None:
        """Remove all breakpoints' effect, let the machine run and hang up."""
        self.interrupt()
        self._request("D")
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    # ---- looking and changing ---------------------------------------------------------------

    def registers(self) -> dict[str, int]:
        """The general registers, EIP, EFLAGS and the segment registers."""
        data = bytes.fromhex(self._request("g")[:8 * len(REGISTERS)])
        return dict(zip(REGISTERS, struct.unpack(f"<{len(REGISTERS)}I", data)))

    def set_register(self, name: str, value: int) -> None:
        """Change one register."""
        data = struct.pack("<I", value & 0xffffffff).hex()
        self._expect_ok(f"P{REGISTERS.index(name):x}={data}")

    def read(self, place: int | str, length: int) -> bytes:
        """Read memory as the stopped processor sees it."""
        address, data = self.resolve(place), b""
        while len(data) < length:
            count = min(1024, length - len(data))
            answer = self._request(f"m{address + len(data):x},{count:x}")
            if answer.startswith("E") and len(answer) == 3:
                raise GdbError(f"cannot read {count} bytes at {address + len(data):#x}")
            data += bytes.fromhex(answer)
        return data

    def read_word(self, place: int | str) -> int:
        """Read 32 bits."""
        return int(struct.unpack("<I", self.read(place, 4))[0])

    def write(self, place: int | str, data: bytes) -> None:
        """Write memory."""
        self._expect_ok(f"M{self.resolve(place):x},{len(data):x}:{data.hex()}")

    def write_word(self, place: int | str, value: int) -> None:
        """Write 32 bits."""
        self.write(place, struct.pack("<I", value & 0xffffffff))

    def set_breakpoint(self, place: int | str, hardware: bool = True) -> None:
        """Stop when execution reaches a place."""
        self._expect_ok(f"Z{int(hardware)},{self.resolve(place):x},1")

    def clear_breakpoint(self, place: int | str, hardware: bool = True) -> None:
        """Take a breakpoint away."""
        self._expect_ok(f"z{int(hardware)},{self.resolve(place):x},1")

    def set_watchpoint(self, place: int | str, length: int = 4, access: str = "write") -> None:
        """Stop when data is written, read, or either (`access`: write, read, access)."""
        kind = {"write": 2, "read": 3, "access": 4}[access]
        self._expect_ok(f"Z{kind},{self.resolve(place):x},{length:x}")

    def resolve(self, place: int | str) -> int:
        """An address, or that of a symbol."""
        if isinstance(place, int):
            return place
        if self.symbols is None:
            raise GdbError(f"no symbol table to find {place!r} in")
        return self.symbols.lookup(place)

    # ---- packets ----------------------------------------------------------------------------

    def _expect_ok(self, payload: str) -> None:
        answer = self._request(payload)
        if answer != "OK":
            raise GdbError(f"{payload!r} was answered {answer!r}")

    def _request(self, payload: str) -> str:
        if self._running:
            raise GdbError("the machine is running; interrupt() it first")
        self._send(payload)
        return self._receive(None)

    def _send(self, payload: str) -> None:
        data = payload.encode()
        self._sock.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xff))

    def _receive(self, timeout: float | None) -> str:
        self._sock.settimeout(timeout or TIMEOUT)
        while True:
            start = self._buffer.find(b"$")
            end = self._buffer.find(b"#", start)
            if start >= 0 and end >= 0 and len(self._buffer) >= end + 3:
                packet = self._buffer[start + 1:end]
                self._buffer = self._buffer[end + 3:]
                self._sock.sendall(b"+")
                return packet.decode("latin-1")
            try:
                data = self._sock.recv(65536)
            except TimeoutError as error:
                raise DutTimeout("the gdbstub did not answer in time") from error
            if not data:
                raise GdbError("the gdbstub hung up")
            self._buffer += data
