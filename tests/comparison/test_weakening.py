"""Policies that ask for less are told, whatever the way; those that ask for the same are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bfg_policy.comparison import completing, ladders, renaming, schemas, trying
from bfg_policy.comparison.weakening import find_weaknesses
from bfg_policy.evaluation import boards
from tests.comparison.lab import compared, written
from tests.comparison.sides import GO, Edit, base, copied, opened
from tests.evaluation.lab import gates, scenario
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from bfg_policy.pack import Rule

CONNECTION = "policies/adapter-connection.yaml"
PACK = "policies/pack.yaml"
INFRASTRUCTURE = "policies/infrastructure.yaml"
WAIVER = """\
waivers:
  - gate: infrastructure/hosting-provider
    reason: The contract is signed on Monday.
    requested_by: user_dispatcher_marek
    approved_by: user_md_anna
    expires: '2026-12-01T00:00:00Z'
"""
PROBE = """\
  write-probe:
    title: {en: Write probe, fr: Sonde d'écriture}
    needs: [rbac-session]
    evidence: {contract: ProductionAdapterConnection.v1, fresh_for: 30d}
    rule: evidence.write_probe.rolled_back
    remedy:
      en: Write a row that holds no secret, read it back, undo it, and record that it is gone.
      fr: Écrivez une ligne sans secret, relisez-la, annulez-la et consignez qu'elle a disparu.
"""
# What becomes weaker, how, and what is told: kind, gate, file and line.
WEAKER: dict[str, tuple[list[Edit], list[tuple[str, str, str]]]] = {
    "a condition of a rule is gone": (
        [Edit(CONNECTION, " && evidence.endpoint.redacted.trim() != ''", "")],
        [("rule", "adapter-connection/endpoint-reachability", f"{CONNECTION}:12:11")],
    ),
    "a boundary moved": (
        [Edit(CONNECTION, "evidence.rbac.actors > 0", "evidence.rbac.actors >= 0")],
        [("rule", "adapter-connection/rbac-session", f"{CONNECTION}:29:11")],
    ),
    "a pattern lets more through": (
        [Edit(CONNECTION, "matches('^[0-9a-f]{64}$')", "matches('[0-9a-f]{6}')")],
        [("rule", "adapter-connection/tls-fingerprint", f"{CONNECTION}:21:11")],
    ),
    "all became any": (
        [
            Edit(
                "policies/db-auth-wiring.yaml",
                "wiring.tenant_context.tenant_claim].all(",
                "wiring.tenant_context.tenant_claim].exists(",
            )
        ],
        [("rule", "db-auth-wiring/tenant-context", "policies/db-auth-wiring.yaml:28:11")],
    ),
    "a list of what must be there is shorter": (
        [Edit("policies/db-auth-wiring.yaml", "'users', ", "")],
        [("rule", "db-auth-wiring/rls-policy-draft", "policies/db-auth-wiring.yaml:49:11")],
    ),
    "a value that was refused is allowed": (
        [Edit(INFRASTRUCTURE, "['eu-west-2', 'eu-central-2', ", "['eu-west-2', ")],
        [("rule", "infrastructure/data-residency", f"{INFRASTRUCTURE}:22:11")],
    ),
    "a rule is gone": (
        [
            Edit(
                INFRASTRUCTURE,
                """\
    rule: |-
      [infrastructure.hosting_provider.provider, infrastructure.hosting_provider.account].all(name,
        name.trim() != '')
""",
                "",
            )
        ],
        [("rule", "infrastructure/hosting-provider", f"{INFRASTRUCTURE}:10:11")],
    ),
    "evidence is not asked for": (
        [
            Edit(
                "policies/production-readiness.yaml",
                "    evidence: {contract: ProductionAdapterConnection.v1, fresh_for: 30d,"
                " target: live}\n    rule: evidence.target.kind == 'live'\n",
                "",
            )
        ],
        [
            ("rule", "production-readiness/go-no-go", "policies/production-readiness.yaml:23:11"),
            (
                "evidence",
                "production-readiness/go-no-go",
                "policies/production-readiness.yaml:22:15",
            ),
        ],
    ),
    "an ephemeral target is enough": (
        [
            Edit(
                "policies/production-readiness.yaml",
                "fresh_for: 30d, target: live}",
                "fresh_for: 30d}",
            )
        ],
        [("live", "production-readiness/go-no-go", "policies/production-readiness.yaml:22:15")],
    ),
    "a record may be older": (
        [
            Edit(
                "policies/production-readiness.yaml",
                "fresh_for: 30d, target: live}",
                "fresh_for: 31d, target: live}",
            )
        ],
        [
            (
                "freshness",
                "production-readiness/go-no-go",
                "policies/production-readiness.yaml:22:69",
            )
        ],
    ),
    "nobody accepts": (
        [
            Edit(
                INFRASTRUCTURE,
                """\
        infrastructure.runtime_operations.incident_owner
      ].all(name, name.trim() != '')
    accept: true
