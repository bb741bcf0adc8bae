"""Strings that have broken out of other tools' outputs: ours, and the corpus where present."""

from __future__ import annotations

import json
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "../shared/corpus"

OURS = (
    *("", " ", "  a  ", "a|b", "||", "`", "``a`b`", "a`", "`a", "a\\", "\\|", "a\nb", "\r\n", "\t"),
    *("'", "''; DROP TABLE x; --", "\\'; x; --", '"', "--", "/*", "*/", "\\! touch x", ":'x'"),
    *("$(id)", "${HOME}", "$$", "x\nY=1", "x\u2028Y=1", "x\x0bY=1", "=", "é", "日本", "\U0001f69a"),
    *("<b>", "<!--", "-->", "&lt;", "&#x3c;", "[x](y)", "![x](y)", "[^1]", "https://x.example"),
    *("www.x.example", "a@x.example", "@anna", "#1", "GH-1", "o/r#1", "deadbeef0", ":warning:"),
    *("1. one", "- x", "# x", "> x", "---", "===", "/close", "$x$", "~~x~~", "*x*", "__x__"),
    *(
        "\x1b[31mred\x1b[0m",
        "\x9b31m",
        "\x07",
        "\x00",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
    ),
    *("\udc80", "\U000e0041", "a\u0301", "\u3164", "{{ 1 }}", "{% raw %}", "{#", "::error::x"),
    *("##[error]x", "##vso[x]", "```mermaid", "%%{init}%%", '"]', "end", "\u05d0\u05d1"),
)


def strings() -> tuple[str, ...]:
    """All hostile strings there are; fewer where the corpus is not beside the project."""
    corpus = [
        json.loads(line)["string"]
        for path in sorted(CORPUS.glob("hostile*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return tuple(dict.fromkeys((*OURS, *corpus)))
