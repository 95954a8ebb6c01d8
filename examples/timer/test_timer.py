# SPDX-License-Identifier: MIT
"""What `timer` promises: no tick before its time, and none missing."""

import re


def test_timer(shell):
    result = shell.exec("timer 5")
    assert result.status == 0
    found = re.match(r"(\d+) ticks in (\d+) ms, 0 of them early; stopped", result.text)
    assert found and int(found[1]) >= 5 and int(found[2]) >= 50
