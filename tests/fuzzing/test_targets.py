"""The fuzzing targets: they take their seeds, and a short run of each with a fixed seed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from fuzz.choosing import Choices
from fuzz.targets import TARGETS
from tests.shared import ROOT

RUNS = {"reader": 2_000, "rules": 2_000, "programs": 300, "scenario": 60, "policy": 60}
SEEDS = [
    (target, seed)
    for target in TARGETS
    for seed in sorted((ROOT / "fuzz/corpus" / target).iterdir())
]
# Under CI it has to be there; elsewhere it may be missing, for it is not built for every system.
needs_atheris = pytest.mark.skipif(
    find_spec("atheris") is None and not os.environ.get("CI"), reason="atheris is not installed"
)


@pytest.mark.parametrize(("target", "seed"), SEEDS, ids=lambda each: getattr(each, "name", each))
def test_seeds(target: str, seed: Path) -> None:
    TARGETS[target](seed.read_bytes())


def test_every_target_has_small_seeds() -> None:
    assert {target for target, _ in SEEDS} == set(TARGETS)
    assert all(seed.stat().st_size < 4_096 for _, seed in SEEDS)


def test_choices_come_from_the_bytes() -> None:
    chosen = Choices(bytes([128, 1, 5]))
    assert chosen.random() == 0.5
    assert chosen.choice("abc") == "b"
    assert chosen.randrange(2, 6) == 3
    assert (chosen.random(), chosen.choice("abc"), chosen.randrange(4)) == (0, "a", 0)


@needs_atheris
@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_a_short_run(target: str, tmp_path: Path) -> None:
    runs = RUNS.get(target, 500)
    # -timeout stops what hangs; it is far beyond what a busy machine takes for one input.
    ran = subprocess.run(
        [sys.executable, "-m", "fuzz", target, f"-runs={runs}", "-seed=1", "-timeout=60"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "FUZZ_FOUND": str(tmp_path)},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3_000:]
    assert f"Done {runs} runs" in ran.stderr
    assert not list(tmp_path.glob(f"{target}-*"))


@needs_atheris
def test_an_unknown_target() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "fuzz", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert f"targets: {', '.join(TARGETS)}" in ran.stderr
