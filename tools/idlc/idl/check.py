# SPDX-License-Identifier: MIT
"""Tree to model: names resolved, numbers given, limits of the message format enforced."""
from __future__ import annotations

from pathlib import Path

import lark

from .model import (SCALARS, SPECIAL, Constant, Enum, Field, File, IdlError, Interface, Method,
                    Parameter, Place, Struct, Type)
from .parse import Source

WORDS_MAX, HANDLES_MAX, BUFFERS_MAX = 64, 4, 4
RIGHTS = ("CALL", "NOTIFY", "RECEIVE", "MAP", "CONTROL", "DESTROY", "COPY", "INSPECT")
C_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if"
    " inline int long register restrict return short signed sizeof static struct switch typedef"
    " union unsigned void volatile while asm typeof bool true false".split())
# Names that generated functions use for themselves.
TAKEN = frozenset("to m c i rq ops context result reply receive handles faults tries".split())


def interface_id(name: str) -> int:
    """FNV-1a, 32 bits, of the interface's name."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def check_file(path: str, errors_known: frozenset[str]) -> File:
    """Reads and checks one file."""
    return _Checker(path, errors_known).run()


class _Checker:
    """State of checking one file. Types are known to the whole file from their declaration on."""

    def __init__(self, path: str, errors_known: frozenset[str]) -> None:
        self.path = path
        self.errors_known = errors_known
        self.source = Source(path, Path(path).read_text(encoding="utf-8"))
        self.enums: dict[str, Enum] = {}
        self.structs: dict[str, Struct] = {}
        self.constants: dict[str, int] = {}

    def run(self) -> File:
        """The whole file."""
        interfaces: list[Interface] = []
        for node in self.source.tree.children:
            new = self._interface(node)
            for old in interfaces:
                if old.name == new.name:
                    self._fail(node.children[0], f"interface '{new.name}' is declared twice")
                if old.id & 0x7F == new.id & 0x7F:
                    self._fail(node.children[0],
                               f"'{new.name}' and '{old.name}' would share method labels (id & 0x7f"
                               f" = {new.id & 0x7f:#x}); rename one or give it an id: "
                               f"interface {new.name} = 0x...")
            interfaces.append(new)
        return File(self.path, Path(self.path).stem, interfaces)

    # ---- declarations ----

    def _interface(self, node: lark.Tree) -> Interface:
        name, number, *members = node.children
        self._name(name)
        self.constants = {}
        identity = interface_id(name) if number is None else self._value(number)
        if not 0 < identity <= 0xFFFFFFFF:
            self._fail(number if number is not None else name,
                       "an interface id is 1 .. 0xffffffff")
        made = Interface(str(name), identity, [], [], [], [], self.source.doc(node),
                         self.source.place(name))
        seen: dict[str, Place] = {}
        for member in members:
            match member.data:
                case "constant":
                    made.constants.append(self._constant(member))
                case "enum":
                    made.enums.append(self._enum(member))
                case "struct":
                    made.structs.append(self._struct(member))
                case "method":
                    made.methods.append(self._method(member, made))
            if member.data == "method":
                self._once(seen, member.children[1], "method")
        if not made.methods:
            self._fail(name, f"interface '{name}' has no methods")
        return made

    def _constant(self, node: lark.Tree) -> Constant:
        name, expression = node.children
        self._name(name)
        if str(name) in self.constants:
            self._fail(name, f"constant '{name}' is declared twice in this interface")
        value = self._value(expression)
        if not 0 <= value <= 0xFFFFFFFF:
            self._fail(expression, f"{value} does not fit; a constant is 0 .. 0xffffffff")
        self.constants[str(name)] = value
        return Constant(str(name), value, self.source.doc_beside(node), self.source.place(name))

    def _enum(self, node: lark.Tree) -> Enum:
        name, base, *rows = node.children
        self._new_type(name)
        if base != "u32":
            self._fail(base, f"an enum's type is u32, not '{base}'")
        made = Enum(str(name), [], self.source.doc(node), self.source.place(name))
        names: dict[str, Place] = {}
        values: dict[int, str] = {}
        following = 0
        for row in rows:
            label, expression = row.children
            self._once(names, label, "value")
            value = following if expression is None else self._value(expression)
            if not 0 <= value <= 0xFFFFFFFF:
                self._fail(row, f"{value} does not fit; an enum value is 0 .. 0xffffffff")
            if value in values:
                self._fail(row, f"'{label}' and '{values[value]}' are both {value}")
            values[value] = str(label)
            made.values.append(Constant(str(label), value, self._enumerator_doc(row),
                                        self.source.place(label)))
            following = value + 1
        self.enums[made.name] = made
        return made

    def _enumerator_doc(self, row: lark.Tree) -> str:
        """Comments inside an enum; not the one that stands beside or above a one-line enum."""
        return self.source.comments.beside(row.meta.end_line, self.source.alone)

    def _struct(self, node: lark.Tree) -> Struct:
        name, *rows = node.children
        self._new_type(name)
        made = Struct(str(name), [], self.source.doc(node), self.source.place(name))
        seen: dict[str, Place] = {}
        for row in rows:
            kind, label = row.children
            self._name(label)
            self._once(seen, label, "field")
            its_type = self._type(kind)
            if its_type.kind in SPECIAL:
                self._fail(kind, f"a struct cannot hold '{its_type}'; "
                                 "scalars, enums, structs and arrays of them are allowed")
            made.fields.append(Field(str(label), its_type, self.source.doc_beside(row),
                                     self.source.place(label)))
        self.structs[made.name] = made
        return made

    # ---- methods ----

    def _method(self, node: lark.Tree, interface: Interface) -> Method:
        kind, name, *rest = node.children
        number = next((child for child in rest if isinstance(child, lark.Tree)
                       and child.data in ("expression", "number", "reference")), None)
        if not str(name).isidentifier():
            self._fail(name, f"'{name}' cannot be a name")
        value = self._method_number(number, interface, name)
        made = Method(str(name), value, (interface.id & 0x7F) << 8 | value, [], kind == "oneway",
                      False, [], self.source.doc(node), self.source.place(name))
        seen: dict[str, Place] = {}
        for child in rest:
            if child is None or child is number:
                continue
            match child.data:
                case "parameter":
                    self._once(seen, child.children[2], "parameter")
                    made.parameters.append(self._parameter(child))
                case "idempotent":
                    made.idempotent = True
                case "errors":
                    made.errors += [self._error(token) for token in child.children]
        self._limits(made, name)
        for index, parameter in enumerate(made.buffers):
            parameter.index = index
        return made

    def _method_number(self, number: lark.Tree | None, interface: Interface,
                       name: lark.Token) -> int:
        used = {m.number: m.name for m in interface.methods}
        if number is None:
            value = interface.methods[-1].number + 1 if interface.methods else 1
        else:
            value = self._value(number)
        if not 1 <= value <= 255:
            self._fail(number or name, f"method number {value}; allowed are 1 .. 255")
        if value in used:
            self._fail(number or name, f"'{name}' and '{used[value]}' both have number {value}")
        return value

    def _parameter(self, node: lark.Tree) -> Parameter:
        direction, kind, name, *options = node.children
        self._name(name)
        if str(name) in TAKEN:
            name_fixed = f"{name}_"
        else:
            name_fixed = str(name)
        made = Parameter(name_fixed, str(direction), self._type(kind), self.source.place(name))
        if made.type.kind == "handle" and direction == "inout":
            self._fail(direction, "a handle is 'in' or 'out', not 'inout'")
        for option in options:
            if made.type.kind != "handle" or direction != "in":
                self._fail(option, f"'{option.data}' applies to an 'in handle' only")
            match option.data:
                case "rights":
                    made.rights += [self._right(token) for token in option.children]
                case "move":
                    made.move = True
                case "optional":
                    made.optional = True
        return made

    def _limits(self, method: Method, name: lark.Token) -> None:
        if method.oneway:
            for parameter in method.parameters:
                if parameter.direction != "in" or parameter.type.kind == "buffer":
                    raise IdlError(parameter.place,
                                   f"a oneway message has no reply: '{parameter.name}' must be 'in'"
                                   " and no buffer (nobody waits while it is copied)")
        for what, count, most in (
                ("request words", method.words_in, WORDS_MAX),
                ("reply words", method.words_out, WORDS_MAX),
                ("handles in the request", len(method.handles_in), HANDLES_MAX),
                ("handles in the reply", len(method.handles_out), HANDLES_MAX),
                ("buffers", len(method.buffers), BUFFERS_MAX)):
            if count > most:
                self._fail(name, f"'{name}' needs up to {count} {what}; a message has at most "
                                 f"{most}")
        optional = [p.optional for p in method.handles_in]
        if optional != sorted(optional):
            self._fail(name, f"'{name}': optional handles must be the last handles")

    # ---- types and values ----

    def _type(self, node: lark.Tree) -> Type:
        name, capacity, count = node.children
        made = Type(str(name), enum=self.enums.get(name), struct=self.structs.get(name))
        if not (made.enum or made.struct or name in SCALARS or name in SPECIAL):
            known = ", ".join([*SCALARS, "string<N>", "bytes<N>", "buffer", "handle",
                               *self.enums, *self.structs])
            self._fail(name, f"unknown type '{name}'; known here: {known}")
        if made.kind in ("string", "bytes"):
            if capacity is None:
                self._fail(name, f"'{name}' needs its greatest length: {name}<N>")
            made.capacity = self._value(capacity)
            most = (WORDS_MAX - 1) * 4
            if not 1 <= made.capacity <= most:
                self._fail(capacity, f"a length of {made.capacity}; allowed are 1 .. {most} bytes "
                                     "(longer data travels in a buffer)")
        elif capacity is not None:
            self._fail(capacity, f"'{name}' takes no <N>; string<N> and bytes<N> do")
        if count is not None:
            if made.kind in SPECIAL:
                self._fail(count, f"no arrays of '{name}'; "
                                  "scalars, enums and structs can be elements")
            made.count = self._value(count)
            if not 1 <= made.count <= WORDS_MAX:
                self._fail(count, f"{made.count} elements; allowed are 1 .. {WORDS_MAX}")
        return made

    def _value(self, node: lark.Tree) -> int:
        """An expression, evaluated from left to right."""
        match node.data:
            case "number":
                return int(node.children[0], 0)
            case "reference":
                name = node.children[0]
                if str(name) not in self.constants:
                    known = ", ".join(self.constants) or "none"
                    self._fail(name, f"unknown constant '{name}'; known here: {known}")
                return self.constants[str(name)]
        result = self._value(node.children[0])
        for operator, term in zip(node.children[1::2], node.children[2::2]):
            other = self._value(term)
            match str(operator):
                case "|":
                    result |= other
                case "+":
                    result += other
                case "-":
                    result -= other
                case "*":
                    result *= other
                case "<<":
                    if not 0 <= other <= 31:
                        self._fail(term, "a shift is by 0 .. 31")
                    result <<= other
        return result

    # ---- names ----

    def _name(self, token: lark.Token) -> None:
        if str(token) in C_KEYWORDS:
            self._fail(token, f"'{token}' is a word of C and cannot be a name here")

    def _new_type(self, token: lark.Token) -> None:
        self._name(token)
        if str(token) in SCALARS or str(token) in SPECIAL:
            self._fail(token, f"'{token}' is the name of a built-in type")
        if str(token) in self.enums or str(token) in self.structs:
            self._fail(token, f"type '{token}' is declared twice in this file")

    def _once(self, seen: dict[str, Place], token: lark.Token, what: str) -> None:
        if str(token) in seen:
            self._fail(token, f"{what} '{token}' is declared twice "
                              f"(first in line {seen[str(token)].line})")
        seen[str(token)] = self.source.place(token)

    def _right(self, token: lark.Token) -> str:
        if str(token) not in RIGHTS:
            self._fail(token, f"unknown right '{token}'; rights are {', '.join(RIGHTS)}")
        return str(token)

    def _error(self, token: lark.Token) -> str:
        if self.errors_known and str(token) not in self.errors_known:
            self._fail(token, f"unknown error '{token}'; the list is kernel/abi/errors.toml: "
                              f"{', '.join(sorted(self.errors_known))}")
        return str(token)

    def _fail(self, node: lark.Tree | lark.Token, text: str) -> None:
        raise IdlError(self.source.place(node), text)
