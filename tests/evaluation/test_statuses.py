"""The five statuses: what makes a gate what it is, and which reason is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evaluation.lab import AT, codes, gates, judged, load, record, scenario, snapshot, status

RULE = {"rule": "ok"}
EVIDENCE = {
    "evidence": {"contract": "Probe.v1", "fresh_for": "1d"},
    "rule": "evidence.seen.level > 2",
}
LIVE = {**EVIDENCE, "evidence": {**EVIDENCE["evidence"], "target": "live"}}  # type: ignore[dict-item]
ACCEPT = {"accept": True}
SIGNER = {"accept": {"actor": "signer"}}


def accepted(by: str = "ann", at: str = "2026-11-20T10:00:00Z", **more: str) -> dict[str, Any]:
    return {"gate": "main/g", "by": by, "at": at, **more}


def waived(**changes: Any) -> dict[str, Any]:
    return {
        "gate": "main/g",
        "reason": "because",
        "requested_by": "tim",
        "approved_by": "ann",
        "expires": "2026-12-01T00:00:00Z",
        **changes,
    }


# What a gate asks for, what the scenario holds, what the gate is then, and the findings.
PROOFS: list[tuple[dict[str, Any], dict[str, Any], str, list[str]]] = [
    (RULE, {"ok": True}, "ready:proved", []),
    (RULE, {"ok": False}, "next:rule-false", []),
    (RULE, {}, "next:proof-missing", []),
    ({"rule": "10 / count == 1"}, {"count": 0}, "invalid:rule-error", ["BFG410"]),
    (
        {"rule": "timestamp(name) > timestamp('2026-11-20T00:00:00Z')"},
        {"name": "x"},
        "invalid:rule-error",
        ["BFG410"],
    ),
    (
        {"rule": "name == 'x' || 1 / count == 1"},
        {"name": "x", "count": 0},
        "ready:proved",
        ["BFG409", "BFG409"],
    ),
    # Not true, and yet no error: text where the contract says nothing of the field's type.
    (
        {**EVIDENCE, "rule": "evidence.target.kind"},
        {"evidence": {"p": record()}},
        "next:rule-false",
        [],
    ),
    # A rule that would err on it never sees a record that is not believed.
    (
        {**EVIDENCE, "rule": "10 / evidence.seen.level == 1"},
        {"evidence": {"p": record(seen={"status": "pass", "level": 0}, sha256="0" * 64)}},
        "invalid:evidence-invalid",
        ["BFG501"],
    ),
    (EVIDENCE, {}, "next:evidence-missing", []),
    (EVIDENCE, {"evidence": {"p": record()}}, "ready:proved", []),
    (
        EVIDENCE,
        {"evidence": {"p": record(seen={"status": "pass", "level": 2})}},
        "next:rule-false",
        [],
    ),
    (EVIDENCE, {"evidence": {"p": record(seen={"status": "pass"})}}, "next:proof-missing", []),
    (
        EVIDENCE,
        {"evidence": {"p": record(seen={"status": "fail", "level": 3})}},
        "next:proof-missing",
        [],
    ),
    (EVIDENCE, {"evidence": {"p": record(seen={"level": 3})}}, "next:proof-missing", []),
    (
        EVIDENCE,
        {"evidence": {"p": record(seen={"status": "not_run", "level": 3})}},
        "next:proof-missing",
        [],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(sha256="0" * 64)}},
        "invalid:evidence-invalid",
        ["BFG501"],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(target={"adapter": "other", "kind": "live"})}},
        "invalid:evidence-invalid",
        ["BFG502"],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(snapshot_sha256="1" * 64)}, "snapshot": snapshot(1)},
        "invalid:evidence-invalid",
        ["BFG503"],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(snapshot_sha256=snapshot(1)["sha256"])}, "snapshot": snapshot(1)},
        "ready:proved",
        [],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(snapshot_sha256="1" * 64)}},
        "invalid:evidence-invalid",
        ["BFG503"],
    ),
    (
        EVIDENCE,
        {"evidence": {"p": record(observed_at="2026-11-20T12:00:01Z")}},
        "invalid:evidence-invalid",
        ["BFG504"],
    ),
    (EVIDENCE, {"evidence": {"p": record(observed_at=AT)}}, "ready:proved", []),
    (EVIDENCE, {"evidence": {"p": record(observed_at="2026-11-19T12:00:00Z")}}, "ready:proved", []),
    (
        EVIDENCE,
        {"evidence": {"p": record(observed_at="2026-11-19T11:59:59Z")}},
        "next:evidence-expired",
        ["BFG505"],
    ),
    (LIVE, {"evidence": {"p": record()}}, "next:evidence-not-live", []),
    (
        LIVE,
        {"evidence": {"p": record(target={"adapter": "reactor", "kind": "live"})}},
        "ready:proved",
        [],
    ),
    (ACCEPT, {}, "next:acceptance-missing", []),
    (ACCEPT, {"acceptances": [accepted()]}, "ready:proved", []),
    (ACCEPT, {"acceptances": [accepted("bob")]}, "ready:proved", []),
    (ACCEPT, {"acceptances": [accepted("tim")]}, "invalid:acceptance-invalid", ["BFG510"]),
    (ACCEPT, {"acceptances": [accepted("nobody")]}, "invalid:acceptance-invalid", ["BFG510"]),
    (ACCEPT, {"acceptances": [accepted(at=AT)]}, "ready:proved", []),
    (
        ACCEPT,
        {"acceptances": [accepted(at="2026-11-20T12:00:01Z")]},
        "invalid:acceptance-invalid",
        ["BFG511"],
    ),
    (ACCEPT, {"acceptances": [accepted(expires="2026-11-20T12:00:01Z")]}, "ready:proved", []),
    (ACCEPT, {"acceptances": [accepted(expires=AT)]}, "next:acceptance-expired", ["BFG514"]),
    # Of several the latest counts, wherever it stands in the list.
    (
        ACCEPT,
        {"acceptances": [accepted(), accepted("tim", "2026-11-20T11:00:00Z")]},
        "invalid:acceptance-invalid",
        ["BFG510"],
    ),
    (
        ACCEPT,
        {"acceptances": [accepted(at="2026-11-20T11:00:00Z"), accepted("tim")]},
        "ready:proved",
        ["BFG510"],
    ),
    (
        ACCEPT,
        {
            "acceptances": [
                accepted(expires="2026-11-20T11:00:00Z"),
                accepted(at="2026-11-20T11:30:00Z"),
            ]
        },
        "ready:proved",
        [],
    ),
    ({**SIGNER}, {"signer": "bob", "acceptances": [accepted("bob")]}, "ready:proved", []),
    ({**SIGNER}, {"signer": "tim", "acceptances": [accepted("tim")]}, "ready:proved", []),
    (
        {**SIGNER},
        {"signer": "bob", "acceptances": [accepted("ann")]},
        "invalid:acceptance-invalid",
        ["BFG510"],
    ),
    (
        {**SIGNER},
        {"signer": "ghost", "acceptances": [accepted("ghost")]},
        "invalid:acceptance-invalid",
        ["BFG510"],
    ),
    ({**SIGNER}, {"acceptances": [accepted("ann")]}, "next:proof-missing", []),
    (
        {**SIGNER},
        {"acceptances": [accepted("ann", at="2026-11-21T00:00:00Z")]},
        "invalid:acceptance-invalid",
        ["BFG511"],
    ),
    (
        RULE,
        {"ok": True, "acceptances": [accepted()]},
        "invalid:acceptance-invalid",
        ["BFG513"],
    ),
    # Any invalid part wins; else any open one.
    ({**RULE, **ACCEPT}, {"ok": True}, "next:acceptance-missing", []),
    ({**RULE, **ACCEPT}, {"ok": False, "acceptances": [accepted()]}, "next:rule-false", []),
    (
        {**RULE, **ACCEPT},
        {"acceptances": [accepted("tim")]},
        "invalid:acceptance-invalid",
        ["BFG510"],
    ),
    ({**RULE, **ACCEPT}, {"ok": True, "acceptances": [accepted()]}, "ready:proved", []),
    # A waiver stands in for proof that does not hold, never for invalid proof.
    (RULE, {"waivers": [waived()]}, "waived:waived", []),
    (RULE, {"ok": False, "waivers": [waived()]}, "waived:waived", []),
    (RULE, {"ok": True, "waivers": [waived()]}, "ready:proved", []),
    (EVIDENCE, {"waivers": [waived()]}, "waived:waived", []),
    (
        EVIDENCE,
        {"evidence": {"p": record(sha256="0" * 64)}, "waivers": [waived()]},
        "invalid:evidence-invalid",
        ["BFG501"],
    ),
    (RULE, {"waivers": [waived(expires="2026-11-20T12:00:01Z")]}, "waived:waived", []),
    (RULE, {"waivers": [waived(expires=AT)]}, "next:proof-missing", ["BFG523"]),
    (RULE, {"waivers": [waived(requested_by="ann")]}, "next:proof-missing", ["BFG521"]),
    (
        RULE,
        {"waivers": [waived(approved_by="tim", requested_by="ann")]},
        "next:proof-missing",
        ["BFG522"],
    ),
    (RULE, {"waivers": [waived(requested_by="ghost")]}, "next:proof-missing", ["BFG525"]),
    (RULE, {"waivers": [waived(approved_by="ghost")]}, "next:proof-missing", ["BFG525"]),
    (RULE, {"waivers": [waived(requested_by="ann"), waived()]}, "waived:waived", ["BFG521"]),
]


@pytest.mark.parametrize(("asks", "holds", "expected", "found"), PROOFS)
def test_proof(
    asks: dict[str, Any], holds: dict[str, Any], expected: str, found: list[str]
) -> None:
    policy = gates(g=asks)
    assert status(policy, scenario(**holds), "g") == expected
    assert codes(policy, scenario(**holds)) == found


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"acceptances": [{**accepted(), "gate": "main/gg"}]}, ["BFG512"]),
        ({"acceptances": [{**accepted(), "gate": "main/never"}]}, ["BFG513"]),
        ({"waivers": [waived(gate="main/gg")]}, ["BFG524"]),
        ({"waivers": [waived(gate="main/never")]}, ["BFG520"]),
        ({"waivers": [waived(gate="main/sum")]}, ["BFG526"]),
        ({"evidence": {"p": record(sha256="0" * 64)}}, ["BFG501"]),
        ({"evidence": {"p": record(), "q": record()}}, ["BFG506"]),
        ({"evidence": {"p": record(observed_at="2026-13-20T09:00:00Z")}}, ["BFG205"]),
    ],
)
def test_claims_that_no_gate_asks_for(claims: dict[str, Any], found: list[str]) -> None:
    policy = gates(g=ACCEPT, never=RULE, sum={"needs": ["never"]})
    never = {"approvers": ["chief"], "never": ["main/never"]}
    assert codes(policy, scenario(**claims), waivers=never) == found


def test_no_gate_of_a_whole_board_may_be_waived_either() -> None:
    never = {"approvers": ["chief"], "never": ["main/*"]}
    claim = scenario(waivers=[waived()])
    assert codes(gates(g=ACCEPT), claim, waivers=never) == ["BFG520"]
    assert codes(gates(g=ACCEPT), claim) == []


# `a` is what the name says, `b` needs it; what `b` proves itself, and what it is then.
PRECEDENCE: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"ok": True}, "ready:needs-ready"),
    ({}, {"ok": False}, "blocked:needs"),
    ({"rule": "count == 1"}, {"ok": False, "count": 1}, "blocked:needs"),
    ({"rule": "count == 1"}, {"ok": False}, "blocked:needs"),
    ({"rule": "count == 1"}, {"ok": True, "count": 1}, "ready:proved"),
    ({"rule": "count == 1"}, {"ok": True}, "next:proof-missing"),
    ({"rule": "1 / count == 1"}, {"ok": False, "count": 0}, "invalid:rule-error"),
    ({"rule": "count == 1"}, {"ok": False, "waivers": [waived(gate="main/b")]}, "blocked:needs"),
    ({"rule": "count == 1"}, {"ok": True, "waivers": [waived(gate="main/b")]}, "waived:waived"),
    ({}, {"ok": False, "waivers": [waived(gate="main/a")]}, "ready:needs-ready"),
    (
        {"accept": True},
        {"ok": False, "acceptances": [{**accepted(), "gate": "main/b"}]},
        "blocked:needs",
    ),
]


@pytest.mark.parametrize(("asks", "holds", "expected"), PRECEDENCE)
def test_precedence(asks: dict[str, Any], holds: dict[str, Any], expected: str) -> None:
    policy = gates(a=RULE, b={**asks, "needs": ["a"]})
    assert status(policy, scenario(**holds), "b") == expected


def test_a_blocked_gate_names_its_root_causes_and_a_cause_what_it_unblocks() -> None:
    policy = gates(
        last={"needs": ["left", "right"]},
        left={"needs": ["a", "b"]},
        right={"needs": ["b", "broken"]},
        a=RULE,
        b={"accept": True},
        broken={"rule": "1 / count == 1", "needs": ["a"]},
        fine={"rule": "count == 0"},
    )
    found = judged(load(policy), scenario(count=0)).readiness
    causes = {gate.key: gate.root_causes for gate in found.gates.values() if gate.root_causes}
    assert causes == {
        "last": ("main/a", "main/b", "main/broken"),
        "left": ("main/a", "main/b"),
        "right": ("main/a", "main/b", "main/broken"),
    }
    unblocks = {gate.key: gate.unblocks for gate in found.gates.values()}
    assert unblocks == {"last": 0, "left": 1, "right": 1, "a": 4, "b": 3, "broken": 2, "fine": 0}
    assert found.next_action == "main/a"
    assert found.counts == {"ready": 1, "waived": 0, "next": 2, "blocked": 3, "invalid": 1}
    assert found.gates["main/left"].because == "waits for `main/a`, `main/b`"


def test_an_invalid_gate_is_the_next_action_only_when_its_needs_are_ready() -> None:
    broken = {"rule": "1 / count == 1"}
    behind = gates(
        broken={**broken, "needs": ["a"]}, a=RULE, x={"needs": ["broken"]}, z={"needs": ["broken"]}
    )
    assert judged(load(behind), scenario(count=0)).readiness.next_action == "main/a"
    ahead = gates(a=RULE, broken=broken, x={"needs": ["broken"]})
    assert judged(load(ahead), scenario(count=0)).readiness.next_action == "main/broken"


def test_ties_of_the_next_action_go_to_the_first_in_the_packs_order() -> None:
    first = {"policy": "zeta", "owner": "tech", "gates": {"g": {"accept": True}}}
    second = {"policy": "alpha", "owner": "tech", "gates": {"g": {"accept": True}}}
    by_id = judged(load(first, second), scenario()).readiness
    assert by_id.next_action == "alpha/g"
    listed = judged(load(first, second, boards=["zeta"]), scenario()).readiness
    assert listed.next_action == "zeta/g"
    assert list(listed.boards) == ["zeta", "alpha"]


def test_owners_see_their_own_gates_those_that_hold_back_most_first() -> None:
    policy = gates(
        small={"accept": True},
        big={"accept": True},
        behind={"accept": True, "needs": ["big"], "owner": "tech"},
        broken={"rule": "1 / count == 1", "owner": "tech"},
    )
    owners = judged(load(policy), scenario(count=0)).readiness.owners
    assert owners["chief"]._replace(role="") == (
        "",
        ("ann", "bob"),
        ("main/big", "main/small"),
        (),
        (),
    )
    assert owners["tech"]._replace(role="") == (
        "",
        ("tim",),
        (),
        ("main/broken",),
        ("main/behind",),
    )
