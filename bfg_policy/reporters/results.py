"""What reporters are given: a judgement, or findings where nothing was judged; and how to look."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from bfg_policy.errors import Finding
    from bfg_policy.pack import Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario


class Judged(NamedTuple):
    """A scenario was judged. required: the boards that had to be ready for exit 0."""

    pack: Pack
    scenario: Scenario
    readiness: Readiness
    required: tuple[str, ...] = ()


class Findings(NamedTuple):
    """Nothing was judged, or only policies were looked at: all that there is are findings."""

    findings: tuple[Finding, ...]


Result: TypeAlias = Judged | Findings


class Style(NamedTuple):
    """How text may look. width: columns that it should keep to; never asked of a terminal here."""

    color: bool = False
    width: int = 100


PLAIN = Style()
