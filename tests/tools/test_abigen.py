# SPDX-License-Identifier: MIT
"""tools/abigen.py: what it makes from the lists, and the mistakes it refuses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GCC = ["gcc", "-m32", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-ffreestanding"]


def abigen(outdir: Path, source: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/python3", ROOT / "tools/abigen.py", outdir, "--source", source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outdir = tmp_path_factory.mktemp("abi")
    result = abigen(outdir)
    assert result.returncode == 0, result.stderr
    return outdir


@pytest.fixture(scope="module")
def calls() -> list[dict]:
    return tomllib.loads((ROOT / "kernel/abi/calls.toml").read_text())["call"]


def compile_run(tmp_path: Path, out: Path, text: str) -> str:
    """Compiles a C program for this host against the generated headers; returns its output."""
    source, program = tmp_path / "t.c", tmp_path / "t"
    source.write_text(text)
    include = [f"-I{out / 'include'}", f"-I{out}", f"-I{ROOT / 'kernel/include'}"]
    subprocess.run([*GCC, *include, source, "-o", program], check=True)
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


# ---- what is made ----


def test_unchanged_files_are_not_written(out: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    assert abigen(out).returncode == 0
    after = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    assert before == after and len(before) > 40


def test_only_what_changed_is_written_and_stale_pages_vanish(tmp_path: Path) -> None:
    source, outdir = copy_lists(tmp_path), tmp_path / "out"
    assert abigen(outdir, source).returncode == 0
    mine = outdir / "man/not_ours"
    mine.write_text("another generator's page")
    before = {p: p.stat().st_mtime_ns for p in outdir.rglob("*") if p.is_file()}
    edit(source, "calls.toml", 'name = "word_wake"', 'name = "word_rouse"')
    assert abigen(outdir, source).returncode == 0
    assert (outdir / "man/word_rouse").exists() and not (outdir / "man/word_wake").exists()
    assert mine.exists()
    same = {p for p, time in before.items() if p.exists() and p.stat().st_mtime_ns == time}
    assert outdir / "include/iris/error.h" in same
    assert outdir / "include/iris/calls.h" not in same


def test_numbers_reach_c(out: Path, calls: list[dict], tmp_path: Path) -> None:
    rows = "".join(
        f'printf("%d ", IRIS_CALL_{c["name"].upper()} == {c["number"]});' for c in calls
    )
    output = compile_run(tmp_path, out, f"""
        #include <stdio.h>
        #include <iris/calls.h>
        #include <iris/vdso.h>
        int main(void) {{ {rows} printf("%d", IRIS_CALL_COUNT); return 0; }}""")
    assert output.split() == ["1"] * len(calls) + [str(len(calls))]


def test_error_names_and_texts(out: Path, tmp_path: Path) -> None:
    output = compile_run(tmp_path, out, """
        #include <iris/error.h>
        #include <stdio.h>
        #define ROW(number, name, text) printf("%s %d %s\\n", name, number, text);
        int main(void) {
            printf("%s %s %d\\n", iris_error_name(-EPERM), iris_error_name(EDEAD),
                   iris_error_name(7777) == 0);
            printf("%s\\n", iris_error_text(-ENOSYS));
            IRIS_ERRORS(ROW) return 0; }""").splitlines()
    errors = tomllib.loads((ROOT / "kernel/abi/errors.toml").read_text())["error"]
    assert output[:2] == ["EPERM EDEAD 1", "not there yet"]
    expected = sorted(errors, key=lambda e: e["number"])
    assert output[2:] == [f"{e['name']} {e['number']} {e['text']}" for e in expected]


def test_dispatch_table_is_typed(out: Path, calls: list[dict], tmp_path: Path) -> None:
    """The dispatch of syscall_table.h's comment calls each handler with its own arguments."""
    handlers = []
    for call in calls:
        if call.get("pending"):
            continue
        params = ", ".join(f"uint32_t a{i}" for i in range(len(call["args"]))) or "void"
        total = " + ".join(f"(a{i} << {4 * i})" for i in range(len(call["args"]))) or "0"
        handlers.append(f"int sys_{call['name']}({params}) {{ return (int)({total}); }}")
    output = compile_run(tmp_path, out, f"""
        #include <stdio.h>
        #include "kernel/syscall_table.h"
        {' '.join(handlers)}
        #define DISPATCH_0(number, name, count) \\
            case number: return sys_##name(SYSCALL_ARGS_##count(frame));
        #define DISPATCH_1(number, name, count) case number: return -88;
        #define DISPATCH(number, name, count, noreturn, pending) \\
            DISPATCH_##pending(number, name, count)
        static const uint32_t *frame_argument(const uint32_t *f, unsigned n) {{ return f + n; }}
        static int dispatch(unsigned n, const uint32_t *frame) {{
            (void)frame; switch (n) {{ SYSCALLS(DISPATCH) default: return -1; }} }}
        int main(void) {{
            uint32_t a[6] = {{1, 2, 3, 4, 5, 6}};
            for (unsigned n = 0; n <= {len(calls)}; n++) printf("%d ", dispatch(n, a));
            return 0; }}""")
    whole = 0x654321
    expected = [
        -88 if c.get("pending") else whole & ((1 << 4 * len(c["args"])) - 1) for c in calls
    ]
    assert [int(word) for word in output.split()] == [*expected, -1]


