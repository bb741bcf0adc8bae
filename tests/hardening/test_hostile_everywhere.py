"""Every hostile text in every field and every output, by the word of each format's own reader.

A project is written twice: with a stranger's texts, and with harmless ones. Each output of both has
the same shape, so none of the texts was taken for anything but a text.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from bfg_policy.errors import SourceError
from bfg_policy.reporters import REPORTERS
from bfg_policy.source import parse_document
from tests.formats.reading import READERS
from tests.hardening import market
from tests.hardening.shapes import SHAPES, assert_inert, assert_shown_as_it_is, of_markdown
from tests.rendering.hostile import strings
from tests.running import Ran, run
from tests.testing import shop

AT = ("--at", market.AT)
LATER = "2026-12-20T12:00:00Z"
CI = {"CI": "true"}
HARMLESS, HOSTILE = "harmless", "hostile"


@cache
def _sorted_out() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that a file may hold, and those that no file may."""
    taken: dict[str, str] = {}
    refused = []
    for text in strings():
        try:
            parse_document(market.yaml_text({"a": text}).encode(), "file")
        except SourceError:
            refused.append(text)
        else:
            taken.setdefault(market.clipped(text, 500), text)
    return tuple(taken.values()), tuple(refused)


@cache
def project(kind: str) -> Path:
    texts, _ = _sorted_out()
    if kind == HARMLESS:
        texts = tuple(f"plain {index}" for index in range(len(texts)))
    return market.write(Path(mkdtemp(prefix="market-")), texts)


def everything(folder: Path, command: str, *arguments: str, code: int = 0) -> dict[str, str]:
    """What a command writes in every format."""
    options = [part for form in REPORTERS for part in ("--output", f"{form}={command}.{form}")]
    ran = run(command, *arguments, *options, cwd=folder)
    assert (ran.code, ran.stderr) == (code, "")
    return {form: (folder / f"{command}.{form}").read_text("utf-8") for form in REPORTERS}


ALL_FORMATS = {
    "check": ("check", *AT),
    "lint": ("lint",),
    "diff": ("diff", ".", "--base-at", market.AT, "--at", LATER),
}
SOME_FORMATS = {
    "plan": ("plan", *AT),
    "what-if": ("what-if", *AT, "--later", "30d"),
}


@cache
def outputs(kind: str, command: str) -> dict[str, str]:
    """By format. The text is that under CI, where nothing in it may be a command."""
    folder = project(kind)
    if command in ALL_FORMATS:
        return everything(folder, *ALL_FORMATS[command])
    return {form: _told(folder, *SOME_FORMATS[command], "--format", form) for form in
            ("json", "markdown", "text")}  # fmt: skip


def _told(folder: Path, *arguments: str) -> str:
    ran = run(*arguments, cwd=folder, environment=CI if arguments[-1] == "text" else None)
    assert (ran.code, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [*ALL_FORMATS, *SOME_FORMATS])
def test_an_output_has_the_shape_of_a_harmless_one(command: str) -> None:
    assert_alike(outputs(HOSTILE, command), outputs(HARMLESS, command), is_cut=command == "diff")


def assert_alike(hostile: dict[str, str], harmless: dict[str, str], *, is_cut: bool) -> None:
    """is_cut: whether a comment is as long as it may be, and holds fewer of longer texts."""
    for form, text in harmless.items():
        found, expected = SHAPES[form](hostile[form]), SHAPES[form](text)
        if form == "markdown" and is_cut:
            assert (found[0].keys(), found[1]) == (expected[0].keys(), expected[1])
        else:
            assert found == expected, form


@pytest.mark.slow
def test_a_comparison_of_other_policies_and_facts(tmp_path: Path) -> None:
    """Each moved gate tells old and new values, and the rules that are weaker."""
    texts = _sorted_out()[0][::8]
    other, base = ([f"{word} {n}" for n in range(len(texts))] for word in ("other", "base"))
    folders = [
        market.write(tmp_path / name, each)
        for name, each in (("hostile", texts), ("harmless", other), ("base", base))
    ]
    made = [everything(folder, "diff", str(folders[2]), *AT) for folder in folders[:2]]
    assert_alike(*made, is_cut=True)


@pytest.mark.slow
def test_ci_obeys_nothing_in_a_log() -> None:
    folder = project(HOSTILE)
    for arguments in (("check", *AT), ("plan", *AT), ("eval", "scenario", *AT)):
        ran = run(*arguments, cwd=folder, environment=CI)
        assert ran.code == 0
        assert_inert(ran.stdout)


