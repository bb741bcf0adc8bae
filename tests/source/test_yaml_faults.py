"""What is wrong with a YAML file: one finding, at the token that is to blame."""

from __future__ import annotations

import pytest

from bfg_policy.source import MAX_DEPTH
from tests.source.marked import assert_one, findings_of, token_at

SYNTAX = [
    # indentation
    ("a:\n    b: [x]\n   «c»: y\n", "aligned"),
    ("a:\n    b: x\n   «c»: y\n", "aligned"),
    ("a:\n  b: x\n   «c»: y\n", "aligned"),
    ("a:\n-«\t»\n", "a tab cannot stand before a value"),
    ("a:\n  b: [x]\n   «c»: y\n", "aligned"),
    ("a:\n  - b: 1\n    c: 2\n   «d»: 3\n", "aligned"),
    ("owner: x\n «rule»: y\n", "aligned"),
    ("a:\n  - {c: x}\n   «-» {c: y}\n", "list item is not aligned"),
    ("a:\n  - {c: x}\n «-» {c: y}\n", "list item is not aligned"),
    ("b: c\n«-» a\n", "a list item among the keys"),
    ("- a\n«b»: c\n", "expected `- ` before `b`"),
    ("a: |\n   x\n  «y»\nz: 1", "aligned"),
    # tabs
    ("a:\n«\t»b: x\n", "tab"),
    ("a:\n  b: x\n«\t»c: y\n", "tab"),
    ("a:\n  b: [x]\n  «\t»c: y\n", "tab"),
    ("a: >\n«\t»x\n", "tab"),
    # blanks that are no spaces
    ("a:\n  b: [x]\n«\u00a0»   c: y\n  d: z\n", "U+00A0 cannot indent"),
    ("a:\n  b: x\n «\u00a0»c: y\n", "U+00A0 cannot indent"),
    ('{"a": "p"«;» "b": 2}\n', "expected `,`"),
    # quotes
    ('a: «"x»\nb: y\n', "never closed"),
    ('a: «"x»', "never closed"),
    ("«'a: b»\nc: d\n", "never closed"),
    ('a: «"x»\n---\nb"', "never closed"),
    ('a: «"x»\nb: "y"\n', "not closed on this line"),
    ('a: {b: «"x»\nc: "y"\n', "not closed on this line"),
    ("gates:\n  a:\n    t: {en: «'Foo}»\n    r: x\n  b:\n    t: {en: 'A'}\n", "not closed"),
    ("a: 'don'«t'»\n", "an apostrophe in single quotes is written twice"),
    ("a: {en: 'It, fr: L'«acc»}\n", "an apostrophe in single quotes is written twice"),
    ('a: "b" «c»: d', "after the end of the value"),
    # brackets
    ("a: «[x, y»\nb: z\nc: d\n", "`[` is opened here and never closed"),
    ("a: «{x: 1»\nb: [z]\n", "`{` is opened here and never closed"),
    ("a: «{x: {y: 1}»\nb: 2\n", "`{` is opened here and never closed"),
    ("a: «[x»", "close it with `]`"),
    ("a: {\n  b: «[1, 2,»\n  c: 3}\nd: 4\n", "`[` is opened here and never closed"),
    ("a: «[x»\nb: y\n---\nc: d", "never closed"),
    ("a: x]\nb: {c}«}»\n", "`}` closes nothing"),
    ("a: «}»\n", "`}` closes nothing"),
    ("a: {b: c} «d»\n", "after the end of the value"),
    ("a: {b: c}«,» d\n", "separates nothing"),
    ("a: {b: c«:» d}\n", "expected `,` or `}`"),
    ("a: {b«:»[c]}\n", "followed by a space"),
    ("a: [1,«,»2]\n", "expected a value"),
    # keys and values
    ("a: b«:» c\n", "a second `: `"),
    ("«a:b»\nc: d", "is a space after the colon missing?"),
    ("a: 1\n«b»\nc: 2\n", "expected `: ` after `b`"),
    (f"«{'k' * 1100}»: v\n", "longer than 1,024 characters"),
    ("«:» x", "expected a key"),
    ("a: «-» b", "cannot begin on the line of its key"),
    ("a: «@x»\n", "cannot begin with `@`"),
    ("a: «`x`»\n", "quote it"),
    ("a: «%x»\n", "cannot begin with `%`"),
    ("a: |«x»\n y", "block text"),
    ('a: "«\\q»"', "no escape"),
    ('a: "«\\x»ZZ"', "hexadecimal digits"),
    ('a: "«\\ud83d»\\ude00"', "surrogate"),
    ('"foo" «bar»', "after the end of the file's one value"),
]