""",
                """\
        infrastructure.runtime_operations.incident_owner
      ].all(name, name.trim() != '')
""",
            )
        ],
        [("acceptance", "infrastructure/runtime-operations", f"{INFRASTRUCTURE}:43:13")],
    ),
    "a need is gone": (
        [Edit(CONNECTION, "    needs: [rbac-session]\n", "")],
        [("need", "adapter-connection/write-probe", f"{CONNECTION}:36:12")],
    ),
    "a gate is gone": (
        [Edit(CONNECTION, PROBE, "")],
        [("gate", "adapter-connection/write-probe", f"{CONNECTION}:34:3")],
    ),
    "another role answers": (
        [Edit(CONNECTION, "owner: managing_director\n", "owner: driver\n")],
        [("owner", "adapter-connection", f"{CONNECTION}:7:8")],
    ),
    "the verdict is another board's": (
        [Edit(PACK, "verdict: production-readiness\n", "verdict: release-handoff\n")],
        [("verdict", "production-readiness", f"{PACK}:25:10")],
    ),
    "another role may waive": (
        [Edit(PACK, "approvers: [managing_director]", "approvers: [managing_director, driver]")],
        [("approvers", "driver", f"{PACK}:30:14")],
    ),
    "what may not be waived may be": (
        [Edit(PACK, "never: [production-readiness/go-no-go]", "never: []")],
        [("never", "production-readiness/go-no-go", f"{PACK}:31:10")],
    ),
    "a ladder says GO sooner": (
        [
            Edit(
                "policies/release-handoff.yaml",
                "until: [dry-run]",
                "until: [dry-run/export-snapshot]",
            )
        ],
        [("decision", "release-handoff", "policies/release-handoff.yaml")],
    ),
    "entries of a ladder change places": (
        [
            Edit(
                "policies/release-handoff.yaml",
                "  - {code: BLOCKED_PENDING_DRY_RUN, until: [dry-run]}\n"
                "  - {code: BLOCKED_PENDING_OWNER_APPROVALS, until: [cutover-rehearsal]}\n",
                "  - {code: BLOCKED_PENDING_OWNER_APPROVALS, until: [cutover-rehearsal]}\n"
                "  - {code: BLOCKED_PENDING_DRY_RUN, until: [dry-run]}\n",
            )
        ],
        [("decision", "release-handoff", "policies/release-handoff.yaml")],
    ),
    "the facts' contract refuses less": (
        [
            Edit(
                "contracts/BFGFacts.v1.schema.json",
                """\
      "required": [
        "auth"
      ],
      "additionalProperties": false
    },
    "providers\"""",
                """\
      "additionalProperties": false
    },
    "providers\"""",
            )
        ],
        [("contract", "BFGFacts.v1", "contracts/BFGFacts.v1.schema.json:1:1")],
    ),
    "a waiver is added": (
        [
            Edit(
                f"{GO}/scenario.yaml",
                "scenario: production-go\n",
                f"scenario: production-go\n{WAIVER}",
            )
        ],
        [("waiver", "infrastructure/hosting-provider", f"{GO}/scenario.yaml:7:5")],
    ),
    "an actor holds another role": (
        [
            Edit(
                f"{GO}/scenario.yaml",
                "    name: Petro Tarasenko\n    desk: BFG Driver\n    role: driver\n",
                "    name: Petro Tarasenko\n    desk: BFG Driver\n    role: managing_director\n",
            )
        ],
        [("role", "driver_tarasenko", f"{GO}/scenario.yaml:61:11")],
    ),
    "another actor may approve waivers": (
        [
            Edit(
                f"{GO}/scenario.yaml",
                "actors:\n",
                "actors:\n  - id: user_md_ewa\n    name: Ewa Kowalska\n    desk: BFG Control\n"
                "    role: managing_director\n    permissions: []\n",
            )
        ],
        [("role", "user_md_ewa", f"{GO}/scenario.yaml:24:11")],
    ),
}


