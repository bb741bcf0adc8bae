"""`bfg-policy test`: tests of policies, what they cover, and whether they notice weak ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bfg_policy.cli import exits, inputs, outputs
from bfg_policy.cli.paths import exists
from bfg_policy.errors import Finding, NothingToJudge, Place
from bfg_policy.reporters import Tested
from bfg_policy.resources import ROOT, packaged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.pipeline import LoadedPack
    from bfg_policy.testing.results import Run
    from bfg_policy.testing.types import Suites

_FOLDER = "tests"


@click.command(short_help="Test the policies.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-k",
    "--filter",
    "words",
    metavar="TEXT",
    multiple=True,
    help="Only the tests whose suite or name holds this; repeatable, any of them will do.",
)
@click.option("--coverage", is_flag=True, help="Also tell what no test looks at.")
@click.option(
    "--min-coverage",
    metavar="PERCENT",
    type=click.IntRange(0, 100),
    help="Fail where the tests cover less of the pack.",
)
@click.option("--mutate", is_flag=True, help="Also weaken policies: each time a test must fail.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    help="Processes that share the work.  [default: as many as it is worth]",
)
@outputs.format_options
@inputs.policy_options
def test(
    paths: tuple[Path, ...],
    words: tuple[str, ...],
    coverage: bool,  # noqa: FBT001 - a flag
    min_coverage: int | None,
    mutate: bool,  # noqa: FBT001 - a flag
    jobs: int | None,
    form: str | None,
    output: tuple[outputs.Output, ...],
    policies: inputs.Policies,
) -> int:
    """Run the tests in PATH, files of suites or folders of them.

    Without PATH they are those in `tests` below the folder of the policies.

    \b
    Exit codes:
      0  the policies say what the tests expect
      1  a test fails, too little is covered, or a weakened policy goes unnoticed
      2  no such file or folder of tests
      3  there are no policies, or there are no tests
      4  the policies or a suite cannot be read

    \b
    Examples:
      bfg-policy test
      bfg-policy test -k peak --output junit=tests.xml
      bfg-policy test --min-coverage 100
      bfg-policy test --mutate
    """  # noqa: D301 - click's sign for lines that stay as they are
    if mutate and words:
        raise click.UsageError("`--mutate` takes all tests: leave `-k` away")
    printer = outputs.Printer(form, output, policies.color, summary=True)

    def work() -> int:
        loaded = policies.open_pack()
        suites = _read(paths, loaded, policies)
        run = _tested(suites, loaded, words, jobs)
        if coverage or min_coverage is not None:
            run = _covered(run, loaded, min_coverage)
        if mutate:
            run = _mutated(run, suites, loaded, jobs)
        printer.show(Tested(run))
        return exits.OK if run.passed else exits.NOT_READY

    return printer.run(work)


def _read(paths: Sequence[Path], loaded: LoadedPack, policies: inputs.Policies) -> Suites:
    from bfg_policy.testing.reading import read_suites

    for path in paths:
        if not exists(path):
            raise click.UsageError(f"there is no file or folder `{path}` of tests")
    folder = policies.folder or packaged("policies")
    is_packaged = policies.folder is None and not paths
    cwd = ROOT if is_packaged else Path.cwd()
    chosen = paths or (folder / _FOLDER,)
    return read_suites(chosen, loaded.pack, loaded.contracts, folder.parent, cwd)


def _tested(suites: Suites, loaded: LoadedPack, words: tuple[str, ...], jobs: int | None) -> Run:
    from bfg_policy.cli.workers import shared
    from bfg_policy.testing.results import Run
    from bfg_policy.testing.running import chosen, run_case

    cases = chosen(suites.cases, words)
    if not cases:
        raise NothingToJudge(
            Finding(
                "BFG101",
                "no test has such a name",
                Place(suites.cases[0].spot.document.path),
                note="nothing was tested",
                hint="`-k` takes a part of a suite's or a test's name",
            )
        )
    outcomes = shared(lambda case: run_case(case, loaded.pack, loaded.contracts), cases, jobs)
    return Run(loaded.pack.id, tuple(outcomes), None, None, None, suites.warnings)


def _covered(run: Run, loaded: LoadedPack, minimum: int | None) -> Run:
    from bfg_policy.testing.coverage import measured

    covered = measured(loaded.pack, (outcome.covered for outcome in run.outcomes))
    return run._replace(coverage=covered, minimum=minimum)


def _mutated(run: Run, suites: Suites, loaded: LoadedPack, jobs: int | None) -> Run:
    from bfg_policy.cli.workers import shared
    from bfg_policy.testing.mutants import mutants_of
    from bfg_policy.testing.mutation import Trial, resolved

    if run.failed:
        return run._replace(wants_mutation=True)
    listed, equivalent = mutants_of(loaded.pack)
    trial = Trial(suites.cases, loaded.pack, loaded.contracts)
    surviving = shared(trial.survives, listed, jobs)
    mutation = resolved(listed, surviving, equivalent, suites.explained)
    return run._replace(mutation=mutation, wants_mutation=True)
