# SPDX-License-Identifier: MIT
"""The shell at the serial line, and the commands it starts."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=[
    "cat", "crash", "dmesg", "echo", "false", "free", "hello", "ls", "man", "pager", "pingpong",
    "pool", "ps", "schedule", "services", "shutdown", "sleep", "spin", "trace", "true", "uname",
    "uptime", "yes"])]

LEFT, UP, HOME, END, DELETE = "\x1b[D", "\x1b[A", "\x1b[H", "\x1b[F", "\x1b[3~"


def finish(shell, keys: str) -> str:
    """Type keys at the prompt, Enter included; the output up to the next prompt."""
    shell.start()
    first = len(shell.console.screen.lines)
    shell.dut.write(keys)
    shell.wait_prompt()
    return "\n".join(shell.console.screen.lines[first:])


# ---- statuses and the language ------------------------------------------------------------------


@pytest.mark.parametrize(("command", "status", "text"), [
    ("true", 0, ""),
    ("false", 1, ""),
    ("nonsense", 127, "nonsense: unknown command"),
    ("/bin/nonsense", 127, "unknown command"),
    ("/boot.conf", 126, "cannot start"),
    ("sleep", 2, "usage: sleep"),
    ("sleep x", 2, "usage: sleep"),
    ("ls -z", 2, "usage: ls"),
    ("ls /nowhere", 1, "/nowhere"),
    ("cat /nowhere", 1, "/nowhere"),
    ("man nothing", 1, "no page about nothing"),
    ("kill", 2, "usage: kill"),
    ("kill x", 2, "no process number"),
    ("kill 9999", 1, "kill: 9999"),
    ("shell -c 'echo \"never closed'", 2, "syntax error: missing \""),
    ("| true", 2, "syntax error"),
    ("true && echo yes", 0, "yes"),
    ("false && echo no", 1, ""),
    ("false || echo other", 0, "other"),
    ("false; echo $?; true", 0, "1"),
    ("echo 'a  b'  \"c $? d\" e\\ f", 0, "a  b c 0 d e f"),
    ("crash null", 139, "fault: crash"),
    ("crash div", 136, "fault: crash"),
    ("crash ud", 132, "fault: crash"),
])
def test_status(shell, command: str, status: int, text: str) -> None:
    result = shell.exec(command)
    assert result.status == status, result.text
    assert text in result.text


def test_error_is_the_only_output(shell) -> None:
    assert shell.exec("nonsense").lines == ["nonsense: unknown command; try help"]


# ---- the line editor ----------------------------------------------------------------------------


def test_editing_in_the_line(shell) -> None:
    keys = f"cho two{LEFT}{LEFT}{LEFT}one {HOME}e{END} x\x7fthree\r"
    assert finish(shell, keys).splitlines()[-1] == "one two three"
    assert finish(shell, f"echo abcX{LEFT}{DELETE}d\r").splitlines()[-1] == "abcd"
    assert finish(shell, "junk\x15echo kept junk\x17\x17'' end\r").splitlines()[-1] == " end"


def test_history(shell) -> None:
    shell.exec("echo first", status=False)
    shell.exec("echo second", status=False)
    assert finish(shell, f"{UP}{UP}\r").splitlines()[-1] == "first"
    assert finish(shell, f"{UP}\x7f\x7f!\r").splitlines()[-1] == "fir!"
    assert "echo second" in shell.exec("history").text


def test_completion(shell) -> None:
    assert "Hello from process" in finish(shell, "hell\t\r")
    assert finish(shell, "echo /bi\tpingp\t\r").splitlines()[-1] == "/bin/pingpong"
    listed = finish(shell, "p\t\x15\r")  # several: they are listed, the line stays
    assert re.search(r"^pager +pingpong +pipe +pool .*\bps\s+pwd", listed, re.M | re.S), listed


def test_long_line(shell) -> None:
    words = " ".join(f"word{i}" for i in range(40))
    assert shell.exec(f"echo {words}").lines[-1].endswith("word39")


def test_control_keys(shell) -> None:
    assert finish(shell, "half a line\x03").splitlines()[-1].endswith("^C")
    assert shell.exec("echo $?").lines == ["130"]
    shell.dut.write("\x0c")
    assert shell.exec("echo on").lines[-1] == "on"


# ---- programs in fore- and background -----------------------------------------------------------


def test_interrupt_ends_the_foreground(shell) -> None:
    shell.start()
    shell.dut.write("spin\r")
    shell.dut.expect_exact("spin")
    shell.interrupt()
    assert shell.exec("echo $?").lines == ["130"]


def test_interrupt_ends_a_program_that_reads(shell) -> None:
    shell.start()
    shell.dut.write("cat\r")
    shell.dut.write("words\r")
    shell.dut.expect(r"words\n(?:.*\n)*?words")
    shell.interrupt()
    assert shell.exec("ps").text.count(" cat ") == 0


def test_end_of_input(shell) -> None:
    assert finish(shell, "cat\rtyped\r\x04").count("typed") == 2


def test_background(shell) -> None:
    started = shell.exec("spin &")
    match = re.fullmatch(r"\[1\] (\d+)", started.lines[-1])
    assert match and started.status == 0
    assert "spin" in shell.exec("jobs").text
    assert re.search(rf"^ *{match[1]} .* spin\b", shell.exec("ps").text, re.M)
    assert shell.exec(f"kill {match[1]}").status == 0
    ended = shell.exec("wait", status=False).text + shell.exec("true", status=False).text
    assert "[1] killed   spin" in shell.console.screen.text()
    assert ended is not None
    assert shell.exec("jobs").lines == []


def test_background_end_is_told(shell) -> None:
    shell.exec("sleep 0.2 &", status=False)
    assert "[1] done     sleep 0.2" in shell.exec("wait").text
    shell.exec("false &", status=False)
    assert "[1] exit 1   false" in shell.exec("wait").text


def test_background_does_not_read_the_terminal(shell) -> None:
    shell.exec("cat &", status=False)
    assert "stopped  cat" in shell.exec("wait").text + shell.console.screen.text()
    assert shell.exec("echo mine").lines[-1] == "mine"
    shell.exec("kill -KILL %1", check=True)
    shell.exec("wait")


# ---- commands -----------------------------------------------------------------------------------


def test_help_lists_builtins_and_programs(shell) -> None:
    text = shell.exec("help", check=True).text
    for name, summary in {"kill": "end processes", "hello": "greet", "ps": "list processes",
                          "mem": "memory", "shutdown": "off"}.items():
        assert re.search(rf"^  {name} +.*{summary}", text, re.M), name


def test_files(shell) -> None:
    assert {"bin/", "man/"} <= set(shell.exec("ls /", check=True).text.split())
    assert "hello" in shell.exec("ls /bin", check=True).text.split()
    assert re.search(r"^-r..r..r.. +\d+ [-\d]+ [:\d]+ boot.conf",
                     shell.exec("ls -l /", check=True).text, re.M)
    assert "init shell" in shell.exec("cat /boot.conf", check=True).lines
    shell.exec("cd /man", check=True)
    try:
        assert shell.exec("pwd").lines == ["/man"]
        assert "ipc_call" in shell.exec("ls", check=True).text.split()
        assert shell.exec("cat ipc_call", check=True).lines[0] == "NAME"
    finally:
        shell.exec("cd /", check=True)


def test_man(shell) -> None:
    text = shell.exec("man port_create", check=True).text
    assert "SYNOPSIS" in text and "iris_port_create" in text
    assert shell.exec("man iris_port_create", check=True).text == text
    assert "port_create" in shell.exec("man", check=True).text


def test_ps_tells_who_waits_where(shell) -> None:
    text = shell.exec("ps", check=True).text
    for name in (*SERVERS, "shell"):
        assert re.search(rf"^ *\d+ +\d+ +\d+ \w+ .* {name}\b", text, re.M), name
    assert re.search(r" waiting .* bootfs +at files$", text, re.M)
    assert re.search(r" shell +for service/proc of proc", text), text
    assert re.search(r" ps +for service/proc of proc| proc .* serving ps", text), text


def test_mem_adds_up(shell) -> None:
    lines = shell.exec("mem", check=True).lines
    machine = int(re.fullmatch(r"machine +(\d+) KiB", lines[0])[1])
    kernel = int(re.match(r"kernel +(\d+) KiB", lines[1])[1])
    user = int(re.match(r"user +(\d+) KiB", lines[2])[1])
    assert 0 < kernel < machine and 0 < user < machine and kernel + user <= machine
    resident = sum(int(line.split()[1]) for line in lines[4:])
    assert 0 < resident <= user


def test_clock_and_names(shell) -> None:
    first, second = (shell.exec("uptime", check=True).lines[0] for _ in range(2))
    assert re.fullmatch(r"up 0 days, \d\d:\d\d:\d\d\.\d{3}", first) and second > first
    assert shell.exec("uname").lines == ["Iris"]
    assert re.search(r"abi=1\.0 .* door=(sysenter|gate) fastpath=(on|off)",
                     shell.exec("uname -a", check=True).text)


def test_log_holds_the_boot(shell) -> None:
    assert re.search(r"boot: .* ok", shell.exec("log", check=True).text)


def test_hello(shell) -> None:
    assert re.match(r"Hello from process \d+: big world$",
                    shell.exec("hello 'big world'", check=True).lines[0])


def test_pingpong(shell, rounds) -> None:
    count = rounds(20, bochs=2, soak=2000)
    lines = shell.exec(f"pingpong {count}", timeout=60, check=True).lines
    assert len(lines) == 2
    for line in lines:
        assert re.search(rf": {count * 65} round trips of 0 to 64 words, checksums ok", line), line


def test_crash_report_names_functions(shell) -> None:
    text = shell.exec("crash null").text
    assert re.search(r"fault: crash \(pid \d+\): ", text)
    names = re.findall(r"#\d+ 0x[0-9a-f]+ (\w+)\+0x[0-9a-f]+", text)
    assert names[:5] == ["fault_null", "innermost", "middle", "outermost", "main"], text


def test_trace_shows_the_message_of_each_server(shell) -> None:
    text = shell.exec("trace cat /boot.conf", timeout=30, check=True).text
    for method in ("process.spawn", "names.resolve", "file.open", "file.read", "file.write"):
        assert method in text, method
    assert re.search(r"cat +fault ", text)


SERVERS = ("mem", "names", "log", "bootfs", "uart", "console", "power", "sched", "proc")


def test_services_are_the_servers(shell) -> None:
    lines = shell.exec("services", check=True).lines[1:]
    found = {words[0]: words[2:] for words in map(str.split, lines)}
    assert found["files"] == ["bootfs", "file"]
    assert found["files/dev/console"] == ["console", "console", "file"]
    assert found["kernel/debug"] == ["log", "kernel_debug"]
    assert found["service/mem"] == ["mem", "memory"]
    assert set(SERVERS) <= {words[0] for words in found.values()}


def test_audit_counts_stay(shell) -> None:
    before = shell.audit()
    for command in ("hello", "crash", "ls /bin", "nonsense", "help", "man ipc"):
        shell.exec(command)
    assert shell.audit() == before
