"""One mistake gives one finding: at its token, in words, with what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bfg_policy.errors import ContractError
from bfg_policy.source import parse_document
from tests.source.marked import token_at, unmark

if TYPE_CHECKING:
    from bfg_policy.errors import Finding
    from tests.contracts.conftest import Make

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "owner": {"$ref": "Shared.v1.schema.json#/$defs/id", "description": "Who answers."},
        "title": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}},
        "gates": {
            "type": "object",
            "propertyNames": {"$ref": "Shared.v1.schema.json#/$defs/id"},
            "additionalProperties": {"$ref": "#/$defs/gate"},
            "minProperties": 1,
        },
        "count": {"type": "integer", "minimum": 0, "exclusiveMaximum": 100, "multipleOf": 5},
        "ratio": {"type": "number"},
        "state": {"enum": ["active", "planned", "retired"], "description": "What it does."},
        "kind": {"const": "Thing.v1"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "union": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"type": {"const": "file"}, "path": {"type": "string"}},
                    "required": ["type", "path"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"type": {"const": "query"}, "sql": {"type": "string"}},
                    "required": ["type", "sql"],
                    "additionalProperties": False,
                },
            ]
        },
        "either": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "like": {"type": "string"}},
            "additionalProperties": False,
            "oneOf": [{"required": ["code"]}, {"required": ["like"]}],
        },
        "size": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+MB$"}]},
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "string"}],
            "items": {"type": "integer"},
        },
        "tags": {"propertyNames": {"enum": ["colour", "shape"]}},
        "forbidden": {"properties": {"x": False}},
        "never": {"not": {"required": ["p", "q"]}, "description": "p or q, not both."},
    },
    "patternProperties": {"^x-": {"type": "string"}},
    "required": ["owner"],
    "dependentRequired": {"count": ["ratio"]},
    "additionalProperties": False,
    "$defs": {
        "gate": {
            "type": "object",
            "properties": {
                "needs": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                "accept": {
                    "oneOf": [
                        {"const": True},
                        {
                            "type": "object",
                            "properties": {"actor": {"type": "string"}},
                            "required": ["actor"],
                            "additionalProperties": False,
                        },
                    ]
                },
                "rule": {"type": "string", "minLength": 1},
            },
            "additionalProperties": False,
        }
    },
}
SHARED: dict[str, Any] = {
    "$defs": {
        "id": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "description": "Small letters."}
    }
}
OWNER = "owner: ops\n"

# The document with its mistake marked, the code, words of message or hint, the suggestion.
CASES: list[tuple[str, str, str, str | None]] = [
    # unknown fields
    ("«ownr»: ops\n", "BFG201", "unknown field `ownr`", "owner"),
    ("«Owner»: ops\n", "BFG201", "unknown field `Owner`", "owner"),
    (OWNER + "«stat»: active\n", "BFG201", "unknown field `stat`", "state"),
    (OWNER + "«zzz»: 1\n", "BFG201", "unknown field `zzz`", None),
    (OWNER + "gates: {a: {«need»: [b]}}\n", "BFG201", "`need`", "needs"),
    (OWNER + "«zzz»: {owner: 1, deep: [x]}\n", "BFG201", "`zzz`", None),
    (OWNER + "tags: {«color»: red}\n", "BFG201", "unknown field `color`", "colour"),
    (OWNER + "forbidden: {«x»: 1}\n", "BFG201", "unknown field `x`", None),
    (OWNER + "union: {type: file, «pth»: x}\n", "BFG201", "`pth`", "path"),
    (OWNER + "gates: {a: {accept: {«actr»: x}}}\n", "BFG201", "`actr`", "actor"),
    (OWNER + "either: {«cod»: x}\n", "BFG201", "`cod`", "code"),
    # missing fields
    ("# c\n«kind»: Thing.v1\n", "BFG202", "`owner` is missing", None),
    (OWNER + "union: «{type: file}»\n", "BFG202", "`path` is missing in `union`", None),
    (OWNER + "either: «{}»\n", "BFG202", "`code` or `like` is missing", None),
    (OWNER + "gates: {a: {accept: «{}»}}\n", "BFG202", "`actor` is missing", None),
    ("«owner»: ops\ncount: 5\n", "BFG202", "`ratio` is missing", None),
    # types
    ("owner: «[a, b]»\n", "BFG203", "`owner` is a list and should be a string", None),
    # Quoting it would not be enough where the text has to be of a form.
    ("owner: «1.10»\n", "BFG203", "should be a string Who answers.", None),
    ("owner: «true»\n", "BFG203", "quote it: `'true'`", None),
    ("«owner»:\n", "BFG203", "`owner` is empty and should be a string", None),
    (OWNER + "gates: «[a, b]»\n", "BFG203", "is a list and should be a mapping", None),
    (OWNER + "gates:\n  «-» a\n", "BFG203", "is a list and should be a mapping", None),
    (OWNER + "gates: {a: {needs: «b»}}\n", "BFG203", "write a list: `[b]`", None),
    (OWNER + "gates: {a: {needs: [«7»]}}\n", "BFG203", "a string quote it: `'7'`", None),
    (OWNER + "gates: {a: {needs: «-b -c»}}\n", "BFG203", "a hyphen and a space: `- item`", None),
    (OWNER + "count: «'5'»\nratio: 1\n", "BFG203", "remove the quotes", None),
    (OWNER + "count: «2.5»\nratio: 1\n", "BFG203", "number `2.5` and should be an integer", None),
    (OWNER + "gates: {a: {accept: «'true'»}}\n", "BFG203", "remove the quotes", None),
    (OWNER + "gates: {a: {accept: «7»}}\n", "BFG203", "should be `true` or a mapping", None),
    (OWNER + "size: «[1]»\n", "BFG203", "should be an integer or a string", None),
    (OWNER + "state: «7»\n", "BFG203", "is the integer `7` and should be `active`", None),
    (OWNER + "pair: [a, 1, «b»]\n", "BFG203", "`pair[2]`", None),
    (OWNER + "x-a: «1»\n", "BFG203", "`x-a`", None),
    # choices
    (OWNER + "state: «activ»\n", "BFG204", "none of `active`, `planned`, `retired`", "active"),
    (OWNER + "state: «zzzz»\n", "BFG204", "What it does.", None),
    (OWNER + "kind: «Thing.v2»\n", "BFG204", "should be `Thing.v1`", "Thing.v1"),
    (OWNER + "gates: {a: {accept: «false»}}\n", "BFG204", "should be `true`", None),
    (OWNER + "union: {type: «fil», path: x}\n", "BFG204", "`file`, `query`", "file"),
    # values
    ("owner: «Big Ops»\n", "BFG205", "Small letters.", "big-ops"),
    ("owner: «big!»\n", "BFG205", "`big!`, which is not of the form", None),
    (OWNER + "gates: {«Big»: {}}\n", "BFG205", "the key `Big`", "big"),
    (OWNER + "gates: {«a/b»: {}}\n", "BFG205", "the key `a/b`", None),
    (OWNER + "gates: «{}»\n", "BFG205", "`gates` is empty", None),
    (OWNER + "gates: {a: {rule: «''»}}\n", "BFG205", "`rule` is empty", None),
    (OWNER + "title: {en: «0123456789»x}\n".replace("»x", "x»"), "BFG205", "11 characters", None),
    (OWNER + "count: «-5»\nratio: 1\n", "BFG205", "is -5 and should be at least 0", None),
    (OWNER + "count: «100»\nratio: 1\n", "BFG205", "less than 100", None),
    (OWNER + "count: «7»\nratio: 1\n", "BFG205", "multiple of 5", None),
    (OWNER + "day: «2026-02-30»\n", "BFG205", "not of the form", None),
    (OWNER + "at: «2026-02-20T09:00:00»\n", "BFG205", "not of the form", None),
    (OWNER + "size: «5GB»\n", "BFG205", "not of the form", None),
    (OWNER + "gates: {a: {needs: [b, c, «b»]}}\n", "BFG205", "an earlier item", None),
    (OWNER + "either: «{code: a, like: b}»\n", "BFG205", "`code` and `like`, which exclude", None),
    (OWNER + "never: «{p: 1, q: 2}»\n", "BFG205", "p or q, not both.", None),
    # what two versions of YAML read differently
    ("owner: «no»\n", "BFG109", "`owner` is `no`", None),
    ("owner: «012»\n", "BFG109", "quote it", None),
    (OWNER + "gates: {a: {accept: «on»}}\n", "BFG109", "boolean", "true"),
    (OWNER + "gates: {a: {accept: «Off»}}\n", "BFG109", "boolean", "false"),
    (OWNER + "count: «0_5»\nratio: 1\n", "BFG109", "`count` is `0_5`", None),
    (OWNER + "title: {en: «Yes»}\n", "BFG109", "quote it: `'Yes'`", None),
    (OWNER + "gates: {a: {needs: [b, «1:30»]}}\n", "BFG109", "the integer 90", None),
]


@pytest.mark.parametrize(("marked", "code", "words", "suggestion"), CASES)
def test_one_finding(
    make: Make, marked: str, code: str, words: str, suggestion: str | None
) -> None:
    contracts = make(Thing_v1=SCHEMA, Shared_v1=SHARED)
    text, line, column, token = unmark(marked)
    document = parse_document(text.encode(), "f")
    (finding,) = contracts.findings([("Thing.v1", document.data)], document)
    place = finding.place
    assert (finding.code, place.line, place.column, token_at(place)) == (code, line, column, token)
    assert words in f"{finding.message} {finding.hint}"
    assert finding.suggestion == suggestion


def findings(make: Make, text: str) -> list[Finding]:
    document = parse_document(text.encode(), "f")
    return make(Thing_v1=SCHEMA, Shared_v1=SHARED).findings([("Thing.v1", document.data)], document)


def test_a_valid_document_has_none(make: Make) -> None:
    text = """
