# SPDX-License-Identifier: MIT
"""Model to text: C header, C source, reference page, JSON."""
from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import jinja2

from .check import C_KEYWORDS
from .model import File, Interface, Method, Parameter, Type

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
WIDTH = 100
RIGHTS_DEFAULT = ["CALL", "NOTIFY", "COPY"]


# ---- C helpers used by the templates ----

def c_list(head: str, items: list[str], tail: str) -> str:
    """`head(items)tail`, broken at WIDTH and aligned behind the parenthesis."""
    lines, line = [], head
    indent = " " * len(head)
    for number, item in enumerate(items):
        piece = item + ("," if number < len(items) - 1 else tail)
        glue = "" if line == head or line == indent else " "
        if len(line) + len(glue) + len(piece) > WIDTH and glue:
            lines.append(line)
            line, glue = indent, ""
        line += glue + piece
    if not items:
        line += tail
    return "\n".join([*lines, line])


def c_comment(text: str, indent: str = "") -> str:
    """A documentation comment above a declaration; "" if there is nothing to say."""
    if not text:
        return ""
    text = text.replace("*/", "* /").replace("/*", "/ *")
    lines = text.split("\n")
    if len(lines) == 1 and len(indent) + len(lines[0]) + 6 <= WIDTH:
        return f"{indent}/* {lines[0]} */\n"
    body = "\n".join(f"{indent} * {row}".rstrip() for row in lines)
    return f"{indent}/*\n{body}\n{indent} */\n"


def c_number(value: int) -> str:
    """An unsigned constant: as people write it."""
    return f"{value}u" if value <= 0xFFFF else f"{value:#x}u"


def c_documented(text: str, doc: str, indent: str = "") -> str:
    """A declaration with its comment: behind it if there is room, else above."""
    line = f"{indent}{text} /* {doc} */"
    if doc and (len(line) > WIDTH or "\n" in doc):
        return c_comment(doc, indent) + indent + text
    return line if doc else indent + text


def c_name(name: str) -> str:
    """A member's name that C accepts."""
    return f"{name}_" if name in C_KEYWORDS else name


def _in_declaration(p: Parameter) -> list[str]:
    """An in parameter, as a function takes it."""
    t = p.type
    match t.kind:
        case "string":
            return [f"const char *{p.name}"]
        case "bytes":
            return [f"const void *{p.name}", f"uint32_t {p.name}_size"]
        case "handle":
            return [f"uint32_t {p.name}"]
    if t.count:
        return [f"const {t.c_type} {p.name}[{t.count}]"]
    if t.kind == "struct":
        return [f"const {t.c_type} *{p.name}"]
    return [f"{t.c_type} {p.name}"]


def _out_declaration(p: Parameter) -> list[str]:
    """An out (or inout) parameter, as a function takes it."""
    t = p.type
    match t.kind:
        case "string":
            return [f"char {p.name}[{t.capacity + 1}]"]
        case "bytes":
            return [f"uint8_t {p.name}[{t.capacity}]", f"uint32_t *{p.name}_size"]
        case "handle":
            return [f"uint32_t *{p.name}"]
    return [f"{t.c_type} {p.name}[{t.count}]" if t.count else f"{t.c_type} *{p.name}"]


def client_parameters(method: Method) -> list[str]:
    """What a client's stub takes after the portal."""
    found: list[str] = []
    for p in method.parameters:
        if p.type.kind == "buffer":
            constant = "const " if p.direction == "in" else ""
            found += [f"{constant}void *{p.name}", f"uint32_t {p.name}_size"]
        else:
            found += _out_declaration(p) if p.is_out else _in_declaration(p)
    return found


def server_parameters(method: Method) -> list[str]:
    """What an implementation takes after context and request."""
    found: list[str] = []
    for p in method.parameters:
        if p.type.kind == "buffer":
            found.append(f"struct iris_buffer_ref {p.name}")
        elif p.type.kind == "handle" and p.is_out:
            found.append(f"struct iris_handle_out *{p.name}")
        else:
            found += _out_declaration(p) if p.is_out else _in_declaration(p)
    return found


