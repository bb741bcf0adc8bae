-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=tenant-rbac-adapter
-- session=production-go
-- checksum=bfg-551b2b72
-- rows=109
-- runbook_decision=GO_MIGRATION_REHEARSED
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
  PERFORM set_config('bfg.tenant_id', 'bfg', true);
  IF _missing IS NULL AND NOT EXISTS (
    SELECT FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'tenants_rbac')
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
    '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439', '{"order_events":{"digest":"ed33850709aa8b1f05ea006fbdf3086c64ad8e1607a76d2737c01ddd56fa1797","rows":58},"orders":{"digest":"eec8b69e0478ec6fad00d7783f5e5274ace9bcee95820fe524d84c7d0d7c4320","rows":16}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- orders, 16 rows
SET LOCAL bfg_policy.piece_1 = E'[{"cargo":"pharmaceuticals","client_id":"cp_client_lviv_farma","created_at":"2026-11-01T08:13:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0001","origin":"Łódź PL","status":"delivered","tenant_id":"bfg","weight_kg":4200}'
',{"cargo":"pharmaceuticals","client_id":"cp_client_lviv_farma","created_at":"2026-11-02T09:26:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0002","origin":"Łódź PL","status":"delivered","tenant_id":"bfg","weight_kg":3900}'
',{"cargo":"medical devices","client_id":"cp_client_lviv_farma","created_at":"2026-11-02T10:39:00.000000Z","destination":"Ternopil UA","order_id":"ord-2026-0003","origin":"Kraków PL","status":"delivered","tenant_id":"bfg","weight_kg":2600}'
',{"cargo":"infusion solutions","client_id":"cp_client_lviv_farma","created_at":"2026-11-03T07:52:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0004","origin":"Brno CZ","status":"delivered","tenant_id":"bfg","weight_kg":11800}'
',{"cargo":"rapeseed oil","client_id":"cp_client_agro_podole","created_at":"2026-11-04T08:05:00.000000Z","destination":"Rzeszów PL","order_id":"ord-2026-0005","origin":"Vinnytsia UA","status":"delivered","tenant_id":"bfg","weight_kg":21500}'
',{"cargo":"sunflower meal","client_id":"cp_client_agro_podole","created_at":"2026-11-05T09:18:00.000000Z","destination":"Lublin PL","order_id":"ord-2026-0006","origin":"Khmelnytskyi UA","status":"delivered","tenant_id":"bfg","weight_kg":22000}'
',{"cargo":"vaccines","client_id":"cp_client_lviv_farma","created_at":"2026-11-06T10:31:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0007","origin":"Warszawa PL","status":"delivered","tenant_id":"bfg","weight_kg":1900}'
',{"cargo":"honey","client_id":"cp_client_agro_podole","created_at":"2026-11-08T07:44:00.000000Z","destination":"Wrocław PL","order_id":"ord-2026-0008","origin":"Vinnytsia UA","status":"delivered","tenant_id":"bfg","weight_kg":8700}'
',{"cargo":"pharmaceuticals","client_id":"cp_client_lviv_farma","created_at":"2026-11-09T08:57:00.000000Z","destination":"Rivne UA","order_id":"ord-2026-0009","origin":"Łódź PL","status":"delivered","tenant_id":"bfg","weight_kg":4100}'
',{"cargo":"flour","client_id":"cp_client_agro_podole","created_at":"2026-11-10T09:10:00.000000Z","destination":"Katowice PL","order_id":"ord-2026-0010","origin":"Ternopil UA","status":"delivered","tenant_id":"bfg","weight_kg":20800}'
',{"cargo":"dressings","client_id":"cp_client_lviv_farma","created_at":"2026-11-11T10:23:00.000000Z","destination":"Warszawa PL","order_id":"ord-2026-0011","origin":"Poznań PL","status":"delivered","tenant_id":"bfg","weight_kg":6300}'
',{"cargo":"insulin","client_id":"cp_client_lviv_farma","created_at":"2026-11-12T07:36:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0012","origin":"Warszawa PL","status":"delivered","tenant_id":"bfg","weight_kg":1200}'
',{"cargo":"maize","client_id":"cp_client_agro_podole","created_at":"2026-11-16T08:49:00.000000Z","destination":"Rzeszów PL","order_id":"ord-2026-0013","origin":"Khmelnytskyi UA","status":"delivered","tenant_id":"bfg","weight_kg":22400}'
',{"cargo":"medical devices","client_id":"cp_client_lviv_farma","created_at":"2026-11-18T09:02:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0014","origin":"Kraków PL","status":"in_transit","tenant_id":"bfg","weight_kg":3100}'
',{"cargo":"rapeseed oil","client_id":"cp_client_agro_podole","created_at":"2026-11-18T10:15:00.000000Z","destination":"Gdańsk PL","order_id":"ord-2026-0015","origin":"Vinnytsia UA","status":"in_transit","tenant_id":"bfg","weight_kg":21900}'
',{"cargo":"pharmaceuticals","client_id":"cp_client_lviv_farma","created_at":"2026-11-19T07:28:00.000000Z","destination":"Lviv UA","order_id":"ord-2026-0016","origin":"Łódź PL","status":"assigned","tenant_id":"bfg","weight_kg":4000}'
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
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'operations';
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
  IF _found.row_count <> 16 OR _found.digest <> 'eec8b69e0478ec6fad00d7783f5e5274ace9bcee95820fe524d84c7d0d7c4320' THEN
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
  RAISE INFO '%: % rows inserted, % were there', 'orders', _inserted, 16 - _inserted;
