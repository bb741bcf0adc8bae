"""What is wrong with a schema map: each mistake one finding, at its token."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from bfg_policy.database import REPLAY_COLUMN, SOURCE_FIELDS
from bfg_policy.errors import BfgPolicyError, Finding, LinkError, RenderError
from bfg_policy.pack import PacketSet
from bfg_policy.packets.database import _SCRATCH, database_packet
from bfg_policy.packets.mapped import name_of
from bfg_policy.pipeline import open_pack
from tests.database.packets import judged, own_map

PACK = "pack: lab\nroles: [chief]\nschema_map: database/lab.yaml\n"
FIRST = "policy: first\nowner: chief\ngates:\n  a: {accept: true}\n"
SET = FIRST + "packet: {set: postgres, path: sql}\n"
MAP = """\
schema_map: lab
payload: LabRows.v1
schema: lab
control: lab_control
tenant: {column: site, setting: lab.site}
roles: {owner: lab_owner, app: lab_app, replay: lab_replay, verify: lab_verify}
tables:
  sites: {from: tenant, key: [site], columns: {}}
  staff: {from: actors, key: [site, id], columns: {id: {type: text}}}
  samples:
    key: [site, sample]
    columns:
      sample: {type: text}
      taken: {type: timestamp, optional: true}
      by: {type: text, from: staff_id}
      count: {type: integer, nullable: true}
    references:
      - {columns: [site], table: sites}
      - {columns: [site, by], table: staff}
    app: [select, insert]
    append_only: true
batches:
  - {batch: who, tables: [sites, staff]}
  - {batch: what, tables: [samples]}
