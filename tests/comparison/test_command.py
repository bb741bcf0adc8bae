"""`bfg-policy diff` and `check --policies-from`, as users run them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.comparison.lab import written
from tests.evaluation.lab import gates, scenario
from tests.revisions.repository import Repository
from tests.running import Ran, run

AT = "2026-11-20T12:00:00Z"
POLICY = "policies/main.yaml"
SCENARIO = "scenarios/one.json"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A project with one gate that is ready, committed on `main`; the work tree is the same."""
    shutil.copytree(written(gates(a={"rule": "ok"}), scenario(ok=True)), tmp_path / "p")
    made = Repository(tmp_path / "p")
    made.commit("the base")
    return made


def diff(repository: Repository, *arguments: str | Path, cwd: Path | None = None) -> Ran:
    return run("diff", *arguments, "--at", AT, cwd=cwd or repository.folder)


def document(ran: Ran) -> dict[str, Any]:
    assert ran.stderr == ""
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def turn_off(repository: Repository) -> None:
    repository.edit(SCENARIO, '"ok": true', '"ok": false')


def test_the_work_tree_is_compared_as_it_is(repository: Repository) -> None:
    turn_off(repository)
    found = document(diff(repository, "main", "--format", "json"))
    assert (found["before"]["name"], found["after"]["name"]) == ("main", "the work tree")
    (move,) = found["moves"]
    assert (move["from"], move["to"]) == ("ready", "next")
    assert move["causes"] == [
        {"kind": "fact", "what": "`ok`: true → false", "where": f"{SCENARIO}:23:8"}
    ]


def test_two_revisions(repository: Repository) -> None:
    turn_off(repository)
    repository.commit()
    repository.edit(SCENARIO, '"ok": false', '"ok": 3')  # what lies there is not looked at
    found = document(diff(repository, "HEAD~1", "main", "--format", "json"))
    (move,) = found["moves"]
    assert move["causes"][0]["where"] == f"main:{SCENARIO}:23:8"


def test_two_folders_and_none_is_a_repository(tmp_path: Path) -> None:
    before = written(gates(a={"rule": "ok"}), scenario(ok=True))
    after = written(gates(a={"rule": "ok"}), scenario(ok=False))
    shutil.copytree(before, tmp_path / "before")
    found = document(run("diff", "before", after, "--at", AT, "--format", "json", cwd=tmp_path))
    (move,) = found["moves"]
    assert move["causes"][0]["where"] == f"{after}/{SCENARIO}:23:8"
    assert found["before"]["name"] == "before"


def test_a_name_is_a_revision_first_and_a_path_a_folder(repository: Repository) -> None:
    shutil.copytree(repository.folder / "policies", repository.folder / "main/policies")
    found = document(diff(repository, "main", "--format", "json"))
    assert found["moves"] == []
    ran = diff(repository, "./main")
    assert "there is no scenario to judge" in ran.stdout  # of the folder `./main`


def test_from_a_folder_below_the_top_of_the_repository(tmp_path: Path) -> None:
    folder = tmp_path / "p" / "services" / "shop"
    shutil.copytree(written(gates(a={"rule": "ok"}), scenario(ok=True)), folder)
    made = Repository(tmp_path / "p")
    made.commit()
    made.edit(f"services/shop/{SCENARIO}", '"ok": true', '"ok": false')
    found = document(diff(made, "main", "--format", "json", cwd=folder))
    (move,) = found["moves"]
    assert move["causes"][0]["where"] == f"{SCENARIO}:23:8"
    made.edit(f"services/shop/{POLICY}", "rule: ok", "rule: count > 0")
    found = document(diff(made, "main", "HEAD", "--format", "json", cwd=folder))
    assert found["moves"] == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "regressed"], 1),
        (["--fail-on", "weakened"], 0),
        (["--fail-on", "weakened", "--fail-on", "regressed"], 1),
    ],
)
def test_what_fails(repository: Repository, options: list[str], code: int) -> None:
    turn_off(repository)
    ran = diff(repository, "main", *options)
    assert ran.code == code
    last = ran.stdout.splitlines()[-1]
    assert last.startswith(f"exit {code}: 1 gate regressed, 0 places weakened")
    assert f"{'error' if code else 'warning'}[BFG641]" in ran.stdout


