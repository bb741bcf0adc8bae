"""Texts with their places marked: `«token»` is where a finding or a value stands."""

from __future__ import annotations

from typing import NamedTuple

from bfg_policy.errors import Finding, Place, SourceError
from bfg_policy.source import parse_document


class Marked(NamedTuple):
    """A text without its marks, and where the marked token begins, as an editor counts."""

    text: str
    line: int
    column: int
    token: str


def unmark(marked: str) -> Marked:
    before, _, rest = marked.partition("«")
    token, _, after = rest.partition("»")
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Marked(before + token + after, len(lines), len(lines[-1]) + 1, token)


def token_at(place: Place) -> str:
    """What the caret stands under."""
    assert place.column is not None
    assert place.excerpt is not None
    return place.excerpt[place.column - 1 :][: place.length]


def findings_of(data: str | bytes, *, json: bool = False) -> tuple[Finding, ...]:
    """What the reader has against a text; empty where it takes it."""
    try:
        parse_document(data.encode() if isinstance(data, str) else data, "f", json=json)
    except SourceError as error:
        return error.findings
    return ()


def assert_one(marked: str, code: str, words: str, *, json: bool = False) -> Finding:
    """The text has exactly one finding: of that code, at the mark, with those words in it."""
    text, line, column, token = unmark(marked)
    (finding,) = findings_of(text, json=json)
    place = finding.place
    assert (finding.code, place.line, place.column) == (code, line, column), finding
    assert token_at(place) == token.split("\n")[0]
    assert words in f"{finding.message} {finding.hint}"
    return finding
