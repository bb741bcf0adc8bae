-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=staging-rehearsal
-- checksum=bfg-e650bdeb
-- rows=30
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
SET LOCAL bfg_policy.expected_0 = E'e3bd87b9a8fb49729ee1ad99cc2132f77d4ee7d0c9127ccda6bfa68e3271c61b []\n';
-- roles
SET LOCAL bfg_policy.expected_1 = E'a003c02fadd7f2ef95f33f48cca25870b6f0620e6883deef3969d6d9bfbd0e44 ["managing_director"]\n'
'7d5e1ed1a18764cbf0290063d4507db06ebf150e90849b4bb62d52bf3ec6e2a2 ["dispatcher"]\n'
'97e91c6a4a21b391b9af0a04ac27a8a782c89d2b97a1c89eb5bb1eb69c142995 ["accountant"]\n'
'a6cdbb939e499b4e05dfd2f5f377e3fc9c784a8f7b8a2bcfdcad2eb9d3d96fa7 ["driver"]\n'
'7c17b3199e5a93aa38bf150c7519b94ace3380b5669aefb943eb595bd70fe27a ["client"]\n';
-- role_permissions
SET LOCAL bfg_policy.expected_2 = E'52859e5a21003c37581de077be9e7c660434f20dd622e564c382c51d2318c7b8 ["accountant","cutover:accept"]\n'
'17e7dfd188d6d0942aa9f5e8c4d8ef3cfcc9b78262f2477804df2cdf1b0d9d64 ["accountant","finance:read"]\n'
'4582f825b64341ba3e15d800d7f59256e992d3668aa9edde528a597568ebb6af ["accountant","finance:write"]\n'
'cf097ad2d8b23954588e057ee477061a50d23eb81fc7abf708c1a9ef5a9d4f4e ["accountant","scenario:read"]\n'
'4a7d86164b79afedd997681eadec80b234b35c1238891d47aa8f10fa744efc36 ["client","order:read"]\n'
'4a0ce218af43ad50ed940a1eeb9ebddaef96b20a4983cac45232713e5a3f2fad ["client","order:request"]\n'
'b68b06ea2ae32d82643c12499eb7e9eb571f1da2945dd8877163285331eb5498 ["client","scenario:read"]\n'
'd52f21fee4738ea3e69e90120daa6f2cb8e542b44e3adce5d38ba73b14b7c320 ["dispatcher","cutover:accept"]\n'
'dfefa52d6a9160332fdd971093679371b625c85b90f7d7a4a5dcec77a5c149e4 ["dispatcher","dispatch:manage"]\n'
'b92563733031e7854deb7816d061137eb67feda929024c616e276312249ac0b5 ["dispatcher","scenario:read"]\n'
'9a4f4aedceef24c64e8b36b492d9020a9b83f536e0dcc75903184d83b8304e59 ["dispatcher","scenario:write"]\n'
'00ddddb646178c24d7ab5e436386e19f767af6552fc743957460e5ec9228aba1 ["driver","scenario:read"]\n'
'741b48bc11e6e3a974d19bff16f64469e683863c8c4ff9becf9843e47a1225c8 ["driver","trip:read"]\n'
'e50e83a9d4bba0badcd7c1f83323acfea36171bdbdf62b9b94130644a612cf43 ["driver","trip:update"]\n'
'3f968bc079e47293989b433634d44a070dc8a4bdb8f979c58cfd8bc5b479a094 ["managing_director","cutover:accept"]\n'
'd74e486f1d2af0ec4a0c27929f20a6e2ed35287b775dcf47c4dd205a9c2d73df ["managing_director","infrastructure:accept"]\n'
'ed32d5ce8b85d45f45068864fc2a919783efc8770d3cc3b025b505ce2ed32f1c ["managing_director","rollback:decide"]\n'
'be055e5260b57aef447e1ca9fc9cca19658cfc3025d63fef4900c0a48602b2ee ["managing_director","scenario:read"]\n'
'88aab11459f96e512a5e0607bd6fe453fdf84fbab6500514d5bbdd611d772ead ["managing_director","scenario:write"]\n';
-- users
SET LOCAL bfg_policy.expected_3 = E'6d0eb193e68eb27abbf35cf43e013823b3c9fd5e56d86b854d48839da52ee60c ["user_md_iryna"]\n'
'02883e1d1204b87b875d2568786f9f1bb5960d2697983739f02fd32b798992b4 ["user_dispatcher_tomasz"]\n'
'20a88901c3f1e31741e0eb5f09166c345e62d1b7b05280708a119131078db11a ["user_dispatcher_nina"]\n'
'7c41fcee4258da6d9a88a669921ad1833ea3930ee1b60efb3bc23aebf28e5c9b ["user_accountant_kasia"]\n'
'10a4c85d606dc9915ad4976f8b718c70100a3b99319ca17af81697be3c61c6f6 ["driver_savchenko"]\n'
'63acd4db2b0acad9d6cba59ed2c28a85863ae3fb3e8f483de7372926810efc19 ["driver_nowak"]\n'
'1cd2acad18afa4db40f2663b17c8499d5476d36de81900adf6229bff6539b94e ["cp_client_baltic_foods"]\n';
-- orders
SET LOCAL bfg_policy.expected_4 = E'2d8fbadf0c97d2f2fbbec78c3a703c9086fe6c240bc7a375871ffbd1de8cf63e ["ord-2026-0001"]\n'
'a1b838d34766c3cfc0ee7b5f978acc026378ca239051be67ca66239c19f71c6f ["ord-2026-0002"]\n'
'c9890724dd0e5f06530e517cbec111538a37a1114eb1792beabf6b3de17b28cc ["ord-2026-0003"]\n'
'0faa6287ccb07cf72093d91160389ef6dd0c65d29227e33cabf8e33d46ec91d6 ["ord-2026-0004"]\n'
'e8425627d825b0691d26820f32e1fc7c17f6f18932c45346ae7b5f8bbf9bc44e ["ord-2026-0005"]\n';
-- order_events
SET LOCAL bfg_policy.expected_5 = E'd3f5fcace138345b52e3fc2e7da8ee2af096addfa845181ac174a73acaeaf2f4 ["evt-0001"]\n'
'2cfcdc151bbc1e330f74ffae586dcae4f2b13388bfd4f02a7c1fd8de464f10ca ["evt-0002"]\n'
'bc6bea41445369bf212c4f03f9fd848767061655ff73761ba4560a7a2626c77f ["evt-0003"]\n'
'7517517b81576ea0d9be8ae6d9cf3fab039bbfb82ee801daaff476e8c827e904 ["evt-0004"]\n'
'5e64fbf0d28cafdb6adf8de664bf2124751f3ce5377c2297d36d2d31ab7e59f6 ["evt-0005"]\n'
'9c134545cc131bd53c3e873235dba7477815d02a27eca903b735ea0e0183eb32 ["evt-0006"]\n'
'6aae29688f65867fa565282dad62d850b6fbd090d81759e048d960ac28f22130 ["evt-0007"]\n'
'ec37fe589fee3bc98518ce257ab3cae02eb4366c3210438f46f6383e9355edb8 ["evt-0008"]\n'
'a3447921cbe602ee2d0297b6064bb97572cb2c8108b3db63b5a74a622be855a9 ["evt-0009"]\n'
'0a9045035bcf0620f152e7552a16bd447df503c1d30730578c84d9839707261b ["evt-0010"]\n'
'492b7f8ff4603fc599b925f1232420972ce1228cf584596ec3aa5daf8b068c51 ["evt-0011"]\n'
'0d6abe671642f097be34e56a50ec9fca1c23f09a5ac9cf4716a448aaad085962 ["evt-0012"]\n'
'595204e80faa99f7fdfcd1d55bd3a555caf6d10fda0a37e3352f309732a2a3b4 ["evt-0013"]\n'
'8668f336ff776d4ba88eb13c36917f944d48838ef5f4fc7e3a33453520ed0ee3 ["evt-0014"]\n'
'618fa1fa2542151d2a51dd6dfa27410fac484bb009380727081687699082de72 ["evt-0015"]\n';
-- finance_documents
SET LOCAL bfg_policy.expected_6 = E'87b5fa23ae28971b3746e1ef76ac3612cff4a0aa0b2843e57b898ced8e753179 ["fd-2026-0001"]\n'
'19f2fdf08db3b1f62fd525c1fb1313a71390e3d9d82015c80ffaa7934da22725 ["fd-2026-0002"]\n'
'307d9139c97280a550215b09630ab5a904a50db1cc996066745448a3d423f153 ["fd-2026-0003"]\n';
-- payments
SET LOCAL bfg_policy.expected_7 = E'dc89c807c67179303dca788281d06bbd09c1d225c767bf479c414513cdc66226 ["pay-2026-0001"]\n'
'bf6a8232b591a226fa9d5826ea89f7182d5f4feaaafeb92304d1456f0a7cd1d0 ["pay-2026-0002"]\n'
'693dd644fabe546df2882f2dc015dc7dfea8f60d16c4d9e71f7fe0b2ae521948 ["pay-2026-0003"]\n';
-- audit_events
SET LOCAL bfg_policy.expected_8 = E'9edf4462bfedaaef8b3ed387977609b1a1139b439f5d70214c9a498a53d95321 ["aud-0001"]\n'
'5d876a210357bd2b57c53dec63356dfc28102761db6a55b05df93b8976389003 ["aud-0002"]\n'
'a2531685e740b3cc3b5a485dd162a6073de3524360f4b94e85e6e95f27f175e0 ["aud-0003"]\n'
'16680610d090c0e39f3e44db46d137362c7bae5bd9feb6f355083f5c4d130012 ["aud-0004"]\n';
-- scenario_snapshots
SET LOCAL bfg_policy.expected_9 = E'fff698510027ca75a6bf4a0dec9066676ae9b9644a0206722c6b62cb9a226736 ["e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596"]\n';

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
  PERFORM set_config('bfg.tenant_id', 'bfg-staging', true);
  -- Without statistics a nested loop looks cheap, and is not.
  PERFORM set_config('enable_nestloop', 'off', true);
  -- Backwards, so that a row goes before those that it refers to.
  FOR _expected IN
    SELECT expected.* FROM (VALUES
      (0, 'tenants', 'tenants_rbac', 1::bigint, '71303212181d19065f059d187ee3f0740a7ebf999228fb11f4599d3f60d219fa'),
      (1, 'roles', 'tenants_rbac', 5::bigint, '9019f32dad366ffe534f4b373793e7af3b2661e440887fbd8bfdd4808171d11b'),
      (2, 'role_permissions', 'tenants_rbac', 19::bigint, 'd5e7269b4c9eb2ade6533fef24fba1db3d273adcefdb2ed105421a2b43d8dcae'),
      (3, 'users', 'tenants_rbac', 7::bigint, 'd67a9c863cb235dc70cdee36a1784aa04422cb51b68ed02cad918aee0849a411'),
      (4, 'orders', 'operations', 5::bigint, '14ab7033fb8f18b9dca0ce7c9448981c8aa4f7ca88cdac2552af92bea58c405a'),
      (5, 'order_events', 'operations', 15::bigint, 'd76f25aed6d484fb049e8322e4cdba89d52fa842ba38eca692b67b3ef097c387'),
      (6, 'finance_documents', 'finance', 3::bigint, 'cbc23ca81a7e0f7c393e37c271d70e8877accda45e8119b95b92015b6caae837'),
      (7, 'payments', 'finance', 3::bigint, 'c79ad249a31d59c9f770a95528d17f3ce79c0f20c9fe4976fa535d6a0dca13f2'),
      (8, 'audit_events', 'audit', 4::bigint, '4402328d33c23bf7f8d208ab49e77e2d4a0e95be39914a89dfc9aec8a1c56951'),
      (9, 'scenario_snapshots', 'audit', 1::bigint, '2f4c8a7ccf6700bd0ca2162a0c6ddd01776d3ccc4261fcd6a9d4dbbf9072282c')
    ) AS expected (place, name, batch, row_count, digest) ORDER BY expected.place DESC
  LOOP
    SELECT done.replay INTO _number FROM "bfg_control".replay_batches AS done
    WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596' AND done.batch = _expected.batch;
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
  WHERE done.snapshot_sha256 = 'e650bdeb42905e51e2322031bfe17b2efd694d07da5fbe4fad2073eaee9bf596';
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
