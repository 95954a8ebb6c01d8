# SPDX-License-Identifier: MIT
"""What `shm` promises: two processes count in the same memory, and no count is lost."""


def test_shm(shell):
    result = shell.exec("shm")
    assert result.status == 0
    assert result.lines == ["counted to 2000 of 2000"]
