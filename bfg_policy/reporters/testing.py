"""What every format says of a run of tests, in words that are the same in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.reporters.painting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.testing.results import Run
    from bfg_policy.testing.types import Outcome


def testing_title(run: Run) -> str:
    """How many tests there were, and how many failed: `120 tests: all passed`."""
    told = f"{len(run.failed)} failed" if run.failed else "all passed"
    suites = len({outcome.suite for outcome in run.outcomes})
    return f"{counted(len(run.outcomes), 'test')} of {counted(suites, 'suite')}: {told}"


def testing_sentences(run: Run) -> Iterator[str]:
    """The title, what is covered, and how many weakened policies were noticed."""
    yield testing_title(run)
    covered = run.coverage
    if covered is not None:
        least = f"; {run.minimum} % were asked for" if run.minimum is not None else ""
        told = f"tests expect {covered.seen} of {covered.total} outcomes of gates and boards"
        yield f"Coverage {covered.percent} %: {told}{least}"
    mutation = run.mutation
    if mutation is not None:
        yield (
            f"Mutation: {counted(mutation.total, 'weakening')}; tests notice {mutation.noticed},"
            f" {len(mutation.explained)} explained, {len(mutation.survivors)} unnoticed"
        )
    elif run.failed and run.wants_mutation:
        yield "Mutation: not tried, for a test fails already"


def by_suite(run: Run) -> dict[str, list[Outcome]]:
    """What came of the tests, by suite, in the order of the files."""
    suites: dict[str, list[Outcome]] = {}
    for outcome in run.outcomes:
        suites.setdefault(outcome.suite, []).append(outcome)
    return suites
