"""One mistake, one finding: a name that leads nowhere is told once, where it was misspelt.

Where several places use a name that nothing has, and something beside them has a name much like
it that is used by none of them, it is the giving of the name that is wrong and not its uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, Related
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bfg_policy.errors import Place
    from bfg_policy.pack.written import WrittenPack

# So many other uses are shown with a finding.
_MOST_USES = 10
# The findings for a board and for a role that nothing has.
_BOARD, _ROLE = "BFG301", "BFG304"


def once_each(pack: WrittenPack, findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each name that leads nowhere, however often it is used."""
    uses: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        uses.setdefault((finding.code, finding.message), []).append(finding)
    given = {_BOARD: _unlisted_policies(pack), _ROLE: _unused_roles(pack)}
    return [_one(listed, given.get(code, {})) for (code, _), listed in uses.items()]


def _one(uses: list[Finding], given: dict[str, tuple[str, Place]]) -> Finding:
    first = uses[0]
    if len(uses) == 1:
        return first
    for meant, (written, place) in given.items():
        if f"`{meant}`" in first.message:
            return Finding(
                first.code,
                f"`{written}` is given here, and `{meant}` used {len(uses)} times: one is misspelt",
                place,
                note=f"nothing has the name `{meant}`",
                suggestion=meant,
                related=_related(uses, "it is used here"),
            )
    return first._replace(related=(*first.related, *_related(uses[1:], "it is used here, too")))


def _related(uses: list[Finding], message: str) -> tuple[Related, ...]:
    return tuple(Related(use.place, message) for use in uses[:_MOST_USES])


def _unlisted_policies(pack: WrittenPack) -> dict[str, tuple[str, Place]]:
    """Policies that `boards` does not list, by the board that it lists and no policy is."""
    ids = {policy.model.policy: policy for policy in pack.policies}
    missing = [board for board in pack.model.boards if board not in ids]
    found = {}
    for board, policy in ids.items():
        if pack.model.boards and board not in pack.model.boards:
            meant = closest(board, missing)
            if meant is not None:
                found[meant] = (board, policy.place("policy"))
    return found


def _unused_roles(pack: WrittenPack) -> dict[str, tuple[str, Place]]:
    """Roles that are listed and own nothing, by the owner that is no role."""
    owners = set(_owners(pack))
    unknown = sorted(owners.difference(pack.model.roles))
    found = {}
    for index, role in enumerate(pack.model.roles):
        if role not in owners:
            meant = closest(role, unknown)
            if meant is not None:
                found[meant] = (role, pack.place("roles", index))
    return found


def _owners(pack: WrittenPack) -> Iterator[str]:
    for policy in pack.policies:
        yield policy.model.owner
        for _, _, gate in policy.gates():
            if gate.owner is not None:
                yield gate.owner
