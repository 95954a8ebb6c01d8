# SPDX-License-Identifier: MIT
"""The sequence diagram of a trace: complete, self-contained, and right about who pays."""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "trace_page.py"
# A client calls a server, which asks another; a page fault; a queued call; an interrupt.
CANNED = """\
bin/   what the command printed <itself>
[1.000100] tea.7 fault address=0x401000 ip=0x401000 flags=4 budget=tea.7
[1.000101] tea.7 call service/mem receiver=mem.2 badge=1 its fault words=0 budget=tea.7
[1.000110] mem.2 syscall memory_map(0x24, 0x401000, ...) = 1 budget=tea.7
[1.000120] mem.2 reply receiver=tea.7 ok words=0 budget=tea.7
[1.000200] tea.7 call files receiver=pot.3 badge=2 file.read words=3 buffers=1 budget=tea.7
[1.000210] pot.3 call disk receiver=cup.4 badge=0 disk.get words=1 budget=tea.7
[1.000220] cup.4 reply receiver=pot.3 ENOENT words=0 budget=tea.7
[1.000230] pot.3 interrupt line=4 budget=tea.7
[1.000231] pot.3 event dev/uart receiver=uart.5 badge=0 notification words=3 budget=tea.7
[1.000232] pot.3 switch to=uart.5 budget=uart.5
[1.000240] uart.5 switch to=pot.3 budget=tea.7
[1.000245] low.8 queue files badge=2 file.read words=3 budget=low.8
[1.000250] pot.3 reply receiver=tea.7 ok words=1 budget=tea.7
[1.000260] pot.3 call files receiver=pot.3 badge=2 file.read words=3 from=low.8 budget=pot.3
[1.000270] pot.3 reply receiver=low.8 ok words=1 budget=low.8
[1.000280] tea.7 thread_exit thread=tea.7 reason=0 budget=tea.7
"""


def draw(trace: str, out: Path) -> tuple[str, ElementTree.Element]:
    """The page and its drawing."""
    source = out / "canned.txt"
    source.write_text(trace)
    done = subprocess.run(["/usr/bin/python3", str(TOOL), "--read", str(source), "--out", str(out),
                           "tea & <milk>"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    page = (out / "index.html").read_text()
    return page, ElementTree.fromstring(page[page.index("<svg"):page.index("</svg>") + 6])


def find(svg: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    """Elements whose classes contain a name."""
    return [element for element in svg.iter("{http://www.w3.org/2000/svg}" + tag)
            if name in (element.get("class") or "").split()]


@pytest.fixture(name="page", scope="module")
def fixture_page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ElementTree.Element]:
    """The page of the canned trace."""
    return draw(CANNED, tmp_path_factory.mktemp("trace"))


def test_nothing_from_elsewhere(page) -> None:
    text = page[0].replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|src=|href=|@import|url\((?!#head)", text)
    assert "tea &amp; &lt;milk&gt;" in text


def test_lifelines(page) -> None:
    names = [text.get("data-thread") for text in find(page[1], "text", "name")]
    assert sorted(names) == ["cup.4", "kernel", "low.8", "mem.2", "pot.3", "tea.7", "uart.5"]
    assert names[0] == "tea.7" and names[-1] == "kernel"
    assert len(find(page[1], "line", "lifeline")) == len(names)


def test_arrows(page) -> None:
    def ends(kind: str) -> list[tuple[str | None, str | None]]:
        return [(line.get("data-from"), line.get("data-to"))
                for line in find(page[1], "line", kind)]
    assert ends("call") == [("tea.7", "mem.2"), ("tea.7", "pot.3"), ("pot.3", "cup.4"),
                            ("low.8", "pot.3")]
    assert ends("reply") == [("mem.2", "tea.7"), ("cup.4", "pot.3"), ("pot.3", "tea.7"),
                             ("pot.3", "low.8")]
    assert ends("event") == [("kernel", "uart.5")]
    assert ends("fault") == [("tea.7", "kernel")]
    heights = [float(line.get("y1", "0")) for line in find(page[1], "line", "arrow")]
    assert heights == sorted(heights) and len(set(heights)) == len(heights)
    labels = [text.text for text in find(page[1], "text", "label")]
    assert {"file.read 3w 1b", "ENOENT", "its fault", "disk.get 1w"} <= set(labels)


def test_bars_show_whose_budget(page) -> None:
    bars = [(bar.get("data-thread"), bar.get("data-budget"), bar.get("fill"))
            for bar in find(page[1], "rect", "bar")]
    paid = {(thread, budget) for thread, budget, _ in bars}
    assert {("mem.2", "tea.7"), ("pot.3", "tea.7"), ("cup.4", "tea.7"),
            ("uart.5", "uart.5")} <= paid
    colours = {budget: colour for _, budget, colour in bars}
    assert len(set(colours.values())) == len(colours)
    assert all(colour == colours[budget] for _, budget, colour in bars)
    for budget, colour in colours.items():
        assert f'data-budget="{budget}"><i style="background:{colour}"' in page[0]
    assert len(find(page[1], "circle", "syscall")) == 1


def test_refuses_what_is_no_trace(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("sh: no such command\n")
    done = subprocess.run(["/usr/bin/python3", str(TOOL), "--read", str(tmp_path / "x"), "--out",
                           str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and not (tmp_path / "index.html").exists()


@pytest.mark.qemu_only("the drawing is the same")
def test_real_trace(shell, tmp_path: Path) -> None:
    """`ls` asks the file system on its own time, and ls's pages come on ls's budget."""
    lines = shell.exec("trace -a -n ls /", timeout=60, check=True).lines
    _, svg = draw("\n".join(lines), tmp_path)
    bars = {(re.sub(r"\.\d+$", "", bar.get("data-thread", "")),
             re.sub(r"\.\d+$", "", bar.get("data-budget", "")))
            for bar in find(svg, "rect", "bar")}
    assert {("ls", "ls"), ("bootfs", "ls"), ("mem", "ls"), ("proc", "trace")} <= bars
    calls = find(svg, "line", "call")
    replies = find(svg, "line", "reply")
    assert len(calls) > 20 and abs(len(calls) - len(replies)) <= 6
    labels = {text.text for text in find(svg, "text", "label")}
    assert any((label or "").startswith("file.open") for label in labels)
