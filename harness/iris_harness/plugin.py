# SPDX-License-Identifier: MIT
"""The pytest plugin: fixtures, options, markers, and what happens after each test."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from . import bochs as _bochs  # noqa: F401  (registers itself)
from .dut import Dut, Settings, UnlaunchedDut
from .emulator import emulator_class, stop_all
from .gdb import Gdb
from .metrics import MetricLog
from .options import MARKERS, add_options
from .pool import DutPool
from .qemu import Qemu
from .qmp import Qmp
from .report import add_failure_sections
from .sharing import Programs, boot_arguments, scope, wants_own_boot
from .shell import Shell
from .state import ITEM, LONGEST_STAY, ItemState
from .symbols import load_symbols

BOCHS_SLOWER = 60  # times

_pool = pytest.StashKey[DutPool]()
_programs = pytest.StashKey[Programs]()
_seed = pytest.StashKey[int]()


# ---- pytest's own hooks ---------------------------------------------------------------------

def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, check the options, choose the seed."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    seed = config.getoption("--seed")
    if hasattr(config, "workerinput"):  # an xdist worker uses the seed of the whole run
        seed = config.workerinput["iris_seed"]
    config.stash[_seed] = random.SystemRandom().randrange(2 ** 32) if seed is None else seed
    config.stash[_pool] = DutPool()
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(_XdistHooks())


class _XdistHooks:
    """Only registered where the plugin that calls them exists."""

    @staticmethod
    def pytest_configure_node(node: Any) -> None:
        """Give the seed to a worker."""
        node.workerinput["iris_seed"] = node.config.stash[_seed]


def pytest_report_header(config: pytest.Config) -> str:
    """Say what cannot be seen otherwise."""
    return f"iris: emulators {config.getoption('--emulator')}, seed {config.stash[_seed]}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How long the debug kernels kept interrupts off at worst, and where."""
    longest: dict[str, tuple[int, str, str]] = {}  # each from the first test that saw it
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == LONGEST_STAY:
                emulator, cycles, place = value
                if cycles > longest.get(emulator, (0, "", ""))[0]:
                    longest[emulator] = cycles, place, report.nodeid
    for emulator, (cycles, place, nodeid) in sorted(longest.items()):
        terminalreporter.write_line(f"longest stay in the kernel in {emulator}: {cycles} cycles "
                                    f"(the host's time counts), {place}, in {nodeid}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no emulator behind."""
    if _pool in config.stash:
        config.stash[_pool].close()
    stop_all()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Switch off what still runs, also after Ctrl-C."""
    session.config.stash[_pool].close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a machine once in every emulator it can run in."""
    if "emulator_name" not in metafunc.fixturenames:
        return
    wanted = _emulators(metafunc.config)
    possible = [name for name in wanted if not _excluded(metafunc.definition, name)]
    params: list[Any] = possible or wanted
    metafunc.parametrize("emulator_name", params, indirect=True, scope="module")


def _emulators(config: pytest.Config) -> list[str]:
    names = [name for name in config.getoption("--emulator").split(",") if name]
    for name in names:
        try:
            emulator_class(name)
        except ValueError as error:
            raise pytest.UsageError(f"--emulator: {error}") from error
    return names


def _excluded(item: pytest.Item, emulator: str) -> str | None:
    """Why a test, or one set of its parameters, cannot run in an emulator."""
    for only in ("qemu", "bochs"):
        marker = item.get_closest_marker(f"{only}_only")
        if marker is None:
            continue
        reason = marker.args[0] if marker.args else marker.kwargs.get("reason")
        if not reason:
            raise pytest.UsageError(f"{item.nodeid}: {only}_only needs a reason")
        if emulator != only:
            return f"{only} only: {reason}"
    if (item.get_closest_marker("user_space") and not item.config.getoption("--soak")
            and emulator != _emulators(item.config)[0]):
        return "user space: runs in one emulator, but for --soak"
    if emulator != "qemu":
        for fixture in ("qmp", "gdb"):
            if fixture in getattr(item, "fixturenames", ()):
                return f"qemu only: uses the fixture {fixture}"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip long tests; with `--dist loadgroup`, send sharers of a boot to the same worker."""
    for item in items:
        if item.get_closest_marker("soak") and not config.getoption("--soak"):
            item.add_marker(pytest.mark.skip(reason="long: runs with --soak"))
        callspec = getattr(item, "callspec", None)
        emulator = callspec.params.get("emulator_name") if callspec else None
        if emulator and (reason := _excluded(item, emulator)):  # one set of parameters only
            item.add_marker(pytest.mark.skip(reason=reason))
        if emulator and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(f"{scope(item, emulator)}-{emulator}"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """See which programs the shared boots of this run have to hold."""
    session.config.stash[_programs] = Programs(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test function and judge its machines as part of the test itself."""
    state = pyfuncitem.stash.get(ITEM, None)
    if state is None:
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    pyfuncitem.obj(**arguments)
    state.check()
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show the serial log and the way to run it again with every failure."""
    outcome = yield
    report = outcome.get_result()
    state = item.stash.get(ITEM, None)
    if report.failed:
        if state is not None:
            state.failed = True
        if state is not None or "seed" in getattr(item, "fixturenames", ()):
            add_failure_sections(report, item, state, item.config.stash[_seed])


# ---- fixtures -------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def emulator_name(request: pytest.FixtureRequest) -> str:
    """The emulator this test runs in."""
    return getattr(request, "param", None) or _emulators(request.config)[0]


@pytest.fixture
def _iris(request: pytest.FixtureRequest, emulator_name: str) -> Generator[ItemState, None, None]:
    """The machines of this test and their common log."""
    directory = request.config.getoption("--serial-logs")
    logs = Path(directory) if directory else request.config.rootpath / "build/test/logs"
    state = ItemState(request.node, logs, request.config.stash[_pool])
    request.node.stash[ITEM] = state
    yield state
    state.finish()


@pytest.fixture
def unlaunched_dut(request: pytest.FixtureRequest, emulator_name: str,
                   _iris: ItemState) -> UnlaunchedDut:
    """A machine to be changed at will and then launched; its boot is this test's own."""
    config = _configure(request, emulator_name, _iris)
    return config


@pytest.fixture
def dut(request: pytest.FixtureRequest, emulator_name: str, _iris: ItemState) -> Dut:
    """A running machine.

    A shared one stands at its prompt; one of the test's own (`fresh_boot`) was switched on just
    now, and its output can be expected from the first byte.
    """
    if "unlaunched_dut" in request.fixturenames:
        return request.getfixturevalue("unlaunched_dut").launch()
    config = _configure(request, emulator_name, _iris)
    if wants_own_boot(request.node):
        return config.launch()
    config.only = request.config.stash[_programs].needed(request.node, emulator_name)
    return _iris.share(scope(request.node, emulator_name), config)


@pytest.fixture
def shell(dut: Dut) -> Shell:
    """The shell at its prompt."""
    return dut.shell


@pytest.fixture
def qmp(dut: Dut) -> Qmp:
    """QEMU's machine protocol."""
    assert isinstance(dut.emulator, Qemu)
    return dut.emulator.qmp


@pytest.fixture
def gdb(dut: Dut) -> Gdb:
    """QEMU's gdbstub, with the kernel's symbols; the machine stands still."""
    assert isinstance(dut.emulator, Qemu)
    connection = dut.emulator.gdb()
    connection.symbols = (load_symbols(dut.config.iso.parent / "iris.elf")
                          or load_symbols(dut.config.iso))
    return connection


@pytest.fixture
def image(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """`image(programs=..., cmdline=..., modules=...)` makes a boot image; returns its path."""
    def make(programs: dict[str, Path | str] | None = None, cmdline: str = "",
             modules: dict[str, Path | bytes | None] | None = None) -> Path:
        config = UnlaunchedDut(_iso(request), settings=_settings(request.config), cmdline=cmdline,
                               modules=modules or {}, programs=programs or {})
        return config.build_image()
    return make


@pytest.fixture
def log_metric(request: pytest.FixtureRequest) -> MetricLog:
    """`log_metric(name, value, unit, **parameters)` records a figure."""
    path = request.config.getoption("--metrics")
    target = Path(path) if path else request.config.rootpath / "build/bench/results.jsonl"
    parameters = {}
    if "emulator_name" in request.fixturenames:
        parameters["emulator"] = request.getfixturevalue("emulator_name")
    return MetricLog(target, **parameters)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run; the same for all tests, printed with every failure."""
    return request.config.stash[_seed]


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[..., int]:
    """`rounds(default, bochs=fewer, soak=more)`: how often to repeat.

    --rounds overrides all of them, --soak chooses the last; of that, Bochs does what it can do in
    the same time.
    """
    def number(default: int, bochs: int | None = None, soak: int | None = None) -> int:
        chosen = request.config.getoption("--rounds")
        if chosen is not None:
            return int(chosen)
        slow = ("emulator_name" in request.fixturenames
                and request.getfixturevalue("emulator_name") == "bochs")
        usual = bochs if slow and bochs is not None else default
        if not request.config.getoption("--soak") or soak is None:
            return usual
        return max(usual, soak // BOCHS_SLOWER) if slow else soak
    return number


# ---- helpers --------------------------------------------------------------------------------

def _settings(config: pytest.Config) -> Settings:
    return Settings(config.getoption("--base-timeout"), config.getoption("--keep"),
                    not config.getoption("--no-audit"), config.rootpath / "build/test/images")


def _iso(request: pytest.FixtureRequest) -> Path:
    given = request.config.getoption("--iris-image")
    if given:
        return Path(given)
    variant = "release" if request.node.get_closest_marker("release") else "debug"
    return request.config.rootpath / "build" / variant / "test.iso"


def _configure(request: pytest.FixtureRequest, emulator: str, state: ItemState) -> UnlaunchedDut:
    """The machine described by options and by the marker `boot`."""
    config = UnlaunchedDut(_iso(request), emulator, _settings(request.config), log=state.log,
                           on_launch=state.add)
    for name, value in boot_arguments(request.node, emulator).items():
        setattr(config, name, value)
    return config
