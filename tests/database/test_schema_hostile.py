"""Strangers' text in every field: it stays data, or it is refused with a finding."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bfg_policy.errors import RenderError
from bfg_policy.packets.database import database_packet
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.scenario import Scenario
from tests.database.packets import (
    DOWN,
    PARITY,
    ROLLBACK,
    UP,
    VERIFY,
    connected,
    judged,
    replays,
    run,
    split,
)
from tests.database.servers import Server
from tests.rendering.hostile import strings

# What PostgreSQL cannot store as text; it is refused before anything is written.
UNSTORABLE = tuple(each for each in strings() if re.search("[\0\ud800-\udfff]", each))
STORABLE = tuple(each for each in strings() if each not in UNSTORABLE)


def rendered(scenario: Scenario) -> dict[str, str]:
    pack, _, readiness = judged()
    return database_packet(pack, scenario, readiness)


def permission(name: str) -> str:
    """It is part of a key, and a key has to fit into an index."""
    return name[:500] or "none"


def with_names(names: tuple[str, ...]) -> Scenario:
    """The scenario with actors of these names, desks and permissions besides its own."""
    scenario = judged().scenario
    someone = next(iter(scenario.actors.values()))
    more = {
        f"u{number}": someone._replace(
            id=f"u{number}", name=name, desk=name[::-1], permissions=(permission(name),)
        )
        for number, name in enumerate(names)
    }
    return scenario._replace(actors={**scenario.actors, **more})


def test_there_are_many() -> None:
    assert len(STORABLE) > 60
    assert len(UNSTORABLE) >= 2


def test_what_is_written_reads_back(server: Server) -> None:
    files = rendered(with_names(STORABLE))
    with connected(server.fresh_database()) as connection:
        run(connection, files[UP], *(files[name] for name in replays(files)), files[PARITY])
        found = connection.execute(
            "SELECT user_id, display_name, desk, permissions FROM bfg_flowcontrol.users"
            " WHERE user_id ~ '^u[0-9]+$'"
        ).fetchall()
        assert {row[0]: row[1:] for row in found} == {
            f"u{number}": (name, name[::-1], [permission(name)])
            for number, name in enumerate(STORABLE)
        }
        run(connection, files[VERIFY], files[ROLLBACK], files[DOWN])


def test_psql_reads_it_the_same(server18: Server, tmp_path: Path) -> None:
    """psql has a language of its own, which a driver does not know: backslashes and variables."""
    files = rendered(with_names(STORABLE))
    dsn = server18.fresh_database()
    for name in (UP, *replays(files), PARITY):
        file = tmp_path / name
        file.write_text(files[name], encoding="utf-8")
        done = subprocess.run(
            [server18.bindir / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-v", "x=y", "-f", file, dsn],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted((UP, *replays(files), PARITY))
    with connected(dsn) as connection:
        found = connection.execute(
            "SELECT array_agg(display_name ORDER BY substr(user_id, 2)::int)"
            " FROM bfg_flowcontrol.users WHERE user_id ~ '^u[0-9]+$'"
        ).fetchone()
    assert found == (list(STORABLE),)


@pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
def test_what_cannot_be_stored_is_a_finding(text: str) -> None:
    with pytest.raises(RenderError) as error:
        rendered(with_names((text,)))
    assert {finding.code for finding in error.value.findings} <= {"BFG602", "BFG611"}


def test_the_tenant_may_be_called_anything(server18: Server) -> None:
    hostile = "'; DROP SCHEMA bfg_flowcontrol CASCADE; -- $packet$ \\ \"é"
    scenario = judged().scenario
    tables: Any = scenario.document["snapshot"]["tables"]  # type: ignore[index]
    moved = {name: [{**row, "tenant_id": hostile} for row in rows] for name, rows in tables.items()}
    snapshot: Any = {**scenario.document["snapshot"], "tables": moved}  # type: ignore[dict-item]
    snapshot.pop("sha256")
    other = scenario._replace(
        tenant=hostile,
        document={**scenario.document, "tenant": hostile, "snapshot": snapshot},
        payload_sha256=None,
    )
    files = rendered(other)
    if not replays(files):
        pytest.fail("nothing was rendered for this tenant")
    with connected(server18.fresh_database()) as connection:
        run(connection, files[UP], *(files[name] for name in replays(files)), files[PARITY])
        found = connection.execute("SELECT DISTINCT tenant_id FROM bfg_flowcontrol.orders")
        assert found.fetchall() == [(hostile,)]
        run(connection, files[ROLLBACK], files[DOWN])


HEADERS = ("contract", "source", "target", "session", "checksum", "decision")
PREAMBLE = ENGINE + "postgres/preamble.sql"


@pytest.mark.parametrize("field", HEADERS)
def test_a_header_stays_a_comment(field: str) -> None:
    """Whatever stands in it: the statements below it are the same, or it is refused."""
    renderer = Renderer({}, engine_templates())
    context: dict[str, Any] = {"map": {"schema": "s"}, "file": "f.sql"}
    header = dict.fromkeys(HEADERS, "plain") | {"rows": 1}
    plain = split(renderer.render(PREAMBLE, {**context, "header": header}))
    refused: set[str] = set()
    written = 0
    for text in strings():
        try:
            preamble = renderer.render(PREAMBLE, {**context, "header": {**header, field: text}})
        except RenderError as error:
            refused |= {finding.code for finding in error.findings}
            continue
        written += 1
        assert split(preamble) == plain
        assert "\\" not in preamble
    assert refused == {"BFG602"}
    assert len(strings()) // 4 < written < len(strings())


@pytest.mark.parametrize(
    "target", ["a\nDROP TABLE x;", "a\rDROP TABLE x;", "\\! touch x", "\u202e"]
)
def test_a_header_that_could_be_more_is_refused(target: str) -> None:
    with pytest.raises(RenderError) as error:
        rendered(judged().scenario._replace(target=target))
    assert [finding.code for finding in error.value.findings] == ["BFG602"]
