"""What went wrong with a connection, in words of ours: by SQLSTATE, or by kind of failure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

_OF_STATE = {
    "22021": "the server refused characters that its encoding does not have",
    "25006": "the server is read-only",
    "28000": "the server does not let this login in this way",
    "28P01": "the server refused the login: a wrong password, or no such login",
    "3D000": "the server has no such database",
    "40001": "another transaction was in the way",
    "40P01": "another transaction was in the way (a deadlock)",
    "42501": "the login lacks a privilege that this takes",
    "53300": "the server takes no more connections",
    "55P03": "another session holds a lock, and we never wait for long",
    "57014": "it took longer than we wait",
    "57P01": "the server is being shut down",
    "57P03": "the server does not take connections yet",
}
_OF_CLASS = {
    "08": "the connection broke",
    "22": "the server refused a value",
    "23": "a constraint of the database does not hold",
    "25": "the transaction is in a state that forbids it",
    "40": "another transaction was in the way",
    "42": "the database is not as this statement expects it",
    "53": "the server lacks memory, room or connections",
    "54": "it goes beyond a limit of the server",
    "55": "the database is not in a state that allows it",
    "57": "the server broke it off",
    "58": "the server has trouble with its own system",
    "P0": "a function or a packet's own check raised an error",
    "XX": "the server has an internal error",
}

# What libpq and servers that speak English say; a server that speaks otherwise is told about in
# general words. Nothing of the text itself is shown.
_OF_TEXT = (
    (r"no password supplied", "the server asks for a password, and none was given"),
    (r"password authentication failed", _OF_STATE["28P01"]),
    (r"no pg_hba\.conf entry", "the server does not let this login in from here"),
    (r"is not permitted to log in", "the login is a role that may not log in"),
    (r"role .* does not exist", _OF_STATE["28P01"]),
    (r"database .* does not exist", _OF_STATE["3D000"]),
    (r"too many connections|connection slots", _OF_STATE["53300"]),
    (r"starting up|shutting down|not yet accepting|in recovery mode", _OF_STATE["57P03"]),
    (
        r"[Nn]o such file|could not read root cert|root certificate",
        "trusted certificates are missing",
    ),
    (r"certificate verify failed|does not match host name", "its certificate is not to be trusted"),
    (r"does not support SSL", "the server has no TLS, and it is asked for"),
    (r"closed the connection unexpectedly", "the server hung up"),
    (r"[Tt]imeout|timed out", "the server did not answer in time"),
    (r"refused", "nobody answers there"),
)


def why_not_let_in(error: psycopg.Error) -> str:
    """Why a login failed, in words of ours. Nothing of the error's own text is in them."""
    import psycopg

    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "the server did not answer in time"
    if error.sqlstate:
        return why_not_obeyed(error)
    text = str(error)
    for pattern, words in _OF_TEXT:
        if re.search(pattern, text):
            return words
    return "the server refused the login"


def why_not_obeyed(error: psycopg.Error) -> str:
    """Why a statement failed, in words of ours, with its SQLSTATE where there is one."""
    state = error.sqlstate
    if not state:
        return "the connection broke"
    words = _OF_STATE.get(state) or _OF_CLASS.get(state[:2], "the server refused it")
    return f"{words} (SQLSTATE {state})"
