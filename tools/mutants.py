#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Mutants: are the tests able to fail?

usage: mutants.py [--jobs N] [--list] [--check] [NAME...]

Applies each kernel bug of tests/mutants/mutants.toml, one at a time, in a private copy of the tree
(build/mutants/), rebuilds the kernel and its boot image there and runs the test named beside the
bug. The test has to fail. First of all the unchanged kernel has to pass all those tests.

Ends with 1 if a mutant survives, does not build or does not apply, or if a test fails without one.
NAME selects mutants, by patterns like "fast-*". --check only looks whether all changes apply.
"""
from __future__ import annotations

import argparse
import fnmatch
import itertools
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants" / "mutants.toml"
OUT = ROOT / "build" / "mutants"
PYTHON = "/usr/bin/python3"
# What is needed to build a kernel and run a test; of build/ only the debug build.
PARTS = ("Makefile", "VERSION", "LICENSE", "pytest.ini", "conftest.py", "boot", "drivers", "docs",
         "examples", "harness", "kernel", "libc", "programs", "servers", "tests", "tools", "vdso")
BUILD_PARTS = ("debug", "newlib", "newlib.stamp", "setup.stamp")
IMAGE = "build/debug/test.iso"
BUILD = f"""set -e
make --no-print-directory V=debug JOBS=1 build/debug/iris.elf
objcopy --strip-debug build/debug/iris.elf build/debug/bin/iris.elf
{PYTHON} harness/iris_harness/image.py compose -o {IMAGE} --kernel build/debug/bin/iris.elf \\
  --root build/debug/root.img --archive build/debug/test.tar
"""
BUILD_TIMEOUT = 600
TEST_TIMEOUT = 300  # a hanging guest is given up much earlier, by pytest
SILENCE = 25        # seconds without output after which pytest gives a guest up


class Broken(Exception):
    """The list or the build is wrong; the message says how."""


@dataclass
class Mutant:
    """One entry of the list, and what became of it."""

    name: str
    breaks: str
    file: str
    old: str
    new: str
    test: str
    emulator: str = "qemu"
    verdict: str = ""
    reason: str = ""
    seconds: float = 0.0

    def mutate(self, root: Path) -> str:
        """The file's text with the bug in it."""
        text = (root / self.file).read_text()
        if text.count(self.old) != 1:
            raise Broken(f"{self.name}: the old text occurs {text.count(self.old)} times "
                         f"in {self.file}")
        return text.replace(self.old, self.new)


@dataclass
class Catalogue:
    """tests/mutants/mutants.toml."""

    mutants: list[Mutant] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path = LIST) -> Catalogue:
        """Reads the list; short names of test files are replaced by what they stand for."""
        data = tomllib.loads(path.read_text())
        short = data.get("tests", {})
        catalogue = cls()
        for entry in data["mutant"]:
            name = entry["test"].split("[")[0]
            entry["test"] = entry["test"].replace(name, short.get(name, name), 1)
            catalogue.mutants.append(Mutant(**entry))
        return catalogue

    def problems(self, root: Path = ROOT) -> list[str]:
        """Why entries cannot be used; empty if all can."""
        found = []
        for mutant in self.mutants:
            if mutant.old == mutant.new or not mutant.breaks:
                found.append(f"{mutant.name}: changes nothing, or says not what")
            if not (root / mutant.test.split("::")[0]).is_file():
                found.append(f"{mutant.name}: no test {mutant.test}")
            try:
                mutant.mutate(root)
            except (Broken, OSError) as error:
                found.append(str(error))
        names = [mutant.name for mutant in self.mutants]
        found += [f"{name}: twice" for name in sorted(set(names)) if names.count(name) > 1]
        return found


def node(test: str, emulator: str) -> str:
    """pytest's name of a test in one emulator."""
    if "[" in test:
        return test.replace("[", f"[{emulator}-", 1)
    return f"{test}[{emulator}]"


def run(command: list[str], cwd: Path, timeout: float, log: Path) -> int:
    """Runs a command in a process group of its own; 124 if it took too long."""
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONPATH="harness")
    for variable in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        environment.pop(variable, None)
    with log.open("w") as stream, subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            env=environment, start_new_session=True) as process:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return 124


