# SPDX-License-Identifier: MIT
"""The shell's language and the commands around it, on Iris.

The scripts of tests/shell_scripts/ are in the boot archive as bin/t_NAME.sh; what they print is
what dash prints on the host.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parents[1] / "shell_scripts").glob("*.sh"))
pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=[
    "basename", "cat", "chmod", "cmp", "cp", "cut", "date", "diff", "dirname", "du",
    "echo", "env", "false", "find", "grep", "head", "hexdump", "kill", "ls", "mkdir", "mv",
    "printf", "ps", "rm", "rmdir", "seq", "sleep", "sort", "spin", "tail", "tee", "test",
    "touch", "tr", "true", "uniq", "wc", "xargs", "yes",
    *(f"t_{script.name}" for script in SCRIPTS)])]


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_script(shell, script: Path) -> None:
    # What is ignored when a shell starts cannot be trapped; a run in the background ignores SIGINT.
    expected = subprocess.run(["env", "--default-signal=INT", "dash", script],
                              capture_output=True, text=True, timeout=60,
                              check=False, stdin=subprocess.DEVNULL,
                              env={"PATH": "/usr/bin:/bin", "SHELL_UNDER_TEST": "dash"})
    result = shell.exec(f"shell /bin/t_{script.name} 2>/dev/null", timeout=120)
    assert result.lines == expected.stdout.splitlines()
    assert result.status == expected.returncode


COMMANDS = [
    ("mkdir -p a/b/c; ls -l a | wc -l; rmdir a/b/c; rmdir a 2>/dev/null; echo $?; rm -r a", [
        "      1", "1"]),
    ("printf 'b\\na\\nc\\na\\n' >f; sort f; sort -ru f; wc f", "a a b c c b a".split() +
     ["      4       4       8 f"]),
    ("cp f g; cmp f g; echo $?; mv g h; ls -1; cat g 2>&1; rm f h; ls", [
        "0", "f", "h", "cat: g: no such thing"]),
    ("mkdir -p t/u; echo x >t/u/v; cp -r t w; cat w/u/v; rm t 2>/dev/null; rm -r t w; ls", [
        "x"]),
    ("seq 20 >s; head -n 2 s; tail -n 2 s; tail -n +19 s; head -c 3 s; echo", [
        *"1 2 19 20 19 20 1 2".split()]),
    ("grep -c 1 s; grep -E '^(1|2)0$' s; grep -v '[0-9]' s; echo $?; grep -n 7 s; grep -q 20 s", [
        "11", "10", "20", "1", "7:7", "17:17"]),
    ("echo xxaabcc ab | grep -o '[a-c]*b'; echo a+b | grep a+b; echo aab | grep -E 'a{2}b'", [
        "aab", "ab", "a+b", "aab"]),
    ("grep '(' s; grep -E '(' s 2>/dev/null; echo $?; grep x nowhere 2>/dev/null; echo $?", [
        "2", "2"]),
    ("echo 'a:b:c' | cut -d : -f 1,3; echo abcdef | cut -c 2-4; echo hello | tr a-y b-z", [
        "a:c", "bcd", "ifmmp"]),
    ("printf 'a\\na\\nb\\n' | uniq -c; echo aabb | tr -s a; echo x | tee o; cat o; rm o", [
        "      2 a", "      1 b", "abb", "x", "x"]),
    ("printf 'AB\\n' | hexdump; basename /a/b.c .c; dirname /a/b; printf '%05d|%-3s|%x\\n' 42 a 9",
     ["00000000  41 42 0a                                          |AB.|", "00000003", "b", "/a",
      "00042|a  |9"]),
    ("date -u +%Y | wc -c; env -i A=1 env | grep A; env A=2 shell -c 'echo $A'; touch n; rm n s", [
        "      5", "A=1", "2"]),
    ("cp 2>/dev/null; echo $?; cp --help; cp nowhere x 2>&1; mkdir / 2>/dev/null || echo failed", [
        "2", "usage: cp [-r] SOURCE... TARGET", "cp: nowhere: no such thing",
        "failed"]),
    ("cp /bin/basename b; ./b a/c; PATH=. b a/d; chmod -x b; ./b 2>/dev/null; echo $?; rm b", [
        "c", "d", "126"]),
    ("printf '#!/bin/sh\\necho $1 $#\\n' >s; chmod +x s; ./s a b; printf 'echo $1\\n' >s; ./s c; "
     "env ./s 2>/dev/null; echo $?; echo '#!/none' >s; ./s 2>/dev/null; echo $?; rm s", [
         "a 2", "c", "126", "127"]),
    ("mkdir -p l/d; touch l/a; touch l/b l/.c; ls -1 l; ls -1a l; ls -1A l; ls -1r l; "
     "ls -t l | tail -n 1; ls -1d l/d l; ls -1 l/b l/d l/a", [
         *"a b d/ ./ ../ .c a b d/ .c a b d/ d/ b a d/ l l/d l/a l/b".split(), "", "l/d:"]),
    ("touch l/d/e; ls -1R l; ls -1R l | wc -l; ls -l l/a | cut -c 1-23,38-; ls nowhere l/a 2>&1; "
     "echo $?", ["l:", "a", "b", "d/", "", "l/d:", "e", "      7",
                 "-rw-r--r--         0 20 l/a", "ls: nowhere: no such thing", "l/a", "1"]),
    ("find l; find l -name '[ab]' -o -type d ! -name l -print; find l -type f -a ! -name '.*' "
     "-newer l/a; find l -name d -prune -o -print", [
         *"l l/.c l/a l/b l/d l/d/e l/d l/b l/d/e l l/.c l/a l/b".split()]),
    ("find l -name e -exec echo found {} ';'; find l/d '(' -name e -o -name d ')' -size 0; "
     "find l -foo 2>&1; find l -name 2>/dev/null; echo $?; find nowhere 2>&1; find l '(' 2>&1", [
         "found l/d/e", "l/d", "l/d/e", "find: -foo: no such expression", "1",
         "find: nowhere: no such thing", "find: something is missing at its end"]),
    ("find l -type f | sort | xargs echo +; seq 5 | xargs -n 2 echo; echo \"'a  b' c\\\\ d\" | "
     "xargs printf '<%s>'; echo; printf 'x\\0y z\\0' | xargs -0 printf '<%s>'; echo; echo 'p q' | "
     "xargs -I % echo [%] %%", [
         "+ l/.c l/a l/b l/d/e", "1 2", "3 4", "5", "<a  b><c d>", "<x><y z>", "[p q] p qp q"]),
    ("xargs -r echo no </dev/null; echo a | xargs false; echo $?; echo a | xargs nowhere "
     "2>/dev/null; echo $?; echo a | xargs shell -c 'exit 255' 2>/dev/null; echo $?; "
     "echo \"'\" | xargs 2>&1; "
     "seq 5000 | xargs echo | wc -lw", [
         "123", "127", "124", "xargs: a quote is not closed", "      3    5000"]),
    ("printf '%2000s' x >l/b; du l; du -a l/d; du -s l | cut -f 2; du -h l/b; du nowhere 2>&1; "
     "rm -r l", ["0\tl/d", "4\tl", "0\tl/d/e", "0\tl/d", "l", "2K\tl/b",
                 "du: nowhere: no such thing"]),
    ("seq 12 >a; sed_() { grep -v 5 a | cat - b; }; printf 'new' >b; sed_ >c; diff a a; echo $?; "
     "diff a c; echo $?; diff -q a b; diff -u a c | tail -n +3; diff a nowhere 2>&1; echo $?", [
         "0", "5d4", "< 5", "12a12", "> new", "\\ No newline at end of file", "1",
         "Files a and b differ", "@@ -2,7 +2,6 @@", " 2", " 3", " 4", "-5", " 6", " 7", " 8",
         "@@ -10,3 +9,4 @@", " 10", " 11", " 12", "+new", "\\ No newline at end of file",
         "diff: nowhere: no such thing", "2"]),
    ("mkdir d; cp a d; echo x >>d/a; diff a d; diff -U 0 a d/a | tail -n 1; diff d/a a | "
     "head -n 1; rm -r a b c d", ["12a13", "> x", "+x", "13d12"]),
    ("env kill -l 143 9; kill -l | wc -w; env kill 2>/dev/null; echo $?; env kill -FOO 1 "
     "2>/dev/null; echo $?; env kill 31999 2>/dev/null; echo $?; env kill x 2>/dev/null; echo $?", [
         "TERM", "KILL", "     21", "2", "2", "1", "2"]),
    ("shell -c 'sleep 99 & env kill -s INT $!; wait $!; echo $?; sleep 99 & env kill -9 -- $!; "
     "wait $!; echo $?; sleep 99 & kill -sigterm $!; wait $! ; echo $?'", ["130", "137", "143"]),
]


def test_commands(shell) -> None:
    """Each in the same folder, which is empty at the end."""
    shell.exec("mkdir /tmp/t_commands && cd /tmp/t_commands", check=True)
    for text, expected in COMMANDS:
        result = shell.exec(text, timeout=60)
        assert result.lines == expected, text
    assert shell.exec("ls").lines == []
    shell.exec("cd /; rmdir /tmp/t_commands", check=True)


# ---- at the prompt ------------------------------------------------------------------------------


def test_a_command_over_several_lines(shell) -> None:
    shell.start()
    first = len(shell.console.screen.lines)
    for line in ("for i in 1 2", "do echo line $i", "done"):
        shell.dut.write(line + "\r")
    shell.wait_prompt()
    lines = shell.console.screen.lines[first:]
    assert "> done" in lines and [line for line in lines if line.startswith("line")] == [
        "line 1", "line 2"], lines


def test_interrupt_ends_a_whole_pipeline(shell) -> None:
    shell.start()
    shell.dut.write("spin | cat | cat; echo never\r")
    shell.dut.expect_exact("never")
    shell.interrupt()
    assert "spin" not in shell.exec("ps").text
    assert shell.exec("echo $?").lines == ["0"]


def test_interrupt_ends_a_loop_with_its_program(shell) -> None:
    shell.start()
    shell.dut.write("while true; do sleep 100; done; echo never\r")
    shell.dut.expect_exact("never")
    shell.interrupt()
    assert shell.exec("echo $?").lines == ["130"]
    assert "sleep" not in shell.exec("ps").text


def test_pipelines_leave_nothing(shell, rounds) -> None:
    """Spawns with pipes; the harness compares the counts afterwards."""
    count = rounds(250, bochs=5, soak=5000)
    for at in range(0, count, 250):  # a sign of life between
        last = min(at + 250, count)
        text = f"i={at}; while [ $((i += 1)) -le {last} ]; do echo $i | cat >/dev/null; done"
        assert shell.exec(f"{text}; echo $i", timeout=120).lines == [str(last + 1)]


def test_members_that_end_early(shell) -> None:
    assert shell.exec("yes | head -n 1", timeout=60).lines == ["y"]
    assert shell.exec("nonsense 2>/dev/null | cat; echo $?").lines == ["0"]
    assert shell.exec("echo x | nonsense 2>/dev/null; echo $?").lines == ["127"]
    assert shell.exec("crash null 2>/dev/null | cat >/dev/null; echo $?").lines[-1] == "0"
    assert shell.exec("echo x >/nowhere/x").status == 1
    assert shell.exec("echo x >/dev/full").status in (0, 1)
