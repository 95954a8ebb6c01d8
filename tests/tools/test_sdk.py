# SPDX-License-Identifier: MIT
"""The SDK, unpacked into an empty folder, on a machine without the source tree.

Everything runs in a mount namespace in which an empty file system lies over the tree, with an
environment of its own and an empty home. Where the system allows no namespaces, only the last two
hold, and test_nothing_points_into_the_tree has to be enough.
"""

from __future__ import annotations

import functools
import re
import shlex
import shutil
import subprocess
import tarfile
import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text().strip()
ARCHIVE = ROOT / f"build/iris-sdk-{VERSION}.tar.gz"
HIDE = 'mount -t tmpfs -o size=0 none "$0" && cd "$1" && shift && exec "$@"'

# One line of each example, and what breaks it.
BREAKS = {
    "counter": ("main.c", "amount > COUNTER_LIMIT - number", "amount > COUNTER_LIMIT"),
    "fortune": ("main.c", "next = (next + 1) % SAYINGS;", ""),
    "hello": ("main.c", "int i = 1; i < argc", "int i = 2; i < argc"),
    "identify": ("main.c", "(char)(word >> 8)", "(char)word"),
    "pager": ("main.c", "iris_memory_unmap(0, (uint32_t)made, 1, 0);", ""),
    "pingpong": ("server.c", "message_set_word(m, i, ~message_word(m, i));", "(void)i;"),
    "pool": ("main.c", "pool.primes += found;", "pool.primes = found;"),
    "qserver": ("main.c", "message->text[length - 1 - i]", "message->text[i]"),
    "sandbox": ("main.c", "sandbox.left -= (uint32_t)got;", ""),
    "shm": ("main.c", "iris_mutex_lock(&shared->lock);", ""),
    "timer": ("main.c", "ticker->ticks++;", ""),
}


@functools.cache
def hiding() -> list[str]:
    """The words before a command that make it see no source tree."""
    for unshare in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        command = [*unshare, "sh", "-c", HIDE, str(ROOT), "/"]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command[:-1]
    return ["sh", "-c", 'cd "$1" && shift && exec "$@"', str(ROOT)]


class Sdk:
    """The unpacked SDK and a place to work in."""

    def __init__(self, place: Path) -> None:
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(place)
        self.top = place / f"iris-sdk-{VERSION}"
        self.home = place / "home"
        self.home.mkdir()

    def run(self, command: str, folder: Path, fails: bool = False,
            **keywords: object) -> subprocess.CompletedProcess[str]:
        """A shell's command, away from the tree; its output is shown if it fails."""
        environment = {"PATH": f"{self.top}/bin:/usr/bin:/bin", "HOME": str(self.home),
                       "LANG": "C.UTF-8", "SDK": str(self.top)}
        done = subprocess.run([*hiding(), str(folder), "sh", "-ec", command], env=environment,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, **keywords)
        assert fails or done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        return done

    def compile(self, folder: Path, source: str, name: str = "program.c") -> Path:
        """One program from one source."""
        (folder / name).write_text(source)
        driver = "g++" if name.endswith(".cc") else "gcc"
        self.run(f"i686-iris-{driver} -Wall -Werror -O1 -o program {name}", folder)
        return folder / "program"


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    if not ARCHIVE.exists():
        pytest.fail(f"{ARCHIVE} is missing: `make test` and `make sdk` make it")
    return Sdk(tmp_path_factory.mktemp("sdk"))


# ---- What is in it ---------------------------------------------------------------------------


def test_nothing_points_into_the_tree(sdk: Sdk) -> None:
    pointing = [path for path in sdk.top.rglob("*")
                if path.is_file() and str(ROOT).encode() in path.read_bytes()]
    assert not pointing


def test_archive_is_plain() -> None:
    with tarfile.open(ARCHIVE) as archive:
        members = archive.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names)
    owners = {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members}
    assert owners == {(0, 0, "", "", 1577836800)}
    assert {f"iris-sdk-{VERSION}/{name}" for name in (
        "LICENSE", "NOTICES", "COPYING.NEWLIB", "README.md", "bin/i686-iris-gcc", "bin/idlc",
        "lib/libc.a", "lib/crt0.o", "lib/iris-vdso.so", "image/iris.iso", "share/man/ipc_call",
        "examples/hello/main.c")} <= set(names)


