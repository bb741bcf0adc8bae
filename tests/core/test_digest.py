"""`bfg-digest-1`: its test vectors, and against other implementations of its parts."""

from __future__ import annotations

import subprocess
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.digest import (
    NotCanonical,
    canonical,
    checksum,
    record_digest,
    snapshot_digest,
    table_digest,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
KEYS = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))


@given(VALUES)
def test_canonical_json_is_that_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "path", "why"),
    [
        (1.5, (), "not an integer"),
        ({"a": [0, 2**53]}, ("a", 1), "beyond"),
        ({"a": {"b": -(2**53)}}, ("a", "b"), "beyond"),
        ({"é": 1}, ("é",), "ASCII"),
        (["\ud800"], (0,), "surrogate"),
        ({"a": "x\0y"}, ("a",), "NUL"),
    ],
)
def test_what_has_no_digest_is_refused_at_its_place(
    value: object, path: tuple[str | int, ...], why: str
) -> None:
    with pytest.raises(NotCanonical, match=why) as refused:
        canonical(value)
    assert refused.value.path == path


def test_the_place_is_counted_from_what_was_given() -> None:
    with pytest.raises(NotCanonical) as refused:
        snapshot_digest("S.v1", "t", {"orders": [{"a": 1}, {"a": 0.5}]})
    assert refused.value.path == ("orders", 1, "a")


ROWS = [{"tenant_id": "bfg", "id": i, "name": name} for i, name in enumerate("édcba")]


def test_a_table_digest_is_what_sort_and_sha256sum_say() -> None:
    lines = "".join(sha256(canonical(row)).hexdigest() + "\n" for row in ROWS)
    done = subprocess.run(
        ["sh", "-c", "LC_ALL=C sort | sha256sum"],
        input=lines.encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split()[0] == table_digest(ROWS)


def test_rows_and_keys_may_come_in_any_order() -> None:
    turned = [dict(reversed(row.items())) for row in reversed(ROWS)]
    assert table_digest(turned) == table_digest(ROWS)


EMPTY: dict[str, list[dict[str, object]]] = {
    name: [] for name in ("orders", "order_events", "finance_documents", "payments", "audit_events")
}


@pytest.mark.parametrize(
    ("tables", "digest"),
    [
        (EMPTY, "3475ef37de3aa9d7b2e1983597616c16a5acfd9e1d08b733d9e991f96292cd86"),
        ({}, "48f508867a7b07973984842b5f8bf3dd3fe43a764c76a77054c7f9be5a5b695a"),
    ],
)
def test_vectors(tables: dict[str, list[dict[str, object]]], digest: str) -> None:
    assert snapshot_digest("BFGScenarioSnapshot.v1", "bfg", tables) == digest


@pytest.mark.parametrize(
    "other",
    [
        ("BFGScenarioSnapshot.v2", "bfg", EMPTY),
        ("BFGScenarioSnapshot.v1", "other", EMPTY),
        ("BFGScenarioSnapshot.v1", "bfg", {**EMPTY, "more": []}),
        ("BFGScenarioSnapshot.v1", "bfg", {**EMPTY, "orders": [{}]}),
    ],
)
def test_everything_counts(other: tuple[str, str, dict[str, list[dict[str, object]]]]) -> None:
    assert snapshot_digest(*other) != snapshot_digest("BFGScenarioSnapshot.v1", "bfg", EMPTY)


def test_a_record_is_digested_without_its_digest() -> None:
    record = {"contract": "X.v1", "ok": True}
    assert record_digest({**record, "sha256": "anything"}) == record_digest(record)
    assert record_digest({**record, "ok": False}) != record_digest(record)


def test_people_see_eight_digits() -> None:
    assert checksum("9a5722babf35fec6" + "0" * 48) == "bfg-9a5722ba"
