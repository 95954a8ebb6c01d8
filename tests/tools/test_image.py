# SPDX-License-Identifier: MIT
"""The image composer: what it puts together it can take apart, and always the same bytes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from iris_harness import image as images

FILES = {"bin/hello": b"\x7fELF" + bytes(5000), "man/ipc": b"short", "empty": b"",
         "page": bytes(4096), "odd": bytes(range(256)) * 9 + b"x"}


def test_archive_data_is_page_aligned_and_manifest_first(tmp_path: Path) -> None:
    archive = images.make_archive(tmp_path / "boot.tar", FILES)
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        data = {m.name: tar.extractfile(m).read() for m in members if m.name != images.PAD}
        text = data.pop("manifest").decode()
    assert members[0].name == "manifest"
    assert data == FILES
    for member in members[1:]:
        if member.name != images.PAD:
            assert member.offset_data % 4096 == 0, member.name
    assert archive.stat().st_size % 4096 == 0
    lines = [line.split(" ") for line in text.splitlines()]
    assert lines == [[*images.checksum(FILES[n]).split(), str(len(FILES[n])), n]
                     for n in sorted(FILES)]


def test_checksum_is_that_of_the_guest() -> None:
    """tests/host/server_tar.c knows the same values."""
    assert images.checksum(b"123456789") == "6c6a689f 000000010d080336"
    assert images.checksum(b"") == "00000000 0000000000000000"
    assert images.checksum(bytes(4096)) != images.checksum(bytes([255]) * 4096)


def test_archive_is_readable_by_tar_and_keeps_executables(tmp_path: Path) -> None:
    archive = images.make_archive(tmp_path / "boot.tar", FILES)
    listing = subprocess.run(["tar", "tvf", str(archive)], check=True, capture_output=True,
                             text=True).stdout
    modes = {line.split()[-1]: line.split()[0] for line in listing.splitlines()}
    assert modes["bin/hello"] == "-rwxr-xr-x"
    assert modes["man/ipc"] == "-rw-r--r--"


@pytest.mark.parametrize("name", ["manifest", ".pad", "/absolute", "a blank", "", "x" * 101])
def test_archive_refuses_bad_names(name: str) -> None:
    with pytest.raises(images.ImageError, match="bad file name"):
        images.archive_bytes({name: b"data"})


def test_image_is_byte_identical_and_fast(tmp_path: Path) -> None:
    parts = {"kernel": b"kernel" * 999, "root": b"root",
             "archive": images.archive_bytes(FILES), "cmdline": "fastpath=off door=gate"}
    first = images.compose(tmp_path / "a" / "first.iso", **parts)
    begin = time.monotonic()
    second = images.compose(tmp_path / "other" / "second.iso", **parts)
    spent = time.monotonic() - begin
    assert first.read_bytes() == second.read_bytes()
    assert spent < 3, "composing should take a fraction of a second"
    assert [p.name for p in second.parent.iterdir()] == ["second.iso"], "no leftovers"


def test_image_does_not_depend_on_where_or_when(tmp_path: Path) -> None:
    """Two composers in different folders, time zones, languages, users' masks and years."""
    results = []
    for name, zone, language, mask in (("a", "UTC", "C", 0o022),
                                       ("a/longer path", "Asia/Tokyo", "de_DE.UTF-8", 0o077)):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        inputs = {"kernel": b"kernel" * 500, "root": b"root" * 100,
                  "boot.tar": images.archive_bytes(FILES)}
        for file, data in inputs.items():
            (folder / file).write_bytes(data)
            os.utime(folder / file, (10 ** 9 * len(name), 10 ** 9 * len(name)))
        subprocess.run(
            [sys.executable, "-c",
             f"import os; os.umask({mask}); from iris_harness import image; "
             "raise SystemExit(image.main(['compose', '-o', 'out.iso', '--kernel', 'kernel', "
             "'--root', 'root', '--archive', 'boot.tar']))"],
            check=True, cwd=folder, env={**os.environ, "TZ": zone, "LC_ALL": language,
                                         "PYTHONHASHSEED": str(len(name)),
                                         "PYTHONPATH": str(Path(images.__file__).parents[1])})
        results.append((folder / "out.iso").read_bytes())
    assert results[0] == results[1]


