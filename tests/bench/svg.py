# SPDX-License-Identifier: MIT
"""Plots as SVG, for a page that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, SOFT, GRID = "#1f2430", "#667085", "#e4e7ec"
LABEL_HEIGHT = 15


@dataclass
class Series:
    """One line: a value for each place, or None."""

    name: str
    values: Sequence[float | None]
    colour: str
    width: float = 1.8
    dash: str = ""


def text(x: float, y: float, content: str, *, anchor: str = "start", size: float = 12,
         colour: str = SOFT, weight: int = 400) -> str:
    """A line of text."""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}" font-weight="{weight}">{escape(content)}</text>')


def line(x1: float, y1: float, x2: float, y2: float, colour: str = GRID, dash: str = "") -> str:
    """A thin line."""
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
            + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")


def frame(width: float, height: float, parts: list[str], title: str) -> str:
    """The picture; it shrinks with the window."""
    return (f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
            f'aria-label="{escape(title, quote=True)}">' + "".join(parts) + "</svg>")


def spread(wanted: list[float], high: float) -> list[float]:
    """Places for labels: near where they are wanted, but not on top of each other."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    for before, index in zip([None, *order], order):
        if before is not None:
            places[index] = max(places[index], places[before] + LABEL_HEIGHT)
    for after, index in zip([None, *reversed(order)], reversed(order)):
        limit = high if after is None else places[after] - LABEL_HEIGHT
        places[index] = min(places[index], limit)
    return places


def ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    """Round numbers between."""
    if logarithmic:
        return [factor * 10 ** power for power in range(int(math.log10(low)) - 1,
                                                        int(math.log10(high)) + 1)
                for factor in (1, 2, 5) if low <= factor * 10 ** power <= high]
    step = 10 ** math.floor(math.log10(high / 4 or 1))
    step = next(step * factor for factor in (1, 2, 2.5, 5, 10) if high / (step * factor) <= 5)
    return [step * index for index in range(int(high / step) + 1)]


def line_chart(title: str, places: Sequence[str], series: Sequence[Series], *,
               width: float = 860, height: float = 380, logarithmic: bool = False,
               axis: str = "", goals: Sequence[tuple[int, float]] = (),
               labels: float = 170) -> str:
    """Lines over evenly spaced places, each named at its end. `goals`: (place, value) to mark."""
    left, right, top, bottom = 52.0, width - labels, 18.0, height - 44
    values = [value for one in series for value in one.values if value is not None]
    low, high = (min(values) / 1.25, max(values) * 1.15) if logarithmic else (0, max(values) * 1.15)

    def x_of(index: int) -> float:
        return left + (right - left) * index / max(1, len(places) - 1)

    def y_of(value: float) -> float:
        share = (math.log(value / low) / math.log(high / low) if logarithmic
                 else (value - low) / (high - low))
        return bottom - (bottom - top) * share

    parts = []
    for tick in ticks(low, high, logarithmic):
        parts.append(line(left, y_of(tick), right, y_of(tick)))
        parts.append(text(left - 8, y_of(tick) + 4, f"{tick:,.0f}", anchor="end", size=11))
    for index, place in enumerate(places):
        parts.append(text(x_of(index), bottom + 18, place, anchor="middle", size=11))
    parts.append(text((left + right) / 2, height - 6, axis, anchor="middle", size=11))
    for place, value in goals:
        parts.append(f'<path d="M{x_of(place) - 9:.1f} {y_of(value):.1f}h18" stroke="#d92d20" '
                     f'stroke-width="2.5"><title>must: {value:,}</title></path>')
    ends = []
    for one in series:
        points = [(x_of(i), y_of(v), v) for i, v in enumerate(one.values) if v is not None]
        if not points:
            continue
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        dash = f' stroke-dasharray="{one.dash}"' if one.dash else ""
        parts.append(f'<polyline points="{way}" fill="none" stroke="{one.colour}" '
                     f'stroke-width="{one.width}" stroke-linejoin="round"{dash}/>')
        for x, y, value in points:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{one.width + 0.8:.1f}" '
                         f'fill="{one.colour}"><title>{escape(one.name)}: {value:,}</title>'
                         "</circle>")
        ends.append((points[-1], one))
    heights = spread([point[1] for point, _ in ends], bottom)
    for (point, one), y in zip(ends, heights):
        parts.append(line(point[0] + 4, point[1], right + 12, y, one.colour))
        parts.append(text(right + 16, y + 4, f"{one.name}  {point[2]:,.0f}", colour=one.colour,
                          weight=700 if one.width > 2 else 500))
    return frame(width, height, parts, title)


def bars(title: str, rows: Sequence[tuple[str, Sequence[float], str]], *, width: float = 420,
         parts_named: Sequence[str] = (), goal: float | None = None, aim: float | None = None) -> str:
    """Horizontal bars (name, parts, colour); the parts of one row lie end to end, ever paler."""
    left, row_height, top = 150.0, 26.0, 8.0 if not parts_named else 26.0
    right = width - 70
    most = max([sum(values) for _, values, _ in rows] + [goal or 0])
    height = top + row_height * len(rows) + (20 if goal else 6)
    shades = (1.0, 0.45, 0.25)
    parts = []
    for index, name in enumerate(parts_named):
        parts.append(f'<rect x="{left + index * 90:.0f}" y="6" width="10" height="10" '
                     f'fill="{INK}" opacity="{shades[index]}"/>')
        parts.append(text(left + 15 + index * 90, 15, name, size=11))
    for index, (name, values, colour) in enumerate(rows):
        y, x = top + index * row_height, left
        parts.append(text(left - 8, y + 16, name, anchor="end", colour=INK))
        for part, value in enumerate(values):
            length = (right - left) * value / most
            parts.append(f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="{max(length, 1):.1f}" '
                         f'height="16" fill="{colour}" opacity="{shades[part]}" rx="1.5">'
                         f"<title>{escape(name)}: {value:,}</title></rect>")
            x += length
        shown = " + ".join(f"{value:,}" for value in values)
        parts.append(text(x + 6, y + 16, shown, size=11.5, colour=INK))
    for value, name, side in ((goal, "must", "start"), (aim, "aim", "end")):
        if value is not None and value <= most:
            x = left + (right - left) * value / most
            low = top + row_height * len(rows)
            parts.append(line(x, top, x, low + 4, "#d92d20" if name == "must" else "#079455", "3 3"))
            parts.append(text(x + (4 if name == "must" else -4), low + 15, f"{name} {value:,}",
                              anchor=side, size=10.5))
    return frame(width, height, parts, title)
