# SPDX-License-Identifier: MIT
"""What `hello` promises."""


def test_hello(shell):
    result = shell.exec("hello you there")
    assert result.status == 0
    assert "Hello from process" in result.lines[0]
    assert result.lines[0].endswith(": you there")
