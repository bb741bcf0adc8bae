"""The folder form: which file becomes what, and what stands in two places or nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bfg_policy.digest import snapshot_digest
from bfg_policy.errors import BfgPolicyError, Finding
from bfg_policy.instants import parse_instant
from bfg_policy.pipeline import Judged, judge_scenario
from tests.evaluation.lab import AT, gates, load, record, scenario

PACK = load(
    gates(
        signed={"accept": True},
        seen={
            "evidence": {"contract": "Probe.v1", "fresh_for": "1d"},
            "rule": "evidence.seen.level > 2",
        },
        counted={"rule": "snapshot.verified && snapshot.rows.samples == 2"},
    )
)
SCHEMA = "BFGScenarioSnapshot.v1"
TABLES = {"samples": [{"tenant_id": "t", "id": 1}], "more_samples": [{"tenant_id": "t", "id": 2}]}
CLAIMS = {
    "schema": SCHEMA,
    "rows": {"samples": 2},
    "sha256": snapshot_digest(SCHEMA, "t", TABLES),
}
PAYLOAD = {"schema": SCHEMA, "tables": TABLES}
ACCEPTANCE = {"gate": "main/signed", "by": "ann", "at": "2026-11-20T10:00:00Z"}

WHOLE: dict[str, Any] = {
    "scenario.yaml": scenario(snapshot=CLAIMS),
    "snapshot.json": PAYLOAD,
    "evidence/probe.json": record(),
    "acceptances/chief/main.signed.json": ACCEPTANCE,
}


def write(folder: Path, files: dict[str, Any]) -> Path:
    """A scenario's folder with these files; a value that is text is written as it is."""
    for name, content in files.items():
        path = folder / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content)
        elif path.suffix == ".json":
            path.write_text(json.dumps(content, indent=2))
        else:
            path.write_text(yaml.safe_dump(content, sort_keys=False))
    return folder / "one"


def judged(folder: Path) -> Judged:
    return judge_scenario(PACK, folder, parse_instant(AT), folder.parent)


def findings(folder: Path) -> tuple[Finding, ...]:
    try:
        return judged(folder).readiness.findings
    except BfgPolicyError as error:
        return error.findings


def told(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, str(finding.place)) for finding in found]


def test_every_file_becomes_its_part(tmp_path: Path) -> None:
    result = judged(write(tmp_path, WHOLE)).readiness
    assert {gate.key: gate.status for gate in result.gates.values()} == {
        "signed": "ready",
        "seen": "ready",
        "counted": "ready",
    }
    assert result.findings == ()


@pytest.mark.parametrize(
    "left_out", ["snapshot.json", "evidence/probe.json", "acceptances/chief/main.signed.json"]
)
def test_what_is_not_there_is_none(tmp_path: Path, left_out: str) -> None:
    files = {name: content for name, content in WHOLE.items() if name != left_out}
    result = judged(write(tmp_path, files)).readiness
    assert (result.ready, result.findings) == (2, ())


def test_acceptances_are_found_however_deep_and_signatures_passed_over(tmp_path: Path) -> None:
    later = {**ACCEPTANCE, "by": "bob", "at": "2026-11-20T11:00:00Z"}
    files = {**WHOLE, "acceptances/x/y/z.json": later, "acceptances/x/y/z.sig": "signed"}
    result = judged(write(tmp_path, files)).readiness
    acceptance = result.gates["main/signed"].acceptance
    assert acceptance is not None
    assert acceptance.by == "bob"


CONFLICTS: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "tables in both",
        {"scenario.yaml": scenario(snapshot={**CLAIMS, "tables": TABLES})},
        [("BFG208", "one/snapshot.json:3:3")],
    ),
    (
        "another schema",
        {"snapshot.json": {**PAYLOAD, "schema": "Other.v1"}},
        [("BFG208", "one/snapshot.json:2:3")],
    ),
    (
        "a record in both",
        {"scenario.yaml": scenario(snapshot=CLAIMS, evidence={"probe": record()})},
        [("BFG208", "one/evidence/probe.json:1:1")],
    ),
    (
        "acceptances in both",
        {"scenario.yaml": scenario(snapshot=CLAIMS, acceptances=[ACCEPTANCE])},
        [("BFG208", "one/acceptances/chief/main.signed.json:1:1")],
    ),
]


