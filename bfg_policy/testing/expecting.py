"""What a test expects, held against the pack: every gate, board, role, code and reason exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from bfg_policy.catalogue import CATALOGUE
from bfg_policy.errors import Finding, Place
from bfg_policy.evaluation.boards import codes_of
from bfg_policy.pack import board_of, is_whole, whole
from bfg_policy.readiness import STATUSES, Reason
from bfg_policy.suggestions import closest
from bfg_policy.testing.types import Expected, GateExpected, Spot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bfg_policy.pack import Pack

_REASONS: tuple[Reason, ...] = get_args(Reason)
_EVERY = "*"


class Expectations:
    """Reads expectations; findings: what is wrong with those read so far (BFG340, BFG343)."""

    def __init__(self, pack: Pack) -> None:
        self.findings: list[Finding] = []
        self._pack = pack
        self._nodes = [*pack.gates, *map(whole, pack.boards)]

    def read(self, sections: Mapping[str, Spot]) -> Expected:
        """The expectation whose sections stand at these spots, as their contract has them."""
        written: dict[str, Any] = {name: value_at(spot) for name, spot in sections.items()}
        verdict, passed = written.get("verdict"), written.get("passes")
        ready, codes = written.get("ready"), written.get("findings")
        if verdict is not None:
            self._check_verdict(verdict, sections["verdict"])
        for index, code in enumerate(codes or ()):
            if code not in CATALOGUE:
                place = sections["findings"].below(index).place
                self._never(f"there is no finding `{code}`", place)
        return Expected(
            gates=self._gates(written.get("gates", {}), sections.get("gates")),
            decisions=self._decisions(written.get("decisions", {}), sections.get("decisions")),
            also=self._also(written.get("also", {}), sections.get("also")),
            owners=self._owners(written.get("owners", {}), sections.get("owners")),
            verdict=None if verdict is None else (verdict, sections["verdict"]),
            passes=None if passed is None else (passed, sections["passes"]),
            ready=None if ready is None else (ready, sections["ready"]),
            findings=None if codes is None else (frozenset(codes), sections["findings"]),
        )

    def check_gate(self, gate: str, place: Place) -> None:
        """A finding where no policy has the gate."""
        if gate not in self._pack.gates:
            self._unknown(f"no policy has a gate `{gate}`", gate, self._pack.gates, place)

    def _gates(self, written: Mapping[str, str], spot: Spot | None) -> dict[str, GateExpected]:
        found: dict[str, GateExpected] = {}
        for name, at in self._by_closeness(written, spot):
            expected = self._status(written[name], at)
            for gate in self._meant(name, at) if expected is not None else ():
                found[gate] = expected  # type: ignore[assignment]
        return found

    def _status(self, written: str, spot: Spot) -> GateExpected | None:
        status, _, rest = written.partition(" ")
        reason = rest.strip("()") or None
        known = next((each for each in STATUSES if each == status), None)
        why = next((each for each in _REASONS if each == reason), None)
        if known is None:
            self._never(
                f"`{status}` is no status of a gate", spot.within(0, len(status)), status, STATUSES
            )
        elif reason is not None and why is None:
            start = len(status) + 2
            place = spot.within(start, start + len(reason))
            self._never(f"`{reason}` is no reason of a status", place, reason, _REASONS)
        else:
            return GateExpected(known, why, spot)
        return None

    def _owners(self, written: Mapping[str, str], spot: Spot | None) -> dict[str, tuple[str, Spot]]:
        found: dict[str, tuple[str, Spot]] = {}
        for name, at in self._by_closeness(written, spot):
            role = written[name]
            if role not in self._pack.roles:
                message = f"`{role}` is no role of the pack"
                self._unknown(message, role, self._pack.roles, at.place)
            elif "/" in name or name == _EVERY:
                boards = self._pack.boards if name == _EVERY else ()
                found.update((owned, (role, at)) for owned in (*boards, *self._meant(name, at)))
            elif self._has_board(name, at):
                found[name] = (role, at)
        return found

    def _decisions(
        self, written: Mapping[str, str], spot: Spot | None
    ) -> dict[str, tuple[str, Spot]]:
        found = {}
        for board, code in written.items():
            assert spot is not None
            at = spot.below(board)
            if self._has_board(board, at):
                self._check_code(board, code, at.place)
                found[board] = (code, at)
        return found

    def _also(
        self, written: Mapping[str, Mapping[str, str]], spot: Spot | None
    ) -> dict[tuple[str, str], tuple[str, Spot]]:
        found = {}
        for board, words in written.items():
            assert spot is not None
            if self._has_board(board, spot.below(board)):
                for word, value in words.items():
                    at = spot.below(board, word)
                    self._check_word(board, word, value, at)
                    found[board, word] = (value, at)
        return found

    def _check_word(self, board: str, word: str, value: str, spot: Spot) -> None:
        ladder = self._pack.boards[board].ladder
        words = dict.fromkeys(each for rung in ladder for each in rung.also)
        values = dict.fromkeys(rung.also[word] for rung in ladder if word in rung.also)
        if word not in words:
            self._never(f"no decision of `{board}` says `{word}`", spot.key, word, words)
        elif value not in values:
            message = f"no decision of `{board}` says that `{word}` is `{value}`"
            self._never(message, spot.place, value, values)

    def _check_verdict(self, code: str, spot: Spot) -> None:
        if self._pack.verdict is None:
            self._never("the pack has no verdict", spot.place)
        else:
            self._check_code(self._pack.verdict, code, spot.place)

    def _check_code(self, board: str, code: str, place: Place) -> None:
        codes = tuple(dict.fromkeys(codes_of(self._pack, board)))
        if not codes:
            self._never(f"board `{board}` decides nothing", place)
        elif code not in codes:
            self._never(f"board `{board}` never says `{code}`", place, code, codes)

    def _has_board(self, board: str, spot: Spot) -> bool:
        if board not in self._pack.boards:
            self._unknown(f"no policy is the board `{board}`", board, self._pack.boards, spot.key)
        return board in self._pack.boards

    def _by_closeness(
        self, written: Mapping[str, str], spot: Spot | None
    ) -> Iterator[tuple[str, Spot]]:
        """The names, those of all gates first and those of one gate last: the last one counts."""
        for name in sorted(written, key=lambda name: (name != _EVERY, not is_whole(name))):
            assert spot is not None
            yield name, spot.below(name)

    def _meant(self, name: str, spot: Spot) -> Collection[str]:
        """The gates that a name stands for; a finding where there are none."""
        if name == _EVERY:
            return self._pack.gates
        if is_whole(name) and board_of(name) in self._pack.boards:
            return self._pack.boards[board_of(name)].gates
        if name in self._pack.gates:
            return (name,)
        what = "is the board" if is_whole(name) else "has a gate"
        shown = board_of(name) if is_whole(name) else name
        self._unknown(f"no policy {what} `{shown}`", name, self._nodes, spot.key)
        return ()

    def _unknown(self, message: str, written: str, known: Collection[str], place: Place) -> None:
        self.findings.append(
            Finding(
                "BFG340",
                message,
                place,
                note="a test of what does not exist would pass for ever, or never",
                suggestion=closest(written, known),
            )
        )

    def _never(
        self, message: str, place: Place, written: str = "", known: Collection[str] = ()
    ) -> None:
        suggestion = closest(written, known)
        hint = f"known are: {', '.join(known)}" if known and suggestion is None else None
        note = "so the test could never pass"
        self.findings.append(
            Finding("BFG343", message, place, note=note, hint=hint, suggestion=suggestion)
        )


def value_at(spot: Spot) -> object:
    """The value that stands at a spot."""
    value: Any = spot.document.data
    for step in spot.path:
        value = value[step]
    return value
