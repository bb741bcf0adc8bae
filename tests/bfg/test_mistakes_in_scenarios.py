"""No mistake in a scenario is ever silently ready.

Every key and value of a fully ready scenario is taken away, misspelt, and replaced by something
of the wrong type, role, date or digest. Each time there is one finding at the right token, or
fewer gates are ready; what may say anything is listed here, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

import pytest
import yaml

from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.pipeline import judge_scenario
from bfg_policy.readiness import Readiness
from tests.bfg.agreement import assert_agreed, tables
from tests.bfg.documents import AT, NOWHERE, Document, pack, ready, seal
from tests.bfg.mutants import Mutant, Part, Written, matches, misspelt

ALL = len(pack().pack.gates)
ROLES = pack().pack.roles
ACTORS = tuple(actor["id"] for actor in ready()["actors"])
OTHERS = tuple(f"wrong actor: {actor}" for actor in ACTORS if actor != "user_md_anna")
MISSPELT, EMPTIED, BLANK = "misspelt", "emptied", "blank"


class Free(NamedTuple):
    """What may say anything that its contract allows: nothing that is done to it, of these kinds,
    changes the result. paths: patterns of dotted paths.
    """

    why: str
    paths: tuple[str, ...]
    kinds: tuple[str, ...] = (MISSPELT,)


FREE = (
    Free("a label: reports lie in a folder of that name", ("scenario",)),
    Free(
        "people read it, no gate does",
        ("actors.*.name", "actors.*.desk", "acceptances.*.note"),
        (MISSPELT, "removed", BLANK),
    ),
    Free("an empty note is none", ("acceptances.*.note",), (EMPTIED,)),
    Free(
        "people read it; that there is one is asked for", ("waivers.0.reason",), (MISSPELT, BLANK)
    ),
    Free(
        "an open name: which mode, provider, desk, claim or vault path is meant, only people know",
        (
            "release_environment",
            "adapters.storage",
            "adapters.auth",
            "adapters.tenant",
            "rollback.auth",
            "providers.*.current",
            "providers.*.target",
            "rollout.*.environment",
            "infrastructure.hosting_provider.*",
            "infrastructure.runtime_operations.*",
            "infrastructure.secrets_backup_boundary.secrets_manager",
            "infrastructure.secrets_backup_boundary.restore_owner",
            "wiring.endpoint_contract.redacted",
            "wiring.tenant_context.*",
            "wiring.oidc_rbac_claims.*",
            "wiring.live_credentials.reference",
        ),
    ),
    Free(
        "any region of the EU's naming scheme will do; clouds open new ones",
        ("infrastructure.data_residency.region",),
    ),
    Free(
        "any number of minutes is a decision",
        ("infrastructure.secrets_backup_boundary.rpo_minutes",),
        ("one more",),
    ),
    Free(
        "permissions are open words; the gates ask that every actor has some",
        ("actors.*.permissions.*",),
        (MISSPELT, "removed"),
    ),
    Free(
        "drivers and clients sign nothing here, and the rules only count them",
        ("actors.4.id", "actors.5.id"),
        (MISSPELT, BLANK),
    ),
    Free(
        "drivers and clients sign nothing here, so no gate asks which of the roles they hold",
        ("actors.4.role", "actors.5.role"),
        ("wrong role",),
    ),
    Free(
        "the plan's other environments run other adapters than the target",
        (
            "rollout.0",
            "rollout.1",
            "rollout.0.adapter",
            "rollout.1.adapter",
            "rollout.0.state",
            "rollout.1.state",
        ),
        (MISSPELT, "removed", "retired"),
    ),
    Free(
        "active or planned, an environment is in the plan",
        ("rollout.*.state",),
        ("another state",),
    ),
    Free(
        "rules cannot see the clock",
        ("wiring.live_credentials.reviewed_at",),
        ("long ago", "in the future"),
    ),
    Free("acceptances do not age, they expire", ("acceptances.*.at",), ("long ago",)),
    Free(
        "until when it counts is the decision of who gives it",
        ("acceptances.0.expires", "waivers.0.expires"),
        ("in the future",),
    ),
    Free("what does not expire counts for ever", ("acceptances.0.expires",), ("removed",)),
    Free(
        "any dispatcher may accept what a dispatcher owns",
        ("acceptances.2.by", "acceptances.3.by"),
        ("wrong actor: user_dispatcher_marek", "wrong actor: user_dispatcher_halyna"),
    ),
    Free(
        "any actor may review credentials; incidents may be anybody's",
        ("wiring.live_credentials.reviewed_by", "infrastructure.runtime_operations.incident_owner"),
        OTHERS,
    ),
    Free(
        "any actor may ask for a waiver but the one who approves it",
        ("waivers.0.requested_by",),
        tuple(kind for kind in OTHERS if "marek" not in kind),
    ),
    Free(
        "a label: the file's name; the record is found by its contract", ("evidence.*",), ("key",)
    ),
)
# The same for a record that its collector sealed after it had said so.
FREE_WHEN_SEALED = (
    Free("a label: which program observed it", ("evidence.*.collector",)),
    Free(
        "what was observed, and nothing in the scenario says the same a second time",
        (
            "evidence.adapter_connection.endpoint.redacted",
            "evidence.dry_run.rollback_checkpoint.replay_id",
        ),
    ),
    Free(
        "as above; a fingerprint of another form is refused",
        ("evidence.adapter_connection.tls.sha256",),
        ("one digit",),
    ),
    Free(
        "the gate asks for one session at least",
        ("evidence.adapter_connection.rbac.actors",),
        ("one more",),
    ),
    Free(
        "only the connection has to be live",
        ("evidence.dry_run.target.kind",),
        ("ephemeral",),
    ),
)
# A mistake that another part of the document contradicts is told there: the claim is refused, and
# as many claims as rest on what was mistaken. mistake: pattern of its path; told: the tokens'.
CONTRADICTED = (
    ("snapshot.tables.**", ("snapshot.sha256",)),
    ("snapshot.schema", ("snapshot.sha256",)),
    ("tenant", ("snapshot.sha256",)),
    ("snapshot.sha256", ("evidence.dry_run.snapshot_sha256",)),
    ("snapshot", ("evidence.dry_run.snapshot_sha256",)),
    ("target", ("evidence.*.target.adapter",)),
    ("actors.**", ("acceptances.*.by", "actors.*.id")),
    ("rollback.owner", ("acceptances.*.by",)),
    ("waivers.0.requested_by", ("waivers.0.approved_by",)),
    ("evidence.adapter_connection.**", ("evidence.adapter_connection.sha256",)),
    ("evidence.dry_run.**", ("evidence.dry_run.sha256",)),
)


# The mistakes.

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
DIGEST = re.compile(r"[0-9a-f]{64}")


@cache
def base(section: str = "") -> Written:
    """The ready scenario's text; for the section of waivers, one gate of it is waived."""
    made = ready()
    made["acceptances"][0]["expires"] = "2026-12-31T00:00:00Z"
    if section == "waivers":
        made["providers"][4]["contract_ready"] = False
        made["waivers"] = [
            {
                "gate": "provider-contracts/maps-eta",
                "reason": "The provider is about to settle its limits.",
                "requested_by": "user_dispatcher_marek",
                "approved_by": "user_md_anna",
                "expires": "2026-12-15T00:00:00Z",
            }
        ]
    return Written(yaml.safe_dump(made, sort_keys=False, allow_unicode=True))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def values(part: Part) -> Iterator[tuple[str, str]]:
    """What stands there instead, in YAML, and in a word what is wrong with it."""
    yield "null", "null"
    if part.kind == "mapping":
        yield from (("a list", "[x]"), ("a text", "x"), (EMPTIED, "{}"))
    elif part.kind == "list":
        yield from (("a mapping", "{some: thing}"), ("a text", "x"))
        if part.size:
            yield EMPTIED, "[]"
    else:
        yield from (("a list", "[x]"), ("a mapping", "{some: thing}"))
        yield from scalars(part)


