"""`docs/rules.md`: its rules are the pack's own, its tables are right and lack nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from bfg_policy import pipeline
from bfg_policy.cel.functions import TABLE
from bfg_policy.cel.macros import COMPREHENSION_NAMES
from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.evaluation.expressions import View, evaluate
from bfg_policy.instants import parse_instant
from bfg_policy.reporters.literals import laid_out, literal
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
AT = parse_instant("2026-11-20T12:00:00Z")
# Macros that are not after a list or map.
OTHER_MACROS = {"has", "cel.bind", "optMap", "optFlatMap"}


class Row(NamedTuple):
    """One row of a table: what the example is of, the expression, and what is said of it."""

    subject: str | None
    expression: str
    gives: str


def cells(line: str) -> list[str]:
    """The cells of a table's line; a pipe within one is escaped."""
    found = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [cell.strip().replace("\\|", "|") for cell in found]


def rows() -> Iterator[Row]:
    """The rows of every table that has expressions."""
    header: list[str] | None = None
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = cells(line)
        elif "expression" in header and not line.startswith("| ---"):
            *subject, expression, gives = cells(line)
            named = subject[0].strip("`") if subject else None
            yield Row(named, expression.strip("`"), gives)


ROWS = list(rows())


@cache
def view() -> View:
    loaded = pipeline.open_terms(ROOT / "policies", None, ROOT)
    return pipeline.open_view(loaded, ROOT / "scenarios/grant-demo-local", None, AT, ROOT)


def said(finding: Finding) -> str:
    return f"error {finding.code}: {finding.message}"


def given(expression: str) -> str:
    """What an expression gives, as the page says it."""
    try:
        evaluation = evaluate(view(), expression.encode())
    except BfgPolicyError as error:
        return "; ".join(said(finding) for finding in error.findings if finding.is_error)
    if evaluation.type is None:
        return said(evaluation.findings[0])
    return f"`{laid_out(literal(evaluation.value), 1000)}`"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.expression[:60])
def test_an_expression_gives_what_the_page_says(row: Row) -> None:
    assert given(row.expression) == row.gives


def test_the_tables_name_every_function_and_macro_and_use_it() -> None:
    named = {row.subject for row in ROWS if row.subject}
    assert named == set(TABLE) | COMPREHENSION_NAMES | OTHER_MACROS
    for row in ROWS:
        assert row.subject is None or f"{row.subject}(" in row.expression


def in_policies() -> set[str]:
    """Every rule of the pack, without its line ends and indentation."""
    return {
        " ".join(gate["rule"].split())
        for path in Path(ROOT / "policies").glob("*.yaml")
        for gate in yaml.safe_load(path.read_text(encoding="utf-8")).get("gates", {}).values()
        if "rule" in gate
    }


QUOTED = re.findall(r"```cel\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("rule", QUOTED, ids=lambda rule: rule[:40])
def test_a_rule_that_is_quoted_is_one_of_the_pack(rule: str) -> None:
    assert " ".join(rule.split()) in in_policies()


def test_there_is_something_to_run() -> None:
    assert len(QUOTED) >= 5
    assert len(ROWS) > len(TABLE)
    assert PAGE.count("```console\n$ bfg-policy eval ") >= 5
