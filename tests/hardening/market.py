"""A market's pack and scenario with a stranger's texts in every field that takes any text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bfg_policy.digest import record_digest, snapshot_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AT = "2026-11-20T12:00:00Z"
SCENARIO = "scenarios/day"

_WORDS = {"type": "array", "items": {"type": "string"}}
FACTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"words": _WORDS, "wares": {"type": "object"}},
    "required": ["words"],
}
ROUND = {
    "type": "object",
    "properties": {
        "contract": {"const": "Round.v1"},
        "walk": {
            "type": "object",
            "properties": {"status": {"type": "string"}, "words": _WORDS},
        },
    },
}
GOODS = {
    "type": "object",
    "required": ["schema", "tables"],
    "properties": {"schema": {"const": "Goods.v1"}, "tables": {"type": "object"}},
}
TEMPLATES = {
    "sheet.txt": "target={{ target | line }}\ntenant={{ tenant | line }}\n"
    "{% for gate in board.gates %}{{ gate.title | text | line }}\n{% endfor %}",
    "words.md": "{% for word in scenario.words %}\n\n| a | b |\n| --- | --- |\n"
    "| {{ word | md }} | {{ word | md_text }} |\n\n{{ word | md_text }}\n\n"
    "<!-- {{ word | html_comment }} -->\n\n{% endfor %}",
}


def clipped(text: str, most: int) -> str:
    """As much of a text as a field takes; without the rest of it, its end may be blank."""
    return text[:most] if text[:most].strip(" \t\r\n") else "x"


def is_file_name(text: str) -> bool:
    """Whether a file `TEXT.yaml` can be made, and is not passed over as a hidden one."""
    try:
        size = len(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False
    return 0 < size < 240 and not text.startswith(".") and not {"/", "\0"} & set(text)


def cel(text: str) -> str:
    """A text as a literal of a rule."""
    return json.dumps(re.sub("[\ud800-\udfff]", "?", text), ensure_ascii=False)


def board(index: int, text: str) -> dict[str, Any]:
    """A policy that holds a text wherever one may stand."""
    long, short = clipped(text, 4000), clipped(text, 500)
    literal = cel(text[:2000])
    words = {"en": long, "fr": long}
    return {
        "policy": f"b{index:03}",
        "title": words,
        "owner": "clerk",
        "gates": {
            "said": {
                "title": words,
                "remedy": words,
                "labels": {"sign": short},
                "rule": f"words[{index}] == {literal} + 'x' || wares.none == {literal}",
            },
            "seen": {
                "title": words,
                "evidence": {"contract": "Round.v1", "fresh_for": "2d"},
                "rule": f"evidence.walk.words[{index}] == {literal} + 'x'",
                "remedy": words,
            },
            "signed": {"title": words, "accept": {"actor": f"actors[{index + 1}].id"}},
            "waived": {"title": words, "rule": f"words[{index}] == {literal} + 'x'"},
        },
        "decision": [
            {"code": "SHUT", "until": [f"b{index:03}"], "also": {"sign": short}},
            {"code": "OPEN"},
        ],
    }


def scenario(texts: Sequence[str], target: str) -> dict[str, Any]:
    """A scenario with an actor, a fact, an acceptance, a waiver and a row for each text."""
    short = [clipped(text, 500) for text in texts]
    keys = [text[:80] for text in texts]  # YAML takes keys of 1,024 characters at most
    plain = [key if key.isascii() else "plain" for key in keys]  # and a snapshot those in ASCII
    rows = [{key: [text], "id": text} for key, text in zip(plain, texts, strict=True)]
    tables = {"goods": rows}
    digest = snapshot_digest("Goods.v1", target, tables)
    record: dict[str, Any] = {
        "contract": "Round.v1",
        "observed_at": "2026-11-20T09:00:00Z",
        "collector": target,
        "target": {"adapter": target, "kind": "live"},
        "walk": {"status": "pass", "words": list(texts), "by": dict.fromkeys(plain, 1)},
    }
    clerks = [
        {"id": text, "name": text, "desk": text, "role": "clerk", "permissions": [text]}
        for text in short
    ]
    return {
        "scenario": "day",
        "contract": "ScenarioManifest.v1",
        "tenant": target,
        "target": target,
        "actors": [{"id": "-olga", "role": "owner"}, *clerks],
        "words": list(texts),
        "wares": {key: [text] for key, text in zip(keys, texts, strict=True)},
        "snapshot": {
            "schema": "Goods.v1",
            "rows": {"stock": len(rows)},
            "sha256": digest,
            "tables": tables,
        },
        "evidence": {"round": {**record, "sha256": record_digest(record)}},
        "acceptances": [
            {
                "gate": f"b{index:03}/signed",
                "by": by,
                "at": "2026-11-19T09:00:00Z",
                "note": text[:4000],
            }
            for index, (by, text) in enumerate(zip(short, texts, strict=True))
        ],
        "waivers": [
            {
                "gate": f"b{index:03}/waived",
                "reason": clipped(text, 4000),
                "requested_by": "-olga",
                "approved_by": by,
                "expires": "2026-12-01T00:00:00Z",
            }
            for index, (by, text) in enumerate(zip(short, texts, strict=True))
        ],
    }


def yaml_text(value: Any) -> str:
    """A value in YAML's flow style, its texts as they are wherever YAML lets them be."""
    if isinstance(value, dict):
        pairs = (f"{yaml_text(key)}: {yaml_text(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_text, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    return '"' + "".join(map(_yaml_sign, value)) + '"'


def _yaml_sign(sign: str) -> str:
    code = ord(sign)
    if sign in '"\\':
        return "\\" + sign
    if 0x20 <= code < 0x7F or 0xA0 <= code < 0x2028 or 0x202A <= code < 0xD800:
        return sign
    return f"\\x{code:02x}" if code < 0x100 else f"\\U{code:08x}"


def files(texts: Sequence[str], target: str, *, named: bool) -> dict[str, str]:
    """The project's files by path. named: whether a policy's file is called like its text."""
    pack = {
        "pack": "market",
        "roles": ["owner", "clerk"],
        "facts": "MarketFacts.v1",
        "boards": ["all"],
        "verdict": "all",
        "waivers": {"approvers": ["clerk"]},
        "snapshot": {"groups": {"stock": ["goods"]}},
    }
    made: dict[str, Any] = {
        "policies/pack.yaml": pack,
        "contracts/MarketFacts.v1.schema.json": FACTS,
        "contracts/Round.v1.schema.json": ROUND,
        "contracts/Goods.v1.schema.json": GOODS,
        f"{SCENARIO}/scenario.yaml": scenario(texts, target),
    }
    every = [f"b{index:03}" for index in range(len(texts))]
    made["policies/all.yaml"] = {
        "policy": "all",
        "owner": "owner",
        "gates": {"open": {"needs": every}},
        "decision": [{"code": "SHUT", "until": ["all"]}, {"code": "OPEN"}],
    }
    for index, text in enumerate(texts):
        name = text if named and is_file_name(text) else f"b{index:03}"
        policy = board(index, text)
        if index < len(TEMPLATES):
            template = sorted(TEMPLATES)[index]
            policy["packet"] = {"template": template, "path": template}
        made[f"policies/{name}.yaml"] = policy
    written = {
        path: json.dumps(content) if path.endswith(".json") else yaml_text(content) + "\n"
        for path, content in made.items()
    }
    return written | {f"policies/templates/{name}.j2": text for name, text in TEMPLATES.items()}


def write(folder: Path, texts: Sequence[str], *, target: str = "north", named: bool = True) -> Path:
    """The project of these texts in a folder."""
    for name, text in files(texts, target, named=named).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder
