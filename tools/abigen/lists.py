# SPDX-License-Identifier: MIT
"""Reads the lists in kernel/abi and refuses mistakes in them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_ARGUMENTS = 6
KINDS = ["handle", "slot", "space", "int", "pointer_in", "pointer_out"]
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
VERSION = re.compile(r"[1-9][0-9]*\.[0-9]+\Z")
FIRST_VERSION = "1.0"


class ListError(Exception):
    """The lists contradict themselves; the message has a line for each mistake."""


@dataclass
class Argument:
    """An argument of a kernel call, or of a function (then `ctype` or `text` tell all)."""

    name: str
    kind: str = ""
    type: str = ""
    rights: list[str] = field(default_factory=list)
    optional: bool = False
    ctype: str = ""
    size: str = ""
    text: str = ""

    @property
    def pointer(self) -> bool:
        return self.kind.startswith("pointer")


@dataclass
class Call:
    """A kernel call."""

    name: str
    number: int
    text: str
    args: list[Argument]
    errors: list[str]
    result: str = "int"
    noreturn: bool = False
    pending: bool = False
    since: str = FIRST_VERSION


@dataclass
class Error:
    name: str
    number: int
    text: str


@dataclass
class Event:
    name: str
    args: list[str]
    text: str


@dataclass
class Function:
    """A vDSO symbol that is not a kernel call."""

    name: str
    text: str
    args: list[Argument] = field(default_factory=list)
    result: str = ""
    registers: bool = False
    since: str = FIRST_VERSION
    errors: list[str] = field(default_factory=list)


@dataclass
class Operation:
    """An inline function of <iris/ipc.h>; only its manual page is made."""

    name: str
    synopsis: str
    text: str
    args: list[Argument]
    errors: list[str]


@dataclass
class Abi:
    """All lists."""

    calls: list[Call]
    errors: list[Error]
    events: list[Event]
    functions: list[Function]
    operations: list[Operation]

    def versions(self) -> list[dict[str, Any]]:
        """The symbols of each version, oldest version first."""
        exported = [*self.calls, *self.functions]
        names = sorted({e.since for e in exported}, key=version_key)
        return [
            {"name": n, "symbols": sorted(f"iris_{e.name}" for e in exported if e.since == n)}
            for n in names
        ]


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


# ---- reading ----


class Reader:
    """Turns TOML tables into the classes above and collects complaints."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.complaints: list[str] = []

    def complain(self, where: str, what: str) -> None:
        self.complaints.append(f"{where}: {what}")

    def tables(self, file: str, keys: list[str]) -> dict[str, list[dict[str, Any]]]:
        """The arrays of tables of one list; anything else in it is a mistake."""
        path = f"kernel/abi/{file}"
        try:
            data = tomllib.loads((self.source / path).read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            self.complain(path, str(error))
            return {key: [] for key in keys}
        for key in data.keys() - set(keys):
            self.complain(path, f"unknown table '{key}'")
        return {key: data.get(key, []) for key in keys}

    def build(self, where: str, cls: type, table: dict[str, Any]) -> Any:
        """One object from one table, with its fields' names and types checked."""
        where = f"{where} {table.get('name', '(without a name)')}"
        fields = {f.name: f for f in cls.__dataclass_fields__.values()}
        for key in table.keys() - fields.keys():
            self.complain(where, f"unknown key '{key}'")
        values = {key: value for key, value in table.items() if key in fields}
        kinds = {"str": str, "int": int, "bool": bool}
        for key, value in values.items():
            kind = kinds.get(fields[key].type, list)
            if type(value) is not kind:
                self.complain(where, f"'{key}' must be of type {kind.__name__}, not {value!r}")
                return None
        if cls is not Event and "args" in values:
            args = [self.build(f"{where} argument", Argument, arg) for arg in values["args"]]
            values["args"] = [arg for arg in args if arg]
        try:
            made = cls(**values)
        except TypeError as error:
            self.complain(where, str(error).replace("__init__() ", ""))
            return None
        if hasattr(made, "text"):
            made.text = " ".join(made.text.split())
        return made

    def objects(self, where: str, cls: type, tables: list[dict[str, Any]]) -> list[Any]:
        made = [self.build(where, cls, table) for table in tables]
        return [m for m in made if m]

    def object_header(self) -> tuple[set[str], set[str]]:
        """Types and rights that exist, from the header that defines them."""
        text = (self.source / "kernel/include/iris/object.h").read_text()
        types = set(re.findall(r"\bIRIS_TYPE_([A-Z]+)", text)) - {"NONE"}
        rights = set(re.findall(r"#define IRIS_RIGHT_([A-Z]+)", text)) - {"ALL"}
        return types, rights


def abi_read(source: Path) -> Abi:
    """Reads and checks all lists."""
    reader = Reader(source)
    ipc = reader.tables("ipc.toml", ["function", "operation"])
    tables = {
        name: reader.tables(f"{name}s.toml", [name])[name] for name in ("call", "error", "event")
    }
    abi = Abi(
        calls=reader.objects("call", Call, tables["call"]),
        errors=reader.objects("error", Error, tables["error"]),
        events=reader.objects("event", Event, tables["event"]),
        functions=reader.objects("function", Function, ipc["function"]),
        operations=reader.objects("operation", Operation, ipc["operation"]),
    )
    types, rights = reader.object_header()
    Checker(abi, reader, types, rights).check()
    if reader.complaints:
        raise ListError("\n".join(reader.complaints))
    abi.calls.sort(key=lambda call: call.number)
    abi.errors.sort(key=lambda error: error.number)
    return abi


# ---- checking ----


class Checker:
    """Rules that hold within and between the lists."""

    def __init__(self, abi: Abi, reader: Reader, types: set[str], rights: set[str]) -> None:
        self.abi = abi
        self.complain = reader.complain
        self.types = types
        self.rights = rights
        self.errors = {error.name for error in abi.errors}

    def check(self) -> None:
        abi = self.abi
        for where, items in (
            ("call", [*abi.calls, *abi.functions, *abi.operations]),
            ("error", abi.errors),
            ("event", abi.events),
        ):
            self.unique(where, "name", items)
        self.unique("call", "number", abi.calls)
        self.unique("error", "number", abi.errors)
        for number in set(range(len(abi.calls))) - {call.number for call in abi.calls}:
            self.complain("call", f"number {number} is missing: the table must have no holes")
        for call in abi.calls:
            self.check_call(f"call {call.name}", call)
        for error in abi.errors:
            self.check_error(f"error {error.name}", error)
        for event in abi.events:
            self.check_event(f"event {event.name}", event)
        for function in abi.functions:
            self.check_function(f"function {function.name}", function)
        for operation in abi.operations:
            self.check_errors(f"operation {operation.name}", operation.errors)
            self.check_name(f"operation {operation.name}", operation.name)

    def unique(self, where: str, key: str, items: list[Any]) -> None:
        seen: dict[Any, str] = {}
        for item in items:
            value = getattr(item, key)
            if value in seen:
                other = "" if key == "name" else f" (also {seen[value]})"
                self.complain(f"{where} {item.name}", f"{key} {value} is taken{other}")
            seen[value] = item.name

    def check_name(self, where: str, name: str) -> None:
        if not NAME.match(name):
            self.complain(where, f"'{name}' is not a lower-case name")

    def check_text(self, where: str, text: str) -> None:
        if not text or '"' in text or "*/" in text or "\\" in text:
            self.complain(where, "needs a text, without quotes, '*/' and backslashes")

    def check_errors(self, where: str, errors: list[str]) -> None:
        for name in errors:
            if name not in self.errors:
                self.complain(where, f"error {name} is not in errors.toml")
        if len(set(errors)) != len(errors):
            self.complain(where, "an error is listed twice")

    def check_since(self, where: str, since: str) -> None:
        if not VERSION.match(since):
            self.complain(where, f"since '{since}' is not MAJOR.MINOR")

    def check_call(self, where: str, call: Call) -> None:
        self.check_name(where, call.name)
        self.check_errors(where, call.errors)
        self.check_since(where, call.since)
        if not call.text:
            self.complain(where, "needs a text")
        if len(call.args) > MAX_ARGUMENTS:
            self.complain(where, f"{len(call.args)} arguments, at most {MAX_ARGUMENTS} fit")
        if len({arg.name for arg in call.args}) != len(call.args):
            self.complain(where, "two arguments share a name")
        for arg in call.args:
            self.check_argument(f"{where} argument {arg.name}", arg)
        if call.result != "int" and (call.errors or call.noreturn):
            self.complain(where, "a result other than int leaves no room for errors")
        if call.pending and "ENOSYS" not in call.errors:
            self.complain(where, "is pending but does not list ENOSYS")
        if not call.pending:
            self.check_consequences(where, call)

    def check_argument(self, where: str, arg: Argument) -> None:
        self.check_name(where, arg.name)
        if arg.kind not in KINDS:
            self.complain(where, f"kind '{arg.kind}' is none of {', '.join(KINDS)}")
        if arg.type and arg.kind != "handle":
            self.complain(where, "only a handle has a type")
        if arg.type and arg.type not in self.types:
            self.complain(where, f"type {arg.type} is not in object.h")
        for right in arg.rights:
            if right not in self.rights:
                self.complain(where, f"right {right} is not in object.h")
        if arg.rights and arg.kind not in ("handle", "space"):
            self.complain(where, "only a handle or space has rights")
        if arg.pointer and not (arg.ctype.endswith("*") and arg.size):
            self.complain(where, "a pointer needs a ctype ending in '*' and a size")
        if arg.kind == "pointer_out" and arg.ctype.startswith("const "):
            self.complain(where, "what is written cannot be const")

    def check_consequences(self, where: str, call: Call) -> None:
        """Arguments of a kind fail in known ways: the list of errors must say so."""
        for arg in call.args:
            needs = {"slot": ["EEXIST"], "pointer_in": ["EFAULT"], "pointer_out": ["EFAULT"]}
            wanted = needs.get(arg.kind, [])
            if arg.kind in ("handle", "space"):
                wanted = ["EBADF", "EPERM"] if arg.rights else ["EBADF"]
            for name in wanted:
                if name not in call.errors:
                    self.complain(where, f"argument {arg.name} can cause {name}, not listed")

    def check_error(self, where: str, error: Error) -> None:
        if not re.match(r"E[A-Z0-9]+\Z", error.name):
            self.complain(where, "is not an error name")
        if not 0 < error.number < 4096:
            self.complain(where, f"number {error.number} is outside 1..4095")
        self.check_text(where, error.text)

    def check_event(self, where: str, event: Event) -> None:
        self.check_name(where, event.name)
        self.check_text(where, event.text)
        if len(event.args) != 4:
            self.complain(where, f"has {len(event.args)} words, a record has 4")
        for arg in event.args:
            if arg != "0" and not NAME.match(arg):
                self.complain(where, f"word '{arg}' is neither a name nor '0'")

    def check_function(self, where: str, function: Function) -> None:
        self.check_name(where, function.name)
        self.check_since(where, function.since)
        if bool(function.result) == function.registers:
            self.complain(where, "needs either a result or registers = true")
        for arg in function.args:
            if not arg.ctype:
                self.complain(f"{where} argument {arg.name}", "needs a ctype")
