"""The `sarif` format: SARIF 2.1.0, as code scanning takes it in, and within its limits."""

from __future__ import annotations

from gzip import compress
from typing import TYPE_CHECKING
from urllib.parse import quote

from bfg_policy import __version__
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.cutting import shortened
from bfg_policy.reporters.fingerprints import fingerprints
from bfg_policy.reporters.json import Data, document_text
from bfg_policy.reporters.rules import rule_of
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bfg_policy.errors import Place, Related
    from bfg_policy.reporters.cases import Notice, View
    from bfg_policy.reporters.results import Result, Style

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# GitHub refuses a file with more results in a run, and one that is larger when compressed.
MOST_RESULTS = 25_000
MOST_BYTES = 10 * 1024 * 1024
# GitHub shows no more places of one result.
_MOST_RELATED = 100
_LONGEST_TEXT = 2_000
_BASE = "%SRCROOT%"
_FINGERPRINT = "bfgPolicy/v1"


def report(result: Result, _style: Style) -> str:
    """The result as one SARIF run: the worst first, and where something was cut, how much."""
    view = view_of(result)
    marks = fingerprints(view.notices)
    results = [_result(*each) for each in zip(view.notices, marks, strict=True)]
    shown = len(results[:MOST_RESULTS])
    while len(text := _document(view, results[:shown])) > MOST_BYTES:
        if not shown or len(compress(text.encode(), 6, mtime=0)) <= MOST_BYTES:
            break
        shown //= 2
    return text


def _document(view: View, results: Sequence[Data]) -> str:
    cut = len(view.notices) - len(results)
    run: Data = {
        "tool": {
            "driver": {
                "name": "bfg-policy",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in _used(results)],
            }
        },
        "automationDetails": {"id": f"bfg-policy/{visible(view.id)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _BASE: {"description": {"text": "The folder that bfg-policy was run in."}}
        },
        "invocations": [_invocation(view, cut)],
        "results": results,
        "properties": {"counts": view.counts, "cut": cut},
    }
    return document_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(view: View, cut: int) -> Data:
    told = [{"level": "note", "message": {"text": _text(view.sentence)}}]
    if cut:
        text = f"{cut} results, the least bad of them, are left out: SARIF files have limits."
        told.append({"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": True, "toolExecutionNotifications": told}


def _used(results: Sequence[Data]) -> list[str]:
    return sorted({str(result["ruleId"]) for result in results})


def _rule(name: str) -> Data:
    rule = rule_of(name)
    return {
        "id": name,
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(rule.meaning)},
        "help": {"text": _text(rule.meaning, f"What to do: {rule.remedy}")},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(notice: Notice, mark: str) -> Data:
    properties = {"scenario": notice.scenario, "gate": notice.gate and notice.gate.id}
    told: Data = {
        "ruleId": notice.rule,
        "level": notice.severity,
        "message": {"text": _text(notice.message, *notice.details)},
        "locations": [_location(notice.place)] if notice.place.path else [],
        "partialFingerprints": {_FINGERPRINT: mark},
    }
    related = [_related(each) for each in notice.related[:_MOST_RELATED] if each.place.path]
    if related:
        told["relatedLocations"] = related
    if notice.excuse is not None:
        accepted = {"kind": "external", "status": "accepted"}
        told["suppressions"] = [{**accepted, "justification": _plain(notice.excuse)}]
    if notice.gate is not None:
        told["properties"] = {key: visible(each) for key, each in properties.items() if each}
    return told


def _location(place: Place) -> Data:
    physical: Data = {"artifactLocation": _artifact(place.path or "")}
    if place.line is not None:
        region: Data = {"startLine": place.line}
        if place.column is not None:
            region["startColumn"] = place.column
            region["endColumn"] = place.column + place.length
        physical["region"] = region
    return {"physicalLocation": physical}


def _related(related: Related) -> Data:
    return {**_location(related.place), "message": {"text": _text(related.message)}}


def _artifact(path: str) -> Data:
    """A path as a URI: relative to the folder of the run, wherever that is on another machine."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    uri = quote(raw, safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri} if path.startswith("../") else {"uri": uri, "uriBaseId": _BASE}


def _text(*lines: str) -> str:
    """A message: its braces are no placeholders, and nothing in it is a link."""
    return _plain(*lines).replace("{", "{{").replace("}", "}}").replace("](", "]\\(")


def _plain(*lines: str) -> str:
    return shortened("\n".join(map(visible, lines)), _LONGEST_TEXT)