def reply_parameters(method: Method) -> list[str]:
    """What an answer to a kept caller consists of."""
    found: list[str] = []
    for p in method.parameters:
        if not p.is_out or p.type.kind == "buffer":
            continue
        if p.type.kind == "handle":
            found.append(f"struct iris_handle_out {p.name}")
        else:
            found += _in_declaration(p)
    return found


def reply_arguments(method: Method) -> list[str]:
    """The same, from the locals of a dispatcher."""
    found: list[str] = []
    for p in method.parameters:
        if not p.is_out or p.type.kind == "buffer":
            continue
        by_address = p.type.kind == "struct" and not p.type.count
        found.append(f"&{p.name}" if by_address else p.name)
        if p.type.kind == "bytes":
            found.append(f"{p.name}_size")
    return found


def reply_forwarded(method: Method) -> list[str]:
    """The same, from the parameters of the function that answers a kept caller."""
    return [text.removeprefix("&") for text in reply_arguments(method)]


def result_parameters(method: Method) -> list[str]:
    """What a client gets out of the words of a reply."""
    return [text for p in method.reply for text in _out_declaration(p)]


def result_arguments(method: Method) -> list[str]:
    """The same, from a stub's own parameters."""
    return [re.split(r"[ *]", text)[-1].partition("[")[0] for text in result_parameters(method)]


def server_locals(method: Method) -> list[str]:
    """The locals of a dispatcher that hold a method's parameters; what goes out starts as zero."""
    found: list[str] = []
    for p in method.parameters:
        t, zero = p.type, " = 0" if p.is_out else ""
        match t.kind:
            case "buffer":
                found.append(f"struct iris_buffer_ref {p.name};")
            case "handle":
                found.append(f"struct iris_handle_out {p.name} = {{0, 0}};" if p.is_out
                             else f"uint32_t {p.name};")
            case "string":
                found.append(f"char {p.name}[{t.capacity + 1}]{' = {0}' if p.is_out else ''};")
            case "bytes":
                found.append(f"uint8_t {p.name}[{t.capacity}];")
                found.append(f"uint32_t {p.name}_size{zero};")
            case _:
                if t.count:
                    found.append(f"{t.c_type} {p.name}[{t.count}]{' = {0}' if p.is_out else ''};")
                elif t.kind == "struct":
                    found.append(f"{t.c_type} {p.name}{' = {0}' if p.is_out else ''};")
                else:
                    found.append(f"{t.c_type} {p.name}{zero};")
    return found


def server_arguments(method: Method) -> list[str]:
    """What a dispatcher hands to the implementation from those locals."""
    found: list[str] = []
    for p in method.parameters:
        array = p.type.count or p.type.kind in ("string", "bytes")
        by_address = not array and (p.type.kind == "struct"
                                    or (p.is_out and p.type.kind != "buffer"))
        found.append(f"&{p.name}" if by_address else p.name)
        if p.type.kind == "bytes":
            found.append(f"&{p.name}_size" if p.is_out else f"{p.name}_size")
    return found


def _put_one(t: Type, value: str) -> str:
    if t.kind == "enum":
        return f"iris_put_u32(&c, {value});"
    if t.kind == "struct":
        return f"put_{t.struct.name}(&c, &{value});"
    return f"iris_put_{t.name}(&c, {value});"


def put(p: Parameter, deref: bool) -> list[str]:
    """Statements that write a parameter; `deref`: the variable is a pointer to a simple value."""
    t = p.type
    match t.kind:
        case "string":
            return [f"iris_put_bytes(&c, {p.name}, {p.name}_length);"]
        case "bytes":
            return [f"iris_put_bytes(&c, {p.name}, {'*' if deref else ''}{p.name}_size);"]
        case "buffer":
            return [f"iris_put_u32(&c, {p.name}_size);"]
    if t.count:
        return [f"for (uint32_t i = 0; i < {t.count}; i++)", "    " + _put_one(t, f"{p.name}[i]")]
    if t.kind == "struct":
        return [f"put_{t.struct.name}(&c, {p.name});"]
    return [_put_one(t, f"*{p.name}" if deref else p.name)]


