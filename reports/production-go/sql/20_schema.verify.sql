-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=tenant-rbac-adapter
-- session=production-go
-- checksum=bfg-551b2b72
-- rows=109
-- runbook_decision=GO_MIGRATION_REHEARSED
-- file=20_schema.verify.sql

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

-- Builds what 10_schema.up.sql makes once more, aside, compares the catalogues of the two, and undoes
-- it. Each difference is told as a warning, and all of them in the detail of one error. Run it as
-- whoever ran 10_schema.up.sql. It reads no row, and locks nothing that anybody waits for.
DO $packet$
DECLARE
  missing text;
BEGIN
  SELECT string_agg(format('%s %I is missing', kind, name), E'\n' ORDER BY kind, name) INTO missing
  FROM (
    SELECT 'role', name FROM unnest(ARRAY['bfg_owner', 'bfg_app', 'bfg_replay', 'bfg_verify']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
    UNION ALL
    SELECT 'schema', name FROM unnest(ARRAY['bfg_flowcontrol', 'bfg_control']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = name)
  ) AS absent (kind, name);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'the database is not as this packet makes it: something is missing'
      USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = missing, HINT = 'Run 10_schema.up.sql.';
  END IF;
END
$packet$;

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
CREATE SCHEMA "bfg_policy_expected" AUTHORIZATION "bfg_owner";
CREATE SCHEMA "bfg_policy_expected_control" AUTHORIZATION "bfg_owner";
SET LOCAL ROLE "bfg_owner";

-- The tenant of the running transaction. A fresh session has none, a pooled one may have an empty
-- one, and neither may look like a tenant without rows.
CREATE FUNCTION "bfg_policy_expected".current_tenant() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  tenant text := current_setting('bfg.tenant_id', true);
BEGIN
  IF tenant IS NULL OR tenant COLLATE "C" ~ '^[[:space:]]*$' THEN
    RAISE EXCEPTION 'the parameter bfg.tenant_id names no tenant'
      USING ERRCODE = 'insufficient_privilege', HINT = 'Set it for each transaction with SET LOCAL.';
  END IF;
  RETURN tenant;
END
$function$;

CREATE FUNCTION "bfg_policy_expected".refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RAISE EXCEPTION '% of %.% is not allowed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$function$;
CREATE TABLE "bfg_policy_expected"."tenants" (
  "tenant_id" text NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "tenants_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "tenants_pkey" PRIMARY KEY ("tenant_id")
);
CREATE TABLE "bfg_policy_expected"."roles" (
  "tenant_id" text NOT NULL,
  "role_key" text NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "roles_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "roles_tenants_fkey" FOREIGN KEY ("tenant_id")
    REFERENCES "bfg_policy_expected"."tenants" ("tenant_id"),
  CONSTRAINT "roles_pkey" PRIMARY KEY ("tenant_id", "role_key")
);
CREATE TABLE "bfg_policy_expected"."role_permissions" (
  "tenant_id" text NOT NULL,
  "role_key" text NOT NULL,
  "permission" text NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "role_permissions_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "role_permissions_role_key_roles_fkey" FOREIGN KEY ("tenant_id", "role_key")
    REFERENCES "bfg_policy_expected"."roles" ("tenant_id", "role_key"),
  CONSTRAINT "role_permissions_pkey" PRIMARY KEY ("tenant_id", "role_key", "permission")
);
CREATE TABLE "bfg_policy_expected"."users" (
  "tenant_id" text NOT NULL,
  "user_id" text NOT NULL,
  "role_key" text NOT NULL,
  "display_name" text,
  "desk" text,
  "permissions" jsonb NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "users_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "users_permissions_check" CHECK (jsonb_typeof("permissions") <> 'null'),
  CONSTRAINT "users_role_key_roles_fkey" FOREIGN KEY ("tenant_id", "role_key")
    REFERENCES "bfg_policy_expected"."roles" ("tenant_id", "role_key"),
  CONSTRAINT "users_pkey" PRIMARY KEY ("tenant_id", "user_id")
);
CREATE INDEX "users_role_key_idx"
  ON "bfg_policy_expected"."users" ("tenant_id", "role_key");
CREATE TABLE "bfg_policy_expected"."orders" (
  "tenant_id" text NOT NULL,
  "order_id" text NOT NULL,
  "client_id" text,
  "status" text NOT NULL,
  "origin" text,
  "destination" text,
  "cargo" text,
  "weight_kg" bigint,
  "created_at" timestamptz,
  "replayed_in" bigint,
  CONSTRAINT "orders_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "orders_weight_kg_check" CHECK ("weight_kg" BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT "orders_created_at_check" CHECK ("created_at" >= '0001-01-01 00:00:00+00'::timestamptz AND "created_at" < '10000-01-01 00:00:00+00'::timestamptz),
  CONSTRAINT "orders_tenants_fkey" FOREIGN KEY ("tenant_id")
    REFERENCES "bfg_policy_expected"."tenants" ("tenant_id"),
  CONSTRAINT "orders_client_id_users_fkey" FOREIGN KEY ("tenant_id", "client_id")
    REFERENCES "bfg_policy_expected"."users" ("tenant_id", "user_id"),
  CONSTRAINT "orders_pkey" PRIMARY KEY ("tenant_id", "order_id")
);
CREATE INDEX "orders_client_id_idx"
  ON "bfg_policy_expected"."orders" ("tenant_id", "client_id");
CREATE TABLE "bfg_policy_expected"."order_events" (
  "tenant_id" text NOT NULL,
  "event_id" text NOT NULL,
  "order_id" text NOT NULL,
  "actor_id" text NOT NULL,
  "kind" text NOT NULL,
  "at" timestamptz NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "order_events_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "order_events_at_check" CHECK ("at" >= '0001-01-01 00:00:00+00'::timestamptz AND "at" < '10000-01-01 00:00:00+00'::timestamptz),
  CONSTRAINT "order_events_order_id_orders_fkey" FOREIGN KEY ("tenant_id", "order_id")
    REFERENCES "bfg_policy_expected"."orders" ("tenant_id", "order_id"),
  CONSTRAINT "order_events_actor_id_users_fkey" FOREIGN KEY ("tenant_id", "actor_id")
    REFERENCES "bfg_policy_expected"."users" ("tenant_id", "user_id"),
  CONSTRAINT "order_events_pkey" PRIMARY KEY ("tenant_id", "event_id")
);
CREATE INDEX "order_events_order_id_idx"
  ON "bfg_policy_expected"."order_events" ("tenant_id", "order_id");
CREATE INDEX "order_events_actor_id_idx"
  ON "bfg_policy_expected"."order_events" ("tenant_id", "actor_id");
CREATE TABLE "bfg_policy_expected"."finance_documents" (
  "tenant_id" text NOT NULL,
  "document_id" text NOT NULL,
  "order_id" text NOT NULL,
  "kind" text NOT NULL,
  "number" text,
  "net_minor" bigint,
  "amount_minor" bigint NOT NULL,
  "currency" text NOT NULL,
  "issued_at" timestamptz,
  "replayed_in" bigint,
  CONSTRAINT "finance_documents_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "finance_documents_net_minor_check" CHECK ("net_minor" BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT "finance_documents_amount_minor_check" CHECK ("amount_minor" BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT "finance_documents_issued_at_check" CHECK ("issued_at" >= '0001-01-01 00:00:00+00'::timestamptz AND "issued_at" < '10000-01-01 00:00:00+00'::timestamptz),
  CONSTRAINT "finance_documents_order_id_orders_fkey" FOREIGN KEY ("tenant_id", "order_id")
    REFERENCES "bfg_policy_expected"."orders" ("tenant_id", "order_id"),
  CONSTRAINT "finance_documents_pkey" PRIMARY KEY ("tenant_id", "document_id")
);
CREATE INDEX "finance_documents_order_id_idx"
  ON "bfg_policy_expected"."finance_documents" ("tenant_id", "order_id");
CREATE TABLE "bfg_policy_expected"."payments" (
  "tenant_id" text NOT NULL,
  "payment_id" text NOT NULL,
  "document_id" text NOT NULL,
  "amount_minor" bigint NOT NULL,
  "currency" text NOT NULL,
  "method" text,
  "booked_at" timestamptz,
  "replayed_in" bigint,
  CONSTRAINT "payments_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "payments_amount_minor_check" CHECK ("amount_minor" BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT "payments_booked_at_check" CHECK ("booked_at" >= '0001-01-01 00:00:00+00'::timestamptz AND "booked_at" < '10000-01-01 00:00:00+00'::timestamptz),
  CONSTRAINT "payments_document_id_finance_documents_fkey" FOREIGN KEY ("tenant_id", "document_id")
    REFERENCES "bfg_policy_expected"."finance_documents" ("tenant_id", "document_id"),
  CONSTRAINT "payments_pkey" PRIMARY KEY ("tenant_id", "payment_id")
);
CREATE INDEX "payments_document_id_idx"
  ON "bfg_policy_expected"."payments" ("tenant_id", "document_id");
CREATE TABLE "bfg_policy_expected"."audit_events" (
  "tenant_id" text NOT NULL,
  "event_id" text NOT NULL,
  "actor_id" text NOT NULL,
  "source" text NOT NULL,
  "subject" text,
  "at" timestamptz NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "audit_events_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "audit_events_at_check" CHECK ("at" >= '0001-01-01 00:00:00+00'::timestamptz AND "at" < '10000-01-01 00:00:00+00'::timestamptz),
  CONSTRAINT "audit_events_actor_id_users_fkey" FOREIGN KEY ("tenant_id", "actor_id")
    REFERENCES "bfg_policy_expected"."users" ("tenant_id", "user_id"),
  CONSTRAINT "audit_events_pkey" PRIMARY KEY ("tenant_id", "event_id")
);
CREATE INDEX "audit_events_actor_id_idx"
  ON "bfg_policy_expected"."audit_events" ("tenant_id", "actor_id");
CREATE TABLE "bfg_policy_expected"."scenario_snapshots" (
  "tenant_id" text NOT NULL,
  "snapshot_sha256" text NOT NULL,
  "schema_version" text NOT NULL,
  "row_count" bigint NOT NULL,
  "table_digests" jsonb NOT NULL,
  "replayed_in" bigint,
  CONSTRAINT "scenario_snapshots_tenant_id_check" CHECK ("tenant_id" COLLATE "C" !~ '^[[:space:]]*$'),
  CONSTRAINT "scenario_snapshots_row_count_check" CHECK ("row_count" BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT "scenario_snapshots_table_digests_check" CHECK (jsonb_typeof("table_digests") <> 'null'),
  CONSTRAINT "scenario_snapshots_tenants_fkey" FOREIGN KEY ("tenant_id")
    REFERENCES "bfg_policy_expected"."tenants" ("tenant_id"),
  CONSTRAINT "scenario_snapshots_pkey" PRIMARY KEY ("tenant_id", "snapshot_sha256")
);

-- Which packet made this, and what the catalogues looked like then; it tells nothing of a tenant.
CREATE TABLE "bfg_policy_expected_control".packet_ledger (
  packet text NOT NULL,
  revision text NOT NULL CHECK (revision ~ '^[0-9a-f]{64}$'),
  server_major bigint NOT NULL,
  catalogue_sha256 text NOT NULL CHECK (catalogue_sha256 ~ '^[0-9a-f]{64}$'),
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL DEFAULT session_user,
  PRIMARY KEY (packet, revision, server_major)
);

-- What was replayed. A row that a replay wrote carries the number of its batch here.
CREATE TABLE "bfg_policy_expected_control".replay_batches (
  "tenant_id" text NOT NULL,
  replay bigint NOT NULL CHECK (replay > 0),
  batch text NOT NULL,
  snapshot_sha256 text NOT NULL CHECK (snapshot_sha256 ~ '^[0-9a-f]{64}$'),
  tables jsonb NOT NULL,
  replayed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("tenant_id", replay),
  UNIQUE ("tenant_id", snapshot_sha256, batch)
);

ALTER TABLE "bfg_policy_expected"."tenants" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."tenants" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."tenants"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."tenants" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."tenants" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."tenants" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."tenants" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."tenants" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."roles" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."roles" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."roles"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."roles" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."roles" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."roles" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."roles" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."roles" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."role_permissions" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."role_permissions" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."role_permissions"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."role_permissions" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."role_permissions" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."role_permissions" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."role_permissions" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."role_permissions" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."users" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."users" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."users"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."users" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."users" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."users" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."users" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."users" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."orders" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."orders" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."orders"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."orders" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "app_insert" ON "bfg_policy_expected"."orders" FOR INSERT TO "bfg_app" WITH CHECK ("replayed_in" IS NULL);
CREATE POLICY "app_update" ON "bfg_policy_expected"."orders" FOR UPDATE TO "bfg_app" USING (true) WITH CHECK (true);
CREATE POLICY "app_delete" ON "bfg_policy_expected"."orders" FOR DELETE TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."orders" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."orders" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."orders" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."orders" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."order_events" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."order_events" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."order_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."order_events" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "app_insert" ON "bfg_policy_expected"."order_events" FOR INSERT TO "bfg_app" WITH CHECK ("replayed_in" IS NULL);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."order_events" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."order_events" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."order_events" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."order_events" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."finance_documents" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."finance_documents" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."finance_documents"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."finance_documents" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "app_insert" ON "bfg_policy_expected"."finance_documents" FOR INSERT TO "bfg_app" WITH CHECK ("replayed_in" IS NULL);
CREATE POLICY "app_update" ON "bfg_policy_expected"."finance_documents" FOR UPDATE TO "bfg_app" USING (true) WITH CHECK (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."finance_documents" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."finance_documents" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."finance_documents" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."finance_documents" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."payments" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."payments" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."payments"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."payments" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "app_insert" ON "bfg_policy_expected"."payments" FOR INSERT TO "bfg_app" WITH CHECK ("replayed_in" IS NULL);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."payments" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."payments" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."payments" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."payments" FOR SELECT TO "bfg_verify" USING (true);

ALTER TABLE "bfg_policy_expected"."audit_events" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."audit_events" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."audit_events" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "app_insert" ON "bfg_policy_expected"."audit_events" FOR INSERT TO "bfg_app" WITH CHECK ("replayed_in" IS NULL);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."audit_events" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."audit_events" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."audit_events" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."audit_events" FOR SELECT TO "bfg_verify" USING (true);
CREATE TRIGGER append_only_update BEFORE UPDATE ON "bfg_policy_expected"."audit_events"
  FOR EACH ROW EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
-- Only a replay takes back what a replay wrote.
CREATE TRIGGER append_only_delete BEFORE DELETE ON "bfg_policy_expected"."audit_events"
  FOR EACH ROW WHEN (OLD."replayed_in" IS NULL OR current_user <> 'bfg_replay')
  EXECUTE FUNCTION "bfg_policy_expected".refuse_change();

ALTER TABLE "bfg_policy_expected"."scenario_snapshots" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected"."scenario_snapshots" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected"."scenario_snapshots"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "app_select" ON "bfg_policy_expected"."scenario_snapshots" FOR SELECT TO "bfg_app" USING (true);
CREATE POLICY "replay_select" ON "bfg_policy_expected"."scenario_snapshots" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected"."scenario_snapshots" FOR INSERT TO "bfg_replay" WITH CHECK ("replayed_in" IS NOT NULL);
CREATE POLICY "replay_delete" ON "bfg_policy_expected"."scenario_snapshots" FOR DELETE TO "bfg_replay" USING ("replayed_in" IS NOT NULL);
CREATE POLICY "verify_select" ON "bfg_policy_expected"."scenario_snapshots" FOR SELECT TO "bfg_verify" USING (true);
CREATE TRIGGER append_only_update BEFORE UPDATE ON "bfg_policy_expected"."scenario_snapshots"
  FOR EACH ROW EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
-- Only a replay takes back what a replay wrote.
CREATE TRIGGER append_only_delete BEFORE DELETE ON "bfg_policy_expected"."scenario_snapshots"
  FOR EACH ROW WHEN (OLD."replayed_in" IS NULL OR current_user <> 'bfg_replay')
  EXECUTE FUNCTION "bfg_policy_expected".refuse_change();

ALTER TABLE "bfg_policy_expected_control"."replay_batches" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON "bfg_policy_expected_control"."replay_batches" AS RESTRICTIVE FOR ALL TO PUBLIC
  USING ("tenant_id" <> CASE WHEN nullif(btrim(current_setting('bfg.tenant_id', true), E' \u0009\n\u000b\u000c\u000d'), '') IS NULL THEN "bfg_policy_expected".current_tenant() ELSE '' END
    AND "tenant_id" = (SELECT "bfg_policy_expected".current_tenant()))
  WITH CHECK ("tenant_id" = (SELECT "bfg_policy_expected".current_tenant()));
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected_control"."replay_batches"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();
CREATE POLICY "replay_select" ON "bfg_policy_expected_control"."replay_batches" FOR SELECT TO "bfg_replay" USING (true);
CREATE POLICY "replay_insert" ON "bfg_policy_expected_control"."replay_batches" FOR INSERT TO "bfg_replay" WITH CHECK (true);
CREATE POLICY "replay_delete" ON "bfg_policy_expected_control"."replay_batches" FOR DELETE TO "bfg_replay" USING (true);
CREATE POLICY "verify_select" ON "bfg_policy_expected_control"."replay_batches" FOR SELECT TO "bfg_verify" USING (true);
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "bfg_policy_expected_control"."packet_ledger"
  FOR EACH STATEMENT EXECUTE FUNCTION "bfg_policy_expected".refuse_change();

-- The canonical JSON (RFC 8785) of a value: keys in the order of their bytes, and no blanks.
CREATE FUNCTION "bfg_policy_expected_control".canonical(given jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT CASE jsonb_typeof(given)
    WHEN 'object' THEN '{' || coalesce((
      SELECT string_agg(to_json(item.key)::text || ':' || "bfg_policy_expected_control".canonical(item.value), ',' ORDER BY item.key COLLATE "C")
      FROM jsonb_each(given) AS item), '') || '}'
    WHEN 'array' THEN '[' || coalesce((
      SELECT string_agg("bfg_policy_expected_control".canonical(item.value), ',' ORDER BY item.position)
      FROM jsonb_array_elements(given) WITH ORDINALITY AS item (value, position)), '') || ']'
    ELSE given::text
  END
$function$;

-- The digest S of a tenant's snapshot; tables: the rows and the digest T of each, by name.
CREATE FUNCTION "bfg_policy_expected_control".snapshot_digest(payload text, tables jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT encode(sha256(convert_to("bfg_policy_expected_control".canonical(jsonb_build_object(
    'algorithm', 'bfg-digest-1', 'schema', payload, 'tables', tables,
    'tenant', "bfg_policy_expected".current_tenant())), 'UTF8')), 'hex')
$function$;

-- Text of a row for people: what could mislead a reader or a terminal is a question mark.
CREATE FUNCTION "bfg_policy_expected_control".shown(given text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT regexp_replace(left(given, 200),
    E'[\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]', '?', 'g')
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."tenants") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."tenants") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."tenants", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."tenants" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."tenants") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."tenants";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."roles") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"role_key":' || to_json((given)."role_key")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."roles") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."role_key")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."roles", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."roles" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."roles") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."roles";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."role_permissions") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"permission":' || to_json((given)."permission")::text,
  '"role_key":' || to_json((given)."role_key")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."role_permissions") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."role_key")::text, to_json((given)."permission")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."role_permissions", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."role_permissions" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."role_permissions") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."role_permissions";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."users") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"desk":' || to_json((given)."desk")::text,
  '"display_name":' || to_json((given)."display_name")::text,
  '"permissions":' || "bfg_policy_expected_control".canonical((given)."permissions"),
  '"role_key":' || to_json((given)."role_key")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text,
  '"user_id":' || to_json((given)."user_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."users") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."user_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."users", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."users" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."users") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."users";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."orders") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"cargo":' || to_json((given)."cargo")::text,
  '"client_id":' || to_json((given)."client_id")::text,
  '"created_at":' || '"' || to_char((given)."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
  '"destination":' || to_json((given)."destination")::text,
  '"order_id":' || to_json((given)."order_id")::text,
  '"origin":' || to_json((given)."origin")::text,
  '"status":' || to_json((given)."status")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text,
  '"weight_kg":' || (given)."weight_kg"::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."orders") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."order_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."orders", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."orders" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."orders") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."orders";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."order_events") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"actor_id":' || to_json((given)."actor_id")::text,
  '"at":' || '"' || to_char((given)."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
  '"event_id":' || to_json((given)."event_id")::text,
  '"kind":' || to_json((given)."kind")::text,
  '"order_id":' || to_json((given)."order_id")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."order_events") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."event_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."order_events", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."order_events" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."order_events") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."order_events";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."finance_documents") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"amount_minor":' || (given)."amount_minor"::text,
  '"currency":' || to_json((given)."currency")::text,
  '"document_id":' || to_json((given)."document_id")::text,
  '"issued_at":' || '"' || to_char((given)."issued_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
  '"kind":' || to_json((given)."kind")::text,
  '"net_minor":' || (given)."net_minor"::text,
  '"number":' || to_json((given)."number")::text,
  '"order_id":' || to_json((given)."order_id")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."finance_documents") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."document_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."finance_documents", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."finance_documents" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."finance_documents") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."finance_documents";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."payments") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"amount_minor":' || (given)."amount_minor"::text,
  '"booked_at":' || '"' || to_char((given)."booked_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
  '"currency":' || to_json((given)."currency")::text,
  '"document_id":' || to_json((given)."document_id")::text,
  '"method":' || to_json((given)."method")::text,
  '"payment_id":' || to_json((given)."payment_id")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."payments") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."payment_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."payments", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."payments" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."payments") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."payments";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."audit_events") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"actor_id":' || to_json((given)."actor_id")::text,
  '"at":' || '"' || to_char((given)."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
  '"event_id":' || to_json((given)."event_id")::text,
  '"source":' || to_json((given)."source")::text,
  '"subject":' || to_json((given)."subject")::text,
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."audit_events") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."event_id")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."audit_events", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."audit_events" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."audit_events") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."audit_events";
END
$function$;

