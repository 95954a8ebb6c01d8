# SPDX-License-Identifier: MIT
"""Figures, and the checked-in record that they are compared with.

`expected.json` holds what was measured when it was last refreshed. All figures are costs: less is
better. One that is worse by more than TOLERANCE is a regression; one that is better asks for a
refresh. What a clock on the wall has measured, or what depends on when keys arrive, is not in
the record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from goals import Goal, goal_for

TOLERANCE = 0.02
WALL_CLOCK = ("s", "ratio of times")
# What depends on when keys arrive, though counted in instructions.
TYPED = ("irq_off_max", "irq_unchecked_max", "irq_audit_unchecked", "kernel_stay")


@dataclass
class Figure:
    """One thing measured. `info` is told, but does not say which figure it is."""

    name: str
    value: float
    unit: str
    parameters: dict[str, object] = field(default_factory=dict)
    info: dict[str, object] = field(default_factory=dict)

    @property
    def goal(self) -> Goal | None:
        """What it should reach."""
        return goal_for(self.name, self.parameters)

    @property
    def key(self) -> str:
        """The same in every run."""
        return " ".join([self.name, *(f"{name}={self.parameters[name]}"
                                      for name in sorted(self.parameters))])

    @property
    def is_exact(self) -> bool:
        """Whether it is the same in every run and on every computer."""
        return self.unit not in WALL_CLOCK and self.name not in TYPED

    def shown(self) -> str:
        """Value and unit."""
        value = f"{self.value:,.3f}" if isinstance(self.value, float) else f"{self.value:,}"
        return f"{value} {self.unit}"

    def miss(self) -> str | None:
        """What is to be said if a goal that must be reached is not."""
        goal = self.goal
        if goal is None or not goal.must or self.value <= goal.goal:
            return None
        return f"{self.key} is {self.shown()}, must be at most {goal.goal:,}"


class Record:
    """The figures of an earlier run, by key."""

    def __init__(self, values: dict[str, float]) -> None:
        self.values = values

    @classmethod
    def read(cls, path: Path) -> Record:
        """From a file; empty if there is none."""
        return cls(json.loads(path.read_text()) if path.exists() else {})

    def write(self, path: Path) -> None:
        """One line for each figure, in order, so that a change is readable."""
        path.write_text(json.dumps(dict(sorted(self.values.items())), indent=1) + "\n")

    def regression(self, figure: Figure) -> str | None:
        """What is to be said if a figure is worse than it was."""
        expected = self.values.get(figure.key)
        if not figure.is_exact or expected is None or figure.value <= expected * (1 + TOLERANCE):
            return None
        return (f"{figure.key} is {figure.shown()}, was {expected:,}: worse by more than "
                f"{TOLERANCE:.0%}")

    def changes(self, figures: Iterable[Figure]) -> list[str]:
        """What is better than the record says, or new in it: no failure, but worth a refresh."""
        found = []
        for figure in figures:
            expected = self.values.get(figure.key)
            if not figure.is_exact:
                continue
            if expected is None:
                found.append(f"{figure.key} is {figure.shown()}: new")
            elif figure.value < expected:
                found.append(f"{figure.key} is {figure.shown()}, was {expected:,}: better")
        return found

    def missing(self, figures: Iterable[Figure]) -> list[str]:
        """What a whole run should have measured, but has not."""
        measured = {figure.key for figure in figures}
        return sorted(key for key in self.values if key not in measured)

    def refreshed(self, figures: Iterable[Figure], whole: bool) -> Record:
        """With the figures of a run; a partial run leaves the others as they were."""
        values = {} if whole else dict(self.values)
        values.update({figure.key: figure.value for figure in figures if figure.is_exact})
        return Record(values)
