# SPDX-License-Identifier: MIT
"""Many programs at a time, coming and going in any order: what is in use afterwards does not depend
on who was there. The harness compares all counts with the base line after the test."""

from __future__ import annotations

import random

import pytest

pytestmark = pytest.mark.boot(only=["hello", "free", "ps", "sleep"])


def crowd(shell, seed: int, size: int, rounds: int) -> None:
    """Programs in the background that end in a random order, and others in between."""
    chance = random.Random(seed)
    for _ in range(rounds):
        for _ in range(size):
            shell.exec(f"sleep 0.{chance.randint(1, 9)} &", check=True)
            if chance.random() < 0.3:
                shell.exec(chance.choice(["hello", "free", "ps"]), check=True)
        shell.exec("wait", check=True)


def test_small_crowd(shell, seed: int, rounds) -> None:
    crowd(shell, seed, 12, rounds(4, bochs=1, soak=40))


@pytest.mark.leaks(reason="a handle table never shrinks: proc's gets a second page", kernel_pages=1)
def test_large_crowd(shell, seed: int, rounds) -> None:
    crowd(shell, seed, 24, rounds(3, bochs=1, soak=30))