def test_a_weakness_fails_where_it_is_asked_to(repository: Repository) -> None:
    repository.edit(POLICY, "rule: ok", "rule: ok || count > 3")
    ran = diff(repository, "main", "--fail-on", "weakened", "--format", "json")
    assert ran.code == 1
    (weakness,) = document(ran)["weakened"]
    assert weakness == {
        "kind": "rule",
        "gate": "main/a",
        "what": "its rule passes where it did not",
        "where": f"{POLICY}:5:11",
        "witness": "`ok`: it is false",
    }
    assert diff(repository, "main", "--fail-on", "regressed").code == 0


def test_a_base_that_cannot_be_judged_does_not_hide_head(repository: Repository) -> None:
    repository.edit(POLICY, "rule: ok", "rule: okk")
    repository.commit("broken")
    repository.edit(POLICY, "rule: okk", "rule: ok")
    ran = diff(repository, "main")
    assert ran.code == 0
    assert "warning[BFG643]: `main` cannot be judged" in ran.stdout
    assert "main:policies/main.yaml:5:11" in ran.stdout
    assert "nothing is known of what `--fail-on` asks" not in ran.stdout
    asked = diff(repository, "main", "--fail-on", "regressed")
    assert "nothing is known of what `--fail-on` asks" in asked.stdout
    found = document(diff(repository, "main", "--format", "json", "--fail-on", "regressed"))
    assert (found["before"], found["after"]["ready"]) == (None, 1)
    assert [each["path"] for each in found["base_findings"]] == [f"main:{POLICY}"]


def test_a_head_that_cannot_be_judged_is_no_comparison(repository: Repository) -> None:
    repository.edit(POLICY, "rule: ok", "rule: okk")
    ran = diff(repository, "main")
    assert ran.code == 4
    assert "error[BFG402]" in ran.stdout
    repository.commit("broken")
    ran = diff(repository, "HEAD~1", "HEAD", "--format", "json")
    assert ran.code == 4
    assert document(ran)["findings"][0]["path"] == f"HEAD:{POLICY}"


@pytest.mark.parametrize("names", [("",), (" ",), ("main", "")])
def test_an_empty_name_compares_nothing(repository: Repository, names: tuple[str, ...]) -> None:
    """As of a variable that is not set: what is not compared must not pass for unchanged."""
    ran = run("diff", *names, "--at", AT, cwd=repository.folder)
    assert (ran.code, "an empty name" in ran.stderr) == (2, True)


@pytest.mark.parametrize("revision", ["main..HEAD", "main...HEAD"])
def test_a_range_is_no_revision(repository: Repository, revision: str) -> None:
    ran = diff(repository, revision)
    assert (ran.code, "note: a range is no revision" in ran.stdout) == (4, True)


