"""The runbook's SQL on a real server: what it builds keeps tenants apart, and twice is as once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bfg_policy.rendering.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

pytestmark = pytest.mark.slow

TEMPLATE = Path(__file__).parents[2] / "policies/templates/migration-runbook.sql.j2"
TABLES = ("tenants", "users", "scenario_snapshots", "audit_events")
ROWS = {
    "tenants": "({tenant}, 'name')",
    "users": "({tenant}, 'of ' || {tenant}, 'driver', 'A driver')",
    "scenario_snapshots": "({tenant}, 's1', 'S.v1', repeat('ab', 32), 'payload')",
    "audit_events": "({tenant}, 'e1', 'of ' || {tenant}, 'test', '{{}}')",
}
CATALOGUES = (
    """
    SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles
    WHERE rolname LIKE 'bfg%' ORDER BY 1
    """,
    """
    SELECT relname, relowner::regrole::text, relrowsecurity, relforcerowsecurity, relacl::text
    FROM pg_class WHERE relnamespace = 'bfg_flowcontrol'::regnamespace ORDER BY 1
    """,
    """
    SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
    FROM pg_policies WHERE schemaname = 'bfg_flowcontrol' ORDER BY 1, 2
    """,
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'bfg_flowcontrol'::regnamespace ORDER BY 1, 2
    """,
    """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
    """,
    """
    SELECT proname, proacl::text FROM pg_proc
    WHERE pronamespace = 'bfg_flowcontrol'::regnamespace ORDER BY 1
    """,
    """
    SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members
    WHERE roleid::regrole::text LIKE 'bfg%' ORDER BY 1, 2
    """,
)


def added(table: str, tenant: str) -> str:
    """A statement that adds the row of a tenant to a table."""
    values = ROWS[table].format(tenant=f"'{tenant}'")
    return f"INSERT INTO bfg_flowcontrol.{table} VALUES {values}"  # noqa: S608 - ours alone


def runbook(**scenario: str) -> str:
    """The packet of a session, as the template writes it."""
    context = {
        "board": {"contract": "ProductionAdapterMigrationRunbook.v1", "decision": "BLOCKED"},
        "snapshot": {"schema": "BFGScenarioSnapshot.v1", "checksum": "bfg-12345678", "total": 3},
        "target": "db-auth-session-adapter",
        "scenario": {"scenario": "grant-demo-local", **scenario},
    }
    templates = {"runbook": TEMPLATE.read_text(encoding="utf-8")}
    return Renderer(templates, {}).render("runbook", context)


@pytest.fixture(scope="module")
def built(postgres: str) -> Iterator[psycopg.Connection]:
    """A database in which the packet ran, with a row of each table for tenants `a` and `b`."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(runbook())
        for tenant in ("a", "b"):
            for table in TABLES:
                as_role(connection, "bfg_replay", tenant, added(table, tenant))
        yield connection


def as_role(connection: psycopg.Connection, role: str, tenant: str | None, query: str) -> list[Any]:
    """What a query gives to a role on behalf of a tenant (None: nobody's), in a transaction."""
    with connection.transaction():
        connection.execute(f"SET LOCAL ROLE {role}")
        if tenant is not None:
            connection.execute("SELECT set_config('bfg.tenant_id', %s, true)", [tenant])
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def catalogue(connection: psycopg.Connection) -> list[Any]:
    """What the packet built, as the catalogues have it, without their own numbers."""
    return [connection.execute(query).fetchall() for query in CATALOGUES]


def test_the_header_says_what_the_packet_is_of() -> None:
    assert runbook().splitlines()[:7] == [
        "-- ProductionAdapterMigrationRunbook.v1",
        "-- source=BFGScenarioSnapshot.v1",
        "-- target=db-auth-session-adapter",
        "-- session=grant-demo-local",
        "-- checksum=bfg-12345678",
        "-- rows=3",
        "-- runbook_decision=BLOCKED",
    ]


def test_it_is_plain_sql_in_one_transaction() -> None:
    lines = runbook().splitlines()
    assert "\\" not in runbook()
    assert [line for line in lines if line in ("BEGIN;", "COMMIT;")] == ["BEGIN;", "COMMIT;"]
    assert lines[-1] == "COMMIT;"


def test_twice_is_as_once(built: psycopg.Connection) -> None:
    before = catalogue(built)
    built.execute(runbook())
    assert catalogue(built) == before


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["bfg_app", "bfg_replay", "bfg_verify"])
def test_a_tenant_sees_its_own_rows_alone(built: psycopg.Connection, role: str, table: str) -> None:
    query = f"SELECT tenant_id FROM bfg_flowcontrol.{table}"  # noqa: S608 - ours alone
    assert as_role(built, role, "a", query) == [("a",)]
    assert as_role(built, role, "nobody", query) == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("tenant", [None, "", "  "])
