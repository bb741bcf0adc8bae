"""`rehearse` on real servers: it passes where all is well, and says what is not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bfg_policy.collectors.servers import Server
from bfg_policy.digest import record_digest
from tests.collectors.lab import SCENARIO, debian, wheel
from tests.collectors.rehearsing import (
    AT,
    RECORD,
    SECTIONS,
    Data,
    Database,
    Project,
    database_on,
)
from tests.running import run
from tests.shared import ROOT

pytestmark = pytest.mark.slow

ALL = ("pass",) * 5
MAP_FAILS = ("pass", "fail", "not_run", "not_run", "not_run")
CLAIMS_FAIL = ("pass", "pass", "fail", "not_run", "not_run")
REPLAY_FAILS = ("pass", "pass", "pass", "fail", "not_run")
# The server is looked at before anything is laid down on it.
LOGIN_FAILS = ("pass", "not_run", "fail", "not_run", "not_run")


@pytest.fixture
def rehearsed(project: Path) -> Project:
    return Project(project)


@pytest.fixture
def database(server18: Server) -> Iterator[Database]:
    with database_on(server18) as found:
        yield found


def test_a_rehearsal_passes_and_leaves_nothing(rehearsed: Project, server: Server) -> None:
    with database_on(server) as database:
        before = database.everything()
        ran = rehearsed.rehearse(database.dsn)
        assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout
        assert database.everything()[0] == before[0]
        assert database.everything()[2:] == before[2:]
    record = rehearsed.record()
    assert record["target"] == {"adapter": "db-auth-session-adapter", "kind": "live"}
    assert record["replay"]["committed"] is False
    assert record["export"]["sha256"] == record["replay"]["sha256"] == record["snapshot_sha256"]
    assert (record["rbac_claims"]["actors"], record["rbac_claims"]["leaks"]) == (7, 0)
    assert record["rbac_claims"]["attempts"] > 400
    assert record["rollback_checkpoint"]["storage"] == "file-local"
    assert record["sha256"] == record_digest(record)


def test_signed_claims_are_rehearsed_with_a_key_of_their_own(
    rehearsed: Project, server: Server
) -> None:
    schema_map = rehearsed.root / "policies" / "database" / "bfg-flowcontrol.yaml"
    text = schema_map.read_text(encoding="utf-8")
    signed = text.replace("setting: bfg.tenant_id}", "setting: bfg.tenant_id, signed: true}")
    assert signed != text
    schema_map.write_text(signed, encoding="utf-8")
    with database_on(server) as database:
        ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout


@pytest.mark.parametrize("programs", [debian, wheel])
def test_an_embedded_server_takes_the_board_to_five_of_five(
    programs: Callable[..., object], rehearsed: Project
) -> None:
    """From no evidence at all, with the two commands alone."""
    folder = {"BFG_PG_BINDIR": str(programs().folder)}  # type: ignore[attr-defined]
    ran = run("probe", SCENARIO, "--at", AT, cwd=rehearsed.root, environment=folder)
    assert ran.code == 0, ran.stdout
    ran = rehearsed.rehearse(None, **folder)
    assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout
    record = rehearsed.record()
    assert record["target"]["kind"] == "ephemeral"
    assert record["replay"]["committed"] is record["rollback_checkpoint"]["committed"] is True
    checked = run("check", SCENARIO, "--at", AT, cwd=rehearsed.root)
    assert re.search(r"adapter-connection +4/4", checked.stdout)
    assert re.search(r"dry-run +5/5", checked.stdout)


def test_a_reviewer_reads_what_was_done(
    rehearsed: Project, database: Database, snapshot: SnapshotAssertion
) -> None:
    ran = rehearsed.rehearse(database.dsn, "--ephemeral")
    record = rehearsed.record()
    digest = record.pop("sha256")
    version = re.compile(r"18\.[0-9]+")
    stdout = version.sub("18.x", ran.stdout.replace(digest, "of the record"))
    assert stdout == snapshot(name="transcript")
    assert json.loads(version.sub("18.x", json.dumps(record))) == snapshot(name="record")
    assert ran.stderr == ""


def test_the_same_rehearsal_gives_the_same_bytes(rehearsed: Project, database: Database) -> None:
    written = []
    for _ in range(2):
        assert rehearsed.rehearse(database.dsn).code == 0
        written.append((rehearsed.root / RECORD).read_bytes())
    assert written[0] == written[1]


def test_what_is_there_already_stays(rehearsed: Project, database: Database) -> None:
    """Tables that were laid down before, with another tenant's rows and some of our own tenant."""
    database.run(rehearsed.packets()["10_schema.up.sql"])
    rows = (
        "INSERT INTO bfg_flowcontrol.tenants (tenant_id) VALUES ('another')",
        (
            "INSERT INTO bfg_flowcontrol.orders (tenant_id, order_id, status)"
            " VALUES ('another', 'ord-2026-0001', 'delivered')"
        ),
    )
    database.sql(*rows)
    kept = "SELECT tableoid::regclass, xmin, * FROM bfg_flowcontrol.orders"
    before = database.everything(), database.sql(kept)
    ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout
    assert (database.everything(), database.sql(kept)) == before


