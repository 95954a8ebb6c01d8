# SPDX-License-Identifier: MIT
"""zlib's own tests, as `make test` in its sources runs them, and its output read by the host."""

from __future__ import annotations

import gzip
import re

import pytest

pytestmark = pytest.mark.port("zlib")

# What `example` prints when all is well: it exits with 1 otherwise.
EXAMPLE = ["uncompress(): hello, hello!", "gzread(): hello, hello!",
           "gzgets() after gzseek:  hello!", "inflate(): hello, hello!", "large_inflate(): OK",
           "after inflateSync(): hello, hello!", "inflate with dictionary: hello, hello!"]


def test_example(shell) -> None:
    """Deflate and inflate in memory; gzip files written, sought and read in /tmp."""
    result = shell.exec("cd /tmp && example")
    assert result.status == 0, result.text
    assert re.fullmatch(r"zlib version 1\.\S+ = 0x\w+, compile flags = 0x\w+", result.lines[0])
    assert result.lines[1:] == EXAMPLE
    shell.exec("rm foo.gz && cd /", check=True)


def test_minigzip(shell) -> None:
    """Through pipes, and from file to file; damage is noticed."""
    assert shell.exec("echo hello world | minigzip | minigzip -d").lines == ["hello world"]
    shell.exec("cp /bin/minigzip /tmp/m && minigzip /tmp/m && ls /tmp/m.gz", check=True)
    shell.exec("cp /tmp/m.gz /tmp/n.gz && minigzip -d /tmp/m.gz && cmp /tmp/m /bin/minigzip",
               check=True, timeout=60)
    shell.exec("head -c 20000 /tmp/n.gz >/tmp/short.gz")
    damaged = shell.exec("minigzip -d </tmp/short.gz >/dev/null")
    assert (damaged.lines, damaged.status) == (["minigzip: failed gzclose"], 1)
    shell.exec("rm /tmp/m /tmp/n.gz /tmp/short.gz", check=True)


def test_the_host_understands_it(shell) -> None:
    """What minigzip made here is unpacked by another program elsewhere."""
    dump = shell.exec("seq 400 | minigzip -9 | hexdump", check=True, timeout=60).lines
    data = bytes.fromhex(" ".join(line[8:].split("|")[0] for line in dump))
    assert gzip.decompress(data).decode().split() == [str(n) for n in range(1, 401)]
