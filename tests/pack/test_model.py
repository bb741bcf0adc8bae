"""The published contracts and the models agree, field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bfg_policy.contracts import load_contracts
from bfg_policy.model import PackModel, PolicyModel, SchemaMapModel
from bfg_policy.resources import packaged
from bfg_policy.source import parse_document
from tests.shared import ROOT

CONTRACTS = packaged("contracts")
PAIRS: list[tuple[str, type[BaseModel]]] = [
    ("pack.v1", PackModel),
    ("policy.v1", PolicyModel),
    ("schema_map.v1", SchemaMapModel),
]


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / f"{name}.schema.json").read_text())
    return found


class Shape:
    """What fields an object has, and which it must have, whoever says so."""

    def __init__(self, root: dict[str, Any], others: bool) -> None:
        self.root, self.others = root, others

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            file, _, pointer = node["$ref"].partition("#")
            found: Any = schema(file.removesuffix(".schema.json")) if file else self.root
            for part in pointer.split("/")[1:]:
                found = found[part]
            node = found
        return node

    def of(self, node: dict[str, Any]) -> Any:
        node = self.resolved(node)
        if "properties" in node:
            fields = {name: self.of(each) for name, each in node["properties"].items()}
            return {"fields": fields, "required": sorted(node.get("required", []))}
        choices = [
            each for each in node.get("anyOf", node.get("oneOf", [])) if each.get("type") != "null"
        ]
        if choices:
            shapes = [self.of(each) for each in choices]
            return sorted(shapes, key=str) if len(shapes) > 1 else shapes[0]
        if node.get("type") == "object":
            return {"map of": self.of(node["additionalProperties"])}
        if node.get("type") == "array":
            return {"list of": self.of(node["items"])}
        if "const" in node:
            return repr(node["const"])
        return node.get("type")


@pytest.mark.parametrize(("name", "model"), PAIRS)
def test_fields_types_and_demands_agree(name: str, model: type[BaseModel]) -> None:
    published, modelled = schema(name), model.model_json_schema()
    theirs = Shape(published, others=True).of({**published, "$defs": None})
    ours = Shape(modelled, others=False).of({**modelled, "$defs": None})
    assert ours == theirs


WRITTEN: list[tuple[str, type[BaseModel], Path]] = [
    ("pack.v1", PackModel, ROOT / "policies" / "pack.yaml"),
    *(
        ("policy.v1", PolicyModel, path)
        for path in sorted((ROOT / "policies").glob("*.yaml"))
        if path.name != "pack.yaml"
    ),
    *(
        ("schema_map.v1", SchemaMapModel, path)
        for path in sorted((ROOT / "policies/database").glob("*.yaml"))
    ),
]


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [prefix] if prefix else []
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, child in items:
        found += paths(child, (*prefix, key))
    return found


def changed(value: Any, path: tuple[Any, ...], put: Any) -> Any:
    copy = json.loads(json.dumps(value))
    at = copy
    for step in path[:-1]:
        at = at[step]
    if put is DELETED:
        del at[path[-1]]
    else:
        at[path[-1]] = put
    return copy


DELETED = object()
PUT = st.sampled_from([DELETED, None, 1, True, "x", [], {}, ["a"], {"a": "b"}, 1.5])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_the_contract_lets_through_the_model_takes(data: st.DataObject) -> None:
    name, model, path = data.draw(st.sampled_from(WRITTEN))
    document = parse_document(path.read_bytes(), path.name)
    at = data.draw(st.sampled_from(paths(document.data)))
    mutant = changed(document.data, at, data.draw(PUT))
    contracts = load_contracts(CONTRACTS, [])
    again = parse_document(json.dumps(mutant).encode(), "mutant.json", json=True)
    if contracts.findings([(name, again.data)], again):
        return
    try:
        model.model_validate(again.data)
    except ValidationError as error:
        pytest.fail(f"{at}: the contract takes it, the model does not: {error}")


def test_models_are_frozen() -> None:
    made = PackModel.model_validate({"pack": "x", "roles": ["a"]})
    with pytest.raises(ValidationError):
        made.pack = "y"
