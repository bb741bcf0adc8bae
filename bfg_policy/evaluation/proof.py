"""A gate's own proof: what its rule, its evidence and its acceptance say, at any instant.

Rules cannot see the clock, so each is evaluated once; time enters only through evidence that
ages, and acceptances and waivers that begin and end. That is why the instants at which a
verdict changes are known exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from bfg_policy import cel
from bfg_policy.errors import Finding
from bfg_policy.evaluation.acceptances import Signatures, Signed, read_acceptances
from bfg_policy.evaluation.evidence import Held, hold, passed_sections
from bfg_policy.evaluation.reasons import in_words, one_line, readings
from bfg_policy.instants import ONE_SECOND, format_instant, plus, whole_seconds_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bfg_policy.pack import Gate, Pack, Rule
    from bfg_policy.readiness import Reading, Reason
    from bfg_policy.scenario import Scenario


class Part(NamedTuple):
    """What one part of a proof says: it holds, it is open (somebody must act), or is invalid."""

    state: Literal["holds", "open", "invalid"]
    reason: Reason
    because: str
    readings: tuple[Reading, ...] = ()


# How an acceptance that is missing is told of, first of all.
NOT_ACCEPTED = "not accepted yet"
HOLDS = Part("holds", "proved", "its own proof holds")


class Proof(NamedTuple):
    """A gate's proof. rule, actor: what its expressions gave, None where it has none."""

    gate: Gate
    rule: Part | None
    actor: Part | None
    held: Held | None
    signed: Signed | None

    def at(self, at: datetime) -> Part:
        """What the whole proof says at an instant: any invalid part wins, then any open one."""
        parts = [part for part in self.parts(at) if part.state != "holds"]
        invalid = [part for part in parts if part.state == "invalid"]
        telling = invalid or parts
        if not telling:
            return HOLDS
        return telling[0]._replace(
            because="; ".join(part.because for part in telling),
            readings=tuple(reading for part in telling for reading in part.readings),
        )

    def parts(self, at: datetime) -> Iterator[Part]:
        """What each part that the gate asks for says at an instant."""
        demand = self.gate.evidence
        if demand is None:
            if self.rule is not None:
                yield self.rule
        else:
            evidence = self._evidence(at)
            yield evidence
            # What a rule says for want of a record is no news beside the missing record.
            if self.rule is not None and (
                evidence.state == "holds" or self.rule.state == "invalid"
            ):
                yield self.rule
        if self.actor is not None:
            yield self.actor
        # One that no gate asked for is never believed, and whoever wrote it meant something.
        if self.signed is not None or (self.gate.accept and self.actor is None):
            yield self._acceptance(at)

    def _evidence(self, at: datetime) -> Part:
        demand, held = self.gate.evidence, self.held
        assert demand is not None
        if held is None:
            return Part(
                "open", "evidence-missing", f"no evidence of `{demand.contract}` is recorded"
            )
        if held.fault is not None:
            return Part("invalid", "evidence-invalid", held.fault.message)
        name, observed_at = held.record.name, held.record.observed_at
        if not held.is_believed(at):
            return Part("invalid", "evidence-invalid", f"evidence `{name}` is from the future")
        if not held.is_fresh(demand, at):
            until = format_instant(plus(observed_at, demand.fresh_for))
            return Part("open", "evidence-expired", f"evidence `{name}` was fresh until {until}")
        if demand.live and not held.is_live:
            return Part("open", "evidence-not-live", f"evidence `{name}` is not of a live target")
        return HOLDS

    def _acceptance(self, at: datetime) -> Part:
        signed, gate = self.signed, self.gate
        if signed is None:
            who = f"`{gate.accept_actor.text}`" if gate.accept_actor else f"role `{gate.owner}`"
            return Part("open", "acceptance-missing", f"{NOT_ACCEPTED} by {who}")
        if signed.fault is not None:
            return Part("invalid", "acceptance-invalid", signed.fault.message)
        if not signed.is_believed(at):
            done = "withdrawn" if signed.acceptance.withdrawn else "accepted"
            return Part("invalid", "acceptance-invalid", f"it is {done} in the future")
        given = signed.acceptance
        if given.withdrawn:
            why = f": {one_line(given.note)}" if given.note else ""
            because = f"`{given.by}` withdrew its acceptance at {format_instant(given.at)}{why}"
            return Part("open", "acceptance-withdrawn", because)
        if signed.is_expired(at):
            assert given.expires is not None
            ended = format_instant(given.expires)
            return Part("open", "acceptance-expired", f"its acceptance expired at {ended}")
        return HOLDS

    def events(self) -> Iterator[tuple[datetime, str]]:
        """The instants, in whole seconds, at which time alone may change the proof, and how."""
        if self.gate.evidence is not None and self.held is not None:
            observed_at = self.held.record.observed_at
            yield whole_seconds_up(observed_at), "evidence-observed"
            last = plus(observed_at, self.gate.evidence.fresh_for)
            yield plus(last.replace(microsecond=0), ONE_SECOND), "evidence-expired"
        if self.gate.accept and self.signed is not None:
            done = "withdrawn" if self.signed.acceptance.withdrawn else "given"
            yield whole_seconds_up(self.signed.acceptance.at), f"acceptance-{done}"
            if self.signed.acceptance.expires is not None:
                yield whole_seconds_up(self.signed.acceptance.expires), "acceptance-expired"


