# SPDX-License-Identifier: MIT
"""Plots as SVG, for a page that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, SOFT, GRID = "#1f2430", "#667085", "#e4e7ec"
MUST, AIM = "#d92d20", "#079455"
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


# ---- Lines ----------------------------------------------------------------------------------

@dataclass
class Axes:
    """Where things lie in a plot of lines: places from left to right, values upwards."""

    left: float
    right: float
    top: float
    bottom: float
    places: Sequence[str]
    low: float
    high: float
    logarithmic: bool

    def x_of(self, index: int) -> float:
        """Of a place."""
        return self.left + (self.right - self.left) * index / max(1, len(self.places) - 1)

    def y_of(self, value: float) -> float:
        """Of a value."""
        share = (math.log(value / self.low) / math.log(self.high / self.low) if self.logarithmic
                 else (value - self.low) / (self.high - self.low))
        return self.bottom - (self.bottom - self.top) * share

    def grid(self, name: str) -> list[str]:
        """Lines across, and what they and the places are."""
        parts = []
        for tick in ticks(self.low, self.high, self.logarithmic):
            y = self.y_of(tick)
            parts += [line(self.left, y, self.right, y),
                      text(self.left - 8, y + 4, f"{tick:,.0f}", anchor="end", size=11)]
        parts += [text(self.x_of(index), self.bottom + 18, place, anchor="middle", size=11)
                  for index, place in enumerate(self.places)]
        middle = (self.left + self.right) / 2
        return [*parts, text(middle, self.bottom + 38, name, anchor="middle", size=11)]

    def points(self, one: Series) -> list[tuple[float, float, float]]:
        """Where a series goes: x, y and the value."""
        return [(self.x_of(index), self.y_of(value), value)
                for index, value in enumerate(one.values) if value is not None]

    def draw(self, one: Series) -> list[str]:
        """A series: a line with dots."""
        points = self.points(one)
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        dash = f' stroke-dasharray="{one.dash}"' if one.dash else ""
        dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{one.width + 0.8:.1f}" fill="{one.colour}">'
                f"<title>{escape(one.name)}: {value:,}</title></circle>" for x, y, value in points]
        return [f'<polyline points="{way}" fill="none" stroke="{one.colour}" '
                f'stroke-width="{one.width}" stroke-linejoin="round"{dash}/>', *dots]

    def names(self, series: Sequence[Series]) -> list[str]:
        """The name and last value of each series at its end."""
        ends = [self.points(one)[-1] for one in series]
        parts = []
        for one, (x, y, value), place in zip(series, ends, spread([y for _, y, _ in ends],
                                                                  self.bottom)):
            parts += [line(x + 4, y, self.right + 12, place, one.colour),
                      text(self.right + 16, place + 4, f"{one.name}  {value:,.0f}",
                           colour=one.colour, weight=700 if one.width > 2 else 500)]
        return parts


def line_chart(title: str, places: Sequence[str], series: Sequence[Series], *,
               width: float = 860, height: float = 380, logarithmic: bool = False,
               axis: str = "", goals: Sequence[tuple[int, float]] = (),
               labels: float = 170) -> str:
    """Lines over evenly spaced places, each named at its end. `goals`: (place, value) to mark."""
    series = [one for one in series if any(value is not None for value in one.values)]
    values = [value for one in series for value in one.values if value is not None]
    low, high = (min(values) / 1.25, max(values) * 1.15) if logarithmic else (0, max(values) * 1.15)
    axes = Axes(52, width - labels, 18, height - 44, places, low, high, logarithmic)
    marks = [f'<path d="M{axes.x_of(place) - 9:.1f} {axes.y_of(value):.1f}h18" stroke="{MUST}" '
             f'stroke-width="2.5"><title>must: {value:,}</title></path>' for place, value in goals]
    drawn = [part for one in series for part in axes.draw(one)]
    return frame(width, height, [*axes.grid(axis), *marks, *drawn, *axes.names(series)], title)


# ---- Bars -----------------------------------------------------------------------------------

SHADES = (1.0, 0.45)  # of the parts of a bar
ROW = 26.0


def bar(x: float, y: float, scale: float, values: Sequence[float], colour: str,
        name: str) -> list[str]:
    """One bar of several parts, with its numbers."""
    parts = []
    for value, shade in zip(values, SHADES):
        length = max(value * scale, 1)
        parts.append(f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="{length:.1f}" height="16" '
                     f'fill="{colour}" opacity="{shade}" rx="1.5">'
                     f"<title>{escape(name)}: {value:,}</title></rect>")
        x += length
    shown = " + ".join(f"{value:,}" for value in values)
    return [*parts, text(x + 6, y + 16, shown, size=11.5, colour=INK)]


def bars(title: str, rows: Sequence[tuple[str, Sequence[float], str]], *, width: float = 420,
         parts_named: Sequence[str] = (), goal: float | None = None,
         aim: float | None = None) -> str:
    """Horizontal bars (name, parts, colour); the parts of one row lie end to end, ever paler."""
    left, right, top = 150.0, width - 70, 26.0 if parts_named else 8.0
    scale = (right - left) / max([sum(values) for _, values, _ in rows] + [goal or 0])
    low = top + ROW * len(rows)
    parts = []
    for index, (name, shade) in enumerate(zip(parts_named, SHADES)):
        parts += [f'<rect x="{left + index * 90:.0f}" y="6" width="10" height="10" fill="{INK}" '
                  f'opacity="{shade}"/>', text(left + 15 + index * 90, 15, name, size=11)]
    for index, (name, values, colour) in enumerate(rows):
        y = top + index * ROW
        parts += [text(left - 8, y + 16, name, anchor="end", colour=INK),
                  *bar(left, y, scale, values, colour, name)]
    for value, name, colour, side in ((goal, "must", MUST, "start"), (aim, "aim", AIM, "end")):
        if value is not None:
            x = left + scale * value
            parts += [line(x, top, x, low + 4, colour, "3 3"),
                      text(x + (4 if side == "start" else -4), low + 15, f"{name} {value:,}",
                           anchor=side, size=10.5)]
    return frame(width, low + (20 if goal else 6), parts, title)
