# SPDX-License-Identifier: MIT
"""Row 16: a processor without SEP and PGE; and the release kernel, which has no assertions."""

from __future__ import annotations

import pytest

from kernel_programs import ONLY, PROGRAMS, Program, door, run

pytestmark = pytest.mark.boot(only=ONLY)
SMOKE = ("t_ipc", "t_attack_entry")


@pytest.mark.boot(cpu="pentium3,-sep,-pge")
@pytest.mark.qemu_only("Bochs cannot take PGE away")
def test_without_sep_and_pge(shell) -> None:
    assert door(shell).startswith("gate")


@pytest.mark.boot(cpu="pentium3,-sep,-pge")
@pytest.mark.qemu_only("Bochs cannot take PGE away")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_without_sep_and_pge(shell, rounds, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.boot(cpu="pentium3,-sep")
@pytest.mark.bochs_only("QEMU does it without PGE, too")
@pytest.mark.parametrize("program", [program for program in PROGRAMS if program.name in SMOKE],
                         ids=lambda program: program.name)
def test_program_without_sep(shell, rounds, program: Program) -> None:
    run(shell, program, rounds)


@pytest.mark.release
@pytest.mark.parametrize("program", [
    pytest.param(program, id=program.name, marks=[] if program.name in SMOKE else [
        pytest.mark.qemu_only("Bochs runs what messages and the doors are tested with")])
    for program in PROGRAMS if not program.debug_only])
def test_program_on_release(shell, rounds, program: Program) -> None:
    run(shell, program, rounds)
