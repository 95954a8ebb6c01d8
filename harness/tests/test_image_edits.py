# SPDX-License-Identifier: MIT
"""Images changed for a test: command line, modules, programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iris_harness import DutError, UnlaunchedDut
from iris_harness.dut import Settings
from iris_harness.image import archive_bytes, compose, extract


@pytest.fixture
def config(tmp_path: Path) -> UnlaunchedDut:
    """An unlaunched machine with an image that cannot boot, but can be changed."""
    iso = compose(tmp_path / "base.iso", kernel=b"KERNEL", root=b"ROOT",
                  archive=archive_bytes({"bin/hello": b"HELLO"}), cmdline="init=sh")
    return UnlaunchedDut(iso, settings=Settings(image_cache=tmp_path / "cache"))


def test_unchanged_image_is_used_as_it_is(config: UnlaunchedDut) -> None:
    assert config.build_image() == config.iso


def test_words_are_added_to_the_command_line(config: UnlaunchedDut) -> None:
    config.cmdline = "fastpath=off  trace=on"
    assert extract(config.build_image()).cmdline == "init=sh fastpath=off trace=on"


def test_modules(config: UnlaunchedDut, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"NEW ROOT")
    config.modules = {"root.img": tmp_path / "new", "boot.tar": None, "extra": b"EXTRA"}
    image = extract(config.build_image())
    assert [(m.name, m.cmdline, m.data) for m in image.modules] == [
        ("root.img", "root", b"NEW ROOT"), ("extra", "extra", b"EXTRA")]


def test_programs(config: UnlaunchedDut, tmp_path: Path) -> None:
    (tmp_path / "prog").write_bytes(b"\x7fELF program")
    config.programs = {"mine": tmp_path / "prog"}
    assert extract(config.build_image()).files() == {"bin/hello": b"HELLO",
                                                     "bin/mine": b"\x7fELF program"}
    config.programs = {"mine": tmp_path / "missing"}
    with pytest.raises(DutError, match="no such program"):
        config.build_image()


def test_c_programs_are_compiled(config: UnlaunchedDut, tmp_path: Path,
                                 monkeypatch: pytest.MonkeyPatch) -> None:
    source, compiler = tmp_path / "prog.c", tmp_path / "compiler"
    source.write_text("int main(void);\n")
    config.programs = {"mine": source}
    monkeypatch.delenv("IRIS_CC", raising=False)
    with pytest.raises(DutError, match="no compiler driver"):
        config.build_image()
    compiler.write_text('#!/bin/sh\ntest "$1" = -o && echo "compiled: $(cat $3)" > $2\n')
    os.chmod(compiler, 0o755)
    monkeypatch.setenv("IRIS_CC", str(compiler))
    assert extract(config.build_image()).files()["bin/mine"] == b"compiled: int main(void);\n"
    compiler.rename(tmp_path / "iris-cc")  # beside the image it is found, too
    monkeypatch.delenv("IRIS_CC")
    assert extract(config.build_image()).files()["bin/mine"] == b"compiled: int main(void);\n"
    compiler = tmp_path / "iris-cc"
    compiler.write_text("#!/bin/sh\necho 'prog.c:1: error' >&2; exit 1\n")
    with pytest.raises(DutError, match="prog.c:1: error"):
        config.build_image()


def test_the_tree_compiles_for_its_own_images(config: UnlaunchedDut, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "build/debug").mkdir(parents=True)
    (tree / "harness/iris_harness").mkdir(parents=True)
    (tree / "harness/iris_harness/image.py").touch()
    (tree / "Makefile").write_text(
        "build/debug/run/prog: $(PROG)\n\tmkdir -p $(@D) && cat $(PROG) > $@\n")
    (tmp_path / "prog.c").write_text("SOURCE")
    config.iso = config.iso.rename(tree / "build/debug/iris.iso")
    config.programs = {"mine": tmp_path / "prog.c"}
    assert extract(config.build_image()).files()["bin/mine"] == b"SOURCE"


def test_other_edits_and_the_cache(config: UnlaunchedDut) -> None:
    config.edits = [lambda image: setattr(image, "kernel", b"DAMAGED")]
    path = config.build_image()
    assert extract(path).kernel == b"DAMAGED"
    stamp = path.stat().st_mtime_ns
    assert config.build_image().stat().st_mtime_ns == stamp
    config.edits = [lambda image: setattr(image, "kernel", b"OTHER")]
    assert config.build_image() != path
