"""What can be wrong: places, findings, and one exception type for each phase.

Every mistake in the input becomes exactly one `Finding`. A phase that cannot go on raises its
exception with all the findings it has; a phase that can go on returns them. Nothing here knows
about exit codes, colours or output formats.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Severity = Literal["error", "warning", "note"]

MOST_FINDINGS = 1_000
_SEVERITY_ORDER = {"error": 0, "warning": 1, "note": 2}


class Place(NamedTuple):
    """Where something stands in a file.

    path: as it is shown to people (relative to the current folder where it is below it).
    line, column: from 1; columns count code points, line ends are LF, CRLF and CR.
    length: code points of the token on its line, at least 1 where there is a column.
    excerpt: the source line, without its line end, for the caret to stand under.
    """

    path: str | None = None
    line: int | None = None
    column: int | None = None
    length: int = 1
    excerpt: str | None = None

    def __str__(self) -> str:
        parts = [str(part) for part in (self.path, self.line, self.column) if part is not None]
        return ":".join(parts)


NOWHERE = Place()


class Related(NamedTuple):
    """A second place that a finding speaks of, and what stands there."""

    place: Place
    message: str


class Finding(NamedTuple):
    """One thing that is wrong with the input.

    code: a key of `catalogue.CATALOGUE`, such as `BFG201`.
    message: what is wrong, in one line, without the place.
    note: why it matters; hint: what to do; suggestion: the whole corrected token.
    """

    code: str
    message: str
    place: Place = NOWHERE
    severity: Severity = "error"
    note: str | None = None
    hint: str | None = None
    suggestion: str | None = None
    related: tuple[Related, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it makes `check` fail."""
        return self.severity == "error"


def first_of(findings: Iterable[Finding]) -> list[Finding]:
    """The first findings of a phase; a note after them says that there are more.

    A thousand are more than anybody mends before the next run, and a file of a megabyte can hold
    a hundred thousand: none is looked for beyond them.
    """
    found = list(islice(findings, MOST_FINDINGS + 1))
    if len(found) > MOST_FINDINGS:
        last = found[-1]
        message = f"there are more findings than these {MOST_FINDINGS:,}; they are not shown"
        found[-1] = Finding(last.code, message, Place(last.place.path), "note")
    return found


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which every output shows them: by place, then by code."""

    def key(finding: Finding) -> tuple[object, ...]:
        place = finding.place
        return (
            place.path or "",
            place.line or 0,
            place.column or 0,
            _SEVERITY_ORDER[finding.severity],
            finding.code,
            finding.message,
        )

    return tuple(sorted(findings, key=key))


class BfgPolicyError(Exception):
    """The root of everything that the product raises on purpose.

    findings: at least one; the first one's text is the exception's text.
    """

    def __init__(self, findings: Finding | Sequence[Finding]) -> None:
        listed = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("; ".join(f"{f.code}: {f.message}" for f in listed[:1]))
        self.findings: tuple[Finding, ...] = listed


class SourceError(BfgPolicyError):
    """A file that cannot be read as data (codes 1xx)."""


class ContractError(BfgPolicyError):
    """Data that is not what its contract says (codes 2xx)."""


class LinkError(BfgPolicyError):
    """References that lead nowhere, in circles, or to two things at once (codes 3xx)."""


class RuleError(BfgPolicyError):
    """A rule that cannot be compiled (codes 4xx)."""


class RenderError(BfgPolicyError):
    """A report or packet that cannot be rendered (codes 6xx)."""


class NothingToJudge(BfgPolicyError):
    """There are no policies or there is no scenario: nothing was judged."""
