# SPDX-License-Identifier: MIT
"""iris-image: a boot image with programs, files and servers of one's own.

    iris-image -o my.iso hello counterd notes.txt=share/notes.txt --manifest counterd.conf

A FILE becomes bin/FILE in the image, NAME=FILE whatever it says. The lines of a manifest are added
to boot.conf, which says what root starts (its comments, and servers/root/config.h, explain them).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from .image import Image, ImageError


def archive_name(word: str) -> tuple[str, str]:
    """Name in the image and path of FILE or NAME=FILE."""
    name, equals, path = word.partition("=")
    return (name, path) if equals else (f"bin/{Path(word).name}", word)


def main(words: list[str] | None = None) -> int:
    """The command line tool; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="iris-image", description="Put programs and files into a boot image.")
    default = os.environ.get("IRIS_IMAGE")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--image", type=Path, default=default, required=default is None,
                        help=f"the image to start from (default: {default})")
    parser.add_argument("--manifest", type=Path, action="append", default=[],
                        help="servers to start: lines to be added to boot.conf")
    parser.add_argument("--append", default="", help="words for the kernel's command line")
    parser.add_argument("files", nargs="*", metavar="FILE", help="program, or NAME=FILE")
    arguments = parser.parse_args(words)
    try:
        image = Image.read(arguments.image)
        image.cmdline = " ".join([*image.cmdline.split(), *arguments.append.split()])
        image.add_files(dict(archive_name(word) for word in arguments.files))
        for manifest in arguments.manifest:
            image.add_manifest(manifest)
        image.write(arguments.output)
    except (ImageError, OSError) as error:
        print(f"iris-image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
