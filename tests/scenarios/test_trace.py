# SPDX-License-Identifier: MIT
"""Everything above the kernel is a process of its own: each blocked on its port, each answering."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=[
    "cat", "dmesg", "echo", "hello", "ls", "ps", "services", "time", "trace", "true", "uname",
    "uptime"])

# Programs of the architecture's section 6 (`bootfs` is the file system on the boot archive) and
# the port where each of them waits.
PORTS = {
    "root": "service/root",
    "mem": "service/mem",
    "names": "service/names",
    "proc": "service/proc",
    "bootfs": "files",
    "console": "files/dev/console",
    "log": "service/log",
    "uart": "dev/uart",
    "power": "dev/power",
}
# What makes a server answer, and with which method. root serves nobody: it is told of ends.
REQUESTS = {
    "mem": ("hello", "its fault"),
    "names": ("cat /boot.conf", "names.resolve"),
    "proc": ("hello", "process.spawn"),
    "bootfs": ("cat /boot.conf", "file.read"),
    "console": ("hello", "file.write"),
    "log": ("audit", "kernel_debug.audit"),
    "uart": ("hello", "serial.write"),
    "power": ("services", "narrow"),
}
PS_LINE = re.compile(r" *(?P<pid>\d+) +(?P<tid>\d+) +(?P<priority>\d+) (?P<state>\w+) +"
                     r"(?P<time>\d+) +(?P<kib>\d+)  (?P<program>\S+) +(?P<place>.*?) *")
RECORD = re.compile(r"\[ *(?P<time>\d+\.\d{6})\] (?P<thread>\S+) +(?P<event>\S+) +(?P<rest>.*)")


def processes(shell) -> list[dict[str, str]]:
    """What `ps` lists, a line each."""
    lines = shell.exec("ps", check=True).lines
    assert lines[0].split() == ["PID", "TID", "PRI", "STATE", "TIME/ms", "KIB", "PROGRAM",
                                "BLOCKED"]
    matches = [PS_LINE.fullmatch(line) for line in lines[1:]]
    assert all(matches), lines
    return [match.groupdict() for match in matches if match]


def trace(shell, command: str) -> list[dict[str, str]]:
    """The messages sent while a command ran."""
    lines = shell.exec(f"trace {command}", timeout=60, check=True).lines
    return [match.groupdict() for line in lines if (match := RECORD.fullmatch(line))]


def test_each_server_is_blocked_on_its_port(shell) -> None:
    waiting = {(line["program"], line["place"]) for line in processes(shell)
               if line["state"] == "waiting"}
    for program, port in PORTS.items():
        if program != "proc":  # it is answering `ps` itself
            assert (program, f"at {port}") in waiting, waiting
    assert len(waiting) >= 8


def test_proc_serves_on_its_callers_time(shell) -> None:
    lines = processes(shell)
    [proc] = [line for line in lines if line["program"] == "proc"]
    assert proc["place"] == "serving ps on the time of ps"
    [shell_line] = [line for line in lines if line["program"] == "shell"]
    assert (shell_line["state"], shell_line["place"]) == ("kept", "for service/proc of proc")


def test_each_is_a_process_in_user_mode(shell) -> None:
    """Nine pids, nine spaces of the kernel's; the time used there is not none."""
    lines = [line for line in processes(shell) if line["program"] in PORTS]
    assert len({line["pid"] for line in lines}) == len(PORTS)
    spaces = int(re.search(r"spaces=(\d+)", shell.exec("audit", check=True).text)[1])
    assert spaces >= len(PORTS) + 2  # and shell, and audit


@pytest.mark.parametrize("server", REQUESTS)
def test_trace_shows_an_answer(shell, server: str) -> None:
    command, method = REQUESTS[server]
    records = trace(shell, command)
    calls = [index for index, record in enumerate(records) if record["event"] == "call"
             and f"receiver={server} " in record["rest"] and method in record["rest"]]
    assert calls, f"no call of {method} to {server}"
    caller = records[calls[0]]["thread"]
    replies = [record for record in records[calls[0]:] if record["thread"] == server
               and record["event"] == "reply" and f"receiver={caller} " in record["rest"]]
    assert any(" ok" in reply["rest"] for reply in replies), f"{server} never answered {caller}"
    times = [float(record["time"]) for record in records]
    assert times == sorted(times)


def test_trace_follows_a_chain(shell) -> None:
    """`hello` writes to the console, which writes to the driver before it answers."""
    records = trace(shell, "hello")
    names = [(record["thread"], record["event"]) for record in records]
    write = next(i for i, record in enumerate(records) if record["thread"] == "hello"
                 and "file.write" in record["rest"])
    inner = next(i for i, record in enumerate(records) if i > write
                 and record["thread"] == "console" and "serial.write" in record["rest"])
    assert names.index(("uart", "reply"), inner) < names.index(("console", "reply"), inner)


def test_interrupts_arrive_as_notifications(shell) -> None:
    """Row 35: the driver is told of the line by a message, and acknowledges."""
    records = trace(shell, "ls /bin")
    assert any(record["event"] == "event" and "notification" in record["rest"]
               and "dev/uart.interrupt receiver=uart" in record["rest"] for record in records)


def test_services_tells_names_and_interfaces(shell) -> None:
    text = shell.exec("services", check=True).text
    for program, port in PORTS.items():
        if program != "root":
            assert re.search(rf"^{port} +\d+  {program} +\w", text, re.M), f"{port}\n{text}"
