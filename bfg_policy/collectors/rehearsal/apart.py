"""Two made-up tenants side by side on the server: nothing of one gets to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.collectors.rehearsal.attempts import make
from bfg_policy.collectors.rehearsal.isolation import Between, table_attempts
from bfg_policy.collectors.rehearsal.stage import Refused
from bfg_policy.collectors.rehearsal.standing import standing_attempts
from bfg_policy.collectors.rehearsal.stepping import refuse
from bfg_policy.collectors.rehearsal.strangers import make_strangers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.collectors.bearing import Bearer
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.rehearsal.attempts import Attempt, Surprise
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.stage import Stage
    from bfg_policy.collectors.rehearsal.strangers import Strangers
    from bfg_policy.database import Table
    from bfg_policy.scenario import Scenario

_MOST_TOLD = 10


def keep_apart(plan: Plan, stage: Stage, checks: Checks, *, in_use: bool) -> None:
    """Replay two made-up tenants with the same ids, and let one attempt what it must not.

    in_use: whether the tables may be in use by others. The stage has the schema; nothing is left
    of what is done. Raises Stopped, or psycopg.Error.
    """
    strangers = make_strangers(plan.schema_map, plan.scenario)
    with stage.undone():
        try:
            for each in (strangers.first, strangers.second):
                stage.replay(plan.packets(each))
        except Refused as error:
            refuse(checks, "two tenants with the same ids stand side by side", error)
        bear = stage.prepare()
        attempts = _attempts(plan, strangers, bear, in_use=in_use)
        surprises = make(stage.connection, attempts)
    if in_use:
        checks.note(
            "the owner truncates nothing", "not tried: it would hold up who uses the tables"
        )
    leaks = sum(each.leaks for each in surprises)
    checks.facts.update(attempts=len(attempts), leaks=leaks)
    for surprise in sorted(surprises, key=lambda each: not each.leaks)[:_MOST_TOLD]:
        checks.failed(surprise.attempt.what, _ended(surprise))
    checks.require(
        "tenants are kept apart",
        holds=not surprises,
        found=f"{len(attempts)} attempts by role and table, {leaks} leaks"
        + (f", {len(surprises) - leaks} wrongly refused" if len(surprises) > leaks else ""),
    )


def _attempts(
    plan: Plan, strangers: Strangers, bear: Bearer, *, in_use: bool
) -> tuple[Attempt, ...]:
    tables = plan.schema_map.tables.values()
    counts = {table.name: _count(table, plan, strangers.first) for table in tables}
    unknown = f"{plan.scenario.tenant}~c"
    between = Between(
        plan.schema_map,
        strangers,
        bear(strangers.first.tenant),
        bear(""),
        (unknown, bear(unknown)),
        counts,
        in_use,
    )
    on_tables = (attempt for table in tables for attempt in table_attempts(between, table))
    return (*on_tables, *standing_attempts(between))


def _ended(surprise: Surprise) -> str:
    words = "nothing stopped it" if surprise.leaks else "it should have gone through"
    return f"{surprise.outcome}: {words}"


def _count(table: Table, plan: Plan, scenario: Scenario) -> int:
    """How many rows of a table a made-up tenant has."""
    actors = scenario.actors.values()
    counts: Mapping[str, int] = {
        "payload": len(_tables(scenario).get(table.name, ())),
        "tenant": 1,
        "snapshot": 1,
        "roles": len(plan.pack.roles),
        "actors": len(actors),
        "permissions": len({(each.role, name) for each in actors for name in each.permissions}),
    }
    return counts[table.source]


def _tables(scenario: Scenario) -> Mapping[str, list[object]]:
    """The payload's tables of a scenario that has one."""
    snapshot = scenario.document["snapshot"]
    assert isinstance(snapshot, dict)
    tables: Mapping[str, list[object]] = snapshot["tables"]
    return tables