@pytest.mark.parametrize(("case", "changes", "expected"), CONFLICTS)
def test_nothing_stands_in_two_files(
    tmp_path: Path, case: str, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = findings(write(tmp_path, {**WHOLE, **changes}))
    assert told(found) == expected
    assert found[0].related[0].place.path == "one/scenario.yaml"


def test_empty_lists_in_the_scenario_are_no_conflict(tmp_path: Path) -> None:
    main = scenario(snapshot=CLAIMS, acceptances=[], evidence={})
    assert judged(write(tmp_path, {**WHOLE, "scenario.yaml": main})).readiness.ready == 3


def test_records_of_other_names_stand_beside_each_other(tmp_path: Path) -> None:
    main = scenario(snapshot=CLAIMS, evidence={"inline": record()})
    found = findings(write(tmp_path, {**WHOLE, "scenario.yaml": main}))
    # Two records of one contract: nobody could tell which of them a gate should believe.
    assert [finding.code for finding in found] == ["BFG506"]


def test_the_schema_may_stand_in_the_payload_alone(tmp_path: Path) -> None:
    claims = {key: value for key, value in CLAIMS.items() if key != "schema"}
    assert (
        judged(
            write(tmp_path, {**WHOLE, "scenario.yaml": scenario(snapshot=claims)})
        ).readiness.ready
        == 3
    )


def test_a_payload_without_claims_verifies_nothing(tmp_path: Path) -> None:
    result = judged(write(tmp_path, {**WHOLE, "scenario.yaml": scenario()})).readiness
    assert result.gates["main/counted"].status == "next"


FAULTS: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("broken yaml", {"scenario.yaml": "scenario: [\n"}, [("BFG103", "one/scenario.yaml:1:11")]),
    ("broken json", {"snapshot.json": "{"}, [("BFG103", "one/snapshot.json:1:1")]),
    (
        "two broken files",
        {"evidence/probe.json": "[]", "acceptances/chief/main.signed.json": "x"},
        [
            ("BFG113", "one/evidence/probe.json:1:1"),
            ("BFG103", "one/acceptances/chief/main.signed.json:1:1"),
        ],
    ),
    (
        "snapshot is no mapping",
        {"scenario.yaml": scenario(snapshot=[1])},
        [("BFG203", "one/scenario.yaml:16:1")],
    ),
    (
        "evidence is no mapping",
        {"scenario.yaml": scenario(evidence=[1])},
        [("BFG203", "one/scenario.yaml:16:1")],
    ),
    (
        "acceptances are no list",
        {"scenario.yaml": scenario(acceptances="x")},
        [("BFG203", "one/scenario.yaml:15:14")],
    ),
    (
        "a record without its contract",
        {"evidence/probe.json": {"observed_at": AT}},
        [("BFG202", "one/evidence/probe.json:1:1")] * 4,
    ),
    (
        "a record of no contract",
        {"evidence/probe.json": record(contract="Prob.v1")},
        [("BFG206", "one/evidence/probe.json:2:15")],
    ),
    (
        "a record with a misspelt section",
        {"evidence/probe.json": {**record(), "sean": {"status": "pass"}}},
        [("BFG201", "one/evidence/probe.json:14:3")],
    ),
    (
        "an unknown fact",
        {"scenario.yaml": scenario(snapshot=CLAIMS, okk=True)},
        [("BFG201", "one/scenario.yaml:20:1")],
    ),
    (
        "an unknown group of rows",
        {"scenario.yaml": scenario(snapshot={**CLAIMS, "rows": {"sample": 2}})},
        [("BFG201", "one/scenario.yaml:18:5")],
    ),
    (
        "a wrong count of rows",
        {"scenario.yaml": scenario(snapshot={**CLAIMS, "rows": {"samples": 3}})},
        [("BFG530", "one/scenario.yaml:18:14")],
    ),
    (
        "a wrong digest",
        {"scenario.yaml": scenario(snapshot={**CLAIMS, "sha256": "a" * 64})},
        [("BFG530", "one/scenario.yaml:19:11")],
    ),
    (
        "a row that has no digest",
        {"snapshot.json": {**PAYLOAD, "tables": {"samples": [{"tenant_id": "t", "id": 1.5}]}}},
        [("BFG531", "one/snapshot.json:7:15")],
    ),
    (
        "a payload against its contract",
        {"snapshot.json": {**PAYLOAD, "tables": {"samples": [{"id": 1}]}}},
        [("BFG202", "one/snapshot.json:5:7")],
    ),
    (
        "a payload of no contract",
        {
            "scenario.yaml": scenario(snapshot={**CLAIMS, "schema": "BFGScenarioSnapshot.v2"}),
            "snapshot.json": {"tables": TABLES},
        },
        [("BFG206", "one/scenario.yaml:16:11")],
    ),
    (
        "an acceptance against its contract",
        {"acceptances/chief/main.signed.json": {**ACCEPTANCE, "at": "today"}},
        [("BFG205", "one/acceptances/chief/main.signed.json:4:9")],
    ),
    (
        "an instant that no calendar has",
        {"acceptances/chief/main.signed.json": {**ACCEPTANCE, "at": "2026-02-30T10:00:00Z"}},
        [("BFG205", "one/acceptances/chief/main.signed.json:4:9")],
    ),
    (
        "two actors of one id",
        {
            "scenario.yaml": scenario(
                actors=[{"id": "a", "role": "chief"}, {"id": "a", "role": "tech"}]
            )
        },
        [("BFG307", "one/scenario.yaml:8:7")],
    ),
    (
        "an actor of no role",
        {"scenario.yaml": scenario(actors=[{"id": "a", "role": "chef"}])},
        [("BFG304", "one/scenario.yaml:7:9")],
    ),
    (
        "a YAML record",
        {"evidence/other.yaml": "contract: Probe.v1\n"},
        [("BFG115", "one/evidence/other.yaml")],
    ),
]


