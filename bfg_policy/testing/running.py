"""Cases -> outcomes: each is built, judged, and held against what it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import BfgPolicyError
from bfg_policy.evaluation import waivers
from bfg_policy.evaluation.boards import decisions
from bfg_policy.evaluation.judging import all_findings
from bfg_policy.evaluation.proof import prove
from bfg_policy.evaluation.statuses import find_statuses
from bfg_policy.scenario.building import build_scenario
from bfg_policy.testing import coverage
from bfg_policy.testing.comparing import Got, compare
from bfg_policy.testing.types import Judged, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario
    from bfg_policy.testing.types import Case


def run(cases: Iterable[Case], pack: Pack, contracts: Contracts) -> list[Outcome]:
    """What came of each case, in their order. No case sees another."""
    return [run_case(case, pack, contracts) for case in cases]


def run_case(case: Case, pack: Pack, contracts: Contracts) -> Outcome:
    """What came of one case. That a scenario cannot be judged must be expected, too."""
    scenario = built(case, pack, contracts)
    got: Got
    if isinstance(scenario, BfgPolicyError):
        got = scenario.findings
    else:
        got = judged(pack, scenario, case.at)
    failures = tuple(compare(case.expected, got, pack))
    if failures or not isinstance(got, Judged):
        covered: frozenset[str] = frozenset()
    else:
        covered = frozenset(coverage.shown_by(case.expected, got, pack))
    return Outcome(case.suite, case.name, case.at, case.spot.place, failures, covered)


def built(case: Case, pack: Pack, contracts: Contracts) -> Scenario | BfgPolicyError:
    """The scenario of a case; where it cannot be judged, what is wrong with it."""
    try:
        return build_scenario(case.merged, pack, contracts)
    except BfgPolicyError as error:
        return error


def judged(pack: Pack, scenario: Scenario, at: datetime) -> Judged:
    """What tests look at: as `evaluation.judge` has it, without what only reports need."""
    proofs = prove(pack, scenario)
    granted = waivers.read_waivers(pack, scenario)
    statuses = find_statuses(pack, proofs, granted, at)
    return Judged(
        {gate: each[:3] for gate, each in statuses.judged.items()},
        statuses.is_ready,
        decisions(pack, statuses.is_ready),
        all_findings(pack, scenario, proofs, granted, at),
    )


def chosen(cases: Sequence[Case], words: Sequence[str]) -> tuple[Case, ...]:
    """The cases whose suite or name holds one of some words, in capitals or not; else all."""
    if not words:
        return tuple(cases)
    folded = [word.casefold() for word in words]
    return tuple(
        case
        for case in cases
        if any(word in f"{case.suite}: {case.name}".casefold() for word in folded)
    )
