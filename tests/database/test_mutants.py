"""Weakened packets: each change is noticed by the verification, or by rehearsing what it makes.

The verification knows what should be there, and has to name every change. The rehearsal is given
the weakened packet as if it were the right one, and has to notice by what the database then lets
happen; what it cannot notice is listed here, with what holds in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import psycopg
import pytest

from bfg_policy.collectors.course import Checks, Line
from bfg_policy.collectors.faults import Stopped
from bfg_policy.collectors.rehearsal.apart import keep_apart
from bfg_policy.collectors.rehearsal.claims import rehearse_claims
from bfg_policy.collectors.rehearsal.laying import Before
from bfg_policy.collectors.rehearsal.plan import Payload, Plan
from bfg_policy.collectors.rehearsal.replaying import replay, rows_of
from bfg_policy.collectors.rehearsal.returning import roll_back, take_down
from bfg_policy.collectors.rehearsal.stage import UP, VERIFY, Refused, Stage
from bfg_policy.digest import snapshot_digest
from bfg_policy.packets.database import database_packet
from bfg_policy.scenario import Scenario
from tests.database.mutants import KINDS, Mutant, mutants
from tests.database.packets import AT, judged, own_map
from tests.database.servers import Server

pytestmark = pytest.mark.slow

# Of the ten tables those that differ in kind; the templates make all of them alike.
TABLES = ("tenants", "roles", "users", "orders", "order_events", "audit_events")

# What the rehearsal alone cannot notice, and why nobody could: by the kind of change, and a part of
# what was changed. All of it is drift to the verification.
SECOND_FENCES = {
    ("a policy that forgets who wrote a row", 'WITH CHECK ("replayed_in" IS NULL)'): (
        "the application has no privilege on the column"
    ),
    ("a policy that forgets who wrote a row", 'USING ("replayed_in" IS NOT NULL)'): (
        "in tables that the application does not write to, a replay wrote every row; and a trigger"
        " keeps what is only appended to"
    ),
    ("a policy for everybody", '"app_update"'): "nobody else has the privilege",
    ("a trigger removed", "refuse_truncate"): (
        "other tables refer to this one, so it is truncated with them, and theirs holds"
    ),
    ("a trigger removed", "append_only"): "no policy lets anybody do it in the first place",
    ("a trigger that looks away", ""): "no policy lets anybody do it in the first place",
    ("a tenant that need not be", '-> IF tenant COLLATE "C" ~'): (
        "in a session that has had a tenant, none is an empty one; `probe` asks in a fresh one"
    ),
    ("a grant of every column", "GRANT INSERT"): "a policy holds it: the application marks no row",
    ("a key removed", "packet, revision"): "the packet looks first, and writes once",
    ("a key removed", '"tenant_id", replay'): "replays number themselves one by one, under a lock",
    ("a check removed", "tenant_id_check"): "a transaction without a tenant writes nothing at all",
    (
        "a check removed",
        "NOT NULL CHECK",
    ): "only packets write there, and what they made themselves",
    ("a column that may be missing", "batch text"): "only packets write there",
    ("an index removed", ""): "it makes some statements faster, and none possible",
}


class Lab(NamedTuple):
    """One database, what is rehearsed on it, and the packets that are right."""

    stage: Stage
    plan: Plan
    up: str


@cache
def plan() -> Plan:
    """The staging scenario, as far as TABLES go."""
    pack, whole, _ = judged()
    own = own_map()
    batches = [
        batch._replace(tables=tuple(name for name in batch.tables if name in TABLES))
        for batch in own.batches
    ]
    small = own._replace(
        tables={name: table for name, table in own.tables.items() if name in TABLES},
        batches=tuple(batch for batch in batches if batch.tables),
    )
    snapshot = whole.document["snapshot"]
    assert isinstance(snapshot, dict)
    tables = {name: rows for name, rows in snapshot["tables"].items() if name in TABLES}
    payload = Payload(snapshot["schema"], tables)
    digest = snapshot_digest(payload.schema, whole.tenant, tables)
    written = {**snapshot, "tables": tables, "sha256": digest}
    scenario = whole._replace(
        document={**whole.document, "snapshot": written}, payload_sha256=digest
    )
    used = pack._replace(schema_map=small)
    rendered: dict[str, dict[str, str]] = {}

    def packets(of: Scenario) -> dict[str, str]:
        if of.tenant not in rendered:
            rendered[of.tenant] = database_packet(used, of, None)
        return rendered[of.tenant]

    return Plan(
        pack=used,
        schema_map=small,
        scenario=scenario,
        claim=digest,
        rows={},
        read_again=lambda: payload,
        packets=packets,
        storage="kept",
        at=AT,
        commits=False,
        needs_tls=False,
    )


@pytest.fixture
def lab(server_alone: Server) -> Iterator[Lab]:
    # A new database each time: what is rolled back stays in its catalogues, and makes them slow.
    files = plan().packets(plan().scenario)
    with psycopg.connect(server_alone.fresh_database(), autocommit=True) as connection:
        stage = Stage(connection, plan().schema_map, files)
        yield Lab(stage, plan(), files[stage.named(UP)[0]])


def failure(look: Callable[[Checks], None]) -> str | None:
    """The first thing that does not hold; None where everything does."""
    lines: list[Line] = []
    try:
        look(Checks("section", lines.append))
    except Stopped:
        pass
    except Refused as error:
        return str(error)
    except psycopg.Error as error:
        return str(error.sqlstate)
    return next((f"{line.what}: {line.found}" for line in lines if line.outcome == "fail"), None)


def rehearsed(lab: Lab) -> str | None:
    """What the rehearsal says of the tables that are there."""

    def look(checks: Checks) -> None:
        keep_apart(lab.plan, lab.stage, checks, in_use=False)
        rehearse_claims(lab.plan, lab.stage, checks)
        before = rows_of(lab.plan, lab.stage)
        replay(lab.plan, lab.stage, checks)
        roll_back(lab.plan, lab.stage, before, checks)
        take_down(lab.stage, Before(schema=False, roles=True, catalogue={}), checks)

    return failure(look)


def second_fence(mutant: Mutant) -> tuple[str, str] | None:
    for kind, part in SECOND_FENCES:
        if kind == mutant.kind and part in mutant.what:
            return kind, part
    return None


def test_the_packet_itself_passes(lab: Lab) -> None:
    with lab.stage.undone():
        lab.stage.run(lab.up)
        assert failure(lambda _: lab.stage.step(VERIFY)) is None
        assert rehearsed(lab) is None


def test_every_kind_finds_something_to_change(lab: Lab) -> None:
    assert [kind for kind in KINDS if not any(mutants(lab.up, kind))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_weakening_is_noticed(lab: Lab, kind: str) -> None:
    unverified, unrehearsed, fences = [], [], set()
    for mutant in mutants(lab.up, kind):
        assert mutant.text != lab.up
        with lab.stage.undone():
            try:
                lab.stage.run(mutant.text)
            except (Refused, psycopg.Error):
                continue  # nothing of it stands: nobody could miss that
            if failure(lambda _: lab.stage.step(VERIFY)) is None:
                unverified.append(mutant.what)
            if rehearsed(lab) is None:
                fence = second_fence(mutant)
                if fence is None:
                    unrehearsed.append(mutant.what)
                else:
                    fences.add(fence)
    assert unverified == []
    assert unrehearsed == []
    # What is listed and noticed all the same does not belong there.
    assert fences == {fence for fence in SECOND_FENCES if fence[0] == kind}