owner: ops
title: {en: x}
gates: {a: {needs: [b, c], accept: true}, b: {accept: {actor: x}}}
count: 95
ratio: 0.5
state: active
kind: Thing.v1
day: 2028-02-29
at: 2026-11-20T09:00:00.5+02:00
union: {type: query, sql: x}
either: {like: x}
size: 5MB
pair: [a, 1]
tags: {shape: 1}
x-note: z
"""
    assert findings(make, text) == []


def test_several_mistakes_are_in_the_order_of_their_places(make: Make) -> None:
    found = findings(make, "state: activ\nownr: ops\ngates: {a: {need: 1, rule: ''}}\nday: no\n")
    assert [(f.code, f.place.line, f.place.column) for f in found] == [
        ("BFG204", 1, 8), ("BFG201", 2, 1), ("BFG201", 3, 13), ("BFG205", 3, 28), ("BFG109", 4, 6),
    ]  # fmt: skip


def test_two_misspellings_find_their_own_fields(make: Make) -> None:
    found = findings(make, "ownr: ops\nstat: active\nkidn: Thing.v1\n")
    assert [f.suggestion for f in found] == ["owner", "state", "kind"]
    assert found[0].note == "so `owner` is missing"
    assert found[1].note == "nothing reads it"


def test_a_field_that_stands_there_is_not_suggested(make: Make) -> None:
    (found,) = findings(make, "owner: ops\nownr: ops\n")
    assert found.suggestion is None


def test_a_duplicate_item_shows_the_first_one(make: Make) -> None:
    (found,) = findings(make, "owner: ops\ngates: {a: {needs: [b,\n  b]}}\n")
    assert found.place.line == 3
    assert [(r.place.line, r.place.column) for r in found.related] == [(2, 21)]


def test_long_values_are_cut(make: Make) -> None:
    for text in ("owner: " + "x!" * 5000, "owner: [" + "a, " * 5000 + "]", "o" * 900 + ": 1\n"):
        for found in findings(make, text + "\n"):
            assert len(found.message) < 200


def test_a_document_of_many_mistakes(make: Make) -> None:
    found = findings(make, "owner: ops\ntitle:\n" + "".join(f"  k{i}: {i}\n" for i in range(500)))
    assert len(found) == 101
    assert found[-1].severity == "note"
    assert "400 more findings" in found[-1].message


def test_a_document_of_many_ambiguous_scalars(make: Make) -> None:
    """A megabyte of them is told in the time of a hundred."""
    found = findings(make, "owner: ops\ngates: {a: {needs: [" + "no, " * 5_000 + "]}}\n")
    assert len(found) == 101
    assert {f.code for f in found} == {"BFG109"}
    assert "4900 more findings" in found[-1].message


def test_json_documents_have_places_too(make: Make) -> None:
    document = parse_document(b'{"ownr": "ops",\n "state": 7}', "f", json=True)
    contracts = make(Thing_v1=SCHEMA, Shared_v1=SHARED)
    found = contracts.findings([("Thing.v1", document.data)], document)
    assert [(f.code, str(f.place)) for f in found] == [("BFG201", "f:1:2"), ("BFG203", "f:2:11")]


ENVELOPE = {
    "properties": {
        "name": {"type": "string"},
        "tenant": {"type": "string"},
        "list": {"type": "array"},
    },
    "required": ["name", "tenant"],
}
FACTS = {
    "properties": {"region": {"type": "string"}, "plan": {"type": "string"}},
    "required": ["region"],
    "additionalProperties": False,
}
VIEWS = [
    ("name: a\n«tennant»: b\nregion: c\n", "BFG201", "tenant", "so `tenant` is missing"),
    ("name: a\ntenant: b\n«regoin»: c\n", "BFG201", "region", "so `region` is missing"),
    ("name: a\ntenant: b\nregion: c\n«lists»: []\n", "BFG201", "list", "nothing reads it"),
    ("name: a\ntenant: b\nregion: c\n«pln»: d\n", "BFG201", "plan", "nothing reads it"),
    ("«name»: a\ntenant: b\n", "BFG202", None, None),
    ("name: «on»\ntenant: b\nregion: c\n", "BFG109", None, None),
]


@pytest.mark.parametrize(("marked", "code", "suggestion", "note"), VIEWS)
def test_views_of_one_document(
    make: Make, marked: str, code: str, suggestion: str | None, note: str | None
) -> None:
    """The envelope takes other fields, the facts take no others: a misspelling is one mistake."""
    contracts = make(Envelope_v1=ENVELOPE, Facts_v1=FACTS)
    text, line, column, _ = unmark(marked)
    document = parse_document(text.encode(), "f")
    facts = {k: v for k, v in document.data.items() if k not in ("name", "tenant", "list")}
    views = [("Envelope.v1", document.data), ("Facts.v1", facts)]
    (found,) = contracts.findings(views, document)
    assert (found.code, found.place.line, found.place.column) == (code, line, column)
    assert found.suggestion == suggestion
    assert note is None or found.note == note


def test_the_same_mistake_in_two_views_is_one(make: Make) -> None:
    contracts = make(A_v1={"required": ["x"]}, B_v1={"required": ["x"]})
    document = parse_document(b"{z: 1}", "f")
    found = contracts.findings([("A.v1", document.data), ("B.v1", document.data)], document)
    assert [f.code for f in found] == ["BFG202"]


@pytest.mark.parametrize(
    ("pattern", "written", "meant"),
    [
        ("^[a-z]+(-[a-z]+)*$", "Big Door", "big-door"),
        ("^[a-z]+(_[a-z]+)*$", "big-door", "big_door"),
        ("^[a-z]+(_[a-z]+)*$", "Big Door", "big_door"),
        ("^[A-Z]+(_[A-Z]+)*$", "go local", "GO_LOCAL"),
        ("^BFG[0-9]{3}$", "bfg505", "BFG505"),
        ("^[a-z]+(-[a-z]+)*$", "big-door small-door", "big-door, small-door"),
        ("^[a-z]+(-[a-z]+)*$", "big door", "big-door"),
        ("^[0-9]+d$", "30 days", None),
    ],
)
def test_what_was_probably_meant(make: Make, pattern: str, written: str, meant: str | None) -> None:
    schema = {"properties": {"l": {"items": {"type": "string", "pattern": pattern}}}}
    document = parse_document(f"l: ['{written}']\n".encode(), "f")
    (finding,) = make(Thing_v1=schema).findings([("Thing.v1", document.data)], document)
    assert finding.suggestion == meant


@pytest.mark.parametrize(
    ("value", "hint"), [("7", 'quote it: `"7"`'), ('"a"', 'write a list: `["a"]`')]
)
def test_json_is_quoted_as_json_is(make: Make, value: str, hint: str) -> None:
    schema = {"properties": {"a": {"type": "string" if value == "7" else "array"}}}
    document = parse_document(f'{{"a": {value}}}'.encode(), "f.json", json=True)
    (finding,) = make(Thing_v1=schema).findings([("Thing.v1", document.data)], document)
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("kind", "meant", "hint"),
    [
        ("objct", "object", None),
        ("date", None, "a type is array, boolean, integer, null, number, object or string"),
    ],
)
def test_a_type_that_is_none(make: Make, kind: str, meant: str | None, hint: str | None) -> None:
    with pytest.raises(ContractError) as raised:
        make(Thing_v1={"type": kind})
    (finding,) = raised.value.findings
    assert (finding.suggestion, finding.hint) == (meant, hint)
