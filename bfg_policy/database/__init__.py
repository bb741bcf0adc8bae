"""A snapshot and a database: the map between them, as plain data.

The types are here; `database.linking` makes a map out of a written one.
"""

from bfg_policy.database.types import (
    REPLAY_COLUMN,
    SOURCE_FIELDS,
    Batch,
    Column,
    ColumnType,
    Command,
    DatabaseRoles,
    Reference,
    SchemaMap,
    SourceField,
    Table,
    TableSource,
    Tenant,
)

__all__ = [
    "REPLAY_COLUMN",
    "SOURCE_FIELDS",
    "Batch",
    "Column",
    "ColumnType",
    "Command",
    "DatabaseRoles",
    "Reference",
    "SchemaMap",
    "SourceField",
    "Table",
    "TableSource",
    "Tenant",
]
