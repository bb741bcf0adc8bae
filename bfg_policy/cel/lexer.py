"""Text to tokens: words, numbers, strings and operators, each with its place."""

from __future__ import annotations

from bfg_policy.cel.errors import CelProblem, CelSyntaxError
from bfg_policy.cel.literals import number, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern

END = "end"
NAME = "name"
QUOTED_NAME = "quoted name"
LITERAL = "literal"

#: The words that CEL keeps for itself; they may be fields, but not variables.
RESERVED = frozenset(
    (
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    )
)
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


class Token:
    """A piece of the text.

    kind: `name`, `quoted name`, `literal`, `end`, or an operator or bracket as it is written
        (`in` is an operator).
    value: of a literal its value, of a name the name.
    """

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, value: object, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end


_NORMAL = r"""
    [bB]?(?: \"\"\"(?:[^\\]|\\[\s\S])*?\"\"\" | '''(?:[^\\]|\\[\s\S])*?'''
           | "(?:[^"\\\r\n]|\\.)*"            | '(?:[^'\\\r\n]|\\.)*' )
"""
_RAW = r"""
    (?:[rR][bB]?|[bB][rR])
    (?: \"\"\"[\s\S]*?\"\"\" | '''[\s\S]*?''' | "[^"\r\n]*" | '[^'\r\n]*' )
"""
_TOKENS = rf"""
    (?P<space> [ \t\r\n\f]+ | //[^\r\n]* )
  | (?P<string> {_NORMAL} | {_RAW} )
  | (?P<word> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<number> 0x[0-9a-fA-F]+[uU]?
              | (?:[0-9]+\.[0-9]+ | \.[0-9]+)(?:[eE][+-]?[0-9]+)? | [0-9]+[eE][+-]?[0-9]+
              | [0-9]+[uU]? )
  | (?P<operator> && | \|\| | == | != | <= | >= | [-+*/%!<>?:.,()\[\]{{}}] )
  | (?P<quoted> `[A-Za-z0-9_./\- ]+` )
"""

#: What people type out of habit, and what CEL writes instead.
_HABITS = {"&": "&&", "|": "||", "=": "=="}
# What word processors and chats make of quotes, of a minus, and of comparisons.
_TYPESET = {
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u201c\u201d\u201e", '"'),
    **dict.fromkeys("\u2212\u2013", "-"),
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
}

_pattern: Pattern[str] | None = None


def tokens(text: str) -> list[Token]:
    """The tokens of a rule, the last one of kind `end`.

    Raises `CelSyntaxError` at the first piece that no token begins with.
    """
    global _pattern  # noqa: PLW0603  (`re` costs more to import than all of this package)
    if _pattern is None:
        import re

        _pattern = re.compile(_TOKENS, re.VERBOSE)
    match = _pattern.match
    found: list[Token] = []
    position = 0
    while position < len(text):
        piece = match(text, position)
        if piece is None:
            raise CelSyntaxError(_unreadable(text, position))
        end = piece.end()
        kind = piece.lastgroup
        if kind != "space":
            found.append(_token(kind, piece.group(), position, end))
        position = end
    found.append(Token(END, None, position, position))
    return found


def _token(kind: str | None, written: str, start: int, end: int) -> Token:
    if kind == "word":
        if written in _CONSTANTS:
            return Token(LITERAL, _CONSTANTS[written], start, end)
        return Token("in" if written == "in" else NAME, written, start, end)
    if kind == "operator":
        return Token(written, written, start, end)
    if kind == "string":
        return Token(LITERAL, quoted(written, start), start, end)
    if kind == "number":
        return Token(LITERAL, number(written, start), start, end)
    return Token(QUOTED_NAME, written[1:-1], start, end)


def _unreadable(text: str, start: int) -> CelProblem:
    character = text[start]
    if character in "\"'":
        return CelProblem(
            "syntax",
            f"this string is never closed: expected another {character}",
            start,
            len(text.rstrip()),
            hint="A string ends on its line; one in three quotes may go over several.",
        )
    if character in _HABITS:
        return CelProblem(
            "syntax",
            f"`{character}` is not an operator",
            start,
            start + 1,
            suggestion=_HABITS[character],
        )
    shown = f"`{character}`" if character.isprintable() else f"the character U+{ord(character):04X}"
    typed = _TYPESET.get(character)
    return CelProblem("syntax", f"unexpected {shown}", start, start + 1, suggestion=typed)
