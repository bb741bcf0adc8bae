-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=tenant-rbac-adapter
-- session=production-go
-- checksum=bfg-551b2b72
-- rows=109
-- runbook_decision=GO_MIGRATION_REHEARSED
-- file=33_replay.audit.sql

BEGIN; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;  -- frame
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '10min';
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

-- Inserts the rows of a batch that are not there yet, and changes none that are. The database
-- computes the digest of each table; on a mismatch nothing stays. Run again it changes nothing.
-- What follows is done as bfg_replay. Whoever may not become that role is lent it until the end.
DO $packet$
BEGIN
  PERFORM set_config('bfg_policy.operator', current_user, true);
  PERFORM set_config('bfg_policy.lent', '', true);
  IF NOT pg_has_role(current_user, 'bfg_replay',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  THEN
    EXECUTE format('GRANT %I TO %I', 'bfg_replay', current_user);
    PERFORM set_config('bfg_policy.lent', 'yes', true);
  END IF;
END
$packet$;
SET LOCAL ROLE "bfg_replay";

-- Batches are replayed in their order. This one is written down, with what it is to become.
DO $replay$
DECLARE
  _missing text;
BEGIN
  PERFORM set_config('bfg.tenant_id', 'bfg', true);
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'tenants_rbac')
  THEN
    _missing := '30_replay.tenants_rbac.sql';
  END IF;
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'operations')
  THEN
    _missing := '31_replay.operations.sql';
  END IF;
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'finance')
  THEN
    _missing := '32_replay.finance.sql';
  END IF;
  IF _missing IS NOT NULL THEN
    RAISE EXCEPTION 'the batch % comes after one that has not been replayed', 'audit'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Run %s first.', _missing);
  END IF;
  -- No other replay runs now, so the next number is free.
  INSERT INTO "bfg_control".replay_batches ("tenant_id", replay, batch, snapshot_sha256, tables)
  SELECT "bfg_flowcontrol".current_tenant(), coalesce(max(done.replay), 0) + 1, 'audit',
    '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439', '{"audit_events":{"digest":"293d9ec1b484913d1dae706aeb38bf31a9b1be802531b37f2260dc8ac29d35ed","rows":12},"scenario_snapshots":{"digest":"87fccc0aeecb6fd14580b9854f55e933b5dcdaf5449996a6bb6b6751c3f357cb","rows":1}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- audit_events, 12 rows
SET LOCAL bfg_policy.piece_1 = E'[{"actor_id":"user_dispatcher_marek","at":"2026-11-03T15:10:00.000000Z","event_id":"aud-0001","source":"risk","subject":"ord-2026-0004","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-11T04:35:00.000000Z","event_id":"aud-0002","source":"risk","subject":"ord-2026-0010","tenant_id":"bfg"}'
',{"actor_id":"user_md_anna","at":"2026-11-12T09:00:00.000000Z","event_id":"aud-0003","source":"cutover","subject":"cutover-rehearsal/contracts-frozen","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-12T11:30:00.000000Z","event_id":"aud-0004","source":"cutover","subject":"cutover-rehearsal/role-headers-mapped","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-13T03:15:00.000000Z","event_id":"aud-0005","source":"cutover","subject":"cutover-rehearsal/scenario-store-rehearsal","tenant_id":"bfg"}'
',{"actor_id":"user_accountant_olena","at":"2026-11-13T14:20:00.000000Z","event_id":"aud-0006","source":"cutover","subject":"cutover-rehearsal/db-schema","tenant_id":"bfg"}'
',{"actor_id":"user_accountant_olena","at":"2026-11-16T10:05:00.000000Z","event_id":"aud-0007","source":"cutover","subject":"cutover-rehearsal/secrets-auth","tenant_id":"bfg"}'
',{"actor_id":"user_md_anna","at":"2026-11-17T17:40:00.000000Z","event_id":"aud-0008","source":"cutover","subject":"cutover-rehearsal/migration-rollback","tenant_id":"bfg"}'
',{"actor_id":"user_md_anna","at":"2026-11-18T09:25:00.000000Z","event_id":"aud-0009","source":"sign-off","subject":"infrastructure","tenant_id":"bfg"}'
',{"actor_id":"user_md_anna","at":"2026-11-18T09:50:00.000000Z","event_id":"aud-0010","source":"sign-off","subject":"provider-selection","tenant_id":"bfg"}'
',{"actor_id":"user_accountant_olena","at":"2026-11-19T08:15:00.000000Z","event_id":"aud-0011","source":"risk","subject":"fd-2026-0006","tenant_id":"bfg"}'
',{"actor_id":"user_md_anna","at":"2026-11-19T15:20:00.000000Z","event_id":"aud-0012","source":"sign-off","subject":"db-auth-wiring/live-credentials","tenant_id":"bfg"}'
']';
DO $replay$
DECLARE
  _number bigint;
  _added bigint;
  _inserted bigint := 0;
  _statement text;
  _found record;
