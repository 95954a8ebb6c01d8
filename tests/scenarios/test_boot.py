# SPDX-License-Identifier: MIT
"""From GRUB to the prompt: rows 1 and 2, memory, processors, and what a broken image says."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest

from iris_harness.image import archive_bytes, extract, read_archive

pytestmark = pytest.mark.boot(only=["hello", "free", "pingpong", "sleep", "uname"])

# The boot log in its order; each line once.
SERVERS = re.findall(r"^server (\w+)",
                     (Path(__file__).parents[2] / "servers/root/boot.conf").read_text(),
                     re.MULTILINE)
STAGES = [
    r'command line "[^"]*"',
    r"memory \d+ KiB, kernel pool \d+ KiB",
    r"IPC by (?:SYSENTER|gate), fast path (?:on|off)",
    r"root \d+ KiB at 0x[0-9a-f]{8}",
    r"boot archive, \d+ files, \d+ KiB, checksums",
    *(f"server {name}" for name in SERVERS),
    r"names registered",
    r"process table",
    r"init bin/shell",
]
LINE = re.compile(r"^\[ *(\d+\.\d{6})\] boot: (.*)$", re.MULTILINE)


def boot_log(dut) -> list[tuple[float, str]]:
    """The times and texts of all lines of the boot log."""
    return [(float(time), text) for time, text in LINE.findall(dut.serial_log)]


def check_stages(dut) -> None:
    """All stages, in order, each once, each ok, none before the one above it."""
    lines = boot_log(dut)
    assert len(lines) == len(STAGES), lines
    for (_, text), stage in zip(lines, STAGES):
        assert re.fullmatch(stage + r" \.\.\. ok", text), f"{text!r} instead of {stage!r}"
    times = [time for time, _ in lines]
    assert times == sorted(times)


def check_works(shell) -> None:
    """A program runs, and the largest messages arrive."""
    assert "Hello" in shell.exec("hello", check=True).text
    shell.exec("pingpong 1", timeout=60, check=True)


# ---- Rows 1 and 2 -------------------------------------------------------------------------------


@pytest.mark.fresh_boot
def test_stages(dut) -> None:
    banner = dut.expect(r"Iris (\d+\.\d+\.\d+) debug$")
    dut.expect(r"^iris\$ ", timeout=30)
    check_stages(dut)
    version = (Path(__file__).parents[2] / "VERSION").read_text().strip()
    assert banner[1] == version
    assert dut.serial_log.index("Iris " + version) < dut.serial_log.index("boot: ")


@pytest.mark.fresh_boot
@pytest.mark.release
def test_release_build_boots(shell, dut) -> None:
    check_stages(dut)
    check_works(shell)


@pytest.mark.qemu_only("reads the whole image")
def test_modules_are_listed_as_they_are(unlaunched_dut) -> None:
    """The boot log tells of what is in the image, not of constants."""
    unlaunched_dut.programs, unlaunched_dut.only = {"one_more": Path(__file__)}, None
    before = len(read_archive_of(unlaunched_dut.iso))
    dut = unlaunched_dut.launch()
    listed = dut.expect(r"boot: boot archive, (\d+) files, (\d+) KiB", timeout=30)
    assert int(listed[1]) in (before + 1, before + 2)  # with or without the manifest
    dut.expect(r"^iris\$ ", timeout=30)


def read_archive_of(iso: Path) -> dict[str, bytes]:
    """The files in an image's boot archive."""
    return extract(iso).files()


@pytest.mark.qemu_only("a reset button that Bochs has not")
def test_reset_button(dut) -> None:
    dut.shell.exec("hello", check=True)
    dut.hard_reset()
    dut.expect(r"boot: init", timeout=30)
    assert "Hello" in dut.shell.exec("hello").text


# ---- Memory -------------------------------------------------------------------------------------


