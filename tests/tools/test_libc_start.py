# SPDX-License-Identifier: MIT
"""Start-up and C library without a kernel: programs linked as for Iris run in a 32-bit Linux
process, where an object takes the vDSO's place and answers the messages (tests/host/start)."""

import os
import re
import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
START = TREE / "tests/host/start"
BUILD = TREE / "build/debug"
HOST = ["gcc", "-m32", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]

pytestmark = pytest.mark.xdist_group("libc_start")  # built once


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command; the caller looks at its status."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
                          stdin=subprocess.DEVNULL, timeout=120)


def must(*command: object) -> str:
    """Runs a command that must succeed; returns what it printed."""
    done = run(*command)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


class Toolbox:
    """Compiles and links for Iris as the Makefile does, into a folder of its own, with the library
    and what was generated for the debug build."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.newlib = Path(must(TREE / "libc/build.sh").split()[-1])
        compiler = must("gcc", "-m32", "-print-file-name=include").strip()
        self.libgcc = must("gcc", "-m32", "-print-libgcc-file-name").strip()
        undefined = [f"-U{name}" for name in ("__linux__", "__linux", "linux", "__gnu_linux__",
                                              "__unix__", "__unix", "unix")]
        self.cc = ["gcc", "-m32", "-march=i686", "-std=gnu11", "-nostdinc", "-isystem", compiler,
                   *undefined, "-D__iris__=1", "-mno-sse", "-mno-mmx",
                   "-mno-tls-direct-seg-refs", "-O2", "-ffunction-sections", "-fdata-sections",
                   f"-I{TREE}/libc/include", f"-I{TREE}/libc", f"-I{TREE}/servers/lib",
                   f"-I{TREE}/kernel/include",
                   f"-I{BUILD}/gen/include", f"-I{BUILD}/gen/idl", "-isystem",
                   self.newlib / "include"]

    def compile(self, source: Path, *flags: object) -> Path:
        """One object of a program or library."""
        target = self.out / f"{source.parent.name}-{source.stem}.o"
        must(*self.cc, "-fno-pic", "-fno-pie", "-fno-plt", *flags, "-c", "-o", target, source)
        return target

    def shared(self, name: str, version_map: Path, *sources: Path) -> Path:
        """An object that can take the vDSO's place."""
        target = self.out / name
        must(*self.cc, "-fpic", "-fvisibility=hidden", "-ffreestanding",
             "-fno-tree-loop-distribute-patterns", "-shared", "-nostdlib", "-Wl,-Bsymbolic",
             "-Wl,--hash-style=gnu", "-Wl,-soname,iris-vdso.so.1",
             f"-Wl,--version-script={version_map}", "-o", target, *sources, self.libgcc)
        return target

    def link(self, name: str, objects: list[Path], vdso: Path) -> Path:
        """A program."""
        target = self.out / name
        must("gcc", "-m32", "-nostdlib", "-no-pie", "-Wl,--no-dynamic-linker", "-Wl,-z,now",
             "-Wl,-z,norelro", "-Wl,--gc-sections", "-Wl,--hash-style=gnu",
             "-Wl,-Ttext-segment=0x00400000", "-Wl,-z,noexecstack", "-o", target, *objects,
             "-Wl,--start-group", BUILD / "lib/libirisc.a", BUILD / "lib/libiris.a",
             self.newlib / "lib/libc.a", self.newlib / "lib/libm.a", self.libgcc,
             "-Wl,--end-group", vdso)
        return target