def test_no_host_header_is_in_reach(sdk: Sdk, tmp_path: Path) -> None:
    for header in ("linux/types.h", "gnu/libc-version.h", "asm/unistd.h", "features-time64.h"):
        assert subprocess.run(["gcc", "-E", "-x", "c", "-"], input=f"#include <{header}>\n",
                              text=True, capture_output=True, check=False).returncode == 0
        done = sdk.run(f"echo '#include <{header}>' | i686-iris-gcc -E -x c -", tmp_path,
                       fails=True)
        assert done.returncode != 0 and "No such file" in done.stderr
    done = sdk.run("CPATH=/usr/include i686-iris-gcc -v -E -x c /dev/null", tmp_path)
    places = re.search(r"<...> search starts here:\n(.*)End of search list", done.stderr, re.DOTALL)
    assert places
    folders = [Path(line.strip()).resolve() for line in places[1].splitlines()]
    own = subprocess.run(["gcc", "-m32", "-print-file-name=include"], capture_output=True,
                         text=True, check=True).stdout.strip()
    assert folders == [sdk.top / "include/overlay", sdk.top / "include", Path(own).resolve()]


def test_macros_are_not_the_hosts(sdk: Sdk, tmp_path: Path) -> None:
    macros = sdk.run("i686-iris-gcc -dM -E -x c /dev/null", tmp_path).stdout
    assert "#define __iris__ 1" in macros
    assert not re.search(r"#define (__)?(linux|unix|gnu_linux)", macros)
    assert "__PIE__" not in macros and "__SSE__" not in macros


def test_relocated_into_a_folder_with_a_blank(sdk: Sdk, tmp_path: Path) -> None:
    other = tmp_path / "an other place"
    other.mkdir()
    sdk.run(f"cp -r $SDK '{other}/sdk'", tmp_path)
    (tmp_path / "m.c").write_text("#include <math.h>\nint main(int c, char **v)"
                                  "{ (void)v; return (int)sqrt(c); }\n")
    sdk.run(f"'{other}/sdk/bin/i686-iris-gcc' -o m m.c -lm -lpthread && "
            f"'{other}/sdk/bin/i686-iris-nm' m | grep start_main", tmp_path)


# ---- The examples ----------------------------------------------------------------------------


def examples(sdk: Sdk) -> list[str]:
    return sorted(path.parent.name for path in sdk.top.glob("examples/*/Makefile"))


def build_make(sdk: Sdk, folder: Path, names: list[str]) -> dict[str, Path]:
    for name in names:
        sdk.run(f"make -s SDK=$SDK build/{name}", folder / name)
    return {name: folder / name / "build" / name for name in names}


def build_cmake(sdk: Sdk, folder: Path, names: list[str]) -> dict[str, Path]:
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(all C)\n"
        + "".join(f"add_subdirectory({name})\n" for name in names))
    sdk.run("cmake -G Ninja --toolchain $SDK/share/cmake/iris.cmake -B out . && ninja -C out",
            folder)
    return {name: folder / "out" / name / name for name in names}


def build_meson(sdk: Sdk, folder: Path, names: list[str]) -> dict[str, Path]:
    (folder / "meson.build").write_text(
        "project('all', 'c')\n" + "".join(f"subproject('{name}')\n" for name in names))
    (folder / "subprojects").mkdir()
    for name in names:
        (folder / name).rename(folder / "subprojects" / name)
    sdk.run("iris-meson-cross >iris.ini && meson setup --cross-file iris.ini out && ninja -C out",
            folder)
    return {name: folder / "out/subprojects" / name / name for name in names}


BUILDS: dict[str, Callable[[Sdk, Path, list[str]], dict[str, Path]]] = {
    "make": build_make, "cmake": build_cmake, "meson": build_meson}


def outcomes(sdk: Sdk, folder: Path, programs: dict[str, Path]) -> dict[str, bool]:
    """Boots all of them in one image and runs each one's own scenario: whether it passed."""
    sdk.run(shlex.join(["iris-image", "-o", "all.iso", *map(str, programs.values())]), folder)
    tests = [str(sdk.top / f"examples/{name}/test_{name}.py") for name in programs]
    sdk.run("iris-test --iris-image=all.iso --dut-scope=session --base-timeout=60 "
            "-p no:cacheprovider --rootdir=. --junitxml=out.xml " + shlex.join(tests), folder,
            fails=True)
    passed: dict[str, bool] = {}
    for case in ElementTree.parse(folder / "out.xml").iter("testcase"):
        bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        name = str(case.get("name")).partition("[")[0].removeprefix("test_")
        passed[name] = passed.get(name, True) and not bad
    return passed


