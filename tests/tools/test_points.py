# SPDX-License-Identifier: MIT
"""Block and preemption points: none is made but by the macros of kernel/point.h.

That t_points comes to each of them it says itself; here is what it cannot know: that there is no
point beside the list.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "kernel").glob("*.c"))
FUNCTION = re.compile(r"^\w[^;{}]*\)\n\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
BLOCKED = re.compile(r"hot\.state = IRIS_THREAD_(?!READY|HALTED|NEW|DEAD)\w+")
MACRO = re.compile(r"\b(?:BLOCK|PREEMPTION|RESTART)_POINT\((\w+)")


def listed() -> set[str]:
    text = (ROOT / "kernel/include/iris/points.h").read_text()
    return set(re.findall(r"\bX\((\w+)\)", text[text.index("IRIS_POINTS(X)") + 14:]))


def complaints(text: str) -> list[str]:
    """What is wrong with a file of the kernel: functions that have points of their own."""
    found = []
    for body in FUNCTION.findall(text):
        if BLOCKED.search(body) and "BLOCK_POINT(" not in body:
            found.append("blocks a thread without BLOCK_POINT")
        restarts = re.search(r"return SYS_RESTART|: SYS_RESTART", body)
        if restarts and "PREEMPTION_POINT(" not in body:
            found.append("restarts a call without PREEMPTION_POINT or RESTART_POINT")
        if "arch_interrupt_pending" in body:
            found.append("asks for interrupts without PREEMPTION_POINT")
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_point_beside_the_list(source: Path) -> None:
    # audit.c: what breaks off is the audit, which only the holder of the KERNEL handle asks for.
    if source.name not in ("syscall.c", "audit.c"):
        assert complaints(source.read_text()) == []


def test_list_and_uses_agree() -> None:
    used = {name for source in SOURCES for name in MACRO.findall(source.read_text())}
    assert used == listed() and len(used) >= 15


@pytest.mark.parametrize("body", [
    "    thread->hot.state = IRIS_THREAD_QUEUED;\n",
    "    thread->hot.state = IRIS_THREAD_SLEEPING;\n",
    "    while (more())\n        if (arch_interrupt_pending())\n            return 1;\n",
    "    return done ? 0 : SYS_RESTART;\n",
])
def test_the_check_finds(body: str) -> None:
    assert complaints(f"static int work(struct thread *thread)\n{{\n{body}}}\n")
