"""Rules that are true now where they were not: tried on the scenarios at hand."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from bfg_policy.cel import CelEvaluationError
from bfg_policy.comparison.reads import EVIDENCE, WHOLE
from bfg_policy.comparison.trying import MOST_TRIALS, Trial, is_same
from bfg_policy.comparison.types import Weakness
from bfg_policy.evaluation.evidence import passed_sections
from bfg_policy.evaluation.reasons import in_words, one_line, readings
from bfg_policy.pack.rules import contract_type, scenario_variables
from bfg_policy.pack.terms import ENVELOPE, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bfg_policy import cel
    from bfg_policy.comparison.sides import Side
    from bfg_policy.pack import Gate, Pack

    Data = Mapping[str, object]

_INSTANT = "2000-01-01T00:00:00Z"
_DIGEST = "0" * 64
# Evaluations for all rules together; a pack that changes more of them at once is another pack.
_MOST_TRIALS = 200_000


class RuleTrials:
    """The rules of two packs, tried on everything that is at hand."""

    def __init__(self, base: Side, head: Side) -> None:
        self._base = base
        self._head = head
        self._left = _MOST_TRIALS

    def weaknesses(self, old: Gate, new: Gate) -> Iterator[Weakness]:
        """What is weaker in a gate's rule: that it is gone, or that it passes where it did not."""
        if old.rule is None:
            return
        if new.rule is None:
            place = self._base.of_gate(old.id, "rule")
            yield Weakness("rule", old.id, "its rule was removed", place)
            return
        if is_same(old.rule, new.rule):
            return
        place = self._head.of_gate(new.id, "rule")
        if self._left <= 0:
            words = "its rule changed, and was not tried: too many of them did"
            yield Weakness("rule", old.id, words, place)
            return
        demand = new.evidence or old.evidence
        contract = demand.contract if demand is not None else None
        is_possible = partial(self._is_possible, contract)
        most = min(MOST_TRIALS, self._left)
        trial = Trial(old.rule, new.rule, self._types(contract), is_possible, most)
        found = trial.witness(list(self._seeds(contract)))
        self._left -= trial.spent
        if found is not None:
            words = "its rule passes where it did not"
            yield Weakness("rule", old.id, words, place, self._why_not(old, found))

    def _why_not(self, old: Gate, data: Data) -> str:
        """What the old rule has against some data."""
        assert old.rule is not None
        try:
            old.rule.program.evaluate(data)
        except CelEvaluationError as error:
            missing = f"`{error.path}` is not there" if error.kind == "missing" else error.message
            return one_line(missing)
        return in_words(old.rule, readings(old.rule, data, self._head.scenario, None))

    @cached_property
    def _variables(self) -> dict[str, cel.Type]:
        return scenario_variables(self._head.pack, self._head.contracts)

    def _types(self, contract: str | None) -> dict[str, cel.Type]:
        if contract is None or contract not in self._head.contracts.names:
            return self._variables
        return {**self._variables, EVIDENCE: contract_type(self._head.contracts, contract)}

    def _seeds(self, contract: str | None) -> Iterator[Data]:
        """What rules saw, and would see, of every scenario at hand."""
        for scenario in (*self._head.scenarios, *self._base.scenarios):
            if contract is None:
                yield scenario.variables
                continue
            record = scenario.records.get(contract)
            sections = passed_sections(record) if record is not None else {}
            empty = {
                "contract": contract,
                "observed_at": _INSTANT,
                "collector": "trial",
                "target": {"adapter": scenario.target, "kind": "live"},
                "sha256": _DIGEST,
            }
            yield {**scenario.variables, EVIDENCE: sections or empty}

    def _is_possible(self, contract: str | None, data: Data) -> bool:
        """Whether HEAD's contracts let a scenario hold this data."""
        contracts, pack = self._head.contracts, self._head.pack
        document = {key: value for key, value in data.items() if key not in (WHOLE, EVIDENCE)}
        document[WHOLE] = self._head.scenario.id
        facts = facts_of(document, contracts)
        claimed = document.get("snapshot")
        if isinstance(claimed, dict):
            document["snapshot"] = {k: each for k, each in claimed.items() if k != "verified"}
        if not contracts.accepts(ENVELOPE, document) or not _has_known_actors(document, pack):
            return False
        if pack.facts is not None and not contracts.accepts(pack.facts, facts):
            return False
        if contract is None or contract not in contracts.names:
            return True
        return contracts.accepts(contract, data.get(EVIDENCE))


def _has_known_actors(document: Data, pack: Pack) -> bool:
    """Whether every actor has an id of its own and a role of the pack."""
    actors = document["actors"]
    assert isinstance(actors, list)
    ids = {actor["id"] for actor in actors}
    return len(ids) == len(actors) and all(actor["role"] in pack.roles for actor in actors)