def buffer_ref(p: Parameter, length: str) -> str:
    """The statement that describes a client's buffer to the implementation."""
    return f"{p.name} = (struct iris_buffer_ref){{.index = {p.index}, .length = {length}}};"


def _take_one(t: Type, target: str) -> str:
    if t.kind == "enum":
        return f"{target} = take_{t.enum.name}(&c);"
    if t.kind == "struct":
        return f"take_{t.struct.name}(&c, &{target});"
    return f"{target} = iris_take_{t.name}(&c);"


def take(p: Parameter, pointer: bool) -> list[str]:
    """Statements that read a parameter; `pointer`: into what a pointer points to (client)."""
    t = p.type
    star = "*" if pointer else ""
    match t.kind:
        case "string":
            return [f"iris_take_string(&c, {p.name}, {t.capacity});"]
        case "bytes":
            return [f"{star}{p.name}_size = iris_take_bytes(&c, {p.name}, {t.capacity});"]
        case "buffer":
            return [buffer_ref(p, "iris_take_u32(&c)")]
    if t.count:
        return [f"for (uint32_t i = 0; i < {t.count}; i++)", "    " + _take_one(t, f"{p.name}[i]")]
    if t.kind == "struct":
        return [f"take_{t.struct.name}(&c, {'' if pointer else '&'}{p.name});"]
    return [_take_one(t, f"{star}{p.name}")]


def field_put(t: Type, name: str) -> list[str]:
    """Statements that write a struct's field."""
    if t.count:
        text = _put_one(t, f"v->{name}[i]")
        return [f"for (uint32_t i = 0; i < {t.count}; i++)", "    " + text.replace("&c", "c")]
    return [_put_one(t, f"v->{name}").replace("&c", "c")]


def field_take(t: Type, name: str) -> list[str]:
    """Statements that read a struct's field."""
    if t.count:
        text = _take_one(t, f"v->{name}[i]")
        return [f"for (uint32_t i = 0; i < {t.count}; i++)", "    " + text.replace("&c", "c")]
    return [_take_one(t, f"v->{name}").replace("&c", "c")]


class Slot:
    """A simple parameter and the message's register words it travels in."""

    def __init__(self, parameter: Parameter, at: int) -> None:
        self.p = parameter
        self.at = at
        self.wide = parameter.type.kind != "buffer" and parameter.type.words == 2

    def load(self, value: str) -> list[str]:
        """Initialisers of `.word`."""
        if self.wide:
            unsigned = value if self.p.type.name == "u64" else f"(uint64_t){value}"
            return [f"(uint32_t){value}", f"(uint32_t)({unsigned} >> 32)"]
        if self.p.type.kind == "buffer":
            return [f"{value}_size"]
        plain = self.p.type.c_type == "uint32_t" or self.p.type.kind == "enum"
        return [value if plain else f"(uint32_t){value}"]

    def value(self, message: str) -> str:
        """The C expression that reads it."""
        word = f"{message}word[{self.at}]"
        if self.p.type.kind == "buffer":
            return word
        if self.wide:
            text = f"{word} | (uint64_t){message}word[{self.at + 1}] << 32"
            return text if self.p.type.name == "u64" else f"(int64_t)({text})"
        c_type = self.p.type.c_type
        return word if c_type == "uint32_t" else f"({c_type}){word}"

    def fits(self, message: str) -> str:
        """The C condition that its word makes sense; "" if every word does."""
        word = f"{message}word[{self.at}]"
        if self.p.type.kind == "enum":
            return f"{self.p.type.enum.name}_known({word})"
        if self.p.type.kind == "scalar" and self.p.type.name not in ("u32", "i32", "u64", "i64"):
            return f"iris_word_is_{self.p.type.name}({word})"
        return ""


def slots(parameters: list[Parameter]) -> list[Slot]:
    """Which words of a register message hold which parameters."""
    found, at = [], 0
    for p in parameters:
        found.append(Slot(p, at))
        at += 1 if p.type.kind == "buffer" else p.type.words
    return found


def loads(parameters: list[Parameter], deref: bool = False) -> str:
    """The initialiser list of `.word` for a register message."""
    found: list[str] = []
    for slot in slots(parameters):
        star = "*" if deref and slot.p.is_out and slot.p.type.kind != "buffer" else ""
        found += slot.load(f"{star}{slot.p.name}")
    return ", ".join(found)


