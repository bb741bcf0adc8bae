"""Three tenants share every id, and none gets at another's rows, whatever the application tries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.database.attempts import MAP, SHARED, TENANTS, Attempts, inserted, row
from tests.database.packets import DOWN, ROLES_DOWN, TABLES, UP, connected, packet, run, undone
from tests.database.servers import Server

FILES = packet(roles="apart", schema="apart")
ATTEMPTS = {15: 10_000, 18: 20_000}
BATCH = 2_000

# It tries each statement in a subtransaction that it undoes, and tells those that got at something.
ATTEMPT = """
CREATE SCHEMA lab;
CREATE FUNCTION lab.attempt(tries jsonb, OUT refused bigint, OUT empty bigint, OUT leaks text[])
LANGUAGE plpgsql AS $$
DECLARE
  try record;
  got bigint;
BEGIN
  refused := 0; empty := 0; leaks := '{}';
  FOR try IN SELECT * FROM jsonb_to_recordset(tries) AS t (tenant text, kind text, sql text) LOOP
    got := NULL;
    BEGIN
      PERFORM set_config('bfg.tenant_id', try.tenant, true);
      IF try.kind = 'value' THEN
        EXECUTE try.sql INTO got;
      ELSE
        EXECUTE try.sql;
        GET DIAGNOSTICS got = ROW_COUNT;
        IF try.kind = 'success' THEN
          got := 1;
        END IF;
      END IF;
      RAISE EXCEPTION SQLSTATE 'LAB00';
    EXCEPTION
      WHEN SQLSTATE 'LAB00' THEN
        IF coalesce(got, 0) > 0 THEN
          leaks := leaks || format('%s [%s] %s: %s', try.tenant, try.kind, got, try.sql);
        ELSE
          empty := empty + 1;
        END IF;
      WHEN division_by_zero OR raise_exception THEN
        leaks := leaks || format('%s [%s] %s: %s', try.tenant, try.kind, SQLERRM, try.sql);
      WHEN OTHERS THEN
        refused := refused + 1;
    END;
  END LOOP;
