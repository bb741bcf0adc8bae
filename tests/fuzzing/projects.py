"""Strategies for packs and scenarios that are valid by construction, of no company in particular.

Needs lead only to gates and boards that come before, rules are made for the types of the facts
that the contract gives, and every actor holds a role of the pack.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from bfg_policy.digest import record_digest

AT = "2026-11-20T12:00:00Z"
_PAST = ("2026-11-01T00:00:00Z", "2026-11-19T18:30:00+02:00", AT)
_FUTURE = ("2026-11-20T12:00:01Z", "2027-01-01T00:00:00Z")
_TEXT = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12
).filter(lambda text: text.strip() != "")


class Written(NamedTuple):
    """A whole project as data: its pack file, policies, contracts, and one scenario."""

    pack: dict[str, Any]
    policies: dict[str, dict[str, Any]]
    contracts: dict[str, dict[str, Any]]
    scenario: dict[str, Any]


_KINDS: dict[str, tuple[dict[str, Any], st.SearchStrategy[Any], tuple[str, ...]]] = {
    "flag": ({"type": "boolean"}, st.booleans(), ("{0}", "!{0}", "{0} == true")),
    "count": (
        {"type": "integer"},
        st.integers(-3, 3),
        ("{0} > 0", "{0} in [1, 2]", "{0} + 1 <= 3", "has(scenario.{0}) && {0} != 0"),
    ),
    "name": (
        {"type": "string"},
        st.sampled_from(["", "ready", "eu-1"]),
        ("{0} != ''", "{0}.startsWith('eu')", "{0}.matches('^[a-z]+$')"),
    ),
    "list": (
        {"type": "array", "items": {"type": "integer"}},
        st.lists(st.integers(0, 2), max_size=3),
        ("{0}.all(x, x > 0)", "{0}.exists(x, x == 2)", "{0}.size() > 1"),
    ),
}
_PROBE = {
    "type": "object",
    "required": ["contract", "observed_at", "collector", "target", "sha256"],
    "properties": {
        "contract": {"const": "Probe.v1"},
        "observed_at": {"type": "string"},
        "collector": {"type": "string"},
        "target": {"type": "object"},
        "sha256": {"type": "string"},
        "seen": {
            "type": "object",
            "properties": {"status": {"type": "string"}, "level": {"type": "integer"}},
        },
    },
}


@st.composite
def projects(draw: st.DrawFn) -> Written:
    """A pack, and a scenario that it can judge."""
    roles = [f"role-{number}" for number in range(draw(st.integers(1, 3)))]
    kinds = draw(st.lists(st.sampled_from(sorted(_KINDS)), min_size=1, max_size=4))
    fields = {f"{kind}_{number}": kind for number, kind in enumerate(kinds)}
    policies: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 4))):
        board = f"board-{number}"
        policies[board] = draw(_policy(board, roles, fields, policies))
    ids = [f"{board}/{key}" for board, policy in policies.items() for key in policy["gates"]]
    pack = {
        "pack": "drawn",
        "roles": roles,
        "facts": "Drawn.v1",
        "waivers": {
            "approvers": roles[:1],
            "never": draw(st.lists(st.sampled_from(ids), max_size=1)),
        },
        "boards": draw(st.permutations(list(policies))),
    }
    facts = {
        "type": "object",
        "properties": {name: _KINDS[kind][0] for name, kind in fields.items()},
        "additionalProperties": False,
    }
    contracts: dict[str, dict[str, Any]] = {"Drawn.v1": facts, "Probe.v1": _PROBE}
    return Written(pack, policies, contracts, draw(_scenario(roles, fields, ids)))


@st.composite
def _policy(
    draw: st.DrawFn, board: str, roles: list[str], fields: dict[str, str], before: dict[str, Any]
) -> dict[str, Any]:
    earlier = [*before, *(f"{name}/{key}" for name in before for key in before[name]["gates"])]
    gates: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 4))):
        gate: dict[str, Any] = {}
        needs = draw(st.lists(st.sampled_from([*gates, *earlier] or [""]), max_size=3, unique=True))
        if any(needs):
            gate["needs"] = needs
        proof = draw(st.sampled_from(["rule", "rule", "accept", "evidence", "none"]))
        if proof == "evidence":
            gate["evidence"] = {
                "contract": "Probe.v1",
                "fresh_for": draw(st.sampled_from(["1d", "4w"])),
            }
            gate["rule"] = "evidence.seen.level > 1"
        elif proof == "rule" or (proof == "none" and not any(needs)):
            name = draw(st.sampled_from(sorted(fields)))
            gate["rule"] = draw(st.sampled_from(_KINDS[fields[name]][2])).format(name)
        elif proof == "accept":
            gate["accept"] = True
        if draw(st.booleans()):
            gate["owner"] = draw(st.sampled_from(roles))
        if draw(st.booleans()):
            gate["title"] = {"en": draw(_TEXT)}
        gates[f"gate-{number}"] = gate
    policy: dict[str, Any] = {
        "policy": board,
        "owner": draw(st.sampled_from(roles)),
        "gates": gates,
    }
    if draw(st.booleans()):
        policy["decision"] = [{"code": "STOP", "until": [board]}, {"code": "GO"}]
    return policy


@st.composite
def _scenario(
    draw: st.DrawFn, roles: list[str], fields: dict[str, str], ids: list[str]
) -> dict[str, Any]:
    actors = [{"id": f"actor-{number}", "role": role} for number, role in enumerate(roles * 2)]
    names = st.sampled_from([actor["id"] for actor in actors])
    instants = st.sampled_from((*_PAST, *_FUTURE))
    whole: dict[str, Any] = {
        "scenario": "drawn-one",
        "contract": "ScenarioManifest.v1",
        "tenant": "t",
        "target": "reactor",
        "actors": actors,
        "acceptances": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"gate": st.sampled_from(ids), "by": names, "at": instants},
                    optional={"expires": st.sampled_from(_FUTURE), "note": _TEXT},
                ),
                max_size=4,
            )
        ),
        "waivers": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "gate": st.sampled_from(ids),
                        "reason": _TEXT,
                        "requested_by": names,
                        "approved_by": names,
                        "expires": instants,
                    }
                ),
                max_size=2,
            )
        ),
    }
    for name, kind in fields.items():
        if draw(st.booleans()):
            whole[name] = draw(_KINDS[kind][1])
    if draw(st.booleans()):
        record = {
            "contract": "Probe.v1",
            "observed_at": draw(st.sampled_from(_PAST)),
            "collector": "drawn",
            "target": {"adapter": "reactor", "kind": "ephemeral"},
            "seen": {
                "status": draw(st.sampled_from(["pass", "fail"])),
                "level": draw(st.integers(0, 3)),
            },
        }
        whole["evidence"] = {"probe": {**record, "sha256": record_digest(record)}}
    return whole