-- A row of this table as its digest takes it: its canonical JSON, without what is missing.
CREATE FUNCTION "bfg_policy_expected_control".line(given "bfg_policy_expected"."scenario_snapshots") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{' || concat_ws(',',
  '"row_count":' || (given)."row_count"::text,
  '"schema_version":' || to_json((given)."schema_version")::text,
  '"snapshot_sha256":' || to_json((given)."snapshot_sha256")::text,
  '"table_digests":' || "bfg_policy_expected_control".canonical((given)."table_digests"),
  '"tenant_id":' || to_json((given)."tenant_id")::text
) || '}';

-- The key of a row within its tenant, as a JSON array.
CREATE FUNCTION "bfg_policy_expected_control".row_key(given "bfg_policy_expected"."scenario_snapshots") RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || array_to_string(ARRAY[to_json((given)."snapshot_sha256")::text]::text[], ',') || ']';

-- How many rows the tenant has in the table, and their digest T. The sub-select sorts, and is kept
-- apart (OFFSET 0) so that no digest is computed twice.
CREATE FUNCTION "bfg_policy_expected_control".table_digest(given "bfg_policy_expected"."scenario_snapshots", OUT row_count bigint, OUT digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB'
AS $function$
  SELECT count(*), encode(sha256(convert_to(coalesce(
    string_agg(encode(sorted.digest, 'hex') || chr(10), ''), ''), 'UTF8')), 'hex')
  FROM (
    SELECT sha256(convert_to("bfg_policy_expected_control".line(stored.*), 'UTF8')) AS digest
    FROM "bfg_policy_expected"."scenario_snapshots" AS stored ORDER BY 1 OFFSET 0) AS sorted
$function$;

-- Statistics of the table, as few as will do. Without any, or with those of an emptied table, the
-- planner may look up a reference by all rows of the tenant. Only the owner may gather them.
CREATE FUNCTION "bfg_policy_expected_control".analyse(given "bfg_policy_expected"."scenario_snapshots") RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 1
AS $function$
BEGIN
  ANALYZE "bfg_policy_expected"."scenario_snapshots";
END
$function$;

-- Rows and digests of all tables, in the order in which they are replayed.
CREATE FUNCTION "bfg_policy_expected_control".table_digests() RETURNS TABLE (table_name text, row_count bigint, digest text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT 'tenants', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."tenants") AS found
  UNION ALL
  SELECT 'roles', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."roles") AS found
  UNION ALL
  SELECT 'role_permissions', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."role_permissions") AS found
  UNION ALL
  SELECT 'users', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."users") AS found
  UNION ALL
  SELECT 'orders', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."orders") AS found
  UNION ALL
  SELECT 'order_events', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."order_events") AS found
  UNION ALL
  SELECT 'finance_documents', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."finance_documents") AS found
  UNION ALL
  SELECT 'payments', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."payments") AS found
  UNION ALL
  SELECT 'audit_events', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."audit_events") AS found
  UNION ALL
  SELECT 'scenario_snapshots', found.row_count, found.digest
  FROM "bfg_policy_expected_control".table_digest(NULL::"bfg_policy_expected"."scenario_snapshots") AS found
