# SPDX-License-Identifier: MIT
"""Attack 42: the nth kernel page is refused, for every n, in every call that an ordinary program
can make. (io_permit, the one other call that takes pages, needs the IO handle.)"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.boot(only=["t_refuse"])


def test_every_page_refused(shell) -> None:
    report = shell.run_test("t_refuse", timeout=60)
    assert len(report.passed) >= 50, report.passed
