# SPDX-License-Identifier: MIT
"""What a failed test shows besides its traceback."""

from __future__ import annotations

import shlex
import sys

import pytest

from .state import ItemState

TAIL = 60


def add_failure_sections(report: pytest.TestReport, item: pytest.Item, state: ItemState | None,
                         seed: int) -> None:
    """Add the serial log, the emulator's own words and the command that runs the test again."""
    if state is not None and state.duts:
        lines = state.log_lines()
        header = [line for line in state.log.read_text(errors="replace").splitlines()[:1]
                  if line.startswith("# ")]
        state.log.write_text("\n".join(header + lines) + "\n")
        cut = [f"... {len(lines) - TAIL} lines before ..."] if len(lines) > TAIL else []
        report.sections.append((f"serial log (all of it: {state.log})",
                                "\n".join(cut + lines[-TAIL:])))
        for dut in state.duts:
            if words := dut.emulator.diagnostics().strip():
                report.sections.append((f"{dut.emulator.name} said", words))
            if dut.config.settings.keep:
                report.sections.append(("kept", str(dut.workdir)))
    report.sections.append(("run it again", rerun_command(item, seed)))


def rerun_command(item: pytest.Item, seed: int) -> str:
    """The exact commands that run one test with the same seed."""
    callspec = getattr(item, "callspec", None)
    emulator = callspec.params.get("emulator_name") if callspec else None
    root = item.config.rootpath
    nodeid = item.nodeid.split("@")[0] if "xdist_group" in item.keywords else item.nodeid
    options = [f"--seed={seed}"] + ([f"--emulator={emulator}"] if emulator else [])
    for option in ("--iris-image", "--rounds"):
        if (value := item.config.getoption(option)) is not None:
            options.append(f"{option}={value}")
    if item.config.getoption("--soak"):
        options.append("--soak")
    if item.config.getoption("--dut-scope") != "session":
        options.append(f"--dut-scope={item.config.getoption('--dut-scope')}")
    command = shlex.join([sys.executable, "-m", "pytest", nodeid, *options])
    command = f"cd {shlex.quote(str(root))} && {command}"
    if not (root / "Makefile").exists() or not (root / "harness/iris_harness").is_dir():
        return command
    module = item.getparent(pytest.Module)
    name = getattr(item, "originalname", None) or item.name
    expression = f"{module.path.stem} and {name}" if module else name
    flags = shlex.join(options)
    return (f"make test K={shlex.quote(expression)} PYTEST_FLAGS={shlex.quote(flags)}\n"
            f"(or, without a build: {command})")
