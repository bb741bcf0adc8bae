"""Every guard is there. That a test fails without it is seen by `make guards`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.hardening.guards import GUARDS
from tests.hardening.removing import Guard, outcomes
from tests.shared import ROOT


def test_each_guard_stands_where_it_is_said_to_stand() -> None:
    """Quick, so that whoever moves one learns it at once."""
    moved = [
        guard.name
        for guard in GUARDS
        if (ROOT / "bfg_policy" / guard.file).read_text("utf-8").count(guard.snippet) != 1
    ]
    assert moved == []
    names = Counter(guard.name for guard in GUARDS)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_guard_that_nothing_holds_is_told(tmp_path: Path) -> None:
    """The tool's own guard: what is gone, what nobody misses, and what breaks is no success."""
    test, file = "tests/core/test_instants.py", "instants.py"
    line = 'raise ValueError("it has no offset from UTC")'
    guards = [
        Guard("gone", "-", file, "no such snippet", "", test),
        Guard("not missed", "-", file, "it has no offset", "it has not an offset", test),
        Guard("no Python", "-", file, line, "raise (", test),
        Guard("no module", "-", file, "from __future__", "import zqx\nfrom __future__", test),
        Guard("no such test", "-", file, line, "pass", "tests/core/test_none.py"),
        Guard("held", "-", file, line, "pass", test),
    ]
    found = {each.guard.name: each for each in outcomes(guards, tmp_path, workers=1)}
    assert [name for name, each in found.items() if each.is_held] == ["held"]
    assert found["gone"].why == "stands 0 times in instants.py"
    assert "test_what_no_calendar_has_is_refused" in found["held"].why
