"""Fake credentials in every kind of place: refused or redacted, and nowhere in any output."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import pytest

from bfg_policy.reporters import REPORTERS
from tests.hardening import market
from tests.running import Ran, run
from tests.secrets.examples import FORMS
from tests.shared import SHARED

AT = ("--at", market.AT)
CORPUS = SHARED / "corpus" / "secrets.jsonl"
FORMATS = tuple(REPORTERS)


class Secret(NamedTuple):
    """A fake credential: what stands in an input, and the part of it that nobody may see."""

    id: str
    text: str
    value: str


def _lines() -> list[dict[str, object]]:
    if not CORPUS.is_file():
        return []
    return [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]


def secrets() -> list[Secret]:
    """Those that their form gives away: the corpus', or ours where it is not here."""
    found = [
        Secret(str(line["id"]), str(line["text"]), str(line["value"]))
        for line in _lines()
        if line.get("told_by") == "form"
    ]
    return found or [Secret(each.name, each.text, each.secret) for each in FORMS]


def look_alikes() -> list[str]:
    return [str(line["text"]) for line in _lines() if not line["secret"]]


SECRETS = secrets()
# Of one line, and short enough for a name: these can stand where no block can.
WORDS = [each for each in SECRETS if "\n" not in each.text and len(each.text) < 200]
# One each of some kinds, for the places that cost a run of their own.
SAMPLE = [
    Secret("url", "postgres://ops:Kestrel" + "-41-wharf@db.example/bfg", "Kestrel" + "-41-wharf"),
    *WORDS[::9],
]


def assert_untold(ran: Ran, secret: Secret, *folders: Path) -> None:
    """No part of a secret that is worth a try is in what was printed or written."""
    told = [ran.stdout, ran.stderr]
    for folder in folders:
        told += [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]
    pieces = {secret.value, json.dumps(secret.value)[1:-1]}
    lines = [line for line in secret.value.split("\n") if len(line) >= 8]
    for text in told:
        for piece in (*pieces, *lines):
            assert piece not in text, (secret.id, ran)


