# SPDX-License-Identifier: MIT
"""Row 34 and the panic screen: what a fault looks like, and that it is nobody else's business."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["crash", "dmesg", "pingpong", "true"])
REGISTERS = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eip", "eflags")
FRAME = re.compile(r"^  #(\d+) (0x[0-9a-f]{8})(?: (\S+)\+(0x[0-9a-f]+))?$", re.MULTILINE)

# kind: exit status, what the first line says, the function it happens in
KINDS = {
    "null": (139, r"page fault.*0x0*0\b", "fault_null"),
    "write": (139, r"page fault", "fault_write"),
    "div": (136, r"divide error", "fault_divide"),
    "ud": (132, r"invalid opcode", "fault_undefined"),
    "gp": (139, r"general protection fault", "fault_privileged"),
    "jump": (139, r"page fault.*0xdead0000", ""),  # nothing is called that there
    "stack": (139, r"page fault", "fault_stack_deeper"),
}


def backtrace(text: str) -> list[str]:
    """Function names of a report, the innermost first; numbered without a gap."""
    frames = FRAME.findall(text)
    assert [int(number) for number, *_ in frames] == list(range(len(frames))), text
    return [name for _, _, name, _ in frames]


@pytest.mark.parametrize("kind", KINDS)
def test_report(shell, kind: str) -> None:
    status, cause, function = KINDS[kind]
    result = shell.exec(f"crash {kind}")
    assert result.status == status, result.text
    assert re.search(rf"fault: crash \(pid \d+\): {cause}", result.text), result.text
    for register in REGISTERS:
        assert re.search(rf"\b{register}[ =:]+(0x)?[0-9a-f]{{8}}\b", result.text), register
    names = backtrace(result.text)
    assert names[0] == function, names
    if kind != "stack":  # that one is all fault_stack_deeper
        callers = ["innermost", "middle", "outermost", "main"]
        assert [name for name in names if name in callers] == callers, names


def test_registers_are_those_of_the_fault(shell) -> None:
    """The reported instruction is in the function that the report names."""
    text = shell.exec("crash ud").text
    eip = int(re.search(r"\beip[ =:]+(?:0x)?([0-9a-f]{8})", text)[1], 16)
    assert int(FRAME.search(text)[2], 16) == eip


def test_others_are_unharmed(shell) -> None:
    """A neighbour computes on; its messages arrive, before and after."""
    started = shell.exec("pingpong 30 &", status=False)
    for kind in KINDS:
        shell.exec(f"crash {kind}")
    assert started.lines
    shell.exec("wait", timeout=60)
    assert "[1] done     pingpong 30" in shell.console.screen.text()
    assert "FAIL" not in shell.console.screen.text()


def test_fault_in_the_background(shell) -> None:
    """In one line: a report among the letters of the next command would hide their echo."""
    text = shell.exec("crash div & wait").text
    assert re.search(r"\[1\] fault, status 136 +crash div", text)


def test_log_keeps_the_report(shell) -> None:
    shell.exec("crash ud")
    assert re.search(r"fault: crash \(pid \d+\): invalid opcode", shell.exec("log").text)


@pytest.mark.expects_panic
def test_panic_screen(dut) -> None:
    """The kernel's own end: what, who, where by name, and whether its structures are sound."""
    dut.shell.exec("true", check=True)
    dut.write("crash panic\r")
    dut.expect(r"^PANIC: .+", timeout=30)
    thread = dut.expect(r"^thread (\d+) of space (\d+), user ip (0x[0-9a-f]{8}) sp 0x[0-9a-f]{8}$")
    assert int(thread[3], 16) < 0xc0000000
    first = dut.expect(r"^  #0 (0x[0-9a-f]{8}) (\w+)\+0x[0-9a-f]+$")
    assert int(first[1], 16) >= 0xc0000000
    dut.expect(r"^audit ok: spaces=\d+ threads=\d+ .*kernel_pages=\d+$")
    dut.expect(r"^PANIC end$")
    screen = dut.serial_log[dut.serial_log.index("PANIC: "):]
    names = backtrace(screen)
    assert names[:2] == ["panic", "sys_trace_control"] and len(names) >= 4, names


@pytest.mark.expects_panic
@pytest.mark.boot(cmdline="panic=exit")
def test_panic_ends_the_emulator(dut) -> None:
    dut.shell.exec("true", check=True)
    dut.write("crash panic\r")
    dut.wait_exit(timeout=30)
    assert "PANIC end" in dut.serial_log