END
$replay$;

-- order_events, 58 rows
SET LOCAL bfg_policy.piece_1 = E'[{"actor_id":"user_dispatcher_halyna","at":"2026-11-01T12:07:00.000000Z","event_id":"evt-0001","kind":"assigned","order_id":"ord-2026-0001","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-02T06:11:00.000000Z","event_id":"evt-0002","kind":"picked_up","order_id":"ord-2026-0001","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-02T14:17:00.000000Z","event_id":"evt-0003","kind":"border_crossed","order_id":"ord-2026-0001","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-03T09:19:00.000000Z","event_id":"evt-0004","kind":"delivered","order_id":"ord-2026-0001","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-02T13:14:00.000000Z","event_id":"evt-0005","kind":"assigned","order_id":"ord-2026-0002","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-03T07:22:00.000000Z","event_id":"evt-0006","kind":"picked_up","order_id":"ord-2026-0002","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-03T15:34:00.000000Z","event_id":"evt-0007","kind":"border_crossed","order_id":"ord-2026-0002","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-04T10:38:00.000000Z","event_id":"evt-0008","kind":"delivered","order_id":"ord-2026-0002","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-02T11:21:00.000000Z","event_id":"evt-0009","kind":"assigned","order_id":"ord-2026-0003","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-03T05:33:00.000000Z","event_id":"evt-0010","kind":"picked_up","order_id":"ord-2026-0003","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-03T16:51:00.000000Z","event_id":"evt-0011","kind":"border_crossed","order_id":"ord-2026-0003","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-04T11:57:00.000000Z","event_id":"evt-0012","kind":"delivered","order_id":"ord-2026-0003","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-03T12:28:00.000000Z","event_id":"evt-0013","kind":"assigned","order_id":"ord-2026-0004","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-04T06:44:00.000000Z","event_id":"evt-0014","kind":"picked_up","order_id":"ord-2026-0004","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-04T13:08:00.000000Z","event_id":"evt-0015","kind":"border_crossed","order_id":"ord-2026-0004","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-05T12:16:00.000000Z","event_id":"evt-0016","kind":"delivered","order_id":"ord-2026-0004","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-04T13:35:00.000000Z","event_id":"evt-0017","kind":"assigned","order_id":"ord-2026-0005","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-05T07:55:00.000000Z","event_id":"evt-0018","kind":"picked_up","order_id":"ord-2026-0005","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-05T14:25:00.000000Z","event_id":"evt-0019","kind":"border_crossed","order_id":"ord-2026-0005","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-06T13:35:00.000000Z","event_id":"evt-0020","kind":"delivered","order_id":"ord-2026-0005","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-05T11:42:00.000000Z","event_id":"evt-0021","kind":"assigned","order_id":"ord-2026-0006","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-06T05:06:00.000000Z","event_id":"evt-0022","kind":"picked_up","order_id":"ord-2026-0006","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-06T15:42:00.000000Z","event_id":"evt-0023","kind":"border_crossed","order_id":"ord-2026-0006","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-07T08:54:00.000000Z","event_id":"evt-0024","kind":"delivered","order_id":"ord-2026-0006","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-06T12:49:00.000000Z","event_id":"evt-0025","kind":"assigned","order_id":"ord-2026-0007","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-07T06:17:00.000000Z","event_id":"evt-0026","kind":"picked_up","order_id":"ord-2026-0007","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-07T16:59:00.000000Z","event_id":"evt-0027","kind":"border_crossed","order_id":"ord-2026-0007","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-08T09:13:00.000000Z","event_id":"evt-0028","kind":"delivered","order_id":"ord-2026-0007","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-08T13:56:00.000000Z","event_id":"evt-0029","kind":"assigned","order_id":"ord-2026-0008","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-09T07:28:00.000000Z","event_id":"evt-0030","kind":"picked_up","order_id":"ord-2026-0008","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-09T13:16:00.000000Z","event_id":"evt-0031","kind":"border_crossed","order_id":"ord-2026-0008","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-10T10:32:00.000000Z","event_id":"evt-0032","kind":"delivered","order_id":"ord-2026-0008","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-09T11:03:00.000000Z","event_id":"evt-0033","kind":"assigned","order_id":"ord-2026-0009","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-10T05:39:00.000000Z","event_id":"evt-0034","kind":"picked_up","order_id":"ord-2026-0009","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-10T14:33:00.000000Z","event_id":"evt-0035","kind":"border_crossed","order_id":"ord-2026-0009","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-11T11:51:00.000000Z","event_id":"evt-0036","kind":"delivered","order_id":"ord-2026-0009","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-10T12:10:00.000000Z","event_id":"evt-0037","kind":"assigned","order_id":"ord-2026-0010","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-11T06:50:00.000000Z","event_id":"evt-0038","kind":"picked_up","order_id":"ord-2026-0010","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-11T15:50:00.000000Z","event_id":"evt-0039","kind":"border_crossed","order_id":"ord-2026-0010","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-12T12:10:00.000000Z","event_id":"evt-0040","kind":"delivered","order_id":"ord-2026-0010","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-11T13:17:00.000000Z","event_id":"evt-0041","kind":"assigned","order_id":"ord-2026-0011","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-12T07:01:00.000000Z","event_id":"evt-0042","kind":"picked_up","order_id":"ord-2026-0011","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-13T13:29:00.000000Z","event_id":"evt-0043","kind":"delivered","order_id":"ord-2026-0011","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-12T11:24:00.000000Z","event_id":"evt-0044","kind":"assigned","order_id":"ord-2026-0012","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-13T05:12:00.000000Z","event_id":"evt-0045","kind":"picked_up","order_id":"ord-2026-0012","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-13T13:24:00.000000Z","event_id":"evt-0046","kind":"border_crossed","order_id":"ord-2026-0012","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-14T08:48:00.000000Z","event_id":"evt-0047","kind":"delivered","order_id":"ord-2026-0012","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-16T12:31:00.000000Z","event_id":"evt-0048","kind":"assigned","order_id":"ord-2026-0013","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-17T06:23:00.000000Z","event_id":"evt-0049","kind":"picked_up","order_id":"ord-2026-0013","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-17T14:41:00.000000Z","event_id":"evt-0050","kind":"border_crossed","order_id":"ord-2026-0013","tenant_id":"bfg"}'
',{"actor_id":"driver_melnyk","at":"2026-11-18T09:07:00.000000Z","event_id":"evt-0051","kind":"delivered","order_id":"ord-2026-0013","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-18T13:38:00.000000Z","event_id":"evt-0052","kind":"assigned","order_id":"ord-2026-0014","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-19T07:34:00.000000Z","event_id":"evt-0053","kind":"picked_up","order_id":"ord-2026-0014","tenant_id":"bfg"}'
',{"actor_id":"driver_wojcik","at":"2026-11-19T15:58:00.000000Z","event_id":"evt-0054","kind":"border_crossed","order_id":"ord-2026-0014","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_halyna","at":"2026-11-18T11:45:00.000000Z","event_id":"evt-0055","kind":"assigned","order_id":"ord-2026-0015","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-19T05:45:00.000000Z","event_id":"evt-0056","kind":"picked_up","order_id":"ord-2026-0015","tenant_id":"bfg"}'
',{"actor_id":"driver_tarasenko","at":"2026-11-19T16:15:00.000000Z","event_id":"evt-0057","kind":"border_crossed","order_id":"ord-2026-0015","tenant_id":"bfg"}'
',{"actor_id":"user_dispatcher_marek","at":"2026-11-19T12:52:00.000000Z","event_id":"evt-0058","kind":"assigned","order_id":"ord-2026-0016","tenant_id":"bfg"}'
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
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'operations';
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
  IF _found.row_count <> 58 OR _found.digest <> 'ed33850709aa8b1f05ea006fbdf3086c64ad8e1607a76d2737c01ddd56fa1797' THEN
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
  RAISE INFO '%: % rows inserted, % were there', 'order_events', _inserted, 58 - _inserted;
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
