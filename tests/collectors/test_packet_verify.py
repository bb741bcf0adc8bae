"""`packet verify`: which files are not the packets of this scenario, and what they are instead."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bfg_policy.collectors.servers import Server
from bfg_policy.digest import snapshot_digest
from bfg_policy.packets.verifying import Identity, verify_packets
from tests.collectors.rehearsing import Database, database_on
from tests.running import Ran, run
from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"
REPORTS = Path("reports", "staging-rehearsal")
SCENARIO = Path("scenarios", "staging-rehearsal")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rendered")
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("staging-rehearsal", "production-go"):
        shutil.copytree(ROOT / "scenarios" / name, root / "scenarios" / name)
        # Nothing here depends on when evidence was observed.
        shutil.rmtree(root / "scenarios" / name / "evidence", ignore_errors=True)
        assert run("render", root / "scenarios" / name, "--at", AT, cwd=root).code == 0
    return root


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "project"))


def verify(project: Path, *options: str) -> Ran:
    return run("packet", "verify", SCENARIO, *options, cwd=project)


def found(project: Path) -> list[dict[str, Any]]:
    ran = verify(project, "--format", "json")
    document = json.loads(ran.stdout)
    assert document["contract"] == "Findings.v1"
    assert ran.code == (1 if document["findings"] else 0)
    findings: list[dict[str, Any]] = document["findings"]
    return findings


def codes(project: Path) -> dict[str, str]:
    """The code of each finding by the file that it is about, below the report's folder."""
    return {str(Path(each["path"]).relative_to(REPORTS)): each["code"] for each in found(project)}


def edited(project: Path, name: str, old: str, new: str) -> None:
    path = project / REPORTS / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_was_rendered_is_told_in_one_line(project: Path) -> None:
    ran = verify(project)
    count = sum(path.is_file() for path in (project / REPORTS).rglob("*"))
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0] == (
        f"reports/staging-rehearsal: all {count} files are what was rendered for {AT}"
    )
    assert found(project) == []


def test_nothing_is_written(project: Path) -> None:
    (project / REPORTS / "release.env").unlink()
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    assert verify(project).code == 1
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


def missing(project: Path) -> None:
    (project / REPORTS / "release.env").unlink()


def by_hand(project: Path) -> None:
    edited(project, "release.env", "staging", "production")


def line_ends(project: Path) -> None:
    path = project / REPORTS / "release.env"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def longer(project: Path) -> None:
    path = project / REPORTS / "release.env"
    path.write_text(path.read_text() + "BFG_MORE=1\n")


def shorter(project: Path) -> None:
    path = project / REPORTS / "release.env"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def binary(project: Path) -> None:
    (project / REPORTS / "release.env").write_bytes(b"\xff\x00\x80")


def a_link(project: Path) -> None:
    path = project / REPORTS / "release.env"
    path.rename(project / "elsewhere.env")
    path.symlink_to(project / "elsewhere.env")


def older(project: Path) -> None:
    path = project / SCENARIO / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("release_environment: staging", "release_environment: later"))


CASES: list[tuple[Callable[[Path], None], str, str, int | None]] = [
    (missing, "BFG615", "missing", None),
    (by_hand, "BFG616", "here should stand: BFG_RELEASE_ENVIRONMENT=staging", 2),
    (line_ends, "BFG616", "line ends differ", 10),
    (longer, "BFG616", "nothing more should stand there", 11),
    (shorter, "BFG616", "after its last line should stand: BFG_RELEASE_DECISION=", 9),
    (binary, "BFG616", "here should stand", 1),
    (a_link, "BFG615", "missing", None),
    (older, "BFG619", "here should stand: BFG_RELEASE_ENVIRONMENT=later", 2),
]


