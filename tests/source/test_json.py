"""JSON: RFC 8259 and our limits; the fast reader and the exact one agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.errors import SourceError
from bfg_policy.source import MAX_DEPTH, parse_document
from bfg_policy.source.json_exact import Reader
from bfg_policy.source.text import Text
from tests.source.marked import assert_one, findings_of

WRONG = [
    ("«{»", "BFG103", "`{` is opened here and never closed"),
    ('«{»"a": 1', "BFG103", "add `}`"),
    ('{"a": «[»1, 2}', "BFG103", "`[` is opened here and never closed"),
    ('{"a": 1«,»}', "BFG103", "before the end"),
    ('{"a": [1«,»]}', "BFG103", "before the end"),
    ('{"a": 1 «"b"»: 2}', "BFG103", "`,` is missing"),
    ('{"a": [1 «2»]}', "BFG103", "`,` is missing"),
    ('{"a" «1»}', "BFG103", "expected `:` after the key `a`"),
    ('{"a": «x»}', "BFG103", "no JSON value"),
    ("{\"a\": «'x'»}", "BFG103", "double quotes"),
    ('{"a": «True»}', "BFG103", "small letters"),
    ('{"a": «012»}', "BFG103", "leading zeros"),
    ('{"a": «+1»}', "BFG103", "a number is written as"),
    ('{"a": «.5»}', "BFG103", "a number is written as"),
    ('{"a": «1.»}', "BFG103", "a number is written as"),
    ("{«a»: 1}", "BFG103", "expected a key"),
    ("{«'a'»: 1}", "BFG103", "double quotes"),
    ('{«//» no\n"a": 1}', "BFG103", "comments do not belong"),
    ('{"a": 1,«,» "b": 2}', "BFG103", "a `,` too many"),
    ("{«,»}", "BFG103", "a `,` too many"),
    ('{"a": «"x»\n}', "BFG103", "never closed on this line"),
    ('{"a": "x«\\q»"}', "BFG103", "no escape"),
    ('{"a": "x«\\u»12"}', "BFG103", "no escape"),
    ('{"a": 1} «x»', "BFG103", "after the end"),
    ('{"a": 1}«{»}', "BFG103", "after the end"),
    ('{"a": 1, «"a"»: 2}', "BFG104", "first in line 1"),
    ('{"a": {"b": 1,\n "c": 2,\n «"b"»: 3}}', "BFG104", "first in line 1"),
    ('{"a": 1, «"\\u0061"»: 2}', "BFG104", "`a` stands twice"),
    ('{«1»: 2}', "BFG108", "not a string"),
    ('{«null»: 2}', "BFG108", "not a string"),
    ('{"a": «NaN»}', "BFG110", "finite"),
    ('{"a": «Infinity»}', "BFG110", "finite"),
    ('{"a": «-Infinity»}', "BFG110", "finite"),
    ('{"a": «1e999»}', "BFG110", "too large"),
    ('{"a": «-9223372036854775809»}', "BFG110", "64-bit"),
    ('{"a": «' + "7" * 5000 + "»}", "BFG110", "64-bit"),
    ("«[»]", "BFG113", "is a list and should be an object"),
    ("«1»", "BFG113", "single value"),
    ('{"a": "«\\ud800»"}', "BFG114", "lone surrogate"),
    ('{"a": "\\\\ud800 «\\uDC00»"}', "BFG114", "lone surrogate"),
    ('{"a": "«\\u0000»"}', "BFG114", "NUL"),
    ('{"a": "x«\t»y"}', "BFG114", "U+0009"),
    ('{"a": "x«\0»y"}', "BFG114", "U+0000"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code", "words"), WRONG)
def test_one_finding_at_the_token(marked: str, code: str, words: str) -> None:
    assert_one(marked, code, words, json=True)


@pytest.mark.parametrize("nothing", ["", "\n \t\r\n"])
def test_an_empty_file(nothing: str) -> None:
    (finding,) = findings_of(nothing, json=True)
    assert (finding.code, finding.place.line) == ("BFG113", 1)


def test_several_mistakes_give_several_findings() -> None:
    findings = findings_of('{"a": NaN,\n "a": "\\u0000",\n "b": 1e999}', json=True)
    assert [(f.code, f.place.line) for f in findings] == [
        ("BFG110", 1), ("BFG104", 2), ("BFG114", 2), ("BFG110", 3),
    ]  # fmt: skip


def test_characters_that_json_may_hold() -> None:
    text = '{"a": "\ufeff\x7f\x85\u2028", "b": "\\ud83d\\ude00\\u0001", "c": "\\\\u0000"}\n'
    document = parse_document(b"\xef\xbb\xbf" + text.encode(), "f", json=True)
    assert document.data == {"a": "\ufeff\x7f\x85\u2028", "b": "😀\x01", "c": "\\u0000"}
    assert document.place(("b",)).column == text.index('"\\ud83d') + 1


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    def nested(depth: int) -> str:
        return '{"k":' + opening * depth + "1" + closing * depth + "}"

    deepest = (MAX_DEPTH - 1) // opening.replace("{", "[").count("[")
    assert findings_of(nested(deepest), json=True) == ()
    for depth in (deepest + 1, 3_000, 200_000):
        assert [f.code for f in findings_of(nested(depth), json=True)] == ["BFG111"]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, TREES, max_size=4)
PIECES = st.sampled_from(
    ['"', "\\", "[", "{", "}", ",", ":", "1", "-", "e9", " ", "\\ud800", "\\udc00"]
)


@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_json_writes_is_read_back(
    data: dict[str, Any],
    indent: int | str | None,
    ascii_only: bool,
) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    document = parse_document(text.encode(), "f", json=True)
    exact, _ = Reader(Text("f", text)).document()
    assert repr(document.data) == repr(data) == repr(exact)


@given(DOCUMENTS, st.data())
def test_the_fast_reader_and_the_exact_one_agree(data: dict[str, Any], draw: st.DataObject) -> None:
    """On mutated JSON: what the fast one takes, the exact one takes, with the same values."""
    text = json.dumps(data)
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, len(text)))
        cut = draw.draw(st.integers(0, 2))
        piece = draw.draw(PIECES)
        text = text[:at] + piece + text[at + cut :]
    try:
        expected = repr(Reader(Text("f", text)).document()[0])
    except SourceError as error:
        expected = error.findings[0].code
    try:
        actual = repr(parse_document(text.encode(), "f", json=True).data)
    except SourceError as error:
        actual = error.findings[0].code
    assert actual == expected
