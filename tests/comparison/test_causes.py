"""Each kind of change, alone and with others: what is told is what really moved the gate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.comparison.lab import compared, told, written
from tests.evaluation.lab import gates, record, scenario, snapshot

FRESH = {"contract": "Probe.v1", "fresh_for": "2d"}
ACCEPTED = {"gate": "main/a", "by": "ann", "at": "2026-11-20T10:00:00Z"}
WAIVER = {
    "gate": "main/a",
    "reason": "It comes on Monday.",
    "requested_by": "tim",
    "approved_by": "ann",
    "expires": "2026-11-21T00:00:00Z",
}
RULE = {"rule": "ok"}
SEEN = {"evidence": FRESH, "rule": "evidence.seen.level > 2"}

Project = tuple[Any, dict[str, Any], dict[str, Any]]


def project(policy: Any, pack: dict[str, Any] | None = None, **facts: Any) -> Project:
    return policy, scenario(**facts), pack or {}


ONE: dict[str, tuple[Project, Project, list[str]]] = {
    "a rule changed": (
        project(gates(a=RULE), ok=True, count=1),
        project(gates(a={"rule": "ok && count > 1"}), ok=True, count=1),
        ["main/a ready->next: policy: its rule changed @policies/main.yaml:5:11"],
    ),
    "a rule and a title changed": (
        project(gates(a=RULE), ok=True),
        project(gates(a={"title": {"en": "A"}, "rule": "!ok"}), ok=True),
        ["main/a ready->next: policy: its rule changed @policies/main.yaml:7:11"],
    ),
    "evidence is asked for": (
        project(gates(a=RULE), ok=True),
        project(gates(a={"evidence": FRESH, "rule": "ok"}), ok=True),
        ["main/a ready->next: policy: it asks for evidence `Probe.v1` @policies/main.yaml:6:7"],
    ),
    "evidence may be less old": (
        project(gates(a=SEEN), evidence={"probe": record()}),
        project(
            gates(a={**SEEN, "evidence": {**FRESH, "fresh_for": "1h"}}),
            evidence={"probe": record()},
        ),
        ["main/a ready->next: policy: its evidence may be 1h old, not 2d @policies/main.yaml:6:7"],
    ),
    "a need was added": (
        project(gates(a=RULE, b={"rule": "count > 0"}), ok=True, count=0),
        project(gates(a={**RULE, "needs": ["b"]}, b={"rule": "count > 0"}), ok=True, count=0),
        ["main/a ready->blocked: policy: it needs `main/b` now @policies/main.yaml:7:5"],
    ),
    "a need was removed": (
        project(gates(a={**RULE, "needs": ["b"]}, b={"rule": "count > 0"}), ok=True, count=0),
        project(gates(a=RULE, b={"rule": "count > 0"}), ok=True, count=0),
        ["main/a blocked->ready: policy: it needs `main/b` no more @policies/main.yaml:7:5"],
    ),
    "acceptance is asked for": (
        project(gates(a=RULE), ok=True),
        project(gates(a={**RULE, "accept": True}), ok=True),
        [
            (
                "main/a ready->next: policy: accepted by role `chief`, not by nobody"
                " @policies/main.yaml:6:13"
            )
        ],
    ),
    "another role owns it, so the acceptance is nobody's": (
        project(gates(a={"accept": True}), acceptances=[ACCEPTED]),
        project(gates(a={"accept": True, "owner": "tech"}), acceptances=[ACCEPTED]),
        ["main/a ready->invalid: policy: owned by `tech`, not by `chief` @policies/main.yaml:6:12"],
    ),
    "a role may not approve any more": (
        project(gates(a=RULE), ok=False, waivers=[WAIVER]),
        project(gates(a=RULE), {"waivers": {"approvers": ["tech"]}}, ok=False, waivers=[WAIVER]),
        [
            (
                "main/a waived->next: policy: `waivers.approvers` of the pack changed"
                " @policies/pack.yaml:8:3"
            )
        ],
    ),
    "a fact changed, and one that nobody reads": (
        project(gates(a=RULE), ok=False, count=1, name="x"),
        project(gates(a=RULE), ok=True, count=2, name="y"),
        ["main/a next->ready: fact: `ok`: false → true @scenarios/one.json:23:8"],
    ),
    "a fact is gone": (
        project(gates(a=RULE), ok=True),
        project(gates(a=RULE), count=1),
        ["main/a ready->next: fact: `ok` is gone: true @scenarios/one.json:23:8"],
    ),
    "an actor holds another role": (
        project(gates(a={"accept": True}), acceptances=[ACCEPTED]),
        project(
            gates(a={"accept": True}),
            acceptances=[ACCEPTED],
            actors=[
                {"id": "ann", "name": "Anne", "role": "tech"},
                {"id": "bob", "name": "Bobby", "role": "chief"},
                {"id": "tim", "name": "Tim", "role": "tech"},
            ],
        ),
        [
            (
                "main/a ready->invalid: fact: `actors[0].name`: 'Ann' → 'Anne'"
                " @scenarios/one.json:9:12; fact: `actors[0].role`: 'chief' → 'tech'"
                " @scenarios/one.json:10:12"
            )
        ],
    ),
    "another target": (
        project(gates(a=SEEN), evidence={"probe": record()}),
        project(gates(a=SEEN), target="other", evidence={"probe": record()}),
        ["main/a ready->invalid: fact: `target`: 'reactor' → 'other' @scenarios/one.json:5:12"],
    ),
    "evidence is recorded": (
        project(gates(a=SEEN)),
        project(gates(a=SEEN), evidence={"probe": record()}),
        [
            (
                "main/a next->ready: evidence: evidence `probe` recorded, 2026-11-20T09:00:00Z"
                " @scenarios/one.json:24:12"
            )
        ],
    ),
    "evidence is gone": (
        project(gates(a=SEEN), evidence={"probe": record()}),
        project(gates(a=SEEN)),
        ["main/a ready->next: evidence: evidence `probe` is gone @scenarios/one.json:24:12"],
    ),
    "accepted": (
        project(gates(a={"accept": True})),
        project(gates(a={"accept": True}), acceptances=[ACCEPTED]),
        [
            (
                "main/a next->ready: acceptance: accepted by `ann`, 2026-11-20T10:00:00Z"
                " @scenarios/one.json:24:3"
            )
        ],
    ),
    "the acceptance is gone": (
        project(gates(a={"accept": True}), acceptances=[ACCEPTED]),
        project(gates(a={"accept": True})),
        [
            (
                "main/a ready->next: acceptance: what `ann` accepted at 2026-11-20T10:00:00Z"
                " is gone @scenarios/one.json:24:3"
            )
        ],
    ),
    "waived": (
        project(gates(a=RULE), ok=False),
        project(gates(a=RULE), ok=False, waivers=[WAIVER]),
        [
            (
                "main/a next->waived: waiver: waived by `ann` until 2026-11-21T00:00:00Z"
                " @scenarios/one.json:25:3"
            )
        ],
    ),
    "a need moved": (
        project(gates(a={"needs": ["b"]}, b=RULE), ok=False),
        project(gates(a={"needs": ["b"]}, b=RULE), ok=True),
        [
            "main/a blocked->ready: need: `main/b` is ready @policies/main.yaml:7:3",
            "main/b next->ready: fact: `ok`: false → true @scenarios/one.json:23:8",
        ],
    ),
    "a fact and an acceptance, both needed": (
        project(gates(a={**RULE, "accept": True}), ok=False),
        project(gates(a={**RULE, "accept": True}), ok=True, acceptances=[ACCEPTED]),
        [
            (
                "main/a next->ready: fact: `ok`: false → true @scenarios/one.json:23:8;"
                " acceptance: accepted by `ann`, 2026-11-20T10:00:00Z @scenarios/one.json:25:3"
            )
        ],
    ),
    "a fact and an acceptance, each enough to stop it": (
        project(gates(a={**RULE, "accept": True}), ok=True, acceptances=[ACCEPTED]),
        project(gates(a={**RULE, "accept": True}), ok=False),
        [
            (
                "main/a ready->next: fact: `ok`: true → false @scenarios/one.json:23:8;"
                " acceptance: what `ann` accepted at 2026-11-20T10:00:00Z is gone"
                " @scenarios/one.json:25:3"
            )
        ],
    ),
    "two facts that only together do it": (
        project(gates(a={"rule": "ok && count > 1"}), ok=False, count=0, name="x"),
        project(gates(a={"rule": "ok && count > 1"}), ok=True, count=2, name="y"),
        [
            (
                "main/a next->ready: fact: `ok`: false → true @scenarios/one.json:23:8;"
                " fact: `count`: 0 → 2 @scenarios/one.json:24:11"
            )
        ],
    ),
    "a policy that only its new fact makes ready": (
        project(gates(a={"rule": "count > 5"}), count=1),
        project(gates(a={"rule": "ok"}), ok=True),
        [
            (
                "main/a next->ready: policy: its rule changed @policies/main.yaml:5:11;"
                " fact: `ok` recorded: true @scenarios/one.json:23:8"
            )
        ],
    ),
    "a new gate, and one that is gone": (
        project(gates(a=RULE, b=RULE), ok=True),
        project(gates(a=RULE, c=RULE), ok=True),
        [
            "main/c None->ready: policy: the gate is new @policies/main.yaml:6:3",
            "main/b ready->None: policy: the gate was removed @policies/main.yaml:6:3",
        ],
    ),
    "only titles changed": (
        project(gates(a=RULE), ok=True),
        project(gates(a={"title": {"en": "A"}, **RULE}), ok=True),
        [],
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_the_causes(name: str) -> None:
    (before, first, old), (after, second, new), expected = ONE[name]
    comparison = compared(written(before, first, **old), written(after, second, **new))
    assert [told(move) for move in comparison.moves] == expected


def test_a_change_of_the_policy_that_moves_nothing_is_told_as_one() -> None:
    before = written(gates(a=RULE), scenario(ok=True))
    after = written(gates(a={"title": {"en": "A"}, **RULE}), scenario(ok=True))
    comparison = compared(before, after)
    assert (comparison.policy_changed, comparison.moves, comparison.weakened) == (True, (), ())
    assert compared(before, before).policy_changed is False


TIME: dict[str, tuple[Project, str, list[str]]] = {
    "evidence expires": (
        project(gates(a=SEEN), evidence={"probe": record()}),
        "2026-11-23T00:00:00Z",
        [
            (
                "main/a ready->next: time: evidence `probe` was fresh until 2026-11-22T09:00:00Z"
                " @scenarios/one.json:26:19"
            )
        ],
    ),
    "an acceptance expires": (
        project(
            gates(a={"accept": True}),
            acceptances=[{**ACCEPTED, "expires": "2026-11-22T00:00:00Z"}],
        ),
        "2026-11-23T00:00:00Z",
        [
            (
                "main/a ready->next: time: its acceptance expired at 2026-11-22T00:00:00Z"
                " @scenarios/one.json:28:15"
            )
        ],
    ),
    "a waiver expires": (
        project(gates(a=RULE), ok=False, waivers=[WAIVER]),
        "2026-11-21T00:00:00Z",
        [
            (
                "main/a waived->next: time: its waiver expired at 2026-11-21T00:00:00Z"
                " @scenarios/one.json:30:15"
            )
        ],
    ),
    "nothing that has an end": (project(gates(a=RULE), ok=True), "2036-11-21T00:00:00Z", []),
}


@pytest.mark.parametrize("name", TIME)
def test_time_alone(name: str) -> None:
    (policy, document, pack), at, expected = TIME[name]
    folder = written(policy, document, **pack)
    assert [told(move) for move in compared(folder, folder, at=at).moves] == expected


def test_time_and_another_change_that_each_do_it() -> None:
    policy = gates(a={**SEEN, "rule": "evidence.seen.level > 2 && ok"})
    before = written(policy, scenario(ok=True, evidence={"probe": record()}))
    after = written(policy, scenario(ok=False, evidence={"probe": record()}))
    (move,) = compared(before, after, at="2026-11-23T00:00:00Z").moves
    assert [cause.kind for cause in move.causes] == ["fact", "time"]


def test_a_list_of_many_rows_is_told_as_one() -> None:
    policy = gates(a={"rule": "snapshot.rows.samples > 3"})
    before = written(policy, scenario(snapshot=snapshot(3)))
    after = written(policy, scenario(snapshot=snapshot(500)))
    (move,) = compared(before, after).moves
    assert [cause.what for cause in move.causes] == ["`snapshot.rows.samples`: 3 → 500"]


def test_when_trials_end_what_is_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bfg_policy.comparison.moving.MOST_TRIALS_OF_ALL", 0)
    before = written(gates(a=RULE), scenario(ok=False, count=1))
    after = written(gates(a=RULE), scenario(ok=True, count=2))
    (move,) = compared(before, after).moves
    assert [cause.what for cause in move.causes] == ["`ok`: false → true", "`count`: 1 → 2"]