def users_image(unlaunched_dut):
    """The image without the test programs: with them it does not fit the smallest machines."""
    unlaunched_dut.iso, unlaunched_dut.only = unlaunched_dut.iso.with_name("iris.iso"), None
    return unlaunched_dut


def check_memory(unlaunched_dut, megabytes: int) -> None:
    """The machine boots, knows how much it has, and can use it."""
    unlaunched_dut.memory = megabytes
    if megabytes < 32:  # elsewhere there is room for more than users have
        users_image(unlaunched_dut)
    shell = unlaunched_dut.launch().shell
    machine = int(re.match(r"machine +(\d+) KiB", shell.exec("mem", check=True).lines[0])[1])
    assert megabytes * 1024 - 1024 <= machine <= megabytes * 1024
    check_works(shell)
    assert shell.exec("sleep 0.1 &").status == 0  # some at a time
    shell.exec("wait", check=True)


@pytest.mark.qemu_only("Bochs has its own sizes below")
@pytest.mark.parametrize("megabytes", [16, 24, 1024, 3072])
def test_memory_in_qemu(unlaunched_dut, megabytes: int) -> None:
    check_memory(unlaunched_dut, megabytes)


@pytest.mark.bochs_only("QEMU has its own sizes above")
@pytest.mark.parametrize("megabytes", [16, 2048])
def test_memory_in_bochs(unlaunched_dut, megabytes: int) -> None:
    check_memory(unlaunched_dut, megabytes)


@pytest.mark.parametrize("megabytes", [8, 14])
def test_too_little_memory(unlaunched_dut, megabytes: int) -> None:
    """The kernel says how much is missing; where the archive does not even fit, GRUB speaks."""
    users_image(unlaunched_dut).memory = megabytes
    kernel = r"too little memory: +(\d+) KiB usable, (\d+) KiB needed\."
    grub = r"/boot/boot\.tar is missing, damaged or too big for memory\."
    allowed = f"(?:{kernel}|{grub})" if megabytes == 8 else kernel
    told = unlaunched_dut.launch().expect("Iris cannot boot: " + allowed, timeout=30)
    if told[1]:
        assert megabytes * 1024 - 1024 <= int(told[1]) < int(told[2]) <= 16 * 1024


# ---- Processors ---------------------------------------------------------------------------------


@pytest.mark.qemu_only("Bochs has no processor without CMOV that GRUB boots on")
def test_processor_without_cmov(unlaunched_dut) -> None:
    unlaunched_dut.cpu = "pentium"
    dut = unlaunched_dut.launch()
    dut.expect_exact("Iris cannot boot: this processor lacks CMOV.", timeout=30)
    dut.expect_exact("It needs an i686 with CMOV, TSC, MSR and PSE.")


@pytest.mark.qemu_only("only QEMU can take these away")
@pytest.mark.parametrize("feature", ["cmov", "tsc", "msr", "pse"])
def test_processor_feature_missing(unlaunched_dut, feature: str) -> None:
    unlaunched_dut.cpu = f"pentium3,-{feature}"
    unlaunched_dut.launch().expect_exact(
        f"Iris cannot boot: this processor lacks {feature.upper()}.", timeout=30)


def test_processor_without_sysenter(unlaunched_dut) -> None:
    """QEMU can also be without global pages; Bochs cannot."""
    unlaunched_dut.cpu = "pentium3,-sep,-pge" if unlaunched_dut.emulator == "qemu" \
        else "pentium3,-sep"
    dut = unlaunched_dut.launch()
    shell = dut.shell
    check_stages(dut)
    assert "door=gate" in shell.exec("uname -a", check=True).text
    assert "boot: IPC by gate" in dut.serial_log
    check_works(shell)


@pytest.mark.parametrize(("cmdline", "door", "fastpath"), [
    ("door=gate", "gate", ""),  # whether the gate has a fast path is not promised
    ("fastpath=off", "sysenter", "off"),
    ("door=gate fastpath=off", "gate", "off"),
])
@pytest.mark.qemu_only("a boot each; Bochs has its own below")
def test_options_choose_the_path(unlaunched_dut, cmdline: str, door: str, fastpath: str) -> None:
    check_path(unlaunched_dut, cmdline, door, fastpath)


