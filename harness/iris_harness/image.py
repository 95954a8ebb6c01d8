# SPDX-License-Identifier: MIT
"""Compose, read and change Iris boot images.

A boot image is a small GRUB ISO, made without network and byte-identical from the same input:

    /boot/iris.elf    the kernel (multiboot2)
    /boot/root.img    module "root": the first program
    /boot/boot.tar    module "archive": every other program and file, with a manifest
    /boot/grub.cfg    what GRUB does: load these with their command lines, or say on COM1 why not
    /boot/core.img    GRUB, and /boot/i386-pc/*.mod the modules it needs for that

The library part serves the test harness and the build; the command line serves the Makefile:

    image.py archive -o boot.tar bin/hello=build/release/bin/hello ...
    image.py compose -o iris.iso --kernel iris.elf --root root.img --archive boot.tar
    image.py add     -o new.iso old.iso bin/my=my.elf --append "trace=on"
    image.py extract iris.iso DIRECTORY
    image.py list    iris.iso

The boot archive is a ustar tar. Its first entry `manifest` has one line `CRC32 SIZE NAME` for each
file (CRC-32 as in IEEE 802.3, eight hexadecimal digits; decimal size). The data of every other file
starts on a 4096-byte boundary of the archive, so that pages can be mapped straight from it; entries
named `.pad` fill the gaps and are not listed.
"""

from __future__ import annotations

import argparse
import array
import dataclasses
import functools
import io
import itertools
import operator
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

PAGE = 4096
BLOCK = 512
EPOCH = 1577836800  # 2020-01-01T00:00:00Z: the one date in every image
ISO_DATE = "2020010100000000"
MANIFEST = "manifest"
PAD = ".pad"
BOOT_CONF = "boot.conf"
GRUB_FOLDER = Path("/usr/lib/grub/i386-pc")
# What GRUB needs to load the rest of itself from the ISO: its core is compressed so well that
# unpacking all of it would take half of Bochs' way to the kernel.
GRUB_CORE_MODULES = ("biosdisk", "iso9660")
GRUB_MODULES = ("normal", "multiboot2", "serial", "terminal", "echo")
GRUB_HEAD = """\
insmod multiboot2
function fail {
  insmod serial
  insmod echo
  serial --unit=0 --speed=115200
  terminal_output serial console
  echo "Iris cannot boot: /boot/$1 is missing, damaged or too big for memory."
}
"""

Content = bytes | str | os.PathLike[str]


class ImageError(Exception):
    """The image or archive cannot be made or read; the message says why."""


def _bytes(content: Content) -> bytes:
    """Bytes are taken as they are, anything else is a path."""
    if isinstance(content, bytes):
        return content
    try:
        return Path(content).read_bytes()
    except OSError as error:
        raise ImageError(f"cannot read {content}: {error.strerror}") from error


def _write_file(out: str | os.PathLike[str], data: bytes) -> Path:
    """Write by rename, so that a parallel reader never sees half a file."""
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    return path


# ------------------------------------------------------------------------------- the archive


def _entry(name: str, data: bytes) -> bytes:
    """One ustar entry: header and data, filled up to whole blocks."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mtime = EPOCH
    info.mode = 0o755 if data[:4] == b"\x7fELF" else 0o644
    try:
        header = info.tobuf(format=tarfile.USTAR_FORMAT, encoding="ascii", errors="strict")
    except (ValueError, UnicodeError) as error:
        raise ImageError(f"bad file name in the boot archive: {name!r}: {error}") from error
    return header + data + bytes(-len(data) % BLOCK)


def checksum(data: bytes) -> str:
    """Both sums of servers/lib/tar.h's tar_checksum, as the manifest has them."""
    words = array.array("I", data + bytes(-len(data) % 4))
    if sys.byteorder == "big":
        words.byteswap()
    sums = map(operator.and_, itertools.accumulate(words), itertools.repeat(0xffffffff))
    return f"{sum(words) & 0xffffffff:08x} {sum(sums) & 0xffffffffffffffff:016x}"


