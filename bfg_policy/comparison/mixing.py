"""What one gate would be by a mixture of the base and HEAD: judged, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.evaluation import judge
from bfg_policy.evaluation.boards import is_ready

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from bfg_policy.comparison.sides import Side
    from bfg_policy.comparison.types import CauseKind
    from bfg_policy.pack import Gate, Pack
    from bfg_policy.readiness import GateResult, Readiness, Status
    from bfg_policy.scenario import Acceptance, Scenario, Waiver


class Situation(NamedTuple):
    """Everything that one gate's status follows from.

    gate: by which it is judged; pack: for what a pack says of all gates. needs: what tells
    whether its needs are ready.
    """

    gate: Gate
    pack: Pack
    scenario: Scenario
    at: datetime
    needs: Readiness
    else_needs: Readiness

    def judged(self) -> GateResult:
        """What the gate's own proof says, with all its needs ready."""
        alone = self.gate._replace(needs=())
        pack = self.pack._replace(
            gates={alone.id: alone},
            boards={},
            needs={alone.id: ()},
            order=(alone.id,),
            decisions=(),
            verdict=None,
            scores={},
        )
        return judge(pack, about(self.gate, self.scenario), self.at).gates[alone.id]

    @property
    def status(self) -> Status:
        """What the gate is in this situation."""
        own = self.judged().status
        if own == "invalid" or all(self._is_ready(need) for need in self.gate.needs):
            return own
        return "blocked"

    def _is_ready(self, node: str) -> bool:
        found = is_ready(self.needs, node)
        return bool(is_ready(self.else_needs, node)) if found is None else found


def about(gate: Gate, scenario: Scenario) -> Scenario:
    """A scenario with the claims about one gate alone."""
    wanted = gate.evidence.contract if gate.evidence is not None else None
    return scenario._replace(
        records={name: each for name, each in scenario.records.items() if name == wanted},
        acceptances=tuple(each for each in scenario.acceptances if each.gate == gate.id),
        waivers=tuple(each for each in scenario.waivers if each.gate == gate.id),
    )


class Mixtures:
    """Every mixture of the two sides for one gate that both have.

    trials: counts how often it is still tried which facts it was.
    """

    def __init__(self, base: Side, head: Side, gate: str, trials: Iterator[int]) -> None:
        self.base = base
        self.head = head
        self.gate = gate
        self.trials = trials
        self._known: dict[frozenset[CauseKind], Status] = {}

    def parts(self) -> tuple[CauseKind, ...]:
        """What differs between the two sides and could move this gate."""
        base, head = self.base, self.head
        old, new = base.pack.gates[self.gate], head.pack.gates[self.gate]
        before, after = about(old, base.scenario), about(new, head.scenario)
        asks = old.has_proof or new.has_proof
        nodes = dict.fromkeys((*old.needs, *new.needs))
        found: dict[CauseKind, bool] = {
            "policy": _terms(old, base.pack) != _terms(new, head.pack),
            "fact": asks and before.document != after.document,
            "evidence": {name: each.data for name, each in base.scenario.records.items()}
            != {name: each.data for name, each in head.scenario.records.items()}
            and (old.evidence is not None or new.evidence is not None),
            "acceptance": claims(before.acceptances) != claims(after.acceptances),
            "waiver": claims(before.waivers) != claims(after.waivers),
            "time": asks and base.at != head.at,
            "need": any(
                is_ready(base.readiness, node) != is_ready(head.readiness, node) for node in nodes
            ),
        }
        return tuple(part for part, differs in found.items() if differs)

    def status(self, at_head: Collection[CauseKind]) -> Status:
        """The gate's status where these parts are HEAD's and all others the base's."""
        key = frozenset(at_head)
        if key not in self._known:
            self._known[key] = self.situation(key).status
        return self._known[key]

    def situation(self, at_head: Collection[CauseKind]) -> Situation:
        """The situation where these parts are HEAD's and all others the base's."""

        def side(part: CauseKind) -> Side:
            return self.head if part in at_head else self.base

        pack = side("policy").pack
        needs, other = side("need"), self.base if "need" in at_head else self.head
        return Situation(
            gate=pack.gates[self.gate],
            pack=pack,
            scenario=mixed(
                side("fact").scenario,
                side("evidence").scenario,
                side("acceptance").scenario,
                side("waiver").scenario,
            ),
            at=side("time").at,
            needs=needs.readiness,
            else_needs=other.readiness,
        )


def mixed(facts: Scenario, evidence: Scenario, accepted: Scenario, waived: Scenario) -> Scenario:
    """A scenario with the facts, records, acceptances and waivers of four.

    Each was held against its contracts by its own side; what is claimed is judged anew.
    """
    return facts._replace(
        records=evidence.records, acceptances=accepted.acceptances, waivers=waived.waivers
    )


def claims(listed: Iterable[Acceptance | Waiver]) -> list[Acceptance | Waiver]:
    """Acceptances or waivers without where they stand in their document."""
    return [each._replace(path=()) for each in listed]


def _terms(gate: Gate, pack: Pack) -> tuple[object, ...]:
    """What of the policies a gate's own status follows from."""
    return (*gate_terms(gate).values(), *pack_terms(pack).values())


def gate_terms(gate: Gate) -> dict[str, object]:
    """What a gate says that can move it, by field: `accept` stands for `accept_actor`, too."""
    return {
        "rule": gate.rule.text if gate.rule is not None else None,
        "evidence": gate.evidence,
        "accept": (gate.accept, gate.accept_actor.text if gate.accept_actor is not None else None),
        "owner": gate.owner,
        "needs": frozenset(gate.needs),
    }


def with_term(gate: Gate, field: str, other: Gate) -> Gate:
    """A gate that says in one field of `gate_terms` what another one says."""
    if field == "accept":
        return gate._replace(accept=other.accept, accept_actor=other.accept_actor)
    return gate._replace(**{field: getattr(other, field)})


def pack_terms(pack: Pack) -> dict[str, frozenset[str]]:
    """What a pack says of all gates that can move one, by the field of `waivers`."""
    return {"approvers": pack.approvers, "never": pack.never_waived}


def with_pack_term(pack: Pack, field: str, other: Pack) -> Pack:
    """A pack that says in one field of `pack_terms` what another one says."""
    if field == "approvers":
        return pack._replace(approvers=other.approvers)
    return pack._replace(never_waived=other.never_waived)
