"""Findings for names that a policy or a scenario uses and nobody has given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Place
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Collection


def unknown_role(role: str, roles: Collection[str], message: str, place: Place) -> Finding:
    """The finding for a role that the pack does not list."""
    suggestion = closest(role, roles)
    return Finding(
        "BFG304",
        message,
        place,
        note="nobody holds it, so no owner, approver or actor of that role could act",
        hint=None if suggestion else f"the roles are {', '.join(roles)} (`roles` in pack.yaml)",
        suggestion=suggestion,
    )


def unknown_contract(name: str, contracts: Collection[str], place: Place) -> Finding:
    """The finding for a contract that is in none of the folders."""
    suggestion = closest(name, contracts)
    return Finding(
        "BFG206",
        f"there is no contract `{name}`",
        place,
        note="what it would demand cannot be checked",
        hint=None if suggestion else f"write `contracts/{name}.schema.json` beside the policies",
        suggestion=suggestion,
    )
