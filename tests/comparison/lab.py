"""Two small projects of one pack: what is changed between them is the whole difference."""

from __future__ import annotations

import atexit
import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from bfg_policy.comparison.types import Comparison, Move
from bfg_policy.instants import parse_instant
from bfg_policy.pipeline import Project, compare_sides, open_side
from tests.evaluation import lab

AT = lab.AT


def written(
    policy: dict[str, Any] | list[dict[str, Any]], document: dict[str, Any], **pack: Any
) -> Path:
    """A project's folder: its policies, contracts, and one self-contained scenario."""
    folder = Path(mkdtemp(prefix="compared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    policies = policy if isinstance(policy, list) else [policy]
    files: dict[str, Any] = {
        "policies/pack.yaml": {**lab.PACK, **pack},
        "contracts/LabFacts.v1.schema.json": lab.FACTS,
        "contracts/Probe.v1.schema.json": lab.PROBE,
        "scenarios/one.json": document,
        **{f"policies/{each['policy']}.yaml": each for each in policies},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=1)
        if path.suffix == ".yaml":  # read anew, so that nothing in it is shared: no anchors
            text = yaml.safe_dump(json.loads(text), sort_keys=False)
        path.write_text(text)
    return folder


def compared(before: Path, after: Path, base_at: str = AT, at: str = AT) -> Comparison:
    """What the change from one folder to the other does."""

    def side(folder: Path, name: str, instant: str) -> Any:
        contracts = folder / "contracts"
        scenario = folder / "scenarios" / "one.json"
        project = Project(name, folder, folder / "policies", contracts, scenario)
        return open_side(project, parse_instant(instant))

    return compare_sides(side(before, "before", base_at), side(after, "after", at))


def told(move: Move) -> str:
    """A move in one line, with the causes and where they are."""
    causes = "; ".join(f"{each.kind}: {each.what} @{each.place}" for each in move.causes)
    return f"{move.gate} {move.before}->{move.after}: {causes}"
