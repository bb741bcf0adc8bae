"""A pure graph of ids: order, cycles, dependents, causes. Iterative, and linear in its edges.

Nodes are any strings; an edge leads from a node to what it needs. A board that others wait for
as a whole stands in the graph as a node of its own, so that a need on it is one edge and not
one for each of its gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

# How many dependents are counted in one pass over the graph: one bit each of a Python integer.
_BITS_A_PASS = 4096

Needs = Mapping[str, Sequence[str]]


def dependency_order(needs: Needs) -> tuple[str, ...]:
    """All nodes, each after everything that it needs, otherwise in the order of `needs`.

    Every needed node must be a key of `needs`. Raises ValueError where there is a cycle.
    """
    order: list[str] = []
    state: dict[str, bool] = {}  # False while a node is being visited, True when it is placed
    for root in needs:
        if root in state:
            continue
        state[root] = False
        path: list[tuple[str, Iterator[str]]] = [(root, iter(needs[root]))]
        while path:
            node, rest = path[-1]
            child = next((each for each in rest if state.get(each) is not True), None)
            if child is None:
                path.pop()
                state[node] = True
                order.append(node)
            elif child in state:
                raise ValueError(f"{child} needs itself")
            else:
                state[child] = False
                path.append((child, iter(needs[child])))
    return tuple(order)


def knots(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """The groups of nodes that need one another in circles (strongly connected components).

    Tarjan's algorithm, without recursion. A group of one node is a node that needs itself.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in needs:
        if root in index:
            continue
        path: list[tuple[str, Iterator[str]]] = []
        _enter(root, needs, index, low, open_nodes, is_open, path)
        while path:
            node, rest = path[-1]
            child = next(rest, None)
            if child is None:
                path.pop()
                if path:
                    parent = path[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    group = _close(node, open_nodes, is_open)
                    if len(group) > 1 or node in needs[node]:
                        found.append(tuple(sorted(group, key=index.__getitem__)))
            elif child not in index:
                _enter(child, needs, index, low, open_nodes, is_open, path)
            elif child in is_open:
                low[node] = min(low[node], index[child])
    return tuple(found)


def _enter(
    node: str,
    needs: Needs,
    index: dict[str, int],
    low: dict[str, int],
    open_nodes: list[str],
    is_open: set[str],
    path: list[tuple[str, Iterator[str]]],
) -> None:
    index[node] = low[node] = len(index)
    open_nodes.append(node)
    is_open.add(node)
    path.append((node, iter(needs[node])))


def _close(node: str, open_nodes: list[str], is_open: set[str]) -> list[str]:
    group: list[str] = []
    while True:
        member = open_nodes.pop()
        is_open.discard(member)
        group.append(member)
        if member == node:
            return group


def reachable(needs: Needs, start: str) -> frozenset[str]:
    """The node itself and all that it needs, directly or through others."""
    found = {start}
    waiting = [start]
    while waiting:
        for need in needs[waiting.pop()]:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return frozenset(found)


def shortest_cycle(needs: Needs, knot: Sequence[str]) -> tuple[str, ...]:
    """A shortest way round a knot from its first node: each needs the next, the last the first."""
    start, members = knot[0], set(knot)
    came_from: dict[str, str] = {}
    frontier = [start]
    while frontier:
        reached: list[str] = []
        for node in frontier:
            for child in needs[node]:
                if child == start:
                    return _walk_back(node, start, came_from)
                if child in members and child not in came_from:
                    came_from[child] = node
                    reached.append(child)
        frontier = reached
    raise ValueError("the nodes are not a knot")


def _walk_back(node: str, start: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    cycle = [node]
    while cycle[-1] != start:
        cycle.append(came_from[cycle[-1]])
    return tuple(reversed(cycle))


def count_dependents(
    needs: Needs, order: Sequence[str], counts: Callable[[str], bool]
) -> dict[str, int]:
    """For each node, how many of the nodes for which `counts` holds need it, directly or not.

    order: as `dependency_order` gives it. Exact transitive counts are found with one bit a
    counted node, some thousands in one pass, so that memory stays linear in the graph.
    """
    totals = dict.fromkeys(order, 0)
    counted = [node for node in order if counts(node)]
    for first in range(0, len(counted), _BITS_A_PASS):
        bit = {node: 1 << i for i, node in enumerate(counted[first : first + _BITS_A_PASS])}
        waiting = dict.fromkeys(order, 0)
        for node in reversed(order):
            above = waiting.pop(node)
            totals[node] += above.bit_count()
            passed_on = above | bit.get(node, 0)
            if passed_on:
                for child in needs[node]:
                    waiting[child] |= passed_on
    return totals


def collect_causes(
    needs: Needs,
    order: Sequence[str],
    *,
    is_cause: Callable[[str], bool],
    is_open: Callable[[str], bool],
) -> dict[str, frozenset[str]]:
    """For each node, the causes among everything that it needs, directly or not.

    is_cause: whether a node is itself a cause; is_open: whether causes may stand behind it.
    Nodes that have the same causes share one set.
    """
    nothing: frozenset[str] = frozenset()
    behind: dict[str, frozenset[str]] = {}
    passed_on: dict[str, frozenset[str]] = {}
    for node in order:
        parts = {id(part): part for child in needs[node] if (part := passed_on[child])}
        behind[node] = _union(list(parts.values())) if parts else nothing
        if is_cause(node):
            passed_on[node] = behind[node] | {node}
        else:
            passed_on[node] = behind[node] if is_open(node) else nothing
    return behind


def _union(parts: Sequence[frozenset[str]]) -> frozenset[str]:
    largest = max(parts, key=len)
    missing: set[str] = set()
    for part in parts:
        if part is not largest:
            missing |= part - largest
    return largest | missing if missing else largest


def in_given_order(nodes: Iterable[str], position: Mapping[str, int]) -> tuple[str, ...]:
    """The nodes sorted by their position."""
    return tuple(sorted(nodes, key=position.__getitem__))
