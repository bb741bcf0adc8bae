"""A map of a table with a column of every type, each required, optional and nullable."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bfg_policy.database import Batch, Column, ColumnType, Reference, SchemaMap, Table
from tests.database.packets import own_map

TYPES: tuple[ColumnType, ...] = ("text", "integer", "boolean", "timestamp", "json")
OWN = Column("tenant_id", "text", "tenant_id")
# Keys of the payload sort otherwise than the names of the columns that hold them.
COLUMNS = (
    OWN,
    *(Column(f"key_{type_}", type_, f"Key-{type_}") for type_ in TYPES if type_ != "json"),
    *(Column(f"plain_{type_}", type_, f"_{type_}") for type_ in TYPES),
    *(Column(f"may_lack_{type_}", type_, f"B{type_}", optional=True) for type_ in TYPES),
    *(Column(f"may_be_{type_}", type_, f"b{type_}", nullable=True) for type_ in TYPES),
)
KEY = ("tenant_id", *(column.name for column in COLUMNS[1:5]))
KINDS = Table("kinds", "payload", KEY, COLUMNS, (), ("select",), append_only=False, batch="all")
# Rows that refer to others of their table, in any order.
TREE = Table(
    "tree",
    "payload",
    ("tenant_id", "id"),
    (OWN, Column("id", "text", "id"), Column("parent", "text", "parent", optional=True)),
    (Reference(("tenant_id", "parent"), "tree"),),
    ("select",),
    append_only=True,
    batch="all",
)
# More columns than a function of PostgreSQL takes arguments, and names that SQL keeps for itself.
WIDE = Table(
    "wide",
    "payload",
    ("tenant_id", "select"),
    (
        OWN,
        Column("select", "text", "select"),
        *(
            Column(f"column_{number}", "integer", f"c{number}", optional=True)
            for number in range(120)
        ),
        *(Column(name, "text", name, nullable=True) for name in ("given", "held", "key", "line")),
    ),
    (),
    ("select",),
    append_only=False,
    batch="all",
)
MAP: SchemaMap = own_map()._replace(
    id="kinds",
    payload="Kinds.v1",
    schema="kinds",
    control="kinds_control",
    tables={table.name: table for table in (KINDS, TREE, WIDE)},
    batches=(Batch("all", ("kinds", "tree", "wide")),),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NASTY = st.sampled_from(
    (
        *(
            "'",
            "''",
            '"',
            "\\",
            "\\'",
            "\\u0000",
            "$$",
            "$replay$",
            "$query$",
            "--",
            "/*",
            "; DROP",
        ),
        *(
            "\n",
            "\r\n",
            "\x1b[2J",
            "\u2028",
            "\u202e",
            "\x7f",
            "\x9b",
            "%s",
            "%I",
            "{{",
            ":x",
            "\\!",
        ),
        *("e\u0301", "\u00e9", " ", "", "null", "NULL", "\U0010ffff", "\ufeff", "E'\\''", "\\!"),
    )
)
_ANY_TEXT = TEXTS | NASTY | st.lists(NASTY, max_size=4).map("".join)
_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
_INSTANTS = st.datetimes().map(lambda at: f"{at.isoformat(timespec='microseconds')}Z")
_KEYS = st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=5)
_NESTED = st.recursive(
    st.booleans() | _INTEGERS | _ANY_TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner | st.none(), max_size=4)
    ),
    max_leaves=8,
)
VALUES: dict[ColumnType, st.SearchStrategy[Any]] = {
    "text": _ANY_TEXT,
    "integer": _INTEGERS,
    "boolean": st.booleans(),
    "timestamp": _INSTANTS,
    "json": _NESTED,
}


def _held(column: Column) -> st.SearchStrategy[Any]:
    values = VALUES[column.type]
    return st.none() | values if column.nullable else values


# Rows of the payload, by their keys there.
ROWS = st.fixed_dictionaries(
    {column.source: _held(column) for column in COLUMNS[1:] if not column.optional},
    optional={column.source: _held(column) for column in COLUMNS if column.optional},
).map(lambda row: {"tenant_id": "t", **row})
