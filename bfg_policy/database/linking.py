"""A schema map as it is written -> SchemaMap: every name resolved, or refused at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.database.tables import (
    Placing,
    Written,
    check_columns,
    check_grants,
    check_identity,
    check_key,
    check_reference,
    unknown_table,
)
from bfg_policy.database.types import (
    Batch,
    Column,
    DatabaseRoles,
    Reference,
    SchemaMap,
    Table,
    Tenant,
)
from bfg_policy.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy.model import SchemaMapModel, TableModel

# Names that PostgreSQL keeps for itself.
_SYSTEM = "pg_"


def link_map(model: SchemaMapModel, placing: Placing) -> tuple[SchemaMap, tuple[Finding, ...]]:
    """The linked map of a valid document, and everything that is wrong with it (BFG320 to 325).

    With a finding among them the map must not be used.
    """
    findings = list(_check_names(model, placing))
    columns = {name: _columns(model, table) for name, table in model.tables.items()}
    tables = {
        name: Written(name, table, columns[name], placing) for name, table in model.tables.items()
    }
    for where in tables.values():
        findings += check_columns(where, model.tenant.column)
        findings += check_key(where, model.tenant.column)
        findings += check_identity(where)
        for index, reference in enumerate(where.model.references):
            findings += check_reference(where, index, reference, tables, model.tenant.column)
        findings += check_grants(where)
    batch_of, more = _batches(model, tables, placing)
    findings += more
    findings += _check_order(tables, batch_of)
    return _linked(model, columns, batch_of), tuple(findings)


def _columns(model: SchemaMapModel, table: TableModel) -> dict[str, Column]:
    """The columns by name, the tenant's first."""
    tenant = model.tenant.column
    columns = {tenant: Column(tenant, "text", tenant)}
    for name, each in table.columns.items():
        source = each.source or name
        columns[name] = Column(name, each.type, source, each.optional, each.nullable)
    return columns


def _linked(
    model: SchemaMapModel,
    columns: Mapping[str, Mapping[str, Column]],
    batch_of: Mapping[str, str],
) -> SchemaMap:
    return SchemaMap(
        id=model.id,
        payload=model.payload,
        schema=model.lies_in,
        control=model.control,
        tenant=Tenant(**model.tenant.model_dump()),
        roles=DatabaseRoles(**model.roles.model_dump()),
        tables={
            name: Table(
                name=name,
                source=model.tables[name].source or "payload",
                key=tuple(model.tables[name].key),
                columns=tuple(columns[name].values()),
                references=tuple(
                    Reference(tuple(each.columns), each.table)
                    for each in model.tables[name].references
                ),
                app=tuple(model.tables[name].app),
                append_only=model.tables[name].append_only,
                batch=batch,
            )
            for name, batch in batch_of.items()
        },
        batches=tuple(Batch(each.batch, tuple(each.tables)) for each in model.batches),
    )


def _check_names(model: SchemaMapModel, placing: Placing) -> Iterator[Finding]:
    written: dict[tuple[str, ...], str] = {("schema",): model.lies_in, ("control",): model.control}
    roles = {("roles", role): name for role, name in model.roles.model_dump().items()}
    for names in (written, roles):
        seen: dict[str, tuple[str, ...]] = {}
        for path, name in names.items():
            if name in seen:
                yield Finding(
                    "BFG320",
                    f"`{name}` stands for two things: `{seen[name][-1]}` and `{path[-1]}`",
                    placing.place(path),
                    note="what the one may do, the other could do too",
                    hint="give each a name of its own",
                )
            seen.setdefault(name, path)
            if name.startswith(_SYSTEM):
                yield Finding(
                    "BFG320",
                    f"`{name}` begins with `{_SYSTEM}`, which the database keeps for itself",
                    placing.place(path),
                    note="the server would refuse to make it",
                    hint="choose another name",
                )


def _batches(
    model: SchemaMapModel, tables: Mapping[str, Written], placing: Placing
) -> tuple[dict[str, str], list[Finding]]:
    """The batch of each table, in the order of the batches; and what is wrong with them."""
    batch_of: dict[str, str] = {}
    findings: list[Finding] = []
    names: set[str] = set()
    for index, batch in enumerate(model.batches):
        if batch.batch in names:
            place = placing.place(("batches", index, "batch"))
            message = f"two batches have the name `{batch.batch}`"
            findings.append(Finding("BFG324", message, place, hint="give one another name"))
        names.add(batch.batch)
        for position, name in enumerate(batch.tables):
            place = placing.place(("batches", index, "tables", position))
            if name not in tables:
                findings.append(unknown_table(name, tables, place))
            elif name in batch_of:
                message = f"`{name}` is in batch `{batch_of[name]}` already"
                note = "its rows would be replayed twice"
                findings.append(Finding("BFG324", message, place, note=note, hint="delete one"))
            else:
                batch_of[name] = batch.batch
    for name, where in tables.items():
        if name not in batch_of and not any(f.suggestion == name for f in findings):
            findings.append(
                Finding(
                    "BFG324",
                    f"`{name}` is in no batch",
                    where.placing.place(("tables", name), key=True),
                    note="its rows would never be replayed",
                    hint="add it to a batch",
                )
            )
    return batch_of, findings


def _check_order(tables: Mapping[str, Written], batch_of: Mapping[str, str]) -> Iterator[Finding]:
    rank = {name: position for position, name in enumerate(batch_of)}
    for name, position in rank.items():
        for index, reference in enumerate(tables[name].model.references):
            if rank.get(reference.table, -1) > position:
                yield Finding(
                    "BFG324",
                    f"`{name}` refers to `{reference.table}`, which is replayed after it",
                    tables[name].place("references", index, "table"),
                    note="its rows would refer to rows that are not there yet",
                    hint=f"let `{reference.table}` stand before `{name}` in `batches`",
                )
