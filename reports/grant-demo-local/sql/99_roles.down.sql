-- ProductionAdapterMigrationRunbook.v1
-- source=BFGScenarioSnapshot.v1
-- target=db-auth-session-adapter
-- session=grant-demo-local
-- checksum=bfg-3475ef37
-- rows=0
-- runbook_decision=BLOCKED_PENDING_PREFLIGHT
-- file=99_roles.down.sql

BEGIN; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;  -- frame
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
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

-- Takes away the roles that 10_schema.up.sql made. One that still owns or may do something, in
-- whatever database of the server, stays, and so does everything else; one that was there before
-- is left alone.
DO $packet$
DECLARE
  made text[];
  held text;
BEGIN
  SELECT array_agg(rolname ORDER BY rolname) INTO made FROM pg_roles
  WHERE rolname IN ('bfg_owner', 'bfg_app', 'bfg_replay', 'bfg_verify')
    AND shobj_description(oid, 'pg_authid') = 'made by the packet bfg-flowcontrol';
  -- Whoever may become one of them would lose it without a word. A creator's own grant (ADMIN, and
  -- neither SET nor INHERIT; only since PostgreSQL 16) lets nobody become anything.
  SELECT string_agg(DISTINCT format('%I is granted to %I', role.rolname, member.rolname), E'\n') INTO held
  FROM pg_auth_members AS each JOIN pg_roles AS role ON role.oid = each.roleid
    JOIN pg_roles AS member ON member.oid = each.member
  WHERE role.rolname = ANY (made)
    AND (coalesce((to_jsonb(each) ->> 'set_option')::boolean, true)
      OR coalesce((to_jsonb(each) ->> 'inherit_option')::boolean, true));
  IF held IS NOT NULL THEN
    RAISE EXCEPTION 'a role of this packet is still granted to somebody'
      USING ERRCODE = 'object_in_use', DETAIL = held, HINT = 'Nothing was changed. Revoke it first.';
  END IF;
END
$packet$;

DO $packet$
DECLARE
  made text;
BEGIN
  FOR made IN
    SELECT rolname FROM pg_roles
    WHERE rolname IN ('bfg_owner', 'bfg_app', 'bfg_replay', 'bfg_verify')
      AND shobj_description(oid, 'pg_authid') = 'made by the packet bfg-flowcontrol'
    ORDER BY rolname
  LOOP
    EXECUTE format('DROP ROLE %I', made);
  END LOOP;
END
$packet$;
COMMIT;  -- frame