def manifest_text(files: Mapping[str, bytes]) -> str:
    """The manifest of these files, in archive order."""
    return "".join(f"{checksum(files[n])} {len(files[n])} {n}\n" for n in sorted(files))


def archive_bytes(files: Mapping[str, Content]) -> bytes:
    """The boot archive holding `files` (name in the archive -> bytes or path)."""
    contents = {name: _bytes(content) for name, content in files.items()}
    for name in contents:
        if name in (MANIFEST, PAD) or not re.fullmatch(r"[!-~]+", name) or name.startswith("/"):
            raise ImageError(f"bad file name in the boot archive: {name!r}")
    out = io.BytesIO()
    out.write(_entry(MANIFEST, manifest_text(contents).encode("ascii")))
    for name in sorted(contents):
        if (out.tell() + BLOCK) % PAGE:
            out.write(_entry(PAD, bytes(-(out.tell() + 2 * BLOCK) % PAGE)))
        out.write(_entry(name, contents[name]))
    out.write(bytes(2 * BLOCK))
    out.write(bytes(-out.tell() % PAGE))
    return out.getvalue()


def make_archive(out: str | os.PathLike[str], files: Mapping[str, Content]) -> Path:
    """Write the boot archive holding `files` to `out`."""
    return _write_file(out, archive_bytes(files))


def read_archive(archive: Content) -> dict[str, bytes]:
    """The files of a boot archive, without manifest and padding."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_bytes(archive)), mode="r:") as tar:
            for member in tar:
                if member.isfile() and member.name not in (MANIFEST, PAD):
                    stream = tar.extractfile(member)
                    files[member.name] = stream.read() if stream else b""
    except tarfile.TarError as error:
        raise ImageError(f"not a boot archive: {error}") from error
    return files


# ---------------------------------------------------------------------------------- the image


@dataclasses.dataclass
class Module:
    """A multiboot2 module: file name under /boot, command line, data."""

    name: str
    cmdline: str
    data: bytes


@dataclasses.dataclass
class Image:
    """The parts of a boot image. Change what you like, then `write` it."""

    kernel: bytes
    cmdline: str = ""
    modules: list[Module] = dataclasses.field(default_factory=list)

    @classmethod
    def read(cls, iso: str | os.PathLike[str]) -> Image:
        """Take an ISO made by this composer apart."""
        with tempfile.TemporaryDirectory(prefix="iris-image-") as folder:
            _extract_tree(iso, folder)
            return _from_tree(Path(folder), iso)

    def write(self, out: str | os.PathLike[str]) -> Path:
        """Compose the ISO."""
        return _write_iso(out, self)

    def module(self, cmdline: str) -> Module | None:
        """The module with this command line, if there is one."""
        return next((m for m in self.modules if m.cmdline == cmdline), None)

    def set_module(self, name: str, cmdline: str, data: bytes) -> None:
        """Add a module, or replace the one of the same file name."""
        for module in self.modules:
            if module.name == name:
                module.cmdline, module.data = cmdline, data
                return
        self.modules.append(Module(name, cmdline, data))

    def remove_module(self, cmdline: str) -> None:
        """Drop the module with this command line (for tests of damaged images)."""
        self.modules = [m for m in self.modules if m.cmdline != cmdline]

    def files(self) -> dict[str, bytes]:
        """The files of the boot archive."""
        archive = self.module("archive")
        return read_archive(archive.data) if archive else {}

    def keep_programs(self, names: Iterable[str]) -> None:
        """Leave out all programs but these and those that boot.conf starts: a faster boot."""
        files = self.files()
        started = re.findall(r"(?m)^(?:server|init) (\S+)", files[BOOT_CONF].decode())
        kept = {f"bin/{name}" for name in [*started, *names]}
        missing = sorted(kept - files.keys())
        if missing:
            raise ImageError(f"the image has no {', '.join(missing)}")
        self.set_module("boot.tar", "archive", archive_bytes({
            name: data for name, data in files.items()
            if not name.startswith("bin/") or name in kept}))

    def remove_server(self, name: str) -> None:
        """One server less: for tests that want its device for themselves."""
        text = self.files()["boot.conf"].decode()
        shorter = re.sub(rf"(?m)^server {name} .*\n(?:  .*\n)*", "", text)
        if shorter == text:
            raise ImageError(f"boot.conf starts no server {name}")
        self.add_files({"boot.conf": shorter.encode()})

    def add_server(self, lines: str) -> None:
        """One more server, started before proc: lines of boot.conf (servers/root/config.h)."""
        text = self.files()["boot.conf"].decode()
        if "\nserver proc" not in text:
            raise ImageError("boot.conf starts no server proc")
        text = text.replace("\nserver proc", f"\n{lines}\n\nserver proc")
        self.add_files({"boot.conf": text.encode()})

    def add_files(self, files: Mapping[str, Content]) -> None:
        """Add files to the boot archive or replace them; the manifest is made anew."""
        self.set_module("boot.tar", "archive", archive_bytes({**self.files(), **files}))

    def add_manifest(self, lines: Content) -> None:
        """Add servers: lines for boot.conf, which says what root starts."""
        present = self.files().get(BOOT_CONF)
        if present is None:
            raise ImageError(f"the image has no {BOOT_CONF} that a manifest could be added to")
        self.add_files({BOOT_CONF: present + b"\n" + _bytes(lines)})


def _words(line: str) -> str:
    """Quote each word of a command line for GRUB's script parser."""
    if "'" in line or "\n" in line or '"' in line or "\\" in line:
        raise ImageError(f"GRUB cannot pass on quotes, backslashes, newlines: {line!r}")
    plain = re.compile(r"[A-Za-z0-9_./:=,+@%-]+")
    return "".join(" " + (w if plain.fullmatch(w) else f"'{w}'") for w in line.split())


