"""The engine is general: nothing of the BFG pack stands in its code or its own templates."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bfg_policy.pack import Packet
from tests.bfg.documents import pack
from tests.shared import ROOT

PACKAGE = ROOT / "bfg_policy"
CODE = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.j2"))
# The engine's own contracts: what these call a field is the engine's word, whoever else uses it.
ENGINES = (
    "acceptance",
    "evidence",
    "findings",
    "pack",
    "policy",
    "readiness",
    "scenario",
    "schema_map",
    "waiver",
)
# Words that the pack shares with everybody. Sentences and variables may use them; the scanner for
# credentials knows what people call them.
EVERYBODYS = frozenset(
    {
        "account",
        "auth",
        "client",
        "current",
        "deploy",
        "driver",
        "dry-run",
        "environment",
        "GO",
        "NO-GO",
        "orders",
        "redacted",
        "reference",
        "region",
        "rollback",
        "state",
    }
)
# The product's own words for what gates of the pack are called after.
OWN = frozenset(
    {
        "rbac_claims",
        "replay_batches",
        "rollback_checkpoint",
        "schema_map",
        "write_probe",
    }
)
WORD = re.compile(r"[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*")


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / "contracts" / f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return found


def fields(node: object) -> Iterator[str]:
    """The names of all fields of a contract."""
    if isinstance(node, dict):
        properties = node.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for child in node.values():
            yield from fields(child)
    elif isinstance(node, list):
        for child in node:
            yield from fields(child)


@cache
def names() -> frozenset[str]:
    """What the BFG pack calls its boards, gates, roles, facts, contracts, packets and groups."""
    found = pack().pack
    contracts = {
        *(board.contract for board in found.boards.values() if board.contract),
        *(gate.evidence.contract for gate in found.gates.values() if gate.evidence),
        "BFGFacts.v1",
        "BFGScenarioSnapshot.v1",
    }
    # The sections of these records are the words of the product's own collectors.
    collected = {each.contract for each in found.collectors.values()}
    packets = [each.packet for each in found.boards.values() if isinstance(each.packet, Packet)]
    database = found.schema_map
    assert database is not None
    engines = {field for name in ENGINES for field in fields(schema(f"{name}.v1"))}
    facts = {
        field
        for name in contracts - collected
        if name in pack().contracts.names
        for field in fields(schema(name))
    }
    return frozenset(
        {found.id.id, *found.boards, *found.gates, *(gate.key for gate in found.gates.values())}
        | set(found.roles)
        | contracts
        | {name for packet in packets for name in (packet.template, packet.path)}
        | {rung.code for board in found.boards.values() for rung in board.ladder if rung.code}
        | {
            word
            for board in found.boards.values()
            for rung in board.ladder
            for word in (*rung.also, *rung.also.values())
        }
        | {table for tables in found.groups.values() for table in tables}
        | {database.id, database.schema, database.control, database.tenant.setting, *database.roles}
        | {table for table in database.tables if "_" in table}
        | (facts - engines)
    )


def spellings(name: str) -> set[str]:
    """A name as code may write it."""
    return {name, name.replace("-", "_"), name.replace("_", "-")}


@cache
def forbidden() -> frozenset[str]:
    free = {each for name in EVERYBODYS for each in spellings(name)}
    return frozenset(each for name in names() for each in spellings(name)) - free - OWN


def names_in(text: str) -> frozenset[str]:
    """Names of the pack that stand in a text as whole words."""
    return forbidden().intersection(WORD.findall(text))


def identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value


def strings(tree: ast.AST) -> Iterator[str]:
    """All string literals, with the fixed parts of those that are formatted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert names_in("\n".join([*strings(tree), *comments(text)])) == set()
    assert forbidden().intersection(identifiers(tree)) == set()
    # As a whole string, even everybody's word may be the name of a fact that is looked up.
    # A scanner and a foreign format have vocabularies of their own.
    if path.parent.name != "secrets" and path.name != "sarif.py":
        assert EVERYBODYS.intersection(strings(tree)) == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_templates(path: Path) -> None:
    assert names_in(path.read_text(encoding="utf-8")) == set()


def test_the_names_are_those_of_the_pack() -> None:
    known = {"data-cutover", "managing_director", "rls_policy_draft", "BFGFacts.v1", "release.env"}
    assert known <= forbidden()
    assert len(forbidden()) > 250
    assert len(CODE) > 100
    assert TEMPLATES
    assert names() >= EVERYBODYS


@pytest.mark.parametrize(
    "text",
    [
        "of `data-cutover/*`",
        "board_data-cutover: data-cutover",
        "a managing_director?",
        "['payments']",
    ],
)
def test_a_name_is_found_wherever_it_stands(text: str) -> None:
    assert names_in(text)
