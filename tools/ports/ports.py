#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Builds programs nobody here wrote with the SDK, and puts them into a boot image (`make ports`).

    ports.py --sdk build/iris-sdk-0.1.0.tar.gz --build build/ports [NAME...]

The image is BUILD/ports.iso, BUILD/built names the ports in it. A port that cannot be built is an
error, after the others were tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

sys.dont_write_bytecode = True

from fetch import FetchError, Sources  # noqa: E402
from recipes import PORTS, Files  # noqa: E402

PATCHES = Path(__file__).parent / "patches"
PATCH_LINES = 100


class PortError(Exception):
    """A port that cannot be built."""


class Kitchen:
    """What a recipe works with: sources, the SDK's tools, a log."""

    def __init__(self, name: str, build: Path, sdk: Path) -> None:
        self.name, self.build, self.sdk = name, build / name, sdk
        self.build.mkdir(parents=True, exist_ok=True)
        self.log = self.build / "log"
        self.log.write_text("")
        self.version, self.patched = "unknown", 0

    def tool(self, name: str) -> str:
        """Path of one of the SDK's tools for programs of Iris."""
        return str(self.sdk / "bin" / f"i686-iris-{name}")

    def unpack(self, package: str, upstream: bool = False) -> Path:
        """Its source, with Debian's patches unless `upstream`, and with ours if there is one."""
        source = self.build / "source"
        self.version = Sources().unpack(package, source, upstream)
        patch = PATCHES / f"{self.name}.patch"
        if patch.exists():
            self.patched = len(patch.read_text().splitlines())
            if self.patched >= PATCH_LINES:
                raise PortError(f"{patch} has {PATCH_LINES} lines or more")
            self.run(source, "patch", "-p1", "-i", str(patch.resolve()))
        return source

    def run(self, folder: Path, *command: str, **environment: str) -> None:
        """One step; what it says goes to the log."""
        with self.log.open("a") as log:
            print(f"$ {' '.join(command)}", file=log, flush=True)
            done = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT,
                                  check=False, env={**os.environ, **environment})
        if done.returncode != 0:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise PortError(f"{self.name}: {command[0]} failed ({self.log}):\n{tail}")

    def make(self, folder: Path, *words: str) -> None:
        """make, not as a part of the make that runs this."""
        self.run(folder, "make", "-j2", *words, MAKEFLAGS="", MFLAGS="", MAKELEVEL="")


def unpack_sdk(archive: Path, to: Path) -> Path:
    """The SDK as somebody would unpack it who got the archive."""
    shutil.rmtree(to, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(to)
    folder, = to.iterdir()
    return folder.resolve()


def build(name: str, folder: Path, sdk: Path) -> Files:
    """One port: its files for the image, with their debugging information taken off."""
    kitchen = Kitchen(name, folder, sdk)
    print(f"ports: building {name}", flush=True)
    files = PORTS[name](kitchen)
    for path in files.values():
        kitchen.run(path.parent, kitchen.tool("strip"), "--strip-debug", str(path))
    sizes = ", ".join(f"{place} {path.stat().st_size >> 10} KiB" for place, path in files.items())
    patch = f"patch of {kitchen.patched} lines" if kitchen.patched else "no patch"
    print(f"ports: {name} {kitchen.version}, {patch}: {sizes}", flush=True)
    return files


def main() -> int:
    """Build all or the named ports, and the image; returns the exit status."""
    parser = argparse.ArgumentParser(description="Build ports with the SDK.")
    parser.add_argument("--sdk", type=Path, required=True, help="archive that `make sdk` made")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("names", nargs="*", choices=[[], *PORTS], metavar="NAME")
    arguments = parser.parse_args()
    folder = arguments.build.resolve()
    sdk = unpack_sdk(arguments.sdk, folder / "sdk")
    files: Files = {}
    built = []
    names = arguments.names or list(PORTS)
    for name in names:
        try:
            files |= build(name, folder, sdk)
            built.append(name)
        except (FetchError, PortError) as error:
            print(f"ports: {error}", file=sys.stderr)
    subprocess.run([sdk / "bin/iris-image", "-o", folder / "ports.iso",
                    *(f"{place}={path}" for place, path in files.items())], check=True)
    (folder / "built").write_text("".join(f"{name}\n" for name in built))
    return 0 if built == names else 1


if __name__ == "__main__":
    sys.exit(main())
