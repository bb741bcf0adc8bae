"""The pages of a pack's boards: whole, the same as what is committed, inert whatever is written."""

from __future__ import annotations

from pathlib import Path

import yaml

from bfg_policy import pipeline
from bfg_policy.pages import board_pages
from tests.rendering.github import Shown
from tests.rendering.hostile import strings
from tests.running import run
from tests.shared import ROOT

DOCS = ROOT / "docs"


def pages_of(folder: Path) -> dict[str, str]:
    return board_pages(pipeline.open_pack(folder, None, folder).pack)


def test_there_is_a_page_a_board_that_names_all_its_gates() -> None:
    pack = pipeline.open_pack(ROOT / "policies", None, ROOT).pack
    pages = board_pages(pack)
    assert set(pages) == {"README.md", *(f"{board}.md" for board in pack.boards)}
    for gate in pack.gates.values():
        page = Shown(pages[f"{gate.board}.md"]).text
        assert f"{gate.id}, {gate.place}" in page
        for line in gate.rule.text.splitlines() if gate.rule else ():
            assert line.strip() in page


def test_the_committed_pages_are_what_the_policies_give() -> None:
    ran = run("docs", "--check", cwd=ROOT)
    assert ran.code == 0, ran.stdout


def test_a_stale_page_is_told_and_written_anew(tmp_path: Path) -> None:
    arguments = ("--policies", ROOT / "policies")
    assert run("docs", *arguments, cwd=tmp_path).code == 0
    page = tmp_path / "docs" / "boards" / "dry-run.md"
    committed = page.read_bytes()
    page.write_text("edited\n", encoding="utf-8")
    ran = run("docs", "--check", *arguments, cwd=tmp_path)
    assert (ran.code, ran.stdout.count("BFG603]")) == (1, 1)
    assert "docs/boards/dry-run.md" in ran.stdout
    written = run("docs", *arguments, cwd=tmp_path)
    assert written.stdout == "written docs/boards/dry-run.md\n"
    assert page.read_bytes() == committed


def test_a_page_that_no_board_gives_is_told(tmp_path: Path) -> None:
    arguments = ("--policies", ROOT / "policies")
    boards = tmp_path / "docs" / "boards"
    boards.mkdir(parents=True)
    (boards / "gone.md").write_text("of a board that is no more\n", encoding="utf-8")
    (boards / "picture.svg").write_text("<svg/>", encoding="utf-8")
    written = run("docs", *arguments, cwd=tmp_path)
    assert "warning[BFG606]: docs/boards/gone.md: nothing renders it" in written.stdout
    ran = run("docs", "--check", *arguments, cwd=tmp_path)
    assert (ran.code, ran.stdout.count("[BFG606]"), "gone.md" in ran.stdout) == (0, 1, True)


def test_no_text_of_a_policy_becomes_markup(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "pack.yaml").write_text("pack: hostile\nroles: [owner]\n")
    shown = 0
    for text in strings()[::5]:
        gate = {"title": {"en": text}, "remedy": {"en": text}, "accept": True}
        board = {"policy": "one", "owner": "owner", "title": {"en": text}, "gates": {"a": gate}}
        written = yaml.safe_dump(board, allow_unicode=True)
        (policies / "one.yaml").write_text(written, encoding="utf-8", errors="surrogatepass")
        if run("lint", "--policies", policies).code != 0:
            continue  # refused with a finding: the other right answer
        for page in pages_of(policies).values():
            seen = Shown(page)
            allowed = {"h1", "h2", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "ul"}
            assert set(seen.tags) <= allowed | {"li", "a", "pre", "br"}, text
            links = {value for name, value in seen.attributes if name == "href"}
            assert links <= {"one.md"}, text
        shown += 1
    assert shown > 10
