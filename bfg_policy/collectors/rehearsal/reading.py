"""What a rehearsal reads: the scenario, whose snapshot is not believed, and the payload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.rehearsal.plan import Payload
from bfg_policy.collectors.subjects import Subject, former_of
from bfg_policy.digest import NotCanonical, snapshot_digest
from bfg_policy.errors import ContractError
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.changing import changed
from bfg_policy.scenario.files import read_scenario
from bfg_policy.scenario.merged import Below
from bfg_policy.source import read_document, shown_path
from bfg_policy.unknown import unknown_contract

if TYPE_CHECKING:
    from pathlib import Path

    from bfg_policy.contracts import Contracts
    from bfg_policy.contracts.located import Located
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.merged import Merged

_SNAPSHOT = "snapshot"


class Source(NamedTuple):
    """Where a rehearsal's scenario lies. snapshot: the payload, None where it lies there, too."""

    folder: Path
    snapshot: Path | None
    cwd: Path


class Rehearsed(NamedTuple):
    """What is rehearsed.

    subject: the scenario, with the payload in its snapshot whatever that claims of itself. claim:
    the digest that the scenario claims; rows: what it claims to have, by the pack's groups.
    """

    subject: Subject
    claim: str | None
    rows: Mapping[str, int]


def read_rehearsed(source: Source, pack: Pack, contracts: Contracts) -> Rehearsed:
    """The scenario with its payload; whether the one is what the other claims is found out later.

    Raises SourceError, ContractError, LinkError or NothingToJudge.
    """
    merged, _ = read_scenario(source.folder, source.cwd)
    written = merged.data.get(_SNAPSHOT)
    claims = dict(written) if isinstance(written, dict) else {}
    claims.pop("tables", None)
    # An old record that is broken must not keep a new one from being made.
    data: dict[str, object] = {**merged.data, "evidence": {}}
    if isinstance(written, dict):
        data[_SNAPSHOT] = claims
    scenario = build_scenario(changed(merged, data), pack, contracts)
    payload = _payload(source, merged, contracts)
    return Rehearsed(
        Subject(_with(scenario, payload), former_of(merged)),
        claims.get("sha256"),
        claims.get("rows", {}),
    )


def read_payload(source: Source, contracts: Contracts) -> Payload:
    """The payload, read from where it lies. Raises SourceError, ContractError or NothingToJudge."""
    if source.snapshot is not None:
        return _payload(source, None, contracts)
    merged, _ = read_scenario(source.folder, source.cwd)
    return _payload(source, merged, contracts)


def _payload(source: Source, merged: Merged | None, contracts: Contracts) -> Payload:
    located: Located
    if source.snapshot is not None:
        file = source.snapshot
        document = read_document(file, root=file.parent, shown=shown_path(file, source.cwd))
        located, data = document, _mapping(document.data)
    else:
        assert merged is not None
        located, data = Below(merged, (_SNAPSHOT,)), _mapping(merged.data.get(_SNAPSHOT))
    if "tables" not in data:
        return Payload("", {})  # which is not what anybody claims, and is told as that
    schema, tables = data.get("schema"), data["tables"]
    _check(contracts, schema, {"schema": schema, "tables": tables}, located)
    assert isinstance(schema, str)
    assert isinstance(tables, Mapping)
    return Payload(schema, tables)


def _mapping(data: object) -> Mapping[str, object]:
    return data if isinstance(data, Mapping) else {}


def _check(contracts: Contracts, schema: object, payload: object, located: Located) -> None:
    """Raise ContractError where a payload is not what its contract says, or names none."""
    if not isinstance(schema, str) or schema not in contracts.names:
        place = located.place(("schema",))
        raise ContractError(unknown_contract(str(schema), contracts.names, place))
    findings = tuple(contracts.findings([(schema, payload)], located))
    if findings:
        raise ContractError(findings)


def _with(scenario: Scenario, payload: Payload) -> Scenario:
    """The scenario as if its snapshot were what it claims."""
    written = scenario.document.get(_SNAPSHOT)
    claims = written if isinstance(written, Mapping) else {}
    snapshot = {**claims, "schema": payload.schema, "tables": payload.tables, "verified": True}
    return scenario._replace(
        document={**scenario.document, _SNAPSHOT: snapshot},
        payload_sha256=_digest(payload, scenario.tenant),
    )


def _digest(payload: Payload, tenant: str) -> str | None:
    if not payload.schema:
        return None
    try:
        return snapshot_digest(payload.schema, tenant, payload.tables)
    except NotCanonical:
        return None  # the export tells why
