"""Values and types as the rule language writes them, on one line where they fit, else on many."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bfg_policy.cel.comparing import from_key
from bfg_policy.cel.functions.conversions import double_text
from bfg_policy.cel.times import duration_text, timestamp_text
from bfg_policy.cel.types import ListType, MapType, ObjectType, OptionalType, UnionType, describe
from bfg_policy.cel.values import Duration, Optional, Timestamp, TypeValue, UInt
from bfg_policy.rendering.visible import escaped, is_visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.cel import Type

_INDENT = "  "
_MOST_VALUES = 8
_UNFINITE = {"NaN": "NaN", "+Inf": "Infinity", "-Inf": "-Infinity"}
_PLAIN_BYTES = range(0x20, 0x7F)


class Branch(NamedTuple):
    """Something with parts: what stands before, between and after them.

    parts: each with what stands before it, such as a key. mark: between two of them.
    """

    before: str
    parts: list[tuple[str, Written]]
    after: str
    mark: str = ","


# What is written is a text of its own, or has parts.
Written: TypeAlias = "str | Branch"


def laid_out(written: Written, width: int) -> str:
    """Text in lines of at most so many columns where that can be; the last has no line end."""
    return "\n".join(_lines(written, width, "", ""))


def _lines(written: Written, width: int, lead: str, end: str) -> Iterator[str]:
    """lead: what stands before on the first line; its blanks are the indentation of the rest."""
    if isinstance(written, str):
        yield lead + written + end
        return
    line = _one_line(written, width - len(lead) - len(end))
    if line is not None:
        yield lead + line + end
        return
    if len(written.parts) == 1 and not written.parts[0][0]:
        # The brackets of a lone part go with those around it.
        only = written.parts[0][1]
        yield from _lines(only, width, lead + written.before, written.after + end)
        return
    indent = lead[: len(lead) - len(lead.lstrip(" "))]
    yield (lead + written.before).rstrip()
    for label, part in written.parts:
        yield from _lines(part, width, f"{indent}{_INDENT}{label}", written.mark)
    yield indent + written.after + end


def _one_line(written: Written, room: int) -> str | None:
    """The text on one line; None where it takes more than so many columns."""
    if isinstance(written, str):
        return written if len(written) <= room else None
    room -= len(written.before) + len(written.after)
    pieces: list[str] = []
    for label, part in written.parts:
        room -= len(label) + (len(written.mark) + 1 if pieces else 0)
        piece = _one_line(part, room) if room >= 0 else None
        if piece is None:
            return None
        room -= len(piece)
        pieces.append(label + piece)
    return written.before + f"{written.mark} ".join(pieces) + written.after if room >= 0 else None


def literal(value: object) -> Written:
    """A value as an expression that gives it again."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return Branch("[", [("", literal(item)) for item in value], "]")
    if isinstance(value, dict):
        entries = [(f"{_scalar(from_key(key))}: ", literal(item)) for key, item in value.items()]
        return Branch("{", entries, "}")
    if isinstance(value, Optional):
        if not value.filled:
            return "optional.none()"
        return Branch("optional.of(", [("", literal(value.value))], ")", mark="")
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, UInt):
        return f"{int(value)}u"
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, bytes):
        return "b'" + "".join(map(_byte, value)) + "'"
    if isinstance(value, Duration):
        return f"duration('{duration_text(value)}')"
    if isinstance(value, Timestamp):
        return f"timestamp('{timestamp_text(value)}')"
    return value.name if isinstance(value, TypeValue) else str(value)


def _double(value: float) -> str:
    text = double_text(value)
    if text in _UNFINITE:
        return f"double('{_UNFINITE[text]}')"
    # Without a point it would be an int.
    return text if "." in text or "e" in text else f"{text}.0"


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("'", "\\'")
    if not is_visible(text):
        text = "".join(each if is_visible(each) else escaped(each) for each in text)
    return f"'{text}'"


def _byte(byte: int) -> str:
    sign = chr(byte)
    if sign in "\\'":
        return f"\\{sign}"
    return sign if byte in _PLAIN_BYTES else f"\\x{byte:02x}"


def json_value(value: object) -> object:
    """A value as JSON has it, by CEL's own mapping of protobuf's JSON.

    Ints beyond 2^53-1 become decimal digits, bytes base64, a timestamp or duration its text, a
    type its name, NaN and the infinities their names, an optional what it holds or null; keys
    become texts. Raises ValueError where two keys of a map become one.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 1 << 53 else str(int(value))
    if isinstance(value, float):
        text = double_text(value)
        return _UNFINITE.get(text, value)
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        made = {_key(from_key(key)): json_value(item) for key, item in value.items()}
        if len(made) < len(value):
            raise ValueError("two keys are one in JSON")
        return made
    if isinstance(value, Optional):
        return json_value(value.value) if value.filled else None
    return _json_text(value)


def _json_text(value: object) -> str:
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, Timestamp):
        return timestamp_text(value)
    assert isinstance(value, TypeValue)
    return value.name


def _key(key: object) -> str:
    return key if isinstance(key, str) else _scalar(key).removesuffix("u")


def type_text(found: Type) -> Written:
    """A type with what a contract tells of it: its fields (`?` where absent), its only values."""
    if isinstance(found, ObjectType):
        fields = [
            (f"{_name(name)}{'' if name in found.required else '?'}: ", type_text(field))
            for name, field in found.fields.items()
        ]
        return Branch("{", fields, "}")
    if isinstance(found, ListType):
        return Branch("list(", [("", type_text(found.element))], ")", mark="")
    if isinstance(found, MapType):
        parts = [("", type_text(found.key)), ("", type_text(found.value))]
        return Branch("map(", parts, ")")
    if isinstance(found, OptionalType):
        return Branch("optional(", [("", type_text(found.value))], ")", mark="")
    if isinstance(found, UnionType):
        return Branch("", [("", type_text(member)) for member in found.members], "", mark=" or")
    if found.kind == "string" and found.values and len(found.values) <= _MOST_VALUES:
        return " or ".join(_quoted(str(value)) for value in sorted(found.values, key=str))
    return describe(found)


def _name(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else _quoted(name)
