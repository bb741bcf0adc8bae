"""What suppositions move, and why: each cause is what the gate's own proof, or its needs, say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.comparison.types import Cause, Move
from bfg_policy.evaluation.boards import is_ready
from bfg_policy.evaluation.proof import prove
from bfg_policy.evaluation.waivers import in_force, read_waivers
from bfg_policy.pack import node_words
from bfg_policy.planning.rules import EVIDENCE, reads
from bfg_policy.planning.supposing import signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bfg_policy.evaluation.proof import Proofs
    from bfg_policy.pack import Pack
    from bfg_policy.planning.supposing import Suppositions
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario


class Stand(NamedTuple):
    """One side: by which pack which scenario is what."""

    pack: Pack
    scenario: Scenario
    readiness: Readiness


def what_moves(before: Stand, after: Stand, suppositions: Suppositions) -> tuple[Move, ...]:
    """Every gate whose status is another one, in the pack's order, with its causes."""
    causes = _Causes(before, after, suppositions)
    return tuple(
        Move(gate.id, was.status, gate.status, tuple(causes.of(gate.id)))
        for gate in after.readiness.gates.values()
        if (was := before.readiness.gates[gate.id]).status != gate.status
    )


class _Causes:
    def __init__(self, before: Stand, after: Stand, suppositions: Suppositions) -> None:
        self._before = before
        self._after = after
        self._supposed = suppositions
        self._proofs = prove(before.pack, before.scenario), prove(after.pack, after.scenario)
        self._waivers = (
            read_waivers(before.pack, before.scenario),
            read_waivers(after.pack, after.scenario),
        )

    def of(self, gate: str) -> Iterator[Cause]:
        """Why a gate moved: by what is supposed of it, by time, by what it needs."""
        then, now = self._before.readiness.at, self._after.readiness.at
        old, new = self._proofs
        was, supposed, is_now = (
            _said(old, gate, then),
            _said(new, gate, then),
            _said(new, gate, now),
        )
        is_blocked = self._is(gate, "blocked")
        if is_blocked:
            yield from self._needs(gate)
        if supposed != was:
            yield from self._suppositions(gate)
        yield from self._waiver(gate)
        if is_now != supposed:
            yield Cause("time", f"time: {new.by_gate[gate].at(now).because}")
        if not is_blocked:
            yield from self._needs(gate)

    def _suppositions(self, gate: str) -> Iterator[Cause]:
        written = self._after.pack.gates[gate]
        found = False
        for act in self._supposed.accepted:
            if act.gate == gate:
                found = True
                by = act.by or signer(written, self._after.scenario)
                yield Cause("acceptance", f"accepted by `{by}`")
        if written.evidence is not None:
            contract = written.evidence.contract
            recorded = {str(record.data.get("contract")) for record in self._supposed.records}
            if contract in recorded or contract in self._supposed.contracts:
                found = True
                yield Cause("evidence", f"evidence of `{contract}` recorded")
        rules = [rule for rule in (written.rule, written.accept_actor) if rule is not None]
        supposed = self._supposed.settings
        settings = [
            each
            for each in supposed
            if any(reads(rule, each.path) for rule in rules)
            or (written.evidence is not None and each.path[0] == EVIDENCE)
        ]
        # A record may be about what was set, which no rule reads.
        for setting in settings or (() if found else supposed):
            yield Cause("fact", f"`{setting.written}`")

    def _waiver(self, gate: str) -> Iterator[Cause]:
        then, now = self._before.readiness.at, self._after.readiness.at
        old, new = self._waivers
        had, has = in_force(old, gate, then), in_force(new, gate, now)
        if had is None and has is not None and self._is(gate, "waived"):
            yield Cause("waiver", f"waived, approved by `{has.approved_by}`")
        elif had is not None and has is None:
            yield Cause("time", "time: its waiver has expired")

    def _is(self, gate: str, status: str) -> bool:
        return self._after.readiness.gates[gate].status == status

    def _needs(self, gate: str) -> Iterator[Cause]:
        for need in self._after.pack.gates[gate].needs:
            is_now = is_ready(self._after.readiness, need)
            if is_ready(self._before.readiness, need) != is_now:
                words = f"{node_words(need)} is {'' if is_now else 'no longer '}ready"
                yield Cause("need", words)


def _said(proofs: Proofs, gate: str, at: datetime) -> tuple[str, str]:
    part = proofs.by_gate[gate].at(at)
    return part.state, part.reason