END
$$;
GRANT USAGE ON SCHEMA lab TO PUBLIC;
"""
# It is told of a row before a policy has let it through, if anything is.
TELL = """
CREATE FUNCTION pg_temp.tell(text, text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
  IF $1 = $2 THEN
    RAISE EXCEPTION 'told of %', $1;
  END IF;
  RETURN true;
END
$$
"""


@pytest.fixture(scope="module")
def login(server: Server) -> Iterator[str]:
    """The address of a database with rows of all tenants, for the application's login."""
    dsn = server.fresh_database()
    with connected(dsn) as admin:
        run(admin, FILES[UP])
        for index, tenant in enumerate(TENANTS):
            for table in TABLES:
                for number in (*SHARED, str(4 + index))[: 1 if table == "tenants" else 4]:
                    marked = {**row(table, tenant, number), "replayed_in": "1"}
                    admin.execute(inserted(table, marked).encode())
        admin.execute("CREATE ROLE apart_login LOGIN IN ROLE apart_app")
        admin.execute(ATTEMPT)
        before = contents(admin)
    assert {table: len(rows) for table, rows in before.items()} == {
        table: 3 if table == "tenants" else 12 for table in TABLES
    }
    yield f"{dsn} user=apart_login"
    with connected(dsn) as admin:
        assert contents(admin) == before
        admin.execute("DROP ROLE apart_login")


def as_admin(login: str) -> str:
    """The same database's address, for the superuser."""
    return login.replace("user=apart_login", "")


def contents(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """All rows of all tables, for a superuser."""
    query = "SELECT to_jsonb(each)::text FROM apart.{} AS each ORDER BY 1"
    return {
        table: [text for (text,) in connection.execute(query.format(table).encode())]
        for table in TABLES
    }


def leaks(login: str, seed: int, count: int) -> tuple[list[str], Counter[str]]:
    """What of so many attempts got at something, and what came of the others."""
    attempts = Attempts(seed)
    found: list[str] = []
    others: Counter[str] = Counter()
    with connected(login) as application:
        application.execute(TELL)
        for _ in range(count // BATCH):
            drawn = [attempts.drawn() for _ in range(BATCH)]
            answer = application.execute("SELECT * FROM lab.attempt(%s)", [json.dumps(drawn)])
            refused, empty, leaked = answer.fetchone()  # type: ignore[misc]
            others.update(refused=refused, empty=empty)
            found += leaked
    return found, others


@pytest.mark.slow
def test_no_attempt_gets_at_anything(server: Server, login: str) -> None:
    found, others = leaks(login, server.major, ATTEMPTS[server.major])
    assert found == []
    assert others.total() == ATTEMPTS[server.major]
    # Both happen: what is refused, and what is answered with nothing.
    assert min(others.values()) > others.total() // 10


WEAKENED = {
    "a policy of somebody else": "CREATE POLICY leak ON apart.orders USING (true)",
    "the boundary is gone": "DROP POLICY tenant_boundary ON apart.orders",
    "the boundary takes everything": "ALTER POLICY tenant_boundary ON apart.users USING (true)",
    "no row-level security": "ALTER TABLE apart.payments DISABLE ROW LEVEL SECURITY",
    "no tenant is a tenant": "CREATE OR REPLACE FUNCTION apart.current_tenant() RETURNS text"
    " LANGUAGE sql AS $$SELECT coalesce(nullif(current_setting('bfg.tenant_id'), ''), 'acme')$$",
    "the application is more": "GRANT apart_replay TO apart_login",
    "the ledger of replays is open": "GRANT USAGE ON SCHEMA apart_control TO apart_app;"
    " GRANT SELECT ON apart_control.packet_ledger TO apart_app",
    "a reference within no tenant": "ALTER TABLE apart.order_events"
    " DROP CONSTRAINT order_events_order_id_orders_fkey",
    "what was audited can change": "GRANT UPDATE ON apart.audit_events TO apart_app;"
    " CREATE POLICY app_update ON apart.audit_events FOR UPDATE TO apart_app USING (true);"
    " DROP TRIGGER append_only_update ON apart.audit_events",
}


@pytest.mark.parametrize("server", [18], ids=["pg18"], indirect=True)
@pytest.mark.parametrize("change", WEAKENED.values(), ids=WEAKENED)
def test_the_attempts_would_notice(server: Server, login: str, change: str) -> None:
    """The same attempts, where the packet is weakened."""
    name = psycopg.conninfo.conninfo_to_dict(login)["dbname"]
    weak = server.fresh_database(template=str(name))
    with connected(weak) as admin:
        admin.execute(change.encode())
        try:
            found, _ = leaks(f"{weak} user=apart_login", 1, BATCH)
        finally:
            admin.execute("REVOKE apart_replay FROM apart_login")
    # A permissive policy more lets nobody past a restrictive one: that is what it is there for.
    assert bool(found) is ("CREATE POLICY leak" not in change)


@pytest.mark.parametrize("table", TABLES)
def test_copy_is_no_way_around(login: str, table: str) -> None:
    refused = (psycopg.errors.FeatureNotSupported, psycopg.errors.InsufficientPrivilege)
    with connected(login) as application, undone(application):
        application.execute("SELECT set_config('bfg.tenant_id', 'acme', true)")
        query = f"COPY (SELECT tenant_id FROM apart.{table}) TO STDOUT"  # noqa: S608
        with application.cursor().copy(query.encode()) as out:
            assert {bytes(line) for line in out} == {b"acme\n"}
        for query in (
            f"COPY apart.{table} FROM STDIN",
            f"COPY apart.{table} (tenant_id) FROM STDIN",
        ):
            with pytest.raises(refused), undone(application):
                copied_into(application, query)


def copied_into(connection: psycopg.Connection[Any], query: str) -> None:
    with connection.cursor().copy(query.encode()) as into:
        into.write_row(["bravo"])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("tenant", [None, "", "  ", "\t"])
@pytest.mark.parametrize("is_empty", [False, True], ids=["rows", "empty"])
def test_without_a_tenant_there_is_an_error_and_not_an_empty_table(
    login: str, table: str, tenant: str | None, is_empty: bool
) -> None:
    with connected(as_admin(login)) as admin, undone(admin):
        if is_empty:
            admin.execute("SET LOCAL session_replication_role = replica")
            admin.execute(f"DELETE FROM apart.{table}".encode())  # noqa: S608
            admin.execute("SET LOCAL session_replication_role = origin")
        admin.execute("SET LOCAL ROLE apart_app")
        if tenant is not None:
            admin.execute("SELECT set_config('bfg.tenant_id', %s, true)", [tenant])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="names no tenant"):
            admin.execute(f"SELECT * FROM apart.{table}".encode())  # noqa: S608


@pytest.mark.parametrize("signed", [False, True], ids=["named", "signed"])
def test_no_tenant_is_an_error_where_there_was_never_a_row(server: Server, signed: bool) -> None:
    """Of an empty table the server may know so much that it looks at nothing."""
    files = packet(roles="bare", signed=signed)
    with connected(server.fresh_database()) as admin:
        run(admin, files[UP])
        admin.execute("ANALYZE")
        with undone(admin):
            admin.execute("SET LOCAL ROLE bare_app")
            if signed:  # to name a tenant is not to bring a claim
                admin.execute("SELECT set_config('bfg.tenant_id', 'acme', true)")
            for table in TABLES:
                for query in (
                    f"EXPLAIN TABLE bfg_flowcontrol.{table}",
                    f"TABLE bfg_flowcontrol.{table}",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), undone(admin):
                        admin.execute(query.encode())
        run(admin, files[DOWN], files[ROLES_DOWN])


def test_a_tenant_sees_its_own_rows(login: str) -> None:
    with connected(login) as application:
        for tenant in TENANTS:
            with undone(application):
                application.execute("SELECT set_config('bfg.tenant_id', %s, true)", [tenant])
                for table in TABLES:
                    query = f"SELECT tenant_id FROM apart.{table}"  # noqa: S608
                    found = application.execute(query.encode()).fetchall()
                    assert found == [(tenant,)] * (1 if table == "tenants" else 4)


def test_what_the_map_lets_the_application_do_it_can(login: str) -> None:
    with connected(login) as application, undone(application):
        application.execute("SELECT set_config('bfg.tenant_id', 'acme', true)")
        for table, mapped in MAP.tables.items():
            new = {**row(table, "acme", "1"), mapped.key[-1]: "'8'"}
            column, where = mapped.columns[-1].name, f"WHERE {mapped.key[-1]} = '8'"
            for command, query in (
                ("insert", inserted(table, new)),
                ("update", f"UPDATE apart.{table} SET {column} = {column} {where}"),  # noqa: S608
                ("delete", f"DELETE FROM apart.{table} {where}"),  # noqa: S608
            ):
                if command in mapped.app:
                    assert application.execute(query.encode()).rowcount == 1
                else:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), undone(application):
                        application.execute(query.encode())


@pytest.mark.parametrize("role", ["apart_owner", "postgres"])
def test_nobody_edits_or_empties_the_audit_trail(login: str, role: str) -> None:
    """Not even a superuser, and the owner does not even see it."""
    with connected(as_admin(login)) as admin, undone(admin):
        admin.execute(f"SET LOCAL ROLE {role}".encode())
        admin.execute("SELECT set_config('bfg.tenant_id', 'acme', true)")
        seen = admin.execute("SELECT count(*) FROM apart.audit_events").fetchone()
        assert seen == ((12,) if role == "postgres" else (0,))
        for table in TABLES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), undone(admin):
                admin.execute(f"TRUNCATE apart.{table} CASCADE".encode())
        for query in (
            "UPDATE apart.audit_events SET source = 'x'",
            "DELETE FROM apart.audit_events",
        ):
            if role == "postgres":
                with pytest.raises(psycopg.errors.InsufficientPrivilege), undone(admin):
                    admin.execute(query.encode())
            else:
                assert admin.execute(query.encode()).rowcount == 0
