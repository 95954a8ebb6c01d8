# SPDX-License-Identifier: MIT
"""The architecture picture shows what root starts now."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "picture.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the tool."""
    return subprocess.run(["/usr/bin/python3", str(TOOL), *arguments], capture_output=True,
                          text=True, timeout=60, check=False)


def test_picture_is_up_to_date() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stderr


def test_picture_shows_servers_and_portals(tmp_path: Path) -> None:
    config = tmp_path / "boot.conf"
    config.write_text("server mem priority 9 kernel 1 memory 0\n"
                      "server tea priority 7 kernel 1 memory 1\n  portal 11 mem 1  # why\n"
                      "  io 0x60 5\ninit cup\n")
    target = tmp_path / "picture.svg"
    assert run(str(config), str(target)).returncode == 0
    tree = ElementTree.parse(target)
    words = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"mem", "tea", "priority 7", "ports 0x60-0x64"} <= set(words)
    assert any("cup" in (word or "") for word in words)
    arrows = [path for path in tree.iter("{http://www.w3.org/2000/svg}path")
              if path.get("class") == "portal"]
    assert len(arrows) == 1
    assert run("--check", str(config), str(target)).returncode == 0
    config.write_text(config.read_text().replace("tea", "pot"))
    assert run("--check", str(config), str(target)).returncode == 1
