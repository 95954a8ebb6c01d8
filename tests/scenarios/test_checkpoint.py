# SPDX-License-Identifier: MIT
"""Row 27: a running program with two threads that exchange messages is turned into bytes, killed,
and made anew from those bytes; it goes on, and its checksums are right.
"""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.boot(only=["cat", "checkpoint", "false", "head", "hexdump", "rm",
                                    "t_counting", "true"])
LINE = re.compile(r"checkpoint (\d+): (\d+) threads, (\d+) ports, (\d+) handles, (\d+) pages, "
                  r"(\d+) calls cut, (\d+) bytes")


@pytest.mark.parametrize("options", ["", "-i "], ids=["patient", "impatient"])
@pytest.mark.boot(cmdline="")
def test_counting_goes_on(shell, rounds, options: str) -> None:
    times = rounds(5, bochs=3, soak=200)
    exchanges = rounds(400_000, bochs=30_000, soak=20_000_000)
    every = rounds(25, bochs=15, soak=25)
    command = f"checkpoint {options}-n {times} -e {every} t_counting {exchanges}"
    result = shell.exec(command, timeout=300, check=True)
    made = [tuple(int(n) for n in LINE.fullmatch(line).groups())
            for line in result.lines if line.startswith("checkpoint")]
    assert [number for number, *_ in made] == list(range(1, times + 1)), result.text
    running = [tally for tally in made if tally[1] == 2]
    assert len(running) >= 2, made  # not only while it started
    for _, _, ports, handles, pages, cut, size in running:
        assert ports == 2 and handles >= 12 and size > pages * 4096
        assert cut == 0 or options
    assert "failed=0" in result.text and "FAIL" not in result.text
    assert "#test 9 ok the server's checksum" in result.text


def save(shell, exchanges: int) -> None:
    """Saved when both threads are there: how long that takes is the host's business."""
    for every in (20, 40, 80, 160, 320):
        result = shell.exec(f"checkpoint -e {every} -o /tmp/saved t_counting {exchanges}",
                            check=True, timeout=60)
        [line] = [line for line in result.lines if line.startswith("checkpoint")]
        assert "#test 9" not in result.text  # it has not come to its end
        if LINE.fullmatch(line)[2] == "2":
            return
    pytest.fail(f"never two threads: {line}")


def check_end(shell, file: str, options: str = "-n 0") -> None:
    result = shell.exec(f"checkpoint {options} -r {file}", timeout=300, check=True)
    assert "#test 9 ok the server's checksum" in result.text and "failed=0" in result.text


def test_from_a_file(shell, rounds) -> None:
    """More than once, and with more checkpoints on the way."""
    save(shell, rounds(150_000, bochs=30_000))
    check_end(shell, "/tmp/saved")
    check_end(shell, "/tmp/saved", "-n 2 -e 10")
    shell.exec("rm /tmp/saved", check=True)


def test_damaged_file(shell) -> None:
    save(shell, 400_000)
    shell.exec("head -c 5000 /tmp/saved >/tmp/cut; cat /tmp/saved /tmp/cut >/tmp/long; "
               "cat /tmp/cut /tmp/cut >/tmp/other; : >/tmp/empty", check=True)
    for name in ("cut", "long", "other", "empty"):
        result = shell.exec(f"checkpoint -r /tmp/{name}")
        assert (result.status, result.lines) == (1, [f"checkpoint: /tmp/{name}: "
                                                     "the image is damaged"])
    assert shell.exec("checkpoint -r /tmp/nothing").status == 1
    result = shell.exec("checkpoint -o /bin/full t_counting 400000")
    assert result.status == 1 and "Read-only file system" in result.text
    shell.exec("cd /tmp; rm saved cut long other empty; cd /", check=True)


@pytest.mark.qemu_only("half a megabyte of hexdump")
def test_survives_a_reboot(shell, unlaunched_dut) -> None:
    """The file goes through the serial line into the archive of another machine."""
    save(shell, 100_000)
    dump = shell.exec("hexdump -v /tmp/saved; rm /tmp/saved", check=True, timeout=60)
    data = b"".join(bytes.fromhex(line[8:60]) for line in dump.lines if len(line) > 8)
    unlaunched_dut.edits.append(lambda image: image.add_files({"etc/saved": data}))
    check_end(unlaunched_dut.launch().shell, "/etc/saved")


def test_without_checkpoints(shell, rounds) -> None:
    """The undisturbed run comes to the same checksums (it computes them)."""
    report = shell.run_test(f"t_counting {rounds(100_000, bochs=2000, soak=1_000_000)}")
    assert [metric.value for metric in report.metrics] == [0]  # nothing was ever cancelled


def test_bad_usage(shell) -> None:
    assert shell.exec("checkpoint").status == 2
    assert shell.exec("checkpoint -x 3 true").status == 2
    assert shell.exec("checkpoint nonsense").status == 1


def test_end_status_is_passed_on(shell) -> None:
    assert shell.exec("checkpoint -n 0 false").status == 1
    assert shell.exec("checkpoint -n 0 true").status == 0