REFUSED = [
    ("a: 1\n«a»: 2\n", "BFG104", "first in line 1"),
    ("a: {'b': 1, «\"b\"»: 2}\n", "BFG104", "`b` stands twice"),
    ("a: «&x» 1\nb: *x\nc: *x\n", "BFG105", "anchor"),
    ("a: «*nope»", "BFG105", "alias"),
    ("a: &x {b: 1}\nc:\n  «<<»: *x\n", "BFG105", "merge"),
    ("«<<»: {a: 1}\n", "BFG105", "merge"),
    ("«<<»: [{a: 1}, {b: 2}]\n", "BFG105", "merge"),
    ("«*x» : 1\nb: 2\n", "BFG105", "alias"),
    ("a: «&» x\n", "BFG105", "anchor"),
    ("a: «!!str» 1\n", "BFG106", "tag"),
    ("a: «!» 1\n", "BFG106", "tag"),
    ("a: «!<tag:x>» 1\n", "BFG106", "tag"),
    ("«!!map»\na: 1\n", "BFG106", "tag"),
    ("a: «!!python/object/apply:os.getcwd» []\n", "BFG106", "os.getcwd"),
    ("«!k» b: 1\n", "BFG106", "tag"),
    ("a: «!x!y» 1\n", "BFG106", "tag"),
    ("a: 1\n«---»\nb: 2\n", "BFG107", "second document"),
    ("---\na: 1\n«---»\n", "BFG107", "second document"),
    ("a: 1\n...\n«b»: 2\n", "BFG107", "second document"),
    ("«%YAML 1.1»\n---\na: 1", "BFG107", "directive"),
    ("# c\n«%TAG ! x»\n---\na: 1", "BFG107", "directive"),
    ("«%FOO» x\n---\na: 1", "BFG107", "directive"),
    ("a:\n  «7»: x\n", "BFG108", "`7`, not a string"),
    ("«1.5»: x\n", "BFG108", "quote it: `'1.5'`"),
    ("«true»: x\n", "BFG108", "not a string"),
    ("«~»: x\n", "BFG108", "not a string"),
    ("«012»: x\n", "BFG108", "not a string"),
    ("{«[»a, b]: c, d: e}\n", "BFG108", "a key is a list"),
    ("? «{»a: b}\n: c\n", "BFG108", "a key is a mapping"),
    ("«no»: x\n", "BFG109", "false in YAML 1.1"),
    ("«-» a\n", "BFG113", "is a list and should be a mapping"),
    ("«[a]»\n", "BFG113", "is a list and should be a mapping"),
    ("«just text»\n", "BFG113", "single value"),
    ('a: "x«\0»y"\n', "BFG114", "U+0000 (NUL)"),
    ("a: x«\x1b»[31m\n", "BFG114", "U+001B"),
    ("a: x«\x7f»\n", "BFG114", "U+007F"),
    ("a: x«\x9b»\n", "BFG114", "U+009B"),
    ("a: x\r\nb: «\ufeff»y\r\n", "BFG114", "byte order mark"),
    ('a: «"x\\0y"»\n', "BFG114", "NUL"),
]


@pytest.mark.parametrize(("marked", "words"), SYNTAX)
def test_syntax(marked: str, words: str) -> None:
    assert_one(marked, "BFG103", words)


@pytest.mark.parametrize(("marked", "code", "words"), REFUSED)
def test_what_is_yaml_but_not_ours(marked: str, code: str, words: str) -> None:
    assert_one(marked, code, words)


@pytest.mark.parametrize("nothing", ["", "\n", "# comment\n", "---\n", "---\n# c\n...\n", "~\n"])
def test_an_empty_file(nothing: str) -> None:
    (finding,) = findings_of(nothing)
    assert (finding.code, finding.place.line, finding.place.column) == ("BFG113", 1, 1)
    assert "empty" in finding.message