@pytest.mark.bochs_only("the others run in QEMU")
def test_slow_path_in_bochs(unlaunched_dut) -> None:
    check_path(unlaunched_dut, "door=gate fastpath=off", "gate", "off")


def check_path(unlaunched_dut, cmdline: str, door: str, fastpath: str) -> None:
    """The words on the command line choose door and path, and all works that way."""
    unlaunched_dut.cmdline = cmdline
    dut = unlaunched_dut.launch()
    told = dut.shell.exec("uname -a", check=True).text
    assert f"door={door}" in told
    assert f"fastpath={fastpath}" in told or not fastpath
    assert f'boot: command line "{cmdline}" ... ok' in dut.serial_log
    check_works(dut.shell)


# ---- Broken images ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["root.img", "boot.tar"])
@pytest.mark.expects_panic
def test_module_left_out(unlaunched_dut, name: str) -> None:
    unlaunched_dut.modules = {name: None}
    module = {"root.img": "root", "boot.tar": "archive"}[name]
    unlaunched_dut.launch().expect(rf'PANIC: no module "{module}"', timeout=30)


@pytest.mark.qemu_only("GRUB's own work, the same in both")
@pytest.mark.parametrize("name", ["iris.elf", "root.img", "boot.tar"])
def test_file_not_in_image(unlaunched_dut, name: str) -> None:
    """GRUB's own script says so: its configuration names a file that is not there."""
    def rename(iso: bytes) -> bytes:
        """Every directory record of the file gets another name of the same length."""
        return iso.replace(name.encode(), b"X" + name.encode()[1:]).replace(
            name.upper().encode(), b"X" + name.upper().encode()[1:])
    unlaunched_dut.iso = damaged_iso(unlaunched_dut, rename)
    unlaunched_dut.launch().expect_exact(
        f"Iris cannot boot: /boot/{name} is missing, damaged or too big for memory.", timeout=30)


def damaged_iso(unlaunched_dut, damage) -> Path:
    """A copy of the image with its directory (not the script that names the files) changed."""
    data = unlaunched_dut.iso.read_bytes()
    script = data.index(b"function fail {")
    end = data.index(b"\0", script)
    changed = damage(data[:script]) + data[script:end] + damage(data[end:])
    path = unlaunched_dut.settings.image_cache / f"damaged-{zlib.crc32(changed):08x}.iso"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(changed)
    unlaunched_dut.only = None
    return path


def mutate(offset: int, value: bytes):
    """A change of some bytes."""
    return lambda data: data[:offset] + value + data[offset + len(value):]


def word(index: int, value: int):
    """A change of a word in the page before the program: struct root_image in kernel/main.c."""
    return mutate(4 * index, struct.pack("<I", value))


