"""The `json` format obeys its contracts, and no reader takes it for a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from bfg_policy.errors import Finding, Place, Related
from bfg_policy.reporters import REPORTERS, Findings, Judged, format_result
from tests.rendering.hostile import strings
from tests.rendering.judgements import FUTURE, library

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

CONTRACTS = Path(__file__).parents[2] / "contracts"
TWICE = Finding(
    "BFG104",
    "`owner` stands twice",
    Place("policies/a.yaml", 7, 1, 5, "owner: b"),
    related=(Related(Place("policies/a.yaml", 3, 1, 5, "owner: a"), "the first"),),
    suggestion="owners",
    hint="delete one of the two",
)


def validator(name: str) -> jsonschema.Draft202012Validator:
    """The contract of a name, with those that it refers to by file name."""
    files = {path.name: json.loads(path.read_text()) for path in CONTRACTS.glob("*.v1.schema.json")}
    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(schema)) for file, schema in files.items()
    )
    return jsonschema.Draft202012Validator(files[f"{name}.schema.json"], registry=registry)


@pytest.mark.parametrize("is_ready", [False, True])
@pytest.mark.parametrize("verdict", ["launch", None])
def test_a_judgement_obeys_its_contract(is_ready: bool, verdict: str | None) -> None:
    judged = Judged(*library(is_ready=is_ready, verdict=verdict))
    validator("readiness.v1").validate(json.loads(format_result("json", judged)))


def test_findings_obey_their_contract() -> None:
    for findings in ((), (FUTURE, TWICE, Finding("BFG101", "nowhere"))):
        document = json.loads(format_result("json", Findings(findings)))
        validator("findings.v1").validate(document)
        assert len(document["findings"]) == len(findings)


def test_a_judgement(snapshot: SnapshotAssertion) -> None:
    assert format_result("json", Judged(*library())) == snapshot


def test_findings(snapshot: SnapshotAssertion) -> None:
    assert format_result("json", Findings((FUTURE, TWICE))) == snapshot


def test_counts_agree_with_the_gates() -> None:
    document = json.loads(format_result("json", Judged(*library())))
    statuses = [gate["status"] for gate in document["gates"].values()]
    assert document["counts"] == {key: statuses.count(key) for key in document["counts"]}
    assert document["ready"] == sum(board["ready"] for board in document["boards"].values())
    assert document["total"] == len(statuses)


@given(st.text())
def test_any_text_reads_back(text: str) -> None:
    _check_text(text)


def test_every_hostile_text_reads_back() -> None:
    for text in strings():
        _check_text(text)


def _check_text(text: str) -> None:
    written = format_result("json", Findings((Finding("BFG101", text, Place(text)),)))
    (finding,) = json.loads(written.encode("utf-8"))["findings"]
    assert finding["message"] == finding["path"] == text
    assert not any("\x7f" <= each <= "\x9f" or each in "\u202e\u2066\u2028" for each in written)
    assert "##" not in written
    assert "::" not in written


def test_the_table_names_what_there_is() -> None:
    assert list(REPORTERS) == [
        *("text", "json", "sarif", "junit", "github", "gitlab", "azure", "tap", "markdown")
    ]
    for name in REPORTERS:
        assert format_result(name, Findings(())).endswith("\n")