@pytest.mark.parametrize("tool", BUILDS)
def test_examples_build_and_pass(sdk: Sdk, tmp_path: Path, tool: str) -> None:
    names = examples(sdk)
    for name in names:
        shutil.copytree(sdk.top / "examples" / name, tmp_path / name)
    programs = BUILDS[tool](sdk, tmp_path, names)
    assert outcomes(sdk, tmp_path, programs) == dict.fromkeys(names, True)


def test_examples_fail_when_one_line_is_broken(sdk: Sdk, tmp_path: Path) -> None:
    names = examples(sdk)
    assert names == sorted(BREAKS)
    for name, (file, line, broken) in BREAKS.items():
        shutil.copytree(sdk.top / "examples" / name, tmp_path / name)
        text = (tmp_path / name / file).read_text()
        assert text.count(line) == 1
        (tmp_path / name / file).write_text(text.replace(line, broken))
    programs = build_make(sdk, tmp_path, names)
    assert outcomes(sdk, tmp_path, programs) == dict.fromkeys(names, False)


def test_ten_lines(sdk: Sdk, tmp_path: Path) -> None:
    """What docs/sdk.md says comes first, typed; the packages are there already."""
    text = (sdk.top / "README.md").read_text()
    block = re.search(r"<!-- ten-lines:begin -->\n```\n(.*?)```", text, re.DOTALL)
    assert block
    assert block[0] in (ROOT / "README.md").read_text(), "README.md shows other lines"
    lines = block[1].replace("\\\n", "").splitlines()
    assert lines[0].startswith("sudo apt-get install") and len(lines) <= 10
    shutil.copy(ARCHIVE, tmp_path)
    done = sdk.run("\n".join(lines[1:]), tmp_path)
    assert done.stdout.startswith("Hello, Iris\nstatus 7\n") and "1 passed" in done.stdout


# ---- The manual's examples -------------------------------------------------------------------


@pytest.fixture
def manual(sdk: Sdk, tmp_path: Path) -> dict[str, str]:
    """What stands under EXAMPLE in each manual page, as somebody would copy it, and compiled."""
    examples = {}
    for page in sorted(sdk.top.glob("share/man/[!.]*")):
        _, heading, text = page.read_text().partition("\nEXAMPLE\n")
        if heading:
            examples[page.name] = textwrap.dedent(text)
            (tmp_path / f"{page.name}.c").write_text(examples[page.name])
    sdk.run("i686-iris-gcc -O1 -Wall -Wextra -Werror -c *.c "
            "$(i686-iris-pkg-config --cflags libiris)", tmp_path)
    return examples


def test_manual_examples_compile(manual: dict[str, str]) -> None:
    assert len(manual) > 50


@pytest.mark.soak
def test_manual_examples_run(sdk: Sdk, tmp_path: Path, manual: dict[str, str]) -> None:
    """Those that are programs end with 0; one serves a file and does not end."""
    programs = [name for name, text in manual.items() if "\nint main(" in text]
    sdk.run("".join(f"i686-iris-gcc -o x_{n} {n}.o\n" for n in programs)
            + "iris-image -o all.iso x_*", tmp_path)
    runs = [f"x_{name}" for name in programs if name != "resmgr_attach"]
    assert len(runs) > 30
    (tmp_path / "test_all.py").write_text(
        f"""def test_all(shell):
    assert {{p: shell.exec(p).status for p in {runs}}} == dict.fromkeys({runs}, 0)
    shell.dut.write("x_resmgr_attach &\\r")
    shell.dut.expect(r"serving /dev/nothing\\n")
    shell.dut.write("\\r")
    shell.wait_prompt()
    assert shell.exec("cat /dev/nothing").status == 0
    shell.exec("kill %1; wait")
""")
    sdk.run("iris-test -q --iris-image=all.iso -p no:cacheprovider test_all.py", tmp_path)


# ---- The plugin, installed -------------------------------------------------------------------


def test_plugin_installs_offline(sdk: Sdk, tmp_path: Path) -> None:
    shutil.copytree(sdk.top / "share/iris/harness", tmp_path / "harness")  # pip builds in place
    (tmp_path / "test_it.py").write_text(
        "def test_it(shell):\n    assert shell.exec('echo hi').lines == ['hi']\n")
    sdk.run("/usr/bin/python3 -m venv --system-site-packages v && "
            "v/bin/pip -q install --no-index --no-build-isolation ./harness && rm -r harness && "
            "v/bin/python -m pytest -q --iris-image=$SDK/image/iris.iso test_it.py", tmp_path)


# ---- iris-run --exec -------------------------------------------------------------------------

