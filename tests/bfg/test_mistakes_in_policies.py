"""No mistake in a policy is ever silently ready.

Every key and value of every policy is taken away, misspelt, and replaced by something of the
wrong type or role; every name, literal, operator and operand of every rule is changed. Each time
`lint` tells it at the right token, or fewer gates are ready. A valid edit that weakens a policy is
legal, and never invisible: the pack's digest changes, and the result of some scenario with it.
Which edits are legal, and which words nobody judges by, is listed here.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bfg_policy import cel
from bfg_policy.cel.syntax import Logic
from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.evaluation import judge
from bfg_policy.pack import Pack
from bfg_policy.pipeline import LoadedPack, open_pack
from bfg_policy.readiness import Readiness
from bfg_policy.scenario import Scenario
from bfg_policy.source import Document, read_document
from tests.bfg import oracle
from tests.bfg.broken import broken, scenario_of
from tests.bfg.documents import AT, POLICIES, document, pack, ready, seal
from tests.bfg.documents import Document as Dict
from tests.bfg.mutants import Mutant, Part, Written, matches, misspelt
from tests.shared import ROOT

FILES = sorted(path.name for path in POLICIES.glob("*.yaml"))
CONTRACTS = ROOT / "contracts"


class Listed(NamedTuple):
    """What may be done without a finding and without making anything less ready."""

    why: str
    paths: tuple[str, ...]
    kinds: tuple[str, ...]


REMOVED, EMPTIED, KEY, MISSPELT, OTHER = "removed", "emptied", "key", "misspelt", "another"

# Nobody judges by it: all statuses stay as they are.
FREE = (
    Listed(
        "people read it",
        (
            "title",
            "title.*",
            "gates.*.title",
            "gates.*.title.*",
            "gates.*.remedy",
            "gates.*.remedy.*",
        ),
        (REMOVED, KEY, MISSPELT),
    ),
    Listed(
        "labels are carried into the result, and read by nobody here",
        ("gates.*.labels", "gates.*.labels.*"),
        (REMOVED, EMPTIED, KEY, MISSPELT),
    ),
    Listed("what the board stands for: a label", ("contract",), (REMOVED, MISSPELT)),
    Listed("which packet is written, and where to", ("packet", "packet.path"), (REMOVED, MISSPELT)),
    Listed("the pack's own name and version", ("pack", "version"), (REMOVED, MISSPELT)),
    Listed("the order of presentation", ("boards", "boards.*"), (REMOVED, EMPTIED)),
    Listed("nothing is required anyway", ("require",), (REMOVED,)),
    Listed(
        "which records the product's collectors write",
        ("collectors", "collectors.*", "collectors.*.storage"),
        (REMOVED, EMPTIED),
    ),
    Listed("under which name they write it", ("collectors.*.record",), (MISSPELT,)),
)
# Policy changes. They may make more ready; a reviewer sees them in the result.
LEGAL = (
    Listed("a gate less: the total says so", ("gates.*",), (REMOVED,)),
    Listed("a gate of another name", ("gates.*",), (KEY,)),
    Listed(
        "a need less: the gate's own needs say so",
        ("gates.*.needs", "gates.*.needs.*"),
        (REMOVED, EMPTIED),
    ),
    Listed("a gate that proves less", ("gates.*.rule", "gates.*.accept"), (REMOVED,)),
    Listed("a record of an ephemeral target will do", ("gates.*.evidence.target",), (REMOVED,)),
    Listed("another role answers for it", ("owner", "gates.*.owner"), (REMOVED, OTHER)),
    Listed(
        "another decision",
        ("decision", "decision.*", "decision.*.code"),
        (REMOVED, MISSPELT),
    ),
    Listed(
        "other words beside a decision",
        ("decision.*.also", "decision.*.also.*"),
        (REMOVED, EMPTIED, KEY, MISSPELT),
    ),
    Listed("a decision that waits for less", ("decision.*.until",), (REMOVED,)),
    Listed("no verdict, or no score", ("verdict", "scores", "scores.*"), (REMOVED, EMPTIED, KEY)),
    Listed(
        "more may be waived",
        ("waivers.never", "waivers.never.*"),
        (REMOVED, EMPTIED),
    ),
)
# What others refer to by its name: taken away or misspelt, each reference to it leads nowhere.
DEFINITIONS = (
    "policy",
    "gates.*",
    "gates.*.evidence",
    "decision",
    "roles.*",
    "snapshot",
    "snapshot.groups",
    "snapshot.groups.*",
    "facts",
    "schema_map",
)


# Mistakes in the document.


def document_mistakes(written: Written) -> Iterator[Mutant]:
    texts = 0
    for part in written.parts.values():
        if not part.path:
            continue
        if {"title", "remedy"} & set(part.path[:-1]):
            texts += 1
            if texts > 6:
                continue  # they are all alike
        yield written.without(part)
        if part.key is not None:
            slips = islice(misspelt(str(part.path[-1])), 2 if len(part.path) < 3 else 1)
            yield from (written.with_key(part, slip, KEY) for slip in slips)
        yield written.with_value(part, "null", "null")
        if part.kind != "scalar":
            yield written.with_value(part, "x", "a text")
            if part.size:
                yield written.with_value(part, "[]" if part.kind == "list" else "{}", EMPTIED)
        else:
            yield written.with_value(part, "[x]", "a list")
            yield from other_scalars(written, part)


def other_scalars(written: Written, part: Part) -> Iterator[Mutant]:
    value, last = part.value, part.path[-1]
    if value is True:
        yield written.with_value(part, "false", "the contrary")
        yield written.with_value(part, "'true'", "a text")
        return
    assert isinstance(value, str)
    if last in ("rule", "storage") or part.path[-2:] == ("accept", "actor"):
        return  # its operands are changed one by one
    for slip in islice(misspelt(value), 1):
        yield written.with_value(part, json.dumps(slip, ensure_ascii=False), MISSPELT)
    if last == "owner":
        other = "client" if value != "client" else "driver"
        yield written.with_value(part, other, OTHER)
    elif last == "fresh_for":
        for kind, wrong in (("no unit", "'30'"), ("nothing", "0d"), ("a fraction", "1.5d")):
            yield written.with_value(part, wrong, kind)
        yield written.with_value(part, "1s", "shorter")


# What comes of them.


class Folder:
    """A copy of the policies with one file changed. What did not change is read and parsed once:
    documents, expressions and contracts are immutable, and a mutant is one file of eighteen.
    """

    def __init__(self, root: Path, file: str, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.policies = root / "policies"
        self.file = file
        shutil.copytree(POLICIES, self.policies)
        known: dict[tuple[Path, bytes], Document] = {}

        def read_once(path: Path, **options: Any) -> Document:
            key = (path, path.read_bytes())
            if key not in known:
                known[key] = read_document(path, **options)
            return known[key]

        contracts = pack().contracts  # read before the reading is replaced
        patch.setattr("bfg_policy.pack.loading.read_document", read_once)
        patch.setattr(cel, "parse", cache(cel.parse))
        patch.setattr("bfg_policy.pipeline.load_contracts", lambda *_: contracts)

    def linked(self, text: str) -> LoadedPack | tuple[Finding, ...]:
        """The pack, or the findings that stand in its way."""
        (self.policies / self.file).write_text(text, encoding="utf-8")
        try:
            return open_pack(self.policies, CONTRACTS, self.root)
        except BfgPolicyError as error:
            return error.findings


@cache
def bystanders() -> tuple[Scenario, ...]:
    """Scenarios that between them reach every decision, and one that waives what may never be."""

    def waived(made: Dict) -> None:
        made["evidence"] = {}
        made["waivers"] = [
            {
                "gate": oracle.NEVER_WAIVED,
                "reason": "r",
                "requested_by": "user_dispatcher_marek",
                "approved_by": "user_md_anna",
                "expires": "2027-01-01T00:00:00Z",
            }
        ]

    def ephemeral(made: Dict) -> None:
        record = made["evidence"]["adapter_connection"]
        record["target"]["kind"] = "ephemeral"
        seal(record)

    def accepted_unasked(made: Dict) -> None:
        again = {**made["acceptances"][0], "gate": "migration-runbook/freeze-snapshot"}
        made["acceptances"].append(again)

    def not_accepted(gate: str) -> Callable[[Dict], None]:
        def edit(made: Dict) -> None:
            made["acceptances"] = [each for each in made["acceptances"] if each["gate"] != gate]

        return edit

    edits: tuple[Callable[[Dict], None], ...] = (
        waived,
        ephemeral,
        accepted_unasked,
        not_accepted("cutover-rehearsal/db-schema"),
        not_accepted(oracle.ROLLBACK_ACCEPTANCE),
        lambda made: made.update(release_environment=""),
    )
    made = [ready() for _ in edits]
    for edit, each in zip(edits, made, strict=True):
        edit(each)
    whole = (ready(), document("grant-demo-local"), document("staging-rehearsal"), *made)
    return tuple(scenario_of(each, pack()) for each in whole)


def refused_scenario(loaded: LoadedPack) -> tuple[Finding, ...]:
    """What is wrong with the scenarios now: roles and groups of rows are of the pack."""
    try:
        for each in (ready(), document("grant-demo-local")):
            scenario_of(each, loaded)
    except BfgPolicyError as error:
        return error.findings
    return ()


@cache
def as_it_is() -> list[Readiness]:
    return [judge(pack().pack, each, AT) for each in bystanders()]


def ready_gates(readiness: Readiness) -> set[str]:
    return {gate.id for gate in readiness.gates.values() if gate.is_ready}


def seen(readiness: Readiness) -> object:
    """Everything of a result that a reviewer may notice, but the pack's digest."""
    gates = [
        (gate.id, gate.status, gate.owner, gate.needs, gate.reason, gate.because)
        for gate in readiness.gates.values()
    ]
    boards = [
        (board.id, board.total, board.owner, board.decision, board.also)
        for board in readiness.boards.values()
    ]
    found = [(finding.code, finding.severity) for finding in readiness.findings]
    return gates, boards, readiness.verdict, readiness.scores, found


