# SPDX-License-Identifier: MIT
"""What `pager` promises: a table far larger than the memory that it is shown in."""

import re


def test_pager(shell):
    result = shell.exec("pager")
    assert result.status == 0
    found = re.fullmatch(r"the thread returned, 0 words were wrong; (\d+) faults served "
                         r"with 8 pages", result.text)
    assert found and int(found[1]) >= 2 * 64  # each page of the table, in each pass
