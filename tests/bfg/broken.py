"""The ready scenario with one thing wrong at a time: what the rules of the pack must notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import combinations
from typing import Any, NamedTuple

from bfg_policy.pipeline import LoadedPack
from bfg_policy.scenario import Scenario
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.files import read_scenario
from tests.bfg import oracle
from tests.bfg.documents import (
    AT,
    NOWHERE,
    SECTIONS,
    TEXTS,
    Document,
    claim,
    pack,
    parent_of,
    ready,
    seal,
)

GONE = object()
Edit = Callable[[Document], None]


class Broken(NamedTuple):
    """One wrong thing. about: the top-level key that it is in; expected: as the tables have it."""

    name: str
    about: str
    scenario: Scenario
    expected: dict[str, str]


def _put(document: Document, path: str, value: Any) -> None:
    parent, key = parent_of(document, path)
    if value is GONE:
        del parent[key]
    else:
        parent[key] = value


def _facts() -> Iterator[tuple[str, Any]]:
    for path in (*TEXTS, *SECTIONS, "wiring.live_credentials.reviewed_at"):
        if path.startswith(("evidence", "acceptances", "waivers")):
            continue
        if path not in {"snapshot", "snapshot.sha256"}:
            yield path, GONE
    for path in TEXTS:
        yield from ((path, value) for value in ("", " ", "x"))
    for region in (
        *oracle.OUTSIDE_THE_EU,
        *("eu-", "xeu-central-1", "eu-central-1 x", "eu-EAST-1", "eu_central_1", "us-east-1"),
        *("europe-west1", "eu", "europe", "eux-central-1", "eu-central-1\n"),
    ):
        yield "infrastructure.data_residency.region", region
    yield "infrastructure.secrets_backup_boundary.rpo_minutes", 0
    tables = list(oracle.RUNBOOK_TABLES)
    yield "wiring.rls_policy_draft.tables", tables
    for table in tables:
        yield "wiring.rls_policy_draft.tables", [each for each in tables if each != table]
    yield "target", "nowhere"
    yield "target", "file-local"


def _edits() -> Iterator[tuple[str, Edit]]:
    for path, value in _facts():
        yield f"{path} = {value!r}", partial(_put, path=path, value=value)
    for index, provider in enumerate(ready()["providers"]):
        for key in ("current", "target"):
            for value in (GONE, "", " "):
                yield _in_list("providers", index, key, value, provider["id"])
        yield _in_list("providers", index, "contract_ready", False, provider["id"])
        yield _in_list("providers", index, "contract_ready", GONE, provider["id"])
        yield _in_list("providers", index, "id", "x", provider["id"])
        yield f"providers: {provider['id']} twice", partial(_twin, provider=provider)
    for index in range(3):
        for state in ("active", "planned", "retired"):
            yield _in_list("rollout", index, "state", state)
    for permissions in (GONE, [], [" "], ["scenario:read", " "], ["scenario:read"]):
        yield _in_list("actors", 4, "permissions", permissions)
    yield "actors: none", partial(_put, path="actors", value=[])
    for count in (0, 1):
        yield f"actors: {count}, all rehearsed", partial(_keep, count=count)
    yield "target: another, and planned", _another_target
    for count in (1, 2, 3):
        for groups in combinations(oracle.GROUPS, count):
            yield f"snapshot: no {groups}", partial(_empty, groups=groups)
    yield "snapshot: few rows", partial(_empty, tables=("order_events", "payments"))
    yield "snapshot: one row", partial(_empty, groups=("operations", "finance"))
    yield "snapshot: no payload", partial(_put, path="snapshot.tables", value=GONE)
    for name, record in ready()["evidence"].items():
        yield f"evidence: no {name}", partial(_put, path=f"evidence.{name}", value=GONE)
        yield from _in_record(name, record)


def _in_list(key: str, index: int, field: str, value: Any, name: str = "") -> tuple[str, Edit]:
    def edit(made: Document) -> None:
        if value is GONE:
            del made[key][index][field]
        else:
            made[key][index][field] = value

    return f"{key} {name or index}: {field} = {value!r}", edit


def _twin(made: Document, provider: Document) -> None:
    made["providers"].append(provider)


def _empty(made: Document, groups: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> None:
    """No rows in some groups, and in some more tables."""
    for table in (*tables, *(table for group in groups for table in oracle.GROUPS[group])):
        made["snapshot"]["tables"][table] = []
    claim(made)


def _keep(made: Document, count: int) -> None:
    made["actors"] = made["actors"][:count]
    record = made["evidence"]["dry_run"]
    record["rbac_claims"]["actors"] = count
    seal(record)


def _another_target(made: Document) -> None:
    made["target"] = "x"
    made["rollout"][0]["adapter"] = "x"


WRONG: dict[str, tuple[Any, ...]] = {
    "status": ("fail",),
    "reachable": (False,),
    "rolled_back": (False,),
    "redacted": ("", " "),
    "actors": (0, 1, 5),
    "unmapped": (1, 2),
    "sha256": ("", "ab" * 31, "AB" * 32, "ab" * 33, "x" + "ab" * 32, "cd" * 32, "0g" * 32),
    "storage": ("", "postgres"),
    "replay_id": ("", " "),
}


def _in_record(name: str, record: Document) -> Iterator[tuple[str, Edit]]:
    def edit(section: str, key: str, value: Any) -> Edit:
        def apply(made: Document) -> None:
            sealed = made["evidence"][name]
            _put(sealed, f"{section}.{key}", value)
            seal(sealed)

        return apply

    for section, facts in record.items():
        if not isinstance(facts, dict):
            continue
        if section == "target":
            yield f"evidence.{name}.target.kind", edit(section, "kind", "ephemeral")
            continue
        for key in facts:
            values = WRONG[key] if key == "status" else (GONE, *WRONG[key])
            for value in values:
                yield f"evidence.{name}.{section}.{key} = {value!r}", edit(section, key, value)


def scenario_of(made: Document, loaded: LoadedPack) -> Scenario:
    """The scenario that a pack would judge. Raises as the pipeline does."""
    merged, _ = read_scenario(json.dumps(made).encode(), NOWHERE)
    return build_scenario(merged, loaded.pack, loaded.contracts)


@cache
def broken() -> tuple[Broken, ...]:
    """All of them, and the ready one itself, each read once: no pack changes what a rule sees."""
    found = [
        Broken("nothing", "", scenario_of(ready(), pack()), oracle.judge(ready(), AT).statuses)
    ]
    for name, edit in _edits():
        made = ready()
        edit(made)
        about = name.replace(":", ".").replace(" ", ".").split(".", 1)[0]
        expected = oracle.judge(made, AT).statuses
        found.append(Broken(name, about, scenario_of(made, pack()), expected))
    return tuple(found)
