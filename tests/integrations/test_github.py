"""The GitHub action and the comment, as a runner would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.running import run
from tests.shared import ROOT

CHECK = ROOT / "integrations" / "github" / "check.sh"
COMMENT = ROOT / "integrations" / "github" / "comment.py"
BIN = Path(sys.executable).parent
AT = "2026-11-23T10:00:00Z"

# GitHub's command line, as far as the script uses it: comments in a file, no network.
FAKE_GH = f"""#!{sys.executable}
import json, os, sys, pathlib
store = pathlib.Path(os.environ["FAKE_COMMENTS"])
comments = json.loads(store.read_text())
assert os.environ["GH_TOKEN"] == "the-runners-own"
arguments = sys.argv[1:]
assert arguments.pop(0) == "api"
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
address = arguments[-1].partition("?")[0].split("/")
assert address[:4] == ["repos", "bfg", "control", "issues"], address
if method == "GET":
    assert {{"--paginate", "--slurp"}} <= set(arguments)
    assert address[4:] == ["7", "comments"]
    print(json.dumps([comments[:1], comments[1:]]))
else:
    body = json.load(sys.stdin)["body"]
    if method == "POST":
        assert address[4:] == ["7", "comments"]
        bot = {{"login": "github-actions[bot]"}}
        comments.append({{"id": len(comments) + 1, "user": bot, "body": body}})
    else:
        (comment,) = [each for each in comments if str(each["id"]) == address[5]]
        assert comment["user"]["login"] == "github-actions[bot]", "403"
        comment["body"] = body
    store.write_text(json.dumps(comments))
    print("{{}}")
"""


def judged(folder: Path, **variables: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the action's script in a copy of nothing but the environment; also its outputs."""
    outputs = folder / "outputs"
    outputs.touch()
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_OUTPUT": str(outputs),
        "BFG_AT": AT,
        **variables,
    }
    done = subprocess.run(
        ["bash", str(CHECK)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, outputs.read_text()


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, 0),
        ({"BFG_REQUIRE": "production-readiness\n"}, 1),
        ({"BFG_SCENARIOS": "scenarios/production-go", "BFG_REQUIRE": "production-readiness"}, 0),
        ({"BFG_SCENARIOS": "scenarios/production-go\nscenarios/staging-rehearsal\n"}, 0),
        ({"BFG_SCENARIOS": "scenarios/nowhere"}, 2),
    ],
)
def test_the_action_judges_and_tells_its_exit_code(
    tmp_path: Path, variables: dict[str, str], code: int
) -> None:
    done, outputs = judged(tmp_path, **variables)
    assert done.returncode == code, done.stderr
    assert outputs == f"exit-code={code}\n"


@pytest.mark.parametrize(
    "text",
    ["$(touch pwned)", "`touch pwned`", "; touch pwned", "--help", "-x", "a\n--policies\n/", "* ?"],
)
@pytest.mark.parametrize("name", ["BFG_SCENARIOS", "BFG_REQUIRE", "BFG_POLICIES_FROM", "BFG_AT"])
def test_no_input_becomes_a_command_or_an_option(tmp_path: Path, name: str, text: str) -> None:
    done, _ = judged(tmp_path, **{name: text})
    assert done.returncode in {2, 4}, done.stdout
    assert not (ROOT / "pwned").exists()
    assert "Traceback" not in done.stderr


def test_a_sarif_file_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    done, _ = judged(tmp_path, BFG_SARIF=str(tmp_path / "out.sarif"))
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"


def test_every_input_of_the_action_reaches_the_script_by_its_environment() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    install, judge = action["runs"]["steps"]
    assert "${{" not in install["run"] + judge["run"]
    passed = {value.strip("${} ").removeprefix("inputs.") for value in judge["env"].values()}
    assert passed == set(action["inputs"])
    script = CHECK.read_text(encoding="utf-8")
    assert all(f"${{{name}:-}}" in script for name in judge["env"])


def commented(
    folder: Path, text: str, *name: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    (folder / "comment.md").write_text(text, encoding="utf-8")
    store = folder / "comments.json"
    if not store.exists():
        person = {"id": 1, "user": {"login": "anna"}, "body": f"{text}\nnot the tool's"}
        store.write_text(json.dumps([person, {"id": 2, "user": None, "body": None}]))
    gh = folder / "bin" / "gh"
    gh.parent.mkdir(exist_ok=True)
    gh.write_text(FAKE_GH)
    gh.chmod(0o755)
    environment = {
        "PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "bfg/control",
        "PULL_REQUEST": "7",
        "GH_TOKEN": "the-runners-own",
        "FAKE_COMMENTS": str(store),
        **variables,
    }
    return subprocess.run(
        [sys.executable, str(COMMENT), "comment.md", *name],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_comment_is_posted_once_and_then_brought_up_to_date(tmp_path: Path) -> None:
    first = "<!-- bfg-policy:grant-demo-local -->\n### NO-GO `$(touch pwned)` é\n"
    second = first.replace("NO-GO", "GO")
    said = [commented(tmp_path, text).stdout for text in (first, first, second)]
    assert said == [
        "posted a comment\n",
        "the comment is up to date\n",
        "brought the comment up to date\n",
    ]
    comments = json.loads((tmp_path / "comments.json").read_text())
    assert [each["body"] for each in comments[2:]] == [second]
    assert comments[0]["body"].endswith("not the tool's")
    assert not (tmp_path / "pwned").exists()


def test_what_cannot_be_judged_takes_the_place_of_an_earlier_comment(tmp_path: Path) -> None:
    scenario = ("--scenario", "scenarios/production-go")
    ran = run("diff", "no-such-revision", *scenario, "--format", "markdown", cwd=ROOT)
    assert ran.code == 4
    first = "<!-- bfg-policy:production-go -->\n### GO\n"
    said = [commented(tmp_path, text, "readiness").stdout for text in (first, ran.stdout, first)]
    assert said == ["posted a comment\n", *["brought the comment up to date\n"] * 2]
    commented(tmp_path, ran.stdout, "readiness")
    comments = json.loads((tmp_path / "comments.json").read_text())
    assert [each["body"] for each in comments[2:]] == [
        f"<!-- bfg-policy:readiness -->\n{ran.stdout}"
    ]


def test_a_name_is_no_markup(tmp_path: Path) -> None:
    done = commented(tmp_path, "### GO\n", "--> @everybody")
    assert (done.returncode, "is no name" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "variables", "why"),
    [
        ("no marker\n", {}, "its first line is no marker"),
        ("<!-- bfg-policy:x -->\n" + "x" * 65_536, {}, "longer than a comment may be"),
        ("<!-- bfg-policy:x -->\n", {"PULL_REQUEST": "7/../8"}, "PULL_REQUEST is no number"),
        ("<!-- bfg-policy:x -->\n", {"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY is not set"),
        ("<!-- bfg-policy:x -->\n", {"GH_TOKEN": "wrong"}, "gh api failed (1)"),
    ],
)
def test_what_cannot_be_posted_is_said(
    tmp_path: Path, text: str, variables: dict[str, str], why: str
) -> None:
    done = commented(tmp_path, text, **variables)
    assert done.returncode == 1
    assert why in done.stderr