@pytest.mark.slow
def test_a_terminal_shows_what_is_written() -> None:
    folder = project(HOSTILE)
    for arguments in (("plan", *AT), ("explain", "b030/signed", *AT)):
        ran = run(*arguments, "--color", "always", cwd=folder)
        assert "\x1b[" in ran.stdout
        assert_shown_as_it_is(ran.stdout)


def _uncommented(part: str) -> tuple[dict[str, int], list[object]]:
    """The shape of a text in which one comment stands, whatever that says."""
    found, attributes = of_markdown(f"{part}-->\n")
    comments = [tag for tag in found if tag.startswith("comment ")]
    assert len(comments) == found.pop(comments[0]) == 1
    return found, attributes


@pytest.mark.slow
def test_pages_and_packets_are_what_they_were_made_to_be() -> None:
    shapes = []
    for kind in (HARMLESS, HOSTILE):
        folder = project(kind)
        assert run("docs", "--output", "pages", cwd=folder).code == 0
        pages = {path.name: of_markdown(path.read_text("utf-8")) for path in
                 sorted(folder.glob("pages/boards/*.md"))}  # fmt: skip
        assert run("render", *AT, cwd=folder).code == 0
        report = folder / "reports" / "day"
        parts = (report / "words.md").read_text("utf-8").split("-->\n")
        # What is blank is no paragraph.
        words = [
            _uncommented(part)
            for part, text in zip(parts, _sorted_out()[0], strict=False)
            if text.strip()
        ]
        shapes.append((pages, of_markdown((report / "readiness.md").read_text("utf-8")), words))
        sheet = (report / "sheet.txt").read_text("utf-8").splitlines()
        assert len(sheet) == 2 + 4
    assert shapes[0] == shapes[1]


# What a file may not hold, and what a field does not take.


def findings_agree(folder: Path, command: str, *arguments: str, code: int = 4) -> int:
    """How many findings a command tells: in every format the same number."""
    told = everything(folder, command, *arguments, code=code)
    counts = {form: +Counter(READERS[form](text)) for form, text in told.items()}
    assert len({tuple(sorted(count.items())) for count in counts.values()}) == 1, counts
    for form, text in told.items():
        SHAPES[form](text)
    assert_inert(run(command, *arguments, cwd=folder, environment=CI).stdout)
    return sum(counts["json"].values())


def small(folder: Path, **changed: str) -> Path:
    """A small project of harmless texts, with other files by path."""
    market.write(folder, ["one", "two"])
    for name, text in changed.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return folder


@pytest.mark.parametrize("text", _sorted_out()[1], ids=ascii)
def test_what_no_file_may_hold_is_one_finding(text: str, tmp_path: Path) -> None:
    policy = market.yaml_text({"policy": "mine", "owner": "clerk", "title": {"en": text}})
    folder = small(tmp_path, **{"policies/mine.yaml": policy})
    assert findings_agree(folder, "lint") == 1
    (folder / "policies/mine.yaml").write_bytes(
        f"policy: mine # {text}".encode("utf-8", "surrogatepass")
    )
    assert findings_agree(folder, "lint") == 1


NAMES: dict[str, Callable[[list[str]], object]] = {
    "roles": lambda texts: {"policy": "mine", "owner": texts[0], "gates": _owned(texts)},
    "needs": lambda texts: {
        "policy": "mine",
        "owner": "clerk",
        "gates": {"a": {"needs": texts}, **{text[:80]: {"accept": True} for text in texts}},
    },
    "labels": lambda texts: {
        "policy": "mine",
        "owner": "clerk",
        "gates": {"a": {"accept": True, "labels": {text[:80]: "x" for text in texts}}},
        "packet": {"template": texts[0], "path": texts[-1]},
    },
    "codes": lambda texts: {
        "policy": "mine",
        "owner": "clerk",
        "gates": {"a": {"accept": True}},
        "decision": [{"code": text, "until": [text], "also": {text[:80]: "x"}} for text in texts],
    },
    "contracts": lambda texts: {
        "policy": "mine",
        "contract": texts[0],
        "owner": "clerk",
        "gates": {
            f"g{n}": {"evidence": {"contract": text, "fresh_for": text}, "rule": "true"}
            for n, text in enumerate(texts)
        },
    },
}


def _owned(texts: list[str]) -> dict[str, object]:
    return {f"g{n}": {"owner": text, "accept": True} for n, text in enumerate(texts)}


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_that_is_none_is_told_in_every_format(kind: str, tmp_path: Path) -> None:
    texts = [text for text in _sorted_out()[0] if text.strip() and not re.fullmatch("[a-z]+", text)]
    parts = [texts[at : at + 45] for at in range(0, len(texts), 45)]  # a file tells 100 findings
    made = {
        f"policies/p{index}.yaml": market.yaml_text(NAMES[kind](part))
        for index, part in enumerate(parts)
    }
    assert findings_agree(small(tmp_path, **made), "lint") >= 0.9 * len(texts)


