"""`eval`: values, types, readings and errors of one expression, and the conversation of `-i`."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hardening.project import write_project
from tests.rendering.hostile import strings
from tests.reporters.test_json import validator
from tests.running import Ran, run
from tests.shared import ROOT

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

AT = "2026-11-20T12:00:00Z"
GO = "scenarios/production-go"
CONNECTION = "ProductionAdapterConnection.v1"
JSON = ("--format", "json")
EVIDENCE = ("--evidence", CONNECTION)


def evaluated(*arguments: str | Path, options: tuple[str, ...] = ()) -> Ran:
    return run("eval", "--at", AT, *options, "--", *arguments, cwd=ROOT)


VALUES = [
    ("1 + 1", "2", "int"),
    ("snapshot.rows.audit", "0", "int"),
    ("scenario.snapshot.rows.audit", "0", "int"),
    ("target", "'db-auth-session-adapter'", "string"),
    ("snapshot.verified", "true", "bool"),
    ("has(wiring.live_credentials)", "false", "bool"),
    ("snapshot.rows", "{'operations': 0, 'finance': 0, 'audit': 0}", "map(string, int)"),
    ("actors.map(a, a.permissions.size())", "[5, 4, 4, 3, 3]", "list(int)"),
    ("wiring.?live_credentials", "optional.none()", "optional(dyn)"),
    ("wiring.?live_credentials.reference.orValue('none')", "'none'", "string"),
    ("null", "null", "null"),
    ("7u", "7u", "uint"),
    ("1.0", "1.0", "double"),
    ("1e300 * 1e10", "double('Infinity')", "double"),
    ("-9223372036854775808", "-9223372036854775808", "int"),
    ("b'a\\xff'", "b'a\\xff'", "bytes"),
    ("duration('90m')", "duration('5400s')", "duration"),
    (
        "timestamp('2026-11-20T12:00:00+01:00')",
        "timestamp('2026-11-20T11:00:00Z')",
        "timestamp",
    ),
    ("type(1)", "int", "type"),
    ("[]", "[]", "list"),
    ("[1, 'a']", "[1, 'a']", "list(int or string)"),
    ("{1: true, true: 2u}", "{1: true, true: 2u}", "map(int or bool, bool or uint)"),
]


@pytest.mark.parametrize(("expression", "value", "kind"), VALUES, ids=lambda each: str(each)[:40])
def test_a_value_and_its_type(expression: str, value: str, kind: str) -> None:
    ran = evaluated(expression)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[:2] == [value, f"  type      {kind}"]


@pytest.mark.parametrize(("expression", "value", "kind"), VALUES, ids=lambda each: str(each)[:40])
def test_json_obeys_its_contract_and_says_the_same(expression: str, value: str, kind: str) -> None:
    document = json.loads(evaluated(expression, options=JSON).stdout)
    validator("evaluation.v1").validate(document)
    assert (document["expression"], document["literal"]) == (expression, value)
    assert document["type"] == kind.partition("(")[0]
    assert "value" in document


IN_JSON = [
    ("9007199254740991", 9007199254740991),
    ("9007199254740992", "9007199254740992"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("18446744073709551615u", "18446744073709551615"),
    ("double('NaN')", "NaN"),
    ("-double('Infinity')", "-Infinity"),
    ("0.1", 0.1),
    ("b'\\xff\\x00'", "/wA="),
    ("timestamp('2026-11-20T12:00:00.5Z')", "2026-11-20T12:00:00.5Z"),
    ("duration('-1.5s')", "-1.5s"),
    ("optional.of([1u])", [1]),
    ("optional.none()", None),
    ("type(timestamp(0))", "google.protobuf.Timestamp"),
    ("{1: 'a', 2u: 'b', false: 'c'}", {"1": "a", "2": "b", "false": "c"}),
]


@pytest.mark.parametrize(("expression", "value"), IN_JSON, ids=lambda each: str(each)[:40])
def test_what_json_cannot_say_is_said_in_words(expression: str, value: object) -> None:
    document = json.loads(evaluated(expression, options=JSON).stdout)
    assert document["value"] == value
    assert type(document["value"]) is type(value)


def test_what_json_has_no_way_to_say_is_left_out() -> None:
    document = json.loads(evaluated("{1: 'a', '1': 'b'}", options=JSON).stdout)
    validator("evaluation.v1").validate(document)
    assert "value" not in document
    assert document["literal"] == "{1: 'a', '1': 'b'}"


WITHOUT_VALUE = [
    # expression, exit, code, line and column, what stands under the caret
    ("wiring.live_credentials.reference", 1, "BFG411", "1:1", "wiring.live_credentials"),
    ("1 / snapshot.rows.audit", 1, "BFG410", "1:1", "1 / snapshot.rows.audit"),
    ("actors[9].id", 1, "BFG410", "1:1", "actors[9]"),
    ("9223372036854775807 + snapshot.rows.audit + 1", 1, "BFG410", "1:1", None),
    ("optional.none().value()", 1, "BFG411", "1:1", None),
    ("true &&", 4, "BFG401", "1:8", None),
    ("snapshott.rows", 4, "BFG402", "1:1", "snapshott"),
    ("evidence.tls", 4, "BFG402", "1:1", "evidence"),
    ("snapshot.rowz.audit", 4, "BFG403", "1:10", "rowz"),
    ("target == 1", 4, "BFG404", "1:1", "target == 1"),
    ("target.matches('(?=a)')", 4, "BFG406", "1:16", "'(?=a)'"),
    ("(" * 200 + "1" + ")" * 200, 4, "BFG407", "1:101", None),
    ("snapshot.verified &&\n  snapshot.rowz.audit > 0", 4, "BFG403", "2:12", "rowz"),
    ("'AKIA" + "IOSFODNN7EXAMPLE'", 4, "BFG701", "1:1", None),
]


@pytest.mark.parametrize(
    ("expression", "code", "finding", "place", "under"),
    WITHOUT_VALUE,
    ids=lambda each: str(each)[:40],
)
def test_what_has_no_value_is_one_finding_at_its_place(
    expression: str, code: int, finding: str, place: str, under: str | None
) -> None:
    ran = evaluated(expression)
    assert (ran.code, ran.stderr) == (code, "")
    lines = ran.stdout.splitlines()
    assert lines[0].startswith(f"error[{finding}]: ")
    assert lines[1].strip() == f"--> <expression>:{place}"
    assert ran.stdout.count("error[") == 1
    if under is not None:
        assert lines[4].split("| ", 1)[1].split(" did")[0].strip() == "^" * len(under)


@pytest.mark.parametrize(
    "expression", [row[0] for row in WITHOUT_VALUE], ids=lambda each: each[:40]
)
def test_what_has_no_value_obeys_its_contract_too(expression: str) -> None:
    ran = evaluated(expression, options=JSON)
    document = json.loads(ran.stdout)
    if ran.code == 4:  # as in every command
        validator("findings.v1").validate(document)
    else:
        validator("evaluation.v1").validate(document)
        assert (document["type"], document["literal"], "value" in document) == (None, None, False)
    assert len(document["findings"]) == 1


SHOWN = {
    "false": [
        "target == 'x' && snapshot.rows.audit > 0 && actors.all(a, a.role == 'driver')",
    ],
    "missing": ["wiring.live_credentials.reference"],
    "nested": ["{'rollout': rollout, 'rows': snapshot.rows, 'none': {}}"],
    "not recorded": ["evidence.tls.sha256"],
    "recorded": ["evidence.rbac.actors == actors.size() + 1", GO],
    "warning": ["has(wiring.tenant_context) || wiring.live_credentials.reference != ''"],
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown(name: str, snapshot: SnapshotAssertion) -> None:
    options = EVIDENCE if "recorded" in name else ()
    assert evaluated(*SHOWN[name], options=options).stdout == snapshot


def test_a_false_condition_is_told_in_json_with_both_places() -> None:
    document = json.loads(evaluated("snapshot.rows.audit > 0", options=JSON).stdout)
    (reading,) = document["readings"]
    assert reading["source"] == {"path": "<expression>", "line": 1, "column": 1}
    assert (reading["path"], reading["value"]) == ("snapshot.rows.audit", "0")
    line = (ROOT / reading["place"]["path"]).read_text().splitlines()[reading["place"]["line"] - 1]
    assert line[reading["place"]["column"] - 1 :].startswith("0}")


# Evidence.


def test_a_believed_record_is_bound_as_a_gate_would_see_it() -> None:
    assert evaluated("evidence.tls.sha256.size()", GO, options=EVIDENCE).stdout[:3] == "64\n"


@pytest.fixture
def go(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / GO, tmp_path / "go")
    return tmp_path / "go"


def record(go: Path, **changes: object) -> None:
    from bfg_policy.digest import record_digest

    path = go / "evidence" / "adapter_connection.json"
    data = json.loads(path.read_text()) | changes
    data["sha256"] = record_digest(data)
    path.write_text(json.dumps(data))


def test_a_section_that_did_not_pass_is_not_there(go: Path) -> None:
    record(go, tls={"status": "fail"})
    assert evaluated("has(evidence.rbac)", go, options=EVIDENCE).stdout.startswith("true")
    assert evaluated("has(evidence.tls)", go, options=EVIDENCE).stdout.startswith("false")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"reachable": true', '"reachable": false', "BFG501"),
        ("2026-11-20T09:00:00Z", "2027-11-20T09:00:00Z", "BFG501"),
    ],
)
def test_a_record_that_must_not_be_believed_is_not_bound(
    go: Path, old: str, new: str, code: str
) -> None:
    path = go / "evidence" / "adapter_connection.json"
    path.write_text(path.read_text().replace(old, new))
    ran = evaluated("has(evidence.endpoint)", go, options=EVIDENCE)
    assert ran.code == 0
    assert ran.stdout.startswith("false")
    assert f"warning[{code}]" in ran.stdout


def test_a_record_from_the_future_is_not_bound_before_it_is_observed(go: Path) -> None:
    record(go, observed_at="2026-11-20T12:00:01Z")
    arguments = ("eval", "has(evidence.endpoint)", go, "--evidence", CONNECTION, "--at")
    before = run(*arguments, AT, cwd=ROOT)
    assert before.stdout.startswith("false")
    assert "warning[BFG504]" in before.stdout
    assert run(*arguments, "2026-11-20T12:00:01Z", cwd=ROOT).stdout == "true\n  type      bool\n"


# What is not needed, and what is refused.


def test_policies_that_are_wrong_do_not_matter(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    (tmp_path / "policies").mkdir()
    shutil.copy(ROOT / "policies" / "pack.yaml", tmp_path / "policies")
    (tmp_path / "policies" / "half-written.yaml").write_text("policy: [\n")
    ran = run("eval", "snapshot.rows.audit", ROOT / GO, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (0, "12\n  type      int\n")


def test_the_packaged_pack_is_meant_where_there_are_no_policies(tmp_path: Path) -> None:
    assert run("eval", "target", ROOT / GO, cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("code", "arguments", "said"),
    [
        (2, [], "EXPR"),
        (2, ["1", "no/such/scenario"], "no scenario"),
        (2, ["1", "--evidence", "ProductionAdapterConection.v1"], f"did you mean `{CONNECTION}`"),
        (2, ["1", "--format", "markdown"], "markdown"),
        (2, ["-i", "1", GO], "name no EXPR"),
        (2, ["-i", "-"], "standard input"),
        (2, ["-i", "--format", "json"], "text"),
        (3, ["1", "docs"], "BFG101"),
        (4, ["1", "README.md"], "BFG"),
        (4, ["1", "policies/dry-run.yaml"], "BFG202"),
        (3, ["1", "--policies", "docs"], "BFG101"),
    ],
    ids=str,
)
def test_exit_codes_and_what_is_said(code: int, arguments: list[str], said: str) -> None:
    ran = run("eval", *arguments, cwd=ROOT)
    assert ran.code == code, ran
    assert said in ran.stdout + ran.stderr


def can_be_given(text: str) -> bool:
    """Whether the text can be an argument: made of bytes, whatever these are."""
    return not any("\ud800" <= each < "\udc80" or "\udcff" < each <= "\udfff" for each in text)


def test_hostile_lines_do_not_end_a_conversation() -> None:
    lines = [text.replace("\n", " ") for text in strings() if can_be_given(text)]
    ran = conversation(*(line for line in lines if line.strip() != ":quit"), "40 + 2")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.endswith("\n42\n  type      int\n")
    assert not set(ran.stdout) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066\u200b\ufeff")


@pytest.mark.parametrize("form", ["text", "json"])
def test_hostile_strings_are_shown_harmless(form: str, tmp_path: Path) -> None:
    write_project(tmp_path)
    for text in strings():
        if not can_be_given(text):
            continue
        quoted = json.dumps(text, ensure_ascii=False)  # as CEL, too
        options = ("--at", AT, "--format", form)
        ran = run("eval", *options, "--", quoted, "scenario.yaml", cwd=tmp_path)
        assert ran.code in (0, 4)
        assert not any(each < " " and each != "\n" for each in ran.stdout), text
        assert not set(ran.stdout) & set("\x7f\x9b\u202e\u2066\u200b\ufeff"), text


SECRET = "ghp_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"[:36]


@pytest.mark.parametrize(
    "expression",
    [
        "{first} + {second}",
        "[{first} + {second}]",
        "{{'a': {first} + {second}}}",
        "{{{first} + {second}: 1}}",
        "bytes({first} + {second})",
        "optional.of({first} + {second})",
        "{{'pass' + 'word': 'Tr0ub4dor' + '&3xyz'}}",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_value_that_looks_like_a_secret_is_not_shown(expression: str, form: str) -> None:
    given = expression.format(first=f"'{SECRET[:4]}'", second=f"'{SECRET[4:]}'")
    ran = evaluated(given, options=("--format", form))
    assert ran.code == 0
    assert SECRET not in ran.stdout
    assert "Tr0ub4dor&3xyz" not in ran.stdout
    shown = json.loads(ran.stdout)["literal"] if form == "json" else ran.stdout
    assert "[redacted]" in shown


def test_a_value_that_is_small_until_it_is_written_is_not_written() -> None:
    doubled = "[1]"
    for _ in range(25):
        doubled = f"cel.bind(a, {doubled}, [a, a])"
    ran = evaluated(doubled)
    assert ran.code == 1
    assert "BFG407" in ran.stdout


def test_an_argument_that_is_not_utf_8_is_told() -> None:
    ran = evaluated("'\udcff'")
    assert ran.code == 4
    assert "BFG102" in ran.stdout
    assert "<expression>:1:2" in ran.stdout


# The conversation.


def conversation(*lines: str) -> Ran:
    text = "".join(f"{line}\n" for line in lines)
    return run("eval", "-i", "--at", AT, cwd=ROOT, stdin=text.encode(errors="surrogateescape"))


def test_a_conversation(snapshot: SnapshotAssertion) -> None:
    ran = conversation(
        "snapshot.rows.audit > 0",
        "",
        "snapshot.rowz",
        ":type rollout",
        ":type wiring.?live_credentials",
        ":type 1 +",
        ":vars",
        ":help",
        "wiring.live_credentials",
        "  target  ",
        ":quit",
        "'never read'",
    )
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == snapshot


def test_an_error_does_not_end_a_conversation() -> None:
    ran = conversation("1 +", "1 / 0", "'\udcff'", "x" * 200_000, "'" + SECRET + "'", "40 + 2")
    assert ran.code == 0
    assert ran.stdout.endswith("\n42\n  type      int\n")
    assert SECRET not in ran.stdout


def test_a_scenario_can_be_named_for_a_conversation() -> None:
    ran = run("eval", "-i", GO, cwd=ROOT, stdin=b"snapshot.rows.audit")
    assert ran.stdout == "12\n  type      int\n"


def test_a_terminal_is_shown_a_prompt() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bfg_policy", "eval", "-i"],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={"PATH": os.environ["PATH"], "TERM": "dumb"},
    )
    os.close(theirs)
    seen = b""
    for wanted, answer in ((b"> ", b"40 + 2\n"), (b"int", b":quit\n")):
        while wanted not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, answer)
    assert process.wait(timeout=30) == 0
    os.close(ours)
    assert b"42" in seen