BYTES = r"""
#include <stdio.h>
int main(int argc, char **argv)
{
    for (int i = 0; i < 1000; i++)
        for (int c = 0; c < 256; c++)
            if (i % 50 == 0 || c == '\r' || c == '\n')
                putchar(c);
    fputs("no newline at the end\r", stdout);
    return argc == 3 && argv[2][0] == ' ' ? 42 : 1;
}
"""


def bytes_expected() -> bytes:
    """What BYTES writes."""
    everything, ends = bytes(range(256)), b"\n\r"
    return b"".join(everything if i % 50 == 0 else ends for i in range(1000)) + \
        b"no newline at the end\r"


@pytest.mark.parametrize("emulator", ["qemu", pytest.param("bochs", marks=pytest.mark.soak)])
def test_exec_passes_bytes_and_status(sdk: Sdk, tmp_path: Path, emulator: str) -> None:
    sdk.compile(tmp_path, BYTES)
    done = sdk.run(f"iris-run --emulator={emulator} --exec ./program a ' b c' >out || "
                   "echo $? >status", tmp_path)
    assert (tmp_path / "out").read_bytes() == bytes_expected(), done.stderr
    assert (tmp_path / "status").read_text() == "42\n"


def test_exec_passes_input(sdk: Sdk, tmp_path: Path) -> None:
    """Any bytes, to the end of the file; nothing, if there is none."""
    (tmp_path / "in").write_bytes(bytes(range(256)) * 40)
    sdk.run("iris-run --exec cat <in >out && cmp in out", tmp_path)
    assert sdk.run("iris-run --exec wc </dev/null", tmp_path).stdout.split() == ["0", "0", "0"]
    done = sdk.run("mkfifo f; exec 3<>f; iris-run --timeout 1 --exec cat <&3", tmp_path, fails=True)
    assert done.returncode == 124 and "standard input has not ended" in done.stderr
    done = sdk.run("iris-run --memory 16 --exec cat </dev/zero", tmp_path, fails=True)
    assert done.returncode == 126 and "longer than 4 MiB" in done.stderr


CXX = r"""
#include <stdio.h>
struct shape {
    virtual ~shape() {}
    virtual int area() const = 0;
};
struct square : shape {
    int side;
    explicit square(int s) : side(s) {}
    int area() const override { return side * side; }
};
template <typename T> T twice(T x) { return x + x; }
static struct early {
    int value;
    early() : value(twice(3)) {}
    ~early() { puts("destructor at exit"); }
} early;
int main()
{
    shape *s = new square(early.value);
    printf("%d\n", s->area());
    delete s;
    static int *many = new int[100]();
    int places[] = {1, 2};
    for (auto place : places)
        many[place] = place;
    delete[] many;
    return 0;
}
"""


PATTERNS = """
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <regex.h>
int main(int argc, char **argv)
{
    regex_t expression;
    regmatch_t where;
    glob_t found;
    if (regcomp(&expression, argv[0], 0) != 0)
        return 1;
    int status = regexec(&expression, argv[0], 1, &where, 0);
    regfree(&expression);
    if (glob(argv[0], GLOB_NOCHECK, 0, &found) == 0)
        globfree(&found);
    return status + fnmatch(argv[0], dirname(argv[0]), 0) + argc;
}
"""


def test_the_library_has_patterns(sdk: Sdk, tmp_path: Path) -> None:
    """What is compiled apart from the rest of newlib is in the SDK's libc.a too."""
    sdk.compile(tmp_path, PATTERNS)


def test_cxx_without_its_library(sdk: Sdk, tmp_path: Path) -> None:
    """Built by Meson and run by it, through the wrapper of its cross file."""
    (tmp_path / "program.cc").write_text(CXX)
    (tmp_path / "meson.build").write_text("project('it', 'cpp')\n"
                                          "test('it', executable('it', 'program.cc'))\n")
    sdk.run("iris-meson-cross >iris.ini && meson setup --cross-file iris.ini out", tmp_path)
    done = sdk.run("meson test -C out -v", tmp_path)
    assert "\n36\ndestructor at exit\n" in done.stdout


def test_exec_says_why_there_is_no_status(sdk: Sdk, tmp_path: Path) -> None:
    done = sdk.run("iris-run --timeout 3 --exec spin", tmp_path, fails=True)
    assert done.returncode == 124 and "not done within 3 s" in done.stderr
    done = sdk.run("iris-run --exec nothing-of-this-name", tmp_path, fails=True)
    assert done.returncode == 126 and "nothing-of-this-name" in done.stderr
    done = sdk.run("iris-run --exec crash", tmp_path, fails=True)
    assert done.returncode == 128 + 11 and "fault_null" in done.stdout
