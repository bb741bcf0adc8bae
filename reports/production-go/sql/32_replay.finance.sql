-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=tenant-rbac-adapter
-- session=production-go
-- checksum=bfg-551b2b72
-- rows=109
-- runbook_decision=GO_MIGRATION_REHEARSED
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
  IF _missing IS NOT NULL THEN
    RAISE EXCEPTION 'the batch % comes after one that has not been replayed', 'finance'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Run %s first.', _missing);
  END IF;
  -- No other replay runs now, so the next number is free.
  INSERT INTO "bfg_control".replay_batches ("tenant_id", replay, batch, snapshot_sha256, tables)
  SELECT "bfg_flowcontrol".current_tenant(), coalesce(max(done.replay), 0) + 1, 'finance',
    '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439', '{"finance_documents":{"digest":"1d833dfd4531102d1971145fcc51dfdc8ae49af0e01268c93a8a58fc5b8642c0","rows":13},"payments":{"digest":"54eef166fc37d09f9ff60fb2b0e272c8b198b470c2c5f61ff6fa4fce5ed0135c","rows":10}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- finance_documents, 13 rows
SET LOCAL bfg_policy.piece_1 = E'[{"amount_minor":474780,"currency":"PLN","document_id":"fd-2026-0001","issued_at":"2026-11-03T16:05:00.000000Z","kind":"ksef_invoice","net_minor":386000,"number":"BFG/001/11/2026","order_id":"ord-2026-0001","tenant_id":"bfg"}'
',{"amount_minor":456945,"currency":"PLN","document_id":"fd-2026-0002","issued_at":"2026-11-04T16:10:00.000000Z","kind":"ksef_invoice","net_minor":371500,"number":"BFG/002/11/2026","order_id":"ord-2026-0002","tenant_id":"bfg"}'
',{"amount_minor":366540,"currency":"PLN","document_id":"fd-2026-0003","issued_at":"2026-11-04T16:15:00.000000Z","kind":"ksef_invoice","net_minor":298000,"number":"BFG/003/11/2026","order_id":"ord-2026-0003","tenant_id":"bfg"}'
',{"amount_minor":148000,"currency":"EUR","document_id":"fd-2026-0004","issued_at":"2026-11-05T16:20:00.000000Z","kind":"ksef_invoice","net_minor":148000,"number":"BFG/004/11/2026","order_id":"ord-2026-0004","tenant_id":"bfg"}'
',{"amount_minor":629760,"currency":"PLN","document_id":"fd-2026-0005","issued_at":"2026-11-06T16:25:00.000000Z","kind":"ksef_invoice","net_minor":512000,"number":"BFG/005/11/2026","order_id":"ord-2026-0005","tenant_id":"bfg"}'
',{"amount_minor":601470,"currency":"PLN","document_id":"fd-2026-0006","issued_at":"2026-11-07T16:30:00.000000Z","kind":"ksef_invoice","net_minor":489000,"number":"BFG/006/11/2026","order_id":"ord-2026-0006","tenant_id":"bfg"}'
',{"amount_minor":324720,"currency":"PLN","document_id":"fd-2026-0007","issued_at":"2026-11-08T16:35:00.000000Z","kind":"ksef_invoice","net_minor":264000,"number":"BFG/007/11/2026","order_id":"ord-2026-0007","tenant_id":"bfg"}'
',{"amount_minor":532590,"currency":"PLN","document_id":"fd-2026-0008","issued_at":"2026-11-10T16:40:00.000000Z","kind":"ksef_invoice","net_minor":433000,"number":"BFG/008/11/2026","order_id":"ord-2026-0008","tenant_id":"bfg"}'
',{"amount_minor":494460,"currency":"PLN","document_id":"fd-2026-0009","issued_at":"2026-11-11T16:45:00.000000Z","kind":"ksef_invoice","net_minor":402000,"number":"BFG/009/11/2026","order_id":"ord-2026-0009","tenant_id":"bfg"}'
',{"amount_minor":563955,"currency":"PLN","document_id":"fd-2026-0010","issued_at":"2026-11-12T16:50:00.000000Z","kind":"ksef_invoice","net_minor":458500,"number":"BFG/010/11/2026","order_id":"ord-2026-0010","tenant_id":"bfg"}'
',{"amount_minor":230010,"currency":"PLN","document_id":"fd-2026-0011","issued_at":"2026-11-13T16:55:00.000000Z","kind":"ksef_invoice","net_minor":187000,"number":"BFG/011/11/2026","order_id":"ord-2026-0011","tenant_id":"bfg"}'
',{"amount_minor":296430,"currency":"PLN","document_id":"fd-2026-0012","issued_at":"2026-11-14T16:00:00.000000Z","kind":"ksef_invoice","net_minor":241000,"number":"BFG/012/11/2026","order_id":"ord-2026-0012","tenant_id":"bfg"}'
',{"amount_minor":549810,"currency":"PLN","document_id":"fd-2026-0013","issued_at":"2026-11-18T16:05:00.000000Z","kind":"ksef_invoice","net_minor":447000,"number":"BFG/013/11/2026","order_id":"ord-2026-0013","tenant_id":"bfg"}'
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
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'finance';
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
  IF _found.row_count <> 13 OR _found.digest <> '1d833dfd4531102d1971145fcc51dfdc8ae49af0e01268c93a8a58fc5b8642c0' THEN
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
  RAISE INFO '%: % rows inserted, % were there', 'finance_documents', _inserted, 13 - _inserted;
