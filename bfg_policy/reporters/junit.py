"""The `junit` format: a test case a gate and a finding, as test reports of CI systems show them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.sentences import details_of, excuse, why
from bfg_policy.reporters.views import view_of

if TYPE_CHECKING:
    from junitparser import JUnitXml, TestCase, TestSuite

    from bfg_policy.errors import Finding, Place
    from bfg_policy.reporters.cases import Case, Group, View
    from bfg_policy.reporters.results import Result, Style

# No board can be called so: its id has no dot.
_FINDINGS = "bfg-policy.findings"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def report(result: Result, _style: Style) -> str:
    """The result as JUnit XML: a suite a scenario; in UTF-8, its attributes in a fixed order."""
    from junitparser import JUnitXml

    view = view_of(result)
    whole = JUnitXml("bfg-policy")
    for group in view.groups:
        whole.add_testsuite(_suite(group, view))
    return xml_text(whole)


def xml_text(whole: JUnitXml) -> str:
    """A whole report with its declaration and last line end; its statistics are counted here."""
    whole.update_statistics()  # type: ignore[no-untyped-call]
    # In one form, whichever library wrote it: junitparser takes lxml where that is installed.
    root = _parsed(whole)
    for element in root.iter():
        element.attrib.pop("time", None)  # nothing was measured
    ET.indent(root)
    text = ET.canonicalize(ET.tostring(root, encoding="unicode"))
    return _DECLARATION + text + "\n"


def _parsed(whole: JUnitXml) -> ET.Element:
    text: bytes = whole.tostring()  # type: ignore[no-untyped-call]
    return ET.fromstring(text)  # noqa: S314 - it was written just now


def _suite(group: Group, view: View) -> TestSuite:
    from junitparser import TestSuite

    suite = TestSuite(visible(group.name))
    prefix = f"{group.name}." if view.is_several else ""
    suite.add_testcases(
        [
            *(_gate(case, prefix) for case in group.cases),
            *(_finding(finding, prefix) for finding in group.findings),
        ]
    )
    if group is view.groups[0]:
        suite.add_property("summary", visible(view.sentence))
    return suite


def _gate(case: Case, prefix: str) -> TestCase:
    from junitparser import Error, Failure, Skipped

    gate = case.gate
    made = located_case(gate.key, prefix + gate.board, gate.source)
    _add_properties(made, status=gate.status, owner=gate.owner)
    message = visible(f"{gate.status}: {why(gate)}")
    if case.outcome == "failed":
        made.result = Failure(message, "required")
    elif case.outcome == "error":
        made.result = Error(message, "invalid")
    elif case.outcome == "skipped":
        made.result = Skipped(message, gate.status)
    elif gate.waiver is not None and gate.status == "waived":
        made.system_out = visible(f"waived: {excuse(gate)}")
    return made


def _finding(finding: Finding, prefix: str) -> TestCase:
    from junitparser import Error

    place = finding.place
    # No line in the name: by their names CI systems tell whether a case is new.
    where = f" {place.path}" if place.path is not None else ""
    name = f"{finding.code}{where}: {finding.message}"
    made = located_case(name, prefix + _FINDINGS, place)
    _add_properties(made, severity=finding.severity)
    lines = [visible(text) for text in (finding.message, *details_of(finding))]
    if finding.is_error:
        made.result = error = Error(lines[0], finding.code)
        error.text = "\n".join(lines)
    else:
        made.system_out = "\n".join([f"{finding.severity}: {lines[0]}", *lines[1:]])
    return made


def located_case(name: str, classname: str, place: Place) -> TestCase:
    """A test case that tells where it stands. name, classname: as they were written."""
    located = _located()(visible(name), visible(classname))
    if place.path is not None:
        located.file = visible(place.path)
    if place.line is not None:
        located.line = str(place.line)
    made: TestCase = located
    return made


@cache
def _located() -> Any:
    """A test case that tells where it stands, as several CI systems read it."""
    from junitparser import Attr, TestCase

    class Located(TestCase):
        file = Attr()
        line = Attr()

    return Located


def _add_properties(case: TestCase, **values: str) -> None:
    from junitparser import Properties, Property

    properties = Properties()  # type: ignore[no-untyped-call]
    for name, value in values.items():
        properties.add_property(Property(name, visible(value)))
    case.append(properties)  # type: ignore[no-untyped-call]
