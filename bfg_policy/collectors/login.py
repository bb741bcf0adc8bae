"""What a login finds: a server that is fit for use, and a login that is no more than others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bfg_policy.collectors.connecting import one_row, rolled_back
from bfg_policy.collectors.programs import OLDEST

if TYPE_CHECKING:
    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.course import Checks

ENCODING = "UTF8"
_ENCODINGS = re.compile(r"[A-Z0-9_]{1,30}")
# Also what the login could make itself by `SET ROLE`.
_LOGIN = """
SELECT
  bool_or(rolsuper) FILTER (WHERE rolname = session_user),
  bool_or(rolbypassrls) FILTER (WHERE rolname = session_user),
  bool_or(rolsuper OR rolbypassrls)
FROM pg_catalog.pg_roles
WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
"""
_TLS = """
SELECT coalesce(bool_or(ssl), false)
FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()
"""
_SERVER = """
SELECT
  pg_catalog.pg_is_in_recovery(),
  pg_catalog.current_setting('transaction_read_only')::bool,
  pg_catalog.current_setting('server_encoding')
"""


def look_at_login(connection: Connection, checks: Checks) -> None:
    """Whether the server can be written to as it should, and who we are on it."""
    version = _version(connection.info.server_version)
    checks.facts["version"] = version
    checks.demand(
        f"it is PostgreSQL {OLDEST} or later",
        holds=connection.info.server_version >= OLDEST * 10_000,
        found=version,
    )
    with rolled_back(connection) as opened:
        _look_at_server(opened, checks)
        _look_at_rights(opened, checks)


def where_tls_ends(connection: Connection, checks: Checks) -> None:
    """Whether it is the server itself that speaks TLS, or something before it."""
    (at_server,) = one_row(connection, _TLS, bool)
    checks.facts["ends_at"] = "server" if at_server else "front"
    checks.note(
        "TLS ends",
        "at the server" if at_server else "at a front before the server, which has none itself",
    )


def _look_at_server(connection: Connection, checks: Checks) -> None:
    in_recovery, read_only, named = one_row(connection, _SERVER, bool, bool, str)
    encoding = named if _ENCODINGS.fullmatch(named) else "?"
    checks.facts.update(in_recovery=in_recovery, read_only=read_only, encoding=encoding)
    if in_recovery:
        checks.failed("it is no standby", "it follows another server and cannot be written to")
    else:
        checks.passed("it is no standby")
        found = "its transactions are read-only" if read_only else ""
        checks.demand("it can be written to", holds=not read_only, found=found)
    checks.demand(f"its encoding is {ENCODING}", holds=encoding == ENCODING, found=encoding)


def _look_at_rights(connection: Connection, checks: Checks) -> None:
    superuser, bypasses, could = one_row(connection, _LOGIN, bool, bool, bool)
    checks.facts.update(superuser=superuser, bypasses_rls=bypasses)
    if superuser:
        found = "a superuser sees every tenant, so nothing seen by it proves anything"
        checks.failed("the login is no superuser", found)
    elif bypasses:
        found = "a login with BYPASSRLS sees every tenant, so nothing seen by it proves anything"
        checks.failed("the login obeys row-level security", found)
    else:
        checks.demand(
            "the login obeys row-level security",
            holds=not could,
            found="it may become a role that does not" if could else "no superuser, no BYPASSRLS",
        )


def _version(number: int) -> str:
    """Such as `18.1`: of what a server says of itself, its number alone."""
    return f"{number // 10_000}.{number % 10_000}"
