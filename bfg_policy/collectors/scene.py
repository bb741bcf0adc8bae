"""What the sessions of a probe find: the schema, the tenant and its actors, until it is undone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from psycopg import Error, sql

from bfg_policy.collectors.bearing import bearer
from bfg_policy.collectors.connecting import one_row
from bfg_policy.collectors.faults import Unobservable
from bfg_policy.collectors.rehearsal.stage import REPLAY, UP, Refused, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.collectors.bearing import Bearer
    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.database import SchemaMap, Table
    from bfg_policy.pack import Pack
    from bfg_policy.scenario import Scenario

# Of a tenant or an actor that nobody has.
NOBODY = "nobody-of-this-scenario"
# Sources of tables that a scenario alone does not fill.
_OF_PAYLOAD = ("payload", "snapshot")
_REFUSED = "42501"  # SQLSTATE: insufficient privilege
_PRIVILEGES = """
SELECT command FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace,
  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
    AS command,
  LATERAL (SELECT %s::name AS app) AS role
WHERE nspname = %s AND relname = %s AND CASE
  WHEN command IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
  THEN pg_catalog.has_any_column_privilege(app, relation.oid, command)
  ELSE pg_catalog.has_table_privilege(app, relation.oid, command)
END
"""


class Target(NamedTuple):
    """What a probe acts on. packets: the scenario's packet set, whole texts by file name."""

    schema_map: SchemaMap
    scenario: Scenario
    packets: Mapping[str, str]


def target_of(pack: Pack, schema_map: SchemaMap, scenario: Scenario) -> Target:
    """What a scenario's target is acted on with: its tenant, roles and actors, and no payload.

    schema_map: the pack's. Raises RenderError where the packets cannot be rendered.
    """
    from bfg_policy.packets.database import database_packet

    # The packets of a payload would be large, and would tell nothing about the connection.
    snapshot = {"schema": schema_map.payload, "tables": {}}
    bare = scenario._replace(document={**scenario.document, "snapshot": snapshot})
    return Target(schema_map, bare, database_packet(pack, bare, None))


class Scene:
    """A transaction that is undone, in which the application acts for one tenant or another.

    had_schema: whether the schema was there before. seeded: whether the tenant and its actors are
    as the scenario has them, rather than as the database has them. unnamed: whether the packets
    take a transaction in which nobody has named a tenant yet for somebody's.
    """

    had_schema: bool
    seeded = False
    unnamed = True

    def __init__(self, target: Target, stage: Stage, bear: Bearer) -> None:
        self.tenant = target.scenario.tenant
        self.other_tenant = f"{target.scenario.tenant}~{NOBODY}"
        self._map = target.schema_map
        self._stage = stage
        self._bear = bear

    @contextmanager
    def acting(self, tenant: str) -> Iterator[None]:
        """Be the application, for a tenant; what is done is undone."""
        with self._stage.acting(self._map.roles.app, self._bear(tenant)):
            yield

    @contextmanager
    def acting_for_nobody(self) -> Iterator[None]:
        """Be the application with an empty tenant, as a pooled session may leave one behind."""
        tenant = self._map.tenant
        name = tenant.claim_setting if tenant.signed else tenant.setting
        with self._stage.acting(self._map.roles.app, {name: ""}):
            yield

    def become(self, tenant: str) -> None:
        """Let the rest of what the application does be another tenant's."""
        for name, value in self._bear(tenant).items():
            self._stage.connection.execute("SELECT set_config(%s, %s, true)", [name, value])

    def count(self, table: Table, wanted: Mapping[str, object]) -> int:
        """The rows of a table that are seen and have these values, by column."""
        where = [
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
            for column, value in wanted.items()
        ]
        condition = sql.SQL(" AND ").join([sql.SQL("true"), *where])
        return self.number("SELECT count(*) FROM {} WHERE {}", table, condition)

    def number(self, query: str, table: Table, *more: sql.Composable) -> int:
        """The number that a query gives. query: its first `{}` is the table, the others `more`."""
        written = self._written(query, table, more).as_string()
        (number,) = one_row(self._stage.connection, written, int)
        return int(number)

    def changed(self, statement: str, table: Table, *more: sql.Composable) -> int | None:
        """How many rows a statement changes or gives; None where it is refused. It is undone."""
        try:
            with self._stage.undone():
                return self._stage.connection.execute(
                    self._written(statement, table, more)
                ).rowcount
        except Error:
            if self._stage.connection.closed:
                raise
            return None

    def do(self, statement: str, table: Table, *more: sql.Composable) -> None:
        """A statement that stays until the scene ends. Raises psycopg.Error."""
        self._stage.connection.execute(self._written(statement, table, more))

    def row(self, query: str, table: Table, *more: sql.Composable) -> tuple[object, ...] | None:
        """The first row that a query gives."""
        return self._stage.connection.execute(self._written(query, table, more)).fetchone()

    def privileges(self, table: Table) -> frozenset[str]:
        """What the application may do to a table, or to some of its columns."""
        names = [self._map.roles.app, self._map.schema, table.name]
        found = self._stage.connection.execute(_PRIVILEGES, names).fetchall()
        return frozenset(str(command) for (command,) in found)

    def names_a_tenant(self) -> bool:
        """Whether the application's transaction has a tenant; the packets' own word on it."""
        function = sql.Identifier(self._map.schema, "current_tenant")
        try:
            with self._stage.undone():
                self._stage.connection.execute(sql.SQL("SELECT {}()").format(function))
        except Error as error:
            if error.sqlstate != _REFUSED:
                raise
            return False
        return True

    def _written(self, text: str, table: Table, more: Sequence[sql.Composable]) -> sql.Composed:
        return sql.SQL(text).format(self._name(table), *more)

    def _name(self, table: Table) -> sql.Identifier:
        return sql.Identifier(self._map.schema, table.name)


@contextmanager
def prepared(connection: Connection, target: Target) -> Iterator[Scene]:
    """A scene with the schema and the scenario's actors; all of it is undone at the end.

    Raises Unobservable where the packets do not stand on this database, or psycopg.Error.
    """
    stage = Stage(connection, target.schema_map, target.packets)
    app = target.schema_map.roles.app
    with stage.undone():
        had_schema = stage.exists(target.schema_map.schema)
        try:
            if not had_schema:
                _run(stage, stage.named(UP))
            stage.lend([app])
            scene = Scene(target, stage, bearer(stage))
            scene.had_schema = had_schema
            with stage.acting(app, {}):  # before the seeds name one
                scene.unnamed = scene.names_a_tenant()
            scene.seeded = _seed(stage, target, had_schema=had_schema)
        except Refused as error:
            raise Unobservable("the schema stands", str(error)) from None
        yield scene


def _run(stage: Stage, names: Sequence[str]) -> None:
    for name in names:
        stage.run(stage.packets[name])


def _seed(stage: Stage, target: Target, *, had_schema: bool) -> bool:
    """Add the tenant, its roles and its actors; whether they are now as the scenario has them."""
    try:
        _run(stage, _seeds(stage, target.schema_map))
    except Refused:
        if not had_schema:
            raise
        return False  # other rows of theirs are there already, and are what counts
    return True


def _seeds(stage: Stage, schema_map: SchemaMap) -> list[str]:
    """The replays of those batches that come from the scenario alone, and from no payload."""
    own = {
        batch.name
        for batch in schema_map.batches
        if all(schema_map.tables[name].source not in _OF_PAYLOAD for name in batch.tables)
    }
    names = stage.named(REPLAY)
    return [name for name in names if name.removesuffix(".sql").partition(".")[2] in own]
