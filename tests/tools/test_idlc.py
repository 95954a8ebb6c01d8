# SPDX-License-Identifier: MIT
"""The interface compiler: what it refuses and how it says so, what it writes, and that the C it
writes compiles without a warning. (What that C does: tests/host/idl, tests/user/idl_types.)"""
from __future__ import annotations

import contextlib
import importlib
import io
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
IDLC = ROOT / "tools/idlc/idlc.py"
ALL_IDL = sorted([*ROOT.glob("servers/*/*.idl"), *ROOT.glob("drivers/*/*.idl"),
                  *ROOT.glob("tests/**/*.idl"), *ROOT.glob("examples/*/*.idl")])


def load() -> ModuleType:
    """The compiler as a module: starting a process for each sample would take most of the time."""
    sys.path.insert(0, str(IDLC.parent))
    try:
        return importlib.import_module("idlc")
    finally:
        sys.path.remove(str(IDLC.parent))


def idlc(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the compiler."""
    command = [str(argument) for argument in arguments]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = COMPILER.main(command)
        except SystemExit as end:
            status = end.code
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


def compile_text(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Compiles a file that holds `text`."""
    source = folder / "sample.idl"
    source.write_text(text, encoding="utf-8")
    return idlc("--out", folder / "out", source)


def generate(folder: Path, text: str) -> dict[str, str]:
    """What it writes for `text`, by suffix."""
    done = compile_text(folder, text)
    assert (done.returncode, done.stderr) == (0, "")
    return {suffix: (folder / f"out/sample.{suffix}").read_text(encoding="utf-8")
            for suffix in ("h", "c", "md", "json")}


COMPILER = load()


def test_it_is_a_command(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(IDLC), "--out", str(tmp_path), str(ALL_IDL[0])],
                          check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert subprocess.run([sys.executable, str(IDLC)], check=False,
                          capture_output=True).returncode == 2


# ---- Errors: place, what is wrong, what is allowed ----

# The mistake is reported at the @ (which is not part of the text).
MISTAKES = {
    "unknown type": ("interface a { method m(in @u33 x); }",
        "unknown type 'u33'; known here: u8, u16,"),
    "no length": ("interface a { method m(in @string x); }", "needs its greatest length"),
    "length zero": ("interface a { method m(in bytes<@0> x); }", "allowed are 1 .. 252"),
    "length too great": ("interface a { method m(in bytes<@253> x); }", "allowed are 1 .. 252"),
    "length on a scalar": ("interface a { method m(in u32<@3> x); }", "takes no <N>"),
    "array of strings": ("interface a { method m(in string<4>[@2] x); }", "no arrays of 'string'"),
    "array too long": ("interface a { method m(in u8[@65] x); }", "allowed are 1 .. 64"),
    "too many request words": ("interface a { method @m(in u32[60] x, in string<20> y); }",
        "up to 66 request words; a message has at most 64"),
    "too many reply words": ("interface a { method @m(out u64[33] x); }", "66 reply words"),
    "too many handles": (
        "interface a { method @m(in handle a, in handle b, in handle c, in handle d, in "
        "handle e); }", "5 handles in the request"),
    "too many buffers": (
        "interface a { method @m(in buffer a, out buffer b, in buffer c, in buffer d, "
        "in buffer e); }", "5 buffers"),
    "handle both ways": ("interface a { method m(@inout handle x); }", "'in' or 'out'"),
    "rights on a number": ("interface a { method m(in u32 x @rights(MAP)); }",
        "'rights' applies to an 'in handle' only"),
    "move of an out handle": ("interface a { method m(out handle x @move); }", "'move' applies"),
    "unknown right": ("interface a { method m(in handle x rights(@FLY)); }",
        "rights are CALL, NOTIFY,"),
    "optional not last": ("interface a { method @m(in handle x optional, in handle y); }",
        "optional handles must be the last"),
    "oneway with an answer": ("interface a { oneway m(out u32 @x); }", "has no reply"),
    "oneway with a buffer": ("interface a { oneway m(in buffer @x); }", "no buffer"),
    "unknown error": ("interface a { method m() errors(@EOOPS); }", "unknown error 'EOOPS'"),
    "two methods of a name": ("interface a { method m(); method @m(); }",
        "method 'm' is declared twice (first in line 1)"),
    "two methods of a number": ("interface a { method m() = 2; method n() = @2; }",
        "both have number 2"),
    "number too great": ("interface a { method m() = @256; }", "allowed are 1 .. 255"),
    "number 0 is narrow's": ("interface a { method m() = @0; }", "allowed are 1 .. 255"),
    "numbers run out": ("interface a { method m() = 255; method @n(); }", "method number 256"),
    "two parameters of a name": ("interface a { method m(in u8 x, out u8 @x); }",
        "parameter 'x' is declared twice"),
    "a word of C": ("interface a { method m(in u8 @int); }", "'int' is a word of C"),
    "unknown constant": ("interface a { const A = 1; method m(in string<@B> x); }",
        "unknown constant 'B'; known here: A"),
    "constant too great": ("interface a { const A = @1 << 31 << 1; }", "0 .. 0xffffffff"),
    "constant twice": ("interface a { const A = 1; const @A = 2; }", "declared twice"),
    "enum of another type": ("interface a { enum e : @u8 { A } method m(); }",
        "an enum's type is u32"),
    "enum value twice": ("interface a { enum e : u32 { A = 1, @B = 1 } method m(); }",
        "'B' and 'A' are both 1"),
    "type twice": ("interface a { enum e : u32 { A } struct @e { u8 x; } method m(); }",
        "type 'e' is declared twice"),
    "struct with a string": ("interface a { struct s { @string<3> x; } method m(); }",
        "a struct cannot hold 'string<3>'"),
    "type used too early": ("interface a { method m(in @s x); struct s { u8 x; } }",
        "unknown type 's'"),
    "no methods": ("interface @a { const A = 1; }", "has no methods"),
    "interface twice": ("interface a { method m(); }\ninterface @a { method m(); }",
        "declared twice"),
    "labels collide": ("interface a = 0x101 { method m(); }\ninterface @b = 0x181 { method m(); }",
        "share method labels"),
    "id zero": ("interface a = @0 { method m(); }", "an interface id is 1"),
    "missing semicolon": ("interface a {\n    method m()\n    @method n();\n}",
        "unexpected 'method'; expected ';', '=', 'errors', 'idempotent'"),
    "no direction": ("interface a { method m(@u32 x); }",
        "unexpected 'u32'; expected ')', 'in', 'out', 'inout'"),
    "strange character": ("interface a {\n  method m(in u8 @$x);\n}", "unexpected '$'"),
    "end too early": ("interface a {\n  method m();@\n", "unexpected the end of the file"),
    "empty file": ("// nothing@\n", "expected 'interface'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(tmp_path: Path, mistake: str) -> None:
    """file:line:column, what is wrong, what is allowed; nothing is written."""
    marked, words = MISTAKES[mistake]
    before = marked.partition("@")[0]
    place = f"{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"
    done = compile_text(tmp_path, marked.replace("@", ""))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{tmp_path}/sample.idl:{place}: error: ")
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_file_with_a_mistake_is_named(tmp_path: Path) -> None:
    """One error for each bad file, and nothing for the good ones either."""
    for name, text in (("good", "interface a { method m(); }"), ("bad", "interface {"),
                       ("worse", "interface a { }")):
        (tmp_path / f"{name}.idl").write_text(text, encoding="utf-8")
    files = [tmp_path / f"{name}.idl" for name in ("good", "bad", "worse", "absent")]
    done = idlc("--out", tmp_path / "out", *files)
    assert done.returncode == 1
    assert [line.split(":")[0].split("/")[-1] for line in done.stderr.splitlines()] == [
        "bad.idl", "worse.idl", "absent.idl"]
    assert not (tmp_path / "out").exists()


def test_usage() -> None:
    """No files, or no folder."""
    assert idlc().returncode == 2
    assert idlc("--out", "/tmp/x").returncode == 2


# ---- What it writes ----

SAMPLE = """// SPDX-License-Identifier: MIT
// Lends books.
// For a while.
interface shelf {
    const MAX = 4 * 8 | 1; // longest title
    const ALL = (1 + 2) << 4;
    // What it looks like.
    enum colour : u32 { RED = 1, BLUE, GREY = 7 }
    struct book {
        u32 id; // never reused
        colour back;
        // above
        u16[4] pages;
    }

    // Unrelated.

    // Finds a book.
    method find(in string<MAX> title, out book found) idempotent errors(ENOENT, EIO);
    method get(in u32 id, out u32 pages) = 9;
    method lend(in handle whom rights(MAP) move, in handle why optional, out handle slip);
    method register(in u32 to, out u32 result);
    oneway note(in u64 what);
}
"""


def test_header(tmp_path: Path) -> None:
    """Prototypes, constants, labels and documentation, as README.md promises them."""
    header = generate(tmp_path, SAMPLE)["h"]
    for text in (
            "#define SHELF_MAX 33u /* longest title */",
            "#define SHELF_ALL 48u",
            "/*\n * Lends books.\n * For a while.\n */\n#define SHELF_INTERFACE 0x",
            "/* What it looks like. */\nenum colour {",
            "COLOUR_BLUE = 2u,",
            "    uint32_t id; /* never reused */\n",
            "    uint16_t pages[4]; /* above */\n",
            "/* Finds a book. */\n"
            "int shelf_find(uint32_t to, const char *title, struct book *found);",
            "static inline int shelf_get(uint32_t to, uint32_t id, uint32_t *pages)",
            "int shelf_lend(uint32_t to, uint32_t whom, uint32_t why, uint32_t *slip);",
            "int shelf_register(uint32_t to, uint32_t to_, uint32_t *result_)",
            "int (*register_)(void *context, struct iris_request *rq, uint32_t to_,",
            "static inline int shelf_note(uint32_t to, uint64_t what)",
            "static inline int shelf_narrow(uint32_t portal)",
            "int shelf_lend_reply(uint32_t reply, int result, struct iris_handle_out slip);"):
        assert text in header
    assert "Unrelated" not in header and "SPDX-License-Identifier: MIT" in header
    assert "shelf_note_reply" not in header


def test_source_names_rights(tmp_path: Path) -> None:
    """Handles are sent with the rights asked for, or those every portal may have."""
    source = generate(tmp_path, SAMPLE)["c"]
    assert "iris_put_handle(0, whom, IRIS_RIGHT_MAP | IRIS_MOVE);" in source
    assert "IRIS_RIGHT_CALL | IRIS_RIGHT_NOTIFY | IRIS_RIGHT_COPY);" in source
    assert "iris_request_carries(rq, 1, 2, 0)" in source


def test_labels(tmp_path: Path) -> None:
    """id = FNV-1a of the name; label = its low seven bits and the method's number."""
    described = json.loads(generate(tmp_path, SAMPLE)["json"])
    value = 0x811C9DC5
    for byte in b"shelf":
        value = (value ^ byte) * 0x01000193 % 2**32
    interface = described["interfaces"][0]
    assert interface["id"] == value
    assert [(m["name"], m["number"]) for m in interface["methods"]] == [
        ("find", 1), ("get", 9), ("lend", 10), ("register", 11), ("note", 12)]
    assert all(m["label"] == (value & 0x7F) << 8 | m["number"] for m in interface["methods"])
    assert interface["methods"][0]["idempotent"] and interface["methods"][4]["oneway"]
    assert described["enums"] == {"colour": {"RED": 1, "BLUE": 2, "GREY": 7}}
    assert described["structs"]["book"][2] == {"name": "pages", "type": "u16[4]"}


def test_reference_page(tmp_path: Path) -> None:
    """Every method with its prototype, documentation and errors."""
    page = generate(tmp_path, SAMPLE)["md"]
    for text in ("## interface shelf", "Lends books.\nFor a while.", "### shelf_find",
                 "Finds a book.", "Errors: ENOENT, EIO.", "| `SHELF_MAX` | 33 | longest title |",
                 "| `title` | in | string<33> |", "| `why` | in | handle, optional |",
                 "| `id` | u32 | never reused |", "Oneway", "Idempotent"):
        assert text in page


def test_output_is_the_same_each_time(tmp_path: Path) -> None:
    """Images are byte-identical from build to build; so is what goes into them."""
    assert generate(tmp_path, SAMPLE) == generate(tmp_path, SAMPLE)


def test_small_stubs_stay_in_registers(tmp_path: Path) -> None:
    """Three words of scalars both ways: inline, and no word of the UTCB is touched."""
    header = generate(tmp_path, "interface a {"
                      " method three(in u64 x, in u8 y, out u32 a1, out i64 b);"
                      " method four(in u64 x, in u64 y); }")["h"]
    body = header.partition("static inline int a_three(")[2].partition("\n}\n")[0]
    assert "iris_ipc_raw" in body and "utcb" not in body and "cursor" not in body
    assert "static inline int a_four" not in header


# ---- That C compiles ----

WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes",
            "-Wcast-qual", "-Wpointer-arith", "-Werror"]


@pytest.fixture(scope="module")
def abi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated kernel headers."""
    folder = tmp_path_factory.mktemp("abi")
    subprocess.run([sys.executable, ROOT / "tools/abigen.py", folder], check=True)
    return folder / "include"


def compile_c(abi: Path, folder: Path, source: Path, level: str) -> None:
    """Compiles one generated file as user programs are."""
    includes = [folder, abi, ROOT / "servers/lib", ROOT / "kernel/include"]
    beside = ["-idirafter", ROOT / "libc/include"]  # behind the host's own headers
    done = subprocess.run(
        ["gcc", "-m32", "-march=i686", "-std=gnu11", level, "-fno-pic", "-mno-sse",
         *WARNINGS, *(f"-I{path}" for path in includes), *beside,
         "-c", "-o", folder / "out.o", source],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ALL_IDL, ids=[path.stem for path in ALL_IDL])
def test_every_interface_compiles(tmp_path: Path, abi: Path, path: Path) -> None:
    """All interfaces of the system, without a warning, no line too long."""
    assert idlc("--out", tmp_path, path).stderr == ""
    compile_c(abi, tmp_path, tmp_path / f"{path.stem}.c", "-O2")
    for suffix in ("h", "c"):
        text = (tmp_path / f"{path.stem}.{suffix}").read_text(encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
        assert not any(line != line.rstrip() for line in text.splitlines())


def test_a_service_takes_its_own_operations_only(tmp_path: Path, abi: Path) -> None:
    """NAME_SERVICE(ops) is a constant, and a compile error with another interface's operations."""
    generate(tmp_path, "interface a { method m(); } interface b { method m(); }")
    out = tmp_path / "out"
    user = out / "user.c"
    for name, right in (("a", True), ("b", False)):
        user.write_text(f'#include "sample.h"\nstatic const struct {name}_server ops;\n'
                        "extern const struct iris_service services[1];\n"
                        "const struct iris_service services[1] = {A_SERVICE(&ops)};\n",
                        encoding="utf-8")
        if right:
            compile_c(abi, out, user, "-O2")
        else:
            with pytest.raises(AssertionError, match="pointer type mismatch"):
                compile_c(abi, out, user, "-O2")


def test_interfaces_served_together(tmp_path: Path, abi: Path) -> None:
    """IRIS_ASSERT_TOGETHER refuses two interfaces whose labels collide."""
    for name, number in (("a", 0x101), ("b", 0x181), ("c", 0x102)):
        (tmp_path / f"{name}.idl").write_text(f"interface {name} = {number} {{ method m(); }}",
                                              encoding="utf-8")
        assert idlc("--out", tmp_path, tmp_path / f"{name}.idl").returncode == 0
    user = tmp_path / "user.c"
    text = '#include "a.h"\n#include "b.h"\n#include "c.h"\nIRIS_ASSERT_TOGETHER({});\n'
    user.write_text(text.format("A_INTERFACE, C_INTERFACE"), encoding="utf-8")
    compile_c(abi, tmp_path, user, "-O2")
    user.write_text(text.format("A_INTERFACE, B_INTERFACE"), encoding="utf-8")
    with pytest.raises(AssertionError, match="share method labels"):
        compile_c(abi, tmp_path, user, "-O2")
