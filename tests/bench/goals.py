# SPDX-License-Identifier: MIT
"""The figures to reach (../shared/design/architecture.md section 8; docs/decisions.md)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """Not more than `goal`, better not more than `stretch`. A `must` fails the run."""

    name: str
    goal: float
    stretch: float
    must: bool = False
    where: dict[str, object] = field(default_factory=dict)  # parameters it speaks about

    def applies(self, name: str, parameters: dict[str, object]) -> bool:
        """Whether a figure is the one meant."""
        return name == self.name and all(parameters.get(key) == value
                                         for key, value in self.where.items())


def _round_trip(words: int, goal: int, stretch: int) -> Goal:
    return Goal("ipc_roundtrip", goal, stretch,
                where={"words": words, "spaces": "two", "door": "sysenter", "fastpath": "on"})


GOALS = [
    Goal("kernel_text", 48 * 1024, 36 * 1024, must=True),
    Goal("kernel_lines", 7000, 5500, must=True),
    Goal("boot_to_user", 300_000, 150_000),
    Goal("boot_to_prompt", 1.5, 1.0, where={"of": "iris"}),
    *(_round_trip(words, 110, 80) for words in range(4)),
    _round_trip(16, 160, 130),
    _round_trip(63, 260, 210),
]
for _event, _most in (("cr3_writes", 2), ("segment_loads", 0), ("msr_cr0_accesses", 0)):
    GOALS.append(Goal(f"ipc_{_event}", _most, _most,
                      where={"words": 0, "spaces": "two", "door": "sysenter", "fastpath": "on"}))
for _side, _goal, _stretch in (("data", 11, 9), ("code", 8, 6)):
    GOALS.append(Goal(f"ipc_{_side}_lines", _goal, _stretch,
                      where={"words": 0, "spaces": "two", "door": "sysenter", "fastpath": "on"}))


def goal_for(name: str, parameters: dict[str, object]) -> Goal | None:
    """The goal that a figure is measured by, if there is one."""
    return next((goal for goal in GOALS if goal.applies(name, parameters)), None)
