"""The course of an observation: checks in sections, and what follows a failure is not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from bfg_policy.collectors.connecting import no_leaks
from bfg_policy.collectors.faults import Stopped, Unobservable
from bfg_policy.collectors.records import Section, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# `note` decides nothing.
Outcome = Literal["pass", "fail", "error", "note"]


class Line(NamedTuple):
    """One check. what: what should hold; found: what was seen, or why it could not be.

    found may hold what a server says of itself: it is shown escaped, never as it is.
    """

    section: str
    outcome: Outcome
    what: str
    found: str


class Checks:
    """The checks of one section, as they are made. facts: what the record will tell."""

    def __init__(self, section: str, tell: Callable[[Line], None]) -> None:
        self.facts: dict[str, object] = {}
        self._section = section
        self._tell = tell

    def passed(self, what: str, found: str = "") -> None:
        """It held."""
        self._tell(Line(self._section, "pass", what, found))

    def failed(self, what: str, found: str) -> None:
        """It did not hold: the section fails; other checks of it may still be made."""
        self._tell(Line(self._section, "fail", what, found))

    def note(self, what: str, found: str) -> None:
        """Something that a reviewer should know, and that decides nothing."""
        self._tell(Line(self._section, "note", what, found))

    def demand(self, what: str, *, holds: bool, found: str) -> bool:
        """Tell a check with what was found; whether it holds."""
        (self.passed if holds else self.failed)(what, found)
        return holds

    def require(self, what: str, *, holds: bool, found: str) -> None:
        """As `demand`; where it does not hold, the rest of the section is not looked at.

        Raises Stopped.
        """
        if not self.demand(what, holds=holds, found=found):
            raise Stopped

    def stop(self, what: str, found: str) -> NoReturn:
        """It did not hold, so the rest of the section is not looked at. Raises Stopped."""
        self.failed(what, found)
        raise Stopped


class Course:
    """Observes section after section, until something fails."""

    def __init__(self, sections: Sequence[str], progress: Callable[[str], None]) -> None:
        """sections: all names, in the record's order. progress: told what is looked at now."""
        self.lines: list[Line] = []
        self._progress = progress
        self._checks = {name: Checks(name, self.lines.append) for name in sections}
        self._skipped: set[str] = set()

    @property
    def halted(self) -> bool:
        """Whether something failed, or could not be observed."""
        return any(line.outcome in ("fail", "error") for line in self.lines)

    def observe(self, section: str, look: Callable[[Checks], None]) -> None:
        """Let `look` make its checks of a section, unless something failed before.

        A section may be observed in several parts: it passes where all of them did. What the
        driver raises in `look` ends the section as an error, in words of ours.
        """
        if self.halted:
            self._skipped.add(section)
            return
        self._progress(section)
        try:
            with no_leaks("the server obeys"):
                look(self._checks[section])
        except Stopped:
            return  # the check that failed has been told
        except Unobservable as error:
            self.lines.append(Line(section, "error", error.what, error.why))

    def checks(self, section: str) -> Checks:
        """The checks of a section, to add to what is known of it."""
        return self._checks[section]

    def sections(self) -> tuple[Section, ...]:
        """What was observed, in the record's order."""
        return tuple(
            Section(name, self.status(name), checks.facts) for name, checks in self._checks.items()
        )

    def status(self, section: str) -> Status:
        """How a section ended; one without a single check has not passed."""
        outcomes = {line.outcome for line in self.lines if line.section == section}
        if "error" in outcomes:
            return "error"
        if "fail" in outcomes:
            return "fail"
        return "pass" if "pass" in outcomes and section not in self._skipped else "not_run"
