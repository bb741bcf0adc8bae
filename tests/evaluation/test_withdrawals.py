"""Withdrawals: what takes back an acceptance, and what only looks as if it did."""

from __future__ import annotations

from typing import Any

import pytest

from bfg_policy.errors import BfgPolicyError
from bfg_policy.instants import format_instant
from tests.evaluation.lab import codes, gates, judged, load, scenario, status

ACCEPT: dict[str, Any] = {"accept": True}
SIGNER: dict[str, Any] = {"accept": {"actor": "signer"}}


def given(by: str, hour: int, **more: Any) -> dict[str, Any]:
    return {"gate": "main/g", "by": by, "at": f"2026-11-20T{hour:02}:00:00Z", **more}


def withdrawn(by: str, hour: int, **more: Any) -> dict[str, Any]:
    return given(by, hour, withdrawn=True, **more)


READY, NEXT = "ready:proved", "next:acceptance-withdrawn"
INVALID = "invalid:acceptance-invalid"
# What the gate asks for, the records, what the gate is then, and the codes of the findings.
CASES: list[tuple[dict[str, Any], list[dict[str, Any]], str, list[str]]] = [
    (ACCEPT, [given("ann", 8), withdrawn("ann", 9)], NEXT, []),
    (ACCEPT, [given("ann", 8), withdrawn("bob", 9)], NEXT, []),  # of the owning role
    (ACCEPT, [withdrawn("ann", 9), given("ann", 8)], NEXT, []),  # whatever order they stand in
    (ACCEPT, [given("ann", 8), withdrawn("ann", 9), given("bob", 10)], READY, []),
    (ACCEPT, [given("ann", 8), withdrawn("ann", 8)], NEXT, []),
    (ACCEPT, [withdrawn("ann", 8), given("ann", 8)], NEXT, []),
    (ACCEPT, [given("ann", 8, expires="2026-11-20T09:00:00Z"), withdrawn("ann", 10)], NEXT, []),
    (ACCEPT, [given("ann", 8), withdrawn("tim", 9)], INVALID, ["BFG541"]),
    (ACCEPT, [given("ann", 8), withdrawn("ghost", 9)], INVALID, ["BFG541"]),
    (ACCEPT, [given("ann", 8), withdrawn("tim", 9), given("ann", 10)], READY, ["BFG541"]),
    # Whoever forged one may take it back, and nobody else of that role may.
    (ACCEPT, [given("tim", 8), withdrawn("tim", 9)], NEXT, ["BFG510"]),
    (
        ACCEPT,
        [given("tim", 7), given("ann", 8), withdrawn("tim", 9)],
        INVALID,
        ["BFG510", "BFG541"],
    ),
    (ACCEPT, [withdrawn("ann", 9)], NEXT, ["BFG540"]),
    (ACCEPT, [withdrawn("tim", 9)], INVALID, ["BFG541"]),
    (ACCEPT, [given("ann", 8), withdrawn("ann", 7)], READY, ["BFG540"]),
    (ACCEPT, [given("ann", 8), withdrawn("ann", 9), withdrawn("bob", 10)], NEXT, ["BFG540"]),
    (ACCEPT, [given("ann", 8), withdrawn("ann", 13)], INVALID, ["BFG511"]),
    (SIGNER, [given("tim", 8), withdrawn("tim", 9)], NEXT, []),
    (SIGNER, [given("tim", 8), withdrawn("ann", 9)], NEXT, []),  # the owner is a chief
    ({"rule": "ok"}, [withdrawn("ann", 9)], INVALID, ["BFG513"]),
]


@pytest.mark.parametrize(("asks", "records", "expected", "found"), CASES)
def test_the_latest_record_counts(
    asks: dict[str, Any], records: list[dict[str, Any]], expected: str, found: list[str]
) -> None:
    held = scenario(ok=True, signer="tim", acceptances=records)
    assert status(gates(g=asks), held, "g") == expected
    assert sorted(codes(gates(g=asks), held)) == found


def test_who_when_and_why_are_told_and_nobody_is_said_to_have_accepted() -> None:
    held = scenario(acceptances=[given("ann", 8), withdrawn("bob", 9, note="The tables changed.")])
    gate = judged(load(gates(g=ACCEPT)), held).readiness.gates["main/g"]
    assert gate.because == (
        "`bob` withdrew its acceptance at 2026-11-20T09:00:00Z: The tables changed."
    )
    assert gate.acceptance is None


def test_a_waiver_stands_in_for_what_was_withdrawn() -> None:
    waiver = {
        "gate": "main/g",
        "reason": "r",
        "requested_by": "tim",
        "approved_by": "ann",
        "expires": "2026-12-01T00:00:00Z",
    }
    held = scenario(acceptances=[given("ann", 8), withdrawn("ann", 9)], waivers=[waiver])
    assert status(gates(g=ACCEPT), held, "g") == "waived:waived"


def test_the_instant_of_a_withdrawal_to_come_is_the_next_change() -> None:
    held = scenario(acceptances=[given("ann", 8), withdrawn("ann", 13)])
    change = judged(load(gates(g=ACCEPT)), held).readiness.next_change
    assert change is not None
    assert format_instant(change.at) == "2026-11-20T13:00:00Z"
    assert change.why == "acceptance-withdrawn"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (given("ann", 9, withdrawn=False), "BFG204"),
        (given("ann", 9, withdrawn="yes"), "BFG203"),
        (withdrawn("ann", 9, expires="2026-12-01T00:00:00Z"), "BFG201"),
    ],
)
def test_a_withdrawal_says_so_and_never_ends(record: dict[str, Any], code: str) -> None:
    with pytest.raises(BfgPolicyError) as caught:
        judged(load(gates(g=ACCEPT)), scenario(acceptances=[given("ann", 8), record]))
    (finding,) = caught.value.findings
    assert finding.code == code
