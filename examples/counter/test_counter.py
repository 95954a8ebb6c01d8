# SPDX-License-Identifier: MIT
"""What `counter` promises: one number for all who ask."""


def test_counter(shell):
    assert shell.exec("counter value").status == 1  # nobody serves
    shell.dut.write("counter serve &\r")
    shell.dut.expect("counter: serving")
    shell.dut.write("\r")  # for a new prompt
    assert shell.exec("counter add 3").lines == ["3"]
    assert shell.exec("counter add 4").lines == ["7"]
    assert shell.exec("counter value").lines == ["7"]
    assert shell.exec("counter add 1000000").status == 1  # past the limit
    assert shell.exec("counter value").lines == ["7"]
    shell.exec("counter finish", check=True)
    assert shell.exec("counter value").status == 1
