# SPDX-License-Identifier: MIT
"""What `identify` promises: the name of the CD-ROM drive that the machine has."""

from pathlib import Path

DRIVES = {"qemu": "QEMU DVD-ROM", "bochs": "Generic 1234"}


def test_identify(unlaunched_dut, emulator_name):
    manifest = Path(__file__).with_name("boot.conf")
    unlaunched_dut.edits.append(lambda image: image.add_manifest(manifest))
    result = unlaunched_dut.launch().shell.exec("identify")
    assert result.status == 0
    assert len(result.lines) == 2
    assert any(line.endswith(f": {DRIVES[emulator_name]}") for line in result.lines)
