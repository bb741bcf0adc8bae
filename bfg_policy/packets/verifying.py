"""Whether the packets on disk are those of a judgement, and what each of the others is instead."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from bfg_policy.errors import Finding, Place, in_order
from bfg_policy.pack.types import REPORT
from bfg_policy.packets import recorded_scenario
from bfg_policy.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHECKSUM = re.compile(r"\bbfg-[0-9a-f]{8}\b")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_INDEX = ".md"
_RENDER = "run `bfg-policy render`, and look at what it changes"
# Of a line that should stand there, so many characters are shown around the difference.
_SHOWN = 160


class Identity(NamedTuple):
    """What every packet of a judgement is of.

    scenario: its id. checksum: of the snapshot, as people see it, such as `bfg-1a2b3c4d`; empty
    where there is none.
    """

    scenario: str
    checksum: str


def verify_packets(
    folder: str, rendered: Mapping[str, str], existing: Mapping[str, str], identity: Identity
) -> tuple[Finding, ...]:
    """One finding for each file that is not the packet that it should be, in order.

    folder: where the files lie, as it is shown. rendered: what the judgement gives, by path below
    the folder, the report among them. existing: what is there. None where all of them agree.
    """
    digests = _recorded_digests(existing)
    other = _other_scenario(existing.get(REPORT, ""), identity)
    findings = []
    for name, text in rendered.items():
        path = f"{folder}/{name}"
        there = existing.get(name)
        if there is None:
            findings.append(_missing(path))
        elif there != text:
            findings.append(_differing(path, name, there, text, other, identity, digests))
    findings.extend(_extra(f"{folder}/{name}") for name in existing if name not in rendered)
    return in_order(findings)


def _recorded_digests(existing: Mapping[str, str]) -> frozenset[str]:
    """The digests that the report and the indexes beside the packets name."""
    indexes = (text for name, text in existing.items() if name.endswith(_INDEX))
    return frozenset(digest for text in indexes for digest in _DIGEST.findall(text))


def _other_scenario(report: str, identity: Identity) -> str | None:
    """The scenario that the report is of, where that is another one."""
    recorded = recorded_scenario(report)
    return recorded if recorded != identity.scenario else None


def _differing(
    path: str,
    name: str,
    there: str,
    text: str,
    other: str | None,
    identity: Identity,
    digests: frozenset[str],
) -> Finding:
    place, note = _difference(path, there, text)
    if other is not None:
        message = f"it is of another scenario: `{other}`, not `{identity.scenario}`"
        return Finding("BFG617", message, place, note=note, hint=_RENDER)
    checksums = dict.fromkeys(_CHECKSUM.findall(there))
    if checksums and identity.checksum not in checksums and identity.checksum in text:
        named = ", ".join(f"`{each}`" for each in list(checksums)[:3])
        message = f"it is of another snapshot: {named}, not `{identity.checksum}`"
        return Finding("BFG618", message, place, note=note, hint=_RENDER)
    stale = "it is stale: the policies or the scenario have changed since it was rendered"
    if sha256(there.encode()).hexdigest() in digests:
        return Finding("BFG619", stale, place, note=note, hint=_RENDER)
    if name == REPORT:  # nothing tells its digest, so it cannot be known
        hint = f"{_RENDER}; or somebody has changed it"
        return Finding("BFG619", stale, place, note=note, hint=hint)
    return Finding(
        "BFG616",
        "it was changed after it was rendered",
        place,
        note=note,
        hint="never run it; find out who changed it and why, then render it anew",
    )


def _missing(path: str) -> Finding:
    return Finding("BFG615", "this packet is missing", Place(path), hint=_RENDER)


def _extra(path: str) -> Finding:
    return Finding(
        "BFG620",
        "no packet of this scenario: nothing renders it",
        Place(path),
        note="whoever runs the packets could take it for one of them",
        hint="delete it, or keep it elsewhere",
    )


def _difference(path: str, there: str, text: str) -> tuple[Place, str]:
    """Where two texts part: the place in the one that is there, and what should stand there."""
    # What is there is anybody's text; what is rendered went through the guard against secrets.
    mine, wanted = redact(there).splitlines(), text.splitlines()
    line = next(
        (at for at, (one, two) in enumerate(zip(mine, wanted, strict=False)) if one != two),
        min(len(mine), len(wanted)),
    )
    if line >= len(wanted):
        note = "nothing more should stand there" if line < len(mine) else "the line ends differ"
    else:
        note = ""
    if line >= len(mine):
        place = Place(path, len(mine) or None)
        return place, note or _should(wanted[line], 0, "after its last line should stand")
    column = _parting(mine[line], wanted[line]) if line < len(wanted) else 0
    length = max(len(mine[line]) - column, 1)
    place = Place(path, line + 1, column + 1, length, mine[line])
    return place, note or _should(wanted[line], column, "here should stand")


def _parting(one: str, two: str) -> int:
    """The first column, from 0, in which two lines differ."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))


def _should(line: str, column: int, words: str) -> str:
    start = max(column - _SHOWN // 4, 0)
    shown = line[start : start + _SHOWN]
    before = "…" if start else ""
    after = "…" if start + _SHOWN < len(line) else ""
    return f"{words}: {before}{shown}{after}" if line.strip() else f"{words} an empty line"
