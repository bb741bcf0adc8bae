"""The command line: what each exit code means, which scenario and policies are meant."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import run
from tests.shared import ROOT

AT = "2026-11-20T12:00:00Z"
DEMO = ROOT / "scenarios" / "grant-demo-local"
GO = ROOT / "scenarios" / "production-go"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own: the pack, its contracts and one scenario, without a configuration."""
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(DEMO, tmp_path / "scenarios" / "grant-demo-local")
    return tmp_path


EXITS: list[tuple[int, list[str | Path]]] = [
    (0, ["check", "--at", AT]),
    (0, ["check", GO, "--at", AT]),
    (0, ["check", GO, "--at", AT, "--require", "production-readiness"]),
    (1, ["check", "--at", AT, "--require", "production-readiness"]),
    (1, ["check", GO, "--at", "2027-11-20T12:00:00Z", "--require", "dry-run"]),
    (0, ["check", GO, "--at", "2027-11-20T12:00:00Z"]),
    (2, ["check", "--at", AT, "--require", "no-such-board"]),
    (2, ["check", "no/such/scenario"]),
    (2, ["check", "--policies", "no/such/folder"]),
    (2, ["check", "--contracts", "no/such/folder"]),
    (2, ["check", "--at", "yesterday"]),
    (2, ["check", "--at", "2026-11-20T12:00:00"]),
    (2, ["check", "--format", "xml"]),
    (2, ["check", "--output", "json"]),
    (2, ["check", "--format", "json", "--output", "text=-"]),
    (2, ["check", "--output", "json=no/such/folder/r.json"]),
    (2, ["check", "--output", "json=docs"]),
    (2, ["explain", "dry-run", "--at", AT]),
    (2, ["frobnicate"]),
    (3, ["check", ROOT / "docs"]),
    (3, ["check", "--policies", "docs"]),
    (4, ["check", ROOT / "README.md"]),
    (4, ["check", ROOT / "policies" / "dry-run.yaml"]),
    (0, ["lint"]),
    (3, ["lint", "--policies", "docs"]),
    (0, ["explain", "BFG201"]),
    (0, ["explain", "bfg201"]),
    (2, ["explain", "BFG999"]),
    (0, ["explain", "dry-run/export-snapshot", "--at", AT]),
    (0, ["explain", "export-snapshot", "--at", AT]),
    (2, ["explain", "rollback-seal", "--at", AT]),
    (2, ["explain", "no-such-gate", "--at", AT]),
    (0, ["--version"]),
    (0, ["--help"]),
    (2, []),
]


@pytest.mark.parametrize(("code", "arguments"), EXITS, ids=lambda each: str(each)[:60])
def test_exit_codes(code: int, arguments: list[str | Path]) -> None:
    ran = run(*arguments, cwd=ROOT)
    assert ran.code == code, ran
    assert "Traceback" not in ran.stdout + ran.stderr


def test_the_only_scenario_is_meant_where_none_is_named(project: Path) -> None:
    ran = run("check", "--at", AT, "--format", "json", cwd=project)
    assert (ran.code, json.loads(ran.stdout)["scenario"]) == (0, "grant-demo-local")


def test_of_several_scenarios_one_must_be_named(project: Path) -> None:
    shutil.copytree(GO, project / "scenarios" / "production-go")
    ran = run("check", "--at", AT, cwd=project)
    assert ran.code == 2
    assert "grant-demo-local" in ran.stderr
    assert "production-go" in ran.stderr


