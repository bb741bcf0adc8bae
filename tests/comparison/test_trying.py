"""Trying two rules finds what tells them apart: held against trying everything there is."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bfg_policy import cel
from bfg_policy.cel.types import INT, STRING
from bfg_policy.comparison.patterns import matching
from bfg_policy.comparison.plain import GONE
from bfg_policy.comparison.reads import reads
from bfg_policy.comparison.trying import Trial, is_same
from bfg_policy.comparison.variations import flipped, flips
from bfg_policy.errors import NOWHERE
from bfg_policy.pack import Rule

TYPES = {
    "ok": cel.BOOL,
    "count": INT,
    "name": STRING,
    "tags": cel.list_type(STRING),
    "sizes": cel.list_type(INT),
    "deep": cel.object_type({"flag": cel.BOOL, "size": INT}, required=()),
}
SEED: dict[str, Any] = {
    "ok": False, "count": 0, "name": "", "tags": [], "sizes": [], "deep": {},
}  # fmt: skip


class _Nowhere:
    def place_in(self, *_: object) -> Any:
        return NOWHERE


def rule(text: str) -> Rule:
    return Rule(text, cel.parse(text), _Nowhere(), ())


def witness(old: str, new: str, *seeds: dict[str, Any]) -> Any:
    return Trial(rule(old), rule(new), TYPES, _is_whole).witness(seeds or (SEED,))


def _is_whole(data: Any) -> bool:
    return bool(data.keys() == SEED.keys())


def is_true(text: str, data: Any) -> bool:
    try:
        return rule(text).program.evaluate(data) is True
    except cel.CelEvaluationError:
        return False


TOLD_APART = (
    ("ok && count > 3", "ok"),
    ("count > 3", "count >= 3"),
    ("count > 3 && count < 9", "count > 3"),
    ("name == 'a'", "name != ''"),
    ("name == 'a' || name == 'b'", "name in ['a', 'b', 'c']"),
    ("name.matches('^[a-f]{8}$')", "name.matches('^[a-f]{7}')"),
    ("name.startsWith('eu-')", "name.contains('eu-')"),
    ("tags.size() > 1", "tags.size() > 0"),
    ("sizes.size() > 1", "sizes.size() > 0"),
    ("sizes.size() > 3", "sizes.size() > 2"),
    ("['x', 'y'].all(t, t in tags)", "['x', 'y'].exists(t, t in tags)"),
    ("tags.all(t, t != '')", "true || tags.size() > 0"),
    ("has(deep.flag) && deep.flag", "has(deep.flag)"),
    ("deep.size > 2 && deep.flag", "deep.size > 2 || deep.flag"),
    ("ok ? count > 2 : count > 5", "ok ? count > 2 : count > 4"),
    ("!ok && count == 7 && name == 'z'", "!ok && count == 7"),
    ("name == 'file-local'", "name.size() == 10"),
    (
        "count > 0 && name in ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8']",
        "(count > 0 || 'zed' in tags) && name in ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8']",
    ),
)
THE_SAME = (
    ("ok && count > 3", "count > 3 && ok"),
    ("count > 3", "3 < count"),
    ("count > 3", "count >= 4"),
    ("count > 3", "!(count <= 3)"),
    ("ok || count > 3", "!(!ok && !(count > 3))"),
    ("name == 'a' || name == 'b'", "name in ['a', 'b']"),
    ("tags.all(t, t != '')", "!tags.exists(t, t == '')"),
    ("tags.size() > 0", "tags != []"),
    ("ok ? count > 2 : count > 5", "count > 5 || ok && count > 2"),
    ("ok && count > 3", "ok && count > 4"),
)


@pytest.mark.parametrize(("old", "new"), TOLD_APART)
def test_what_is_weaker_is_found(old: str, new: str) -> None:
    found = witness(old, new)
    assert found is not None
    assert is_true(new, found)
    assert not is_true(old, found)


@pytest.mark.parametrize(("old", "new"), THE_SAME)
def test_what_is_not_weaker_is_not(old: str, new: str) -> None:
    assert witness(old, new) is None


ATOMS = st.one_of(
    st.sampled_from(["ok", "!ok"]),
    st.builds(
        "count {} {}".format, st.sampled_from([">", ">=", "<", "==", "!="]), st.integers(-2, 4)
    ),
    st.builds("name {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from("ab")),
)
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=4,
)
EVERYTHING = [
    {**SEED, "ok": ok, "count": count, "name": name}
    for ok, count, name in product([True, False], range(-4, 7), ["", "a", "b", "other"])
]


@given(RULES, RULES)
@settings(max_examples=120, deadline=None)
def test_it_agrees_with_trying_everything(old: str, new: str) -> None:
    is_weaker = any(is_true(new, data) and not is_true(old, data) for data in EVERYTHING)
    assert (witness(old, new) is not None) == is_weaker


def test_only_what_is_possible_is_a_witness() -> None:
    trial = Trial(rule("count > 3"), rule("count > 2"), TYPES, lambda data: data["count"] != 3)
    assert trial.witness([SEED]) is None


def test_what_it_costs_is_bounded() -> None:
    many = " && ".join(f"tags.exists(t, t == 'x{index}')" for index in range(60))
    trial = Trial(rule(many), rule(f"{many} && ok"), TYPES, _is_whole)
    assert trial.witness([SEED]) is None
    assert trial._left > -100


def test_the_scenario_and_its_parts_agree() -> None:
    seed = {"ok": True, "scenario": {"scenario": "one", "ok": True}}
    types = {"ok": cel.BOOL, "scenario": cel.DYN}
    pair = rule("scenario.ok && ok"), rule("ok")
    assert Trial(*pair, types, lambda data: "ok" in data).witness([seed]) is None
    pair = rule("scenario.ok"), rule("!ok")
    found = Trial(*pair, types, lambda data: "ok" in data).witness([seed])
    assert found == {"ok": False, "scenario": {"scenario": "one", "ok": False}}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("a.b == 1", " ( a.b==1 ) ", True),
        ("a.b == 1", "a.b == 1.0", False),
        ("a && b", "b && a", False),
        ("a.all(x, x)", "a.all(y, y)", False),
        ("{'a': b}", "{?'a': b}", False),
        ("a[0]", "a[?0]", False),
        ("has(a.b)", "a.b", False),
        (".a", "a", False),
    ],
)
def test_whether_rules_are_written_alike(old: str, new: str, same: bool) -> None:
    assert is_same(rule(old), rule(new)) is same


PATTERNS = (
    "^[0-9a-f]{64}$",
    "^(eu|europe)-[a-z0-9-]+$",
    "a+b*c?",
    "[^a]x",
    r"\d{3}-\w",
    "(?i)abc",
    ".",
    "(a|b){2}$",
    "^$",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_of_a_pattern_match_it(pattern: str) -> None:
    found = matching(pattern)
    assert found
    assert all(re.search(pattern, text) for text in found)


@pytest.mark.parametrize(
    "pattern",
    [
        "plain",
        "",
        "(",
        "a{1000000}",
        "((a{300}){300}){300}",
        "(?<=a)b",
        "x" * 500 + "+",
        "[^aA0_~ -]+",
        r"[^\W]",
    ],
)
def test_a_pattern_that_is_too_odd_gives_none(pattern: str) -> None:
    assert matching(pattern) == ()


@given(st.text(max_size=30))
def test_no_text_is_too_odd_for_a_pattern(text: str) -> None:
    assert all(len(each) <= 400 for each in matching(text))


def test_flips_leave_the_data_as_it_is() -> None:
    data = {"ok": True, "count": 3, "name": "n", "tags": ["x", "y"], "deep": {"flag": True}}
    kept = repr(data)
    wanted = reads(
        cel.parse("ok && count > 1 && tags.all(t, t != '') && deep.flag && deep.size > 2")
    )
    made = list(flips(data, wanted, TYPES))
    assert {flip.path for flip in made} >= {
        ("ok",),
        ("tags", 0),
        ("deep", "flag"),
        ("deep", "size"),
    }
    changed = [flipped(data, (flip,)) for flip in made]
    assert repr(data) == kept
    assert all(each != data for each in changed)
    assert any(flip.value is GONE for flip in made)
