"""Whether a rule is true where another one is not: tried, on data at hand and variations of it."""

from __future__ import annotations

from collections import deque
from itertools import combinations, product
from typing import TYPE_CHECKING

from bfg_policy import cel
from bfg_policy.comparison.plain import value_at
from bfg_policy.comparison.reads import reads
from bfg_policy.comparison.variations import concrete, filled, flipped, flips

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from bfg_policy.comparison.plain import Steps
    from bfg_policy.comparison.variations import Flip
    from bfg_policy.pack import Rule

    Data = Mapping[str, object]

# What one pair of rules may cost, in evaluations of the two.
MOST_TRIALS = 6_000
# Node visits of one evaluation: a rule that costs more on what is at hand is not tried.
_VISITS = 2_000
_MOST_SEEDS = 8
_MOST_STARTS = 12
_MOST_CLIMBED = 24
_MOST_PAIRED = 48
_MOST_FIRST = 2
_MOST_NEW = 12
# Where a part of an expression stands says nothing of what it means.
_PLACES = frozenset({"field_start", "name_start", "name_end", "operator_start"})


class Trial:
    """Two rules side by side.

    types: of the variables, by their contracts. is_possible: whether data is what a scenario
    could hold; it is asked only of data that tells the two rules apart. most: evaluations.
    """

    def __init__(
        self,
        old: Rule,
        new: Rule,
        types: Mapping[str, cel.Type],
        is_possible: Callable[[Data], bool],
        most: int = MOST_TRIALS,
    ) -> None:
        self._old = old
        self._new = new
        self._types = types
        self._is_possible = is_possible
        self._reads = reads(old.expression, new.expression)
        self._most = self._left = most

    @property
    def spent(self) -> int:
        """How many evaluations it took so far."""
        return self._most - self._left

    def witness(self, seeds: Sequence[Data]) -> Data | None:
        """Data for which the new rule is true and the old one is not; None where none is found.

        The seeds are tried as they are; then with what is missing filled in, and with what makes
        either rule true; from there with one value made otherwise, and with two; and at last every
        way on which the new rule stays true, as far as the trials last.
        """
        for rule in (self._old, self._new):
            rule.program.prepare()
        known = list(seeds[:_MOST_SEEDS])
        found = self._first(known)
        if found is not None:
            return found
        whole = [filled(seed, self._reads, self._types) for seed in known]
        starts = [*known, *whole]
        starts += [self._climbed(seed, rule) for seed in whole for rule in (self._new, self._old)]
        starts.sort(key=lambda data: not self._is_true(self._new, data))
        del starts[_MOST_STARTS:]
        half = self._left // 2
        for tried, reserve in ((starts, 0), (self._near(starts), half), (self._on(starts), 0)):
            found = self._first(tried, reserve)
            if found is not None:
                return found
        return None

    def _first(self, tried: Iterable[Data], reserve: int = 0) -> Data | None:
        """The first data that tells them apart. reserve: trials that are left to others."""
        for data in tried:
            if self._left <= reserve:
                return None
            if self._tells_apart(data) and self._is_possible(data):
                return data
        return None

    def _near(self, starts: Sequence[Data]) -> Iterator[Data]:
        listed = [(start, list(self._flips(start))) for start in starts]
        for start, found in listed[:_MOST_FIRST]:
            # A value that only one of the rules speaks of opens what another one must still close.
            new = [flip for flip in found if flip.value in self._reads.unshared]
            yield from _paired(start, product(_few(new)[:_MOST_NEW], _few(found)))
        for start, found in listed:
            yield from (flipped(start, (flip,)) for flip in found)
        for start, found in listed:
            yield from _paired(start, combinations(_few(found), 2))

    def _on(self, starts: Sequence[Data]) -> Iterator[Data]:
        """All data for which the new rule is true, one flip after the other, the nearest first."""
        waiting = deque(start for start in starts if self._is_true(self._new, start))
        seen = {self._key(start) for start in waiting}
        while waiting:
            here = waiting.popleft()
            for flip in self._flips(here):
                data = flipped(here, (flip,))
                key = self._key(data)
                if key not in seen and self._left > 0 and self._is_true(self._new, data):
                    seen.add(key)
                    waiting.append(data)
                    yield data

    def _key(self, data: Data) -> str:
        """What a rule can see of some data."""
        paths = (steps for path in self._reads.paths for steps in concrete(data, path))
        return repr([_glance(value_at(data, steps)) for steps in paths])

    def _flips(self, data: Data) -> Iterator[Flip]:
        return flips(data, self._reads, self._types)

    def _climbed(self, data: Data, rule: Rule) -> Data:
        """The data with one value after the other made such that the rule comes nearer to true."""
        here, left = data, self._distance(rule, data)
        for _ in range(_MOST_CLIMBED):
            if left == 0 or self._left <= 0:
                break
            tried = (flipped(here, (flip,)) for flip in self._flips(here))
            nearer = next((each for each in tried if self._distance(rule, each) < left), None)
            if nearer is None:
                break
            here, left = nearer, self._distance(rule, nearer)
        return here

    def _distance(self, rule: Rule, data: Data) -> int:
        """How many conditions keep a rule from being true; many where it has no value."""
        self._left -= 1
        try:
            if rule.program.evaluate(data, budget=_VISITS) is True:
                return 0
            return len(cel.explain(rule.program, data, budget=_VISITS)) or 1
        except cel.CelEvaluationError:
            return 100

    def _is_true(self, rule: Rule, data: Data) -> bool:
        self._left -= 1
        try:
            return rule.program.evaluate(data, budget=_VISITS) is True
        except cel.CelEvaluationError:
            return False

    def _tells_apart(self, data: Data) -> bool:
        return self._is_true(self._new, data) and not self._is_true(self._old, data)


def _paired(start: Data, pairs: Iterable[tuple[Flip, Flip]]) -> Iterator[Data]:
    return (flipped(start, (one, two)) for one, two in pairs if one.path != two.path)


def _few(found: Sequence[Flip]) -> list[Flip]:
    """Some of the flips: the first one of each path, then the second one of each, and so on."""
    nth: dict[Steps, int] = {}
    turns = []
    for flip in found:
        nth[flip.path] = nth.get(flip.path, -1) + 1
        turns.append(nth[flip.path])
    ordered = sorted(zip(turns, found, strict=True), key=lambda each: each[0])
    return [flip for _, flip in ordered[:_MOST_PAIRED]]


def _glance(value: object) -> object:
    """A value, or of one that holds others, how many: they are looked at where they are read."""
    if isinstance(value, dict):
        return (dict, len(value))
    if isinstance(value, list) and not all(isinstance(each, str | int | float) for each in value):
        return (list, len(value))
    return value


def is_same(old: Rule, new: Rule) -> bool:
    """Whether two rules are written alike, but for blanks, comments and parentheses."""
    return old.text == new.text or shape(old) == shape(new)


def shape(rule: Rule) -> Hashable:
    """What a rule says, whatever its blanks, comments and parentheses: the same for rules alike."""
    return _shape(rule.expression.root)


def _shape(node: cel.syntax.Node) -> tuple[object, ...]:
    """A node without its places: what it is, and what it is made of."""
    said = tuple(
        (name, type(value).__name__, value)
        for name in type(node).__slots__
        if isinstance(value := getattr(node, name), str | bool | int | float | bytes | frozenset)
        and name not in _PLACES
    )
    named = getattr(node, "names", ())  # of a macro
    marked = tuple(is_optional for *_, is_optional in getattr(node, "entries", ()))  # of a map
    children = (_shape(child) for child in node.children())
    return (type(node).__name__, said, named, marked, *children)
