"""What may have gone wrong on a server that was migrated, and what a probe says of it."""

from __future__ import annotations

from typing import NamedTuple

# Without rows of somebody else nobody could see too many.
FOREIGN_ROWS = """
INSERT INTO bfg_flowcontrol.tenants (tenant_id) VALUES ('other');
INSERT INTO bfg_flowcontrol.orders (tenant_id, order_id, status) VALUES ('other', 'o-1', 'x');
"""
NO_FOREIGN_ROWS = """
DELETE FROM bfg_flowcontrol.orders WHERE tenant_id = 'other';
DELETE FROM bfg_flowcontrol.tenants WHERE tenant_id = 'other';
"""


class Wrong(NamedTuple):
    """One of them. spoil, mend: how it comes about and is undone; words: a pattern of its line."""

    what: str
    spoil: str
    mend: str
    section: str
    words: str


WRONG = (
    Wrong(
        "row-level security is off",
        "ALTER TABLE bfg_flowcontrol.orders DISABLE ROW LEVEL SECURITY;",
        "ALTER TABLE bfg_flowcontrol.orders ENABLE ROW LEVEL SECURITY;",
        "rbac",
        "fail +it sees no rows of other tenants +1 row",
    ),
    Wrong(
        "a leftover policy lets everybody in",
        """
        DROP POLICY tenant_boundary ON bfg_flowcontrol.orders;
        CREATE POLICY leftover ON bfg_flowcontrol.orders FOR SELECT USING (true);
        """,
        """
        DROP POLICY leftover ON bfg_flowcontrol.orders;
        CREATE POLICY tenant_boundary ON bfg_flowcontrol.orders AS RESTRICTIVE
        USING (tenant_id = (SELECT bfg_flowcontrol.current_tenant()));
        """,
        "rbac",
        "fail +it sees no rows of other tenants +1 row",
    ),
    Wrong(
        "more is granted",
        "GRANT TRUNCATE ON bfg_flowcontrol.payments TO bfg_app;",
        "REVOKE TRUNCATE ON bfg_flowcontrol.payments FROM bfg_app;",
        "rbac",
        "fail +the application may do what the map says +not so in payments",
    ),
    Wrong(
        "an actor has another role",
        "UPDATE bfg_flowcontrol.users SET role_key = 'client' WHERE user_id = 'driver_nowak';",
        "UPDATE bfg_flowcontrol.users SET role_key = 'driver' WHERE user_id = 'driver_nowak';",
        "rbac",
        "fail +each actor ends at one user of the tenant +6 of 7, not driver_nowak",
    ),
    Wrong(
        "no tenant is an empty one",
        """
        CREATE OR REPLACE FUNCTION bfg_flowcontrol.current_tenant() RETURNS text
        LANGUAGE sql STABLE AS $$ SELECT coalesce(current_setting('bfg.tenant_id', true), '') $$;
        """,
        """
        CREATE OR REPLACE FUNCTION bfg_flowcontrol.current_tenant() RETURNS text
        LANGUAGE plpgsql STABLE AS $$ BEGIN
          IF coalesce(current_setting('bfg.tenant_id', true), '') = '' THEN
            RAISE EXCEPTION 'no tenant' USING ERRCODE = 'insufficient_privilege';
          END IF;
          RETURN current_setting('bfg.tenant_id', true);
        END $$;
        """,
        "rbac",
        "fail +no tenant is no tenant +one that is not set, or empty, is taken for one",
    ),
    Wrong(
        "a trigger changes what is written",
        """
        CREATE FUNCTION public.meddle() RETURNS trigger
        LANGUAGE plpgsql AS $$ BEGIN NEW.status := 'meddled'; RETURN NEW; END $$;
        CREATE TRIGGER meddle BEFORE INSERT ON bfg_flowcontrol.orders
        FOR EACH ROW EXECUTE FUNCTION public.meddle();
        """,
        "DROP FUNCTION public.meddle() CASCADE;",
        "write_probe",
        "fail +it is read back the same +it is not",
    ),
    Wrong(
        "a trigger swallows what is written",
        """
        CREATE FUNCTION public.swallow() RETURNS trigger
        LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER swallow BEFORE INSERT ON bfg_flowcontrol.orders
        FOR EACH ROW EXECUTE FUNCTION public.swallow();
        """,
        "DROP FUNCTION public.swallow() CASCADE;",
        "write_probe",
        "fail +a row is written +the database refuses it",
    ),
    Wrong(
        "an empty table is open to everybody",
        """
        ALTER TABLE bfg_flowcontrol.orders DISABLE ROW LEVEL SECURITY;
        DELETE FROM bfg_flowcontrol.orders;
        """,
        "ALTER TABLE bfg_flowcontrol.orders ENABLE ROW LEVEL SECURITY;",
        "write_probe",
        "fail +another tenant is refused +it reads it, changes it, deletes it, writes one for us",
    ),
)
