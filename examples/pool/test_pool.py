# SPDX-License-Identifier: MIT
"""What `pool` promises: the same result whatever the number of workers."""


def test_pool(shell):
    for workers in (1, 4):
        result = shell.exec(f"pool {workers}")
        assert result.status == 0
        assert result.lines == [f"{workers} workers found 3432 primes below 32000"]
