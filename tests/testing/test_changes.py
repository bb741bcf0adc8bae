"""Changes of a scenario: what they make of it, what follows, and that the base stays as it is."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.digest import record_digest, snapshot_digest
from bfg_policy.instants import parse_instant
from bfg_policy.pack.terms import WrittenTerms
from bfg_policy.scenario.merged import Merged
from bfg_policy.source import Document, parse_document
from bfg_policy.testing.changing import OPERATIONS, Change, Draft
from bfg_policy.testing.paths import NoSuchPath
from bfg_policy.testing.placing import Base
from bfg_policy.testing.types import Spot
from tests.testing import shop

TERMS = WrittenTerms((), None, {"stock": ("goods",)})
OTHER = "f" * 64


def base() -> Document:
    return parse_document(yaml.safe_dump(shop.scenario(), sort_keys=False).encode(), "open.yaml")


def written(*changes: dict[str, Any]) -> Document:
    return parse_document(json.dumps({"change": list(changes)}, indent=1).encode(), "test.json")


def make(*changes: dict[str, Any], of: Document | None = None) -> Merged:
    document = of or base()
    suite = written(*changes)
    merged = Merged(document.data, {(): (document, ())})
    draft = Draft(Base(merged), parse_instant(shop.AT))
    listed: Any = suite.data["change"]
    for index, item in enumerate(listed):
        (operation,) = (each for each in OPERATIONS if each in item)
        draft.make(Change(operation, item, Spot(suite, ("change", index))))
    return draft.finished(TERMS)


def changed(*changes: dict[str, Any]) -> Any:
    return make(*changes).data


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ([{"set": "till.float", "to": 7}], ["till", "float"], 7),
        ([{"set": "till.new", "to": None}], ["till", "new"], None),
        ([{"set": "shelves.*.full", "to": False}], ["shelves", 1, "full"], False),
        ([{"set": "shelves.0", "to": {"id": "x"}}], ["shelves", 0], {"id": "x"}),
        ([{"remove": "languages.=en"}], ["languages"], ["fr"]),
        ([{"remove": "languages.*"}], ["languages"], []),
        ([{"remove": "till.serial"}], ["till"], {"float": 1}),
        ([{"append": "languages", "value": "de"}], ["languages"], ["en", "fr", "de"]),
        (
            [{"append": "waivers", "value": 1}, {"append": "waivers", "value": 2}],
            ["waivers"],
            [1, 2],
        ),
        (
            [{"set": "shelves.0", "to": {"id": "x"}}, {"set": "shelves.0.full", "to": True}],
            ["shelves", 0],
            {"id": "x", "full": True},
        ),
        (
            [{"accept": "shop/till", "by": "carl"}],
            ["acceptances", 1],
            {"gate": "shop/till", "by": "carl", "at": shop.AT},
        ),
        (
            [{"accept": "shop/till", "by": "carl", "at": "2026-11-01T00:00:00Z", "expires": "x"}],
            ["acceptances", 1],
            {"gate": "shop/till", "by": "carl", "at": "2026-11-01T00:00:00Z", "expires": "x"},
        ),
        (
            [{"remove": "acceptances"}, {"accept": "shop/till", "by": "carl"}],
            ["acceptances"],
            [{"gate": "shop/till", "by": "carl", "at": shop.AT}],
        ),
        (
            [{"waive": "shop/till", "requested_by": "a", "approved_by": "b", "expires": "x"}],
            ["waivers", 0, "approved_by"],
            "b",
        ),
    ],
)
def test_what_it_makes(changes: list[dict[str, Any]], path: list[Any], value: object) -> None:
    found = changed(*changes)
    for step in path:
        found = found[step]
    assert found == value


@pytest.mark.parametrize("key", ["target", "till", "evidence.alarm.siren.loudness", "languages.0"])
def test_appending_to_what_is_no_list(key: str) -> None:
    with pytest.raises(NoSuchPath, match="is no list"):
        make({"append": key, "value": 1})


def test_a_records_digest_follows() -> None:
    record = changed({"set": "evidence.alarm.siren.loudness", "to": 3})["evidence"]["alarm"]
    assert (
        record["sha256"] == record_digest(record) != shop.scenario()["evidence"]["alarm"]["sha256"]
    )


@pytest.mark.parametrize(
    "change",
    [
        [{"tamper": "evidence.alarm.siren.loudness", "to": 3}],
        [{"tamper": "evidence.alarm.siren", "to": {"status": "pass", "loudness": 3}}],
        [
            {"tamper": "evidence.alarm.siren.loudness", "to": 3},
            {"set": "evidence.alarm.collector", "to": "x"},
        ],
    ],
)
def test_unless_it_was_tampered_with(change: list[dict[str, Any]]) -> None:
    record = changed(*change)["evidence"]["alarm"]
    assert record["sha256"] == shop.scenario()["evidence"]["alarm"]["sha256"]
    assert record["siren"]["loudness"] == 3


def test_a_digest_that_a_test_writes_stays() -> None:
    for order in ([0, 1], [1, 0]):
        both = [
            {"set": "evidence.alarm.sha256", "to": OTHER},
            {"set": "evidence.alarm.collector", "to": "x"},
        ]
        assert changed(*(both[i] for i in order))["evidence"]["alarm"]["sha256"] == OTHER


def test_what_the_snapshot_claims_follows_its_payload() -> None:
    found = changed({"remove": "snapshot.tables.goods.0"})
    snapshot = found["snapshot"]
    digest = snapshot_digest("Goods.v1", "t", snapshot["tables"])
    assert (snapshot["rows"], snapshot["sha256"]) == ({"stock": 1}, digest)
    record = found["evidence"]["alarm"]
    assert (record["snapshot_sha256"], record["sha256"]) == (digest, record_digest(record))


def test_the_tenant_is_part_of_the_digest() -> None:
    snapshot = changed({"set": "tenant", "to": "u"})["snapshot"]
    assert snapshot["sha256"] == snapshot_digest("Goods.v1", "u", snapshot["tables"])


def test_a_record_of_another_snapshot_stays_one() -> None:
    found = changed(
        {"set": "evidence.alarm.snapshot_sha256", "to": OTHER},
        {"remove": "snapshot.tables.goods.0"},
    )
    assert found["evidence"]["alarm"]["snapshot_sha256"] == OTHER


@pytest.mark.parametrize(
    "change",
    [
        [{"set": "snapshot.rows.stock", "to": 9}],
        [{"tamper": "snapshot.tables.goods", "to": []}],
        [{"remove": "snapshot.tables"}],
    ],
)
def test_false_claims_can_be_made(change: list[dict[str, Any]]) -> None:
    snapshot = changed(*change)["snapshot"]
    assert snapshot["sha256"] == shop.scenario()["snapshot"]["sha256"]


@pytest.mark.parametrize(
    ("changes", "path", "place"),
    [
        # What a test put there stands in the test.
        ([{"set": "till.float", "to": 7}], ("till", "float"), "test.json:5:10"),
        ([{"set": "till", "to": {"float": 1}}], ("till", "float"), "test.json:6:14"),
        ([{"append": "languages", "value": "de"}], ("languages", 2), "test.json:5:13"),
        ([{"accept": "shop/till", "by": "carl"}], ("acceptances", 1, "by"), "test.json:5:10"),
        # The rest stands where it was, also where it has another index now.
        ([{"set": "till.float", "to": 7}], ("till", "serial"), "open.yaml:14:11"),
        ([{"remove": "shelves.0"}], ("shelves", 0, "id"), "open.yaml:18:7"),
        ([{"remove": "till.serial"}], ("till", "serial"), "open.yaml:14:11"),
    ],
)
def test_places(changes: list[dict[str, Any]], path: tuple[str | int, ...], place: str) -> None:
    assert str(make(*changes).place(path)) == place


def test_the_place_of_a_key_that_a_test_names() -> None:
    varied = make({"set": "till.flaot", "to": 7})
    assert str(varied.place(("till", "flaot"), key=True)) == "test.json:4:11"


PATHS = st.sampled_from(
    [
        "till",
        "till.float",
        "shelves",
        "shelves.*",
        "shelves.0.full",
        "languages",
        "evidence.alarm",
        "evidence.alarm.siren.loudness",
        "snapshot",
        "snapshot.tables.goods",
        "actors.0",
        "tenant",
        "acceptances",
        "snapshot.rows",
        "evidence",
        "snapshot.sha256",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("abé ", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abé ", max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
ANY = st.one_of(
    st.builds(lambda path, value: {"set": path, "to": value}, PATHS, VALUES),
    st.builds(lambda path, value: {"tamper": path, "to": value}, PATHS, VALUES),
    st.builds(lambda path: {"remove": path}, PATHS),
    st.builds(lambda path, value: {"append": path, "value": value}, PATHS, VALUES),
    st.just({"accept": "shop/till", "by": "carl"}),
)


@given(st.lists(ANY, max_size=6))
def test_no_change_touches_the_base_or_the_test(changes: list[dict[str, Any]]) -> None:
    document = base()
    before, asked = copy.deepcopy(document.data), copy.deepcopy(changes)
    with suppress(NoSuchPath):
        make(*changes, of=document)
    assert document.data == before
    assert changes == asked


def test_the_base_is_shared_as_far_as_it_is_the_same() -> None:
    document = base()
    found = make({"set": "till.float", "to": 7}, of=document).data
    assert found["snapshot"] is document.data["snapshot"]
    assert found["till"] is not document.data["till"]