@pytest.mark.parametrize(
    ("change", "code", "words", "line"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_a_file_that_is_not_the_packet(
    project: Path, change: Callable[[Path], None], code: str, words: str, line: int | None
) -> None:
    change(project)
    every = found(project)
    findings = [each for each in every if each["path"] == f"{REPORTS}/release.env"]
    # A change of the scenario changes other packets, too; nobody is blamed for that.
    assert {each["code"] for each in every} == {code}
    assert [(each["code"], each["line"]) for each in findings] == [(code, line)]
    assert words in findings[0]["message"] + findings[0].get("note", "")


@pytest.mark.parametrize("change", [missing, by_hand, line_ends, longer, shorter, binary])
def test_one_changed_file_is_one_finding(project: Path, change: Callable[[Path], None]) -> None:
    change(project)
    assert set(codes(project)) == {"release.env"}


def test_packets_of_another_scenario(project: Path) -> None:
    shutil.rmtree(project / REPORTS)
    shutil.copytree(project / "reports" / "production-go", project / REPORTS)
    given = codes(project)
    assert set(given.values()) == {"BFG617"}
    assert {"readiness.md", "release.env", "data-cutover.txt"} <= set(given)


def test_packets_of_another_snapshot(project: Path) -> None:
    payload = project / SCENARIO / "snapshot.json"
    document = json.loads(payload.read_text(encoding="utf-8"))
    document["tables"]["orders"][0]["weight_kg"] += 1
    payload.write_text(json.dumps(document), encoding="utf-8")
    digest = snapshot_digest(document["schema"], "bfg-staging", document["tables"])
    main = project / SCENARIO / "scenario.yaml"
    lines = main.read_text(encoding="utf-8").splitlines()
    lines = [f"  sha256: {digest}" if "  sha256: " in line else line for line in lines]
    main.write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = codes(project)
    assert given["release.env"] == given["data-cutover.txt"] == "BFG618"
    assert given["readiness.md"] == "BFG618"
    # What carries no checksum and did not change otherwise is still what was rendered.
    assert "BFG616" not in given.values()


def test_a_changed_policy_makes_the_report_stale(project: Path) -> None:
    policy = project / "policies" / "dry-run.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert codes(project) == {"readiness.md": "BFG619"}


def test_a_file_that_nothing_renders(project: Path) -> None:
    (project / REPORTS / "more").mkdir()
    (project / REPORTS / "more" / "00_first.sql").write_text("DROP TABLE orders;\n")
    assert codes(project) == {"more/00_first.sql": "BFG620"}


def test_no_packets_at_all_are_one_finding(project: Path) -> None:
    shutil.rmtree(project / REPORTS)
    findings = found(project)
    assert [(each["code"], each["path"]) for each in findings] == [("BFG615", str(REPORTS))]


def test_a_report_that_names_no_instant_is_judged_now(project: Path) -> None:
    edited(project, "readiness.md", f"at={AT}", "at=2026-99-99T99:99:99Z")
    assert codes(project) == {"readiness.md": "BFG619"}


def test_a_credential_in_a_file_is_never_shown(project: Path) -> None:
    secret = "postgres://bfg:" + "hunter2hunter2" + "@db.example/prod"
    edited(project, "release.env", "BFG_RELEASE_ENVIRONMENT=staging", f"DATABASE_URL={secret}")
    for options in ((), ("--format", "json")):
        ran = verify(project, *options)
        assert ran.code == 1
        assert "hunter2" not in ran.stdout + ran.stderr


def test_what_a_stranger_wrote_is_shown_escaped(project: Path) -> None:
    edited(project, "release.env", "=staging", "=\x1b[2Jstaging\u202e")
    ran = verify(project)
    assert "\x1b" not in ran.stdout
    assert "\\x1b[2J" in ran.stdout
    (project / REPORTS / "a\x1b[2Jb.sql").write_text("")
    assert "\x1b" not in verify(project).stdout


def test_the_same_bytes_each_time(project: Path) -> None:
    by_hand(project)
    longer(project)
    assert verify(project) == verify(project)


def test_a_long_line_shows_where_it_parts() -> None:
    text = "x" * 10_000 + "right" + "y" * 10_000
    identity = Identity("s", "")
    there = text.replace("right", "wrong")
    finding = verify_packets("r", {"a.txt": text}, {"a.txt": there}, identity)[0]
    assert (finding.place.line, finding.place.column) == (1, 10_001)
    assert finding.note is not None
    assert "…" + "x" * 40 + "right" in finding.note
    assert len(finding.note) < 220


def test_a_scenario_that_does_not_exist_is_a_usage_error(project: Path) -> None:
    ran = run("packet", "verify", "scenarios/nowhere", cwd=project)
    assert (ran.code, ran.stdout) == (2, "")


def test_names_that_are_no_utf_8(project: Path) -> None:
    path = os.fsencode(project / REPORTS) + b"/\xff.sql"
    with open(path, "w") as file:  # noqa: PTH123 - a name that no `Path` literal can spell
        file.write("x")
    ran = verify(project)
    assert (ran.code, ran.stdout.count("BFG620]")) == (1, 1)


@pytest.fixture
def database(server18: Server) -> Iterator[Database]:
    with database_on(server18) as found:
        yield found


@pytest.fixture
def migrated(project: Path, database: Database) -> Database:
    """The database after the packets on disk were run on it."""
    folder = project / REPORTS / "sql"
    names = sorted(path.name for path in folder.iterdir() if path.name[:1] in "13")
    database.run(*((folder / name).read_text(encoding="utf-8") for name in names))
    return database


def on_database(project: Path, dsn: str) -> list[tuple[str, str]]:
    """The findings about the database: code and message."""
    ran = verify(project, "--dsn", dsn, "--format", "json")
    return [(each["code"], each["message"]) for each in json.loads(ran.stdout)["findings"]]


def test_a_database_that_is_what_the_packets_make_it(project: Path, migrated: Database) -> None:
    before = migrated.everything()
    ran = verify(project, "--dsn", migrated.dsn)
    assert (ran.code, ran.stderr) == (0, "")
    assert "the database is what the packets make it, row by row\n" in ran.stdout
    assert migrated.everything()[0] == before[0]
    assert migrated.everything()[2:] == before[2:]


def test_the_environment_names_a_database_too(project: Path, migrated: Database) -> None:
    migrated.sql("ALTER TABLE bfg_flowcontrol.orders NO FORCE ROW LEVEL SECURITY")
    environment = {"BFG_DATABASE_URL": migrated.access.url}
    ran = run("packet", "verify", SCENARIO, cwd=project, environment=environment)
    assert (ran.code, ran.stdout.count("error[BFG621]")) == (1, 1)
    assert "; its rows were not looked at\n" in ran.stdout


def test_a_scenario_without_rows(project: Path, database: Database) -> None:
    """Nobody is told that rows agree where there are none to compare."""
    (project / SCENARIO / "snapshot.json").unlink()
    assert run("render", SCENARIO, "--at", AT, cwd=project).code in {0, 1}
    database.run((project / REPORTS / "sql/10_schema.up.sql").read_text(encoding="utf-8"))
    ran = verify(project, "--dsn", database.dsn)
    assert "row by row" not in ran.stdout
    assert "packets make it; the scenario has no rows to compare\n" in ran.stdout
    database.sql("ALTER TABLE bfg_flowcontrol.orders NO FORCE ROW LEVEL SECURITY")
    drifted = verify(project, "--dsn", database.dsn)
    assert (drifted.code, "rows were not looked at" in drifted.stdout) == (1, False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE bfg_flowcontrol.orders DISABLE ROW LEVEL SECURITY", "row-level security"),
        ("CREATE POLICY leak ON bfg_flowcontrol.users USING (true)", "policy leak is extra"),
        ("DROP TRIGGER append_only_update ON bfg_flowcontrol.audit_events", "append_only_update"),
        ("GRANT SELECT ON bfg_flowcontrol.users TO PUBLIC", "everybody"),
        ("ALTER ROLE bfg_app CREATEDB", "may create databases"),
        ("CREATE TABLE bfg_flowcontrol.more ()", "more"),
    ],
)
def test_drift_is_named(project: Path, migrated: Database, change: str, words: str) -> None:
    migrated.sql(change)
    found = on_database(project, migrated.dsn)
    assert {code for code, _ in found} == {"BFG621"}
    assert any(words in message for _, message in found), found


def test_each_of_several_drifts_is_one_finding(project: Path, migrated: Database) -> None:
    for table in ("orders", "payments", "users"):
        migrated.sql(f"ALTER TABLE bfg_flowcontrol.{table} DISABLE ROW LEVEL SECURITY")
    found = on_database(project, migrated.dsn)
    assert [code for code, _ in found] == ["BFG621"] * 3


TAMPERED = [
    ("UPDATE bfg_flowcontrol.orders SET weight_kg = 1 WHERE order_id = 'ord-2026-0003'", "0003"),
    ("DELETE FROM bfg_flowcontrol.payments WHERE payment_id = 'pay-2026-0002'", "pay-2026-0002"),
    (
        (
            "INSERT INTO bfg_flowcontrol.orders (tenant_id, order_id, status)"
            " VALUES ('bfg-staging', 'ord-extra', 'new')"
        ),
        "ord-extra",
    ),
]


@pytest.mark.parametrize(("change", "key"), TAMPERED)
def test_a_tampered_row_is_located(
    project: Path, migrated: Database, change: str, key: str
) -> None:
    migrated.sql(change)
    found = on_database(project, migrated.dsn)
    assert {code for code, _ in found} == {"BFG622"}
    assert any(key in message for _, message in found), found


def test_edited_packets_are_never_run(project: Path, migrated: Database) -> None:
    """What is run on the database is rendered anew; a file is only looked at."""
    for path in (project / REPORTS / "sql").glob("*.sql"):
        path.write_text("CREATE TABLE public.planted ();\n", encoding="utf-8")
    found = on_database(project, migrated.dsn)
    assert {code for code, _ in found} == {"BFG616"}
    assert migrated.sql("SELECT to_regclass('public.planted')") == [(None,)]


def test_an_empty_database_lacks_everything(project: Path, database: Database) -> None:
    found = on_database(project, database.dsn)
    assert {code for code, _ in found} == {"BFG621"}
    assert any("is missing" in message for _, message in found)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "other-zqx"}, "a wrong password"),
        ({"dbname": "other-zqx"}, "no such database"),
    ],
)
def test_a_database_that_lets_nobody_in(
    project: Path, database: Database, changed: dict[str, str], words: str
) -> None:
    ran = verify(project, "--dsn", database.access.but(**changed).dsn)
    assert (ran.code, ran.stdout.count("error[BFG623]")) == (1, 1)
    assert words in ran.stdout
    assert "zqx" not in ran.stdout + ran.stderr


