# SPDX-License-Identifier: MIT
"""The kernel's test programs, and the ways to boot in which each of them must pass."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Program:
    """A program of tests/user: its argument in QEMU, in Bochs, and for long runs."""

    name: str
    argument: tuple[int, int, int] | None
    checks: int  # fewer would mean that it ended early
    debug_only: bool = False  # release kernels lack what it needs
    is_ipc: bool = True  # how IPC enters matters to it: in Bochs, too, by all doors and paths

    def command(self, rounds) -> str:
        """What to type; `rounds` is the fixture."""
        if self.argument is None:
            return self.name
        usual, bochs, soak = self.argument
        return f"{self.name} {rounds(usual, bochs=bochs, soak=soak)}"


PROGRAMS = [
    Program("t_ipc", (20, 1, 1000), 240),
    Program("t_death", (20, 2, 1000), 30),
    Program("t_handles", (20000, 200, 1000000), 120),
    Program("t_threads", (200, 10, 5000), 50, is_ipc=False),
    Program("t_state", (20, 1, 1000), 370),
    Program("t_points", (8, 2, 200), 76, debug_only=True, is_ipc=False),
    Program("t_memory", None, 110, is_ipc=False),
    Program("t_page", None, 30, is_ipc=False),
    Program("t_attack_pointers", None, 50),
    Program("t_attack_entry", None, 170),
]
ONLY = ["dmesg", *(program.name for program in PROGRAMS)]  # what a boot for them needs


def combinations(*cmdlines: str) -> list:
    """Each program for each command line; neighbours share a boot."""
    def marks(cmdline: str, program: Program) -> list:
        often = [] if program.is_ipc or not cmdline else [
            pytest.mark.qemu_only("Bochs runs it by SYSENTER and fast path")]
        return [pytest.mark.boot(cmdline=cmdline), *often]

    return [pytest.param(cmdline, program, marks=marks(cmdline, program),
                         id=f"{cmdline.replace(' ', ',') or 'plain'}-{program.name}")
            for cmdline in cmdlines for program in PROGRAMS]


def run(shell, program: Program, rounds) -> None:
    """One program: a whole report, no failure, nothing left behind (the harness compares)."""
    report = shell.run_test(program.command(rounds))
    assert len(report.passed) >= program.checks, report.passed


def door(shell) -> str:
    """How the running kernel says that IPC enters."""
    lines = [line for line in shell.exec("dmesg").lines if "IPC by" in line]
    assert len(lines) == 1, lines
    return lines[0].split("IPC by ")[1].removesuffix(" ... ok")
