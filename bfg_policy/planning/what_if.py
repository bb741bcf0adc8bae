"""Suppositions -> what they do: the scenario judged as it is, and as it would be then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.comparison.results import decision_moves, newly_next
from bfg_policy.evaluation import judge
from bfg_policy.instants import format_duration, format_instant
from bfg_policy.planning.document import SupposedDocument
from bfg_policy.planning.moving import Stand, what_moves
from bfg_policy.planning.supposing import (
    assuming,
    signer,
    with_acts,
    with_records,
    with_settings,
)
from bfg_policy.scenario.building import build_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bfg_policy.comparison.types import DecisionMove, Move
    from bfg_policy.contracts import Contracts
    from bfg_policy.errors import Finding
    from bfg_policy.pack import Pack
    from bfg_policy.planning.supposing import Suppositions
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.merged import Merged


class WhatIf(NamedTuple):
    """What suppositions do. before, after: the two results; supposed: each in words.

    newly_next: as of a comparison. findings: those of the result that were not there before.
    """

    supposed: tuple[str, ...]
    before: Readiness
    after: Readiness
    moves: tuple[Move, ...]
    decisions: tuple[DecisionMove, ...]
    newly_next: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def regressed(self) -> tuple[Move, ...]:
        """The moves that went backwards."""
        return tuple(move for move in self.moves if move.is_regressed)


def suppose(
    pack: Pack, contracts: Contracts, merged: Merged, suppositions: Suppositions, at: datetime
) -> WhatIf:
    """What suppositions do to a scenario. merged: its document; at: when they come about.

    Raises ContractError and LinkError, for the document as it is and as it is supposed to be;
    BadPath where a setting leads nowhere; NobodyMay where nobody could accept a gate.
    """
    scenario = build_scenario(merged, pack, contracts)
    before = judge(pack, scenario, at)
    settled = with_settings(merged.data, suppositions)
    first = build_scenario(SupposedDocument(merged, settled), pack, contracts)
    data = with_acts(settled, first, pack, suppositions, at)
    second = build_scenario(SupposedDocument(merged, data), pack, contracts)
    then = with_records(second, suppositions.contracts, at)
    told = assuming(pack, suppositions.contracts)
    after = judge(told, then, suppositions.until(at))
    return WhatIf(
        supposed=tuple(_in_words(suppositions, pack, first)),
        before=before,
        after=after,
        moves=what_moves(Stand(pack, scenario, before), Stand(told, then, after), suppositions),
        decisions=decision_moves(before, after),
        newly_next=newly_next(before, after),
        findings=tuple(each for each in after.findings if each not in before.findings),
    )


def _in_words(suppositions: Suppositions, pack: Pack, scenario: Scenario) -> Iterator[str]:
    for setting in suppositions.settings:
        yield f"`{setting.written}` is set"
    for record in suppositions.records:
        yield f"the record in `{record.path}` is the evidence of its contract"
    for contract in suppositions.contracts:
        yield f"evidence of `{contract}` is recorded, of a live target, as its gates ask for it"
    for act in suppositions.accepted:
        by = act.by or signer(pack.gates[act.gate], scenario)
        yield f"`{act.gate}` is accepted by `{by}`"
    for act in suppositions.waived:
        by = f", approved by `{act.by}`" if act.by else ""
        yield f"`{act.gate}` is waived{by}"
    if isinstance(suppositions.later, timedelta):
        yield f"{format_duration(suppositions.later)} pass"
    elif suppositions.later is not None:
        yield f"it is {format_instant(suppositions.later)}"
