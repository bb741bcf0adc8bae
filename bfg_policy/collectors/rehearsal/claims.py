"""The actors as claims: what each one's session sees on the server, and that it sees no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from psycopg import sql

from bfg_policy.collectors.rehearsal.attempts import Attempt, make, rows
from bfg_policy.collectors.rehearsal.stage import REPLAY
from bfg_policy.collectors.rehearsal.strangers import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.collectors.bearing import Bearer
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.stage import Stage
    from bfg_policy.database import Column, Table
    from bfg_policy.scenario import Actor

_MOST_TOLD = 10
_OF_ACTORS = ("actors", "permissions", "roles", "tenant")


def rehearse_claims(plan: Plan, stage: Stage, checks: Checks) -> None:
    """Let every actor act for the tenant, and look for itself, its role and its permissions.

    The stage has the schema; nothing is left of what is done. Raises Refused or psycopg.Error.
    """
    actors = tuple(plan.scenario.actors.values())
    checks.facts["actors"] = 0
    checks.require(
        "there is a table of actors",
        holds=bool(_tables(plan, "actors")) and bool(actors),
        found=", ".join(f"`{each.name}`" for each in _tables(plan, "actors")) or "the map has none",
    )
    with stage.undone():
        for name in _seeds(plan, stage):
            stage.run(stage.packets[name])
        bear = stage.prepare()
        surprises = make(stage.connection, tuple(_attempts(plan, bear)))
    for each in surprises[:_MOST_TOLD]:
        checks.failed(each.attempt.what, f"{each.outcome}, not {each.attempt.expected.rows}")
    wrong = {each.attempt.what.partition(":")[0] for each in surprises}
    checks.facts["actors"] = sum(_name(actor) not in wrong for actor in actors)
    checks.require(
        "every actor is a user of the tenant",
        holds=not surprises,
        found=f"{checks.facts['actors']} of {len(actors)}, and of no other tenant",
    )


def _seeds(plan: Plan, stage: Stage) -> tuple[str, ...]:
    """The replays of the batches with the actors, and of those before them."""
    last = max(
        position
        for position, batch in enumerate(plan.schema_map.batches)
        if any(plan.schema_map.tables[name].source in _OF_ACTORS for name in batch.tables)
    )
    return stage.named(REPLAY)[: last + 1]


def _attempts(plan: Plan, bear: Bearer) -> Iterator[Attempt]:
    known = plan.scenario.actors
    mine = bear(plan.scenario.tenant)
    others = bear(f"{plan.scenario.tenant}~nobody")
    for actor in known.values():
        yield from _of_actor(plan, actor, mine, others)
    stranger = str(fresh(next(iter(known)), known))
    for table in _tables(plan, "actors"):
        where = {_column(table, "id"): stranger}
        yield _looks(plan, "an unknown actor: is found", table, where, 0, mine)


def _of_actor(
    plan: Plan, actor: Actor, mine: Mapping[str, str], others: Mapping[str, str]
) -> Iterator[Attempt]:
    name, fields = _name(actor), actor._asdict()
    for table in _tables(plan, "actors"):
        own = {column: fields[column.source] for column in table.columns[1:]}
        yield _looks(plan, f"{name}: sees itself in `{table.name}`", table, own, 1, mine)
        words = f"{name}: is seen by another tenant in `{table.name}`"
        yield _looks(plan, words, table, own, 0, others)
    for table in _tables(plan, "permissions"):
        where = {_column(table, "role"): actor.role}
        granted: dict[Column, object] = {
            _column(table, "permission"): tuple(dict.fromkeys(actor.permissions))
        }
        count = len(set(actor.permissions))
        words = f"{name}: has its permissions in `{table.name}`"
        yield _looks(plan, words, table, {**where, **granted}, count, mine)


def _looks(
    plan: Plan,
    words: str,
    table: Table,
    where: Mapping[Column, object],
    count: int,
    settings: Mapping[str, str],
) -> Attempt:
    """Count the rows of a table that have these values, as the application."""
    roles = plan.schema_map.roles
    query = sql.SQL("SELECT 1 FROM {} WHERE {}").format(
        sql.Identifier(plan.schema_map.schema, table.name),
        sql.SQL(" AND ").join(_equals(column, value) for column, value in where.items()),
    )
    return Attempt(
        words,
        roles.app if "select" in table.app else roles.verify,
        settings,
        query.as_string(),
        rows(count),
    )


def _equals(column: Column, value: object) -> sql.Composable:
    name = sql.Identifier(column.name)
    if isinstance(value, tuple) and column.type == "text":
        return sql.SQL("{} = ANY({}::text[])").format(name, sql.Literal(list(value)))
    if column.type == "json":
        whole = sql.Literal(json.dumps(value, ensure_ascii=False))
        return sql.SQL("{} = {}::jsonb").format(name, whole)
    return sql.SQL("{} IS NOT DISTINCT FROM {}").format(name, sql.Literal(value))


def _tables(plan: Plan, source: str) -> list[Table]:
    return [each for each in plan.schema_map.tables.values() if each.source == source]


def _column(table: Table, source: str) -> Column:
    return next(each for each in table.columns[1:] if each.source == source)


def _name(actor: Actor) -> str:
    return f"`{actor.id}`"
