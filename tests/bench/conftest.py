# SPDX-License-Identifier: MIT
"""What the benchmarks share: figures with their goals, and machines that count instructions.

Each figure is a line in build/bench/results.jsonl, a row of the tables at the end and of
build/bench/report.html. A test fails when one of its figures misses a goal that must be reached, or
is worse than expected.json says; it is measured to its end all the same.
"""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from figures import Figure, Record
from iris_harness.dut import UnlaunchedDut
from iris_harness.image import Image
from machine import Counted
from report import write_report
from tables import figure_rows, round_trip_rows, write_table

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected.json"
PATIENCE = 120.0  # seconds of silence: the host may be busy, and counting is slow
CHANGES_SHOWN = 24
FIGURES = pytest.StashKey[list[Figure]]()
PROBLEMS = pytest.StashKey[list[str]]()
RECORD = pytest.StashKey[Record]()


# ---- pytest's hooks -------------------------------------------------------------------------

def pytest_addoption(parser: pytest.Parser) -> None:
    """`make bench EXPECTED=update`."""
    parser.addoption("--expected", choices=["check", "update"], default="check",
                     help="compare figures with tests/bench/expected.json, or rewrite it")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing measured yet."""
    config.stash[FIGURES] = []
    config.stash[RECORD] = Record.read(EXPECTED)


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, None]:
    """A test that went well fails if its figures are not what they must be."""
    pyfuncitem.stash[PROBLEMS] = []
    outcome = yield
    outcome.get_result()
    problems = pyfuncitem.stash[PROBLEMS]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def is_update(config: pytest.Config) -> bool:
    """Whether the record is to be rewritten."""
    return config.getoption("--expected", "check") == "update"


def is_whole(config: pytest.Config) -> bool:
    """Whether everything was to be measured."""
    return not config.getoption("keyword") and not config.getoption("markexpr") and all(
        Path(argument).resolve() == HERE for argument in config.args)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Report and record; a whole run fails when something recorded was not measured."""
    config, figures = session.config, session.config.stash[FIGURES]
    if not figures:
        return
    build = config.rootpath / "build/bench"
    build.mkdir(parents=True, exist_ok=True)
    write_report(build / "report.html", figures, config.stash[RECORD])
    if is_update(config):
        config.stash[RECORD].refreshed(figures, is_whole(config)).write(EXPECTED)
    elif exitstatus == 0 and is_whole(config) and config.stash[RECORD].missing(figures):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    """Round trips by length, then whatever has a goal or stands alone; then what has changed."""
    figures = config.stash[FIGURES]
    if not figures:
        return
    trips = [found for found in figures if found.name == "ipc_roundtrip"]
    if trips:
        terminalreporter.section("round trips: instructions by number of words")
        write_table(terminalreporter.write_line, round_trip_rows(trips))
    terminalreporter.section("figures (all are in results.jsonl and report.html)")
    write_table(terminalreporter.write_line, figure_rows(figures))
    write_changes(terminalreporter, config, figures)
    terminalreporter.write_line(f"report: {config.rootpath / 'build/bench/report.html'}")


def write_changes(terminalreporter: pytest.TerminalReporter, config: pytest.Config,
                  figures: list[Figure]) -> None:
    """Against expected.json."""
    if is_update(config):
        terminalreporter.write_line(f"{EXPECTED} was rewritten")
        return
    record = config.stash[RECORD]
    changes = record.changes(figures)
    if changes:
        terminalreporter.section("better than expected.json, or new; refresh it by "
                                 "`make bench EXPECTED=update`")
        for change in changes[:CHANGES_SHOWN]:
            terminalreporter.write_line(change)
        if len(changes) > CHANGES_SHOWN:
            terminalreporter.write_line(f"... and {len(changes) - CHANGES_SHOWN} more")
    missing = record.missing(figures) if is_whole(config) else []
    if missing:
        terminalreporter.section("in expected.json, but not measured", red=True)
        for key in missing:
            terminalreporter.write_line(key)


# ---- fixtures -------------------------------------------------------------------------------

@pytest.fixture
def figure(request: pytest.FixtureRequest, log_metric: Callable[..., None]) -> Callable[..., None]:
    """`figure(name, value, unit, info={}, **parameters)` records one and judges it."""
    updating = is_update(request.config)
    record = request.config.stash[RECORD]

    def note(name: str, value: float, unit: str, info: dict[str, object] | None = None,
             **parameters: object) -> None:
        found = Figure(name, value, unit, parameters, info or {})
        log_metric(name, value, unit, **parameters, **found.info)
        request.config.stash[FIGURES].append(found)
        problems = [found.miss(), None if updating else record.regression(found)]
        request.node.stash[PROBLEMS] += [problem for problem in problems if problem]
    return note


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
    """`counted(cmdline="", plugin=["from=...", ...], **changes)` boots a machine that counts
    instructions; `changes` are fields of the machine, as memory=512."""
    number = 0

    def launch(cmdline: str = "", plugin: list[str] | None = None,
               edits: tuple[Callable[[Image], None], ...] = (), **changes: Any) -> Counted:
        nonlocal number
        number += 1
        settings = dataclasses.replace(unlaunched_dut.settings, base_timeout=PATIENCE)
        # Who gathers entropy has a timer: more or less to do for others' switches.
        config = dataclasses.replace(unlaunched_dut, cmdline=cmdline, icount=0, settings=settings,
                                     edits=[lambda image: image.remove_server("random"), *edits],
                                     **changes)
        output = None
        config.extra_args = ["-vga", "none"]  # or the driver draws what the benchmark prints
        if plugin is not None:
            library = request.getfixturevalue("count_plugin")
            output = tmp_path / f"windows{number}"
            config.extra_args += ["-plugin", ",".join([str(library), f"out={output}", *plugin])]
        return Counted(config.launch(), output)
    return launch
