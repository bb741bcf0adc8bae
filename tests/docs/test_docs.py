"""The documentation tells what is: transcripts, examples, commands, the list of modules."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bfg_policy.catalogue import CATALOGUE
from bfg_policy.cli import cli
from bfg_policy.digest import record_digest
from tests.docs.transcripts import PAGES, regenerated
from tests.revisions.repository import Repository
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


COMMANDS = cli.list_commands(click.Context(cli))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    assert f"bfg-policy {command}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert run(command, "--help").code == 0


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)], ids=str)
def test_the_help_keeps_its_lines(command: list[str]) -> None:
    ran = run(*command, "--help")
    assert "\\b" not in ran.stdout
    assert not re.search(r"Exit codes: *\S", ran.stdout)


LEAVES = [["packet", "verify"] if command == "packet" else [command] for command in COMMANDS]
# Those that would connect to a server, and one that takes long: only how they are written is tried.
_NOT_RUN = re.compile(r"probe|rehearse|--dsn|--mutate")


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_the_page_of_commands_has_each(command: list[str]) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    name = " ".join(command)
    assert f"\n## `bfg-policy {name}`\n\n```console\n$ bfg-policy {name} --help\n" in page
    assert f"| [`{name}`](#bfg-policy-{name.replace(' ', '-')}) |" in page


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_the_examples_of_the_help_work(command: list[str], tmp_path: Path) -> None:
    told = run(*command, "--help", environment={"COLUMNS": "100"}).stdout
    assert "\n  Exit codes:\n    0  " in told
    found = re.search(r"\n  Examples?:\n(.*?)\n\n", told, re.DOTALL)
    assert found, told
    project = tmp_path / "project"
    project.mkdir()
    if command != ["init"]:  # the examples are about the pack that `init` writes
        for given in (
            "init . --pack shop",
            "accept handover --as omar --at 2026-01-12T09:00:00Z",
            "render --at 2026-01-15T12:00:00Z",
        ):
            assert run(*given.split(), cwd=project).code == 0
    repository = Repository(project)
    repository.commit()
    repository.git("commit", "--quiet", "--allow-empty", "--message", "another")
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    for line in re.sub(r"\\\n *", "", found[1]).splitlines():
        _, _, written = line.partition("bfg-policy ")
        arguments = [
            each
            for word in shlex.split(written)
            for each in (sorted(map(str, _in(project, word))) if "*" in word else [word])
        ]
        assert arguments[: len(command)] == command, line
        if _NOT_RUN.search(line):
            _parse(cli, arguments)
        else:
            ran = run(*arguments, cwd=project)
            assert ran.code in (0, 1), (line, ran)
            assert "Usage:" not in ran.stderr


def _in(project: Path, pattern: str) -> list[Path]:
    return [path.relative_to(project) for path in project.glob(pattern)]


def _parse(command: click.Command, arguments: list[str]) -> None:
    """Raise a usage error where the command does not take these arguments; run nothing."""
    context = command.make_context("bfg-policy", list(arguments))
    if isinstance(command, click.Group):
        _, chosen, rest = command.resolve_command(context, arguments)
        assert chosen is not None
        _parse(chosen, rest)


def test_the_page_of_commands_names_every_variable() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = re.compile(
        r'"((?:BFG|PG|GITHUB|GITLAB|XDG)_?[A-Z_]{2,}|[A-Z]+_COLOR|CI|TERM|TF_BUILD)"'
    )
    used = {
        name
        for path in (PACKAGE / "cli").glob("*.py")
        for name in named.findall(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 15
    assert used <= set(re.findall(r"`([A-Z_]+)`", page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, _, heading in _links(page):
        target = page.parent / path if path else page
        assert target.exists(), path
        if heading:
            assert heading in _headings(target), (path, heading)


def test_every_page_can_be_found_and_leads_on() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {path for path, _, _ in _links(index)}
    for page in PAGES:
        if page.parent == index.parent and page != index:
            assert page.name in listed
            assert "README.md" in {path for path, _, _ in _links(page)}, page


def _links(page: Path) -> list[tuple[str, str, str]]:
    """The links of a page into the repository: path, `#` and heading."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.partition("#") for link in links if "://" not in link]


def _headings(page: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


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
