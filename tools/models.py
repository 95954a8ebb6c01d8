#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Verifies the Promela models of tests/models with spin, and that they can fail (`make models`).

    models.py [--jobs N] [--quick] [MODEL...]   verify these models, or all, and their mutants
    models.py --names                           only compare the models with the C sources
    models.py --trace MODEL [-DNAME=VALUE...]   print what leads to a model's first error

A model says in comments how it belongs to the kernel; kernel.pml explains the forms:

    C: FILE FUNCTION             what an inline models; the function must be in kernel/FILE
    MUTANT n MODEL [RUN]: TEXT   a bug, built in by -DMUTANT=n, that spin must find in MODEL
    FIX n FILE FUNCTION: TEXT    the model follows the kernel: -DFIX_n=1 if the function holds TEXT
    NEEDS FIX n                  the model is correct only with that fix: without it, it must fail
    RUN NAME: OPTION...          a run of the model: -D..., and `live` for cycles with fairness

Everything lands in build/models/. The exit status is 0 if all models are verified, all mutants are
found and no needed fix is missing in the kernel.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "tests" / "models"
BUILD = ROOT / "build" / "models"
KERNEL = ROOT / "kernel"

MEMORY_MB = 2000
SECONDS = 300  # far beyond what a run takes: a run that does not end is a failure
DEPTH = 1000000

C_NAME = re.compile(r"\bC: (\S+) (\w+)")
MUTANT = re.compile(r"/\* MUTANT (\d+) (\w+)(?: (\w+))?: (.*?) \*/")
FIX = re.compile(r"\bFIX (\d+) (\S+) (\w+): (.*?)(?: \*/)?$", re.MULTILINE)
NEEDS = re.compile(r"\bNEEDS FIX (\d+)")
RUN = re.compile(r"\bRUN (\w+):(.*)$", re.MULTILINE)


@dataclass
class Fix:
    """A line that the kernel should have, and whether it has it."""

    number: int
    file: str
    function: str
    text: str
    present: bool


@dataclass
class Job:
    """One search by spin."""

    model: str
    label: str
    options: list[str] = field(default_factory=list)
    expect_error: bool = False
    small: bool = False  # searched sooner than an optimising compiler has compiled the search
    missing: Fix | None = None  # the kernel lacks it, so an error is a bug of the kernel
    states: int = 0
    seconds: float = 0.0
    error: str = ""  # what spin found; empty: nothing
    broken: str = ""  # why the search says nothing at all

    @property
    def folder(self) -> Path:
        """Where this run's files are."""
        return BUILD / re.sub(r"\W+", "_", f"{self.model} {self.label}").strip("_")

    @property
    def good(self) -> bool:
        """Did it end as it should?"""
        return not self.broken and bool(self.error) == self.expect_error and not self.missing

    def outcome(self) -> str:
        """The last column of the table."""
        if self.broken:
            return f"BROKEN: {self.broken}"
        if self.missing:
            return (f"OPEN KERNEL BUG, fix {self.missing.number} is not in it: {self.error}"
                    if self.error else "BROKEN: the fix is not needed")
        if self.expect_error:
            return f"found: {self.error}" if self.error else "SURVIVES"
        return f"FAILS: {self.error}" if self.error else "verified"


# ---- What the models say about the kernel -------------------------------------------------------

def model_text(name: str) -> str:
    """The source of one model."""
    return (MODELS / f"{name}.pml").read_text()


def model_names() -> list[str]:
    """All models; kernel.pml is what they share."""
    return sorted(path.stem for path in MODELS.glob("*.pml") if path.stem != "kernel")


def function_body(file: str, name: str) -> str | None:
    """The definition of a C function or NASM macro of the kernel; None: there is none."""
    path = KERNEL / file
    if not path.is_file():
        return None
    source = path.read_text()
    if path.suffix == ".asm":
        match = re.search(rf"^%macro\s+{name}\b.*?^%endmacro", source, re.MULTILINE | re.DOTALL)
    else:
        head = rf"^[A-Za-z_][^;{{}}()\n]*\b{name}\([^;{{}}]*\)\s*"
        match = re.search(head + r"\{(?:[^\n]*\}$|.*?^\})", source, re.MULTILINE | re.DOTALL)
    return match[0] if match else None