def test_nothing_of_the_connection_is_seen(project: Path, migrated: Database) -> None:
    login = migrated.access.parameters["user"]
    migrated.sql(f'GRANT SELECT ON bfg_flowcontrol.orders TO "{login}"')
    for options in ((), ("--format", "json")):
        ran = verify(project, "--dsn", migrated.access.url, *options)
        assert ran.code == 1
        assert "zqx" not in ran.stdout + ran.stderr


# What somebody else's login can have to do with the packets.
OTHERS = [
    "GRANT bfg_owner TO {other}",
    "GRANT SELECT ON bfg_flowcontrol.orders TO {other}",
    "GRANT SELECT (status) ON bfg_flowcontrol.orders TO {other} WITH GRANT OPTION",
    "GRANT USAGE ON SCHEMA bfg_control TO {other}",
    "GRANT EXECUTE ON FUNCTION bfg_flowcontrol.current_tenant() TO {other}",
    "ALTER TABLE bfg_flowcontrol.orders OWNER TO {other}",
    "CREATE POLICY more ON bfg_flowcontrol.orders TO bfg_app, {other}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA bfg_flowcontrol GRANT SELECT ON TABLES TO {other}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE bfg_owner GRANT SELECT ON TABLES TO {other}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {other} IN SCHEMA bfg_control GRANT ALL ON TABLES TO PUBLIC",
    "GRANT {other} TO bfg_app",
    "GRANT bfg_app TO {other}; ALTER ROLE {other} BYPASSRLS",
    "GRANT bfg_app TO {other}; ALTER ROLE {other} SET bfg.tenant_id = 'secret-zqx'",
    "GRANT CONNECT ON DATABASE {database} TO bfg_app",
    "GRANT CONNECT ON DATABASE postgres TO bfg_app",
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "other"),
    [*((change, 'oth"er,  zqx') for change in OTHERS), (OTHERS[0], "other_zqx")],
)
def test_no_other_login_is_named(
    project: Path, migrated: Database, change: str, other: str
) -> None:
    quoted, database = (
        '"{}"'.format(name.replace('"', '""'))
        for name in (other, migrated.access.parameters["dbname"])
    )
    migrated.sql(f"CREATE ROLE {quoted}")
    try:
        migrated.sql(*change.format(other=quoted, database=database).split("; "))
        ran = verify(project, "--dsn", migrated.dsn)
    finally:
        migrated.sql(f"DROP OWNED BY {quoted} CASCADE", f"DROP ROLE {quoted}")
    assert (ran.code, "error[BFG621]" in ran.stdout) == (1, True)
    for name in ("zqx", "postgres", 'oth"'):
        assert name not in ran.stdout + ran.stderr
    if "DATABASE" not in change:
        assert "[role 1]" in ran.stdout
        assert "help: other roles are numbered here: run this file with psql" in ran.stdout


