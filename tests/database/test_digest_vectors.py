"""The test vectors of docs/digest.md: Python, SQL, a shell and another RFC 8785 agree on them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import rfc8785

from bfg_policy.digest import (
    NotCanonical,
    canonical,
    combined,
    row_digest,
    snapshot_digest,
    summary,
    summary_digest,
    table_digest,
)
from tests.database.packets import UP, connected, own_map, run
from tests.database.servers import Server
from tests.database.snapshots import packets
from tests.shared import ROOT


def vectors() -> dict[str, list[Any]]:
    """What stands in the page's block of JSON."""
    page = (ROOT / "docs" / "digest.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    found: dict[str, list[Any]] = json.loads(block)
    return found


VECTORS = vectors()
ROWS = [each["row"] for each in VECTORS["rows"]]


@pytest.fixture(scope="module")
def made(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A database with the functions of the digest, for its owner."""
    with connected(server.fresh_database()) as connection:
        run(connection, packets("bfg", {})[UP])
        yield connection


def test_there_are_vectors_of_every_kind() -> None:
    assert {kind: len(each) > 3 for kind, each in VECTORS.items()} == dict.fromkeys(
        ("rows", "tables", "snapshots", "refused"), True
    )


@pytest.mark.parametrize("vector", VECTORS["rows"], ids=lambda each: each["digest"][:8])
def test_rows_in_python(vector: Any) -> None:
    assert canonical(vector["row"]).decode() == vector["line"]
    assert rfc8785.dumps(vector["row"]).decode() == vector["line"]
    assert row_digest(vector["row"]) == vector["digest"]


@pytest.mark.parametrize("vector", VECTORS["tables"], ids=lambda each: each["digest"][:8])
def test_tables_in_python_and_in_a_shell(vector: Any) -> None:
    rows = [ROWS[place] for place in vector["rows"]]
    assert table_digest(rows) == vector["digest"]
    assert (
        combined(VECTORS["rows"][place]["digest"] for place in vector["rows"]) == vector["digest"]
    )
    page = (ROOT / "docs" / "digest.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        ["sh", "-c", recipe.replace("< lines", "")],
        input=b"".join(canonical(row) + b"\n" for row in rows),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split()[0] == vector["digest"]


@pytest.mark.parametrize("vector", VECTORS["snapshots"], ids=lambda each: each["digest"][:8])
def test_snapshots_in_python(vector: Any) -> None:
    given = vector["schema"], vector["tenant"], vector["tables"]
    assert snapshot_digest(*given) == vector["digest"]
    assert summary_digest(*given[:2], summary(given[2])) == vector["digest"]


@pytest.mark.parametrize("value", VECTORS["refused"], ids=json.dumps)
def test_what_is_outside_the_profile_has_no_digest(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_rows_in_the_database(made: psycopg.Connection[Any]) -> None:
    canonical_json = f"{own_map().control}.canonical(each::jsonb)"
    query = f"SELECT each, {canonical_json} FROM unnest(%s::text[]) AS each"  # noqa: S608 - ours
    given = [json.dumps(row) for row in ROWS]
    found = dict(made.execute(query, [given]).fetchall())
    assert [found[each] for each in given] == [vector["line"] for vector in VECTORS["rows"]]


def test_every_character_below_u0800_is_written_alike(made: psycopg.Connection[Any]) -> None:
    texts = [chr(code) for code in range(1, 0x800)] + ["\u2028", "\u2029", "\ufeff", "\U0010ffff"]
    query = "SELECT array_agg(to_json(each)::text) FROM unnest(%s::text[]) AS each"
    assert made.execute(query, [texts]).fetchone() == (
        [canonical(text).decode() for text in texts],
    )


def test_snapshots_in_the_database(made: psycopg.Connection[Any]) -> None:
    control, setting = own_map().control, own_map().tenant.setting
    for vector in VECTORS["snapshots"]:
        made.execute("SELECT set_config(%s, %s, false)", [setting, vector["tenant"]])
        tables = json.dumps(summary(vector["tables"]))
        query = f"SELECT {control}.snapshot_digest(%s, %s::jsonb)"
        assert made.execute(query, [vector["schema"], tables]).fetchone() == (vector["digest"],)
