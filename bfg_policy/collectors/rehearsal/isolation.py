"""The attempts of one tenant on another, role by role and table by table, made from the map alone.

What a role may do is tried as well: a database that lets nobody in keeps tenants apart, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, LiteralString, NamedTuple

from psycopg import sql

from bfg_policy.collectors.rehearsal.attempts import (
    BEYOND,
    DANGLING,
    KEPT,
    MISSING,
    NOTHING,
    REFUSED,
    Attempt,
    Expected,
    rows,
)
from bfg_policy.collectors.rehearsal.strangers import fresh, own_key
from bfg_policy.database import REPLAY_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.collectors.rehearsal.strangers import Row, Strangers
    from bfg_policy.database import ColumnType, Command, SchemaMap, Table


# Of each type that has them, a value that the database could hold, and a digest does not take.
_BEYOND: Mapping[ColumnType, sql.SQL] = {
    "integer": sql.SQL("9007199254740992"),
    "timestamp": sql.SQL("'10000-01-01T00:00:00Z'::timestamptz"),
    "json": sql.SQL("'null'::jsonb"),
}


class Between(NamedTuple):
    """Who attempts what on whom.

    mine, nobody: the parameters of a transaction that is the first stranger's, and of one that is
    nobody's. unknown: a tenant that has no row at all, with its parameters. counts: rows of each
    table that the first stranger has. in_use: whether the tables may be in use by others, so that
    nothing is tried that would hold them up.
    """

    schema_map: SchemaMap
    strangers: Strangers
    mine: Mapping[str, str]
    nobody: Mapping[str, str]
    unknown: tuple[str, Mapping[str, str]]
    counts: Mapping[str, int]
    in_use: bool


def table_attempts(between: Between, table: Table) -> tuple[Attempt, ...]:
    """Every attempt on one table, in a fixed order."""
    maker = _Maker(between, table)
    return (
        *maker.reading(),
        *maker.adding(),
        *maker.changing(),
        *maker.deleting(),
        *maker.breaking(),
        *maker.referring(),
        *maker.unfit(),
    )


class _Maker:
    """Makes the attempts on one table."""

    def __init__(self, between: Between, table: Table) -> None:
        self._between = between
        self._table = table
        self._roles = between.schema_map.roles
        self._users = (self._roles.app, self._roles.replay, self._roles.verify)
        self._own = own_key(table)
        self._column = between.schema_map.tenant.column
        self._names: dict[str, sql.Composable] = {
            "target": sql.Identifier(between.schema_map.schema, table.name),
            "replay": sql.Identifier(self._roles.replay),
            "number": sql.Identifier(REPLAY_COLUMN),
            "tenant": sql.Identifier(self._column),
            "other": sql.Literal(between.strangers.second.tenant),
            "idle": sql.Identifier(_idle(table)),
        }
        self._all = rows(between.counts[table.name])

    def reading(self) -> Iterator[Attempt]:
        mine = self._sql("SELECT 1 FROM {target}")
        others = self._sql("SELECT 1 FROM {target} WHERE {tenant} = {other}")
        locked = self._sql("SELECT 1 FROM {target} WHERE {tenant} = {other} FOR UPDATE")
        for role in self._users:
            yield self._attempt(role, "reads another tenant's rows of", others, NOTHING)
            yield self._attempt(role, "locks another tenant's rows of", locked, NOTHING)
            yield self._attempt(role, "reads, for no tenant,", mine, REFUSED, self._between.nobody)
        app = self._all if self._may("select") else REFUSED
        yield self._attempt(self._roles.app, "reads its tenant's rows of", mine, app)
        yield self._attempt(self._roles.verify, "reads its tenant's rows of", mine, self._all)
        yield self._attempt(self._roles.owner, "reads rows of", mine, NOTHING)

    def adding(self) -> Iterator[Attempt]:
        foreign: Row = {self._column: self._between.strangers.second.tenant}
        for role in self._users:
            given = self._add(foreign, marked=role == self._roles.replay)
            yield self._attempt(role, "adds a row for another tenant to", given, REFUSED)
        claimed = self._add(self._another(), marked=True)
        yield self._attempt(
            self._roles.app, "claims that a replay wrote a row of", claimed, REFUSED
        )
        own = self._add(self._another())
        yield self._attempt(self._roles.verify, "adds a row to", own, REFUSED)
        yield self._attempt(self._roles.replay, "adds a row of nobody's to", own, REFUSED)
        if not self._may("insert"):
            yield self._attempt(self._roles.app, "adds a row to", own, REFUSED)
        elif self._own is not None:
            yield self._attempt(self._roles.app, "adds a row of its tenant to", own, rows(1))

    def changing(self) -> Iterator[Attempt]:
        mine = self._sql("UPDATE {target} SET {idle} = {idle}")
        others = self._sql("UPDATE {target} SET {idle} = {idle} WHERE {tenant} = {other}")
        given = self._sql("UPDATE {target} SET {tenant} = {other}")
        merged = self._sql(
            "MERGE INTO {target} AS t USING (SELECT {other} AS id) AS o ON t.{tenant} = o.id"
            " WHEN MATCHED THEN UPDATE SET {idle} = t.{idle}"
        )
        for role in self._users:
            yield self._attempt(role, "changes another tenant's rows of", others, NOTHING)
            yield self._attempt(role, "merges into another tenant's rows of", merged, NOTHING)
            yield self._attempt(role, "gives away its tenant's rows of", given, REFUSED)
            if role != self._roles.app or not self._may("update"):
                yield self._attempt(role, "changes rows of", mine, REFUSED)
        marked = self._sql("UPDATE {target} SET {number} = 1")
        yield self._attempt(
            self._roles.app, "claims that a replay changed rows of", marked, REFUSED
        )
        if self._may("update") and self._may("select"):
            yield self._attempt(self._roles.app, "changes its tenant's rows of", mine, self._all)

    def deleting(self) -> Iterator[Attempt]:
        every = self._sql("DELETE FROM {target}")
        others = self._sql("DELETE FROM {target} WHERE {tenant} = {other}")
        for role in self._users:
            yield self._attempt(role, "deletes another tenant's rows of", others, NOTHING)
        yield self._attempt(self._roles.verify, "deletes rows of", every, REFUSED)
        if not self._may("delete"):
            yield self._attempt(self._roles.app, "deletes rows of", every, REFUSED)
        if not (self._may("insert") and self._may("select")) or self._own is None:
            return
        added, deleted = self._add(self._another()), self._delete_another()
        if self._may("delete"):
            back = f"{added}; {deleted}"
            yield self._attempt(self._roles.app, "deletes a row of its own from", back, rows(1))
        handed = f"{added}; {self._sql('SET LOCAL ROLE {replay}')}; {deleted}"
        words = "adds a row that a replay deletes to"
        yield self._attempt(self._roles.app, words, handed, NOTHING)

    def breaking(self) -> Iterator[Attempt]:
        truncated = self._sql("TRUNCATE {target} CASCADE")
        opened = self._sql("ALTER TABLE {target} DISABLE ROW LEVEL SECURITY")
        for role in self._users:
            yield self._attempt(role, "truncates", truncated, REFUSED)
            yield self._attempt(role, "switches row-level security off for", opened, REFUSED)
        owner = self._roles.owner
        if not self._between.in_use:
            yield self._attempt(owner, "truncates", truncated, KEPT)
        if self._table.append_only:
            changed = self._sql("UPDATE {target} SET {idle} = {idle}")
            yield self._attempt(owner, "changes rows of", changed, NOTHING)
            yield self._attempt(
                owner, "deletes rows of", self._sql("DELETE FROM {target}"), NOTHING
            )

    def referring(self) -> Iterator[Attempt]:
        """Rows that refer to what is not there, or is there for the other tenant alone."""
        tables, strangers = self._between.schema_map.tables, self._between.strangers
        for reference in self._table.references:
            others = strangers.only_second.get(reference.table)
            columns = reference.columns[1:]
            if not columns:
                tenant, settings = self._between.unknown
                added = self._add({self._column: tenant, **self._unbound()}, marked=True)
                words = f"refers to no row of `{reference.table}` from"
                yield self._attempt(self._roles.replay, words, added, DANGLING, settings)
                continue
            if self._own is None and not any(column in self._table.key for column in columns):
                continue  # the row would be there already
            if others is not None:
                words = f"refers to another tenant's row of `{reference.table}` from"
                values = [others[name] for name in tables[reference.table].key[1:]]
            elif self._table.column(columns[-1]).type not in ("text", "integer"):
                continue  # no other value of it comes to mind
            else:
                words = f"refers to no row of `{reference.table}` from"
                there = strangers.rows[self._table.name]
                values = [*(there[name] for name in columns[:-1]), fresh(there[columns[-1]], ())]
            changed = {**self._another(), **dict(zip(columns, values, strict=True))}
            added = self._add(changed, marked=True)
            yield self._attempt(self._roles.replay, words, added, DANGLING)

    def unfit(self) -> Iterator[Attempt]:
        """Values that no digest takes."""
        for column in self._table.columns[1:]:
            if not column.may_be_null and column.name not in self._table.key:
                added = self._add({column.name: None}, marked=True)
                words = f"leaves `{column.name}` out in"
                yield self._attempt(self._roles.replay, words, added, MISSING)
            if column.type in _BEYOND:
                value = _BEYOND[column.type]
                added = self._add({column.name: None}, marked=True, given={column.name: value})
                words = f"adds a value beyond the digest's as `{column.name}` to"
                yield self._attempt(self._roles.replay, words, added, BEYOND)

    def _may(self, command: Command) -> bool:
        return command in self._table.app

    def _unbound(self) -> Row:
        """What makes a row refer to as little as it may."""
        referring = {name for each in self._table.references for name in each.columns[1:]}
        return {name: None for name in referring if self._table.column(name).may_be_null}

    def _another(self) -> Row:
        """What makes a copy of a row another row; nothing where that is not possible."""
        if self._own is None:
            return {}
        name, strangers = self._own.name, self._between.strangers
        other = strangers.only_second.get(self._table.name, {}).get(name)
        return {name: fresh(strangers.rows[self._table.name][name], [other])}

    def _delete_another(self) -> str:
        (column, value), *_ = self._another().items()
        return self._sql(
            "DELETE FROM {target} WHERE {column} = {value}",
            column=sql.Identifier(column),
            value=sql.Literal(value),
        )

    def _add(
        self,
        changed: Row,
        *,
        marked: bool = False,
        given: Mapping[str, sql.Composable] | None = None,
    ) -> str:
        """Add the first stranger's row with other values; given: those that are SQL.

        marked: as a row that a replay wrote.
        """
        strangers = self._between.strangers
        row = {self._column: strangers.first.tenant, **strangers.rows[self._table.name], **changed}
        if marked:
            row[REPLAY_COLUMN] = 1  # elsewhere it is NULL, as in all rows that no replay wrote
        values = [(given or {}).get(name, sql.Identifier(name)) for name in row]
        return self._sql(
            "INSERT INTO {target} ({names}) SELECT {values}"
            " FROM json_populate_record(NULL::{target}, {row})",
            names=sql.SQL(", ").join(map(sql.Identifier, row)),
            values=sql.SQL(", ").join(values),
            row=sql.Literal(json.dumps(row, ensure_ascii=False)),
        )

    def _sql(self, text: LiteralString, **more: sql.Composable) -> str:
        return sql.SQL(text).format(**self._names, **more).as_string()

    def _attempt(
        self,
        role: str,
        what: str,
        statement: str,
        expected: Expected,
        settings: Mapping[str, str] | None = None,
    ) -> Attempt:
        words = f"`{role}` {what} `{self._table.name}`"
        given = self._between.mine if settings is None else settings
        return Attempt(words, role, given, statement, expected)


def _idle(table: Table) -> str:
    """A column that can be set to what it is; not one of the key, where there is another."""
    names = [column.name for column in table.columns]
    return next((name for name in reversed(names) if name not in table.key), names[-1])
