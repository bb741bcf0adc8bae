"""What a reader of each format finds in it: gates by status, and findings by severity."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping

from junitparser import JUnitXml  # type: ignore[import-untyped, unused-ignore]
from tap.parser import Parser  # type: ignore[import-untyped, unused-ignore]

from bfg_policy.readiness import STATUSES
from tests.formats.runners import github_commands
from tests.rendering.github import Shown

SEVERITIES = ("error", "warning", "note")
Counts = Mapping[str, int]


def gates_in(sentence: str) -> Counts:
    """Gates by status: `17 of 85 gates ready (18 next, 50 blocked)`."""
    told = re.search(r"(\d+) of (\d+) gates? ready(?: \(([^)]*)\))?", sentence)
    if told is None:
        return {}
    found = Counter(
        {status: int(number) for number, status in re.findall(r"(\d+) ([a-z]+)", told[3] or "")}
    )
    found["ready"] = int(told[1]) - found["waived"]
    assert set(found) <= set(STATUSES)
    assert sum(found.values()) == int(told[2])
    return found


def told_in(sentence: str) -> Counts:
    """All counts of a summary, whose last part tells the findings: `1 error, 2 warnings`."""
    findings = re.split("[;:] ", sentence.split("; not shown here", maxsplit=1)[0])[-1]
    found = {each[1]: int(each[0]) for each in re.findall(r"(\d+) (error|warning|note)", findings)}
    return {**gates_in(sentence), **found}


def in_text(text: str) -> Counts:
    found = Counter(re.findall(r"^(error|warning|note)\[BFG", text, re.MULTILINE))
    return found + Counter(gates_in(text))


def in_json(text: str) -> Counts:
    document = json.loads(text)
    if document["contract"] == "ReadinessSet.v1":
        summary = document["summary"]
        return Counter({**summary["counts"], **summary["findings"]})
    found = Counter(finding["severity"] for finding in document["findings"])
    found.update(gate["status"] for gate in document.get("gates", {}).values())
    return found


def in_sarif(text: str) -> Counts:
    (run,) = json.loads(text)["runs"]
    counts = run["properties"]["counts"]
    found = Counter(
        result["level"] for result in run["results"] if result["ruleId"].startswith("BFG")
    )
    assert run["properties"]["cut"] == 0
    found.update({status: counts[status] for status in STATUSES})
    return found


def in_junit(text: str) -> Counts:
    found: Counter[str] = Counter()
    for suite in JUnitXml.fromstring(text.encode()):
        for case in suite:
            properties = {
                each.get("name"): each.get("value") for each in case._elem.iter("property")
            }
            found[properties.get("status") or properties["severity"]] += 1
    return found


def in_tap(text: str) -> Counts:
    found: Counter[str] = Counter()
    for line in Parser().parse_text(text):
        if line.category != "test":
            assert line.category in ("version", "plan", "diagnostic"), line
            continue
        finding = re.match(r"- (?:\S+(?: \(\S+\))?: )?(error|warning|note) BFG", line.description)
        if finding:
            found[finding[1]] += 1
        elif line.ok:
            found["waived" if "(waived: " in line.description else "ready"] += 1
        else:
            told = line.directive.reason if line.todo else line.yaml_block["message"]
            found[told.split(":")[0]] += 1
    return found


def in_github(text: str) -> Counts:
    return told_in(github_commands(text)[-1].data)


def in_azure(text: str) -> Counts:
    return told_in(text.splitlines()[-1])


def in_gitlab(text: str) -> Counts:
    """Findings alone: the report has no place for gates that are as they should be."""
    names = {"critical": "error", "minor": "warning", "info": "note"}
    return Counter(
        names[issue["severity"]]
        for issue in json.loads(text)
        if issue["check_name"].startswith("BFG")
    )


def in_markdown(text: str) -> Counts:
    shown = Shown(text)
    found = Counter(
        told[1]
        for cell in shown.cells
        if (told := re.fullmatch(r"BFG\d{3} (error|warning|note)\s*", cell))
    )
    cells = [cell.strip() for cell in shown.cells]
    for start in range(len(cells)):
        if cells[start : start + 6] == [*STATUSES, "all"]:
            row = map(int, cells[start + 6 : start + 11])
            return found + Counter(dict(zip(STATUSES, row, strict=True)))
    return found + Counter(gates_in(shown.text))


READERS: dict[str, Callable[[str], Counts]] = {
    "text": in_text,
    "json": in_json,
    "sarif": in_sarif,
    "junit": in_junit,
    "github": in_github,
    "gitlab": in_gitlab,
    "azure": in_azure,
    "tap": in_tap,
    "markdown": in_markdown,
}
