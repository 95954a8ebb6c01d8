#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pack the SDK: one archive, the same bytes from the same content wherever and whenever made.

    pack.py --version 1.0 --output build/iris-sdk-1.0.tar.gz [--set NAME=VALUE]... MANIFEST

Lines of the manifest (paths are relative to the current folder, the tree's root):

    FOLDER/  PATTERN...                 files into a folder; below `/**` they keep their places
    NAME     FILE                       one file under another name
    FOLDER/  PATTERN... => TEMPLATE     for each match the file with its stem in the place of %
    NAME     -> TARGET                  a symbolic link

A file named *.in loses that, and the @NAME@ in it become what --set says. A pattern without a match
is an error: nothing is left out unnoticed.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

EPOCH = 1577836800  # as in boot images


class PackError(Exception):
    """The manifest asks for what is not there; the message says where."""


def matches(pattern: str) -> list[tuple[Path, Path]]:
    """Files a pattern stands for, each with its place below the destination; never empty."""
    fixed, deep, _ = pattern.partition("/**")
    found = sorted(Path(fixed).rglob("*") if deep else Path().glob(pattern))
    files = [(path, path.relative_to(fixed) if deep else Path(path.name)) for path in found
             if path.is_file() and "__pycache__" not in path.parts]
    if not files:
        raise PackError(f"nothing matches {pattern}")
    return files


def expand(to: str, sources: list[str]) -> Iterator[tuple[str, Path | str]]:
    """The files (or the target of the link) one line of the manifest stands for."""
    if sources[0] == "->":
        yield to, sources[1]
        return
    template = sources[-1] if "=>" in sources else None
    for pattern in sources[:-2] if template else sources:
        for path, place in matches(pattern):
            if template:
                path = Path(template.replace("%", path.stem))
                place = Path(path.name)
            yield str(Path(to) / place if to.endswith("/") else Path(to)), path


def read_manifest(manifest: Path) -> dict[str, Path | str]:
    """Names in the archive and where each comes from."""
    content: dict[str, Path | str] = {}
    for number, line in enumerate(manifest.read_text().splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            for name, source in expand(words[0], words[1:]):
                if name in content:
                    raise PackError(f"{name} is there already, from {content[name]}")
                content[name] = source
        except PackError as error:
            raise PackError(f"{manifest}:{number}: {error}") from error
    return content


def substituted(data: bytes, values: dict[str, str]) -> bytes:
    """A template with its values; those that nobody set stay (other tools set them later)."""
    return re.sub(r"@(\w+)@", lambda found: values.get(found[1], found[0]),
                  data.decode()).encode()


def entry(name: str, source: Path | str, values: dict[str, str]) -> tuple[tarfile.TarInfo, bytes]:
    """One member of the archive."""
    info = tarfile.TarInfo(name)
    info.mtime = EPOCH
    if isinstance(source, str):
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, source, 0o777
        return info, b""
    data = source.read_bytes()
    if source.suffix == ".in":
        info.name = name.removesuffix(".in")
        data = substituted(data, values)
    info.size = len(data)
    info.mode = 0o755 if os.access(source, os.X_OK) else 0o644
    return info, data


def pack(content: dict[str, Path | str], top: str, values: dict[str, str]) -> bytes:
    """The archive, folders left to be made by who unpacks it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(content):
            info, data = entry(f"{top}/{name}", content[name], values)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), compresslevel=6, mtime=EPOCH)


def main() -> int:
    """The command line tool; returns its exit status."""
    parser = argparse.ArgumentParser(description="Pack the SDK.")
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("manifest", type=Path)
    arguments = parser.parse_args()
    values = dict(word.split("=", 1) for word in arguments.set)
    values["VERSION"] = arguments.version
    try:
        data = pack(read_manifest(arguments.manifest), f"iris-sdk-{arguments.version}", values)
    except (PackError, OSError) as error:
        print(f"pack: {error}", file=sys.stderr)
        return 1
    new = arguments.output.with_suffix(".new")
    new.write_bytes(data)
    new.replace(arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
