"""A suite's document -> cases: rows of tables written out, changes made, every name resolved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bfg_policy.errors import Finding, Related
from bfg_policy.instants import parse_instant
from bfg_policy.suggestions import closest
from bfg_policy.testing.changing import OPERATIONS, Change, Draft
from bfg_policy.testing.expecting import Expectations, value_at
from bfg_policy.testing.paths import NoSuchPath
from bfg_policy.testing.types import Case, Explained, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.pack import Pack
    from bfg_policy.source import Document
    from bfg_policy.testing.placing import Base

# Stands for an instant that no calendar has, until the findings are raised.
_EPOCH = datetime.fromtimestamp(0, UTC)
# What belongs to each operation besides its own key.
_BELONGS = {
    "set": {"to"},
    "tamper": {"to"},
    "remove": set[str](),
    "append": {"value"},
    "accept": {"by", "at", "expires"},
    "waive": {"requested_by", "approved_by", "expires"},
}
_ACTORS = ("by", "requested_by", "approved_by")


class Linker:
    """Makes cases out of suites; findings: what is wrong with those so far (BFG205, BFG340-344)."""

    def __init__(self, pack: Pack) -> None:
        self.findings: list[Finding] = []
        self._pack = pack
        self._expectations = Expectations(pack)
        self._suites: dict[str, Spot] = {}
        self._mutants: dict[str, Spot] = {}

    def cases(self, document: Document, base: Base) -> list[Case]:
        """The cases of a suite that obeys its contract. base: its scenario."""
        data: Mapping[str, Any] = document.data
        whole = Spot(document, ())
        self._once(self._suites, data["suite"], whole.below("suite"), "two suites have the name")
        names: dict[str, Spot] = {}
        cases = [
            self._case(data["suite"], rows, base)
            for index, test in enumerate(data["tests"])
            for rows in self._rows(whole, test, index, names)
        ]
        self.findings.extend(self._expectations.findings)
        self._expectations.findings.clear()
        return cases

    def explained(self, document: Document) -> list[Explained]:
        """The survivors that a suite explains."""
        found = []
        listed: Any = document.data.get("survivors", ())
        for index, item in enumerate(listed):
            spot = Spot(document, ("survivors", index, "mutant"))
            self._once(self._mutants, item["mutant"], spot, "this survivor is explained twice:")
            found.append(Explained(item["mutant"], item["because"], spot))
        return found

    def _rows(
        self, whole: Spot, test: Mapping[str, Any], index: int, names: dict[str, Spot]
    ) -> Iterator[_Row]:
        """What each case of a test is written in, from the suite down to its own row."""
        spot = whole.below("tests", index)
        self._once(names, test["test"], spot.below("test"), "two tests of the suite have the name")
        above = [(whole, whole.document.data), (spot, test)]
        rows = test.get("cases")
        if rows is None:
            yield _Row(test["test"], None, above)
            return
        labels: dict[str, Spot] = {}
        for number, row in enumerate(rows):
            here = spot.below("cases", number)
            label = row.get("case", str(number + 1))
            written = here.below("case") if "case" in row else here
            self._once(labels, label, written, "two cases of the test have the name")
            yield _Row(test["test"], label, [*above, (here, row)])

    def _case(self, suite: str, row: _Row, base: Base) -> Case:
        at = self._instant(row.nearest("at"))
        draft = Draft(base, at)
        for change in self._changes(row):
            self._make(draft, change)
        expected = row.expected()
        if not expected:
            self.findings.append(
                Finding(
                    "BFG343",
                    "this expects nothing",
                    row.spot.place,
                    note="a test that expects nothing passes whatever the policies say",
                    hint="say in `expect` what must come out",
                )
            )
        return Case(
            suite,
            row.test,
            row.label,
            at,
            draft.finished(self._pack),
            self._expectations.read(expected),
            row.spot,
        )

    def _changes(self, row: _Row) -> Iterator[Change]:
        for spot, data in row.levels:
            written: Any = data.get("change", ())
            one = isinstance(written, dict)
            for index, item in enumerate([written] if one else written):
                here = spot.below("change") if one else spot.below("change", index)
                change = self._change(item, here)
                if change is not None:
                    yield change

    def _change(self, item: Mapping[str, object], spot: Spot) -> Change | None:
        meant = [operation for operation in OPERATIONS if operation in item]
        if len(meant) == 1:
            stray = next((key for key in item if key not in {*meant, *_BELONGS[meant[0]]}), None)
            if stray is None:
                return Change(meant[0], item, spot)
            message, place = f"`{stray}` means nothing beside `{meant[0]}`", spot.below(stray).key
        elif meant:
            message = f"`{meant[0]}` and `{meant[1]}` are two changes"
            place = spot.below(meant[1]).key
        else:
            message, place = "this says no change", spot.place
        hint = f"a change is one of: {', '.join(OPERATIONS)}; write several as a list"
        self.findings.append(Finding("BFG344", message, place, hint=hint))
        return None

    def _make(self, draft: Draft, change: Change) -> None:
        """Make a change, or keep a finding for the name in it that leads nowhere."""
        data, spot = change.data, change.spot
        if change.operation in ("accept", "waive"):
            gate = spot.below(change.operation)
            self._expectations.check_gate(str(data[change.operation]), gate.place)
            for key in _ACTORS:
                if key in data:
                    self._check_actor(draft, str(data[key]), spot.below(key))
        for key in ("at", "expires"):
            if key in data and self._instant(spot.below(key)) is _EPOCH:
                return
        try:
            draft.make(change)
        except NoSuchPath as error:
            written = spot.below(change.operation)
            self.findings.append(
                Finding(
                    "BFG341",
                    f"`{data[change.operation]}` leads nowhere: {error.why}",
                    written.within(error.start, error.end),
                    note="a change that changes nothing tests nothing",
                    suggestion=error.suggestion,
                )
            )

    def _check_actor(self, draft: Draft, actor: str, spot: Spot) -> None:
        listed = draft.data.get("actors")
        items = listed if isinstance(listed, list) else []
        actors = [each.get("id") for each in items if isinstance(each, dict)]
        if actor not in actors:
            self.findings.append(
                Finding(
                    "BFG340",
                    f"no actor of the scenario has the id `{actor}`",
                    spot.place,
                    note="a test of what does not exist would pass for ever, or never",
                    hint="to forge one, append a whole item to `acceptances` or `waivers`",
                    suggestion=closest(actor, [str(each) for each in actors]),
                )
            )

    def _instant(self, spot: Spot) -> datetime:
        written = str(value_at(spot))
        try:
            return parse_instant(written).replace(microsecond=0)
        except ValueError:
            hint = "write an instant as RFC 3339 does, such as `2026-11-20T09:00:00Z`"
            message = f"`{written}` is no instant: no calendar has it"
            self.findings.append(Finding("BFG205", message, spot.place, hint=hint))
            return _EPOCH

    def _once(self, seen: dict[str, Spot], name: str, spot: Spot, message: str) -> None:
        if name in seen:
            self.findings.append(
                Finding(
                    "BFG342",
                    f"{message} `{name}`",
                    spot.place,
                    note="nobody could tell them apart in a report",
                    hint="give each a name of its own",
                    related=(Related(seen[name].place, "the first one"),),
                )
            )
        seen.setdefault(name, spot)


class _Row:
    """One case as it is written: the suite, the test, and a row of its table where it has one."""

    def __init__(
        self, test: str, label: str | None, levels: Sequence[tuple[Spot, Mapping[str, Any]]]
    ) -> None:
        self.test = test
        self.label = label
        self.levels = levels

    @property
    def spot(self) -> Spot:
        """Where the case is written."""
        return self.levels[-1][0]

    def nearest(self, key: str) -> Spot:
        """Where a key stands that the suite has, and the test or the row may have, too."""
        found: Spot = next(spot for spot, data in reversed(self.levels) if key in data)
        return found.below(key)

    def expected(self) -> dict[str, Spot]:
        """Where each section of the expectation stands: the row's own, else the test's."""
        return {
            section: spot.below("expect", section)
            for spot, data in self.levels
            for section in data.get("expect", ())
        }
