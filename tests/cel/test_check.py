"""The static check: one mistake is one problem, at its token, with what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from bfg_policy.cel import (
    DYN,
    CelProblem,
    CelSyntaxError,
    check,
    from_schema,
    map_type,
    object_type,
    parse,
)
from bfg_policy.cel.types import STRING, describe

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["target", "mode", "providers", "rows", "contract"],
    "additionalProperties": False,
    "properties": {
        "target": {"type": "string"},
        "mode": {"enum": ["active", "planned", "retired"]},
        "contract": {"const": "Facts.v1"},
        "share": {"type": "number"},
        "note": {"type": ["string", "null"]},
        "rows": {
            "type": "object",
            "required": ["operations"],
            "properties": {"operations": {"type": "integer"}, "audit": {"type": "integer"}},
        },
        "providers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "additionalProperties": True,
                "properties": {
                    "id": {"type": "string"},
                    "contract_ready": {"type": "boolean"},
                    "state": {"enum": ["up", "down"]},
                },
            },
        },
        "claims": {"type": "object", "additionalProperties": {"type": "string"}},
        "open": {},
    },
}


def _no_references(ref: str) -> dict[str, Any]:
    raise LookupError(ref)


FACTS = from_schema(SCHEMA, _no_references)
VARIABLES = {
    "scenario": FACTS,
    **FACTS.fields,  # type: ignore[attr-defined]  # an object
    "anything": DYN,
}


def problems(text: str) -> tuple[CelProblem, ...]:
    try:
        return check(parse(text), VARIABLES)
    except CelSyntaxError as error:
        return (error.problem,)


MISTAKES: dict[str, list[tuple[str, str, str, str | None, str]]] = {
    # The rule, the kind, the token, the suggestion, and what the message says.
    "syntax": [
        ("target != '' and open", "syntax", "and", "&&", "`and`"),
        ("target != '' or open", "syntax", "or", "||", "`or`"),
        ("not open", "syntax", "not", "!", "`not`"),
        ("target == 'a' && not open", "syntax", "not", "!", "`not`"),
        ("target is 'a'", "syntax", "is", "==", "`is`"),
        ("target = 'a'", "syntax", "=", "==", "`=`"),
        ("open & open", "syntax", "&", "&&", "`&`"),
        ("(target == 'a' && open", "syntax", "(", None, "expected `)`"),
        ("size([1, 2", "syntax", "[", None, "expected `]`"),
        ("target == 'a')", "syntax", ")", None, "found `)`"),
        ("target ==\n  || open", "syntax", "||", None, "expected a value, found `||`"),
        ("target ==", "syntax", "", None, "found the end"),
        ("", "syntax", "", None, "found nothing"),
        ("target == 'a", "syntax", "'a", None, "never closed"),
        ("target == \"a'", "syntax", "\"a'", None, "never closed"),
        ("target == 'a\\q'", "syntax", "\\q", None, "not an escape"),
        ("b'\\u0041' == b''", "syntax", "\\u", None, "not an escape"),
        ("'\\ud800' == ''", "syntax", "\\ud800", None, "not an escape"),
        ("target == 'a' ; true", "syntax", ";", None, "unexpected `;`"),
        ("target == \u2018a\u2019", "syntax", "\u2018", "'", "unexpected"),
        ("target == \u201ea\u201c", "syntax", "\u201e", '"', "unexpected"),
        ("rows.audit \u2265 1", "syntax", "\u2265", ">=", "unexpected"),
        ("1 2", "syntax", "2", None, "found `2`"),
        ("open ? 1", "syntax", "", None, "`:`"),
        ("has(target)", "syntax", "target", None, "has(a.b)"),
        ("has()", "syntax", "has()", None, "has(a.b)"),
        ("providers.all(p.id, true)", "syntax", "p.id", None, "simple name"),
        ("providers.all(true)", "syntax", "all", None, "a name and a condition"),
        ("providers.all(p, p, true)", "syntax", "p", None, "two different names"),
        ("cel.bind(x, 1)", "syntax", "cel.bind", None, "a name, its value"),
        ("if == 1", "syntax", "if", None, "reserved"),
        ("9223372036854775808 > 1", "syntax", "9223372036854775808", None, "too large"),
        ("18446744073709551616u > 1u", "syntax", "18446744073709551616u", None, "too large"),
        ("1e999 > 1.0", "syntax", "1e999", None, "too large"),
        ("target.1", "syntax", ".1", None, "found `.1`"),
    ],
    "names": [
        ("scenaro.target == 'a'", "name", "scenaro", "scenario", "`scenaro`"),
        ("(target == 'a') && tarqet == 'b'", "name", "tarqet", "target", "`tarqet`"),
        ("scenario.open == True", "name", "True", "true", "`True`"),
        ("note == None", "name", "None", "null", "`None`"),
        ("zebra == 1", "name", "zebra", None, "`zebra`"),
        ("target.startWith('a')", "name", "startWith", "startsWith", "`startWith`"),
        ("providers.al(p, p.id == '')", "name", "al", "all", "`al`"),
        ("sizeof(target) == 1", "name", "sizeof", "size", "`sizeof`"),
        ("target.startsWith('a') && length(target) > 1", "name", "length", "size", "`length`"),
        ("math.maximum(1, 2) == 2", "name", "math.maximum", None, "`math.maximum`"),
        ("math.leest(1, 2) == 2", "name", "math.leest", "math.least", "`math.leest`"),
        ("contains(target, 'a')", "name", "contains", None, "`contains`"),
    ],
    "fields": [
        ("scenario.taget == 'a'", "field", "taget", "target", "`taget`"),
        ("scenario.rows.operatons > 0", "field", "operatons", "operations", "`scenario.rows`"),
        ("providers.all(p, p.contract_redy)", "field", "contract_redy", "contract_ready", "`p`"),
        ("scenario['taget'] == 'a'", "field", "'taget'", "'target'", "`taget`"),
        ("has(rows.opertions)", "field", "opertions", "operations", "`opertions`"),
        ("rows.?opertions.hasValue()", "field", "opertions", "operations", "`opertions`"),
        ("providers[0].ident == ''", "field", "ident", None, "`ident`"),
        (
            "providers.filter(p, p.id == 'a').all(q, q.stat == 'up')",
            "field",
            "stat",
            "state",
            "`q`",
        ),
        ("scenario.providers.map(p, p.idd)[0] == 'a'", "field", "idd", "id", "`idd`"),
        ("cel.bind(r, rows, r.audits > 0)", "field", "audits", "audit", "`r`"),
    ],
    "types": [
        ("target != 0", "type", "target != 0", None, "a string is compared with an int"),
        (
            "0 == scenario.target",
            "type",
            "0 == scenario.target",
            None,
            "an int is compared with a string",
        ),
        ("rows.operations > '0'", "type", "rows.operations > '0'", None, "an int and a string"),
        ("target == null", "type", "target == null", None, "a string is compared with null"),
        ("target && open == 1", "type", "target", None, "`&&` needs a bool"),
        ("!target", "type", "target", None, "`!` needs a bool"),
        ("rows.operations ? true : false", "type", "rows.operations", None, "`?` needs a bool"),
        ("providers.all(p, p.id)", "type", "p.id", None, "`all` needs a bool"),
        ("target.id == 'a'", "type", "id", None, "a string and has no fields"),
        ("providers.id == 'a'", "type", "id", None, "has no fields"),
        ("target.all(t, t == 'a')", "type", "target", None, "needs a list or a map"),
        ("providers['a'].id == 'b'", "type", "'a'", None, "not indexed by a string"),
        ("target[0] == 'a'", "type", "target[0]", None, "no elements"),
        ("target + 1 == 'a1'", "type", "target + 1", None, "`+` does not take"),
        ("-target == 'a'", "type", "-target", None, "`-` does not take"),
        ("target.startsWith(1)", "type", "1", None, "needs a string here"),
        ("size(1) == 1", "type", "size(1)", None, "does not take (int)"),
        ("1 in target", "type", "target", None, "needs a list or a map"),
        ("target in [1, 2]", "type", "target in [1, 2]", None, "a string is looked for"),
        ("timestamp('2026-01-31') < timestamp(0)", "type", "'2026-01-31'", None, "RFC 3339"),
        ("duration('1 day') > duration('1h')", "type", "'1 day'", None, "cannot read this"),
        ("[?target] == ['a']", "type", "target", None, "needs an optional"),
        ("target.optMap(t, t).hasValue()", "type", "target", None, "not an optional"),
    ],
    "results": [
        ("scenario.target", "result", "scenario.target", None, "must give a bool"),
        ("  (rows.operations + 1)  ", "result", "rows.operations + 1", None, "this gives an int"),
        ("open ? target : 'b'", "result", "open ? target : 'b'", None, "bool"),
        ("providers", "result", "providers", None, "bool"),
    ],
    "patterns": [
        ("target.matches('^[0-9a-f{64}$')", "regex", "'^[0-9a-f{64}$'", None, "regular expression"),
        ("target.matches('a(?<!b)')", "regex", "'a(?<!b)'", None, "(?<!"),
        ("matches(target, '(a')", "regex", "'(a'", None, "regular expression"),
        (
            "target.matches('((a{1,300}){1,300}){1,300}')",
            "regex",
            "'((a{1,300}){1,300}){1,300}'",
            None,
            "repetition",
        ),
    ],
    "values that never occur": [
        ("mode == 'activ'", "constant", "'activ'", "'active'", "`mode` is never 'activ'"),
        ('mode != "retird"', "constant", '"retird"', '"retired"', "never"),
        ("'plannd' == scenario.mode", "constant", "'plannd'", "'planned'", "never"),
        ("mode in ['active', 'plannd']", "constant", "'plannd'", "'planned'", "never"),
        ("providers.exists(p, p.state == 'upp')", "constant", "'upp'", "'up'", "never"),
        ("contract == 'Facts.v2'", "constant", "'Facts.v2'", "'Facts.v1'", "never"),
        ("'taget' in scenario", "constant", "'taget'", "'target'", "never has"),
        ("rows.operations / 0 == 1", "constant", "0", None, "division by zero"),
    ],
    "limits": [
        ("(" * 200 + "1" + ")" * 200, "limit", "(", None, "levels deep"),
        ("target == '" + "a" * 10_000 + "'", "limit", "a" * 11 + "'", None, "characters"),
    ],
}

WARNINGS: list[tuple[str, str, str]] = [
    # The rule, the kind, the token.
    ("true", "constant", "true"),
    ("target == 'a' || true", "constant", "true"),
    ("has(scenario.target) && target == 'a'", "constant", "has(scenario.target)"),
    ("!has(scenario.target) || target == 'a'", "constant", "!has(scenario.target)"),
    ("contract == 'Facts.v1' && target == 'a'", "constant", "contract == 'Facts.v1'"),
    (
        "mode in ['active', 'planned', 'retired']",
        "constant",
        "mode in ['active', 'planned', 'retired']",
    ),
    ("1 == 1", "constant", "1 == 1"),
    ("1 != 1", "constant", "1 != 1"),
    ("target == target", "constant", "target == target"),
    (
        "scenario.rows.operations >= scenario.rows.operations",
        "constant",
        "scenario.rows.operations >= scenario.rows.operations",
    ),
    ("type(target) == string", "constant", "type(target) == string"),
    ("type(target) == int", "constant", "type(target) == int"),
    ("providers.all(p, has(p.id))", "constant", "has(p.id)"),
    ("true ? target == 'a' : false", "constant", "true"),
    ("rows.audit > 0 || target == 'a'", "optional", "audit"),
    ("target == 'a' || providers.all(p, p.contract_ready)", "optional", "contract_ready"),
    ("target == 'a' ? rows.audit > 0 : open == 1", "optional", "audit"),
    ("rows.audit > 0 ? target == 'a' : open == 1", "optional", "audit"),
    ("scenario.claims.x == 'a' || scenario.target == 'a'", "optional", "claims"),
    ("has(rows.audit) || rows.audit > 0", "optional", "audit"),
]

CLEAN = [
    "target != ''",
    "scenario.target != '' && providers.all(p, p.contract_ready)",
    "rows.audit > 0 && target == 'a'",
    "rows.audit == 1.0 && share > 1 && share < 1.5",
    "note == null && note != 'x'",
    "note != 'x'",
    "has(scenario.note)",
    "has(rows.audit) && (rows.audit > 0 || target == 'a')",
    "!has(rows.audit) || rows.audit > 0",
    "has(rows.audit) ? rows.audit > 0 : target == 'a'",
    "has(scenario.claims) && has(scenario.claims.x) && (scenario.claims.x == 'a' || target == 'b')",
    "rows.?audit.orValue(0) > 0 || target == 'a'",
    "claims.driver == 'x' && 'y' in claims && claims['z'] == 'w'",
    "open.anything.at.all == 1 && open",
    "anything",
    "anything.x[1].size() == 2",
    "mode == 'active' || mode == 'planned'",
    "mode in ['active', 'planned']",
    "providers.exists_one(p, p.id == 'a' && p.state == 'up')",
    "providers.filter(p, p.state == 'up').map(p, p.id).exists(i, i == 'a')",
    "['a', 'b'].all(t, t in claims)",
    "claims.all(role, claim, role != '' && claim != '')",
    "target.matches('^[0-9a-f]{64}$')",
    "timestamp('2026-01-31T00:00:00Z') < timestamp('2026-02-01T00:00:00Z') && target == 'a'",
    "size(providers) >= 0 && target.size() > 0",
    "cel.bind(p, providers.filter(p, p.id == 'a'), size(p) == 1 && p[0].contract_ready)",
    "type(open) == int",
]


@pytest.mark.parametrize(
    ("text", "kind", "token", "suggestion", "says"),
    [
        pytest.param(*row, id=f"{name}: {row[0][:60]}")
        for name, rows in MISTAKES.items()
        for row in rows
    ],
)
def test_mistake(text: str, kind: str, token: str, suggestion: str | None, says: str) -> None:
    (problem,) = problems(text)
    assert problem.severity == "error"
    assert problem.kind == kind
    assert text[problem.start : problem.end] == token
    assert problem.suggestion == suggestion
    assert says in problem.message


@pytest.mark.parametrize(("text", "kind", "token"), WARNINGS)
def test_warning(text: str, kind: str, token: str) -> None:
    (problem,) = problems(text)
    assert problem.severity == "warning"
    assert (problem.kind, text[problem.start : problem.end]) == (kind, token)


@pytest.mark.parametrize("text", CLEAN)
def test_clean(text: str) -> None:
    assert problems(text) == ()


def test_two_mistakes_are_two_problems_in_the_order_of_the_text() -> None:
    text = "scenario.taget == 'a' && mode == 'activ'"
    assert [text[p.start : p.end] for p in problems(text)] == ["taget", "'activ'"]


def test_a_variable_that_may_not_be_bound_is_a_risk_under_or() -> None:
    expr = parse("note == 'a' || target == 'b'")
    assert check(expr, VARIABLES) == ()
    (problem,) = check(expr, VARIABLES, optional={"note"})
    assert (problem.kind, problem.severity, problem.start) == ("optional", "warning", 0)


def test_another_result_than_bool() -> None:
    assert check(parse("scenario.target"), VARIABLES, STRING) == ()
    (problem,) = check(parse("rows.operations"), VARIABLES, STRING)
    assert problem.kind == "result"


def test_the_whole_of_a_problem() -> None:
    (problem,) = problems("scenario.rows.operatons > 0")
    assert problem == CelProblem(
        "field", "`scenario.rows` has no field `operatons`", 14, 23, suggestion="operations"
    )
    assert repr(problem) == (
        "CelProblem(error field, '`scenario.rows` has no field `operatons`', 14, 23, "
        "suggestion='operations')"
    )


def test_a_hint_names_the_fields_where_no_name_is_near() -> None:
    (problem,) = problems("rows.zebra > 0")
    assert problem.hint == "Its fields are: operations, audit."


def test_types_that_grow_with_every_name_stay_short_in_messages() -> None:
    nested = "size(x30) == 'a' && x30 > 1"
    for level in range(30, 0, -1):
        nested = f"cel.bind(x{level}, {{x{level - 1}: x{level - 1}}}, {nested})"
    nested = f"cel.bind(x0, {{1: 1}}, {nested})"
    assert all(len(problem.message) < 400 for problem in check(parse(nested), {}))


def test_object_types_by_hand() -> None:
    scenario = object_type({"tenant": STRING, "rows": map_type(DYN)}, required=["tenant"])
    (problem,) = check(parse("scenario.tennant == 'a'"), {"scenario": scenario})
    assert problem.suggestion == "tenant"
    assert describe(scenario) == "object"