def wrong(folder: Folder, mutant: Mutant) -> str | None:
    """Why the outcome of a mistake is not a right one; None where it is."""
    loaded = folder.linked(mutant.text)
    if not isinstance(loaded, LoadedPack):
        return wrong_findings(folder, mutant, loaded)
    if loaded.pack.id.sha256 == pack().pack.id.sha256:
        return "the same digest"
    if folder.file == "pack.yaml" and (findings := refused_scenario(loaded)):
        return None if len(findings) == 1 else "more than one finding in a scenario"
    after = (judge(loaded.pack, each, AT) for each in bystanders())
    pairs = zip(as_it_is(), after, strict=True)
    if any(is_listed(mutant, each) for each in FREE):
        same = all(ready_gates(old) == ready_gates(new) for old, new in islice(pairs, 3))
        return None if same else "not free"
    if any(is_listed(mutant, each) for each in LEGAL):
        return None if any(seen(old) != seen(new) for old, new in pairs) else "invisible"
    changes = [(ready_gates(old), ready_gates(new)) for old, new in pairs]
    if any(new - old for old, new in changes):
        return "more is ready"
    return None if any(old - new for old, new in changes) else "nothing is less ready"


def is_listed(mutant: Mutant, listed: Listed) -> bool:
    return mutant.kind in listed.kinds and any(matches(mutant.path, path) for path in listed.paths)


