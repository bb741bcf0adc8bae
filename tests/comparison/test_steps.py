"""Ten commits take the reference scenario from 17 ready gates to 85: each is told rightly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.comparison.steps import AT, DEMO, STEPS
from tests.reporters.test_json import validator
from tests.revisions.repository import Repository, project
from tests.running import run

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

# The last commit's record of the connection was made on 20 November and is good for 30 days.
LATER = "2026-12-21T00:00:00Z"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository with a tag before the first step and after each."""
    made = project(tmp_path_factory.mktemp("road") / "bfg", "grant-demo-local")
    made.git("tag", "step-0")
    for number, step in enumerate(STEPS, 1):
        step.make(made)
        made.commit(step.name)
        made.git("tag", f"step-{number}")
    return made


def diff(road: Repository, *arguments: str) -> dict[str, Any]:
    ran = run("diff", *arguments, "--format", "json", cwd=road.folder)
    assert (ran.code, ran.stderr) == (0, "")
    document: dict[str, Any] = json.loads(ran.stdout)
    validator("readiness_diff.v1").validate(document)
    return document


def statuses(road: Repository, tag: str) -> dict[str, str]:
    """What `check` says of a commit, checked out."""
    road.git("checkout", "--quiet", tag)
    ran = run("check", DEMO, "--at", AT, "--format", "json", cwd=road.folder)
    return {gate: each["status"] for gate, each in json.loads(ran.stdout)["gates"].items()}


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_a_step(road: Repository, number: int, snapshot: SnapshotAssertion) -> None:
    step = STEPS[number - 1]
    base, head = f"step-{number - 1}", f"step-{number}"
    told = diff(road, base, head, "--at", AT)
    before, after = statuses(road, base), statuses(road, head)
    assert told["after"]["ready"] == step.ready
    assert {move["gate"]: (move["from"], move["to"]) for move in told["moves"]} == {
        gate: (before[gate], status) for gate, status in after.items() if before[gate] != status
    }
    assert told["weakened"] == told["regressed"] == told["findings"] == []
    changed = road.git("diff", "--name-only", base, head).splitlines()
    for move in told["moves"]:
        assert {cause["kind"] for cause in move["causes"]} <= step.kinds | {"need"}
        for cause in move["causes"]:
            name, path, *_ = cause["where"].split(":")
            assert name == head
            assert path in changed or cause["kind"] == "need"
    # What nothing else moved was moved by what the step did itself.
    moved = {move["gate"] for move in told["moves"]}
    for move in told["moves"]:
        if {cause["kind"] for cause in move["causes"]} == {"need"}:
            needs = [cause["what"].split("`")[1] for cause in move["causes"]]
            assert all(
                any(gate == each or gate.startswith(f"{each}/") for gate in moved) for each in needs
            )
    road.git("checkout", "--quiet", "main")
    assert [_told(move) for move in told["moves"]] == snapshot


def _told(move: dict[str, Any]) -> str:
    causes = "; ".join(f"{cause['kind']}: {cause['what']}" for cause in move["causes"])
    return f"{move['gate']}: {move['from']} -> {move['to']} ({causes})"


def test_the_whole_road(road: Repository) -> None:
    told = diff(road, "step-0", "step-10", "--at", AT)
    assert (told["before"]["ready"], told["before"]["verdict"]) == (17, "NO-GO")
    assert (told["after"]["ready"], told["after"]["verdict"]) == (85, "GO")
    assert len(told["moves"]) == 85 - 17
    assert told["scores"][0]["to"]["ready"] == told["scores"][0]["to"]["total"]


def test_backwards_everything_regresses(road: Repository) -> None:
    told = diff(road, "step-10", "step-0", "--at", AT)
    assert len(told["regressed"]) == 85 - 17
    kinds = {cause["kind"] for move in told["moves"] for cause in move["causes"]}
    assert kinds == {"fact", "evidence", "acceptance", "need"}


def test_only_time_passes(road: Repository) -> None:
    told = diff(road, "step-10", "step-10", "--base-at", AT, "--at", LATER)
    by_time = [move for move in told["moves"] if move["causes"][0]["kind"] == "time"]
    assert told["policy_changed"] is False
    assert told["weakened"] == []
    # Its proof is over; all else waits for it in the end, whatever else is too old.
    assert by_time == [
        {
            "gate": "adapter-connection/endpoint-reachability",
            "from": "ready",
            "to": "next",
            "regressed": True,
            "causes": [
                {
                    "kind": "time",
                    "what": "evidence `adapter_connection` was fresh until 2026-12-20T09:00:00Z",
                    "where": f"step-10:{DEMO}/evidence/adapter_connection.json:3:18",
                }
            ],
        }
    ]
    assert len(told["moves"]) > 30
    kinds = {cause["kind"] for move in told["moves"] for cause in move["causes"]}
    assert kinds == {"time", "need"}


def test_nothing_happens(road: Repository) -> None:
    told = diff(road, "step-4", "step-4", "--at", AT)
    for key in ("moves", "decisions", "scores", "newly_next", "packets", "weakened", "regressed"):
        assert told[key] == []


def test_a_step_in_text_and_markdown(road: Repository, snapshot: SnapshotAssertion) -> None:
    for form in ("text", "markdown"):
        ran = run("diff", "step-2", "step-3", "--at", AT, "--format", form, cwd=road.folder)
        assert ran.code == 0
        assert ran.stdout == snapshot(name=form)