$function$;

GRANT EXECUTE ON FUNCTION
  "bfg_policy_expected_control".canonical(jsonb),
  "bfg_policy_expected_control".snapshot_digest(text, jsonb),
  "bfg_policy_expected_control".shown(text),
  "bfg_policy_expected_control".line("bfg_policy_expected"."tenants"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."tenants"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."tenants"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."roles"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."roles"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."roles"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."role_permissions"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."role_permissions"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."role_permissions"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."users"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."users"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."users"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."orders"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."orders"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."orders"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."order_events"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."order_events"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."order_events"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."finance_documents"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."finance_documents"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."finance_documents"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."payments"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."payments"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."payments"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."audit_events"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."audit_events"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."audit_events"),
  "bfg_policy_expected_control".line("bfg_policy_expected"."scenario_snapshots"),
  "bfg_policy_expected_control".row_key("bfg_policy_expected"."scenario_snapshots"),
  "bfg_policy_expected_control".table_digest("bfg_policy_expected"."scenario_snapshots"),
  "bfg_policy_expected_control".table_digests()
  TO "bfg_replay", "bfg_verify";
GRANT EXECUTE ON FUNCTION
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."tenants"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."roles"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."role_permissions"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."users"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."orders"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."order_events"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."finance_documents"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."payments"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."audit_events"),
  "bfg_policy_expected_control".analyse("bfg_policy_expected"."scenario_snapshots")
  TO "bfg_replay";