def scalars(part: Part) -> Iterator[tuple[str, str]]:
    value = part.value
    if isinstance(value, bool):
        yield from (
            ("the contrary", str(not value).lower()),
            ("a text", "'true'"),
            ("a number", "1"),
        )
    elif isinstance(value, int):
        yield from (("a text", f"'{value}'"), ("one more", str(value + 1)), ("negative", "-1"))
        yield "a fraction", f"{value}.5"
    else:
        assert isinstance(value, str)
        yield from (("a number", "7"), ("a boolean", "true"), (EMPTIED, "''"), (BLANK, "' '"))
        yield from ((MISSPELT, quoted(slip)) for slip in islice(misspelt(value), 1))
        yield from special(value)


def special(value: str) -> Iterator[tuple[str, str]]:
    """What is of the right type and form, and wrong."""
    if INSTANT.fullmatch(value):
        yield "no such day", quoted(re.sub("-..-", "-13-", value, count=1))
        yield "no offset", quoted(value.rstrip("Z"))
        yield "long ago", quoted(value.replace("2026", "2020"))
        yield "in the future", quoted(value.replace("2026", "2031"))
    elif DIGEST.fullmatch(value):
        yield "one digit", quoted(value[:9] + ("0" if value[9] != "0" else "1") + value[10:])
        yield "capitals", quoted(value.upper())
    elif value in ROLES:
        yield from (("wrong role", role) for role in ROLES if role != value)
    elif value in ACTORS:
        yield from ((f"wrong actor: {actor}", actor) for actor in ACTORS if actor != value)
    elif value in ("active", "planned"):
        yield "another state", "planned" if value == "active" else "active"
        yield "retired", "retired"
    elif value == "live":
        yield "ephemeral", "ephemeral"
    elif value == "pass":
        yield from ((status, status) for status in ("fail", "error", "not_run"))


