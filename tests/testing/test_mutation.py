"""Weakened policies: a test must fail for each, and a test that is taken away is missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bfg_policy.pipeline import open_pack
from bfg_policy.testing.mutants import mutants_of
from tests.testing import shop


def survivors(folder: Path, *tests: dict[str, Any], **more: Any) -> list[str]:
    shop.write(folder, shop.suite(*tests, **more))
    found = shop.results(folder, "--mutate")
    assert found["failed"] == 0
    assert shop.tested(folder, "--mutate").code == (1 if found["findings"] else 0)
    return [each["mutant"] for each in found["mutation"]["survivors"]]


def test_the_shops_own_tests_notice_everything(tmp_path: Path) -> None:
    assert survivors(tmp_path, *shop.SUITE["tests"]) == []


@pytest.mark.parametrize(
    ("test", "case", "missed"),
    [
        (1, 0, ["shop/till: `till.float > 0` is always true",
                "shop/till: `>` becomes `>=` in `till.float > 0`"]),
        (1, 1, ["shop/till: `till.serial.trim() != ''` is always true",
                "shop/till: without `trim()` in `till.serial.trim()`"]),
        (2, 0, ["shop/shelves: the rule is always true",
                "shop/shelves: `all` becomes `exists` in the rule",
                "shop/shelves: `s.full` is always true"]),
        (3, 1, ["shop/alarm: evidence is fresh for 2d",
                "shop/alarm: evidence is fresh for 36525d"]),
        (3, 2, ["shop/alarm: the rule is always true", "shop/alarm: 90 becomes 89 in the rule"]),
        (4, 0, ["waivers: clerk may approve them"]),
        (4, 2, ["waivers: `opening/open` may be waived"]),
    ],
)  # fmt: skip
def test_a_case_that_is_taken_away_is_missed(
    test: int, case: int, missed: list[str], tmp_path: Path
) -> None:
    tests: list[dict[str, Any]] = [dict(each) for each in shop.SUITE["tests"]]
    tests[test]["cases"] = [each for i, each in enumerate(tests[test]["cases"]) if i != case]
    assert survivors(tmp_path, *tests) == missed


def test_an_owner_that_nobody_expects_is_missed(tmp_path: Path) -> None:
    first, *others = shop.SUITE["tests"]
    silent = {**first, "expect": {k: v for k, v in first["expect"].items() if k != "owners"}}
    # Who signs is noticed by the signature.
    assert survivors(tmp_path, silent, *others) == [
        "opening/open: owned by clerk",
        "shop/till: owned by owner",
        "shop/alarm: owned by owner",
        "opening: owned by clerk",
        "shop: owned by owner",
    ]


def without(test: int, case: int) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = [dict(each) for each in shop.SUITE["tests"]]
    tests[test]["cases"] = [each for i, each in enumerate(tests[test]["cases"]) if i != case]
    return tests


def test_a_survivor_can_be_explained_and_only_a_survivor(tmp_path: Path) -> None:
    name = "waivers: clerk may approve them"
    explained = [{"mutant": name, "because": "clerks are owners here"}]
    assert survivors(tmp_path / "one", *without(4, 0), survivors=explained) == []
    found = shop.results(tmp_path / "one", "--mutate")["mutation"]
    assert [(each["mutant"], each["because"]) for each in found["explained"]] == [
        (name, "clerks are owners here")
    ]
    shop.write(tmp_path / "two", shop.suite(*shop.SUITE["tests"], survivors=explained))
    ran = shop.tested(tmp_path / "two", "--mutate")
    assert ran.code == 1
    assert "error[BFG535]: this survivor is explained, and a test notices it" in ran.stdout
    assert shop.tested(tmp_path / "two").code == 0  # told only where it can be known


def test_an_explanation_of_nothing(tmp_path: Path) -> None:
    explained = [{"mutant": "waivers: clrek may approve them", "because": "so"}]
    shop.write(tmp_path, shop.suite(*shop.SUITE["tests"], survivors=explained))
    (found,) = shop.results(tmp_path, "--mutate")["findings"]
    assert (found["code"], found["suggestion"]) == ("BFG535", "waivers: clerk may approve them")


def test_every_demand_of_a_gate_and_a_board_is_weakened(tmp_path: Path) -> None:
    gates = {
        "all": {
            "needs": ["first", "second"],
            "evidence": {"contract": "Alarm.v1", "fresh_for": "2h", "target": "live"},
            "rule": "evidence.siren.loudness > 0",
            "accept": {"actor": "scenario.actors[0].id"},
        },
        "first": {"rule": "till.float > 0"},
        "second": {"needs": ["first"], "accept": True},
    }
    ladder = [
        {"code": "LATE", "until": ["shop/first", "opening/open"]},
        {"code": "SOON", "until": ["shop"]},
        {"code": "NOW"},
    ]
    policy = {"policy": "shop", "owner": "clerk", "gates": gates, "decision": ladder}
    opening = {"policy": "opening", "owner": "owner", "gates": {"open": {"rule": "till.float > 1"}},
               "decision": shop.OPENING["decision"]}  # fmt: skip
    shop.write(tmp_path, **{"policies/shop.yaml": policy, "policies/opening.yaml": opening})
    found = mutants_of(open_pack(tmp_path / "policies", None, tmp_path).pack)
    names = [mutant.id for mutant in found.listed]
    assert [name for name in names if name.startswith(("shop/all: ", "shop: "))] == [
        "shop/all: the rule is always true",
        "shop/all: `>` becomes `>=` in the rule",
        # `first` is left alone: `second` needs it, too.
        "shop/all: needs no `shop/second`",
        "shop/all: asks for no evidence",
        "shop/all: evidence is fresh for 4h",
        "shop/all: evidence is fresh for 36525d",
        "shop/all: evidence of a target that is not live will do",
        "shop/all: asks for no acceptance",
        "shop/all: anybody of the role clerk may accept",
        "shop/all: owned by owner",
        "shop: owned by owner",
        "shop: the code LATE is never said",
        "shop: the code LATE does not wait for `shop/first`",
        "shop: the code LATE does not wait for `opening/open`",
        "shop: the code LATE is swapped with SOON",
        "shop: the code SOON is never said",
        "shop: the code SOON is swapped with NOW",
    ]
    assert found.equivalent == 1
    assert len(set(names)) == len(names)


def test_what_the_pack_requires_and_what_decisions_say_besides_is_weakened(tmp_path: Path) -> None:
    """The opening needs the shop, so whoever requires the opening requires the shop."""
    for required, named, equivalent in (
        (["shop", "opening"], ["opening"], 1),
        (["shop"], ["shop"], 0),
        ([], [], 0),
    ):
        shop.write(tmp_path, **{"policies/pack.yaml": {**shop.PACK, "require": required}})
        found = mutants_of(open_pack(tmp_path / "policies", None, tmp_path).pack)
        names = [each.id for each in found.listed]
        assert [name for name in names if name.startswith("require")] == [
            f"require: `{board}` is not required" for board in named
        ]
        assert [name for name in names if "goes without" in name] == [
            "opening: the code CLOSED goes without `lights`",
            "opening: the code OPEN goes without `lights`",
            "opening: the code OPEN goes without `music`",
        ]
        assert found.equivalent == equivalent


def test_the_pack_itself_is_never_changed(tmp_path: Path) -> None:
    shop.write(tmp_path)
    pack = open_pack(tmp_path / "policies", None, tmp_path).pack
    before = repr(pack)
    for mutant in mutants_of(pack).listed:
        assert repr(mutant.pack) != before or mutant.kind == "rule"
    assert repr(pack) == before
