"""The fast validator and the exact one are of one mind, whatever the document."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.contracts import Contracts, load_contracts
from bfg_policy.contracts.validating import Validators
from bfg_policy.errors import Place
from bfg_policy.source import Ambiguous, parse_document
from tests.contracts.test_findings import SCHEMA, SHARED
from tests.shared import ROOT

if TYPE_CHECKING:
    from tests.contracts.conftest import Make

VALID: dict[str, Any] = {
    "owner": "ops",
    "title": {"en": "x"},
    "gates": {"a": {"needs": ["b", "c"], "accept": True}, "b": {"accept": {"actor": "x"}}},
    "count": 95,
    "ratio": 0.5,
    "state": "active",
    "day": "2028-02-29",
    "at": "2026-11-20T09:00:00Z",
    "union": {"type": "query", "sql": "x"},
    "either": {"like": "x"},
    "size": "5MB",
    "pair": ["a", 1],
    "x-note": "z",
}
# Keywords that the schema of the other tests does not have.
MORE: dict[str, Any] = {
    "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"type": "integer"}}}],
    "if": {"properties": {"b": {"const": 1}}, "required": ["b"]},
    "then": {"properties": {"c": {"type": "array", "contains": {"const": 1}, "maxContains": 2}}},
    "else": {"properties": {"d": {"minProperties": 1}}},
    "dependentSchemas": {
        "e": {"properties": {"e": True, "f": {"type": "string"}}, "required": ["f"]}
    },
    "patternProperties": {"^g+$": {"exclusiveMinimum": 1, "maximum": 5}},
    "unevaluatedProperties": False,
    "$defs": {
        "base": {
            "properties": {"a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]}},
            "required": ["a"],
        },
        "tree": {
            "type": "object",
            "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
            "additionalProperties": False,
        },
    },
}
MORE_VALID: dict[str, Any] = {
    "a": {"kids": [{}, {"kids": []}]}, "b": 1, "c": [1, 1.0], "e": 1, "f": "x", "gg": 3,
}  # fmt: skip

VALUES = st.sampled_from(
    [None, True, False, 0, 1, 1.0, -5, 7, 2.5, 1e300, 2**62, "", "x", "ops", "1", "active", "5MB",
     "2026-02-30", "2026-11-20T09:00:00Z", "2026-11-20T25:00:00Z", "é𝄞" * 5, [],
     ["b", "b"], [1, 1.0],
     [1, True], [[1], [1.0]], {}, {"actor": "x"}, {"actr": 1}, {"type": "file", "path": "p"}]
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "gg",
        "owner",
        "ownr",
        "state",
        "x-y",
        "Big",
        "kids",
        "code",
        "n\n",
    ]
)


@st.composite
def changed(draw: st.DrawFn, valid: dict[str, Any]) -> Any:
    """A valid document with a few values replaced, removed or added, anywhere."""
    data = copy.deepcopy(valid)
    for _ in range(draw(st.integers(0, 3))):
        here: Any = data
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            inner = [key for key in keys if isinstance(here[key], (dict, list))]
            if not inner or draw(st.booleans()):
                break
            here = here[draw(st.sampled_from(inner))]
        value = copy.deepcopy(draw(VALUES))
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "add" and isinstance(here, dict):
            here[draw(NAMES)] = value
        elif action == "add":
            here.append(value)
        elif keys and action == "remove":
            del here[draw(st.sampled_from(keys))]
        elif keys:
            here[draw(st.sampled_from(keys))] = value
    return data


class Nowhere:
    """A document whose places are its paths."""

    def place(self, path: object = (), *, key: bool = False) -> Place:
        return Place(f"{path} {key}", 1, 1, 1, "x")

    def ambiguous(self, _: object = ()) -> tuple[Ambiguous, ...]:
        return ()


def both_agree(name: str, schemas: dict[str, Any], data: object) -> None:
    validators = Validators(lambda _: schemas)
    accepted = validators.accept(name, data)
    errors = list(validators.errors(name, data))
    assert accepted == (not errors), errors


@given(changed(VALID))
def test_on_a_schema_of_ours(data: object) -> None:
    both_agree("Thing.v1", {"Thing.v1": SCHEMA, "Shared.v1": SHARED}, data)


@given(changed(MORE_VALID))
def test_on_a_schema_with_other_keywords(data: object) -> None:
    both_agree("More.v1", {"More.v1": MORE}, data)


@pytest.mark.parametrize(("name", "valid"), [("Thing.v1", VALID), ("More.v1", MORE_VALID)])
def test_the_documents_begin_valid(name: str, valid: object) -> None:
    schemas = {"Thing.v1": SCHEMA, "Shared.v1": SHARED, "More.v1": MORE}
    assert Validators(lambda _: schemas).accept(name, valid)


@pytest.fixture(scope="module")
def engine() -> Contracts:
    return load_contracts(ROOT / "contracts", [ROOT / "contracts"])


POLICY = parse_document(
    b"""
