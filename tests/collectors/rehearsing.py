"""A scenario and a database to rehearse it on, both of which a test may spoil."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import yaml
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bfg_policy.collectors.servers import Server
from bfg_policy.digest import snapshot_digest
from bfg_policy.instants import parse_instant
from bfg_policy.packets.database import database_packet
from bfg_policy.pipeline import judge_scenario, open_pack
from tests.collectors.lab import SCENARIO, Access, new_access
from tests.running import Ran, run

AT = "2026-11-20T12:00:00Z"
RECORD = SCENARIO / "evidence" / "dry_run.json"
SECTIONS = ("export", "schema_map", "rbac_claims", "replay", "rollback_checkpoint")

Data = dict[str, Any]


class Database(NamedTuple):
    """An empty database: how its login gets in, and how the superuser does."""

    access: Access
    admin: str

    @property
    def dsn(self) -> str:
        return self.access.dsn

    def sql(self, *statements: str) -> list[Any]:
        """Run statements as the superuser; what the last of them gives."""
        found: list[Any] = []
        with psycopg.connect(self.admin, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                found = cursor.fetchall() if cursor.description else []
        return found

    def run(self, *packets: str) -> None:
        """Run packets as the login."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for packet in packets:
                connection.execute(packet.encode())

    def everything(self) -> list[Any]:
        """What there is on the server, as far as a rehearsal could have changed it."""
        return [
            self.sql("SELECT oid, * FROM pg_namespace ORDER BY 1"),
            self.sql("SELECT count(*), max(oid) FROM pg_class"),
            self.sql("SELECT * FROM pg_roles ORDER BY 1"),
            self.sql("SELECT roleid, member, grantor FROM pg_auth_members ORDER BY 1, 2, 3"),
            self.sql("SELECT datacl::text FROM pg_database ORDER BY datname"),
        ]


@contextmanager
def database_on(
    server: Server, attributes: str = "CREATEROLE", setting: str = ""
) -> Iterator[Database]:
    """An empty database with a login of its own; empty again afterwards, whatever was done."""
    access = new_access(server, attributes, setting)
    own = {name: str(value) for name, value in conninfo_to_dict(server.admin_dsn).items()}
    admin = make_conninfo("", **{**own, "dbname": access.parameters["dbname"]})
    database = Database(access, admin)
    try:
        yield database
    finally:
        empty(database)


def empty(database: Database) -> None:
    """Take away every schema of the database, and the roles of packets."""
    schemas = "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|info|public)'"
    for (schema,) in database.sql(schemas):
        database.sql(f"DROP SCHEMA {schema} CASCADE")
    functions = "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    for (function,) in database.sql(functions):
        database.sql(f"DROP FUNCTION {function} CASCADE")
    roles = "SELECT rolname FROM pg_roles WHERE rolname ~ '^bfg_(owner|app|replay|verify)$'"
    for (role,) in database.sql(roles):
        database.sql(f"DROP OWNED BY {role} CASCADE")
        database.sql(f"DROP ROLE {role}")


class Project(NamedTuple):
    """A copy of the project with one scenario, whose evidence is still to come."""

    root: Path

    def rehearse(self, dsn: str | None, *options: str | Path, **environment: str) -> Ran:
        """Rehearse at AT."""
        given = ["--dsn", dsn] if dsn is not None else []
        arguments = ("rehearse", SCENARIO, "--at", AT, *given, *options)
        return run(*arguments, cwd=self.root, environment=environment)

    def record(self) -> Data:
        """The record that was written."""
        found: Data = json.loads((self.root / RECORD).read_text(encoding="utf-8"))
        return found

    def statuses(self) -> tuple[str, ...]:
        """The status of each section of the record, in order."""
        record = self.record()
        return tuple(record[section]["status"] for section in SECTIONS)

    def scenario(self, change: Callable[[Data], None]) -> None:
        """Change what people write."""
        path = self.root / SCENARIO / "scenario.yaml"
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(data)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")

    def payload(self, change: Callable[[Data], None]) -> None:
        """Change the payload's tables; the scenario then claims the digest that they have."""
        path = self.root / SCENARIO / "snapshot.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        change(data["tables"])
        path.write_text(json.dumps(data), encoding="utf-8")

        def claim(scenario: Data) -> None:
            digest = snapshot_digest(data["schema"], scenario["tenant"], data["tables"])
            scenario["snapshot"] = {"schema": data["schema"], "sha256": digest}

        self.scenario(claim)

    def packets(self, schema: str | None = None) -> dict[str, str]:
        """The packet set of the scenario as it is now."""
        loaded = open_pack(self.root / "policies", None, self.root)
        judged = judge_scenario(loaded, self.root / SCENARIO, parse_instant(AT), self.root)
        return database_packet(loaded.pack, judged.scenario, None, schema=schema)
