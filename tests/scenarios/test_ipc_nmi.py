# SPDX-License-Identifier: MIT
"""Attack 34: NMIs in user mode, in the kernel, and at the entry's first instructions.

The kernel only counts them. QEMU only: Bochs has no way to inject one.
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

STI_SYSEXIT = re.compile(rb"\xfb\x0f\x35", re.DOTALL)
KILL_LINE = b"\x15"  # an interrupt of the serial line, without effect on a line that is empty

# Programs whose messages are checked word by word, under the storm.
UNDER_FIRE = ["t_ipc 3", "t_step 2", "t_secrets 8"]
pytestmark = [pytest.mark.qemu_only("injects NMIs by QMP"),
              pytest.mark.boot(only=["t_ipc", "t_secrets", "t_step"])]


class Storm:
    """NMIs as fast as QMP takes them, while the guest works."""

    def __init__(self, qmp) -> None:
        self._qmp = qmp
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.count = 0

    def _run(self) -> None:
        while not self._stop.is_set():
            self._qmp.command("inject-nmi")
            self.count += 1

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def nmi_count(gdb) -> int:
    """What the kernel counted."""
    gdb.interrupt()
    count = gdb.read_word("nmi_count")
    gdb.resume()
    return count


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, marks=pytest.mark.boot(cmdline=cmdline),
                 id=cmdline.replace(" ", ",") or "plain")
    for cmdline in ["", "fastpath=off", "door=gate"]])
def test_storm(shell, qmp, gdb, cmdline: str) -> None:
    before = nmi_count(gdb)
    with Storm(qmp) as storm:
        for command in UNDER_FIRE:
            shell.run_test(command)
    assert storm.count > 100
    assert nmi_count(gdb) > before


@pytest.mark.boot(cmdline="")
@pytest.mark.parametrize("place", ["sysenter_fast", "ipc_slow", "kernel_leave"])
def test_at_the_entry(shell, qmp, gdb, place: str) -> None:
    """Exactly there: at the entry's first instruction ESP is not a stack yet."""
    before = nmi_count(gdb)
    gdb.interrupt()
    with ThreadPoolExecutor() as pool:
        work = pool.submit(shell.run_test, "t_ipc 1")
        for _ in range(20):
            gdb.run_until(place)
            qmp.command("inject-nmi")
        gdb.resume()
        work.result()
    shell.run_test("t_ipc 1")
    assert nmi_count(gdb) == before + 20


@pytest.mark.boot(cmdline="")
def test_before_sysexit(shell, qmp, gdb) -> None:
    """Interrupts are on there, but for one instruction: one that is pending must not get in behind
    the NMI, as it would find a stack that is none."""
    length = gdb.resolve("call_fast") - gdb.resolve("sysenter_fast")
    gdb.interrupt()
    code = gdb.read("sysenter_fast", length)
    exits = [match.start() + 1 for match in re.finditer(STI_SYSEXIT, code)]
    assert len(exits) == 4
    with ThreadPoolExecutor() as pool:
        work = pool.submit(run_again_and_again, shell, done := threading.Event())
        for turn in range(40):
            gdb.run_until(gdb.resolve("sysenter_fast") + exits[turn % len(exits)])
            shell.dut.write(KILL_LINE)
            qmp.command("inject-nmi")
        done.set()
        gdb.resume()
        work.result()
    shell.run_test("t_ipc 1")


def run_again_and_again(shell, done: threading.Event) -> None:
    """Without it, nobody takes some of the exits any more."""
    while not done.is_set():
        shell.run_test("t_ipc 1")
