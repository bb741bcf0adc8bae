"""What replay and parity cost beside COPY: ratios of one run, on a server started for it.

Replay is the rendered packet of one batch, as it is run; beside it, COPY of the same rows into the
same keyed tables of another tenant. COPY FROM is refused where row-level security binds, so it runs
as the superuser, whom it does not bind: COPY pays for keys and references, and for no policy and
no digest. Both are CPU seconds of their own backend, without parallel workers.

Parity is what the packet of parity computes where all agrees: rows and digests of all tables, of
which one has 1,000,000 flat rows of the tenant (its list of rows, which is looked at where they
differ, is left out: no payload that can be read has as many). Beside it, COPY TO of these rows as
the same role. Both are seconds of psql by the clock, and may use the server's workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from bfg_policy import pipeline
from bfg_policy.collectors.programs import Programs, find_programs
from bfg_policy.collectors.servers import embedded_server
from bfg_policy.digest import table_digest
from bfg_policy.errors import NOWHERE
from bfg_policy.packets.database import database_packet
from bfg_policy.scenario import Actor, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bfg_policy.database import SchemaMap
    from bfg_policy.pack import Pack

ROOT = Path(__file__).resolve().parent.parent
ORDERS, EVENTS, FLAT = 20_000, 40_000, 1_000_000
ROUNDS = 3
REPLAY_GOAL, PARITY_GOAL = 1.5, 6.0
UP, PEOPLE = "10_schema.up.sql", "30_replay.tenants_rbac.sql"
OPERATIONS = "31_replay.operations.sql"
Row = dict[str, object]


class Bench(NamedTuple):
    """The pack whose map is used, where psql is, and the superuser's address."""

    pack: Pack
    schema_map: SchemaMap
    programs: Programs
    admin: str


def instant(number: int) -> str:
    """An instant that looks like no other near it."""
    day, second = 1 + number % 28, number % 60
    return f"2026-{1 + number % 12:02}-{day:02}T08:{second:02}:{second:02}.{number % 10**6:06}Z"


def orders(tenant: str, count: int) -> Iterator[Row]:
    """Flat rows: seven texts, a number, an instant."""
    for number in range(count):
        yield {
            "tenant_id": tenant,
            "order_id": f"ord-{number:07}",
            "client_id": f"client-{number % 50}",
            "status": "delivered",
            "origin": "Łódź PL",
            "destination": "Lviv UA",
            "cargo": "pharmaceuticals",
            "weight_kg": number % 30_000,
            "created_at": instant(number),
        }


def events(tenant: str, count: int) -> Iterator[Row]:
    """Rows with two references each."""
    for number in range(count):
        yield {
            "tenant_id": tenant,
            "event_id": f"evt-{number:07}",
            "order_id": f"ord-{number % ORDERS:07}",
            "actor_id": f"client-{number % 50}",
            "kind": "delivered",
            "at": instant(number),
        }


def operations(tenant: str) -> dict[str, list[Row]]:
    """The rows of a batch, each table after that which it refers to."""
    return {"orders": [*orders(tenant, ORDERS)], "order_events": [*events(tenant, EVENTS)]}


def cpu_of(connection: psycopg.Connection, work: Callable[[], object]) -> float:
    """CPU seconds of the connection's backend for some work."""
    before = _cpu(connection.info.backend_pid)
    work()
    return _cpu(connection.info.backend_pid) - before


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def copy_in(connection: psycopg.Connection, bench: Bench, tables: dict[str, list[Row]]) -> None:
    """COPY of rows into their tables, as text, in one transaction."""
    with connection.transaction():
        for name, rows in tables.items():
            text = "".join("\t".join(map(str, row.values())) + "\n" for row in rows)
            into = f"{bench.schema_map.schema}.{name} ({', '.join(rows[0])})"
            with connection.cursor().copy(f"COPY {into} FROM STDIN".encode()) as copy:
                copy.write(text)