def stale_names() -> list[str]:
    """Complaints about names that the kernel no longer has."""
    complaints = []
    for path in sorted(MODELS.glob("*.pml")):
        for file, name in sorted(set(C_NAME.findall(path.read_text()))):
            if function_body(file, name) is None:
                complaints.append(f"{path.name}: kernel/{file} has no {name}")
    return complaints


def fixes() -> dict[int, Fix]:
    """All fixes, looked up in the kernel."""
    found = {}
    for path in sorted(MODELS.glob("*.pml")):
        for number, file, function, text in FIX.findall(path.read_text()):
            body = function_body(file, function) or ""
            flat, wanted = "".join(body.split()), "".join(text.split())
            found[int(number)] = Fix(int(number), file, function, text, wanted in flat)
    return dict(sorted(found.items()))


def mutants() -> list[tuple[int, str, str, str]]:
    """Number, model, run and text of every mutant."""
    found: dict[int, tuple[int, str, str, str]] = {}
    for path in sorted(MODELS.glob("*.pml")):
        for number, model, run, text in MUTANT.findall(path.read_text()):
            mutant = (int(number), model, run, text)
            if found.setdefault(int(number), mutant) != mutant:
                raise SystemExit(f"models: mutant {number} means two things")
            if model not in model_names():
                raise SystemExit(f"models: mutant {number} names no model: {model}")
    return [found[number] for number in sorted(found)]


# ---- Jobs ---------------------------------------------------------------------------------------

def model_jobs(name: str, known: dict[int, Fix]) -> list[Job]:
    """The runs of a model: as the kernel is and, where fixes matter, with and without each."""
    text = model_text(name)
    needed = [known[int(number)] for number in NEEDS.findall(text)]
    with_all = [f"-DFIX_{fix.number}=1" for fix in known.values()
                if fix.present or fix in needed]
    runs = [(label, options.split()) for label, options in RUN.findall(text)] or [("", [])]
    jobs = [Job(name, label, options + with_all) for label, options in runs]
    for fix in needed:
        without = [option for option in with_all if option != f"-DFIX_{fix.number}=1"]
        for label, options in runs:
            if "live" not in options:
                jobs.append(Job(name, f"{label} without fix {fix.number}".strip(),
                                options + without, True, None if fix.present else fix))
    return jobs


def mutant_jobs(names: list[str], known: dict[int, Fix]) -> list[Job]:
    """The mutants of some models."""
    jobs = []
    for number, model, run, _ in mutants():
        if model in names:
            runs = model_jobs(model, known)
            base = next(job for job in runs if run in ("", job.label))
            jobs.append(Job(model, f"mutant {number}", [*base.options, f"-DMUTANT={number}"], True))
    return jobs