def test_rules_that_are_none(tmp_path: Path) -> None:
    texts = [text[:8000] for text in _sorted_out()[0] if text.strip()]
    gates = {f"g{n}": {"rule": text} for n, text in enumerate(texts)}
    policy = market.yaml_text({"policy": "mine", "owner": "clerk", "gates": gates})
    folder = small(tmp_path, **{"policies/mine.yaml": policy})
    assert findings_agree(folder, "lint") >= 0.9 * len(texts)


def test_a_schema_map(tmp_path: Path) -> None:
    """Names of a database are small letters, digits and underscores, and nothing else."""
    texts = [text for text in _sorted_out()[0] if not re.fullmatch("[a-z]+", text)]
    column = {"type": "text"}
    for at in range(0, len(texts), 45):
        part = texts[at : at + 45]
        pack = {"pack": "market", "roles": ["clerk"], "schema_map": "database/main.yaml"}
        tables = {text[:60]: {"key": [text], "columns": {text[:60]: column}} for text in part}
        mapped = {"schema_map": part[0], "schema": part[0], "control": part[0], "tables": tables}
        folder = small(
            tmp_path / f"{at}",
            **{
                "policies/pack.yaml": market.yaml_text(pack),
                "policies/database/main.yaml": market.yaml_text(mapped),
            },
        )
        assert findings_agree(folder, "lint") >= len(part)


@pytest.mark.parametrize(
    "key", ["scenario", "contract", "target", "gate", "role", "schema", "rows", "key", "instant"]
)
def test_so_is_one_in_a_scenario(key: str, tmp_path: Path) -> None:
    texts = _sorted_out()[0]
    document = market.scenario(["one", "two"], "north")
    if key == "gate":
        document["acceptances"] = [{**document["acceptances"][0], "gate": text} for text in texts]
    elif key == "role":
        document["actors"] = [{"id": f"a{n}", "role": text} for n, text in enumerate(texts)]
    elif key == "instant":
        document["acceptances"] = [{**document["acceptances"][0], "at": text} for text in texts]
    elif key == "key":
        document |= {text[:80]: 1 for text in texts}
    elif key in ("schema", "rows"):
        document["snapshot"][key] = {text[:80]: 1 for text in texts}
    else:
        document[key] = texts
    text = market.yaml_text(document)
    folder = small(tmp_path, **{f"{market.SCENARIO}/scenario.yaml": text})
    assert findings_agree(folder, "check", *AT) >= 1


def test_file_names(tmp_path: Path) -> None:
    """Each file has a mistake, so that its path is told."""
    folder = small(tmp_path)
    names = [text for text in strings() if market.is_file_name(text)]
    for kind, text in (("acceptances/a", '{"gate": 1'), ("evidence", "{")):
        made = folder / market.SCENARIO / kind
        made.mkdir(parents=True)
        for name in names:
            (made / f"{name}.json").write_text(text)
    assert findings_agree(folder, "check", *AT) >= len(names)


def test_what_lies_beside_the_packets(tmp_path: Path) -> None:
    """Files of any name that nothing renders, and a report in which everything stands."""
    folder = small(tmp_path)
    assert run("render", *AT, cwd=folder).code == 0
    for name in filter(market.is_file_name, strings()):
        (folder / "reports/day" / f"{name}.txt").write_text("x")
    report = folder / "reports/day/readiness.md"
    texts = "\n".join(text.replace("\n", " ") for text in _sorted_out()[0])
    report.write_text(report.read_text("utf-8") + texts, "utf-8")
    for command in (("packet", "verify"), ("render", "--check", *AT), ("render", *AT)):
        ran = run(*command, cwd=folder, environment=CI)
        assert (ran.code, ran.stderr) == (0 if command == ("render", *AT) else 1, "")
        assert_inert(ran.stdout)
    SHAPES["json"](run("packet", "verify", "--format", "json", cwd=folder).stdout)


def test_a_template_that_no_packet_can_name(tmp_path: Path) -> None:
    folder = small(tmp_path, **{"policies/templates/é.txt.j2": "x"})
    assert findings_agree(folder, "lint") == 1
    assert "policies/templates/é.txt.j2" in run("lint", cwd=folder).stdout