DAMAGED_ROOTS = {
    "no magic": mutate(0, b"\0"),
    "entry nowhere": word(1, 0xbffffff0),
    "entry below": word(1, 0x1000),
    "in the kernel's half": word(2, 0xc0000000),
    "at 0": word(2, 0),
    "between pages": word(2, 0x00400800),
    "on its own stack": word(2, 0x003ff000),
    "only to be read, and more of it than there is": word(3, 0xffffffff),
    "beyond the end": word(4, 0x7fffffff),
    "beyond the end by a page": lambda data: word(4, len(data) // 4096)(word(5, 0x1000)(data)),
    "beyond user space": word(5, 0xbf800),
    "more pages than can be counted": word(5, 0xffffffff),
    "more than memory": word(5, 0xa0000),
    "cut after 64 bytes": lambda data: data[:64],
    "cut after a page": lambda data: data[:4096],
    "cut in the middle": lambda data: data[:len(data) // 2],
    "empty": lambda data: b"\0",
}


def boot_damaged(unlaunched_dut, cmdline: str, damage, message: str):
    """Boot with one module changed until a message tells of it."""
    def edit(image) -> None:
        module = image.module(cmdline)
        module.data = damage(module.data)
    unlaunched_dut.edits = [edit]
    dut = unlaunched_dut.launch()
    dut.expect(message, timeout=30)
    return dut


ROOT_REFUSED = r"PANIC: (?:(?:module root is damaged|root): |no memory left for root)"


@pytest.mark.parametrize("damage", DAMAGED_ROOTS)
@pytest.mark.qemu_only("the same code in both; a boot each")
@pytest.mark.expects_panic
def test_damaged_root(unlaunched_dut, damage: str) -> None:
    boot_damaged(unlaunched_dut, "root", DAMAGED_ROOTS[damage], ROOT_REFUSED)


@pytest.mark.bochs_only("the others run in QEMU")
@pytest.mark.expects_panic
def test_damaged_root_in_bochs(unlaunched_dut) -> None:
    boot_damaged(unlaunched_dut, "root", DAMAGED_ROOTS["no magic"], ROOT_REFUSED)


def flip_in(name: str):
    """One bit of one file of the archive is wrong; the manifest is as it was."""
    def change(data: bytes) -> bytes:
        content = read_archive(data)[name]
        place = data.index(content) + len(content) // 2
        return mutate(place, bytes([data[place] ^ 0x10]))(data)
    return change


def without(name: str):
    """An archive that lacks a file, its manifest agreeing."""
    def change(data: bytes) -> bytes:
        files = read_archive(data)
        del files[name]
        return archive_bytes(files)
    return change


@pytest.mark.qemu_only("the same code in both; 30 MiB to load")
def test_large_archive(unlaunched_dut) -> None:
    """What its files and pages take is counted by root, not guessed in boot.conf."""
    files = {f"etc/many/{number:04}": b"%d" % number for number in range(4000)}
    users_image(unlaunched_dut).edits.append(lambda image: image.add_files(files))
    shell = unlaunched_dut.launch().shell
    assert shell.exec("ls /etc/many | wc -l").lines[0].split() == ["4000"]
    assert shell.exec("cat /etc/many/0000 /etc/many/2718 /etc/many/3999").lines == ["027183999"]
    assert shell.exec("cat /etc/many/4000").status != 0


DAMAGED_ARCHIVES = {
    "bit of hello": (flip_in("bin/hello"), r"boot archive \.\.\. FAILED: .*bin/hello"),
    "bit of proc": (flip_in("bin/proc"), r"boot archive \.\.\. FAILED: .*bin/proc"),
    "zeroes": (lambda data: bytes(len(data)), r"boot archive \.\.\. FAILED: .+"),
    "cut": (lambda data: data[:len(data) // 2 & ~511], r"boot archive \.\.\. FAILED: .+"),
    "header": (mutate(0, b"X"), r"boot archive \.\.\. FAILED: .+"),
    "no boot.conf": (without("boot.conf"), r"boot\.conf \.\.\. FAILED: .*missing"),
    "no shell": (without("bin/shell"), r"init bin/shell \.\.\. FAILED: not found"),
    "no console": (without("bin/console"), r"server console, its program is missing .* FAILED: "),
}


@pytest.mark.parametrize("damage", DAMAGED_ARCHIVES)
@pytest.mark.qemu_only("the same code in both; a boot each")
def test_damaged_archive(unlaunched_dut, damage: str) -> None:
    change, message = DAMAGED_ARCHIVES[damage]
    dut = boot_damaged(unlaunched_dut, "archive", change, r"^\[.*\] boot: " + message)
    dut.not_expect(r"^iris\$ ", timeout=0.3)


@pytest.mark.bochs_only("the others run in QEMU")
def test_damaged_archive_in_bochs(unlaunched_dut) -> None:
    boot_damaged(unlaunched_dut, "archive", *DAMAGED_ARCHIVES["bit of hello"])
