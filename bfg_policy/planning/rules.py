"""A gate's rule in two: what it asks of the evidence, and what it asks of everything else."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import cel
from bfg_policy.cel.syntax import Expr, Ident, Literal, Logic, Select, names, walk
from bfg_policy.evaluation.reasons import in_words, one_line, readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bfg_policy.cel.syntax import Node
    from bfg_policy.pack import Rule
    from bfg_policy.readiness import Reading
    from bfg_policy.scenario import Record, Scenario

EVIDENCE = "evidence"
_SCENARIO = "scenario"


class Halves(NamedTuple):
    """The terms of a rule that read the record, and those that do not; None for no such term."""

    of_evidence: Rule | None
    of_facts: Rule | None


class Lack(NamedTuple):
    """What a rule, or a part of one, does not have.

    paths: where in the data, such as `snapshot.rows.audit`; because: in words; broken: whether
    it cannot be evaluated at all.
    """

    paths: tuple[str, ...]
    because: str
    readings: tuple[Reading, ...]
    broken: bool = False


def halves(rule: Rule) -> Halves:
    """The two parts of a rule. Both together say what the rule says."""
    terms = list(_terms(rule.expression.root))
    mine = [term for term in terms if EVIDENCE in names(term)]
    rest = [term for term in terms if EVIDENCE not in names(term)]
    return Halves(_part(rule, mine), _part(rule, rest))


def _terms(node: Node) -> Iterator[Node]:
    if isinstance(node, Logic) and node.operator == "&&":
        for term in node.terms:
            yield from _terms(term)
    else:
        yield node


def _part(rule: Rule, terms: list[Node]) -> Rule | None:
    if not terms:
        return None
    root = terms[0]
    if len(terms) > 1:
        root = Logic("&&", tuple(terms), (terms[0].start, terms[-1].end))
    part = copy(rule)  # without the program of the whole, which is no part of its state
    part.expression = Expr(rule.expression.text, root)
    return part


def roots(rule: Rule) -> frozenset[str]:
    """The keys of the scenario's document that a rule may read; local names among them harm not."""
    found = set()
    for node in walk(rule.expression.root):
        if isinstance(node, Ident):
            found.add(node.name)
        elif isinstance(node, Select) and isinstance(node.operand, Ident):
            found.add(node.field if node.operand.name == _SCENARIO else node.operand.name)
    return frozenset(found)


def reads(rule: Rule, path: Sequence[str | int]) -> bool:
    """Whether a rule may read what stands at a path of the scenario's document, or a part of it."""
    return any(
        all(step == written for step, written in zip(path, read, strict=False))
        for read in _read(rule.expression.root)
    )


def _read(node: Node) -> Iterator[tuple[str, ...]]:
    """The paths that a rule reads, as far as they are keys; an index may be any."""
    keys: list[str] = []
    while isinstance(node, Select):
        keys.append(node.field)
        node = node.operand
    if isinstance(node, Ident):
        path = (node.name, *reversed(keys))
        yield path[1:] if node.name == _SCENARIO else path
    for child in node.children():
        yield from _read(child)


def root_of(path: str) -> str:
    """The key of the scenario's document that a path begins with."""
    first, _, rest = path.partition(".")
    return root_of(rest) if first == _SCENARIO and rest else first.partition("[")[0]


def lack(
    rule: Rule, bound: Mapping[str, object], scenario: Scenario, record: Record | None = None
) -> Lack | None:
    """What a rule does not have; None where it is true. bound, record: as for `readings`."""
    try:
        if rule.program.evaluate(bound) is True:
            return None
    except cel.CelEvaluationError as error:
        path = error.path or one_line(rule.text)
        if error.kind == "missing":
            return Lack((path,), f"`{path}` is not there", ())
        return Lack((), f"it cannot be evaluated: {error.message}", (), broken=True)
    found = readings(rule, bound, scenario, record)
    paths = tuple(dict.fromkeys(reading.path for reading in found if reading.path is not None))
    return Lack(paths, in_words(rule, found), found)


def assuming_evidence(rule: Rule) -> Rule:
    """The rule as it is where the record says all that the rule asks of it."""
    rest = halves(rule).of_facts
    if rest is not None:
        return rest
    root = rule.expression.root
    always = copy(rule)
    always.expression = Expr(rule.expression.text, Literal(True, root.start, root.end))  # noqa: FBT003
    return always