def test_names_of_tests_that_fail(tmp_path: Path) -> None:
    names = dict.fromkeys(market.clipped(text, 500) for text in _sorted_out()[0])
    tests = [
        {"test": name, "expect": {"verdict": "CLOSED"}, "cases": [{"case": name, "at": shop.AT}]}
        for name in names
    ]
    survivors = [{"mutant": name, "because": name} for name in names]
    suite = shop.suite(*tests, survivors=survivors)
    folder = shop.write(tmp_path, market.yaml_text(suite))
    told = everything(folder, "test", code=1)
    for form, text in told.items():
        SHAPES[form](text)
    assert told["text"].count("\nFAILED ") + told["text"].startswith("FAILED ") == len(names)
    assert_inert(run("test", cwd=folder, environment=CI).stdout)


# The command line.


def _arguments(text: str) -> Iterator[tuple[str, ...]]:
    yield ("check", text)
    yield ("check", "--require", text)
    yield ("check", "--output", f"json={text}/x")
    yield ("check", "--policies", text)
    yield ("check", "--at", text)
    yield ("check", "--policies-from", text)
    yield ("diff", text)
    yield ("explain", text)
    yield ("plan", text)
    yield ("eval", text)
    yield ("what-if", "--set", text)
    yield ("what-if", "--accept", text)
    yield ("what-if", "--evidence", text)
    yield ("schema", text)
    yield ("test", "-k", text)
    yield ("init", "new", "--pack", text)
    yield ("accept", "b000/signed", "--as", text, "--dry-run")
    yield ("accept", "b000/signed", "--as", "one", "--note", text, "--dry-run")
    yield ("waive", "b000/said", "--as", "-olga", "--approved-by", "one", "--reason", text,
           "--expires", "1d", "--dry-run")  # fmt: skip
    yield ("packet", "verify", "--dsn", text)


def _is_argument(text: str) -> bool:
    """Whether the system can hand a text over; one that begins with a hyphen is an option."""
    is_sent = "\0" not in text and not re.search("[\ud800-\udc7f\udd00-\udfff]", text)
    return is_sent and not text.startswith("-")


def test_the_command_line(tmp_path: Path) -> None:
    """Each text as an argument of one command or another: each command gets many of them."""
    folder = small(tmp_path)
    texts = [text for text in strings() if _is_argument(text)]
    for index, text in enumerate(texts):
        listed = list(_arguments(text[:3000]))
        command = listed[index % len(listed)]
        told(run(*command, cwd=folder, environment=CI), command)


def told(ran: Ran, command: tuple[str, ...]) -> None:
    assert ran.code in (0, 1, 2, 3, 4), (command, ran)
    assert not ran.stderr.startswith("Traceback")
    for text in (ran.stdout, ran.stderr):
        assert_inert(text)


# Packets that a shell runs.


def test_an_env_packet_is_what_it_says_or_is_refused(tmp_path: Path) -> None:
    """Whatever a scenario's target is called, sourcing the packet sets that and does no more."""
    from dotenv import dotenv_values

    folder = small(
        tmp_path,
        **{"policies/templates/sheet.txt.j2": "TARGET={{ target | env }}\nEND=1\n"},
    )
    texts = [text for text in _sorted_out()[0] if 0 < len(text) <= 500]
    # All but a few have a sign that the packet refuses; those few tell nothing new.
    texts = texts[::30] + [text for text in texts if re.fullmatch(r"[\w./:@,+-]+", text, re.ASCII)]
    source = folder / "reports/day/sheet.txt"
    made = {}
    for text in texts:
        document = market.yaml_text(market.scenario(["one", "two"], text))
        (folder / market.SCENARIO / "scenario.yaml").write_text(document, "utf-8")
        ran = run("render", *AT, cwd=folder)
        if ran.code == 0:
            made[text] = source.read_text("utf-8")
            assert dotenv_values(source) == {"TARGET": text, "END": "1"}
        else:
            assert (ran.code, "[BFG602]" in ran.stdout) == (4, True), (ascii(text), ran)
    assert len(made) > 10, made
    yard = tmp_path / "yard"
    yard.mkdir()
    for index, packet in enumerate(made.values()):
        (tmp_path / f"{index}.env").write_text(packet)
    script = (
        f"set -a; for ((i = 0; i < {len(made)}; i++)); do . ../$i.env;"
        ' printf "%s\\0" "$TARGET"; done'
    )
    shell = subprocess.run(
        ["bash", "-c", script], cwd=yard, env={}, capture_output=True, check=False
    )
    assert shell.stderr == b""
    assert shell.stdout.decode().split("\0")[:-1] == list(made)
    assert not list(yard.iterdir())
