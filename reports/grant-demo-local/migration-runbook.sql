-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=grant-demo-local
-- checksum=bfg-3475ef37
-- rows=0
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT

-- Four tables in one transaction: all of it stands, or nothing does. Run it as a superuser, or
-- as a login that may create roles and create in this database; running it again is harmless.
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
SET LOCAL TimeZone = 'UTC';
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = 'warning';

DO $packet$
BEGIN
  -- One run at a time, whoever starts it.
  PERFORM pg_advisory_xact_lock(hashtext('bfg_flowcontrol'));
END
$packet$;

-- Roles without a login. Those that row-level security does not bind are refused, not altered.
DO $packet$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['bfg_owner', 'bfg_app', 'bfg_replay', 'bfg_verify'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
    END IF;
    IF EXISTS (
      SELECT FROM pg_roles
      WHERE rolname = wanted
        AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
    ) THEN
      RAISE EXCEPTION 'role % may do more than its packet gives it', wanted
        USING HINT = 'Take LOGIN, SUPERUSER, BYPASSRLS, CREATEROLE and REPLICATION from it.';
    END IF;
  END LOOP;
  -- What follows is made as bfg_owner. Whoever may not become that role is lent it until the end.
  PERFORM set_config('bfg.operator', current_user, true), set_config('bfg.lent', '', true);
  IF NOT pg_has_role('bfg_owner', CASE
    WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  THEN
    EXECUTE format('GRANT bfg_owner TO %I', current_user);
    PERFORM set_config('bfg.lent', 'yes', true);
  END IF;
END
$packet$;

CREATE SCHEMA IF NOT EXISTS bfg_flowcontrol AUTHORIZATION bfg_owner;
SET LOCAL ROLE bfg_owner;

-- The tenant of the running transaction: `SET LOCAL bfg.tenant_id = '...'`. A fresh session has
-- none, a pooled one an empty one, and neither may look like a tenant without rows.
CREATE OR REPLACE FUNCTION bfg_flowcontrol.current_tenant() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  tenant text := current_setting('bfg.tenant_id', true);
BEGIN
  IF tenant IS NULL OR btrim(tenant) = '' THEN
    RAISE EXCEPTION 'bfg.tenant_id is not set' USING ERRCODE = 'insufficient_privilege',
      HINT = 'Set it for each transaction with SET LOCAL.';
  END IF;
  RETURN tenant;
END
$function$;

CREATE OR REPLACE FUNCTION bfg_flowcontrol.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RAISE EXCEPTION '% of %.% is not allowed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE TABLE IF NOT EXISTS bfg_flowcontrol.tenants (
  tenant_id text NOT NULL CHECK (btrim(tenant_id) <> ''),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id)
);

CREATE TABLE IF NOT EXISTS bfg_flowcontrol.users (
  tenant_id text NOT NULL REFERENCES bfg_flowcontrol.tenants (tenant_id),
  user_id text NOT NULL,
  role_key text NOT NULL,
  display_name text NOT NULL,
  permissions text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, user_id)
);

-- The payload's bytes are kept as they came, and the database itself digests them.
CREATE TABLE IF NOT EXISTS bfg_flowcontrol.scenario_snapshots (
  tenant_id text NOT NULL REFERENCES bfg_flowcontrol.tenants (tenant_id),
  snapshot_id text NOT NULL,
  schema_version text NOT NULL,
  snapshot_sha256 text NOT NULL CHECK (snapshot_sha256 ~ '^[0-9a-f]{64}$'),
  payload bytea NOT NULL,
  payload_sha256 text NOT NULL GENERATED ALWAYS AS (encode(sha256(payload), 'hex')) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, snapshot_id)
);

CREATE TABLE IF NOT EXISTS bfg_flowcontrol.audit_events (
  tenant_id text NOT NULL REFERENCES bfg_flowcontrol.tenants (tenant_id),
  event_id text NOT NULL,
  actor_id text NOT NULL,
  source text NOT NULL,
  payload json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, event_id),
  FOREIGN KEY (tenant_id, actor_id) REFERENCES bfg_flowcontrol.users (tenant_id, user_id)
);
CREATE INDEX IF NOT EXISTS audit_events_actor
  ON bfg_flowcontrol.audit_events (tenant_id, actor_id);

-- A table that was there already is kept only where it is this very table.
DO $packet$
BEGIN
  IF (
    SELECT string_agg(
      format('%s.%s %s%s', relname, attname, format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN '' ELSE ' null' END),
      ', ' ORDER BY relname, attnum)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'bfg_flowcontrol'::regnamespace AND relkind = 'r'
      AND relname IN ('tenants', 'users', 'scenario_snapshots', 'audit_events')
      AND attnum > 0 AND NOT attisdropped
  ) IS DISTINCT FROM concat_ws(', ',
    'audit_events.tenant_id text, audit_events.event_id text, audit_events.actor_id text',
    'audit_events.source text, audit_events.payload json',
    'audit_events.created_at timestamp with time zone',
    'scenario_snapshots.tenant_id text, scenario_snapshots.snapshot_id text',
    'scenario_snapshots.schema_version text, scenario_snapshots.snapshot_sha256 text',
    'scenario_snapshots.payload bytea, scenario_snapshots.payload_sha256 text',
    'scenario_snapshots.created_at timestamp with time zone',
    'tenants.tenant_id text, tenants.name text, tenants.created_at timestamp with time zone',
    'users.tenant_id text, users.user_id text, users.role_key text, users.display_name text',
    'users.permissions text[]')
  THEN
    RAISE EXCEPTION 'the tables of bfg_flowcontrol have another shape than this packet gives them'
      USING HINT = 'Find out where they come from before anything is migrated into them.';
  END IF;
