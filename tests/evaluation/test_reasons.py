"""Why a rule is false: which conditions, which values, where both stand."""

from __future__ import annotations

from typing import Any

import pytest

from bfg_policy.readiness import GateResult
from tests.evaluation.lab import gates, judged, load, record, scenario

EVIDENCE = {"evidence": {"contract": "Probe.v1", "fresh_for": "1d"}}


def told(rule: str, **facts: Any) -> GateResult:
    return judged(load(gates(g={"rule": rule})), scenario(**facts)).readiness.gates["main/g"]


CASES: list[tuple[str, dict[str, Any], str, list[tuple[str | None, str | None]]]] = [
    ("ok", {"ok": False}, "`ok`: it is false", [("ok", "false")]),
    ("count > 3", {"count": 2}, "`count > 3`: it is 2", [("count", "2")]),
    (
        "ok && count > 3",
        {"ok": True, "count": 2},
        "`count > 3`: it is 2",
        [("count", "2")],
    ),
    (
        "ok || count > 3",
        {"ok": False, "count": 2},
        "`ok`: it is false; `count > 3`: it is 2",
        [("ok", "false"), ("count", "2")],
    ),
    ("!ok", {"ok": True}, "`ok`: it is true", [("ok", "true")]),
    (
        "name == signer",
        {"name": "a", "signer": "b"},
        "`name == signer`: `name` is 'a', `signer` is 'b'",
        [("name", "'a'"), ("signer", "'b'")],
    ),
    ("has(scenario.name)", {}, "`has(scenario.name)`: it is not there", [("scenario.name", None)]),
    (
        "actors.all(a, a.role == 'chief')",
        {},
        "`a.role == 'chief'`: it is 'tech'",
        [("actors[2].role", "'tech'")],
    ),
    (
        "actors.exists(a, a.id == name)",
        {"name": "zoe"},
        "`actors.exists(a, a.id == name)`: it is a list of 3",
        [("actors", "a list of 3")],
    ),
    (
        "name == 'x'",
        {"name": "line\nbreak"},
        "`name == 'x'`: it is 'line break'",
        [("name", "'line break'")],
    ),
]


@pytest.mark.parametrize(
    ("rule", "facts", "because", "read"), CASES, ids=[case[0] for case in CASES]
)
def test_conditions_and_values(
    rule: str, facts: dict[str, Any], because: str, read: list[tuple[str | None, str | None]]
) -> None:
    gate = told(rule, **facts)
    assert (gate.status, gate.reason, gate.because) == ("next", "rule-false", because)
    assert [(reading.path, reading.value) for reading in gate.readings] == read


def test_both_places_are_told() -> None:
    (reading,) = told("ok &&\n  count > 3", ok=True, count=2).readings
    assert reading.source.path == "policies/0-main.yaml"
    assert reading.source.excerpt is not None
    assert reading.source.column is not None
    assert reading.source.excerpt[reading.source.column - 1 :].startswith("count > 3")
    assert reading.place is not None
    assert (reading.place.path, reading.place.line) == ("<stdin>", 1)
    assert reading.place.excerpt is not None
    assert reading.place.excerpt[(reading.place.column or 0) - 1 :].startswith("2")


def test_evidence_is_found_in_its_record() -> None:
    asks = {**EVIDENCE, "rule": "evidence.seen.level > 2"}
    held = {"p": record(seen={"status": "pass", "level": 1})}
    result = judged(load(gates(g=asks)), scenario(evidence=held)).readiness
    (reading,) = result.gates["main/g"].readings
    assert (reading.path, reading.value) == ("evidence.seen.level", "1")
    assert reading.place is not None
    assert reading.place.excerpt is not None
    assert reading.place.excerpt[: (reading.place.column or 0) - 1].endswith('"level": ')


def test_a_gate_that_is_not_next_tells_no_readings() -> None:
    policy = gates(a={"accept": True}, g={"rule": "ok", "needs": ["a"]})
    assert judged(load(policy), scenario(ok=False)).readiness.gates["main/g"].readings == ()


def test_many_conditions_are_cut() -> None:
    rule = " || ".join(f"count == {number}" for number in range(10))
    gate = told(rule, count=99)
    assert gate.because.endswith("; and 7 more")
    assert len(gate.readings) == 10


def test_a_long_value_is_cut() -> None:
    gate = told("name == 'x'", name="y" * 500)
    assert len(gate.because) < 130
