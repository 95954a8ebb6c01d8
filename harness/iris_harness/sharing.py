# SPDX-License-Identifier: MIT
"""Which tests share a boot: what a test asks of its machine, and with whom it can have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from .errors import DutError
from .options import BOOT_ARGUMENTS

SESSION = "session"  # the scope of machines that any test may have


def boot_arguments(item: pytest.Item, emulator: str) -> dict[str, Any]:
    """What the test's `boot` markers say of this emulator, the test's own before its module's."""
    arguments: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("boot"))):
        if marker.args or set(marker.kwargs) - BOOT_ARGUMENTS:
            raise DutError(f"marker boot takes only {', '.join(sorted(BOOT_ARGUMENTS))}")
        arguments.update(marker.kwargs)
    if emulator != "qemu":  # time is a matter of instructions there anyway
        arguments.pop("icount", None)
    return arguments


def wants_own_boot(item: pytest.Item) -> bool:
    """Nobody before it, nobody after it."""
    return (item.config.getoption("--dut-scope") == "function"
            or "unlaunched_dut" in getattr(item, "fixturenames", ())
            or any(item.get_closest_marker(name) for name in ("fresh_boot", "expects_panic")))


def scope(item: pytest.Item, emulator: str) -> str:
    """The extent within which a boot may be shared.

    Where time is a matter of instructions it is the module: what others had run before would
    change what is counted.
    """
    wide = item.config.getoption("--dut-scope") == SESSION
    if wide and boot_arguments(item, emulator).get("icount") is None:
        return SESSION
    module = item.getparent(pytest.Module)
    return module.nodeid if module else item.nodeid


class Programs:
    """The programs that shared images hold: all that this run's tests need on such a machine."""

    def __init__(self, items: Iterable[pytest.Item]) -> None:
        self._needed: dict[object, set[str]] = {}
        for item in items:
            callspec = getattr(item, "callspec", None)
            if callspec and "emulator_name" in callspec.params and not wants_own_boot(item):
                emulator = callspec.params["emulator_name"]
                arguments = boot_arguments(item, emulator)
                if arguments.get("only") is not None:
                    self._needed.setdefault(_key(item, emulator, arguments), set()).update(
                        arguments["only"])

    def needed(self, item: pytest.Item, emulator: str) -> list[str] | None:
        """What `only` is for this test's machine; None leaves nothing out."""
        arguments = boot_arguments(item, emulator)
        only: list[str] | None = arguments.get("only")
        if only is None:
            return None
        return sorted(self._needed.get(_key(item, emulator, arguments), set()) | set(only))


def _key(item: pytest.Item, emulator: str, arguments: dict[str, Any]) -> object:
    """Equal for tests whose machines differ at most in their programs."""
    rest = {name: value for name, value in arguments.items()
            if name != "only" and value not in (None, "", [], {})}
    return (scope(item, emulator), emulator, item.get_closest_marker("release") is not None,
            repr(sorted(rest.items())))