def test_trace_events_match_their_list(out: Path, tmp_path: Path) -> None:
    events = tomllib.loads((ROOT / "kernel/abi/events.toml").read_text())["event"]
    output = compile_run(tmp_path, out, """
        #include <iris/events.h>
        #include <stdio.h>
        #define ROW(number, name, a, b, c, d, text) \\
            printf("%d|%s|%s|%s|%s|%s|%s\\n", number, name, a, b, c, d, text);
        int main(void) { IRIS_TRACE_EVENTS(ROW) return IRIS_TRACE_EVENT_CALL; }""")
    rows = [line.split("|") for line in output.splitlines()]
    assert rows == [
        [str(i), e["name"], *("" if a == "0" else a for a in e["args"]), e["text"]]
        for i, e in enumerate(events)
    ]


def test_every_call_has_a_manual_page(out: Path, calls: list[dict]) -> None:
    texts = {
        e["name"]: e["text"]
        for e in tomllib.loads((ROOT / "kernel/abi/errors.toml").read_text())["error"]
    }
    for call in calls:
        page = (out / "man" / call["name"]).read_text()
        assert page.startswith(f"NAME\n    {call['name']} - ")
        assert f"iris_{call['name']}(" in page
        for error in call["errors"]:
            assert re.search(rf"^    {error} +\(\d+\) {re.escape(texts[error])}", page, re.M), error
        for arg in call["args"]:
            assert re.search(rf"^    {arg['name']} ", page, re.M), arg["name"]
    for name in ("ipc_call", "ipc_send", "ipc_wait", "ipc_reply", "ipc_reply_and_wait",
                 "clock_monotonic", "calls", "errors", "events"):
        assert (out / "man" / name).exists(), name


def test_manual_pages_fit_a_terminal(out: Path) -> None:
    for page in (out / "man").iterdir():
        text = page.read_text()
        assert text.isascii() and text.endswith("\n"), page.name
        assert max(len(line) for line in text.splitlines()) <= 78, page.name
        assert not re.search(r"[ \t]$", text, re.M), page.name


def test_documented_operations_exist(out: Path) -> None:
    """ipc.toml only documents <iris/ipc.h>: its prototypes must be the header's."""
    header = " ".join((ROOT / "libc/include/iris/ipc.h").read_text().split())
    operations = json.loads((out / "abi.json").read_text())["operations"]
    assert len(operations) >= 6
    for operation in operations:
        assert f"static inline {operation['synopsis'].rstrip(';')}" in header


def test_checked_in_symbol_list_is_the_generated_one(out: Path) -> None:
    assert (ROOT / "vdso/vdso.abi").read_text() == (out / "vdso.abi").read_text()


def test_a_later_version_inherits_the_first(tmp_path: Path) -> None:
    source, outdir = copy_lists(tmp_path), tmp_path / "out"
    edit(source, "calls.toml", 'name = "word_wake"', 'name = "word_wake"\nsince = "1.1"')
    assert abigen(outdir, source).returncode == 0
    text = " ".join((outdir / "vdso/vdso.map").read_text().split())
    assert text.endswith("IRIS_1.1 { global: iris_word_wake; } IRIS_1.0;")
    assert "iris_word_wake@IRIS_1.1" in (outdir / "vdso.abi").read_text()