def grub_config(image: Image) -> str:
    """The script GRUB runs. It is also the record `Image.read` takes the command lines from."""
    loads = [("multiboot2", "iris.elf", image.cmdline)]
    loads += [("module2", module.name, module.cmdline) for module in image.modules]
    script = GRUB_HEAD
    for command, name, cmdline in loads:
        script += f"if {command} /boot/{name}{_words(cmdline)}; then\n"
    script += "boot\n"
    for _, name, _ in reversed(loads):
        script += f"else fail {name}; fi\n"
    return script


def _run(command: list[str]) -> None:
    """Run a tool; its output matters only when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError(f"{command[0]} is missing: run tools/setup") from error
    if done.returncode:
        raise ImageError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@functools.cache
def grub_files() -> dict[str, bytes]:
    """GRUB's El Torito core image, which runs /boot/grub.cfg, and the modules it loads for that."""
    if not (GRUB_FOLDER / "moddep.lst").is_file():
        raise ImageError(f"{GRUB_FOLDER} is missing: run tools/setup")
    needs = {}
    for line in (GRUB_FOLDER / "moddep.lst").read_text().splitlines():
        module, _, needed = line.partition(":")
        needs[module] = needed.split()
    wanted, waiting = set(GRUB_CORE_MODULES), list(GRUB_MODULES)
    files = {}
    while waiting:
        if (module := waiting.pop()) not in wanted:
            wanted.add(module)
            waiting += needs[module]
            files[f"i386-pc/{module}.mod"] = (GRUB_FOLDER / f"{module}.mod").read_bytes()
    with tempfile.TemporaryDirectory(prefix="iris-grub-") as work:
        core = Path(work, "core.img")
        _run(["grub-mkimage", "-O", "i386-pc-eltorito", "-p", "/boot", "-o", str(core),
              *GRUB_CORE_MODULES])
        return {"core.img": core.read_bytes(), **files}


