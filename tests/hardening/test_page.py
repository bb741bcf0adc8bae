"""`docs/hardening.md` names code and tests that are there."""

from __future__ import annotations

import re

from tests.shared import ROOT

PAGE = (ROOT / "docs/hardening.md").read_text(encoding="utf-8")


def test_what_the_table_names_is_there() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    for row in rows:
        code, tests = (re.findall("`([^`]+)`", cell) for cell in row[2:4])
        assert tests
        assert code or row[2] == "all"
        for path in (*(f"bfg_policy/{each}" for each in code), *tests):
            assert (ROOT / path).exists(), path
