"""Functions over text: the standard ones, the string extension and base64.

Source: the language definition of CEL and its string extension, version 4. Positions count code
points.
"""

from __future__ import annotations

from bfg_policy.cel.errors import Failure
from bfg_policy.cel.functions.formatting import format_text
from bfg_policy.cel.functions.registry import Overload
from bfg_policy.cel.regex import searcher
from bfg_policy.cel.values import CHARACTERS_A_STEP, MADE_A_STEP, Meter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {upper: lower for lower, upper in _UPPER.items()}
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_ESCAPES = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        '"': '\\"',
    }
)
#: What it costs to compile a pattern, whether or not it has been compiled before.
_COMPILING = 4_000


def matches(meter: Meter, text: str, pattern: str) -> bool:
    """Whether a pattern that was computed matches anywhere in a text.

    Raises `Failure`: `argument` where RE2 does not take the pattern, `limit`.
    """
    meter.charge(_COMPILING + len(pattern))
    return matcher(pattern)(meter, text)


def matcher(pattern: str) -> Callable[[Meter, str], bool]:
    """The same for a pattern that is written in the rule, and so compiled only once.

    Raises `Failure` (`argument`) where RE2 does not take it.
    """
    search = searcher(pattern)

    def matches_literal(meter: Meter, text: str) -> bool:
        if len(text) >= CHARACTERS_A_STEP:
            meter.charge(len(text) // CHARACTERS_A_STEP)
        return search(text)

    return matches_literal


def char_at(text: str, position: int) -> str:
    """One character; none just behind the end. Raises `Failure` (`index`) elsewhere."""
    return text[_within(position, len(text)) :][:1]


def _within(position: int, length: int) -> int:
    if 0 <= position <= length:
        return position
    raise Failure("index", f"position {position} is outside of the text")


def index_of(text: str, part: str, start: int = 0) -> int:
    """Where `part` first begins, at or after `start`; -1 for nowhere."""
    return text.find(part, _within(start, len(text)))


def last_index_of(text: str, part: str, last: int | None = None) -> int:
    """Where `part` last begins, at or before `last`; -1 for nowhere."""
    if last is None:
        return text.rfind(part)
    return text.rfind(part, 0, _within(last, len(text)) + len(part))


def substring(text: str, start: int, end: int | None = None) -> str:
    """The text from one position up to another. Raises `Failure` (`index`)."""
    stop = len(text) if end is None else _within(end, len(text))
    if _within(start, len(text)) > stop:
        raise Failure("index", f"the text ends at {stop}, before it begins at {start}")
    return text[start:stop]


def replace(meter: Meter, text: str, old: str, new: str, limit: int = -1) -> str:
    """The text with `old` made `new`, everywhere or only the first times."""
    meter.charge(len(text) // CHARACTERS_A_STEP)
    times = text.count(old)
    if limit >= 0:
        times = min(times, limit)
    meter.charge(times * (len(new) + 1) // MADE_A_STEP)
    return text.replace(old, new, limit)


def split(meter: Meter, text: str, separator: str, limit: int = -1) -> list[str]:
    """The pieces between separators, at most `limit` of them; an empty separator cuts anywhere."""
    meter.charge(1 + len(text))
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1 if limit > 0 else -1)
    if 0 < limit < len(text):
        return [*text[: limit - 1], text[limit - 1 :]]
    return list(text)


def join(meter: Meter, texts: list[object], separator: str = "") -> str:
    """The texts in a row. Raises `Failure` (`type`) where one is not a string."""
    pieces: list[str] = []
    length = len(separator) * len(texts)
    for text in texts:
        if not isinstance(text, str):
            raise Failure("type", "`join` needs a list of strings")
        length += len(text)
        pieces.append(text)
    meter.charge(len(texts) + length // MADE_A_STEP)
    return separator.join(pieces)


def trim(text: str) -> str:
    """The text without white space around it, as Unicode defines that."""
    return text.strip(SPACE)


def quote(text: str) -> str:
    """The text as a string literal of CEL in double quotes."""
    safe = text.encode(errors="replace").decode() if not text.isascii() else text
    return f'"{safe.translate(_ESCAPES)}"'


def encode_base64(value: bytes) -> str:
    """Base64 with padding."""
    from binascii import b2a_base64

    return b2a_base64(value, newline=False).decode()


def decode_base64(text: str) -> bytes:
    """The bytes of a base64 text, with or without its padding. Raises `Failure` (`argument`)."""
    from binascii import Error, a2b_base64

    bare = text.rstrip("=")
    try:
        return a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except (Error, ValueError):
        raise Failure("argument", "not base64") from None


FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "contains": (Overload("string.(string) -> bool", str.__contains__, inline="({1} in {0})"),),
    "startsWith": (
        Overload("string.(string) -> bool", str.startswith, inline="{0}.startswith({1})"),
    ),
    "endsWith": (Overload("string.(string) -> bool", str.endswith, inline="{0}.endswith({1})"),),
    "matches": (
        Overload("string.(string) -> bool", matches, metered=True),
        Overload("(string, string) -> bool", matches, metered=True),
    ),
    "charAt": (Overload("string.(int) -> string", char_at),),
    "indexOf": (
        Overload("string.(string) -> int", index_of),
        Overload("string.(string, int) -> int", index_of),
    ),
    "lastIndexOf": (
        Overload("string.(string) -> int", last_index_of),
        Overload("string.(string, int) -> int", last_index_of),
    ),
    "lowerAscii": (Overload("string.() -> string", lambda text: text.translate(_LOWER)),),
    "upperAscii": (Overload("string.() -> string", lambda text: text.translate(_UPPER)),),
    "replace": (
        Overload("string.(string, string) -> string", replace, metered=True),
        Overload("string.(string, string, int) -> string", replace, metered=True),
    ),
    "split": (
        Overload("string.(string) -> list(string)", split, metered=True),
        Overload("string.(string, int) -> list(string)", split, metered=True),
    ),
    "substring": (
        Overload("string.(int) -> string", substring),
        Overload("string.(int, int) -> string", substring),
    ),
    "trim": (Overload("string.() -> string", trim, inline="{0}.strip(SPACE)"),),
    "join": (
        Overload("list(string).() -> string", join, metered=True),
        Overload("list(string).(string) -> string", join, metered=True),
    ),
    "reverse": (
        Overload("string.() -> string", lambda text: text[::-1]),
        Overload("list(A).() -> list(A)", lambda items: items[::-1]),
    ),
    "format": (Overload("string.(list(dyn)) -> string", format_text, metered=True),),
    "strings.quote": (Overload("(string) -> string", quote),),
    "base64.encode": (Overload("(bytes) -> string", encode_base64),),
    "base64.decode": (Overload("(string) -> bytes", decode_base64),),
}
