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


PORTS = {"lua": lua, "zlib": zlib}
