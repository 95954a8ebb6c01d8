# SPDX-License-Identifier: MIT
"""build/bench/report.html: the figures of a run, beside their goals and those of other kernels."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import jinja2
import peers
from figures import Figure, Record
from goals import GOALS
from svg import Series, bars, line_chart

HERE = Path(__file__).resolve().parent
IRIS, IRIS_C, IRIS_GATE = "#6938ef", "#9b8afb", "#bdb4fe"
PEERS = {"Pistachio": "#dc6803", "Pistachio, C++ path": "#f7b27a", "NOVA": "#0086c9",
         "seL4": "#0e9384", "Linux 6.1, interrupt": "#667085", "Linux 6.1, SYSENTER": "#98a2b3"}
KINDS = {"waiting_threads": "#6938ef", "ready_threads": "#0086c9", "callers": "#dc6803",
         "ports": "#0e9384", "handles": "#c11574"}
WORDS = (0, 1, 2, 3, 4, 8, 16, 32, 63)
PATHS = {"fast": "fast path", "c": "C path", "gate": "interrupt gate"}


class Figures:
    """The figures of a run, looked up by what they are about."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.all = list(figures)

    def find(self, name: str, **where: object) -> list[Figure]:
        """All of a name with these parameters."""
        return [figure for figure in self.all if figure.name == name and all(
            figure.parameters.get(key) == value for key, value in where.items())]

    def value(self, name: str, **where: object) -> float | None:
        """The first of them."""
        return next((figure.value for figure in self.find(name, **where)), None)


# ---- Sections -------------------------------------------------------------------------------

def goal_rows(figures: Figures) -> list[dict[str, object]]:
    """Each goal with the worst figure that it speaks about."""
    rows = []
    for goal in GOALS:
        found = [figure for figure in figures.all if figure.goal is goal]
        worst = max(found, key=lambda figure: figure.value, default=None)
        where = " ".join(f"{key}={value}" for key, value in goal.where.items())
        rows.append({"name": goal.name, "where": where, "must": goal.must,
                     "goal": f"{goal.goal:,}", "aim": f"{goal.aim:,}",
                     "measured": worst.shown() if worst else "not measured",
                     "verdict": goal.verdict(worst.value) if worst else "none"})
    return rows


def round_trip_plot(figures: Figures) -> str:
    """Round trips by number of words."""
    def own(path: str, words: int) -> float | None:
        return figures.value("ipc_roundtrip", words=words, spaces=2, path=path, part="total")
    series = [Series(f"Iris, {PATHS[path]}", [own(path, words) for words in WORDS], colour, width)
              for path, colour, width in (("fast", IRIS, 3.2), ("c", IRIS_C, 2))]
    series += [Series(name, [values.get(words) for words in WORDS], PEERS[name], dash="5 3")
               for name, values in peers.ROUND_TRIPS.items()]
    goals = [(WORDS.index(int(str(goal.where["words"]))), goal.goal) for goal in GOALS
             if goal.name == "ipc_roundtrip" and goal.where["path"] == "fast"]
    return line_chart("Round trip by words", [str(words) for words in WORDS], series,
                      logarithmic=True, axis="words (63: others 63 or 64)", goals=goals, height=430)


def round_trip_table(figures: Figures) -> tuple[list[int], list[tuple[str, list[str]]]]:
    """Every way, part and length."""
    lengths = sorted({int(str(trip.parameters["words"])) for trip in figures.find("ipc_roundtrip")})
    rows = []
    for path, name in PATHS.items():
        for spaces in (2, 1):
            for part in ("total", "kernel", "user"):
                values = [figures.value("ipc_roundtrip", words=words, spaces=spaces, path=path,
                                        part=part) for words in lengths]
                label = f"{name}, {'two spaces' if spaces == 2 else 'one space'}, {part}"
                rows.append((label, ["" if value is None else f"{value:,}" for value in values]))
    return lengths, rows


def bar_plot(title: str, own: tuple[float | None, ...], others: dict[str, tuple[int, int]],
             names: tuple[str, str]) -> str:
    """Two parts of a round trip at 0 words."""
    rows = [("Iris", [value or 0 for value in own], IRIS),
            *((name, list(values), PEERS[name]) for name, values in others.items())]
    return bars(title, rows, parts_named=names)


def event_rows(figures: Figures) -> list[tuple[str, ...]]:
    """Per round trip at 0 words between two spaces."""
    def own(events: tuple[str, ...], path: str) -> str:
        values = [figures.value("ipc_events", event=event, words=0, spaces=2, path=path)
                  for event in events]
        return "" if None in values else f"{sum(value or 0 for value in values):,}"
    rows = [("instructions, kernel", *(_part(figures, path, "kernel") for path in PATHS),
             "134", "155", "456"),
            ("instructions, user", *(_part(figures, path, "user") for path in PATHS),
             "35", "6", "9")]
    return rows + [(name, *(own(events, path) for path in PATHS), *others)
                   for name, events, *others in peers.EVENTS]


