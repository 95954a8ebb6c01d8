# SPDX-License-Identifier: MIT
"""What the templates ask about a call: its prototypes, comment, and registers."""

from __future__ import annotations

import re
import textwrap

from lists import Abi, Call, Event, Function

REGISTERS = ["ebx", "ecx", "edx", "esi", "edi", "ebp"]
CALLEE_SAVED = ["ebx", "esi", "edi", "ebp"]


def declare(ctype: str, name: str) -> str:
    return ctype + name if ctype.endswith("*") else f"{ctype} {name}"


def wrap_prototype(head: str, args: list[str], width: int) -> str:
    """`head(args)`, broken between arguments only."""
    lines = [f"{head}("]
    indent = " " * len(lines[0])
    for i, arg in enumerate(args or ["void"]):
        text = arg + (")" if i + 1 >= len(args) else ",")
        if i and len(f"{lines[-1]} {text};") > width:
            lines.append(indent + text)
        else:
            lines[-1] += (" " if i else "") + text
    return "\n".join(lines)


def prototype(item: Call | Function, width: int = 100) -> str:
    """The C prototype for programs."""
    result = item.result
    if isinstance(item, Call) and item.noreturn:
        result = "__attribute__((noreturn)) void"
    args = [declare(arg.ctype or "uint32_t", arg.name) for arg in item.args]
    return wrap_prototype(declare(result, f"iris_{item.name}"), args, width)


def handler(call: Call) -> str:
    """The kernel's side: user addresses are plain words there."""
    return wrap_prototype(f"int sys_{call.name}", [f"uint32_t {a.name}" for a in call.args], 100)


def comment(item: Call | Function) -> str:
    text = item.text
    if item.errors:
        text += f" Errors: {', '.join(item.errors)}."
    return textwrap.fill(text, 100, initial_indent=" * ", subsequent_indent=" * ")


def saved_registers(call: Call) -> list[str]:
    """Registers that C expects back and this call's arguments overwrite."""
    return [r for r in REGISTERS[: len(call.args)] if r in CALLEE_SAVED]


def event_strings(event: Event) -> str:
    return ", ".join('""' if arg == "0" else f'"{arg}"' for arg in event.args)


def event_words(event: Event) -> str:
    words = ", ".join(arg for arg in event.args if arg != "0")
    return f": {words}" if words else ""


def structures(abi: Abi) -> list[str]:
    """Structures that prototypes point to."""
    types = " ".join(arg.ctype for call in abi.calls for arg in call.args)
    return sorted(set(re.findall(r"struct (\w+)", types)))


FILTERS = {
    f.__name__: f
    for f in (prototype, handler, comment, saved_registers, event_strings, event_words)
}
