"""Every finding has a page, and the example on it is one mistake that gives just this finding."""

from __future__ import annotations

import re

import pytest

from bfg_policy.catalogue import CATALOGUE
from tests.docs import findings
from tests.running import run


def test_every_code_has_an_example_and_no_other_has() -> None:
    assert sorted(findings.EXAMPLES) == sorted(CATALOGUE)


def test_there_is_a_page_a_code_and_an_index() -> None:
    pages = {path.stem for path in findings.FOLDER.glob("*.md")}
    assert pages == {*CATALOGUE, "README"}
    written = (findings.FOLDER / "README.md").read_text(encoding="utf-8")
    assert written == findings.index(), "run `make docs`"


def test_the_example_by_itself_has_no_finding() -> None:
    for command in (["lint"], ["check", "--at", findings.AT]):
        ran = run(*command, cwd=findings.PROJECT)
        assert (ran.code, "[BFG" in ran.stdout) == (0, False), ran.stdout


@pytest.mark.parametrize("code", findings.EXAMPLES)
def test_the_page_is_what_the_product_prints(code: str) -> None:
    written = (findings.FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert written == findings.page(code), "run `make docs`"
    told = set(re.findall(r"^(error|warning|note)\[(BFG[0-9]{3})\]", written, re.MULTILINE))
    assert told == {(CATALOGUE[code].severity, code)}


@pytest.mark.parametrize("code", CATALOGUE)
def test_explain_shows_the_same_page(code: str) -> None:
    ran = run("explain", code.lower())
    written = (findings.FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert (ran.code, ran.stdout) == (0, written)
