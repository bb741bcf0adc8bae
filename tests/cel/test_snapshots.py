"""Whole outputs, to be read in review: every word of a problem, and the generated code."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from bfg_policy.cel import parse
from bfg_policy.cel.codegen import source_of
from tests.cel.test_check import MISTAKES, WARNINGS, problems

RULES = {
    "a field": "snapshot.rows.operations > 0",
    "a chain": "evidence.endpoint.reachable && evidence.endpoint.redacted != ''",
    "a macro": "providers.all(p, p.state == 'up' && p.id.matches('^[a-z]+$'))",
    "a macro in a chain": "target != '' && actors.exists(a, a.permissions.all(p, p.trim() != ''))",
    "a branch": "has(s.note) ? s.note.size() > 3 : s.claims.map(k, [k]).size() == 0",
}


def told(text: str) -> str:
    """Problems as somebody sees them, without the place, which other tests look at."""
    lines = [text]
    for problem in problems(text):
        lines.append(f"  {problem.severity} [{problem.kind}]: {problem.message}")
        if problem.suggestion is not None:
            lines.append(f"    did you mean {problem.suggestion}?")
        if problem.hint is not None:
            lines.append(f"    {problem.hint}")
    return "\n".join(lines)


def test_the_words_of_problems(snapshot: SnapshotAssertion) -> None:
    rules = [row[0] for rows in MISTAKES.values() for row in rows] + [row[0] for row in WARNINGS]
    assert "\n".join(told(rule) for rule in rules if len(rule) < 200) == snapshot


@pytest.mark.parametrize("name", RULES)
def test_generated_code(name: str, snapshot: SnapshotAssertion) -> None:
    assert source_of(parse(RULES[name])) == snapshot
