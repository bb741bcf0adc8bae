"""What would be if: suppositions put into a scenario's data, and what they do to its readiness."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import cel
from bfg_policy.digest import record_digest
from bfg_policy.instants import ONE_SECOND, format_instant, plus
from bfg_policy.planning.paths import put
from bfg_policy.planning.rules import assuming_evidence
from bfg_policy.scenario import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bfg_policy.pack import Gate, Pack
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.merged import Path

_COLLECTOR = "what-if"


class NobodyMay(ValueError):
    """A gate that no actor of the scenario may accept; the text says why."""


class Setting(NamedTuple):
    """A value at a path of the document. written: both as the command line has them."""

    path: Path
    value: object
    written: str


class Act(NamedTuple):
    """A gate that is accepted or waived. by: who accepts or approves; None for one who may."""

    gate: str
    by: str | None


class RecordFile(NamedTuple):
    """A record that was read from a file, by its path."""

    path: str
    name: str
    data: Mapping[str, object]


class Suppositions(NamedTuple):
    """All that is supposed at once.

    later: how long after it the result is judged, or when; an instant is after it.
    contracts: those of records that say all that their gates ask of them.
    """

    settings: tuple[Setting, ...] = ()
    records: tuple[RecordFile, ...] = ()
    contracts: tuple[str, ...] = ()
    accepted: tuple[Act, ...] = ()
    waived: tuple[Act, ...] = ()
    later: timedelta | datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is supposed at all."""
        return not any(self)

    def until(self, at: datetime) -> datetime:
        """When the result is judged. at: when all of it comes about."""
        if isinstance(self.later, timedelta):
            return plus(at, self.later)
        return self.later or at


def with_settings(data: Mapping[str, object], suppositions: Suppositions) -> dict[str, object]:
    """The document's data with other values and records in it. Raises BadPath."""
    made = dict(data)
    for setting in suppositions.settings:
        made = put(made, setting.path, setting.value)
    for record in suppositions.records:
        held = made.get("evidence", {})
        if isinstance(held, dict):  # else its contract tells what is wrong with it
            others = {name: each for name, each in held.items() if not _is_of(each, record)}
            made["evidence"] = {**others, record.name: dict(record.data)}
    return made


def _is_of(record: object, other: RecordFile) -> bool:
    return isinstance(record, dict) and record.get("contract") == other.data.get("contract")


def with_acts(
    data: Mapping[str, object],
    scenario: Scenario,
    pack: Pack,
    suppositions: Suppositions,
    at: datetime,
) -> dict[str, object]:
    """The data with acceptances and waivers more, given at `at`.

    scenario: of the data as it is; it tells who may. A waiver outlasts what is judged.
    Raises NobodyMay.
    """
    made = dict(data)
    if suppositions.accepted:
        given = [
            {
                "gate": act.gate,
                "by": act.by or signer(pack.gates[act.gate], scenario),
                "at": format_instant(at),
            }
            for act in suppositions.accepted
        ]
        made["acceptances"] = [*_listed(made, "acceptances"), *given]
    if suppositions.waived:
        granted = [_waiver(act, scenario, pack, suppositions, at) for act in suppositions.waived]
        made["waivers"] = [*_listed(made, "waivers"), *granted]
    return made


def _listed(data: Mapping[str, object], key: str) -> Sequence[object]:
    found = data.get(key, [])
    assert isinstance(found, list)
    return found


def signer(gate: Gate, scenario: Scenario) -> str:
    """The actor who may accept a gate: the first of its owner's role, or the one it names.

    Raises NobodyMay where there is no such actor.
    """
    if gate.accept_actor is not None:
        try:
            named = gate.accept_actor.program.evaluate(scenario.variables)
        except cel.CelEvaluationError:
            named = None
        if isinstance(named, str) and named:
            return named
    found = _first(scenario, {gate.owner})
    if found is None:
        raise NobodyMay(f"nobody may accept `{gate.id}`: no actor has the role `{gate.owner}`")
    return found


def _waiver(
    act: Act, scenario: Scenario, pack: Pack, suppositions: Suppositions, at: datetime
) -> dict[str, str]:
    approver = act.by or _first(scenario, pack.approvers) or _first(scenario, None) or _COLLECTOR
    others = [actor for actor in scenario.actors if actor != approver]
    until = plus(max(suppositions.until(at), plus(at, ONE_SECOND)), ONE_SECOND)
    return {
        "gate": act.gate,
        "reason": "It is supposed.",
        "requested_by": others[0] if others else approver,
        "approved_by": approver,
        "expires": format_instant(until),
    }


def _first(scenario: Scenario, roles: frozenset[str] | set[str] | None) -> str | None:
    found = (actor.id for actor in scenario.actors.values() if roles is None or actor.role in roles)
    return next(found, None)


def with_records(scenario: Scenario, contracts: Sequence[str], at: datetime) -> Scenario:
    """The scenario with a believed record of each contract, of a live target, made at `at`.

    The records say nothing: what rules ask of them is settled by `assuming`.
    """
    return scenario._replace(
        records={**scenario.records, **{each: _record(scenario, each, at) for each in contracts}}
    )


def _record(scenario: Scenario, contract: str, at: datetime) -> Record:
    data: dict[str, object] = {
        "contract": contract,
        "observed_at": format_instant(at),
        "collector": _COLLECTOR,
        "target": {"adapter": scenario.target, "kind": "live"},
    }
    data["sha256"] = record_digest(data)
    return Record(contract, contract, at, data, ("evidence", contract))


def assuming(pack: Pack, contracts: Sequence[str]) -> Pack:
    """The pack in which what rules ask of a record of these contracts is so."""
    if not contracts:
        return pack
    gates = {
        gate.id: gate._replace(rule=assuming_evidence(gate.rule))
        if gate.rule is not None and gate.evidence and gate.evidence.contract in contracts
        else gate
        for gate in pack.gates.values()
    }
    return pack._replace(gates=gates)
