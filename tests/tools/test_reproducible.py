# SPDX-License-Identifier: MIT
"""The same sources give the same image, byte for byte, wherever they lie.

Two whole builds take minutes, so this is for `make soak`; that the composer itself depends on
nothing else is in test_image.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def copy_sources(target: Path) -> None:
    """What git knows of, or would."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    for name in listing.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def build(folder: Path, *words: str) -> None:
    """Make something there, away from a `make` that may have started us."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    subprocess.run(["make", "-s", "-C", str(folder), *words], check=True, env=environment)


@pytest.mark.soak
@pytest.mark.parametrize("mode", ["debug", "release"])
def test_two_builds_are_identical(tmp_path: Path, mode: str) -> None:
    folders = [tmp_path / "a", tmp_path / "elsewhere" / "with-a-longer-name"]
    copy_sources(folders[0])
    shutil.copytree(*folders)  # now, so that both are the same even while somebody edits
    for folder in folders:
        build(folder, f"V={mode}")
    outputs = ["iris.iso", "iris.tar", "iris-vdso.so.1", "bin/root", "bin/shell"]
    different = [name for name in outputs
                 if (folders[0] / "build" / mode / name).read_bytes()
                 != (folders[1] / "build" / mode / name).read_bytes()]
    assert not different


@pytest.mark.soak
def test_two_sdks_are_identical(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "elsewhere" / "with-a-longer-name"]
    copy_sources(folders[0])
    shutil.copytree(*folders)
    for folder in folders:
        build(folder, "sdk")
    first, second = (next(folder.glob("build/iris-sdk-*.tar.gz")) for folder in folders)
    assert first.read_bytes() == second.read_bytes()
