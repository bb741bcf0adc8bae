"""What an application might try to get at another tenant's rows, as statements drawn at random.

Each would be a leak if it got at anything: `value`, if it gives a number beyond 0; `rows`, if it
touches a row; `success`, if it is not refused; each of them, if it tells of a row by an error.
"""

from __future__ import annotations

import random

from tests.database.packets import TABLES, own_map

TENANTS = ("acme", "bravo", 'c\'est, "nous"')
# Ids that every tenant has; the fourth is its own.
SHARED = ("1", "2", "3")
MAP = own_map()
CONTROL = ("packet_ledger", "replay_batches")

_READS = (
    "SELECT count(*) FROM {at} WHERE tenant_id = {theirs}",
    "SELECT count(*) FROM {at} WHERE tenant_id <> {mine}",
    "SELECT count(*) FROM {at} WHERE NOT tenant_id = {mine} OR false",
    "SELECT count(*) FROM ONLY {at} t WHERE t::text LIKE '%' || {theirs} || '%'",
    "SELECT count(*) FROM (SELECT * FROM {at} OFFSET 0) t WHERE tenant_id <> {mine}",
    (
        "SELECT count(*) FROM {at} a FULL JOIN {at} b ON a.{key} = b.{key}"
        " WHERE b.tenant_id <> {mine} OR a.tenant_id <> {mine}"
    ),
    (
        "WITH RECURSIVE r AS (SELECT tenant_id FROM {at} UNION SELECT t.tenant_id FROM {at} t, r)"
        " SELECT count(*) FROM r WHERE tenant_id = {theirs}"
    ),
    (
        "SELECT count(*) FROM apart.users WHERE tenant_id = {mine}"
        " AND EXISTS (SELECT FROM {at} WHERE tenant_id = {theirs})"
    ),
    (
        "SELECT count(*) FROM (SELECT max(tenant_id) OVER () AS m, min(tenant_id) OVER () AS n"
        " FROM {at}) t WHERE m <> {mine} OR n <> {mine}"
    ),
    # What looks at a row before the policy does would tell of it.
    "SELECT count(1 / (CASE WHEN tenant_id = {theirs} THEN 0 ELSE 1 END)) * 0 FROM {at}",
    "SELECT count(*) * 0 FROM {at} WHERE pg_temp.tell(tenant_id, {theirs})",
    "SELECT count(*) FROM apart_control.{control}",
)
_WRITES = (
    "{insert}",
    "{insert} ON CONFLICT DO NOTHING",
    "{insert} RETURNING tenant_id",
    "WITH w AS ({insert} RETURNING 1) SELECT count(*) FROM w",
    "INSERT INTO {at} SELECT * FROM {at}",
    "{insert_marked}",
    "{refer}",
    "{refer} ON CONFLICT DO NOTHING",
    (
        "MERGE INTO {at} t USING (SELECT {theirs} AS o) s ON t.tenant_id = s.o"
        " WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"
    ),
    "UPDATE {at} SET tenant_id = {theirs}",
    "UPDATE {at} SET tenant_id = {theirs} WHERE tenant_id = {mine}",
    "UPDATE {at} SET replayed_in = NULL",
    "UPDATE apart.audit_events SET subject = 'x'",
    "DELETE FROM apart.audit_events",
    "TRUNCATE {at} CASCADE",
    "DROP TABLE {at} CASCADE",
)
_TOUCHES = (
    "UPDATE {at} SET {column} = {column} WHERE tenant_id = {theirs}",
    "UPDATE {at} t SET {column} = o.{column} FROM {at} o WHERE o.tenant_id = {theirs}",
    "DELETE FROM {at} WHERE tenant_id = {theirs}",
    "DELETE FROM {at} WHERE tenant_id <> {mine}",
    "DELETE FROM {at} t USING {at} o WHERE o.tenant_id = {theirs} AND t.tenant_id = o.tenant_id",
    (
        "MERGE INTO {at} t USING (SELECT {theirs} AS o) s ON t.tenant_id = s.o"
        " WHEN MATCHED THEN UPDATE SET {column} = t.{column}"
    ),
    (
        "MERGE INTO {at} t USING (SELECT {theirs} AS o) s ON t.tenant_id = s.o"
        " WHEN MATCHED THEN DELETE"
    ),
)
_BECOMES = (
    "SET ROLE apart_{role}",
    "SET LOCAL ROLE apart_{role}",
    "SET SESSION AUTHORIZATION apart_{role}",
    "SET ROLE postgres",
    "ALTER ROLE apart_login BYPASSRLS",
    "GRANT apart_{role} TO apart_login",
    "ALTER TABLE {at} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {at} NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON {at} USING (true)",
    "DROP POLICY tenant_boundary ON {at}",
    "SET LOCAL session_replication_role = replica",
    (
        "CREATE OR REPLACE FUNCTION apart.current_tenant() RETURNS text LANGUAGE sql"
        " AS $f$SELECT {theirs}$f$"
    ),
)
_KINDS = {"value": _READS, "success": _WRITES, "rows": _TOUCHES, "become": _BECOMES}


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def value(table: str, column: str, tenant: str, number: str) -> str:
    """A value of a column, as SQL; ids are shared, all else says whose it is."""
    if column == MAP.tenant.column:
        return literal(tenant)
    if column.endswith("_sha256"):
        return f"repeat('{number}', 64)"
    if column in {"role_key", "permission"} or column.endswith("_id"):
        return literal(number)
    return {
        "text": literal(f"{column} of {tenant}"),
        "integer": number,
        "timestamp": f"'2026-11-0{number} 08:00:00+00'",
        "json": "'[]'",
    }[MAP.tables[table].column(column).type]


