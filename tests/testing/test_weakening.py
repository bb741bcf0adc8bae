"""Weaker rules: each differs in one place, and lets through whatever the rule lets through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy import cel
from bfg_policy.testing.patterns import loosened
from bfg_policy.testing.weakening import weaker


def weaknesses(rule: str) -> list[str]:
    return [each.what for each in weaker(cel.parse(rule))]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("a", ["the rule is always true"]),
        ("true", []),
        ("!a", ["the rule is always true", "`a` is always false"]),
        (
            "a && b",
            [
                "the rule is always true",
                "`&&` becomes `||` in the rule",
                "`a` is always true",
                "`b` is always true",
            ],
        ),
        # Of two alternatives neither can be left out without making the rule stricter.
        ("a || b", ["the rule is always true"]),
        (
            "!(a || b)",
            [
                "the rule is always true",
                "`a || b` is always false",
                "`||` becomes `&&` in `a || b`",
                "`a` is always false",
                "`b` is always false",
            ],
        ),
        ("n > 1", ["the rule is always true", "`>` becomes `>=` in the rule"]),
        ("n < 1", ["the rule is always true", "`<` becomes `<=` in the rule"]),
        ("n >= 1", ["the rule is always true", "1 becomes 0 in the rule"]),
        ("n <= 1", ["the rule is always true", "1 becomes 2 in the rule"]),
        ("1 <= n", ["the rule is always true", "1 becomes 0 in the rule"]),
        ("1 < n", ["the rule is always true", "`<` becomes `<=` in the rule"]),
        ("n == 0", ["the rule is always true", "0 becomes 1 in the rule"]),
        ("n != 0", ["the rule is always true"]),
        (
            "!(n >= 1)",
            [
                "the rule is always true",
                "`n >= 1` is always false",
                "`>=` becomes `>` in `n >= 1`",
                "1 becomes 2 in `n >= 1`",
            ],
        ),
        ("has(m.x)", ["the rule is always true"]),
        (
            "l.all(x, x > 0)",
            [
                "the rule is always true",
                "`all` becomes `exists` in the rule",
                "`x > 0` is always true",
                "`>` becomes `>=` in `x > 0`",
            ],
        ),
        (
            "l.exists_one(x, x == 's')",
            [
                "the rule is always true",
                "`exists_one` becomes `exists` in the rule",
                "`x == 's'` is always true",
                "`x == 's'` is always false",
            ],
        ),
        (
            "n in [1, 2]",
            ["the rule is always true", "without `1` in `[1, 2]`", "without `2` in `[1, 2]`"],
        ),
        ("s.trim() != ''", ["the rule is always true", "without `trim()` in `s.trim()`"]),
        (
            "s.matches('^a+$')",
            [
                "the rule is always true",
                "the pattern becomes `a+$` in the rule",
                "the pattern becomes `^a*$` in the rule",
                "the pattern becomes `^a+` in the rule",
            ],
        ),
        (
            "a ? b : c",
            [
                "the rule is always true",
                "always `b` of the rule",
                "always `c` of the rule",
                "`a` is always true",
                "`a` is always false",
                "`b` is always true",
                "`c` is always true",
            ],
        ),
        # What the condition of a filter leads to, nobody can tell: both ways are tried.
        (
            "l.filter(x, x == 1).size() == 0",
            [
                "the rule is always true",
                "0 becomes 1 in the rule",
                "`x == 1` is always true",
                "`x == 1` is always false",
                "1 becomes 2 in `x == 1`",
            ],
        ),
    ],
)
def test_what_is_weakened(rule: str, found: list[str]) -> None:
    assert weaknesses(rule) == found


def test_the_same_change_twice_has_two_names() -> None:
    names = weaknesses("l.exists(x, x == 's') && m.exists(x, x == 's')")
    assert "`x == 's'` is always true (2)" in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("abc", []),
        ("^a$", ["a$", "^a"]),
        (r"\^a\$", []),
        ("[^]]{2}x", [".{2}x", "[^]]*x"]),
        (r"[\]a]?", [".?", r"[\]a]*"]),
        ("(a|b)+", ["(a|b)*"]),
        ("[", ["."]),
        ("{", ["*"]),
        ("\\", []),
    ],
)
def test_looser_patterns(pattern: str, found: list[str]) -> None:
    assert list(loosened(pattern)) == found


# Rules that are made of conditions alone, in which every part leads one way or the other.
ATOMS = st.sampled_from(
    ["a", "b", "has(m.x)", "n > 1", "n >= 1", "2 > n", "n < 2", "n <= 1", "n != 3", "n in [0, 1]"]
)
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("l.all(x, x > 0 && {})".format, inner),
        st.builds("l.exists(x, x > 0 || {})".format, inner),
    ),
    max_leaves=6,
)
DATA = st.fixed_dictionaries(
    {
        "a": st.booleans(),
        "b": st.booleans(),
        "n": st.integers(-1, 3),
        "m": st.sampled_from([{}, {"x": 1}]),
        "l": st.lists(st.integers(-1, 2), min_size=1, max_size=3),
    }
)


@given(RULES, DATA)
def test_what_passes_passes_all_the_more(rule: str, data: dict[str, Any]) -> None:
    """But for a list that lost an item, which may be one of those that are let through."""
    expression = cel.parse(rule)
    if cel.program(expression).evaluate(data) is not True:
        return
    for each in weaker(expression):
        if not each.what.startswith("without `") and not each.what.startswith("always "):
            assert cel.program(each.expression).evaluate(data) is True, each.what


@given(RULES)
def test_each_tells_where_it_is_and_is_another_rule(rule: str) -> None:
    expression = cel.parse(rule)
    listed = list(weaker(expression))
    assert len({each.what for each in listed}) == len(listed)
    for each in listed:
        assert 0 <= each.start < each.end <= len(rule)
        assert each.expression.root is not expression.root