@pytest.mark.parametrize("name", WEAKER)
def test_a_weakness(name: str) -> None:
    edits, expected = WEAKER[name]
    told = find_weaknesses(base(), opened(copied(edits)))
    assert [(each.kind, each.gate) for each in told] == [each[:2] for each in expected]
    for weakness, (*_, place) in zip(told, expected, strict=True):
        assert str(weakness.place).startswith(place)


ENDPOINT = """\
  endpoint-reachability:
    title: {en: Endpoint reachability, fr: Point d'accès joignable}
    evidence: {contract: ProductionAdapterConnection.v1, fresh_for: 30d}
    rule: evidence.endpoint.reachable && evidence.endpoint.redacted.trim() != ''
"""
TLS = """\
  tls-fingerprint:
    title: {en: TLS fingerprint, fr: Empreinte TLS}
    needs: [endpoint-reachability]
    evidence: {contract: ProductionAdapterConnection.v1, fresh_for: 30d}
    rule: evidence.tls.sha256.matches('^[0-9a-f]{64}$')
"""
DECISIONS = list(yaml.safe_load((ROOT / "policies/decision-board.yaml").read_text())["gates"])
# What says the same in another way, or asks for more.
HARMLESS: dict[str, list[Edit]] = {
    "keys in another order": [
        Edit(
            CONNECTION,
            ENDPOINT,
            "".join(ENDPOINT.splitlines(keepends=True)[index] for index in (0, 3, 2, 1)),
        )
    ],
    "other titles": [Edit(CONNECTION, "{en: TLS fingerprint, fr", "{en: Certificate, fr")],
    "another remedy": [Edit(CONNECTION, "Write a row that holds no secret", "Write any row")],
    "labels": [Edit(CONNECTION, TLS, TLS + "    labels: {key: tls, severity: high}\n")],
    "comments": [Edit(CONNECTION, "gates:\n", "# All of them are of one record.\ngates:\n")],
    "quotes and flow style": [
        Edit(CONNECTION, "owner: managing_director\n", 'owner: "managing_director"\n'),
        Edit(CONNECTION, "    needs: [rbac-session]\n", "    needs:\n      - 'rbac-session'\n"),
    ],
    "blanks in a rule": [
        Edit(
            CONNECTION,
            "    rule: evidence.endpoint.reachable && evidence.endpoint.redacted.trim() != ''\n",
            "    rule: |-\n      evidence.endpoint.reachable\n"
            "        && (evidence.endpoint.redacted.trim() != '')\n",
        )
    ],
    "conditions in another order": [
        Edit(
            CONNECTION,
            "evidence.endpoint.reachable && evidence.endpoint.redacted.trim() != ''",
            "evidence.endpoint.redacted.trim() != '' && evidence.endpoint.reachable",
        )
    ],
    "the same rule in other words": [
        Edit(CONNECTION, "evidence.rbac.actors > 0", "1 <= evidence.rbac.actors"),
        Edit(
            CONNECTION,
            "rule: evidence.write_probe.rolled_back",
            "rule: (!(!evidence.write_probe.rolled_back))",
        ),
        Edit(
            "policies/db-auth-wiring.yaml",
            "[wiring.tenant_context.organization_claim, wiring.tenant_context.tenant_claim]"
            ".all(claim,\n        claim.trim() != '')",
            "wiring.tenant_context.organization_claim.trim().size() > 0 &&\n"
            "      wiring.tenant_context.tenant_claim.trim().size() > 0",
        ),
    ],
    "gates in another order": [
        Edit(CONNECTION, PROBE, ""),
        Edit(CONNECTION, "gates:\n", f"gates:\n{PROBE}"),
    ],
    "boards in another order": [
        Edit(
            PACK,
            "  - adapter-connection\n  - dry-run\n",
            "  - dry-run\n  - adapter-connection\n",
        )
    ],
    "a need that another need implies is left out": [
        Edit(
            "policies/data-cutover.yaml", "needs: [adapter-connection, dry-run]", "needs: [dry-run]"
        )
    ],
    "a stricter rule": [Edit(CONNECTION, "evidence.rbac.actors > 0", "evidence.rbac.actors > 1")],
    "a shorter freshness": [
        Edit("policies/production-readiness.yaml", "30d, target: live", "29d, target: live")
    ],
    "another gate, and a need for it": [
        Edit(
            CONNECTION,
            TLS,
            f"{TLS}  named:\n    rule: target != ''\n    needs: [tls-fingerprint]\n",
        ),
        Edit(CONNECTION, "    needs: [rbac-session]\n", "    needs: [rbac-session, named]\n"),
    ],
    "each gate of a board instead of the whole": [
        Edit(
            "policies/migration-preflight.yaml",
            "    needs: [decision-board]\n",
            "    needs:\n" + "".join(f"      - decision-board/{gate}\n" for gate in DECISIONS),
        )
    ],
    "a new actor who may approve nothing": [
        Edit(
            f"{GO}/scenario.yaml",
            "actors:\n",
            "actors:\n  - id: user_driver_ewa\n    name: Ewa Kowalska\n    desk: BFG Driver\n"
            "    role: driver\n    permissions: []\n",
        )
    ],
    "a ladder that waits for each gate of a board": [
        Edit(
            "policies/release-handoff.yaml",
            "until: [dry-run]",
            "until: [dry-run/export-snapshot, dry-run/schema-map, dry-run/rbac-claims,"
            " dry-run/adapter-replay, dry-run/rollback-checkpoint]",
        )
    ],
    "another entry at the foot of a ladder": [
        Edit(
            "policies/release-handoff.yaml",
            "decision:\n",
            "decision:\n  - {code: BLOCKED_PENDING_CONTRACTS, until: [provider-contracts]}\n",
        )
    ],
    "a new fact in the contract": [
        Edit(
            "contracts/BFGFacts.v1.schema.json",
            '  "properties": {\n    "release_environment"',
            '  "properties": {\n    "weather": {"type": "string"},\n    "release_environment"',
        )
    ],
}


