"""Written policies -> Pack: every phase goes as far as it can, and hands on only what is sound."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy import graph
from bfg_policy.digest import canonical
from bfg_policy.errors import Finding, LinkError, RuleError, first_of
from bfg_policy.instants import parse_duration
from bfg_policy.pack import references, shape
from bfg_policy.pack.last_codes import check_last_codes
from bfg_policy.pack.mapping import linked_map
from bfg_policy.pack.misnamed import once_each
from bfg_policy.pack.packets import check_packets, linked_packet
from bfg_policy.pack.rules import RuleCompiler, compiled
from bfg_policy.pack.types import Board, Collected, EvidenceDemand, Gate, Pack, Rule, Rung
from bfg_policy.readiness import PackId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bfg_policy.contracts import Contracts
    from bfg_policy.model import EvidenceModel, GateModel
    from bfg_policy.pack.written import Template, WrittenPack, WrittenPolicy


class _Rules(NamedTuple):
    rule: Rule | None
    actor: Rule | None


def link(
    written: WrittenPack,
    contracts: Contracts,
    own_templates: Mapping[str, Template],
    packaged_templates: Mapping[str, Template],
) -> tuple[Pack, tuple[Finding, ...]]:
    """The linked pack, and the warnings about it.

    own_templates, packaged_templates: by name without `.j2`; the pack's own win.
    Raises LinkError or RuleError with everything that is wrong.
    """
    written = _in_order(written)
    names, twins = references.find_names(written)
    _raise_if(twins)
    needs, dangling = references.resolve_needs(written, names)
    templates = {**packaged_templates, **own_templates}
    others = references.check_references(written, names, contracts.names)
    dangling.extend(first_of(others))
    dangling.extend(check_packets(written, templates))
    schema_map, unmapped = linked_map(written, contracts.names)
    dangling.extend(unmapped)
    rules, fallback, warnings = _rules(written, contracts, once_each(written, dangling))
    _check_shape(written, names, needs)
    ladders = {p.model.policy: p for p in written.policies if p.model.decision}
    model = written.model
    used = _templates(written, own_templates, packaged_templates)
    pack = Pack(
        id=PackId(model.pack, model.version, _digest(written, contracts, own_templates)),
        roles=tuple(model.roles),
        facts=model.facts,
        boards={p.model.policy: _board(p, names) for p in written.policies},
        gates={
            gate_id: _gate(policy, gate_id, key, gate, needs[gate_id], rules[gate_id])
            for policy in written.policies
            for gate_id, key, gate in policy.gates()
        },
        needs=needs,
        order=graph.dependency_order(needs),
        decisions=graph.dependency_order(shape.likes(ladders)),
        verdict=model.verdict,
        scores=dict(model.scores),
        require=tuple(model.require),
        approvers=frozenset(model.waivers.approvers),
        never_waived=frozenset(model.waivers.never),
        groups={name: tuple(tables) for name, tables in model.snapshot.groups.items()},
        templates={name: each.text for name, each in used.items()},
        template_paths={name: each.path for name, each in used.items()},
        collectors=_collectors(written),
        fallback=fallback,
        schema_map=schema_map,
    )
    return pack, warnings


def _check_shape(written: WrittenPack, names: references.Names, needs: shape.Nodes) -> None:
    """Raise LinkError for circles; where there are none, for unsound proofs and ladders."""
    _raise_if(shape.check_circles(written, names, needs))
    _raise_if(
        chain(
            shape.check_proofs(written),
            _ladder_findings(written, names, needs),
            shape.check_roles_of_boards(written, needs),
        )
    )


def _ladder_findings(
    written: WrittenPack, names: references.Names, needs: shape.Nodes
) -> list[Finding]:
    found = list(shape.check_ladders(written, names))
    # What a ladder says is looked at only where all of them are whole.
    return found or list(check_last_codes(written, names, needs))


def _in_order(written: WrittenPack) -> WrittenPack:
    """The policies in the pack's order: as `boards` lists them, then the others by id."""
    rank = {board: index for index, board in enumerate(written.model.boards)}

    def key(policy: WrittenPolicy) -> tuple[int, str, str]:
        board = policy.model.policy
        return rank.get(board, len(rank)), board, policy.document.path

    return written._replace(policies=tuple(sorted(written.policies, key=key)))


