# SPDX-License-Identifier: MIT
"""What IPC promises beyond messages that arrive: whose time it takes, what stays secret, what
floods, late replies and vanishing buffers do.

By both doors, with the fast path and without, in both emulators: the same programs, the same
results. Rows 17, 18, 37-39, 41; attacks 9, 13, 16-20, 27, 28.
"""

from __future__ import annotations

import re

import pytest

from kernel_programs import Program, run

PROGRAMS = [
    Program("t_budget", (200, 50, 100000), 89),
    Program("t_late", (10, 2, 1000), 18),
    Program("t_flood", (3000, 200, 1000000), 20),
    Program("t_buffers", (200, 5, 10000), 80),
    Program("t_secrets", (100, 10, 10000), 38),
    Program("t_step", (5, 5, 1000), 20),
]
pytestmark = pytest.mark.boot(only=["head", "ps", *(program.name for program in PROGRAMS)])
CMDLINES = ["", "fastpath=off", "door=gate", "door=gate fastpath=off"]
# A chain that stays: main calls the middle, which is queued where nobody serves.
MIDDLE = re.compile(r"\bqueued\b.*\bt_budget\b.*serving t_budget on the time of t_budget$")


@pytest.mark.boot(cmdline="")
def test_ps_shows_the_chain(shell) -> None:
    """Row 37: who serves whom, and on whose time."""
    shell.exec("t_budget hold &", status=False)
    lines: list[str] = []
    for _ in range(20):  # it starts while `ps` runs
        lines = [line.rstrip() for line in shell.exec("ps", check=True).lines]
        if any(MIDDLE.search(line) for line in lines):
            break
    shell.exec("kill %1", check=True)
    shell.exec("wait", status=False)
    [middle] = [line for line in lines if MIDDLE.search(line)]
    [main] = [line for line in lines if " t_budget " in line and line != middle]
    assert re.search(r"\bcalling\b.* of t_budget$", main), main
    assert main.split()[0] == middle.split()[0]  # one process, two threads


@pytest.mark.parametrize(("cmdline", "program"), [
    pytest.param(cmdline, program, marks=pytest.mark.boot(cmdline=cmdline),
                 id=f"{cmdline.replace(' ', ',') or 'plain'}-{program.name}")
    for cmdline in CMDLINES for program in PROGRAMS])
def test_program(shell, rounds, cmdline: str, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.release
@pytest.mark.qemu_only("a smoke test of the other build")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_release(shell, rounds, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.release
@pytest.mark.boot(icount=0)
@pytest.mark.qemu_only("counts instructions")
def test_time_is_charged_to_the_instruction(shell, log_metric) -> None:
    """Row 37: the caller pays for all that happens in a chain, to a few hundred instructions."""
    shell.exec("head -c 1 /dev/random")  # answered when the server is done with sampling the timer
    report = shell.run_test("t_budget exact")
    assert any("but for" in text for text in report.passed), report.passed
    [metric] = [metric for metric in report.metrics if metric.name == "misattributed"]
    log_metric("misattributed", metric.value, "ns")
