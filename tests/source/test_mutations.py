"""Mutated bytes: the reader gives a document or findings, never anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.source import parse_document
from tests.shared import SHARED, needs_shared
from tests.source.marked import findings_of, token_at

YAML = """\
# a policy
policy: adapter
title: {en: 'It''s', "fr": "l\\u00e0", de: "a \\
    b"}
gates:
  one: {needs: [a, b], accept: no}
  two:
    rule: >-
      x == 1

        && y
    remedy: |+
      text 𝄞\x85

    list:
    - {id: 1e3}
    -   id: -0x1F
    plain: one
      two
""".encode()
JSON = json.dumps(
    {"a": [1, -2.5e3, None, True, {"b": 'é"\\\n\u2028'}], "c": {}, "d": [[], ""]}, indent=1
).encode()
PIECES = st.sampled_from(
    ["[", "]", "{", "}", ":", "- ", "\t", '"', "'", "&a ", "*a", "!x ", "|", ">", "%", "#", ",",
     "\n", "\r\n", "\r", "---\n", "...\n", "<<: ", "? ", "\0", "\x85", "\u2028", "1e999", "0x",
     "no", "\\u", "\\ud800", "\\", " ", "\ufeff", "1:30", "~", ".inf", "NaN", "%YAML 1.1\n"]
).map(str.encode) | st.binary(max_size=3)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 8), PIECES), min_size=1, max_size=6
)


def mutated(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, cut, piece in edits:
        at = int(where * (len(data) + 1))
        data = data[:at] + piece + data[at + cut :]
    return data


def assert_read_or_refused(data: bytes, *, is_json: bool) -> None:
    found = findings_of(data, json=is_json)
    for finding in found:
        assert finding.message.isprintable()
        assert finding.place.path == "f"
        excerpt, column = finding.place.excerpt, finding.place.column
        if excerpt is not None and column is not None:
            assert column - 1 <= len(excerpt)
            assert token_at(finding.place) or column - 1 == len(excerpt)
    if found:
        return
    document = parse_document(data, "f", json=is_json)
    assert isinstance(document.data, dict)
    assert json.loads(json.dumps(document.data, allow_nan=False)) == document.data
    for item in document.ambiguous():
        assert token_at(document.place(item.path)) == item.raw


@given(EDITS)
def test_mutated_yaml(edits: list[tuple[float, int, bytes]]) -> None:
    assert_read_or_refused(mutated(YAML, edits), is_json=False)


@given(EDITS)
def test_mutated_json(edits: list[tuple[float, int, bytes]]) -> None:
    data = mutated(JSON, edits)
    assert_read_or_refused(data, is_json=True)
    assert_read_or_refused(data, is_json=False)


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes(data: bytes, is_json: bool) -> None:
    assert_read_or_refused(data, is_json=is_json)


@needs_shared
@pytest.mark.parametrize("is_json", [False, True])
def test_hostile_strings_in_a_value(is_json: bool) -> None:
    """Each is read as it is, or refused at its place."""
    strings = [
        json.loads(line)["string"]
        for name in ("hostile.jsonl", "hostile-more.jsonl")
        for line in (SHARED / "corpus" / name).read_text().splitlines()
    ]
    assert len(strings) > 500
    for text in strings:
        data = json.dumps({"a": {"b": text}}).encode()
        found = findings_of(data, json=is_json)
        assert {finding.code for finding in found} <= {"BFG114", "BFG103"}
        if found and is_json:
            assert "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)
        if not found:
            assert parse_document(data, "f", json=is_json).data == {"a": {"b": text}}
