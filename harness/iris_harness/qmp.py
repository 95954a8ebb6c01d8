# SPDX-License-Identifier: MIT
"""A small client of QEMU's machine protocol (QMP)."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

from .errors import DutError

TIMEOUT = 60.0


class QmpError(DutError):
    """QEMU refused a command, or is gone."""


class Qmp:
    """Synchronous commands; events are kept in `events`."""

    def __init__(self, sock: socket.socket, diagnostics: Callable[[], str] = str) -> None:
        self._sock = sock
        self._sock.settimeout(TIMEOUT)
        self._stream = sock.makefile("rwb")
        self._diagnostics = diagnostics
        self.events: list[dict[str, Any]] = []
        self.greeting = self._receive()
        self.command("qmp_capabilities")

    def command(self, name: str, **arguments: Any) -> Any:
        """Run one command (underscores in argument names become hyphens) and return its result."""
        message: dict[str, Any] = {"execute": name}
        if arguments:
            message["arguments"] = {key.replace("_", "-"): value
                                    for key, value in arguments.items()}
        self._stream.write(json.dumps(message).encode() + b"\n")
        self._stream.flush()
        while True:
            answer = self._receive()
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise QmpError(f"{name}: {answer['error'].get('desc', answer['error'])}")
            else:
                return answer["return"]

    def hmp(self, line: str) -> str:
        """Run a command of the human monitor, e.g. `info registers`."""
        return self.command("human-monitor-command", **{"command_line": line})

    def wait_event(self, name: str) -> dict[str, Any]:
        """The next event of that name, from those kept or still to come."""
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            answer = self._receive()
            if "event" in answer:
                self.events.append(answer)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._sock.close()

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._stream.readline()
        except TimeoutError as error:
            raise QmpError(f"QEMU did not answer for {TIMEOUT:.0f} s") from error
        except OSError as error:
            raise QmpError(f"QEMU is gone: {error}\n{self._diagnostics()}") from error
        if not line:
            raise QmpError("QEMU is gone:\n" + self._diagnostics())
        return json.loads(line)