def test_into_a_schema_every_step_is_committed_and_taken_away(
    rehearsed: Project, server: Server
) -> None:
    with database_on(server) as database:
        before = database.everything()
        ran = rehearsed.rehearse(database.dsn, "--into", "trial")
        assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout
        assert rehearsed.record()["replay"]["committed"] is True
        after = database.everything()
    assert (after[0], after[2:]) == (before[0], before[2:])


def test_into_a_schema_that_is_there_leaves_it(rehearsed: Project, database: Database) -> None:
    database.run(rehearsed.packets("trial")["10_schema.up.sql"])
    assert rehearsed.rehearse(database.dsn, "--into", "trial").code == 0
    schemas = "SELECT nspname FROM pg_namespace WHERE nspname ~ 'trial|flow' ORDER BY 1"
    assert database.sql(schemas) == [("trial",), ("trial_control",)]


def test_into_a_schema_of_somebody_else_is_refused(rehearsed: Project, database: Database) -> None:
    database.sql("CREATE SCHEMA trial", "CREATE TABLE trial.mine (a int)")
    ran = rehearsed.rehearse(database.dsn, "--into", "trial")
    assert (ran.code, rehearsed.statuses()) == (1, MAP_FAILS), ran.stdout
    assert database.sql("SELECT count(*) FROM trial.mine") == [(0,)]


def test_into_a_schema_a_failure_leaves_nothing(rehearsed: Project, database: Database) -> None:
    rehearsed.scenario(lambda data: data["rollback"].update(storage=" "))
    before = database.everything()
    ran = rehearsed.rehearse(database.dsn, "--into", "trial")
    assert ran.code == 1, ran.stdout
    after = database.everything()
    assert (after[0], after[2:]) == (before[0], before[2:])


ON_THE_SERVER = {
    "RLS is switched off": "ALTER TABLE bfg_flowcontrol.orders DISABLE ROW LEVEL SECURITY",
    "RLS is not forced": "ALTER TABLE bfg_flowcontrol.orders NO FORCE ROW LEVEL SECURITY",
    "a leaky policy was left over": "CREATE POLICY leak ON bfg_flowcontrol.payments USING (true)",
    "the boundary is gone": "DROP POLICY tenant_boundary ON bfg_flowcontrol.users",
    "somebody may read": "GRANT SELECT ON bfg_flowcontrol.users TO PUBLIC",
    "audit rows can be edited": "GRANT UPDATE ON bfg_flowcontrol.audit_events TO bfg_app",
    "a column is gone": "ALTER TABLE bfg_flowcontrol.orders DROP COLUMN weight_kg CASCADE",
    "a column is one too many": "ALTER TABLE bfg_flowcontrol.orders ADD COLUMN more text",
    "a trigger tampers": (
        "CREATE FUNCTION public.tamper() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN NEW.status := ''lost''; RETURN NEW; END';"
        "CREATE TRIGGER tamper BEFORE INSERT ON bfg_flowcontrol.orders"
        " FOR EACH ROW EXECUTE FUNCTION public.tamper()"
    ),
    "no tenant is a tenant": (
        "CREATE OR REPLACE FUNCTION bfg_flowcontrol.current_tenant() RETURNS text"
        " LANGUAGE sql STABLE AS 'SELECT current_setting(''bfg.tenant_id'', true)'"
    ),
    "a role may log in": "ALTER ROLE bfg_app LOGIN",
    "one role is another": "GRANT bfg_owner TO bfg_app",
}