@cache
def base() -> Path:
    folder = market.write(Path(mkdtemp(prefix="secrets-")), ["one", "two"])
    (folder / "policies/database").mkdir()
    (folder / "policies/tests").mkdir()
    run("render", *AT, cwd=folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(base(), tmp_path / "project")
    return tmp_path / "project"


def quoted(text: str) -> str:
    return market.yaml_text(text)


def policy(**changed: object) -> str:
    return market.yaml_text({**market.board(9, "nine"), **changed})


def gate(**changed: object) -> str:
    return policy(gates={"a": {"accept": True, **changed}})


def scenario(change: Callable[[dict[str, object]], object]) -> str:
    document = market.scenario(["one", "two"], "north")
    change(document)
    return market.yaml_text(document)


def fact(key: str, of: Callable[[str], object]) -> Callable[[str], str]:
    return lambda text: scenario(lambda document: document.__setitem__(key, of(text)))


def contract(text: str) -> str:
    return json.dumps({**market.FACTS, "description": text})


SCENARIO = f"{market.SCENARIO}/scenario.yaml"
POLICY = "policies/mine.yaml"
# Kind of place: the file, and what stands in it.
FILES: dict[str, tuple[str, Callable[[str], str]]] = {
    "policy title": (POLICY, lambda text: policy(title={"en": text})),
    "gate title": (POLICY, lambda text: gate(title={"fr": text})),
    "remedy": (POLICY, lambda text: gate(remedy={"en": text})),
    "label": (POLICY, lambda text: gate(labels={"sign": text})),
    "rule literal": (POLICY, lambda text: gate(rule=f"words[0] == {market.cel(text)}")),
    "also": (POLICY, lambda text: policy(decision=[{"code": "A", "also": {"b": text}}])),
    "unknown key": (POLICY, lambda text: gate(**{text[:900]: 1})),
    "comment": (POLICY, lambda text: "".join(f"# {x}\n" for x in text.split("\n")) + policy()),
    "what is no YAML": (POLICY, lambda text: f"policy: [\n{text}\n"),
    "pack.yaml": ("policies/pack.yaml", lambda text: f"pack: market\nversion: {quoted(text)}\n"),
    "template": ("policies/templates/sheet.txt.j2", lambda text: f"{text}\n"),
    "template comment": ("policies/templates/words.md.j2", lambda text: f"{{# {text} #}}\n"),
    "contract": ("contracts/MarketFacts.v1.schema.json", contract),
    "schema map": ("policies/database/main.yaml", lambda text: f"schema_map: {quoted(text)}\n"),
    "policy test": ("policies/tests/a.yaml", lambda text: f"suite: {quoted(text)}\n"),
    "facts": (SCENARIO, fact("words", lambda text: ["one", text])),
    "fact's key": (SCENARIO, fact("wares", lambda text: {text[:900]: 1})),
    "tenant": (SCENARIO, fact("tenant", lambda text: text)),
    "actor's name": (
        SCENARIO,
        fact("actors", lambda text: [{"id": "a", "name": text, "role": "clerk"}]),
    ),
    "waiver's reason": (SCENARIO, fact("waivers", lambda text: [{"reason": text}])),
    "acceptance's note": (
        f"{market.SCENARIO}/acceptances/a.json",
        lambda text: json.dumps({"gate": "b000/signed", "note": text}),
    ),
    "snapshot": (
        f"{market.SCENARIO}/snapshot.json",
        lambda text: json.dumps({"schema": "Goods.v1", "tables": {"goods": [{"id": text}]}}),
    ),
    "evidence": (
        f"{market.SCENARIO}/evidence/round2.json",
        lambda text: json.dumps({"contract": "Round.v1", "walk": {"note": text}}),
    ),
    "standard input": ("-", lambda text: f"scenario: {quoted(text)}\n"),
}


def reads(path: str) -> tuple[str, ...]:
    """The command that reads a file."""
    if path == "-":
        return ("check", "-", *AT)
    if path.startswith("policies/tests"):
        return ("test",)
    return ("check", *AT)


def put(project: Path, path: str, text: str) -> Ran:
    """Write a file, let it be read, and take it back."""
    if path == "-":
        return run(*reads(path), cwd=project, stdin=text.encode())
    file = project / path
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    if path.startswith("policies/database"):
        pack = project / "policies/pack.yaml"
        own = pack.read_text("utf-8")
        pack.write_text(own.replace("}\n", ', "schema_map": "database/main.yaml"}\n'), "utf-8")
        ran = run(*reads(path), cwd=project)
        pack.write_text(own, "utf-8")
        return ran
    ran = run(*reads(path), cwd=project)
    if before is None:
        file.unlink()
    else:
        file.write_bytes(before)
    return ran


def test_there_are_enough_kinds_of_place() -> None:
    assert len(FILES) + len(ARGUMENTS) + len(OTHERS) >= 40


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_in_a_file(kind: str, project: Path) -> None:
    """Every eighth of them there, and all of them in one place or another."""
    path, written = FILES[kind]
    start = list(FILES).index(kind) % 8
    for secret in [SAMPLE[0], *SECRETS[start::8]]:
        ran = put(project, path, written(secret.text))
        assert_untold(ran, secret)
        assert (ran.code, "BFG701" in ran.stdout) == (4, True), (secret.id, ran)


@pytest.mark.parametrize("form", FORMATS)
def test_in_every_format(form: str, project: Path) -> None:
    """In a value, and with two mistakes besides, which would show the line."""
    for secret in SAMPLE:
        (project / POLICY).write_text(
            policy(title={"en": secret.text}, ownr=[secret.text]), "utf-8"
        )
        (project / "out").mkdir(exist_ok=True)
        ran = run("lint", "--format", form, "--output", f"{form}=out/x", cwd=project)
        assert ran.code == 4
        assert_untold(ran, secret, project / "out")
        ran = run("lint", "--format", form, cwd=project, environment={"CI": "1"})
        assert_untold(ran, secret)


def test_at_least_four_in_five_are_refused_and_hardly_a_look_alike(project: Path) -> None:
    refused = 0
    for secret in SECRETS:
        ran = put(project, SCENARIO, FILES["facts"][1](secret.text))
        assert_untold(ran, secret)
        refused += "BFG701" in ran.stdout
    assert refused >= 0.8 * len(SECRETS)
    benign = look_alikes()
    passed = sum(
        "BFG701" not in put(project, SCENARIO, FILES["facts"][1](text)).stdout for text in benign
    )
    assert passed >= 0.99 * len(benign)


# The command line, and the names of files: whatever is said of them, they are not shown.

ARGUMENTS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "scenario": lambda text: ("check", text),
    "--require": lambda text: ("check", "--require", text),
    "--policies": lambda text: ("check", "--policies", text),
    "--contracts": lambda text: ("check", "--contracts", text),
    "--at": lambda text: ("check", "--at", text),
    "--output": lambda text: ("check", "--output", f"json={text}/x"),
    "--output format": lambda text: ("check", "--output", text),
    "--format": lambda text: ("check", "--format", text),
    "--policies-from": lambda text: ("check", "--policies-from", text),
    "diff BASE": lambda text: ("diff", text),
    "diff HEAD": lambda text: ("diff", ".", text),
    "diff --scenario": lambda text: ("diff", ".", "--scenario", text),
    "explain": lambda text: ("explain", text),
    "plan": lambda text: ("plan", text),
    "eval": lambda text: ("eval", text),
    "eval literal": lambda text: ("eval", f"nothing == {market.cel(text)}"),
    "eval value": lambda text: ("eval", market.cel(text)),
    "eval --evidence": lambda text: ("eval", "1", "--evidence", text),
    "what-if --set": lambda text: ("what-if", "--set", text),
    "what-if --set value": lambda text: ("what-if", "--set", f"words[0]={market.cel(text)}"),
    "what-if --accept": lambda text: ("what-if", "--accept", text),
    "what-if --evidence": lambda text: ("what-if", "--evidence", text),
    "what-if --waive": lambda text: ("what-if", "--waive", f"b000/said={text}"),
    "what-if --later": lambda text: ("what-if", "--later", text),
    "schema": lambda text: ("schema", text),
    "test": lambda text: ("test", text),
    "test -k": lambda text: ("test", "-k", text),
    "docs": lambda text: ("docs", "--output", text, "--check"),
    "init": lambda text: ("init", "new", "--pack", text),
    "accept": lambda text: ("accept", text, "--as", "one"),
    "accept --as": lambda text: ("accept", "b000/signed", "--as", text),
    "accept --note": lambda text: ("accept", "b000/signed", "--as", "one", "--note", text, *AT),
    "accept --expires": lambda text: (
        *("accept", "b000/signed", "--as", "one"),
        *("--expires", text),
    ),
    "accept --scenario": lambda text: ("accept", "b000/signed", "--as", "a", "--scenario", text),
    "waive --reason": lambda text: (
        *("waive", "b000/said", "--as", "-olga", "--approved-by", "one", "--reason", text),
        *("--expires", "1d", *AT),
    ),
    "waive --approved-by": lambda text: (
        *("waive", "b000/said", "--as", "-olga", "--approved-by", text, "--reason", "x"),
        *("--expires", "1d", *AT),
    ),
    "probe --dsn": lambda text: ("probe", "--dsn", text),
    "rehearse --dsn": lambda text: ("rehearse", "--dsn", text),
    "packet verify --dsn": lambda text: ("packet", "verify", "--dsn", text),
    "an unknown option": lambda text: ("check", f"--{text}"),
    "an unknown command": lambda text: (text,),
}


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_on_the_command_line(kind: str, project: Path) -> None:
    kept = {path for path in project.rglob("*") if path.is_file()}
    for secret in SAMPLE:
        ran = run(*ARGUMENTS[kind](secret.text), cwd=project)
        assert ran.code in (0, 1, 2, 3, 4), (secret.id, ran)
        assert_untold(ran, secret)
    written = [path for path in project.rglob("*") if path.is_file() and path not in kept]
    assert not written


