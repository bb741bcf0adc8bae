"""TAP, as two readers understand it: tap.py, and the one that comes with Perl."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tap.parser import Parser  # type: ignore[import-untyped, unused-ignore]

from bfg_policy.errors import Finding, Place
from bfg_policy.reporters import Findings, Judged, format_result
from tests.formats.results import entry, reference, several, telling
from tests.rendering.hostile import strings
from tests.rendering.judgements import library

PERL = shutil.which("perl")
needs_perl = pytest.mark.skipif(
    PERL is None or subprocess.run([PERL, "-MTAP::Parser", "-e1"], check=False).returncode != 0,
    reason="there is no Perl with TAP::Parser here",
)
SCRIPT = r"""
use TAP::Parser;
local $/; my @texts = split /\0/, <STDIN>;
for my $text (@texts) {
    my $p = TAP::Parser->new({ tap => $text });
    while (my $r = $p->next) {
        next unless $r->is_test;
        printf "%d %d %d\t", $r->is_actual_ok ? 1 : 0, $r->has_todo ? 1 : 0, $r->has_skip ? 1 : 0;
    }
    print join("; ", $p->parse_errors), "\n";
}
"""


if TYPE_CHECKING:
    from bfg_policy.reporters import Result


class Point(NamedTuple):
    """A test point: is it ok, and is it marked as something to do, or as left out."""

    ok: bool
    todo: bool
    skip: bool


def by_perl(texts: list[str]) -> list[list[Point]]:
    """The points of some outputs. None of them may break a rule of the protocol."""
    assert PERL is not None
    ran = subprocess.run(
        [PERL, "-e", SCRIPT], input="\0".join(texts).encode(), capture_output=True, check=True
    )
    found = []
    for line in ran.stdout.decode().splitlines():
        *points, errors = line.split("\t")
        assert not errors, errors
        found.append([Point(*(flag == "1" for flag in point.split())) for point in points])
    assert len(found) == len(texts)
    return found


def by_python(text: str) -> list[Point]:
    lines = list(Parser().parse_text(text))
    assert all(line.category != "unknown" for line in lines)
    tests = [line for line in lines if line.category == "test"]
    assert [int(line.number) for line in tests] == list(range(1, len(tests) + 1))
    return [Point(bool(line.ok), bool(line.todo), bool(line.skip)) for line in tests]


LIBRARY = [
    Point(ok=True, todo=False, skip=False),  # ready
    Point(ok=True, todo=False, skip=False),  # waived
    Point(ok=False, todo=False, skip=False),  # required, and next
    Point(ok=False, todo=False, skip=False),  # required, and blocked
    Point(ok=False, todo=False, skip=False),  # invalid
    Point(ok=False, todo=True, skip=False),  # blocked
    Point(ok=False, todo=False, skip=False),  # an error
]


def test_what_is_not_required_is_to_do() -> None:
    assert by_python(format_result("tap", Judged(*library(), ("pilot",)))) == LIBRARY


@needs_perl
def test_perl_reads_the_same() -> None:
    results: list[Result] = [
        Judged(*library(), ("pilot",)),
        reference(),
        Findings(()),
        several(entry("scenarios/grant-demo-local"), entry("README.md")),
    ]
    texts = [format_result("tap", result) for result in results]
    assert by_perl(texts) == [by_python(text) for text in texts]


def test_a_block_tells_where_and_why() -> None:
    found = Finding("BFG201", "unknown `x`", Place("a.yaml", 3, 5), suggestion="y", hint="look")
    text = format_result("tap", Findings((found,)))
    (point,) = [line for line in Parser().parse_text(text) if line.category == "test"]
    assert point.yaml_block == {
        "message": "unknown `x`",
        "severity": "error",
        "help": "did you mean `y`?; look",
        "at": {"file": "a.yaml", "line": 3, "column": 5},
    }


def test_nothing_to_report_is_a_plan_of_nothing() -> None:
    assert format_result("tap", Findings(())) == (
        "TAP version 13\n1..0 # SKIP nothing to tell\n# no findings\n"
    )


def test_a_warning_is_ok() -> None:
    warning = Finding("BFG506", "too old # SKIP", Place("a.yaml", 3), severity="warning")
    assert by_python(format_result("tap", Findings((warning,)))) == [LIBRARY[0]]


HARMLESS = by_python(format_result("tap", telling("harmless")))


def test_no_hostile_text_is_a_point_or_a_directive() -> None:
    for text in strings():
        assert by_python(format_result("tap", telling(text))) == HARMLESS, ascii(text)


def test_every_block_is_yaml() -> None:
    for text in strings()[::5]:
        for line in Parser().parse_text(format_result("tap", telling(text))):
            if line.category == "test" and not line.ok and not line.todo:
                assert isinstance(line.yaml_block["message"], str), ascii(text)


@needs_perl
def test_perl_takes_no_hostile_text_for_a_point() -> None:
    texts = [format_result("tap", telling(text)) for text in strings()[::15]]
    assert all(points == HARMLESS for points in by_perl(texts))
