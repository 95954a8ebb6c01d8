# SPDX-License-Identifier: MIT
"""What programs in the guest print for the harness: test reports and audits.

A report is trusted only if it is whole: sequence numbers 1, 2, 3 ... without a gap, `begin`
first, `end` last, and both totals right. A lost or damaged line is a failure, never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .errors import AuditFailure, GuestTestFailure

_LINE = re.compile(r"#test (\d+) (begin|ok|FAIL|metric|end) (.*)\Z")
_END = re.compile(r"(\S+) total=(\d+) failed=(\d+)\Z")
_FAIL = re.compile(r"\S+:\d+: .+\Z")
_METRIC = re.compile(r"(\S+) (-?\d+(?:\.\d+)?) (\S+)((?: [^\s=]+=\S+)*)\Z")
_AUDIT = re.compile(r"audit ok: (\w+=\d+(?: \w+=\d+)*)\Z")


@dataclass
class Metric:
    """One figure measured in the guest."""

    name: str
    value: float
    unit: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class GuestTest:
    """The whole report of one run of a test program."""

    name: str
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)

    def log_metrics(self, log: Callable[..., None], **parameters: object) -> None:
        """Hand all metrics to the fixture `log_metric`."""
        for metric in self.metrics:
            log(metric.name, metric.value, metric.unit, **{**metric.parameters, **parameters})


def guest_test(text: str | Iterable[str]) -> GuestTest:
    """Check the report of one test program in console output; raises GuestTestFailure."""
    lines = text.splitlines() if isinstance(text, str) else text
    reported = [_parse(line.rstrip()) for line in lines if "#test" in line]
    if not reported:
        raise GuestTestFailure("the program reported nothing: no #test line")
    _check_sequence(reported)
    test = _collect(reported)
    if test.failed:
        raise GuestTestFailure(f"{test.name}: {len(test.failed)} of "
                               f"{len(test.failed) + len(test.passed)} checks failed:\n  "
                               + "\n  ".join(test.failed))
    if not test.passed and not test.metrics:
        raise GuestTestFailure(f"{test.name}: checked nothing")
    return test


def _parse(line: str) -> tuple[int, str, str]:
    match = _LINE.match(line)
    if not match:
        raise GuestTestFailure(f"garbled line in the report: {line!r}")
    return int(match[1]), match[2], match[3]


def _check_sequence(reported: list[tuple[int, str, str]]) -> None:
    """Nothing missing, nothing twice, begin and end in their places."""
    for expected, (number, kind, rest) in enumerate(reported, 1):
        if number != expected:
            raise GuestTestFailure(f"expected line {expected} of the report, got line {number}: "
                                   f"{kind} {rest}")
        if (kind == "begin") != (expected == 1):
            raise GuestTestFailure(f"line {number} of the report must not be {kind!r}")
        if kind == "end" and expected != len(reported):
            raise GuestTestFailure("the report goes on after its end")
    if reported[-1][1] != "end":
        raise GuestTestFailure(f"the report is truncated: no end after line {reported[-1][0]}")


def _collect(reported: list[tuple[int, str, str]]) -> GuestTest:
    """Sort the lines by kind and compare the totals."""
    test = GuestTest(reported[0][2])
    for number, kind, rest in reported[1:-1]:
        if kind == "ok":
            test.passed.append(rest)
        elif kind == "FAIL":
            if not _FAIL.match(rest):
                raise GuestTestFailure(f"garbled line {number} of the report: FAIL {rest!r}")
            test.failed.append(rest)
        else:
            test.metrics.append(_metric(number, rest))
    end = _END.match(reported[-1][2])
    if not end or end[1] != test.name.split()[0]:
        raise GuestTestFailure(f"garbled end of the report of {test.name}: {reported[-1][2]!r}")
    if int(end[2]) != len(reported):
        raise GuestTestFailure(f"{test.name}: lines were lost: total={end[2]}, "
                               f"but {len(reported)} arrived")
    if int(end[3]) != len(test.failed):
        raise GuestTestFailure(f"{test.name}: failed={end[3]}, but {len(test.failed)} FAIL lines "
                               "arrived")
    return test


def _metric(number: int, rest: str) -> Metric:
    match = _METRIC.match(rest)
    if not match:
        raise GuestTestFailure(f"garbled line {number} of the report: metric {rest!r}")
    parameters = dict(pair.split("=", 1) for pair in match[4].split())
    return Metric(match[1], float(match[2]) if "." in match[2] else int(match[2]), match[3],
                  parameters)


Counts = dict[str, int]
_STAY = re.compile(r"^longest stay in the kernel: (\d+) cycles, (.*?)\s*$", re.MULTILINE)


def longest_stay(log: str) -> tuple[int, str] | None:
    """What the last audit of a debug build said: cycles, and where they were spent."""
    matches = _STAY.findall(log)
    return (int(matches[-1][0]), matches[-1][1]) if matches else None


def parse_audit(lines: Iterable[str]) -> Counts:
    """The object counts in the output of `audit`; raises AuditFailure unless all is well."""
    lines = list(lines)
    for line in lines:
        if line.startswith("audit FAILED"):
            raise AuditFailure(line)
    matches = [match for line in lines if (match := _AUDIT.match(line.strip()))]
    if len(matches) != 1:
        raise AuditFailure("no verdict from the command `audit`; it printed:\n  "
                           + "\n  ".join(lines or ["(nothing)"]))
    return {name: int(value) for name, value in
            (pair.split("=") for pair in matches[0][1].split())}


def compare_counts(base: Counts, now: Counts, tolerated: dict[str, int]) -> list[str]:
    """Differences from the base line beyond what is tolerated, as text."""
    problems = []
    for name in sorted(base.keys() | now.keys()):
        if name not in base or name not in now:
            problems.append(f"{name}: only in one of the two audits")
        elif abs(now[name] - base[name]) > tolerated.get(name, 0):
            problems.append(f"{name}: {base[name]} -> {now[name]} ({now[name] - base[name]:+d})")
    return problems
