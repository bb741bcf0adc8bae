"""Attempts: statements that a role makes for a tenant, each undone, and how each of them ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bfg_policy.collectors.connecting import Connection

# What carries the attempts to the server and their ends back: parameters of the transaction.
_MADE = "bfg_policy.attempts"
_ENDED = "bfg_policy.outcomes"

# One round trip for all. Each is made in a subtransaction, with its role and its tenant; what is
# deferred is looked at, too. An error of ours, BP001, undoes what went through.
_MAKE = """
DO $attempts$
DECLARE
  attempt pg_catalog.jsonb;
  setting pg_catalog.record;
  counted pg_catalog.int8;
  outcomes pg_catalog.jsonb := '[]';
BEGIN
  FOR attempt IN
    SELECT made FROM pg_catalog.jsonb_array_elements(
      pg_catalog.current_setting('bfg_policy.attempts')::pg_catalog.jsonb) AS made
  LOOP
    BEGIN
      FOR setting IN SELECT key, value FROM pg_catalog.jsonb_each_text(attempt -> 'settings') LOOP
        PERFORM pg_catalog.set_config(setting.key, setting.value, true);
      END LOOP;
      EXECUTE pg_catalog.format('SET LOCAL ROLE %I', attempt ->> 'role');
      EXECUTE attempt ->> 'statement';
      GET DIAGNOSTICS counted = ROW_COUNT;
      SET CONSTRAINTS ALL IMMEDIATE;
      RAISE EXCEPTION USING ERRCODE = 'BP001', MESSAGE = counted;
    EXCEPTION WHEN OTHERS THEN
      outcomes := outcomes || pg_catalog.jsonb_build_array(
        CASE WHEN SQLSTATE = 'BP001'
          THEN pg_catalog.jsonb_build_object('rows', SQLERRM::pg_catalog.int8)
          ELSE pg_catalog.jsonb_build_object('state', SQLSTATE)
        END);
    END;
  END LOOP;
  PERFORM pg_catalog.set_config('bfg_policy.outcomes', outcomes::pg_catalog.text, true);
END
$attempts$
"""
_REFUSED_STATE = "42501"  # insufficient privilege, which is what row-level security says, too


class Expected(NamedTuple):
    """How an attempt should end: with so many rows, or with an error of one of these SQLSTATEs."""

    rows: int | None = None
    states: tuple[str, ...] = ()

    def fits(self, outcome: Outcome) -> bool:
        """Whether an attempt ended like that."""
        if outcome.state is None:
            return outcome.rows == self.rows
        return outcome.state in self.states


class Outcome(NamedTuple):
    """How an attempt ended: rows that it read or changed, else the SQLSTATE of its error."""

    rows: int | None = None
    state: str | None = None

    def __str__(self) -> str:
        if self.state is not None:
            return f"SQLSTATE {self.state}"
        return f"{self.rows} row" + ("" if self.rows == 1 else "s")


# The server refuses it.
REFUSED = Expected(states=(_REFUSED_STATE,))
# It finds nothing, or is refused: either way nothing is told and nothing changed.
NOTHING = Expected(0, (_REFUSED_STATE,))
# Nobody at all may do it: a trigger refuses it, where privileges do not.
KEPT = Expected(states=(_REFUSED_STATE, "55000", "23001", "0A000", "P0001"))
# A constraint does not hold: a foreign key, one that asks for a value, one that checks it.
DANGLING = Expected(states=("23503",))
MISSING = Expected(states=("23502",))
BEYOND = Expected(states=("23514",))


def rows(count: int) -> Expected:
    """It goes through, with so many rows."""
    return Expected(count)


class Attempt(NamedTuple):
    """One statement, made as a role for a tenant.

    what: in words, for people. settings: the transaction's parameters that carry the tenant.
    """

    what: str
    role: str
    settings: Mapping[str, str]
    statement: str
    expected: Expected


class Surprise(NamedTuple):
    """An attempt that ended otherwise than it should."""

    attempt: Attempt
    outcome: Outcome

    @property
    def leaks(self) -> bool:
        """Whether something went through that should not, as against the other way round."""
        expected = self.attempt.expected
        return not expected.rows or (self.outcome.rows or 0) > expected.rows

    def __str__(self) -> str:
        return f"{self.attempt.what}: {self.outcome}"


def make(connection: Connection, attempts: Sequence[Attempt]) -> tuple[Surprise, ...]:
    """Make all attempts, and undo them; those that did not end as they should.

    connection: in a transaction, of a login that may set the roles. Raises psycopg.Error where
    not even the first of them could be made.
    """
    written = [
        {"role": each.role, "settings": dict(each.settings), "statement": each.statement}
        for each in attempts
    ]
    connection.execute("SELECT set_config(%s, %s, true)", [_MADE, json.dumps(written)])
    connection.execute(_MAKE)
    fetched = connection.execute("SELECT current_setting(%s)", [_ENDED]).fetchone()
    assert fetched is not None
    outcomes = [Outcome(**each) for each in json.loads(str(fetched[0]))]
    return tuple(
        Surprise(attempt, outcome)
        for attempt, outcome in zip(attempts, outcomes, strict=True)
        if not attempt.expected.fits(outcome)
    )
