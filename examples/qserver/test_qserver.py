# SPDX-License-Identifier: MIT
"""What `qserver` promises: text comes back the other way round, from another process."""


def test_qserver(shell):
    assert shell.exec("qserver early").status == 1  # nobody serves
    shell.dut.write("qserver serve &\r")
    shell.dut.expect("qserver: serving")
    shell.dut.write("\r")  # for a new prompt
    assert shell.exec("qserver stressed").lines == ["desserts"]
    shell.exec("qserver -q", check=True)
