-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=tenant-rbac-adapter
-- session=production-go
-- checksum=bfg-551b2b72
-- rows=109
-- runbook_decision=GO_MIGRATION_REHEARSED
-- file=40_parity.sql

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

-- Compares every table of the tenant with the snapshot, by rows and digest, and the snapshot's own
-- digest. On a mismatch it names the rows that are missing, extra or different. It changes nothing.
-- What follows is done as bfg_verify. Whoever may not become that role is lent it until the end.
DO $packet$
BEGIN
  PERFORM set_config('bfg_policy.operator', current_user, true);
  PERFORM set_config('bfg_policy.lent', '', true);
  IF NOT pg_has_role(current_user, 'bfg_verify',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  THEN
    EXECUTE format('GRANT %I TO %I', 'bfg_verify', current_user);
    PERFORM set_config('bfg_policy.lent', 'yes', true);
  END IF;
END
$packet$;
SET LOCAL ROLE "bfg_verify";

-- What the database has. Nothing of the snapshot is needed for it, and nothing of it is there yet
-- that a parallel worker would be handed.
DO $parity$
BEGIN
  PERFORM set_config('bfg.tenant_id', 'bfg', true);
  PERFORM set_config('bfg_policy.found', jsonb_object_agg(
    read.table_name, jsonb_build_object('rows', read.row_count, 'digest', read.digest))::text, true)
  FROM "bfg_control".table_digests() AS read;
END
$parity$;

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
'47a3d3935cc465aaf1e0f71868c85a5ce8346a39dfcbdc8513857fd190cbd12f ["user_dispatcher_halyna"]\n'
'b4373800190bd6acf4f849d4bbad112382753df26f819e009d6d2684c7709119 ["user_accountant_olena"]\n'
'f552b2c9bfbe088854c9f4e77d6aab9921f275b85cb2d2da9578aa2b39982a59 ["driver_tarasenko"]\n'
'dd53245707e0392e1ec0dceeca2beae57634fa070b41af3eb0fb23c14f63dbd6 ["driver_melnyk"]\n'
'9c390447552a36af58b11235518fb356ee74ad736d88f0f02a050bb4f9b2e51a ["driver_wojcik"]\n'
'e54b745f685fc96584f24c5aa8eecb770012853b34478d2af061f8dc9d3c37d1 ["cp_client_lviv_farma"]\n'
'1e3ba74083df291387cfec89092b154907204fbd2e202ebf4b07e1a8f69aa094 ["cp_client_agro_podole"]\n';
-- orders
SET LOCAL bfg_policy.expected_4 = E'09c512e10952c09b56782b1c044fdb878cabe8bb17fc3d7323faba302cccb7b3 ["ord-2026-0001"]\n'
'5f31d4b081a34c0168f2c079520ea736580a9e11622dcd2e84880f16de4a09b1 ["ord-2026-0002"]\n'
'f52975863d9221e59ef609c3ba5f6e22d4deb61d86a2d2e86f869a8bd8167e33 ["ord-2026-0003"]\n'
'a604f66b387af2bec652916a42f6c38a0c12a13f26b52bc844073907b8de0f51 ["ord-2026-0004"]\n'
'6eb932baf517e5c13ff56afcde7972a637c793131d4ddf0692f6428cda40eed4 ["ord-2026-0005"]\n'
'77fdcfa4bc04cb6f65f8fadeff8b1d0a19581c3e91b70162dbcb0173ad4f0467 ["ord-2026-0006"]\n'
'd6892e81842f89403bdb8044a49c96175d3334d6a05409cf3d140cdf6e841561 ["ord-2026-0007"]\n'
'3e55e19253aa4a6281a8c3eb6d7e65d40de543d2f25b35f8e5aaa7ca13d58aa5 ["ord-2026-0008"]\n'
'e3ee04a2591512d0778919636312b9632fa298f8d4137b849b554d9c6ce9cb0b ["ord-2026-0009"]\n'
'157d8b3d0802a93b9f971995c0ae35970f011b0304a18344aab8b3b0abdd7fde ["ord-2026-0010"]\n'
'a5ecf461d9e5f93042c05fb100385ffc057fae9b55868d86fdfd90c1d23defb1 ["ord-2026-0011"]\n'
'f9e333c79af673b195aa32762832ee14aeb75fd616d74919a1105116b36f52e6 ["ord-2026-0012"]\n'
'5e88653497be40845ff16c3092ae6d9825c68eacf86dbf9ffff7b2e164ad248e ["ord-2026-0013"]\n'
'7e6759613e5af020c2e3ffd8f6f03512c151de1519ffd42bdee8bd3fa6b4a963 ["ord-2026-0014"]\n'
'7550bf33bbae89d3d5c06c4c458b4806256417c4a38cff49dea1cc5c8ef375f4 ["ord-2026-0015"]\n'
'5d048a662c4e7c44db206dfa546069e598d575ffd29c6b6a252f965523f88d72 ["ord-2026-0016"]\n';
-- order_events
SET LOCAL bfg_policy.expected_5 = E'e864ec7b74975095f5d5b9bd7569be8b647b122ceef5b07914cf5db51f5b49ae ["evt-0001"]\n'
'969413223daa35b520b6f080d0a2ea2d520ef9e5b0015b9957737a43b9cf1638 ["evt-0002"]\n'
'a06e8aea0ede3b1f9737fd38d02c722b599246fc20d4d61cca25a17d00d03d8c ["evt-0003"]\n'
'061ed9d6e3f4da75e6cde8fdcf82cfa3aea098def90c93e44e0ad155f24d0e87 ["evt-0004"]\n'
'2db3448334b5a63c415546737e4ce67df65b2eafaf4b34937c56d6f71d370783 ["evt-0005"]\n'
'e3a08625641ed6f2b6c78a0a6e839dd71b4998bb115c1335c0d9b41d0a7352f8 ["evt-0006"]\n'
'500601a6b8bdbe994eeff9b4dda6e4ef704940cc3265e4ede62bda4dc06be94f ["evt-0007"]\n'
'09c7a9427be2c2dd27c2fef78701fc9de4377aab0472238963bccf6ea5af02a6 ["evt-0008"]\n'
'0ce3b4f79419793bbbb7897b950e5cf7b1028c83be7be685f08045d9aab1c9a9 ["evt-0009"]\n'
'7813866f0530a307b0700b5cd1e5da487e2eac5d756085f7d573c99c86fc2f2d ["evt-0010"]\n'
'61e253d14d42d6c10749feded89c48a882dfc66f2818bed079331afab8aaccc0 ["evt-0011"]\n'
'e5f4d8f3b9b1dd23bcc5fa59e1debc9b0950900f717a85b8de818f93448e17b7 ["evt-0012"]\n'
'd4ff464906ddc9ffa4b70f46e0a58695a3fc13025530873086ef60909be07b2c ["evt-0013"]\n'
'92553dcbd9a1e8ebb17c178c14194333bf7fc2a3e6dbc5c7328d83bbfcf7a7df ["evt-0014"]\n'
'0453080e314d9ec90f3412782e4625595f596599c93baa799718420695bcd93e ["evt-0015"]\n'
'853ba9ca7ee56b668a040130818dff59bdec0e3abc1f47cbcbb2f33d7285bece ["evt-0016"]\n'
'0e1dccf0fd3dc463418917cee983e48e315e68afdc586992aac43bd11aa942e7 ["evt-0017"]\n'
'f69baa4826cfb30ec6bf0ab0f4cb14fffc1cc52d054aa9935e44d69c773c1f98 ["evt-0018"]\n'
'd8361f3f5ffd1aeb332bf6494c2fd3911bc877cf54406b9bddee00621b5e33e0 ["evt-0019"]\n'
'9b651be66398f767e4faad70bdc3b731298aca4932d11421e2c39fcd6d349e8c ["evt-0020"]\n'
'48544e652e6c0afc3ba17cfdadf0892c6d1339defbc21b38353cdf29afdd8b2b ["evt-0021"]\n'
'76db8ba958feb9b9ecfbc61d0fea9e15193c9138d2743cffbdaf6846dd59688f ["evt-0022"]\n'
'83b20eefa4ab428fdbca0e47e7758659f2548d2d6fcaaec5385dc88e2d5ae86e ["evt-0023"]\n'
'c7d4d90c96a2bcfadbc2066cd2e52a6221eaf24b38173b600b6647c07dbda9b0 ["evt-0024"]\n'
'76114b990058c20fe63534fdc61a6e50135df3d938df9ad310ab2623d20cde43 ["evt-0025"]\n'
'12be72cd889a26b4f8d7978ed34ecbeb9c66525e23b7389ec41431ded57166e7 ["evt-0026"]\n'
'6c351d0f9d1c8a88a9b6371467ee5cc28ba175b0d594c6dcdc3adf38916ebd09 ["evt-0027"]\n'
'405eac5f7d6cd66bccd6e0c70ade50fedf89f3d81956b9993456c980a16a1605 ["evt-0028"]\n'
'9cc1c1435ac23e132a1e66dd684ffeb291e614b40f1bb97d0f19a7d0d2baf6c6 ["evt-0029"]\n'
'fae9ddacb6e76e136e9f81d07991071a8556371a41e49b1788be58dfb7836963 ["evt-0030"]\n'
'81b9bea3f35b34fa66a222f877ba347f95307a3d08413ff4f358009e5c3cc5dd ["evt-0031"]\n'
'573683b482a81bf1af86f89470ce9437f4b91e2c8aceec53dd8aee68bf1ae28c ["evt-0032"]\n'
'1ceb3097a414129bbe38f8409bb4b15d68711995365ddebc147844f6c26fe6af ["evt-0033"]\n'
'f9656502807662c2601b38c4849897c34d2b42a2c38792e6ccdd59430b4cffe6 ["evt-0034"]\n'
'c120fc7bee13f4cb5a6dd060a7bd16b4c920fbc9cbcf1a87ec67bdf3faca61a9 ["evt-0035"]\n'
'7f0e8c1a27f20ec1a587fdcb3d86541ed73804525b8e11579d9ec9402fe357d9 ["evt-0036"]\n'
'746adb509cb4fe71a58f8fb782595a1453c055dca1f662b95f67c476254d78aa ["evt-0037"]\n'
'00b8715a7c40544d9a20b8509c4bb92c92e7729551c029e1b9d0fab0db0cf801 ["evt-0038"]\n'
'a78d4f4b2b1c6b31fd50a303ea3008cdbfd9e48b576094bbf82ac9ccfb082552 ["evt-0039"]\n'
'27ba30932b19a51bbdbb2551aaa35278768a4373421f43b6450c5837da3b2aae ["evt-0040"]\n'
'9ebd4876cfc695aa0e6867a821db8c192908dcc43fb80b0ad5d2de1ba1c8d2d2 ["evt-0041"]\n'
'36c525e3efaee2d73e04c7d51a8b3623c43bfc6badf9a171dadcc910ab537604 ["evt-0042"]\n'
'ace4f7340f2822bcaca749eb4eec8a449f109d7b1110bd941a79121eb5493f23 ["evt-0043"]\n'
'2111639b64048d79267bf1814c36899403ed93c9d09a3691510626c47cbb25b1 ["evt-0044"]\n'
'0ff012b92a612c226fca88ecae0e7662bf69da6ea4cdee7f3cea89a636e8523e ["evt-0045"]\n'
'c7534d34b16d631e923a21903cbc0d54b893b4a13666baeed814adb90b27926f ["evt-0046"]\n'
'735b422628b4723cbc014f2de5b05a6489c101389eb779075193039c4c93ebd3 ["evt-0047"]\n'
'e61a55d365878ecb9fe5e58ca0f831f1ebd844ff1941b22f5c0f071b95208194 ["evt-0048"]\n'
'f86cfd72b932be9738beee36814ef5dff4d64a9e8b8a5c48e8653fa9bfd2192f ["evt-0049"]\n'
'a42f9e5c7be6c61eff288b2ea1f9cae44b541d135a9877d23bc13bd4f4146605 ["evt-0050"]\n'
'95548fde4a44b57814be17e480f6adbe6b639feb3b87d6cf789493d0496e2a18 ["evt-0051"]\n'
'0370bc2aa0459fb53490d689e97b4d494418754f66996c57dd9cf871c99a2141 ["evt-0052"]\n'
'7f9fe69be1ad15bb24f7b2dd0382748c25cc136127346b6002f4e1c29cb84c88 ["evt-0053"]\n'
'4e8ce87df43332989de778735114dce43b1eab16ff2d36d315e1f9f855a9ec07 ["evt-0054"]\n'
'9d651a5c3b464d1dedb768f27dfd3ccdde0c0e654d566c74928df039fe3da947 ["evt-0055"]\n'
'6852a15631a55cc8951e8f2f27e4c467a153725a20c100965beeebfa8e0f865f ["evt-0056"]\n'
'81814b3a01fdf1afd9971b8e64944787b9ee086f62db8b767df8662657a97562 ["evt-0057"]\n'
'4bb751f36771d1a83e8294fb9112ec908f50dbbaa570e9b548c7ec291d82a322 ["evt-0058"]\n';
-- finance_documents
SET LOCAL bfg_policy.expected_6 = E'f9f3b408fea545d53ee3179d80418d9cc9889543775dba487b7d31cfed3ff8a4 ["fd-2026-0001"]\n'
'a967c011b4e543b19a9f6249ab1dbcd4855e9c5110af6bc5c1b824cdf5857c38 ["fd-2026-0002"]\n'
'17a34aa55caa6a39edf568635ea3ee50fe799e7d6b78f2a371834cd0c9e5c327 ["fd-2026-0003"]\n'
'05aeee9d865e0c8262b5cf1a6c7397e200e0e6669fc0bc3da9588c705a2d3000 ["fd-2026-0004"]\n'
'e44fa617e80e6a5868b2c1cb02cf75f4504c1f2d642530f11e71d5bd14e8adba ["fd-2026-0005"]\n'
'8c049942b45fcb35c59417f526fa478d0c2eb7c41ed76fbd124a2c3bcc7bc326 ["fd-2026-0006"]\n'
'88483bc1a9e3f50ff9c2e48f750fadfd684a158e28f6527bcc9b52e170d5a919 ["fd-2026-0007"]\n'
'2cc5a647b6cecb710e8e446a3b337bfb270d7a294d34f2699d5c7fd187d480f5 ["fd-2026-0008"]\n'
'b2f491dbc6eead4597ec6a5b67014d8606b538885a31bbe16e6441ee1567ffc7 ["fd-2026-0009"]\n'
'439765d92074089e96c3795b6189695f32dd37335ae09a62b52851e0830b3ce8 ["fd-2026-0010"]\n'
'31ef9cc6c153b72272677f574becd82173640da84295d9b8b61c4aa653c57381 ["fd-2026-0011"]\n'
'd67ad79189398c70304597c731a6b6b8fcab71ff1dffa9a016aa1b2698fd0f5e ["fd-2026-0012"]\n'
'69e2a654d6ec168416ef1d0a1f87387b7a4c5e31707ef3ac8ad7864471ef2a50 ["fd-2026-0013"]\n';
-- payments
SET LOCAL bfg_policy.expected_7 = E'0d0e0103f29b87795bb03121553a54fee34bc68b6479f8a4d14c6fae0d7e74fb ["pay-2026-0001"]\n'
'5b41443390027e281938cc03fa91323552f0a02b34d863a2211f20e8fc1391d9 ["pay-2026-0002"]\n'
'ca847bb713c3b1417fe2426557f34411bd648cce8e8dbe6c4a1868ea0de258b8 ["pay-2026-0003"]\n'
'85c7a7a3c3590530c8be52b939fca8c4f21296acb2cdff99af2c0cbdda19c910 ["pay-2026-0004"]\n'
'dcc00f2882abeaf20bcc3988bf3e67c8ba2054e028b0254e192150643eb642b5 ["pay-2026-0005"]\n'
'abce55062acc958c3ffc5d70974f7dae27ba9d057311dddecedf1d72d4601643 ["pay-2026-0006"]\n'
'bde17d2306da2beca1726d9edb46f9c2b2ace2eff99017e4fc5528a5604e14ee ["pay-2026-0007"]\n'
'6fcb8d9522f247794bc626d893f89d73816449c25a0089ab07c5015c05aee437 ["pay-2026-0008"]\n'
'ada495dffc8fef3beaa3afe8fe396f5f4ae2c5dcb5f1b50315d9e7e6898e2a50 ["pay-2026-0009"]\n'
'a4f7cae050896163b8db5d905ea9fe588c256916897d603a08440729c3f9bdb4 ["pay-2026-0010"]\n';
-- audit_events
SET LOCAL bfg_policy.expected_8 = E'4d6325498b072ca15b639fc432f719c272edf5c6479adfa6a3490920e1c94e1b ["aud-0001"]\n'
'dd4e85e56f62a09557c629f899515fa7df0f919b9c2f49ae560edbf9bc077f71 ["aud-0002"]\n'
'e82b4b14b3f698d3a28161bfc225f7f7c75481d8f56f1953f101a866c6d0236d ["aud-0003"]\n'
'c91dd9d29d2245edbe14ab4adb06c99f977cea8a1ca98ec96909314975c153f1 ["aud-0004"]\n'
'1f722dc824eb2acdc94c63b8fc4e1d600b65eec7ee9a42bb0a403a4d171fe7f7 ["aud-0005"]\n'
'0a50102fe843564a452c1587018a4161c4583bb539c6d263ed307810793e4dd5 ["aud-0006"]\n'
'0e380af22baebd76b4f88f8f2e66ef30f2ddd46e35c3073cc5e363e47c4d3c3e ["aud-0007"]\n'
'e9f6a7192534ef9e4ecd1fd9bda58bc43e29ef3e8998f6283289670ceef4a1e2 ["aud-0008"]\n'
'0ea77025a1fb2e2cd0582f270701208240011e609926fe6399aff4c298e19cf6 ["aud-0009"]\n'
'7c44c22ea83c58aedaa7cfcadc8f4299da4a2f31a81f1368382173c044f8292a ["aud-0010"]\n'
'2122398447dd7122255adcce2cf31b30f391dd2535f81b1bc1a6011c3ab50f49 ["aud-0011"]\n'
'bc43c97bb35c78d0e25a3479ff18f961edc21bd1f42746a6a2cf7f0458c3d0ee ["aud-0012"]\n';
-- scenario_snapshots
SET LOCAL bfg_policy.expected_9 = E'6da29f65a0320b70c2d7c76ee00afa818b85680450622f3054e29f8468dbad92 ["551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439"]\n';

DO $parity$
DECLARE
  _found jsonb := current_setting('bfg_policy.found');
  _expected record;
  _compared record;
  _told text[] := '{}';
  _wrong bigint := 0;
  _sha256 text;
BEGIN
  FOR _expected IN
    SELECT expected.* FROM (VALUES
      (0, 'tenants', 'tenants_rbac', 1::bigint, 'db0d2a773c35aeda152865eaaf342c60e1e6ddcc8279ba45a2fcdc2d6ef11a80'),
      (1, 'roles', 'tenants_rbac', 5::bigint, '7d050592b5f2b1ebc03cc0ba1d229e4a1849fa66bff531b7f0dd0c1356bf1a10'),
      (2, 'role_permissions', 'tenants_rbac', 19::bigint, 'cc49528c15b91bada4a6412767ccbb66b35dfefd9598bea7580177d02a20fe33'),
      (3, 'users', 'tenants_rbac', 9::bigint, '12c798f3a442b83b52ff69691cfad3d28bfaf19a824669533561014ff62d95e9'),
      (4, 'orders', 'operations', 16::bigint, 'eec8b69e0478ec6fad00d7783f5e5274ace9bcee95820fe524d84c7d0d7c4320'),
      (5, 'order_events', 'operations', 58::bigint, 'ed33850709aa8b1f05ea006fbdf3086c64ad8e1607a76d2737c01ddd56fa1797'),
      (6, 'finance_documents', 'finance', 13::bigint, '1d833dfd4531102d1971145fcc51dfdc8ae49af0e01268c93a8a58fc5b8642c0'),
      (7, 'payments', 'finance', 10::bigint, '54eef166fc37d09f9ff60fb2b0e272c8b198b470c2c5f61ff6fa4fce5ed0135c'),
      (8, 'audit_events', 'audit', 12::bigint, '293d9ec1b484913d1dae706aeb38bf31a9b1be802531b37f2260dc8ac29d35ed'),
      (9, 'scenario_snapshots', 'audit', 1::bigint, '87fccc0aeecb6fd14580b9854f55e933b5dcdaf5449996a6bb6b6751c3f357cb')
    ) AS expected (place, name, batch, row_count, digest) ORDER BY expected.place
  LOOP
    CONTINUE WHEN _found -> _expected.name
      = jsonb_build_object('rows', _expected.row_count, 'digest', _expected.digest);
    EXECUTE format($query$
      SELECT count(*) AS wrong, string_agg(compared.told, chr(10) ORDER BY compared.place)
        FILTER (WHERE compared.place <= 20) AS told
      FROM (
        SELECT row_number() OVER (ORDER BY key COLLATE "C") AS place,
          concat_ws(' ', $2, "bfg_control".shown(key), CASE
            WHEN stored.digest IS NULL THEN 'is missing'
            WHEN wanted.digest IS NULL THEN 'is not of the snapshot'
            ELSE 'differs' END) AS told
        FROM (
          SELECT substr(line, 66) AS key, left(line, 64) AS digest
          FROM string_to_table($1, chr(10)) AS line WHERE line <> '') AS wanted
        FULL JOIN (
          SELECT "bfg_control".row_key(held.*) AS key,
            encode(sha256(convert_to("bfg_control".line(held.*), 'UTF8')), 'hex') AS digest
          FROM %I.%I AS held OFFSET 0) AS stored USING (key)
        WHERE wanted.digest IS DISTINCT FROM stored.digest) AS compared
      $query$, 'bfg_flowcontrol', _expected.name)
    INTO STRICT _compared USING current_setting('bfg_policy.expected_' || _expected.place), _expected.name;
    _wrong := _wrong + _compared.wrong;
    _told := _told || format('%s: %s rows, %s expected, %s wrong', _expected.name,
      coalesce(_found #>> ARRAY[_expected.name, 'rows'], 'no'), _expected.row_count, _compared.wrong);
    IF _compared.wrong > 0 THEN
      _told := _told || _compared.told;
    END IF;
  END LOOP;
  IF cardinality(_told) > 0 THEN
    RAISE EXCEPTION 'rows that are not as the snapshot % has them: %', 'bfg-551b2b72', _wrong
      USING ERRCODE = 'data_exception', DETAIL = array_to_string(_told, chr(10)),
        HINT = 'At most 20 rows of a table are named. Find out who changed them before anything goes on.';
  END IF;

  _sha256 := "bfg_control".snapshot_digest('BFGScenarioSnapshot.v1', coalesce((
    SELECT jsonb_object_agg(named.name, _found -> named.name)
    FROM unnest(ARRAY['audit_events', 'finance_documents', 'order_events', 'orders', 'payments']::text[]) AS named (name)), '{}'));
  IF _sha256 <> '551b2b721d9d7fe41e7e1908fdc669a4003036a402cb0d29f862e68480678439' THEN
    RAISE EXCEPTION 'all tables agree, and the digest of the snapshot is % all the same', _sha256
      USING ERRCODE = 'data_exception', HINT = 'Run 20_schema.verify.sql: a function of the control schema is not what it was.';
  END IF;
  RAISE INFO 'the tenant has the rows of the snapshot %, and no others', _sha256;
END
$parity$;

DO $packet$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', current_setting('bfg_policy.operator'));
  IF current_setting('bfg_policy.lent') = 'yes' THEN
    EXECUTE format('REVOKE %I FROM %I', 'bfg_verify', current_user);
  END IF;
END
$packet$;
COMMIT;  -- frame
