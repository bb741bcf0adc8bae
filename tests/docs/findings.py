"""The pages of `docs/findings`: each code's page is written from the registry and a real run.

`python -m tests.docs.findings` (or `make docs`) makes each mistake of `examples.yaml` in a copy of
the example project, runs the command and writes the page; the tests only compare.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import yaml

from bfg_policy.catalogue import CATALOGUE
from bfg_policy.collectors.programs import find_programs
from bfg_policy.collectors.servers import embedded_server
from bfg_policy.digest import record_digest
from bfg_policy.secrets import redact
from tests.revisions.repository import Repository
from tests.running import Ran, run
from tests.shared import ROOT

FOLDER = ROOT / "docs" / "findings"
PROJECT = FOLDER / "example"
AT = "2026-11-20T12:00:00Z"
LONGEST = 200  # characters of a text that a page shows
MOST_LINES = 30  # of what a command prints
_JUDGING = ("check", "render", "diff")

EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "examples.yaml").read_text(encoding="utf-8")
)


def command_of(code: str) -> str:
    """The command that shows the mistake, as a user would type it."""
    command = str(EXAMPLES[code]["command"])
    if command.partition(" ")[0] in _JUDGING and "--at" not in command and "--check" not in command:
        command += f" --at {AT}"
    return command


def tried(code: str) -> Ran:
    """Make the mistake in a copy of the project and run its command there."""
    with TemporaryDirectory() as folder, ExitStack() as servers:
        project = Path(folder) / "project"
        shutil.copytree(PROJECT, project)
        environment: dict[str, str] = {}
        for step in EXAMPLES[code]["steps"]:
            if "database" in step:
                environment["BFG_DATABASE_URL"] = servers.enter_context(_database(step, project))
            else:
                _apply(step, project)
        return run(*shlex.split(command_of(code)), cwd=project, environment=environment)


@contextmanager
def _database(step: dict[str, Any], project: Path) -> Iterator[str]:
    """A server on which the rendered packets were run, and then the step's own statements."""
    with embedded_server(find_programs(None, os.environ.get("PATH"))) as server:
        with psycopg.connect(server.dsn, autocommit=True) as operator:
            for file in sorted(project.glob("reports/*/sql/[123]*.sql")):
                operator.execute(file.read_bytes())
        with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
            for statement in step["database"]:
                admin.execute(statement.encode())
        yield server.dsn


def _apply(step: dict[str, Any], project: Path) -> None:
    (kind,) = step.keys() & _STEPS.keys()
    _STEPS[kind](step, project)


def _edit(step: dict[str, Any], project: Path) -> None:
    path = project / step["edit"]
    text = path.read_text(encoding="utf-8")
    assert text.count(step["old"]) == 1, f"{step['old']!r} is not once in {step['edit']}"
    path.write_text(text.replace(step["old"], step["new"]), encoding="utf-8")


def _write(step: dict[str, Any], project: Path) -> None:
    path = project / step["write"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_bytes(step))


def _append(step: dict[str, Any], project: Path) -> None:
    with (project / step["append"]).open("ab") as stream:
        stream.write(_bytes(step))


def _bytes(step: dict[str, Any]) -> bytes:
    if "hex" in step:
        return bytes.fromhex(step["hex"])
    return str(step["text"]).encode() * int(step.get("times", 1))


def _link(step: dict[str, Any], project: Path) -> None:
    (project / step["link"]).symlink_to(step["to"])


def _copy(step: dict[str, Any], project: Path) -> None:
    shutil.copy(project / step["copy"], project / step["to"])


def _remove(step: dict[str, Any], project: Path) -> None:
    (project / step["remove"]).unlink()


def _record(step: dict[str, Any], project: Path) -> None:
    path = project / step["record"]
    record = {**json.loads(path.read_text(encoding="utf-8")), **step["set"]}
    record["sha256"] = record_digest(record)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _commit(step: dict[str, Any], project: Path) -> None:
    repository = Repository(project)
    repository.git("branch", "--move", step["commit"])
    repository.commit()