class Workshop:
    """A private copy of the tree."""

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        shutil.rmtree(path, ignore_errors=True)
        (path / "build").mkdir(parents=True)
        sources = [source / part for part in PARTS]
        builds = [source / "build" / part for part in BUILD_PARTS]
        for parts, target in ((sources, path), (builds, path / "build")):
            subprocess.run(["cp", "-a", *map(str, (p for p in parts if os.path.lexists(p))),
                            str(target)], check=True)

    def build(self, log: Path) -> int:
        """The kernel by make, then its image with the programs as they are."""
        return run(["sh", "-c", BUILD], self.path, BUILD_TIMEOUT, log)

    def test(self, tests: list[str], log: Path) -> int:
        """pytest, on the image as it is."""
        emulators = sorted(set(re.findall("qemu|bochs", " ".join(tests))))
        command = [PYTHON, "-m", "pytest", "-p", "iris_harness.plugin", "-q", "--tb=short",
                   f"--emulator={','.join(emulators)}",
                   f"--iris-image={self.path / IMAGE}", "--seed=1", f"--base-timeout={SILENCE}",
                   f"--serial-logs={log.with_suffix('.serial')}",
                   f"--metrics={log.with_suffix('.metrics')}", *tests]
        return run(command, self.path, TEST_TIMEOUT * (1 + len(tests) // 4), log)

    def judge(self, mutant: Mutant) -> None:
        """Builds, tests and puts the file back."""
        begun = time.monotonic()
        original = (self.path / mutant.file).read_text()
        logs = OUT / "logs"
        try:
            (self.path / mutant.file).write_text(mutant.mutate(self.path))
            if self.build(logs / f"{mutant.name}.build"):
                mutant.verdict, mutant.reason = "DOES NOT BUILD", last_line(
                    logs / f"{mutant.name}.build")
                return
            status = self.test([node(mutant.test, mutant.emulator)], logs / f"{mutant.name}.log")
            mutant.verdict, mutant.reason = verdict(status, logs / f"{mutant.name}.log")
        finally:
            (self.path / mutant.file).write_text(original)
            mutant.seconds = time.monotonic() - begun


def last_line(log: Path) -> str:
    """The last line that says something."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line]
    return (errors or lines or ["no output"])[-1][:100]


def verdict(status: int, log: Path) -> tuple[str, str]:
    """What pytest's exit status means for a mutant, and how the bug showed."""
    text = log.read_text(errors="replace")
    if status == 0 and not re.search(r"\b\d+ passed", text):
        return "NOT RUN", last_line(log)
    if status == 0:
        return "SURVIVED", ""
    if status == 124:
        return "caught", "hangs"
    if status != 1:
        return "NOT RUN", last_line(log)
    patterns = (r"PANIC: (.*)", r"#test \d+ FAIL (.*)", r"audit FAILED: (.*)",
                r"^E {3}(?:[\w.]*errors\.)?(\S.*)")
    for pattern in patterns:
        if found := re.search(pattern, text, re.MULTILINE):
            return "caught", found[1].strip()[:100]
    return "caught", last_line(log)


def check_unchanged(workshop: Workshop, mutants: list[Mutant]) -> None:
    """All tests pass without a mutant; otherwise their failing would mean nothing."""
    log = OUT / "logs" / "unchanged.log"
    if workshop.build(log.with_suffix(".build")):
        raise Broken(f"the unchanged tree does not build: {log.with_suffix('.build')}")
    tests = sorted({node(mutant.test, mutant.emulator) for mutant in mutants})
    print(f"unchanged kernel: {len(tests)} tests ...", flush=True)
    if workshop.test(tests, log):
        print(log.read_text(errors="replace")[-4000:])
        raise Broken(f"a test fails without any mutant: {log}")


def work(workshop: Workshop, todo: queue.Queue[Mutant], done: Iterator[str]) -> None:
    """Judges mutants until none is left. `done` tells how many have been."""
    while True:
        try:
            mutant = todo.get_nowait()
        except queue.Empty:
            return
        try:
            workshop.judge(mutant)
        except (Broken, OSError) as error:
            mutant.verdict, mutant.reason = "NOT RUN", str(error)
        print(f"[{next(done)}] {mutant.verdict:8} {mutant.name:28} {mutant.seconds:5.0f} s  "
              f"{mutant.reason}", flush=True)


def table(mutants: list[Mutant]) -> str:
    """One line for each."""
    lines = [f"{'mutant':28} {'verdict':14} {'test':34} how it showed"]
    for mutant in mutants:
        test = mutant.test.split("/")[-1].replace("test_kernel_", "").replace("::test_program", "")
        lines.append(f"{mutant.name:28} {mutant.verdict:14} {test:34} {mutant.reason}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument("--check", action="store_true", help="only see whether all apply")
    parser.add_argument("names", nargs="*", metavar="NAME", help="patterns; default: all")
    return parser.parse_args()


def judge_all(mutants: list[Mutant], jobs: int) -> None:
    """Workshops, the unchanged kernel, then every mutant."""
    OUT.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(OUT / "logs", ignore_errors=True)
    first = Workshop(OUT / "work0", ROOT)
    check_unchanged(first, mutants)
    shops = [first, *(Workshop(OUT / f"work{i}", OUT / "work0") for i in range(1, jobs))]
    todo: queue.Queue[Mutant] = queue.Queue()
    for mutant in mutants:
        todo.put(mutant)
    done = (f"{i:3}/{len(mutants)}" for i in itertools.count(1))
    workers = [threading.Thread(target=work, args=(shop, todo, done)) for shop in shops]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if all(mutant.verdict == "caught" for mutant in mutants):
        for shop in shops:
            shutil.rmtree(shop.path)


def main() -> int:
    """The exit status."""
    options = arguments()
    catalogue = Catalogue.load()
    if options.names:
        catalogue.mutants = [mutant for mutant in catalogue.mutants if any(
            fnmatch.fnmatchcase(mutant.name, name) for name in options.names)]
    if problems := catalogue.problems():
        print("\n".join(problems), file=sys.stderr)
        return 1
    mutants = catalogue.mutants
    if options.list or options.check:
        if options.list:
            print("\n".join(f"{m.name:28} {m.file:32} {m.breaks}" for m in mutants))
        return 0
    try:
        judge_all(mutants, max(1, options.jobs))
    except Broken as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1
    print(table(mutants))
    (OUT / "results.json").write_text(json.dumps([vars(m) for m in mutants], indent=1) + "\n")
    bad = [mutant for mutant in mutants if mutant.verdict != "caught"]
    print(f"{len(mutants) - len(bad)} of {len(mutants)} mutants caught")
    return 1 if bad or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
