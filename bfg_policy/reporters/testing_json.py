"""The `json` format of a run of tests: `TestResults.v1`, as its contract has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.instants import format_instant
from bfg_policy.reporters.json import Data, document_text, finding_data, place_data
from bfg_policy.reporters.results import Tested

if TYPE_CHECKING:
    from bfg_policy.reporters.results import Result, Style
    from bfg_policy.testing.coverage import Coverage, Goal
    from bfg_policy.testing.mutants import Mutant
    from bfg_policy.testing.mutation import Mutation
    from bfg_policy.testing.results import Run
    from bfg_policy.testing.types import Outcome


def report(result: Result, _style: Style) -> str:
    """The run as JSON, indented by two blanks."""
    assert isinstance(result, Tested)
    return document_text(results_document(result.run))


def results_document(run: Run) -> Data:
    """The run as `TestResults.v1`: plain data."""
    failed = len(run.failed)
    return {
        "contract": "TestResults.v1",
        "pack": run.pack._asdict(),
        "passed": len(run.outcomes) - failed,
        "failed": failed,
        "total": len(run.outcomes),
        "tests": [_test(outcome) for outcome in run.outcomes],
        "coverage": None if run.coverage is None else _coverage(run.coverage, run.minimum),
        "mutation": None if run.mutation is None else _mutation(run.mutation),
        "findings": [finding_data(each) for each in (*run.gaps, *run.leaks, *run.warnings)],
    }


def _test(outcome: Outcome) -> Data:
    return {
        "suite": outcome.suite,
        "test": outcome.name,
        "at": format_instant(outcome.at),
        "passed": outcome.passed,
        **place_data(outcome.place),
        "failures": [finding_data(failure) for failure in outcome.failures],
    }


def _coverage(covered: Coverage, minimum: int | None) -> Data:
    return {
        "seen": covered.seen,
        "total": covered.total,
        "percent": covered.percent,
        "minimum": minimum,
        "missing": [_goal(goal) for goal in covered.missing],
    }


def _goal(goal: Goal) -> Data:
    return {"board": goal.board, "gate": goal.gate, "what": goal.what, **place_data(goal.place)}


def _mutation(mutation: Mutation) -> Data:
    return {
        "total": mutation.total,
        "noticed": mutation.noticed,
        "equivalent": mutation.equivalent,
        "explained": [{**_mutant(each), "because": why} for each, why in mutation.explained],
        "survivors": [_mutant(each) for each in mutation.survivors],
    }


def _mutant(mutant: Mutant) -> Data:
    return {"mutant": mutant.id, **place_data(mutant.place)}
