# SPDX-License-Identifier: MIT
"""The figures to reach: the one list (../shared/design/architecture.md section 8, issue 3)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """At most `goal`, better at most `aim`. A `must` fails the run."""

    name: str
    goal: float
    aim: float
    must: bool = False
    where: dict[str, object] = field(default_factory=dict)  # parameters it speaks about

    def applies(self, name: str, parameters: dict[str, object]) -> bool:
        """Whether a figure is the one meant."""
        return name == self.name and all(parameters.get(key) == value
                                         for key, value in self.where.items())

    def verdict(self, value: float) -> str:
        """In a word."""
        if value <= self.aim:
            return "aim"
        return "ok" if value <= self.goal else "MISSED"


def _round_trip(words: int, path: str, goal: int, aim: int) -> Goal:
    return Goal("ipc_roundtrip", goal, aim, must=True,
                where={"words": words, "spaces": 2, "path": path, "part": "total"})


def _event(event: str, goal: int, aim: int) -> Goal:
    return Goal("ipc_events", goal, aim, must=True,
                where={"event": event, "words": 0, "spaces": 2, "path": "fast"})


GOALS = [
    *(_round_trip(words, "fast", 110, 80) for words in range(4)),
    _round_trip(16, "fast", 160, 130),
    _round_trip(63, "fast", 260, 210),
    *(_round_trip(words, "c", 450, 350) for words in range(5)),
    _event("cr3_writes", 2, 2),
    _event("segment_loads", 0, 0),
    _event("msr_accesses", 0, 0),
    _event("cr0_accesses", 0, 0),
    _event("data_lines", 11, 9),
    _event("code_lines", 8, 6),
    Goal("notify", 120, 80, must=True, where={"waiting": "nobody", "path": "fast"}),
    Goal("page_fault", 900, 600, must=True),
    Goal("irq_off_max", 5000, 2000, must=True),
    Goal("scaling", 1.05, 1.0, must=True),
    Goal("kernel_text", 48 * 1024, 36 * 1024, must=True),
    Goal("kernel_lines", 7000, 5500, must=True),
    Goal("boot_to_user", 300_000, 150_000, must=True),
    Goal("boot_to_prompt", 1.5, 1.0, where={"of": "iris"}),
]


def goal_for(name: str, parameters: dict[str, object]) -> Goal | None:
    """The goal that a figure is measured by, if there is one."""
    return next((goal for goal in GOALS if goal.applies(name, parameters)), None)
