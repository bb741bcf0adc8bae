"""A pack and its policies as they are written: frozen models of validated documents.

The contracts `pack.v1` and `policy.v1` are the public truth and judge what people write; these
models give the code names and types for it. A test holds the two together, field by field.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Texts = dict[str, str]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class EvidenceModel(_Written):
    """What record a gate's rule reads, and how old it may be."""

    contract: str
    fresh_for: str
    target: Literal["live"] | None = None


class AcceptModel(_Written):
    """Who must accept: an expression that gives an actor's id."""

    actor: str


class GateModel(_Written):
    """One gate of a policy."""

    title: Texts = {}
    owner: str | None = None
    needs: list[str] = []
    evidence: EvidenceModel | None = None
    rule: str | None = None
    accept: Literal[True] | AcceptModel | None = None
    remedy: Texts = {}
    labels: dict[str, str] = {}


class DecisionModel(_Written):
    """One entry of a decision ladder."""

    code: str | None = None
    like: str | None = None
    until: list[str] = []
    also: dict[str, str] = {}


class PacketModel(_Written):
    """The packet of a board."""

    template: str
    path: str


class PolicyModel(_Written):
    """One policy file: a board."""

    policy: str
    contract: str | None = None
    title: Texts = {}
    owner: str
    gates: dict[str, GateModel]
    decision: list[DecisionModel] = []
    packet: PacketModel | None = None


class WaiversModel(_Written):
    """Who may waive, and what may never be waived."""

    approvers: list[str] = []
    never: list[str] = []


class SnapshotModel(_Written):
    """How a snapshot's rows are counted."""

    groups: dict[str, list[str]] = {}


class PackModel(_Written):
    """`pack.yaml`."""

    pack: str
    version: str | None = None
    roles: list[str]
    facts: str | None = None
    boards: list[str] = []
    verdict: str | None = None
    scores: dict[str, str] = {}
    require: list[str] = []
    waivers: WaiversModel = WaiversModel()
    snapshot: SnapshotModel = SnapshotModel()
