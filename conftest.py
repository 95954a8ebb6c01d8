# SPDX-License-Identifier: MIT
"""Lets pytest, run anywhere in this tree, find the harness without installing it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "harness"))

pytest_plugins = ["iris_harness.plugin", "pytester"]