def _write_iso(out: str | os.PathLike[str], image: Image) -> Path:
    """Lay the files out in a folder and let xorriso make the ISO."""
    files = {"iris.elf": image.kernel, "grub.cfg": grub_config(image).encode(), **grub_files()}
    for module in image.modules:
        if module.name in files:
            raise ImageError(f"two files named /boot/{module.name}")
        files[module.name] = module.data
    target = Path(out)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".iris-iso-", dir=target.parent) as work:
        boot = Path(work, "tree", "boot")
        (boot / "i386-pc").mkdir(parents=True)
        for name, data in files.items():
            (boot / name).write_bytes(data)
            os.chmod(boot / name, 0o644)
        for folder in (boot / "i386-pc", boot, boot.parent):
            os.chmod(folder, 0o755)
        iso = Path(work, "iris.iso")
        _run(["xorriso", "-as", "mkisofs", "-quiet", "-r", "-V", "IRIS",
              f"--modification-date={ISO_DATE}", "--set_all_file_dates", ISO_DATE,
              "-b", "boot/core.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
              "-o", str(iso), str(boot.parent)])
        os.replace(iso, target)
    return target


def _extract_tree(iso: str | os.PathLike[str], folder: str) -> None:
    """Copy the files of an ISO into a folder."""
    if not Path(iso).is_file():
        raise ImageError(f"no such image: {iso}")
    _run(["xorriso", "-osirrox", "on", "-indev", str(iso), "-extract", "/", folder])
    for path in Path(folder).rglob("*"):
        os.chmod(path, 0o755 if path.is_dir() else 0o644)


def _from_tree(folder: Path, iso: str | os.PathLike[str]) -> Image:
    """Read command line and modules back from the kept GRUB commands."""
    config = folder / "boot" / "grub.cfg"
    if not config.is_file():
        raise ImageError(f"{iso} is not an Iris boot image: it has no /boot/grub.cfg")
    image = Image(kernel=_bytes(folder / "boot" / "iris.elf"))
    for line in config.read_text().splitlines():
        if not line.startswith("if "):
            continue
        _, command, path, *words = shlex.split(line.removesuffix("; then"))
        if command == "multiboot2":
            image.cmdline = " ".join(words)
        else:
            name = path.removeprefix("/boot/")
            image.modules.append(Module(name, " ".join(words), _bytes(folder / path[1:])))
    return image


def compose(out: str | os.PathLike[str], kernel: Content, root: Content | None = None,
            archive: Content | None = None, cmdline: str = "",
            modules: Iterable[Module] = ()) -> Path:
    """Compose an ISO from its parts; `None` leaves a module out."""
    image = Image(kernel=_bytes(kernel), cmdline=" ".join(cmdline.split()))
    if root is not None:
        image.set_module("root.img", "root", _bytes(root))
    if archive is not None:
        image.set_module("boot.tar", "archive", _bytes(archive))
    for module in modules:
        image.set_module(module.name, module.cmdline, module.data)
    return image.write(out)


def extract(iso: str | os.PathLike[str]) -> Image:
    """Take an ISO apart; the same as `Image.read`."""
    return Image.read(iso)


# ------------------------------------------------------------------------------- command line


def _pairs(words: Iterable[str]) -> dict[str, str]:
    """NAME=PATH arguments; @FILE reads more of them, one a line."""
    found: dict[str, str] = {}
    for word in words:
        if word.startswith("@"):
            found.update(_pairs(Path(word[1:]).read_text().split()))
            continue
        name, equals, path = word.partition("=")
        if not equals:
            raise ImageError(f"expected NAME=PATH, got {word!r}")
        if name in found:
            raise ImageError(f"two files named {name} in the boot archive: {found[name]}, {path}")
        found[name] = path
    return found


