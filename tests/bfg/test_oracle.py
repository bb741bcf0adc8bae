"""Any scenario gives what the console's tables imply: the engine against a second reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bfg import oracle
from tests.bfg.agreement import assert_agreed, engine, tables
from tests.bfg.documents import (
    AT,
    SCENARIOS,
    SECTIONS,
    TEXTS,
    Document,
    claim,
    document,
    folder_of,
    parent_of,
    ready,
    seal,
)

# What may become of a scenario. Each edit draws what it needs and changes the document in place;
# where the document no longer has what it would change, it does nothing.

Edit = Callable[[st.DrawFn, Document], None]

# What these facts say in one scenario or another, and things that none of them should say.
WORDS = st.sampled_from(
    [
        "",
        " ",
        "\t\n",
        "other",
        "file-local",
        "ScenarioStore.v1",
        "ScenarioStore.v2",
        "EU",
        "eu",
        "eu-central-1",
        "eu-west-2",
        "eu-central-2",
        "europe-west1",
        "europe-west2",
        "europe-west6",
        "us-east-1",
        "user_md_anna",
        "user_dispatcher_marek",
        "ghost",
    ]
)
ADAPTERS = st.sampled_from(
    ["db-auth-session-adapter", "tenant-rbac-adapter", "file-local", " ", "x"]
)
GATES = st.sampled_from([*oracle.GATES, "cutover-rehearsal/no-such-gate"])
ASKS = st.sampled_from(sorted(oracle.ACCEPTED))
# Around the instant of judgement, and around the age of 30 days.
MONTH = 30 * 86400
SECONDS = st.sampled_from(
    [-MONTH - 1, -MONTH, -MONTH + 1, -86400, -1, -0.5, 0, 0.5, 1, 60, 86400, MONTH]
)


def later(seconds: float) -> str:
    return (AT + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def change_text(draw: st.DrawFn, document: Document) -> None:
    parent, key = parent_of(document, draw(st.sampled_from(TEXTS)))
    if isinstance(parent, dict):
        parent[key] = draw(WORDS)


def drop(draw: st.DrawFn, document: Document) -> None:
    parent, key = parent_of(document, draw(st.sampled_from(TEXTS + SECTIONS)))
    if isinstance(parent, dict):
        parent.pop(key, None)


def one_of(draw: st.DrawFn, items: list[Any] | None) -> Any:
    return draw(st.sampled_from(items)) if items else None


def change_provider(draw: st.DrawFn, document: Document) -> None:
    provider = one_of(draw, document.get("providers"))
    if provider is None:
        return
    key = draw(st.sampled_from(["current", "target", "contract_ready", "id", "twin", "gone"]))
    if key == "twin":
        document["providers"].append(deepcopy(provider))
    elif key == "gone":
        document["providers"].remove(provider)
    elif key == "id":
        provider["id"] = "another"
    elif draw(st.booleans()):
        provider.pop(key, None)
    else:
        provider[key] = draw(st.booleans()) if key == "contract_ready" else draw(WORDS)


def change_plan(draw: st.DrawFn, document: Document) -> None:
    step = one_of(draw, document.get("rollout"))
    if step is None:
        return
    if draw(st.booleans()):
        document["rollout"].remove(step)
    else:
        step["state"] = draw(st.sampled_from(["active", "planned", "retired"]))


def change_target(draw: st.DrawFn, document: Document) -> None:
    document["target"] = draw(ADAPTERS)
    for record in document.get("evidence", {}).values():
        if draw(st.booleans()):
            record["target"]["adapter"] = document["target"]
            seal(record)


def change_actor(draw: st.DrawFn, document: Document) -> None:
    actor = one_of(draw, document["actors"])
    kind = draw(st.sampled_from(["gone", "twin", "role", "id", "permissions", "blank", "none"]))
    if actor is None:
        return
    if kind == "gone":
        document["actors"].remove(actor)
    elif kind == "twin":
        document["actors"].append(deepcopy(actor))
    elif kind == "role":
        actor["role"] = draw(st.sampled_from([*oracle.ROLES, "pilot"]))
    elif kind == "id":
        actor["id"] = draw(st.sampled_from(["somebody", "user_md_anna"]))
    elif kind == "none":
        actor.pop("permissions", None)
    else:
        actor["permissions"] = [" "] if kind == "blank" else []


def forget_actors(_: st.DrawFn, document: Document) -> None:
    document["actors"] = []


def change_snapshot(draw: st.DrawFn, document: Document) -> None:
    """Other rows, claimed rightly or not; the records follow only where they are claimed anew."""
    tables = document.get("snapshot", {}).get("tables")
    if not tables:
        return
    name = draw(st.sampled_from(sorted(tables)))
    kind = draw(st.sampled_from(["empty", "gone", "more", "order", "tenant"]))
    if kind == "gone":
        del tables[name]
    elif kind == "tenant":
        document["tenant"] = "another"
    elif kind == "order":
        tables[name].reverse()
    else:
        tables[name] = (
            [] if kind == "empty" else [*tables[name], {"tenant_id": "bfg", "kg": 2**53 - 1}]
        )
    if draw(st.booleans()) and "evidence" in document:
        claim(document)


def change_rows(draw: st.DrawFn, document: Document) -> None:
    """Other claims; with the payload they are a lie, without it nobody can tell."""
    rows = document.get("snapshot", {}).get("rows")
    if rows:
        rows[draw(st.sampled_from(sorted(rows)))] = draw(st.sampled_from([0, 1, 2, 4]))
        if draw(st.booleans()):
            document["snapshot"].pop("tables", None)


FACTS = {
    "reachable": st.booleans(),
    "rolled_back": st.booleans(),
    "redacted": WORDS,
    "storage": WORDS,
    "replay_id": WORDS,
    "actors": st.sampled_from([0, 4, 5, 7, 9]),
    "unmapped": st.sampled_from([0, 1]),
    "sha256": st.sampled_from(["", "ab" * 32, "AB" * 32, "ab" * 32 + "\n"]),
}


def change_record(draw: st.DrawFn, document: Document) -> None:
    """What was observed, when, and of what; sealed again as a collector would, or tampered with."""
    records = document.get("evidence", {})
    name = one_of(draw, sorted(records))
    if name is None:
        return
    record = records[name]
    sections = sorted(
        key for key, value in record.items() if isinstance(value, dict) and "status" in value
    )
    kind = draw(
        st.sampled_from(
            ["age", "age", "kind", "adapter", "snapshot", "gone", "twin", "section", "seal"]
        )
    )
    if kind == "age":
        record["observed_at"] = later(draw(SECONDS))
    elif kind == "kind":
        record["target"]["kind"] = draw(st.sampled_from(["live", "ephemeral"]))
    elif kind == "adapter":
        record["target"]["adapter"] = draw(ADAPTERS)
    elif kind == "snapshot" and "snapshot_sha256" in record:
        record["snapshot_sha256"] = "ab" * 32
    elif kind == "gone":
        del records[name]
    elif kind == "twin":
        records["twin"] = deepcopy(record)
    elif kind == "seal":
        record["sha256"] = draw(st.sampled_from(["ab" * 32, record["sha256"]]))
        return
    elif sections:
        change_section(draw, record, draw(st.sampled_from(sections)))
    if draw(st.sampled_from([True, True, True, False])):
        seal(record)


def change_section(draw: st.DrawFn, record: Document, name: str) -> None:
    section = record[name]
    # What else a collector tells, no gate reads.
    key = draw(st.sampled_from(["gone", *sorted(section.keys() & {"status", *FACTS})]))
    if key == "gone":
        del record[name]
    elif key == "status":
        section[key] = draw(st.sampled_from(["pass", "fail", "error", "not_run"]))
    elif draw(st.booleans()):
        del section[key]
    else:
        section[key] = draw(FACTS[key])


def change_acceptance(draw: st.DrawFn, document: Document) -> None:
    listed = document.get("acceptances")
    acceptance = one_of(draw, listed)
    if acceptance is None or listed is None:
        return
    kind = draw(st.sampled_from(["gone", "by", "at", "expires"]))
    if kind == "gone":
        listed.remove(acceptance)
    elif kind == "by":
        acceptance["by"] = draw(actor_ids(document))
    else:
        acceptance[kind] = later(draw(SECONDS))


def actor_ids(document: Document) -> st.SearchStrategy[str]:
    return st.sampled_from([*(actor["id"] for actor in document["actors"]), "ghost"])


def accept(draw: st.DrawFn, document: Document) -> None:
    """One more acceptance: perhaps of a gate that asks for none, perhaps by the wrong actor."""
    made = {
        "gate": draw(ASKS | GATES),
        "by": draw(actor_ids(document)),
        "at": later(draw(SECONDS)),
    }
    if draw(st.booleans()):
        made["expires"] = later(draw(SECONDS))
    document.setdefault("acceptances", []).append(made)


def accept_all(_: st.DrawFn, document: Document) -> None:
    """Every gate that asks for it, by somebody who may, where there is somebody."""
    by_role = {actor["role"]: actor["id"] for actor in document["actors"]}
    document["acceptances"] = [
        {"gate": gate, "by": by_role.get(oracle.GATES[gate].owner, "ghost"), "at": later(-60)}
        for gate in sorted(oracle.ACCEPTED)
    ]


def waive(draw: st.DrawFn, document: Document) -> None:
    people = actor_ids(document)
    waiver = {
        "gate": draw(GATES),
        "reason": "r",
        "requested_by": draw(people),
        "approved_by": draw(people),
        "expires": later(draw(SECONDS)),
    }
    document.setdefault("waivers", []).append(waiver)


EDITS: tuple[Edit, ...] = (
    change_text,
    change_text,
    drop,
    drop,
    change_provider,
    change_plan,
    change_target,
    change_actor,
    forget_actors,
    change_snapshot,
    change_rows,
    change_record,
    change_record,
    change_record,
    change_acceptance,
    accept,
    accept_all,
    waive,
    waive,
)
# The ready one most often: nothing shows so well what one mistake does.
BASES: tuple[Callable[[], Document], ...] = (
    ready,
    ready,
    ready,
    *(lambda name=name: document(name) for name in SCENARIOS),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Document:
    """A scenario that obeys its contracts, and says whatever it likes."""
    made = draw(st.sampled_from(BASES))()
    for edit in draw(st.lists(st.sampled_from(EDITS), max_size=5)):
        edit(draw, made)
    return made


INSTANTS = SECONDS.map(lambda seconds: (AT + timedelta(seconds=seconds)).replace(microsecond=0))
hurried = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(hurried, max_examples=500)
@given(scenarios(), st.just(AT) | INSTANTS)
def test_the_engine_says_what_the_tables_imply(document: Document, at: datetime) -> None:
    found = engine(json.dumps(document).encode(), at)
    assert_agreed(found, tables(document, at))
    if found is not None:
        change = found.next_change
        assert (change and change.at) == oracle.change_after(document, at)


@settings(hurried, max_examples=40)
@given(scenarios())
def test_folder_and_files_say_the_same(document: Document) -> None:
    expected = tables(document, AT)
    with TemporaryDirectory() as made:
        root = Path(made)
        as_yaml, as_json = root / "one.yaml", root / "one.json"
        as_yaml.write_text(yaml.safe_dump(document), encoding="utf-8")
        as_json.write_text(json.dumps(document), encoding="utf-8")
        for source in (as_yaml, as_json, folder_of(document, root / "folder")):
            assert_agreed(engine(source, AT), expected)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_of_the_repository(name: str) -> None:
    assert_agreed(engine(json.dumps(document(name)).encode(), AT), tables(document(name), AT))


def test_the_ready_scenario_is_ready() -> None:
    expected = oracle.judge(ready(), AT)
    assert set(expected.statuses.values()) == {"ready"}
    assert (expected.errors, expected.warnings, len(expected.statuses)) == (0, 0, 85)


@pytest.mark.parametrize("gate", oracle.GATES)
def test_every_gate_can_be_waived_or_refuses_it(gate: str) -> None:
    """Of the demo, in which next to nothing holds: no waiver ever stands in for needs."""
    made = document("grant-demo-local")
    made["waivers"] = [
        {
            "gate": gate,
            "reason": "r",
            "requested_by": "user_dispatcher_marek",
            "approved_by": "user_md_anna",
            "expires": later(1),
        }
    ]
    assert_agreed(engine(json.dumps(made).encode(), AT), tables(made, AT))