def test_the_same_login_has_the_same_number(project: Path, migrated: Database) -> None:
    migrated.sql("CREATE ROLE first_zqx", "CREATE ROLE second_zqx", "CREATE ROLE orders")
    try:
        migrated.sql(
            "GRANT SELECT ON bfg_flowcontrol.orders TO second_zqx, orders",
            "GRANT SELECT ON bfg_flowcontrol.users TO first_zqx, second_zqx",
        )
        found = on_database(project, migrated.dsn)
    finally:
        for name in ("first_zqx", "second_zqx", "orders"):
            migrated.sql(f"DROP OWNED BY {name}", f"DROP ROLE {name}")
    assert sorted(message for _, message in found) == [
        "table bfg_flowcontrol.orders: grant of select to [role 1] is extra: given",
        "table bfg_flowcontrol.orders: grant of select to [role 2] is extra: given",
        "table bfg_flowcontrol.users: grant of select to [role 2] is extra: given",
        "table bfg_flowcontrol.users: grant of select to [role 3] is extra: given",
    ]


def test_the_key_of_a_row_is_no_login(project: Path, migrated: Database) -> None:
    migrated.sql("CREATE ROLE accountant")
    try:
        migrated.sql(
            "DELETE FROM bfg_flowcontrol.role_permissions"
            " WHERE role_key = 'accountant' AND permission = 'finance:read'"
        )
        found = on_database(project, migrated.dsn)
    finally:
        migrated.sql("DROP ROLE accountant")
    assert any('["accountant","finance:read"]' in message for _, message in found), found


def test_a_pack_without_a_database(project: Path) -> None:
    root = project / "hospital"
    shutil.copytree(ROOT / "tests" / "packs" / "hospital", root)
    scenario = Path("scenarios", "go.yaml")
    assert run("render", scenario, "--at", AT, cwd=root).code == 0
    assert run("packet", "verify", scenario, cwd=root).code == 0
    ran = run("packet", "verify", scenario, "--dsn", "host=/nowhere-zqx", cwd=root)
    assert (ran.code, "maps no database" in ran.stderr) == (2, True)


def test_a_dsn_that_is_none(project: Path) -> None:
    ran = verify(project, "--dsn", "secret-zqx")
    assert (ran.code, ran.stdout) == (2, "")
    assert "zqx" not in ran.stderr
