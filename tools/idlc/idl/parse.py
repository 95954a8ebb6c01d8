# SPDX-License-Identifier: MIT
"""Text to tree: the grammar, and the comments that document what stands below or before them."""
from __future__ import annotations

import functools
from pathlib import Path

import lark

from .model import IdlError, Place

_GRAMMAR = Path(__file__).with_name("idl.lark").read_text(encoding="utf-8")

# What the lexer calls a token, as a reader would say it.
_SPOKEN = {
    "NAME": "a name", "NUMBER": "a number", "OPERATOR": "an operator", "KIND": "'method', 'oneway'",
    "DIRECTION": "'in', 'out', 'inout'", "$END": "the end of the file", "LBRACE": "'{'",
    "RBRACE": "'}'", "LPAR": "'('", "RPAR": "')'", "SEMICOLON": "';'", "COMMA": "','",
    "EQUAL": "'='", "LESSTHAN": "'<'", "MORETHAN": "'>'", "LSQB": "'['", "RSQB": "']'",
    "COLON": "':'", "VBAR": "'|'",
}


class Comments:
    """The comments of a file, by line."""

    def __init__(self, tokens: list[lark.Token]) -> None:
        self.lines = {token.line: (str(token)[2:].strip(), token.column) for token in tokens}

    def above(self, line: int, alone: set[int]) -> str:
        """The block of comment lines that ends just above `line`."""
        found: list[str] = []
        while (line := line - 1) in self.lines and line in alone:
            if not self.lines[line][0].startswith("SPDX-License-Identifier"):
                found.insert(0, self.lines[line][0])
        return "\n".join(found)

    def beside(self, line: int, alone: set[int]) -> str:
        """The comment that ends `line`."""
        return "" if line in alone or line not in self.lines else self.lines[line][0]


_seen: list[lark.Token] = []  # comments of the file being parsed: the lexer drops them else


@functools.cache
def _parser() -> lark.Lark:
    """Made once: that takes longer than parsing any file."""
    return lark.Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=True,
                     lexer_callbacks={"COMMENT": _seen.append})


class Source:
    """A parsed file: tree, comments, and the places of its nodes."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        _seen.clear()
        try:
            self.tree = _parser().parse(text)
        except lark.UnexpectedInput as problem:
            raise self._explain(problem, text) from None
        self.comments = Comments(_seen)
        rows = text.split("\n")
        self.alone = {n for n, (_, column) in self.comments.lines.items()
                      if not rows[n - 1][:column - 1].strip()}

    def place(self, node: lark.Tree | lark.Token) -> Place:
        """Where a node begins."""
        spot = node.meta if isinstance(node, lark.Tree) else node
        return Place(self.path, spot.line, spot.column)

    def doc(self, node: lark.Tree) -> str:
        """The comment above a node, else the one beside its end."""
        return (self.comments.above(node.meta.line, self.alone)
                or self.comments.beside(node.meta.end_line, self.alone))

    def doc_beside(self, node: lark.Tree) -> str:
        """The comment beside a node, else the one above it."""
        return (self.comments.beside(node.meta.end_line, self.alone)
                or self.comments.above(node.meta.line, self.alone))

    def _explain(self, problem: lark.UnexpectedInput, text: str) -> IdlError:
        if isinstance(problem, lark.UnexpectedCharacters):
            found = repr(text[problem.pos_in_stream])
            wanted = problem.allowed
        else:
            token = getattr(problem, "token", None)
            ended = token is None or token.type == "$END"
            found = "the end of the file" if ended else f"'{token}'"
            wanted = problem.accepts if getattr(problem, "accepts", None) else problem.expected
            if ended:
                last = text.rstrip().count("\n") + 1
                row = text.split("\n")[last - 1]
                return IdlError(Place(self.path, last, len(row) + 1),
                                f"unexpected {found}; expected {_speak(wanted)}")
        return IdlError(Place(self.path, problem.line, problem.column),
                        f"unexpected {found}; expected {_speak(wanted)}")


def _speak(names: set[str] | None) -> str:
    """Terminal names as a list for a reader."""
    words = {_SPOKEN.get(name, f"'{name.lower()}'")
             for name in names or () if name not in ("WS", "COMMENT")}
    return ", ".join(sorted(words)) or "something else"
