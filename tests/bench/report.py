# SPDX-License-Identifier: MIT
"""placeholder"""
from pathlib import Path


def write_report(path: Path, figures, record) -> None:
    path.write_text("")
