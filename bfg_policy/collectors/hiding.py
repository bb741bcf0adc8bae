"""A server's text without the names that only it knows: of hosts, logins and databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bfg_policy.collectors.connecting import Connection

_HIDDEN = "[redacted]"
_WORD = r"(?<!\w)(?:{})(?!\w)"
# What a dot or a parenthesis makes a schema, a table or a function is no role of that name, and
# what stands in a row's key, a JSON array, is no role at all.
_NAME = r"(?<![\w.])(?<!\[\")(?<!,\")(?:{})(?![\w(]|\.\w)"
_NUMBERED = re.compile(r"\[(?:role|database) [0-9]+\]")
_BLANKS = re.compile(r"\s+")
# The names that the text may hold, however it quotes them. PostgreSQL's own roles are the same
# everywhere, and nobody logs in as one.
_OTHERS = """
SELECT kind, name FROM (
  SELECT 'role', rolname::text FROM pg_catalog.pg_roles
  WHERE rolname !~ '^pg_' AND rolname <> ALL (%(known)s)
  UNION ALL
  SELECT 'database', datname::text FROM pg_catalog.pg_database
) AS other (kind, name)
WHERE strpos(
  regexp_replace(%(text)s, '[[:space:]"]', '', 'g'), regexp_replace(name, '[[:space:]"]', '', 'g')
) > 0
"""


def hide(text: str, connection: Connection, known: Collection[str]) -> str:
    """A server's text without what the connection was made with, and without credentials.

    Nor are other roles and databases of the server named: they are numbered as the text comes to
    them, such as `[role 1]`. known: the roles that may be named. Raises psycopg.Error.
    """
    info = connection.info
    words = {name: _HIDDEN for name in (info.password, info.host, info.hostaddr) if name}
    names = {name: _HIDDEN for name in (info.user, info.dbname) if name}
    given = {"text": text, "known": list(known)}
    for kind, name in sorted(connection.execute(_OTHERS, given).fetchall(), reverse=True):
        names.setdefault(str(name), str(kind))
    text = _without(text, words, _WORD)
    return redact(_without(text, names, _NAME))


def _spellings(name: str) -> Iterator[str]:
    """How packets may write a name: as it is or as a quoted one, and with its blanks as one."""
    for spelt in (name, name.replace('"', '""')):
        yield spelt
        yield _BLANKS.sub(" ", spelt)


def has_numbers(text: str) -> bool:
    """Whether a text that `hide` gave has numbers in the places of names."""
    return _NUMBERED.search(text) is not None


def _without(text: str, hidden: Mapping[str, str], place: str) -> str:
    """The text with each name, quoted or not, replaced by its word, the longest name first."""
    spelt = {each: name for name in hidden for each in _spellings(name)}
    if not spelt:
        return text
    numbers: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        name = spelt[match[0]]
        kind = hidden[name]
        if kind == _HIDDEN:
            return kind
        if name not in numbers:
            number = 1 + sum(told.startswith(f"[{kind} ") for told in numbers.values())
            numbers[name] = f"[{kind} {number}]"
        return numbers[name]

    longest_first = sorted(spelt, key=len, reverse=True)
    return re.sub(place.format("|".join(map(re.escape, longest_first))), word, text)