"""


def findings(folder: Path, text: str, pack: str = PACK, first: str = SET) -> tuple[Finding, ...]:
    """All findings of a pack with this map."""
    policies, contracts = folder / "policies", folder / "contracts"
    (policies / "database").mkdir(parents=True)
    contracts.mkdir()
    (policies / "pack.yaml").write_text(pack, encoding="utf-8")
    (policies / "first.yaml").write_text(first, encoding="utf-8")
    (policies / "database/lab.yaml").write_text(text, encoding="utf-8")
    rows = {"type": "object", "properties": {"schema": {"const": "LabRows.v1"}}}
    (contracts / "LabRows.v1.schema.json").write_text(json.dumps(rows), encoding="utf-8")
    try:
        return open_pack(policies, None, folder).warnings
    except BfgPolicyError as error:
        return error.findings


Told = list[tuple[str, str, str | None]]


def told(found: tuple[Finding, ...]) -> Told:
    """Code, place and suggestion of each."""
    return [(each.code, str(each.place), each.suggestion) for each in found]


def test_a_sound_map_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, MAP) == ()


LAB = "policies/database/lab.yaml"
CASES: dict[str, tuple[str, str, Told]] = {
    "one schema for both": ("control: lab_control", "control: lab", [("BFG320", "4:10", None)]),
    "one role for two": ("replay: lab_replay", "replay: lab_app", [("BFG320", "6:49", None)]),
    "a schema of the system": ("schema: lab", "schema: pg_lab", [("BFG320", "3:9", None)]),
    "a role of the system": ("app: lab_app", "app: pg_app", [("BFG320", "6:32", None)]),
    "no such payload": ("LabRows.v1", "LabRow.v1", [("BFG206", "2:10", "LabRows.v1")]),
    "a key without the tenant": (
        "key: [site, sample]",
        "key: [sample]",
        [("BFG322", "11:10", None)],
    ),
    "a key with the tenant last": (
        "key: [site, sample]",
        "key: [sample, site]",
        [("BFG322", "11:10", None)],
    ),
    "a key of no column": (
        "key: [site, sample]",
        "key: [site, sampel]",
        [("BFG321", "11:17", "sample")],
    ),
    "an optional key": ("key: [site, sample]", "key: [site, taken]", [("BFG322", "11:17", None)]),
    "a nullable key": ("key: [site, sample]", "key: [site, count]", [("BFG322", "11:17", None)]),
    "a nested key": (
        "sample: {type: text}",
        "sample: {type: json}",
        [("BFG322", "11:17", None)],
    ),
    "the tenant's column twice": (
        "sample: {type: text}",
        "sample: {type: text}\n      site: {type: text}",
        [("BFG325", "14:7", None)],
    ),
    "the replay's column": (
        "sample: {type: text}",
        f"sample: {{type: text}}\n      {REPLAY_COLUMN}: {{type: integer}}",
        [("BFG325", "14:7", None)],
    ),
    "optional and nullable": (
        "nullable: true",
        "nullable: true, optional: true",
        [("BFG325", "16:30", None)],
    ),
    "one value in two columns": (
        "count: {type: integer,",
        "count: {type: integer, from: sample,",
        [("BFG325", "16:30", None)],
    ),
    "one value in two columns, the other way round": (
        "sample: {type: text}",
        "staff_id: {type: text}\n      sample: {type: text}",
        [("BFG325", "16:24", None)],
    ),
    "what nobody offers": (
        "columns: {id: {type: text}}",
        "columns: {id: {type: text}, nam: {type: text, optional: true}}",
        [("BFG321", "9:70", "name")],
    ),
    "what nobody offers, by another name": (
        "columns: {id: {type: text}}",
        "columns: {id: {type: text, from: ids}}",
        [("BFG321", "9:75", "id")],
    ),
    "actors that nothing tells apart": (
        "key: [site, id], columns: {id: {type: text}}",
        "key: [site, role], columns: {role: {type: text}}",
        [("BFG322", "9:30", None)],
    ),
    "permissions that are told apart by half": (
        "from: actors, key: [site, id], columns: {id: {type: text}}",
        "from: permissions, key: [site, role], columns: {role: {type: text}}",
        [("BFG322", "9:35", None)],
    ),
    "what may be missing": (
        "columns: {id: {type: text}}",
        "columns: {id: {type: text}, name: {type: text}}",
        [("BFG325", "9:70", None)],
    ),
    "of another type": (
        "columns: {id: {type: text}}",
        "columns: {id: {type: text}, permissions: {type: text}}",
        [("BFG325", "9:90", "json")],
    ),
    "a reference to no table": (
        "table: staff}",
        "table: staf}",
        [("BFG321", "19:38", "staff")],
    ),
    "a reference by no column": (
        "columns: [site, by]",
        "columns: [site, bye]",
        [("BFG321", "19:26", "by")],
    ),
    "a reference out of the tenant": (
        "columns: [site, by]",
        "columns: [by, site]",
        [("BFG323", "19:19", None)],
    ),
    "a reference that is too short": (
        "columns: [site, by]",
        "columns: [site]",
        [("BFG323", "19:19", None)],
    ),
    "a reference that is too long": (
        "columns: [site], table: sites",
        "columns: [site, by], table: sites",
        [("BFG323", "18:19", None)],
    ),
    "a reference of another type": (
        "columns: [site, by]",
        "columns: [site, count]",
        [("BFG323", "19:19", None)],
    ),
    "a change of what is only appended to": (
        "app: [select, insert]",
        "app: [select, update]",
        [("BFG325", "20:19", None)],
    ),
    "two batches of one name": ("batch: what", "batch: who", [("BFG324", "24:13", None)]),
    "a table twice": (
        "tables: [samples]",
        "tables: [samples, staff]",
        [("BFG324", "24:37", None)],
    ),
    "a table in no batch": ("tables: [sites, staff]", "tables: [sites]", [("BFG324", "9:3", None)]),
    "a batch of no table": (
        "tables: [samples]",
        "tables: [sample]",
        [("BFG321", "24:28", "samples")],
    ),
    "a table before what it refers to": (
        "  - {batch: who, tables: [sites, staff]}\n  - {batch: what, tables: [samples]}",
        "  - {batch: what, tables: [samples]}\n  - {batch: who, tables: [sites, staff]}",
        [("BFG324", "18:34", None), ("BFG324", "19:38", None)],
    ),
    "before it within a batch": (
        "  - {batch: who, tables: [sites, staff]}\n  - {batch: what, tables: [samples]}",
        "  - {batch: all, tables: [sites, samples, staff]}",
        [("BFG324", "19:38", None)],
    ),
    "a name of 64 bytes": (
        "taken: {type: timestamp",
        f"{'t' * 64}: {{type: timestamp",
        [("BFG205", "14:7", None)],
    ),
    "a name with capitals": ("  samples:", "  Samples:", [("BFG205", "10:3", "samples")]),
    "a name with a quote": ("schema: lab\n", "schema: 'la\"b'\n", [("BFG205", "3:9", None)]),
    "an unknown type": ("type: integer", "type: integr", [("BFG204", "16:21", "integer")]),
    "an unknown source": ("from: actors", "from: actor", [("BFG204", "9:17", "actors")]),
    "eleven batches": (
        "  - {batch: what, tables: [samples]}\n",
        "".join(f"  - {{batch: b{number}, tables: [samples]}}\n" for number in range(10)),
        [("BFG205", "23:3", None)],
    ),
}


@pytest.mark.parametrize(("old", "new", "wanted"), CASES.values(), ids=CASES)
def test_a_mistake_is_one_finding(tmp_path: Path, old: str, new: str, wanted: Told) -> None:
    assert MAP.count(old) == 1
    found = findings(tmp_path, MAP.replace(old, new))
    assert told(found) == [(code, f"{LAB}:{place}", meant) for code, place, meant in wanted]


AROUND: dict[str, tuple[dict[str, str], Told]] = {
    "a map that is not there": (
        {"pack": PACK.replace("lab.yaml", "labs.yaml")},
        [("BFG101", "policies/pack.yaml:3:13", "database/lab.yaml")],
    ),
    "a map beside the policies": (
        {"pack": PACK.replace("database/", "")},
        [("BFG205", "policies/pack.yaml:3:13", None)],
    ),
    "a map outside": (
        {"pack": PACK.replace("database/", "../contracts/")},
        [("BFG205", "policies/pack.yaml:3:13", None)],
    ),
    "a set without a map": (
        {"pack": PACK.replace("schema_map: database/lab.yaml\n", "")},
        [("BFG326", "policies/first.yaml:5:15", None)],
    ),
    "an unknown set": (
        {"first": SET.replace("postgres", "postgre")},
        [("BFG204", "policies/first.yaml:5:15", "postgres")],
    ),
    "a set and a template": (
        {"first": SET.replace("set: postgres", "set: postgres, template: x.txt")},
        [("BFG306", "policies/first.yaml:5:10", None)],
    ),
    "neither a set nor a template": (
        {"first": SET.replace("set: postgres, ", "")},
        [("BFG202", "policies/first.yaml:5:9", None)],
    ),
    "a group of what is not mapped": (
        {"pack": PACK + "snapshot: {groups: {work: [sample]}}\n"},
        [("BFG321", "policies/pack.yaml:4:28", "samples")],
    ),
    "a group of what is not of the payload": (
        {"pack": PACK + "snapshot: {groups: {work: [sites]}}\n"},
        [("BFG321", "policies/pack.yaml:4:28", None)],
    ),
}


@pytest.mark.parametrize(("changes", "wanted"), AROUND.values(), ids=AROUND)
def test_a_mistake_around_the_map(tmp_path: Path, changes: dict[str, str], wanted: Told) -> None:
    assert told(findings(tmp_path, MAP, **changes)) == wanted


@pytest.mark.parametrize("path", ["sql", "sql/more.txt", "sql/10_schema.up.sql", "SQL"])
def test_nothing_else_is_written_into_the_folder_of_a_set(tmp_path: Path, path: str) -> None:
    assert findings(tmp_path, MAP) == ()
    (tmp_path / "policies/templates").mkdir()
    (tmp_path / "policies/templates/x.txt.j2").write_text("x\n")
    other = FIRST.replace("first", "other") + f"packet: {{template: x.txt, path: {path}}}\n"
    (tmp_path / "policies/other.yaml").write_text(other)
    with pytest.raises(LinkError) as error:
        open_pack(tmp_path / "policies", None, tmp_path)
    assert told(error.value.findings) == [("BFG306", "policies/other.yaml:5:33", None)]


def test_a_set_is_of_one_board(tmp_path: Path) -> None:
    assert findings(tmp_path, MAP) == ()
    other = SET.replace("first", "other").replace("sql", "more")
    (tmp_path / "policies/other.yaml").write_text(other)
    with pytest.raises(LinkError) as error:
        open_pack(tmp_path / "policies", None, tmp_path)
    assert told(error.value.findings) == [("BFG306", "policies/other.yaml:5:15", None)]


def test_the_map_of_the_repository() -> None:
    found = own_map()
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert (found.schema, found.control) == ("bfg_flowcontrol", "bfg_control")
    assert len(found.tables) == 10
    assert [batch.name for batch in found.batches] == [
        *("tenants_rbac", "operations", "finance", "audit"),
    ]
    assert list(found.tables) == [name for batch in found.batches for name in batch.tables]
    for table in found.tables.values():
        assert table.key[0] == table.columns[0].name == found.tenant.column == "tenant_id"
        for reference in table.references:
            assert reference.columns[0] == "tenant_id"
            assert len(reference.columns) == len(found.tables[reference.table].key)
    assert [name for name, table in found.tables.items() if table.append_only] == [
        *("audit_events", "scenario_snapshots"),
    ]
    orders = found.tables["orders"]
    assert orders.source == "payload"
    assert orders.column("cargo").may_be_null
    assert not orders.column("status").may_be_null
    with pytest.raises(KeyError):
        orders.column("nothing")


def test_what_each_source_offers_is_what_the_scenario_has() -> None:
    assert {name: sorted(fields) for name, fields in SOURCE_FIELDS.items()} == {
        "tenant": ["id"],
        "roles": ["role"],
        "permissions": ["permission", "role"],
        "actors": ["desk", "id", "name", "permissions", "role"],
        "snapshot": ["rows", "schema", "sha256", "tables"],
    }


def test_another_schema_has_a_control_schema_of_its_own() -> None:
    within = own_map().within("elsewhere")
    assert (within.schema, within.control) == ("elsewhere", "elsewhere_control")
    assert within.roles == own_map().roles


def test_the_map_is_part_of_the_packs_digest(tmp_path: Path) -> None:
    texts = (MAP, MAP + "# a comment\n", MAP.replace("lab_app", "lab_apps"))
    digests = set()
    for number, text in enumerate(texts):
        folder = tmp_path / str(number)
        assert findings(folder, text) == ()
        loaded = open_pack(folder / "policies", None, folder)
        digests.add(loaded.pack.id.sha256)
        assert loaded.pack.boards["first"].packet == PacketSet("postgres", "sql")
    assert len(digests) == 3


def test_long_names_stay_apart() -> None:
    long = ["t" * 60 + end for end in ("a", "b")]
    names = {name_of(each, "pkey") for each in long}
    assert len(names) == 2
    assert {len(name) for name in names} == {63}
    assert name_of("orders", "pkey") == "orders_pkey"


NO_SCHEMA = {
    "": "it is no plain name",
    "1st": "it is no plain name",
    "_lab": "it is no plain name",
    "Lab": "it is no plain name",
    "la b": "it is no plain name",
    'la"b': "it is no plain name",
    "lab;": "it is no plain name",
    "labé": "it is no plain name",
    "éab": "it is no plain name",
    "laB": "it has capitals",
    "pg_lab": "it is kept for other things",
    **dict.fromkeys(_SCRATCH.values(), "it is kept for other things"),
    "x" * 64: "is longer than 63 bytes",
    # What the packets know of themselves stands in a schema that is called after it.
    "x" * 60: "is longer than 63 bytes",
}


@pytest.mark.parametrize("schema", NO_SCHEMA)
def test_what_is_no_name_of_another_schema(schema: str) -> None:
    pack, scenario, _ = judged()
    with pytest.raises(RenderError) as raised:
        database_packet(pack, scenario, None, schema=schema)
    (finding,) = raised.value.findings
    assert finding.code == "BFG320"
    assert finding.message.startswith(f"`{schema}` cannot be the name of a schema here: ")
    assert finding.message.endswith(NO_SCHEMA[schema])


@pytest.mark.parametrize("schema", ["l", "lab", "lab_2", "pglab", "x" * 50])
def test_another_schema_takes_the_place_of_the_own(schema: str) -> None:
    pack, scenario, _ = judged()
    texts = database_packet(pack, scenario, None, schema=schema).values()
    assert any(f'"{schema}".' in text for text in texts)
    assert not any(f'"{own_map().schema}".' in text for text in texts)
