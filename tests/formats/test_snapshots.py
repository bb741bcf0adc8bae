"""Whole outputs of every format: of the reference scenario, a broken pack, several scenarios."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bfg_policy.reporters import REPORTERS, format_result
from tests.formats.results import REQUIRED, entry, reference, several
from tests.running import run
from tests.shared import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

MACHINE = [name for name in REPORTERS if name not in ("text", "json", "markdown")]


@pytest.mark.parametrize("form", MACHINE)
def test_the_reference_scenario(snapshot: SnapshotAssertion, form: str) -> None:
    result = reference(required=REQUIRED)
    # The digest of the pack is in none of them: they change only where a policy's gates do.
    assert result.readiness.pack.sha256 not in format_result(form, result)
    assert format_result(form, result) == snapshot


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack with two misspelt fields, and a third mistake that a link makes."""
    folder = tmp_path_factory.mktemp("broken")
    for name in ("policies", "contracts"):
        shutil.copytree(ROOT / name, folder / name)
    policy = folder / "policies" / "dry-run.yaml"
    policy.write_text(policy.read_text().replace("    evidence:", "    evidnce:", 2))
    return folder


@pytest.mark.parametrize("form", REPORTERS)
def test_a_broken_pack(snapshot: SnapshotAssertion, broken: Path, form: str) -> None:
    ran = run("lint", "--format", form, cwd=broken)
    assert (ran.code, ran.stderr) == (4, "")
    assert ran.stdout == snapshot


@pytest.mark.parametrize("form", ["text", "markdown", "github", "azure"])
def test_several_scenarios(snapshot: SnapshotAssertion, form: str) -> None:
    result = several(
        entry("scenarios/grant-demo-local", REQUIRED),
        entry("scenarios/staging-rehearsal", REQUIRED),
        entry("README.md"),
        required=REQUIRED,
    )
    assert format_result(form, result) == snapshot
