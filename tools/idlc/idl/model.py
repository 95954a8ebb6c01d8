# SPDX-License-Identifier: MIT
"""What a checked interface file consists of."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where in a source file something stands; line and column count from 1."""
    file: str
    line: int
    column: int


class IdlError(Exception):
    """A mistake in an interface file: `file:line:column: error: text`."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(f"{place.file}:{place.line}:{place.column}: error: {text}")
        self.place = place
        self.text = text


# Scalars: C type, words on the wire. All but the 64-bit ones take one word.
SCALARS: dict[str, tuple[str, int]] = {
    "u8": ("uint8_t", 1), "u16": ("uint16_t", 1), "u32": ("uint32_t", 1), "u64": ("uint64_t", 2),
    "i8": ("int8_t", 1), "i16": ("int16_t", 1), "i32": ("int32_t", 1), "i64": ("int64_t", 2),
    "bool": ("bool", 1),
}

SPECIAL = ("string", "bytes", "buffer", "handle")


@dataclass
class Constant:
    """`const NAME = value;`"""
    name: str
    value: int
    doc: str
    place: Place


@dataclass
class Enum:
    """`enum NAME : u32 { ... }`"""
    name: str
    values: list[Constant]
    doc: str
    place: Place


@dataclass
class Struct:
    """A fixed-size record of scalars, enums, structs and arrays of them."""
    name: str
    fields: list[Field]
    doc: str
    place: Place


@dataclass
class Type:
    """The type of a field or parameter: one of the scalars, an enum, a struct, or a special."""
    name: str                          # as written: u32, file_status, string ...
    capacity: int = 0                  # bytes of string<N> and bytes<N>
    count: int = 0                     # elements of T[N]; 0: not an array
    enum: Enum | None = None
    struct: Struct | None = None

    @property
    def kind(self) -> str:
        """scalar, enum, struct, string, bytes, buffer or handle (of an array: of its elements)."""
        if self.enum:
            return "enum"
        if self.struct:
            return "struct"
        return self.name if self.name in SPECIAL else "scalar"

    @property
    def is_simple(self) -> bool:
        """A scalar or enum by itself: can travel in a register."""
        return self.kind in ("scalar", "enum") and not self.count

    @property
    def words(self) -> int:
        """The most words it takes on the wire (in the direction that carries it)."""
        match self.kind:
            case "scalar":
                one = SCALARS[self.name][1]
            case "struct":
                one = sum(f.type.words for f in self.struct.fields)
            case "string" | "bytes":
                one = 1 + (self.capacity + 3) // 4
            case "handle":
                one = 0
            case _:
                one = 1
        return one * (self.count or 1)

    @property
    def c_type(self) -> str:
        """The C type of one element."""
        if self.enum:
            return f"enum {self.enum.name}"
        if self.struct:
            return f"struct {self.struct.name}"
        if self.kind == "scalar":
            return SCALARS[self.name][0]
        return {"string": "char", "bytes": "uint8_t", "handle": "uint32_t"}[self.name]

    def __str__(self) -> str:
        text = self.name
        if self.capacity:
            text += f"<{self.capacity}>"
        if self.count:
            text += f"[{self.count}]"
        return text


@dataclass
class Field:
    """A member of a struct."""
    name: str
    type: Type
    doc: str
    place: Place


@dataclass
class Parameter:
    """A parameter of a method."""
    name: str
    direction: str                     # in, out, inout
    type: Type
    place: Place
    rights: list[str] = field(default_factory=list)
    move: bool = False
    optional: bool = False
    index: int = 0                     # of a buffer: which of the method's buffers

    @property
    def is_in(self) -> bool:
        """Travels with the request."""
        return self.direction in ("in", "inout")

    @property
    def is_out(self) -> bool:
        """Travels with the reply."""
        return self.direction in ("out", "inout")

    @property
    def in_request(self) -> bool:
        """Takes words in the request: all buffers do, with their length."""
        return self.type.kind != "handle" and (self.is_in or self.type.kind == "buffer")

    @property
    def in_reply(self) -> bool:
        """Takes words in the reply."""
        return self.type.kind not in ("handle", "buffer") and self.is_out


@dataclass
class Method:
    """A method or a oneway message."""
    name: str
    number: int
    label: int
    parameters: list[Parameter]
    oneway: bool
    idempotent: bool
    errors: list[str]
    doc: str
    place: Place

    @property
    def request(self) -> list[Parameter]:
        """What the request's words hold, in order."""
        return [p for p in self.parameters if p.in_request]

    @property
    def reply(self) -> list[Parameter]:
        """What the reply's words hold, in order."""
        return [p for p in self.parameters if p.in_reply]

    @property
    def buffers(self) -> list[Parameter]:
        """Buffers, in order."""
        return [p for p in self.parameters if p.type.kind == "buffer"]

    @property
    def handles_in(self) -> list[Parameter]:
        """Handles the request carries."""
        return [p for p in self.parameters if p.type.kind == "handle" and p.is_in]

    @property
    def handles_out(self) -> list[Parameter]:
        """Handles the reply carries."""
        return [p for p in self.parameters if p.type.kind == "handle" and p.is_out]

    @property
    def words_in(self) -> int:
        """The most words of a request."""
        return sum(1 if p.type.kind == "buffer" else p.type.words for p in self.request)

    @property
    def words_out(self) -> int:
        """The most words of a reply."""
        return sum(p.type.words for p in self.reply)

    @staticmethod
    def _fits_registers(parameters: list[Parameter], words: int) -> bool:
        return words <= 3 and all(p.type.is_simple or p.type.kind == "buffer" for p in parameters)

    @property
    def request_in_registers(self) -> bool:
        """At most three words, scalars only."""
        return self._fits_registers(self.request, self.words_in)

    @property
    def reply_in_registers(self) -> bool:
        """At most three words, scalars only."""
        return self._fits_registers(self.reply, self.words_out)

    @property
    def inline(self) -> bool:
        """Its client stub needs nothing but registers."""
        return (self.request_in_registers and self.reply_in_registers
                and not self.buffers and not self.handles_in and not self.handles_out)


@dataclass
class Interface:
    """An interface and what it declares."""
    name: str
    id: int
    constants: list[Constant]
    enums: list[Enum]
    structs: list[Struct]
    methods: list[Method]
    doc: str
    place: Place


@dataclass
class File:
    """An interface file."""
    path: str
    stem: str
    interfaces: list[Interface]
