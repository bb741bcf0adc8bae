-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=staging-rehearsal
-- checksum=bfg-e650bdeb
-- rows=30
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=30_replay.tenants_rbac.sql

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
  IF _missing IS NOT NULL THEN
    RAISE EXCEPTION 'the batch % comes after one that has not been replayed', 'tenants_rbac'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Run %s first.', _missing);
  END IF;
  -- No other replay runs now, so the next number is free.
  INSERT INTO "bfg_control".replay_batches ("tenant_id", replay, batch, snapshot_sha256, tables)
  SELECT "bfg_flowcontrol".current_tenant(), coalesce(max(done.replay), 0) + 1, 'tenants_rbac',
    'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596', '{"role_permissions":{"digest":"d5e7269b4c9eb2ade6533fef24fba1db3d273adcefdb2ed105421a2b43d8dcae","rows":19},"roles":{"digest":"9019f32dad366ffe534f4b373793e7af3b2661e440887fbd8bfdd4808171d11b","rows":5},"tenants":{"digest":"71303212181d19065f059d187ee3f0740a7ebf999228fb11f4599d3f60d219fa","rows":1},"users":{"digest":"d67a9c863cb235dc70cdee36a1784aa04422cb51b68ed02cad918aee0849a411","rows":7}}'::jsonb
  FROM "bfg_control".replay_batches AS done
  ON CONFLICT ("tenant_id", snapshot_sha256, batch) DO NOTHING;
END
$replay$;

-- tenants, 1 row
SET LOCAL bfg_policy.piece_1 = E'[{"tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'tenants_rbac';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."tenants" ("tenant_id", "replayed_in")
    SELECT given."tenant_id", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."tenants", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."tenants") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."tenants");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."tenants") AS read;
  IF _found.row_count <> 1 OR _found.digest <> '71303212181d19065f059d187ee3f0740a7ebf999228fb11f4599d3f60d219fa' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'tenants', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."tenants", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."tenants" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'tenants', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'tenants', _inserted, 1 - _inserted;
END
$replay$;

-- roles, 5 rows
SET LOCAL bfg_policy.piece_1 = E'[{"role_key":"managing_director","tenant_id":"bfg-staging"}'
',{"role_key":"dispatcher","tenant_id":"bfg-staging"}'
',{"role_key":"accountant","tenant_id":"bfg-staging"}'
',{"role_key":"driver","tenant_id":"bfg-staging"}'
',{"role_key":"client","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'tenants_rbac';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."roles" ("tenant_id", "role_key", "replayed_in")
    SELECT given."tenant_id", given."role_key", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."roles", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."roles") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "role_key") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."roles");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."roles") AS read;
  IF _found.row_count <> 5 OR _found.digest <> '9019f32dad366ffe534f4b373793e7af3b2661e440887fbd8bfdd4808171d11b' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'roles', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."roles", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."roles" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'roles', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'roles', _inserted, 5 - _inserted;
END
$replay$;

-- role_permissions, 19 rows
SET LOCAL bfg_policy.piece_1 = E'[{"permission":"cutover:accept","role_key":"accountant","tenant_id":"bfg-staging"}'
',{"permission":"finance:read","role_key":"accountant","tenant_id":"bfg-staging"}'
',{"permission":"finance:write","role_key":"accountant","tenant_id":"bfg-staging"}'
',{"permission":"scenario:read","role_key":"accountant","tenant_id":"bfg-staging"}'
',{"permission":"order:read","role_key":"client","tenant_id":"bfg-staging"}'
',{"permission":"order:request","role_key":"client","tenant_id":"bfg-staging"}'
',{"permission":"scenario:read","role_key":"client","tenant_id":"bfg-staging"}'
',{"permission":"cutover:accept","role_key":"dispatcher","tenant_id":"bfg-staging"}'
',{"permission":"dispatch:manage","role_key":"dispatcher","tenant_id":"bfg-staging"}'
',{"permission":"scenario:read","role_key":"dispatcher","tenant_id":"bfg-staging"}'
',{"permission":"scenario:write","role_key":"dispatcher","tenant_id":"bfg-staging"}'
',{"permission":"scenario:read","role_key":"driver","tenant_id":"bfg-staging"}'
',{"permission":"trip:read","role_key":"driver","tenant_id":"bfg-staging"}'
',{"permission":"trip:update","role_key":"driver","tenant_id":"bfg-staging"}'
',{"permission":"cutover:accept","role_key":"managing_director","tenant_id":"bfg-staging"}'
',{"permission":"infrastructure:accept","role_key":"managing_director","tenant_id":"bfg-staging"}'
',{"permission":"rollback:decide","role_key":"managing_director","tenant_id":"bfg-staging"}'
',{"permission":"scenario:read","role_key":"managing_director","tenant_id":"bfg-staging"}'
',{"permission":"scenario:write","role_key":"managing_director","tenant_id":"bfg-staging"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'tenants_rbac';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."role_permissions" ("tenant_id", "role_key", "permission", "replayed_in")
    SELECT given."tenant_id", given."role_key", given."permission", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."role_permissions", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."role_permissions") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "role_key", "permission") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."role_permissions");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."role_permissions") AS read;
  IF _found.row_count <> 19 OR _found.digest <> 'd5e7269b4c9eb2ade6533fef24fba1db3d273adcefdb2ed105421a2b43d8dcae' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'role_permissions', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."role_permissions", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."role_permissions" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'role_permissions', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'role_permissions', _inserted, 19 - _inserted;