def _rules(
    written: WrittenPack, contracts: Contracts, dangling: Sequence[Finding]
) -> tuple[dict[str, _Rules], Rule | None, tuple[Finding, ...]]:
    """Every gate's rules, the expression for the storage to fall back to, and the warnings.

    dangling: what is wrong with the references; rules depend on none, so both are told at once.
    """
    if written.model.facts is not None and written.model.facts not in contracts.names:
        # Without the facts' contract every rule would look wrong.
        raise LinkError(first_of(dangling))
    compiler = RuleCompiler(written, contracts)
    rules = {gate: _Rules(rule, actor) for gate, rule, actor in compiled(written, compiler)}
    fallback = compiler.fallback(written)
    errors = [finding for finding in compiler.findings if finding.is_error]
    if dangling:
        raise LinkError(first_of([*dangling, *errors]))
    if errors:
        raise RuleError(first_of(errors))
    return rules, fallback, tuple(first_of(compiler.findings))


def _raise_if(findings: Iterable[Finding]) -> None:
    found = first_of(findings)
    if found:
        raise LinkError(found)


def _gate(
    policy: WrittenPolicy,
    gate_id: str,
    key: str,
    gate: GateModel,
    needs: tuple[str, ...],
    rules: _Rules,
) -> Gate:
    return Gate(
        id=gate_id,
        board=policy.model.policy,
        key=key,
        title=gate.title,
        owner=gate.owner or policy.model.owner,
        needs=needs,
        evidence=_demand(gate.evidence) if gate.evidence else None,
        rule=rules.rule,
        accept=gate.accept is not None,
        accept_actor=rules.actor,
        remedy=gate.remedy,
        labels=gate.labels,
        place=policy.place("gates", key, key=True),
    )


def _demand(evidence: EvidenceModel) -> EvidenceDemand:
    fresh_for = parse_duration(evidence.fresh_for)
    return EvidenceDemand(evidence.contract, fresh_for, evidence.target == "live")


def _board(policy: WrittenPolicy, names: references.Names) -> Board:
    model = policy.model
    ladder = [
        Rung(
            entry.code,
            entry.like,
            tuple(node for written in entry.until if (node := names.until(written))),
            entry.also,
        )
        for entry in model.decision
    ]
    return Board(
        id=model.policy,
        contract=model.contract,
        title=model.title,
        owner=model.owner,
        gates=tuple(gate_id for gate_id, _, _ in policy.gates()),
        ladder=tuple(ladder),
        packet=linked_packet(model.packet) if model.packet else None,
        place=policy.place("policy"),
    )


def _collectors(written: WrittenPack) -> dict[str, Collected]:
    """The records of the product's collectors, those that the pack names."""
    return {
        name: Collected(each.contract, each.record)
        for name, each in written.model.collectors
        if each is not None
    }


def _templates(
    written: WrittenPack, own: Mapping[str, Template], packaged: Mapping[str, Template]
) -> dict[str, Template]:
    """The pack's own templates, and of the packaged ones those that its packets name."""
    named = [p.model.packet.template for p in written.policies if p.model.packet]
    return {**{name: packaged[name] for name in named if name and name in packaged}, **own}


def _digest(written: WrittenPack, contracts: Contracts, templates: Mapping[str, Template]) -> str:
    """SHA-256 over the pack's policies, map and templates, and the contracts that it names."""
    named = {
        gate.evidence.contract
        for policy in written.policies
        for gate in policy.model.gates.values()
        if gate.evidence is not None
    } | ({written.model.facts} if written.model.facts else set())
    named |= {each.contract for each in _collectors(written).values()}
    documents = [written.document, *(policy.document for policy in written.policies)]
    if written.schema_map is not None:
        documents.append(written.schema_map.document)
    whole = {
        "policies": sorted(sha256(each.text.encode()).hexdigest() for each in documents),
        "templates": {
            name: sha256(each.text.encode()).hexdigest() for name, each in templates.items()
        },
        "contracts": {
            name: sha256(json.dumps(contracts.schema(name), sort_keys=True).encode()).hexdigest()
            for name in sorted(named)
        },
    }
    return sha256(canonical(whole)).hexdigest()
