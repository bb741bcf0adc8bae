"""Posts a report on a pull request, or brings the comment up to date that an earlier run posted.

    python integrations/github/comment.py comment.md [NAME]

The comment is found again by its first line, a marker: NAME's, or without a name the one that the
file begins with. With a name, what has no marker is posted too, such as why nothing can be judged,
and takes the place of what an earlier run said. The environment says where: GITHUB_REPOSITORY,
PULL_REQUEST, and GH_TOKEN for `gh`, GitHub's own command line. COMMENT_AUTHOR is the account that
posts, `github-actions[bot]` by default: a comment of anybody else with the same marker is left
alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MARKER = re.compile(r"<!-- bfg-policy:\S+ -->")
_LONGEST = 65_536  # characters of a comment


def main(file: str, name: str | None = None) -> str:
    """Post the file's text; what was done, in one line. Ends the program where that fails."""
    text = Path(file).read_text(encoding="utf-8")
    marker, _, rest = text.partition("\n")
    if name is not None:
        if not _NAME.fullmatch(name):
            sys.exit(f"`{name}` is no name: letters, digits, `-` and `_`; nothing was posted")
        rest = rest if _MARKER.fullmatch(marker) else text
        marker = f"<!-- bfg-policy:{name} -->"
        text = f"{marker}\n{rest}"
    if not _MARKER.fullmatch(marker):
        sys.exit(f"{file}: its first line is no marker of bfg-policy; nothing was posted")
    if len(text) > _LONGEST:
        sys.exit(f"{file}: longer than a comment may be; nothing was posted")
    issue = f"repos/{_variable('GITHUB_REPOSITORY')}/issues"
    number = _variable("PULL_REQUEST")
    if not number.isdecimal():
        sys.exit("PULL_REQUEST is no number; nothing was posted")
    author = os.environ.get("COMMENT_AUTHOR") or "github-actions[bot]"
    pages = _gh(f"{issue}/{number}/comments?per_page=100", "--paginate", "--slurp")
    mine = [each for page in pages for each in page if _is_ours(each, author, marker)]
    if not mine:
        _gh(f"{issue}/{number}/comments", "--method", "POST", text=text)
        return "posted a comment"
    if mine[0]["body"] == text:
        return "the comment is up to date"
    _gh(f"{issue}/comments/{mine[0]['id']}", "--method", "PATCH", text=text)
    return "brought the comment up to date"


def _is_ours(comment: dict[str, Any], author: str, marker: str) -> bool:
    by = comment["user"]["login"] if comment.get("user") else None
    first = str(comment.get("body") or "").partition("\n")[0].rstrip("\r")
    return by == author and first == marker


def _gh(address: str, *options: str, text: str | None = None) -> Any:
    """What GitHub answers; the text is sent as the comment's body, by standard input."""
    given = ("--input", "-") if text is not None else ()
    body = json.dumps({"body": text}) if text is not None else None
    done = subprocess.run(  # noqa: S603 - no shell, and every argument is ours or a number
        ["gh", "api", *options, *given, address],  # noqa: S607 - the runner's own gh
        input=body,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"gh api failed ({done.returncode}): {done.stderr.strip()}")
    return json.loads(done.stdout)


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} is not set; nothing was posted")
    return value


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("usage: comment.py FILE [NAME]")
    print(main(*sys.argv[1:]))  # noqa: T201 - it is a program