END
$packet$;

-- Row-level security binds the owner, too. Policies left over from elsewhere would be added to
-- these with OR, so none is kept.
ALTER TABLE bfg_flowcontrol.tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE bfg_flowcontrol.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE bfg_flowcontrol.scenario_snapshots
  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE bfg_flowcontrol.audit_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

DO $packet$
DECLARE
  leftover record;
BEGIN
  FOR leftover IN
    SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'bfg_flowcontrol'
  LOOP
    EXECUTE format('DROP POLICY %I ON bfg_flowcontrol.%I', leftover.policyname, leftover.tablename);
  END LOOP;
END
$packet$;

-- tenants: nobody leaves the tenant; who may read, and who may add.
CREATE POLICY tenant_boundary ON bfg_flowcontrol."tenants" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = bfg_flowcontrol.current_tenant())
  WITH CHECK (tenant_id = bfg_flowcontrol.current_tenant());
CREATE POLICY may_read ON bfg_flowcontrol."tenants" FOR SELECT
  TO bfg_app, bfg_replay, bfg_verify USING (true);
CREATE POLICY may_add ON bfg_flowcontrol."tenants" FOR INSERT
  TO bfg_replay WITH CHECK (true);
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON bfg_flowcontrol."tenants"
  FOR EACH STATEMENT EXECUTE FUNCTION bfg_flowcontrol.refuse_change();

-- users: nobody leaves the tenant; who may read, and who may add.
CREATE POLICY tenant_boundary ON bfg_flowcontrol."users" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = bfg_flowcontrol.current_tenant())
  WITH CHECK (tenant_id = bfg_flowcontrol.current_tenant());
CREATE POLICY may_read ON bfg_flowcontrol."users" FOR SELECT
  TO bfg_app, bfg_replay, bfg_verify USING (true);
CREATE POLICY may_add ON bfg_flowcontrol."users" FOR INSERT
  TO bfg_replay WITH CHECK (true);
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON bfg_flowcontrol."users"
  FOR EACH STATEMENT EXECUTE FUNCTION bfg_flowcontrol.refuse_change();

-- scenario_snapshots: nobody leaves the tenant; who may read, and who may add.
CREATE POLICY tenant_boundary ON bfg_flowcontrol."scenario_snapshots" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = bfg_flowcontrol.current_tenant())
  WITH CHECK (tenant_id = bfg_flowcontrol.current_tenant());
CREATE POLICY may_read ON bfg_flowcontrol."scenario_snapshots" FOR SELECT
  TO bfg_app, bfg_replay, bfg_verify USING (true);
CREATE POLICY may_add ON bfg_flowcontrol."scenario_snapshots" FOR INSERT
  TO bfg_replay WITH CHECK (true);
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON bfg_flowcontrol."scenario_snapshots"
  FOR EACH STATEMENT EXECUTE FUNCTION bfg_flowcontrol.refuse_change();

-- audit_events: nobody leaves the tenant; who may read, and who may add.
CREATE POLICY tenant_boundary ON bfg_flowcontrol."audit_events" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (tenant_id = bfg_flowcontrol.current_tenant())
  WITH CHECK (tenant_id = bfg_flowcontrol.current_tenant());
CREATE POLICY may_read ON bfg_flowcontrol."audit_events" FOR SELECT
  TO bfg_app, bfg_replay, bfg_verify USING (true);
CREATE POLICY may_add ON bfg_flowcontrol."audit_events" FOR INSERT
  TO bfg_app, bfg_replay WITH CHECK (true);
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON bfg_flowcontrol."audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION bfg_flowcontrol.refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON bfg_flowcontrol.audit_events
  FOR EACH ROW EXECUTE FUNCTION bfg_flowcontrol.refuse_change();

REVOKE ALL ON SCHEMA bfg_flowcontrol FROM PUBLIC, bfg_app, bfg_replay, bfg_verify;
REVOKE ALL ON ALL TABLES IN SCHEMA bfg_flowcontrol FROM PUBLIC, bfg_app, bfg_replay, bfg_verify;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bfg_flowcontrol
  FROM PUBLIC, bfg_app, bfg_replay, bfg_verify;
GRANT USAGE ON SCHEMA bfg_flowcontrol TO bfg_app, bfg_replay, bfg_verify;
GRANT EXECUTE ON FUNCTION bfg_flowcontrol.current_tenant() TO bfg_app, bfg_replay, bfg_verify;
GRANT SELECT ON bfg_flowcontrol.tenants, bfg_flowcontrol.users,
  bfg_flowcontrol.scenario_snapshots, bfg_flowcontrol.audit_events
  TO bfg_app, bfg_replay, bfg_verify;
GRANT INSERT ON bfg_flowcontrol.tenants, bfg_flowcontrol.users,
  bfg_flowcontrol.scenario_snapshots, bfg_flowcontrol.audit_events TO bfg_replay;
GRANT INSERT ON bfg_flowcontrol.audit_events TO bfg_app;

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg.operator'));
  IF current_setting('bfg.lent') = 'yes' THEN
    EXECUTE format('REVOKE bfg_owner FROM %I', current_setting('bfg.operator'));
  END IF;
END
$packet$;
COMMIT;
