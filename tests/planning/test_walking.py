"""Plans are walked: each action has its turn, does what the plan says, and the end is the goal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bfg_policy import graph
from bfg_policy.instants import format_instant, parse_instant
from bfg_policy.pack import is_whole, whole
from bfg_policy.readiness import ACTIONABLE, READY
from tests.bfg.documents import claim, document, pack, seal
from tests.recording.project import SCENARIO, copied
from tests.running import run

START = parse_instant("2026-11-23T12:00:00Z")
GOAL = "production-readiness"
Data = dict[str, Any]


class Walker:
    """Somebody who does what a plan says, with the product's own commands and with an editor."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = project / SCENARIO
        self.minute = 0
        self.donor = document("production-go")

    @property
    def at(self) -> str:
        return format_instant(START + timedelta(minutes=self.minute))

    def run(self, *arguments: str) -> Data:
        ran = run(*arguments, "--at", self.at, "--format", "json", cwd=self.project)
        assert ran.code in {0, 1}, ran
        found: Data = json.loads(ran.stdout)
        return found

    def statuses(self) -> dict[str, str]:
        gates = self.run("check")["gates"]
        return {gate: found["status"] for gate, found in gates.items()}

    def plan(self, goal: str = GOAL) -> Data:
        return self.run("plan", goal)

    def do(self, action: Data) -> None:
        for kind in action["kinds"]:
            getattr(self, kind)(action)

    def accept(self, action: Data) -> None:
        (actor, *_) = action["actors"]
        ran = run("accept", *action["gates"], "--as", actor, "--at", self.at, cwd=self.project)
        assert ran.code == 0, ran.stdout

    def fact(self, action: Data) -> None:
        """Write down what production-go has written down for the same gates."""
        file = self.folder / "scenario.yaml"
        data = yaml.safe_load(file.read_text())
        for key in {each.partition(".")[0] for each in paths(action)}:
            if key == "snapshot":
                self.snapshot(data)
                continue
            for path in paths(action):
                if path.startswith(f"{key}."):
                    put(data, self.donor, path.split("."))
        file.write_text(yaml.safe_dump(data, sort_keys=False))

    def snapshot(self, data: Data) -> None:
        tables = {name: rows[:1] for name, rows in self.donor["snapshot"]["tables"].items()}
        whole = {**data, "snapshot": {**data["snapshot"], "tables": tables}, "evidence": {}}
        claim(whole)
        payload = {"schema": whole["snapshot"]["schema"], "tables": tables}
        (self.folder / "snapshot.json").write_text(json.dumps(payload))
        data["snapshot"] = {key: each for key, each in whole["snapshot"].items() if key != "tables"}

    def evidence(self, action: Data) -> None:
        """A collector's record as production-go has one, of this scenario and this minute."""
        asked = action["evidence"]
        scenario = yaml.safe_load((self.folder / "scenario.yaml").read_text())
        records = self.donor["evidence"].items()
        (name, record) = next(each for each in records if each[1]["contract"] == asked["contract"])
        digest = scenario["snapshot"]["sha256"]
        kind = "live" if asked["live"] else "ephemeral"
        record.update(observed_at=self.at, target={"adapter": scenario["target"], "kind": kind})
        for section in [record, *record.values()]:
            if isinstance(section, dict):
                digests = ("sha256", "snapshot_sha256") & section.keys()
                section.update(dict.fromkeys(digests, digest))
                section.update({"actors": len(scenario["actors"])} if "actors" in section else {})
        if "tls" in record:
            record["tls"]["sha256"] = "5f" * 32
        seal(record)
        (self.folder / "evidence").mkdir(exist_ok=True)
        (self.folder / "evidence" / f"{name}.json").write_text(json.dumps(record))


def paths(action: Data) -> list[str]:
    """The paths in the data that an action names: those that were read, or are not there."""
    read = [reading["path"] for reading in action["readings"] if reading["path"]]
    missing = [each.split("`")[1] for each in action["because"] if each.endswith("is not there")]
    return read + missing


def put(data: Data, donor: Data, path: list[str]) -> None:
    key, *rest = path
    if rest and isinstance(data.get(key), dict):
        put(data[key], donor[key], rest)
    else:
        data[key] = donor[key]


@pytest.mark.slow
@pytest.mark.parametrize("goal", [GOAL, "rollback-drill"])
def test_a_plan_walked_step_by_step_ends_at_its_goal(tmp_path: Path, goal: str) -> None:
    walker = Walker(copied(tmp_path))
    plan = walker.plan(goal)
    before = walker.statuses()
    for action in plan["actions"]:
        walker.minute += 1
        turn = [gate for gate in action["gates"] if before[gate] in ACTIONABLE]
        assert turn, f"{action['number']}: it is not the turn of {action['gates']}"
        walker.do(action)
        after = walker.statuses()
        needed = needs(walker, goal)
        ready = {gate for gate in needed if after[gate] in READY and before[gate] not in READY}
        assert ready == set(action["makes_ready"])
        opened = {g for g in needed if after[g] in ACTIONABLE and before[g] not in ACTIONABLE}
        assert opened == set(action["makes_next"])
        assert not {gate for gate in before if before[gate] in READY and after[gate] not in READY}
        before = after
        rest = walker.plan(goal)
        assert len(rest["actions"]) == len(plan["actions"]) - action["number"]
    assert all(before[gate] in READY for gate in needs(walker, goal))
    done = walker.plan(goal)
    assert (done["actions"], done["ready"]) == ([], done["gates"])
    if goal == GOAL:
        assert walker.run("check")["verdict"] == "GO"
    check_the_deadline(walker, plan, goal)


def check_the_deadline(walker: Walker, plan: Data, goal: str) -> None:
    """What the plan says of its end is no later than what is true once it was walked."""
    until = parse_instant(plan["proof_until"]["at"])
    last = parse_instant(walker.plan(goal)["proof_until"]["at"])
    assert until <= last <= until + timedelta(minutes=walker.minute)


def needs(walker: Walker, goal: str) -> set[str]:
    found = graph.reachable(pack().pack.needs, whole(goal))
    return {node for node in found if not is_whole(node)}
