"""`bfg-policy schema`: every contract at hand, printed, listed or written out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.running import run
from tests.shared import ROOT

CONTRACTS = sorted(path.name for path in (ROOT / "contracts").glob("*.schema.json"))


@pytest.mark.parametrize("file", CONTRACTS)
def test_a_contract_is_printed_as_it_is(file: str, tmp_path: Path) -> None:
    ran = run("schema", file.removesuffix(".schema.json"), "--policies", ROOT / "policies")
    assert ran.code == 0
    printed = json.loads(ran.stdout)
    assert printed == json.loads((ROOT / "contracts" / file).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(printed)


def test_all_are_listed_with_what_they_are() -> None:
    ran = run("schema", "--policies", ROOT / "policies")
    lines = ran.stdout.splitlines()
    assert [line.split()[0] + ".schema.json" for line in lines] == CONTRACTS
    assert all(len(line.split()) > 3 for line in lines)


def test_what_a_contract_refers_to_is_written_with_it(tmp_path: Path) -> None:
    ran = run("schema", "policy.v1", "--write", "editor", cwd=tmp_path)
    assert ran.code == 0
    assert ran.stdout == (
        "wrote editor/common.v1.schema.json\nwrote editor/policy.v1.schema.json\n"
    )
    for path in (tmp_path / "editor").iterdir():
        assert path.read_bytes() == (ROOT / "contracts" / path.name).read_bytes()
    assert run("schema", "policy.v1", "--write", "editor", cwd=tmp_path).stdout == ""


@pytest.mark.parametrize("file", CONTRACTS)
def test_a_document_names_its_contract(file: str) -> None:
    """What a document says in `contract`, and a contract in `title`, finds it, too."""
    title = json.loads((ROOT / "contracts" / file).read_text(encoding="utf-8"))["title"]
    ran = run("schema", title, "--policies", ROOT / "policies")
    assert (ran.code, json.loads(ran.stdout)["title"]) == (0, title)


def test_a_title_of_two_contracts_names_neither(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "contracts").mkdir()
    contract = json.dumps({"title": "Twin.v1", "type": "object"})
    for name in ("One.v1", "Two.v1"):
        (tmp_path / "contracts" / f"{name}.schema.json").write_text(contract)
    assert run("schema", "One.v1", cwd=tmp_path).code == 0
    ran = run("schema", "Twin.v1", cwd=tmp_path)
    assert (ran.code, "there is no contract `Twin.v1`" in ran.stderr) == (2, True)


def test_a_name_nearly_right_is_suggested() -> None:
    ran = run("schema", "polcy.v1")
    assert ran.code == 2
    assert "there is no contract `polcy.v1`; did you mean `policy.v1`?" in ran.stderr


@pytest.mark.parametrize("hostile", ["::error::owned", "##[error]owned", "\x1b[31mred", "\u202e"])
def test_a_hostile_description_obeys_nobody(tmp_path: Path, hostile: str) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "contracts").mkdir()
    contract = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evil.v1",
        "description": hostile,
        "type": "object",
    }
    (tmp_path / "contracts" / "Evil.v1.schema.json").write_text(json.dumps(contract))
    for arguments in (["schema"], ["schema", "Evil.v1"]):
        ran = run(*arguments, cwd=tmp_path, environment={"CI": "true"})
        assert ran.code == 0, ran.stdout
        assert hostile not in ran.stdout
    assert json.loads(run("schema", "Evil.v1", cwd=tmp_path).stdout)["description"] == hostile
