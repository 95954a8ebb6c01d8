# SPDX-License-Identifier: MIT
"""Programs of another age: an old one runs, one that is too new says so when it starts."""

from pathlib import Path

import pytest

FIRST = Path(__file__).resolve().parents[1] / "abi/first"


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The old program as if it had been linked with another vDSO: names in its .dynstr differ."""
    data = FIRST.read_bytes()
    assert data.count(old + b"\0") == 1 and len(old) == len(new)
    path.write_bytes(data.replace(old + b"\0", new + b"\0"))
    return path


@pytest.mark.qemu_only("binding is the same in every machine")
def test_old_and_new_programs(unlaunched_dut, tmp_path):
    unlaunched_dut.programs = {
        "first": FIRST,
        "unknown": patched(tmp_path / "unknown", b"iris_page_size", b"iris_page_sire")}
    shell = unlaunched_dut.launch().shell
    result = shell.exec("first")
    assert result.status == 0, result.text
    assert result.lines == ["25 of 25 as they were"]
    result = shell.exec("unknown")
    assert result.status == 127
    assert ("unknown: needs iris_page_sire@IRIS_1.0, which this kernel's vDSO does not have"
            in result.text)
