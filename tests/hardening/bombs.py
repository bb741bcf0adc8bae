"""Files of up to a megabyte that mean harm: each is one file of a small project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from tests.hardening.project import FACTS, POLICY, SCENARIO

MEGABYTE = 1 << 20


class Bomb(NamedTuple):
    """One file that stands in for that of a sound project.

    name: what is bad about it. path: the file. text: what is in it. code: of a finding,
    None where the file is sound and has to be judged. command: what is run, `check` by default.
    """

    name: str
    path: str
    text: str | bytes
    code: str | None
    command: tuple[str, ...] = ("check", "scenario.yaml")

    @property
    def data(self) -> bytes:
        """What is written."""
        return self.text.encode() if isinstance(self.text, str) else self.text


def fill(piece: str, before: str = "", after: str = "", size: int = MEGABYTE) -> str:
    """A piece so often that the whole has about `size` characters."""
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def counted(form: str, count: int) -> str:
    """A line for each number."""
    return "".join(form.format(n=number) for number in range(count))


def _levels(form: str, last: str, count: int) -> str:
    """Lines that each repeat the one before."""
    return "".join(form.format(n=number, m=number - 1) for number in range(1, count)) + last


def _yaml(name: str, text: str | bytes, code: str | None) -> Bomb:
    return Bomb(f"YAML: {name}", "scenario.yaml", text, code)


def _json(name: str, text: str | bytes, code: str | None) -> Bomb:
    return Bomb(f"JSON: {name}", "scenario.json", text, code, ("check", "scenario.json"))


def _scenario(name: str, addition: object, code: str | None) -> Bomb:
    """A sound JSON text of more than a scenario should hold."""
    assert isinstance(addition, dict)
    text = json.dumps({**SCENARIO, **addition}, separators=(",", ":"))
    assert len(text) < 2 * MEGABYTE, name
    return Bomb(f"scenario: {name}", "scenario.json", text, code, ("check", "scenario.json"))


def _policy(name: str, text: str, code: str | None) -> Bomb:
    return Bomb(f"policy: {name}", "policies/main.yaml", text, code)


def _rule(name: str, rule: str, code: str | None, **facts: object) -> Bomb:
    policy = {**POLICY, "gates": {"g": {"rule": rule}}}
    return Bomb(f"rule: {name}", "policies/main.yaml", json.dumps(policy), code)


def _contract(name: str, schema: object, code: str | None) -> Bomb:
    path = "contracts/Facts.v1.schema.json"
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return Bomb(f"contract: {name}", path, text, code)


def _template(name: str, template: str, code: str | None = "BFG601") -> Bomb:
    path = "policies/templates/sheet.txt.j2"
    return Bomb(f"template: {name}", path, template, code, ("render", "scenario.yaml"))


def _facts(**properties: object) -> dict[str, object]:
    return {**FACTS, "properties": properties}


def _nested(keyword: str, depth: int) -> dict[str, object]:
    schema: dict[str, object] = {"type": "string"}
    for _ in range(depth):
        schema = {keyword: [schema, {"type": "integer"}]}
    return schema


def _either(depth: int) -> dict[str, object]:
    """Two ways at each level, which a validator that tries all of them never ends trying."""
    levels: dict[str, object] = {"l0": {"type": "string"}}
    for number in range(1, depth):
        ref = {"$ref": f"#/$defs/l{number - 1}"}
        levels[f"l{number}"] = {"anyOf": [{"allOf": [ref]}, {"allOf": [ref]}]}
    return {"$defs": levels, "properties": {"flag": {"$ref": f"#/$defs/l{depth - 1}"}}}


def _chain(count: int, last: str) -> str:
    return counted("  g{n}: {{needs: [g{n}x]}}\n", count).replace("x]", "]") + last


def _circle(count: int) -> str:
    needs = "".join(f"  g{n}: {{needs: [g{(n + 1) % count}]}}\n" for n in range(count))
    return f"policy: main\nowner: chief\ngates:\n{needs}"


_PACK = "pack: p\nroles: [chief]\nfacts: Facts.v1\n"
_HEAD = "policy: main\nowner: chief\ngates:\n"


def yaml_texts() -> Iterator[Bomb]:
    yield _yaml(
        "aliases", "a: &a0 [x]\n" + _levels("b{n}: &a{n} [*a{m}, *a{m}]\n", "", 30_000), "BFG105"
    )
    yield _yaml("merge keys", "a: {<<: {b: 1}}\n" + fill("c: {<<: {d: 1}}\n"), "BFG104")
    yield _yaml("brackets", fill("["), "BFG111")
    yield _yaml("braces", fill("{a: "), "BFG111")
    yield _yaml("hyphens", fill("- "), "BFG111")
    yield _yaml("question marks", fill("? "), "BFG108")
    yield _yaml("ever deeper", "".join(f"{' ' * n}a:\n" for n in range(1400)), "BFG111")
    yield _yaml("one long key", fill("k", "", ": 1\n"), "BFG103")
    yield _yaml("one long quoted key", fill("k", '"', '": 1\n'), "BFG103")
    yield _yaml("many keys", counted("key{n}: 1\n", 80_000), "BFG201")
    yield _yaml("one key over and over", fill("a: 1\n"), "BFG104")
    yield _yaml("many documents", fill("---\n"), "BFG107")
    yield _yaml("digits", fill("9", "a: ", "\n"), "BFG110")
    yield _yaml("a long float", fill("9", "a: 1.", "e5\n"), "BFG201")
    yield _yaml("a great exponent", fill("9", "a: 1e", "\n"), "BFG110")
    yield _yaml("a long text", fill("x", "tenant: ", "\n"), "BFG202")
    yield _yaml("escapes", fill("\\u00e9", 'tenant: "', '"\n'), "BFG202")
    yield _yaml("an open quote", fill("x\n", "a: '", ""), "BFG103")
    yield _yaml("quotes", fill("''", "a: '", "'\n"), "BFG201")
    yield _yaml("a comment", fill("#"), "BFG113")
    yield _yaml("comments", fill("# x\n"), "BFG113")
    yield _yaml("blank lines", fill("\n"), "BFG113")
    yield _yaml("blanks", fill(" "), "BFG113")
    yield _yaml("tags", fill("- !t x\n"), "BFG106")
    yield _yaml("anchors", fill("- &a x\n"), "BFG105")
    yield _yaml("directives", fill("%YAML 1.2\n"), "BFG103")
    yield _yaml("tabs", fill("\t"), "BFG103")
    yield _yaml("zero bytes", b"a: " + b"\0" * MEGABYTE, "BFG114")
    yield _yaml("no UTF-8", b"a: " + b"\xff" * MEGABYTE, "BFG102")
    yield _yaml("byte order marks", fill("\ufeff", size=MEGABYTE // 3), "BFG114")
    yield _yaml("carriage returns", fill("\r", "a: 1"), "BFG201")
    yield _yaml("a block text", fill("  x\n", "a: |\n"), "BFG201")
    yield _yaml("a folded text", fill("  x\n\n", "a: >\n"), "BFG201")
    yield _yaml("colons", fill("a: "), "BFG103")
    yield _yaml("stars", fill("*a "), "BFG105")
    yield _yaml("bars", fill("|"), "BFG103")
    yield _yaml("closing brackets", fill("]"), "BFG103")
    yield _yaml("commas", fill(",", "a: [", "]\n"), "BFG103")
    yield _yaml("empty lists", fill("[],", "a: [", "]\n"), "BFG201")
    yield _yaml("ambiguous words", fill("- no\n", "a:\n"), "BFG201")
    yield _yaml("old numbers", fill("- 010\n", "a:\n"), "BFG201")


def json_texts() -> Iterator[Bomb]:
    yield _json("brackets", fill("["), "BFG111")
    yield _json("objects", fill('{"a":'), "BFG111")
    yield _json("digits", fill("9", '{"a":', "}"), "BFG110")
    yield _json("a great exponent", fill("9", '{"a":1e', "}"), "BFG110")
    yield _json("one key over and over", fill('"a":1,', "{", '"a":1}'), "BFG104")
    yield _json("zero characters", fill("\\u0000", '{"a":"', '"}'), "BFG114")
    yield _json("halves of characters", fill("\\ud800", '{"a":"', '"}'), "BFG114")
    yield _json("commas", fill(",", '{"a":[', "]}"), "BFG103")
    yield _json("backslashes", fill("\\", '{"a":"'), "BFG103")
    yield _json("an open text", fill("x", '{"a":"'), "BFG103")
    yield _json("many values", fill("0,", '{"a":[', "0]}"), "BFG202")
    yield _json("NaN", fill("NaN,", '{"a":[', "0]}"), "BFG110")


_ROWS = [{"id": number} for number in range(50_000)]
_LONG = "x" * (MEGABYTE // 2)
_GATE = {"by": "ann", "at": "2026-11-20T10:00:00Z"}
_WAIVER = {
    "reason": "r",
    "requested_by": "ann",
    "approved_by": "bob",
    "expires": "2026-12-01T00:00:00Z",
}
_RECORD = {
    "contract": "Probe.v1",
    "observed_at": "2026-11-20T09:00:00Z",
    "collector": "x",
    "target": {"adapter": "reactor", "kind": "live"},
    "sha256": "0" * 64,
}


def scenarios() -> Iterator[Bomb]:
    yield _scenario(
        "many actors", {"actors": [{"id": f"a{n}", "role": "chief"} for n in range(25_000)]}, None
    )
    yield _scenario(
        "one actor over and over", {"actors": [{"id": "a", "role": "chief"}] * 25_000}, "BFG307"
    )
    yield _scenario(
        "actors of no role",
        {"actors": [{"id": f"a{n}", "role": "chef"} for n in range(25_000)]},
        "BFG304",
    )
    yield _scenario(
        "acceptances of no gate",
        {"acceptances": [{"gate": f"main/x{n}", **_GATE} for n in range(14_000)]},
        "BFG512",
    )
    yield _scenario(
        "acceptances of one gate",
        {"acceptances": [{"gate": "main/accepted", **_GATE}] * 14_000},
        None,
    )
    yield _scenario(
        "waivers of no gate",
        {"waivers": [{"gate": f"main/x{n}", **_WAIVER} for n in range(8_000)]},
        "BFG524",
    )
    yield _scenario(
        "waivers of one gate", {"waivers": [{"gate": "main/g", **_WAIVER}] * 8_000}, None
    )
    yield _scenario("records", {"evidence": {f"r{n}": _RECORD for n in range(5_000)}}, "BFG206")
    yield _scenario("unknown facts", {f"fact{n}": n for n in range(50_000)}, "BFG201")
    yield _scenario("a long name", {"tenant": _LONG}, "BFG205")
    yield _scenario("a long unknown key", {_LONG: 1}, "BFG201")
    yield _scenario("a long id", {"scenario": _LONG}, "BFG205")
    yield _scenario("a long gate", {"acceptances": [{"gate": f"main/{_LONG}", **_GATE}]}, "BFG205")
    yield _scenario("a long role", {"actors": [{"id": "a", "role": _LONG}]}, "BFG205")
    yield _scenario("a long digest", {"snapshot": {"sha256": "0" * MEGABYTE}}, "BFG205")
    yield _scenario(
        "a long instant",
        {
            "waivers": [
                {
                    "gate": "main/g",
                    **_WAIVER,
                    "expires": "2026-11-20T09:00:00." + "0" * MEGABYTE + "Z",
                }
            ]
        },
        "BFG205",
    )
    yield _scenario(
        "many permissions",
        {"actors": [{"id": "a", "role": "chief", "permissions": [f"p{n}" for n in range(90_000)]}]},
        None,
    )
    yield _scenario(
        "one table", {"snapshot": {"schema": "Rows.v1", "tables": {"rows": _ROWS}}}, None
    )
    yield _scenario(
        "one row",
        {
            "snapshot": {
                "schema": "Rows.v1",
                "tables": {"rows": [{f"c{n}": n for n in range(70_000)}]},
            }
        },
        None,
    )
    yield _scenario(
        "one cell",
        {"snapshot": {"schema": "Rows.v1", "tables": {"rows": [{"c": "é" * (MEGABYTE // 6)}]}}},
        None,
    )
    yield _scenario(
        "many tables",
        {"snapshot": {"schema": "Rows.v1", "tables": {f"t{n}": [] for n in range(60_000)}}},
        None,
    )
    yield _scenario("keys of one hash", {"numbers": [2**61 - 1] * 50_000}, None)
    yield _scenario("wrong items", {"numbers": ["x"] * 200_000}, "BFG203")
    yield _scenario(
        "items that repeat", {"unique": [[n % 2, "x"] for n in range(60_000)]}, "BFG205"
    )
    yield _scenario("items that nearly repeat", {"unique": [[n, "x"] for n in range(60_000)]}, None)
    yield _scenario("a hard match", {"word": "a" * 500_000 + "!"}, "BFG205")


def policies() -> Iterator[Bomb]:
    yield _policy("many gates", _HEAD + counted("  g{n}: {{rule: flag}}\n", 25_000), None)
    yield _policy("many mistakes", _HEAD + counted("  g{n}: {{rule: flog}}\n", 40_000), "BFG402")
    yield _policy(
        "many unknown fields", _HEAD + counted("  g{n}: {{ruel: flag}}\n", 40_000), "BFG201"
    )
    yield _policy(
        "many unknown needs", _HEAD + counted("  g{n}: {{needs: [h{n}]}}\n", 35_000), "BFG301"
    )
    yield _policy("a circle", _circle(35_000), "BFG302")
    yield _policy(
        "gates that need themselves",
        _HEAD + counted("  g{n}: {{needs: [g{n}]}}\n", 35_000),
        "BFG302",
    )
    yield _policy(
        "a chain",
        _HEAD
        + "  g0: {rule: flag}\n"
        + "".join(f"  g{n + 1}: {{needs: [g{n}]}}\n" for n in range(20_000)),
        None,
    )
    yield _policy(
        "needs of one gate",
        _HEAD + "  a: {rule: flag}\n  b: {needs: [" + counted("x{n}, ", 100_000) + "]}\n",
        "BFG301",
    )
    yield _policy(
        "one need over and over",
        _HEAD + "  a: {rule: flag}\n  b: {needs: [" + "a, " * 300_000 + "]}\n",
        "BFG205",
    )
    yield _policy(
        "all need all",
        _HEAD
        + "".join(
            f"  g{n}: {{needs: [{', '.join(f'g{m}' for m in range(n))}], rule: flag}}\n"
            for n in range(500)
        ),
        None,
    )
    yield _policy(
        "languages",
        _HEAD + "  a: {rule: flag, title: {" + counted("l{n}: x, ", 80_000) + "}}\n",
        "BFG205",
    )
    yield _policy(
        "a long title",
        _HEAD + "  a: {rule: flag, title: {en: " + "x" * 1_000_000 + "}}\n",
        "BFG205",
    )
    yield _policy(
        "labels",
        _HEAD + "  a: {rule: flag, labels: {" + counted("l{n}: x, ", 80_000) + "}}\n",
        None,
    )
    yield _policy("a long gate id", _HEAD + "  " + "a" * 1000 + ": {rule: flag}\n", "BFG205")
    yield _policy(
        "a long unknown field", _HEAD + "  g: {rule: flag, " + "a" * 1000 + ": 1}\n", "BFG201"
    )
    yield _policy(
        "an endless ladder",
        _HEAD
        + "  a: {rule: flag}\ndecision:\n"
        + fill("- {code: X, until: [main]}\n", size=900_000)
        + "- {code: GO}\n",
        None,
    )
    yield _policy(
        "a ladder of strangers",
        _HEAD
        + "  a: {rule: flag}\ndecision:\n"
        + counted("- {{code: X, until: [b{n}]}}\n", 30_000)
        + "- {code: GO}\n",
        "BFG301",
    )
    yield _policy("too large", fill("#", size=MEGABYTE + 100), "BFG112")


def rules() -> Iterator[Bomb]:
    yield _rule("parentheses", "(" * 4000 + "flag" + ")" * 4000, "BFG407")
    yield _rule("brackets", "[" * 8000, "BFG407")
    yield _rule("not, not, not", "!" * 8000 + "flag", None)
    yield _rule("minus, minus", "-" * 8000 + "1 == 1", None)
    yield _rule("a long sum", "1" + "+1" * 4000 + " > 0", "BFG407")
    yield _rule("a long or", "flag" + "||flag" * 1300, None)
    yield _rule("conditionals", "flag ? " * 1100 + "flag" + " : flag" * 40, "BFG401")
    yield _rule("fields", "flag" + ".a" * 4000, "BFG407")
    yield _rule("calls", "word" + ".trim()" * 1100 + " == ''", "BFG407")
    yield _rule(
        "loops in loops",
        ".".join(["numbers.all(a, numbers"] * 1)
        + ".all(b, numbers.all(c, numbers.all(d, a + b + c + d >= 0))))",
        "BFG410",
    )
    yield _rule(
        "doubling",
        "".join(
            f"cel.bind(s{n}, s{n - 1} + s{n - 1}, " if n else "cel.bind(s0, word, "
            for n in range(60)
        )
        + "s59 == ''"
        + ")" * 60,
        "BFG410",
    )
    yield _rule("a hard pattern", "word.matches('^(a+)+$')", None)
    yield _rule("a great pattern", "word.matches('((a{100}){100}){100}')", "BFG406")
    yield _rule("patterns in a pattern", "word.matches('" + "(" * 2000 + ")" * 2000 + "')", None)
    yield _rule("a pattern of patterns", "word.matches('" + "(a|b)*" * 1000 + "')", None)
    yield _rule("replacing", "word.replace('', word.replace('', word)) != ''", None)
    yield _rule(
        "maps of lists",
        "numbers.map(a, numbers.map(b, numbers.map(c, [a, b, c]))).size() > 0",
        None,
    )
    yield _rule("text of text", "'%s'.format([" + "[" * 90 + "]" * 90 + "]) != ''", None)
    yield _rule("digits", "1" * 8000 + " > 0", "BFG401")
    yield _rule("an exponent", "1e" + "9" * 8000 + " > 0.0", "BFG401")
    yield _rule("an open text", "'" + "a" * 8000, "BFG401")
    yield _rule("names", "a" * 8000, "BFG402")
    yield _rule(
        "comparing all with all", "numbers.all(a, numbers.exists(b, numbers == numbers))", None
    )


def contracts() -> Iterator[Bomb]:
    yield _contract(
        "a hard pattern", _facts(flag={"type": "boolean"}, word={"pattern": "^(a+)+$"}), "BFG201"
    )
    yield _contract("a great pattern", _facts(word={"pattern": "((a{100}){100}){100}"}), "BFG207")
    yield _contract("patterns", _facts(word={"pattern": "(" * 5000 + ")" * 5000}), "BFG207")
    yield _contract("ever deeper", '{"a":' * 200_000, "BFG111")
    yield _contract("any of any of", _facts(flag=_nested("anyOf", 25)), "BFG405")
    yield _contract("one of one of", _facts(flag=_nested("oneOf", 25)), "BFG405")
    yield _contract("two ways at each level", _either(40), "BFG207")
    branch = {"$ref": "#/$defs/n"}
    node = {"properties": {"flag": {"anyOf": [branch, branch]}}}
    yield _contract(
        "two ways for each level of the data", {"$defs": {"n": node}, **branch}, "BFG207"
    )
    yield _contract("a reference to itself", {"$ref": "#"}, "BFG402")
    yield _contract(
        "references in a circle",
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        "BFG402",
    )
    yield _contract(
        "a chain of references",
        {
            "$ref": "#/$defs/d0",
            "$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(15_000)}
            | {"d15000": FACTS},
        },
        "BFG402",
    )
    yield _contract("a remote reference", {"$ref": "https://example.invalid/schema.json"}, "BFG207")
    yield _contract(
        "fields", _facts(**{f"f{n}": {"type": "string"} for n in range(30_000)}), "BFG402"
    )
    yield _contract("values", _facts(flag={"enum": list(range(150_000))}), "BFG405")
    yield _contract(
        "patterns of keys",
        {"patternProperties": {f"^x{n}": {"type": "string"} for n in range(2_000)}},
        "BFG207",
    )
    yield _contract(
        "a fraction of nothing",
        _facts(number={"multipleOf": 1e-300}, flag={"type": "boolean"}),
        "BFG207",
    )
    yield _contract(
        "required fields", {**FACTS, "required": [f"f{n}" for n in range(80_000)]}, "BFG202"
    )


def templates() -> Iterator[Bomb]:
    yield _template("loops", "{% for a in gates %}" * 40 + "x" + "{% endfor %}" * 40)
    yield _template("multiplied text", "{{ 'x' * 999999999 }}")
    yield _template("multiplied lists", "{{ ([1] * 999999999) | length }}")
    yield _template("powers", "{{ 9 ** 9 ** 9 ** 9 }}")
    yield _template("itself", "{% include 'sheet.txt' %}")
    yield _template("a macro in itself", "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}")
    yield _template("parentheses", "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}")
    yield _template("conditions", "{% if 1 %}" * 5_000 + "{% endif %}" * 5_000)
    yield _template(
        "doubling",
        "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a | line }}",
    )
    yield _template("expressions", fill("{{ 1 }}", size=250_000), None)
    yield _template("too large", fill("{{ 1 }}", size=900_000))
    lists = "{% set l = [1] %}{% set m = [1] %}" + "{% set l = [l, l] %}{% set m = [m, m] %}" * 40
    pairs = "{% set t = (1, 2) %}" + "{% set t = (t, t) %}" * 40
    texts = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 23
    yield _template("lists of lists compared", lists + "{% if l == m %}{% endif %}")
    yield _template("lists of lists looked for", lists + "{{ [l] | select('in', [m]) | list }}")
    yield _template("lists of lists sorted", lists + "{{ [l, m] | sort | length }}")
    yield _template("lists of lists written", lists + "{{ l | plural('a', 'b') }}")
    yield _template("pairs of pairs as a key", pairs + "{{ {t: 1} | length }}")
    yield _template("long texts sorted", texts + "{{ [" + "a, " * 5_000 + "] | sort | length }}")
    yield _template(
        "long texts joined", texts + "{% for b in gates %}{% set c = a ~ 1 %}{% endfor %}" * 9
    )
    yield _template("long texts looked into", texts + "{{ ['z'] | select('in', a) | list }}" * 99)
    turns, end = "{% for b in gates %}" * 15, "{% endfor %}" * 15
    yield _template("long turns", turns + "{% if gates %}{% endif %}" * 8_000 + end)
    names = "{% set a = '" + "a," * 90_000 + "' %}"
    sorting = "{% if [] | sort(attribute=a) %}{% endif %}"
    yield _template("names of attributes", names + turns + sorting + end)
    yield _template(
        "macros", "".join(f"{{% macro m{n}() %}}{{% endmacro %}}" for n in range(7_000))
    )
    yield _template("settings of names", counted("{{% set a{n} = 1 %}}", 12_500), None)
    yield _template("sums", "{{ " + "+".join(["1"] * 50_000) + " }}")


def packs() -> Iterator[Bomb]:
    yield Bomb(
        "pack: roles",
        "policies/pack.yaml",
        f"pack: p\nroles: [chief, {counted('r{n}, ', 100_000)}]\nfacts: Facts.v1\n",
        None,
    )
    yield Bomb(
        "pack: one role over and over",
        "policies/pack.yaml",
        f"pack: p\nroles: [chief, {'a, ' * 300_000}]\nfacts: Facts.v1\n",
        "BFG205",
    )
    yield Bomb(
        "pack: boards of nothing",
        "policies/pack.yaml",
        f"pack: p\nroles: [chief]\nfacts: Facts.v1\nboards: [{counted('b{n}, ', 100_000)}]\n",
        "BFG301",
    )
    yield Bomb(
        "pack: scores",
        "policies/pack.yaml",
        "pack: p\nroles: [chief]\nfacts: Facts.v1\nscores: {"
        + counted("s{n}: main, ", 60_000)
        + "}\n",
        "BFG309",
    )
    yield Bomb(
        "pack: gates never waived",
        "policies/pack.yaml",
        f"{_PACK}waivers: {{never: [{counted('main/g{n}, ', 70_000)}]}}\n",
        "BFG301",
    )
    yield Bomb("settings: brackets", "bfg-policy.toml", fill("[", "a = "), None)
    yield Bomb("settings: a key of many parts", "bfg-policy.toml", fill("a.", "", "a = 1\n"), None)
    yield Bomb("settings: tables", "bfg-policy.toml", counted("[t{n}]\n", 100_000), None)
    yield Bomb("settings: digits", "bfg-policy.toml", fill("9", "a = ", "\n"), None)


GROUPS = {
    each.__name__: each
    for each in (yaml_texts, json_texts, scenarios, policies, rules, contracts, templates, packs)
}
