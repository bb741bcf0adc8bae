"""Paths into a scenario: what they lead to, and what is said where they lead nowhere."""

from __future__ import annotations

import pytest

from bfg_policy.testing.paths import NoSuchPath, find

DATA = {
    "a": {"b": 1, "c": [10, 20]},
    "items": [{"id": "one", "n": 1}, {"id": "two", "n": 2, "tags": ["x", "y"]}, 7],
    "empty": [],
    "none": None,
}


@pytest.mark.parametrize(
    ("written", "paths"),
    [
        ("a", [("a",)]),
        ("a.b", [("a", "b")]),
        ("a.*", [("a", "b"), ("a", "c")]),
        ("a.c.1", [("a", "c", 1)]),
        ("a.c.=20", [("a", "c", 1)]),
        ("items.id=two.n", [("items", 1, "n")]),
        ("items.n=1", [("items", 0)]),
        ("items.*.id", [("items", 0, "id"), ("items", 1, "id")]),
        ("items.id=two.tags.*", [("items", 1, "tags", 0), ("items", 1, "tags", 1)]),
        ("*", [("a",), ("items",), ("empty",), ("none",)]),
    ],
)
def test_what_is_meant(written: str, paths: list[tuple[str | int, ...]]) -> None:
    assert list(find(DATA, written)) == paths


@pytest.mark.parametrize(
    ("written", "step", "why", "suggestion"),
    [
        ("q", "q", "there is no `q`", None),
        ("itmes.0", "itmes", "there is no `itmes`", "items.0"),
        ("a.c.2", "2", "no item of the list is meant by `2`", None),
        ("a.c.-1", "-1", "no item of the list is meant by `-1`", None),
        ("items.id=twoo.n", "id=twoo", "no item of the list is meant", "items.id=two.n"),
        ("a.c.=21", "=21", "no item of the list is meant", "a.c.=20"),
        ("items.key=one", "key=one", "no item of the list is meant", None),
        ("a.b.c", "c", "nothing lies below a single value", None),
        ("none.x", "x", "nothing lies below a single value", None),
        ("empty.*", "*", "no item of the list is meant by `*`", None),
    ],
)
def test_where_it_leads_nowhere(written: str, step: str, why: str, suggestion: str | None) -> None:
    with pytest.raises(NoSuchPath) as raised:
        find(DATA, written)
    error = raised.value
    assert written[error.start : error.end] == step
    assert error.why.startswith(why)
    assert error.suggestion == suggestion


def test_that_a_step_before_the_last_may_not_be_new_is_told() -> None:
    with pytest.raises(NoSuchPath, match="there is no `d`, and only the last step"):
        find(DATA, "a.d.e", may_be_new=True)


@pytest.mark.parametrize(
    ("written", "path"),
    [("new", ("new",)), ("a.new", ("a", "new")), ("items.0.new", ("items", 0, "new"))],
)
def test_only_the_last_step_may_be_new(written: str, path: tuple[str | int, ...]) -> None:
    assert find(DATA, written, may_be_new=True) == (path,)
    with pytest.raises(NoSuchPath):
        find(DATA, f"{written}.deeper", may_be_new=True)


@pytest.mark.parametrize("written", ["a.c.7", "items.id=three", "a.b.new"])
def test_a_list_and_a_value_get_nothing_new_that_way(written: str) -> None:
    with pytest.raises(NoSuchPath):
        find(DATA, written, may_be_new=True)
