-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=staging-rehearsal
-- checksum=bfg-e650bdeb
-- rows=30
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
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
  PERFORM set_config('bfg.tenant_id', 'bfg-staging', true);
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'tenants_rbac')
  THEN
    _missing := '30_replay.tenants_rbac.sql';
  END IF;
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'operations')
  THEN
    _missing := '31_replay.operations.sql';
  END IF;
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'finance')
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
    'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596', '{"audit_events":{"digest":"4402328d33c23bf7f8d208ab49e77e2d4a0e95be39914a89dfc9aec8a1c56951","rows":4},"scenario_snapshots":{"digest":"2f4c8a7ccf6700bd0ca2162a0c6ddd01776d3ccc4261fcd6a9d4dbbf9072282c","rows":1}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- audit_events, 4 rows
SET LOCAL bfg_policy.piece_1 = E'[{"actor_id":"user_dispatcher_tomasz","at":"2026-11-03T12:05:00.000000Z","event_id":"aud-0001","source":"risk","subject":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"actor_id":"user_md_iryna","at":"2026-11-16T09:20:00.000000Z","event_id":"aud-0002","source":"cutover","subject":"cutover-rehearsal/contracts-frozen","tenant_id":"bfg-staging"}'
',{"actor_id":"user_accountant_kasia","at":"2026-11-17T14:45:00.000000Z","event_id":"aud-0003","source":"cutover","subject":"cutover-rehearsal/db-schema","tenant_id":"bfg-staging"}'
',{"actor_id":"user_md_iryna","at":"2026-11-18T10:10:00.000000Z","event_id":"aud-0004","source":"connection","subject":"adapter-connection","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'audit';
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
  IF _found.row_count <> 4 OR _found.digest <> '4402328d33c23bf7f8d208ab49e77e2d4a0e95be39914a89dfc9aec8a1c56951' THEN
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
  RAISE INFO '%: % rows inserted, % were there', 'audit_events', _inserted, 4 - _inserted;
END
$replay$;

-- scenario_snapshots, 1 row
SET LOCAL bfg_policy.piece_1 = E'[{"row_count":30,"schema_version":"BFGScenarioSnapshot.v1","snapshot_sha256":"e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596","table_digests":{"audit_events":{"digest":"4402328d33c23bf7f8d208ab49e77e2d4a0e95be39914a89dfc9aec8a1c56951","rows":4},"finance_documents":{"digest":"cbc23ca81a7e0f7c393e37c271d70e8877accda45e8119b95b92015b6caae837","rows":3},"order_events":{"digest":"d76f25aed6d484fb049e8322e4cdba89d52fa842ba38eca692b67b3ef097c387","rows":15},"orders":{"digest":"14ab7033fb8f18b9dca0ce7c9448981c8aa4f7ca88cdac2552af92bea58c405a","rows":5},"payments":{"digest":"c79ad249a31d59c9f770a95528d17f3ce79c0f20c9fe4976fa535d6a0dca13f2","rows":3}},"tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'audit';
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
  IF _found.row_count <> 1 OR _found.digest <> '2f4c8a7ccf6700bd0ca2162a0c6ddd01776d3ccc4261fcd6a9d4dbbf9072282c' THEN
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
