"""The transcripts in the documentation: what `$ bfg-policy …` prints is what stands below it.

`python -m tests.docs.transcripts` (or `make docs`) writes them anew; the tests only compare.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from pathlib import Path

from tests.running import run
from tests.shared import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(
    r"(?P<head>(?:<!-- file: (?P<file>\S+): s/(?P<old>[^/\n]+)/(?P<new>[^/\n]+)/ -->\n)?"
    r"```console\n\$ bfg-policy (?P<command>[^\n]*)\n)(?P<output>.*?)(?P<tail>```\n)",
    re.DOTALL,
)
# Help is laid out for the terminal that asks: here for one that is wide enough for everything.
_WIDE = "100"
_COLLECTING = ("probe ", "rehearse ")
# Digests of what was observed, an endpoint, versions, and where TLS ends.
_OF_THE_SERVER = (
    r"\b[0-9a-f]{64}\b",
    r"hmac:[0-9a-f]{8}",
    r"(?<=PostgreSQL )[0-9.]+|(?<= )[0-9]{2}\.[0-9]+\n",
    r"(?m)^  note   TLS ends .*$",
)
_PARTS = ("policies", "contracts", "scenarios", "pyproject.toml")


def _project() -> Path:
    """A copy of what the commands read, to break one thing in."""
    folder = Path(tempfile.mkdtemp(prefix="docs-"))
    for name in _PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder)
    return folder


class _Page:
    """What the transcripts of one page have in common: what an earlier one wrote is there later."""

    def __init__(self) -> None:
        self._collecting: Path | None = None

    def printed(self, found: re.Match[str]) -> str:
        """What a block's command prints."""
        folder = ROOT
        if found["file"]:
            folder = _project()
            path = folder / found["file"]
            text = path.read_text(encoding="utf-8")
            assert found["old"] in text, f"{found['old']} is not in {found['file']}"
            path.write_text(text.replace(found["old"], found["new"], 1), encoding="utf-8")
        elif self._collecting or found["command"].startswith(_COLLECTING):
            self._collecting = self._collecting or _without_evidence()
            folder = self._collecting
        ran = run(*shlex.split(found["command"]), cwd=folder, environment={"COLUMNS": _WIDE})
        printed = ran.stdout + ran.stderr
        # Another server has other certificates and another version: the page keeps its own.
        return found["output"] if _masked(found["output"]) == _masked(printed) else printed


def _without_evidence() -> Path:
    """A copy of the project in which no evidence has been recorded yet."""
    folder = _project()
    for evidence in folder.glob("scenarios/*/evidence"):
        shutil.rmtree(evidence)
    return folder


def _masked(text: str) -> str:
    """A text without what depends on the server that answered."""
    for pattern in _OF_THE_SERVER:
        text = re.sub(pattern, "…", text)
    return text


def regenerated(page: Path) -> str:
    """A page with every transcript as the product prints it today."""
    text = page.read_text(encoding="utf-8")
    blocks = _Page()
    return _BLOCK.sub(lambda found: found["head"] + blocks.printed(found) + found["tail"], text)


def main() -> None:
    """Write all transcripts anew."""
    for page in PAGES:
        page.write_text(regenerated(page), encoding="utf-8")


if __name__ == "__main__":
    main()