def wrong_findings(folder: Folder, mutant: Mutant, findings: tuple[Finding, ...]) -> str | None:
    """Why these findings are not the right ones; None where they are."""
    here = {mutant.token} | {
        mutant.moved(offset) for offset in held_against(mutant) if offset <= mutant.start
    }
    places = {mutant.place(offset) for offset in here}
    file = f"policies/{folder.file}"
    told = [(f.place.path, (f.place.line, f.place.column)) for f in findings]
    if len(told) == 1 and told[0][0] == file and told[0][1] in places:
        return None
    if mutant.kind == EMPTIED and {f.code for f in findings} == {"BFG202"}:
        return None  # every field that must be there is a mistake of its own
    if any(matches(mutant.path, each) for each in DEFINITIONS) and all(
        names_it(mutant, finding) for finding in findings
    ):
        return None
    said = ", ".join(f"{f.code} {f.place} {f.message}" for f in findings)
    return f"not one finding at {sorted(places)}: {said}"


def held_against(mutant: Mutant) -> Iterator[int]:
    """Where a mistake may be told beside its own place: at its key, at what holds it, at the gate
    that lost its proof, at the evidence that lost its rule, at the decision that is now the last.
    """
    path, parts = mutant.path, mutant.written.parts
    yield parts[path].first
    if len(path) > 1:
        yield parts[path[:-1]].first
    if path[0] == "gates" and len(path) > 2:
        yield parts[path[:2]].first
        evidence = (*path[:2], "evidence")
        if path[2:] == ("rule",) and evidence in parts:
            yield parts[evidence].first
    if path[0] == "decision" and len(path) == 2:
        yield from (parts[each].first for each in parts if each[2:] == ("until",))


