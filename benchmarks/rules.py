"""What rules cost: CPU times and ratios of one run, beside two other engines for CEL.

85 rules: the pack's own on the scenario `production-go`, and generated ones of the same kinds,
on about 20 KB of data, to make up the number. The other engines lack `trim()`, so all of them
compare with the empty text instead.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bfg_policy import pipeline
from bfg_policy.cel import Type, check, codegen, from_schema, parse, program
from bfg_policy.cel.values import Meter
from bfg_policy.evaluation.evidence import hold
from bfg_policy.evaluation.proof import bindings
from bfg_policy.instants import parse_instant
from bfg_policy.pack.rules import contract_type, scenario_variables

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
COUNT = 85
GENERATED = (
    "scenario.target != '' && rollout.exists(r, r.adapter == scenario.target)",
    "actors.size() > 0 && actors.all(a, a.role != '' && a.permissions.size() > 0)",
    "providers.exists_one(p, p.id == 'p1') && providers.exists(p, p.id == 'p1' && p.ready)",
    "snapshot.rows.operations > 0",
    "snapshot.rows.operations + snapshot.rows.audit > 0 && snapshot.verified",
    "evidence.endpoint.reachable && evidence.endpoint.redacted != ''",
    "evidence.tls.sha256.matches('^[0-9a-f]{64}$')",
    "evidence.export.sha256 == snapshot.sha256",
    "rollback.storage == 'file-local'",
    "region.name.startsWith('eu-') && region.residency == 'EU' && region.backup == 'EU'",
    "['tenants', 'users', 'audit_events'].all(t, t in wiring.tables)",
    "actors.all(a, a.role in wiring.claims && wiring.claims[a.role] != '')",
    "has(scenario.wiring) && wiring.reviewed_by != '' && wiring.reviewed_at != ''",
)


def generated_data() -> dict[str, Any]:
    """About 20 KB as JSON, most of it rows that rules do not look at."""
    row = {"id": "ord-000", "tenant_id": "t", "state": "delivered", "amount": 129900}
    facts = {
        "target": "adapter-3",
        "rollout": [{"environment": f"e{n}", "adapter": f"adapter-{n}"} for n in range(4)],
        "actors": [
            {"id": f"user-{n}", "role": f"role-{n}", "permissions": ["scenario:read"] * 5}
            for n in range(5)
        ],
        "providers": [{"id": f"p{n}", "ready": True, "target": "x"} for n in range(6)],
        "rollback": {"storage": "file-local"},
        "region": {"name": "eu-central-1", "residency": "EU", "backup": "EU"},
        "wiring": {
            "tables": ["tenants", "users", "orders", "payments", "audit_events"],
            "claims": {f"role-{n}": f"app:role-{n}" for n in range(5)},
            "reviewed_by": "user-1",
            "reviewed_at": "2026-11-20T09:00:00Z",
        },
        "snapshot": {
            "rows": {"operations": 4, "audit": 1},
            "sha256": "a" * 64,
            "verified": True,
            "tables": {"orders": [row] * 220},
        },
    }
    evidence = {
        "endpoint": {"reachable": True, "redacted": "hmac:5f2b0c4d"},
        "tls": {"sha256": "0" * 64},
        "export": {"sha256": "a" * 64},
    }
    return {**facts, "scenario": facts, "evidence": evidence}


class Rule(NamedTuple):
    """A rule, what it sees, and the types that the contracts give to it."""

    text: str
    data: dict[str, Any]
    types: dict[str, Type]


def rules() -> list[Rule]:
    """The pack's rules, then generated ones."""
    found = pack_rules()
    data = generated_data()
    types = {name: from_schema({}, _nowhere) for name in data}
    more = [GENERATED[number % len(GENERATED)] for number in range(COUNT - len(found))]
    return [*found, *(Rule(text, data, types) for text in more)]


