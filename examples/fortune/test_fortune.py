# SPDX-License-Identifier: MIT
"""What `fortune` promises: a file whose contents are made when it is read."""


def test_fortune(shell):
    shell.dut.write("fortune &\r")
    shell.dut.expect("fortune: serving")
    shell.dut.write("\r")  # for a new prompt
    first = shell.exec("cat /dev/fortune", check=True).lines
    second = shell.exec("cat /dev/fortune", check=True).lines
    assert len(first) == len(second) == 1
    assert first[0].startswith("Messages do not get lost")
    assert second[0].startswith("A cache is a promise")
    shell.exec("kill %1", check=True)
