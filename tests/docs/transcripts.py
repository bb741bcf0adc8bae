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


def _printed(found: re.Match[str]) -> str:
    folder = ROOT
    if found["file"]:
        folder = _project()
        path = folder / found["file"]
        text = path.read_text(encoding="utf-8")
        assert found["old"] in text, f"{found['old']} is not in {found['file']}"
        path.write_text(text.replace(found["old"], found["new"], 1), encoding="utf-8")
    ran = run(*shlex.split(found["command"]), cwd=folder)
    return ran.stdout + ran.stderr


def regenerated(page: Path) -> str:
    """A page with every transcript as the product prints it today."""
    text = page.read_text(encoding="utf-8")
    return _BLOCK.sub(lambda found: found["head"] + _printed(found) + found["tail"], text)


def main() -> None:
    """Write all transcripts anew."""
    for page in PAGES:
        page.write_text(regenerated(page), encoding="utf-8")


if __name__ == "__main__":
    main()
