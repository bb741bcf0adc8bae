"""Plans: what each lack becomes, in which order, for whom, and how few hand-overs there are."""

from __future__ import annotations

import json
import time
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bfg_policy.instants import format_instant, parse_instant
from bfg_policy.pack import is_whole
from bfg_policy.planning.planning import make_plan
from bfg_policy.planning.types import Plan
from bfg_policy.readiness import ACTIONABLE
from bfg_policy.reporters import Judged
from bfg_policy.reporters.planning import report
from tests.evaluation.lab import AT, gates, judged, load, record, scenario, snapshot
from tests.recording.project import copied
from tests.rendering.github import Shown
from tests.rendering.hostile import OURS, strings
from tests.reporters.test_json import validator
from tests.running import run
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

Data = dict[str, Any]
ACCEPT: Data = {"accept": True}
RULE: Data = {"rule": "ok"}
PROBE: Data = {
    "evidence": {"contract": "Probe.v1", "fresh_for": "1d"},
    "rule": "evidence.seen.level > 2",
}
LIVE: Data = {**PROBE, "evidence": {**PROBE["evidence"], "target": "live", "fresh_for": "2h"}}
WAIVER = {
    "gate": "main/g",
    "reason": "r",
    "requested_by": "tim",
    "approved_by": "ann",
    "expires": "2026-12-01T00:00:00Z",
}


def planned(
    policy: Data, document: Data, goal: str | None = "main", at: str = AT, **pack: Any
) -> Plan:
    loaded = load(policy, **pack)
    found = judged(loaded, document, at)
    return make_plan(loaded.pack, found.scenario, found.readiness, goal, parse_instant(at))


def told(plan: Plan) -> list[str]:
    """Each action as `owner: kinds gates`, without the board."""
    jobs = [action.job for action in plan.actions]
    gates = [" ".join(gate.removeprefix("main/") for gate in job.gates) for job in jobs]
    return [
        f"{job.owner}: {'+'.join(job.kinds)} {named}"
        for job, named in zip(jobs, gates, strict=True)
    ]


def accepted(gate: str = "main/g", by: str = "ann", **more: Any) -> Data:
    return {"gate": gate, "by": by, "at": "2026-11-20T10:00:00Z", **more}


