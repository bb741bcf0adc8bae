"""What a case expects, held against what was judged: one finding for each difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bfg_policy import graph
from bfg_policy.errors import Finding, Place, Related
from bfg_policy.pack import whole
from bfg_policy.readiness import ACTIONABLE, READY
from bfg_policy.testing.types import Expected, Judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.pack import Pack
    from bfg_policy.testing.types import Spot

FAILED = "BFG532"
_MOST_NAMED = 6

# What a case gave: a judgement, or what is wrong with a scenario that cannot be judged.
Got: TypeAlias = "Judged | tuple[Finding, ...]"


def passes(expected: Expected, got: Judged, pack: Pack) -> bool:
    """Whether everything is as expected: the same answer as `compare`, without the words."""
    return next(compare(expected, got, pack), None) is None


def compare(expected: Expected, got: Got, pack: Pack) -> Iterator[Finding]:
    """One finding for each thing that is not as expected, with why it is what it is."""
    if not isinstance(got, Judged):
        yield from _unjudged(expected, got)
        return
    yield from _gates(expected, got, pack)
    for board, (code, spot) in expected.decisions.items():
        said, _ = got.decisions[board]
        if said != code:
            yield _failed(f"`{board}` says {said}, not {code}", spot.place)
    yield from _also(expected, got)
    if expected.verdict is not None and pack.verdict is not None:
        code, spot = expected.verdict
        verdict, _ = got.decisions[pack.verdict]
        if verdict != code:
            yield _failed(f"the verdict is {verdict}, not {code}", spot.place)
    yield from _owners(expected, pack)
    if expected.ready is not None:
        count, spot = expected.ready
        ready = sum(status in READY for status, _, _ in got.gates.values())
        if ready != count:
            yield _failed(f"{ready} gates are ready, not {count}", spot.place)
    if expected.passes is not None:
        yield from _passing(*expected.passes, got, pack)
    yield from _findings(expected, got)


def _passing(due: bool, spot: Spot, got: Judged, pack: Pack) -> Iterator[Finding]:  # noqa: FBT001
    unmet = [board for board in pack.require if not got.is_ready[whole(board)]]
    errors = sorted({finding.code for finding in got.findings if finding.is_error})
    if due == (not unmet and not errors):
        return
    if due:
        named = [*(f"board `{board}` is not ready" for board in unmet), *errors]
        yield _failed("`check` does not pass", spot.place, "; ".join(named[:_MOST_NAMED]))
    else:
        required = ", ".join(f"`{board}`" for board in pack.require[:_MOST_NAMED])
        why = f"all that the pack requires is ready: {required or 'nothing'}"
        yield _failed("`check` passes", spot.place, why)


def _gates(expected: Expected, got: Judged, pack: Pack) -> Iterator[Finding]:
    """One finding for each line of the test that is not met, whichever gates it is about."""
    unmet: dict[int, list[str]] = {}
    for gate, due in expected.gates.items():
        status, reason, _ = got.gates[gate]
        if status != due.status or due.reason not in (None, reason):
            unmet.setdefault(id(due), []).append(gate)
    for unsorted in unmet.values():
        # What is only blocked comes after what may block it.
        gates = sorted(unsorted, key=lambda gate: got.gates[gate][0] == "blocked")
        due = expected.gates[gates[0]]
        status, reason, because = got.gates[gates[0]]
        if status == "blocked":
            because += _beginning(gates[0], got, pack)
        also = [f"`{gate}`" for gate in gates[1:_MOST_NAMED]]
        more = len(gates) - 1 - len(also)
        others = "; nor is " + ", ".join(also) if also else ""
        yield _failed(
            f"`{gates[0]}` is {status} ({reason}), not {due}{others}"
            + (f" and {more} more" if more else ""),
            due.spot.place,
            because,
            (Related(pack.gates[gates[0]].place, "the gate"),),
        )


def _beginning(gate: str, got: Judged, pack: Pack) -> str:
    """Where it begins that a gate is blocked, unless that is what it waits for itself."""
    behind = graph.reachable(pack.needs, gate).difference(pack.gates[gate].needs)
    causes = [each for each in pack.gates if each in behind and got.gates[each][0] in ACTIONABLE]
    named = ", ".join(f"`{cause}`" for cause in causes[:_MOST_NAMED])
    more = len(causes) - _MOST_NAMED
    others = f" and {more} more" if more > 0 else ""
    return f"; it begins at {named}{others}" if causes else ""


def _also(expected: Expected, got: Judged) -> Iterator[Finding]:
    for (board, word), (due, spot) in expected.also.items():
        code, also = got.decisions[board]
        if also.get(word) != due:
            said = f"is `{also[word]}`" if word in also else "is not said"
            yield _failed(f"with {code} of `{board}`, `{word}` {said}, not `{due}`", spot.place)


def _owners(expected: Expected, pack: Pack) -> Iterator[Finding]:
    for name, (role, spot) in expected.owners.items():
        owned = pack.gates[name] if name in pack.gates else pack.boards[name]
        if owned.owner != role:
            message = f"`{name}` is owned by {owned.owner}, not {role}"
            yield _failed(message, spot.place, None, (Related(owned.place, "it is written here"),))


def _findings(expected: Expected, got: Judged) -> Iterator[Finding]:
    """The codes that were expected; without any, only that no error stands."""
    if expected.findings is None:
        for finding in got.findings:
            if finding.is_error:
                yield _unexpected(finding, finding.place)
        return
    codes, spot = expected.findings
    yield from _codes(codes, spot, got.findings)


def _unjudged(expected: Expected, got: tuple[Finding, ...]) -> Iterator[Finding]:
    """A scenario that cannot be judged is right only where nothing but its findings is expected."""
    if expected.findings is None:
        for finding in got:
            yield _unexpected(finding, finding.place, "so the scenario cannot be judged")
        return
    codes, spot = expected.findings
    yield from _codes(codes, spot, got)
    spots = [due.spot for due in expected.gates.values()]
    by_id = (expected.decisions, expected.also, expected.owners)
    spots += [spot for section in by_id for _, spot in section.values()]
    singles = (expected.verdict, expected.passes, expected.ready)
    spots += [each[1] for each in singles if each is not None]
    if spots:
        why = f"{got[0].code}: {got[0].message}"
        yield _failed("the scenario cannot be judged, so this cannot be", spots[0].place, why)


def _codes(codes: frozenset[str], spot: Spot, got: Sequence[Finding]) -> Iterator[Finding]:
    for finding in got:
        if finding.code not in codes:
            yield _unexpected(finding, spot.place)
    for code in sorted(codes.difference(finding.code for finding in got)):
        yield _failed(f"{code} was expected and is not found", spot.place)


def _unexpected(finding: Finding, place: Place, note: str | None = None) -> Finding:
    message = f"{finding.code} was not expected: {finding.message}"
    if finding.place == place:
        failed = _failed(message, place, note or finding.note)
        return failed._replace(hint=finding.hint, suggestion=finding.suggestion)
    related = (Related(finding.place, "it is found here"),)
    return _failed(message, place, note or finding.note, related)


def _failed(
    message: str, place: Place, note: str | None = None, related: tuple[Related, ...] = ()
) -> Finding:
    return Finding(FAILED, message, place, note=note, related=related)
