"""The graph: order, circles, dependents, causes; against plain definitions, and at full size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy import graph

if TYPE_CHECKING:
    from collections.abc import Callable

Needs = dict[str, tuple[str, ...]]


@st.composite
def acyclic(draw: st.DrawFn) -> Needs:
    """Graphs in which a node needs only earlier ones, given in any order."""
    size = draw(st.integers(0, 12))
    needs = {f"n{i}": tuple(f"n{j}" for j in range(i) if draw(st.booleans())) for i in range(size)}
    return {node: needs[node] for node in draw(st.permutations(list(needs)))}


@st.composite
def any_graph(draw: st.DrawFn) -> Needs:
    size = draw(st.integers(1, 9))
    names = [f"n{i}" for i in range(size)]
    return {name: tuple(draw(st.lists(st.sampled_from(names), unique=True))) for name in names}


def closure(needs: Needs, start: str) -> set[str]:
    """Everything behind `start`, by the definition."""
    found: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(needs[node])
    return found


@given(acyclic())
def test_order_puts_each_node_after_what_it_needs(needs: Needs) -> None:
    order = graph.dependency_order(needs)
    assert sorted(order) == sorted(needs)
    position = {node: index for index, node in enumerate(order)}
    assert all(position[child] < position[node] for node in needs for child in needs[node])


@given(any_graph())
def test_knots_are_exactly_the_nodes_that_reach_themselves(needs: Needs) -> None:
    knots = graph.knots(needs)
    in_knots = {node for knot in knots for node in knot}
    assert in_knots == {node for node in needs if node in closure(needs, node)}
    for knot in knots:
        behind = closure(needs, knot[0])
        assert set(knot) == {node for node in behind if knot[0] in closure(needs, node)}
        cycle = graph.shortest_cycle(needs, knot)
        assert cycle[0] == knot[0]
        assert len(set(cycle)) == len(cycle)
        assert all(
            after in needs[before]
            for before, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        )


@given(any_graph())
def test_order_refuses_exactly_the_graphs_with_knots(needs: Needs) -> None:
    if graph.knots(needs):
        with pytest.raises(ValueError, match="needs itself"):
            graph.dependency_order(needs)
    else:
        assert len(graph.dependency_order(needs)) == len(needs)


@given(acyclic(), st.sets(st.integers(0, 12)))
def test_dependents_are_counted_exactly(needs: Needs, counted: set[int]) -> None:
    chosen = {f"n{i}" for i in counted}
    order = graph.dependency_order(needs)
    totals = graph.count_dependents(needs, order, chosen.__contains__)
    for node in needs:
        expected = {other for other in needs if node in closure(needs, other)} & chosen
        assert totals[node] == len(expected)


def test_dependents_are_counted_over_several_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_BITS_A_PASS", 3)
    needs: Needs = {f"n{i}": (f"n{i - 1}",) if i else () for i in range(20)}
    totals = graph.count_dependents(needs, graph.dependency_order(needs), lambda _: True)
    assert totals == {f"n{i}": 19 - i for i in range(20)}


@given(acyclic(), st.sets(st.integers(0, 12)))
def test_causes_are_all_those_behind_a_node(needs: Needs, chosen: set[int]) -> None:
    causes = {f"n{i}" for i in chosen}
    behind = graph.collect_causes(
        needs,
        graph.dependency_order(needs),
        is_cause=causes.__contains__,
        is_open=lambda _: True,
    )
    assert behind == {node: frozenset(closure(needs, node) & causes) for node in needs}


@given(acyclic())
def test_nothing_is_looked_for_behind_what_is_closed(needs: Needs) -> None:
    behind = graph.collect_causes(
        needs, graph.dependency_order(needs), is_cause=lambda _: False, is_open=lambda _: False
    )
    assert set(behind.values()) <= {frozenset()}


SIZE = 100_000


def chain() -> Needs:
    return {f"n{i}": (f"n{i - 1}",) if i else () for i in range(SIZE)}


def ladder() -> Needs:
    return {f"n{i}": tuple(f"n{j}" for j in range(max(0, i - 3), i)) for i in range(SIZE)}


def boards() -> Needs:
    """Boards of 100 gates, each gate needing the whole board before."""
    needs: Needs = {}
    for board in range(SIZE // 100):
        gates = tuple(f"b{board}/g{i}" for i in range(100))
        needs |= dict.fromkeys(gates, (f"b{board - 1}/*",) if board else ())
        needs[f"b{board}/*"] = gates
    return needs


@pytest.mark.slow
@pytest.mark.parametrize("make", [chain, ladder, boards])
def test_a_hundred_thousand_gates(make: Callable[[], Needs]) -> None:
    needs = make()
    order = graph.dependency_order(needs)
    assert graph.knots(needs) == ()
    first = order[0]
    totals = graph.count_dependents(needs, order, lambda node: not node.endswith("*"))
    causes = graph.collect_causes(needs, order, is_cause=first.__eq__, is_open=lambda _: True)
    assert totals[order[-1]] == 0
    assert causes[order[-1]] == frozenset({first})


def test_a_circle_of_a_hundred_thousand() -> None:
    needs = {f"n{i}": (f"n{(i + 1) % SIZE}",) for i in range(SIZE)}
    (knot,) = graph.knots(needs)
    assert len(graph.shortest_cycle(needs, knot)) == SIZE


def test_what_a_node_needs_in_the_end() -> None:
    needs = {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": (), "e": ("a",)}
    assert graph.reachable(needs, "a") == {"a", "b", "c", "d"}
    assert graph.reachable(needs, "d") == {"d"}