def test_rows_of_another_table_that_count_are_a_weakness() -> None:
    policy = gates(a={"rule": "snapshot.rows.samples > 3"})
    more = {"groups": {"samples": ["more_samples", "blanks", "samples"]}}
    before, after = written(policy, scenario()), written(policy, scenario(), snapshot=more)
    (told,) = compared(before, after).weakened
    assert (told.kind, told.gate) == ("contract", "samples")
    assert told.what == "it counts the rows of `blanks`, too"
    assert compared(after, before).weakened == ()


def test_decisions_that_are_taken_over_twice_at_each_of_many_levels_cost_no_more() -> None:
    def ladders(first_code: str) -> list[dict[str, Any]]:
        names = [f"b{number}" for number in range(40)]
        boards: list[dict[str, Any]] = []
        for name, below in zip(names, [*names[1:], None], strict=True):
            entries = [{"code": "OPEN", "until": [name]}, {"code": "DONE"}]
            if below is not None:
                entries = [{"like": below, "until": [below]}, *entries[:1], {"like": below}]
            gate = {"accept": True} if below is None else {"needs": [below]}
            boards.append({**gates(a=gate), "policy": name, "decision": entries})
        boards[0]["decision"][:2] = [{"code": first_code, "until": ["b0"]}]
        return boards

    before, after = written(ladders("OPEN"), scenario()), written(ladders("SHUT"), scenario())
    assert compared(before, after).weakened == ()


def test_what_no_document_at_hand_holds_may_not_be_loosened_unseen() -> None:
    """The scenario has no `deep`: it is tried with one, as far as the contract tells how."""
    (told,) = compared(with_least(0), with_least(-5)).weakened
    assert (told.kind, told.what) == ("contract", "`new_deep.size` may be `-1`")
    assert compared(with_least(-5), with_least(0)).weakened == ()


