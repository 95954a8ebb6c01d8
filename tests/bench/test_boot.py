# SPDX-License-Identifier: MIT
"""From the kernel's entry to the first user instruction, and from GRUB to the prompt."""

from __future__ import annotations

import io
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from elftools.dwarf.descriptions import describe_form_class
from elftools.elf.elffile import ELFFile
from iris_harness import image as images
from iris_harness.dut import UnlaunchedDut
from machine import switch_off

DIRECT_MAP = 0xC0000000
USER = (0x00400000, 0xC0000000)
CLOCK = Path("kernel/arch/ia32/clock.c")
PAIRS = 5

pytestmark = [pytest.mark.release, pytest.mark.qemu_only("instructions are counted by QEMU")]


# ---- Instructions ---------------------------------------------------------------------------

def calibration_functions(source: str) -> set[str]:
    """What measures the processor's clock against the timer's: that section of clock.c."""
    section = source.partition("/* ---- Calibration")[2].partition("/* ----")[0]
    return set(re.findall(r"^static [\w ]+?\**(\w+)\([^;]*\)\n\{", section, re.MULTILINE))


def calibration_ranges(elf: ELFFile, functions: set[str]) -> Iterator[tuple[int, int]]:
    """Where their code is, also where it was inlined (DWARF 5, 2.17 and 3.3.8)."""
    dwarf = elf.get_dwarf_info()
    for unit in dwarf.iter_CUs():
        for die in unit.iter_DIEs():
            if die.tag not in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
                continue
            origin = die
            while "DW_AT_abstract_origin" in origin.attributes:
                origin = origin.get_DIE_from_attribute("DW_AT_abstract_origin")
            name = origin.attributes.get("DW_AT_name")
            if name is not None and name.value.decode() in functions:
                yield from die_ranges(dwarf, unit, die)


def die_ranges(dwarf, unit, die) -> Iterator[tuple[int, int]]:
    """The addresses of a function or of an inlined copy."""
    if "DW_AT_low_pc" in die.attributes:
        low, high = die.attributes["DW_AT_low_pc"].value, die.attributes["DW_AT_high_pc"]
        is_address = describe_form_class(high.form) == "address"
        yield low, high.value if is_address else low + high.value
    elif "DW_AT_ranges" in die.attributes:
        base = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
        start = base.value if base is not None else 0
        lists = dwarf.range_lists()
        for entry in lists.get_range_list_at_offset(die.attributes["DW_AT_ranges"].value, unit):
            if hasattr(entry, "base_address"):
                start = entry.base_address
            elif getattr(entry, "is_absolute", False):
                yield entry.begin_offset, entry.end_offset
            else:
                yield start + entry.begin_offset, start + entry.end_offset


@pytest.mark.boot(memory=128)
def test_boot_to_user(counted: Callable, unlaunched_dut: UnlaunchedDut, build: Path,
                      figure: Callable[..., None], pytestconfig: pytest.Config) -> None:
    """Exact, and the same twice. Waiting for the timer in the calibration is not counted."""
    functions = calibration_functions((pytestconfig.rootpath / CLOCK).read_text())
    booted = ELFFile(io.BytesIO(images.extract(unlaunched_dut.iso).kernel))
    with (build / "kernel.elf").open("rb") as stream:
        elf = ELFFile(stream)
        assert (elf.get_section_by_name(".text").data()
                == booted.get_section_by_name(".text").data()), "the image has another kernel"
        entry = elf.header["e_entry"] - DIRECT_MAP
        skips = sorted({(low, high) for low, high in calibration_ranges(elf, functions)
                        if low < high})
    assert skips, "the calibration's code was not found: has it got another name?"
    options = [f"from={entry:#x}", f"to={USER[0]:#x}-{USER[1]:#x}",
               *(f"skip={low:#x}-{high:#x}" for low, high in skips)]
    runs = []
    for _ in range(2):
        machine = counted(plugin=options)
        machine.dut.expect_exact("boot: boot archive")  # root prints this: user mode was reached
        runs.append(machine.windows()[0])
        switch_off(machine.dut)
    assert runs[0]["skipped"] > 0 and runs[0]["user"] > 0  # below paging the kernel counts as user
    figure("boot_to_user", runs[0]["instructions"], "instructions", memory=128,
           info={"calibration": runs[0]["skipped"]})
    assert runs[0]["instructions"] == runs[1]["instructions"], "two runs differ"


# ---- Wall clock -----------------------------------------------------------------------------

@pytest.fixture
def bare_image(tmp_path: Path) -> Path:
    """An image with GRUB and a kernel that says one word."""
    kernel = tmp_path / "word.elf"
    source = Path(__file__).parent / "word.asm"
    subprocess.run(["nasm", "-f", "elf32", "-o", str(tmp_path / "word.o"), str(source)], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext=0x100000", "-z", "max-page-size=4096", "-e",
                    "start", "-o", str(kernel), str(tmp_path / "word.o")], check=True)
    return images.compose(tmp_path / "word.iso", kernel.read_bytes())


def seconds_until(config: UnlaunchedDut, text: str) -> float:
    """From starting QEMU to a line on the console."""
    begin = time.monotonic()
    dut = config.launch()
    dut.expect(text)
    spent = time.monotonic() - begin
    switch_off(dut)
    return spent


def test_boot_to_prompt(unlaunched_dut: UnlaunchedDut, bare_image: Path,
                        figure: Callable[..., None]) -> None:
    """GRUB and Iris against GRUB alone, in turns, so that a busy host slows both. Least of each.

    The image is the users', not the one that the tests' programs make twice as large.
    """
    users = replace(unlaunched_dut, iso=unlaunched_dut.iso.with_name("iris.iso"))
    bare = replace(unlaunched_dut, iso=bare_image)
    iris_times, bare_times = [], []
    for _ in range(PAIRS):
        bare_times.append(seconds_until(bare, r"^word"))
        iris_times.append(seconds_until(users, r"^iris\$ "))
    figure("boot_to_prompt", round(min(iris_times), 3), "s", of="iris")
    figure("boot_to_prompt", round(min(bare_times), 3), "s", of="grub")
    figure("boot_to_prompt", round(min(iris_times) / min(bare_times), 3), "ratio of times",
           of="iris/grub")
