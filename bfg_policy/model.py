"""A pack, its policies and its schema map as they are written: frozen models of valid documents.

The contracts `pack.v1`, `policy.v1` and `schema_map.v1` are the public truth and judge what people
write; these models give the code names and types for it. A test holds the two together.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
    """The packet of a board: a file of a template, or a folder with a set of files."""

    template: str | None = None
    set: Literal["postgres"] | None = None
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


class CollectedModel(_Written):
    """Which record a collector of the product writes."""

    contract: str
    record: str


class RehearsedModel(CollectedModel):
    """Which record the rehearsal writes, and the storage that is kept to fall back to."""

    storage: str | None = None


class CollectorsModel(_Written):
    """The records of the product's own collectors."""

    connection: CollectedModel | None = None
    rehearsal: RehearsedModel | None = None


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
    schema_map: str | None = None
    collectors: CollectorsModel = CollectorsModel()


class TenantModel(_Written):
    """How rows are bound to a tenant."""

    column: str
    setting: str
    signed: bool = False


class DatabaseRolesModel(_Written):
    """The database's roles."""

    owner: str
    app: str
    replay: str
    verify: str


class ColumnModel(_Written):
    """One column of a mapped table."""

    type: Literal["text", "integer", "boolean", "timestamp", "json"]
    source: str | None = Field(None, alias="from")
    optional: bool = False
    nullable: bool = False


class ReferenceModel(_Written):
    """A foreign key on another table's key."""

    columns: list[str]
    table: str


class TableModel(_Written):
    """One mapped table."""

    source: Literal["tenant", "roles", "permissions", "actors", "snapshot"] | None = Field(
        None, alias="from"
    )
    key: list[str]
    columns: dict[str, ColumnModel]
    references: list[ReferenceModel] = []
    app: list[Literal["select", "insert", "update", "delete"]] = []
    append_only: bool = False


class BatchModel(_Written):
    """Tables that are replayed together."""

    batch: str
    tables: list[str]


class SchemaMapModel(_Written):
    """The file that `schema_map` of `pack.yaml` names."""

    id: str = Field(alias="schema_map")
    payload: str
    lies_in: str = Field(alias="schema")
    control: str
    tenant: TenantModel
    roles: DatabaseRolesModel
    tables: dict[str, TableModel]
    batches: list[BatchModel]