-- Nothing is given to everybody, and to each role what its policies speak of. The number of a replay
-- is nothing that the application may write.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "bfg_policy_expected", "bfg_policy_expected_control" FROM PUBLIC;
GRANT USAGE ON SCHEMA "bfg_policy_expected" TO "bfg_app", "bfg_replay", "bfg_verify";
GRANT USAGE ON SCHEMA "bfg_policy_expected_control" TO "bfg_replay", "bfg_verify";
GRANT EXECUTE ON FUNCTION "bfg_policy_expected".current_tenant() TO "bfg_app", "bfg_replay", "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."tenants" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."tenants" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."tenants" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."roles" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."roles" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."roles" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."role_permissions" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."role_permissions" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."role_permissions" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."users" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."users" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."users" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."orders" TO "bfg_app";
GRANT INSERT ("tenant_id", "order_id", "client_id", "status", "origin", "destination", "cargo", "weight_kg", "created_at")
  ON "bfg_policy_expected"."orders" TO "bfg_app";
GRANT UPDATE ("client_id", "status", "origin", "destination", "cargo", "weight_kg", "created_at")
  ON "bfg_policy_expected"."orders" TO "bfg_app";
GRANT DELETE ON "bfg_policy_expected"."orders" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."orders" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."orders" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."order_events" TO "bfg_app";
GRANT INSERT ("tenant_id", "event_id", "order_id", "actor_id", "kind", "at")
  ON "bfg_policy_expected"."order_events" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."order_events" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."order_events" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."finance_documents" TO "bfg_app";
