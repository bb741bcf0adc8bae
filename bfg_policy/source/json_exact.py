"""JSON by a scanner of our own: the place of everything, and every fault in our words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from bfg_policy.source.faults import Faults, Stop
from bfg_policy.source.limits import MAX_DEPTH, MAX_NODES
from bfg_policy.source.scalars import read_float, read_int
from bfg_policy.source.shown import cut

if TYPE_CHECKING:
    from bfg_policy.source.nodes import Children, Node
    from bfg_policy.source.text import Text

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*"')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![\w.+-])")
_WORD = re.compile(r"[^\s,:\[\]{}\"]+")
_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_NO_NUMBERS = frozenset(("NaN", "Infinity", "-Infinity"))
_CLOSERS = {"[": "]", "{": "}"}


class _Frame:
    """A list or object that is being read."""

    __slots__ = ("children", "into", "key", "start")

    def __init__(self, into: list[object] | dict[str, object], start: int) -> None:
        self.into = into
        self.start = start
        self.children: Children = [] if isinstance(into, list) else {}
        self.key: tuple[str, int, int] = ("", start, start)


class Reader:
    """Reads one JSON text, with the place of everything in it."""

    def __init__(self, source: Text) -> None:
        self._source = source
        self._text = source.text
        self._faults = Faults(source)
        self._at = 0
        self._count = 0
        self._stack: list[_Frame] = []

    def document(self) -> tuple[dict[str, object], Node]:
        """The data and the places; raises SourceError with all that is wrong."""
        try:
            data, node = self._whole()
        except Stop:
            self._faults.raise_if_any()
            raise AssertionError("a stop comes with its fault") from None
        if not isinstance(data, dict):
            what = "list" if isinstance(data, list) else "single value"
            message = f"the file is a {what} and should be an object"
            self._faults.add("BFG113", node[0], node[0] + 1, message)
        self._faults.raise_if_any()
        return data, node  # type: ignore[return-value]

    def _whole(self) -> tuple[object, Node]:
        self._skip()
        if self._at == len(self._text):
            self._stop("BFG113", 0, 1, "the file is empty: it holds no object")
        done = self._value()
        while done is None or self._stack:
            done = self._value() if done is None else self._after(*done)
        self._skip()
        if self._at < len(self._text):
            self._stop("BFG103", self._at, self._word(), "text after the end of the file's value")
        return done

    def _after(self, data: object, node: Node) -> tuple[object, Node] | None:
        """Puts a value away; the collection when that ends it, None when another value follows."""
        frame = self._stack[-1]
        into, children = frame.into, frame.children
        if isinstance(into, dict):
            key, start, end = frame.key
            into[key] = data
            children[key] = (start, end, node)  # type: ignore[index,call-overload]
        else:
            into.append(data)
            children.append(node)  # type: ignore[union-attr]
        self._skip()
        closer = "}" if isinstance(into, dict) else "]"
        sign = self._text[self._at : self._at + 1]
        if sign == closer:
            return self._close()
        if sign != ",":
            self._no_separator(frame, closer)
        comma = self._at
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] in {"]", "}"}:
            self._stop("BFG103", comma, comma + 1, "a `,` before the end", "remove it")
        if isinstance(into, dict):
            self._key(frame)
        return None

    def _no_separator(self, frame: _Frame, closer: str) -> NoReturn:
        sign = self._text[self._at : self._at + 1]
        if not sign or (sign in _CLOSERS.values() and sign != closer):
            self._never_closed(frame)
        if sign in {'"', "{", "["} or self._word_text() in _LITERALS or sign.isdigit():
            string = _STRING.match(self._text, self._at)
            end = string.end() if string else self._word()
            self._stop("BFG103", self._at, end, "a `,` is missing before this")
        end = self._word()
        self._stop("BFG103", self._at, end, f"expected `,` or `{closer}` here", "quote the text")

    def _never_closed(self, frame: _Frame) -> NoReturn:
        opener = self._text[frame.start]
        message = f"the bracket `{opener}` is opened here and never closed"
        self._stop("BFG103", frame.start, frame.start + 1, message, f"add `{_CLOSERS[opener]}`")

    def _value(self) -> tuple[object, Node] | None:
        """A scalar or an empty collection; None after the opening of one that is not empty."""
        self._count += 1
        if self._count > MAX_NODES:
            message = f"the file holds more than {MAX_NODES:,} values, the limit"
            self._stop("BFG112", self._at, self._at + 1, message)
        self._skip()
        start = self._at
        sign = self._text[start : start + 1]
        if sign == '"':
            text = self._string()
            return text, (start, self._at, None)
        if sign in _CLOSERS and sign:
            return self._open(sign)
        if not sign:
            self._no_value_at_end()
        number = _NUMBER.match(self._text, start)
        if number:
            self._at = number.end()
            exact = any(number.groups())
            plain = read_float(number.group()) if exact else read_int(number.group())
            if plain.fault:
                shown = cut(number.group(), 40)
                self._faults.add("BFG110", start, self._at, f"`{shown}`: {plain.fault}")
            return plain.value, (start, self._at, None)
        return self._literal(start), (start, self._at, None)

    def _open(self, sign: str) -> tuple[object, Node] | None:
        if len(self._stack) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep, the limit"
            self._stop("BFG111", self._at, self._at + 1, message)
        frame = _Frame({} if sign == "{" else [], self._at)
        self._stack.append(frame)
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == _CLOSERS[sign]:
            return self._close()
        if sign == "{":
            self._key(frame)
        return None

    def _close(self) -> tuple[object, Node]:
        self._at += 1
        frame = self._stack.pop()
        return frame.into, (frame.start, self._at, frame.children)

    def _key(self, frame: _Frame) -> None:
        start = self._at
        sign = self._text[start : start + 1]
        if not sign:
            self._never_closed(frame)
        if sign != '"':
            self._no_key(start, sign)
        key = self._string()
        children = frame.children
        if isinstance(children, dict) and key in children:
            first = children[key]
            line = self._source.place(first[0]).line
            message = f"the key `{cut(key)}` stands twice in this object, first in line {line}"
            related = [(first[0], first[1], "the first one")]
            hint = "remove one of them"
            self._faults.add("BFG104", start, self._at, message, hint=hint, related=related)
        frame.key = (key, start, self._at)
        self._skip()
        if self._text[self._at : self._at + 1] != ":":
            end = self._word()
            self._stop("BFG103", self._at, end, f"expected `:` after the key `{cut(key)}`")
        self._at += 1

    def _no_key(self, start: int, sign: str) -> NoReturn:
        word = self._word_text()
        if _NUMBER.fullmatch(word) or word in _LITERALS or sign in _CLOSERS:
            message = f"a key is `{cut(word or sign)}`, not a string"
            self._stop("BFG108", start, self._word(), message, "quote it")
        hint = "comments do not belong into JSON" if sign in {"/", "#"} else "use double quotes"
        if sign == ",":
            self._stop("BFG103", start, start + 1, "a `,` too many", "remove it")
        self._stop("BFG103", start, self._word(), 'expected a key in `"`', hint)

    def _literal(self, start: int) -> object:
        word = self._word_text()
        self._at = self._word()
        if word in _LITERALS:
            return _LITERALS[word]
        if word in _NO_NUMBERS:
            message = f"`{word}` is not a finite number, and no JSON value"
            self._faults.add("BFG110", start, self._at, message)
            return None
        self._no_literal(start, word or self._text[start])
        return None

    def _no_literal(self, start: int, word: str) -> NoReturn:
        hint = "quote it if it is a text"
        if word[0] in "/#":
            hint = "comments do not belong into JSON"
        elif word[0] == "'":
            hint = "use double quotes"
        elif word.lower() in {"true", "false", "null", "none"}:
            hint = "write `true`, `false` and `null` in small letters"
        elif word[0] in "+-.0123456789":
            hint = "a number is written as `-1.5e3`: no `+`, no leading zeros or dots"
        self._stop("BFG103", start, self._at, f"`{cut(word)}` is no JSON value", hint)

    def _no_value_at_end(self) -> NoReturn:
        if self._stack:
            self._never_closed(self._stack[-1])
        self._stop("BFG103", self._at, self._at + 1, "expected a value here")

    def _string(self) -> str:
        start = self._at
        found = _STRING.match(self._text, start)
        if found is None:
            self._no_string(start)
        self._at = found.end()
        token = found.group()
        if "\\" not in token:
            return token[1:-1]
        at = 1
        while (at := token.find("\\", at)) >= 0:
            escape = _ESCAPE.match(token, at)
            if escape is None:
                message = f"`{token[at : at + 2]}` is no escape in JSON"
                hint = "write `\\\\` for a backslash"
                self._stop("BFG103", start + at, start + at + 2, message, hint)
            at = escape.end()
        text: str = json.loads(token)
        self._check_characters(text, token, start)
        return text

    def _check_characters(self, text: str, token: str, start: int) -> None:
        if "\0" in text:
            at = start + token.index("\\u0000")
            message = "the character U+0000 (NUL) is not allowed, escaped or not"
            self._faults.add("BFG114", at, at + 6, message)
        lone = next((sign for sign in text if "\ud800" <= sign <= "\udfff"), None)
        if lone is not None:
            at = start + token.lower().find(f"\\u{ord(lone):04x}")
            message = f"the character U+{ord(lone):04X} (a lone surrogate) is not allowed"
            self._faults.add("BFG114", at, at + 6, message)

    def _no_string(self, start: int) -> NoReturn:
        """The quote at `start` is not closed on its line, or a control character stands in it."""
        bad = re.compile(r"[\x00-\x1f]|$").search(self._text, start)
        at = bad.start() if bad else len(self._text)
        sign = self._text[at : at + 1]
        if sign in {"\n", "\r", ""}:
            message = 'the quote `"` is opened here and never closed on this line'
            self._stop("BFG103", start, max(at, start + 1), message, "close it")
        message = f"the control character U+{ord(sign):04X} is not allowed in a string"
        self._stop("BFG114", at, at + 1, message, "write it as an escape")

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _word_text(self) -> str:
        found = _WORD.match(self._text, self._at)
        return found.group() if found else ""

    def _word(self) -> int:
        """The end of the word that begins here, at least one character on."""
        return self._at + max(1, len(self._word_text()))

    def _stop(
        self, code: str, start: int, end: int, message: str, hint: str | None = None
    ) -> NoReturn:
        self._faults.add(code, start, end, message, hint=hint)
        raise Stop