BEGIN
  SELECT done.replay INTO STRICT _number FROM "bfg_control".replay_batches AS done
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'audit';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."audit_events" ("tenant_id", "event_id", "actor_id", "source", "subject", "at", "replayed_in")
    SELECT given."tenant_id", given."event_id", given."actor_id", given."source", given."subject", given."at", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."audit_events", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."audit_events") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "event_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."audit_events");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."audit_events") AS read;
  IF _found.row_count <> 12 OR _found.digest <> '293d9ec1b484913d1dae706aeb38bf31a9b1be802531b37f2260dc8ac29d35ed' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'audit_events', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."audit_events", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."audit_events" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'audit_events', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'audit_events', _inserted, 12 - _inserted;
END
$replay$;

-- scenario_snapshots, 1 row
SET LOCAL bfg_policy.piece_1 = E'[{"row_count":109,"schema_version":"BFGScenarioSnapshot.v1","snapshot_sha256":"551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439","table_digests":{"audit_events":{"digest":"293d9ec1b484913d1dae706aeb38bf31a9b1be802531b37f2260dc8ac29d35ed","rows":12},"finance_documents":{"digest":"1d833dfd4531102d1971145fcc51dfdc8ae49af0e01268c93a8a58fc5b8642c0","rows":13},"order_events":{"digest":"ed33850709aa8b1f05ea006fbdf3086c64ad8e1607a76d2737c01ddd56fa1797","rows":58},"orders":{"digest":"eec8b69e0478ec6fad00d7783f5e5274ace9bcee95820fe524d84c7d0d7c4320","rows":16},"payments":{"digest":"54eef166fc37d09f9ff60fb2b0e272c8b198b470c2c5f61ff6fa4fce5ed0135c","rows":10}},"tenant_id":"bfg"}'
']';
DO $replay$
DECLARE
  _number bigint;
  _added bigint;
  _inserted bigint := 0;
  _statement text;
  _found record;
BEGIN
  SELECT done.replay INTO STRICT _number FROM "bfg_control".replay_batches AS done
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'audit';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."scenario_snapshots" ("tenant_id", "snapshot_sha256", "schema_version", "row_count", "table_digests", "replayed_in")
    SELECT given."tenant_id", given."snapshot_sha256", given."schema_version", given."row_count", given."table_digests", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."scenario_snapshots", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."scenario_snapshots") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "snapshot_sha256") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."scenario_snapshots");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."scenario_snapshots") AS read;
  IF _found.row_count <> 1 OR _found.digest <> '87fccc0aeecb6fd14580b9854f55e933b5dcdaf5449996a6bb6b6751c3f357cb' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'scenario_snapshots', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."scenario_snapshots", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."scenario_snapshots" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'scenario_snapshots', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'scenario_snapshots', _inserted, 1 - _inserted;
END
$replay$;

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg_policy.operator'));
  IF current_setting('bfg_policy.lent') = 'yes' THEN
    EXECUTE format('REVOKE %I FROM %I', 'bfg_replay', current_user);
  END IF;
END
$packet$;
COMMIT;  -- frame
