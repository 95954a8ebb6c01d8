# SPDX-License-Identifier: MIT
"""The Iris interface compiler: parse, check, lay out, emit."""
