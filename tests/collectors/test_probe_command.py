"""`bfg-policy probe` as a command: what it refuses, what it writes, which server it means."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from bfg_policy.collectors.servers import Server
from tests.collectors.lab import AT, RECORD, SCENARIO, new_access, probe, wheel
from tests.collectors.test_hostile_servers import answering, is_silent
from tests.running import Ran, run
from tests.shared import ROOT


def refused(ran: Ran, words: str) -> None:
    assert ran.code == 2, ran.stdout + ran.stderr
    assert words in " ".join(ran.stderr.split())
    assert ran.stdout == ""


def edit(file: Path, change: str, to: str) -> None:
    text = file.read_text("utf-8")
    assert change in text
    file.write_text(text.replace(change, to), "utf-8")


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("postgresql://login-zqx:pass-zqx@host-zqx:port-zqx/db", "its port is no number"),
        ("postgresql://login-zqx:pass%zz@host-zqx/db", "neither `postgresql://…` nor libpq's"),
        ("host=host-zqx password=pass-zqx port=0", "its port is no number from 1 to 65535"),
        ("host=host-zqx,other-zqx", "it names several servers"),
        ("zqx\x1b[2J", "the DSN cannot be used: it is neither"),
    ],
)
@pytest.mark.parametrize("given", ["--dsn", "BFG_DATABASE_URL"])
def test_a_dsn_that_cannot_be_used_is_a_usage_error(
    given: str, dsn: str, words: str, project: Path
) -> None:
    if given == "--dsn":
        ran = probe(project, "--dsn", dsn).ran
    else:
        ran = probe(project, environment={given: dsn}).ran
    refused(ran, words)
    assert "zqx" not in ran.stderr
    assert "\x1b" not in ran.stderr
    assert not (project / RECORD).exists()


def test_without_a_server_to_start_it_is_a_usage_error(project: Path) -> None:
    ran = probe(project, environment={"BFG_PG_BINDIR": str(project)}).ran
    refused(ran, "BFG_PG_BINDIR is no folder with PostgreSQL's `initdb` and `postgres`")


@pytest.mark.parametrize("module", ["psycopg", "cryptography"])
def test_without_the_extra_it_is_named(
    module: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    refused(probe(project).ran, "pip install 'bfg-policy[postgres]'")


def test_a_self_contained_scenario_takes_no_record(project: Path) -> None:
    (project / "alone.yaml").write_bytes((project / SCENARIO / "scenario.yaml").read_bytes())
    refused(run("probe", "alone.yaml", cwd=project), "move it to a folder of its own")
    whole = (project / "alone.yaml").read_bytes()
    refused(run("probe", "-", cwd=project, stdin=whole), "one self-contained file")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("collectors", "names no record for this: see `collectors.connection`"),
        ("schema_map", "maps no database to act on: see `schema_map`"),
    ],
)
def test_a_pack_that_knows_nothing_of_it_is_told(key: str, words: str, project: Path) -> None:
    file = project / "policies" / "pack.yaml"
    pack = yaml.safe_load(file.read_text("utf-8"))
    del pack[key]
    file.write_text(yaml.safe_dump(pack), "utf-8")
    if key == "schema_map":  # nor does it render what it has no map for
        policy = project / "policies" / "migration-runbook.yaml"
        written = yaml.safe_load(policy.read_text("utf-8"))
        written.pop("packet", None)
        policy.write_text(yaml.safe_dump(written, sort_keys=False), "utf-8")
    refused(probe(project).ran, words)


@pytest.mark.parametrize("pin", ["", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_pin_is_a_digest(pin: str, project: Path) -> None:
    refused(probe(project, "--pin", pin).ran, "is no SHA-256 digest of 64 hexadecimal digits")


def test_a_second_record_of_the_contract_is_refused_before_anything_is_done(project: Path) -> None:
    twin = project / SCENARIO / "evidence" / "older.json"
    twin.parent.mkdir()
    twin.write_bytes(
        (ROOT / "scenarios/production-go/evidence/adapter_connection.json").read_bytes()
    )
    refused(probe(project).ran, "scenarios/staging-rehearsal/evidence/older.json")


def test_a_record_in_the_scenario_itself_is_refused(project: Path) -> None:
    record = (ROOT / "scenarios/production-go/evidence/adapter_connection.json").read_text("utf-8")
    inline = json.dumps({"adapter_connection": json.loads(record)})
    with (project / SCENARIO / "scenario.yaml").open("a") as file:
        file.write(f"evidence: {inline}\n")
    refused(probe(project).ran, "delete it, for nobody could tell which of the two counts")


def test_an_old_record_is_replaced_however_broken_and_what_it_had_passed_is_told(
    project: Path,
) -> None:
    record = json.loads(
        (ROOT / "scenarios/production-go/evidence/adapter_connection.json").read_text("utf-8")
    )
    (project / RECORD).parent.mkdir()
    (project / RECORD).write_text(json.dumps({**record, "sha256": "0" * 64, "more": 1}))
    probed = probe(project, "--dsn", "host=127.0.0.1 port=1")
    assert probed.ran.code == 1
    assert "had passed: endpoint, tls, rbac, write_probe. This one is" in probed.ran.stdout
    assert probed.record["endpoint"]["status"] == "fail"
    assert probed.record["collector"] == "bfg-policy"


def test_nothing_but_the_record_is_written(server18: Server, project: Path) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    before = files()
    assert probe(project, "--dsn", server18.dsn).ran.code == 0
    after = files()
    assert after.pop(project / RECORD)
    assert after == before


def test_a_link_leads_nowhere(project: Path) -> None:
    (project / "elsewhere").mkdir()
    (project / SCENARIO / "evidence").symlink_to(project / "elsewhere")
    ran = probe(project, "--dsn", "host=127.0.0.1 port=1").ran
    assert ran.code in (4, 74)
    assert list((project / "elsewhere").iterdir()) == []


def test_a_scenario_that_cannot_be_judged_is_not_observed(project: Path) -> None:
    edit(project / SCENARIO / "scenario.yaml", "tenant: bfg-staging", "tennant: bfg-staging")
    ran = probe(project, "--dsn", "host=127.0.0.1 port=1").ran
    assert (ran.code, "BFG201" in ran.stdout) == (4, True)
    assert not (project / RECORD).exists()


def test_a_payload_elsewhere_is_held_against_what_the_scenario_claims(
    project: Path, server18: Server
) -> None:
    payload = project / SCENARIO / "snapshot.json"
    elsewhere = project / "elsewhere.json"
    payload.rename(elsewhere)
    arguments = ("--dsn", server18.dsn, "--snapshot", str(elsewhere))
    assert probe(project, *arguments).ran.code == 0
    edit(elsewhere, '"status": "', '"status": "x')
    assert probe(project, *arguments).ran.code == 4


class TestWhichServer:
    """--dsn, then BFG_DATABASE_URL, then libpq's variables, then one of our own."""

    @pytest.mark.parametrize("given", ["BFG_DATABASE_URL", "PGHOST", "PGSERVICE"])
    def test_the_environment_names_one(
        self, given: str, server18: Server, project: Path, tmp_path: Path
    ) -> None:
        access = new_access(server18)
        names = {"dbname": "PGDATABASE", "hostaddr": "PGHOSTADDR", "sslmode": "PGSSLMODE"}
        variables = {
            names.get(name, f"PG{name.upper()}"): value for name, value in access.parameters.items()
        }
        if given == "BFG_DATABASE_URL":
            environment = {given: access.url}
        elif given == "PGHOST":
            environment = variables
        else:
            lines = [f"{name}={value}" for name, value in access.parameters.items()]
            (tmp_path / "services").write_text("\n".join(["[zqx]", *lines, ""]))
            environment = {given: "zqx", "PGSERVICEFILE": str(tmp_path / "services")}
        probed = probe(project, environment=environment)
        assert probed.ran.code == 0, probed.ran.stdout
        assert probed.record["target"]["kind"] == "live"
        assert f"the server of ${given}" in probed.ran.stdout

    def test_an_option_wins(self, server18: Server, project: Path) -> None:
        environment = {"BFG_DATABASE_URL": "host=127.0.0.1 port=1", "PGHOST": "zqx.invalid"}
        probed = probe(project, "--dsn", server18.dsn, environment=environment)
        assert (probed.ran.code, "the server of --dsn" in probed.ran.stdout) == (0, True)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(
    terminal: bool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.running._Stream.isatty", lambda _: terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    ran = probe(project, "--dsn", "host=127.0.0.1 port=1").ran
    assert ("… endpoint" in ran.stderr) is terminal
    assert ran.stderr.endswith("\r\x1b[K") is terminal
    assert "…" not in ran.stdout


def test_ctrl_c_ends_it_with_nothing_written(project: Path) -> None:
    with answering(is_silent) as access:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment["BFG_DATABASE_URL"] = access.but(connect_timeout="10").url
        with subprocess.Popen(
            [sys.executable, "-m", "bfg_policy", "probe", SCENARIO, "--at", AT],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            time.sleep(4)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")
    assert not (project / RECORD).exists()


def test_what_ci_reads_is_no_command(project: Path) -> None:
    file = project / SCENARIO / "scenario.yaml"
    edit(file, "target: db-auth-session-adapter", "target: '::error::owned'")
    environment = {"CI": "1", "BFG_PG_BINDIR": str(wheel().folder)}
    ran = probe(project, "--dsn", "host=127.0.0.1 port=1", environment=environment).ran
    assert "::error" not in ran.stdout
    assert "owned" in ran.stdout


def test_the_help_says_who_sees_a_password() -> None:
    text = " ".join(run("probe", "--help").stdout.split())
    assert "Other users of this machine see a command line" in text
