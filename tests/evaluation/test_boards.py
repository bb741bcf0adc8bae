"""What boards decide, and what scores count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evaluation.lab import judged, load, scenario


def board(name: str, *gates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "policy": name,
        "owner": "chief",
        "gates": {f"g{index}": gate for index, gate in enumerate(gates)},
        **more,
    }


OK = {"rule": "ok"}
ONE = {"rule": "count == 1"}
LADDER = [
    {"code": "WAIT_FIRST", "until": ["first"], "also": {"traffic": "off"}},
    {"code": "WAIT_GATE", "until": ["second/g0"]},
    {"code": "WAIT_SECOND", "until": ["second"]},
    {"code": "GO", "also": {"traffic": "on"}},
]


@pytest.mark.parametrize(
    ("facts", "code", "also"),
    [
        ({}, "WAIT_FIRST", {"traffic": "off"}),
        ({"count": 1}, "WAIT_FIRST", {"traffic": "off"}),
        ({"ok": True}, "WAIT_GATE", {}),
        ({"ok": True, "count": 1}, "WAIT_SECOND", {}),
        ({"ok": True, "count": 1, "name": "x"}, "GO", {"traffic": "on"}),
    ],
)
def test_the_first_entry_that_still_waits_decides(
    facts: dict[str, Any], code: str, also: dict[str, str]
) -> None:
    second = board("second", ONE, {"rule": "name == 'x'"}, decision=LADDER)
    third = board(
        "third",
        OK,
        decision=[
            {"like": "second", "until": ["second"]},
            {"code": "HALT", "until": ["third"]},
            {"code": "THIRD"},
        ],
    )
    loaded = load(board("first", OK), second, third, verdict="second")
    found = judged(loaded, scenario(**facts)).readiness
    assert (found.boards["second"].decision, found.boards["second"].also) == (code, also)
    assert found.verdict == code
    assert found.boards["third"].decision == ("THIRD" if code == "GO" else code)
    assert found.boards["first"].decision is None


def test_without_a_verdict_board_there_is_no_verdict() -> None:
    assert judged(load(board("first", OK)), scenario()).readiness.verdict is None


@pytest.mark.parametrize(
    ("ready", "total", "percent"),
    [(0, 3, 0), (1, 3, 33), (2, 3, 67), (1, 8, 13), (5, 9, 56), (1, 200, 1), (3, 3, 100)],
)
def test_percent_rounds_half_up(ready: int, total: int, percent: int) -> None:
    boards = [board(f"b{i}", OK if i < ready else ONE, ONE) for i in range(total)]
    score = board("score", *({"needs": [f"b{i}/*"]} for i in range(total)))
    loaded = load(*boards, score, scores={"lab": "score"})
    found = judged(loaded, scenario(ok=True)).readiness.scores["lab"]
    assert (found.ready, found.started, found.total) == (0, ready, total)
    assert found.started_percent == percent


def test_a_score_counts_ready_boards() -> None:
    score = board("score", {"needs": ["one"]}, {"needs": ["two", "one/g0"]})
    loaded = load(board("one", OK), board("two", ONE), score, scores={"lab": "score"})
    found = judged(loaded, scenario(ok=True)).readiness.scores["lab"]
    assert (found.ready, found.started, found.total) == (1, 1, 2)


def test_required_boards_are_met_when_all_their_gates_are() -> None:
    loaded = load(board("one", OK, ONE), board("two", OK))
    found = judged(loaded, scenario(ok=True)).readiness
    assert found.unmet(["two", "one"]) == ("one",)
    assert found.unmet([]) == ()
