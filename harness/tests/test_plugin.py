# SPDX-License-Identifier: MIT
"""The plugin as a whole: pytest run inside pytest, on the fake machine."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONFTEST = f"""
import sys
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent)!r}]
import fake_emulator
"""


@pytest.fixture
def outer(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project outside the tree with an image of its own."""
    monkeypatch.setenv("PYTHONPATH", f"{HERE.parent}:{HERE}")
    pytester.makeconftest(CONFTEST)
    (pytester.path / "fake.iso").touch()
    return pytester


def run(outer: pytest.Pytester, code: str, *arguments: str,
        emulator: str = "fake") -> pytest.RunResult:
    """Run test code on the fake machine."""
    outer.makepyfile(test_inner="import pytest\n" + code)
    start = outer.runpytest_subprocess if "-n2" in arguments else outer.runpytest_inprocess
    return start("-p", "iris_harness", f"--emulator={emulator}", "--iris-image=fake.iso",
                 "--base-timeout=3", *arguments)


def log(outer: pytest.Pytester, test: str) -> str:
    """The serial log of an inner test."""
    return (outer.path / f"build/test/logs/test_inner.{test}[fake].log").read_text()


def test_passing_scenario(outer: pytest.Pytester) -> None:
    result = run(outer, """
def test_echo(shell):
    assert shell.exec("echo hi").lines == ["hi"]
    shell.run_test("test")
""")
    result.assert_outcomes(passed=1)
    assert "boot: kernel" in log(outer, "test_echo")


@pytest.mark.parametrize(("body", "message"), [
    ("shell.exec('leak')", "*kernel_pages: 40 -> 41 (+1)*"),
    ("dut.write('panic\\r'); dut.console.wait(dut.console.panicked, 'it')", "*has a panic*"),
    ("shell.exec('panic')", "*kernel panicked while waiting*"),
    ("shell.exec('hang')", "*waited * for the end of 'hang'*"),
    ("shell.run_test('test lost')", "*expected line 4*"),
    ("shell.run_test('test truncated')", "*truncated*"),
    ("shell.run_test('test garbled')", "*garbled*"),
    ("shell.run_test('test total')", "*lines were lost*"),
    ("shell.run_test('test hangs')", "*waited *"),
    ("shell.exec('shutdown')", "*emulator ended*"),
    ("assert False, 'plain failure'", "*plain failure*"),
])
def test_failing_scenario(outer: pytest.Pytester, body: str, message: str) -> None:
    """Each fails as a test (not as an error), and the next one gets a machine that works."""
    result = run(outer, f"""
def test_bad(dut, shell):
    {body}

def test_next(shell):
    assert shell.exec("echo fine").lines == ["fine"]
""", "--seed=77")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([message])
    result.stdout.fnmatch_lines(["*serial log*test_bad[[]fake[]].log*", "*boot: kernel*",
                                 "*run it again*", "*test_inner.py::test_bad*--seed=77*"])


