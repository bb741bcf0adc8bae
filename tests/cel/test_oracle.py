"""Random programs have the same value here and in the C++ engine, where that is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: The nightly run asks for 100,000.
PROGRAMS = os.environ.get("BFG_POLICY_FUZZ_PROGRAMS", "2000")


@pytest.mark.skipif(find_spec("cel_expr_python") is None, reason="cel-expr-python is not installed")
def test_the_engines_agree() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.cel.oracle", "20261123", PROGRAMS],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
