"""What rules cost: `python -m tests.cel.bench` prints CPU times and ratios of one run.

85 rules of the kinds that packs hold run on a scenario of about 20 KB. The other engines are
measured where they are installed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from bfg_policy.cel import CelEvaluationError, check, codegen, from_schema, parse, program
from bfg_policy.cel.values import Meter

COUNT = 85
RULES = (
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


def scenario() -> dict[str, Any]:
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
    texts = [RULES[number % len(RULES)] for number in range(COUNT)]
    bindings = scenario()
    types = {name: from_schema({}, _nowhere) for name in bindings}
    found = {"parse": cpu(lambda: [parse(text) for text in texts])}
    exprs = [parse(text) for text in texts]
    found["check"] = cpu(lambda: [check(expr, types) for expr in exprs])

    def generate() -> None:
        codegen.forget()
        for expr in exprs:
            program(expr).prepare()

    found["generate"] = cpu(generate)
    programs = [program(expr) for expr in exprs]
    found["closures"] = cpu(
        lambda: [one.evaluate_exactly(bindings, Meter(10**6)) for one in programs * 10]
    )
    found["closures"] /= 10
    for one in programs:
        one.prepare()
    found["functions"] = cpu(lambda: [one.evaluate(bindings) for one in programs * 10]) / 10
    if find_spec("cel_expr_python") is not None:
        found["C++ engine"] = _cpp(texts, bindings)
    if find_spec("celpy") is not None:
        found["celpy"] = _celpy(texts, bindings)
    return found


def _nowhere(ref: str) -> dict[str, Any]:
    raise LookupError(ref)


def _cpp(texts: list[str], bindings: dict[str, Any]) -> float:
    from cel_expr_python import cel  # type: ignore[import-not-found, import-untyped, unused-ignore]

    env = cel.NewEnv(variables=dict.fromkeys(bindings, cel.Type.DYN))
    compiled = [env.compile(text, disable_check=True) for text in texts]
    return cpu(lambda: [one.eval(data=bindings) for one in compiled], 5)


def _celpy(texts: list[str], bindings: dict[str, Any]) -> float:
    import celpy  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from celpy.adapter import json_to_cel  # type: ignore[import-not-found, unused-ignore]

    env = celpy.Environment()
    compiled = [env.program(env.compile(text)) for text in texts]

    def run() -> None:
        given = {name: json_to_cel(value) for name, value in bindings.items()}
        for one in compiled:
            one.evaluate(given)

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


def test_the_rules_of_the_benchmark_hold() -> None:
    bindings = scenario()
    for text in RULES:
        try:
            assert program(parse(text)).evaluate(bindings) is True, text
        except CelEvaluationError as error:
            raise AssertionError(text) from error


if __name__ == "__main__":
    main()
