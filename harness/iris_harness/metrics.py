# SPDX-License-Identifier: MIT
"""Figures as data: one JSON object a line."""

from __future__ import annotations

import json
import os
from pathlib import Path


class MetricLog:
    """Appends figures to a file; whole lines, so that parallel workers cannot mix them."""

    def __init__(self, path: Path, **parameters: object) -> None:
        self.path = path
        self.parameters = parameters

    def __call__(self, name: str, value: float, unit: str, **parameters: object) -> None:
        """Append one figure."""
        record = {"name": name, "value": value, "unit": unit,
                  "parameters": {**self.parameters, **parameters}}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(record, sort_keys=False) + "\n"
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(fd, line.encode())
        finally:
            os.close(fd)
