-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=grant-demo-local
-- checksum=bfg-3475ef37
-- rows=0
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=80_rollback.data.sql

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

-- Takes back the rows that replays of this snapshot wrote, and no others. Where one of them is not
-- what a replay wrote any more, nothing is taken back. Run again it changes nothing.
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

-- The rows of the snapshot, a line for each: its digest and its key.
-- tenants
SET LOCAL bfg_policy.expected_0 = E'9c58422de52f3f3b7ddf2ff883ccf373ea7bc1cd202e6c1748f6fd6565e90ecc []\n';
-- roles
SET LOCAL bfg_policy.expected_1 = E'a569254f6fa33f872c547b0485bec2157d59d0626f6b19326e435606ddbd37c7 ["managing_director"]\n'
'd4dddcb98cf0d68baac0e87fe619fc9acf55eaeffce533b7c76c2427f61d9031 ["dispatcher"]\n'
'ffc04b0a020cae83726154f9a1e99a7cae61f7733e78c09958fb46a7e615ff19 ["accountant"]\n'
'8f869956f970e76a9df0f90c0806e9b610ae84adf6bd6cab78600160a9538050 ["driver"]\n'
'3a198bbe60694c94a16f5784d1786e3aea0e195bdaba33d0df5127f86e7356e4 ["client"]\n';
-- role_permissions
SET LOCAL bfg_policy.expected_2 = E'43b2c032597d001a53032c60f50a6766eaa4e250cfd95eb7b65b897e9413c113 ["accountant","cutover:accept"]\n'
'bbd87b5c7cf174fe1561f3152b4dc0bd489dc9fd82727ffd2c374e858dee89e5 ["accountant","finance:read"]\n'
'48aa689cd3e283164acd15db12d959a600ece979110c2c31432557fac65cdd0c ["accountant","finance:write"]\n'
'bfc154634ea7758bfcdec9ed34ba609129f5b4638635f41bf30c809a7738b4ce ["accountant","scenario:read"]\n'
'edcd29c5c981a26879a1cc52fc3608e5ecaa548ce16f8739492c1d4fb9c1f7c8 ["client","order:read"]\n'
'5365c38d42d4751f248d1e48c5437f000bde84478be032c78f0a73dbba57a9e4 ["client","order:request"]\n'
'e1ab9fb3f4c69445a915f225ce84de085ef6e95e120d21b736c05a22455bd84e ["client","scenario:read"]\n'
'0fdbcfbb7c3079782677af14001efd79dcaa61117b87da579764ec12d6297d02 ["dispatcher","cutover:accept"]\n'
'46fa8b475a21d82c5ef4e1352c035e3746a8ecddb63fa4b05f1cd5efbcc92a84 ["dispatcher","dispatch:manage"]\n'
'117111d7906b3e4e6b193e810253c503c538300832964ca270ed585f68fbc5b4 ["dispatcher","scenario:read"]\n'
'c53abd1c31a8eb9a68961de9259c88dd1e29d1d93a62c4a625a5a300017bf0c4 ["dispatcher","scenario:write"]\n'
'e7ec818caf5a03e4fb2bbc47e3a083551ae37279711b7fa75fafc6cc0e27f328 ["driver","scenario:read"]\n'
'94ae24eaca4fcee2b3dc4fcc06e517912ff54ef2f4b090cf651e7d1a1a1e510e ["driver","trip:read"]\n'
'4b14832c4f89d6dea9ba844047a41651fe52bf218c5da3975551f91e05d4178f ["driver","trip:update"]\n'
'c4a3c5a91e7ca3f89f518fadc9ce4114cffd5e3ae920aed31c47817873588b0b ["managing_director","cutover:accept"]\n'
'f741f3d4a7bbb3718340f2bc4fa2984f76cd4141325fe2d0cb45978c3f95ea33 ["managing_director","infrastructure:accept"]\n'
'153d8673c05ae51f5aeb349b5a62ec95fd625b3e869d55cfb94c9e6b9b6a92f1 ["managing_director","rollback:decide"]\n'
'a1abf02f3799343651a93dd4a53cbdba2e49258bae6106c0317d241406558f34 ["managing_director","scenario:read"]\n'
'47752a646e1ce654925b3253fbb2f3b2860ff1c4855cb477e652e3bd3c76d43c ["managing_director","scenario:write"]\n';
-- users
SET LOCAL bfg_policy.expected_3 = E'f87e2fc2db2f4f03fd8e6f04c6fdb6dba011f500250ac0db632700dccc52cf1a ["user_md_anna"]\n'
'd8714e5611ff97fe6eabe415cd6e378632f09b60a48432ac4e4a72da6cfeee1d ["user_dispatcher_marek"]\n'
'b4373800190bd6acf4f849d4bbad112382753df26f819e009d6d2684c7709119 ["user_accountant_olena"]\n'
'f552b2c9bfbe088854c9f4e77d6aab9921f275b85cb2d2da9578aa2b39982a59 ["driver_tarasenko"]\n'
'e54b745f685fc96584f24c5aa8eecb770012853b34478d2af061f8dc9d3c37d1 ["cp_client_lviv_farma"]\n';
-- orders
SET LOCAL bfg_policy.expected_4 = E'';
-- order_events
SET LOCAL bfg_policy.expected_5 = E'';
-- finance_documents
SET LOCAL bfg_policy.expected_6 = E'';
-- payments
SET LOCAL bfg_policy.expected_7 = E'';
-- audit_events
SET LOCAL bfg_policy.expected_8 = E'';
-- scenario_snapshots
SET LOCAL bfg_policy.expected_9 = E'c4d43639373be73eb259484dd2bc8f8251c2ed756bfb09510cbd055f55ff12ad ["3475ef37de3aa9d7b2e1983597616c16a5acfd9e1d08b733d9e991f96292cd86"]\n';

