# SPDX-License-Identifier: MIT
"""Tests that share a boot: by what their machines are, whatever programs each of them needs."""

from __future__ import annotations

import pytest

from iris_harness.sharing import SESSION, Programs, scope

CODE = {"test_one": """
import pytest
pytestmark = pytest.mark.boot(only=["a"])
def test_plain(dut): pass
@pytest.mark.boot(cmdline="door=gate")
def test_gate(dut): pass
@pytest.mark.boot(icount=0, only=["counted"])
def test_counted(dut): pass
@pytest.mark.boot(only=["alone"])
@pytest.mark.fresh_boot
def test_fresh(dut): pass
""", "test_two": """
import pytest
@pytest.mark.boot(only=["b"])
def test_plain(dut): pass
@pytest.mark.boot(only=["b"], memory=16)
def test_small(dut): pass
def test_whole(dut): pass
@pytest.mark.boot(only=["r"])
@pytest.mark.release
def test_release(dut): pass
"""}


def collected(pytester: pytest.Pytester, *options: str) -> dict[str, pytest.Item]:
    items: list[pytest.Item] = []

    class Recorder:
        """What is left to be run."""

        @staticmethod
        def pytest_collection_finish(session: pytest.Session) -> None:
            items.extend(session.items)

    pytester.makepyfile(**CODE)
    pytester.inline_run("-p", "iris_harness", "--emulator=qemu,bochs", "--collect-only", *options,
                        plugins=[Recorder])
    return {item.nodeid.replace(".py", "").replace("test_", ""): item for item in items}


def needed(items: dict[str, pytest.Item], name: str, emulator: str = "qemu") -> list[str] | None:
    return Programs(items.values()).needed(items[f"{name}[{emulator}]"], emulator)


def test_equal_machines_share_all_programs(pytester: pytest.Pytester) -> None:
    items = collected(pytester)
    assert needed(items, "one::plain") == needed(items, "two::plain") == ["a", "b"]
    assert needed(items, "one::gate") == ["a"]
    assert needed(items, "two::small") == ["b"]
    assert needed(items, "two::release") == ["r"]
    assert needed(items, "two::whole") is None


def test_only_what_this_run_collects(pytester: pytest.Pytester) -> None:
    assert needed(collected(pytester, "-k", "one and plain"), "one::plain") == ["a"]


def test_counted_instructions_stay_in_their_module(pytester: pytest.Pytester) -> None:
    items = collected(pytester)
    assert needed(items, "one::counted") == ["counted"]
    assert scope(items["one::counted[qemu]"], "qemu") == "test_one.py"
    assert scope(items["one::counted[bochs]"], "bochs") == SESSION  # it always counts them
    assert needed(items, "one::counted", "bochs") == ["a", "b", "counted"]


def test_less_is_shared_on_request(pytester: pytest.Pytester) -> None:
    items = collected(pytester, "--dut-scope=module")
    assert needed(items, "one::plain") == ["a"]
