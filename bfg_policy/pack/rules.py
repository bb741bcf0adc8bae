"""Rules of a pack: parsed, and checked against the contracts of what they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bfg_policy import cel
from bfg_policy.cel.syntax import names
from bfg_policy.cel.types import INT, STRING, ObjectType
from bfg_policy.errors import MOST_FINDINGS, Finding
from bfg_policy.pack.terms import CLAIMS, ENVELOPE, terms_of
from bfg_policy.pack.types import Rule

if TYPE_CHECKING:
    from bfg_policy.contracts import Contracts
    from bfg_policy.errors import Place
    from bfg_policy.pack.terms import Terms
    from bfg_policy.pack.written import WrittenPack, WrittenPolicy
    from bfg_policy.source import Document

_CODES = {
    "syntax": "BFG401",
    "name": "BFG402",
    "field": "BFG403",
    "type": "BFG404",
    "result": "BFG405",
    "regex": "BFG406",
    "limit": "BFG407",
    "constant": "BFG408",
    "optional": "BFG409",
}

Variables = Mapping[str, cel.Type]


def scenario_variables(terms: Terms, contracts: Contracts) -> dict[str, cel.Type]:
    """The types of what rules see: `scenario`, and each of its top-level keys by its own name."""
    fields = _fields(contracts, ENVELOPE)
    fields["snapshot"] = _snapshot_type(terms.groups, fields["snapshot"])
    for name in CLAIMS:
        del fields[name]
    if terms.facts is not None and terms.facts in contracts.names:
        fields = {**_fields(contracts, terms.facts), **fields}
    required = set(fields) - optional_variables(terms, contracts)
    return {**fields, "scenario": cel.object_type(fields, required=required)}


def optional_variables(terms: Terms, contracts: Contracts) -> frozenset[str]:
    """The names of those that a scenario may leave out."""
    named = [ENVELOPE, *([terms.facts] if terms.facts in contracts.names else ())]
    schemas = [contracts.schema(name) for name in named if name is not None]
    known = {name for schema in schemas for name in schema.get("properties", {})}
    return frozenset(known.difference(*(schema.get("required", ()) for schema in schemas)))


def contract_type(contracts: Contracts, name: str) -> cel.Type:
    """The type of what obeys a contract, which must be one of `contracts.names`."""
    return cel.from_schema(contracts.schema(name), lambda ref: contracts.resolve(name, ref))


def _fields(contracts: Contracts, name: str) -> dict[str, cel.Type]:
    typed = contract_type(contracts, name)
    return dict(typed.fields) if isinstance(typed, ObjectType) else {}


def _snapshot_type(groups: Iterable[str], written: cel.Type) -> cel.Type:
    """The envelope's snapshot, counted by the pack's groups, with what the engine adds."""
    fields = dict(written.fields) if isinstance(written, ObjectType) else {}
    fields["rows"] = cel.object_type(dict.fromkeys(groups, INT))
    return cel.object_type({**fields, "verified": cel.BOOL}, required={"verified"})


class RuleCompiler:
    """Compiles the rules of one pack, and keeps what is wrong with them.

    findings: errors and warnings so far. errors: how many of them are errors.
    """

    def __init__(self, pack: WrittenPack, contracts: Contracts) -> None:
        self.findings: list[Finding] = []
        self.errors = 0
        terms = terms_of(pack.model)
        self._variables: Variables = scenario_variables(terms, contracts)
        self._optional = optional_variables(terms, contracts)
        self._contracts = contracts
        self._evidence: dict[str, cel.Type] = {}

    def gate_rules(self, policy: WrittenPolicy, key: str) -> tuple[Rule | None, Rule | None]:
        """A gate's rule, and the expression that names who must accept; None where it has none."""
        gate = policy.model.gates[key]
        path: tuple[str | int, ...] = ("gates", key)
        note = f"so gate `{policy.model.policy}/{key}` could never be judged"
        rule = actor = None
        if gate.rule is not None:
            variables = self._variables
            if gate.evidence is not None:
                if gate.evidence.contract not in self._contracts.names:
                    return None, None  # the unknown contract is the one mistake
                variables = {**variables, "evidence": self._evidence_type(gate.evidence.contract)}
            rule = self._compile(
                policy.document, (*path, "rule"), gate.rule, variables, cel.BOOL, note
            )
        if gate.accept is not None and gate.accept is not True:
            where = (*path, "accept", "actor")
            actor = self._compile(
                policy.document, where, gate.accept.actor, self._variables, STRING, note
            )
        return rule, actor

    def fallback(self, pack: WrittenPack) -> Rule | None:
        """The expression that names the storage which a rehearsal keeps; None without one."""
        rehearsal = pack.model.collectors.rehearsal
        if rehearsal is None or rehearsal.storage is None:
            return None
        path = ("collectors", "rehearsal", "storage")
        note = "so no rehearsal could tell what is kept to fall back to"
        return self._compile(pack.document, path, rehearsal.storage, self._variables, STRING, note)

    def _evidence_type(self, contract: str) -> cel.Type:
        if contract not in self._evidence:
            self._evidence[contract] = contract_type(self._contracts, contract)
        return self._evidence[contract]

    def _compile(
        self,
        document: Document,
        path: tuple[str | int, ...],
        text: str,
        variables: Variables,
        result: cel.Type,
        note: str,
    ) -> Rule | None:
        try:
            expression = cel.parse(text)
            problems = cel.check(expression, variables, result, optional=self._optional)
        except cel.CelSyntaxError as error:
            expression, problems = None, (error.problem,)
        if not self._is_told(problems):
            return None if expression is None else Rule(text, expression, document, path)
        for problem in problems:
            place = document.place_in(path, problem.start, problem.end)
            self.errors += problem.severity == "error"
            self.findings.append(problem_finding(problem, place, note))
        is_whole_rule = result == cel.BOOL and not problems
        if expression is not None and is_whole_rule and not names(expression.root) & set(variables):
            self.findings.append(_blind(document.place_in(path, 0, len(text))))
        return None if expression is None else Rule(text, expression, document, path)

    def _is_told(self, problems: Sequence[cel.CelProblem]) -> bool:
        """Whether these are still told: of errors all are counted, of mere warnings enough."""
        has_error = any(problem.severity == "error" for problem in problems)
        return has_error or len(self.findings) - self.errors <= MOST_FINDINGS


def _blind(place: Place) -> Finding:
    return Finding(
        _CODES["constant"],
        "this reads nothing of the scenario, so it always gives the same",
        place,
        severity="warning",
        hint="Read what must be so: a field of the scenario, or of the gate's evidence.",
    )


def problem_finding(problem: cel.CelProblem, place: Place, note: str | None = None) -> Finding:
    """What is wrong with an expression, for people. note: what an error in it leads to."""
    is_error = problem.severity == "error"
    # What can never be true is a mistake of types; what is merely idle is a warning of its own.
    kind = "type" if problem.kind == "constant" and is_error else problem.kind
    return Finding(
        _CODES[kind],
        problem.message,
        place,
        severity=problem.severity,
        note=note if is_error else None,
        hint=problem.hint,
        suggestion=problem.suggestion,
    )


def compiled(
    pack: WrittenPack, compiler: RuleCompiler
) -> Iterator[tuple[str, Rule | None, Rule | None]]:
    """Every gate's id with its rule and the expression that names who must accept.

    Ends where there are more errors than anybody is shown.
    """
    for policy in pack.policies:
        for gate_id, key, _ in policy.gates():
            if compiler.errors > MOST_FINDINGS:
                return
            yield gate_id, *compiler.gate_rules(policy, key)
