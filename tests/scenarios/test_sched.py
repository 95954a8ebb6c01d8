# SPDX-License-Identifier: MIT
"""Time: budgets with a period, news of their depletion, helping past it, lending.

By the shortest way into the kernel and by the longest. Rows 28, 37, 52. In QEMU with counted
instructions: time that the host takes away would look like time that a budget used.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest

from kernel_programs import Program, run

pytestmark = pytest.mark.boot(only=["pingpong", "ps", "schedule", "sleep", "spin",
                                     "t_sched", "uptime"])
PROGRAM = Program("t_sched", None, 100)


@pytest.mark.parametrize("cmdline", [
    pytest.param(cmdline, id=cmdline.replace(" ", ",") or "plain", marks=[
        pytest.mark.boot(cmdline=cmdline, icount=3),
        *([pytest.mark.qemu_only("time is no matter of doors")] if cmdline else [])])
    for cmdline in ["", "door=gate fastpath=off"]])
def test_program(shell, rounds, cmdline: str) -> None:
    run(shell, PROGRAM, rounds)


@pytest.mark.release
@pytest.mark.boot(icount=3)
@pytest.mark.qemu_only("a smoke test of the other build")
def test_release(shell, rounds) -> None:
    run(shell, PROGRAM, rounds)


@pytest.mark.boot(icount=0)
@pytest.mark.qemu_only("measures the time of instructions")
def test_timer_is_not_put_off(shell) -> None:
    """Where hundreds of instructions pass in a tick of the timer, who enters the kernel
    all the time does not keep it from firing."""
    shell.run_test("t_sched lend", timeout=30)


@pytest.mark.boot(icount=2)
@pytest.mark.qemu_only("counts instructions")
def test_share_is_kept(shell, log_metric) -> None:
    """Row 52: a hog cannot cut a guaranteed share by more than 1 %, with a server or without."""
    report = shell.run_test("t_sched exact", timeout=180)
    lost = [metric for metric in report.metrics if metric.name == "share_lost"]
    assert len(lost) == 6
    for metric in lost:
        log_metric("share_lost", metric.value, "1/10000")
        assert metric.value <= 100


# ---- The scheduling server, from the shell ------------------------------------------------------


def started(shell, command: str) -> int:
    """Start a program in the background; its pid."""
    return int(re.search(r"^\[\d+\] (\d+)", shell.exec(f"{command} &", status=False).text, re.M)[1])


def listed(shell) -> tuple[dict[str, list[str]], dict[int, list[str]]]:
    """What `sched` shows: by domain class, share, members, depletions; by pid domain, priority,
    quantum, period."""
    domains: dict[str, list[str]] = {}
    members: dict[int, list[str]] = {}
    for words in map(str.split, shell.exec("sched", check=True).lines):
        if len(words) == 6 and words[3] == "%":
            domains[words[0]] = [words[1], words[2], *words[4:]]
        elif len(words) == 8 and words[0].isdigit():
            members[int(words[0])] = words[2:6]
    return domains, members


@contextmanager
def spinning(shell):
    """Three programs that spin; gone afterwards, and so are all domains."""
    pids = [started(shell, "spin") for _ in range(3)]
    yield pids
    for name in listed(shell)[0]:
        shell.exec(f"sched remove {name}", check=True)
    for pid in pids:
        shell.exec(f"kill {pid}", status=False)
    shell.exec("wait", status=False)


@pytest.mark.parametrize(("command", "status"), [
    ("sched nonsense", 2), ("sched set", 2), ("sched set a", 2), ("sched share a", 2),
    ("sched set a urgent 10", 1), ("sched set a normal 101", 1), ("sched set a normal x", 1),
    ("sched set a idle 5", 1), ("sched set a real-time 0", 1), ("sched share a 10", 1),
    ("sched class a idle", 1), ("sched remove a", 1), ("sched assign 9999 a", 1),
    ("sched release 9999", 1), ("sched set abcdefghijklmnopq normal 5", 1),
])
def test_sched_refuses(shell, command: str, status: int) -> None:
    result = shell.exec(command)
    assert result.status == status and result.text, result
    assert listed(shell) == ({}, {})


@pytest.mark.user_space  # the policy is the server's
@pytest.mark.boot(icount=3)  # spinning neighbours are through with their turns sooner
def test_domains(shell) -> None:
    """Admission, division among members, live changes, the end of a member."""
    with spinning(shell) as spinners:
        first, second, third = spinners
        for command in ("set web normal 60", "set control real-time 30",
                        f"assign {first} web", f"assign {third} control"):
            shell.exec(f"sched {command}", check=True)
        assert "No space" in shell.exec("sched set more normal 11").text  # of what can be promised
        assert shell.exec(f"sched assign {second} nowhere").status == 1
        assert shell.exec("sched assign 2 web").status == 1  # mem: not proc's to give
        domains, members = listed(shell)
        assert domains["web"][:3] == ["normal", "60", "1"]
        assert domains["control"][:3] == ["real-time", "30", "1"]
        assert members[first] == ["web", members[first][1], "6000", "10000"]
        assert members[third] == ["control", "36", "3000", "10000"]
        shell.exec(f"sched assign {second} web", check=True)
        _, members = listed(shell)
        assert int(members[first][2]) + int(members[second][2]) in range(5900, 6001)
        shell.exec("sched share web 20", check=True)
        shell.exec("sched class web idle")  # not with a share
        assert listed(shell)[0]["web"][:2] == ["normal", "20"]
        shell.exec(f"kill {second}", check=True)
        domains, members = listed(shell)
        assert domains["web"][2] == "1" and second not in members
        shell.exec(f"sched release {first}", check=True)
        assert listed(shell)[0]["web"][2] == "0"


def times(shell) -> dict[int, int]:
    """What each process has used, in ms."""
    used: dict[int, int] = {}
    for words in map(str.split, shell.exec("ps", check=True).lines[1:]):
        if words[4].isdigit():
            used[int(words[0])] = used.get(int(words[0]), 0) + int(words[4])
    return used


def shares(shell, pids: list[int]) -> list[float]:
    """Percent of the time that each has in some four seconds, none of which is idle."""
    before = times(shell)
    shell.exec("sleep 4", check=True, timeout=120)
    after = times(shell)
    had = {pid: after[pid] - before[pid] for pid in after.keys() & before.keys()}
    return [100 * had[pid] / sum(had.values()) for pid in pids]


@pytest.mark.boot(icount=3)
@pytest.mark.qemu_only("measures the time of instructions")
def test_policy_is_kept(shell) -> None:
    """Row 29: guarantees hold beside hogs and change live; what is over goes to who wants it."""
    with spinning(shell) as spinners:
        limited, sharing, hog = spinners
        for command in ("set control real-time 30", f"assign {limited} control",
                        "set web normal 40", f"assign {sharing} web"):
            shell.exec(f"sched {command}", check=True)
        got = shares(shell, spinners)
        assert abs(got[0] - 30) <= 0.5, got  # guarantee and limit
        assert got[1] >= 42, got  # 40, and of the 30 that are left
        assert got[2] >= 10 and sum(got) >= 98, got  # what nobody was promised is not lost
        shell.exec("sched share control 50", check=True)
        got = shares(shell, spinners)
        assert abs(got[0] - 50) <= 0.5 and 39.5 <= got[1] <= 50, got
        shell.exec("sched class control normal", check=True)
        shell.exec("sched set web idle", check=True)
        got = shares(shell, spinners)
        assert got[0] >= 49.5 and got[1] <= 0.5, got
        shell.exec(f"sched release {limited}", check=True)
        got = shares(shell, spinners)
        assert abs(got[0] - got[2]) <= 3, got  # by turns again


@pytest.mark.boot(icount=3)
@pytest.mark.qemu_only("measures the time of instructions")
def test_unused_time_goes_to_fellows(shell) -> None:
    """Of a domain's share a member that sleeps gets little, and the one that works nearly all."""
    with spinning(shell) as spinners:
        sleeper = started(shell, "sleep 1000")
        for command in ("set pair real-time 40", f"assign {spinners[0]} pair",
                        f"assign {sleeper} pair"):
            shell.exec(f"sched {command}", check=True)
        got = shares(shell, spinners)
        shell.exec(f"kill {sleeper}", check=True)
        assert 34 <= got[0] <= 40.5, got
        got = shares(shell, spinners)
        assert abs(got[0] - 40) <= 0.5, got