GRANT INSERT ("tenant_id", "document_id", "order_id", "kind", "number", "net_minor", "amount_minor", "currency", "issued_at")
  ON "bfg_policy_expected"."finance_documents" TO "bfg_app";
GRANT UPDATE ("order_id", "kind", "number", "net_minor", "amount_minor", "currency", "issued_at")
  ON "bfg_policy_expected"."finance_documents" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."finance_documents" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."finance_documents" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."payments" TO "bfg_app";
GRANT INSERT ("tenant_id", "payment_id", "document_id", "amount_minor", "currency", "method", "booked_at")
  ON "bfg_policy_expected"."payments" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."payments" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."payments" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."audit_events" TO "bfg_app";
GRANT INSERT ("tenant_id", "event_id", "actor_id", "source", "subject", "at")
  ON "bfg_policy_expected"."audit_events" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."audit_events" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."audit_events" TO "bfg_verify";
GRANT SELECT ON "bfg_policy_expected"."scenario_snapshots" TO "bfg_app";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected"."scenario_snapshots" TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected"."scenario_snapshots" TO "bfg_verify";
GRANT SELECT, INSERT, DELETE ON "bfg_policy_expected_control".replay_batches TO "bfg_replay";
GRANT SELECT ON "bfg_policy_expected_control".replay_batches, "bfg_policy_expected_control".packet_ledger TO "bfg_verify";

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg_policy.operator'));
  IF current_setting('bfg_policy.lent') = 'yes' THEN
    EXECUTE format('REVOKE %I FROM %I', 'bfg_owner', current_user);
  END IF;
END
$packet$;

DO $packet$
DECLARE
  drifts text[];
  drift text;
