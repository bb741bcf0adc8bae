"""The replay: the snapshot goes into the database and comes back the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from bfg_policy.collectors.rehearsal.stage import PARITY, REPLAY, Refused
from bfg_policy.collectors.rehearsal.state import differences, row_state
from bfg_policy.collectors.rehearsal.stepping import run_step
from bfg_policy.collectors.rehearsal.strangers import fresh, own_key
from bfg_policy.digest import checksum, summary_digest

if TYPE_CHECKING:
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.stage import Stage
    from bfg_policy.collectors.rehearsal.state import State
    from bfg_policy.database import Table


def replay(plan: Plan, stage: Stage, checks: Checks) -> None:
    """Run all batches, compare what is in the database with the snapshot, and do it again."""
    batches = stage.named(REPLAY)
    checks.facts.update(batches=len(batches), committed=plan.commits)
    run_step(stage, checks, REPLAY, "every batch is replayed", f"{len(batches)} batches")
    run_step(stage, checks, PARITY, "every row is what it was", "row counts and digests agree")
    digest, rows = _read_back(plan, stage)
    checks.facts.update(sha256=digest, rows=rows)
    checks.require(
        "the database computes the same digest",
        holds=digest == plan.claim and rows == plan.payload.rows,
        found=f"{checksum(digest)} of {rows} rows",
    )
    once = rows_of(plan, stage)
    run_step(stage, checks, REPLAY, "a second replay is let through")
    moved = differences(once, rows_of(plan, stage))
    checks.require(
        "a second replay changes nothing",
        holds=not moved,
        found=", ".join(f"`{name}`" for name in moved) or "no row more or less",
    )
    _tampered(plan, stage, checks)


def not_replayed_yet(plan: Plan, stage: Stage, checks: Checks) -> None:
    """Taking this replay back would take back one that was made for good. Raises Stopped."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE snapshot_sha256 = %s").format(
        sql.Identifier(plan.schema_map.control, "replay_batches")
    )
    with stage.undone():
        bear = stage.prepare()
        with stage.being(plan.schema_map.roles.verify, bear(plan.scenario.tenant)):
            row = stage.connection.execute(query, [plan.scenario.snapshot_sha256]).fetchone()
    assert row is not None
    checks.require(
        "this snapshot was not replayed before",
        holds=row[0] == 0,
        found="" if row[0] == 0 else f"{row[0]} batches of it are there, for good",
    )


def rows_of(plan: Plan, stage: Stage) -> State:
    """The tenant's rows as they are in the database."""
    roles = plan.schema_map.roles
    with stage.undone():
        bear = stage.prepare()
        with stage.being(roles.verify, bear(plan.scenario.tenant)):
            return row_state(stage.connection, plan.schema_map)


def _read_back(plan: Plan, stage: Stage) -> tuple[str, int]:
    """The snapshot's digest out of what the database computes for each table, and its rows."""
    summary: dict[str, dict[str, object]] = {}
    total = 0
    with stage.undone():
        bear = stage.prepare()
        with stage.being(plan.schema_map.roles.verify, bear(plan.scenario.tenant)):
            for name in plan.payload.tables:
                query = sql.SQL("SELECT row_count, digest FROM {}(NULL::{})").format(
                    sql.Identifier(plan.schema_map.control, "table_digest"),
                    sql.Identifier(plan.schema_map.schema, name),
                )
                row = stage.connection.execute(query).fetchone()
                assert row is not None
                summary[name] = {"rows": row[0], "digest": row[1]}
                total += int(str(row[0]))
    return summary_digest(plan.payload.schema, plan.scenario.tenant, summary), total


def _tampered(plan: Plan, stage: Stage, checks: Checks) -> None:
    """As a control: one row too many, and the comparison has to notice it."""
    what = "a row too many is noticed"
    table = _open_table(plan)
    if table is None:
        checks.note(what, "the application may add to no table, so this was not tried")
        return
    with stage.undone():
        bear = stage.prepare()
        with stage.being(plan.schema_map.roles.app, bear(plan.scenario.tenant)):
            stage.connection.execute(_another_row(plan, table))
        try:
            stage.step(PARITY)
        except Refused as error:
            checks.passed(what, error.lines[0] if error.lines else "")
            return
    checks.stop(what, f"a row was added to `{table.name}`, and the comparison held")


def _open_table(plan: Plan) -> Table | None:
    """A table that has rows, and that the application reads and adds to."""
    for table in plan.schema_map.tables.values():
        is_open = {"select", "insert"} <= set(table.app) and own_key(table) is not None
        if is_open and plan.payload.tables.get(table.name):
            return table
    return None


def _another_row(plan: Plan, table: Table) -> sql.Composed:
    """Adds a copy of a table's first row under another key."""
    own = own_key(table)
    assert own is not None
    taken = [row.get(own.source) for row in plan.payload.tables[table.name]]
    names = [column.name for column in table.columns]
    return sql.SQL("INSERT INTO {target} ({names}) SELECT {values} FROM {target} LIMIT 1").format(
        target=sql.Identifier(plan.schema_map.schema, table.name),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(
            sql.Literal(fresh(taken[0], taken)) if name == own.name else sql.Identifier(name)
            for name in names
        ),
    )