def test_a_scenario_may_be_named_instead_of_its_path(project: Path) -> None:
    shutil.copytree(GO, project / "scenarios" / "production-go")
    ran = run("check", "production-go", "--at", AT, "--format", "json", cwd=project)
    assert (ran.code, json.loads(ran.stdout)["scenario"]) == (0, "production-go")
    names = ["grant-demo-local", "scenarios/grant-demo-local", "production-go"]
    ran = run("check", *names, "--at", AT, "--format", "json", cwd=project)
    assert [each["path"] for each in json.loads(ran.stdout)["results"]] == [
        "scenarios/grant-demo-local",
        "scenarios/production-go",
    ]
    file = project / "scenarios" / "flat.json"
    file.write_text(json.dumps(whole(GO)))
    ran = run("check", "flat", "--at", AT, "--format", "json", cwd=project)
    assert (ran.code, json.loads(ran.stdout)["scenario"]) == (0, "production-go")
    # Two that bear the name, a path that is no name; and what is there is no name.
    shutil.copy(file, file.with_suffix(".yaml"))
    for given in ("flat", "elsewhere/production-go"):
        ran = run("check", given, "--at", AT, cwd=project)
        assert (ran.code, f"there is no scenario `{given}`" in ran.stderr) == (2, True)
    shutil.copytree(DEMO, project / "production-go")
    ran = run("check", "production-go", "--at", AT, "--format", "json", cwd=project)
    assert json.loads(ran.stdout)["scenario"] == "grant-demo-local"


def test_the_name_of_a_folder_is_its_whole_name(project: Path) -> None:
    """Whoever asks for `prod` is told that it is gone, and not that `prod.v2` is ready."""
    shutil.copytree(GO, project / "scenarios" / "prod.v2")
    ran = run("check", "prod", "--at", AT, cwd=project)
    assert ran.code == 2
    assert "there is no scenario `prod`; did you mean `scenarios/prod.v2`?" in ran.stderr
    assert run("check", "prod.v2", "--at", AT, cwd=project).code == 0


def test_a_name_follows_no_link(project: Path) -> None:
    """The link came with the files that are judged, and nobody named it."""
    shutil.copytree(GO, project / "elsewhere")
    (project / "scenarios" / "linked").symlink_to(project / "elsewhere")
    ran = run("check", "linked", "--at", AT, cwd=project)
    assert (ran.code, "is a symbolic link" in ran.stderr) == (2, True)


@pytest.mark.parametrize("file", ["bfg-policy.toml", "pyproject.toml"])
def test_the_configured_scenario_is_meant(project: Path, file: str) -> None:
    shutil.copytree(GO, project / "scenarios" / "production-go")
    head = "" if file == "bfg-policy.toml" else "[tool.bfg-policy]\n"
    (project / file).write_text(head + 'scenario = "scenarios/production-go"\n')
    ran = run("check", "--at", AT, "--format", "json", cwd=project)
    assert json.loads(ran.stdout)["scenario"] == "production-go"
    assert run("check", "--isolated", "--at", AT, cwd=project).code == 2
    named = run("check", "scenarios/grant-demo-local", "--at", AT, "--format", "json", cwd=project)
    assert json.loads(named.stdout)["scenario"] == "grant-demo-local"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('scenaro = "x"', "did you mean `scenario`?"),
        ('scenario = "/etc"', "relative path"),
        ('policies = "../elsewhere"', "relative path"),
        ("scenario = 1", "relative path"),
        ("scenario =", "TOML"),
        ('zzz = "x"', "known are"),
        ('policies = "postgres://ops:Kestrel' + '-41-wharf@db.example/bfg"', "like a credential"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_a_usage_error(
    project: Path, text: str, said: str
) -> None:
    (project / "bfg-policy.toml").write_text(text + "\n")
    ran = run("check", cwd=project)
    assert ran.code == 2
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda path: path.mkdir(), "a folder, not a regular file"),
        (os.mkfifo, "a named pipe, not a regular file"),
        (lambda path: path.symlink_to("elsewhere.toml"), "a symbolic link"),
        (lambda path: path.symlink_to(GO / "none"), "a symbolic link"),
        (lambda path: path.write_bytes(b'scenario = "\xe9"\n'), "not UTF-8"),
        (lambda path: path.write_text("#" * (1 << 20) + "\n"), "larger than 1,048,576 bytes"),
    ],
)
@pytest.mark.parametrize("file", ["bfg-policy.toml", "pyproject.toml"])
def test_a_configuration_that_nobody_could_read_is_not_passed_over(
    project: Path, file: str, made: Callable[[Path], object], said: str
) -> None:
    (project / "elsewhere.toml").write_text('scenario = "scenarios/grant-demo-local"\n')
    (project / file).unlink(missing_ok=True)
    made(project / file)
    ran = run("check", cwd=project)
    assert ran.code == 2
    assert f"{file}: " in ran.stderr
    assert said in ran.stderr
    assert run("check", "--isolated", "--at", AT, cwd=project).code == 0


