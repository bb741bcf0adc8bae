"""What can go wrong with an observation. The texts are ours, and show nothing of a connection."""

from __future__ import annotations


class BadConnection(ValueError):
    """A DSN that cannot be used."""


class NotConnected(Exception):
    """Nobody let us in."""


class NoServer(Exception):
    """There is no PostgreSQL to be started, or it did not start."""


class Unobservable(Exception):
    """Something could not be looked at: its section ends with the status `error`.

    what: what should have been looked at; why: why it could not be.
    """

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class Stopped(Exception):
    """A check failed, and the rest of its section makes no sense any more."""