@pytest.mark.parametrize("revision", ["nothing", "-x", "main\x1b[31m"])
def test_a_revision_that_is_not_there(repository: Repository, revision: str) -> None:
    ran = run("diff", "--at", AT, "--", revision, cwd=repository.folder)
    assert ran.code == 4
    assert "error[BFG151]" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_no_repository(tmp_path: Path) -> None:
    folder = written(gates(a={"rule": "ok"}), scenario(ok=True))
    ran = run(
        "diff", "main", cwd=folder, environment={"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    )
    assert (ran.code, "error[BFG150]" in ran.stdout) == (4, True)


def test_a_scenario_that_the_base_does_not_have(repository: Repository) -> None:
    (repository.folder / SCENARIO).rename(repository.folder / "scenarios/two.json")
    ran = diff(repository, "main")
    assert ran.code == 0
    assert ran.stdout.splitlines()[0].startswith("reactor")
    for name in ("scenarios/two.json", "two"):
        ran = diff(repository, "main", "--scenario", name)
        assert (ran.code, "BFG643" in ran.stdout) == (0, True)
    ran = diff(repository, "main", "--scenario", SCENARIO)
    assert (ran.code, f"there is no scenario `{SCENARIO}`" in ran.stderr) == (2, True)


def test_two_scenarios_are_compared_by_the_policies_at_hand(
    repository: Repository, tmp_path: Path
) -> None:
    folder = repository.folder / "scenarios"
    outside = tmp_path / "apart" / "lab"
    for path, is_ok in ((folder / "shut", False), (folder / "open", True), (outside, True)):
        path.mkdir(parents=True)
        (path / "scenario.yaml").write_text(json.dumps(scenario(ok=is_ok)))
    for head in ("scenarios/open", "./scenarios/open", outside, "../apart/lab"):
        ran = diff(repository, "scenarios/shut", head, "--format", "json")
        found = document(ran)
        assert [(each["gate"], each["from"], each["to"]) for each in found["moves"]] == [
            ("main/a", "next", "ready")
        ]
        assert (found["before"]["name"], found["after"]["name"]) == ("scenarios/shut", str(head))
        assert (found["policy_changed"], found["weakened"]) == (False, [])
    # With the work tree's scenario, and with that of a revision.
    found = document(diff(repository, "scenarios/shut", "--scenario", SCENARIO, "--format", "json"))
    assert (found["before"]["ready"], found["after"]["ready"]) == (0, 1)
    found = document(diff(repository, "main", "scenarios/shut", "--format", "json"))
    assert (found["before"]["ready"], found["after"]["ready"]) == (1, 0)
    # A project's folder is none of a scenario, whatever lies at its top.
    shutil.copy(folder / "shut" / "scenario.yaml", repository.folder)
    found = document(diff(repository, ".", "--scenario", SCENARIO, "--format", "json"))
    assert (found["before"]["ready"], found["moves"]) == (1, [])


WAIVED = {"gate": "main/a", "reason": "soon", "requested_by": "ann", "approved_by": "bob"}


@pytest.mark.parametrize("before", [None, "{"], ids=["no such scenario", "one with mistakes"])
def test_a_new_scenario_does_not_hide_what_the_policies_lost(
    repository: Repository, before: str | None
) -> None:
    """Else nobody would be told of a weaker policy that comes with a scenario of its own."""
    if before is not None:
        repository.write("scenarios/new.json", before)
        repository.commit("broken")
    new = json.loads((repository.folder / SCENARIO).read_text())
    new |= {"scenario": "new", "ok": False}
    new |= {"waivers": [{**WAIVED, "expires": "2030-01-01T00:00:00Z"}]}
    repository.write("scenarios/new.json", json.dumps(new))
    repository.edit(POLICY, "rule: ok", "rule: ok || count > 3")
    asked = ("main", "--scenario", "scenarios/new.json", "--fail-on", "weakened")
    ran = diff(repository, *asked, "--format", "json")
    found = document(ran)
    assert ran.code == 1
    assert [each["kind"] for each in found["weakened"]] == ["rule", "waiver"]
    assert found["before"]["scenario"] == "new"
    assert [each["path"] for each in found["base_findings"]] == ["main:scenarios/new.json"]
    (move,) = found["moves"]
    assert (move["from"], move["to"]) == ("next", "waived")
    assert [each["kind"] for each in move["causes"]] == ["waiver"]
    for form in ("text", "markdown"):
        assert "cannot be judged by itself" in diff(repository, *asked, "--format", form).stdout


def test_a_project_that_had_no_policies_is_not_compared_with_packaged_ones(
    repository: Repository,
) -> None:
    for name in ("policies", "contracts", "scenarios"):
        shutil.move(repository.folder / name, repository.folder.parent / name)
    repository.commit("nothing is left")
    for name in ("policies", "contracts", "scenarios"):
        shutil.move(repository.folder.parent / name, repository.folder / name)
    found = document(diff(repository, "HEAD", "--format", "json"))
    assert (found["before"], found["weakened"]) == (None, [])


def test_two_scenarios_are_told_apart(repository: Repository) -> None:
    repository.edit(SCENARIO, '"one"', '"two"')
    assert "main (scenario one) at" in diff(repository, "main").stdout
    assert "`main` (scenario `one`) at" in diff(repository, "main", "--format", "markdown").stdout


def test_each_side_is_read_by_its_own_configuration(repository: Repository) -> None:
    """Files that move with their configuration are no change."""
    for name in ("policies", "contracts"):
        (repository.folder / name).rename(repository.folder / f"moved-{name}")
    repository.write(
        "bfg-policy.toml", 'policies = "moved-policies"\ncontracts = "moved-contracts"\n'
    )
    found = document(diff(repository, "main", "--format", "json"))
    assert (found["moves"], found["weakened"], found["policy_changed"]) == ([], [], False)


def test_a_configuration_that_cannot_be_used(repository: Repository) -> None:
    repository.write("bfg-policy.toml", "policy = 'x'\n")
    repository.commit()
    (repository.folder / "bfg-policy.toml").unlink()
    ran = diff(repository, "main")
    assert (ran.code, "error[BFG153]" in ran.stdout) == (4, True)
    assert diff(repository, "main", "--isolated").code == 0


def test_a_path_that_leads_out_is_a_mistake(repository: Repository) -> None:
    ran = diff(repository, "main", "--policies", "../policies")
    assert (ran.code, "leads out of the project" in ran.stderr) == (2, True)


def test_a_link_is_followed_only_where_it_is_named(repository: Repository) -> None:
    (repository.folder / "policies").rename(repository.folder / "elsewhere")
    (repository.folder / "policies").symlink_to("elsewhere")
    ran = diff(repository, "main")
    assert (ran.code, "error[BFG101]: a symbolic link" in ran.stdout) == (4, True)
    repository.write("bfg-policy.toml", 'policies = "policies"\n')
    assert diff(repository, "main").code == 4
    (repository.folder / "bfg-policy.toml").unlink()
    assert diff(repository, "main", "--policies", "policies").code == 0
    repository.commit()
    ran = diff(repository, "HEAD~1", "HEAD")
    assert (ran.code, "error[BFG152]" in ran.stdout) == (4, True)


def test_nothing_is_left_behind(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    turn_off(repository)
    before = repository.git("status", "--porcelain")
    for form in ("text", "json", "markdown"):
        ran = diff(repository, "HEAD", "main", "--format", form)
        assert (ran.code, str(scratch) in ran.stdout) == (0, False)
    diff(repository, "main")
    assert list(scratch.iterdir()) == []
    assert repository.git("status", "--porcelain") == before


def test_the_same_bytes_each_time(repository: Repository) -> None:
    turn_off(repository)
    repository.edit(POLICY, "rule: ok", "rule: ok || count > 3")
    for form in ("text", "json", "markdown"):
        first, second = (diff(repository, "main", "--format", form).stdout for _ in range(2))
        assert first == second


def test_outputs_of_several_formats(repository: Repository, tmp_path: Path) -> None:
    turn_off(repository)
    target = tmp_path / "comment.md"
    ran = diff(repository, "main", "--output", f"markdown={target}", "--format", "json")
    assert document(ran)["regressed"] == ["main/a"]
    assert target.read_text().startswith("<!-- bfg-policy:one -->\n### ")


# --- check --policies-from ----------------------------------------------------------------------


def check(repository: Repository, *arguments: str) -> Ran:
    return run("check", *arguments, "--at", AT, cwd=repository.folder)


def test_facts_are_judged_by_the_policies_of_a_revision(repository: Repository) -> None:
    turn_off(repository)
    repository.edit(POLICY, "rule: ok", "rule: '!ok'")  # a pull request that judges itself
    assert "1 of 1 gate ready" in check(repository).stdout
    ran = check(repository, "--policies-from", "main", "--require", "main")
    assert (ran.code, "0 of 1 gate ready" in ran.stdout) == (1, True)


def test_contracts_come_from_the_revision_too(repository: Repository) -> None:
    contract = "contracts/LabFacts.v1.schema.json"
    repository.edit(contract, '"additionalProperties": false', '"additionalProperties": true')
    repository.edit(SCENARIO, '"ok": true', '"ok": true, "new": 1')
    assert check(repository).code == 0
    ran = check(repository, "--policies-from", "main")
    assert (ran.code, "error[BFG201]" in ran.stdout) == (4, True)


def test_findings_name_the_revision(repository: Repository) -> None:
    repository.edit(POLICY, "rule: ok", "rule: okk")
    repository.commit()
    ran = check(repository, "--policies-from", "HEAD")
    assert (ran.code, "HEAD:policies/main.yaml:5:11" in ran.stdout) == (4, True)


def test_the_revisions_own_configuration_counts(repository: Repository) -> None:
    """A pull request cannot name other policies to be judged by."""
    shutil.copytree(repository.folder / "policies", repository.folder / "lenient")
    repository.edit("lenient/main.yaml", "rule: ok", "rule: '!ok'")
    repository.write("bfg-policy.toml", 'policies = "lenient"\ncontracts = "contracts"\n')
    turn_off(repository)
    assert "1 of 1 gate ready" in check(repository).stdout
    assert "0 of 1 gate ready" in check(repository, "--policies-from", "main").stdout


def test_a_revision_without_policies_judges_nothing(tmp_path: Path) -> None:
    made = Repository(tmp_path / "p")
    made.commit("empty")
    shutil.copytree(
        written(gates(a={"rule": "ok"}), scenario(ok=True)), tmp_path / "p", dirs_exist_ok=True
    )
    ran = check(made, "--policies-from", "main")
    assert (ran.code, "`main` has no folder of policies" in ran.stdout) == (3, True)