@pytest.mark.parametrize(
    "fine",
    [
        "%YAML 1.2\n---\na: 1\n", "--- {a: 1}\n", "a: 1\n...\n", "{a: 1,}", "? a\n: b\n? c\n",
        "a: [\n  b,\n]\n", "a: {b: 1,\n  c: 2\n}\n", 'a: "x\n  y"\nb: c\n', "a: 'x\n\n  y'\n",
        "'<<': 1\n", "a: <<\n", "'7': x\n", "'no': x\n", "a: '&x'\n", "a: b#c\n", "a: b - c\n",
        "a: [x,\n\ty]\n", "a: b\n\n\n", '"": 1\n', "a: [b: c]\n",
    ],
)  # fmt: skip
def test_what_is_taken(fine: str) -> None:
    assert findings_of(fine) == ()


def test_several_mistakes_give_several_findings_in_order() -> None:
    findings = findings_of("a: 1\n7: b\na: 2\nc: !x y\nd: 1e999\nyes: no\n")
    assert [(f.code, f.place.line) for f in findings] == [
        ("BFG108", 2), ("BFG104", 3), ("BFG106", 4), ("BFG110", 5), ("BFG109", 6),
    ]  # fmt: skip


def test_a_duplicate_names_both_lines() -> None:
    (finding,) = findings_of("b:\n  owner: x\n  rule: y\n  owner: z\n")
    assert "line 2" in finding.message
    (related,) = finding.related
    assert (related.place.line, related.place.column, token_at(related.place)) == (2, 3, "owner")


def test_mistakes_after_a_fault_in_the_syntax_are_not_told() -> None:
    """What comes after an open quote was misread: its anchors and tags are none."""
    (finding,) = findings_of('a: {b: "x\nc: &d !e "y"\nc: 2\n')
    assert (finding.code, finding.place.line) == ("BFG103", 1)
    assert [f.code for f in findings_of("a: 1\na: 2\nb: c: d\n")] == ["BFG104", "BFG103"]


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[{a: ", "}]")]
)
def test_depth_is_bounded(opening: str, closing: str) -> None:
    def nested(depth: int) -> str:
        return "k:\n " + opening * depth + "1" + closing * depth + "\n"

    levels = opening.count("[") + opening.count("{") or 1
    deepest = (MAX_DEPTH - 1) // levels
    assert {f.code for f in findings_of(nested(deepest))} <= {"BFG108"}
    for depth in (deepest + 1, 3_000, 200_000):
        codes = [finding.code for finding in findings_of(nested(depth))]
        assert codes.count("BFG111") == 1
        assert set(codes) <= {"BFG111", "BFG108"}


def test_findings_are_bounded_and_the_cut_is_said() -> None:
    findings = findings_of("a: [" + "!x 1, " * 5_000 + "]\n")
    assert len(findings) == 101
    assert findings[-1].severity == "note"
    assert "4900 more findings" in findings[-1].message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_do(end: str) -> None:
    (finding,) = findings_of(end.join(["# é𝄞", "k: '𝄞'", "l:", "  {𝄞: 1, 7: 2}", ""]))
    assert (finding.place.line, finding.place.column) == (4, 10)
    assert finding.place.excerpt == "  {𝄞: 1, 7: 2}"


def test_a_parser_that_breaks_gives_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML lets slips of its own through on odd input: AttributeError, KeyError, ..."""

    class Broken:
        def __init__(self, _: str) -> None:
            pass

        def get_event(self) -> None:
            raise KeyError("a slip")

        def dispose(self) -> None:
            pass

    monkeypatch.setattr("bfg_policy.source.yaml_events._PARSER", Broken)
    (finding,) = findings_of("a: 1\n")
    assert finding.code == "BFG103"


def test_the_python_parser_does_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    from bfg_policy.source import parse_document

    text = "a: {b: [1, 'x']}\nc: |\n  d\ne: no\n"
    fast = parse_document(text.encode(), "f")
    monkeypatch.setattr("bfg_policy.source.yaml_events._PARSER", yaml.SafeLoader)
    slow = parse_document(text.encode(), "f")
    assert slow.data == fast.data
    assert slow.ambiguous() == fast.ambiguous()
    for path in [("a",), ("a", "b"), ("a", "b", 1), ("c",), ("e",)]:
        assert slow.place(path) == fast.place(path)


def test_a_message_shows_what_cannot_be_seen_as_an_escape() -> None:
    (found,) = findings_of('k: "a\\\x85b"\n'.encode())
    assert found.message == "`\\\\u0085` is no escape here"
