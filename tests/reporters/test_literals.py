"""Literals give their value again, in any width, and nothing in them obeys a terminal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy import cel
from bfg_policy.cel.types import BOOL, INT, STRING, ObjectType, OptionalType, Type, UnionType
from bfg_policy.cel.values import Duration, Optional, Timestamp, TypeValue, UInt
from bfg_policy.rendering.visible import is_visible
from bfg_policy.reporters.literals import json_value, laid_out, literal, type_text

ENDLESS = 1 << 30
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(0, 2**64 - 1).map(UInt)
    | st.floats()
    | st.text()
    | st.binary()
    | st.integers(-62_135_596_800, 253_402_300_799).map(lambda each: Timestamp(each * 10**9 + 7))
    | st.integers(-(2**63), 2**63 - 1).map(Duration)
    | st.sampled_from([TypeValue("int"), TypeValue("google.protobuf.Duration"), Optional(1)])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.integers(0, 9), inner, max_size=4)
        | inner.map(Optional)
    ),
    max_leaves=12,
)


def plain(value: object) -> object:
    """Something that is equal exactly where type and value are."""
    if isinstance(value, float):
        return ("double", "NaN" if math.isnan(value) else repr(value))
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return [(type(key), key, plain(item)) for key, item in value.items()]
    if isinstance(value, Optional):
        return ("optional", value.filled, plain(value.value))
    return (type(value), value)


@given(VALUES, st.sampled_from([20, 60, ENDLESS]))
def test_a_literal_gives_its_value_again(value: object, width: int) -> None:
    text = laid_out(literal(value), width)
    assert plain(cel.program(cel.parse(text)).evaluate({})) == plain(value)
    assert all(is_visible(line) and line == line.rstrip() for line in text.split("\n"))


@given(VALUES)
def test_a_wide_enough_literal_stands_on_one_line(value: object) -> None:
    line = laid_out(literal(value), ENDLESS)
    assert "\n" not in line
    assert laid_out(literal(value), len(line)) == line


LAID_OUT = [
    ([], "[]"),
    ({"a": []}, "{'a': []}"),
    (["1234567890", "1234567890"], "[\n  '1234567890',\n  '1234567890',\n]"),
    ([["1234567890", "1234567890"]], "[[\n  '1234567890',\n  '1234567890',\n]]"),
    (
        {"a": {"b": "12345", "c": "12345"}},
        "{\n  'a': {\n    'b': '12345',\n    'c': '12345',\n  },\n}",
    ),
    (Optional([1, "123456789012345"]), "optional.of([\n  1,\n  '123456789012345',\n])"),
]


@pytest.mark.parametrize(("value", "text"), LAID_OUT, ids=lambda each: str(each)[:40])
def test_what_does_not_fit_stands_below_each_other(value: object, text: str) -> None:
    assert laid_out(literal(value), 20) == text


def test_two_keys_that_would_become_one_are_no_json() -> None:
    with pytest.raises(ValueError, match="one in JSON"):
        json_value({1: "a", "1": "b"})


STATES = Type("string", frozenset({"planned", "active"}))
TYPES = [
    (STATES, "'active' or 'planned'"),
    (cel.list_type(STATES), "list('active' or 'planned')"),
    (cel.map_type(INT), "map(string, int)"),
    (OptionalType(BOOL), "optional(bool)"),
    (UnionType((INT, STRING)), "int or string"),
    (ObjectType({"a": INT, "b": STRING}, frozenset({"a"}), None), "{a: int, b?: string}"),
    (ObjectType({"a b": INT, "x\x1b": INT}, frozenset(), None), "{'a b'?: int, 'x\\x1b'?: int}"),
    (
        cel.list_type(ObjectType({"first_name": INT, "second_name": INT}, frozenset(), None)),
        "list({\n  first_name?: int,\n  second_name?: int,\n})",
    ),
]


@pytest.mark.parametrize(("found", "text"), TYPES, ids=lambda each: str(each)[:40])
def test_a_type_tells_what_its_contract_tells(found: Type, text: str) -> None:
    assert laid_out(type_text(found), 36) == text
