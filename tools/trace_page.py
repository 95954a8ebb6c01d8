#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Messages of a command as a sequence diagram.

usage: trace_page.py [--image ISO] [--out DIR] COMMAND      boots, runs `trace -a -n COMMAND`
       trace_page.py --read FILE [--out DIR] [TITLE]        draws what trace printed before

Writes trace.txt and index.html, a page without anything from elsewhere: a lifeline for each thread,
time downwards, arrows for calls, replies, sends, events and faults. The bars on the lifelines show
who ran and, by their colour, on whose budget: a server that works for a caller has the caller's
colour.
"""
from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = re.compile(r"\[ *(?P<time>\d+\.\d{6})\] (?P<thread>\S+) +(?P<event>\w+)"
                    r"(?: +(?P<rest>.*))?")
FIELD = re.compile(r"\b(receiver|from|budget|to|thread|line|bits|address|words|handles|buffers"
                   r"|reason)=(\S+)")
KERNEL = "kernel"
ARROWS = {"call", "reply", "send", "event"}
ROWS = ARROWS | {"queue", "fault", "exception", "notify", "interrupt", "switch", "thread_exit"}
COLOURS = ("#4477aa", "#cc6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee8866", "#777777",
           "#332288", "#999933", "#117733", "#882255")
LEFT, TOP, COLUMN, ROW, SMALL, BAR = 90, 64, 150, 22, 7, 12
STYLE = """
body { font-family: sans-serif; margin: 16px; color: #222; background: #fff }
svg text { font-size: 11px; fill: #222 } .name { font-weight: bold; text-anchor: middle }
.time { font-size: 10px; fill: #888; text-anchor: end } .lifeline { stroke: #bbb }
.call { stroke: #222 } .reply { stroke: #222; stroke-dasharray: 5 3 }
.send { stroke: #06c } .event { stroke: #a50 } .fault, .exception { stroke: #c00 }
.notify, .interrupt { stroke: #a50; stroke-dasharray: 2 2 } .switch { stroke: #bbb }
.queue { stroke: #c80 } .thread_exit { stroke: #000 } .note { fill: #666; font-style: italic }
line.arrow { marker-end: url(#head) }
.legend span { display: inline-block; margin: 0 14px 6px 0 }
.legend i { display: inline-block; width: 12px; height: 12px; margin-right: 4px }
"""


@dataclass
class Record:
    """One line of `trace`."""

    time: float
    thread: str
    event: str
    rest: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Where its arrow begins."""
        if self.event in ("event", "interrupt"):
            return KERNEL
        return self.fields.get("from", self.thread)

    @property
    def target(self) -> str | None:
        """Where its arrow ends; None: it has no other end."""
        match self.event:
            case "call" | "reply" | "send" | "event":
                return self.fields.get("receiver")
            case "switch":
                return self.fields.get("to")
            case "interrupt":
                return self.thread
            case "fault" | "exception" | "notify" | "queue":
                return KERNEL
        return None

    @property
    def label(self) -> str:
        """What is written on the arrow: method, error, event."""
        words = [word for word in self.rest.split() if "=" not in word]
        if self.event in ("call", "send", "event", "queue") and words:
            words = words[1:]  # the port; the receiver is at the arrow's end
        text = " ".join(words)
        if self.event in ("fault", "exception", "interrupt", "notify", "thread_exit"):
            detail = [f"{key}={value}" for key, value in self.fields.items()
                      if key in ("address", "line", "bits", "reason")]
            text = " ".join([self.event.replace("_", " "), *detail])
        if self.event in ("queue", "send"):
            text = f"{self.event} {text}"
        counts = [self.fields[key] + key[0] for key in ("words", "handles", "buffers")
                  if self.fields.get(key, "0") != "0"]
        return f"{text} {' '.join(counts)}".strip()

    @property
    def title(self) -> str:
        """The whole line, for who points at it."""
        return f"[{self.time:.6f}] {self.thread} {self.event} {self.rest}"


def parse(lines: Iterable[str]) -> list[Record]:
    """Records of a trace; other lines (what the command itself printed) are skipped."""
    records = []
    for line in lines:
        if match := RECORD.fullmatch(line.rstrip()):
            rest = match["rest"] or ""
            records.append(Record(float(match["time"]), match["thread"], match["event"], rest,
                                  dict(FIELD.findall(rest))))
    return records


@dataclass
class Bar:
    """A thread ran for a while, on somebody's budget."""

    thread: str
    budget: str
    begin: int
    end: int


class Diagram:
    """Where everything is on the page."""

    def __init__(self, records: list[Record], title: str) -> None:
        self.records = records
        self.title = title
        self.height: list[int] = []  # of each record, from the top
        y = TOP
        for record in records:
            y += ROW if record.event in ROWS else SMALL
            self.height.append(y)
        self.bottom = y + ROW
        self.threads = self._threads()
        self.x = {name: LEFT + COLUMN // 2 + i * COLUMN for i, name in enumerate(self.threads)}
        self.bars = self._bars()
        budgets = list(dict.fromkeys(bar.budget for bar in self.bars))
        self.colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(budgets)}

    def _threads(self) -> list[str]:
        """Lifelines in the order in which they matter; the kernel's, if any, is the last."""
        names: dict[str, None] = {}
        for record in self.records:
            for name in (record.source, record.thread, record.target):
                if name is not None:
                    names[name] = None
        kernel = [KERNEL] if KERNEL in names else []
        return [name for name in names if name != KERNEL] + kernel

    def _bars(self) -> list[Bar]:
        """One thread runs at a time: the next record's, from the record before it on."""
        bars: list[Bar] = []
        above = TOP
        for record, y in zip(self.records, self.height):
            budget = record.fields.get("budget", record.thread)
            if record.event == "switch":  # its budget is the next one's
                budget = bars[-1].budget if bars and bars[-1].thread == record.thread \
                    else record.thread
            last = bars[-1] if bars else None
            if last and last.thread == record.thread and last.budget == budget:
                last.end = y
            else:
                bars.append(Bar(record.thread, budget, above, y))
            above = y
        return bars

    # ---- drawing --------------------------------------------------------------------------------

    def _head(self) -> list[str]:
        lines = []
        for name in self.threads:
            lines.append(f'<text class="name" data-thread="{escape(name)}" x="{self.x[name]}" '
                         f'y="{TOP - 30}">{escape(name)}</text>')
            lines.append(f'<line class="lifeline" x1="{self.x[name]}" x2="{self.x[name]}" '
                         f'y1="{TOP - 22}" y2="{self.bottom}"/>')
        return lines

    def _bar(self, bar: Bar) -> str:
        return (f'<rect class="bar" data-thread="{escape(bar.thread)}" '
                f'data-budget="{escape(bar.budget)}" x="{self.x[bar.thread] - BAR // 2}" '
                f'y="{bar.begin}" width="{BAR}" height="{bar.end - bar.begin}" '
                f'fill="{self.colour[bar.budget]}"><title>{escape(bar.thread)} on the budget of '
                f'{escape(bar.budget)}</title></rect>')

    def _dot(self, record: Record, y: int) -> str:
        return (f'<circle class="syscall" cx="{self.x[record.thread]}" cy="{y - 3}" r="2" '
                f'fill="#fff"><title>{escape(record.title)}</title></circle>')

    def _arrow(self, record: Record, y: int) -> str:
        begin, target = self.x[record.source], record.target
        end = self.x[target] if target is not None else begin
        text = (f'<text class="{"note" if record.event == "switch" else "label"}" '
                f'x="{min(begin, end) + BAR}" y="{y - 3}">{escape(record.label)}</text>')
        if begin == end:
            return f'{text}<circle class="{record.event}" cx="{begin}" cy="{y}" r="4"/>'
        inward = BAR // 2 if end > begin else -BAR // 2
        return (f'<line class="arrow {record.event}" data-from="{escape(record.source)}" '
                f'data-to="{escape(str(target))}" x1="{begin + inward}" x2="{end - inward}" '
                f'y1="{y}" y2="{y}"/>{text}')

    def _rows(self) -> list[str]:
        lines = []
        for record, y in zip(self.records, self.height):
            if record.event not in ROWS:
                lines.append(self._dot(record, y))
                continue
            since = (record.time - self.records[0].time) * 1e6
            lines.append(f'<g class="row {record.event}"><title>{escape(record.title)}</title>'
                         f'<text class="time" x="{LEFT - 20}" y="{y}">{since:.0f} µs</text>'
                         f'{self._arrow(record, y)}</g>')
        return lines

    def _legend(self) -> str:
        items = [f'<span data-budget="{escape(name)}"><i style="background:{colour}"></i>'
                 f'{escape(name)}</span>' for name, colour in self.colour.items()]
        return f'<p class="legend">Bars: who runs, coloured by whose budget. {"".join(items)}</p>'

    def page(self) -> str:
        """The whole page."""
        width = LEFT + COLUMN * max(1, len(self.threads)) + 20
        svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
               f'height="{self.bottom + 8}">',
               '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
               'markerHeight="7" orient="auto"><path d="M0 0 L10 5 L0 10 z"/></marker></defs>',
               *self._head(), *map(self._bar, self.bars), *self._rows(), "</svg>"]
        messages = sum(record.event in ARROWS for record in self.records)
        return "\n".join([
            "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8"/>',
            f"<title>trace: {escape(self.title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(self.title)}</h1>",
            f"<p>{len(self.records)} records, {messages} messages, {len(self.threads)} lifelines. "
            "Solid arrows are calls, dashed ones replies; small dots on a bar are kernel calls. "
            "Point at anything for its line of the trace. w, h, b: words, handles, buffers.</p>",
            self._legend(), *svg, "</body></html>", ""])


def boot(image: Path, command: str) -> list[str]:
    """Runs the command under `trace` in QEMU; what it printed."""
    sys.path.insert(0, str(ROOT / "harness"))
    from iris_harness.dut import UnlaunchedDut  # pylint: disable=import-outside-toplevel
    dut = UnlaunchedDut(image).launch()
    try:
        dut.shell.wait_prompt(120)
        return dut.shell.exec(f"trace -a -n {command}", 120).lines
    finally:
        dut.close()


def write(lines: list[str], title: str, out: Path) -> int:
    """Both files. The number of records."""
    records = parse(lines)
    out.mkdir(parents=True, exist_ok=True)
    (out / "trace.txt").write_text("\n".join(lines) + "\n")
    if records:
        (out / "index.html").write_text(Diagram(records, title).page())
    return len(records)


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--image", type=Path, default=ROOT / "build" / "debug" / "iris.iso")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "trace")
    parser.add_argument("--read", type=Path, metavar="FILE")
    parser.add_argument("command", nargs="*")
    options = parser.parse_args()
    command = " ".join(options.command)
    if not command and options.read is None:
        parser.error("which command? make trace CMD='ls'")
    lines = options.read.read_text().splitlines() if options.read else boot(options.image, command)
    count = write(lines, command or options.read.name, options.out)
    if count == 0:
        print("\n".join(lines), file=sys.stderr)
        print("trace_page: no record of a trace in this", file=sys.stderr)
        return 1
    print(f"{options.out / 'index.html'}: {count} records")
    return 0


if __name__ == "__main__":
    sys.exit(main())