def _named(project: Path, secret: Secret, where: str, text: str) -> Ran | None:
    if "/" in secret.text:
        return None
    file = project / where.replace("NAME", secret.text)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    ran = run(*reads(where), "--format", "json", cwd=project)
    file.unlink()
    return ran


def _settings(project: Path, name: str, text: str) -> Ran:
    (project / name).write_text(text, "utf-8")
    ran = run("check", *AT, cwd=project)
    (project / name).unlink()
    return ran


def _environment(project: Path, name: str, secret: Secret) -> Ran:
    command = ("packet", "verify") if "DATABASE" in name else ("check", *AT)
    return run(*command, cwd=project, environment={name: secret.text})


OTHERS: dict[str, Callable[[Path, Secret], Ran | None]] = {
    "policy's name": lambda project, secret: _named(project, secret, "policies/NAME.yaml", "a: ["),
    "policy's suffix": lambda project, secret: _named(project, secret, "policies/NAME.yml", ""),
    "folder's name": lambda project, secret: _named(
        project, secret, f"{market.SCENARIO}/acceptances/NAME/a.json", "{"
    ),
    "evidence's name": lambda project, secret: _named(
        project, secret, f"{market.SCENARIO}/evidence/NAME.json", "{}"
    ),
    "test's name": lambda project, secret: _named(project, secret, "policies/tests/NAME.yaml", "["),
    "contract's name": lambda project, secret: _named(
        project, secret, "contracts/NAME.v1.schema.json", "["
    ),
    "template's name": lambda project, secret: _named(
        project, secret, "policies/templates/NAME.j2", "{{"
    ),
    "setting": lambda project, secret: _settings(
        project, "bfg-policy.toml", f"policies = {json.dumps(secret.text)}\n"
    ),
    "unknown setting": lambda project, secret: _settings(
        project, "bfg-policy.toml", f"{json.dumps(secret.text)} = 1\n"
    ),
    "broken setting": lambda project, secret: _settings(
        project, "pyproject.toml", f"[tool.bfg-policy]\nx = {secret.text}\n"
    ),
    "BFG_DATABASE_URL": lambda project, secret: _environment(project, "BFG_DATABASE_URL", secret),
    "XDG_CACHE_HOME": lambda project, secret: _environment(project, "XDG_CACHE_HOME", secret),
    "GITHUB_STEP_SUMMARY": lambda project, secret: _environment(
        project, "GITHUB_STEP_SUMMARY", secret
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_elsewhere(kind: str, project: Path) -> None:
    for secret in SAMPLE:
        ran = OTHERS[kind](project, secret)
        if ran is not None:
            assert ran.code in (0, 1, 2, 3, 4), (secret.id, ran)
            assert_untold(ran, secret)


@pytest.mark.parametrize("kind", ["policy's name", "evidence's name", "test's name"])
def test_a_name_is_refused_not_only_redacted(kind: str, project: Path) -> None:
    secret = next(each for each in SAMPLE if "/" not in each.text)
    ran = OTHERS[kind](project, secret)
    assert ran is not None
    assert (ran.code, [each["code"] for each in json.loads(ran.stdout)["findings"]]) == (
        4,
        ["BFG701"],
    )
    assert "[redacted]" in ran.stdout


def test_an_argument_is_refused_before_anything_is_done(project: Path) -> None:
    ran = run("render", *AT, "--policies", SAMPLE[0].text, cwd=project)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("bfg-policy: an argument looks like a database password")


@pytest.mark.parametrize("command", [("render", "--check"), ("packet", "verify")])
def test_in_a_report_that_is_stale(command: tuple[str, ...], project: Path) -> None:
    report = project / "reports/day/readiness.md"
    before = report.read_text("utf-8")
    for secret in SECRETS[::3]:
        report.write_text(f"{before}\n{secret.text}\n", "utf-8")
        ran = run(*command, cwd=project)
        assert ran.code == 1
        assert_untold(ran, secret)


def test_in_a_revision(project: Path) -> None:
    """What another revision holds is refused as what lies here is."""
    environment = {
        **{f"GIT_{who}_{what}": "x@example.invalid" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
        "PATH": os.environ["PATH"],
        "HOME": str(project),
    }  # fmt: skip
    for secret in SAMPLE[:3]:
        (project / POLICY).write_text(policy(title={"en": secret.text}), "utf-8")
        for git in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
            subprocess.run(["git", *git], cwd=project, env=environment, check=True)
        (project / POLICY).unlink()
        for command in (("diff", "HEAD", *AT), ("check", "--policies-from", "HEAD", *AT)):
            ran = run(*command, cwd=project)
            assert re.search(r"BFG701|cannot be judged", ran.stdout), ran
            assert_untold(ran, secret)
