"""A merged document -> Scenario: held against its contracts, its references and its claims."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from bfg_policy.errors import ContractError, Finding, LinkError, Place, Related
from bfg_policy.instants import parse_instant
from bfg_policy.pack.terms import CLAIMS, ENVELOPE, facts_of
from bfg_policy.scenario import snapshot
from bfg_policy.scenario.merged import Below, Merged, Path
from bfg_policy.scenario.types import Acceptance, Actor, Record, Scenario, Waiver
from bfg_policy.unknown import unknown_contract, unknown_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bfg_policy.contracts import Contracts
    from bfg_policy.pack.terms import Terms

EVIDENCE = "evidence.v1"
NO_FACTS = "no_facts.v1"
MAX_FINDINGS = 100
# Stands for an instant that could not be read, until the findings are raised.
_EPOCH = datetime.fromtimestamp(0, UTC)
_T = TypeVar("_T")


def build_scenario(merged: Merged, pack: Terms, contracts: Contracts) -> Scenario:
    """The scenario as it is judged.

    Raises ContractError where the document is not what its contracts say, LinkError where a
    reference or a claim in it cannot stand.
    """
    _raise(ContractError, _contract_findings(merged, pack, contracts))
    data: Mapping[str, Any] = merged.data
    instants = _Instants(merged)
    records = _records(data, instants)
    acceptances = tuple(_acceptances(data, instants))
    waivers = tuple(_waivers(data, instants))
    _raise(ContractError, instants.findings)
    _raise(LinkError, chain(_actor_findings(merged, pack), _twin_records(merged, records)))
    payload = snapshot.check_claims(merged, pack.groups)
    _raise(LinkError, payload.findings)
    document = {key: value for key, value in data.items() if key not in CLAIMS}
    if "snapshot" in document:
        verified = snapshot.is_verified(merged)
        document["snapshot"] = {**document["snapshot"], "verified": verified}
    return Scenario(
        id=data["scenario"],
        tenant=data["tenant"],
        target=data["target"],
        document=document,
        actors={actor["id"]: _actor(actor) for actor in data["actors"]},
        records={record.contract: record for record in records},
        acceptances=acceptances,
        waivers=waivers,
        payload_sha256=payload.digest,
        place=merged.place,
    )


def _raise(kind: type[ContractError | LinkError], findings: Iterable[Finding]) -> None:
    """Raise the first findings: nobody reads thousands, and each takes time to be made."""
    waiting = iter(findings)
    listed = list(islice(waiting, MAX_FINDINGS))
    if next(waiting, None) is not None:
        more = "there are more findings in this document, which are not shown"
        listed.append(Finding(listed[-1].code, more, Place(listed[-1].place.path), "note"))
    if listed:
        raise kind(listed)


def _contract_findings(merged: Merged, pack: Terms, contracts: Contracts) -> Iterable[Finding]:
    """The envelope and the facts first; only what they let through is looked at more closely."""
    facts = facts_of(merged.data, contracts)
    evidence = merged.data.get("evidence")
    # Each record is held against the envelope of records and its own contract at once, below.
    whole = {**merged.data, "evidence": {}} if isinstance(evidence, dict) else merged.data
    findings = contracts.findings([(ENVELOPE, whole), (pack.facts or NO_FACTS, facts)], merged)
    if findings:
        return findings
    return chain(_record_findings(merged, contracts), _payload_findings(merged, contracts))


def _record_findings(merged: Merged, contracts: Contracts) -> Iterator[Finding]:
    evidence = merged.data.get("evidence", {})
    assert isinstance(evidence, dict)
    for name, record in evidence.items():
        own = record.get("contract") if isinstance(record, dict) else None
        views: list[tuple[str, object]] = [(EVIDENCE, record)]
        if isinstance(own, str):
            if own not in contracts.names:
                place = merged.place(("evidence", name, "contract"))
                yield unknown_contract(own, contracts.names, place)
                continue
            views.append((own, record))
        yield from contracts.findings(views, Below(merged, ("evidence", name)))


def _payload_findings(merged: Merged, contracts: Contracts) -> Iterator[Finding]:
    claimed: Mapping[str, Any] = merged.data.get("snapshot", {})  # type: ignore[assignment]
    schema = claimed.get("schema")
    if schema is None:
        return
    if schema not in contracts.names:
        place = merged.place(("snapshot", "schema"))
        yield unknown_contract(schema, contracts.names, place)
    elif "tables" in claimed:
        payload = {"schema": schema, "tables": claimed["tables"]}
        yield from contracts.findings([(schema, payload)], Below(merged, ("snapshot",)))


class _Instants:
    """Reads instants, and keeps a finding for each that no calendar has."""

    def __init__(self, merged: Merged) -> None:
        self.findings: list[Finding] = []
        self._merged = merged

    def read(self, written: str, *path: str | int) -> datetime:
        try:
            return parse_instant(written)
        except ValueError:
            self.findings.append(
                Finding(
                    "BFG205",
                    f"`{written}` is no instant: no calendar has it",
                    self._merged.place(path),
                    note="when it happened decides whether it counts",
                    hint="write an instant as RFC 3339 does, such as `2026-11-20T09:00:00Z`",
                )
            )
            return _EPOCH

    def maybe(self, item: Mapping[str, Any], field: str, *path: str | int) -> datetime | None:
        return self.read(item[field], *path, field) if field in item else None


def _records(data: Mapping[str, Any], instants: _Instants) -> list[Record]:
    return [
        Record(
            name,
            record["contract"],
            instants.read(record["observed_at"], "evidence", name, "observed_at"),
            record,
            ("evidence", name),
        )
        for name, record in data.get("evidence", {}).items()
    ]


def _listed(
    data: Mapping[str, Any], key: str, make: Callable[[Mapping[str, Any], Path], _T]
) -> Iterator[_T]:
    for index, item in enumerate(data.get(key, ())):
        yield make(item, (key, index))


def _acceptances(data: Mapping[str, Any], instants: _Instants) -> Iterator[Acceptance]:
    def make(item: Mapping[str, Any], path: Path) -> Acceptance:
        return Acceptance(
            item["gate"],
            item["by"],
            instants.read(item["at"], *path, "at"),
            instants.maybe(item, "expires", *path),
            item.get("note"),
            path,
            item.get("withdrawn", False),
        )

    return _listed(data, "acceptances", make)


def _waivers(data: Mapping[str, Any], instants: _Instants) -> Iterator[Waiver]:
    def make(item: Mapping[str, Any], path: Path) -> Waiver:
        return Waiver(
            item["gate"],
            item["reason"],
            item["requested_by"],
            item["approved_by"],
            instants.read(item["expires"], *path, "expires"),
            path,
        )

    return _listed(data, "waivers", make)


def _actor(written: Mapping[str, Any]) -> Actor:
    return Actor(
        written["id"],
        written.get("name"),
        written.get("desk"),
        written["role"],
        tuple(written.get("permissions", ())),
    )


def _actor_findings(merged: Merged, pack: Terms) -> Iterator[Finding]:
    actors: Sequence[Mapping[str, Any]] = merged.data["actors"]  # type: ignore[assignment]
    first: dict[str, int] = {}
    for index, actor in enumerate(actors):
        place = merged.place(("actors", index, "id"))
        if actor["id"] in first:
            twin = merged.place(("actors", first[actor["id"]], "id"))
            yield Finding(
                "BFG307",
                f"two actors have the id `{actor['id']}`",
                place,
                note="the second could take the first one's acceptances",
                hint="give each actor an id of its own",
                related=(Related(twin, "the first one"),),
            )
        first.setdefault(actor["id"], index)
        if actor["role"] not in pack.roles:
            message = f"role `{actor['role']}` of actor `{actor['id']}` is no role of the pack"
            role_place = merged.place(("actors", index, "role"))
            yield unknown_role(actor["role"], pack.roles, message, role_place)


def _twin_records(merged: Merged, records: Sequence[Record]) -> Iterator[Finding]:
    first: dict[str, Record] = {}
    for record in records:
        if record.contract in first:
            twin = first[record.contract]
            yield Finding(
                "BFG506",
                f"`{twin.name}` and `{record.name}` are both records of `{record.contract}`",
                merged.place((*record.path, "contract")),
                note="nobody could tell which of them a gate should believe",
                hint="keep the one that counts",
                related=(Related(merged.place((*twin.path, "contract")), "the first one"),),
            )
        first.setdefault(record.contract, record)