def test_a_configuration_may_begin_with_a_byte_order_mark(project: Path) -> None:
    text = '\ufeffscenario = "scenarios/grant-demo-local"\r\n'
    (project / "bfg-policy.toml").write_bytes(text.encode())
    assert run("check", "--at", AT, cwd=project).code == 0


def test_without_any_scenario_nothing_is_judged(tmp_path: Path) -> None:
    ran = run("check", "--format", "json", cwd=tmp_path)
    assert ran.code == 3
    found = json.loads(ran.stdout)
    assert (found["contract"], len(found["findings"])) == ("Findings.v1", 1)


def test_the_packaged_pack_is_meant_where_there_are_no_policies(tmp_path: Path) -> None:
    ran = run("check", GO, "--at", AT, "--format", "json", cwd=tmp_path)
    assert (ran.code, json.loads(ran.stdout)["verdict"]) == (0, "GO")


def whole(folder: Path) -> dict[str, object]:
    """A folder's scenario as one document."""
    from yaml import safe_load

    document: dict[str, object] = safe_load((folder / "scenario.yaml").read_text())
    snapshot = document["snapshot"]
    assert isinstance(snapshot, dict)
    snapshot |= json.loads((folder / "snapshot.json").read_text())
    document["evidence"] = {
        path.stem: json.loads(path.read_text()) for path in (folder / "evidence").glob("*.json")
    }
    document["acceptances"] = [
        json.loads(path.read_text()) for path in sorted((folder / "acceptances").rglob("*.json"))
    ]
    return document


def without_places(printed: str) -> object:
    """A result but for where its values stand, which is in other files."""

    def keep(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {key: value for key, value in pairs if key != "place"}

    return json.loads(printed, object_pairs_hook=keep)


@pytest.mark.parametrize("scenario", [DEMO, GO], ids=lambda path: path.name)
@pytest.mark.parametrize("form", ["json", "yaml", "stdin json", "stdin yaml"])
def test_a_folder_a_file_and_a_stream_are_judged_alike(
    tmp_path: Path, scenario: Path, form: str
) -> None:
    import yaml

    document = whole(scenario)
    text = json.dumps(document) if form.endswith("json") else yaml.safe_dump(document)
    as_folder = run("check", scenario, "--at", AT, "--format", "json", cwd=ROOT)
    if form.startswith("stdin"):
        ran = run("check", "-", "--at", AT, "--format", "json", cwd=ROOT, stdin=text.encode())
    else:
        path = tmp_path / f"one.{form}"
        path.write_text(text)
        ran = run("check", path, "--at", AT, "--format", "json", cwd=ROOT)
    assert without_places(ran.stdout) == without_places(as_folder.stdout)


def test_outputs_are_written_beside_what_is_shown(project: Path) -> None:
    (project / "out").mkdir()
    ran = run(
        "check", "--at", AT, "--output", "json=out/r.json", "--output", "markdown=r.md", cwd=project
    )
    assert ran.code == 0
    assert ran.stdout.startswith("NO-GO for db-auth-session-adapter")
    assert json.loads((project / "out" / "r.json").read_text())["ready"] == 17
    assert "NO-GO" in (project / "r.md").read_text()


def test_an_output_can_take_the_place_of_the_text(project: Path) -> None:
    ran = run("check", "--at", AT, "--output", "json=-", cwd=project)
    assert json.loads(ran.stdout)["ready"] == 17


def test_findings_go_to_every_output_too(project: Path) -> None:
    (project / "scenarios" / "grant-demo-local" / "scenario.yaml").write_text("scenario: x\n")
    ran = run("check", "--format", "json", "--output", "text=found.txt", cwd=project)
    assert ran.code == 4
    findings = json.loads(ran.stdout)["findings"]
    assert {finding["code"] for finding in findings} == {"BFG202"}
    assert "BFG202" in (project / "found.txt").read_text()


def test_the_only_scenario_that_can_be_looked_into_is_not_the_only_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "scenarios" / "closed").mkdir()
    is_file = Path.is_file

    def closed(path: Path) -> bool:
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", closed)
    ran = run("check", "--at", AT, cwd=project)
    assert ran.code == 4
    assert "scenarios/closed" in ran.stderr + ran.stdout


