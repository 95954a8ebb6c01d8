# SPDX-License-Identifier: MIT
"""What `pingpong` promises: every message comes back, whatever its length."""

import re


def test_pingpong(shell, rounds):
    count = rounds(20, bochs=2)
    result = shell.exec(f"pingpong {count}")
    assert result.status == 0
    pairs = re.findall(r"between two (\w+): (\d+) round trips .*checksums ok", result.text)
    assert pairs == [("threads", str(65 * count)), ("processes", str(65 * count))]
