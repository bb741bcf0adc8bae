"""Every way in which a database drifts from its packet is named, and nothing but it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bfg_policy.packets.database import statements
from tests.database.packets import (
    DOWN,
    ROLES_DOWN,
    UP,
    VERIFY,
    catalogue,
    connected,
    drifts,
    packet,
    replays,
    run,
    undone,
)
from tests.database.servers import Server

FILES = packet()
# Beside it other sessions' roles, and a role that the application logs in with.
LOGIN = "CREATE ROLE shop_login LOGIN IN ROLE bfg_app"


@pytest.fixture(scope="module")
def built(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A database as the packet makes it, with rows in it."""
    with connected(server.fresh_database()) as connection:
        run(connection, FILES[UP], *(FILES[name] for name in replays(FILES)))
        connection.execute(LOGIN)
        yield connection
        connection.execute("DROP ROLE shop_login")


# A change, and the beginnings of the lines that name it; with a `?` where only some servers do.
DRIFTS: dict[str, tuple[str, ...]] = {
    # Row-level security.
    "ALTER TABLE bfg_flowcontrol.users DISABLE ROW LEVEL SECURITY": (
        "table bfg_flowcontrol.users: row-level security is: disabled and forced; not: enabled",
    ),
    "ALTER TABLE bfg_flowcontrol.users NO FORCE ROW LEVEL SECURITY": (
        "table bfg_flowcontrol.users: row-level security is: enabled; not: enabled and forced",
    ),
    "ALTER TABLE bfg_control.replay_batches NO FORCE ROW LEVEL SECURITY": (
        "table bfg_control.replay_batches: row-level security is: enabled; not",
    ),
    "DROP POLICY tenant_boundary ON bfg_flowcontrol.orders": (
        "table bfg_flowcontrol.orders: policy tenant_boundary is missing",
    ),
    "CREATE POLICY leak ON bfg_flowcontrol.users USING (true)": (
        "table bfg_flowcontrol.users: policy leak is extra: permissive for all to everybody",
    ),
    "DROP POLICY tenant_boundary ON bfg_flowcontrol.orders;"
    " CREATE POLICY tenant_boundary ON bfg_flowcontrol.orders"
    " USING (tenant_id = bfg_flowcontrol.current_tenant())": (
        "table bfg_flowcontrol.orders: policy tenant_boundary is: permissive",
    ),
    "ALTER POLICY tenant_boundary ON bfg_flowcontrol.orders USING (true)": (
        "table bfg_flowcontrol.orders: policy tenant_boundary is:",
    ),
    "ALTER POLICY tenant_boundary ON bfg_flowcontrol.orders WITH CHECK (true)": (
        "table bfg_flowcontrol.orders: policy tenant_boundary is:",
    ),
    "ALTER POLICY tenant_boundary ON bfg_flowcontrol.orders TO bfg_app": (
        "table bfg_flowcontrol.orders: policy tenant_boundary is: restrictive for all to bfg_app",
    ),
    "ALTER POLICY app_insert ON bfg_flowcontrol.orders TO bfg_app, bfg_verify": (
        "table bfg_flowcontrol.orders: policy app_insert is:",
    ),
    "ALTER POLICY replay_delete ON bfg_flowcontrol.audit_events USING (true)": (
        "table bfg_flowcontrol.audit_events: policy replay_delete is:",
    ),
    "ALTER POLICY app_select ON bfg_flowcontrol.users RENAME TO app_read": (
        "table bfg_flowcontrol.users: policy app_read is extra",
        "table bfg_flowcontrol.users: policy app_select is missing",
    ),
    # Grants.
    "GRANT SELECT ON bfg_flowcontrol.users TO PUBLIC": (
        "table bfg_flowcontrol.users: grant of select to everybody is extra",
    ),
    "GRANT UPDATE ON bfg_flowcontrol.audit_events TO bfg_app": (
        "table bfg_flowcontrol.audit_events: grant of update to bfg_app is extra",
    ),
    "GRANT SELECT ON bfg_flowcontrol.users TO bfg_app WITH GRANT OPTION": (
        "table bfg_flowcontrol.users: grant of select to bfg_app is: may be handed on; not: given",
    ),
    "REVOKE SELECT ON bfg_flowcontrol.users FROM bfg_app": (
        "table bfg_flowcontrol.users: grant of select to bfg_app is missing",
    ),
    "GRANT TRUNCATE ON bfg_flowcontrol.audit_events TO bfg_replay": (
        "table bfg_flowcontrol.audit_events: grant of truncate to bfg_replay is extra",
    ),
    "GRANT UPDATE (replayed_in) ON bfg_flowcontrol.orders TO bfg_app": (
        "table bfg_flowcontrol.orders: grant of update to bfg_app on column replayed_in is extra",
    ),
    "REVOKE INSERT (status) ON bfg_flowcontrol.orders FROM bfg_app": (
        "table bfg_flowcontrol.orders: grant of insert to bfg_app on column status is missing",
    ),
    "GRANT CREATE ON SCHEMA bfg_flowcontrol TO bfg_app": (
        "schema bfg_flowcontrol: grant of create to bfg_app is extra",
    ),
    "GRANT USAGE ON SCHEMA bfg_control TO PUBLIC": (
        "schema bfg_control: grant of usage to everybody is extra",
    ),
    "GRANT EXECUTE ON FUNCTION bfg_flowcontrol.current_tenant() TO PUBLIC": (
        "function bfg_flowcontrol.current_tenant(): grant of execute to everybody is extra",
    ),
    "REVOKE EXECUTE ON FUNCTION bfg_flowcontrol.current_tenant() FROM bfg_verify": (
        "function bfg_flowcontrol.current_tenant(): grant of execute to bfg_verify is missing",
    ),
    "ALTER DEFAULT PRIVILEGES IN SCHEMA bfg_flowcontrol GRANT SELECT ON TABLES TO PUBLIC": (
        "schema bfg_flowcontrol: default privileges of postgres for objects of kind r is extra",
    ),
    "ALTER DEFAULT PRIVILEGES FOR ROLE bfg_owner GRANT SELECT ON TABLES TO bfg_app": (
        "role bfg_owner: default privileges for objects of kind r is extra",
        # What is built to be compared gets them, too.
        "table bfg_control.packet_ledger: grant of select to bfg_app is missing",
        "table bfg_control.replay_batches: grant of select to bfg_app is missing",
    ),
    # Owners.
    "ALTER TABLE bfg_flowcontrol.orders OWNER TO postgres": (
        "table bfg_flowcontrol.orders: owner is: postgres; not: bfg_owner",
        "table bfg_flowcontrol.orders: grant of",
    ),
    "ALTER SCHEMA bfg_flowcontrol OWNER TO postgres": (
        "schema bfg_flowcontrol: owner is: postgres; not: bfg_owner",
        "schema bfg_flowcontrol: grant of",
    ),
    "ALTER FUNCTION bfg_flowcontrol.refuse_change() OWNER TO bfg_app": (
        "function bfg_flowcontrol.refuse_change(): owner is: bfg_app; not: bfg_owner",
        "function bfg_flowcontrol.refuse_change(): grant of",
    ),
    # Columns.
    "ALTER TABLE bfg_flowcontrol.orders ADD COLUMN note text": (
        "table bfg_flowcontrol.orders: column note is extra: 11. text",
    ),
    "ALTER TABLE bfg_flowcontrol.payments DROP COLUMN replayed_in CASCADE": (
        "table bfg_flowcontrol.payments: column replayed_in is missing",
        "table bfg_flowcontrol.payments: policy app_insert is missing",
        "table bfg_flowcontrol.payments: policy replay_delete is missing",
        "table bfg_flowcontrol.payments: policy replay_insert is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.orders ALTER COLUMN status DROP NOT NULL": (
        "table bfg_flowcontrol.orders: column status is: 4. text; not: 4. text not null",
        "?table bfg_flowcontrol.orders: constraint orders_status_not_null is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.orders ALTER COLUMN cargo SET NOT NULL": (
        "table bfg_flowcontrol.orders: column cargo is: 7. text not null; not: 7. text",
        "?table bfg_flowcontrol.orders: constraint orders_cargo_not_null is extra",
    ),
    "ALTER TABLE bfg_control.packet_ledger ALTER COLUMN packet TYPE varchar(90)": (
        "table bfg_control.packet_ledger: column packet is: 1. character varying(90) not null; not",
    ),
    "ALTER TABLE bfg_flowcontrol.orders ALTER COLUMN status SET DEFAULT 'new'": (
        "table bfg_flowcontrol.orders: column status is: 4. text not null default 'new'::text",
    ),
    'ALTER TABLE bfg_control.packet_ledger ALTER COLUMN packet TYPE text COLLATE "C"': (
        'table bfg_control.packet_ledger: column packet is: 1. text collate "C" not null; not',
    ),
    "ALTER TABLE bfg_flowcontrol.orders RENAME COLUMN cargo TO goods": (
        "function bfg_control.",
        "table bfg_flowcontrol.orders: column cargo is missing",
        "table bfg_flowcontrol.orders: column goods is extra",
        "table bfg_flowcontrol.orders: grant of",
    ),
    # Keys, references, checks, indexes.
    "ALTER TABLE bfg_flowcontrol.payments DROP CONSTRAINT payments_pkey": (
        "table bfg_flowcontrol.payments: constraint payments_pkey is missing",
        "table bfg_flowcontrol.payments: index payments_pkey is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.audit_events DROP CONSTRAINT audit_events_actor_id_users_fkey": (
        "table bfg_flowcontrol.audit_events: constraint audit_events_actor_id_users_fkey is miss",
    ),
    "ALTER TABLE bfg_flowcontrol.audit_events DROP CONSTRAINT audit_events_actor_id_users_fkey,"
    " ADD CONSTRAINT audit_events_actor_id_users_fkey FOREIGN KEY (tenant_id, actor_id)"
    " REFERENCES bfg_flowcontrol.users (tenant_id, user_id) ON DELETE CASCADE": (
        "table bfg_flowcontrol.audit_events: constraint audit_events_actor_id_users_fkey is:",
    ),
    "ALTER TABLE bfg_flowcontrol.audit_events DROP CONSTRAINT audit_events_actor_id_users_fkey,"
    " ADD CONSTRAINT audit_events_actor_id_users_fkey FOREIGN KEY (tenant_id, actor_id)"
    " REFERENCES bfg_flowcontrol.users (tenant_id, user_id) NOT VALID": (
        "table bfg_flowcontrol.audit_events: constraint audit_events_actor_id_users_fkey is:",
    ),
    "ALTER TABLE bfg_flowcontrol.payments DROP CONSTRAINT payments_amount_minor_check": (
        "table bfg_flowcontrol.payments: constraint payments_amount_minor_check is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.payments ADD CONSTRAINT positive CHECK (amount_minor > 0)": (
        "table bfg_flowcontrol.payments: constraint positive is extra: CHECK ((amount_minor > 0))",
    ),
    "DROP INDEX bfg_flowcontrol.payments_document_id_idx": (
        "table bfg_flowcontrol.payments: index payments_document_id_idx is missing",
    ),
    "CREATE UNIQUE INDEX one ON bfg_flowcontrol.orders (order_id)": (
        "table bfg_flowcontrol.orders: index one is extra: CREATE UNIQUE INDEX one",
    ),
    "UPDATE pg_index SET indisvalid = false"
    " WHERE indexrelid = 'bfg_flowcontrol.payments_document_id_idx'::regclass": (
        "table bfg_flowcontrol.payments: index payments_document_id_idx is:",
    ),
    # Triggers and rules.
    "DROP TRIGGER append_only_update ON bfg_flowcontrol.audit_events": (
        "table bfg_flowcontrol.audit_events: trigger append_only_update is missing",
    ),
    "DROP TRIGGER refuse_truncate ON bfg_flowcontrol.users": (
        "table bfg_flowcontrol.users: trigger refuse_truncate is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.audit_events DISABLE TRIGGER append_only_delete": (
        "table bfg_flowcontrol.audit_events: trigger append_only_delete is:",
    ),
    "ALTER TABLE bfg_flowcontrol.payments DISABLE TRIGGER ALL": (
        "table bfg_flowcontrol.payments: constraint payments_document_id_finance_documents_fkey",
        "table bfg_flowcontrol.payments: trigger refuse_truncate is:",
    ),
    "CREATE TRIGGER spy AFTER INSERT ON bfg_flowcontrol.orders"
    " FOR EACH ROW EXECUTE FUNCTION bfg_flowcontrol.refuse_change()": (
        "table bfg_flowcontrol.orders: trigger spy is extra: CREATE TRIGGER spy AFTER INSERT",
    ),
    "CREATE RULE swallow AS ON INSERT TO bfg_flowcontrol.orders DO INSTEAD NOTHING": (
        "table bfg_flowcontrol.orders: rule swallow is extra",
    ),
    # Functions.
    "CREATE OR REPLACE FUNCTION bfg_flowcontrol.current_tenant() RETURNS text LANGUAGE plpgsql"
    " STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS"
    " $$BEGIN RETURN current_setting('bfg.tenant_id', true); END$$": (
        "function bfg_flowcontrol.current_tenant(): body is: BEGIN RETURN current_setting",
    ),
    "ALTER FUNCTION bfg_flowcontrol.current_tenant() SECURITY DEFINER": (
        "function bfg_flowcontrol.current_tenant(): nature is:",
    ),
    "ALTER FUNCTION bfg_flowcontrol.current_tenant() RESET search_path": (
        "function bfg_flowcontrol.current_tenant(): nature is:",
    ),
    "ALTER FUNCTION bfg_flowcontrol.current_tenant() IMMUTABLE": (
        "function bfg_flowcontrol.current_tenant(): nature is:",
    ),
    "CREATE OR REPLACE FUNCTION bfg_control.canonical(given jsonb) RETURNS text LANGUAGE sql"
    " IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT ''$$": (
        "function bfg_control.canonical(given jsonb): body is: SELECT '';",
        "function bfg_control.canonical(given jsonb): nature is",
    ),
    "CREATE FUNCTION bfg_flowcontrol.more() RETURNS int LANGUAGE sql AS 'SELECT 1'": (
        "function bfg_flowcontrol.more(): is extra",
    ),
    # What is there besides.
    "CREATE TABLE bfg_flowcontrol.spare (x int)": ("table bfg_flowcontrol.spare: is extra",),
    "CREATE VIEW bfg_flowcontrol.everybody AS SELECT 1 AS x": (
        "view bfg_flowcontrol.everybody: is extra",
    ),
    "CREATE SEQUENCE bfg_control.numbers": ("sequence bfg_control.numbers: is extra",),
    "CREATE DOMAIN bfg_control.money AS bigint": ("type bfg_control.money: is extra",),
    "CREATE VIEW public.looks AS SELECT * FROM bfg_flowcontrol.orders": (
        "table bfg_flowcontrol.orders: use from outside by rule _RETURN on view public.looks",
    ),
    "CREATE TABLE public.child () INHERITS (bfg_flowcontrol.tenants)": (
        "table bfg_flowcontrol.tenants: use from outside by table public.child",
    ),
    "CREATE TABLE public.other (tenant_id text REFERENCES bfg_flowcontrol.tenants)": (
        "table bfg_flowcontrol.tenants: use from outside by constraint other_tenant_id_fkey",
    ),
    "CREATE FUNCTION public.sees() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
    " BEGIN ATOMIC SELECT count(*) FROM bfg_flowcontrol.orders; END": (
        "table bfg_flowcontrol.orders: use from outside by function public.sees()",
    ),
    "CREATE PUBLICATION everything FOR TABLE bfg_flowcontrol.orders": (
        "table bfg_flowcontrol.orders: publication everything is extra",
    ),
    "CREATE PUBLICATION everything FOR TABLES IN SCHEMA bfg_flowcontrol": (
        "schema bfg_flowcontrol: publication everything is extra",
    ),
    "CREATE PUBLICATION everything FOR ALL TABLES": (
        "schema bfg_control: publication everything is extra",
        "schema bfg_flowcontrol: publication everything is extra",
    ),
    "DROP TABLE bfg_flowcontrol.scenario_snapshots CASCADE": (
        "function bfg_control.",
        "table bfg_flowcontrol.scenario_snapshots: is missing",
    ),
    "ALTER TABLE bfg_flowcontrol.payments SET UNLOGGED": (
        "table bfg_flowcontrol.payments: storage is: persistence u",
    ),
    "ALTER TABLE bfg_flowcontrol.payments REPLICA IDENTITY FULL": (
        "table bfg_flowcontrol.payments: storage is: persistence p replica identity f",
    ),
    # Roles.
    "ALTER ROLE bfg_app LOGIN": ("role bfg_app: may log in",),
    "ALTER ROLE bfg_app SUPERUSER": ("role bfg_app: may do everything: it is a superuser",),
    "ALTER ROLE bfg_replay BYPASSRLS": ("role bfg_replay: may bypass row-level security",),
    "ALTER ROLE bfg_verify CREATEROLE": ("role bfg_verify: may create roles",),
    "ALTER ROLE bfg_verify REPLICATION": ("role bfg_verify: may replicate",),
    "ALTER ROLE bfg_app SET bfg.tenant_id = 'acme'": (
        "role bfg_app: setting is extra: bfg.tenant_id=acme",
    ),
    "ALTER ROLE bfg_app SET row_security = off": (
        "role bfg_app: setting is extra: row_security=off",
    ),
    "GRANT bfg_owner TO bfg_app": (
        "role bfg_app: is a member of bfg_owner",
        "role bfg_owner: is granted to bfg_app",
        "role bfg_owner: is granted to shop_login",  # by way of bfg_app
    ),
    "GRANT bfg_replay TO bfg_app": ("role bfg_app: is a member of bfg_replay",),
    "GRANT pg_read_all_data TO bfg_verify": ("role bfg_verify: is a member of pg_read_all_data",),
    "GRANT bfg_owner TO shop_login": ("role bfg_owner: is granted to shop_login",),
    "ALTER ROLE shop_login BYPASSRLS": (
        "role bfg_app: is granted to shop_login, which row-level security does not bind",
    ),
    "CREATE TABLE public.notes (x int); GRANT SELECT ON public.notes TO bfg_app": (
        "role bfg_app: has something to do with table public.notes",
    ),
    "CREATE SCHEMA theirs AUTHORIZATION bfg_app": (
        "role bfg_app: has something to do with schema theirs",
    ),
    "DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO bfg_app', current_database());"
    " END$$": ("role bfg_app: has something to do with database",),
    "CREATE ROLE team; GRANT bfg_owner TO team; GRANT team TO shop_login": (
        "role bfg_owner: is granted to team",
        "role bfg_owner: is granted to shop_login",
    ),
    "CREATE ROLE team IN ROLE bfg_verify; CREATE ROLE copies BYPASSRLS IN ROLE team": (
        "role bfg_verify: is granted to copies, which row-level security does not bind",
    ),
    # What a session begins with.
    "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET bfg.tenant_id = acme', current_database());"
    " END$$": ("the database: sets bfg.tenant_id for each session",),
    "ALTER ROLE ALL SET session_replication_role = replica": (
        "the database: sets session_replication_role for each session",
    ),
    "ALTER ROLE shop_login SET bfg.tenant_id = 'acme'": (
        "role shop_login: sets bfg.tenant_id for each session",
    ),
    # Several at once.
    "ALTER TABLE bfg_flowcontrol.users DISABLE ROW LEVEL SECURITY;"
    " DROP INDEX bfg_flowcontrol.payments_document_id_idx; ALTER ROLE bfg_app LOGIN": (
        "role bfg_app: may log in",
        "table bfg_flowcontrol.payments: index payments_document_id_idx is missing",
        "table bfg_flowcontrol.users: row-level security is: disabled",
    ),
}


def test_what_was_just_made_has_not_drifted(built: psycopg.Connection[Any]) -> None:
    with undone(built):
        assert drifts(built, FILES) == []


def test_at_least_forty_are_tried() -> None:
    assert len(DRIFTS) >= 80


# All of them on 18, and some on 15.
TRIED = [(18, change) for change in DRIFTS] + [(15, change) for change in list(DRIFTS)[::4]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "change"),
    TRIED,
    indirect=["server"],
    ids=[f"pg{major}-{change[:60]}" for major, change in TRIED],
)
def test_a_drift_is_named(built: psycopg.Connection[Any], change: str) -> None:
    told: list[str] = []
    built.add_notice_handler(note := lambda each: told.append(each.message_primary))
    with undone(built):
        built.execute("SET LOCAL allow_system_table_mods = on")
        built.execute(change.encode())
        found = drifts(built, FILES)
    built.remove_notice_handler(note)
    wanted = DRIFTS[change]
    assert found, "it was not noticed"
    for beginning in wanted:
        assert beginning[0] == "?" or any(line.startswith(beginning) for line in found), found
    known = tuple(beginning.lstrip("?") for beginning in wanted)
    assert [line for line in found if not line.startswith(known)] == []
    assert [each for each in told if each in found] == found


def test_what_others_set_for_themselves_is_no_drift(built: psycopg.Connection[Any]) -> None:
    with undone(built):
        built.execute("CREATE ROLE nobody_of_ours LOGIN")
        built.execute("ALTER ROLE nobody_of_ours SET bfg.tenant_id = 'acme'")
        built.execute("ALTER ROLE shop_login SET work_mem = '8MB'")
        assert drifts(built, FILES) == []


def test_a_text_that_is_too_long_is_not_told(built: psycopg.Connection[Any]) -> None:
    """Were it cut, half a name could be left, of a role that nobody should be told."""
    with undone(built):
        for number in range(90):
            built.execute(f"CREATE ROLE reader_{number:02}".encode())
            built.execute(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA bfg_flowcontrol GRANT SELECT ON TABLES"
                f" TO reader_{number:02}".encode()
            )
        (found,) = drifts(built, FILES)
    assert found.endswith("default privileges of postgres for objects of kind r is extra")


def test_nothing_is_left_of_the_comparison(built: psycopg.Connection[Any]) -> None:
    before = catalogue(built)
    run(built, FILES[VERIFY])
    assert catalogue(built) == before


@pytest.mark.parametrize("gone", [(), (DOWN,), (DOWN, ROLES_DOWN)])
def test_what_is_not_there_is_named(server: Server, gone: tuple[str, ...]) -> None:
    files = packet(roles="gone")
    with connected(server.fresh_database()) as connection:
        run(connection, files[UP], *(files[name] for name in gone))
        with undone(connection):
            found = drifts(connection, files)
        run(connection, *(files[name] for name in (DOWN, ROLES_DOWN) if not gone))
    roles = [f"role gone_{name} is missing" for name in ("app", "owner", "replay", "verify")]
    schemas = ["schema bfg_control is missing", "schema bfg_flowcontrol is missing"]
    assert found == (roles if len(gone) == 2 else []) + (schemas if gone else [])


def test_the_scratch_schema_of_somebody_else_stops_it(built: psycopg.Connection[Any]) -> None:
    with undone(built):
        built.execute("CREATE SCHEMA bfg_policy_expected")
        with pytest.raises(psycopg.errors.DuplicateSchema), undone(built):
            built.execute(statements(FILES[VERIFY]).encode())
