# SPDX-License-Identifier: MIT
"""What can go wrong with a device under test, one exception class each."""

from __future__ import annotations


class DutError(Exception):
    """Base of everything the harness raises about a device under test."""


class DutTimeout(DutError):
    """The guest was silent too long, or talked too long without saying what was awaited."""


class DutExited(DutError):
    """The emulator ended while output was awaited."""


class GuestPanic(DutError):
    """The kernel printed its panic screen."""


class UnexpectedOutput(DutError, AssertionError):
    """Something `not_expect` forbids was printed."""


class GuestTestFailure(DutError, AssertionError):
    """An in-guest test failed, or its report is incomplete or damaged."""


class AuditFailure(DutError, AssertionError):
    """The guest's audit failed or its object counts are not back at their base line."""


class CommandFailure(DutError, AssertionError):
    """A shell command run with `check=True` ended with a non-zero status."""
