"""What every form of the language gives, by both evaluators alike."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from bfg_policy.cel import MAX_DEPTH, CelEvaluationError, CelSyntaxError, parse, program
from bfg_policy.cel.errors import Failure
from bfg_policy.cel.regex import searcher
from bfg_policy.cel.values import Meter
from tests.cel.adapter import same, to_typed

SCENARIO: dict[str, object] = {
    "target": "db-adapter",
    "rows": {"operations": 4, "audit": 0},
    "ratio": 0.5,
    "blank": "",
    "nothing": None,
    "open": True,
    "tags": ["a", "b", "a"],
    "providers": [
        {"id": "maps", "ready": True, "target": "Maps API"},
        {"id": "ksef", "ready": False},
        {"id": "auth", "ready": True, "target": ""},
    ],
    "claims": {"driver": "bfg:driver", "two words": "x"},
}
BINDINGS: dict[str, object] = {"s": SCENARIO, **SCENARIO}

VALUES: dict[str, list[tuple[str, object]]] = {
    "literals": [
        ("1", 1),
        ("-9223372036854775808", -(2**63)),
        ("0xff", 255),
        ("-0xA", -10),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("'a\\n\\x41\\u00e9\\U0001F600\\101'", "a\nAé😀A"),
        ("r'\\d'", "\\d"),
        ('"""two\nlines"""', "two\nlines"),
        ("'''it's'''", "it's"),
        ("b'\\xff\\303\\251é'", b"\xff\xc3\xa9\xc3\xa9"),
        ("rb'\\x'", b"\\x"),
        ("[1, 'a', null]", [1, "a", None]),
        ("[1, 2,]", [1, 2]),
        ("{'a': 1, 'b': [2]}", {"a": 1, "b": [2]}),
        ("{}", {}),
        ("'' // a comment", ""),
    ],
    "names and fields": [
        ("target", "db-adapter"),
        ("s.rows.operations", 4),
        (".target", "db-adapter"),
        ("s.claims.`two words`", "x"),
        ("s['rows']['audit']", 0),
        ("providers[1].id", "ksef"),
        ("tags[1.0]", "b"),
        ("{1: 'a', 2u: 'b'}[2]", "b"),
        ("{true: 'yes', 1: 'one'}[true]", "yes"),
        ("{'in': 1}.in", 1),
        ("type(1) == int", True),
        ("type(s) == map && type(null) == null_type && type(int) == type", True),
    ],
    "arithmetic": [
        ("1 + 2 * 3 - 4", 3),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("2.0 * 0.25", 0.5),
        ("1.0 / 0.0 > 1e300", True),
        ("-1.0 / 0.0 < -1e300", True),
        ("0.0 / 0.0 == 0.0 / 0.0", False),
        ("-(3)", -3),
        ("1.0 / 0.0 > 1.0 / -0.0", True),
        ("--3", 3),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("b'a' + b'b'", b"ab"),
    ],
    "comparison": [
        ("1 == 1.0 && 1u == 1 && 1.0 == 1u", True),
        ("1 == true", False),
        ("open != 1 && rows.audit != 1 && !(rows.audit != 0) && open != 0", True),
        ("true == 1", False),
        ("0 == false", False),
        ("rows.audit == 0 && !(rows.audit == 1)", True),
        ("open == 1", False),
        ("'1' == 1", False),
        ("null == nothing", True),
        ("[1, [2.0]] == [1.0, [2u]]", True),
        ("[1] == [true]", False),
        ("{'a': 1} == {'a': 1.0}", True),
        ("{'a': 1} == {'a': 1, 'b': 2}", False),
        ("1 < 1.5 && 2u > 1 && 1.5 >= 1u", True),
        ("'a' < 'b' && b'a' < b'b' && false < true", True),
        ("9223372036854775807 < 1e19", True),
        ("'é' > 'z'", True),
        ("1 in [1.0] && !(true in [1])", True),
        ("'rows' in s && !('x' in s)", True),
        ("1.5 in {1: 2}", False),
    ],
    "logic": [
        ("true && open", True),
        ("false || !open", False),
        ("!!open", True),
        ("false && s.absent", False),
        ("s.absent && false", False),
        ("true || s.absent", True),
        ("s.absent || true", True),
        ("1 / 0 == 1 || s.absent || open", True),
        ("'text' || true", True),
        ("open ? 1 : 1 / 0", 1),
        ("!open ? s.absent : 'b'", "b"),
        ("open ? (false ? 1 : 2) : 3", 2),
        ("open && open && open", True),
    ],
    "has": [
        ("has(s.target)", True),
        ("has(s.absent)", False),
        ("has(s.nothing)", True),
        ("has({'a': 1}.a) && !has({}.a)", True),
        ("has(s.claims.`two words`)", True),
    ],
    "macros": [
        ("providers.all(p, p.id != '')", True),
        ("providers.exists(p, p.id == 'ksef')", True),
        ("providers.exists_one(p, p.ready)", False),
        ("providers.existsOne(p, p.id == 'auth')", True),
        ("providers.filter(p, p.ready).map(p, p.id)", ["maps", "auth"]),
        ("providers.map(p, p.ready, p.id)", ["maps", "auth"]),
        ("[].all(x, false) && ![].exists(x, true)", True),
        ("claims.all(k, k != '')", True),
        ("claims.map(k, k)", ["driver", "two words"]),
        ("{true: 1, 2: 3}.map(k, k)", [True, 2]),
        ("providers.exists(p, p.target == '')", True),
        ("providers.all(p, p.target != '')", False),
        ("tags.exists(t, tags.all(u, t == u))", False),
        ("[1, 2].map(x, [3, 4].map(y, x * y))", [[3, 4], [6, 8]]),
        ("[1].map(target, target + 1)", [2]),
        ("[1].map(x, .target)", ["db-adapter"]),
    ],
    "macros with two names": [
        ("tags.all(i, t, tags[i] == t)", True),
        ("claims.exists(k, v, k == 'driver' && v == 'bfg:driver')", True),
        ("tags.existsOne(i, t, t == 'b' && i == 1)", True),
        ("tags.transformList(i, t, t + string(i))", ["a0", "b1", "a2"]),
        ("tags.transformList(i, t, i > 0, t)", ["b", "a"]),
        ("claims.transformMap(k, v, k == 'driver', size(v))", {"driver": 10}),
        ("['x', 'y'].transformMap(i, v, v)", {0: "x", 1: "y"}),
        ("claims.transformMapEntry(k, v, k == 'driver', {v: k})", {"bfg:driver": "driver"}),
    ],
    "bind": [
        ("cel.bind(x, 'a', x + x)", "aa"),
        ("cel.bind(x, [1, 2], [3].exists(y, x.exists(z, z + 1 == y)))", True),
        ("cel.bind(x, 1 / 0, true)", True),
        ("[1, 2].map(x, cel.bind(y, x * 2, y + y))", [4, 8]),
    ],
    "optionals": [
        ("s.?target.orValue('none')", "db-adapter"),
        ("s.?absent.orValue('none')", "none"),
        ("s.?absent.deeper.orValue(1)", 1),
        ("s[?'rows'].operations.value()", 4),
        ("tags[?9].hasValue()", False),
        ("tags[?1].value()", "b"),
        ("optional.of(1).or(optional.of(1 / 0)).value()", 1),
        ("optional.none().or(optional.of(2)).value()", 2),
        ("optional.ofNonZeroValue('').hasValue()", False),
        ("optional.of(2).optMap(x, x * 2).value()", 4),
        ("optional.none().optMap(x, x * 2).hasValue()", False),
        ("s.?rows.optFlatMap(r, r.?audit).value()", 0),
        ("[?s.?absent, ?s.?target, 1]", ["db-adapter", 1]),
        ("{?'a': s.?absent, ?'b': s.?target, 'c': 1}", {"b": "db-adapter", "c": 1}),
        ("has(optional.of(s).target) && !has(optional.none().a)", True),
        ("[1, 2].first().value() + [1, 2].last().value()", 3),
        ("[].first().hasValue()", False),
        ("optional.of(1) == optional.of(1.0) && optional.none() != optional.of(1)", True),
        ("optional.unwrap([optional.of(1), optional.none()])", [1]),
    ],
    "optionals of nothing": [
        ("optional.ofNonZeroValue(duration('0s')).hasValue()", False),
        ("optional.ofNonZeroValue(timestamp(0)).hasValue()", True),
        ("optional.ofNonZeroValue([]).hasValue() || optional.ofNonZeroValue({}).hasValue()", False),
        ("optional.none().?a.hasValue() || optional.none()[?0].hasValue()", False),
        ("optional.none().a.hasValue() || optional.none()[0].hasValue()", False),
        ("optional.of(s).rows.value() == rows", True),
        ("optional.of(tags)[?1].value() + optional.of(tags)[0].value()", "ba"),
        ("[optional.of(2)].unwrapOpt()", [2]),
        ("optional.none().optFlatMap(x, x).hasValue()", False),
        ("type(optional.none()) == type(optional.of(1))", True),
        ("optional.none() == optional.none()", True),
    ],
    "conversions": [
        ("int('-12') + int(3.9) + int(2u)", -7),
        ("double('1e3') + double(2)", 1002.0),
        ("string(1.0) + string(0.25) + string(1e30) + string(true)", "10.251e+30true"),
        (
            "string(1234567.0) + ' ' + string(0.0001) + ' ' + string(0.00001)",
            "1.234567e+06 0.0001 1e-05",
        ),
        ("string(-0.0) + string(123456.5)", "-0123456.5"),
        ("string(b'\\xc3\\xa9')", "é"),
        ("bytes('é')", "é".encode()),
        ("bool('true') && !bool('0')", True),
        ("string(timestamp('2026-01-31T09:00:00.5+02:00'))", "2026-01-31T07:00:00.5Z"),
        ("string(duration('1h30m0.5s')) + string(duration('-1ms'))", "5400.5s-0.001s"),
        ("int(timestamp('1970-01-01T00:01:00Z'))", 60),
        ("size('é😀') + size(b'\\xff') + [1].size() + size({'a': 1})", 5),
        ("type(dyn(1)) == int", True),
    ],
    "text": [
        ("target.contains('-') && target.startsWith('db') && target.endsWith('er')", True),
        ("target.trim() == target && '\\x1fa\\u0085'.trim() == '\\x1fa'", True),
        ("target.matches('^[a-z-]+$') && matches(target, 'ada')", True),
        ("'a\\nb'.matches('a.b')", False),
        ("'tacocat'.indexOf('c') + 'tacocat'.lastIndexOf('c')", 6),
        ("'tacocat'.indexOf('c', 3) + 'tacocat'.lastIndexOf('c', 3)", 6),
        (
            "'tacocat'.substring(4) + 'tacocat'.substring(0, 2) + 'ab'.charAt(1) + 'ab'.charAt(2)",
            "cattab",
        ),
        (
            "'a-b-c'.split('-') + 'ab'.split('') + 'a-b-c'.split('-', 2)",
            ["a", "b", "c", "a", "b", "a", "b-c"],
        ),
        ("['a', 'b'].join() + ['a', 'b'].join('-')", "aba-b"),
        ("'aaa'.replace('a', 'b', 2) + 'aa'.replace('', '-')", "bba-a-a-"),
        ("'ÀaB'.lowerAscii() + 'éa'.upperAscii() + ' x\\t'.trim() + 'abc'.reverse()", "ÀabéAxcba"),
        ("strings.quote('a\"\\n')", '"a\\"\\n"'),
        ("base64.encode(b'hello') + string(base64.decode('aGVsbG8'))", "aGVsbG8=hello"),
        (
            "'%s %d %.2f %x %X %o %b %e %%'.format(['a', 7, 1.255, 255, b'\\xab', 8, 5, 1500.0])",
            "a 7 1.25 ff AB 10 101 1.500000e+03 %",
        ),
        ("'%s'.format([[1, 'a', null, {'b': 2.5, 'a': true}]])", "[1, a, null, {a: true, b: 2.5}]"),
    ],
    "formats": [
        ("'%s %s'.format([b'a', type(1)])", "a int"),
        (
            "'%s'.format([[1u, -1.5, duration('1s'), timestamp(0)]])",
            "[1, -1.5, 1s, 1970-01-01T00:00:00Z]",
        ),
        ("'%s'.format([{1: 'a', '1': 'b', true: [2]}])", "{1: a, 1: b, true: [2]}"),
        ("'%d %d %f'.format([1u, 0.0 / 0.0, 1.0 / 0.0])", "1 NaN Infinity"),
        ("'%b %x %X'.format([true, 'é', 's'])", "1 c3a9 73"),
        ("'%.0f|%.3e'.format([0.5, 12345.678])", "0|1.235e+04"),
    ],
    "lists and sets": [
        ("[3, 1, 2].sort() + ['b', 'a'].sort()", [1, 2, 3, "a", "b"]),
        ("providers.sortBy(p, p.id).map(p, p.id)", ["auth", "ksef", "maps"]),
        (
            "[1, 2, 3].slice(1, 3) + [[1], [[2]]].flatten() + [[1], [[2]]].flatten(2)",
            [2, 3, 1, [2], 1, 2],
        ),
        ("[1, 1.0, 2, true, 1u].distinct()", [1, 2, True]),
        ("lists.range(3).reverse()", [2, 1, 0]),
        (
            "sets.contains([1, 2], [2.0]) && sets.intersects([1], [2, 1])",
            True,
        ),
    ],
    "sets": [("sets.equivalent([1, 1], [1]) && !sets.contains([1], [2])", True)],
    "numbers": [
        ("math.greatest(1, 2.5, 2u)", 2.5),
        ("math.least([3, 1, 2])", 1),
        ("math.ceil(1.2) + math.floor(-1.2) + math.trunc(-1.7)", -1.0),
        ("math.round(-1.5) + math.round(2.5) + math.round(0.49)", 1.0),
        ("math.abs(-3) + math.sign(-9)", 2),
        ("math.sqrt(16)", 4.0),
        ("math.isNaN(math.sqrt(-1.0)) && math.isInf(1.0 / 0.0) && math.isFinite(1.0)", True),
        ("math.bitAnd(6, 3) + math.bitOr(6, 3) + math.bitXor(6, 3) + math.bitNot(0)", 13),
        (
            "math.bitShiftLeft(1, 63) == -9223372036854775808 && math.bitShiftRight(-1, 63) == 1",
            True,
        ),
    ],
    "times": [
        (
            "string(timestamp('2026-01-31T00:00:00Z') + duration('24h'))",
            "2026-02-01T00:00:00Z",
        ),
        (
            "timestamp(61) - timestamp(60) == duration('1s')",
            True,
        ),
        ("timestamp('2024-02-29T23:30:00Z').getDayOfYear()", 59),
        ("timestamp('2024-02-29T23:30:00Z').getDate('+01:00') + timestamp(0).getFullYear()", 1971),
        ("timestamp('2026-07-01T12:00:00Z').getHours('Europe/Warsaw')", 14),
        ("timestamp('2026-07-01T12:00:00Z').getDayOfWeek()", 3),
        ("timestamp('1969-12-31T23:59:59.123Z').getMilliseconds()", 123),
        ("duration('90m').getHours() + duration('-90m').getMinutes()", -89),
        ("duration('1h') < duration('61m') && timestamp(0) < timestamp(1)", True),
        ("duration('1.5s').getMilliseconds()", 500),
    ],
}

FAILURES: dict[str, list[tuple[str, str, str, str | None]]] = {
    # The rule, the kind, the part at fault, and the path in the data.
    "missing": [
        ("s.absent", "missing", "s.absent", "s.absent"),
        ("absent", "missing", "absent", "absent"),
        ("s.rows.finance > 0", "missing", "s.rows.finance", "s.rows.finance"),
        ("s.absent.deeper", "missing", "s.absent", "s.absent"),
        ("claims['dispatcher']", "missing", "claims['dispatcher']", "claims.dispatcher"),
        ("claims['a b']", "missing", "claims['a b']", 'claims["a b"]'),
        ("providers.exists(p, p.target == 'z')", "missing", "p.target", "providers[1].target"),
        (
            "providers.filter(p, p.id != 'maps').map(q, q.target)",
            "missing",
            "q.target",
            "providers[1].target",
        ),
        ("cel.bind(r, s.rows, r.finance)", "missing", "r.finance", "s.rows.finance"),
        ("has(s.absent.x)", "missing", "s.absent", "s.absent"),
        ("optional.none().value()", "missing", "optional.none().value()", None),
        ("{'a': 1}.b", "missing", "{'a': 1}.b", None),
        ("s.absent && open", "missing", "s.absent", "s.absent"),
    ],
    "types": [
        ("target > 1", "type", "target > 1", None),
        ("1 + 1.0", "type", "1 + 1.0", None),
        ("!target", "type", "!target", None),
        ("target ? 1 : 2", "type", "target", None),
        ("open && target", "type", "target", None),
        ("target.id", "type", "target.id", None),
        ("tags.all(t, t)", "type", "t", None),
        ("target.all(t, true)", "type", "target.all(t, true)", None),
        ("size(1)", "type", "size(1)", None),
        ("tags['a']", "type", "tags['a']", None),
        ("tags[true]", "type", "tags[true]", None),
        ("{1.5: 1}", "type", "1.5", None),
        ("{[]: 1}", "type", "[]", None),
        ("-target", "type", "-target", None),
        ("1 in target", "type", "1 in target", None),
        ("[?target]", "type", "target", None),
        ("{?'a': target}", "type", "target", None),
        ("target.optMap(x, x)", "type", "target", None),
        ("optional.of(1).optFlatMap(x, x)", "type", "x", None),
        ("target.orValue(1)", "type", "target.orValue(1)", None),
        ("optional.none().or(1)", "type", "optional.none().or(1)", None),
        ("optional.unwrap([1])", "type", "optional.unwrap([1])", None),
        ("has(target.x)", "type", "has(target.x)", None),
        ("optional.of(1).x", "type", "optional.of(1).x", None),
        ("target.?x", "type", "target.?x", None),
        ("target[0]", "type", "target[0]", None),
        ("claims.transformMapEntry(k, v, v)", "type", "claims.transformMapEntry(k, v, v)", None),
        (
            "tags.transformMapEntry(i, t, {t: i})",
            "argument",
            "tags.transformMapEntry(i, t, {t: i})",
            None,
        ),
        ("tags.filter(t, t)", "type", "t", None),
        ("open.matches('a')", "type", "open.matches('a')", None),
        ("[1, 'a'].sort()", "type", "[1, 'a'].sort()", None),
    ],
    "arithmetic": [
        ("9223372036854775807 + 1", "overflow", "9223372036854775807 + 1", None),
        ("-9223372036854775808 / -1", "overflow", "-9223372036854775808 / -1", None),
        ("-(-9223372036854775808)", "overflow", "-(-9223372036854775808)", None),
        ("0u - 1u", "overflow", "0u - 1u", None),
        ("int(1e19)", "overflow", "int(1e19)", None),
        ("rows.operations / rows.audit", "division", "rows.operations / rows.audit", None),
        ("1 % 0", "division", "1 % 0", None),
    ],
    "arguments": [
        ("tags[3]", "index", "tags[3]", None),
        ("tags[-1]", "index", "tags[-1]", None),
        ("'ab'.substring(3)", "index", "'ab'.substring(3)", None),
        ("int('1x')", "argument", "int('1x')", None),
        (
            "timestamp('2026-02-30T00:00:00Z')",
            "argument",
            "timestamp('2026-02-30T00:00:00Z')",
            None,
        ),
        ("duration('1 h')", "argument", "duration('1 h')", None),
        ("'a'.matches('(')", "argument", "'a'.matches('(')", None),
        ("{'a': 1, 'a': 2}", "argument", "'a'", None),
        ("string(b'\\xff')", "argument", "string(b'\\xff')", None),
        (
            "timestamp(0).getHours('Nowhere/Atlantis')",
            "argument",
            "timestamp(0).getHours('Nowhere/Atlantis')",
            None,
        ),
        ("nothing_like(1)", "function", "nothing_like(1)", None),
        ("'%d'.format(['a'])", "type", "'%d'.format(['a'])", None),
        ("'%f'.format([true])", "type", "'%f'.format([true])", None),
        ("'%x'.format([1.5])", "type", "'%x'.format([1.5])", None),
        ("'%o'.format(['a'])", "type", "'%o'.format(['a'])", None),
        ("'%s'.format([optional.of(1)])", "type", "'%s'.format([optional.of(1)])", None),
        ("'%z'.format([1])", "argument", "'%z'.format([1])", None),
        ("'%s %s'.format([1])", "argument", "'%s %s'.format([1])", None),
        ("'%.2000f'.format([1.0])", "argument", "'%.2000f'.format([1.0])", None),
        ("[1].slice(1, 3)", "index", "[1].slice(1, 3)", None),
        ("[[1]].flatten(-1)", "argument", "[[1]].flatten(-1)", None),
        ("['a', 1].join()", "type", "['a', 1].join()", None),
        ("base64.decode('a*b')", "argument", "base64.decode('a*b')", None),
        ("double('one')", "argument", "double('one')", None),
        ("bool('yes')", "argument", "bool('yes')", None),
        ("uint(-1)", "overflow", "uint(-1)", None),
        ("uint(-0.5)", "overflow", "uint(-0.5)", None),
        ("math.greatest([])", "argument", "math.greatest([])", None),
        ("math.least('a', 'b')", "type", "math.least('a', 'b')", None),
        ("math.bitShiftLeft(1, -1)", "argument", "math.bitShiftLeft(1, -1)", None),
        ("duration('300y')", "argument", "duration('300y')", None),
        ("duration('3000000h')", "overflow", "duration('3000000h')", None),
        ("duration('')", "argument", "duration('')", None),
        ("timestamp('2026-01-31T09:00:00')", "argument", "timestamp('2026-01-31T09:00:00')", None),
        (
            "timestamp('0000-01-01T00:00:00Z')",
            "overflow",
            "timestamp('0000-01-01T00:00:00Z')",
            None,
        ),
        ("timestamp(253402300800)", "overflow", "timestamp(253402300800)", None),
    ],
    "what absorbs nothing": [
        ("s.absent || 1 / 0 == 1", "division", "1 / 0", None),
        ("1 / 0 == 1 || s.absent", "division", "1 / 0", None),
        ("providers.all(p, p.target != 'x')", "missing", "p.target", "providers[1].target"),
        ("providers.exists_one(p, p.target == '')", "missing", "p.target", "providers[1].target"),
    ],
}


def _cases(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(*row, id=f"{name}: {row[0]}") for name, rows in table.items() for row in rows
    ]


@pytest.mark.parametrize(("text", "expected"), _cases(VALUES))
def test_value(text: str, expected: object) -> None:
    compiled = program(parse(text), variables=BINDINGS)
    meter, other = Meter(10_000), Meter(10_000)
    exact = compiled.evaluate_exactly(BINDINGS, meter)
    assert same(to_typed(exact), to_typed(expected)), exact
    function = compiled.prepare()
    assert function is not None
    try:
        fast = function(BINDINGS, other)
    except Exception:
        # It may give up, and then the closures decide.
        fast = compiled.evaluate(BINDINGS)
    else:
        assert other.left == meter.left or "cel.bind" in text
    assert same(to_typed(fast), to_typed(expected)), fast


@pytest.mark.parametrize(("text", "kind", "part", "path"), _cases(FAILURES))
def test_failure(text: str, kind: str, part: str, path: str | None) -> None:
    compiled = program(parse(text), variables=BINDINGS)
    compiled.prepare()
    with pytest.raises(CelEvaluationError) as caught:
        compiled.evaluate(BINDINGS)
    error = caught.value
    assert (error.kind, text[error.start : error.end], error.path) == (kind, part, path)


def test_nothing_is_converted_or_copied() -> None:
    assert program(parse("s.providers")).evaluate(BINDINGS) is SCENARIO["providers"]


def test_a_rule_passes_only_when_it_is_exactly_true() -> None:
    assert program(parse("1")).evaluate({}) is not True
    assert program(parse("1 == 1")).evaluate({}) is True


def test_foreign_objects_are_errors_not_values() -> None:
    with pytest.raises(CelEvaluationError, match="Python object"):
        program(parse("x == 1")).evaluate({"x": object()})


def test_names_with_dots_and_containers() -> None:
    bindings = {"a.b.c": 1, "a": {"b": {"c": 2}}, "n.s.x": 3, "x": 4}
    run = {
        text: program(parse(text), variables=bindings, container="n.s").evaluate(bindings)
        for text in ("a.b.c", "x", ".x", "[5].map(x, x)[0]", "has(a.b)")
    }
    assert run == {"a.b.c": 1, "x": 3, ".x": 4, "[5].map(x, x)[0]": 5, "has(a.b)": True}


@pytest.mark.parametrize("text", ["string(x)", "double(x)", "'%d'.format([x])", "x + 1"])
def test_numbers_of_any_size_are_no_crash(text: str) -> None:
    compiled = program(parse(text))
    compiled.prepare()
    with pytest.raises(CelEvaluationError) as caught:
        compiled.evaluate({"x": 10**5000})
    assert caught.value.kind == "overflow"


@pytest.mark.parametrize("step", ["+1", ".b", "[0]"])
def test_no_tree_is_deeper_than_the_limit(step: str) -> None:
    """However it grows: no bracket nests here."""
    parse("a" + step * (MAX_DEPTH - 1))
    with pytest.raises(CelSyntaxError, match="nests more than 100 levels"):
        parse("a" + step * MAX_DEPTH)


def test_a_pattern_takes_no_more_than_its_memory() -> None:
    """Each of these classes takes some hundred ranges of characters."""
    assert searcher(r"\pL{40}")("é" * 40)
    with pytest.raises(Failure, match="too large"):
        searcher(r"\pL{100}")


@pytest.mark.parametrize("text", ["x.matches('a')", "'a'.matches(x)", "bytes(x) == b''"])
def test_halves_of_surrogate_pairs_are_errors(text: str) -> None:
    with pytest.raises(CelEvaluationError) as caught:
        program(parse(text)).evaluate({"x": "\ud800"})
    assert caught.value.kind == "argument"


def test_numbers_of_any_size_compare() -> None:
    compiled = program(parse("x != 1.5 && x > 1e300 && !(x <= 2) && x == x && x in [x]"))
    assert compiled.evaluate({"x": 10**5000}) is True
    compiled.prepare()
    assert compiled.evaluate({"x": 10**5000}) is True


def there_and_back(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  (made here)


def test_rules_and_errors_go_from_process_to_process() -> None:
    compiled = there_and_back(program(parse("s.absent == 1")))
    with pytest.raises(CelEvaluationError) as caught:
        compiled.evaluate(BINDINGS)
    again = there_and_back(caught.value)
    assert (again.kind, again.path, again.end) == ("missing", "s.absent", 8)
    with pytest.raises(CelSyntaxError) as refused:
        parse("1 +")
    assert there_and_back(refused.value).problem == refused.value.problem
