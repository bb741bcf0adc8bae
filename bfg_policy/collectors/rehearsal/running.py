"""One rehearsal from beginning to end: section after section, and the way back whatever happens."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from psycopg import Error

from bfg_policy.collectors.connecting import session
from bfg_policy.collectors.course import Checks, Course
from bfg_policy.collectors.faults import NotConnected, Unobservable
from bfg_policy.collectors.login import look_at_login
from bfg_policy.collectors.rehearsal.apart import keep_apart
from bfg_policy.collectors.rehearsal.claims import rehearse_claims
from bfg_policy.collectors.rehearsal.entering import protected
from bfg_policy.collectors.rehearsal.exporting import export
from bfg_policy.collectors.rehearsal.laying import lay_down, look_before
from bfg_policy.collectors.rehearsal.mapping import map_schema
from bfg_policy.collectors.rehearsal.replaying import not_replayed_yet, replay, rows_of
from bfg_policy.collectors.rehearsal.returning import compare, roll_back, take_down
from bfg_policy.collectors.rehearsal.stage import DOWN, ROLES_DOWN, ROLLBACK, Refused, Stage
from bfg_policy.collectors.rehearsal.stepping import refuse
from bfg_policy.collectors.tls import NoAnswer, asks_for_tls
from bfg_policy.collectors.trust import Trust
from bfg_policy.collectors.wording import why_not_obeyed
from bfg_policy.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bfg_policy.collectors.connecting import Connection
    from bfg_policy.collectors.endpoints import Endpoint
    from bfg_policy.collectors.rehearsal.laying import Before
    from bfg_policy.collectors.rehearsal.plan import Plan
    from bfg_policy.collectors.rehearsal.state import State

EXPORT, SCHEMA_MAP, RBAC_CLAIMS = "export", "schema_map", "rbac_claims"
REPLAY, ROLLBACK_CHECKPOINT = "replay", "rollback_checkpoint"
SECTIONS = (EXPORT, SCHEMA_MAP, RBAC_CLAIMS, REPLAY, ROLLBACK_CHECKPOINT)
_LONGEST_WHY = 500


def run_rehearsal(plan: Plan, endpoint: Endpoint, progress: Callable[[str], None]) -> Course:
    """Rehearse on a server; it is left as it was found.

    progress: told each section before it is looked at.
    """
    return _Run(plan, endpoint, progress).course()


class _Run:
    """The sections of one rehearsal. What needs no server comes before anybody is connected to."""

    def __init__(self, plan: Plan, endpoint: Endpoint, progress: Callable[[str], None]) -> None:
        self._plan = plan
        self._endpoint = endpoint
        self._course = Course(SECTIONS, progress)
        self._packets: Mapping[str, str] = {}
        self._parameters = protected(endpoint) if plan.needs_tls else {}
        self._connection: Connection
        self._stage: Stage
        self._before: Before
        self._rows: State
        self._has_replayed = self._is_back = False

    def course(self) -> Course:
        course = self._course
        course.observe(EXPORT, lambda checks: export(self._plan, checks))
        course.observe(SCHEMA_MAP, self._map)
        with ExitStack() as stack:
            if self._plan.pins:
                course.observe(SCHEMA_MAP, self._look_at_tls)
            course.observe(SCHEMA_MAP, lambda checks: self._connect(checks, stack))
            course.observe(RBAC_CLAIMS, lambda checks: look_at_login(self._connection, checks))
            course.observe(SCHEMA_MAP, self._look_before)
            if course.halted:
                self._skip()
            else:
                try:
                    self._on_server()
                except Error as error:  # between the sections, when a transaction begins or ends
                    self._lost(error)
        self._say_why()
        return course

    def _skip(self) -> None:
        for section in (SCHEMA_MAP, RBAC_CLAIMS, REPLAY, ROLLBACK_CHECKPOINT):
            self._course.observe(section, lambda _: None)

    def _on_server(self) -> None:
        if self._plan.commits:
            with ExitStack() as stack:
                stack.callback(self._clear_away)
                self._there_and_back()
            return
        with self._stage.undone():
            self._there_and_back()
        what = "rolled back, the database is as it was"
        self._course.observe(
            ROLLBACK_CHECKPOINT, lambda checks: compare(self._stage, self._before, what, checks)
        )

    def _there_and_back(self) -> None:
        observe = self._course.observe
        observe(SCHEMA_MAP, self._guarded(lambda checks: lay_down(self._stage, checks)))
        observe(RBAC_CLAIMS, self._guarded(self._claims))
        observe(REPLAY, self._guarded(self._replay))
        observe(ROLLBACK_CHECKPOINT, self._guarded(self._roll_back))

    def _map(self, checks: Checks) -> None:
        map_schema(self._plan, checks)
        try:
            self._packets = self._plan.packets(self._plan.scenario)
        except RenderError as error:
            checks.stop("the packets can be rendered", error.findings[0].message)
        checks.passed("the packets can be rendered", f"{len(self._packets)} files")

    def _look_at_tls(self, checks: Checks) -> None:
        """Hold the server's certificate against the pins; where it fails, nobody logs in."""
        seen = Checks(SCHEMA_MAP, self._course.lines.append)
        checks.facts["tls"] = seen.facts
        trust = Trust(self._endpoint, "live", self._plan.pins, self._plan.at)
        try:
            takes_tls = asks_for_tls(self._endpoint)
        except NoAnswer as error:
            raise Unobservable("the server shows its certificate", str(error)) from None
        trust.look(seen, takes_tls=takes_tls)
        self._parameters = trust.login_parameters()

    def _connect(self, checks: Checks, stack: ExitStack) -> None:
        try:
            self._connection = stack.enter_context(session(self._endpoint, self._parameters))
        except NotConnected as error:
            raise Unobservable("the server lets us in", str(error)) from None
        checks.passed("the server lets us in")

    def _look_before(self, checks: Checks) -> None:
        self._stage = Stage(self._connection, self._plan.schema_map, self._packets)
        self._before = look_before(self._stage, checks)

    def _claims(self, checks: Checks) -> None:
        rehearse_claims(self._plan, self._stage, checks)
        keep_apart(self._plan, self._stage, checks, in_use=self._before.schema)

    def _replay(self, checks: Checks) -> None:
        self._rows = rows_of(self._plan, self._stage)
        not_replayed_yet(self._plan, self._stage, checks)
        self._has_replayed = True
        replay(self._plan, self._stage, checks)

    def _roll_back(self, checks: Checks) -> None:
        roll_back(self._plan, self._stage, self._rows, checks)
        take_down(self._stage, self._before, checks)
        compare(self._stage, self._before, "the database is as it was", checks)
        self._is_back = True

    def _lost(self, error: Error) -> None:
        def lost(_: Checks) -> None:
            raise Unobservable("the server stays with us", why_not_obeyed(error))

        self._course.observe(ROLLBACK_CHECKPOINT, lost)

    def _guarded(self, look: Callable[[Checks], None]) -> Callable[[Checks], None]:
        """A packet that is refused where nobody expected it ends the section, too."""

        def guarded(checks: Checks) -> None:
            try:
                look(checks)
            except Refused as error:
                refuse(checks, "every packet is let through", error)

        return guarded

    def _clear_away(self) -> None:
        """Take back what was committed, as far as the server lets us, where nobody has done it."""
        steps = [ROLLBACK] if self._has_replayed else []
        if not self._before.schema:
            steps.append(DOWN)
            if not self._before.roles:
                steps.append(ROLES_DOWN)
        for step in () if self._is_back else steps:
            with suppress(Error, Refused):
                self._stage.step(step)

    def _say_why(self) -> None:
        """Keep in the record what the first check was that did not hold."""
        for line in self._course.lines:
            if line.outcome in ("fail", "error"):
                facts = self._course.checks(line.section).facts
                facts.setdefault("why", line.what[:_LONGEST_WHY])
