"""The documentation tells what is: transcripts, examples, commands, the list of modules."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bfg_policy.catalogue import CATALOGUE
from bfg_policy.digest import record_digest
from tests.docs.transcripts import PAGES, regenerated
from tests.running import run
from tests.shared import ROOT

PACKAGE = ROOT / "bfg_policy"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_transcripts_are_what_the_product_prints(page: Path) -> None:
    assert regenerated(page) == page.read_text(encoding="utf-8"), "run `make docs`"


def test_the_readme_has_a_transcript_of_the_reference_scenario() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "NO-GO for db-auth-session-adapter · 17 of 85" in readme
    assert "= help: bfg-policy explain BFG403" in readme


def examples(language: str) -> list[tuple[str, str]]:
    fence = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [
        (f"{page.name}-{index}", text)
        for page in PAGES
        for index, text in enumerate(fence.findall(page.read_text(encoding="utf-8")))
    ]


POLICIES = [
    (name, text) for name, text in examples("yaml") if re.search(r"^policy:", text, re.MULTILINE)
]


@pytest.mark.parametrize(("name", "text"), POLICIES, ids=[name for name, _ in POLICIES])
def test_example_policies_are_sound(tmp_path: Path, name: str, text: str) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "example.yaml").write_text(text, encoding="utf-8")
    pack = {"pack": "example", "roles": ["managing_director"], "facts": "BFGFacts.v1"}
    (policies / "pack.yaml").write_text(yaml.safe_dump(pack))
    ran = run("lint", "--policies", policies)
    assert ran.code == 0, ran.stdout


def test_every_yaml_and_json_example_can_be_read() -> None:
    for _, text in examples("yaml"):
        yaml.safe_load(text)
    for _, text in examples("json"):
        json.loads(text)


def test_a_collector_of_ones_own_seals_records_as_the_page_says() -> None:
    ((_, code),) = [each for each in examples("python") if each[0].startswith("scenarios.md")]
    defined: dict[str, Any] = {}
    exec(code, defined)  # noqa: S102 - our own page
    for path in (ROOT / "scenarios").glob("*/evidence/*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        unsealed = {key: each for key, each in record.items() if key != "sha256"}
        assert defined["seal"](unsealed) == record
    odd = {"k": "as text\u2028\u007f\t\U0001f600", "n": {"b": [True, None], "a": -3}}
    assert defined["seal"](odd) == {**odd, "sha256": record_digest(odd)}


def test_the_architecture_names_every_module() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z_]+)`", page))
    modules = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
    }
    assert modules - {"__init__", "__main__"} <= listed


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_every_module_says_in_its_first_line_what_it_is_for(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert re.match(r'r?"""[A-Za-z`-].*[.:,;"]', first), first


def test_every_code_in_the_source_is_in_the_catalogue_and_the_other_way_round() -> None:
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "catalogue.py":
            used |= set(re.findall(r'"(BFG[0-9]{3})"', path.read_text(encoding="utf-8")))
    assert used == set(CATALOGUE)


COMMANDS = [
    *("check", "diff", "render", "explain", "eval", "lint", "test", "plan", "what-if"),
    *("accept", "withdraw", "waive", "probe", "rehearse", "packet", "init", "schema", "docs"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    assert f"bfg-policy {command}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert run(command, "--help").code == 0


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)], ids=str)
def test_the_help_keeps_its_lines(command: list[str]) -> None:
    ran = run(*command, "--help")
    assert "\\b" not in ran.stdout
    assert not re.search(r"Exit codes: *\S", ran.stdout)


def test_no_address_in_the_constraints() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"#.*|[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line), line


def test_every_yaml_names_its_contract() -> None:
    for path in [
        *(ROOT / "policies").glob("*.yaml"),
        *(ROOT / "scenarios").glob("*/scenario.yaml"),
    ]:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert found, path
        assert (path.parent / found[1]).is_file()
