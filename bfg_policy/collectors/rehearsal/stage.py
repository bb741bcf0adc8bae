"""A database on which packets are run: for good, or inside a transaction that is undone."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from psycopg import Error, pq, sql

from bfg_policy.collectors.bearing import bearer
from bfg_policy.collectors.connecting import rolled_back
from bfg_policy.collectors.hiding import hide
from bfg_policy.collectors.rehearsal.state import catalogue
from bfg_policy.packets.database import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.collectors.bearing import Bearer
    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.rehearsal.state import State
    from bfg_policy.database import SchemaMap

# The steps of a packet set, by the number that its files' names begin with.
UP, VERIFY, REPLAY, PARITY, ROLLBACK, DOWN, ROLES_DOWN = 10, 20, 30, 40, 80, 90, 99

_NAME = re.compile(r"([0-9]+)_([a-z]+)\..*sql$")
_REPLAY = "replay"
_RAISE = "exec_stmt_raise"
_MOST_LINES = 20


class Refused(Exception):
    """A packet's own check did not hold, and nothing of the packet stands.

    lines: what it says, without what the connection was made with, and without the names of
    roles and databases that are not of the packets.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0] if lines else "")
        self.lines = tuple(lines)


class Stage:
    """One database, the packets that belong on it, and the roles to look at it with.

    packets: whole texts by file name. Outside a transaction a packet commits, as it says; inside
    one it becomes a part of that.
    """

    def __init__(
        self, connection: Connection, schema_map: SchemaMap, packets: Mapping[str, str]
    ) -> None:
        self.connection = connection
        self.schema_map = schema_map
        self.packets = packets

    def named(self, number: int) -> tuple[str, ...]:
        """The packets of one step, by its number, in order; REPLAY stands for all the batches."""
        found = [
            (int(match[1]), name)
            for name in self.packets
            if (match := _NAME.match(name))
            and (match[2] == _REPLAY if number == REPLAY else match[1] == str(number))
        ]
        return tuple(name for _, name in sorted(found))

    def run(self, text: str) -> None:
        """Run a packet. Raises Refused where a check of its own fails, else psycopg.Error."""
        if self._in_transaction:
            with self.undone_on_error():
                self.connection.execute(statements(text).encode())
            return
        try:
            self.connection.execute(text.encode())
        except Error as error:
            self.connection.execute("ROLLBACK")
            self._tell(error)

    def step(self, number: int) -> None:
        """Run all packets of a step, as `run` does."""
        for name in self.named(number):
            self.run(self.packets[name])

    def replay(self, packets: Mapping[str, str]) -> None:
        """Run the replays of another packet set, as `run` does."""
        for name in Stage(self.connection, self.schema_map, packets).named(REPLAY):
            self.run(packets[name])

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside is undone at the end, whatever happens. May be nested."""
        if not self._in_transaction:
            with rolled_back(self.connection):
                self._at_home()
                yield
            return
        self.connection.execute("SAVEPOINT rehearsal")
        try:
            yield
        finally:
            if not self.connection.closed:
                self.connection.execute("ROLLBACK TO rehearsal; RELEASE rehearsal")

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Inside a transaction: what is done stays, unless there is an error (as for `run`)."""
        self.connection.execute("SAVEPOINT packet")
        try:
            yield
        except Error as error:
            self.connection.execute("ROLLBACK TO packet; RELEASE packet")
            self._tell(error)
        self.connection.execute("RELEASE packet")

    @contextmanager
    def acting(self, role: str, settings: Mapping[str, str]) -> Iterator[None]:
        """Be a role, for a tenant; at the end everything that was done is undone."""
        with self.undone():
            self.lend([role])
            with self.being(role, settings):
                yield

    @contextmanager
    def being(self, role: str, settings: Mapping[str, str]) -> Iterator[None]:
        """Be a role that the login may set, for a tenant, until the end; what is done stays.

        settings: the transaction's parameters that name the tenant; they stay, too.
        """
        for name, value in settings.items():
            self.connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        operator = self.connection.execute("SELECT current_user").fetchone()
        assert operator is not None
        self._become(role)
        yield
        self._become(str(operator[0]))

    def lend(self, roles: Sequence[str]) -> None:
        """Let the login set these roles; only where everything is undone."""
        for role in roles:
            if not self._may_set(role):
                # Before PostgreSQL 16 a member may always set the role.
                how = sql.SQL("WITH INHERIT FALSE, SET TRUE" if self._sets_apart else "")
                grant = sql.SQL("GRANT {} TO CURRENT_USER {}").format(sql.Identifier(role), how)
                self.connection.execute(grant)

    def prepare(self) -> Bearer:
        """Lend all roles of the map; gives what makes a transaction a tenant's, for any of them.

        The empty tenant stands for nobody. Only where everything is undone.
        """
        self.lend(self.schema_map.roles)
        own, claim = self.schema_map.tenant, bearer(self)

        def bear(tenant: str) -> Mapping[str, str]:
            claimed = claim(tenant) if tenant or not own.signed else {own.claim_setting: ""}
            return {own.setting: tenant, **claimed}

        return bear

    def catalogue(self) -> State:
        """Everything that the catalogues have of the map's schemas and roles."""
        with self.undone():
            return catalogue(self.connection, self.schema_map)

    def exists(self, schema: str) -> bool:
        """Whether there is such a schema."""
        return self._tells("SELECT 1 FROM pg_namespace WHERE nspname = %s", schema)

    def has_role(self, role: str) -> bool:
        """Whether there is such a role."""
        return self._tells("SELECT 1 FROM pg_roles WHERE rolname = %s", role)

    @property
    def _sets_apart(self) -> bool:
        """Whether being a member and setting the role are two things."""
        return self.connection.info.server_version >= 160_000

    def _become(self, role: str) -> None:
        self.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))

    @property
    def _in_transaction(self) -> bool:
        return self.connection.info.transaction_status != pq.TransactionStatus.IDLE

    def _at_home(self) -> None:
        """As the packets do it for themselves: nothing on the server decides what names mean."""
        self.connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        self.connection.execute("SET LOCAL TimeZone = 'UTC'")

    def _may_set(self, role: str) -> bool:
        how = "SET" if self._sets_apart else "MEMBER"
        return self._tells("SELECT 1 WHERE pg_has_role(current_user, %s, %s)", role, how)

    def _tell(self, error: Error) -> NoReturn:
        """Raise Refused for what a packet says, and the error itself for everything else."""
        diagnosis = error.diag
        # What PL/pgSQL's RAISE says, as against what the server says of itself.
        if diagnosis.source_function != _RAISE:
            raise error
        text = "\n".join(filter(None, (diagnosis.message_primary, diagnosis.message_detail)))
        lines = hide(text, self.connection, self.schema_map.roles).splitlines()
        raise Refused(lines[:_MOST_LINES]) from None

    def _tells(self, query: str, *values: str) -> bool:
        return self.connection.execute(query.encode(), values).fetchone() is not None