BEGIN
WITH RECURSIVE spaces (side, oid, shown) AS (
    SELECT wanted.side, space.oid, quote_ident(wanted.shown)
    FROM (VALUES
      ('actual', 'bfg_flowcontrol', 'bfg_flowcontrol'),
      ('actual', 'bfg_control', 'bfg_control'),
      ('expected', 'bfg_policy_expected', 'bfg_flowcontrol'),
      ('expected', 'bfg_policy_expected_control', 'bfg_control')
    ) AS wanted (side, name, shown)
    JOIN pg_namespace AS space ON space.nspname = wanted.name
  ),
  relations AS (
    SELECT spaces.side, relation.*, format('%s %s.%I', CASE relation.relkind
        WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view'
        WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'relation' END,
      spaces.shown, relation.relname) AS object
    FROM spaces JOIN pg_class AS relation ON relation.relnamespace = spaces.oid
    WHERE relation.relkind NOT IN ('i', 'I', 't')
  ),
  routines AS (
    SELECT spaces.side, routine.*, format('function %s.%I(%s)', spaces.shown, routine.proname,
      pg_get_function_identity_arguments(routine.oid)) AS object
    FROM spaces JOIN pg_proc AS routine ON routine.pronamespace = spaces.oid
  ),
  written (side, object, aspect, value) AS (
    SELECT side, 'schema ' || shown, 'itself'::text, 'is there'::text FROM spaces
    UNION ALL
    SELECT side, 'schema ' || shown, 'owner', pg_get_userbyid(nspowner)
    FROM spaces JOIN pg_namespace USING (oid)
    UNION ALL
    SELECT side, 'schema ' || shown, given.aspect, given.value
    FROM spaces JOIN pg_namespace AS space USING (oid), LATERAL (
      SELECT format('grant of %s to %s', lower(each.privilege_type),
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END) AS aspect,
        CASE WHEN bool_or(each.is_grantable) THEN 'may be handed on' ELSE 'given' END AS value
      FROM aclexplode(coalesce(space.nspacl, acldefault('n', space.nspowner))) AS each
      GROUP BY 1
    ) AS given
    UNION ALL
    SELECT side, object, 'itself', 'is there' FROM relations
    UNION ALL
    SELECT side, object, 'owner', pg_get_userbyid(relowner) FROM relations
    UNION ALL
    SELECT side, object, 'row-level security',
      CASE WHEN relrowsecurity THEN 'enabled' ELSE 'disabled' END || CASE WHEN relforcerowsecurity THEN ' and forced' ELSE '' END
    FROM relations WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT side, object, 'storage', concat_ws(' ', 'persistence', relpersistence, 'replica identity', relreplident,
      'options', reloptions::text, 'tablespace', nullif(reltablespace, 0)::text,
      (SELECT 'method ' || amname FROM pg_am WHERE pg_am.oid = relam), 'partition ' || relispartition::text)
    FROM relations
    UNION ALL
    SELECT side, object, given.aspect, given.value
    FROM relations, LATERAL (
      SELECT format('grant of %s to %s', lower(each.privilege_type),
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END) AS aspect,
        CASE WHEN bool_or(each.is_grantable) THEN 'may be handed on' ELSE 'given' END AS value
      FROM aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) AS each
      GROUP BY 1
    ) AS given
    WHERE relkind <> 'c'
    UNION ALL
    SELECT side, object, format('definition of the %s', CASE relkind WHEN 'v' THEN 'view' ELSE 'rows' END), pg_get_viewdef(relations.oid)
    FROM relations WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT side, object, 'column ' || quote_ident(attname), concat_ws(' ',
      row_number() OVER (PARTITION BY relations.side, relations.oid ORDER BY attnum) || '.',
      format_type(atttypid, atttypmod),
      CASE WHEN attcollation <> typcollation THEN 'collate ' || attcollation::regcollation::text END,
      CASE WHEN attnotnull THEN 'not null' END,
      'default ' || pg_get_expr(adbin, adrelid),
      'identity ' || nullif(attidentity::text, ''), 'generated ' || nullif(attgenerated::text, ''),
      'inherited ' || nullif(attinhcount, 0)::text)
    FROM relations JOIN pg_attribute ON attrelid = relations.oid
      JOIN pg_type ON pg_type.oid = atttypid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT side, object, format('%s on column %I', given.aspect, attname), given.value
    FROM relations JOIN pg_attribute ON attrelid = relations.oid AND attacl IS NOT NULL,
      LATERAL (
      SELECT format('grant of %s to %s', lower(each.privilege_type),
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END) AS aspect,
        CASE WHEN bool_or(each.is_grantable) THEN 'may be handed on' ELSE 'given' END AS value
      FROM aclexplode(coalesce(attacl, acldefault('c', relowner))) AS each
      GROUP BY 1
    ) AS given
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT side, object, 'constraint ' || quote_ident(conname), concat_ws(' ',
      pg_get_constraintdef(pg_constraint.oid),
      CASE WHEN NOT convalidated THEN 'not validated' END,
      'triggers ' || (SELECT string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger WHERE tgconstraint = pg_constraint.oid))
    FROM relations JOIN pg_constraint ON conrelid = relations.oid
    UNION ALL
    SELECT side, object, 'index ' || quote_ident(own.relname), concat_ws(' ',
      pg_get_indexdef(indexrelid),
      CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'not valid' END,
      CASE WHEN indisclustered THEN 'clustered' END, CASE WHEN indisreplident THEN 'replica identity' END,
      'tablespace ' || nullif(own.reltablespace, 0)::text)
    FROM relations JOIN pg_index ON indrelid = relations.oid JOIN pg_class AS own ON own.oid = indexrelid
    UNION ALL
    SELECT side, object, 'policy ' || quote_ident(polname), concat_ws(' ',
      CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END, 'for', CASE polcmd
        WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
      'to', (SELECT string_agg(CASE WHEN who = 0 THEN 'everybody' ELSE pg_get_userbyid(who) END, ', ' ORDER BY who) FROM unnest(polroles) AS who),
      'using ' || pg_get_expr(polqual, polrelid),
      'check ' || pg_get_expr(polwithcheck, polrelid))
    FROM relations JOIN pg_policy ON polrelid = relations.oid
    UNION ALL
    SELECT side, object, 'trigger ' || quote_ident(tgname),
      concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), 'enabled', tgenabled)
    FROM relations JOIN pg_trigger ON tgrelid = relations.oid
    WHERE NOT tgisinternal
    UNION ALL
    SELECT side, object, 'rule ' || quote_ident(rulename), pg_get_ruledef(pg_rewrite.oid) || ' enabled ' || ev_enabled::text
    FROM relations JOIN pg_rewrite ON ev_class = relations.oid
    WHERE relkind NOT IN ('v', 'm')
    UNION ALL
    SELECT side, object, 'publication ' || quote_ident(pubname), 'publishes it'
    FROM relations JOIN pg_publication_rel ON prrelid = relations.oid JOIN pg_publication ON pg_publication.oid = prpubid
    UNION ALL
    SELECT side, 'schema ' || shown, 'publication ' || quote_ident(pubname), 'publishes it'
    FROM spaces JOIN pg_publication_namespace ON pnnspid = spaces.oid JOIN pg_publication ON pg_publication.oid = pnpubid
    UNION ALL
    SELECT side, 'schema ' || shown, 'publication ' || quote_ident(pubname), 'publishes it, as every table of the database'
    FROM spaces JOIN pg_publication ON puballtables WHERE side = 'actual'
    UNION ALL
    SELECT DISTINCT side, object, 'use from outside by ' || pg_describe_object(outside.classid, outside.objid, 0), 'reaches into it'
    FROM relations JOIN pg_depend AS outside ON outside.refclassid = 'pg_class'::regclass AND outside.refobjid = relations.oid,
      LATERAL (SELECT CASE outside.classid
        WHEN 'pg_class'::regclass THEN (SELECT relnamespace FROM pg_class WHERE oid = outside.objid)
        WHEN 'pg_proc'::regclass THEN (SELECT pronamespace FROM pg_proc WHERE oid = outside.objid)
        WHEN 'pg_constraint'::regclass THEN (SELECT connamespace FROM pg_constraint WHERE oid = outside.objid)
        WHEN 'pg_rewrite'::regclass THEN (SELECT relnamespace FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class WHERE pg_rewrite.oid = outside.objid)
        WHEN 'pg_policy'::regclass THEN (SELECT relnamespace FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid WHERE pg_policy.oid = outside.objid)
        END AS space) AS home
    WHERE home.space IS NOT NULL AND home.space <> 'pg_toast'::regnamespace
      AND NOT EXISTS (SELECT FROM spaces AS own WHERE own.side = relations.side AND own.oid = home.space)
    UNION ALL
    SELECT side, object, 'itself', 'is there' FROM routines
    UNION ALL
    SELECT side, object, 'owner', pg_get_userbyid(proowner) FROM routines
    UNION ALL
    SELECT side, object, 'body', coalesce(pg_get_function_sqlbody(routines.oid), prosrc) FROM routines
    UNION ALL
    SELECT side, object, 'nature', concat_ws(' ',
      'kind', prokind, 'language', lanname, 'arguments', pg_get_function_arguments(routines.oid),
      'returns', pg_get_function_result(routines.oid), 'volatility', provolatile, 'parallel', proparallel,
      CASE WHEN prosecdef THEN 'security definer' END, CASE WHEN proleakproof THEN 'leakproof' END,
      CASE WHEN proisstrict THEN 'strict' END, 'settings ' || proconfig::text, 'cost', procost, 'rows', prorows,
      'support ' || nullif(prosupport::oid, 0)::regproc::text)
    FROM routines JOIN pg_language ON pg_language.oid = prolang
    UNION ALL
    SELECT side, object, given.aspect, given.value
    FROM routines, LATERAL (
      SELECT format('grant of %s to %s', lower(each.privilege_type),
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END) AS aspect,
        CASE WHEN bool_or(each.is_grantable) THEN 'may be handed on' ELSE 'given' END AS value
      FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) AS each
      GROUP BY 1
    ) AS given
    UNION ALL
    SELECT side, format('%s %s', named.type, named.identity), 'itself', 'is there'
    FROM spaces JOIN pg_depend ON refclassid = 'pg_namespace'::regclass AND refobjid = spaces.oid,
      LATERAL pg_identify_object(classid, objid, 0) AS named
    WHERE classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_default_acl'::regclass,
      'pg_publication_namespace'::regclass)
    UNION ALL
    SELECT spaces.side, 'schema ' || shown, format('default privileges of %s for objects of kind %s', pg_get_userbyid(defaclrole), defaclobjtype), coalesce((
      SELECT string_agg(told, '; ' ORDER BY told COLLATE "C")
      FROM aclexplode(defaclacl) AS each, LATERAL (
        SELECT concat(lower(each.privilege_type), ' to ',
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END,
          CASE WHEN each.is_grantable THEN ', may be handed on' END)) AS worded (told)), 'nothing')
    FROM spaces JOIN pg_default_acl ON defaclnamespace = spaces.oid
    UNION ALL
    SELECT 'actual', 'role ' || pg_get_userbyid(defaclrole), format('default privileges for objects of kind %s', defaclobjtype), coalesce((
      SELECT string_agg(told, '; ' ORDER BY told COLLATE "C")
      FROM aclexplode(defaclacl) AS each, LATERAL (
        SELECT concat(lower(each.privilege_type), ' to ',
          CASE WHEN each.grantee = 0 THEN 'everybody' ELSE pg_get_userbyid(each.grantee) END,
          CASE WHEN each.is_grantable THEN ', may be handed on' END)) AS worded (told)), 'nothing')
    FROM pg_default_acl
    WHERE defaclnamespace = 0 AND pg_get_userbyid(defaclrole) = 'bfg_owner'
  ),
  -- The scratch schemas stand for those that are meant; in a function's body their names are quoted.
  facts AS (
    SELECT side, replace(replace(replace(replace(object::text, 'bfg_policy_expected.', quote_ident('bfg_flowcontrol') || '.'), '"bfg_policy_expected"', '"bfg_flowcontrol"'), 'bfg_policy_expected_control.', quote_ident('bfg_control') || '.'), '"bfg_policy_expected_control"', '"bfg_control"') AS object,
replace(replace(replace(replace(aspect::text, 'bfg_policy_expected.', quote_ident('bfg_flowcontrol') || '.'), '"bfg_policy_expected"', '"bfg_flowcontrol"'), 'bfg_policy_expected_control.', quote_ident('bfg_control') || '.'), '"bfg_policy_expected_control"', '"bfg_control"') AS aspect,
replace(replace(replace(replace(value::text, 'bfg_policy_expected.', quote_ident('bfg_flowcontrol') || '.'), '"bfg_policy_expected"', '"bfg_flowcontrol"'), 'bfg_policy_expected_control.', quote_ident('bfg_control') || '.'), '"bfg_policy_expected_control"', '"bfg_control"') AS value
FROM written
  ),
