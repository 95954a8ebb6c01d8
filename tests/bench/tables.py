# SPDX-License-Identifier: MIT
"""The tables that `make bench` prints."""

from __future__ import annotations

from collections.abc import Callable

from figures import Figure

# Shown only where there is a goal.
MANY = ("ipc_roundtrip", "ipc_events", "scaling_cost", "kernel_stay")


def round_trip_rows(trips: list[Figure]) -> list[tuple[str, ...]]:
    """One row for each way to go, one column for each length."""
    lengths = sorted({int(str(trip.parameters["words"])) for trip in trips})
    ways: dict[str, dict[int, str]] = {}
    for trip in trips:
        way = " ".join(f"{key}={trip.parameters[key]}" for key in ("spaces", "path", "part"))
        ways.setdefault(way, {})[int(str(trip.parameters["words"]))] = f"{trip.value:,}"
    return [("words", *map(str, lengths)),
            *((way, *(values.get(length, "") for length in lengths))
              for way, values in ways.items())]


def figure_row(figure: Figure) -> tuple[str, str, str, str, str]:
    """Name, parameters, value, goal, verdict."""
    shown = " ".join(f"{key}={value}" for key, value in {**figure.parameters, **figure.info}.items()
                     if key != "profile")
    goal = figure.goal
    if goal is None:
        return figure.name, shown, figure.shown(), "", ""
    return (figure.name, shown, figure.shown(), f"{goal.goal:,} / {goal.aim:,}",
            goal.verdict(figure.value) + (" (must)" if goal.must else ""))


def figure_rows(figures: list[Figure]) -> list[tuple[str, ...]]:
    """What has a goal or stands alone; of the ratios of scaling the worst."""
    ratios = [found for found in figures if found.name == "scaling"]
    worst = max(ratios, key=lambda found: found.value, default=None)
    return [("figure", "parameters", "value", "must / aim", ""),
            *(figure_row(found) for found in figures
              if found is worst or (found.name not in MANY if found.goal is None
                                    else found.name != "scaling"))]


def write_table(write_line: Callable[[str], None], rows: list[tuple[str, ...]]) -> None:
    """Columns as wide as they must be; numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
                 for cell, width in zip(row, widths)]
        write_line("  ".join(cells).rstrip())