def pack_rules() -> list[Rule]:
    """The rules of the pack, with what they see in a scenario in which all of them hold."""
    loaded = pipeline.open_pack(ROOT / "policies", None, ROOT)
    source = ROOT / "scenarios" / "production-go"
    at = parse_instant("2026-11-20T12:00:00Z")
    scenario = pipeline.judge_scenario(loaded, source, at, ROOT).scenario
    variables = scenario_variables(loaded.pack, loaded.contracts)
    records = hold(scenario)
    found = []
    for gate in loaded.pack.gates.values():
        if gate.rule is None:
            continue
        types, record = dict(variables), None
        if gate.evidence is not None:
            name = gate.evidence.contract
            record = records[name]
            types["evidence"] = contract_type(loaded.contracts, name)
        text = gate.rule.text.replace(".trim() != ''", " != ''")
        found.append(Rule(text, dict(bindings(gate, scenario.variables, record)), types))
    return found


def cpu(work: Callable[[], object], repeat: int = 9) -> float:
    """The least CPU time of several runs, in milliseconds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def measure() -> dict[str, float]:
    """CPU milliseconds for all 85 rules, by what was done."""
    listed = rules()
    found = {"parse": cpu(lambda: [parse(rule.text) for rule in listed])}
    exprs = [parse(rule.text) for rule in listed]
    found["check"] = cpu(
        lambda: [check(expr, rule.types) for expr, rule in zip(exprs, listed, strict=True)]
    )

    def generate() -> None:
        codegen.forget()
        for expr in exprs:
            program(expr).prepare()

    found["generate"] = cpu(generate)
    work = [(program(expr), rule.data) for expr, rule in zip(exprs, listed, strict=True)]
    assert all(one.evaluate(data) is True for one, data in work), "every rule should hold"
    found["closures"] = (
        cpu(lambda: [one.evaluate_exactly(data, Meter(10**6)) for one, data in work * 10]) / 10
    )
    for one, _ in work:
        one.prepare()
    found["functions"] = cpu(lambda: [one.evaluate(data) for one, data in work * 10]) / 10
    if find_spec("cel_expr_python") is not None:
        found["C++ engine"] = _cpp(listed)
    if find_spec("celpy") is not None:
        found["celpy"] = _celpy(listed)
    return found


def _nowhere(ref: str) -> dict[str, Any]:
    raise LookupError(ref)


def _cpp(listed: list[Rule]) -> float:
    from cel_expr_python import cel  # type: ignore[import-not-found, import-untyped, unused-ignore]

    compiled = []
    for rule in listed:
        env = cel.NewEnv(variables=dict.fromkeys(rule.data, cel.Type.DYN))
        compiled.append((env.compile(rule.text, disable_check=True), rule.data))
    return cpu(lambda: [one.eval(data=data) for one, data in compiled], 5)


def _celpy(listed: list[Rule]) -> float:
    import celpy  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from celpy.adapter import json_to_cel  # type: ignore[import-not-found, unused-ignore]

    env = celpy.Environment()
    compiled = [(env.program(env.compile(rule.text)), rule.data) for rule in listed]

    def run() -> None:
        # One conversion for all the rules that see the same data.
        given: dict[int, Any] = {}
        for one, data in compiled:
            if id(data) not in given:
                given[id(data)] = {name: json_to_cel(value) for name, value in data.items()}
            one.evaluate(given[id(data)])

    return cpu(run, 2)


def main() -> None:
    """Prints a line for each measure and each goal."""
    found = measure()
    lines = [f"{name:12} {value:9.3f} ms" for name, value in found.items()]
    for other, goal in (("C++ engine", 12), ("celpy", 800)):
        if other in found:
            ratio = found[other] / found["functions"]
            lines.append(f"{other} / functions: {ratio:.0f} (goal: at least {goal})")
    loading = found["parse"] + found["generate"]
    lines.append(
        f"text to function: {loading:.1f} ms, with the check {loading + found['check']:.1f} ms"
    )
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
