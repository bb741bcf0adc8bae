"""Attempts that are of no one table: on the product's own schema, and on what roles are."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from bfg_policy.collectors.rehearsal.attempts import KEPT, NOTHING, REFUSED, Attempt, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.collectors.rehearsal.attempts import Expected
    from bfg_policy.collectors.rehearsal.isolation import Between

# Of the product's own functions those that act for their owner: one reads the keys of signed
# claims, the other gathers statistics. Neither gives away a row.
_OF_OWNER = ("claimed_tenant", "analyse")
_BATCHES, _LEDGER = "replay_batches", "packet_ledger"
# What no statement of ours could try: other roles, other sessions, everybody. In words, and the
# query that must give no row.
_NONE: Mapping[str, LiteralString] = {
    "one of the roles may become another": (
        "SELECT 1 FROM unnest({roles}::text[]) AS a, unnest({roles}::text[]) AS b"
        " WHERE a <> b AND pg_has_role(a, b, 'MEMBER')"
    ),
    "a role may log in, create roles or pass by row-level security": (
        "SELECT 1 FROM pg_roles WHERE rolname = ANY({roles}) AND (rolsuper OR rolbypassrls"
        " OR rolcanlogin OR rolcreaterole OR rolcreatedb OR rolreplication)"
    ),
    "somebody else has privileges on a table": (
        "SELECT 1 FROM pg_class, aclexplode(relacl) AS given"
        " WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY({schemas}))"
        " AND given.grantee NOT IN (SELECT oid FROM pg_roles WHERE rolname = ANY({roles}))"
    ),
    "somebody else has privileges on a column": (
        "SELECT 1 FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid,"
        " aclexplode(attacl) AS given"
        " WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY({schemas}))"
        " AND given.grantee NOT IN (SELECT oid FROM pg_roles WHERE rolname = ANY({roles}))"
    ),
    "somebody else has privileges on a schema": (
        "SELECT 1 FROM pg_namespace, aclexplode(nspacl) AS given"
        " WHERE nspname = ANY({schemas})"
        " AND given.grantee NOT IN (SELECT oid FROM pg_roles WHERE rolname = ANY({roles}))"
    ),
    "everybody may run a function": (
        "SELECT 1 FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS given"
        " WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY({schemas}))"
        " AND given.grantee = 0"
    ),
    "a function takes its names from whoever calls it": (
        "SELECT 1 FROM pg_proc"
        " WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY({schemas}))"
        " AND prosqlbody IS NULL AND NOT coalesce(proconfig::text, '') LIKE '%search_path=%'"
    ),
    "a function runs as its owner": (
        "SELECT 1 FROM pg_proc"
        " WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY({schemas}))"
        " AND prosecdef AND proname <> ALL({of_owner})"
    ),
}


def standing_attempts(between: Between) -> tuple[Attempt, ...]:
    """Attempts on the record of replays and on the schemas, and what catalogues tell of roles."""
    return (
        *_on_batches(between),
        *_on_the_ledger(between),
        *_on_schemas(between),
        *_by_catalogue(between),
        *_with_claims(between),
    )


def _on_batches(between: Between) -> Iterator[Attempt]:
    """The record of replays is data of tenants, too."""
    schema_map = between.schema_map
    roles = schema_map.roles
    names = {
        "target": sql.Identifier(schema_map.control, _BATCHES),
        "tenant": sql.Identifier(schema_map.tenant.column),
        "other": sql.Literal(between.strangers.second.tenant),
    }

    def attempt(role: str, what: str, text: LiteralString, expected: Expected) -> Attempt:
        words = f"`{role}` {what} the record of replays"
        statement = sql.SQL(text).format(**names).as_string()
        return Attempt(words, role, between.mine, statement, expected)

    yield attempt(roles.app, "reads", "SELECT 1 FROM {target}", REFUSED)
    yield attempt(roles.app, "deletes", "DELETE FROM {target}", REFUSED)
    for role in (roles.replay, roles.verify):
        others = "SELECT 1 FROM {target} WHERE {tenant} = {other}"
        yield attempt(role, "reads another tenant's part of", others, NOTHING)
        deleted = "DELETE FROM {target} WHERE {tenant} = {other}"
        yield attempt(role, "deletes another tenant's part of", deleted, NOTHING)
        yield attempt(role, "changes", "UPDATE {target} SET {tenant} = {other}", REFUSED)
        added = (
            "INSERT INTO {target} ({tenant}, replay, batch, snapshot_sha256, tables)"
            " VALUES ({other}, 1000003, 'made-up', repeat('0', 64), '{{}}')"
        )
        yield attempt(role, "adds, for another tenant, to", added, REFUSED)
    batches = len(schema_map.batches)
    for role, expected in ((roles.verify, rows(batches)), (roles.owner, NOTHING)):
        yield attempt(role, "reads its tenant's part of", "SELECT 1 FROM {target}", expected)
    for role in (roles.app, roles.replay, roles.verify):
        yield attempt(role, "truncates", "TRUNCATE {target}", REFUSED)
    if not between.in_use:
        yield attempt(roles.owner, "truncates", "TRUNCATE {target}", KEPT)


def _on_the_ledger(between: Between) -> Iterator[Attempt]:
    """What was laid down, and when, is told by nobody but its owner, and never forgotten."""
    roles = between.schema_map.roles
    target = sql.Identifier(between.schema_map.control, _LEDGER)

    def attempt(role: str, what: str, text: LiteralString, expected: Expected) -> Attempt:
        statement = sql.SQL(text).format(target).as_string()
        return Attempt(f"`{role}` {what} the ledger", role, between.mine, statement, expected)

    yield attempt(roles.app, "reads", "SELECT 1 FROM {}", REFUSED)
    for role in (roles.app, roles.replay, roles.verify):
        yield attempt(role, "changes", "UPDATE {} SET packet = packet", REFUSED)
        yield attempt(role, "deletes from", "DELETE FROM {}", REFUSED)
    if not between.in_use:
        yield attempt(roles.owner, "truncates", "TRUNCATE {}", KEPT)


def _on_schemas(between: Between) -> Iterator[Attempt]:
    roles = between.schema_map.roles
    for schema in (between.schema_map.schema, between.schema_map.control):
        text = sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(schema, "made-up"))
        for role in (roles.app, roles.replay, roles.verify):
            words = f"`{role}` makes a table in `{schema}`"
            yield Attempt(words, role, between.mine, text.as_string(), REFUSED)


def _with_claims(between: Between) -> Iterator[Attempt]:
    """Where claims are signed, what the application says of itself counts for nothing."""
    own, strangers = between.schema_map.tenant, between.strangers
    if not own.signed:
        return
    key, _, *rest = between.mine[own.claim_setting].split(".")
    forged = ".".join([key, strangers.second.tenant.encode().hex(), *rest])
    for words, claim in (
        ("without a claim", ""),
        ("with a claim for another tenant", forged),
        ("with a claim that nobody signed", forged.rpartition(".")[0] + "." + "0" * 64),
    ):
        settings = {own.setting: strangers.second.tenant, own.claim_setting: claim}
        for table in between.schema_map.tables.values():
            target = sql.Identifier(between.schema_map.schema, table.name)
            statement = sql.SQL("SELECT 1 FROM {}").format(target).as_string()
            app = between.schema_map.roles.app
            yield Attempt(
                f"`{app}` reads `{table.name}` {words}", app, settings, statement, REFUSED
            )


def _by_catalogue(between: Between) -> Iterator[Attempt]:
    """What the catalogues tell of roles, of privileges and of functions."""
    schema_map = between.schema_map
    values = {
        "of_owner": sql.Literal(list(_OF_OWNER)),
        "roles": sql.Literal(list(schema_map.roles)),
        "schemas": sql.Literal([schema_map.schema, schema_map.control]),
    }
    for what, text in _NONE.items():
        statement = sql.SQL(text).format(**values).as_string()
        yield Attempt(what, schema_map.roles.verify, between.mine, statement, rows(0))