def row(table: str, tenant: str, number: str) -> dict[str, str]:
    """A row of a table, as SQL by column."""
    names = [column.name for column in MAP.tables[table].columns]
    return {name: value(table, name, tenant, number) for name in names}


def inserted(table: str, values: dict[str, str]) -> str:
    """A statement that adds a row."""
    names, given = ", ".join(values), ", ".join(values.values())
    return f"INSERT INTO apart.{table} ({names}) VALUES ({given})"  # noqa: S608


class Attempts:
    """Attempts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def drawn(self) -> dict[str, str]:
        """One attempt: as which tenant, what it would be a leak by, and the statement."""
        choice = self.random.choice
        tenant, other = self.random.sample(TENANTS, 2)
        table = choice(TABLES)
        kind = choice(tuple(_KINDS))
        theirs = row(table, other, choice("789"))
        names = [column.name for column in MAP.tables[table].columns]
        sql = choice(_KINDS[kind]).format(
            at=f"apart.{table}",
            key=MAP.tables[table].key[-1],
            column=names[-1],
            mine=literal(tenant),
            theirs=literal(other),
            role=choice(("owner", "replay", "verify")),
            control=choice(CONTROL),
            insert=inserted(table, theirs),
            insert_marked=inserted(table, {**row(table, tenant, "7"), "replayed_in": "1"}),
            refer=self._referring(tenant, other),
            names=", ".join(theirs),
            values=", ".join(theirs.values()),
        )
        if self.random.random() < 0.1:
            # Without a tenant nothing is answered at all, not even that there is nothing.
            return {"tenant": choice(("", " ", "\t\n")), "kind": "success", "sql": sql}
        return {"tenant": tenant, "kind": "success" if kind == "become" else kind, "sql": sql}

    def _referring(self, tenant: str, other: str) -> str:
        """A row of one's own that refers to what only the other tenant has."""
        table = self.random.choice([each for each in TABLES if MAP.tables[each].references])
        reference = self.random.choice(MAP.tables[table].references)
        values = {**row(table, tenant, "1"), MAP.tables[table].key[-1]: "'9'"}
        alone = literal(str(4 + TENANTS.index(other)))
        values.update(dict.fromkeys(reference.columns[1:], alone))
        if len(reference.columns) == 1:
            values[MAP.tenant.column] = literal(other)
        return inserted(table, values)
