"""Packs and scenarios that are valid by construction: what has to hold of any of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.fuzzing.projects import AT, Written, projects
from tests.running import Ran, run

DONE = {"ready", "waived"}
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def no_cache() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BFG_POLICY_NO_CACHE", "1")
        yield


class Quoting(yaml.SafeDumper):
    """Quotes every text: PyYAML leaves bare what only later versions of YAML read as a number."""


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'")
)


def as_yaml(content: object) -> str:
    return yaml.dump(content, Dumper=Quoting, sort_keys=False)


class Project:
    """A project on the disk, for one example."""

    def __init__(self, written: Written) -> None:
        self.folder = Path(mkdtemp(prefix="valid-"))
        for name, content in {"pack": written.pack, **written.policies}.items():
            self.write(f"policies/{name}.yaml", as_yaml(content))
        for name, content in written.contracts.items():
            self.write(f"contracts/{name}.schema.json", json.dumps(content))
        self.write("scenario.json", json.dumps(written.scenario))

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Ran:
        return run(*arguments, cwd=self.folder)

    def result(self, scenario: str = "scenario.json") -> dict[str, Any]:
        ran = self.run("check", scenario, "--at", AT, "--format", "json")
        assert ran.code in {0, 1}, ran.stdout
        found: dict[str, Any] = json.loads(ran.stdout)
        return found


def result_of(written: Written) -> dict[str, Any]:
    with Project(written) as project:
        return project.result()


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {gate: each["status"] for gate, each in result["gates"].items()}


def needed(written: Written, gate: str) -> set[str]:
    """The gates that a gate needs, by the words of the design."""
    board, _, key = gate.partition("/")
    found: set[str] = set()
    for need in written.policies[board]["gates"][key].get("needs", ()):
        if "/" in need:
            found.add(need)
        elif need in written.policies[board]["gates"]:
            found.add(f"{board}/{need}")
        else:
            found |= {f"{need}/{each}" for each in written.policies[need]["gates"]}
    return found


def dependents(written: Written, result: dict[str, Any], gate: str) -> set[str]:
    """All gates that wait for a gate, however far away."""
    found = {gate}
    for each in result["gates"]:  # needs lead only to what comes before, in the order of the ids
        if needed(written, each) & found:
            found.add(each)
    return found - {gate}


@given(written=projects())
@FEW
def test_it_is_judged_and_the_counts_add_up(written: Written) -> None:
    with Project(written) as project:
        lint = project.run("lint", "--format", "json")
        assert lint.code == 0, lint.stdout
        assert not [f for f in json.loads(lint.stdout)["findings"] if f["severity"] == "error"]
        result = project.result()
    found = statuses(result)
    assert result["total"] == len(found) == sum(len(p["gates"]) for p in written.policies.values())
    assert result["ready"] == sum(status in DONE for status in found.values())
    for board, each in result["boards"].items():
        own = [status for gate, status in found.items() if gate.startswith(f"{board}/")]
        assert each["total"] == len(own)
        assert each["ready"] == sum(status in DONE for status in own)
        if "decision" in written.policies[board]:
            assert each["decision"] == ("GO" if set(own) <= DONE else "STOP")
    for gate, each in result["gates"].items():
        open_needs = {need for need in needed(written, gate) if found[need] not in DONE}
        if each["status"] in {*DONE, "next"}:
            assert not open_needs
        if each["status"] == "blocked":
            assert open_needs
            assert {found[root] for root in each["root_causes"]} <= {"next", "invalid"}


@given(written=projects())
@FEW
def test_what_waits_for_a_gate_is_counted(written: Written) -> None:
    result = result_of(written)
    order = sorted(result["gates"])
    ordered = {**result, "gates": {gate: result["gates"][gate] for gate in order}}
    for gate, each in result["gates"].items():
        waiting = dependents(written, ordered, gate)
        count = sum(result["gates"][other]["status"] not in DONE for other in waiting)
        assert each["unblocks"] == count


def shuffled(data: Any, draw: st.DataObject) -> Any:
    """The same data with the keys of its mappings in another order, but for lists."""
    if not isinstance(data, dict):
        return data
    keys = draw.draw(st.permutations(list(data)))
    return {key: shuffled(data[key], draw) for key in keys}


@given(written=projects(), data=st.data())
@FEW
def test_the_order_of_keys_changes_no_status(written: Written, data: st.DataObject) -> None:
    other = Written(
        shuffled(written.pack, data),
        {board: shuffled(policy, data) for board, policy in written.policies.items()},
        {name: shuffled(contract, data) for name, contract in written.contracts.items()},
        shuffled(written.scenario, data),
    )
    one, two = result_of(written), result_of(other)
    assert statuses(one) == statuses(two)
    assert one["boards"] == two["boards"]
    assert sorted(f["code"] for f in one["findings"]) == sorted(f["code"] for f in two["findings"])


@given(written=projects())
@FEW
def test_the_form_of_the_scenario_changes_nothing(written: Written) -> None:
    with Project(written) as project:
        one = project.result()
        project.write("other.yaml", as_yaml(written.scenario))
        rest = {k: v for k, v in written.scenario.items() if k not in {"evidence", "acceptances"}}
        project.write("folder/scenario.yaml", json.dumps(rest, ensure_ascii=False))
        for name, record in written.scenario.get("evidence", {}).items():
            project.write(f"folder/evidence/{name}.json", json.dumps(record))
        for index, each in enumerate(written.scenario["acceptances"]):
            project.write(f"folder/acceptances/{index}.json", json.dumps(each))
        for form in ("other.yaml", "folder"):
            assert statuses(project.result(form)) == statuses(one)


@given(written=projects(), data=st.data())
@FEW
def test_what_is_asked_more_makes_nothing_ready(written: Written, data: st.DataObject) -> None:
    """A proof that never holds: no gate that was not ready becomes ready by it."""
    gates = [
        (b, k) for b, p in written.policies.items() for k, g in p["gates"].items() if "rule" in g
    ]
    assume(gates)
    board, key = data.draw(st.sampled_from(gates))
    stricter = deepcopy(written)
    gate = stricter.policies[board]["gates"][key]
    gate["rule"] = f"({gate['rule']}) && scenario.tenant == ''"
    before, after = statuses(result_of(written)), statuses(result_of(stricter))
    for name, status in after.items():
        assert status not in DONE or before[name] in DONE
    assert after[f"{board}/{key}"] != "ready"


@given(written=projects())
@settings(parent=FEW, max_examples=15)
def test_what_is_rendered_is_not_stale(written: Written) -> None:
    with Project(written) as project:
        made = project.run("render", "scenario.json", "--at", AT)
        assert made.code in {0, 1}, made.stdout  # 1: a claim that is wrong is told, and rendered
        again = project.run("render", "scenario.json", "--at", AT, "--check")
        assert again.code == 0, again.stdout
