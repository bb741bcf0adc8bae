"""Whether an evidence record may be believed, and until when a gate may rely on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.digest import NotCanonical, record_digest
from bfg_policy.errors import Finding
from bfg_policy.instants import format_instant, plus
from bfg_policy.readiness import Observation

if TYPE_CHECKING:
    from datetime import datetime

    from bfg_policy.pack import EvidenceDemand, Pack
    from bfg_policy.scenario import Record, Scenario

_PASSED = "pass"
_TARGET = "target"


class Held(NamedTuple):
    """A record, and what is wrong with it whatever the time; fault is None where nothing is."""

    record: Record
    fault: Finding | None

    def is_believed(self, at: datetime) -> bool:
        """Whether the record is what it says it is, and not from the future."""
        return self.fault is None and self.record.observed_at <= at

    def is_fresh(self, demand: EvidenceDemand, at: datetime) -> bool:
        """Whether the record is young enough for a gate: at - observed_at <= fresh_for."""
        return at <= plus(self.record.observed_at, demand.fresh_for)

    @property
    def is_live(self) -> bool:
        """Whether the live target was observed, not one made for the occasion."""
        target = self.record.data["target"]
        return isinstance(target, Mapping) and target.get("kind") == "live"


def hold(scenario: Scenario) -> dict[str, Held]:
    """Every record by contract, held against its own digest, the target and the snapshot."""
    return {
        contract: Held(record, _fault(scenario, record))
        for contract, record in scenario.records.items()
    }


def passed_sections(record: Record) -> dict[str, object]:
    """The record without the sections whose status is not `pass`: as if they were not there.

    A section is every mapping but `target`; one that does not tell its status has not passed.
    """
    return {
        key: value
        for key, value in record.data.items()
        if not isinstance(value, Mapping) or key == _TARGET or value.get("status") == _PASSED
    }


def _fault(scenario: Scenario, record: Record) -> Finding | None:
    for check in (_own_digest, _target, _snapshot):
        finding = check(scenario, record)
        if finding is not None:
            return finding
    return None


def _own_digest(scenario: Scenario, record: Record) -> Finding | None:
    try:
        digest = record_digest(record.data)
    except NotCanonical as fault:
        return Finding(
            "BFG501",
            f"evidence `{record.name}` has no digest: {fault.why}",
            scenario.place((*record.path, *fault.path)),
            note="whether it was tampered with cannot be told, so its gates are invalid",
            hint="write whole numbers to 2^53-1, and everything else as text",
        )
    if digest == record.data["sha256"]:
        return None
    return Finding(
        "BFG501",
        f"evidence `{record.name}` is not what its digest says: it was changed afterwards",
        scenario.place((*record.path, "sha256")),
        note="its gates are invalid",
        hint="let the collector observe again; a record is never edited by hand",
    )


def _target(scenario: Scenario, record: Record) -> Finding | None:
    target = record.data["target"]
    adapter = target.get("adapter") if isinstance(target, Mapping) else None
    if adapter == scenario.target:
        return None
    return Finding(
        "BFG502",
        f"evidence `{record.name}` is of adapter `{adapter}`, not of `{scenario.target}`",
        scenario.place((*record.path, "target", "adapter")),
        note="what was observed is not what is judged, so its gates are invalid",
        hint="observe the scenario's `target`, or name the right target",
    )


def _snapshot(scenario: Scenario, record: Record) -> Finding | None:
    digest = record.data.get("snapshot_sha256")
    if digest is None or digest == scenario.snapshot_sha256:
        return None
    return Finding(
        "BFG503",
        f"evidence `{record.name}` is about another snapshot",
        scenario.place((*record.path, "snapshot_sha256")),
        note="what was observed is not what is migrated, so its gates are invalid",
        hint="observe again with this scenario's snapshot",
    )


def findings(
    pack: Pack, scenario: Scenario, held: Mapping[str, Held], at: datetime
) -> Iterator[Finding]:
    """One finding for each record that is not believed, and one warning for each too old one."""
    for each in held.values():
        record = each.record
        if each.fault is not None:
            yield each.fault
        elif record.observed_at > at:
            yield from_future(scenario, record, at)
        elif is_expired(pack, each, at):
            yield Finding(
                "BFG505",
                f"evidence `{record.name}` has expired",
                scenario.place((*record.path, "observed_at")),
                severity="warning",
                note="it no longer proves anything to the gates that ask for it",
                hint="let the collector observe again",
            )


def from_future(scenario: Scenario, record: Record, at: datetime) -> Finding:
    """The finding for a record that was observed after `at`."""
    return Finding(
        "BFG504",
        f"evidence `{record.name}` is from the future: observed after"
        f" {format_instant(at)}, the instant of this judgement",
        scenario.place((*record.path, "observed_at")),
        note="nobody has observed it yet, so its gates are invalid",
        hint="judge at a later instant, or correct the collector's clock and observe again",
    )


def is_expired(pack: Pack, held: Held, at: datetime) -> bool:
    """Whether the record is too old for some gate that asks for it."""
    return any(
        not held.is_fresh(gate.evidence, at)
        for gate in pack.gates.values()
        if gate.evidence is not None and gate.evidence.contract == held.record.contract
    )


def observations(pack: Pack, held: Mapping[str, Held], at: datetime) -> dict[str, Observation]:
    """The believed records by contract, for reports and packets to quote."""
    return {
        contract: Observation(
            name=each.record.name,
            contract=contract,
            collector=str(each.record.data["collector"]),
            observed_at=each.record.observed_at,
            live=each.is_live,
            expired=is_expired(pack, each, at),
            sections=passed_sections(each.record),
        )
        for contract, each in held.items()
        if each.is_believed(at)
    }