OLD = record(observed_at="2026-11-10T00:00:00Z")
# What the gates ask, what the scenario holds, and the plan.
CASES: dict[str, tuple[Data, Data, list[str]]] = {
    "ready": (gates(g=RULE), {"ok": True}, []),
    "a fact that is false": (gates(g=RULE), {"ok": False}, ["chief: fact g"]),
    "a fact that is not there": (gates(g=RULE), {}, ["chief: fact g"]),
    "an acceptance": (gates(g=ACCEPT), {}, ["chief: accept g"]),
    "one that has expired": (
        gates(g=ACCEPT),
        {"acceptances": [accepted(expires="2026-11-20T11:00:00Z")]},
        ["chief: accept g"],
    ),
    "one that was withdrawn": (
        gates(g=ACCEPT),
        {"acceptances": [accepted(), {**accepted(withdrawn=True), "at": "2026-11-20T11:00:00Z"}]},
        ["chief: accept g"],
    ),
    "one that is forged": (
        gates(g=ACCEPT),
        {"acceptances": [accepted(by="tim")]},
        ["chief: accept g"],
    ),
    "one from the future": (
        gates(g=ACCEPT),
        {"acceptances": [{**accepted(), "at": "2026-11-21T00:00:00Z"}]},
        ["chief: mend g"],
    ),
    "one that nothing asks for": (
        gates(g=RULE),
        {"ok": True, "acceptances": [accepted()]},
        ["chief: mend g"],
    ),
    "a rule that breaks": (gates(g={"rule": "1 / count > 0"}), {"count": 0}, ["chief: mend g"]),
    "fact and acceptance in one": (gates(g={**RULE, **ACCEPT}), {}, ["chief: fact+accept g"]),
    "by two people": (
        gates(g={**RULE, "accept": {"actor": "signer"}}),
        {"signer": "tim"},
        ["chief: fact g", "tech: accept g"],
    ),
    "by nobody who is there": (
        gates(g={"accept": {"actor": "signer"}}),
        {"signer": "ghost"},
        ["chief: accept g"],
    ),
    "by whom is not told": (
        gates(g={"accept": {"actor": "signer"}}),
        {},
        ["chief: fact+accept g"],
    ),
    "evidence": (gates(g=PROBE), {}, ["chief: evidence g"]),
    "evidence that is old": (gates(g=PROBE), {"evidence": {"p": OLD}}, ["chief: evidence g"]),
    "evidence that is forged": (
        gates(g=PROBE),
        {"evidence": {"p": record(sha256="0" * 64)}},
        ["chief: evidence g"],
    ),
    "evidence that says no": (
        gates(g=PROBE),
        {"evidence": {"p": record(seen={"status": "pass", "level": 1})}},
        ["chief: evidence g"],
    ),
    "evidence of a section that failed": (
        gates(g=PROBE),
        {"evidence": {"p": record(seen={"status": "fail", "level": 5})}},
        ["chief: evidence g"],
    ),
    "one record for all its gates": (
        gates(a=PROBE, b={**PROBE, "needs": ["a"]}, c={**LIVE, "needs": ["b"]}),
        {},
        ["chief: evidence a b c"],
    ),
    "the record holds, and a fact beside it does not": (
        gates(g={**PROBE, "rule": "evidence.seen.level > 2 && ok"}),
        {"evidence": {"p": record()}},
        ["chief: fact g"],
    ),
    "neither holds": (
        gates(g={**PROBE, "rule": "ok && evidence.seen.level > count"}),
        {"count": 3},
        ["chief: fact g", "chief: evidence g"],
    ),
    "evidence, then acceptance": (
        gates(g={**PROBE, **ACCEPT}),
        {},
        ["chief: evidence g", "chief: accept g"],
    ),
    "facts that overlap are one": (
        gates(a={"rule": "count > 0"}, b={"rule": "count > 0 && ok"}, c={"rule": "name != 'x'"}),
        {"count": 0, "ok": False, "name": "x"},
        ["chief: fact a b", "chief: fact c"],
    ),
    "but not those of two owners": (
        gates(a=RULE, b={**RULE, "owner": "tech"}),
        {"ok": False},
        ["chief: fact a", "tech: fact b"],
    ),
    "a waived gate is left alone": (gates(g=RULE), {"ok": False, "waivers": [WAIVER]}, []),
    "a waiver that is over is not": (
        gates(g=RULE),
        {"ok": False, "waivers": [{**WAIVER, "expires": "2026-11-20T11:00:00Z"}]},
        ["chief: fact g"],
    ),
    "what only aggregates follows": (
        gates(sum={"needs": ["a", "b"]}, a=ACCEPT, b=ACCEPT, other=RULE),
        {"ok": True},
        ["chief: accept a", "chief: accept b"],
    ),
    "what unblocks most comes first": (
        gates(a=ACCEPT, b=ACCEPT, c={"needs": ["b"]}),
        {},
        ["chief: accept b", "chief: accept a"],
    ),
    "who is at work goes on": (
        gates(a=ACCEPT, b={**ACCEPT, "owner": "tech", "needs": ["a"]}, c=ACCEPT, d=ACCEPT),
        {},
        ["chief: accept a", "chief: accept c", "chief: accept d", "tech: accept b"],
    ),
    "the fewest hand-overs": (
        gates(a=ACCEPT, b={**ACCEPT, "owner": "tech"}, c={**ACCEPT, "needs": ["b"]}),
        {},
        ["tech: accept b", "chief: accept a", "chief: accept c"],
    ),
    "facts that a record is about come first": (
        gates(
            a={**PROBE, "rule": "evidence.seen.level > 2"}, b={"rule": "snapshot.rows.samples > 0"}
        ),
        {"snapshot": snapshot(0)},
        ["chief: fact b", "chief: evidence a"],
    ),
    "unless they wait for the record": (
        gates(a=PROBE, b={"rule": "snapshot.rows.samples > 0", "needs": ["a"]}),
        {"snapshot": snapshot(0)},
        ["chief: evidence a", "chief: fact b"],
    ),
    "a record about what changes is made anew": (
        gates(a=PROBE, b={"rule": "snapshot.rows.samples > 0"}),
        {
            "snapshot": (empty := snapshot(0)),
            "evidence": {"p": record(snapshot_sha256=empty["sha256"])},
        },
        ["chief: fact b", "chief: evidence a"],
    ),
    "and one about something else is not": (
        gates(a=PROBE, b={"rule": "snapshot.rows.samples > 0"}),
        {"snapshot": snapshot(0), "evidence": {"p": record()}},
        ["chief: fact b"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_each_lack_becomes(name: str) -> None:
    policy, holds, expected = CASES[name]
    assert told(planned(policy, scenario(**holds))) == expected


def test_only_what_the_goal_needs_is_planned() -> None:
    policy = gates(a=ACCEPT, b={**ACCEPT, "needs": ["a"]}, c={**ACCEPT, "needs": ["b"]})
    assert told(planned(policy, scenario(), "main/b")) == ["chief: accept a", "chief: accept b"]
    assert planned(policy, scenario(), "main/b").gates == 2
    assert len(planned(policy, scenario(), None).actions) == 3


def test_a_record_is_as_live_and_as_young_as_its_strictest_gate_asks() -> None:
    plan = planned(gates(a=PROBE, b=LIVE), scenario())
    (action,) = plan.actions
    assert action.job.recording == (
        "Probe.v1",
        True,
        parse_instant(AT) - parse_instant("2026-11-20T10:00:00Z"),
    )
    assert plan.proof_until is not None
    assert format_instant(plan.proof_until.at) == "2026-11-20T14:00:01Z"


def until(plan: Plan) -> list[str | None]:
    return [
        None if action.proof_until is None else format_instant(action.proof_until.at)
        for action in plan.actions
    ]


def test_each_action_tells_until_when_the_proof_before_it_holds() -> None:
    policy = gates(
        a=ACCEPT,
        b={**PROBE, "needs": ["a"]},
        c={**ACCEPT, "needs": ["b"]},
        d={**ACCEPT, "owner": "tech", "needs": ["c"]},
    )
    plan = planned(policy, scenario())
    assert until(plan) == [None, None, "2026-11-21T12:00:01Z", "2026-11-21T12:00:01Z"]
    given = accepted("main/a", expires="2026-11-20T13:00:00Z")
    plan = planned(policy, scenario(acceptances=[given]))
    assert until(plan) == ["2026-11-20T13:00:00Z"] * 3


def test_a_waiver_on_the_way_is_noted_and_ends() -> None:
    policy = gates(g=RULE, h={**ACCEPT, "needs": ["g"]})
    plan = planned(policy, scenario(ok=False, waivers=[WAIVER]))
    assert [each.gate for each in plan.waived] == ["main/g"]
    assert until(plan) == ["2026-12-01T00:00:00Z"]
    ready = planned(policy, scenario(ok=True, waivers=[WAIVER]))
    assert ready.waived == ()
    assert until(ready) == [None]


# Random packs of gates that ask for an acceptance each, or only for their needs.
ROLES = ["one", "two", "three"]


@st.composite
def packs(draw: st.DrawFn) -> tuple[Data, int]:
    size = draw(st.integers(1, 7))
    listed: Data = {}
    for index in range(size):
        needs = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        gate: Data = {"owner": draw(st.sampled_from(ROLES))}
        if needs:
            gate["needs"] = [f"g{each}" for each in sorted(needs)]
        if not needs or draw(st.booleans()):
            gate["accept"] = True
        listed[f"g{index}"] = gate
    return {"policy": "main", "owner": "one", "gates": listed}, size


def fewest(policy: Data) -> int:
    """The fewest hand-overs of any order, by trying all of them."""
    listed = policy["gates"]

    def ready(done: frozenset[str], gate: str) -> bool:
        asks = listed[gate].get("accept", False)
        return (not asks or gate in done) and open_(done, gate)

    def open_(done: frozenset[str], gate: str) -> bool:
        return all(ready(done, need) for need in listed[gate].get("needs", ()))

    asking = [gate for gate in listed if listed[gate].get("accept")]

    @cache
    def best(done: frozenset[str], owner: str | None) -> int:
        if len(done) == len(asking):
            return 0
        return min(
            best(done | {gate}, listed[gate]["owner"])
            + (owner not in {None, listed[gate]["owner"]})
            for gate in asking
            if gate not in done and open_(done, gate)
        )

    return best(frozenset(), None)


@settings(max_examples=60, deadline=None)
@given(packs())
def test_any_plan_can_be_walked_with_the_fewest_hand_overs(drawn: tuple[Data, int]) -> None:
    policy, _ = drawn
    loaded = load(policy, roles=ROLES, waivers={})
    actors = [{"id": role, "role": role} for role in ROLES]
    document = scenario(actors=actors)
    found = judged(loaded, document)
    plan = make_plan(loaded.pack, found.scenario, found.readiness, "main", parse_instant(AT))
    assert plan.hand_overs == fewest(policy)
    assert len(plan.actions) == sum(gate.get("accept", False) for gate in policy["gates"].values())
    given: list[Data] = []
    for action in plan.actions:
        before = judged(loaded, scenario(actors=actors, acceptances=given)).readiness
        (gate,) = action.job.gates
        assert before.gates[gate].status == "next"
        given.append({"gate": gate, "by": action.job.owner, "at": AT})
        after = judged(loaded, scenario(actors=actors, acceptances=given)).readiness
        moved = [
            each.id
            for each in after.gates.values()
            if each.is_ready and not before.gates[each.id].is_ready
        ]
        assert list(action.makes_ready) == moved
        opened = [
            each.id
            for each in after.gates.values()
            if each.status in ACTIONABLE and before.gates[each.id].status not in ACTIONABLE
        ]
        assert list(action.makes_next) == opened
    assert (
        judged(loaded, scenario(actors=actors, acceptances=given)).readiness.boards["main"].is_ready
    )


def test_a_large_pack_is_planned_in_time() -> None:
    """Many owners in turn: more ways than can be tried, so the choice is only a good one."""
    size, owners = 2000, [f"role{index}" for index in range(12)]
    number = count()
    listed: Data = {}
    for index in range(size):
        gate: Data = {"owner": owners[next(number) * 7 % 12], "accept": True}
        if index >= 40:
            gate["needs"] = [f"g{index - 40}", f"g{index - 37}"]
        listed[f"g{index}"] = gate
    policy = {"policy": "main", "owner": owners[0], "gates": listed}
    loaded = load(policy, roles=owners, waivers={})
    found = judged(loaded, scenario(actors=[]))
    start = time.process_time()
    plan = make_plan(loaded.pack, found.scenario, found.readiness, None, parse_instant(AT))
    assert time.process_time() - start < 5
    done: set[str] = set()
    for action in plan.actions:
        needs = loaded.pack.gates[action.job.gates[0]].needs
        assert not any(is_whole(need) for need in needs)
        assert done >= set(needs)
        done |= set(action.job.gates)
    assert len(done) == size


NOON = ("--at", "2026-11-23T12:00:00Z")


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    ("goal", "name"),
    [
        ("production-readiness", "grant-demo-local"),
        ("migration-preflight", "staging-rehearsal"),
        ("dry-run", "production-go"),
    ],
)
def test_whole_plans(goal: str, name: str, form: str, snapshot: SnapshotAssertion) -> None:
    ran = run("plan", goal, f"scenarios/{name}", *NOON, "--format", form, cwd=ROOT)
    assert (ran.code, ran.stderr) == (0, "")
    if form == "json":
        document = json.loads(ran.stdout)
        validator("plan.v1").validate(document)
        document["pack"] = None  # its digest changes with every word of the pack
        assert document == snapshot
    else:
        assert ran.stdout == snapshot


ARGUMENTS = [
    ([], 0, "Plan for production-readiness"),
    (["dry-run"], 0, "Plan for dry-run"),
    (["dry-run/*"], 0, "Plan for dry-run"),
    (["dry-run/schema-map"], 0, "Plan for dry-run/schema-map"),
    (["rollback-checkpoint"], 0, "Plan for dry-run/rollback-checkpoint"),
    (["scenarios/production-go"], 0, "production-readiness is ready: nothing has to be done"),
    (["dry-rn"], 2, "there is no board and no gate `dry-rn`; did you mean `dry-run`?"),
    (["schema-map"], 2, "several gates have that name"),
    (["dry-run", "scenarios/none"], 2, "there is no scenario `scenarios/none`"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), ARGUMENTS, ids=str)
def test_what_the_arguments_mean(arguments: list[str], code: int, words: str) -> None:
    ran = run("plan", *arguments, *NOON, cwd=ROOT)
    assert ran.code == code, ran
    assert words in ran.stdout + ran.stderr


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_nobody_may_do_is_told(form: str, tmp_path: Path) -> None:
    """The accountant is gone; facts and records need nobody in particular."""
    project = copied(tmp_path)
    file = project / "scenarios/grant-demo-local/scenario.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("role: accountant") == 1
    file.write_text(text.replace("role: accountant", "role: driver"), encoding="utf-8")
    ran = run("plan", "decision-board/schema-rls", "--format", form, *NOON, cwd=project)
    assert ran.stdout.count("nobody in `actors` may accept it") == 1, ran
    assert "nobody in" not in run("plan", "decision-board/schema-rls", *NOON, cwd=ROOT).stdout


def reported(text: str, form: str) -> str:
    """A plan in which everything that people write is one text."""
    loaded = load(gates(a=ACCEPT, b=RULE, g={**RULE, "accept": {"actor": "name"}}))
    found = judged(loaded, scenario(ok=False, name="ann", waivers=[{**WAIVER, "gate": "main/b"}]))
    remedy = {"en": text}
    pack = loaded.pack._replace(
        gates={gate.id: gate._replace(remedy=remedy) for gate in loaded.pack.gates.values()}
    )
    actors = {actor.id: actor._replace(name=text) for actor in found.scenario.actors.values()}
    written = found.scenario._replace(actors=actors)
    plan = make_plan(pack, written, found.readiness, "main", parse_instant(AT))
    waived = tuple(each._replace(approved_by=text) for each in plan.waived)
    actions = tuple(
        action._replace(job=action.job._replace(because=(text,))) for action in plan.actions
    )
    plan = plan._replace(waived=waived, actions=actions)
    return report(form, Judged(pack, written, found.readiness), plan)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_hostile_texts_stay_texts(form: str) -> None:
    blocks = Shown(reported("x", "markdown")).blocks
    for text in OURS if form == "markdown" else strings():
        shown = reported(text, form)
        assert not any(each in shown for each in "\x00\x07\x1b\x7f\x9b\u202e\u2066\u200b\r")
        if form == "markdown":
            assert Shown(shown).blocks == blocks, text
        if form == "json":
            assert json.loads(shown)["waived"][0]["approved_by"] == text
            assert "::" not in shown
            assert "##" not in shown
