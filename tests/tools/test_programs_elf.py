# SPDX-License-Identifier: MIT
"""Every program in the boot image uses the vDSO as its only door.

It names `iris-vdso.so.1` in DT_NEEDED, binds symbols that the vDSO exports, and has no SYSENTER,
SYSCALL or INT of its own; programs whose business is attacking the kernel are named below.
"""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from iris_harness import image as images

BUILD = Path(__file__).resolve().parents[2] / "build"
VDSO = "iris-vdso.so.1"
BUILDS = ("debug", "release")
# They enter the kernel by other ways than allowed, to show that this is harmless.
ATTACK = re.compile(r"t_(?:attack_\w+|fuzz|state)\Z")
DOORS = re.compile(r"^\s*([0-9a-f]+):\s+(sysenter|syscall|int|int3|into|int1|icebp|lcall|ljmp|"
                   r"sysexit|sysret)\b(.*)$", re.MULTILINE)
# A breakpoint is an exception of the program's own, as a division by zero is: no way to ask the
# kernel for anything.
HARMLESS = {"int3"}


@pytest.fixture(scope="module", params=BUILDS)
def programs(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """The ELF files of an image: the first program and whatever the archive holds."""
    iso = BUILD / request.param / "test.iso"
    assert iso.exists(), f"{iso} is not built: run it through `make test`"
    image = images.extract(iso)
    found = {name: data for name, data in image.files().items() if data[:4] == b"\x7fELF"}
    found["root"] = (BUILD / request.param / "bin/root").read_bytes()
    return found


def needed(elf: ELFFile) -> list[str]:
    """The shared objects an ELF file asks for."""
    dynamic = elf.get_section_by_name(".dynamic")
    return [] if dynamic is None else [tag.needed for tag in dynamic.iter_tags("DT_NEEDED")]


def doors(elf: bytes, folder: Path) -> list[str]:
    """The instructions in executable sections that enter the kernel."""
    path = folder / "program"
    path.write_bytes(elf)
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(path)], check=True,
                             capture_output=True, text=True).stdout
    return [f"{match[1]}: {match[2]}{match[3].rstrip()}" for match in DOORS.finditer(listing)
            if match[2] not in HARMLESS]


def test_the_image_has_programs(programs: dict[str, bytes]) -> None:
    names = {Path(name).name for name in programs}
    assert {"root", "mem", "names", "proc", "bootfs", "console", "log", "uart", "power", "shell",
            "hello"} <= names


def test_every_program_needs_the_vdso(programs: dict[str, bytes]) -> None:
    wrong = {}
    for name, data in programs.items():
        elf = ELFFile(io.BytesIO(data))
        if needed(elf) != [VDSO] or elf["e_type"] != "ET_EXEC" or elf["e_machine"] != "EM_386":
            wrong[name] = (needed(elf), elf["e_type"], elf["e_machine"])
    assert not wrong


def test_every_import_is_the_vdsos(programs: dict[str, bytes]) -> None:
    """Nothing undefined but what vdso.abi lists, each with its version."""
    lines = (BUILD.parent / "vdso/vdso.abi").read_text().splitlines()
    exported = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    wrong, imports = {}, 0
    for name, data in programs.items():
        for symbol in undefined(ELFFile(io.BytesIO(data))):
            imports += 1
            if symbol not in exported:
                wrong.setdefault(name, []).append(symbol)
    assert not wrong
    assert imports >= len(programs), "programs without an import cannot do anything"


def undefined(elf: ELFFile) -> list[str]:
    """NAME@VERSION of what an ELF file imports (System V ABI: symbol versioning, by LSB)."""
    symbols = elf.get_section_by_name(".dynsym")
    versions = elf.get_section_by_name(".gnu.version")
    needs = elf.get_section_by_name(".gnu.version_r")
    names = {}
    if needs is not None:
        for _, entries in needs.iter_versions():
            names.update({entry["vna_other"]: entry.name for entry in entries})
    found = []
    for index, symbol in enumerate(symbols.iter_symbols() if symbols else []):
        if index and symbol["st_shndx"] == "SHN_UNDEF":
            version = versions.get_symbol(index)["ndx"] if versions else 0
            found.append(f"{symbol.name}@{names.get(version, '?')}")
    return found


# Ten seconds each, and both are made from the same sources.
@pytest.mark.parametrize("programs", ["release", pytest.param("debug", marks=pytest.mark.soak)],
                         indirect=True)
def test_no_program_has_a_door_of_its_own(programs: dict[str, bytes], tmp_path: Path) -> None:
    wrong = {name: found for name, data in programs.items()
             if not ATTACK.match(Path(name).name) and (found := doors(data, tmp_path))}
    assert not wrong


def test_attack_programs_are_what_their_name_says(programs: dict[str, bytes]) -> None:
    """So that the name is no way around this test: each is a test program, nothing else is."""
    sources = {path.name for path in (BUILD.parent / "tests/user").iterdir() if path.is_dir()}
    for name in programs:
        if ATTACK.match(Path(name).name):
            assert Path(name).name in sources


@pytest.mark.parametrize("code, found", [
    ("int $0x40", True), ("sysenter", True), ("syscall", True), ("lcall $0x7, $0", True),
    ("ret", False), ("call *%eax", False), ("int3", False),
])
def test_the_search_finds_doors(tmp_path: Path, code: str, found: bool) -> None:
    """It would notice."""
    source, output = tmp_path / "x.s", tmp_path / "x"
    source.write_text(f".globl _start\n_start:\n nop\n {code}\n ret\n")
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-no-pie", "-o", str(output),
                    str(source)], check=True)
    assert bool(doors(output.read_bytes(), tmp_path)) == found
