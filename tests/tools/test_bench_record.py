# SPDX-License-Identifier: MIT
"""The check of `make bench`: what fails it, what does not, and what is written down."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.insert(0, str(BENCH))

# pylint: disable=wrong-import-position
from figures import Figure, Record  # noqa: E402
from goals import GOALS, Goal  # noqa: E402

TRIP = {"words": 0, "spaces": 2, "path": "fast", "part": "total"}


def trip(value: float, unit: str = "instructions", **changes: object) -> Figure:
    return Figure("ipc_roundtrip", value, unit, {**TRIP, **changes})


# ---- Against the record ---------------------------------------------------------------------

def test_two_percent_are_let_pass() -> None:
    record = Record({trip(0).key: 100})
    assert record.regression(trip(100)) is None
    assert record.regression(trip(102)) is None
    assert "worse" in (record.regression(trip(103)) or "")


def test_nothing_is_let_pass_of_nothing() -> None:
    record = Record({"ipc_events event=segment_loads": 0})
    assert record.regression(Figure("ipc_events", 1, "", {"event": "segment_loads"}))


def test_better_and_new_are_told_but_pass() -> None:
    record = Record({trip(0).key: 100})
    assert record.regression(trip(90)) is None
    assert record.regression(trip(90, words=7)) is None
    told = record.changes([trip(90), trip(100, words=7), trip(100)])
    assert len(told) == 2 and told[0].endswith("better") and told[1].endswith("new")


def test_parameters_tell_figures_apart_and_their_order_does_not() -> None:
    assert trip(1, words=1).key != trip(1, words=2).key
    turned = Figure("ipc_roundtrip", 1, "", dict(reversed(TRIP.items())))
    assert turned.key == trip(1).key


def test_the_clock_on_the_wall_is_not_compared() -> None:
    record = Record({"boot_to_prompt of=iris": 1.0})
    seconds = Figure("boot_to_prompt", 9.0, "s", {"of": "iris"})
    assert record.regression(seconds) is None and not record.changes([seconds])
    assert not Record({}).refreshed([seconds], whole=True).values


def test_what_is_missing_is_told() -> None:
    record = Record({trip(0).key: 100, "notify": 90})
    assert record.missing([trip(100)]) == ["notify"]


def test_refreshing(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    Record({trip(0).key: 100, "notify": 90}).refreshed([trip(120)], whole=False).write(path)
    assert Record.read(path).values == {trip(0).key: 120, "notify": 90}
    Record.read(path).refreshed([trip(80)], whole=True).write(path)
    assert Record.read(path).values == {trip(0).key: 80}


# ---- Against the goals ----------------------------------------------------------------------

def test_a_must() -> None:
    assert trip(110).miss() is None
    assert "must be at most 110" in (trip(111).miss() or "")
    assert trip(1000, part="kernel").miss() is None  # no goal speaks about a part
    assert trip(451, path="c").miss() and not trip(450, path="c").miss()


def test_a_wish_is_no_must() -> None:
    late = Figure("boot_to_prompt", 9.0, "s", {"of": "iris"})
    assert late.goal is not None and late.miss() is None


def test_verdicts() -> None:
    goal = Goal("x", 10, 5)
    assert [goal.verdict(value) for value in (5, 6, 10, 11)] == ["aim", "ok", "ok", "MISSED"]


def test_no_two_goals_for_one_figure() -> None:
    seen = {(goal.name, json.dumps(goal.where, sort_keys=True)) for goal in GOALS}
    assert len(seen) == len(GOALS)


def test_the_record_has_every_exact_goal() -> None:
    """A figure that a goal speaks about was measured when the record was made."""
    keys = Record.read(BENCH / "expected.json").values
    for goal in GOALS:
        if goal.name in ("boot_to_prompt", "irq_off_max"):
            continue
        words = {goal.name, *(f"{name}={value}" for name, value in goal.where.items())}
        assert any(words <= set(key.split()) for key in keys), goal


# ---- A whole run ----------------------------------------------------------------------------

TESTS = """
def test_fast(figure):
    figure("notify", {notify}, "instructions", waiting="nobody", path="fast")
    figure("null_call", {null_call}, "instructions")
def test_slow(figure):
    figure("boot_to_prompt", 9.9, "s", of="iris")
"""


@pytest.fixture
def bench(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of its own with the machinery of tests/bench and tests that make figures up."""
    monkeypatch.setenv("PYTHONPATH", str(BENCH.parents[1] / "harness"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    folder = pytester.path / "tests" / "bench"
    folder.mkdir(parents=True)
    (pytester.path / "VERSION").write_text("0\n")
    for path in BENCH.iterdir():
        if path.is_file() and not path.name.startswith("test_") and path.name != "expected.json":
            shutil.copy(path, folder)
    return folder


def run(pytester: pytest.Pytester, bench: Path, *options: str, notify: int = 100,
        null_call: int = 50) -> pytest.RunResult:
    (bench / "test_made_up.py").write_text(TESTS.format(notify=notify, null_call=null_call))
    return pytester.runpytest_subprocess("-p", "iris_harness.plugin", f"--rootdir={pytester.path}",
                                         "-p", "no:cacheprovider", str(bench), *options)


def test_a_run_that_passes(pytester: pytest.Pytester, bench: Path) -> None:
    assert run(pytester, bench, "--expected=update").ret == 0
    assert Record.read(bench / "expected.json").values == {
        "notify path=fast waiting=nobody": 100, "null_call": 50}
    result = run(pytester, bench, null_call=40)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*EXPECTED=update*",
                                 "null_call is 40 instructions, was 50: better"])
    page = (pytester.path / "build/bench/report.html").read_text()
    assert "null_call" in page and not re.search(r"https?:|src=|@import|url\(", page)
    lines = (pytester.path / "build/bench/results.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["parameters"] == {"path": "fast", "waiting": "nobody"}


def test_a_run_that_got_worse(pytester: pytest.Pytester, bench: Path) -> None:
    run(pytester, bench, "--expected=update")
    result = run(pytester, bench, null_call=52)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*null_call is 52 instructions, was 50: worse*"])
    result.assert_outcomes(failed=1, passed=1)
    assert run(pytester, bench, "--expected=update", null_call=52).ret == 0
    assert run(pytester, bench, null_call=52).ret == 0


def test_a_run_that_misses_a_must(pytester: pytest.Pytester, bench: Path) -> None:
    """Refreshing the record does not help. What is measured after it is measured all the same."""
    result = run(pytester, bench, "--expected=update", notify=121)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*is 121 instructions, must be at most 120*"])
    assert "null_call" in Record.read(bench / "expected.json").values


def test_a_run_that_measures_less(pytester: pytest.Pytester, bench: Path) -> None:
    run(pytester, bench, "--expected=update")
    record = Record.read(bench / "expected.json")
    record.values["gone"] = 1
    record.write(bench / "expected.json")
    result = run(pytester, bench)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*in expected.json, but not measured*", "gone"])
    assert run(pytester, bench, "-k", "fast").ret == 0  # asked for less