def measure_replay(bench: Bench) -> tuple[float, float]:
    """CPU seconds of COPY and of the replay of the same rows; medians of some rounds."""
    copies: list[float] = []
    replays: list[float] = []
    with psycopg.connect(bench.admin, autocommit=True) as connection:
        for number in range(ROUNDS):
            tenant, other = f"replayed-{number}", f"copied-{number}"
            files = packets(bench, tenant, operations(tenant))
            for text in (files[UP], files[PEOPLE], packets(bench, other, {})[PEOPLE]):
                connection.execute(text.encode())
            connection.execute("SET max_parallel_workers_per_gather = 0")
            copies.append(
                cpu_of(connection, partial(copy_in, connection, bench, operations(other)))
            )
            replay = partial(connection.execute, files[OPERATIONS].encode())
            replays.append(cpu_of(connection, replay))
    return median(copies), median(replays)


def measure_parity(bench: Bench) -> tuple[float, float]:
    """Seconds of COPY TO and of the digests of as many flat rows; the best of some rounds."""
    tenant, where = "flat", bench.schema_map
    rows = list(orders(tenant, FLAT))
    with psycopg.connect(bench.admin, autocommit=True) as connection:
        connection.execute(packets(bench, tenant, {})[PEOPLE].encode())
        copy_in(connection, bench, {"orders": rows})
        connection.execute(f"VACUUM ANALYZE {where.schema}.orders".encode())
    role = f"SET ROLE {where.roles.verify}; SET {where.tenant.setting} = '{tenant}';"
    copy = f"{role} COPY (SELECT * FROM {where.schema}.orders) TO STDOUT"  # noqa: S608 - ours
    digests = f"{role} SELECT * FROM {where.control}.table_digests()"  # noqa: S608 - ours
    assert f"orders|{FLAT}|{table_digest(rows)}" in psql(bench, digests)[1]
    found = [(psql(bench, copy)[0], psql(bench, digests)[0]) for _ in range(ROUNDS)]
    return min(each[0] for each in found), min(each[1] for each in found)


def packets(bench: Bench, tenant: str, tables: dict[str, list[Row]]) -> dict[str, str]:
    """The packet set of a tenant with 50 clients and these rows."""
    return database_packet(bench.pack, _scenario(bench, tenant, tables), None)


def _scenario(bench: Bench, tenant: str, tables: dict[str, list[Row]]) -> Scenario:
    actors = {
        f"client-{number}": Actor(f"client-{number}", "A client", "Desk", "client", ("order:read",))
        for number in range(50)
    }
    snapshot = {"schema": bench.schema_map.payload, "tables": tables}
    return Scenario(
        id="bench",
        tenant=tenant,
        target="bench",
        document={"scenario": "bench", "tenant": tenant, "snapshot": snapshot},
        actors=actors,
        records={},
        acceptances=(),
        waivers=(),
        payload_sha256=None,
        place=lambda _path: NOWHERE,
    )


def psql(bench: Bench, query: str) -> tuple[float, str]:
    """Seconds that psql takes to run a query, and what it writes."""
    program = str(bench.programs.folder / "psql")
    command = [program, "--no-psqlrc", "--quiet", "-At", "-c", query, bench.admin]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start, done.stdout.decode()


def main() -> None:
    """Prints a line for each measure, with its goal."""
    pack = pipeline.open_pack(ROOT / "policies", None, ROOT).pack
    assert pack.schema_map is not None
    named = os.environ.get("BFG_PG_BINDIR")
    programs = find_programs(Path(named) if named else None, os.environ.get("PATH"))
    with embedded_server(programs) as server:
        bench = Bench(pack, pack.schema_map, programs, server.admin_dsn)
        copy, replay = measure_replay(bench)
        copy_out, parity = measure_parity(bench)
    rows = ORDERS + EVENTS
    lines = [
        f"PostgreSQL {programs.version}",
        f"COPY of {rows:,} keyed rows:   {copy:.2f} s CPU",
        f"replay of {rows:,} keyed rows: {replay:.2f} s CPU",
        f"replay / COPY: {replay / copy:.2f} (goal: at most {REPLAY_GOAL})",
        f"COPY of {FLAT:,} flat rows out: {copy_out:.2f} s",
        f"parity of {FLAT:,} flat rows:   {parity:.2f} s",
        f"parity / COPY: {parity / copy_out:.2f} (goal: at most {PARITY_GOAL})",
    ]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
