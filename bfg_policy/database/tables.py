"""What is wrong with one table of a schema map: its columns, key, references and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from bfg_policy.database.types import IDENTITIES, REPLAY_COLUMN, SOURCE_FIELDS, Column
from bfg_policy.errors import Finding, Place
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bfg_policy.model import ColumnModel, ReferenceModel, TableModel


class Placing(Protocol):
    """Where something stands in the map's file."""

    def place(self, path: tuple[str | int, ...], *, key: bool = False) -> Place:
        """Where the value at `path`, or its key, stands."""


class Written(NamedTuple):
    """A table of the map as it is written, and where to say what is wrong with it."""

    name: str
    model: TableModel
    columns: Mapping[str, Column]
    placing: Placing

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where a value of the table, or its key, stands."""
        return self.placing.place(("tables", self.name, *path), key=key)


def check_columns(where: Written, tenant: str) -> Iterator[Finding]:
    """Columns that the engine has itself, that mean two things, or that nothing could fill."""
    sources: dict[str, str] = {tenant: tenant} if where.model.source is None else {}
    for name, column in where.model.columns.items():
        if name in (tenant, REPLAY_COLUMN):
            yield Finding(
                "BFG325",
                f"the column `{name}` is there without being written",
                where.place("columns", name, key=True),
                note="every table has the tenant's column and the number of the replay",
                hint="delete it",
            )
            continue
        if column.optional and column.nullable:
            yield Finding(
                "BFG325",
                f"`{name}` is both optional and nullable",
                where.place("columns", name, "nullable", key=True),
                note="SQL knows one NULL, so a row could not be told from its columns any more",
                hint="say which of the two a NULL stands for",
            )
        source = column.source or name
        if source in sources:
            yield Finding(
                "BFG325",
                f"`{source}` is held by `{sources[source]}` already",
                where.place("columns", name, *(("from",) if column.source else ()), key=True),
                note="one value in two columns could differ between them",
                hint="delete one of the two",
            )
        sources.setdefault(source, name)
        yield from _check_source(where, name, column)


def _check_source(where: Written, name: str, column: ColumnModel) -> Iterator[Finding]:
    """What a scenario offers is what its columns hold."""
    if where.model.source is None:
        return
    fields = SOURCE_FIELDS[where.model.source]
    source = column.source or name
    at = ("columns", name, "from") if column.source else ("columns", name)
    place = where.place(*at, key=column.source is None)
    if source not in fields:
        suggestion = closest(source, fields)
        yield Finding(
            "BFG321",
            f"`{where.model.source}` offers no `{source}`",
            place,
            note="the column would have nothing to hold",
            hint=None if suggestion else f"it offers {', '.join(fields)}: say which with `from`",
            suggestion=suggestion,
        )
    elif fields[source].type != column.type:
        yield Finding(
            "BFG325",
            f"`{source}` is of type {fields[source].type}, not {column.type}",
            where.place("columns", name, "type"),
            note="its values would not fit into the column",
            suggestion=fields[source].type,
        )
    elif fields[source].optional and not column.optional:
        yield Finding(
            "BFG325",
            f"`{source}` may be missing, and `{name}` has to be there",
            place,
            note="one item without it, and nothing could be replayed",
            hint="add `optional: true`",
        )


def check_key(where: Written, tenant: str) -> Iterator[Finding]:
    """A key begins with the tenant, and every row has all of it."""
    key = where.model.key
    if key[0] != tenant:
        yield Finding(
            "BFG322",
            f"the key of `{where.name}` does not begin with `{tenant}`",
            where.place("key"),
            note="an id of one tenant would tell whether another tenant has it",
            hint=f"write `{tenant}` first",
        )
    for index, name in enumerate(key):
        if name not in where.columns:
            yield _unknown_column(where, name, where.place("key", index))
        elif where.columns[name].may_be_null or where.columns[name].type == "json":
            why = "may be missing" if where.columns[name].may_be_null else "is nested"
            yield Finding(
                "BFG322",
                f"`{name}` {why}, so it cannot be part of a key",
                where.place("key", index),
                note="the rows of the table could not be told apart",
                hint="name a column that every row has, of a plain type",
            )


def check_identity(where: Written) -> Iterator[Finding]:
    """A table of a scenario's own items has them told apart by its key."""
    source = where.model.source
    if source is None or any(name not in where.columns for name in where.model.key):
        return
    if any(each.source not in SOURCE_FIELDS[source] for each in _own_columns(where)):
        return  # what nobody offers is the one mistake
    held = {where.columns[name].source for name in where.model.key}
    for field in IDENTITIES.get(source, ()):
        if field not in held:
            yield Finding(
                "BFG322",
                f"the key of `{where.name}` does not hold `{field}`",
                where.place("key"),
                note=f"two rows of `{source}` that differ in nothing else would be one",
                hint=f"add the column of `{field}` to it",
            )


def _own_columns(where: Written) -> Iterator[Column]:
    """The columns that are written; without the tenant's, which every table has."""
    return (column for name, column in where.columns.items() if name in where.model.columns)


def _unknown_column(where: Written, name: str, place: Place) -> Finding:
    suggestion = closest(name, where.columns)
    return Finding(
        "BFG321",
        f"`{where.name}` has no column `{name}`",
        place,
        note="the table could not be made",
        hint=None if suggestion else f"its columns are {', '.join(where.columns)}",
        suggestion=suggestion,
    )


def unknown_table(name: str, tables: Collection[str], place: Place) -> Finding:
    """The finding for a table that the map does not have."""
    suggestion = closest(name, tables)
    return Finding(
        "BFG321",
        f"the map has no table `{name}`",
        place,
        note="what is not mapped cannot be made, replayed or compared",
        hint=None if suggestion else "write it under `tables`",
        suggestion=suggestion,
    )


def check_reference(
    where: Written,
    index: int,
    reference: ReferenceModel,
    tables: Mapping[str, Written],
    tenant: str,
) -> Iterator[Finding]:
    """A reference leads to the whole key of a table that there is, within the tenant."""
    at = ("references", index)
    if reference.table not in tables:
        yield unknown_table(reference.table, tables, where.place(*at, "table"))
        return
    unknown = [
        _unknown_column(where, name, where.place(*at, "columns", position))
        for position, name in enumerate(reference.columns)
        if name not in where.columns
    ]
    if unknown:
        yield from unknown
        return
    target = tables[reference.table]
    if any(name not in target.columns for name in target.model.key):
        return  # the key is the one mistake
    if reference.columns[0] != tenant:
        yield Finding(
            "BFG323",
            f"a reference that does not begin with `{tenant}`",
            where.place(*at, "columns"),
            note="it would lead to rows of other tenants: row-level security does not bind it",
            hint=f"write `{tenant}` first",
        )
        return
    types = [where.columns[name].type for name in reference.columns]
    wanted = [target.columns[name].type for name in target.model.key]
    if types != wanted:
        key = ", ".join(
            f"{name} {type_}" for name, type_ in zip(target.model.key, wanted, strict=True)
        )
        yield Finding(
            "BFG323",
            f"these columns do not hold a key of `{target.name}`",
            where.place(*at, "columns"),
            note=f"its key is ({key})",
            hint="name one column for each part of the key, in its order and of its type",
        )


def check_grants(where: Written) -> Iterator[Finding]:
    """What is only appended to is not changed."""
    for index, command in enumerate(where.model.app):
        if where.model.append_only and command in ("update", "delete"):
            yield Finding(
                "BFG325",
                f"the application may {command} a table that is only appended to",
                where.place("app", index),
                note="one of the two is not meant",
                hint=f"take `{command}` away, or `append_only`",
            )
