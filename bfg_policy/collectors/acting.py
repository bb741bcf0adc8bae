"""Section `rbac`: each actor ends at one user of its tenant, and sees no other tenant's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.scene import NOBODY, prepared

if TYPE_CHECKING:
    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.scene import Scene, Target
    from bfg_policy.database import Table

_MOST_NAMED = 5


def look_at_sessions(connection: Connection, target: Target, checks: Checks) -> None:
    """Act for every actor of the scenario, for nobody, and for a tenant that nobody has."""
    count = len(target.scenario.actors)
    checks.facts["actors"] = 0
    checks.require("there are actors", holds=count > 0, found=f"{count} in the scenario")
    with prepared(connection, target) as scene:
        _tell_schema(scene, checks)
        look = _Look(target, scene, checks)
        look.at_nobody()
        look.at_actors()
        look.at_privileges()
        look.at_other_tenants()


def _tell_schema(scene: Scene, checks: Checks) -> None:
    checks.facts["schema"] = "found" if scene.had_schema else "applied"
    if not scene.had_schema:
        checks.note("the schema", "is not there yet: applied for this, and undone")
    elif not scene.seeded:
        checks.note("the tenant's own rows", "differ from the scenario; they are what counts here")


class _Look:
    def __init__(self, target: Target, scene: Scene, checks: Checks) -> None:
        self._actors = tuple(target.scenario.actors.values())
        self._tables = tuple(target.schema_map.tables.values())
        self._readable = [each for each in self._tables if "select" in each.app]
        self._tenant = sql.Identifier(target.schema_map.tenant.column)
        self._scene = scene
        self._checks = checks

    def at_nobody(self) -> None:
        """Neither no tenant nor an empty one may look like a tenant without rows."""
        scene = self._scene
        with scene.acting(scene.tenant):
            filled = [each for each in self._readable if scene.count(each, {})]
        with scene.acting_for_nobody():
            empty = scene.names_a_tenant()
            answered = [
                each.name
                for each in filled
                if scene.changed("SELECT 1 FROM {} LIMIT 1", each) is not None
            ]
        self._checks.demand(
            "no tenant is no tenant",
            holds=not (scene.unnamed or empty),
            found="one that is not set, or empty, is taken for one"
            if scene.unnamed or empty
            else "neither one that is not set nor an empty one",
        )
        self._none("without a tenant no row is read", answered)

    def at_actors(self) -> None:
        users = self._users()
        columns = {each.source: each.name for each in users.columns[1:]}
        lost = []
        for actor in self._actors:
            fields = {"id": actor.id, "role": actor.role}
            wanted = {columns[name]: value for name, value in fields.items() if name in columns}
            with self._scene.acting(self._scene.tenant):
                if self._scene.count(users, wanted) != 1:
                    lost.append(actor.id)
        ended = len(self._actors) - len(lost)
        self._checks.facts["actors"] = ended
        self._checks.demand(
            "each actor ends at one user of the tenant",
            holds=not lost,
            found=f"{ended} of {len(self._actors)}" + (f", not {_named(lost)}" if lost else ""),
        )
        with self._scene.acting(self._scene.tenant):
            found = self._scene.count(users, {columns["id"]: NOBODY})
        self._zero("an unknown actor ends nowhere", found, "user")

    def at_privileges(self) -> None:
        """What the application may do to each table is what the schema map lets it do."""
        wrong = [
            table.name
            for table in self._tables
            if self._scene.privileges(table) != {each.upper() for each in table.app}
        ]
        self._checks.facts["tables"] = len(self._tables)
        what = "the application may do what the map says"
        self._none(what, wrong, f"on {len(self._tables)} tables, and no more")

    def at_other_tenants(self) -> None:
        ours = sql.Literal(self._scene.tenant)
        with self._scene.acting(self._scene.tenant):
            foreign = self._seen(sql.SQL("{} <> {}").format(self._tenant, ours))
        with self._scene.acting(self._scene.other_tenant):
            shown = self._seen(sql.SQL("true"))
        self._checks.facts["foreign_rows"] = foreign + shown
        self._zero("it sees no rows of other tenants", foreign, "row")
        self._zero("another tenant sees no rows at all", shown, "row")

    def _seen(self, where: sql.Composable) -> int:
        query = "SELECT count(*) FROM {} WHERE {}"
        return sum(self._scene.number(query, each, where) for each in self._readable)

    def _users(self) -> Table:
        for table in self._readable:
            if table.source == "actors":
                return table
        raise Unobservable(
            "each actor ends at one user of the tenant",
            "the schema map has no table of actors that the application reads",
        )

    def _none(self, what: str, wrong: list[str], found: str = "") -> None:
        names = list(dict.fromkeys(wrong))
        self._checks.demand(
            what, holds=not names, found=f"not so in {_named(names)}" if names else found
        )

    def _zero(self, what: str, count: int, noun: str) -> None:
        found = "" if count == 0 else f"{count} {noun}{'' if count == 1 else 's'}"
        self._checks.demand(what, holds=count == 0, found=found)


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
