"""One quoting function for each output language: a value stays one value, or is refused.

A value is text, a number or a boolean. What is quoted is a `Quoted`, and a template can write
nothing else: a forgotten filter is an error, not a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bfg_policy.rendering.visible import escaped, first_unseen, is_visible

_ENV = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@,+-")
# In an HTML comment `--` would come too near to its end, so hyphens are looked at in pairs.
_COMMENT = _ENV - {","}
# What PostgreSQL cuts an identifier to, in bytes: two longer ones could become the same.
_IDENTIFIER_BYTES = 63


class Quoted(str):
    """Text that has gone through the quoting of some output language."""

    __slots__ = ()


class Refused(ValueError):
    """A value that cannot be written in an output language.

    language: its name for people; why: what about the value is refused, without the value. value:
    the value itself, once the template's filter has been told apart.
    """

    value: object = None

    def __init__(self, language: str, why: str) -> None:
        super().__init__(f"{language}: {why}")
        self.language = language
        self.why = why


def plain(value: object, language: str) -> str:
    """A value as text, as JSON writes it. Raises Refused for what is no text, number or boolean."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    kind = {type(None): "nothing (null)", dict: "a mapping", list: "a list"}
    raise Refused(language, f"it is {kind.get(type(value), 'not plain data')}, not text")


def _refuse_unseen(text: str, language: str, also: str = "") -> None:
    """Refuse what cannot be seen, and each character of `also`."""
    fault = first_unseen(text)
    if fault is None:
        fault = next((character for character in text if character in also), None)
    if fault is not None:
        raise Refused(language, f"it holds {named(fault)}")


def named(character: str) -> str:
    r"""A character for people: itself and its code point, such as `U+000A (\n)`."""
    shown = escaped(character)
    if is_visible(character):
        shown = "a blank" if character == " " else character
    return f"U+{ord(character):04X} ({shown})"


def env(value: object) -> Quoted:
    """A value of an env file: `[A-Za-z0-9_./:@,+-]*`, the same to bash, dotenv and docker.

    Raises Refused for any other character: no quoting survives all three.
    """
    text = plain(value, "an env file")
    fault = next((character for character in text if character not in _ENV), None)
    if fault is not None:
        raise Refused("an env file", f"it holds {named(fault)}, beyond `A-Za-z0-9_./:@,+-`")
    return Quoted(text)


def line(value: object) -> Quoted:
    """A value of a `key=value` line. Raises Refused for line ends and all that cannot be seen."""
    text = plain(value, "a line of text")
    _refuse_unseen(text, "a line of text")
    return Quoted(text)


def sql_literal(value: object) -> Quoted:
    """A string literal of PostgreSQL that reads back as the value, whatever its settings.

    Without a backslash `'...'` means the same with standard_conforming_strings on and off; with
    one, only `E'...'` does. Line ends and what cannot be seen are written as escapes, so that a
    literal stays on its line and shows what it holds. So are dollar signs, so that it cannot end a
    dollar-quoted body that it stands in. Raises Refused for NUL and surrogates.
    """
    text = plain(value, "an SQL literal")
    _refuse_unstorable(text)
    if is_visible(text) and "\\" not in text and "$" not in text:
        return Quoted(f"""'{text.replace("'", "''")}'""")
    return Quoted(f"E'{_sql_escaped(text)}'")


def sql_lines(parts: Iterable[str]) -> Quoted:
    """One string literal of PostgreSQL that reads back as all the parts joined, a line for each.

    So a long text can be read and compared line by line. For the rest it is as `sql_literal`.
    """
    lines = []
    for part in parts:
        _refuse_unstorable(part)
        lines.append(f"'{_sql_escaped(part)}'")
    return Quoted("E" + ("\n".join(lines) or "''"))


def _sql_escaped(text: str) -> str:
    """Text between the quotes of `E'...'`."""
    quoted = text.replace("\\", "\\\\").replace("'", "''").replace("$", "\\u0024")
    quoted = quoted.replace("\n", "\\n")
    if quoted.isascii() and quoted.isprintable():
        return quoted
    return "".join(each if is_visible(each) else _sql_escape(each) for each in quoted)


def _refuse_unstorable(text: str) -> None:
    if text.isascii() and "\0" not in text:
        return
    fault = next((each for each in text if each == "\0" or "\ud800" <= each <= "\udfff"), None)
    if fault is not None:
        raise Refused("an SQL literal", f"it holds {named(fault)}, which PostgreSQL cannot store")


def _sql_escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def sql_identifier(value: object) -> Quoted:
    """A quoted identifier of PostgreSQL.

    Raises Refused for an empty one, one longer than 63 bytes (it would be cut), backslashes,
    and all that cannot be seen.
    """
    text = plain(value, "an SQL identifier")
    if not text:
        raise Refused("an SQL identifier", "it is empty")
    _refuse_unseen(text, "an SQL identifier", also="\\")
    if len(text.encode("utf-8")) > _IDENTIFIER_BYTES:
        raise Refused("an SQL identifier", f"it is longer than {_IDENTIFIER_BYTES} bytes")
    return Quoted('"' + text.replace('"', '""') + '"')


def sql_comment(value: object) -> Quoted:
    """Text after `--` in SQL, to the end of the line.

    Raises Refused for line ends and all else that cannot be seen, and for backslashes, which
    begin psql's own commands.
    """
    text = plain(value, "an SQL comment")
    _refuse_unseen(text, "an SQL comment", also="\\")
    return Quoted(text)


def html_comment(value: object) -> Quoted:
    """A value inside `<!-- -->`: what is not `[A-Za-z0-9_./:@+-]` is percent-encoded, as in URLs.

    Raises Refused for surrogates.
    """
    text = plain(value, "an HTML comment")
    try:
        whole = "".join(each if each in _COMMENT else _percent(each) for each in text)
    except UnicodeEncodeError:
        raise Refused("an HTML comment", "it holds a lone surrogate") from None
    return Quoted(whole.replace("--", "-%2D"))


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8"))


Filter = Callable[[object], Quoted]

FILTERS: dict[str, Filter] = {
    "env": env,
    "line": line,
    "sql_literal": sql_literal,
    "sql_identifier": sql_identifier,
    "sql_comment": sql_comment,
    "html_comment": html_comment,
}
