# SPDX-License-Identifier: MIT
"""What the benchmarks share: figures with their goals, and machines that count instructions.

Each figure is a line in build/bench/results.jsonl and a row in the table at the end. A figure that
must not exceed its goal fails its test; other goals are only shown.
"""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from goals import Goal, goal_for
from iris_harness.dut import UnlaunchedDut
from machine import Counted

HERE = Path(__file__).resolve().parent
PATIENCE = 120.0  # seconds of silence: the host may be busy, and counting is slow
FIGURES = pytest.StashKey[list["Figure"]]()


@dataclasses.dataclass
class Figure:
    """One row of the table."""

    name: str
    value: float
    unit: str
    parameters: dict[str, object]

    @property
    def goal(self) -> Goal | None:
        """What it should reach."""
        return goal_for(self.name, self.parameters)

    def row(self) -> tuple[str, str, str, str, str]:
        """Name, parameters, value, goal, verdict."""
        shown = " ".join(f"{key}={value}" for key, value in self.parameters.items()
                         if key not in ("rounds", "mean"))
        value = f"{self.value:,.3f}" if isinstance(self.value, float) else f"{self.value:,}"
        goal = self.goal
        if goal is None:
            return self.name, shown, f"{value} {self.unit}", "", ""
        verdict = ("stretch" if self.value <= goal.stretch
                   else "ok" if self.value <= goal.goal else "MISSED")
        return (self.name, shown, f"{value} {self.unit}", f"{goal.goal:,} / {goal.stretch:,}",
                verdict + (" (must)" if goal.must else ""))


def pytest_configure(config: pytest.Config) -> None:
    """Nothing measured yet."""
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    """Round trips by length, then whatever has a goal or stands alone."""
    figures = config.stash[FIGURES]
    if not figures:
        return
    trips = [found for found in figures if found.name == "ipc_roundtrip"]
    if trips:
        terminalreporter.section("round trips: instructions by number of words")
        write_table(terminalreporter, round_trip_rows(trips))
    terminalreporter.section("figures (all are in results.jsonl)")
    write_table(terminalreporter, [
        ("figure", "parameters", "value", "goal / stretch", ""),
        *(found.row() for found in figures
          if found.goal is not None or not found.name.startswith("ipc_"))])


def round_trip_rows(trips: list[Figure]) -> list[tuple[str, ...]]:
    """One row for each way to go, one column for each length."""
    lengths = sorted({int(str(trip.parameters["words"])) for trip in trips})
    ways: dict[str, dict[int, str]] = {}
    for trip in trips:
        way = " ".join(f"{key}={trip.parameters[key]}" for key in ("spaces", "door", "fastpath"))
        ways.setdefault(way, {})[int(str(trip.parameters["words"]))] = f"{trip.value:,}"
    return [("words", *map(str, lengths)),
            *((way, *(values.get(length, "") for length in lengths))
              for way, values in ways.items())]


def write_table(terminalreporter: pytest.TerminalReporter, rows: list[tuple[str, ...]]) -> None:
    """Columns as wide as they must be; numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
                 for cell, width in zip(row, widths)]
        terminalreporter.write_line("  ".join(cells).rstrip())


@pytest.fixture
def figure(request: pytest.FixtureRequest, log_metric: Callable[..., None]) -> Callable[..., None]:
    """`figure(name, value, unit, **parameters)` records one; fails if it must be better."""
    def record(name: str, value: float, unit: str, **parameters: object) -> None:
        found = Figure(name, value, unit, parameters)
        log_metric(name, value, unit, **parameters)
        request.config.stash[FIGURES].append(found)
        if found.goal is not None and found.goal.must:
            assert value <= found.goal.goal, f"{name} is {value} {unit}, must be {found.goal.goal}"
    return record


@pytest.fixture(scope="session")
def build(request: pytest.FixtureRequest) -> Path:
    """The build that is measured."""
    return request.config.rootpath / "build/release"


@pytest.fixture(scope="session")
def count_plugin(request: pytest.FixtureRequest) -> Path:
    """The counting plugin, compiled if it is older than its source."""
    plugin = request.config.rootpath / "build/bench/count.so"
    sources = sorted((HERE / "plugin").glob("*.[ch]"))
    newest = max(source.stat().st_mtime for source in sources)
    if not plugin.exists() or plugin.stat().st_mtime < newest:
        plugin.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
                        "-fvisibility=hidden", "-o", str(plugin),
                        str(HERE / "plugin" / "count.c")], check=True)
    return plugin


@pytest.fixture
def counted(unlaunched_dut: UnlaunchedDut, request: pytest.FixtureRequest,
            tmp_path: Path) -> Callable[..., Counted]:
    """`counted(cmdline="", plugin=["from=...", ...])` boots a machine that counts instructions."""
    number = 0

    def launch(cmdline: str = "", plugin: list[str] | None = None) -> Counted:
        nonlocal number
        number += 1
        settings = dataclasses.replace(unlaunched_dut.settings, base_timeout=PATIENCE)
        config = dataclasses.replace(unlaunched_dut, cmdline=cmdline, icount=True,
                                     settings=settings)
        output = None
        if plugin is not None:
            library = request.getfixturevalue("count_plugin")
            output = tmp_path / f"windows{number}"
            config.extra_args = ["-plugin", ",".join([str(library), f"out={output}", *plugin])]
        return Counted(config.launch(), output)
    return launch
