"""`what-if`: what suppositions move and why, and that nothing is written by them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bfg_policy.evaluation import judge
from bfg_policy.instants import parse_instant
from bfg_policy.planning.paths import BadPath, put, read_path, read_value
from bfg_policy.planning.supposing import Act, Suppositions
from bfg_policy.planning.what_if import WhatIf, suppose
from bfg_policy.readiness import READY
from bfg_policy.reporters.supposing import report
from bfg_policy.scenario.building import build_scenario
from bfg_policy.scenario.files import read_scenario
from bfg_policy.scenario.merged import path_text
from tests.bfg.documents import AT, document, pack
from tests.recording.project import copied, files
from tests.rendering.github import Shown
from tests.rendering.hostile import OURS, strings
from tests.reporters.test_json import validator
from tests.running import Ran, run
from tests.shared import ROOT

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

NOON = ("--at", "2026-11-23T12:00:00Z")
GO = "scenarios/production-go"
CONNECTION, DRY_RUN = "ProductionAdapterConnection.v1", "ProductionAdapterDryRun.v1"
MANY = (
    *("--accept", "cutover-rehearsal", "--accept", "db-schema=user_md_anna"),
    *("--evidence", CONNECTION, "--waive", "audit-trail", "--set", "rollback.storage=s3"),
)


def supposed(*arguments: str, cwd: Path = ROOT) -> Ran:
    return run("what-if", *arguments, *NOON, cwd=cwd)


def data(*arguments: str) -> dict[str, Any]:
    ran = supposed(*arguments, "--format", "json")
    assert ran.code == 0, ran
    found: dict[str, Any] = json.loads(ran.stdout)
    validator("what_if.v1").validate(found)
    return found


def moves(found: dict[str, Any]) -> dict[str, str]:
    return {
        move["gate"]: f"{move['from']} {move['to']}: {', '.join(c['kind'] for c in move['causes'])}"
        for move in found["moves"]
    }


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    "arguments",
    [
        MANY,
        (GO, "--later", "40d"),
        ("--waive", "go-no-go"),
        (GO, "--set", "target=x", "--later", "1d"),
    ],
    ids=["many", "later", "never", "target"],
)
def test_whole_outputs(arguments: tuple[str, ...], form: str, snapshot: SnapshotAssertion) -> None:
    ran = supposed(*arguments, "--format", form)
    assert (ran.code, ran.stderr) == (0, "")
    if form == "json":
        found = json.loads(ran.stdout)
        validator("what_if.v1").validate(found)
        found["pack"] = None  # its digest changes with every word of the pack
        assert found == snapshot
    else:
        assert "upposed, and written nowhere" in ran.stdout
        assert ran.stdout == snapshot


# What is supposed, and some gates with their move and its kinds of causes; None: it stays.
CASES: list[tuple[list[str], dict[str, str | None]]] = [
    (
        ["--accept", "db-schema"],
        {
            "cutover-rehearsal/db-schema": "next ready: acceptance",
            "decision-board/schema-rls": "blocked ready: need",
            "cutover-rehearsal/secrets-auth": None,
        },
    ),
    (
        ["--accept", "db-schema=user_md_anna"],
        {"cutover-rehearsal/db-schema": "next invalid: acceptance"},
    ),
    (["--accept", "db-schema=ghost"], {"cutover-rehearsal/db-schema": "next invalid: acceptance"}),
    (["--accept", "env-vars"], {"release-handoff/env-vars": "ready invalid: acceptance"}),
    (["--accept", "owner-acknowledgement"], {"rollback-drill/owner-acknowledgement": None}),
    (["--waive", "audit-trail"], {"data-cutover-batches/audit-trail": "next waived: waiver"}),
    (
        ["--waive", "audit-trail=user_md_anna"],
        {"data-cutover-batches/audit-trail": "next waived: waiver"},
    ),
    (["--waive", "audit-trail=user_accountant_olena"], {"data-cutover-batches/audit-trail": None}),
    (
        ["--waive", "audit-trail", "--later", "60d"],
        {"data-cutover-batches/audit-trail": "next waived: waiver"},
    ),
    (["--waive", "env-vars"], {"release-handoff/env-vars": None}),
    (["--set", "rollback.storage=s3"], {"release-handoff/rollback-fallback": "ready next: fact"}),
    (
        ["--set", "providers[0].contract_ready=false"],
        {
            "provider-contracts/scenario-store": "ready next: fact",
            "provider-contracts/auth-rbac": None,
        },
    ),
    (
        ["--evidence", CONNECTION, "--evidence", DRY_RUN],
        {
            "adapter-connection/write-probe": "blocked ready: evidence, need",
            "dry-run/rollback-checkpoint": "blocked ready: evidence, need",
            "production-readiness/go-no-go": None,
        },
    ),
    (
        ["--evidence", DRY_RUN, "--set", "actors=[]"],
        {"migration-preflight/rbac-claims": "ready next: fact", "dry-run/rbac-claims": None},
    ),
    (
        ["--evidence", CONNECTION, "--later", "31d"],
        {"adapter-connection/endpoint-reachability": None},
    ),
    (
        [GO, "--later", "60d"],
        {
            "adapter-connection/endpoint-reachability": "ready next: time",
            "adapter-connection/tls-fingerprint": "ready blocked: need, time",
            "release-handoff/dry-run-transcript": "ready blocked: need",
        },
    ),
    (
        [GO, "--set", "target=x"],
        {
            "adapter-connection/endpoint-reachability": "ready invalid: fact",
            "decision-board/adapter-selection": "ready next: fact",
        },
    ),
    (
        ["--evidence", f"{GO}/evidence/adapter_connection.json"],
        {"adapter-connection/endpoint-reachability": "next invalid: evidence"},
    ),
    (
        [
            "--evidence",
            f"{GO}/evidence/adapter_connection.json",
            "--set",
            "target=tenant-rbac-adapter",
        ],
        {"adapter-connection/endpoint-reachability": "next ready: evidence"},
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), CASES, ids=lambda each: str(each)[:70])
def test_what_moves_and_why(arguments: list[str], expected: dict[str, str | None]) -> None:
    found = moves(data(*arguments))
    assert {gate: found.get(gate) for gate in expected} == expected


def test_only_the_settings_that_a_rule_reads_are_causes() -> None:
    """Two settings below one key of the document, each of which moves another gate."""
    region = "infrastructure.data_residency.region=us-east-1"
    on_call = "infrastructure.runtime_operations.on_call="
    causes = {
        move["gate"]: [cause["what"] for cause in move["causes"] if cause["kind"] == "fact"]
        for move in data(GO, "--set", region, "--set", on_call)["moves"]
    }
    assert {gate: told for gate, told in causes.items() if told} == {
        "infrastructure/data-residency": [f"`{region}`"],
        "infrastructure/runtime-operations": [f"`{on_call}`"],
    }


def test_a_rule_that_also_reads_facts_is_not_taken_for_true() -> None:
    """`dry-run/rbac-claims` asks for actors and for the record: only the record is supposed."""
    everything = ["--evidence", CONNECTION, "--evidence", DRY_RUN, "--set", "actors=[]"]
    found = moves(data(*everything))
    assert found["dry-run/export-snapshot"] == "blocked ready: evidence, need"
    assert found["dry-run/rbac-claims"] == "blocked next: evidence, fact, need"


def test_what_would_be_wrong_is_told_as_in_a_real_file_but_at_no_place() -> None:
    found = data("--accept", "db-schema=user_md_anna")["findings"]
    assert [(each["code"], each["path"]) for each in found] == [("BFG510", None)]
    expired = data(GO, "--later", "60d")["findings"]
    assert {each["code"] for each in expired} == {"BFG505"}
    assert all(each["path"].startswith(f"{GO}/evidence/") for each in expired)


def test_what_a_file_says_is_told_where_it_says_it() -> None:
    """An actor's role is supposed to be another one: the acceptance in the file is to blame."""
    found = data(GO, "--set", "actors[0].role=driver")["findings"]
    assert {each["code"] for each in found} == {"BFG510"}
    assert all(each["path"].startswith(f"{GO}/acceptances/") for each in found)


