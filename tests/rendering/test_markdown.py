"""Markdown and Mermaid: by the word of GitHub's own parser, no value becomes markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bfg_policy.rendering.markdown import code, mermaid, prose
from bfg_policy.rendering.visible import visible

from .github import Shown
from .hostile import strings

TABLE_TAGS = ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]


def check_code(text: str) -> None:
    written = code(text)
    expected = visible(text) or '""'
    paragraph = Shown(f"before {written} after")
    assert set(paragraph.tags) <= {"p", "code"}
    assert paragraph.text.strip() == f"before {expected} after"
    table = Shown(f"| a | b |\n| --- | --- |\n| {written} | x |\n")
    assert table.blocks == TABLE_TAGS
    assert [cell.rstrip("\n") for cell in table.cells[2:]] == [expected, "x"]


def check_prose(text: str) -> None:
    written = prose(text)

    def squeezed(shown: str) -> str:
        return "".join(shown.replace("`", "").split())

    for markdown in (f"{written}\n", f"# {written}\n", f"- x\n\n{written} and more\n"):
        shown = Shown(markdown)
        assert set(shown.tags) <= {"p", "code", "h1", "ul", "li"}, markdown
        assert squeezed(visible(text)) in squeezed(shown.text)
        assert not shown.attributes
    table = Shown(f"| a | b |\n| --- | --- |\n| {written} | x |\n")
    assert table.blocks == TABLE_TAGS
    assert table.cells[-1].rstrip("\n") == "x"


def test_hostile_text_in_code_and_prose() -> None:
    for text in strings():
        check_code(text)
        check_prose(text)


@given(st.text())
def test_any_text_in_code(text: str) -> None:
    check_code(text)


@given(st.text(st.sampled_from("a1 `|\\*_[]()<>&#@:/.-~!$\n'\"=+")))
def test_any_markup_in_code_and_prose(text: str) -> None:
    check_code(text)
    check_prose(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Endpoint reachability", "Endpoint reachability"),
        ("TLS/RLS, and (so on): 56%!", "TLS/RLS, and (so on): 56%!"),
        ("Point d'accès joignable", "Point d'accès joignable"),
        ("waits for board `dry-run`, `a/b`", "waits for board `dry-run`, `a/b`"),
        ("its rule is `a | b`", "its rule is `a `&#124;` b`"),
        ("mail anna@x.example today", "mail `anna@x.example` today"),
        ("see #12 and @anna", "see `#12` and `@anna`"),
        ("fixes GH-7 in 0123abcd", "fixes `GH-7` in `0123abcd`"),
        ("1. one", "`1`. one"),
        ("(eu-* or europe-*), so", "(`eu-*` or `europe-*`), so"),
        ("... !!", "... !!"),
        ("- one", "`-` one"),
        ("a - b & c", "a - b & c"),
        ("snake_case and *stars*", "`snake_case` and `*stars*`"),
        ("a\nb", "`a\\nb`"),
        ("  two   blanks ", "two blanks"),
        ("lone ` tick", "lone `` ` `` tick"),
        ("x`y`z", "``x`y`z``"),
        ("", ""),
    ],
)
def test_prose(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("adapter-connection 17/85", "adapter-connection 17/85"),
        ('a"] --> b["', "a#34;#93; --#62; b#91;#34;"),
        ("```\n%%{init}%%", "#96;#96;#96;#92;n#37;#37;#123;init#125;#37;#37;"),
        ("<b>&amp;</b>", "#60;b#62;#38;amp#59;#60;/b#62;"),
        ("é", "#233;"),
    ],
)
def test_mermaid(text: str, written: str) -> None:
    assert mermaid(text) == written


def test_a_mermaid_label_leaves_neither_its_quotes_nor_its_fence() -> None:
    for text in strings():
        label = mermaid(text)
        assert not set(label) & set('"`<>&%{}[]|\\\n')
        shown = Shown(f'```mermaid\ngraph TD\n  b0["{label}"]\n```\n\nafter\n')
        assert shown.blocks == ["pre", "p"]
        assert shown.text.endswith("after\n")