@pytest.mark.parametrize(("case", "changes", "expected"), FAULTS)
def test_faults_stand_in_their_own_file(
    tmp_path: Path, case: str, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    changed = {**WHOLE, **changes}
    if case.startswith(("evidence is", "acceptances are", "snapshot is", "two actors", "an actor")):
        changed = changes
    assert told(findings(write(tmp_path, changed))) == expected


def test_a_file_that_is_no_part_of_a_scenario_is_a_warning(tmp_path: Path) -> None:
    folder = write(tmp_path, {**WHOLE, "waivers.yaml": "waivers: []\n", "README.md": "x"})
    assert [(f.code, f.severity, str(f.place)) for f in findings(folder)] == [
        ("BFG115", "warning", "one/waivers.yaml")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "evidence/other",
        "evidence/other.txt",
        "evidence/other.json.bak",
        "acceptances/chief/other",
        "acceptances/other.jsonc",
    ],
)
def test_a_file_beside_the_records_that_nobody_reads_is_a_warning(
    tmp_path: Path, name: str
) -> None:
    passed = {
        "evidence/.gitkeep": "",
        "evidence/README": "x",
        "evidence/about.md": "x",
        "acceptances/CODEOWNERS": "x",
        "acceptances/chief/a.json.sig": "x",
    }
    folder = write(tmp_path, {**WHOLE, **passed, name: "{}"})
    assert [(f.code, f.severity, str(f.place)) for f in findings(folder)] == [
        ("BFG115", "warning", f"one/{name}")
    ]


@pytest.mark.parametrize(
    ("moved", "to", "hint"),
    [
        ("evidence", "Evidence", "rename it to `evidence`"),
        ("acceptances", "acceptance", "rename it to `acceptances`"),
        ("evidence", "evidence/seen", "directly in evidence/"),
    ],
)
def test_a_folder_that_is_not_read_is_a_warning(
    tmp_path: Path, moved: str, to: str, hint: str
) -> None:
    changed = {name.replace(f"{moved}/", f"{to}/", 1): data for name, data in WHOLE.items()}
    folder = write(tmp_path, {**changed, "notes/a.md": "x", ".kept/a.json": "x"})
    (found,) = findings(folder)
    assert (found.code, found.severity, str(found.place)) == ("BFG115", "warning", f"one/{to}")
    assert hint in (found.hint or "")


@pytest.mark.parametrize("name", ["scenario.yaml", "snapshot.json", "evidence", "acceptances"])
def test_links_lead_nowhere(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, WHOLE)
    outside = tmp_path / "outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    assert [finding.code for finding in findings(folder)] == ["BFG101"]


def test_a_folder_without_a_scenario_is_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (found,) = findings(tmp_path / "one")
    assert "holds no scenario.yaml" in found.message


def test_of_thousands_of_mistakes_the_first_are_told(tmp_path: Path) -> None:
    actors = [{"id": "ann", "role": f"chie{number}"} for number in range(5_000)]
    (tmp_path / "one.json").write_text(json.dumps(scenario(actors=actors)))
    found = findings(tmp_path / "one.json")
    assert [finding.severity for finding in found].count("error") == 100
    assert [finding.message for finding in found if not finding.is_error] == [
        "there are more findings in this document, which are not shown"
    ]
