# SPDX-License-Identifier: MIT
"""QEMU and Bochs for real, with a boot sector that speaks the console conventions."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from iris_harness import Dut, DutExited, DutTimeout, Qemu, UnlaunchedDut
from iris_harness.dut import Settings
from iris_harness.pool import DutPool

HERE = Path(__file__).parent
Launch = Callable[..., Dut]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The ISO with the boot sector in it, and the address of its word `marker`."""
    folder = tmp_path_factory.mktemp("tiny")
    tree = folder / "tree"
    tree.mkdir()
    subprocess.run(["nasm", "-f", "bin", "-o", tree / "boot.bin", HERE / "tiny.asm"], check=True)
    iso = folder / "tiny.iso"
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-b", "boot.bin", "-no-emul-boot",
                    "-boot-load-size", "4", "-o", iso, tree], check=True)
    marker = (tree / "boot.bin").read_bytes().index(b"\x34\x12") + 0x7c00
    return iso, marker


@pytest.fixture(params=["qemu", "bochs"])
def launch(request: pytest.FixtureRequest, tiny: tuple[Path, int],
           tmp_path: Path) -> Generator[Launch, None, None]:
    """`launch(memory=...)` starts the boot sector in the emulator."""
    name = request.param
    if shutil.which("qemu-system-i386" if name == "qemu" else name) is None:
        pytest.fail(f"{name} is not installed")
    duts: list[Dut] = []

    def start(**changes: Any) -> Dut:
        config = UnlaunchedDut(tiny[0], name, Settings(base_timeout=10), log=tmp_path / "log")
        for key, value in changes.items():
            setattr(config, key, value)
        duts.append(config.launch())
        return duts[-1]
    yield start
    for dut in duts:
        dut.close()


only_qemu = pytest.mark.parametrize("launch", ["qemu"], indirect=True)


def test_boot_type_and_shut_down(launch: Launch) -> None:
    dut = launch()
    dut.expect(r"^\[ +0\.000001\] boot: tiny \.\.\. ok$")
    shell = dut.shell
    assert shell.exec("echo hello there").lines == ["hello there"]
    assert shell.exec("nonsense").status == 7
    dut.write("half a line\x03")
    dut.expect(r"\^C$")
    assert shell.exec("echo all 0x03 bytes arrive").status == 0
    dut.check({})
    dut.write("shutdown\r")
    assert dut.wait_exit() == {"qemu": 0x21, "bochs": 1}[dut.emulator.name]
    assert not Path(f"/proc/{dut.emulator.process.pid}").exists()
    with pytest.raises(DutExited):
        dut.expect("more")


def test_much_input_and_output(launch: Launch) -> None:
    shell = launch().shell
    for number in range(20):
        words = f"{number} " + "abcdefghij" * 10
        assert shell.exec("echo " + words).lines == [words]


def test_hard_reset(launch: Launch) -> None:
    dut = launch()
    assert dut.shell.exec("nonsense").status == 7
    dut.hard_reset()
    dut.expect("boot: tiny")
    assert dut.shell.exec("echo $?").lines == ["0"]
    dut.hard_reset()
    assert dut.shell.exec("echo once more").lines == ["once more"]


def test_silence_times_out_and_close_is_quick(launch: Launch) -> None:
    dut = launch()
    assert dut.shell.seen
    with pytest.raises(DutTimeout):
        dut.expect("never", timeout=0.1)
    pid, start = dut.emulator.process.pid, time.monotonic()
    dut.close()
    assert time.monotonic() - start < 5
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(("cpu", "sep"), [("pentium3", 1), ("pentium3,-sep,-pge", 0)])
def test_processor_features(launch: Launch, cpu: str, sep: int) -> None:
    assert launch(cpu=cpu).shell.exec("cpuid").lines == [f"sep={sep}"]


def test_little_memory(launch: Launch) -> None:
    assert launch(memory=16).shell.exec("echo up").lines == ["up"]


@only_qemu  # Bochs clears it first, for 15 s; tests/scenarios gives it 2 GiB
def test_much_memory(launch: Launch) -> None:
    assert launch(memory=3072).shell.exec("echo up").lines == ["up"]


def test_drives_do_not_get_in_the_way(launch: Launch, tmp_path: Path) -> None:
    drives = [tmp_path / "a.img", tmp_path / "b.img"]
    for drive in drives:
        drive.write_bytes(bytes(16 * 63 * 512 * 4))
    assert launch(drives=drives).shell.exec("echo up").lines == ["up"]


@only_qemu
def test_emulator_that_does_not_start_says_why(launch: Launch) -> None:
    with pytest.raises(Exception, match="nonexistent"):
        launch(extra_args=["-device", "nonexistent"])


@only_qemu
def test_qmp(launch: Launch) -> None:
    dut = launch()
    assert isinstance(dut.emulator, Qemu)
    qmp = dut.emulator.qmp
    assert dut.shell.seen
    assert qmp.command("query-status")["status"] == "running"
    assert "EIP=" in qmp.hmp("info registers")
    qmp.command("system_reset")
    assert qmp.wait_event("RESET")["data"]["guest"] is False
    with pytest.raises(Exception, match="no-such-command"):
        qmp.command("no-such-command")


@only_qemu
def test_gdb(launch: Launch, tiny: tuple[Path, int]) -> None:
    dut, marker = launch(), tiny[1]
    assert isinstance(dut.emulator, Qemu)
    shell = dut.shell
    gdb = dut.emulator.gdb()
    assert gdb.read(marker, 2) == b"\x34\x12"
    gdb.write(marker, b"\x00\x80")
    assert 0x7c00 <= gdb.registers()["eip"] < 0x7e00
    gdb.set_register("esi", 0x12345678)
    assert gdb.registers()["esi"] == 0x12345678
    gdb.set_watchpoint(marker, 2)
    gdb.resume()
    dut.write("peek\r")
    gdb.wait_stop()
    assert gdb.read(marker, 2) == b"\x01\x80"
    before = gdb.registers()["eip"]
    assert gdb.step() != before
    dut.emulator.release_gdb()
    shell.wait_prompt()
    assert shell.exec("echo goes on").lines == ["goes on"]


@only_qemu
def test_icount_runs_are_repeatable(launch: Launch) -> None:
    dut = launch(icount=0)
    assert dut.shell.exec("echo counted").lines == ["counted"]


def test_a_machine_that_waits_for_its_next_test_takes_no_time(launch: Launch) -> None:
    """In the pool, what would spin stands still; afterwards the guest goes on."""
    dut = launch(icount=0)
    dut.shell.exec("echo before")
    pool = DutPool()
    pool.release("key", dut)
    stopped = os.waitid(os.P_PID, dut.emulator.process.pid, os.WSTOPPED | os.WNOWAIT)
    assert stopped.si_code == os.CLD_STOPPED
    again, used = pool.acquire("key", launch)
    assert used and again is dut
    assert dut.shell.exec("echo goes on").lines == ["goes on"]
