"""`accept` and `withdraw`: what is shown, what is written, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bfg_policy import writer
from tests.recording.project import AT, SCENARIO, copied, files
from tests.rendering.hostile import OURS
from tests.reporters.test_json import validator
from tests.running import Ran, run

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

OLENA = ("--as", "user_accountant_olena")
ANNA = ("--as", "user_md_anna")
NOTE = ("--note", "The tables have changed.")
LATER = ("--at", "2026-11-23T13:00:00Z")
SCHEMA = "cutover-rehearsal/db-schema"
FILE = SCENARIO / "acceptances/accountant/cutover-rehearsal.db-schema.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied(tmp_path)


def accept(project: Path, *arguments: str) -> Ran:
    return run("accept", *arguments, cwd=project)


def status(project: Path, gate: str, at: tuple[str, ...] = AT) -> str:
    ran = run("check", *at, "--format", "json", cwd=project)
    found = json.loads(ran.stdout)["gates"][gate]
    return f"{found['status']}:{found['reason']}"


def test_an_acceptance_is_shown_written_and_judged(
    project: Path, snapshot: SnapshotAssertion
) -> None:
    ran = accept(project, SCHEMA, "secrets-auth", *OLENA, *AT, "--expires", "30d", "--note", "Lu.")
    assert ran == snapshot
    assert ran.code == 0
    written = json.loads((project / FILE).read_text())
    validator("acceptance.v1").validate(written)
    assert written == {
        "gate": SCHEMA,
        "by": "user_accountant_olena",
        "at": "2026-11-23T12:00:00Z",
        "expires": "2026-12-23T12:00:00Z",
        "note": "Lu.",
    }
    assert status(project, SCHEMA) == "ready:proved"


def test_a_withdrawal_deletes_nothing(project: Path, snapshot: SnapshotAssertion) -> None:
    accept(project, SCHEMA, *OLENA, *AT)
    before = files(project)
    ran = run("withdraw", "db-schema", *OLENA, *NOTE, *LATER, cwd=project)
    assert ran == snapshot
    after = files(project)
    (name,) = set(after) - set(before)
    assert name == f"{FILE.with_suffix('')}.20261123T130000Z.json"
    assert {each: after[each] for each in before} == before
    assert json.loads(after[name])["withdrawn"] is True
    assert status(project, SCHEMA, LATER) == "next:acceptance-withdrawn"
    again = accept(project, SCHEMA, *OLENA, "--at", "2026-11-23T14:00:00Z")
    assert again.code == 0
    assert status(project, SCHEMA, ("--at", "2026-11-23T14:00:00Z")) == "ready:proved"


def test_the_scenario_may_follow_the_gates(project: Path) -> None:
    shutil.copytree(project / SCENARIO, project / "scenarios" / "other")
    place = "scenarios/other"
    ran = accept(project, SCHEMA, "secrets-auth", place, *OLENA, *AT)
    assert (ran.code, "made scenarios/other/acceptances/accountant/" in ran.stdout) == (0, True)
    ran = run("withdraw", SCHEMA, place, *OLENA, *LATER, cwd=project)
    assert (ran.code, "made scenarios/other/acceptances/accountant/" in ran.stdout) == (0, True)
    assert not (project / FILE).exists()
    ran = accept(project, SCHEMA, "scenarios/none", *OLENA)
    assert (ran.code, "there is no gate `scenarios/none`" in ran.stderr) == (2, True)
    ran = accept(project, SCHEMA, place, "--scenario", place, *OLENA)
    assert (ran.code, f"there is no gate `{place}`" in ran.stderr) == (2, True)


def test_a_withdrawal_need_not_say_why(project: Path) -> None:
    accept(project, SCHEMA, *OLENA, *AT)
    ran = run("withdraw", SCHEMA, *OLENA, *LATER, cwd=project)
    assert ran.code == 0
    made = json.loads((project / f"{FILE.with_suffix('')}.20261123T130000Z.json").read_text())
    assert (made["withdrawn"], "note" in made) == (True, False)
    assert status(project, SCHEMA, LATER) == "next:acceptance-withdrawn"


def test_too_early_is_kept_and_told(project: Path, snapshot: SnapshotAssertion) -> None:
    ran = accept(project, "rollback-drill/owner-acknowledgement", *ANNA, *AT)
    assert ran == snapshot
    assert ran.code == 0
    assert "warning[BFG543]" in ran.stdout
    assert status(project, "rollback-drill/owner-acknowledgement") == "blocked:needs"


@pytest.mark.parametrize("command", ["accept", "withdraw"])
def test_a_dry_run_shows_the_same_and_writes_nothing(project: Path, command: str) -> None:
    if command == "withdraw":
        accept(project, SCHEMA, *OLENA, *AT)
    before = files(project)
    note = NOTE if command == "withdraw" else ()
    dry = run(command, SCHEMA, *OLENA, *note, *LATER, "--dry-run", cwd=project)
    assert files(project) == before
    real = run(command, SCHEMA, *OLENA, *note, *LATER, cwd=project)
    assert dry.code == real.code == 0
    assert "would make" in dry.stdout
    kept = [
        line
        for line in dry.stdout.splitlines()
        if not line.startswith(("would", "  +", "  -", "  @"))
    ]
    assert kept == [line for line in real.stdout.splitlines() if not line.startswith("made")]


# The command, its exit code, and what it says; none of them writes anything.
REFUSED: list[tuple[list[str], int, str]] = [
    (["accept", SCHEMA, *ANNA], 1, "may not accept `cutover-rehearsal/db-schema`: that takes an"),
    (["accept", "adapter-selection", *ANNA], 1, "asks for no acceptance"),
    (["accept", SCHEMA, "endpoint-reachability", *OLENA], 1, "asks for no acceptance"),
    (["accept", "cutover-rehearsal/db-shema", *OLENA], 2, "did you mean `cutover-rehearsal/db-"),
    (["accept", "cutover-rehearsal", *OLENA], 2, "is a board; name one of its gates"),
    (["accept", "schema-map", *OLENA], 2, "several gates have that name"),
    (["accept", SCHEMA, "--as", "user_accountant_olga"], 2, "did you mean `user_accountant_olena`"),
    (["accept", SCHEMA, "--as", "Olena Shevchenko"], 2, "did you mean `user_accountant_olena`"),
    (["accept", SCHEMA, "--as", "zzz"], 2, "known are user_md_anna, "),
    (["accept", SCHEMA, *OLENA, "--expires", "2026-11-23T12:00:00Z"], 2, "is over at the instant"),
    (["accept", SCHEMA, *OLENA, "--expires", "soon"], 2, "is no duration and no instant"),
    (["accept", SCHEMA, *OLENA, "--note", " "], 2, "it is empty"),
    (["accept", SCHEMA, *OLENA, "--note", "\udc80"], 2, "it is not UTF-8"),
    (["accept", SCHEMA, *OLENA, "--note", "x" * 4001], 4, "BFG205"),
    (["accept", SCHEMA, *OLENA, "--note", "AKIA" + "IOSFODNN7EXAMPLE"], 4, "BFG701"),
    (["accept", SCHEMA, *OLENA, "--scenario", "nowhere"], 2, "there is no scenario `nowhere`"),
    (["accept", SCHEMA], 2, "Missing option '--as'"),
    (["accept", *OLENA], 2, "Missing argument 'GATE... [SCENARIO]'"),
    (
        ["withdraw", SCHEMA, *OLENA, *NOTE],
        1,
        "no acceptance of `cutover-rehearsal/db-schema` stands",
    ),
    (["withdraw", SCHEMA, *ANNA, *NOTE], 1, "may not withdraw"),
    (["withdraw", SCHEMA], 2, "Missing option '--as'"),
]


@pytest.mark.parametrize(("command", "code", "words"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_is_refused_writes_nothing(
    project: Path, command: list[str], code: int, words: str
) -> None:
    before = files(project)
    ran = run(*command, *AT, cwd=project)
    assert ran.code == code, ran
    assert words in ran.stdout + ran.stderr
    assert "AKIA" not in ran.stdout
    assert files(project) == before


@pytest.mark.parametrize("at", [AT, ("--at", "2026-11-23T11:00:00Z")])
def test_a_record_that_would_not_count_is_refused(project: Path, at: tuple[str, ...]) -> None:
    accept(project, SCHEMA, *OLENA, *AT)
    before = files(project)
    for command in (["accept", SCHEMA, *OLENA], ["withdraw", SCHEMA, *OLENA, *NOTE]):
        ran = run(*command, *at, cwd=project)
        assert ran.code == 1
        assert "BFG542" in ran.stdout
        assert f"{FILE}:4:9" in ran.stdout
    assert files(project) == before


def test_now_is_later_than_the_second_before(project: Path) -> None:
    """Whoever accepts and withdraws at once has both counted, in that order."""
    assert accept(project, SCHEMA, *OLENA).code == 0
    ran = run("withdraw", SCHEMA, *OLENA, *NOTE, cwd=project)
    assert ran.code == 0, ran.stdout
    assert "is next" in ran.stdout


def test_nobody_may_accept_before_it_can_be_told_who_may(project: Path) -> None:
    path = project / SCENARIO / "scenario.yaml"
    path.write_text(path.read_text().replace("  owner: user_md_anna\n", ""))
    ran = accept(project, "owner-acknowledgement", *ANNA, *AT)
    assert ran.code == 1
    assert "nobody may accept" in ran.stdout
    assert "`scenario.rollback.owner` is not there" in ran.stdout


def one_file(project: Path) -> Path:
    document = yaml.safe_load((project / SCENARIO / "scenario.yaml").read_text())
    document["snapshot"].update(json.loads((project / SCENARIO / "snapshot.json").read_text()))
    path = project / "one.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_scenario_of_one_file_is_told_what_to_add(
    project: Path, snapshot: SnapshotAssertion
) -> None:
    path = one_file(project)
    before = files(project)
    ran = accept(project, SCHEMA, *OLENA, *AT, "--scenario", "one.yaml", "--note", "a: #1")
    assert ran == snapshot
    assert ran.code == 2
    assert files(project) == before
    added = path.read_text() + ran.stdout.partition("add to it:\n\n")[2]
    path.write_text(added)
    checked = json.loads(run("check", "one.yaml", *AT, "--format", "json", cwd=project).stdout)
    assert checked["gates"][SCHEMA]["status"] == "ready"


def test_a_list_in_the_scenarios_own_file_is_not_split(project: Path) -> None:
    path = project / SCENARIO / "scenario.yaml"
    given = "by: user_accountant_olena, at: '2026-11-20T09:00:00Z'"
    listed = f"acceptances:\n  - {{gate: cutover-rehearsal/secrets-auth, {given}}}\n"
    path.write_text(path.read_text() + listed)
    before = files(project)
    ran = accept(project, SCHEMA, *OLENA, *AT)
    assert ran.code == 2
    assert "the scenario holds its acceptances itself" in ran.stdout
    assert files(project) == before


def test_standard_input_is_told_what_to_add(project: Path) -> None:
    data = one_file(project).read_bytes()
    ran = run("accept", SCHEMA, *OLENA, *AT, "--scenario", "-", stdin=data, cwd=project)
    assert ran.code == 2
    assert "  - gate: cutover-rehearsal/db-schema" in ran.stdout


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_is_in_the_way_is_never_replaced(project: Path, what: str) -> None:
    path = project / FILE
    path.parent.mkdir(parents=True)
    elsewhere = project / "elsewhere.json"
    elsewhere.write_text("{}")
    if what == "file":
        given = {"gate": SCHEMA, "by": "user_accountant_olena", "at": "2026-11-01T00:00:00Z"}
        path.write_text(json.dumps(given))
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(elsewhere)
    before = files(project)
    ran = accept(project, SCHEMA, *OLENA, *AT)
    after = files(project)
    assert {each: after[each] for each in before} == before
    if what == "file":
        assert ran.code == 0
        assert f"{FILE.with_suffix('')}.20261123T120000Z.json" in after
    else:
        assert ran.code == 4  # the scenario cannot be read with such a thing in it
        assert after == before


def test_a_folder_that_is_a_link_is_not_written_through(project: Path) -> None:
    (project / "outside").mkdir()
    (project / SCENARIO / "acceptances").mkdir()
    (project / SCENARIO / "acceptances" / "accountant").symlink_to(project / "outside")
    ran = accept(project, SCHEMA, *OLENA, *AT)
    assert ran.code in {4, 74}
    assert not list((project / "outside").iterdir())


def test_who_finds_another_at_work_gives_up_and_writes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LOCK_ATTEMPTS", 2)
    before = files(project)
    with writer.locked(project / SCENARIO):
        ran = accept(project, SCHEMA, *OLENA, *AT)
    assert ran.code == 74
    assert "another run is writing there" in ran.stderr
    assert files(project) == before
    assert accept(project, SCHEMA, *OLENA, *AT).code == 0


def test_of_two_at_once_for_one_gate_one_is_told(project: Path) -> None:
    command = [sys.executable, "-m", "bfg_policy", "accept", "contracts-frozen", *ANNA, *AT]
    runs = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE) for _ in range(3)]
    output = [each.communicate()[0] for each in runs]
    assert sorted(each.returncode for each in runs) == [0, 1, 1]
    assert sum(b"BFG542" in each for each in output) == 2
    assert len(list((project / SCENARIO / "acceptances").rglob("*.json"))) == 1


@pytest.mark.parametrize("text", [each for each in OURS if each.strip()])
def test_a_hostile_note_is_kept_and_shown_inert(project: Path, text: str) -> None:
    ran = accept(project, SCHEMA, *OLENA, *AT, "--note", text)
    assert not any(
        each in ran.stdout + ran.stderr for each in "\x00\x1b\x07\x9b\u202e\u2066\u200b\r"
    )
    if "\x00" in text or text == "\udc80":
        assert ran.code in {2, 4}
        assert not (project / FILE).exists()
        return
    assert ran.code == 0, ran
    assert json.loads((project / FILE).read_text(encoding="utf-8"))["note"] == text


def test_under_ci_nothing_is_a_command(project: Path) -> None:
    ran = run(
        "accept",
        SCHEMA,
        *OLENA,
        *AT,
        "--note",
        "::error::x ##[error]y",
        cwd=project,
        environment={"CI": "1"},
    )
    assert ran.code == 0
    assert "::error" not in ran.stdout
    assert "##[" not in ran.stdout
