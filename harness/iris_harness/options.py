# SPDX-License-Identifier: MIT
"""Command-line options and markers of the plugin."""

from __future__ import annotations

import os

import pytest

MARKERS = (
    "boot(cmdline=, memory=, cpu=, icount=, programs=, only=, drives=, extra_args=, "
    "bochs_options=): the machine `dut` and `shell` run on",
    "fresh_boot: a boot of its own, shared with no other test",
    "release: run on the release image",
    "qemu_only(reason): cannot run in Bochs",
    "bochs_only(reason): cannot run in QEMU",
    "user_space: nothing of the machine or the kernel is in question, so one emulator will do; "
    "--soak runs it in all",
    "leaks(reason=, NAME=N, ...): object counts may differ from the base line: those named by up "
    "to N, or all if none is named",
    "soak: too long for the daily run; skipped without --soak",
    "expects_panic: the test makes the kernel panic on purpose, and fails if it does not",
)
BOOT_ARGUMENTS = {"cmdline", "memory", "cpu", "icount", "programs", "only", "drives",
                  "extra_args", "bochs_options"}


def add_options(parser: pytest.Parser) -> None:
    """Declare all options."""
    group = parser.getgroup("iris", "Iris devices under test")
    group.addoption("--emulator", default="qemu", metavar="LIST",
                    help="emulators to run each test in: qemu, bochs, or both (qemu,bochs)")
    group.addoption("--iris-image", metavar="PATH", default=os.environ.get("IRIS_IMAGE"),
                    help="boot image to test (default: $IRIS_IMAGE, or build/debug/test.iso)")
    group.addoption("--dut-scope", choices=("function", "module", "session"), default="session",
                    help="how far boots are shared between tests (default: session)")
    group.addoption("--base-timeout", type=float, default=15.0, metavar="SECONDS",
                    help="how long QEMU may be silent; ten times that for Bochs (default: 15)")
    group.addoption("--seed", type=lambda text: int(text, 0), metavar="N",
                    help="seed of everything random (default: a new one, printed)")
    group.addoption("--rounds", type=int, metavar="N",
                    help="how often tests repeat what they repeat (default: each its own number)")
    group.addoption("--soak", action="store_true",
                    help="run the long tests too, and all tests with their full round counts")
    group.addoption("--keep", action="store_true",
                    help="keep the emulators' working folders")
    group.addoption("--no-audit", action="store_true",
                    help="do not audit the kernel after each test (the system has no `audit`)")
    group.addoption("--metrics", metavar="FILE",
                    help="where log_metric appends (default: build/bench/results.jsonl)")
    group.addoption("--serial-logs", metavar="DIR",
                    help="where serial logs go (default: build/test/logs)")
