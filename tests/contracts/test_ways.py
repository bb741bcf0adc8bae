"""Contracts that no validator could ever finish with are refused; all others are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bfg_policy.contracts import load_contracts
from bfg_policy.contracts.ways import too_many_ways
from bfg_policy.errors import ContractError
from bfg_policy.source import parse_document
from tests.shared import ROOT

ITEM = {"type": "string"}


def doubling(levels: int, keyword: str = "anyOf") -> dict[str, Any]:
    """Each level leads to the next one twice."""
    defs: dict[str, Any] = {"l0": ITEM}
    for number in range(1, levels):
        ref = {"$ref": f"#/$defs/l{number - 1}"}
        defs[f"l{number}"] = {keyword: [ref, {"not": ref}]}
    return {"$defs": defs, "properties": {"a": {"$ref": f"#/$defs/l{levels - 1}"}}}


def test_doubling_is_refused_where_it_begins_to_cost() -> None:
    assert too_many_ways({"A": doubling(7)}) is None
    for keyword in ("anyOf", "allOf", "oneOf"):
        name, path = too_many_ways({"A": doubling(40, keyword)}) or ("", ())
        assert name == "A"
        assert path


def test_doubling_over_several_files() -> None:
    contracts: dict[str, dict[str, Any]] = {"L0": ITEM}
    for number in range(1, 40):
        ref = {"$ref": f"L{number - 1}.schema.json"}
        contracts[f"L{number}"] = {"anyOf": [ref, {"allOf": [ref]}]}
    assert too_many_ways(contracts) is not None


NODE = {"$ref": "#/$defs/n"}
BRANCH = {"properties": {"a": NODE}}


@pytest.mark.parametrize(
    "node",
    [
        {"properties": {"a": {"anyOf": [NODE, NODE]}}},
        {"oneOf": [BRANCH, BRANCH]},
        {"items": {"allOf": [NODE, {"not": NODE}]}},
        {"properties": {"a": NODE}, "patternProperties": {"^a": NODE}},
        {"additionalProperties": NODE, "if": {"additionalProperties": NODE}},
        {"prefixItems": [NODE], "contains": NODE},
        {"anyOf": [{"properties": {"a": {"items": NODE}}}, {"properties": {"a": {"items": NODE}}}]},
    ],
)
def test_doubling_with_the_depth_of_the_data_is_refused(node: dict[str, Any]) -> None:
    assert too_many_ways({"A": {"$defs": {"n": node}, **NODE}}) is not None


def test_doubling_with_each_level_of_a_tree_is_refused() -> None:
    schema: dict[str, Any] = ITEM
    for _ in range(12):
        schema = {"properties": {"a": {"anyOf": [schema, {"not": schema}]}}}
    assert too_many_ways({"A": schema}) is not None


def test_patterns_are_tried_on_few_fields() -> None:
    fields = {f"f{number}": ITEM for number in range(3_000)}
    schema = {"properties": fields, "patternProperties": {f"^x{n}": ITEM for n in range(90)}}
    assert too_many_ways({"A": schema}) is not None


def test_a_puzzle_is_refused() -> None:
    fields = {f"f{number}": ITEM for number in range(2_000)}
    schema = {"$defs": {"d": {"properties": fields}}, "$ref": "#/$defs/d"}
    for number in range(2_000):
        schema["$defs"][f"d{number}"] = {"$ref": "#/$defs/d"}  # type: ignore[index]
    assert too_many_ways({"A": schema}) is not None


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"anyOf": [{"const": number} for number in range(900)]},
        {"$defs": {"n": {"anyOf": [ITEM, {"properties": {"a": {"$ref": "#/$defs/n"}}}]}}},
        {"items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}},
        {"properties": {"a": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}},
        {"properties": {"a": {"$ref": "#"}}, "patternProperties": {"^b": {"$ref": "#"}}},
        {"prefixItems": [{"$ref": "#"}], "items": {"$ref": "#"}},
        {"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"b": {"$ref": "#"}}}]},
        {"properties": {"a": {"properties": {"a": {"properties": {"a": ITEM}}}}}},
        {
            "$defs": {"id": ITEM},
            "properties": {f"f{n}": {"$ref": "#/$defs/id"} for n in range(999)},
        },
        {"if": ITEM, "then": True, "else": False, "dependentSchemas": {"a": ITEM}},
        {"$ref": "Elsewhere.schema.json"},
    ],
)
def test_what_costs_little_is_taken(schema: dict[str, Any]) -> None:
    assert too_many_ways({"A": schema}) is None


@pytest.mark.parametrize(("count", "taken"), [(900, True), (20_000, False)])
def test_a_long_chain_costs_no_stack(count: int, taken: bool) -> None:
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(count)}
    whole = {"$defs": {**chain, f"d{count}": ITEM}, "$ref": "#/$defs/d0"}
    assert (too_many_ways({"A": whole}) is None) == taken


def test_the_product_s_own_contracts() -> None:
    known = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in (ROOT / "contracts").glob("*.json")
    }
    assert too_many_ways(known) is None


def test_it_is_a_finding_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "Wild.v1.schema.json").write_text(json.dumps(doubling(40), indent=1))
    contracts = load_contracts(ROOT / "contracts", [tmp_path], tmp_path)
    with pytest.raises(ContractError) as raised:
        contracts.accepts("Wild.v1", {"a": 1})
    (finding,) = raised.value.findings
    assert finding.code == "BFG207"
    assert finding.place.path == "Wild.v1.schema.json"
    assert finding.place.line is not None
    assert finding.place.line > 1


def test_it_is_refused_before_anything_is_tried(tmp_path: Path) -> None:
    (tmp_path / "Wild.v1.schema.json").write_text(json.dumps(doubling(40)))
    with pytest.raises(ContractError, match="alternatives of alternatives"):
        load_contracts(ROOT / "contracts", [tmp_path], tmp_path).closure("Wild.v1")


@pytest.mark.parametrize(("count", "taken"), [(100, True), (101, False)])
def test_so_many_patterns_of_keys(count: int, taken: bool, tmp_path: Path) -> None:
    patterns = {f"^x{number}$": ITEM for number in range(count)}
    (tmp_path / "Keys.v1.schema.json").write_text(json.dumps({"patternProperties": patterns}))

    def accepts() -> bool:
        contracts = load_contracts(ROOT / "contracts", [tmp_path], tmp_path)
        return contracts.accepts("Keys.v1", {"x1": "a"})

    if taken:
        assert accepts()
        return
    with pytest.raises(ContractError) as raised:
        accepts()
    (finding,) = raised.value.findings
    assert "more than 100 patterns" in finding.message


def test_each_of_equal_items_is_told(tmp_path: Path) -> None:
    """Those that are sound are tried once; those that are not are told one by one."""
    (tmp_path / "List.v1.schema.json").write_text(
        json.dumps({"properties": {"l": {"prefixItems": [True], "items": {"type": "integer"}}}})
    )
    contracts = load_contracts(ROOT / "contracts", [tmp_path], tmp_path)
    document = parse_document(b'{"l": ["x", 1, "x", 1, true, 1.0, "x", 1.5]}', "f", json=True)
    found = contracts.findings([("List.v1", document.data)], document)
    assert [finding.place.column for finding in found] == [16, 24, 35, 40]


def test_a_list_that_may_hold_no_more(tmp_path: Path) -> None:
    (tmp_path / "Pair.v1.schema.json").write_text(
        json.dumps({"properties": {"l": {"prefixItems": [True, True], "items": False}}})
    )
    contracts = load_contracts(ROOT / "contracts", [tmp_path], tmp_path)
    for text, count in ((b'{"l": [1, 2]}', 0), (b'{"l": [1, 2, 3, 4]}', 1)):
        document = parse_document(text, "f", json=True)
        assert len(contracts.findings([("Pair.v1", document.data)], document)) == count
