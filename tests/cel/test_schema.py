"""What the rule language makes of a JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from bfg_policy.cel import DYN, check, from_schema, parse
from bfg_policy.cel.types import ObjectType, Type, describe

OTHER = {
    "$defs": {"id": {"type": "string"}},
    "type": "object",
    "properties": {"id": {"$ref": "#/$defs/id"}, "again": {"$ref": "other.json"}},
}


def resolve(ref: str) -> dict[str, Any]:
    if ref == "other.json":
        return OTHER
    raise LookupError(ref)


def of(schema: dict[str, Any]) -> Type:
    return from_schema(schema, resolve)


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "dyn"),
    ({"type": "string"}, "string"),
    ({"type": "string", "format": "date-time"}, "string"),
    ({"type": "integer", "minimum": 0}, "int"),
    ({"type": "number"}, "int or double"),
    ({"type": "boolean"}, "bool"),
    ({"type": "null"}, "null"),
    ({"type": ["string", "null"]}, "string or null"),
    ({"type": "array"}, "list"),
    ({"type": "array", "items": {"type": "string"}}, "list(string)"),
    ({"items": {"type": "integer"}}, "list(int)"),
    ({"prefixItems": [{"type": "string"}, {"type": "integer"}]}, "list(string or int)"),
    ({"type": "object"}, "map(string, dyn)"),
    ({"type": "object", "additionalProperties": {"type": "string"}}, "map(string, string)"),
    ({"patternProperties": {"^a": {"type": "integer"}}}, "map(string, int)"),
    ({"type": "object", "properties": {"a": {}}}, "object"),
    ({"type": "object", "additionalProperties": False}, "object"),
    ({"enum": ["a", "b"]}, "string"),
    ({"enum": ["a", 1, True, None]}, "string or int or bool or null"),
    ({"enum": ["a", ["b"]]}, "dyn"),
    ({"const": "a"}, "string"),
    ({"const": {"a": 1}}, "dyn"),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string or int"),
    ({"oneOf": [{"type": "string"}, {}]}, "dyn"),
    ({"type": "string", "anyOf": [{"pattern": "a"}, {"pattern": "b"}]}, "string"),
    ({"allOf": [{"type": "string"}, {"minLength": 1}]}, "string"),
    ({"type": ["string", "null"], "allOf": [{"type": "string"}]}, "string"),
    ({"$defs": {"x": {"type": "integer"}}, "$ref": "#/$defs/x"}, "int"),
    ({"$defs": {"a/b~c": {"type": "integer"}}, "$ref": "#/$defs/a~1b~0c"}, "int"),
    ({"$ref": "#/$defs/nowhere"}, "dyn"),
    ({"$ref": "nowhere.json"}, "dyn"),
    ({"$ref": "other.json"}, "object"),
    ({"type": "array", "items": {"$ref": "#"}}, "list(list)"),
    ({"$ref": "#"}, "dyn"),
    ({"not": {"type": "string"}}, "dyn"),
    ({"type": "integer", "enum": [1, 2]}, "int"),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_type(schema: dict[str, Any], expected: str) -> None:
    assert describe(of(schema)) == expected


def test_an_object_knows_its_fields_and_which_are_required() -> None:
    found = of(
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
            "required": ["a", "not declared"],
        }
    )
    assert isinstance(found, ObjectType)
    assert {name: describe(field) for name, field in found.fields.items()} == {
        "a": "string",
        "b": "int",
    }
    assert found.required == {"a"}
    assert found.rest is None


def test_parts_of_an_object_come_together() -> None:
    found = of(
        {
            "properties": {"a": {"type": ["string", "null"]}},
            "required": ["a"],
            "allOf": [
                {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
                {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            ],
        }
    )
    assert isinstance(found, ObjectType)
    assert describe(found.fields["a"]) == "string"
    assert set(found.fields) == {"a", "b"}
    assert found.required == {"a"}


def test_other_fields_have_the_type_that_the_schema_gives_them() -> None:
    found = of({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}})
    variables = {"x": found}
    (problem,) = check(parse("x.other == 'a'"), variables)
    assert problem.kind == "type"
    assert check(parse("x.other == 1 && x.a == 'a'"), variables) == ()


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = of(
        {
            "$defs": {"node": {"properties": {"kids": {"items": {"$ref": "#/$defs/node"}}}}},
            "$ref": "#/$defs/node",
        }
    )
    assert check(parse("x.kids[0].kids[0].anything == 1"), {"x": tree}) == ()
    (problem,) = check(parse("x.kidz.size() == 1"), {"x": tree})
    assert problem.suggestion == "kids"


def test_two_documents_that_refer_to_each_other_end() -> None:
    found = of({"properties": {"other": {"$ref": "other.json"}}})
    (problem,) = check(parse("x.other.ident == 'a'"), {"x": found})
    assert problem.kind == "field"


def test_references_that_lead_on_and_on_end_in_what_is_open() -> None:
    chain = {f"d{n}": {"properties": {"a": {"$ref": f"#/$defs/d{n + 1}"}}} for n in range(2_000)}
    found = of({"$ref": "#/$defs/d0", "$defs": {**chain, "d2000": {"type": "string"}}})
    depth = 0
    while isinstance(found, ObjectType):
        found, depth = found.fields["a"], depth + 1
    assert (found, 20 < depth < 200) == (DYN, True)


def test_values_of_an_enum_are_kept_apart_by_type() -> None:
    found = of({"enum": [1, "1"]})
    assert check(parse("x == 1 && x == '1'"), {"x": found}) == ()
    assert [p.kind for p in check(parse("x == 2 || x == '2' || x == true"), {"x": found})] == [
        "constant",
        "constant",
        "type",
    ]


def test_what_is_no_schema_is_open() -> None:
    assert from_schema(True, resolve).kind == DYN.kind
