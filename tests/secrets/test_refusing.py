"""A file with a credential in it: refused at its place, and never with its value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bfg_policy.errors import Finding, SourceError
from bfg_policy.source import MAX_BYTES, parse_document, read_document, read_text
from tests.running import Ran, run
from tests.secrets.examples import CONTEXTS, FORMS, drawn, private_key
from tests.shared import ROOT

SECRET = "Kestrel" + "-41-" + "wharf"
URL = f"postgres://ops:{SECRET}@db.example/bfg"


def _findings(text: str | bytes, *, is_json: bool = False) -> tuple[Finding, ...]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(SourceError) as caught:
        parse_document(data, "file", json=is_json)
    return caught.value.findings


def _said(findings: tuple[Finding, ...]) -> str:
    """All that is said about a file, in any format and at any verbosity."""
    return repr(findings)


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        (f"a: 1\nb: {URL}\n", (2, 4), f"b: postgres://ops:{'*' * 16}@db.example/bfg"),
        (f'a: 1\nb: "{URL}"\n', (2, 4), f'b: "postgres://ops:{"*" * 16}@db.example/bfg"'),
        (f"{{a: {URL}, b: 1}}\n", (1, 5), f"{{a: postgres://ops:{'*' * 16}@db.example/bfg, b: 1}}"),
        (f"a: see {URL}\n", (1, 8), f"a: see postgres://ops:{'*' * 16}@db.example/bfg"),
        (f"a: 1  # {URL}\n", (1, 9), f"a: 1  # postgres://ops:{'*' * 16}@db.example/bfg"),
        (f"'{URL}': 1\n", (1, 1), f"'postgres://ops:{'*' * 16}@db.example/bfg': 1"),
        (f"é: 🔑 {URL}\r\nb: 1\r\n", (1, 6), f"é: 🔑 postgres://ops:{'*' * 16}@db.example/bfg"),
        (f"\ufeffa: {URL}\n", (1, 4), f"a: postgres://ops:{'*' * 16}@db.example/bfg"),
        (f"a: |\n  x\n  {URL}\n", (3, 3), f"  postgres://ops:{'*' * 16}@db.example/bfg"),
        (f"password: '{SECRET}'\n", (1, 11), f"password: '{'*' * 16}'"),
    ],
)
def test_the_place_and_the_masked_line(text: str, place: tuple[int, int], shown: str) -> None:
    (finding,) = _findings(text)
    assert finding.code == "BFG701"
    assert (finding.place.line, finding.place.column) == place
    assert finding.place.excerpt == shown
    word = shown[place[1] - 1 :].partition(", ")[0].removesuffix(": 1")
    assert finding.place.length == len(word)


@pytest.mark.parametrize("example", [*FORMS, *CONTEXTS], ids=lambda example: example.name)
@pytest.mark.parametrize("is_json", [False, True], ids=["YAML", "JSON"])
def test_every_kind_in_both_formats(example: object, is_json: bool) -> None:
    text, secret = example.text, example.secret  # type: ignore[attr-defined]
    data = json.dumps({"a": 1, "note": text}) if is_json else f"a: 1\nnote: |\n  {text}\n"
    findings = _findings(data, is_json=is_json)
    assert [finding.code for finding in findings] == ["BFG701"]
    assert secret not in _said(findings)


def test_a_key_over_many_lines_is_one_finding() -> None:
    key = private_key("EC PRIVATE KEY")
    text = "a: 1\nkey: |\n" + "".join(f"  {line}\n" for line in key.split("\n")) + "z: 1\n"
    (finding,) = _findings(text)
    assert (finding.place.line, finding.place.column) == (3, 3)
    assert not any(line in _said((finding,)) for line in key.split("\n")[1:-1])


def test_two_credentials_are_two_findings_and_hide_each_other() -> None:
    other = "glpat-" + drawn("abcdefgh12345678", 20, "two")
    findings = _findings(f"a: {{x: {URL}, y: {other}}}\n")
    assert [finding.place.column for finding in findings] == [8, 8 + len(URL) + 5]
    assert SECRET not in _said(findings)
    assert other not in _said(findings)


@pytest.mark.parametrize(
    "mistake",
    [
        "b: [1, 2\n",
        "a: 2\n",
        "b: &x 1\nc: *x\n",
        "b: \x00\n",
        "\tb: 1\n",
        "--- \nb: 1\n",
        "b: yes\n",
    ],
)
def test_nothing_else_is_said_about_such_a_file(mistake: str) -> None:
    findings = _findings(f"a: {URL}\n{mistake}")
    assert [finding.code for finding in findings] == ["BFG701"]


def test_nor_where_it_is_not_even_text() -> None:
    findings = _findings(f"a: 1  # é {URL}\n".encode("latin-1"))
    assert [finding.code for finding in findings] == ["BFG701"]
    assert SECRET not in _said(findings)


def test_a_thousand_are_not_all_told() -> None:
    findings = _findings(f"- {URL}\n" * 1200)
    assert len(findings) == 101
    assert "more" in findings[-1].message
    assert SECRET not in _said(findings)


def test_a_credential_may_not_hide_behind_the_size() -> None:
    text = "a: " + "x " * 100_000 + URL
    assert len(text) < MAX_BYTES
    (finding,) = _findings(text)
    assert SECRET not in _said((finding,))


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.json"])
def test_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"a": URL}), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_document(tmp_path / name, root=tmp_path)
    assert [finding.code for finding in caught.value.findings] == ["BFG701"]


def test_texts_that_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text(f"psql {URL}\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_text(tmp_path / "a.j2", root=tmp_path)
    assert SECRET not in _said(caught.value.findings)
    (tmp_path / "b.j2").write_text("psql {{ url }}\r\n", encoding="utf-8", newline="")
    assert read_text(tmp_path / "b.j2", root=tmp_path) == "psql {{ url }}\r\n"


# The whole product -------------------------------------------------------------------------------


def _project(folder: Path) -> None:
    import shutil

    for name in ("policies", "contracts", "scenarios"):
        shutil.copytree(ROOT / name, folder / name)


def _insert(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


FILES = {
    "policies/dry-run.yaml": ("\n", f"\n# was: {URL}\n"),
    "policies/pack.yaml": ("\n", f"\n# was: {URL}\n"),
    "policies/templates/adapter-connection.txt.j2": ("\n", f"\n{{# {URL} #}}\n"),
    "contracts/BFGFacts.v1.schema.json": ('"description": "', f'"description": "{URL} '),
    "scenarios/production-go/scenario.yaml": ("\n", f"\n# was: {URL}\n"),
    "scenarios/production-go/snapshot.json": ('"tables"', f'"{URL}": 1, "tables"'),
    "scenarios/production-go/evidence/dry_run.json": ("{", f'{{"\\u006eote": "{URL}",'),
    "scenarios/production-go/acceptances/managing_director/infrastructure.data-residency.json": (
        "{",
        '{"note": "' + URL.replace("/", "\\/") + '",',
    ),
}


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
@pytest.mark.parametrize("file", FILES)
def test_every_file_that_is_read_in_every_format(tmp_path: Path, file: str, output: str) -> None:
    _project(tmp_path)
    _insert(tmp_path / file, *FILES[file])
    ran = run("check", "scenarios/production-go", "--format", output, cwd=tmp_path)
    _refused(ran, file)


def test_standard_input(tmp_path: Path) -> None:
    _refused(run("check", "-", stdin=f"scenario: x\n# {URL}\n".encode(), cwd=tmp_path), "<stdin>")


def _refused(ran: Ran, file: str) -> None:
    said = ran.stdout + ran.stderr
    assert ran.code == 4, said
    assert said.count("BFG701") in {1, 2}  # in a text also `explain BFG701`
    assert file in said
    assert SECRET not in said


def test_the_difference_to_a_stale_report_shows_none_either(tmp_path: Path) -> None:
    _project(tmp_path)
    scenario = "scenarios/grant-demo-local"
    at = "2026-11-20T12:00:00Z"
    assert run("render", scenario, "--at", at, cwd=tmp_path).code == 0
    report = next((tmp_path / "reports").rglob("*.md"))
    report.write_text(report.read_text(encoding="utf-8") + f"\n{URL}\n", encoding="utf-8")
    ran = run("render", scenario, "--check", "--at", at, cwd=tmp_path)
    assert "[redacted]" in ran.stdout + ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