def mistakes(section: str) -> Iterator[Mutant]:
    """All mistakes below one key of the document, and of the key itself."""
    written = base(section)
    steps = tuple(section.split("."))
    for part in written.parts.values():
        if part.path[: len(steps)] != steps:
            continue
        yield written.without(part)
        if part.key is not None:
            for slip in misspelt(str(part.path[-1])):
                yield written.with_key(part, slip, "key")
        for kind, value in values(part):
            yield written.with_value(part, value, kind)


def sealed(mutant: Mutant) -> str | None:
    """The text with the record's digest made right again; None where there is nothing to seal."""
    if mutant.path[0] != "evidence" or len(mutant.path) < 3 or mutant.path[2] == "sha256":
        return None
    record = parsed(mutant.text)["evidence"][mutant.path[1]]
    old = record["sha256"]
    seal(record)
    return mutant.text.replace(old, record["sha256"])


def parsed(text: str) -> Document:
    document: Document = yaml.load(text, Loader=yaml.CSafeLoader)
    return document


# What comes of them.


def is_free(mutant: Mutant, free: Free) -> bool:
    return mutant.kind in free.kinds and any(matches(mutant.path, each) for each in free.paths)


def told_elsewhere(mutant: Mutant) -> set[tuple[int, int]]:
    """The places of what the mistake contradicts."""
    patterns = [
        token
        for mistake, tokens in CONTRADICTED
        if matches(mutant.path, mistake)
        for token in tokens
    ]
    return {
        mutant.place(mutant.moved(part.start))
        for path, part in mutant.written.parts.items()
        if any(matches(path, pattern) for pattern in patterns)
        and not mutant.start <= part.start < mutant.end
    }


def wrong_findings(mutant: Mutant, findings: tuple[Finding, ...]) -> str | None:
    """Why these findings are not the right ones; None where they are."""
    here = mutant.place(mutant.token)
    spots = [(finding.place.line, finding.place.column) for finding in findings]
    if len(spots) == 1 and spots[0] == here:
        return None
    if mutant.kind == EMPTIED and {finding.code for finding in findings} == {"BFG202"}:
        return None  # every field that must be there is a mistake of its own
    elsewhere = told_elsewhere(mutant)
    if elsewhere.issuperset(spots):
        return None
    said = ", ".join(f"{finding.place} {finding.message}" for finding in findings)
    return f"told not at {here} alone, nor at any of {sorted(elsewhere)}: {said}"


def result(text: str) -> Readiness | tuple[Finding, ...]:
    """The result, or the findings that stand in its way."""
    try:
        return judge_scenario(pack(), text.encode(), AT, NOWHERE).readiness
    except BfgPolicyError as error:
        return error.findings


def wrong(mutant: Mutant, text: str, free: tuple[Free, ...]) -> str | None:
    """Why the outcome of a mistake is not a right one; None where it is."""
    found = result(text)
    if not isinstance(found, Readiness):
        return wrong_findings(mutant, found)
    assert_agreed(found, tables(parsed(text), AT))
    allowed = [each for each in free if is_free(mutant, each)]
    if found.ready < ALL:
        if allowed:
            return f"not free: {allowed[0].why}"
        errors = tuple(finding for finding in found.findings if finding.is_error)
        return wrong_findings(mutant, errors)
    if found.has_errors:
        return "an error, and all gates are ready"
    return None if allowed else "silently ready"


SECTIONS = (
    *(key for key in ready() if key not in ("evidence", "snapshot", "actors", "acceptances")),
    "actors",
    "acceptances",
    "snapshot",
    "evidence",
)


def test_sections_are_all_there_is() -> None:
    assert set(SECTIONS) == set(ready())


def test_nothing_is_listed_that_is_not_tried() -> None:
    tried = [mutant for section in SECTIONS for mutant in mistakes(section)]
    for free in FREE + FREE_WHEN_SEALED:
        for path in free.paths:
            assert any(is_free(each, free._replace(paths=(path,))) for each in tried), path
        for kind in free.kinds:
            assert any(is_free(each, free._replace(kinds=(kind,))) for each in tried), kind


@pytest.mark.parametrize("section", SECTIONS)
def test_mistakes(section: str) -> None:
    bad = {
        str(mutant): why
        for mutant in mistakes(section)
        if (why := wrong(mutant, mutant.text, FREE))
    }
    assert bad == {}


@pytest.mark.parametrize("record", ready()["evidence"])
def test_mistakes_in_sealed_records(record: str) -> None:
    """As a collector would have written them: the digest holds."""
    bad = {
        str(mutant): why
        for mutant in mistakes(f"evidence.{record}")
        if (text := sealed(mutant)) and (why := wrong(mutant, text, FREE + FREE_WHEN_SEALED))
    }
    assert bad == {}