def test_failing_audit(outer: pytest.Pytester) -> None:
    result = run(outer, """
@pytest.mark.boot(extra_args=["audit-fails"])
def test_audit(shell):
    shell.exec("echo")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*audit FAILED: ready queue 3*"])


def test_boots_are_shared_within_a_module(outer: pytest.Pytester) -> None:
    code = """
pids = []

def note(dut):
    pids.append(dut.emulator.process.pid)

def test_1(dut):
    note(dut)

def test_2(dut):
    note(dut)
    assert pids[0] == pids[1]

@pytest.mark.fresh_boot
def test_fresh(dut):
    dut.expect("boot: kernel")
    note(dut)
    assert pids[2] not in pids[:2]

@pytest.mark.boot(cmdline="")
def test_3(dut):
    note(dut)
    assert pids[3] == pids[0]

@pytest.mark.boot(memory=16)
def test_other_machine(dut):
    note(dut)
    assert pids[4] not in pids[:4]
"""
    run(outer, code).assert_outcomes(passed=5)
    assert "This boot is shared. Its start is in test_inner.test_1" in log(outer, "test_2")
    run(outer, code, "--dut-scope=function").assert_outcomes(passed=3, failed=2)


def test_scope(outer: pytest.Pytester) -> None:
    outer.makepyfile(test_a="""
def test_a(dut):
    open("pid", "w").write(str(dut.emulator.process.pid))
""")
    code = """
def test_b(dut):
    assert open("pid").read() == str(dut.emulator.process.pid)
"""
    run(outer, code).assert_outcomes(passed=2)
    run(outer, code, "--dut-scope=module").assert_outcomes(passed=1, failed=1)


def test_leaks_must_be_declared(outer: pytest.Pytester) -> None:
    result = run(outer, """
@pytest.mark.leaks(reason="keeps a page", kernel_pages=1)
def test_one(shell):
    shell.exec("leak")

@pytest.mark.leaks(reason="keeps a page", kernel_pages=1)
def test_two(shell):
    shell.exec("leak")
    shell.exec("leak")

@pytest.mark.leaks(reason="anything goes")
def test_any(shell):
    for _ in range(9):
        shell.exec("leak")

@pytest.mark.leaks(kernel_pages=1)
def test_without_reason(shell):
    pass
""")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*kernel_pages: 40 -> 42*", "*leaks needs a reason*"])


def test_expected_panic(outer: pytest.Pytester) -> None:
    run(outer, """
@pytest.mark.expects_panic
def test_panics(dut):
    dut.expect_exact("iris$ ")
    dut.write("panic\\r")
    dut.expect("PANIC end")

@pytest.mark.expects_panic
def test_does_not(dut):
    dut.expect_exact("iris$ ")
""").assert_outcomes(passed=1, failed=1)


def test_unlaunched(outer: pytest.Pytester) -> None:
    run(outer, """
def test_config(unlaunched_dut):
    unlaunched_dut.extra_args = ["redraw"]
    unlaunched_dut.memory = 16
    dut = unlaunched_dut.launch()
    assert dut.emulator.machine.memory == 16
    dut.expect("servers")
    assert dut.shell.exec("echo x").lines == ["x"]

def test_leak_is_noticed_here_too(unlaunched_dut):
    unlaunched_dut.launch().shell.exec("leak")
""").assert_outcomes(passed=1, failed=1)


def test_setup_that_hangs_is_shown(outer: pytest.Pytester) -> None:
    result = run(outer, """
@pytest.mark.boot(extra_args=["hang-in-boot"])
def test_boot(shell):
    pass
""", "--base-timeout=0.5")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*serial log*", "*boot: kernel*"])


def test_emulator_selection(outer: pytest.Pytester) -> None:
    code = """
@pytest.mark.qemu_only("needs QMP")
def test_q(dut): pass

@pytest.mark.bochs_only("Bochs' own port")
def test_b(dut): pass

def test_both(dut): pass

def test_qmp(qmp): pass

@pytest.mark.user_space
def test_user(dut): pass

def test_none(): pass
"""
    result = run(outer, code, "--collect-only", "-q", emulator="qemu,bochs")
    lines = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert sorted(lines) == ["test_b[bochs]", "test_both[bochs]", "test_both[qemu]", "test_none",
                             "test_q[qemu]", "test_qmp[qemu]", "test_user[qemu]"]
    result = run(outer, code, "--collect-only", "-q", "--soak", emulator="qemu,bochs")
    assert sum("::test_user[" in line for line in result.outlines) == 2
    result = run(outer, code, "-rs")
    result.assert_outcomes(passed=3, skipped=3)
    result.stdout.fnmatch_lines_random(["*qemu only: needs QMP*", "*bochs only: Bochs' own port*",
                                        "*qemu only: uses the fixture qmp*"])
    result = run(outer, code, emulator="nonsense")
    assert result.ret != 0
    result = run(outer, "@pytest.mark.qemu_only\ndef test_q(dut): pass", emulator="qemu")
    assert result.ret != 0


def test_rounds_of_a_slow_emulator(outer: pytest.Pytester) -> None:
    """The fixture only looks at the name, which a test may replace."""
    code = """
@pytest.fixture(scope="module")
def emulator_name():
    return "bochs"

def test_usual(emulator_name, rounds):
    assert rounds(100, bochs=5, soak=6000) == (100 if SOAK else 5)
    assert rounds(100, soak=600) == 100
    assert rounds(100, bochs=5) == 5
"""
    run(outer, code.replace("SOAK", "False")).assert_outcomes(passed=1)
    run(outer, code.replace("SOAK", "True"), "--soak").assert_outcomes(passed=1)


def test_seed_metrics_rounds(outer: pytest.Pytester) -> None:
    code = """
def test_values(seed, rounds, log_metric, dut):
    assert seed == 123
    assert rounds(1000) == NUMBER
    log_metric("speed", 4.5, "m/s", words=3)

def test_seed_is_printed_without_a_machine(seed):
    assert False
"""
    result = run(outer, code.replace("NUMBER", "1000"), "--seed=0x7b")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["iris: emulators fake, seed 123", "*--seed=123*"])
    run(outer, code.replace("NUMBER", "5"), "--seed=123", "--rounds=5",
        "--metrics=m.jsonl").assert_outcomes(passed=1, failed=1)
    for name in ("build/bench/results.jsonl", "m.jsonl"):
        lines = (outer.path / name).read_text().splitlines()
        assert [json.loads(line) for line in lines] == [
            {"name": "speed", "value": 4.5, "unit": "m/s",
             "parameters": {"emulator": "fake", "words": 3}}]


def test_soak(outer: pytest.Pytester) -> None:
    code = """
@pytest.mark.soak
def test_long(rounds):
    assert rounds(3, soak=1000) == 1000

def test_short(rounds, pytestconfig):
    assert rounds(3, soak=1000) == (1000 if pytestconfig.getoption("--soak") else 3)
    assert rounds(3) == 3
"""
    run(outer, code).assert_outcomes(passed=1, skipped=1)
    run(outer, code, "--soak").assert_outcomes(passed=2)


def test_missing_image_is_explained(outer: pytest.Pytester) -> None:
    (outer.path / "fake.iso").unlink()
    result = run(outer, "def test_x(dut): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no boot image*--iris-image*"])


def test_no_audit(outer: pytest.Pytester) -> None:
    code = """
@pytest.mark.boot(extra_args=["no-audit"])
def test_x(shell):
    shell.exec("echo")
"""
    run(outer, code).assert_outcomes(errors=1)
    run(outer, code, "--no-audit").assert_outcomes(passed=1)


def test_log_is_symbolised_on_failure(outer: pytest.Pytester) -> None:
    """The fake's panic names an address; the kernel beside the image knows it."""
    source = outer.path / "kernel.s"
    source.write_text(".globl first, second\nfirst: nop\n nop\n.balign 16\nsecond: nop\n nop\n")
    obj, elf = outer.path / "kernel.o", outer.path / "iris.elf"
    subprocess.run(["as", "--32", "-o", obj, source], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext=0xc0100000", "-e", "0xc0100000", "-o", elf,
                    obj], check=True)
    programs = outer.path / "programs"
    programs.mkdir()
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext=0x400000", "-e", "0x400000", "-o",
                    programs / "prog", obj], check=True)
    result = run(outer, """
def test_bad(shell):
    shell.exec("fault")
    shell.exec("panic")
""")
    result.assert_outcomes(failed=1)
    text = log(outer, "test_bad")
    assert "#0 0xc0100000  <first+0x0>" in text
    assert re.search(r"#1 0xc0100010 known_already\+0x10$", text, re.MULTILINE)
    assert "#0 0x00400004  <first+0x4>" in text
    result.stdout.fnmatch_lines(["*#0 0xc0100000  <first+0x0>*"])


def test_works_with_xdist(outer: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    outer.makepyfile(test_more="def test_m(shell, seed): assert seed == 9")
    result = run(outer, """
def test_a(shell, seed): assert seed == 9
def test_b(shell): shell.exec("leak")
""", "-n2", "--dist=loadgroup", "--seed=9")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*kernel_pages: 40 -> 41*", "*run it again*"])
    assert "boot" in log(outer, "test_a")


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_no_process_survives_a_signal(outer: pytest.Pytester, end: str) -> None:
    """Not even when pytest is killed without a chance to clean up."""
    outer.makepyfile(test_inner=f"""
import os, signal
def test_x(dut):
    open("pid", "w").write(str(dut.emulator.process.pid))
    os.kill(os.getpid(), signal.{end})
    dut.expect("never")
""")
    subprocess.run(["/usr/bin/python3", "-m", "pytest", "-p", "iris_harness", "--emulator=fake",
                    "--iris-image=fake.iso"], cwd=outer.path, check=False, capture_output=True,
                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    try:
        process = os.pidfd_open(int((outer.path / "pid").read_text()))
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], 10)[0], "the emulator lives on"
    finally:
        os.close(process)
