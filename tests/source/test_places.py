"""Where things stand: the token of every key and value, and slices of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from bfg_policy.source import parse_document
from tests.source.marked import token_at

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = """\
# a comment
policy: adapter
title: {en: 'It''s', "fr": "l\\u00e0"}
gates:
  one:
    needs: [a, b]
    rule: >-
      x == 1
      && y
  two:
    list:
    - {id: 1}
    -   id: 2
    empty:
last: true
"""

TOKENS: list[tuple[tuple[str | int, ...], bool, int, int, str]] = [
    ((), False, 2, 1, "policy"),
    (("policy",), False, 2, 9, "adapter"),
    (("policy",), True, 2, 1, "policy"),
    (("title",), False, 3, 8, "{en: 'It''s', \"fr\": \"l\\u00e0\"}"),
    (("title", "en"), False, 3, 13, "'It''s'"),
    (("title", "fr"), True, 3, 22, '"fr"'),
    (("gates",), False, 5, 3, "one"),
    (("gates", "one"), True, 5, 3, "one"),
    (("gates", "one", "needs"), False, 6, 12, "[a, b]"),
    (("gates", "one", "needs", 1), False, 6, 16, "b"),
    (("gates", "one", "rule"), False, 7, 11, ">-"),
    (("gates", "two", "list"), False, 12, 5, "-"),
    (("gates", "two", "list", 0), False, 12, 7, "{id: 1}"),
    (("gates", "two", "list", 1), False, 13, 9, "id"),
    (("gates", "two", "list", 1, "id"), False, 13, 13, "2"),
    (("gates", "two", "empty"), False, 14, 5, "empty"),
    (("last",), False, 15, 7, "true"),
    # What is not there stands at the nearest thing that is.
    (("gates", "three"), False, 5, 3, "one"),
    (("policy", "x", 3), False, 2, 9, "adapter"),
    (("gates", "one", "needs", 2), False, 6, 12, "[a, b]"),
    (("nothing",), True, 2, 1, "policy"),
]


@pytest.mark.parametrize(("path", "key", "line", "column", "token"), TOKENS)
def test_places_of_keys_and_values(
    path: tuple[str | int, ...],
    key: bool,
    line: int,
    column: int,
    token: str,
) -> None:
    place = parse_document(POLICY.encode(), "f").place(path, key=key)
    assert (place.path, place.line, place.column, token_at(place)) == ("f", line, column, token)


def test_places_in_json() -> None:
    document = parse_document(b'{\n "a": {"b": [1, {"c": null}]},\n "d": "x"}\n', "f", json=True)
    assert [
        (place.line, place.column, token_at(place))
        for place in (
            document.place(),
            document.place(("a",)),
            document.place(("a", "b", 1, "c")),
            document.place(("a", "b", 1, "c"), key=True),
            document.place(("d",)),
        )
    ] == [
        (1, 1, "{"),
        (2, 7, '{"b": [1, {"c": null}]}'),
        (2, 23, "null"),
        (2, 18, '"c"'),
        (3, 7, '"x"'),
    ]


SLICES = [
    ("k: a && b == c\n", "b == c", 1, 9),
    ("k: 'it''s && b'\n", "b", 1, 14),
    ('k: "a \\u00e9 \\"b\\" && c"\n', "c", 1, 23),
    ('k: "x \\\n   y && b"\n', "b", 2, 9),
    ('k: "x\n\n  y && b"\n', "b", 3, 8),
    ("k: x &&\n  y &&\n  b\n", "b", 3, 3),
    ("k: |\n  x &&\n  y && b\n", "b", 3, 8),
    ("k: |2\n    x &&\n   y && b\n", "b", 3, 9),
    ("k: >-\n  x &&\n  y &&\n\n  z\n    w && b\n", "b", 6, 10),
    ("k: >+\n\n  x\n  b\n\n", "b", 4, 3),
    ("k: |\r\n  é𝄞 &&\r\n  b\r\n", "b", 3, 3),
    ("k: |\n  \x85 &&\n  b\n", "b", 3, 3),
    ("k: [x, 'y && b']\n", "b", 1, 14),
]


@pytest.mark.parametrize(("text", "part", "line", "column"), SLICES)
def test_a_slice_of_a_text_has_its_place(text: str, part: str, line: int, column: int) -> None:
    document = parse_document(text.encode(), "f")
    path: tuple[str | int, ...] = ("k",)
    value = document.data["k"]
    if isinstance(value, list):
        path, value = ("k", 1), value[1]
    assert isinstance(value, str)
    start = value.rindex(part)
    place = document.place_in(path, start, start + len(part))
    assert (place.line, place.column, token_at(place)) == (line, column, part)


def test_a_slice_of_a_json_string() -> None:
    document = parse_document(b'{"k": "\\ud83d\\ude00 \\n\\u0062 && c"}', "f", json=True)
    assert document.data["k"] == "😀 \nb && c"
    assert token_at(document.place_in(("k",), 0, 1)) == "\\ud83d\\ude00"
    assert token_at(document.place_in(("k",), 3, 9)) == "\\u0062 && c"
    assert document.place_in(("k",), 8, 9).column == 33


def test_slices_fall_back_to_the_token() -> None:
    document = parse_document(b"k: 12\nl: [x]\n", "f")
    assert document.place_in(("k",), 0, 1) == document.place(("k",))
    assert document.place_in(("l", 7), 0, 1) == document.place(("l", 7))


def test_a_slice_at_the_end_stands_after_the_last_character() -> None:
    document = parse_document(b"k: 'a &&'\n", "f")
    place = document.place_in(("k",), 4, 5)
    assert (place.line, place.column, place.length) == (1, 9, 1)


LINES = st.text(st.sampled_from("ab: '\"\\#{}[],é𝄞-&|>"), min_size=1, max_size=12)
TEXTS = st.lists(LINES | st.just(""), min_size=1, max_size=5).map("\n".join)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(TEXTS, STYLES, st.integers(8, 80))
def test_every_character_of_a_value_is_found_in_the_file(
    value: str, style: str | None, width: int
) -> None:
    """Whatever way PyYAML chooses to write it: quoted, folded, escaped, over several lines."""
    text = yaml.dump(
        {"k": {"rule": value}},
        default_style=style,
        width=width,
        allow_unicode=True,
    )
    # PyYAML folds some texts so that it does not read them back itself.
    assume("!!" not in text and yaml.safe_load(text) == {"k": {"rule": value}})
    document = parse_document(text.encode(), "f")
    read = document.data["k"]
    assert isinstance(read, dict)
    assert read["rule"] == value
    lines = text.split("\n")
    for index, sign in enumerate(value):
        place = document.place_in(("k", "rule"), index, index + 1)
        assert place.line is not None
        assert place.excerpt == lines[place.line - 1]
        if sign not in " \n":
            assert token_at(place) in {sign, "''", f"\\{sign}", *_escapes(sign)}


def _escapes(sign: str) -> Iterator[str]:
    yield f"\\x{ord(sign):02X}"
    yield f"\\u{ord(sign):04X}"
    yield f"\\U{ord(sign):08X}"


@given(
    st.recursive(
        st.text("abé𝄞 ", max_size=5),
        lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4),
        max_leaves=10,
    ),
    st.booleans(),
)
def test_the_text_at_a_place_is_the_token(tree: Any, flow: bool) -> None:
    text = yaml.dump({"root": tree}, allow_unicode=True, default_flow_style=flow, width=1000)
    document = parse_document(text.encode(), "f")

    def visit(value: object, path: tuple[str, ...]) -> None:
        if path:
            key = token_at(document.place(path, key=True))
            assert yaml.safe_load(key) == path[-1]
        if isinstance(value, dict):
            for name, inner in value.items():
                visit(inner, (*path, name))
        else:
            assert yaml.safe_load(token_at(document.place(path))) == value

    visit({"root": tree}, ())
