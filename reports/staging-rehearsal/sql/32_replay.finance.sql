-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=staging-rehearsal
-- checksum=bfg-e650bdeb
-- rows=30
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=32_replay.finance.sql

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
  IF _missing IS NOT NULL THEN
    RAISE EXCEPTION 'the batch % comes after one that has not been replayed', 'finance'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Run %s first.', _missing);
  END IF;
  -- No other replay runs now, so the next number is free.
  INSERT INTO "bfg_control".replay_batches ("tenant_id", replay, batch, snapshot_sha256, tables)
  SELECT "bfg_flowcontrol".current_tenant(), coalesce(max(done.replay), 0) + 1, 'finance',
    'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596', '{"finance_documents":{"digest":"cbc23ca81a7e0f7c393e37c271d70e8877accda45e8119b95b92015b6caae837","rows":3},"payments":{"digest":"c79ad249a31d59c9f770a95528d17f3ce79c0f20c9fe4976fa535d6a0dca13f2","rows":3}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- finance_documents, 3 rows
SET LOCAL bfg_policy.piece_1 = E'[{"amount_minor":506760,"currency":"PLN","document_id":"fd-2026-0001","issued_at":"2026-11-04T16:05:00.000000Z","kind":"ksef_invoice","net_minor":412000,"number":"BFG/001/11/2026","order_id":"ord-2026-0001","tenant_id":"bfg-staging"}'
',{"amount_minor":661740,"currency":"PLN","document_id":"fd-2026-0002","issued_at":"2026-11-05T16:10:00.000000Z","kind":"ksef_invoice","net_minor":538000,"number":"BFG/002/11/2026","order_id":"ord-2026-0002","tenant_id":"bfg-staging"}'
',{"amount_minor":97500,"currency":"EUR","document_id":"fd-2026-0003","issued_at":"2026-11-07T16:15:00.000000Z","kind":"ksef_invoice","net_minor":97500,"number":"BFG/003/11/2026","order_id":"ord-2026-0003","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'finance';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."finance_documents" ("tenant_id", "document_id", "order_id", "kind", "number", "net_minor", "amount_minor", "currency", "issued_at", "replayed_in")
    SELECT given."tenant_id", given."document_id", given."order_id", given."kind", given."number", given."net_minor", given."amount_minor", given."currency", given."issued_at", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."finance_documents", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."finance_documents") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "document_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."finance_documents");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."finance_documents") AS read;
  IF _found.row_count <> 3 OR _found.digest <> 'cbc23ca81a7e0f7c393e37c271d70e8877accda45e8119b95b92015b6caae837' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'finance_documents', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."finance_documents", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."finance_documents" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'finance_documents', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'finance_documents', _inserted, 3 - _inserted;
END
$replay$;

-- payments, 3 rows
SET LOCAL bfg_policy.piece_1 = E'[{"amount_minor":506760,"booked_at":"2026-11-06T10:07:00.000000Z","currency":"PLN","document_id":"fd-2026-0001","method":"bank_transfer","payment_id":"pay-2026-0001","tenant_id":"bfg-staging"}'
',{"amount_minor":397044,"booked_at":"2026-11-06T10:14:00.000000Z","currency":"PLN","document_id":"fd-2026-0002","method":"bank_transfer","payment_id":"pay-2026-0002","tenant_id":"bfg-staging"}'
',{"amount_minor":97500,"booked_at":"2026-11-09T10:21:00.000000Z","currency":"EUR","document_id":"fd-2026-0003","method":"bank_transfer","payment_id":"pay-2026-0003","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'finance';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."payments" ("tenant_id", "payment_id", "document_id", "amount_minor", "currency", "method", "booked_at", "replayed_in")
    SELECT given."tenant_id", given."payment_id", given."document_id", given."amount_minor", given."currency", given."method", given."booked_at", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."payments", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."payments") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "payment_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."payments");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."payments") AS read;
  IF _found.row_count <> 3 OR _found.digest <> 'c79ad249a31d59c9f770a95528d17f3ce79c0f20c9fe4976fa535d6a0dca13f2' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'payments', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."payments", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."payments" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'payments', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'payments', _inserted, 3 - _inserted;
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