def names_it(mutant: Mutant, finding: Finding) -> bool:
    """Whether a finding stands at a reference to what the mutant took away."""
    place, parts = finding.place, mutant.written.parts
    assert place.column is not None
    token = (place.excerpt or "")[place.column - 1 :][: place.length]
    names = {str(mutant.path[-1]), str(parts[mutant.path].value)}
    names |= {str(path[-1]) for path in parts if path[: len(mutant.path)] == mutant.path}
    if mutant.path == ("decision",):
        names.add(str(parts[("policy",)].value))
    elif mutant.path == ("schema_map",):
        names.add("postgres")  # the set of files that is made from it
    elif mutant.path == ("facts",):
        names |= set(pack().contracts.schema("BFGFacts.v1")["properties"])
    return any(name in token for name in names)


def written_policy(file: str) -> Written:
    return Written((POLICIES / file).read_text(encoding="utf-8"))


def test_nothing_is_listed_that_is_not_tried() -> None:
    tried = [mutant for file in FILES for mutant in document_mistakes(written_policy(file))]
    for listed in FREE + LEGAL:
        for path in listed.paths:
            assert any(is_listed(each, listed._replace(paths=(path,))) for each in tried), path
        for kind in listed.kinds:
            assert any(is_listed(each, listed._replace(kinds=(kind,))) for each in tried), kind


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_mistakes_in_the_document(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path, file, monkeypatch)
    written = written_policy(file)
    bad = {
        str(mutant): why for mutant in document_mistakes(written) if (why := wrong(folder, mutant))
    }
    assert bad == {}


# Mistakes in the rules.

TOKEN = re.compile(r"'[^']*'|[A-Za-z_]\w*|\d+|&&|\|\||[=!<>]=|[<>!+]")
OPERATORS = {
    "&&": ("||",),
    "||": ("&&",),
    "==": ("!=",),
    "!=": ("==",),
    ">": (">=", "<"),
    ">=": (">", "<"),
    "!": ("",),
    "+": ("-",),
}
NAME, LITERAL, NUMBER, OPERATOR, OPERAND = "name", "literal", "number", "operator", "operand"


class RuleMutant(NamedTuple):
    """A changed rule. bound: the name, where it was that of a macro's variable."""

    gate: str
    mutant: Mutant
    bound: str | None


def rule_mistakes(written: Written, board: str) -> Iterator[RuleMutant]:
    for part in written.parts.values():
        gate = f"{board}/{part.path[1]}" if len(part.path) > 1 else ""
        if part.path[-1:] != ("rule",) and part.path[-2:] != ("accept", "actor"):
            continue
        yield from tokens(written, part, gate)
        yield from operands(written, part, gate)


def tokens(written: Written, part: Part, gate: str) -> Iterator[RuleMutant]:
    """Every name misspelt, every literal, number and operator changed."""
    assert isinstance(part.value, str)
    spans = offsets(written, part)
    for token in TOKEN.finditer(part.value):
        word = token.group()
        start, end = spans[token.start()], spans[token.end() - 1] + 1
        after = part.value[token.end() :].lstrip()[:1]
        bound = word if part.value[token.start() - 1] == "(" and after == "," else None
        for kind, new in instead(word):
            yield RuleMutant(gate, Mutant(kind, part.path, written, start, end, new, start), bound)


