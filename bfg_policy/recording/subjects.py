"""What exactly somebody accepts, withdraws or waives: a gate as it stands before the act."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.evaluation.boards import is_ready
from bfg_policy.evaluation.proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bfg_policy.pack import Pack
    from bfg_policy.readiness import GateResult, Readiness
    from bfg_policy.scenario import Scenario

_BY_ACCEPTANCE = "acceptance-"


class Subject(NamedTuple):
    """One gate as it stands.

    asks: whether it asks for more than an acceptance. lacking: of that, what does not hold, in
    words. needs: how many gates and boards it needs. missing: those that are not ready.
    snapshot_sha256: what the scenario's data is at that moment; None without a snapshot.
    """

    gate: GateResult
    asks: bool
    lacking: tuple[str, ...]
    needs: int
    missing: tuple[str, ...]
    snapshot_sha256: str | None


def subjects(
    pack: Pack, scenario: Scenario, readiness: Readiness, gates: Iterable[str], at: datetime
) -> tuple[Subject, ...]:
    """The gates as they stand in a scenario that was judged at `at`."""
    proofs = prove(pack, scenario).by_gate
    found = []
    for each in gates:
        gate, result = pack.gates[each], readiness.gates[each]
        lacking = tuple(
            part.because
            for part in proofs[each].parts(at)
            if part.state != "holds" and not part.reason.startswith(_BY_ACCEPTANCE)
        )
        missing = tuple(need for need in gate.needs if not is_ready(readiness, need))
        found.append(
            Subject(
                result,
                gate.rule is not None,
                lacking,
                len(gate.needs),
                missing,
                scenario.snapshot_sha256,
            )
        )
    return tuple(found)
