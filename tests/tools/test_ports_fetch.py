# SPDX-License-Identifier: MIT
"""How `make ports` gets sources: apt and dpkg-source, with a small archive on this disk."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTROL = """Source: thing
Maintainer: Nobody <nobody@invalid>
Standards-Version: 4.6.0

Package: thing
Architecture: all
Description: a thing
"""
CHANGELOG = """thing (1.5) unstable; urgency=low

  * All of it.

 -- Nobody <nobody@invalid>  Wed, 01 Jan 2020 00:00:00 +0000
"""


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/ports/fetch.py, which finds the archive `tmp_path`/archive configured."""
    spec = importlib.util.spec_from_file_location("fetch", ROOT / "tools/ports/fetch.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt/sources.list").write_text(f"deb [trusted=yes] copy:{tmp_path}/archive ./\n")
    monkeypatch.setattr(module, "CONFIGURED", tmp_path / "apt")
    monkeypatch.setattr(module, "PATIENCE", [])
    return module


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with one source package."""
    source = tmp_path / "archive/thing-1.5"
    (source / "debian/source").mkdir(parents=True)
    (source / "debian/source/format").write_text("3.0 (native)\n")
    (source / "debian/control").write_text(CONTROL)
    (source / "debian/changelog").write_text(CHANGELOG)
    (source / "thing.c").write_text("int thing;\n" * 1000)
    subprocess.run(["dpkg-source", "--build", source], cwd=source.parent, check=True,
                   capture_output=True)
    shutil.rmtree(source)
    with (source.parent / "Sources").open("w") as index:
        subprocess.run(["dpkg-scansources", "."], cwd=source.parent, check=True, stdout=index,
                       stderr=subprocess.DEVNULL)
    return source.parent


def test_fetched_once_and_kept(fetch: ModuleType, archive: Path, tmp_path: Path) -> None:
    """What was fetched is used without the archive; what is damaged is not."""
    sources = fetch.Sources(tmp_path / "cache")
    assert sources.unpack("thing", tmp_path / "out") == "1.5"
    assert (tmp_path / "out/thing.c").read_text().startswith("int thing;")
    archive.rename(tmp_path / "away")
    assert sources.unpack("thing", tmp_path / "again") == "1.5"
    kept, = (tmp_path / "cache/sources/thing").glob("*.tar.*")
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(fetch.FetchError, match="apt-get"):
        sources.unpack("thing", tmp_path / "third")
    (tmp_path / "away").rename(archive)
    assert sources.unpack("thing", tmp_path / "third") == "1.5"


def test_no_archive_in_reach(fetch: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(fetch.FetchError, match="no archive of sources is in reach"):
        fetch.Sources(tmp_path / "cache").fetch("thing")
    (tmp_path / "apt/sources.list").write_text("# nothing\n")
    with pytest.raises(fetch.FetchError, match="names no archive"):
        fetch.Sources(tmp_path / "cache").fetch("thing")


def test_configured_lists_in_both_forms(fetch: ModuleType) -> None:
    assert fetch.source_entries("# x\ndeb [a=b] u s c\ndeb-src u s c\n", False) \
        == "deb-src [a=b] u s c\n"
    stanzas = "Types: deb deb-src\nURIs: u\n\nTypes: deb\nEnabled: no\nURIs: v\n"
    assert fetch.source_entries(stanzas, True) == "Types: deb-src\nURIs: u\n"
