# SPDX-License-Identifier: MIT
"""Tests of ports run on the image that `make ports` builds, and only on what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/ports"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of this folder."""
    config.addinivalue_line("markers", "port(name): the port a test is about")


@pytest.fixture(autouse=True, scope="module")
def on_the_ports_image(request: pytest.FixtureRequest) -> None:
    """Skips when the image under test is not the one with the ports."""
    image = request.config.getoption("--iris-image")
    if image is None or Path(image).resolve() != BUILD / "ports.iso":
        pytest.skip("needs --iris-image=build/ports/ports.iso: `make ports` builds and tests it")


@pytest.fixture(autouse=True)
def port_is_there(request: pytest.FixtureRequest) -> None:
    """Skips a test of a port that was not built this time (PORTS=...)."""
    marker = request.node.get_closest_marker("port")
    if marker and marker.args[0] not in (BUILD / "built").read_text().split():
        pytest.skip(f"{marker.args[0]} is not in the image: `make ports` without PORTS builds all")