def _run(step: dict[str, Any], project: Path) -> None:
    with chdir(project):
        ran = run(*shlex.split(step["run"]), "--at", AT)
    assert ran.code == 0, ran.stdout


_STEPS = {
    "edit": _edit,
    "write": _write,
    "append": _append,
    "link": _link,
    "copy": _copy,
    "remove": _remove,
    "record": _record,
    "run": _run,
    "commit": _commit,
}


def told(step: dict[str, Any]) -> str:
    """A step in words, as Markdown."""
    match step:
        case {"edit": file, "old": old, "new": ""}:
            return f"in `{file}`, this is gone:\n\n{_block(old)}"
        case {"edit": file, "new": new}:
            return f"in `{file}`, this stands now:\n\n{_block(new)}"
        case {"write": file, "hex": data}:
            return f"`{file}` has these bytes: `{data}`"
        case {"write": file} | {"append": file}:
            verb = "holds" if "write" in step else "ends with"
            times = f", {step['times']:,} times over" if "times" in step else ""
            text = str(step["text"])
            return f"`{file}` {verb}{times}:\n\n{_block(text)}"
        case {"link": file, "to": to}:
            return f"`{file}` is a symbolic link to `{to}`"
        case {"copy": file, "to": to}:
            return f"`{to}` is a copy of `{file}`"
        case {"record": file, "set": facts}:
            return f"`{file}`, with its digest made anew, says:\n\n{_block(_yaml(facts))}"
        case {"commit": branch}:
            return f"everything was committed to git, on `{branch}`"
        case {"database": statements}:
            return (
                f"the packets were run on a server, and after them:\n\n{_block(_lines(statements))}"
            )
        case {"run": command}:
            return f"`bfg-policy {command}` was run"
        case {"remove": file}:
            return f"`{file}` is gone"
    raise AssertionError(step)


def _yaml(facts: object) -> str:
    return str(yaml.safe_dump(facts))


def _lines(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _block(text: str) -> str:
    shown = redact(text if len(text) <= LONGEST else text[:LONGEST] + "…")
    return f"```text\n{shown.strip(chr(10))}\n```"


def page(code: str) -> str:
    """A code's page, with what the product prints today."""
    entry = CATALOGUE[code]
    steps = [told(step) for step in EXAMPLES[code]["steps"]]
    ran = tried(code)
    changes = (
        "In the [example](example), " + ";\nthen ".join(steps) + "\n\n"
        if steps
        else "In the [example](example) as it is:\n\n"
    )
    return (
        f"# {code}: {entry.title}\n\n"
        f"Severity: {entry.severity}. {entry.meaning}\n\n"
        f"**What to do.** {entry.remedy}\n\n"
        f"## An example\n\n{changes}"
        f"```console\n$ bfg-policy {command_of(code)}\n{_shortened(ran.stdout + ran.stderr)}```\n"
    )


def _shortened(text: str) -> str:
    """What was printed, from the first finding on; at most MOST_LINES of it."""
    start = re.search(r"^(error|warning|note)\[", text, re.MULTILINE)
    lines = text[start.start() if start else 0 :].splitlines(keepends=True)
    return "".join(lines[:MOST_LINES]) + ("…\n" if len(lines) > MOST_LINES else "")


def index() -> str:
    """The list of all pages."""
    rows = "".join(
        f"| [{code}]({code}.md) | {entry.severity} | {entry.title} |\n"
        for code, entry in CATALOGUE.items()
    )
    return (
        "# Findings\n\nEvery finding has a code that keeps its meaning for ever, and a page: what "
        "it means, what to do,\nand an example that was run. `bfg-policy explain CODE` shows the "
        "same page.\n\n| code | severity | what is wrong |\n| --- | --- | --- |\n" + rows
    )


def main() -> None:
    """Write all pages anew."""
    for code in CATALOGUE:
        (FOLDER / f"{code}.md").write_text(page(code), encoding="utf-8")
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
