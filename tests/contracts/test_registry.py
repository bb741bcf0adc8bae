"""Which contract a name means; and what is refused as a contract (BFG207)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bfg_policy.contracts import Contracts, load_contracts
from bfg_policy.errors import ContractError, SourceError
from bfg_policy.resources import packaged
from bfg_policy.source import parse_document
from tests.shared import ROOT
from tests.source.marked import token_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contracts.conftest import Make


def write(folder: Path, **schemas: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for name, schema in schemas.items():
        file = folder / f"{name.replace('_', '.')}.schema.json"
        file.write_text(json.dumps(schema, indent=1))
    return folder


def test_who_wins(tmp_path: Path) -> None:
    """The engine's own contracts are the product's; of the others the first folder's."""
    product = write(tmp_path / "product", policy_v1={"title": "ours"}, Facts_v1={"title": "packed"})
    first = write(tmp_path / "first", policy_v1={"title": "theirs"}, A_v1={"title": "first"})
    second = write(tmp_path / "second", A_v1={"title": "second"}, Facts_v1={"title": "own"})
    (second / "notes.md").touch()
    (second / "other.json").touch()
    contracts = load_contracts(product, [first, tmp_path / "none", second, product])
    assert contracts.names == ("A.v1", "Facts.v1", "policy.v1")
    titles = {name: contracts.schema(name)["title"] for name in contracts.names}
    assert titles == {"A.v1": "first", "Facts.v1": "own", "policy.v1": "ours"}
    with pytest.raises(KeyError):
        contracts.schema("B.v1")


def test_references_are_resolved_between_files(make: Make) -> None:
    contracts = make(
        A_v1={"properties": {"x": {"$ref": "B.v1.schema.json#/$defs/a~1b"}}, "$defs": {"y": {}}},
        B_v1={"$defs": {"a/b": {"items": {"$ref": "#/$defs/c"}}, "c": {"type": "string"}}},
    )
    found = contracts.resolve("A.v1", "B.v1.schema.json#/$defs/a~1b")
    assert found == {"items": {"$ref": "B.v1.schema.json#/$defs/c"}}
    assert contracts.resolve("A.v1", found["items"]["$ref"]) == {"type": "string"}
    assert contracts.resolve("A.v1", "#/$defs/y") == {}
    for ref in ("#/$defs/z", "#x", "C.v1.schema.json", "http://example.com/a.schema.json"):
        with pytest.raises(KeyError):
            contracts.resolve("A.v1", ref)


def test_contracts_that_refer_to_each_other(make: Make) -> None:
    contracts = make(
        A_v1={"additionalProperties": {"$ref": "B.v1.schema.json"}},
        B_v1={"type": "object", "additionalProperties": {"$ref": "A.v1.schema.json"}},
    )
    good = parse_document(b"a: {b: {c: {}}}", "f")
    assert contracts.findings([("A.v1", good.data)], good) == []
    bad = parse_document(b"a: {b: {c: 1}}", "f")
    assert [f.code for f in contracts.findings([("A.v1", bad.data)], bad)] == ["BFG203"]


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, '"http', "2020-12"),
    ({"requird": ["a"]}, '"requird"', "unknown keyword `requird`"),
    ({"properties": {"a": {"definitions": {}}}}, '"definitions"', "unknown keyword"),
    ({"properties": {"a": {"$id": "x"}}}, '"$id"', "only at the top"),
    ({"$anchor": "x"}, '"$anchor"', "unknown keyword"),
    ({"$dynamicRef": "#x"}, '"$dynamicRef"', "unknown keyword"),
    ({"format": "email"}, '"email"', "`date`, `date-time`"),
    ({"multipleOf": 0.1}, "0.1", "whole number"),
    ({"$ref": "http://127.0.0.1:9/x.schema.json"}, '"http', "no contract at hand"),
    ({"$ref": "file:///etc/passwd"}, '"file', "no contract at hand"),
    ({"$ref": "../A.v1.schema.json"}, '"../', "no contract at hand"),
    ({"$ref": "Nope.v1.schema.json"}, '"Nope', "no contract at hand"),
    ({"items": {"$ref": "#/$defs/none"}}, '"#/$defs/none"', "no contract at hand"),
    ({"$ref": "#/title", "title": "x"}, '"#/title"', "no contract at hand"),
    ({"pattern": "(?=a)"}, '"(?=a)"', "linear time"),
    ({"pattern": "("}, '"("', "linear time"),
    ({"pattern": "^\\S+$"}, '"^', "do not mean the same"),
    ({"pattern": "x\\b"}, '"x', "do not mean the same"),
    ({"pattern": "[[:alpha:]]"}, '"[[', "do not mean the same"),
    ({"pattern": "a{,2}"}, '"a{', "two engines"),
    ({"pattern": "a" * 1001}, '"aaa', "longer than"),
    ({"patternProperties": {"(?!a)": True}}, '"(?!a)"', "linear time"),
    ({"propertyNames": {"pattern": "(?<=a)b"}}, '"(?<=a)b"', "linear time"),
    ({"type": "strin"}, '"strin"', "`type` is not what JSON Schema 2020-12 allows"),
    ({"properties": {"a": {"required": "b"}}}, '"b"', "`required` is not what"),
    ({"minLength": -1}, "-1", "`minLength` is not what"),
]