policy: a
owner: ops
title: {en: A}
gates:
  one: {accept: true, needs: [b, c/d], labels: {x: y}}
  two: {rule: x, evidence: {contract: A.v1, fresh_for: 30d, target: live}, remedy: {en: z}}
decision: [{code: STOP, until: [a], also: {traffic: off_}}, {like: b}]
packet: {template: a.txt, path: a.txt}
""",
    "f",
).data


@given(data=changed(POLICY))
def test_what_is_refused_is_explained(engine: Contracts, data: object) -> None:
    """Findings exactly where the fast validator says no; and never the same one twice."""
    found = engine.findings([("policy.v1", data)], Nowhere())
    validators = Validators(lambda name: {n: engine.schema(n) for n in engine.names if name})
    assert validators.accept("policy.v1", data) == (not found)
    assert len(set(found)) == len(found)
    assert all(finding.message.isprintable() for finding in found)


def test_a_pattern_that_backtracks_does_not(make: Make) -> None:
    """`^(a+)+$` on 28 characters holds Python's `re` for many seconds."""
    contracts = make(
        A_v1={
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": {"x": {"$ref": "B.v1.schema.json#/$defs/slow"}},
            "unevaluatedProperties": False,
            "patternProperties": {"^(b+)+$": True},
        },
        B_v1={
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {
                "slow": {
                    "pattern": "^(a+)+$",
                    "patternProperties": {"^(b+)+$": True},
                    "additionalProperties": False,
                    "propertyNames": {"pattern": "^(c+)+$"},
                }
            },
        },
    )
    text = json.dumps({"x": "a" * 40 + "!", "b" * 40 + "!": 1}).encode()
    document = parse_document(text, "f")
    codes = [f.code for f in contracts.findings([("A.v1", document.data)], document)]
    assert codes == ["BFG205", "BFG201"]


def test_a_pattern_that_must_backtrack_has_no_validator() -> None:
    """The loading refuses it; should it get this far all the same, nothing is judged by it."""
    schema = {"pattern": "^(a+)\\1$"}
    with pytest.raises(jsonschema_rs.ValidationError):
        Validators(lambda _: {"A.v1": schema}).accept("A.v1", "aa")


def test_jsonschema_is_not_imported_for_what_is_valid() -> None:
    """It costs more time than everything else that a valid policy needs."""
    code = f"""
import sys
from pathlib import Path
from bfg_policy.contracts import load_contracts
from bfg_policy.source import parse_document
root = Path({str(ROOT / "contracts")!r})
document = parse_document(b"policy: a\\nowner: b\\ngates: {{c: {{accept: true}}}}\\n", "f")
assert load_contracts(root, [root]).findings([("policy.v1", document.data)], document) == []
slow = {{"jsonschema", "referencing", "difflib", "bfg_policy.contracts.explaining"}}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