def test_the_clock_may_be_set_to_an_instant() -> None:
    """The same as to wait so long, but for the words; a supposed waiver holds until then."""
    found = data(GO, "--later", "2027-01-02T12:00:00Z", "--waive", "audit-trail")
    waited = data(GO, "--later", "40d", "--waive", "audit-trail")
    assert found["supposed"][-1] == "it is 2027-01-02T12:00:00Z"
    assert waited["supposed"][-1] == "40d pass"
    assert found | {"supposed": []} == waited | {"supposed": []}
    assert found["after"]["at"] == "2027-01-02T12:00:00Z"


# The arguments, the exit code, and what is said.
REFUSED: list[tuple[list[str], int, str]] = [
    ([], 2, "suppose something"),
    (["--accept", "nope"], 2, "there is no gate `nope`"),
    (["--accept", "db-shema"], 2, "did you mean `cutover-rehearsal/db-schema`?"),
    (
        ["--accept", "db-schema", "--set", "actors=[]"],
        2,
        "nobody may accept `cutover-rehearsal/db-schema`: no actor has the role `accountant`",
    ),
    (["--set", "providers.*.id=x"], 2, "`providers` is a list: name an item by its number"),
    (["--accept", "dry-run"], 2, "no gate of board `dry-run` asks for an acceptance"),
    (["--waive", "dry-run"], 2, "is a board; name one of its gates"),
    (["--evidence", "ProductionAdapterDryRun.v2"], 2, "did you mean `ProductionAdapterDryRun.v1`?"),
    (["--evidence", "missing.json"], 4, "BFG101"),
    (["--set", "rollback"], 2, "is not PATH=VALUE"),
    (["--set", "a..b=1"], 2, "it is no path such as"),
    (["--set", "rollback.storage[0]=1"], 2, "`rollback.storage[0]` is no item of a list"),
    (["--set", "tenant.x=1"], 2, "`tenant.x` is in no mapping"),
    (["--set", "providers[9]={}"], 2, "and not the next one"),
    (["--set", "rollback={"], 2, "it is neither JSON nor a plain text"),
    (["--set", "rolback.storage=s3"], 4, "unknown field `rolback`"),
    (["--set", "rollback.storage=7"], 4, "BFG203"),
    (["--set", "evidence=[]"], 4, "BFG203"),
    (["--set", "waivers=3"], 4, "`waivers` is the integer `3`"),
    (["--set", "snapshot.rows.audit=3"], 4, "BFG530"),
    (["--later", "soon"], 2, "is no duration and no instant; write 30d, or"),
    (["--later", "2026-11-23T00:00:00Z"], 2, "what --later names is not later than --at"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED, ids=lambda each: str(each)[:50])
def test_what_cannot_be_supposed(arguments: list[str], code: int, words: str) -> None:
    ran = supposed(*arguments)
    assert ran.code == code, ran
    assert words in ran.stdout + ran.stderr
    # No line of a file is to blame for what only the command line says.
    assert "scenario.yaml:" not in ran.stdout


def test_nothing_is_written(tmp_path: Path) -> None:
    project = copied(tmp_path)
    shutil.copytree(ROOT / GO, project / GO)
    before = files(project)
    assert supposed(*MANY, "scenarios/grant-demo-local", cwd=project).code == 0
    assert files(project) == before


PATHS: list[tuple[str, tuple[str | int, ...]]] = [
    ("a", ("a",)),
    ("a.b", ("a", "b")),
    ("a[0]", ("a", 0)),
    ("a[0][12].b-c", ("a", 0, 12, "b-c")),
]


@pytest.mark.parametrize(("text", "path"), PATHS)
def test_a_path_is_read_and_written(text: str, path: tuple[str | int, ...]) -> None:
    assert read_path(text) == path
    assert path_text(path) == text


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a[", "a[x]", "a[-1]", "[0]", "a[0]b"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(BadPath):
        read_path(text)


VALUES: list[tuple[str, object]] = [
    ("true", True),
    ("null", None),
    ("3", 3),
    ("-1.5", -1.5),
    ('"true"', "true"),
    ("yes", "yes"),
    ("", ""),
    ("file-local", "file-local"),
    ("2026-11-20", "2026-11-20"),
    ('{"a": [1, {}]}', {"a": [1, {}]}),
    ('1, "other": 2', '1, "other": 2'),
    ("1} ", "1} "),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_value_is_json_or_a_text(text: str, value: object) -> None:
    found = read_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["{", "[1,", '"', "[" * 200, '{"a": 1, "a": 2}', "\udc80"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(BadPath):
        read_value(text)


def test_a_copy_is_changed_and_the_original_is_not() -> None:
    original = {"a": {"b": [1, {"c": 2}]}}
    kept = json.dumps(original)
    assert put(original, ("a", "b", 1, "c"), 3) == {"a": {"b": [1, {"c": 3}]}}
    assert put(original, ("a", "b", 2), 3) == {"a": {"b": [1, {"c": 2}, 3]}}
    assert put(original, ("x", "y"), 3) == {**original, "x": {"y": 3}}
    assert json.dumps(original) == kept


ACCEPTABLE = sorted(gate.id for gate in pack().pack.gates.values() if gate.accept)


def what(name: str, suppositions: Suppositions) -> WhatIf:
    merged, _ = read_scenario(json.dumps(document(name)).encode(), Path("/nowhere"))
    loaded = pack()
    return suppose(loaded.pack, loaded.contracts, merged, suppositions, AT)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["grant-demo-local", "staging-rehearsal", "production-go"]),
    st.sets(st.sampled_from(ACCEPTABLE), max_size=6),
)
def test_to_accept_makes_no_gate_worse(name: str, accepted: set[str]) -> None:
    """Of those who may: no gate falls back, and what is accepted is not invalid for it."""
    acts = tuple(Act(gate, None) for gate in sorted(accepted))
    result = what(name, Suppositions(accepted=acts))
    assert result.regressed == ()
    assert result.findings == ()
    for gate in result.before.gates.values():
        assert not (gate.is_ready and not result.after.gates[gate.id].is_ready)
        if gate.status != "invalid":
            assert result.after.gates[gate.id].status != "invalid"


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(ACCEPTABLE), max_size=6))
def test_what_is_supposed_is_what_a_file_would_do(accepted: set[str]) -> None:
    loaded = pack()
    acts = tuple(Act(gate, "user_md_anna") for gate in sorted(accepted))
    result = what("grant-demo-local", Suppositions(accepted=acts))
    written = document("grant-demo-local")
    written["acceptances"] = [
        {"gate": act.gate, "by": "user_md_anna", "at": "2026-11-23T10:00:00Z"} for act in acts
    ]
    merged, _ = read_scenario(json.dumps(written).encode(), Path("/nowhere"))
    real = judge(loaded.pack, build_scenario(merged, loaded.pack, loaded.contracts), AT)
    assert {gate.id: gate.status for gate in real.gates.values()} == {
        gate.id: gate.status for gate in result.after.gates.values()
    }
    assert len(real.findings) == len(result.findings)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_hostile_texts_stay_texts(form: str) -> None:
    result = what(
        "grant-demo-local", Suppositions(later=parse_instant("2026-11-23T10:00:01Z") - AT)
    )
    (move,) = what("grant-demo-local", Suppositions(waived=(Act(WAIVED, None),))).moves

    def shown(text: str, form: str) -> str:
        causes = tuple(cause._replace(what=text) for cause in move.causes)
        made = result._replace(supposed=(text,), moves=(move._replace(causes=causes),))
        return report(form, made)

    blocks = Shown(shown("x", "markdown")).blocks
    for text in OURS if form == "markdown" else strings():
        written = shown(text, form)
        assert not any(each in written for each in "\x00\x07\x1b\x7f\x9b\u202e\u2066\u200b\r")
        if form == "markdown":
            assert Shown(written).blocks == blocks, text
        if form == "json":
            assert json.loads(written)["supposed"] == [text]


WAIVED = "data-cutover-batches/audit-trail"


def test_ready_is_what_counts_as_ready() -> None:
    result = what("grant-demo-local", Suppositions(waived=(Act(WAIVED, None),)))
    assert result.after.ready == result.before.ready + 1
    assert result.after.gates[WAIVED].status in READY