def _search(job: Job) -> None:
    """Generate, compile, run; fills in the job."""
    spin = [option for option in job.options if option != "live"]
    live = "live" in job.options
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    for path in MODELS.glob("*.pml"):
        shutil.copy(path, job.folder)
    compile_flags = ["-DNOREDUCE", "-DNFAIR=3"] if live else ["-DSAFETY"]
    steps = [
        ["spin", "-a", *spin, f"{job.model}.pml"],
        # Errors are found soon; what is searched to the end is worth an optimiser's time.
        [*(["tcc"] if job.small or job.expect_error else ["gcc", "-O1"]), "-w",
         f"-DMEMLIM={MEMORY_MB}", *compile_flags, "-o", "pan", "pan.c"],
        ["./pan", f"-m{DEPTH}", *(["-a", "-f"] if live else [])],
    ]
    begun = time.monotonic()
    for step in steps:
        begun = time.monotonic()
        try:
            done = subprocess.run(step, cwd=job.folder, capture_output=True, text=True,
                                  timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            job.broken = str(error)
            return
        if step is not steps[-1] and (done.returncode or "rror:" in done.stdout):
            job.broken = (done.stdout + done.stderr).strip().split("\n")[0]
            return
    job.seconds = time.monotonic() - begun
    (job.folder / "out.txt").write_text(done.stdout + done.stderr)
    _read_result(job, done.stdout)
    if job.error:
        _save_trace(job, spin)


def _read_result(job: Job, output: str) -> None:
    """What pan says about the search."""
    if not (match := re.search(r"errors: (\d+)", output)):
        job.broken = output.strip().split("\n")[-1] or "no result"
        return
    if states := re.search(r"(\d+) states, stored", output):
        job.states = int(states[1])
    if int(match[1]):
        found = re.search(r"^pan:1: (.*) \(at depth", output, re.MULTILINE)
        job.error = found[1] if found else "an error"
        if len(job.error) > 60:
            job.error = job.error[:57] + "..."
    elif "not completed" in output or "too small" in output or "out of memory" in output:
        job.broken = "the search is not complete"


def _save_trace(job: Job, options: list[str]) -> None:
    """What the threads did, in trace.txt."""
    done = subprocess.run(["spin", "-t", "-T", *options, f"{job.model}.pml"], cwd=job.folder,
                          capture_output=True, text=True, check=False)
    (job.folder / "trace.txt").write_text(done.stdout.partition("#processes")[0])


def run_job(job: Job) -> Job:
    """Runs one search; its big files go again."""
    _search(job)
    for path in job.folder.glob("pan*"):
        path.unlink()
    return job


# ---- Reports ------------------------------------------------------------------------------------

def print_header(known: dict[int, Fix]) -> None:
    """Fixes first: they decide what the models are."""
    for fix in known.values():
        if not fix.present:
            print(f"fix {fix.number} is not in kernel/{fix.file}: {fix.function}: {fix.text}")
    print(f"{'model':12} {'run':22} {'states':>9} {'s':>6}  result", flush=True)


def print_job(job: Job) -> None:
    """One line of the table."""
    print(f"{job.model:12} {job.label or 'all (fixes on)':22} {job.states:9} "
          f"{job.seconds:6.1f}  {job.outcome()}", flush=True)


def trace(model: str, options: list[str]) -> int:
    """Prints the way to a model's first error."""
    job = run_job(Job(model, "trace", options))
    print((job.folder / "trace.txt").read_text() if job.error else job.outcome())
    return 0 if job.error else 1


def verify(names: list[str], quick: bool, jobs: int) -> int:
    """Everything; the exit status."""
    complaints = stale_names()
    known = fixes()
    work = [job for name in names for job in model_jobs(name, known)]
    if not quick:
        work += mutant_jobs(names, known)
    print_header(known)
    with ThreadPoolExecutor(jobs) as pool:
        for job in pool.map(run_job, work):
            print_job(job)
    bad = [job for job in work if not job.good]
    for complaint in complaints:
        print(complaint)
    for job in bad:
        print(f"{job.model} {job.label}: {job.outcome()}\n    {job.folder}/trace.txt")
    texts = {f"mutant {number}": text for number, _, _, text in mutants()}
    for job in bad:
        if job.label in texts:
            print(f"{job.label}: {texts[job.label]}")
    verified = sum(1 for job in work if job.good and not job.expect_error)
    found = sum(1 for job in work if job.good and job.expect_error)
    print(f"models: {verified} verified, {found} mutants found, {len(bad)} bad, "
          f"{len(complaints)} stale names")
    return 1 if bad or complaints else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="verify the Promela models")
    parser.add_argument("--jobs", type=int, default=1, help="searches at a time")
    parser.add_argument("--quick", action="store_true", help="without the mutants")
    parser.add_argument("--names", action="store_true", help="only look up the C names")
    parser.add_argument("--trace", metavar="MODEL", help="print the way to an error")
    parser.add_argument("models", nargs="*", help="names; all if none")
    arguments, options = parser.parse_known_args()
    if bad := [option for option in options if not option.startswith("-D")]:
        parser.error(f"{bad[0]}: what is that?")
    if arguments.trace:
        return trace(arguments.trace, options)
    if arguments.names:
        complaints = stale_names()
        print("\n".join(complaints) or "models: every C name is there")
        return 1 if complaints else 0
    if unknown := set(arguments.models) - set(model_names()):
        parser.error(f"there is no model {', '.join(sorted(unknown))}")
    return verify(arguments.models or model_names(), arguments.quick, arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