ours AS (
    SELECT * FROM pg_roles WHERE rolname IN ('bfg_owner', 'bfg_app', 'bfg_replay', 'bfg_verify')
  ),
  -- A creator's own grant (ADMIN, and neither SET nor INHERIT) lets nobody become the role. Before
  -- PostgreSQL 16 every grant does.
  usable AS (
    SELECT roleid, member FROM pg_auth_members AS each
    WHERE coalesce((to_jsonb(each) ->> 'set_option')::boolean, true)
      OR coalesce((to_jsonb(each) ->> 'inherit_option')::boolean, true)
  ),
  -- Whoever is a member by way of other roles may become it just as well.
  reached (role, member) AS (
    SELECT ours.rolname, usable.member FROM usable JOIN ours ON ours.oid = roleid
    UNION
    SELECT reached.role, usable.member FROM reached JOIN usable ON roleid = reached.member
  ),
  memberships AS (
    SELECT role, member AS oid, rolname AS member, rolsuper OR rolbypassrls AS is_unbound
    FROM reached JOIN pg_roles ON oid = member
  ),
  role_drifts (object, what) AS (
    SELECT 'role ' || quote_ident(rolname), 'may ' || may.what
    FROM ours, LATERAL (VALUES
      (rolcanlogin, 'log in'), (rolsuper, 'do everything: it is a superuser'),
      (rolcreatedb, 'create databases'), (rolcreaterole, 'create roles'),
      (rolreplication, 'replicate'), (rolbypassrls, 'bypass row-level security')
    ) AS may (is_so, what)
    WHERE may.is_so
    UNION ALL
    SELECT 'role ' || quote_ident(rolname), 'does not inherit' FROM ours WHERE NOT rolinherit
    UNION ALL
    SELECT 'role ' || quote_ident(ours.rolname), 'setting is extra: ' || setting
    FROM ours JOIN pg_db_role_setting ON setrole = ours.oid, unnest(setconfig) AS setting
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    UNION ALL
    -- A tenant that is there before anybody names one, or references and triggers that are off. What
    -- it is set to is not told: a claim is a credential.
    SELECT DISTINCT CASE WHEN setrole = 0 THEN 'the database' ELSE 'role ' || quote_ident(pg_get_userbyid(setrole)) END,
      format('sets %s for each session', split_part(setting, '=', 1))
    FROM pg_db_role_setting, unnest(setconfig) AS setting
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND (setrole = 0 OR setrole IN (SELECT oid FROM memberships) AND setrole NOT IN (SELECT oid FROM ours))
      AND lower(split_part(setting, '=', 1)) IN (lower('bfg.tenant_id'), lower('bfg.tenant_id_claim'), 'session_replication_role')
    UNION ALL
    SELECT DISTINCT 'role ' || quote_ident(ours.rolname), format('is a member of %I', held.rolname)
    FROM ours JOIN pg_auth_members ON pg_auth_members.member = ours.oid
      JOIN pg_roles AS held ON held.oid = roleid
    UNION ALL
    SELECT DISTINCT 'role ' || quote_ident(role), format('is granted to %I', member)
    FROM memberships WHERE role = 'bfg_owner'
    UNION ALL
    SELECT DISTINCT 'role ' || quote_ident(role), format('is granted to %I, which row-level security does not bind', member)
    FROM memberships WHERE is_unbound AND role <> 'bfg_owner'
    UNION ALL
    SELECT DISTINCT 'role ' || quote_ident(ours.rolname), 'has something to do with ' || pg_describe_object(classid, objid, objsubid)
    FROM ours JOIN pg_shdepend ON refclassid = 'pg_authid'::regclass AND refobjid = ours.oid,
      LATERAL pg_identify_object(classid, objid, objsubid) AS named
    WHERE dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND classid <> 'pg_auth_members'::regclass
      AND NOT EXISTS (
        SELECT FROM spaces
        JOIN pg_namespace AS space ON space.oid = spaces.oid
        WHERE named.schema = space.nspname
          OR (classid = 'pg_namespace'::regclass AND objid = space.oid)
          OR (classid = 'pg_policy'::regclass AND EXISTS (
            SELECT FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
            WHERE pg_policy.oid = objid AND relnamespace = space.oid))
          OR (classid = 'pg_default_acl'::regclass)
      )
  )
