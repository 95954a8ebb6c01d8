# SPDX-License-Identifier: MIT
"""Many programs at a time, coming and going in any order: what is in use afterwards does not depend
on who was there. The harness compares all counts with the base line after the test."""

from __future__ import annotations

import random

CROWD = 24  # more than share one page of any kind of record


def test_crowd(shell, seed: int, rounds) -> None:
    chance = random.Random(seed)
    for _ in range(rounds(3, bochs=1, soak=30)):
        for _ in range(CROWD):
            shell.exec(f"sleep 0.{chance.randint(1, 9)} &", check=True)
            if chance.random() < 0.3:
                shell.exec(chance.choice(["hello", "free", "ps"]), check=True)
        shell.exec("wait", check=True)
