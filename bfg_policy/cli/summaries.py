"""The summary of a CI step, in Markdown, where a CI system names a file for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bfg_policy import writer
from bfg_policy.errors import RenderError
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters import format_result
from bfg_policy.reporters.ci import ci_safe
from bfg_policy.reporters.cutting import cut_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from bfg_policy.reporters import Result

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
# GitHub shows no summary of a step that is larger.
MOST_BYTES = 1024 * 1024


def append_summary(path: Path, result: Result) -> None:
    """Add a result to the file of summaries, as far as there is room. Failing that fails nothing.

    It is said on standard error, for the result itself has been told already.
    """
    try:
        room = MOST_BYTES - (path.stat().st_size if path.is_file() else 0)
        text = cut_markdown(format_result("markdown", result), room)
        writer.append_file(path, text)
    except RenderError as error:
        _tell(error.findings[0].message)
    except OSError as error:
        _tell(error.strerror or type(error).__name__)


def _tell(why: str) -> None:
    sys.stderr.write(f"bfg-policy: no summary is written: {ci_safe(visible(why))}\n")
