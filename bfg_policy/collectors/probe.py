"""The probe: reach the target, look at its TLS, log in, act for each actor, write and undo."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.collectors.acting import look_at_sessions
from bfg_policy.collectors.connecting import session
from bfg_policy.collectors.course import Course
from bfg_policy.collectors.faults import NotConnected
from bfg_policy.collectors.login import look_at_login, where_tls_ends
from bfg_policy.collectors.tls import NoAnswer, asks_for_tls
from bfg_policy.collectors.trust import Trust
from bfg_policy.collectors.writing import probe_writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.course import Checks
    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.collectors.records import Kind
    from bfg_policy.collectors.scene import Target

ENDPOINT, TLS, RBAC, WRITE_PROBE = "endpoint", "tls", "rbac", "write_probe"
SECTIONS = (ENDPOINT, TLS, RBAC, WRITE_PROBE)


class Probe(NamedTuple):
    """One probe.

    redacted: how the record names the endpoint. pins: digests of certificates or of public keys,
    64 hexadecimal digits, one of which must be the server's; none where any may be. at: the
    instant that the certificate must be valid at. target: what is acted on once somebody is in.
    """

    endpoint: Endpoint
    kind: Kind
    redacted: str
    pins: frozenset[str]
    at: datetime
    target: Target


def run_probe(probe: Probe, progress: Callable[[str], None]) -> Course:
    """Observe the target; nothing that is written stays.

    progress: told each section before it is looked at.
    """
    return _Run(probe, progress).course()


class _Run:
    """The sections of one probe, in the order that is safe.

    Nobody logs in before the server has shown itself: a password given to somebody else's server
    is lost. So `endpoint` is looked at in two parts, with `tls` between them.
    """

    def __init__(self, probe: Probe, progress: Callable[[str], None]) -> None:
        self._probe = probe
        self._course = Course(SECTIONS, progress)
        self._trust = Trust(probe.endpoint, probe.kind, probe.pins, probe.at)
        self._takes_tls = False

    def course(self) -> Course:
        course, target = self._course, self._probe.target
        with ExitStack() as stack:
            course.observe(ENDPOINT, self._reach)
            course.observe(TLS, self._tls)
            course.observe(ENDPOINT, lambda checks: self._log_in(checks, stack))
            course.observe(RBAC, lambda c: look_at_sessions(self._connection, target, c))
            course.observe(WRITE_PROBE, lambda c: probe_writing(self._connection, target, c))
        return course

    def _reach(self, checks: Checks) -> None:
        checks.facts.update(reachable=False, redacted=self._probe.redacted)
        what = "it answers as PostgreSQL does"
        try:
            self._takes_tls = asks_for_tls(self._probe.endpoint)
        except NoAnswer as error:
            checks.stop(what, str(error))
        checks.facts.update(reachable=True)
        checks.passed(what, self._probe.redacted)

    def _tls(self, checks: Checks) -> None:
        self._trust.look(checks, takes_tls=self._takes_tls)

    def _log_in(self, checks: Checks, stack: ExitStack) -> None:
        what = "it lets us in"
        try:
            opened = session(self._probe.endpoint, self._trust.login_parameters())
            self._connection: Connection = stack.enter_context(opened)
        except NotConnected as error:
            checks.stop(what, str(error))
        checks.passed(what, "by TLS" if self._connection.pgconn.ssl_in_use else "without TLS")
        if self._connection.pgconn.ssl_in_use:
            where_tls_ends(self._connection, self._course.checks(TLS))
        look_at_login(self._connection, checks)