@pytest.mark.parametrize("change", ON_THE_SERVER.values(), ids=ON_THE_SERVER)
def test_a_live_schema_that_is_not_what_the_packets_say(
    rehearsed: Project, database: Database, change: str
) -> None:
    database.run(rehearsed.packets()["10_schema.up.sql"])
    database.sql(change)
    ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (1, MAP_FAILS), ran.stdout
    assert rehearsed.record()["schema_map"]["drift"] is True
    assert "it differs" in ran.stdout


@pytest.mark.parametrize(
    ("weakness", "words"),
    [
        ('ALTER TABLE {schema}."orders" DISABLE ROW LEVEL SECURITY', "stand side by side"),
        ('ALTER TABLE {schema}."users" NO FORCE ROW LEVEL SECURITY', "`bfg_owner` reads rows"),
        ('GRANT DELETE ON {schema}."audit_events" TO "bfg_app"', "`bfg_app` deletes rows"),
        ('REVOKE SELECT ON {schema}."orders" FROM "bfg_app"', "reads its tenant's rows"),
    ],
)
def test_packets_that_a_pack_has_weakened(
    rehearsed: Project, database: Database, weakness: str, words: str
) -> None:
    """Their own verification agrees with them: it is the attempts that do not."""
    folder = rehearsed.root / "policies" / "templates" / "postgres"
    folder.mkdir(parents=True)
    everything = '{% include "engine/postgres/objects.sql" %}'
    more = weakness.format(schema="{{ schema | sql_identifier }}")
    for name in ("10_schema.up.sql.j2", "20_schema.verify.sql.j2"):
        text = (ROOT / "bfg_policy" / "templates" / "postgres" / name).read_text(encoding="utf-8")
        assert text.count(everything) == 1
        weakened = text.replace(everything, f"{everything}\n{more};\n")
        (folder / name).write_text(weakened, encoding="utf-8")
    ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (1, CLAIMS_FAIL), ran.stdout
    assert re.search(rf"fail .*{words}", ran.stdout), ran.stdout


def test_rows_of_the_tenant_that_differ_are_named(rehearsed: Project, database: Database) -> None:
    packets = rehearsed.packets()
    replays = [text for name, text in packets.items() if "_replay." in name]
    database.run(packets["10_schema.up.sql"], *replays)
    database.sql("DELETE FROM bfg_control.replay_batches")
    database.sql("UPDATE bfg_flowcontrol.orders SET weight_kg = 1 WHERE order_id = 'ord-2026-0002'")
    ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (1, REPLAY_FAILS), ran.stdout
    assert "ord-2026-0002" in ran.stdout


@pytest.mark.parametrize("options", [(), ("--into", "trial")])
def test_a_snapshot_that_was_replayed_for_good_is_not_taken_back(
    rehearsed: Project, database: Database, options: tuple[str, ...]
) -> None:
    packets = rehearsed.packets("trial" if options else None)
    replays = [text for name, text in packets.items() if "_replay." in name]
    database.run(packets["10_schema.up.sql"], *replays)
    schema = "trial" if options else "bfg_flowcontrol"
    ran = rehearsed.rehearse(database.dsn, *options)
    assert (ran.code, rehearsed.statuses()) == (1, REPLAY_FAILS), ran.stdout
    assert "replayed before" in ran.stdout
    assert database.sql(f"TABLE {schema}.orders") != []


