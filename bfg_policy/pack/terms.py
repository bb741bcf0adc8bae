"""What of a pack a scenario is held against: `pack.yaml` is enough for it, without any policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from bfg_policy.errors import ContractError, Finding, NothingToJudge, Place
from bfg_policy.source import read_document, shown_path
from bfg_policy.unknown import unknown_contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bfg_policy.contracts import Contracts
    from bfg_policy.model import PackModel

# The contract of a scenario's envelope, and what of it rules do not see: who claims what is the
# engine's business.
ENVELOPE = "scenario.v1"
CLAIMS = frozenset({"evidence", "acceptances", "waivers"})

PACK_FILE = "pack.yaml"
PACK_CONTRACT = "pack.v1"
LARGEST_POLICY = 1 << 20  # bytes: what is larger is read by nobody


class Terms(Protocol):
    """What a scenario is held against, and what rules are typed by. A linked `Pack` has it, too."""

    @property
    def roles(self) -> Sequence[str]:
        """Who may be an actor."""

    @property
    def facts(self) -> str | None:
        """The contract of a scenario's facts; None where it has none."""

    @property
    def groups(self) -> Mapping[str, Sequence[str]]:
        """Which tables `snapshot.rows` counts together."""


class WrittenTerms(NamedTuple):
    """The terms that a `pack.yaml` sets."""

    roles: Sequence[str]
    facts: str | None
    groups: Mapping[str, Sequence[str]]


def terms_of(model: PackModel) -> WrittenTerms:
    """The terms of a pack as it is written."""
    return WrittenTerms(model.roles, model.facts, model.snapshot.groups)


def facts_of(document: Mapping[str, object], contracts: Contracts) -> dict[str, object]:
    """What of a scenario's document is no key of the envelope: its facts."""
    envelope = contracts.schema(ENVELOPE)["properties"]
    return {key: value for key, value in document.items() if key not in envelope}


def load_terms(folder: Path, contracts: Contracts, cwd: Path) -> WrittenTerms:
    """The terms of the pack in a folder, whatever is wrong with its policies.

    Raises SourceError or ContractError for `pack.yaml` itself, NothingToJudge where there is none.
    """
    from bfg_policy.model import PackModel

    file = folder / PACK_FILE
    if not (file.exists() or file.is_symlink()):
        raise NothingToJudge(
            Finding(
                "BFG101",
                f"the folder holds no {PACK_FILE}",
                Place(shown_path(folder, cwd)),
                note="without it a scenario's roles and facts are unknown",
                hint="name the folder of the policies",
            )
        )
    shown = shown_path(file, cwd)
    document = read_document(file, root=folder, max_bytes=LARGEST_POLICY, shown=shown)
    findings = contracts.findings([(PACK_CONTRACT, document.data)], document)
    facts = document.data.get("facts")
    if not findings and facts is not None and facts not in contracts.names:
        findings = [unknown_contract(str(facts), contracts.names, document.place(("facts",)))]
    if findings:
        raise ContractError(findings)
    return terms_of(PackModel.model_validate(document.data))
