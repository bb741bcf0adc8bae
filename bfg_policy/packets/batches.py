"""What the packets that replay, compare and take back a snapshot are rendered from.

The rows travel as quoted literals that are made here, so that no template counts their
characters, and nothing but the quoting decides what of a stranger's text reaches the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bfg_policy.database.rows import MappedTable, map_rows
from bfg_policy.database.sources import Given
from bfg_policy.digest import canonical
from bfg_policy.errors import Finding, RenderError
from bfg_policy.rendering.quoting import Quoted, sql_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.database.rows import Mapped, Problem
    from bfg_policy.database.types import SchemaMap, Table
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario

Data = dict[str, object]

# A literal holds at most so many rows, and begins a new one beyond so many characters.
ROWS_A_PIECE = 5_000
PIECE = 1_048_576
# So many rows of a table are named in a message of the database.
MOST_NAMED = 20
# So many findings are shown of rows that do not fit.
MOST_FINDINGS = 100


def mapped_scenario(schema_map: SchemaMap, pack: Pack, scenario: Scenario) -> Mapped | None:
    """The rows of a scenario by the tables of the map; None where it has no payload."""
    snapshot = scenario.document.get("snapshot")
    if not isinstance(snapshot, Mapping) or not isinstance(snapshot.get("tables"), Mapping):
        return None
    given = Given(
        tenant=scenario.tenant,
        payload=str(snapshot.get("schema", "")),
        tables=snapshot["tables"],
        roles=pack.roles,
        actors=[actor.written for actor in scenario.actors.values()],
    )
    return map_rows(schema_map, given)


def replay_context(schema_map: SchemaMap, pack: Pack, scenario: Scenario) -> Data | None:
    """What templates see as `replay`; None where the scenario has no payload.

    | name | is |
    | --- | --- |
    | `sha256`, `payload` | the snapshot's digest, and the contract of its payload |
    | `named` | the tables that the payload names, and that its digest is made of |
    | `most_named` | how many rows of a table a message names |
    | `tables` | all tables in order: `position`, `name`, `batch`, `rows`, `digest`, `expected` |
    | `batches` | in order: `name`, `position`, `file`, `summary` (JSON), `tables` |

    A batch's table: `name`, `columns`, `key`, `rows`, `digest`, `pieces`: literals, each a JSON
    array of rows. `expected`: a literal with a line `digest key` for each row. Raises RenderError
    (BFG611) where rows do not fit the map.
    """
    mapped = mapped_scenario(schema_map, pack, scenario)
    if mapped is None:
        return None
    if mapped.problems:
        raise RenderError([*_findings(schema_map, mapped.problems, scenario)])
    return replay_data(schema_map, mapped, _named(scenario))


def _named(scenario: Scenario) -> list[str]:
    snapshot = scenario.document["snapshot"]
    assert isinstance(snapshot, Mapping)
    return sorted(snapshot["tables"])


def replay_data(schema_map: SchemaMap, mapped: Mapped, named: Sequence[str]) -> Data:
    """As `replay_context`, of rows that fit; named: the tables that the payload names."""
    positions = range(len(schema_map.batches))
    return {
        **expected_data(schema_map, mapped, named),
        "batches": [_batch(schema_map, position, mapped.tables) for position in positions],
    }


def expected_data(schema_map: SchemaMap, mapped: Mapped, named: Sequence[str]) -> Data:
    """As `replay_data` without the batches: what a database is compared with."""
    return {
        "sha256": mapped.sha256,
        "payload": schema_map.payload,
        "named": list(named),
        "most_named": MOST_NAMED,
        "tables": [
            {
                "position": position,
                "batch": table.batch,
                **_counted(table, mapped.tables[table.name]),
                "expected": sql_lines(_expected(table, mapped.tables[table.name])),
            }
            for position, table in enumerate(schema_map.tables.values())
        ],
    }


def replay_file(schema_map: SchemaMap, position: int) -> str:
    """The name of the file that replays a batch, such as `30_replay.operations.sql`."""
    return f"{30 + position}_replay.{schema_map.batches[position].name}.sql"


def _batch(schema_map: SchemaMap, position: int, mapped: Mapping[str, MappedTable]) -> Data:
    batch = schema_map.batches[position]
    tables = [schema_map.tables[name] for name in batch.tables]
    summary = {
        name: {"rows": len(mapped[name].rows), "digest": mapped[name].digest}
        for name in batch.tables
    }
    return {
        "name": batch.name,
        "position": position,
        "file": replay_file(schema_map, position),
        "summary": canonical(summary).decode("utf-8"),
        "tables": [
            {
                "columns": [column.name for column in table.columns],
                "key": list(table.key),
                **_counted(table, mapped[table.name]),
                "pieces": [*_pieces(table, mapped[table.name])],
            }
            for table in tables
        ],
    }


def _counted(table: Table, mapped: MappedTable) -> Data:
    return {"name": table.name, "rows": len(mapped.rows), "digest": mapped.digest}


def _expected(table: Table, mapped: MappedTable) -> Iterator[str]:
    """A line `digest key` for each row; a line end within a key is escaped by JSON."""
    for row, digest in zip(mapped.rows, mapped.digests, strict=True):
        key = canonical([row[name] for name in table.key[1:]])
        yield f"{digest} {key.decode('utf-8')}\n"


def _pieces(table: Table, mapped: MappedTable) -> Iterator[Quoted]:
    """The rows as JSON arrays. Rows that refer to their own table go together, in any order."""
    refers_to_itself = any(reference.table == table.name for reference in table.references)
    rows: list[str] = []
    size = 0
    for row in mapped.rows:
        rows.append(canonical(row).decode("utf-8"))
        size += len(rows[-1])
        if not refers_to_itself and (len(rows) >= ROWS_A_PIECE or size >= PIECE):
            yield _array(rows)
            rows, size = [], 0
    if rows:
        yield _array(rows)


def _array(rows: Sequence[str]) -> Quoted:
    """A JSON array as a literal, a row on a line."""
    return sql_lines([f"[{rows[0]}", *(f",{row}" for row in rows[1:]), "]"])


def _findings(
    schema_map: SchemaMap, problems: Sequence[Problem], scenario: Scenario
) -> Iterator[Finding]:
    for problem in problems[:MOST_FINDINGS]:
        yield Finding(
            "BFG611",
            f"it does not fit the schema map `{schema_map.id}`: {problem.why}",
            scenario.place(problem.path),
            note="so the snapshot cannot be replayed, and no packet is rendered",
            hint="correct the payload, or map it",
        )
    if len(problems) > MOST_FINDINGS:
        more = len(problems) - MOST_FINDINGS
        yield Finding("BFG611", f"{more:,} more rows or values do not fit the schema map")
