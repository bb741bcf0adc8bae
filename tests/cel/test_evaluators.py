"""The two evaluators never differ; what is generated holds no text of a rule; limits hold."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bfg_policy.cel import (
    BUDGET,
    DYN,
    CelEvaluationError,
    CelSyntaxError,
    check,
    explain,
    parse,
    program,
)
from bfg_policy.cel.codegen import source_of
from bfg_policy.cel.values import Meter
from tests.cel.adapter import same, to_typed
from tests.cel.fuzz import Programs, data, seeded

#: The nightly run asks for 100,000.
PROGRAMS = int(os.environ.get("BFG_POLICY_FUZZ_PROGRAMS", "2000"))


def outcome(text: str, bindings: dict[str, object]) -> tuple[dict[str, Any], int]:
    """What the closures say, as a typed value or a kind of error, and what it cost."""
    meter = Meter(BUDGET)
    try:
        value = program(parse(text)).evaluate_exactly(bindings, meter)
    except CelEvaluationError as error:
        place = text[error.start : error.end]
        return {"error": error.kind if place else "no place"}, meter.left
    return to_typed(value), meter.left


def test_generated_functions_and_closures_agree() -> None:
    rng = seeded(20261123)
    programs = Programs(rng)
    values = 0
    for _ in range(PROGRAMS):
        text, bindings = programs.program(), data(rng)
        exact, left = outcome(text, bindings)
        compiled = program(parse(text))
        function = compiled.prepare()
        assert function is not None, text
        meter = Meter(BUDGET)
        try:
            fast = to_typed(function(bindings, meter))
        except Exception:
            # It gave up: `evaluate` then says what the closures say.
            assert outcome(text, bindings) == (exact, left)
            continue
        values += 1
        assert "other" in exact or same(fast, exact), (text, bindings)
        # A value bound by `cel.bind` is worked out at once here, and when it is needed there.
        assert meter.left == left or ("cel.bind" in text and meter.left < left), (text, bindings)
    assert values > PROGRAMS / 3


def test_checking_and_explaining_take_any_program() -> None:
    rng = seeded(7)
    programs = Programs(rng)
    explained = 0
    for _ in range(PROGRAMS // 2):
        text, bindings = programs.program(), data(rng)
        expr = parse(text)
        for problem in check(expr, {"s": DYN}, DYN):
            assert 0 <= problem.start < problem.end <= len(text), (text, problem)
        exact, _ = outcome(text, bindings)
        if exact == {"bool": False}:
            explained += 1
            assert explain(program(expr), bindings), text
    assert explained > 50


def take(text: str, bindings: dict[str, object]) -> None:
    """All that is done with a rule; nothing but the language's own errors may leave it."""
    try:
        expr = parse(text)
    except CelSyntaxError:
        return
    check(expr, dict.fromkeys(bindings, DYN), DYN)
    compiled = program(expr)
    compiled.prepare()
    with suppress(CelEvaluationError):
        compiled.evaluate(bindings)


