# SPDX-License-Identifier: MIT
"""The shell's language, built for the host under sanitizers, against Debian's dash.

The scripts in tests/shell_scripts/ also run on Iris (tests/scenarios/test_shell_language.py), where
their output is compared with what dash prints here.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TREE = Path(__file__).resolve().parents[2]
SHELL = TREE / "build" / "test" / "host" / "shell"
SCRIPTS = sorted((TREE / "tests" / "shell_scripts").glob("*.sh"))


def run(shell: str, *arguments: str) -> tuple[str, int]:
    """What is printed, and the status."""
    done = subprocess.run([shell, *arguments], capture_output=True, text=True, timeout=60,
                          check=False, stdin=subprocess.DEVNULL, errors="replace",
                          env={"PATH": os.environ["PATH"], "SHELL_UNDER_TEST": shell})
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    return done.stdout, done.returncode


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_script(script: Path) -> None:
    assert run(str(SHELL), str(script)) == run("dash", str(script))


# ---- errors are errors there, too ---------------------------------------------------------------


@pytest.mark.parametrize(("text", "message"), [
    ("; a", "unexpected ;"), ("a ;; b", "unexpected ;;"), ("a && && b", "unexpected &&"),
    ("|| a", "unexpected ||"), ("a ||", "missing"), ("'a", "missing '"), ('"a', 'missing "'),
    ("a | | b", "unexpected |"), ("a >", "target"), ("if true; then", "missing"),
    ("if true; fi", "missing then"), ("while do done", "unexpected do"), ("for 1 in a; do b; done",
                                                                           "for needs a name"),
    ("case a in b", "missing )"), ("echo $(", "missing at the end"), ("echo ${a", "missing }"),
    ("echo $((1", "missing ))"), ("{ a", "missing }"), ("(a", "missing )"), ("a )", "unexpected )"),
    ("done", "unexpected done"), ("cat <<E\nx", "here-document"), ("`a", "missing `"),
    ("echo $(if)", "unexpected )"), ("{ }", "unexpected }"),
])
def test_syntax_error(text: str, message: str) -> None:
    done = subprocess.run([SHELL, "-c", text], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2, done
    assert "syntax error" in done.stderr and message in done.stderr, done.stderr
    assert run("dash", "-c", text)[1] != 0 or "<<E" in text or "`" in text


@pytest.mark.parametrize("text", [
    "(" * 500 + "a" + ")" * 500, "{ " * 500 + "a; " + "} " * 500, "echo " + "$(" * 500 + "a",
    "if a; then " * 500, "echo $((" + "(" * 500 + "1", "echo " + '"$(echo ' * 300,
    "f() { f; }; f", "! " * 20000 + "false", "case x in " * 400, "echo ${a:-" * 500,
], ids=lambda text: text[:12])
def test_nesting_has_a_limit(text: str) -> None:
    done = subprocess.run([SHELL, "-c", text], capture_output=True, text=True, timeout=60,
                          check=False)
    assert "Sanitizer" not in done.stderr, done.stderr
    assert done.returncode in (0, 1, 2) and (done.returncode != 2 or done.stderr), done


@pytest.mark.parametrize("text", [
    "x=" + "a" * 60000 + "; echo ${#x}", "set -- " + "w " * 20000 + "; echo $#",
    ": && " * 20000 + "echo last", "echo a" + "; echo a" * 5000, "echo " + "'q'" * 20000,
    "x=0; while [ $x -lt 3000 ]; do x=$((x + 1)); done; echo $x",
])
def test_large(text: str) -> None:
    assert run(str(SHELL), "-c", text) == run("dash", "-c", text)


def test_patterns_do_not_explode() -> None:
    """dash takes more than a minute for this one."""
    text = f"case {'a' * 2000} in {'*a' * 12}*b) echo no;; *) echo quick;; esac"
    assert run(str(SHELL), "-c", text) == ("quick\n", 0)


# ---- any script ---------------------------------------------------------------------------------

WORDS = st.sampled_from([
    "a", "'q  q'", '"d  d"', "$x", '"$x"', "${y:-def ault}", '"${y-}"', "${x#a}", "${x%?}", "$#",
    '"$@"', "$*", "$((x1 + 2))", "\\$", "a\\ b", "$(echo s  s)", '"$(echo s  s)"', "''", '""',
    "${z:+set}", "${#x}", "x$y''", "$?", "`echo b`", "[a]", "'*'", "~x", "a=b"])
SIMPLE = st.builds(lambda words: "show " + " ".join(words), st.lists(WORDS, max_size=5)) | \
    st.sampled_from(["true", "false", "x=ab", "y='s p'", "y=", "set -- 1 '2 3'", "set --",
                     "unset x", "z=$x$y", "x1=4", "(exit 3)", ":"])


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Commands made of commands."""
    return st.one_of(
        st.builds("{}; {}".format, inner, inner),
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("if {}; then {}; else {}; fi".format, inner, inner, inner),
        st.builds("for v in {} b; do {}; show $v; done".format, WORDS, inner),
        st.builds("case {} in a|$x) {};; *) {};; esac".format, WORDS, inner, inner),
        st.builds("{{ {}; }}".format, inner),
        st.builds("! {{ {}; }}".format, inner),
        st.builds("f() {{ {}; }}; f p 'q r'".format, inner),
        st.builds("i=0; while [ $((i += 1)) -lt 3 ]; do {}; done".format, inner),
        st.builds("show \"$({})\"".format, inner),
        st.builds("( {} )".format, inner),
        st.builds("{{ {}; }} | cat".format, inner),
        st.builds("cat <<E\n{} $x\nE\n{}".format, WORDS, inner))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.recursive(SIMPLE, combine, max_leaves=6))
def test_any_script(text: str) -> None:
    script = "show() { printf '%d' $#; printf '<%s>' \"$@\"; echo; }\n" + text + "\nshow $? $x\n"
    assert run(str(SHELL), "-c", script) == run("dash", "-c", script), script


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text("ab \t\n'\"\\$?{};&|<>#()=*`!", max_size=30))
def test_any_bytes(text: str) -> None:
    """Nothing is run (set -n): whatever the text, it is parsed or refused."""
    done = subprocess.run([SHELL, "-c", "set -n\n" + text], capture_output=True, text=True,
                          timeout=60, check=False)
    assert "Sanitizer" not in done.stderr, (text, done.stderr)
    assert done.returncode in (0, 2) or done.returncode == 1, (text, done)