,
  -- Of an object that one side lacks as a whole, nothing more is told.
  lonely AS (
    SELECT object FROM facts WHERE aspect = 'itself' GROUP BY object HAVING count(*) = 1
  ),
  compared AS (
    SELECT object, aspect, expected.value AS expected, actual.value AS actual
    FROM (SELECT * FROM facts WHERE side = 'expected') AS expected
    FULL JOIN (SELECT * FROM facts WHERE side = 'actual') AS actual USING (object, aspect)
    WHERE expected.value IS DISTINCT FROM actual.value
      AND (aspect = 'itself' OR object NOT IN (SELECT object FROM lonely))
  ),
  told (object, what) AS (
    SELECT object, CASE
      WHEN aspect = 'itself' AND actual IS NULL THEN 'is missing'
      WHEN aspect = 'itself' THEN 'is extra'
      WHEN actual IS NULL THEN format('%s is missing', aspect)
      WHEN expected IS NULL AND length(actual) > 1000 THEN format('%s is extra', aspect)
      WHEN expected IS NULL THEN format('%s is extra: %s', aspect, actual)
      WHEN length(expected) + length(actual) > 1000 THEN format('%s is another one', aspect)
      ELSE format('%s is: %s; not: %s', aspect, actual, expected) END
    FROM compared
    UNION ALL
    SELECT object, what FROM role_drifts
  )
  SELECT array_agg(format('%s: %s', object, regexp_replace(what, '\s+', ' ', 'g')) ORDER BY object COLLATE "C", what COLLATE "C")
  INTO drifts FROM told;
  FOREACH drift IN ARRAY coalesce(drifts, '{}') LOOP
    RAISE WARNING '%', drift;
  END LOOP;
  IF drifts IS NOT NULL THEN
    RAISE EXCEPTION 'the database is not as this packet makes it: % difference%', cardinality(drifts),
        CASE WHEN cardinality(drifts) = 1 THEN '' ELSE 's' END
      USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = array_to_string(drifts[1:200], E'\n'),
        HINT = 'Nothing was changed. Find out who made each of them, and why.';
  END IF;
END
$packet$;

ROLLBACK;  -- frame