def instead(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("'"):
        slips = misspelt(word[1:-1]) if word != "''" else ("x",)
        yield from ((LITERAL, f"'{slip}'") for slip in islice(slips, 2))
    elif word.isdigit():
        yield NUMBER, str(int(word) + 1)
        yield NAME, "x"
    elif word in OPERATORS:
        yield from ((OPERATOR, other) for other in OPERATORS[word])
    else:
        yield from ((NAME, slip) for slip in islice(misspelt(word), 2))


def operands(written: Written, part: Part, gate: str) -> Iterator[RuleMutant]:
    """Every operand of `&&` and `||` taken away."""
    assert isinstance(part.value, str)
    spans = offsets(written, part)
    waiting = [cel.parse(part.value).root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children())
        if not isinstance(node, Logic):
            continue
        for index, term in enumerate(node.terms):
            if index + 1 < len(node.terms):
                start, end = spans[term.start], spans[node.terms[index + 1].start]
            else:
                start, end = spans[node.terms[index - 1].end], spans[term.end]
            cut = Mutant(OPERAND, part.path, written, start, end, "", start)
            yield RuleMutant(gate, cut, None)


def offsets(written: Written, part: Part) -> list[int]:
    """Where each character of a rule stands in the text, through block indentation."""
    assert isinstance(part.value, str)
    if written.text[part.start] != "|":
        return list(range(part.start, part.end + 1))
    found: list[int] = []
    start = written.text.index("\n", part.start) + 1
    indent = len(written.text) - start - len(written.text[start:].lstrip(" "))
    for line in part.value.split("\n"):
        found.extend(range(start + indent, start + indent + len(line) + 1))
        start = written.text.index("\n", start) + 1
    return found


class Equivalent(NamedTuple):
    """An edit of a rule that changes nothing, because something else stands in the way as well.

    piece: of an operand, how it begins; of anything else, what ends with it.
    """

    why: str
    gates: tuple[str, ...]
    piece: str
    kinds: tuple[str, ...]


EQUIVALENT = (
    Equivalent(
        "the contract refuses an empty role, and the engine one that the pack does not list",
        ("data-cutover-batches/tenant-rbac-seed", "migration-preflight/rbac-claims"),
        "a.role != ''",
        (LITERAL, OPERAND),
    ),
    Equivalent(
        "a claim that is not there is not named either",
        ("db-auth-wiring/oidc-rbac-claims",),
        "role in wiring.oidc_rbac_claims",
        (OPERAND,),
    ),
    Equivalent(
        "the contract refuses a blank adapter in the plan",
        ("decision-board/adapter-selection",),
        "target.trim() != ''",
        (OPERAND,),
    ),
)


def is_equivalent(each: RuleMutant, listed: Equivalent) -> bool:
    mutant = each.mutant
    text = mutant.written.text
    if mutant.kind == OPERAND:
        is_piece = text.startswith(listed.piece, mutant.start)
    else:
        is_piece = text.endswith(listed.piece, 0, mutant.end)
    return is_piece and each.gate in listed.gates and mutant.kind in listed.kinds


def wrong_rule(folder: Folder, each: RuleMutant) -> str | None:
    """Why the outcome of a changed rule is not a right one; None where it is."""
    loaded = folder.linked(each.mutant.text)
    if not isinstance(loaded, LoadedPack):
        return wrong_rule_findings(folder, each, loaded)
    if each.mutant.kind == NAME:
        return "a misspelt name goes unnoticed"
    if loaded.pack.id.sha256 == pack().pack.id.sha256:
        return "the same digest"
    noticed = is_noticed(loaded.pack, each.gate)
    if any(is_equivalent(each, listed) for listed in EQUIVALENT):
        return "not equivalent" if noticed else None
    return None if noticed else "no scenario notices"


def is_noticed(changed: Pack, gate: str) -> bool:
    """Whether a scenario with one thing wrong, or none, is judged otherwise than it should be."""
    rule = pack().pack.gates[gate].rule
    text = rule.text if rule else "rollback"
    return any(
        judge(changed, each.scenario, AT).gates[gate].status != each.expected[gate]
        for each in broken()
        if each.about in text
    )


def wrong_rule_findings(
    folder: Folder, each: RuleMutant, findings: tuple[Finding, ...]
) -> str | None:
    file, here = f"policies/{folder.file}", each.mutant.place(each.mutant.token)
    places = [(f.place.path, (f.place.line, f.place.column)) for f in findings]
    if places == [(file, here)]:
        return None
    # Whoever misspells where a variable is bound has misspelt it everywhere else.
    if each.bound and all(f"`{each.bound}`" in finding.message for finding in findings):
        return None
    said = ", ".join(f"{f.code} {f.place} {f.message}" for f in findings)
    return f"not one finding at {here}: {said}"


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_mistakes_in_rules(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path, file, monkeypatch)
    written = written_policy(file)
    bad = {
        f"{each.mutant} {each.mutant.place(each.mutant.token)}": why
        for each in rule_mistakes(written, file.removesuffix(".yaml"))
        if (why := wrong_rule(folder, each))
    }
    assert bad == {}
