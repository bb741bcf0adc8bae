-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=grant-demo-local
-- checksum=bfg-3475ef37
-- rows=0
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=90_schema.down.sql

BEGIN; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;  -- frame
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, MDY';
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = 'warning';
SET LOCAL row_security = on;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL check_function_bodies = on;
SET LOCAL jit = off;

-- One file of this set at a time, whoever runs it.
DO $packet$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('bfg_flowcontrol', 7));
END
$packet$;

-- Only taking down takes away, and what it takes away is empty and the packet's own:
-- squawk-ignore-file ban-drop-table, ban-drop-function, ban-drop-schema
-- Takes down what 10_schema.up.sql made, where no row is left in it; 80_rollback.data.sql takes back
-- what was replayed. What is not of this packet stops it: nothing here says CASCADE.
-- What follows is done as bfg_owner. Whoever may not become that role is lent it until the end.
DO $packet$
BEGIN
  PERFORM set_config('bfg_policy.operator', current_user, true);
  PERFORM set_config('bfg_policy.lent', '', true);
  IF NOT pg_has_role(current_user, 'bfg_owner',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  THEN
    EXECUTE format('GRANT %I TO %I', 'bfg_owner', current_user);
    PERFORM set_config('bfg_policy.lent', 'yes', true);
  END IF;
END
$packet$;
SET LOCAL ROLE "bfg_owner";

-- The owner is bound by row-level security too, and has to see whether a row is left.
ALTER TABLE IF EXISTS "bfg_flowcontrol"."scenario_snapshots" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."audit_events" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."payments" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."finance_documents" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."order_events" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."users" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."role_permissions" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."roles" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_flowcontrol"."tenants" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE IF EXISTS "bfg_control".replay_batches NO FORCE ROW LEVEL SECURITY;

DO $packet$
DECLARE
  relation text;
  has_rows boolean;
  live text[] := '{}';
BEGIN
  FOREACH relation IN ARRAY ARRAY[
    '"bfg_flowcontrol"."tenants"',
    '"bfg_flowcontrol"."roles"',
    '"bfg_flowcontrol"."role_permissions"',
    '"bfg_flowcontrol"."users"',
    '"bfg_flowcontrol"."orders"',
    '"bfg_flowcontrol"."order_events"',
    '"bfg_flowcontrol"."finance_documents"',
    '"bfg_flowcontrol"."payments"',
    '"bfg_flowcontrol"."audit_events"',
    '"bfg_flowcontrol"."scenario_snapshots"',
    '"bfg_control".replay_batches'
  ] LOOP
    IF to_regclass(relation) IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO has_rows;
      IF has_rows THEN
        live := live || relation;
      END IF;
    END IF;
  END LOOP;
  IF live <> '{}' THEN
    RAISE EXCEPTION 'rows are left in % tables', cardinality(live)
      USING ERRCODE = 'object_in_use', DETAIL = array_to_string(live, E'\n'),
        HINT = 'Nothing was changed. Take back what was replayed with 80_rollback.data.sql; look at the rest.';
  END IF;
END
$packet$;

DROP FUNCTION IF EXISTS "bfg_control".table_digests();
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."tenants");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."tenants");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."tenants");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."tenants");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."roles");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."roles");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."roles");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."roles");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."role_permissions");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."role_permissions");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."role_permissions");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."role_permissions");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."users");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."users");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."users");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."users");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."orders");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."orders");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."orders");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."orders");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."order_events");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."order_events");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."order_events");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."order_events");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."finance_documents");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."finance_documents");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."finance_documents");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."finance_documents");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."payments");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."payments");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."payments");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."payments");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."audit_events");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."audit_events");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."audit_events");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."audit_events");
DROP FUNCTION IF EXISTS "bfg_control".analyse("bfg_flowcontrol"."scenario_snapshots");
DROP FUNCTION IF EXISTS "bfg_control".table_digest("bfg_flowcontrol"."scenario_snapshots");
DROP FUNCTION IF EXISTS "bfg_control".row_key("bfg_flowcontrol"."scenario_snapshots");
DROP FUNCTION IF EXISTS "bfg_control".line("bfg_flowcontrol"."scenario_snapshots");
DROP FUNCTION IF EXISTS "bfg_control".shown(text);
DROP FUNCTION IF EXISTS "bfg_control".snapshot_digest(text, jsonb);
DROP FUNCTION IF EXISTS "bfg_control".canonical(jsonb);
DROP TABLE IF EXISTS "bfg_flowcontrol"."scenario_snapshots";
DROP TABLE IF EXISTS "bfg_flowcontrol"."audit_events";
DROP TABLE IF EXISTS "bfg_flowcontrol"."payments";
DROP TABLE IF EXISTS "bfg_flowcontrol"."finance_documents";
DROP TABLE IF EXISTS "bfg_flowcontrol"."order_events";
DROP TABLE IF EXISTS "bfg_flowcontrol"."orders";
DROP TABLE IF EXISTS "bfg_flowcontrol"."users";
DROP TABLE IF EXISTS "bfg_flowcontrol"."role_permissions";
DROP TABLE IF EXISTS "bfg_flowcontrol"."roles";
DROP TABLE IF EXISTS "bfg_flowcontrol"."tenants";
DROP TABLE IF EXISTS "bfg_control".replay_batches;
DROP TABLE IF EXISTS "bfg_control".packet_ledger;

DROP FUNCTION IF EXISTS "bfg_flowcontrol".current_tenant();
DROP FUNCTION IF EXISTS "bfg_flowcontrol".refuse_change();
DROP SCHEMA IF EXISTS "bfg_control";
DROP SCHEMA IF EXISTS "bfg_flowcontrol";

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg_policy.operator'));
  IF current_setting('bfg_policy.lent') = 'yes' THEN
    EXECUTE format('REVOKE %I FROM %I', 'bfg_owner', current_user);
  END IF;
END
$packet$;
COMMIT;  -- frame