def _module_arguments(words: Iterable[str]) -> list[Module]:
    """NAME[:COMMAND LINE]=PATH arguments."""
    modules = []
    for word in words:
        head, equals, path = word.rpartition("=")
        if not equals:
            raise ImageError(f"expected NAME[:COMMAND LINE]=PATH, got {word!r}")
        name, _, cmdline = head.partition(":")
        modules.append(Module(name, cmdline or name, _bytes(path)))
    return modules


def _cli_archive(arguments: argparse.Namespace) -> None:
    make_archive(arguments.output, _pairs(arguments.files))


def _cli_compose(arguments: argparse.Namespace) -> None:
    compose(arguments.output, arguments.kernel, arguments.root, arguments.archive,
            arguments.cmdline, _module_arguments(arguments.module))


def _cli_add(arguments: argparse.Namespace) -> None:
    image = extract(arguments.iso)
    if arguments.cmdline is not None:
        image.cmdline = arguments.cmdline
    image.cmdline = " ".join([*image.cmdline.split(), *arguments.append.split()])
    for module in _module_arguments(arguments.module):
        image.set_module(module.name, module.cmdline, module.data)
    if arguments.kernel:
        image.kernel = _bytes(arguments.kernel)
    if arguments.files:
        image.add_files(_pairs(arguments.files))
    image.write(arguments.output)


def _cli_extract(arguments: argparse.Namespace) -> None:
    image = extract(arguments.iso)
    folder = Path(arguments.folder)
    _write_file(folder / "iris.elf", image.kernel)
    _write_file(folder / "cmdline", (image.cmdline + "\n").encode())
    for module in image.modules:
        _write_file(folder / module.name, module.data)
    for name, data in image.files().items():
        _write_file(folder / "archive" / name, data)


def _cli_list(arguments: argparse.Namespace) -> None:
    image = extract(arguments.iso)
    print(f"kernel   {len(image.kernel):>9}  command line: {image.cmdline}")
    for module in image.modules:
        print(f"module   {len(module.data):>9}  {module.name}: {module.cmdline}")
    for name, data in image.files().items():
        print(f"{checksum(data)} {len(data):>9}  {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="image.py", description="Compose Iris boot images.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("archive", help="make a boot archive from NAME=PATH arguments")
    verb.add_argument("-o", "--output", required=True)
    verb.add_argument("files", nargs="*", metavar="NAME=PATH", help="or @LIST")
    verb.set_defaults(run=_cli_archive)
    verb = verbs.add_parser("compose", help="make an ISO from its parts")
    verb.add_argument("-o", "--output", required=True)
    verb.add_argument("--kernel", required=True)
    verb.add_argument("--root")
    verb.add_argument("--archive")
    verb.add_argument("--cmdline", default="", help="the kernel's command line")
    verb.add_argument("--module", action="append", default=[], metavar="NAME[:COMMAND LINE]=PATH")
    verb.set_defaults(run=_cli_compose)
    verb = verbs.add_parser("add", help="change an ISO: files, modules, command line")
    verb.add_argument("-o", "--output", required=True)
    verb.add_argument("--kernel")
    verb.add_argument("--cmdline", help="replace the kernel's command line")
    verb.add_argument("--append", default="", help="add words to the kernel's command line")
    verb.add_argument("--module", action="append", default=[], metavar="NAME[:COMMAND LINE]=PATH")
    verb.add_argument("iso")
    verb.add_argument("files", nargs="*", metavar="NAME=PATH", help="files for the boot archive")
    verb.set_defaults(run=_cli_add)
    verb = verbs.add_parser("extract", help="take an ISO apart into a folder")
    verb.add_argument("iso")
    verb.add_argument("folder")
    verb.set_defaults(run=_cli_extract)
    verb = verbs.add_parser("list", help="show what an ISO holds")
    verb.add_argument("iso")
    verb.set_defaults(run=_cli_list)
    return parser


def main(words: list[str] | None = None) -> int:
    """The command line tool; returns its exit status."""
    arguments = _parser().parse_args(words)
    try:
        arguments.run(arguments)
    except (ImageError, OSError) as error:
        print(f"image.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
