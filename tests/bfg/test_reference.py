"""The reference scenario gives exactly the numbers of the console that the product replaces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import run
from tests.shared import ROOT, SHARED, needs_shared

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-23T10:00:00Z"

BOARDS = {
    "provider-contracts": (6, 6),
    "session-adapter": (1, 1),
    "cutover-rehearsal": (0, 6),
    "infrastructure": (0, 4),
    "provider-selection": (0, 4),
    "adapter-connection": (0, 4),
    "dry-run": (0, 5),
    "decision-board": (1, 7),
    "release-handoff": (3, 5),
    "rollback-drill": (0, 4),
    "migration-preflight": (1, 5),
    "migration-runbook": (1, 6),
    "data-cutover-batches": (1, 4),
    "data-cutover": (0, 5),
    "db-auth-wiring": (0, 7),
    "production-readiness": (1, 3),
    "integration-readiness": (2, 9),
}
DECISIONS = {
    "release-handoff": "BLOCKED_PENDING_DRY_RUN",
    "rollback-drill": "BLOCKED_PENDING_DRY_RUN",
    "migration-runbook": "BLOCKED_PENDING_PREFLIGHT",
    "data-cutover": "BLOCKED_PENDING_DATA_CUTOVER",
    "db-auth-wiring": "BLOCKED_PENDING_INFRASTRUCTURE_OR_CREDENTIALS",
    "production-readiness": "NO-GO",
}


def judged(scenario: Path, at: str = AT) -> dict[str, Any]:
    ran = run("check", scenario, "--format", "json", "--at", at, cwd=ROOT)
    assert ran.code == 0, ran
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    return judged(ROOT / "scenarios" / "grant-demo-local")


def test_counts(demo: dict[str, Any]) -> None:
    assert (demo["ready"], demo["total"], demo["verdict"]) == (17, 85, "NO-GO")


def test_boards(demo: dict[str, Any]) -> None:
    found = {name: (board["ready"], board["total"]) for name, board in demo["boards"].items()}
    assert found == BOARDS


def test_decisions(demo: dict[str, Any]) -> None:
    found = {name: board["decision"] for name, board in demo["boards"].items() if board["decision"]}
    assert found == DECISIONS
    assert demo["boards"]["db-auth-wiring"]["also"] == {"traffic": "production_traffic_disabled"}


def test_score(demo: dict[str, Any]) -> None:
    assert demo["scores"] == {
        "integration": {"ready": 2, "started": 5, "total": 9, "started_percent": 56}
    }


def test_next_action(demo: dict[str, Any]) -> None:
    assert demo["next_action"] == {
        "gate": "adapter-connection/endpoint-reachability",
        "owner": "managing_director",
        "unblocks": 32,
    }
    export = demo["gates"]["dry-run/export-snapshot"]
    assert (export["status"], export["reason"], export["unblocks"]) == ("blocked", "needs", 25)
    assert demo["next_change"] is None
    assert demo["findings"] == []


# As the tables of the console's page have it: ready, next and blocked of each board that shows
# all its gates' states.
STATES = {
    "release-handoff": "ready ready ready blocked blocked",
    "migration-preflight": "next blocked ready blocked blocked",
    "migration-runbook": "blocked blocked ready blocked blocked blocked",
    "data-cutover-batches": "ready next next next",
    "data-cutover": "blocked blocked blocked blocked blocked",
    "adapter-connection": "next blocked blocked blocked",
    "cutover-rehearsal": "next next next next next next",
    "production-readiness": "ready blocked blocked",
}


@pytest.mark.parametrize("board", STATES)
def test_states(demo: dict[str, Any], board: str) -> None:
    found = [gate["status"] for name, gate in demo["gates"].items() if name.startswith(board + "/")]
    assert found == STATES[board].split()


def test_production_go() -> None:
    go = judged(ROOT / "scenarios" / "production-go")
    assert (go["ready"], go["total"], go["verdict"]) == (85, 85, "GO")
    assert (go["next_action"], go["findings"]) == (None, [])
    assert {gate["status"] for gate in go["gates"].values()} == {"ready"}


@needs_shared
def test_the_example_is_go_for_thirty_days() -> None:
    example = SHARED / "reference" / "scenario-example.yaml"
    go = judged(example)
    assert (go["ready"], go["verdict"]) == (85, "GO")
    change = go["next_change"]["at"]
    assert change == "2026-12-20T09:00:01Z"
    assert judged(example, "2026-12-20T09:00:00Z")["ready"] == 85
    over = judged(example, change)
    assert over["verdict"] == "NO-GO"
    assert {finding["code"] for finding in over["findings"]} == {"BFG505"}
    assert len(over["findings"]) == 2
    expired = {name for name, gate in over["gates"].items() if gate["reason"] == "evidence-expired"}
    assert expired == {"adapter-connection/endpoint-reachability"} | {
        name for name, gate in over["gates"].items() if gate["status"] == "next"
    }


def test_production_go_expires_when_it_said() -> None:
    scenario = ROOT / "scenarios" / "production-go"
    change = judged(scenario)["next_change"]["at"]
    over = judged(scenario, change)
    assert over["verdict"] == "NO-GO"
    assert "evidence-expired" in {gate["reason"] for gate in over["gates"].values()}


def test_staging_is_on_its_way() -> None:
    staging = judged(ROOT / "scenarios" / "staging-rehearsal")
    assert staging["verdict"] == "NO-GO"
    assert 17 < staging["ready"] < 85
    assert staging["boards"]["adapter-connection"]["ready"] == 4
    accepted = staging["boards"]["cutover-rehearsal"]["ready"]
    assert 0 < accepted < 6
