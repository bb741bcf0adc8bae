"""The scenario that is observed: read as for a judgement, but for the evidence that is to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.changing import changed
from bfg_policy.scenario.files import read_scenario
from bfg_policy.source import read_document, shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bfg_policy.contracts import Contracts
    from bfg_policy.errors import Place
    from bfg_policy.pack.terms import Terms
    from bfg_policy.scenario import Scenario
    from bfg_policy.scenario.merged import Merged


class Former(NamedTuple):
    """A record that is there already. place: where it stands."""

    name: str
    data: object
    place: Place


class Subject(NamedTuple):
    """What is observed. former: the evidence that is there, of which nothing is believed."""

    scenario: Scenario
    former: tuple[Former, ...]

    def stands_in_the_way(self, contract: str, record: str, path: str) -> Former | None:
        """A record of the same contract or name, elsewhere than in the file at `path`."""
        for each in self.former:
            is_same = isinstance(each.data, dict) and each.data.get("contract") == contract
            if (is_same or each.name == record) and each.place.path != path:
                return each
        return None

    def replaced(self, record: str) -> object:
        """The data of the record of this name; None where there is none."""
        return next((each.data for each in self.former if each.name == record), None)


def read_subject(
    folder: Path, terms: Terms, contracts: Contracts, cwd: Path, snapshot: Path | None = None
) -> Subject:
    """The scenario of a folder.

    terms, contracts: what it is held against. snapshot: the file of its payload, where that lies
    elsewhere. Raises SourceError, ContractError, LinkError or NothingToJudge.
    """
    merged, _ = read_scenario(folder, cwd)
    # An old record that is broken must not keep a new one from being made.
    data: dict[str, object] = {**merged.data, "evidence": {}}
    if snapshot is not None:
        data["snapshot"] = _with_payload(merged, snapshot, cwd)
    return Subject(build_scenario(changed(merged, data), terms, contracts), former_of(merged))


def former_of(merged: Merged) -> tuple[Former, ...]:
    """The records that a scenario's document has already."""
    evidence = merged.data.get("evidence")
    return tuple(
        Former(str(name), data, merged.place(("evidence", name)))
        for name, data in (evidence.items() if isinstance(evidence, dict) else ())
    )


def _with_payload(merged: Merged, file: Path, cwd: Path) -> object:
    """The scenario's snapshot with the payload of a file."""
    document = read_document(file, root=file.parent, shown=shown_path(file, cwd))
    claims = merged.data.get("snapshot", {})
    payload: Mapping[str, object] = document.data if isinstance(document.data, dict) else {}
    return {**claims, **payload} if isinstance(claims, dict) else claims
