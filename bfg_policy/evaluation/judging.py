"""Pack x Scenario x instant -> Readiness: the order of the steps, and all findings at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, in_order
from bfg_policy.evaluation import acceptances, boards, evidence, gates, waivers
from bfg_policy.evaluation.changes import next_change
from bfg_policy.evaluation.proof import Proofs, prove
from bfg_policy.evaluation.statuses import find_statuses
from bfg_policy.readiness import Readiness

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario


def judge(pack: Pack, scenario: Scenario, at: datetime) -> Readiness:
    """The readiness of a scenario by a pack at an instant.

    at: UTC in whole seconds. Pure: the same result for the same three, always.
    """
    proofs = prove(pack, scenario)
    granted = waivers.read_waivers(pack, scenario)
    statuses = find_statuses(pack, proofs, granted, at)
    told = gates.gate_results(pack, proofs, statuses)
    decided = boards.decisions(pack, statuses.is_ready)
    board_results = {
        board.id: boards.board_result(board, told, decided.get(board.id))
        for board in pack.boards.values()
    }
    return Readiness(
        scenario=scenario.id,
        target=scenario.target,
        at=at,
        pack=pack.id,
        verdict=decided[pack.verdict][0] if pack.verdict else None,
        gates=told,
        boards=board_results,
        scores={
            name: boards.score(pack, board, told, board_results)
            for name, board in pack.scores.items()
        },
        owners=boards.owners(pack, scenario, told),
        observations=evidence.observations(pack, proofs.held, at),
        next_action=gates.next_action(told, statuses),
        next_change=next_change(proofs, granted, statuses, at),
        findings=all_findings(pack, scenario, proofs, granted, at),
    )


def all_findings(
    pack: Pack, scenario: Scenario, proofs: Proofs, granted: waivers.Waivers, at: datetime
) -> tuple[Finding, ...]:
    """Everything that is wrong with the claims of a scenario, in the order of the places."""
    return in_order(
        [
            *proofs.findings,
            *evidence.findings(pack, scenario, proofs.held, at),
            *acceptances.findings(scenario, proofs.signatures, at),
            *waivers.findings(scenario, granted, at),
        ]
    )
