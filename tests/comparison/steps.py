"""The road of the reference scenario from 17 ready gates to 85, in ten commits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any, NamedTuple

from bfg_policy.digest import record_digest
from tests.revisions.repository import Repository
from tests.shared import ROOT

DEMO = "scenarios/grant-demo-local"
DONE = ROOT / "scenarios" / "production-go"
SCENARIO = f"{DEMO}/scenario.yaml"
TARGET = "db-auth-session-adapter"
AT = "2026-11-23T00:00:00Z"


class Step(NamedTuple):
    """One commit: what it does, by which kinds of change, and how many gates are ready then."""

    name: str
    make: Callable[[Repository], None]
    kinds: frozenset[str]
    ready: int


def _section(name: str) -> str:
    """A top-level section of the finished scenario, as it is written there."""
    lines = (DONE / "scenario.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(index for index, line in enumerate(lines) if line.startswith(f"{name}:"))
    end = next(
        (index for index in range(start + 1, len(lines)) if not lines[index].startswith(" ")),
        len(lines),
    )
    return "".join(lines[start:end])


def _take_snapshot(repository: Repository) -> None:
    shutil.copy(DONE / "snapshot.json", repository.folder / DEMO / "snapshot.json")
    text = (repository.folder / SCENARIO).read_text(encoding="utf-8")
    before, _, rest = text.partition("actors:\n")
    between = rest[rest.index("providers:\n") : rest.index("snapshot:\n")]
    repository.write(SCENARIO, before + _section("actors") + between + _section("snapshot"))


def _accept(*boards: str) -> Callable[[Repository], None]:
    def make(repository: Repository) -> None:
        for file in sorted((DONE / "acceptances").rglob("*.json")):
            if file.name.partition(".")[0] in boards:
                there = repository.folder / DEMO / "acceptances" / file.parent.name / file.name
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, there)

    return make


def record(name: str, **changes: Any) -> str:
    """A record of the finished scenario, of the demo's target, with a digest of its own."""
    made = json.loads((DONE / "evidence" / f"{name}.json").read_text(encoding="utf-8"))
    made = {**made, "target": {**made["target"], "adapter": TARGET}, **changes}
    return json.dumps({**made, "sha256": record_digest(made)}, indent=2) + "\n"


def _observe_connection(repository: Repository) -> None:
    repository.write(f"{DEMO}/evidence/adapter_connection.json", record("adapter_connection"))


def _rehearse(repository: Repository) -> None:
    repository.write(f"{DEMO}/evidence/dry_run.json", record("dry_run"))


def _decide_infrastructure(repository: Repository) -> None:
    repository.edit(SCENARIO, "infrastructure: {}\n", _section("infrastructure"))


def _wire(*, credentials: bool) -> Callable[[Repository], None]:
    whole = _section("wiring")
    start = whole.index("  # Reviewed in the vault")
    drafted, reviewed = whole[:start], whole[start:]

    def make(repository: Repository) -> None:
        if credentials:
            repository.edit(SCENARIO, drafted, drafted + reviewed)
        else:
            repository.edit(SCENARIO, "wiring: {}\n", drafted)

    return make


STEPS = (
    Step("the snapshot is taken", _take_snapshot, frozenset({"fact"}), 23),
    Step("the rehearsal is accepted", _accept("cutover-rehearsal"), frozenset({"acceptance"}), 38),
    Step("the target is probed", _observe_connection, frozenset({"evidence"}), 43),
    Step("the migration is rehearsed", _rehearse, frozenset({"evidence"}), 56),
    Step("the infrastructure is decided", _decide_infrastructure, frozenset({"fact"}), 56),
    Step("and accepted", _accept("infrastructure"), frozenset({"acceptance"}), 63),
    Step("the provider is chosen", _accept("provider-selection"), frozenset({"acceptance"}), 67),
    Step("the wiring is drafted", _wire(credentials=False), frozenset({"fact"}), 71),
    Step("credentials are reviewed", _wire(credentials=True), frozenset({"fact"}), 72),
    Step("somebody will turn back", _accept("rollback-drill"), frozenset({"acceptance"}), 85),
)
