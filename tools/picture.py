#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The architecture picture, drawn from what root really starts.

usage: picture.py [--check] [BOOT.CONF] [OUT.svg]

Reads servers/root/boot.conf and writes docs/architecture.svg: one box per server or driver with
what it was given, arrows for the portals, the kernel below, programs above. With --check it only
says whether the picture is up to date.
"""
from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOX_WIDTH, BOX_HEIGHT, GAP, ROW = 150, 84, 24, 150
STYLE = """
text { font-family: sans-serif; font-size: 11px; fill: #222; text-anchor: middle }
.title { font-size: 15px; font-weight: bold }
.server { fill: #e4eefb; stroke: #4a76b0 } .driver { fill: #e8f5e2; stroke: #5b9a3f }
.program { fill: #fdf3d8; stroke: #b9923a } .kernel { fill: #eee; stroke: #555 }
.portal { stroke: #888; fill: none; marker-end: url(#head) }
.border { stroke: #555; stroke-dasharray: 6 4 }
"""


@dataclass
class Server:
    """One `server` line of boot.conf and the lines below it."""
    name: str
    priority: str
    given: list[str] = field(default_factory=list)
    portals: list[str] = field(default_factory=list)
    level: int = 0
    x: int = 0
    y: int = 0

    @property
    def is_driver(self) -> bool:
        """Whether its source is under drivers/."""
        return (ROOT / "drivers" / self.name).is_dir()


def read(path: Path) -> tuple[list[Server], str]:
    """The servers in order of start, and the first program."""
    servers: list[Server] = []
    init = "shell"
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        match words:
            case ["server", name, *rest]:
                servers.append(Server(name, rest[rest.index("priority") + 1]))
            case ["portal", _, name, _]:
                servers[-1].portals.append(name)
            case ["irq", _, number]:
                servers[-1].given.append(f"IRQ {number}")
            case ["io", first, count]:
                last = int(first, 0) + int(count, 0) - 1
                servers[-1].given.append(f"ports {first}" + (f"-{last:#x}" if count != "1" else ""))
            case ["kernel", _]:
                servers[-1].given.append("KERNEL handle")
            case ["memory", _]:
                servers[-1].given.append("MEMORY handle")
            case ["archive"]:
                servers[-1].given.append("boot archive")
            case ["name" | "label", name, *_]:
                servers[-1].given.append(f"“{name}”")
            case ["init", name]:
                init = name
    return servers, init


def place(servers: list[Server]) -> int:
    """Rows by the longest way down along portals; returns the number of rows."""
    by_name = {server.name: server for server in servers}
    for _ in servers:
        for server in servers:
            below = [by_name[name].level + 1 for name in server.portals if name in by_name]
            server.level = max(below, default=0)
    return max(server.level for server in servers) + 1


def box(kind: str, x: int, y: int, width: int, title: str, lines: list[str],
        height: int = BOX_HEIGHT) -> str:
    """A rectangle with a title and small lines."""
    parts = [f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>',
             f'<text class="title" x="{x + width // 2}" y="{y + 20}">{escape(title)}</text>']
    for index, line in enumerate(lines):
        parts.append(f'<text x="{x + width // 2}" y="{y + 36 + 14 * index}">{escape(line)}</text>')
    return "\n".join(parts)


def folded(words: list[str]) -> list[str]:
    """Short lines of several words, so that they fit a box."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < 24:
            lines[-1] += ", " + word
        else:
            lines.append(word)
    return lines[:4]


def draw(servers: list[Server], init: str) -> str:
    """The whole picture."""
    rows = place(servers)
    widest = max(sum(server.level == level for server in servers) for level in range(rows))
    width = widest * (BOX_WIDTH + GAP) + GAP
    top = GAP + BOX_HEIGHT + 40
    parts = []
    for level in range(rows):
        row = [server for server in servers if server.level == level]
        left = (width - len(row) * (BOX_WIDTH + GAP) + GAP) // 2
        for index, server in enumerate(row):
            server.x = left + index * (BOX_WIDTH + GAP)
            server.y = top + (rows - 1 - level) * ROW
            parts.append(box("driver" if server.is_driver else "server", server.x, server.y,
                             BOX_WIDTH, server.name,
                             [f"priority {server.priority}", *folded(server.given)[:3]]))
    by_name = {server.name: server for server in servers}
    for server in servers:
        for name in server.portals:
            if name in by_name:
                to = by_name[name]
                parts.append(f'<path class="portal" d="M{server.x + BOX_WIDTH // 2} '
                             f'{server.y + BOX_HEIGHT} L{to.x + BOX_WIDTH // 2} {to.y - 2}"/>')
    bottom = top + rows * ROW
    parts.append(box("program", GAP, GAP, width - 2 * GAP, f"programs: {init}, and what it starts",
                     ["each a space of its own, with portals to its memory, proc, names, log",
                      "and three files; all calls go through the vDSO the kernel maps"]))
    parts.append(f'<path class="border" d="M0 {bottom - 20} H{width}"/>')
    parts.append(box("kernel", GAP, bottom, width - 2 * GAP, "kernel",
                     ["spaces, threads, budgets, ports, portals, handles, notifications, mappings",
                      "carries messages; no files, no names, no policy, no drivers but timer and "
                      "interrupt controller"]))
    height = bottom + BOX_HEIGHT + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">\n'
            '<!-- SPDX-License-Identifier: MIT. Made by tools/picture.py from boot.conf. -->\n'
            f'<style>{STYLE}</style>\n<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" '
            'markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" '
            'fill="#888"/></marker></defs>\n' + "\n".join(parts) + "\n</svg>\n")


def main(arguments: list[str]) -> int:
    """Writes or checks the picture; 0, or 1 if it is out of date."""
    check = "--check" in arguments
    names = [name for name in arguments if not name.startswith("-")]
    source = Path(names[0]) if names else ROOT / "servers/root/boot.conf"
    target = Path(names[1]) if len(names) > 1 else ROOT / "docs/architecture.svg"
    picture = draw(*read(source))
    if check:
        if target.exists() and target.read_text() == picture:
            return 0
        print(f"{target} is out of date: run tools/picture.py", file=sys.stderr)
        return 1
    target.write_text(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
