# SPDX-License-Identifier: MIT
"""The examples' own scenarios, in this tree's image: gathered here, so that they share a boot.

tests/tools/test_sdk.py runs the same files with programs that the SDK has built.
"""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = [pytest.mark.user_space, pytest.mark.boot(only=[
    "cat", "echo", "ls", *(path.parent.name for path in EXAMPLES.glob("*/test_*.py"))])]

for path in sorted(EXAMPLES.glob("*/test_*.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    globals().update({name: value for name, value in vars(module).items()
                      if name.startswith("test_")})


def test_every_example_has_its_scenario():
    without = [folder.name for folder in EXAMPLES.iterdir()
               if any(folder.glob("*.c")) and not any(folder.glob("test_*.py"))]
    assert not without