class Proofs(NamedTuple):
    """All proofs by gate, with the records and acceptances that they rest on."""

    by_gate: Mapping[str, Proof]
    held: Mapping[str, Held]
    signatures: Signatures
    findings: tuple[Finding, ...]


def prove(pack: Pack, scenario: Scenario) -> Proofs:
    """Every gate's proof, each rule evaluated once. Nothing here depends on the instant."""
    held = hold(scenario)
    variables = scenario.variables
    rules: dict[str, Part | None] = {}
    actors: dict[str, Part | None] = {}
    named: dict[str, str | None] = {}
    findings: list[Finding] = []
    for gate in pack.gates.values():
        record = held.get(gate.evidence.contract) if gate.evidence else None
        bound = bindings(gate, variables, record)
        rules[gate.id] = _rule_part(gate, scenario, bound, record, findings)
        if gate.accept_actor is not None:
            named[gate.id], actors[gate.id] = _named_actor(gate, variables, findings)
    signatures = read_acceptances(pack, scenario, named)
    by_gate = {
        gate.id: Proof(
            gate,
            rules[gate.id],
            actors.get(gate.id),
            held.get(gate.evidence.contract) if gate.evidence else None,
            signatures.latest.get(gate.id),
        )
        for gate in pack.gates.values()
    }
    return Proofs(by_gate, held, signatures, tuple(findings))


def bindings(
    gate: Gate, variables: Mapping[str, object], held: Held | None
) -> Mapping[str, object]:
    """What a gate's rule can see. A record that must not be believed is as if it were not there.

    variables: those of the scenario, which gates without evidence see as they are.
    """
    if gate.evidence is None:
        return variables
    believed = held is not None and held.fault is None
    return {**variables, "evidence": passed_sections(held.record) if held and believed else {}}


def _rule_part(
    gate: Gate,
    scenario: Scenario,
    bound: Mapping[str, object],
    held: Held | None,
    findings: list[Finding],
) -> Part | None:
    if gate.rule is None:
        return None
    try:
        value = gate.rule.program.evaluate(bound)
    except cel.CelEvaluationError as error:
        return _failed(gate, gate.rule, error, findings)
    # Exactly true: neither a truthy value nor anything else passes.
    if value is True:
        return HOLDS
    found = readings(gate.rule, bound, scenario, held.record if held else None)
    return Part("open", "rule-false", in_words(gate.rule, found), found)


def _named_actor(
    gate: Gate, variables: Mapping[str, object], findings: list[Finding]
) -> tuple[str | None, Part | None]:
    rule = gate.accept_actor
    assert rule is not None
    try:
        actor = rule.program.evaluate(variables)
    except cel.CelEvaluationError as error:
        return None, _failed(gate, rule, error, findings)
    if isinstance(actor, str):
        return actor, None
    return None, Part("invalid", "rule-error", f"`{one_line(rule.text)}` names no actor")


def _failed(gate: Gate, rule: Rule, error: cel.CelEvaluationError, findings: list[Finding]) -> Part:
    """A field that is not there yet is no error; everything else makes the gate invalid."""
    if error.kind == "missing":
        return Part("open", "proof-missing", f"`{error.path or rule.text}` is not there")
    findings.append(
        Finding(
            "BFG410",
            f"the rule of `{gate.id}` cannot be evaluated: {error.message}",
            rule.place(error.start, error.end),
            note="so the gate is invalid",
            hint="correct the rule, or the value that it reads",
        )
    )
    return Part("invalid", "rule-error", f"its rule cannot be evaluated: {error.message}")