END
$replay$;

-- users, 7 rows
SET LOCAL bfg_policy.piece_1 = E'[{"desk":"BFG Control","display_name":"Iryna Bondar","permissions":["scenario:read","scenario:write","cutover:accept","infrastructure:accept","rollback:decide"],"role_key":"managing_director","tenant_id":"bfg-staging","user_id":"user_md_iryna"}'
',{"desk":"Day desk","display_name":"Tomasz Wrona","permissions":["scenario:read","scenario:write","cutover:accept","dispatch:manage"],"role_key":"dispatcher","tenant_id":"bfg-staging","user_id":"user_dispatcher_tomasz"}'
',{"desk":"Night desk","display_name":"Nina Kovalchuk","permissions":["scenario:read","scenario:write","cutover:accept","dispatch:manage"],"role_key":"dispatcher","tenant_id":"bfg-staging","user_id":"user_dispatcher_nina"}'
',{"desk":"Finance","display_name":"Katarzyna Liś","permissions":["scenario:read","cutover:accept","finance:read","finance:write"],"role_key":"accountant","tenant_id":"bfg-staging","user_id":"user_accountant_kasia"}'
',{"desk":"BFG Driver","display_name":"Bohdan Savchenko","permissions":["scenario:read","trip:read","trip:update"],"role_key":"driver","tenant_id":"bfg-staging","user_id":"driver_savchenko"}'
',{"desk":"BFG Driver","display_name":"Piotr Nowak","permissions":["scenario:read","trip:read","trip:update"],"role_key":"driver","tenant_id":"bfg-staging","user_id":"driver_nowak"}'
',{"desk":"Client Portal","display_name":"Baltic Foods","permissions":["scenario:read","order:read","order:request"],"role_key":"client","tenant_id":"bfg-staging","user_id":"cp_client_baltic_foods"}'
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = 'tenants_rbac';
  _statement := $query$
    INSERT INTO "bfg_flowcontrol"."users" ("tenant_id", "user_id", "role_key", "display_name", "desk", "permissions", "replayed_in")
    SELECT given."tenant_id", given."user_id", given."role_key", given."display_name", given."desk", given."permissions", $2
    FROM json_populate_recordset(NULL::"bfg_flowcontrol"."users", $1) AS given
  $query$;
  -- Looking whether each row is there takes time, and a tenant that has none needs no look.
  IF EXISTS (SELECT FROM "bfg_flowcontrol"."users") THEN
    _statement := _statement || $query$ON CONFLICT ("tenant_id", "user_id") DO NOTHING$query$;
  END IF;
  FOR _place IN 1 .. 1 LOOP
    EXECUTE _statement USING current_setting('bfg_policy.piece_' || _place)::json, _number;
    GET DIAGNOSTICS _added = ROW_COUNT;
    _inserted := _inserted + _added;
  END LOOP;
  -- The tables that refer to this one come next.
  IF _inserted > 0 THEN
    PERFORM "bfg_control".analyse(NULL::"bfg_flowcontrol"."users");
  END IF;

  SELECT read.row_count, read.digest INTO STRICT _found
  FROM "bfg_control".table_digest(NULL::"bfg_flowcontrol"."users") AS read;
  IF _found.row_count <> 7 OR _found.digest <> 'd67a9c863cb235dc70cdee36a1784aa04422cb51b68ed02cad918aee0849a411' THEN
    -- Either the tenant has other rows besides, or a row is not what it was to become. A table
    -- that was filled just now has no statistics, by which a nested loop looks cheap.
    PERFORM set_config('enable_nestloop', 'off', true);
    SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
      FILTER (WHERE compared.place <= 20) AS told
    INTO STRICT _found
    FROM (
      SELECT row_number() OVER (ORDER BY given.key COLLATE "C") AS place,
        concat_ws(' ', 'users', "bfg_control".shown(given.key),
          CASE WHEN stored.key IS NULL THEN 'was not stored' ELSE 'differs' END) AS told
      FROM (
        SELECT "bfg_control".row_key(sent.*) AS key, "bfg_control".line(sent.*) AS line
        FROM generate_series(1, 1) AS place (place),
          json_populate_recordset(NULL::"bfg_flowcontrol"."users", current_setting('bfg_policy.piece_' || place.place)::json) AS sent OFFSET 0) AS given
      LEFT JOIN (
        SELECT "bfg_control".row_key(held.*) AS key, "bfg_control".line(held.*) AS line
        FROM "bfg_flowcontrol"."users" AS held OFFSET 0) AS stored USING (key)
      WHERE stored.line IS DISTINCT FROM given.line) AS compared;
    IF _found.wrong > 0 THEN
      RAISE EXCEPTION 'rows of % that are not what the snapshot has: %', 'users', _found.wrong
        USING ERRCODE = 'data_exception', DETAIL = _found.told,
          HINT = 'A row that was there already is never changed: find out where it comes from. Nothing was replayed.';
    END IF;
  END IF;
  RAISE INFO '%: % rows inserted, % were there', 'users', _inserted, 7 - _inserted;
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
