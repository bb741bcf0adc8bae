"""The order of a plan's jobs: after what they need, and from owner to owner as rarely as may be.

What is possible for the owner who is at work costs nothing more, so it is done at once; all that
there is to choose is who comes next. The choices are tried breadth first, so the first way that
is complete has the fewest hand-overs. Where there are too many ways the choice is the next best.
"""

from __future__ import annotations

from copy import copy
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from bfg_policy.planning.progress import Progress, Road

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many places on the way are looked at; a pack of few owners has fewer.
_MOST_PLACES = 400


def ordered(road: Road, unblocks: Sequence[int]) -> tuple[int, ...]:
    """The jobs, each in its turn. unblocks: of each job, how much it unblocks; more comes first."""
    rank = [(-count, index) for index, count in enumerate(unblocks)]
    ways: list[tuple[Progress, list[int]]] = [(Progress(road), [])]
    seen: set[tuple[str, frozenset[int]]] = set()
    while not ways[0][0].is_there:
        if len(seen) > _MOST_PLACES:
            return tuple(_straight_on(*ways[0], rank))
        further: list[tuple[Progress, list[int]]] = []
        for progress, sequence in ways:
            for owner in _owners(progress, rank):
                place = copy(progress)
                added = _all_of(place, owner, rank)
                if place.is_there:
                    return tuple(sequence + added)
                if (owner, place.done) not in seen:
                    seen.add((owner, place.done))
                    further.append((place, sequence + added))
        ways = further
    return tuple(ways[0][1])


def _straight_on(
    progress: Progress, sequence: list[int], rank: Sequence[tuple[int, int]]
) -> Iterator[int]:
    """The rest of a way where there are too many: always whose work unblocks most."""
    yield from sequence
    while not progress.is_there:
        yield from _all_of(progress, _owners(progress, rank)[0], rank)


def _owners(progress: Progress, rank: Sequence[tuple[int, int]]) -> list[str]:
    """Who could come next, those first whose work unblocks most."""
    possible = sorted(progress.possible(), key=rank.__getitem__)
    return list(dict.fromkeys(progress.road.jobs[index].owner for index in possible))


def _all_of(progress: Progress, owner: str, rank: Sequence[tuple[int, int]]) -> list[int]:
    """Do all that is possible for an owner, and what becomes possible by it."""
    jobs = progress.road.jobs
    heap = [rank[index] for index in progress.possible() if jobs[index].owner == owner]
    heapify(heap)
    sequence = []
    while heap:
        _, index = heappop(heap)
        if index in progress.done:
            continue
        _, opened = progress.do(index)
        sequence.append(index)
        for freed in progress.freed(index, opened):
            if jobs[freed].owner == owner:
                heappush(heap, rank[freed])
    return sequence
