# SPDX-License-Identifier: MIT
"""How each port is built: the list of ports, in a few lines each.

A recipe gets a `Kitchen` (ports.py) and returns the programs and files that go into the image, by
their names there. Sources are built where they were unpacked, with the SDK's compiler; a patch is
`patches/NAME.patch`, if there is one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ports import Kitchen

Files = dict[str, Path]


def lua(kitchen: Kitchen) -> Files:
    """Lua 5.4 by its own makefile, for a system with POSIX."""
    source = kitchen.unpack("lua5.4", upstream=True)
    kitchen.make(source / "src", "posix", f"CC={kitchen.tool('gcc')} -std=gnu99",
                 f"AR={kitchen.tool('ar')} rcu", f"RANLIB={kitchen.tool('ranlib')}")
    return {"bin/lua": source / "src/lua", "bin/luac": source / "src/luac"}


def zlib(kitchen: Kitchen) -> Files:
    """zlib with its own configure script, and the two programs it tests itself with."""
    source = kitchen.unpack("zlib")
    kitchen.run(source, "./configure", "--static", CHOST="i686-iris", CC=kitchen.tool("gcc"),
                AR=kitchen.tool("ar"), RANLIB=kitchen.tool("ranlib"))
    kitchen.make(source, "example", "minigzip")
    return {"bin/example": source / "example", "bin/minigzip": source / "minigzip"}


def sqlite(kitchen: Kitchen) -> Files:
    """SQLite's shell from its amalgamation, which scripts of Tcl make on the host."""
    source = kitchen.unpack("sqlite3")
    kitchen.run(source, "./configure", "--disable-tcl", "--disable-readline", "--disable-shared")
    kitchen.make(source, "sqlite3.c", "shell.c")
    kitchen.run(source, kitchen.tool("gcc"), "-O2", "-w", "-o", "sqlite3-iris", "shell.c",
                "sqlite3.c", "-lm", "-DSQLITE_THREADSAFE=1", "-DSQLITE_OMIT_LOAD_EXTENSION",
                "-DSQLITE_ENABLE_MATH_FUNCTIONS", "-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_RTREE")
    return {"bin/sqlite3": source / "sqlite3-iris"}


def dte(kitchen: Kitchen) -> Files:
    """dte, an editor for terminals that needs no curses."""
    source = kitchen.unpack("dte")
    kitchen.make(source, f"CC={kitchen.tool('gcc')}", "KERNEL=Iris", "OS=Iris", "ICONV_DISABLE=1",
                 "dte")
    return {"bin/dte": source / "dte"}


PORTS = {"lua": lua, "zlib": zlib, "sqlite": sqlite, "dte": dte}