@pytest.mark.parametrize(
    ("attributes", "setting", "words"),
    [
        ("SUPERUSER", "", "superuser"),
        ("CREATEROLE BYPASSRLS", "", "BYPASSRLS"),
        ("CREATEROLE", "SET default_transaction_read_only = on", "read-only"),
    ],
)
def test_a_login_that_proves_nothing(
    rehearsed: Project, server18: Server, attributes: str, setting: str, words: str
) -> None:
    with database_on(server18, attributes, setting) as database:
        before = database.everything()
        ran = rehearsed.rehearse(database.dsn)
        assert database.everything() == before
    assert (ran.code, rehearsed.statuses()) == (1, LOGIN_FAILS), ran.stdout
    assert words in ran.stdout


def test_a_login_that_may_make_no_roles(rehearsed: Project, server18: Server) -> None:
    with database_on(server18, "NOCREATEROLE") as database:
        ran = rehearsed.rehearse(database.dsn)
    expected = ("pass", "error", "not_run", "not_run", "not_run")
    assert (ran.code, rehearsed.statuses()) == (1, expected), ran.stdout
    assert "42501" in ran.stdout


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "another one"}, "a wrong password"),
        ({"port": "1"}, "nobody answers there"),
        ({"dbname": "elsewhere-zqx"}, "no such database"),
    ],
)
def test_a_server_that_lets_nobody_in(
    rehearsed: Project, database: Database, changed: dict[str, str], words: str
) -> None:
    ran = rehearsed.rehearse(database.access.but(**changed).dsn)
    expected = ("pass", "error", "not_run", "not_run", "not_run")
    assert (ran.code, rehearsed.statuses()) == (1, expected), ran.stdout
    assert words in ran.stdout


def empty(tables: Data) -> None:
    for rows in tables.values():
        rows.clear()


def no_tables(tables: Data) -> None:
    tables.clear()


def unmapped_column(tables: Data) -> None:
    tables["orders"][1]["colour"] = "red"


def unmapped_table(tables: Data) -> None:
    tables["invoices"] = [{"tenant_id": "bfg-staging", "invoice_id": "i-1"}]


def missing_column(tables: Data) -> None:
    del tables["order_events"][2]["kind"]


def orphaned(tables: Data) -> None:
    tables["payments"][0]["document_id"] = "fd-nowhere"


def foreign(tables: Data) -> None:
    tables["orders"][0]["tenant_id"] = "another"


def null(tables: Data) -> None:
    tables["orders"][0]["cargo"] = None


def twice(tables: Data) -> None:
    tables["orders"].append(dict(tables["orders"][0], status="assigned"))


def no_instant(tables: Data) -> None:
    tables["orders"][0]["created_at"] = "2026-11-02T08:13:00Z"


IN_THE_PAYLOAD: list[tuple[Callable[[Data], None], int, str, str]] = [
    (empty, 0, "rows", "rehearsing nothing proves nothing"),
    (no_tables, 0, "rows", "rehearsing nothing proves nothing"),
    (unmapped_column, 1, "unmapped", "snapshot.tables.orders[1].colour"),
    (unmapped_table, 1, "unmapped", "snapshot.tables.invoices"),
    (missing_column, 1, "missing", "snapshot.tables.order_events[2]"),
    (orphaned, 1, "orphaned", "snapshot.tables.payments[0].document_id"),
    (foreign, 1, "foreign_tenant", "snapshot.tables.orders[0].tenant_id"),
    (null, 1, "unfit", "snapshot.tables.orders[0].cargo"),
    (twice, 1, "unfit", "snapshot.tables.orders[5]"),
    (no_instant, 1, "unfit", "snapshot.tables.orders[0].created_at"),
]