def with_least(size: int) -> Path:
    """A project whose contract has a field that the scenario lacks, and that is bounded below."""
    made = written(gates(a={"rule": "ok"}), scenario(ok=True))
    path = made / "contracts/LabFacts.v1.schema.json"
    contract = json.loads(path.read_text())
    deep = {"size": {"type": "integer", "minimum": size}}
    contract["properties"]["new_deep"] = {
        "type": "object",
        "properties": deep,
        "additionalProperties": False,
    }
    path.write_text(json.dumps(contract))
    return made


def test_large_documents_are_completed_in_fewer_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[int] = []

    def noted(*given: Any) -> object:
        allowed.append(given[3])
        return completing.completed(*given)

    monkeypatch.setattr(schemas, "completed", noted)
    monkeypatch.setattr(schemas, "_MOST_CHARACTERS", 10)
    compared(with_least(0), with_least(-5))
    assert set(allowed) == {0}


def test_a_gate_of_another_name_is_named() -> None:
    """It is gone all the same: what waited for it, and what was accepted, went with the name."""
    moved = PROBE.replace("[rbac-session]", "[adapter-connection/rbac-session]")
    dry_run = "policies/dry-run.yaml"
    edits = [Edit(CONNECTION, PROBE, ""), Edit(dry_run, "gates:\n", f"gates:\n{moved}")]
    (told,) = find_weaknesses(base(), opened(copied(edits)))
    assert told.what == ("the gate was removed; `dry-run/write-probe` is new and asks for the same")
    weaker = [edits[0], Edit(dry_run, "gates:\n", f"gates:\n{moved}".replace("30d", "60d"))]
    (told,) = find_weaknesses(base(), opened(copied(weaker)))
    assert told.what == "the gate was removed"


def test_a_board_of_another_name_is_named() -> None:
    before = written([{**gates(a={"rule": "ok"}, b={"accept": True}), "policy": "one"}], scenario())
    after = written([{**gates(c={"rule": "ok"}, d={"accept": True}), "policy": "two"}], scenario())
    (told,) = compared(before, after).weakened
    assert told.what == (
        "the board was removed, with `one/a`, `one/b`; `two` is new and asks for the same"
    )
    less = written([{**gates(c={"rule": "ok"}, d={"rule": "ok"}), "policy": "two"}], scenario())
    (told,) = compared(before, less).weakened
    assert told.what == "the board was removed, with `one/a`, `one/b`"


def test_many_gates_of_other_names_cost_a_look_each(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def noted(rule: Rule) -> object:
        seen.append(rule)
        return trying.shape(rule)

    monkeypatch.setattr(renaming, "shape", noted)

    def numbered(name: str) -> dict[str, Any]:
        return gates(**{f"{name}{each}": {"rule": f"ok && {each} < 99"} for each in range(40)})

    found = compared(written([numbered("a")], scenario()), written([numbered("b")], scenario()))
    assert [each.what.partition("; ")[2] for each in found.weakened] == [
        f"`main/b{each}` is new and asks for the same" for each in range(40)
    ]
    assert len(seen) == 2 * 40


def test_ladders_are_tried_in_so_many_states(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def noted(*given: Any) -> object:
        tried.append(given)
        return boards.decisions(*given)

    monkeypatch.setattr(ladders, "decisions", noted)
    monkeypatch.setattr(ladders, "_MOST_STATES", 5)

    names = [f"g{each}" for each in range(20)]
    rules = {name: {"rule": "ok"} for name in names}
    ladder: list[dict[str, Any]] = [
        *({"code": f"WAIT_{name.upper()}", "until": [f"main/{name}"]} for name in names),
        {"code": "BLOCKED", "until": ["main/*"]},
        {"code": "GO"},
    ]
    stricter = [{"code": "FIRST", "until": ["main/*"]}, *ladder]
    before, after = ({**gates(**rules), "decision": each} for each in (ladder, stricter))
    assert compared(written([before], scenario()), written([after], scenario())).weakened == ()
    assert len(tried) == 2 * (5 + 5), "both packs, without a gate and from the foot"


def test_a_moved_file_is_no_weakness() -> None:
    folder = copied()
    (folder / CONNECTION).rename(folder / "policies" / "a-connection.yaml")
    assert find_weaknesses(base(), opened(folder)) == ()


@pytest.mark.parametrize("name", HARMLESS)
def test_no_weakness(name: str) -> None:
    assert find_weaknesses(base(), opened(copied(HARMLESS[name]))) == ()