def _part(figures: Figures, path: str, part: str) -> str:
    value = figures.value("ipc_roundtrip", words=0, spaces=2, path=path, part=part)
    return "" if value is None else f"{value:,}"


def other_plots(figures: Figures) -> list[tuple[str, str]]:
    """One small plot for each thing that somebody else has a figure of."""
    plots = []
    for title, unit, name, where, others in peers.OTHERS:
        found = figures.find(name, **where)
        if not found:
            continue
        goal = found[0].goal
        rows = [("Iris", [found[0].value], IRIS),
                *((peer, [value], PEERS[peer]) for peer, value in others.items())]
        plots.append((f"{title} ({unit})", bars(title, rows, goal=goal and goal.goal,
                                                aim=goal and goal.aim)))
    return plots


def scaling_plots(figures: Figures) -> list[tuple[str, str]]:
    """One small plot for each work, a line for each kind of crowd."""
    works: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for figure in figures.find("scaling_cost", path="fast"):
        parameters = figure.parameters
        works[str(parameters["work"])][str(parameters["kind"])][
            int(str(parameters["count"]))] = figure.value
    plots = []
    for work, kinds in works.items():
        counts = sorted({count for values in kinds.values() for count in values})
        series = [Series(kind.replace("_", " "), [values.get(count) for count in counts],
                         KINDS[kind]) for kind, values in kinds.items()]
        plots.append((work.replace("_", " "), line_chart(
            work, [f"{count:,}" for count in counts], series, width=420, height=230,
            axis="in existence", labels=140)))
    return plots


def call_rows(figures: Figures) -> list[tuple[str, str, str, str]]:
    """What test_calls and the others have measured: fast path on and off side by side."""
    rows: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    skipped = ("ipc_roundtrip", "ipc_events", "scaling", "scaling_cost", "kernel_stay",
               "irq_off_max", "irq_unchecked_max")
    for figure in figures.all:
        if figure.name in skipped:
            continue
        where = " ".join(f"{key}={value}" for key, value in figure.parameters.items()
                         if key != "path")
        rows[figure.name, where][str(figure.parameters.get("path", "fast"))] = figure.shown()
    return [(name, where, values.get("fast", ""), values.get("c", ""))
            for (name, where), values in rows.items()]


def stay_rows(figures: Figures) -> list[dict[str, str]]:
    """The longest stays in the kernel, by entry and call."""
    rows = []
    for stay in figures.find("kernel_stay", part="stay"):
        where = {key: stay.parameters[key] for key in ("work", "entry", "call")}
        stretch = figures.find("kernel_stay", part="unchecked", **where)[0]
        rows.append({"work": str(where["work"]), "entry": str(where["entry"]),
                     "call": str(where["call"]), "stay": f"{stay.value:,}",
                     "unchecked": f"{stretch.value:,}",
                     "profile": str(stretch.info["profile"]).replace(",", ", ")})
    return rows


# ---- The page -------------------------------------------------------------------------------

def commit() -> str:
    """Which tree this was, as far as git can say."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, check=False,
                          capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def write_report(path: Path, found: Iterable[Figure], record: Record) -> None:
    """Make the page."""
    figures = Figures(found)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                                     trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    trips = bool(figures.find("ipc_roundtrip"))
    parts = tuple(figures.value("ipc_roundtrip", words=0, spaces=2, path="fast", part=part)
                  for part in ("kernel", "user"))
    lines = tuple(figures.value("ipc_events", event=event, words=0, spaces=2, path="fast")
                  for event in ("data_lines", "code_lines"))
    lengths, trip_rows = round_trip_table(figures)
    path.write_text(environment.get_template("report.html.j2").render(
        version=(HERE.parents[1] / "VERSION").read_text().strip(), commit=commit(),
        goals=goal_rows(figures), trips=trips, remark=peers.REMARK,
        round_trip_plot=round_trip_plot(figures) if trips else "",
        lengths=lengths, trip_rows=trip_rows, event_rows=event_rows(figures) if trips else [],
        parts_plot=bar_plot("Instructions", parts, peers.PARTS, ("kernel", "user")),
        lines_plot=bar_plot("Lines", lines, peers.LINES, ("data", "code")),
        other_plots=other_plots(figures), scaling_plots=scaling_plots(figures),
        call_rows=call_rows(figures), stay_rows=stay_rows(figures),
        figures=[(figure.key, figure.shown(), record.values.get(figure.key), figure.info)
                 for figure in figures.all]))