DO $rollback$
DECLARE
  _number bigint;
  _expected record;
  _compared record;
  _taken bigint;
  _names text[] := '{}';
  _numbers bigint[] := '{}';
  _told text[] := '{}';
  _changed bigint := 0;
BEGIN
  PERFORM set_config('bfg.tenant_id', 'bfg', true);
  -- Without statistics a nested loop looks cheap, and is not.
  PERFORM set_config('enable_nestloop', 'off', true);
  -- Backwards, so that a row goes before those that it refers to.
  FOR _expected IN
    SELECT expected.* FROM (VALUES
      (0, 'tenants', 'tenants_rbac', 1::bigint, 'db0d2a773c35aeda152865eaaf342c60e1e6ddcc8279ba45a2fcdc2d6ef11a80'),
      (1, 'roles', 'tenants_rbac', 5::bigint, '7d050592b5f2b1ebc03cc0ba1d229e4a1849fa66bff531b7f0dd0c1356bf1a10'),
      (2, 'role_permissions', 'tenants_rbac', 19::bigint, 'cc49528c15b91bada4a6412767ccbb66b35dfefd9598bea7580177d02a20fe33'),
      (3, 'users', 'tenants_rbac', 5::bigint, 'f0b3313436cc99096bec5ff3d293542d3e692f248822baab3fce2780eb7c2559'),
      (4, 'orders', 'operations', 0::bigint, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
      (5, 'order_events', 'operations', 0::bigint, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
      (6, 'finance_documents', 'finance', 0::bigint, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
      (7, 'payments', 'finance', 0::bigint, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
      (8, 'audit_events', 'audit', 0::bigint, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
      (9, 'scenario_snapshots', 'audit', 1::bigint, 'd68250b731e8840456dd0340a49e2f1e73ca63f2246d10c6cd12a68ecb3f92d5')
    ) AS expected (place, name, batch, row_count, digest) ORDER BY expected.place DESC
  LOOP
    SELECT done.replay INTO _number FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = '3475ef37de3aa9d7b2e1983597616c16a5acfd9e1d08b733d9e991f96292cd86' AND done.batch = _expected.batch;
    CONTINUE WHEN _number IS NULL;
    EXECUTE format($query$
      SELECT count(*) AS changed, string_agg(compared.told, chr(10) ORDER BY compared.place)
        FILTER (WHERE compared.place <= 20) AS told
      FROM (
        SELECT row_number() OVER (ORDER BY key COLLATE "C") AS place,
          concat_ws(' ', $2, "bfg_control".shown(key), 'was changed') AS told
        FROM (
          SELECT "bfg_control".row_key(held.*) AS key,
            encode(sha256(convert_to("bfg_control".line(held.*), 'UTF8')), 'hex') AS digest
          FROM %I.%I AS held WHERE held."replayed_in" = $3 OFFSET 0) AS stored
        LEFT JOIN (
          SELECT substr(line, 66) AS key, left(line, 64) AS digest
          FROM string_to_table($1, chr(10)) AS line WHERE line <> '') AS wanted USING (key)
        WHERE wanted.digest IS DISTINCT FROM stored.digest) AS compared
      $query$, 'bfg_flowcontrol', _expected.name)
    INTO STRICT _compared USING current_setting('bfg_policy.expected_' || _expected.place), _expected.name, _number;
    _names := _names || _expected.name;
    _numbers := _numbers || _number;
    IF _compared.changed > 0 THEN
      _changed := _changed + _compared.changed;
      _told := _told || _compared.told;
    END IF;
  END LOOP;
  IF _changed > 0 THEN
    RAISE EXCEPTION 'rows that were changed since the replay wrote them: %', _changed
      USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = array_to_string(_told, chr(10)),
        HINT = 'Taking them back would lose the change: decide about each by hand. Nothing was taken back.';
  END IF;
  FOR _place IN 1 .. cardinality(_names) LOOP
    EXECUTE format('DELETE FROM %I.%I AS held WHERE held."replayed_in" = $1', 'bfg_flowcontrol', _names[_place])
    USING _numbers[_place];
    GET DIAGNOSTICS _taken = ROW_COUNT;
    RAISE INFO '%: % rows taken back', _names[_place], _taken;
  END LOOP;
  DELETE FROM "bfg_control".replay_batches AS done
  WHERE done.snapshot_sha256 = '3475ef37de3aa9d7b2e1983597616c16a5acfd9e1d08b733d9e991f96292cd86';
END
$rollback$;

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg_policy.operator'));
  IF current_setting('bfg_policy.lent') = 'yes' THEN
    EXECUTE format('REVOKE %I FROM %I', 'bfg_replay', current_user);
  END IF;
END
$packet$;
COMMIT;  -- frame
