"""Why a rule is false: the conditions, what they read, and where it stands."""

from __future__ import annotations

import pytest

from bfg_policy.cel import CelEvaluationError, explain, parse, program

SCENARIO: dict[str, object] = {
    "target": "x",
    "open": False,
    "providers": [
        {"id": "a", "ready": True},
        {"id": "b", "ready": False},
        {"id": "c", "ready": False},
    ],
    "claims": {"md": "x", "two words": ""},
    "rows": {"operations": 0},
}
BINDINGS: dict[str, object] = {"scenario": SCENARIO, **SCENARIO}

Told = tuple[str, str | None, object]

CASES: list[tuple[str, list[Told]]] = [
    # The rule, and of each reason: the condition, the path in the data, the value there.
    ("target == 'x'", []),
    ("rows.operations > 0", [("rows.operations > 0", "rows.operations", 0)]),
    (
        "rows.operations > 0 && target == 'x' && scenario.target == 'y'",
        [
            ("rows.operations > 0", "rows.operations", 0),
            ("scenario.target == 'y'", "scenario.target", "x"),
        ],
    ),
    (
        "target == 'y' || open",
        [("target == 'y'", "target", "x"), ("open", "open", False)],
    ),
    ("!(target == 'x' || open)", [("target == 'x'", "target", "x")]),
    (
        "providers.all(p, p.ready)",
        [("p.ready", "providers[1].ready", False), ("p.ready", "providers[2].ready", False)],
    ),
    (
        "providers.filter(p, p.id != 'b').all(q, q.ready && q.id != 'c')",
        [("q.ready", "providers[2].ready", False), ("q.id != 'c'", "providers[2].id", "c")],
    ),
    (
        "claims.all(k, v, v != '')",
        [("v != ''", 'claims["two words"]', "")],
    ),
    (
        "providers.exists(p, p.id == 'z')",
        [("providers.exists(p, p.id == 'z')", "providers", SCENARIO["providers"])],
    ),
    ("has(claims.dispatcher)", [("has(claims.dispatcher)", "claims.dispatcher", None)]),
    ("!has(claims.md)", [("has(claims.md)", "claims.md", "x")]),
    (
        "open ? false : target == 'y'",
        [("open", "open", False), ("target == 'y'", "target", "x")],
    ),
    ("cel.bind(p, providers[1], p.ready)", [("p.ready", "providers[1].ready", False)]),
    (
        "claims[target == 'x' ? 'md' : 'zz'] == 'q'",
        [("claims[target == 'x' ? 'md' : 'zz'] == 'q'", "claims.md", "x")],
    ),
    (
        "target == claims['two words']",
        [
            ("target == claims['two words']", "target", "x"),
            ("target == claims['two words']", 'claims["two words"]', ""),
        ],
    ),
    (
        "size(providers.filter(p, p.ready)) > 1",
        [("size(providers.filter(p, p.ready)) > 1", "providers", SCENARIO["providers"])],
    ),
    ("scenario.absent == 1 && open", [("open", "open", False)]),
    ("1 == 2", [("1 == 2", None, False)]),
    # Both words are missing in the same place, which is told once.
    ("['a', 'b'].all(word, word in claims)", [("word in claims", "claims", SCENARIO["claims"])]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_reasons(text: str, expected: list[Told]) -> None:
    reasons = explain(program(parse(text)), BINDINGS)
    assert [(reason.text, reason.path, reason.value) for reason in reasons] == expected
    assert all(text[reason.start : reason.end] == reason.text for reason in reasons)


def test_what_is_not_there_is_told_apart_from_null() -> None:
    (absent,) = explain(program(parse("has(scenario.note)")), BINDINGS)
    assert (absent.present, absent.value, absent.keys) == (False, None, ("scenario", "note"))
    (null,) = explain(program(parse("n.x == 'a'")), {"n": {"x": None}})
    assert (null.present, null.value, null.read) == (True, None, "n.x")


def test_a_rule_without_a_value_has_an_error_and_no_reasons() -> None:
    with pytest.raises(CelEvaluationError) as caught:
        explain(program(parse("scenario.absent == 1")), BINDINGS)
    assert caught.value.kind == "missing"


def test_at_most_so_many_elements_and_reasons_are_told() -> None:
    items = [{"n": number} for number in range(100)]
    assert len(explain(program(parse("xs.all(x, x.n < 0)")), {"xs": items})) == 3
    many = " && ".join(f"x.n{number} > 0" for number in range(50))
    values = {f"n{number}": 0 for number in range(50)}
    assert len(explain(program(parse(many)), {"x": values})) == 20
