# SPDX-License-Identifier: MIT
"""Nothing is declared that is not there, unless docs/posix.md says so.

The compiler lists every function that the headers declare; a program that takes the address of each
is linked. What the linker does not find has to stand in docs/posix.md, and nothing else may.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "debug"
HEADERS = """aio.h arpa/inet.h assert.h complex.h cpio.h ctype.h dirent.h dlfcn.h errno.h fcntl.h
    fenv.h float.h fmtmsg.h fnmatch.h ftw.h glob.h grp.h iconv.h inttypes.h iso646.h langinfo.h
    libgen.h limits.h locale.h math.h monetary.h mqueue.h ndbm.h net/if.h netdb.h netinet/in.h
    netinet/tcp.h nl_types.h poll.h pthread.h pwd.h regex.h sched.h search.h semaphore.h setjmp.h
    signal.h spawn.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h
    stropts.h sys/ipc.h sys/mman.h sys/msg.h sys/resource.h sys/select.h sys/sem.h sys/shm.h
    sys/socket.h sys/stat.h sys/statvfs.h sys/time.h sys/times.h sys/types.h sys/uio.h sys/un.h
    sys/utsname.h sys/wait.h syslog.h tar.h termios.h tgmath.h time.h trace.h ulimit.h unistd.h
    utime.h utmpx.h wchar.h wctype.h wordexp.h sys/ioctl.h sys/random.h sys/param.h""".split()
COMPILERS = {"float.h", "iso646.h", "stdarg.h", "stdbool.h", "stddef.h"}
USELESS = {"ndbm.h"}  # uses types it does not declare, and has no functions behind it
DECLARATION = re.compile(r"^/\* (\S+):\d+:N[A-Z] \*/ extern .*?(\w+) \(", re.MULTILINE)
UNDEFINED = re.compile(r"undefined reference to `(\w+)'")
LISTED = re.compile(r"<!-- begin: (.*?) -->(.*?)<!-- end -->", re.DOTALL)


def compiler(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The Makefile's compiler with the headers that programs see."""
    own = subprocess.run(["gcc", "-m32", "-print-file-name=include"], text=True, check=True,
                         capture_output=True).stdout.strip()
    undefined = [f"-U{name}" for name in ("__linux__", "__linux", "linux", "__gnu_linux__",
                                          "__unix__", "__unix", "unix")]
    return subprocess.run(
        ["gcc", "-m32", "-march=i686", "-std=gnu11", "-nostdinc", "-fno-builtin", "-fno-pic",
         "-fno-pie", "-w", *undefined, "-D__iris__=1", "-D_GNU_SOURCE", f"-I{ROOT}/libc/include",
         f"-I{ROOT}/kernel/include", f"-I{BUILD}/gen/include", "-isystem",
         f"{ROOT}/build/newlib/include", "-isystem", own, *map(str, words)],
        text=True, capture_output=True, check=False)


def has_header(name: str) -> bool:
    """Whether Iris has it: the host's own are not looked at."""
    return name not in USELESS and any((ROOT / folder / name).exists()
               for folder in ("libc/include", "build/newlib/include")) or name in COMPILERS


@pytest.fixture(name="declared", scope="module")
def _declared(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every function that a header of the standard declares here."""
    folder = tmp_path_factory.mktemp("headers")
    source = folder / "all.c"
    present = [name for name in HEADERS if has_header(name)]
    for name in present:
        source.write_text(f"#include <{name}>\n")
        done = compiler("-fsyntax-only", source)
        assert done.returncode == 0, f"<{name}> cannot be included by itself:\n{done.stderr}"
    source.write_text("".join(f"#include <{name}>\n" for name in present))
    done = compiler("-fsyntax-only", "-aux-info", folder / "all.x", source)
    assert done.returncode == 0, done.stderr
    names = {name for _, name in DECLARATION.findall((folder / "all.x").read_text())}
    return sorted(name for name in names if not name.startswith("_"))


def listed(title: str) -> set[str]:
    """The names in one of the lists of docs/posix.md."""
    lists = dict(LISTED.findall((ROOT / "docs" / "posix.md").read_text()))
    return set(re.findall(r"`(\w+)`", lists[title]))


def unresolved(names: list[str], folder: Path) -> set[str]:
    """Those that a program cannot be linked with: not there, or in need of what is not there."""
    missing = set()
    source, output = folder / "use.c", folder / "use.o"
    source.write_text("".join(f"extern char {name}[];\n" for name in names)
                      + "int main(void) { return 0; }\n"
                      + "".join(f"char *const use_{name} = {name};\n" for name in names))
    done = compiler("-c", "-o", output, source)
    assert done.returncode == 0, done.stderr
    libraries = [BUILD / "lib/libirisc.a", BUILD / "lib/libiris.a",
                 ROOT / "build/newlib/lib/libc.a", ROOT / "build/newlib/lib/libm.a"]
    libgcc = subprocess.run(["gcc", "-m32", "-print-libgcc-file-name"], text=True, check=True,
                            capture_output=True).stdout.strip()
    start = sorted((BUILD / "obj" / "libc").glob("crt0.o"))
    done = subprocess.run(
        ["gcc", "-m32", "-nostdlib", "-no-pie", "-Wl,--no-dynamic-linker", "-o",
         folder / "use", *start, output, "-Wl,--start-group", *libraries, libgcc,
         "-Wl,--end-group", BUILD / "iris-vdso.so.1"], text=True, capture_output=True, check=False)
    assert "multiple definition" not in done.stderr, done.stderr
    where = None
    for line in done.stderr.splitlines():
        if match := re.search(r"in function `(\w+)'", line):
            where = match[1]
        for name in UNDEFINED.findall(line):
            if name in names:
                missing.add(name)
            elif where in names:
                missing.add(where)
    return missing


def test_declared_functions_link(declared: list[str], tmp_path: Path) -> None:
    """What is declared links, or docs/posix.md lists it as a gap; and that list is no longer."""
    assert len(declared) > 700
    missing = unresolved(declared, tmp_path)
    gaps = listed("declared, does not link")
    assert sorted(missing - gaps) == [], "not in docs/posix.md"
    assert sorted(gaps - missing) == [], "docs/posix.md lists what is there now"


def test_headers_listed() -> None:
    """docs/posix.md tells which headers of the standard there are not."""
    absent = {name for name in HEADERS if not has_header(name)}
    lists = dict(LISTED.findall((ROOT / "docs" / "posix.md").read_text()))
    assert sorted(re.findall(r"`([\w/]+\.h)`", lists["missing headers"])) == sorted(absent)