END
$replay$;

-- payments, 10 rows
SET LOCAL bfg_policy.piece_1 = E'[{"amount_minor":474780,"booked_at":"2026-11-05T10:07:00.000000Z","currency":"PLN","document_id":"fd-2026-0001","method":"bank_transfer","payment_id":"pay-2026-0001","tenant_id":"bfg"}'
',{"amount_minor":456945,"booked_at":"2026-11-06T10:14:00.000000Z","currency":"PLN","document_id":"fd-2026-0002","method":"bank_transfer","payment_id":"pay-2026-0002","tenant_id":"bfg"}'
',{"amount_minor":366540,"booked_at":"2026-11-06T10:21:00.000000Z","currency":"PLN","document_id":"fd-2026-0003","method":"bank_transfer","payment_id":"pay-2026-0003","tenant_id":"bfg"}'
',{"amount_minor":148000,"booked_at":"2026-11-07T10:28:00.000000Z","currency":"EUR","document_id":"fd-2026-0004","method":"bank_transfer","payment_id":"pay-2026-0004","tenant_id":"bfg"}'
',{"amount_minor":629760,"booked_at":"2026-11-08T10:35:00.000000Z","currency":"PLN","document_id":"fd-2026-0005","method":"bank_transfer","payment_id":"pay-2026-0005","tenant_id":"bfg"}'
',{"amount_minor":300735,"booked_at":"2026-11-10T10:42:00.000000Z","currency":"PLN","document_id":"fd-2026-0006","method":"bank_transfer","payment_id":"pay-2026-0006","tenant_id":"bfg"}'
',{"amount_minor":324720,"booked_at":"2026-11-10T10:49:00.000000Z","currency":"PLN","document_id":"fd-2026-0007","method":"bank_transfer","payment_id":"pay-2026-0007","tenant_id":"bfg"}'
',{"amount_minor":532590,"booked_at":"2026-11-12T10:56:00.000000Z","currency":"PLN","document_id":"fd-2026-0008","method":"bank_transfer","payment_id":"pay-2026-0008","tenant_id":"bfg"}'
',{"amount_minor":494460,"booked_at":"2026-11-13T10:03:00.000000Z","currency":"PLN","document_id":"fd-2026-0009","method":"bank_transfer","payment_id":"pay-2026-0009","tenant_id":"bfg"}'
',{"amount_minor":169186,"booked_at":"2026-11-13T10:10:00.000000Z","currency":"PLN","document_id":"fd-2026-0010","method":"bank_transfer","payment_id":"pay-2026-0010","tenant_id":"bfg"}'
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
  WHERE done.snapshot_sha256 = '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' AND done.batch = 'finance';
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
  IF _found.row_count <> 10 OR _found.digest <> '54eef166fc37d09f9ff60fb2b0e272c8b198b470c2c5f61ff6fa4fce5ed0135c' THEN
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
  RAISE INFO '%: % rows inserted, % were there', 'payments', _inserted, 10 - _inserted;
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
