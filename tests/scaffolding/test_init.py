"""`bfg-policy init`: what it writes passes everything, and nothing is ever overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bfg_policy.scaffolding import DEFAULT_ID, WORKFLOWS, id_from, is_id
from tests.running import run

AT = "2026-01-15T12:00:00Z"


@pytest.mark.parametrize("ci", [*WORKFLOWS, "none"])
def test_what_it_writes_passes(tmp_path: Path, ci: str) -> None:
    made = run("init", "--ci", ci, "--at", AT, cwd=tmp_path)
    assert made.code == 0, made.stderr
    told = {line.split()[1] for line in made.stdout.splitlines() if line.startswith("written")}
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert told == {path for path in there if (tmp_path / path).is_file()}
    assert (told & set(WORKFLOWS.values())) == ({WORKFLOWS[ci]} if ci != "none" else set())
    for command in (
        ["lint"],
        ["check", "--at", AT],
        ["render", "--check", "--at", AT],
        ["test", "--min-coverage", "100"],
        ["test", "--mutate"],
    ):
        ran = run(*command, cwd=tmp_path)
        assert ran.code == 0, ran.stdout + ran.stderr
        assert "[BFG" not in ran.stdout


def test_gitlab_keeps_the_report_of_a_job_that_fails(tmp_path: Path) -> None:
    assert run("init", "--ci", "gitlab", "--at", AT, cwd=tmp_path).code == 0
    pipeline = yaml.safe_load((tmp_path / WORKFLOWS["gitlab"]).read_text(encoding="utf-8"))
    assert pipeline["readiness"]["artifacts"]["when"] == "always"


def test_where_the_example_went_is_told_to_be_configured(tmp_path: Path) -> None:
    assert run("init", "--ci", "none", "--at", AT, cwd=tmp_path).code == 0
    (tmp_path / "scenarios/example").rename(tmp_path / "scenarios/mine")
    ran = run("check", cwd=tmp_path)
    assert ran.code == 2
    assert "no scenario `scenarios/example`, which the configuration names" in ran.stderr


def test_a_folder_is_made_and_named_in_the_next_step(tmp_path: Path) -> None:
    made = run("init", "deep/My Shop", cwd=tmp_path)
    assert made.code == 0, made.stderr
    assert made.stdout.endswith("Now: cd 'deep/My Shop'; bfg-policy check\n")
    pack = yaml.safe_load((tmp_path / "deep/My Shop/policies/pack.yaml").read_text())
    assert pack["pack"] == "my-shop"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "pack.yaml").write_text("mine\n")
    ran = run("init", cwd=tmp_path)
    assert ran.code == 2
    assert "nothing was written: policies/pack.yaml is there already" in ran.stderr
    assert [path.name for path in tmp_path.rglob("*.*")] == ["pack.yaml"]
    assert (tmp_path / "policies" / "pack.yaml").read_text() == "mine\n"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine\n")
    ran = run("init", "notes", cwd=tmp_path)
    assert (ran.code, "Directory 'notes' is a file" in ran.stderr) == (2, True), ran


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    project = tmp_path / "project"
    project.mkdir()
    (project / "policies").symlink_to(outside)
    ran = run("init", cwd=project)
    assert (ran.code, "BFG605" in ran.stdout + ran.stderr) == (74, True)
    assert not list(outside.iterdir())


def test_every_modeline_leads_to_a_contract(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    modelines = 0
    for path in tmp_path.rglob("*.yaml"):
        found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
        assert found, path
        assert (path.parent / found[1]).is_file(), path
        modelines += 1
    assert modelines == 5


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("shop", "shop"),
        ("Ärzte à Genève", "arzte-a-geneve"),
        ("My Shop", "my-shop"),
        ("Łódź 2", "odz-2"),
        ("--x--", "x"),
        ("$(touch pwned)", "touch-pwned"),
        ("\x1b[31m", "31m"),
        ("病院", DEFAULT_ID),
        ("a" * 101, DEFAULT_ID),
    ],
)
def test_the_packs_id_comes_from_the_folder(name: str, made: str) -> None:
    assert id_from(name) == made
    assert is_id(made)


@pytest.mark.parametrize("name", ["", "A", "a b", "a--b", "-a", "a\n", "PACK-ID", "a" * 101])
def test_an_id_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    ran = run("init", "--pack", name, cwd=tmp_path)
    assert ran.code == 2
    assert "is no id" in ran.stderr
    assert not list(tmp_path.iterdir())