@given(st.text(alphabet="ab.()[]{}?:,'\"\\+-*/%!&|=<>01xu \n`", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_an_expression_or_one_problem(text: str) -> None:
    take(text, {"a": [1, {"b": "x"}]})


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_rule_with_a_piece_cut_out_never_breaks_the_engine(pick: st.DataObject) -> None:
    rng = seeded(pick.draw(st.integers(0, 10_000)))
    text, bindings = Programs(rng).program(), data(rng)
    start = pick.draw(st.integers(0, len(text)))
    take(text[:start] + text[start + pick.draw(st.integers(1, 6)) :], bindings)


NAUGHTY = [
    "s.`a b` == 'x' && s['__import__(\"os\")'] == '\\n__import__(\"os\")\\n'",
    "exec.eval.b == \"'''\" || m.k0 == t1",
    "[1].all(__class__, __class__ == 1) && rule == 1",
    "cel.bind(b, 1, b == 1) && cel.bind(m, 'm', m == 'm')",
]


@pytest.mark.parametrize("text", NAUGHTY)
def test_generated_source_holds_no_text_of_the_rule(text: str) -> None:
    expr = parse(text)
    source = source_of(expr)
    assert not re.search(r"['\"]|import|exec|eval", source.replace("new_map", ""))
    names = set(re.findall(r"[A-Za-z_]\w*", source))
    for word in ("s", "rule_text", "os", "exec", "eval", "__import__"):
        assert word not in names


def test_a_rule_that_runs_often_gets_a_function_and_stays_the_same() -> None:
    compiled = program(parse("s.n > 1 && s.items.all(i, i.ok)"))
    bindings = {"s": {"n": 2, "items": [{"ok": True}]}}
    assert [compiled.evaluate(bindings) for _ in range(20)] == [True] * 20
    with pytest.raises(CelEvaluationError) as caught:
        compiled.evaluate({"s": {"n": 2, "items": [{"ok": True}, {}]}})
    assert caught.value.path == "s.items[1].ok"


def test_rules_of_one_shape_do_not_share_their_constants() -> None:
    first, second = (program(parse(f"s.{name} == '{name}'")) for name in ("a", "b"))
    first.prepare()
    second.prepare()
    bindings = {"s": {"a": "a", "b": "x"}}
    assert (first.evaluate(bindings), second.evaluate(bindings)) == (True, False)


def test_deeper_than_python_can_compile_is_left_to_the_closures() -> None:
    text = "x"
    for level in range(24):
        text = f"[{level}].exists(y{level}, {text})"
    compiled = program(parse(text))
    assert compiled.prepare() is None
    assert compiled.evaluate({"x": True}) is True


def doubling(times: int, start: str, step: str, last: str) -> str:
    """`cel.bind`s of which each uses the one before twice; `$` stands for that one."""
    text = last
    for level in reversed(range(times)):
        before = f"v{level - 1}" if level else start
        text = f"cel.bind(v{level}, {step.replace('$', before)}, {text})"
    return text


def loops(times: int) -> str:
    text = "x0 < 99"
    for level in range(times):
        text = f"lists.range(60).all(x{level}, {text})"
    return text


BOMBS = {
    "loops in loops": loops(4),
    "a text doubled": doubling(40, "'aaaaaaaa'", "$ + $", "size(v39) > 0"),
    "a list doubled": doubling(40, "[1]", "$ + $", "size(v39) > 0"),
    "lists compared": doubling(30, "[1]", "[$, $]", "v29 == [v28, v28]"),
    "lists written": doubling(30, "[1]", "[$, $]", "'%s'.format([v29]) == ''"),
    "lists flattened": doubling(30, "[1]", "[$, $]", "v29.flatten(100) == []"),
    "a range": "lists.range(9223372036854775807).exists(x, x < 0)",
    "replacing": doubling(6, f"'{'a' * 40}'", "$.replace('a', $)", "v5 == ''"),
    "joining": doubling(
        12, "['aaaaaaaaaaaaaaaa']", "$ + $", "v11.join(v11.join(v11.join())) == ''"
    ),
    "patterns": "lists.range(9999).all(x, !'a'.matches('((a{9}){9}){9}' + string(x)))",
    "searching": "lists.range(3000).all(x, x in lists.range(3000))",
    "distinct": "lists.range(10000).distinct() == []",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_costs_end_at_the_budget(text: str) -> None:
    compiled = program(parse(text))
    compiled.prepare()
    with pytest.raises(CelEvaluationError) as caught:
        compiled.evaluate({}, budget=100_000)
    assert caught.value.kind == "limit"


def test_nothing_absorbs_an_error_over_the_budget() -> None:
    for text in ("{} || true", "true && !({} && false)", "[1, 2].exists(x, x == 2 || {})"):
        rule = text.replace("{}", "lists.range(1000).all(y, y < 0 || y >= 0)")
        with pytest.raises(CelEvaluationError) as caught:
            program(parse(rule)).evaluate({}, budget=100)
        assert caught.value.kind == "limit"


def test_data_nested_too_deep_is_an_error() -> None:
    deep: list[Any] = []
    other: list[Any] = []
    for _ in range(5_000):
        deep, other = [deep], [other]
    with pytest.raises(CelEvaluationError) as caught:
        program(parse("a == b")).evaluate({"a": deep, "b": other})
    assert caught.value.kind == "limit"