@pytest.mark.parametrize(
    ("change", "count", "fact", "words"),
    IN_THE_PAYLOAD,
    ids=[case[0].__name__ for case in IN_THE_PAYLOAD],
)
def test_a_snapshot_that_does_not_go_in(
    rehearsed: Project, change: Callable[[Data], None], count: int, fact: str, words: str
) -> None:
    rehearsed.payload(change)
    ran = rehearsed.rehearse("host=/nowhere-zqx")  # nobody is connected to: it fails before
    section = "export" if fact == "rows" else "schema_map"
    record = rehearsed.record()
    assert (ran.code, record[section]["status"], record[section][fact]) == (1, "fail", count)
    assert words in ran.stdout
    assert set(rehearsed.statuses()[SECTIONS.index(section) + 1 :]) == {"not_run"}


def more_rows(data: Data) -> None:
    data["snapshot"]["rows"]["finance"] = 7


def another_digest(data: Data) -> None:
    data["snapshot"]["sha256"] = "0" * 64


def no_digest(data: Data) -> None:
    del data["snapshot"]["sha256"]


@pytest.mark.parametrize(
    ("change", "words"),
    [(more_rows, "as many as claimed"), (another_digest, "the claimed one"), (no_digest, "claims")],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_scenario_that_claims_more_than_is_there(
    rehearsed: Project, change: Callable[[Data], None], words: str, elsewhere: bool
) -> None:
    rehearsed.scenario(change)
    options: tuple[str | Path, ...] = ()
    if elsewhere:
        payload = rehearsed.root / "payload.json"
        (rehearsed.root / SCENARIO / "snapshot.json").rename(payload)
        options = ("--snapshot", payload)
    ran = rehearsed.rehearse("host=/nowhere-zqx", *options)
    assert (ran.code, rehearsed.statuses()) == (1, ("fail", *["not_run"] * 4)), ran.stdout
    assert re.search(rf"fail +.*{words}", ran.stdout)


def test_the_payload_may_lie_elsewhere(rehearsed: Project, database: Database) -> None:
    payload = rehearsed.root / "payload.json"
    (rehearsed.root / SCENARIO / "snapshot.json").rename(payload)
    ran = rehearsed.rehearse(database.dsn, "--snapshot", payload)
    assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout


def test_without_a_payload_nothing_is_rehearsed(rehearsed: Project) -> None:
    (rehearsed.root / SCENARIO / "snapshot.json").unlink()
    ran = rehearsed.rehearse("host=/nowhere-zqx")
    assert (ran.code, rehearsed.statuses()[0]) == (1, "fail")
    assert "rehearsing nothing proves nothing" in ran.stdout


def test_without_any_snapshot_there_is_no_record(rehearsed: Project) -> None:
    (rehearsed.root / SCENARIO / "snapshot.json").unlink()
    rehearsed.scenario(lambda data: data.pop("snapshot"))
    ran = rehearsed.rehearse("host=/nowhere-zqx")
    assert (ran.code, ran.stdout.count("error[BFG625]")) == (4, 1)
    assert not (rehearsed.root / RECORD).exists()


HOSTILE = """o'b"r$$i$replay$e\\n %s {0} -- /* \u202e \u0142 ; DROP"""


def test_strange_names_are_data(rehearsed: Project, server: Server) -> None:
    """A tenant, ids and texts that would mean something to SQL, to formats or to a terminal."""

    def strange(tables: Data) -> None:
        for rows in tables.values():
            for row in rows:
                row["tenant_id"] = HOSTILE
        tables["orders"][0]["cargo"] = HOSTILE
        tables["orders"][4]["order_id"] = tables["order_events"][14]["order_id"] = HOSTILE
        tables["order_events"][0]["actor_id"] = HOSTILE

    def named(scenario: Data) -> None:
        scenario["tenant"] = HOSTILE
        strange_actor = {**scenario["actors"][2], "id": HOSTILE, "name": HOSTILE}
        scenario["actors"].append({**strange_actor, "permissions": ["it's", "100%"]})

    rehearsed.scenario(named)
    rehearsed.payload(strange)
    with database_on(server) as database:
        ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (0, ALL), ran.stdout
    assert rehearsed.record()["rbac_claims"]["actors"] == 8
    assert "\u202e" not in ran.stdout


def test_no_storage_to_fall_back_to(rehearsed: Project, database: Database) -> None:
    rehearsed.scenario(lambda data: data["rollback"].update(storage=" "))
    ran = rehearsed.rehearse(database.dsn)
    assert (ran.code, rehearsed.statuses()) == (1, ("pass",) * 4 + ("fail",)), ran.stdout
    assert "there is storage to fall back to" in ran.stdout


# What names the login on the server itself.
LEFT_OVER = {
    "grant": ["GRANT SELECT ON bfg_flowcontrol.orders TO {login}"],
    "owner": [
        "CREATE TABLE bfg_flowcontrol.own ()",
        "ALTER TABLE bfg_flowcontrol.own OWNER TO {login}",
    ],
}


@pytest.mark.parametrize(
    "case", ["fine", "password", "port", "dbname", "user", "superuser", *LEFT_OVER]
)
def test_nothing_of_the_connection_is_ever_seen(
    rehearsed: Project, server18: Server, case: str
) -> None:
    attributes = "SUPERUSER" if case == "superuser" else "CREATEROLE"
    with database_on(server18, attributes) as database:
        login = database.access.parameters["user"]
        if case in LEFT_OVER:
            database.run(rehearsed.packets()["10_schema.up.sql"])
            database.sql(*(text.format(login=f'"{login}"') for text in LEFT_OVER[case]))
        access = database.access
        if case in access.parameters:
            access = access.but(**{case: "9" if case == "port" else "other-zqx"})
        for dsn in (access.dsn, access.url):
            ran = rehearsed.rehearse(dsn)
            written = (rehearsed.root / RECORD).read_text(encoding="utf-8")
            seen = ran.stdout + ran.stderr + written
            for secret in (*access.secrets, "other-zqx"):
                if not secret.isdigit():
                    assert secret not in seen, secret
            assert "zqx" not in seen
    assert (ran.code == 0) == (case == "fine")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--into", "pg_mine"), "no plain name of a schema"),
        (("--into", "Trial"), "no plain name of a schema"),
        (("--into", "a; DROP"), "no plain name of a schema"),
        (("--into", "x" * 55), "no plain name of a schema"),
        (("--into", "bfg_flowcontrol"), "the target's own schema"),
        (("--snapshot", "nowhere.json"), "does not exist"),
        (("--dsn", "nonsense"), "the DSN cannot be used"),
    ],
)
def test_a_wrong_command(rehearsed: Project, arguments: tuple[str, ...], words: str) -> None:
    ran = rehearsed.rehearse("host=/nowhere-zqx", *arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert words in " ".join(ran.stderr.split())
    assert not (rehearsed.root / RECORD).exists()


def test_a_self_contained_file_is_told_what_to_do(rehearsed: Project) -> None:
    file = rehearsed.root / "alone.yaml"
    shutil.copy(ROOT / SCENARIO / "scenario.yaml", file)
    ran = run("rehearse", file, cwd=rehearsed.root)
    assert (ran.code, "move it to a folder" in " ".join(ran.stderr.split())) == (2, True)


def test_a_pack_without_a_database(rehearsed: Project) -> None:
    hospital = ROOT / "tests" / "packs" / "hospital"
    scenario = rehearsed.root / "scenario"
    scenario.mkdir()
    shutil.copy(hospital / "scenarios" / "go.yaml", scenario / "scenario.yaml")
    ran = run("rehearse", scenario, "--policies", hospital / "policies", cwd=rehearsed.root)
    assert (ran.code, "collectors.rehearsal" in ran.stderr) == (2, True)