def verify_in_c(archive: Path) -> tuple[int, str]:
    """What the reader inside Iris thinks of an archive: number of files or -1, and why."""
    program = Path(__file__).resolve().parents[2] / "build/test/host/test_lib_tar"
    assert program.exists(), f"{program} is not built: run it through `make test`"
    done = subprocess.run([program, archive], capture_output=True, text=True, check=False)
    number, _, message = done.stdout.strip().partition(" ")
    assert done.returncode in (0, 1), done.stderr
    return int(number), message


def test_archive_is_understood_inside_iris(tmp_path: Path) -> None:
    archive = images.make_archive(tmp_path / "boot.tar", FILES)
    assert verify_in_c(archive) == (len(FILES), "")


def test_damage_is_noticed_inside_iris(tmp_path: Path, seed: int) -> None:
    """Any one byte of any file, and any cut."""
    sound = images.archive_bytes(FILES)
    archive = tmp_path / "boot.tar"
    with tarfile.open(images.make_archive(tmp_path / "sound.tar", FILES)) as tar:
        spans = {m.name: range(m.offset_data, m.offset_data + m.size) for m in tar if m.size}
    numbers = random.Random(seed)
    for name, span in spans.items():
        if name in (images.PAD, images.MANIFEST):
            continue
        damaged = bytearray(sound)
        damaged[numbers.choice(span)] ^= 1 << numbers.randrange(8)
        archive.write_bytes(damaged)
        number, message = verify_in_c(archive)
        assert number == -1 and name in message, message
    last = max(span.stop for span in spans.values())
    for _ in range(20):
        archive.write_bytes(sound[:numbers.randrange(last)])
        assert verify_in_c(archive)[0] == -1


def test_image_taken_apart_and_changed(tmp_path: Path) -> None:
    iso = images.compose(tmp_path / "one.iso", b"kernel", b"root", images.archive_bytes(FILES),
                         "a=b c;d e")
    image = images.extract(iso)
    assert (image.kernel, image.cmdline) == (b"kernel", "a=b c;d e")
    assert [(m.name, m.cmdline) for m in image.modules] == [("root.img", "root"),
                                                            ("boot.tar", "archive")]
    assert image.files() == FILES
    image.cmdline += " trace=on"
    image.add_files({"bin/new": b"new"})
    image.set_module("extra.bin", "extra words", b"extra")
    image.remove_module("root")
    again = images.extract(image.write(tmp_path / "two.iso"))
    assert again.cmdline == "a=b c;d e trace=on"
    assert again.files() == {**FILES, "bin/new": b"new"}
    assert again.module("extra words").data == b"extra"
    assert again.module("root") is None


@pytest.mark.parametrize("cmdline", ["it's", 'say "x"', "back\\slash"])
def test_image_refuses_what_grub_cannot_pass_on(tmp_path: Path, cmdline: str) -> None:
    with pytest.raises(images.ImageError, match="GRUB cannot pass on"):
        images.compose(tmp_path / "x.iso", b"kernel", cmdline=cmdline)


def test_image_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(images.ImageError, match="no such image"):
        images.extract(tmp_path / "missing.iso")
    other = tmp_path / "tree" / "file"
    other.parent.mkdir()
    other.write_text("x")
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-o", str(tmp_path / "other.iso"),
                    str(other.parent)], check=True, capture_output=True)
    with pytest.raises(images.ImageError, match="not an Iris boot image"):
        images.extract(tmp_path / "other.iso")


def test_command_line_adds_a_program(tmp_path: Path) -> None:
    images.compose(tmp_path / "one.iso", b"kernel", b"root", images.archive_bytes(FILES), "a=b")
    (tmp_path / "my.elf").write_bytes(b"\x7fELF my")
    status = images.main(["add", "-o", str(tmp_path / "two.iso"), "--append", "door=gate",
                          str(tmp_path / "one.iso"), f"bin/my={tmp_path / 'my.elf'}"])
    assert status == 0
    image = images.extract(tmp_path / "two.iso")
    assert image.cmdline == "a=b door=gate"
    assert image.files()["bin/my"] == b"\x7fELF my"


def test_command_line_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert images.main(["compose", "-o", str(tmp_path / "x.iso"), "--kernel", "/nowhere"]) == 1
    assert "cannot read /nowhere" in capsys.readouterr().err
