"""What a rehearsal could change on a server, as data that is compared before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.database import SchemaMap

# By kind of thing, what there is of it; sorted, and without the server's own numbers.
State: TypeAlias = "Mapping[str, tuple[tuple[object, ...], ...]]"

_NAMED = """
    WITH
      schemas AS (SELECT oid FROM pg_namespace WHERE nspname = ANY(%(schemas)s)),
      roles AS (SELECT oid FROM pg_roles WHERE rolname = ANY(%(roles)s))"""
_CATALOGUE = {
    "schemas": """
        SELECT nspname::text, nspowner::regrole::text, nspacl::text
        FROM pg_namespace WHERE nspname = ANY(%(schemas)s)""",
    "relations": """
        SELECT oid::regclass::text, relkind::text, relowner::regrole::text, relacl::text,
          relrowsecurity, relforcerowsecurity, relpersistence::text, reloptions::text
        FROM pg_class WHERE relnamespace IN (SELECT oid FROM schemas) AND relkind <> 't'""",
    "columns": """
        SELECT attrelid::regclass::text, attnum, attname::text, format_type(atttypid, atttypmod),
          attnotnull, attidentity::text, attgenerated::text, attcollation, attacl::text,
          pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace IN (SELECT oid FROM schemas) AND relkind <> 't' AND attnum > 0""",
    "constraints": """
        SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace IN (SELECT oid FROM schemas)""",
    "indexes": """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
        FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace IN (SELECT oid FROM schemas) AND relkind <> 't'""",
    "policies": """
        SELECT schemaname::text, tablename::text, policyname::text, permissive, roles::text, cmd,
          qual, with_check
        FROM pg_policies WHERE schemaname = ANY(%(schemas)s)""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(pg_trigger.oid), tgenabled
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace IN (SELECT oid FROM schemas) AND NOT tgisinternal""",
    "functions": """
        SELECT oid::regprocedure::text, proowner::regrole::text, proacl::text,
          CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(oid) END
        FROM pg_proc WHERE pronamespace IN (SELECT oid FROM schemas)""",
    "default privileges": """
        SELECT defaclrole::regrole::text, defaclnamespace::regnamespace::text,
          defaclobjtype::text, defaclacl::text
        FROM pg_default_acl
        WHERE defaclnamespace IN (SELECT oid FROM schemas)
          OR defaclrole IN (SELECT oid FROM roles)""",
    "roles": """
        SELECT rolname::text, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
          rolreplication, rolbypassrls, rolconnlimit, rolconfig::text
        FROM pg_roles WHERE rolname = ANY(%(roles)s)""",
    "memberships": """
        SELECT roleid::regrole::text, member::regrole::text, to_jsonb(m) - '{oid}'::text[]
        FROM pg_auth_members m
        WHERE roleid IN (SELECT oid FROM roles) OR member IN (SELECT oid FROM roles)""",
    "database": " SELECT datacl::text FROM pg_database WHERE datname = current_database()",
}


def catalogue(connection: Connection, schema_map: SchemaMap) -> State:
    """Everything that the catalogues have of the map's schemas and roles."""
    names = {
        "schemas": [schema_map.schema, schema_map.control],
        "roles": list(schema_map.roles),
    }
    return {
        kind: _sorted(connection.execute((_NAMED + query).encode(), names).fetchall())
        for kind, query in _CATALOGUE.items()
    }


def row_state(connection: Connection, schema_map: SchemaMap) -> State:
    """Of each mapped table, how many rows the session sees, and the sum of their hashes."""
    state = {}
    for name in schema_map.tables:
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} AS t"
        ).format(sql.Identifier(schema_map.schema, name))
        state[name] = tuple(connection.execute(query).fetchall())
    return state


def differences(before: State, after: State) -> tuple[str, ...]:
    """The kinds of things that are not what they were, in the order of `before`."""
    return tuple(kind for kind in before if before[kind] != after.get(kind))


def _sorted(found: Sequence[tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
    return tuple(sorted(found, key=repr))
