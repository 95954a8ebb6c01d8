# SPDX-License-Identifier: MIT
"""What `sandbox` promises: a program's output goes through its parent, up to a limit."""


def test_sandbox(shell):
    result = shell.exec("sandbox 100 echo hello there")
    assert result.lines == ["| hello there", "echo ended with status 0, 88 bytes were left"]
    result = shell.exec("sandbox 5 echo hello there")
    assert result.lines[0] == "| hello"
    assert result.lines[-1].endswith("0 bytes were left")
