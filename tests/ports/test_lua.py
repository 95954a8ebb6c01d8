# SPDX-License-Identifier: MIT
"""Lua: interactive, as a script, and its libraries that lean on POSIX."""

from __future__ import annotations

import shlex

import pytest

pytestmark = pytest.mark.port("lua")

SCRIPT = ["local n = ... or 10",
          "local function fib(k) if k < 2 then return k end return fib(k - 1) + fib(k - 2) end",
          "print(fib(tonumber(n)))", "os.exit(3)"]
# What is typed, and what is answered.
SESSION = [
    ("1 + 1", "2"),
    ("_VERSION", "Lua 5.4"),
    ("string.format('%.14g %5.2f %x', 2^53, math.pi, 255)", "9.007199254741e+15  3.14 ff"),
    ("('hello world'):gsub('o', '0')", "hell0 w0rld\t2"),
    ("math.maxinteger + 1 == math.mininteger", "true"),
    ("7 // 2, 7 % -3, 7.5 // 2, 1e308 * 10", "3\t-2\t3.0\tinf"),
    ("select('#', table.unpack({1, 2, 3}))", "3"),
    ("utf8.char(228, 8364, 128512):len()", "9"),
    ("pcall(error, 'thrown')", "false\tthrown"),
    ("coroutine.wrap(function(a) local b = coroutine.yield(a * 2) return b end)(21)", "42"),
    ("nothing.at.all", "attempt to index a nil value (global 'nothing')"),
    ("math.sin(1) + math.exp(1) + math.log(10)", "5.8623379")
]


def test_interactive(shell) -> None:
    """A session at its own prompt: expressions, errors, a statement of several lines, the end."""
    shell.start()
    dut = shell.dut
    dut.write("lua\r")
    dut.expect_exact("Copyright (C)")
    for typed, answer in SESSION:
        dut.expect(r"^> ")
        dut.write(typed + "\r")
        dut.expect_exact("\n")
        dut.expect_exact(answer)
    dut.expect(r"^> ")
    dut.write("for i = 1, 3 do\r")
    dut.expect(r"^>> ")
    dut.write("print(i * i) end\r")
    dut.expect(r"^1\n4\n9\n> ")
    dut.write("os.exit(5)\r")
    shell.wait_prompt()
    assert shell.exec("echo $?").lines == ["5"]


def test_interrupt_at_the_prompt(shell) -> None:
    """Ctrl-C ends a loop, not Lua: its handler of SIGINT runs."""
    shell.start()
    shell.dut.write("lua\r")
    shell.dut.expect(r"^> ")
    shell.dut.write("print('loo' .. 'ping'); while true do end\r")
    shell.dut.expect(r"^looping$")
    shell.dut.write("\x03")
    shell.dut.expect_exact("interrupted!")
    shell.dut.expect(r"^> ")
    shell.dut.write("6 * 7\r")
    shell.dut.expect(r"^42$")
    shell.dut.write("\x04")
    shell.wait_prompt()


def test_script(shell) -> None:
    """From a file, compiled by luac, and from standard input; arguments and status."""
    shell.exec(f"printf '%s\\n' {shlex.join(SCRIPT)} >/tmp/fib.lua", check=True)
    result = shell.exec("lua /tmp/fib.lua 20")
    assert (result.lines, result.status) == (["6765"], 3)
    shell.exec("luac -o /tmp/fib.out /tmp/fib.lua", check=True)
    assert shell.exec("lua /tmp/fib.out").lines == ["55"]
    assert shell.exec("lua - 15 </tmp/fib.lua").lines == ["610"]
    assert "attempt to call a nil value" in shell.exec("lua -e 'nowhere()'").text
    shell.exec("rm /tmp/fib.lua /tmp/fib.out", check=True)


def test_files_and_processes(shell) -> None:
    """io and os: files in /tmp, popen, environment, time, temporary names, errors."""
    program = ("local f = assert(io.open('/tmp/l', 'w+')) f:write('one\\ntwo\\n', 3.5, '\\n') "
               "f:seek('set', 4) print(f:read('l', 'n')) f:close() "
               "for l in io.lines('/tmp/l') do io.write(l, ';') end print() "
               "print(os.rename('/tmp/l', '/tmp/m'), os.remove('/tmp/m'), io.open('/tmp/m')) ")
    assert shell.exec(f'lua -e "{program}"').lines == [
        "two\t3.5", "one;two;3.5;",
        "true\ttrue\tnil\t/tmp/m: No such file or directory\t2"]
    assert shell.exec("lua -e \"print(io.popen('echo piped'):read('a'))\"").lines[0] == "piped"
    assert shell.exec("A=b lua -e \"print(os.getenv('A'), os.execute('exit 4'))\"").lines == [
        "b\tnil\texit\t4"]
    assert shell.exec("lua -e \"print(os.date('!%Y-%m-%d %H:%M:%S', 86400 * 365))\"").lines == [
        "1971-01-01 00:00:00"]
    assert shell.exec("lua -e \"local n = os.tmpname() print(n:sub(1, 5), os.remove(n))\"").lines \
        == ["/tmp/\ttrue"]
    assert shell.exec("lua -e \"print(os.clock() < 5, os.time() > 1.7e9)\"").lines == [
        "true\ttrue"]


def test_memory(shell) -> None:
    """Garbage is collected, and memory that cannot be had is an error in Lua, not of the system."""
    program = ("for i = 1, 300 do local t = {} for j = 1, 1000 do t[j] = j .. 'x' end end "
               "collectgarbage() print(collectgarbage('count') < 200) "
               "print(pcall(string.rep, 'x', 1 << 30))")
    assert shell.exec(f'lua -e "{program}"', timeout=60).lines == ["true",
                                                                   "false\tnot enough memory"]
