# SPDX-License-Identifier: MIT
"""The linked vDSO: its ELF file, its functions under Linux, its unwind information under gdb."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerSymSection
from elftools.elf.hash import GNUHashSection

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MODES = ["debug", "release"]
SAVED = ("ebx", "esi", "edi", "ebp")


class Vdso:
    """One build of the vDSO and what was generated for it."""

    def __init__(self, mode: str) -> None:
        self.folder = ROOT / "build" / mode
        self.path = self.folder / "iris-vdso.so.1"
        self.bytes = self.path.read_bytes()
        self.elf = ELFFile(self.path.open("rb"))
        self.abi = json.loads((self.folder / "gen/abi.json").read_text())
        self.symbols = {
            s.name: s for s in self.elf.get_section_by_name(".symtab").iter_symbols() if s.name
        }

    def exported(self) -> dict[str, int]:
        """Exported functions by name."""
        dynsym = self.elf.get_section_by_name(".dynsym")
        return {
            s.name: s["st_value"] for s in dynsym.iter_symbols()
            if s["st_shndx"] != "SHN_UNDEF" and s["st_info"]["type"] == "STT_FUNC"
        }

    def functions(self) -> dict[str, tuple[int, int]]:
        """All functions, hidden ones too: name -> address, size."""
        return {
            name: (s["st_value"], s["st_size"]) for name, s in self.symbols.items()
            if s["st_info"]["type"] == "STT_FUNC"
        }


@pytest.fixture(scope="module", params=MODES)
def vdso(request: pytest.FixtureRequest) -> Vdso:
    subprocess.run(
        ["make", "-s", "-C", ROOT, f"build/{request.param}/gen/vdso_offsets.h"], check=True,
        env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")},
    )
    return Vdso(request.param)


# ---- the ELF file ----


def test_one_segment_read_only_and_executable(vdso: Vdso) -> None:
    segments = list(vdso.elf.iter_segments())
    kinds = [s["p_type"] for s in segments]
    assert sorted(kinds) == ["PT_DYNAMIC", "PT_GNU_EH_FRAME", "PT_LOAD"]
    load = segments[kinds.index("PT_LOAD")]
    assert (load["p_vaddr"], load["p_offset"], load["p_flags"]) == (0, 0, 5)
    assert load["p_filesz"] == load["p_memsz"]
    assert load["p_align"] == 4096
    for segment in segments:
        assert not segment["p_flags"] & 2, "nothing may be writable"
        assert segment["p_vaddr"] == segment["p_offset"]
        assert segment["p_vaddr"] + segment["p_memsz"] <= load["p_memsz"]


def test_fits_its_window(vdso: Vdso) -> None:
    layout = (ROOT / "kernel/include/iris/layout.h").read_text()
    pages = int(re.search(r"IRIS_VDSO_PAGES_MAX (\d+)", layout)[1])  # type: ignore[index]
    assert len(vdso.bytes) <= pages * 4096
    assert len(vdso.bytes) <= 2 * 4096, "two pages are the aim: think before raising this"


def test_needs_no_relocation_and_no_library(vdso: Vdso) -> None:
    tags = {tag["d_tag"] for tag in vdso.elf.get_section_by_name(".dynamic").iter_tags()}
    forbidden = {"DT_REL", "DT_RELA", "DT_JMPREL", "DT_PLTGOT", "DT_TEXTREL", "DT_NEEDED",
                 "DT_INIT", "DT_FINI", "DT_INIT_ARRAY", "DT_FINI_ARRAY", "DT_HASH"}
    assert not tags & forbidden
    names = {section.name for section in vdso.elf.iter_sections()}
    assert not any(n.startswith((".rel", ".got", ".plt", ".data", ".bss", ".init")) for n in names)


def test_soname(vdso: Vdso) -> None:
    tags = vdso.elf.get_section_by_name(".dynamic").iter_tags("DT_SONAME")
    assert [tag.soname for tag in tags] == ["iris-vdso.so.1"]


def test_symbols_and_versions_are_the_checked_in_list(vdso: Vdso) -> None:
    versions: dict[int, str] = {}
    for section in vdso.elf.iter_sections():
        if isinstance(section, GNUVerDefSection):
            for verdef, names in section.iter_versions():
                versions[verdef["vd_ndx"]] = next(iter(names)).name
    table = next(s for s in vdso.elf.iter_sections() if isinstance(s, GNUVerSymSection))
    dynsym = vdso.elf.get_section_by_name(".dynsym")
    have = {
        f"{symbol.name}@{versions[table.get_symbol(i)['ndx']]}"
        for i, symbol in enumerate(dynsym.iter_symbols())
        if symbol["st_info"]["type"] == "STT_FUNC"
    }
    lines = (ROOT / "vdso/vdso.abi").read_text().splitlines()
    assert have == {line for line in lines if not line.startswith("#")}
    assert len(have) >= 36


def test_every_kernel_call_is_exported(vdso: Vdso) -> None:
    calls = tomllib.loads((ROOT / "kernel/abi/calls.toml").read_text())["call"]
    assert {f"iris_{call['name']}" for call in calls} <= vdso.exported().keys()


def test_gnu_hash_finds_every_symbol(vdso: Vdso) -> None:
    table = next(s for s in vdso.elf.iter_sections() if isinstance(s, GNUHashSection))
    for name, address in vdso.exported().items():
        assert table.get_symbol(name)["st_value"] == address
    assert table.get_symbol("iris_no_such_call") is None
    assert table.get_symbol("iris_thread_start") is None, "the trampoline is not for programs"


def test_unwind_information_covers_every_byte_of_every_function(vdso: Vdso) -> None:
    entries = [e for e in vdso.elf.get_dwarf_info().EH_CFI_entries() if isinstance(e, FDE)]
    ranges = {e["initial_location"]: e["address_range"] for e in entries}
    functions = vdso.functions()
    assert len(functions) > 36
    for name, (address, size) in functions.items():
        assert size > 0 and ranges.get(address) == size, name
    header = vdso.elf.get_section_by_name(".eh_frame_hdr").data()
    assert int.from_bytes(header[8:12], "little") == len(ranges), "the search table has them all"


def test_offsets_for_the_kernel(vdso: Vdso) -> None:
    define = re.compile(r"^(?:#define )?(VDSO_\w+) (?:equ )?(0x[0-9a-f]+)", re.M)
    c = define.findall((vdso.folder / "gen/vdso_offsets.h").read_text())
    nasm = define.findall((vdso.folder / "gen/vdso_offsets.inc").read_text())
    assert c == nasm
    values = {name: int(value, 16) for name, value in c}
    functions = vdso.functions()
    assert values["VDSO_IPC"] == functions["iris_ipc"][0]
    assert values["VDSO_THREAD_START"] == functions["iris_thread_start"][0]
    assert values["VDSO_SIZE"] == len(vdso.bytes)
    entry, door, back = (values[f"VDSO_{n}"] for n in ("IPC", "IPC_DOOR", "IPC_RETURN"))
    assert vdso.bytes[entry:door] == b"\x89\xe1", "mov %esp, %ecx"
    assert vdso.bytes[door:back] == b"\x0f\x34", "sysenter, as long as int $0x41"
    assert vdso.bytes[back : back + 2] == b"\xf3\xc3", "rep ret: gdb guesses at a plain ret"


def test_check_refuses_a_changed_list(vdso: Vdso, tmp_path: Path) -> None:
    listed = (ROOT / "vdso/vdso.abi").read_text()
    changes = {
        listed + "iris_gone@IRIS_1.0\n": "old programs need it",
        listed.replace("iris_notify@IRIS_1.0\n", ""): "add it there",
        listed.replace("iris_notify@IRIS_1.0", "iris_notify@IRIS_0.9"): "iris_notify@IRIS_0.9",
    }
    abi = tmp_path / "vdso.abi"
    for text, complaint in {listed: "", **changes}.items():
        abi.write_text(text)
        result = subprocess.run(
            ["/usr/bin/python3", ROOT / "tools/vdso_check.py", vdso.path, abi],
            capture_output=True, text=True, check=False,
        )
        assert result.returncode == (1 if complaint else 0)
        assert complaint in result.stderr


# ---- the functions, bound by DT_NEEDED into a Linux program with a data page of its own ----


@pytest.fixture(scope="module")
def host(vdso: Vdso, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("host")
    names = step_order(vdso)
    (folder / "vdso_functions.h").write_text("".join(f"ROW({name})\n" for name in names))
    program = folder / "vdso_host"
    subprocess.run(
        ["gcc", "-m32", "-std=gnu11", "-O1", "-g", "-fno-omit-frame-pointer", "-no-pie", "-fno-pic",
         "-Wall", "-Wextra", "-Werror", f"-I{folder}",
         f"-I{vdso.folder / 'gen/include'}", f"-I{ROOT / 'kernel/include'}",
         "-idirafter", ROOT / "libc/include", HERE / "vdso_host.c",
         "-o", program, vdso.path, f"-Wl,-rpath,{vdso.folder}",
         "-Wl,-z,now", "-pthread"],
        check=True,
    )
    return program


def run(host: Path, *args: object) -> list[str]:
    command = [str(host), *map(str, args)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return result.stdout.split()


def step_order(vdso: Vdso) -> list[str]:
    """Every C function the vDSO exports. iris_thread_id needs a thread of Iris: see facts."""
    names = [call["name"] for call in vdso.abi["calls"]]
    names += [f["name"] for f in vdso.abi["functions"] if not f["registers"]]
    return [name for name in names if name != "thread_id"]


def test_program_is_bound_by_name_and_version(host: Path) -> None:
    elf = ELFFile(host.open("rb"))
    needed = [t.needed for t in elf.get_section_by_name(".dynamic").iter_tags("DT_NEEDED")]
    assert "iris-vdso.so.1" in needed
    output = subprocess.run(["readelf", "-W", "-V", host], capture_output=True, text=True,
                            check=True).stdout
    assert re.search(r"File: iris-vdso\.so\.1.*\n.*Name: IRIS_1\.0", output)
    assert run(host, "facts") == ["4096", "90", "3", "4711", "0.1.0", "of", "the", "test"]


def test_a_version_it_does_not_have_is_refused(vdso: Vdso, host: Path, tmp_path: Path) -> None:
    """The same program against a vDSO whose version has another name does not start."""
    other = tmp_path / "iris-vdso.so.1"
    other.write_bytes(vdso.bytes.replace(b"IRIS_1.0\0", b"IRIS_0.9\0"))
    result = subprocess.run(
        [host, "facts"], capture_output=True, text=True, check=False,
        env={**os.environ, "LD_PRELOAD": str(other)},
    )
    assert result.returncode != 0 and "IRIS_1.0" in result.stderr


@pytest.mark.parametrize("mult,shift,base,boot", [
    (1, 0, 0, 0),
    (0x80000000, 31, 12345, 1_700_000_000_000_000_000),
    (0xFFFFFFFF, 32, 1 << 40, 1),
    (3_579_545, 22, (1 << 63), 7),
])
def test_clock(host: Path, mult: int, shift: int, base: int, boot: int) -> None:
    t0, monotonic, t1, realtime, t2 = map(int, run(host, "clock", mult, shift, base, boot))
    assert t0 <= t1 <= t2

    def ns(ticks: int) -> int:
        return base + (ticks * mult >> shift)

    assert ns(t0) <= monotonic <= ns(t1)
    assert boot + ns(t1) <= realtime <= boot + ns(t2)
    assert ns(t0) > base, "time has passed"


@pytest.mark.parametrize("ticks", [0, 1, 0xFFFFFFFF, 1 << 32, 0x123456789ABCDEF, (1 << 63) + 5])
@pytest.mark.parametrize("mult,shift", [(0, 0), (1, 0), (1, 32), (0xFFFFFFFF, 32), (7, 3),
                                        (0xDEADBEEF, 31)])
def test_scale_is_exact(host: Path, ticks: int, mult: int, shift: int) -> None:
    exact = ticks * mult >> shift
    assert run(host, "scale", ticks, mult, shift) == [str(exact & ((1 << 64) - 1))]


def test_time_does_not_jump_when_the_counter_is_behind(host: Path) -> None:
    assert run(host, "rewind") == ["77", "79", "5", "127"]


def test_clock_is_never_torn(host: Path) -> None:
    torn, distinct = map(int, run(host, "torn"))
    assert torn == 0
    assert distinct > 1, "the writer never ran: this has shown nothing"


# ---- gdb steps through every instruction ----


@pytest.fixture(scope="module")
def steps(vdso: Vdso, host: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    assert shutil.which("gdb"), "this test needs gdb"
    result = tmp_path_factory.mktemp("gdb") / "steps.json"
    order, functions = step_order(vdso), vdso.functions()
    Path(f"{result}.in").write_text(json.dumps({
        "functions": len(order), "first": functions[f"iris_{order[0]}"][0],
        "thread_start": functions["iris_thread_start"][0],
    }))
    log = subprocess.run(
        ["gdb", "-nx", "-batch", "-x", HERE / "vdso_step.py", host], capture_output=True, text=True,
        timeout=120, check=False, env={**os.environ, "VDSO_STEP": str(result)},
    )
    assert result.exists(), log.stdout[-2000:] + log.stderr[-2000:]
    return json.loads(result.read_text())


def test_gdb_finds_the_caller_from_every_instruction(vdso: Vdso, steps: dict) -> None:
    names = [report["name"] for report in steps["functions"]]
    assert names == [f"iris_{name}" for name in step_order(vdso)]
    for report in steps["functions"]:
        assert report["bad"] == [] and report["steps"] >= 2, report["name"]


def test_stubs_pass_number_and_arguments_and_keep_registers(vdso: Vdso, steps: dict) -> None:
    calls = {f"iris_{call['name']}": call for call in vdso.abi["calls"]}
    for report in steps["functions"]:
        call = calls.get(report["name"])
        assert [kind for kind, _ in report["doors"]] == (["int 0x40"] if call else [])
        if call:
            seen = report["doors"][0][1]
            assert seen["eax"] == call["number"], report["name"]
            registers = ["ebx", "ecx", "edx", "esi", "edi", "ebp"][: len(call["args"])]
            assert [seen[r] for r in registers] == [0xA1 + i for i in range(len(registers))]
        if call and call["noreturn"]:
            assert not report["returns"]
        else:
            assert report["back_in"] == "caller" and report["kept"], report["name"]


def test_gdb_unwinds_through_the_ipc_door(steps: dict) -> None:
    assert [report["caller"] for report in steps["ipc"]] == ["caller_ipc", "caller_ipc_lean"]
    for report in steps["ipc"]:
        assert report["bad"] == [] and report["steps"] == 3, report["caller"]
        [[kind, seen]] = report["doors"]
        assert kind == "sysenter"
        words = [seen[r] for r in ("eax", "ebp", "ebx", "esi", "edi")]
        assert words == [0x10, 0x11, 0x12, 0x13, 0x14]
        assert seen["ecx"] == seen["esp"], "the kernel finds the stack in ECX"


def test_thread_starts_calls_and_exits(vdso: Vdso, steps: dict) -> None:
    """The trampoline is the outermost frame; the function's result goes to thread_exit."""
    report = steps["thread"]
    assert report["name"] == "iris_thread_start"
    assert report["bad"] == [] and report["inner"] > 0
    [[kind, seen]] = report["doors"]
    number = next(c["number"] for c in vdso.abi["calls"] if c["name"] == "thread_exit")
    assert kind == "int 0x40" and seen["eax"] == number
    assert seen["ebx"] == 0x4D2 + 1, "the argument arrived, on an aligned stack"
