# SPDX-License-Identifier: MIT
"""Plain-text manual pages: 78 columns, four-space indentation, sections in capitals."""

from __future__ import annotations

import re
import textwrap

from lists import Abi, Argument, Call, Function, Operation
from prototypes import event_words, prototype


def paragraphs(text: str, indent: int = 4) -> str:
    return textwrap.fill(
        text, 78, initial_indent=" " * indent, subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def summary(text: str) -> str:
    """The first clause, as the NAME section wants it."""
    clause = re.split(r"[.:;](?:\s|$)", re.sub(r"\s*\([^)]*\)", "", text), maxsplit=1)[0]
    return clause if clause[1:2].isupper() else clause[:1].lower() + clause[1:]


def argument_text(arg: Argument) -> str:
    """What may be given for an argument of a kernel call."""
    rights = f" with {' and '.join(arg.rights)}" if arg.rights else ""
    kinds = {
        "handle": f"handle of a {arg.type}{rights}" if arg.type else f"any handle{rights}",
        "space": f"handle of a SPACE{rights}; 0: the caller's own",
        "slot": "empty slot, where the new handle goes",
        "int": "number",
        "pointer_in": f"memory that is read: {arg.size} bytes" if arg.size else "memory",
        "pointer_out": f"memory that is written: {arg.size} bytes" if arg.size else "memory",
    }
    text = kinds.get(arg.kind, "").replace("sizeof(", "the size of (")
    text = re.sub(r"the size of \(([^)]*)\)", r"sizeof(\1)", text)
    if arg.optional:
        text += "; 0: none"
    return "; ".join(part for part in (text, arg.text) if part)


def table(rows: list[tuple[str, str]]) -> str:
    """Terms and explanations, the latter in a column of their own."""
    width = max(len(term) for term, _ in rows) + 2
    lines = []
    for term, text in rows:
        first = " " * 4 + term.ljust(width)
        lines.append(
            textwrap.fill(text, 78, initial_indent=first, subsequent_indent=" " * (4 + width),
                          break_on_hyphens=False)
        )
    return "\n".join(lines)


class Manual:
    """Plain-text manual pages."""

    def __init__(self, abi: Abi) -> None:
        self.abi = abi
        self.error_texts = {error.name: error for error in abi.errors}

    def page(self, name: str, text: str, synopsis: list[str], **sections: str) -> str:
        """A page: NAME, SYNOPSIS, DESCRIPTION, then those of `sections` that are not empty."""
        parts = [f"NAME\n{paragraphs(f'{name} - {summary(text)}')}"]
        if synopsis:
            body = textwrap.indent("\n".join(synopsis), "    ")
            parts.append(f"SYNOPSIS\n{body}")
        parts.append(f"DESCRIPTION\n{paragraphs(text)}")
        parts += [f"{title.upper().replace('_', ' ')}\n{body}" for title, body in sections.items()
                  if body]
        return "\n\n".join(parts) + "\n"

    def error_rows(self, names: list[str]) -> str:
        ordered = sorted((self.error_texts[name] for name in names), key=lambda e: e.number)
        return table([(e.name, f"({e.number}) {e.text}") for e in ordered]) if ordered else ""

    def synopsis(self, header: str, proto: str) -> list[str]:
        return [f"#include <iris/{header}>", "", *f"{proto.rstrip(';')};".splitlines()]

    def call(self, call: Call) -> str:
        args = table([(a.name, argument_text(a)) for a in call.args]) if call.args else ""
        result = "0 or a positive number on success, else the negative of an error number."
        if call.noreturn:
            result = "Does not return."
        elif call.result != "int":
            result = f"A value of type {call.result}; it never fails."
        number = f"Kernel call number {call.number}, since ABI {call.since}."
        if call.pending:
            number += " It is not there yet and answers ENOSYS."
        return self.page(
            call.name, call.text, self.synopsis("calls.h", prototype(call, 74)), arguments=args,
            result=paragraphs(result), errors=self.error_rows(call.errors),
            notes=paragraphs(number),
        )

    def function(self, function: Function) -> str:
        if function.registers:
            synopsis = ["#include <iris/ipc.h>", "", f"iris_{function.name} (registers only)"]
        else:
            synopsis = self.synopsis("vdso.h", prototype(function, 74))
        return self.page(
            function.name, function.text, synopsis,
            notes=paragraphs(f"A function of the vDSO, since ABI {function.since}."),
        )

    def operation(self, operation: Operation) -> str:
        result = "0 on success, else the negative of an error number."
        return self.page(
            operation.name, operation.text, self.synopsis("ipc.h", operation.synopsis),
            arguments=table([(a.name, a.text) for a in operation.args]),
            result=paragraphs(result), errors=self.error_rows(operation.errors),
            notes=paragraphs("An inline function around the vDSO's door of IPC: see man ipc."),
        )

    def errors(self) -> str:
        text = ("Error numbers. Kernel calls and IPC return them negated; those that POSIX knows "
                "have newlib's values.")
        rows = self.error_rows([error.name for error in self.abi.errors])
        return self.page("errors", text, ["#include <iris/error.h>"], errors=rows)

    def events(self) -> str:
        text = ("Trace events. What the kernel records while tracing is on (trace_control), with "
                "the words of each record.")
        rows = [(e.name, e.text + event_words(e)) for e in self.abi.events]
        return self.page("events", text, ["#include <iris/events.h>"], events=table(rows))

    def index(self) -> str:
        rows = {
            "kernel_calls": self.abi.calls, "messages": self.abi.operations,
            "vdso": self.abi.functions,
        }
        sections = {
            title: table([(i.name, summary(i.text)) for i in sorted(items, key=lambda i: i.name)])
            for title, items in rows.items()
        }
        text = ("What programs can ask of the kernel. Each name below has a page of its own: "
                "man NAME.")
        return self.page("calls", text, [], **sections)

    def pages(self) -> dict[str, str]:
        pages = {call.name: self.call(call) for call in self.abi.calls}
        pages |= {function.name: self.function(function) for function in self.abi.functions}
        pages |= {operation.name: self.operation(operation) for operation in self.abi.operations}
        return pages | {"errors": self.errors(), "events": self.events(), "calls": self.index()}