def rights(p: Parameter) -> str:
    """The rights word of a handle sent."""
    names = [f"IRIS_RIGHT_{r}" for r in p.rights or RIGHTS_DEFAULT]
    return " | ".join([*names, *(["IRIS_MOVE"] if p.move else [])])


def access(p: Parameter) -> str:
    """What the server may do with a buffer."""
    names = {"in": ["READ"], "out": ["WRITE"], "inout": ["READ", "WRITE"]}[p.direction]
    return " | ".join(f"IRIS_BUFFER_{n}" for n in names)


def register_message(pad: str, tag: str, words: str, tail: str) -> str:
    """The rest of `struct iris_message m = ` or of an assignment: a brace list, broken if long."""
    fields = [f".tag = {tag}", *([f".word = {{{words}}}"] if words else [])]
    line = "{" + ", ".join(fields) + "}" + tail
    if len(pad) + len("struct iris_message m = ") + len(line) <= WIDTH:
        return line
    return "{\n" + "".join(f"{pad}    {field},\n" for field in fields) + pad + "}" + tail


def condition(parts: list[str]) -> str:
    """An `if` line of four columns' indentation, of parts joined by ||."""
    line = "    if (" + " || ".join(parts) + ")"
    return line if len(line) <= WIDTH else "    if (" + " ||\n        ".join(parts) + ")"


def c_macro(lines: list[str]) -> str:
    """The lines of a macro, with aligned backslashes."""
    return "\n".join([f"{line:<{WIDTH - 1}}\\" for line in lines[:-1]] + lines[-1:])


def is_contiguous(values: list[int]) -> bool:
    """Whether an enum's values, all different, are a range."""
    return max(values) - min(values) + 1 == len(values)


# ---- Output ----

TEMPLATE_FUNCTIONS = (
    access, buffer_ref, c_comment, c_documented, c_list, c_macro, c_name, c_number,
    client_parameters, condition, field_put, field_take, is_contiguous, loads, put,
    register_message, reply_arguments, reply_forwarded, reply_parameters, result_arguments,
    result_parameters, rights, server_arguments, server_locals, server_parameters, slots, take)


@functools.cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True,
                              undefined=jinja2.StrictUndefined)
    for function in TEMPLATE_FUNCTIONS:
        made.globals[function.__name__] = function
    return made


def _signature(method: Method) -> dict:
    """A method for tracers: labels to names, words to parameters."""
    def rows(which: str) -> list[dict]:
        return [{"name": p.name, "type": str(p.type), **({"optional": True} if p.optional else {})}
                for p in method.parameters if getattr(p, which)]
    return {"name": method.name, "number": method.number, "label": method.label,
            "oneway": method.oneway, "idempotent": method.idempotent,
            "in": rows("is_in"), "out": rows("is_out")}


def to_json(file: File) -> str:
    """Interfaces, methods and labels."""
    def interface(i: Interface) -> dict:
        return {"name": i.name, "id": i.id, "methods": [_signature(m) for m in i.methods]}
    enums = {e.name: {v.name: v.value for v in e.values} for i in file.interfaces for e in i.enums}
    structs = {s.name: [{"name": f.name, "type": str(f.type)} for f in s.fields]
               for i in file.interfaces for s in i.structs}
    return json.dumps({"file": f"{file.stem}.idl", "enums": enums, "structs": structs,
                       "interfaces": [interface(i) for i in file.interfaces]}, indent=2) + "\n"


def emit(file: File, folder: Path) -> None:
    """Writes NAME.h, NAME.c, NAME.md and NAME.json."""
    environment = _environment()
    for suffix in ("c", "md", "h"):
        text = environment.get_template(f"file.{suffix}.j2").render(file=file)
        text = re.sub(r"[ \t]+\n", "\n", text)
        text = re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"
        (folder / f"{file.stem}.{suffix}").write_text(text, encoding="utf-8")
    (folder / f"{file.stem}.json").write_text(to_json(file), encoding="utf-8")