def test_an_output_that_cannot_be_written_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = run("check", "--at", AT, "--output", "json=r.json", cwd=project)
    assert ran.code == 74
    assert "BFG605" in ran.stderr
    assert not (project / "r.json").exists()


@pytest.mark.parametrize(
    ("environment", "color", "coloured"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_colour(environment: dict[str, str], color: str, coloured: bool) -> None:
    ran = run("check", "--at", AT, "--color", color, cwd=ROOT, environment=environment)
    assert ("\x1b[" in ran.stdout) is coloured


def test_a_waiver_and_a_forged_acceptance_stay_visible(project: Path) -> None:
    folder = project / "scenarios" / "grant-demo-local" / "acceptances"
    folder.mkdir()
    forged = {"gate": "cutover-rehearsal/db-schema", "by": "driver_tarasenko", "at": AT}
    (folder / "x.json").write_text(json.dumps(forged))
    ran = run("check", "--at", AT, cwd=project)
    assert ran.code == 1
    assert "error[BFG510]" in ran.stdout
    assert "x.json:1:" in ran.stdout


@pytest.mark.parametrize("linked", ["policies", "scenarios", "scenarios/grant-demo-local"])
def test_a_link_is_followed_only_where_the_command_line_names_it(
    project: Path, linked: str
) -> None:
    outside = project.parent / f"{project.name}-outside"
    (project / linked).rename(outside)
    (project / linked).symlink_to(outside)
    ran = run("check", "--at", AT, cwd=project)
    assert (ran.code, f"`{linked}` is a symbolic link" in ran.stderr) == (2, True)
    named: list[str | Path] = ["--policies", "policies", "scenarios/grant-demo-local"]
    assert run("check", *named, "--at", AT, cwd=project).code == 0


def test_a_usage_error_obeys_nothing_that_a_file_name_says(project: Path) -> None:
    for name in ("a\n::error::x.yaml", "b\x1b[31m##[error]x.yaml"):
        (project / "scenarios" / name).write_text("x")
    ran = run("check", cwd=project)
    assert ran.code == 2
    assert ran.stderr.splitlines()[-1] == (
        "Error: several scenarios could be meant: scenarios/a\\n:\\:error:\\:x.yaml, "
        "scenarios/b\\x1b[31m#\\#[error]x.yaml, scenarios/grant-demo-local; name one"
    )


def test_a_path_that_no_file_can_have_is_a_usage_error(project: Path) -> None:
    assert run("check", "x" * 300, cwd=project).code == 2
    assert run("check", "--policies", "x" * 300, cwd=project).code == 2


def test_a_stream_without_end_is_not_read_to_its_end(project: Path) -> None:
    ran = run("check", "-", stdin=b" " * 20_000_000, cwd=project)
    assert (ran.code, ran.stdout.splitlines()[0]) == (
        4,
        "error[BFG112]: the file is larger than 16,777,216 bytes, the limit",
    )


def test_a_configuration_that_would_take_minutes_is_refused(project: Path) -> None:
    (project / "pyproject.toml").write_text(".".join("a" * 100_000) + " = 1\n")
    ran = run("check", cwd=project)
    assert (ran.code, "a key has more than 16 parts" in ran.stderr) == (2, True)
    (project / "pyproject.toml").write_text("a = '" + "1.2 " * 100 + "'\nb.c.d = 1\n")
    assert run("check", "--at", AT, cwd=project).code == 0