def test_without_a_tenant_there_is_an_error_and_not_an_empty_table(
    built: psycopg.Connection, table: str, tenant: str | None
) -> None:
    query = f"SELECT count(*) FROM bfg_flowcontrol.{table}"  # noqa: S608 - ours alone
    with pytest.raises(Exception, match=r"bfg\.tenant_id is not set"):
        as_role(built, "bfg_app", tenant, query)


@pytest.mark.parametrize(
    ("role", "query", "error"),
    [
        ("bfg_replay", added("users", "b"), "row-level security"),
        ("bfg_app", added("users", "a"), "permission denied"),
        ("bfg_verify", added("audit_events", "a"), "permission denied"),
        (
            "bfg_app",
            "INSERT INTO bfg_flowcontrol.audit_events VALUES ('a', 'e2', 'of b', 'test', '{}')",
            "foreign key",
        ),
        ("bfg_app", "UPDATE bfg_flowcontrol.audit_events SET source = 'x'", "permission denied"),
        ("bfg_replay", "DELETE FROM bfg_flowcontrol.users", "permission denied"),
        ("bfg_replay", "TRUNCATE bfg_flowcontrol.audit_events", "permission denied"),
        ("bfg_owner", "TRUNCATE bfg_flowcontrol.audit_events", "TRUNCATE of .* is not allowed"),
        ("bfg_app", "SELECT bfg_flowcontrol.refuse_change()", "permission denied"),
    ],
)
def test_what_is_not_given_is_refused(
    built: psycopg.Connection, role: str, query: str, error: str
) -> None:
    with pytest.raises(Exception, match=error):
        as_role(built, role, "a", query)


def test_the_owner_is_bound_too(built: psycopg.Connection) -> None:
    assert as_role(built, "bfg_owner", "a", "SELECT * FROM bfg_flowcontrol.users") == []


def test_not_even_a_superuser_edits_the_audit_trail(built: psycopg.Connection) -> None:
    with pytest.raises(Exception, match=r"UPDATE of .* is not allowed"):
        built.execute("UPDATE bfg_flowcontrol.audit_events SET source = 'x'")


def test_the_database_digests_the_payload(built: psycopg.Connection) -> None:
    from hashlib import sha256

    query = "SELECT payload_sha256 FROM bfg_flowcontrol.scenario_snapshots"
    digest = sha256(b"payload").hexdigest()
    assert as_role(built, "bfg_verify", "a", query) == [(digest,)]


def test_a_left_over_policy_does_not_stay(built: psycopg.Connection) -> None:
    before = catalogue(built)
    built.execute("CREATE POLICY leak ON bfg_flowcontrol.users USING (true)")
    built.execute("ALTER TABLE bfg_flowcontrol.users NO FORCE ROW LEVEL SECURITY")
    built.execute(runbook())
    assert catalogue(built) == before


@pytest.mark.parametrize(
    ("change", "undo", "error"),
    [
        (
            "ALTER TABLE bfg_flowcontrol.users ADD COLUMN more text",
            "ALTER TABLE bfg_flowcontrol.users DROP COLUMN more",
            "another shape",
        ),
        (
            "ALTER ROLE bfg_app BYPASSRLS",
            "ALTER ROLE bfg_app NOBYPASSRLS",
            "role bfg_app may do more",
        ),
    ],
)
def test_drift_is_refused_and_nothing_is_changed(
    built: psycopg.Connection, change: str, undo: str, error: str
) -> None:
    built.execute(change)
    before = catalogue(built)
    try:
        with pytest.raises(Exception, match=error):
            built.execute(runbook())
        built.execute("ROLLBACK")
        assert catalogue(built) == before
    finally:
        built.execute(undo)


def test_a_login_that_is_no_superuser_can_run_it(postgres: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("CREATE ROLE operator LOGIN CREATEROLE")
        admin.execute("CREATE DATABASE elsewhere OWNER operator")
        # The roles belong to the whole server: the operator has to be able to hand them out.
        for role in ("bfg_owner", "bfg_app", "bfg_replay", "bfg_verify"):
            if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                admin.execute(f"GRANT {role} TO operator WITH ADMIN TRUE, SET FALSE")
    with psycopg.connect(postgres, user="operator", dbname="elsewhere", autocommit=True) as login:
        login.execute(runbook())
        login.execute(runbook())
        lent = "SELECT pg_has_role('operator', 'bfg_owner', 'SET')"
        assert login.execute(lent).fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute("SELECT * FROM bfg_flowcontrol.users")