def missing_calls() -> str:
    """C for what the real vDSO has and the mock has not: ENOSYS, though nothing here asks."""
    mock = (START / "mock_vdso.c").read_text()
    names = re.findall(r"^(iris_\w+)@", (TREE / "vdso/vdso.abi").read_text(), re.MULTILINE)
    return "".join(f'__attribute__((visibility("default"))) int {name}(void);\n'
                   f"int {name}(void) {{ return -88; }}\n"
                   for name in names if not re.search(rf"\b{name}\b", mock))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with loader, vdso.so, program, future (needs a newer vDSO)."""
    out = tmp_path_factory.mktemp("start")
    box = Toolbox(out)
    crt0 = BUILD / "obj/libc/crt0.o"
    # The mock serves the messages with the client's own inline functions, so no server.c.
    rest = out / "rest.c"
    rest.write_text(missing_calls())
    vdso = box.shared("vdso.so", START / "mock_vdso.map", START / "mock_vdso.c", rest)
    newer = out / "newer.c"
    newer.write_text("__attribute__((visibility(\"default\"))) int iris_foo(void);\n"
                     "int iris_foo(void) { return 0; }\n")
    newer_vdso = box.shared("newer.so", START / "future.map", START / "mock_vdso.c", rest,
                            newer)
    box.link("program", [crt0, box.compile(START / "program.c", *WARNINGS)], vdso)
    box.link("future", [crt0, box.compile(START / "future.c", *WARNINGS)], newer_vdso)
    must(*HOST, "-no-pie", START / "loader.c", TREE / "libc/startup_block.c",
         "-idirafter", f"{TREE}/libc/include", f"-I{TREE}/kernel/include", "-o", out / "loader")
    return out


def start(built: Path, *arguments: str, vdso: str = "vdso.so", program: str = "program",
          **environment: str) -> subprocess.CompletedProcess[str]:
    """Starts a program on a vDSO."""
    return run(built / "loader", built / vdso, built / program, *arguments, **environment)


def test_start(built: Path) -> None:
    """Arguments, environment, thread-local storage, constructors, printf, atexit, status."""
    done = start(built, "start", "two words")
    assert done.stdout.splitlines() == [
        "argc 3 last two words", "end of argv 0x0", "env 1 pid 42",
        "tls 5 0 9 aligned 0", "constructed 1",
        "float 1.414214 0.333333 1099511627776", "atexit", "destructor"]
    assert done.returncode == 3


def test_files(built: Path) -> None:
    """The descriptor table, offsets shared by dup, and errors as POSIX has them."""
    done = start(built, "files")
    assert done.stdout.splitlines() == [
        "getline 18 contents of alpha", "eof 1", "seek 12", "read 6 alpha",
        "write -1 Bad file number", "copy 18", "closed -1 Bad file number",
        "missing -1 No such file or directory", "create -1 Read-only file system",
        "stat 0 100644 size 18", "access 0 -1", "tty 1 0", "pipe-like seek -1 Illegal seek",
        "cwd /sub", "chdir -1 0 /"]
    assert done.returncode == 0


def test_directory(built: Path) -> None:
    """readdir to the end; opendir of a file is refused."""
    assert start(built, "directory").stdout.splitlines() == [
        "alpha 0", "sub 1", "not 0 Not a directory"]


def test_many_files_and_a_large_heap(built: Path) -> None:
    """The tables grow; malloc gets 20 MB and calloc zeroes."""
    assert start(built, "many").stdout.splitlines() == ["last 27", "heap 200"]


def test_processes_and_clocks(built: Path) -> None:
    """spawn's block, wait statuses, kill's errors, clocks, sleep, abort's status."""
    done = start(built, "processes")
    assert done.stdout.splitlines() == [
        "name||b c|ENV_ONE=1|PWD=/sub|", "spawn 77 1", "wait 1: 1 5 0 0", "wait 2: 0 0 1 9",
        "wait 3: 0 0 1 11", "none -1 No children", "kill 0", "kill -1 No such process",
        "clock 5.000000123", "time 1600000005", "sleep 0", "Partner or object is dead"]
    assert done.returncode == 128 + 6


def test_missing_symbol_is_named(built: Path) -> None:
    """A program for a newer vDSO says what it needs and ends with 127."""
    done = start(built, program="future")
    assert done.stderr == (f"{built}/future: needs iris_foo@IRIS_1.1, "
                           "which this kernel's vDSO does not have\n")
    assert done.returncode == 127
    assert start(built, program="future", vdso="newer.so").returncode == 0


def test_no_room_for_tls_is_refused(built: Path) -> None:
    """Whoever started the program did not read its PT_TLS."""
    done = start(built, NO_TLS_ROOM="1")
    assert "without room for its thread-local storage" in done.stderr
    assert done.returncode == 127


def test_old_program_on_newer_vdso(built: Path) -> None:
    """The program linked with 1.0 only runs where there is also 1.1."""
    assert start(built, "directory", vdso="newer.so").returncode == 0


def test_startup_block_limits(built: Path) -> None:
    """The composer of start blocks, under AddressSanitizer."""
    must(*HOST, "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
         START / "test_block.c", "-idirafter", f"{TREE}/libc/include", f"-I{TREE}/kernel/include",
         "-o", built / "test_block")
    assert must(built / "test_block").startswith("ok ")
