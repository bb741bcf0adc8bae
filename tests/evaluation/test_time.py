"""Time: `next_change` is the first instant at which time alone changes a status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bfg_policy.instants import format_instant, parse_instant
from bfg_policy.pipeline import LoadedPack
from bfg_policy.readiness import Readiness
from tests.evaluation.lab import AT, gates, judged, load, record, scenario

EVIDENCE = {
    "evidence": {"contract": "Probe.v1", "fresh_for": "1h"},
    "rule": "evidence.seen.level > 2",
}
NOW = parse_instant(AT)


def later(seconds: float) -> str:
    """AT moved by some seconds; keeps fractions."""
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def accepted(at: float, expires: float | None = None, gate: str = "main/g") -> dict[str, Any]:
    made = {"gate": gate, "by": "ann", "at": later(at)}
    return made if expires is None else {**made, "expires": later(expires)}


def waived(expires: float, gate: str = "main/g") -> dict[str, Any]:
    return {
        "gate": gate,
        "reason": "r",
        "requested_by": "tim",
        "approved_by": "ann",
        "expires": later(expires),
    }


CHANGES: list[tuple[dict[str, Any], dict[str, Any], float | None, str | None]] = [
    ({"rule": "ok"}, {"ok": True}, None, None),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(-10))}}, 3591, "evidence-expired"),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(-10.5))}}, 3590, "evidence-expired"),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(-3600))}}, 1, "evidence-expired"),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(-3601))}}, None, None),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(30))}}, 30, "evidence-observed"),
    (EVIDENCE, {"evidence": {"p": record(observed_at=later(29.2))}}, 30, "evidence-observed"),
    ({"accept": True}, {"acceptances": [accepted(-5, 7)]}, 7, "acceptance-expired"),
    ({"accept": True}, {"acceptances": [accepted(-5, 6.1)]}, 7, "acceptance-expired"),
    ({"accept": True}, {"acceptances": [accepted(9)]}, 9, "acceptance-given"),
    ({"rule": "ok"}, {"waivers": [waived(50), waived(60)]}, 60, "waiver-expired"),
    ({"rule": "ok"}, {"ok": True, "waivers": [waived(50)]}, None, None),
    (
        {"accept": True},
        {"acceptances": [accepted(-5, 7)], "waivers": [waived(90)]},
        7,
        "acceptance-expired",
    ),
]


@pytest.mark.parametrize(("asks", "holds", "after", "why"), CHANGES)
def test_next_change(
    asks: dict[str, Any], holds: dict[str, Any], after: float | None, why: str | None
) -> None:
    found = judged(load(gates(g=asks)), scenario(**holds)).readiness.next_change
    if after is None:
        assert found is None
    else:
        assert found is not None
        assert (format_instant(found.at), found.gate, found.why) == (
            format_instant(parse_instant(later(after))),
            "main/g",
            why,
        )


def test_a_gate_that_stays_blocked_is_no_change() -> None:
    policy = gates(a={"rule": "ok"}, g={"accept": True, "needs": ["a"]})
    held = scenario(acceptances=[accepted(-5, 7)])
    assert judged(load(policy), held).readiness.next_change is None


def statuses(readiness: Readiness) -> dict[str, str]:
    return {gate.id: gate.status for gate in readiness.gates.values()}


SECONDS = st.integers(-20, 20)
GATES = ("main/one", "main/two", "main/three")


@st.composite
def timed(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario full of things that begin and end within twenty seconds of AT."""

    def some(make: Any) -> list[Any]:
        return [make() for _ in range(draw(st.integers(0, 3)))]

    def acceptance() -> dict[str, Any]:
        expires = draw(st.none() | SECONDS)
        return accepted(draw(SECONDS), expires, draw(st.sampled_from(GATES)))

    evidence = {"p": record(observed_at=later(draw(SECONDS)))} if draw(st.booleans()) else {}
    return scenario(
        ok=draw(st.booleans()),
        evidence=evidence,
        acceptances=some(acceptance),
        waivers=some(lambda: waived(draw(SECONDS), draw(st.sampled_from(GATES)))),
    )


def lab() -> LoadedPack:
    quick = {**EVIDENCE, "evidence": {"contract": "Probe.v1", "fresh_for": "7s"}}
    return load(
        gates(
            one={**quick, "accept": True},
            two={"accept": True, "needs": ["one"]},
            three={"rule": "ok", "accept": True},
            all={"needs": ["two", "three"]},
        )
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(timed())
def test_nothing_changes_before_the_next_change_and_something_does_then(
    document: dict[str, Any],
) -> None:
    loaded = lab()
    now = judged(loaded, document).readiness
    change = now.next_change
    last = timedelta(seconds=45) if change is None else change.at - NOW
    for second in range(1, int(last.total_seconds())):
        assert statuses(judged(loaded, document, later(second)).readiness) == statuses(now)
    if change is not None:
        then = judged(loaded, document, format_instant(change.at)).readiness
        assert statuses(then)[change.gate] != statuses(now)[change.gate]


@settings(max_examples=60, deadline=None)
@given(timed(), st.sampled_from(["evidence", "acceptances", "waivers", "ok"]))
def test_taking_something_away_makes_nothing_ready_that_was_sound(
    document: dict[str, Any], key: str
) -> None:
    loaded = lab()
    before = judged(loaded, document).readiness
    after = judged(loaded, {k: v for k, v in document.items() if k != key}).readiness
    for gate in after.gates.values():
        # Only a claim that must not be believed can have held a gate back.
        assert not gate.is_ready or before.gates[gate.id].is_ready or before.has_errors
