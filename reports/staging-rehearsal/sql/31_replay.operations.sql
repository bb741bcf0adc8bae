-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=staging-rehearsal
-- checksum=bfg-e650bdeb
-- rows=30
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=31_replay.operations.sql

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
  IF _missing IS NOT NULL THEN
    RAISE EXCEPTION 'the batch % comes after one that has not been replayed', 'operations'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Run %s first.', _missing);
  END IF;
  -- No other replay runs now, so the next number is free.
  INSERT INTO "bfg_control".replay_batches ("tenant_id", replay, batch, snapshot_sha256, tables)
  SELECT "bfg_flowcontrol".current_tenant(), coalesce(max(done.replay), 0) + 1, 'operations',
    'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596', '{"order_events":{"digest":"d76f25aed6d484fb049e8322e4cdba89d52fa842ba38eca692b67b3ef097c387","rows":15},"orders":{"digest":"14ab7033fb8f18b9dca0ce7c9448981c8aa4f7ca88cdac2552af92bea58c405a","rows":5}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- orders, 5 rows
SET LOCAL bfg_policy.piece_1 = E'[{"cargo":"chilled herring","client_id":"cp_client_baltic_foods","created_at":"2026-11-02T08:13:00.000000Z","destination":"Vilnius LT","order_id":"ord-2026-0001","origin":"Gdynia PL","status":"delivered","tenant_id":"bfg-staging","weight_kg":18200}'
',{"cargo":"smoked sprats","client_id":"cp_client_baltic_foods","created_at":"2026-11-03T09:26:00.000000Z","destination":"Riga LV","order_id":"ord-2026-0002","origin":"Gdynia PL","status":"delivered","tenant_id":"bfg-staging","weight_kg":12400}'
',{"cargo":"dairy","client_id":"cp_client_baltic_foods","created_at":"2026-11-05T10:39:00.000000Z","destination":"Warszawa PL","order_id":"ord-2026-0003","origin":"Kaunas LT","status":"delivered","tenant_id":"bfg-staging","weight_kg":20100}'
',{"cargo":"frozen cod","client_id":"cp_client_baltic_foods","created_at":"2026-11-09T07:52:00.000000Z","destination":"Lublin PL","order_id":"ord-2026-0004","origin":"Gdynia PL","status":"in_transit","tenant_id":"bfg-staging","weight_kg":16800}'
',{"cargo":"tinned fish","client_id":"cp_client_baltic_foods","created_at":"2026-11-12T08:05:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0005","origin":"Lublin PL","status":"assigned","tenant_id":"bfg-staging","weight_kg":9600}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'operations';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."orders" ("tenant_id", "order_id", "client_id", "status", "origin", "destination", "cargo", "weight_kg", "created_at", "replayed_in")
    SELECT given."tenant_id", given."order_id", given."client_id", given."status", given."origin", given."destination", given."cargo", given."weight_kg", given."created_at", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."orders", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."orders") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "order_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."orders");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."orders") AS read;
  IF _found.row_count <> 5 OR _found.digest <> '14ab7033fb8f18b9dca0ce7c9448981c8aa4f7ca88cdac2552af92bea58c405a' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'orders', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."orders", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."orders" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'orders', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'orders', _inserted, 5 - _inserted;
END
$replay$;

-- order_events, 15 rows
SET LOCAL bfg_policy.piece_1 = E'[{"actor_id":"user_dispatcher_nina","at":"2026-11-02T12:07:00.000000Z","event_id":"evt-0001","kind":"assigned","order_id":"ord-2026-0001","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-03T06:11:00.000000Z","event_id":"evt-0002","kind":"picked_up","order_id":"ord-2026-0001","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-03T14:17:00.000000Z","event_id":"evt-0003","kind":"border_crossed","order_id":"ord-2026-0001","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-04T09:19:00.000000Z","event_id":"evt-0004","kind":"delivered","order_id":"ord-2026-0001","tenant_id":"bfg-staging"}'
',{"actor_id":"user_dispatcher_tomasz","at":"2026-11-03T13:14:00.000000Z","event_id":"evt-0005","kind":"assigned","order_id":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_savchenko","at":"2026-11-04T07:22:00.000000Z","event_id":"evt-0006","kind":"picked_up","order_id":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_savchenko","at":"2026-11-04T15:34:00.000000Z","event_id":"evt-0007","kind":"border_crossed","order_id":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_savchenko","at":"2026-11-05T10:38:00.000000Z","event_id":"evt-0008","kind":"delivered","order_id":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"actor_id":"user_dispatcher_nina","at":"2026-11-05T11:21:00.000000Z","event_id":"evt-0009","kind":"assigned","order_id":"ord-2026-0003","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-06T05:33:00.000000Z","event_id":"evt-0010","kind":"picked_up","order_id":"ord-2026-0003","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-06T16:51:00.000000Z","event_id":"evt-0011","kind":"border_crossed","order_id":"ord-2026-0003","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_nowak","at":"2026-11-07T11:57:00.000000Z","event_id":"evt-0012","kind":"delivered","order_id":"ord-2026-0003","tenant_id":"bfg-staging"}'
',{"actor_id":"user_dispatcher_tomasz","at":"2026-11-09T12:28:00.000000Z","event_id":"evt-0013","kind":"assigned","order_id":"ord-2026-0004","tenant_id":"bfg-staging"}'
',{"actor_id":"driver_savchenko","at":"2026-11-10T06:44:00.000000Z","event_id":"evt-0014","kind":"picked_up","order_id":"ord-2026-0004","tenant_id":"bfg-staging"}'
',{"actor_id":"user_dispatcher_nina","at":"2026-11-12T13:35:00.000000Z","event_id":"evt-0015","kind":"assigned","order_id":"ord-2026-0005","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'operations';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."order_events" ("tenant_id", "event_id", "order_id", "actor_id", "kind", "at", "replayed_in")
    SELECT given."tenant_id", given."event_id", given."order_id", given."actor_id", given."kind", given."at", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."order_events", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."order_events") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "event_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."order_events");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."order_events") AS read;
  IF _found.row_count <> 15 OR _found.digest <> 'd76f25aed6d484fb049e8322e4cdba89d52fa842ba38eca692b67b3ef097c387' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'order_events', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."order_events", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."order_events" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'order_events', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'order_events', _inserted, 15 - _inserted;
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
