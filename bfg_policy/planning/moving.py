"""What suppositions move, and why: each cause is what the gate's own proof, or its needs, say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.comparison.types import Cause, DecisionMove, Move
from bfg_policy.evaluation.proof import prove
from bfg_policy.evaluation.waivers import in_force, read_waivers
from bfg_policy.pack import board_of, is_whole
from bfg_policy.planning.rules import roots
from bfg_policy.planning.supposing import signer
from bfg_policy.readiness import READY

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


def what_is_decided(before: Readiness, after: Readiness) -> tuple[DecisionMove, ...]:
    """The boards that decide something else."""
    return tuple(
        DecisionMove(board.id, before.boards[board.id].decision, board.decision)
        for board in after.boards.values()
        if before.boards[board.id].decision != board.decision
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
        read = frozenset[str]().union(*(roots(rule) for rule in rules))
        settings = [each for each in self._supposed.settings if each.path[0] in read]
        # A record may be about what was set, which no rule reads.
        for setting in settings or (() if found else self._supposed.settings):
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
            was, is_now = (
                _is_met(self._before.readiness, need),
                _is_met(self._after.readiness, need),
            )
            if was != is_now:
                named = f"board `{board_of(need)}`" if is_whole(need) else f"`{need}`"
                yield Cause("need", f"{named} is {'' if is_now else 'no longer '}ready")


def _said(proofs: Proofs, gate: str, at: datetime) -> tuple[str, str]:
    part = proofs.by_gate[gate].at(at)
    return part.state, part.reason


def _is_met(readiness: Readiness, node: str) -> bool:
    if is_whole(node):
        return readiness.boards[board_of(node)].is_ready
    return readiness.gates[node].status in READY
