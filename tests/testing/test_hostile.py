"""Suites by strangers: whatever stands in them is run or refused, and nothing of ours breaks."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering.hostile import strings
from tests.testing import shop

CODES = {0, 1, 3, 4}
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63 - 1, 1.5, "", " ", "*", ".", "a..b", "till", "shelves.*.*", "=",
    "x=y", [], {}, [[]], {"": None}, {"*": "ready"}, {"set": "*", "to": None}, {"remove": "*"},
    {"append": "scenario", "value": 1}, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    {"set": "snapshot.tables", "to": {"a b": [1]}}, {"set": "evidence", "to": {"x": 1}},
    {"set": "acceptances", "to": 3}, {"set": "actors", "to": [{"id": []}]},
)  # fmt: skip


@cache
def project() -> Path:
    return shop.write(Path(mkdtemp(prefix="hostile-")))


def run_suite(suite: Any) -> int:
    folder = project()
    (folder / "policies" / "tests" / "0.yaml").write_text(json.dumps(suite))
    ran = shop.tested(folder, "--coverage")
    assert ran.stderr == ""
    return ran.code


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


PLACES = places(shop.SUITE)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD) | st.sampled_from(strings())),
        min_size=1,
        max_size=2,
    )
)
def test_whatever_stands_anywhere(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    suite = deepcopy(shop.SUITE)
    for path, value in edits:
        here: Any = suite
        try:
            for step in path[:-1]:
                here = here[step]
            here[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # the first edit took away where the second one is
    assert run_suite(suite) in CODES


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("operation", ["set", "tamper"])
def test_whatever_is_put_into_a_scenario(operation: str, value: Any) -> None:
    keys = ["target", "actors", "snapshot", "evidence.alarm", "acceptances", "waivers", "tenant",
            "snapshot.tables", "snapshot.tables.goods.0", "evidence.alarm.observed_at"]  # fmt: skip
    tests = [
        {"test": key, "change": {operation: key, "to": value}, "expect": {"ready": 0}}
        for key in keys
    ]
    assert run_suite(shop.suite(*tests)) in {0, 1, 4}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_broken_text(data: st.DataObject) -> None:
    folder = project()
    text = json.dumps(shop.SUITE, indent=1)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    put = data.draw(st.sampled_from(["", "{", "]", ": ", "&a ", "*a", "!!x ", "\t", "'", "# "]))
    suite = folder / "policies" / "tests" / "0.yaml"
    suite.write_text(text[:start] + put + text[end:])
    assert shop.tested(folder).code in CODES


@pytest.mark.parametrize("key", ["actors", "acceptances", "waivers", "evidence", "snapshot"])
@pytest.mark.parametrize("value", [3, "x", None, {"a": 1}, [3], [[]]], ids=repr)
def test_changes_on_top_of_nonsense(key: str, value: Any) -> None:
    changes: list[dict[str, Any]] = [
        {"set": key, "to": value},
        {"accept": "shop/till", "by": "carl"},
        {
            "waive": "shop/till",
            "requested_by": "carl",
            "approved_by": "olga",
            "expires": "2027-01-01T00:00:00Z",
        },
    ]
    test = {"test": "nonsense", "change": changes, "expect": {"ready": 0}}
    assert run_suite(shop.suite(test)) in (1, 4)


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    names = [text for text in strings() if 0 < len(text) <= 500]
    for text in names[::25]:
        code = run_suite(shop.suite({"test": text, "expect": {"verdict": "CLOSED"}}))
        assert code in (1, 4), ascii(text)
