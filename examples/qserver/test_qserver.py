# SPDX-License-Identifier: MIT
"""What `qserver` promises: text comes back the other way round, from another process."""


def test_qserver(shell):
    assert shell.exec("qserver early").status == 1  # nobody serves
    shell.exec("qserver serve &")
    assert shell.exec("qserver stressed").lines == ["desserts"]
    shell.exec("qserver -q", check=True)