@pytest.mark.parametrize(("schema", "token", "words"), REFUSED)
def test_what_is_no_contract(make: Make, schema: dict[str, Any], token: str, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        make(A_v1=schema, B_v1={})
    (finding,) = caught.value.findings
    assert finding.code == "BFG207"
    assert finding.place.path == "contracts/A.v1.schema.json"
    assert token_at(finding.place).startswith(token)
    assert words in finding.message


def test_a_misspelt_keyword_has_a_suggestion(make: Make) -> None:
    with pytest.raises(ContractError) as caught:
        make(A_v1={"requird": ["a"]})
    assert caught.value.findings[0].suggestion == "required"


@pytest.mark.parametrize(
    "schema",
    [
        {"$id": "https://example.com/a.json", "x-note": 1, "examples": [{"requird": 1}]},
        {"properties": {"requird": {}, "$id": {}, "pattern": {"const": "(?=a)"}}},
        {"pattern": "\\\\Sx", "$defs": {"pattern": {"pattern": "^\\d+\\.[^ \\t]$"}}},
        {"default": {"$ref": "http://example.com"}, "enum": [{"$ref": "x"}]},
    ],
)
def test_what_is_one_all_the_same(make: Make, schema: dict[str, Any]) -> None:
    assert make(A_v1=schema).names == ("A.v1",)


def test_a_broken_file_is_told_as_such(tmp_path: Path) -> None:
    folder = write(tmp_path / "contracts")
    (folder / "A.v1.schema.json").write_text('{"type": "object",}')
    with pytest.raises(SourceError, match="BFG103"):
        load_contracts(tmp_path / "none", [folder])


def test_a_linked_contract_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "contracts")
    (folder / "A.v1.schema.json").symlink_to("/etc/passwd")
    with pytest.raises(ContractError, match="symbolic link"):
        load_contracts(tmp_path / "none", [folder])


@pytest.mark.parametrize("file", sorted((ROOT / "contracts").glob("*.json")), ids=lambda f: f.name)
def test_the_products_own_contracts_are_contracts(file: Path) -> None:
    contracts = load_contracts(file.parent, [])
    name = file.name.removesuffix(".schema.json")
    if name[0].islower():
        assert contracts.schema(name)
    else:
        assert load_contracts(file.parent, [file.parent]).schema(name)


@pytest.mark.parametrize("path", sorted(packaged("contracts").glob("*.json")), ids=lambda p: p.name)
def test_the_products_own_contracts_are_sound(path: Path) -> None:
    """On every run they are trusted, so here they are checked as a pack's are."""
    files = {each.name.removesuffix(".schema.json"): each for each in path.parent.glob("*.json")}
    Contracts(files).schema(path.name.removesuffix(".schema.json"))
