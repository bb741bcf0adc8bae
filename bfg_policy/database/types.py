"""The map of a snapshot onto a database: its tables, and where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# text; bigint within +-(2^53-1); boolean; timestamptz, written as UTC with six digits and of the
# years 1 to 9999; jsonb for nested values.
ColumnType = Literal["text", "integer", "boolean", "timestamp", "json"]
# Where a table's rows come from: the payload's table of the same name, or the scenario itself.
TableSource = Literal["payload", "tenant", "roles", "permissions", "actors", "snapshot"]
Command = Literal["select", "insert", "update", "delete"]

# The engine's own column of every mapped table: the number of the replay that wrote the row
# (`replay_batches.replay` in the control schema), NULL where no replay did. No row carries it.
REPLAY_COLUMN = "replayed_in"


class SourceField(NamedTuple):
    """A field of an item that a scenario offers. optional: whether an item may lack it."""

    type: ColumnType
    optional: bool = False


# What the items of each source but the payload offer. `tenant` and `snapshot` are one item,
# `roles` one for each role of the pack, `actors` one for each actor, and `permissions` one for
# each pair of a role and a permission that some actor of that role holds.
SOURCE_FIELDS: Mapping[TableSource, Mapping[str, SourceField]] = {
    "tenant": {"id": SourceField("text")},
    "roles": {"role": SourceField("text")},
    "permissions": {"role": SourceField("text"), "permission": SourceField("text")},
    "actors": {
        "id": SourceField("text"),
        "name": SourceField("text", optional=True),
        "desk": SourceField("text", optional=True),
        "role": SourceField("text"),
        "permissions": SourceField("json"),
    },
    # rows: of the whole payload; tables: `{name: {rows, digest}}`, what the digest is made of.
    "snapshot": {
        "schema": SourceField("text"),
        "sha256": SourceField("text"),
        "rows": SourceField("integer"),
        "tables": SourceField("json"),
    },
}


# By which fields the items of a source are told apart; of the others there is one.
IDENTITIES: Mapping[TableSource, tuple[str, ...]] = {
    "roles": ("role",),
    "permissions": ("role", "permission"),
    "actors": ("id",),
}


class Column(NamedTuple):
    """One column of a mapped table.

    source: the key of a payload's row, or the field of a scenario's item, that it holds; of the
    tenant's column its own name, whatever the table is filled from: there it is the tenant itself.
    optional: a row that lacks the key is SQL NULL, and the other way round. nullable: a JSON null
    is SQL NULL, and the other way round. Never both, so that a row's JSON follows from its columns.
    """

    name: str
    type: ColumnType
    source: str
    optional: bool = False
    nullable: bool = False

    @property
    def may_be_null(self) -> bool:
        """Whether the database lets it be NULL."""
        return self.optional or self.nullable


class Reference(NamedTuple):
    """A foreign key on the whole key of `table`, column by column; the tenant's comes first."""

    columns: tuple[str, ...]
    table: str


class Table(NamedTuple):
    """One mapped table.

    columns: the tenant's first, then as written. key: begins with the tenant's column and holds
    no column that may be NULL. app: what the application's role may do. batch: its name.
    """

    name: str
    source: TableSource
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...]
    app: tuple[Command, ...]
    append_only: bool
    batch: str

    def column(self, name: str) -> Column:
        """The column of this name; raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


class Batch(NamedTuple):
    """Tables that are replayed together, each after those that it refers to."""

    name: str
    tables: tuple[str, ...]


class Tenant(NamedTuple):
    """How rows are bound to a tenant.

    column: of every table; setting: the parameter that names the transaction's tenant; signed:
    whether the application has to bring a signed claim instead.
    """

    column: str
    setting: str
    signed: bool = False

    @property
    def claim_setting(self) -> str:
        """The parameter that carries the signed claim."""
        return f"{self.setting}_claim"


class DatabaseRoles(NamedTuple):
    """The database's roles, none of which can log in: who owns, uses, fills and reads it."""

    owner: str
    app: str
    replay: str
    verify: str


class SchemaMap(NamedTuple):
    """A schema map with every name resolved.

    payload: the contract of the payloads that it maps. schema: where the tables lie; control:
    where the product's own do. tables: in the order of the batches, so that each stands after
    those that it refers to (but itself).
    """

    id: str
    payload: str
    schema: str
    control: str
    tenant: Tenant
    roles: DatabaseRoles
    tables: Mapping[str, Table]
    batches: tuple[Batch, ...]

    def within(self, schema: str) -> SchemaMap:
        """The same map onto another schema; its control schema is named after it."""
        return self._replace(schema=schema, control=f"{schema}_control")