# ---- what is refused ----


def copy_lists(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "kernel/abi", source / "kernel/abi")
    shutil.copytree(ROOT / "kernel/include", source / "kernel/include")
    return source


def edit(source: Path, file: str, old: str, new: str) -> None:
    path = source / "kernel/abi" / file
    text = path.read_text()
    assert old in text, f"{file} has no {old!r}: this test is out of date"
    path.write_text(text.replace(old, new, 1))


MISTAKES = {
    "same number": ("calls.toml", "number = 27", "number = 26", "number 26 is taken"),
    "hole": ("calls.toml", "number = 27", "number = 28", "number 27 is missing"),
    "same name": ("calls.toml", '"word_wake"', '"word_wait"', "name word_wait is taken"),
    "name of a function": ("calls.toml", '"word_wake"', '"thread_id"', "name thread_id is taken"),
    "bad name": ("calls.toml", '"word_wake"', '"wordWake"', "not a lower-case name"),
    "unknown error": ("calls.toml", 'errors = ["EBADF"]', 'errors = ["EBADFD"]', "error EBADFD"),
    "unknown right": ("calls.toml", 'rights = ["NOTIFY"]', 'rights = ["SHOUT"]', "right SHOUT"),
    "unknown type": ("calls.toml", 'type = "IRQ"', 'type = "LINE"', "type LINE"),
    "unknown kind": ("calls.toml", 'kind = "slot"', 'kind = "slit"', "kind 'slit'"),
    "unknown key": ("calls.toml", "noreturn = true", "no_return = true", "unknown key 'no_return'"),
    "wrong type": ("calls.toml", "number = 27", 'number = "27"', "must be of type int"),
    "no text": ("calls.toml", 'text = "Makes a port', 'txt = "Makes a port', "text"),
    "unlisted error": ("calls.toml", 'errors = ["EEXIST", "EINVAL", "ENOMEM"]',
                       'errors = ["EINVAL", "ENOMEM"]', "can cause EEXIST"),
    "pending": ("calls.toml", 'name = "word_wake"', 'name = "word_wake"\npending = true',
                "does not list ENOSYS"),
    "pointer": ("calls.toml", 'ctype = "void *", size = "length"', 'ctype = "void *"',
                "a pointer needs"),
    "version": ("calls.toml", "noreturn = true", 'noreturn = true\nsince = "one"', "since 'one'"),
    "no room for errors": ("calls.toml", 'name = "port_create"',
                           'name = "port_create"\nresult = "void *"', "no room for errors"),
    "same error number": ("errors.toml", "number = 160", "number = 140", "number 140 is taken"),
    "bad error number": ("errors.toml", "number = 160", "number = 5000", "outside 1..4095"),
    "event words": ("events.toml", '"budget", "0", "0"]', '"budget", "0"]', "has 3 words"),
    "operation's error": ("ipc.toml", '"EDEADLK"', '"EDEADLOCK"', "error EDEADLOCK"),
    "function without result": ("ipc.toml", 'result = "uint64_t"\n', "", "needs either a result"),
    "not TOML": ("events.toml", "[[event]]", "[[event]", "events.toml"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_refused(mistake: str, tmp_path: Path) -> None:
    file, old, new, complaint = MISTAKES[mistake]
    source = copy_lists(tmp_path)
    edit(source, file, old, new)
    result = abigen(tmp_path / "out", source)
    assert result.returncode == 1
    assert complaint in result.stderr and "Traceback" not in result.stderr, result.stderr
    assert not (tmp_path / "out").exists(), "nothing may be written"


def test_seven_arguments_are_refused(tmp_path: Path) -> None:
    source = copy_lists(tmp_path)
    edit(source, "calls.toml", '  { name = "source_address", kind = "int" },\n',
         '  { name = "source_address", kind = "int" },\n  { name = "more", kind = "int" },\n')
    result = abigen(tmp_path / "out", source)
    assert result.returncode == 1 and "7 arguments, at most 6 fit" in result.stderr


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    source = copy_lists(tmp_path)
    edit(source, "calls.toml", 'type = "IRQ"', 'type = "LINE"')
    edit(source, "errors.toml", "number = 160", "number = 5000")
    result = abigen(tmp_path / "out", source)
    assert len(result.stderr.splitlines()) == 2
