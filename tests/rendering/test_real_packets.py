"""The packets of the BFG pack, key by key, and those of a pack that has nothing to do with it."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values

from bfg_policy import pipeline
from bfg_policy.packets import packet_files, recorded_instant

from .github import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCENARIOS = pytest.mark.parametrize(
    "scenario", ["grant-demo-local", "staging-rehearsal", "production-go"]
)


@cache
def files(scenario: str, at: datetime = AT) -> Mapping[str, str]:
    """What a scenario of the repository renders to."""
    return judged_files(ROOT / "policies", ROOT / "scenarios" / scenario, at)


def judged_files(policies: Path, scenario: Path, at: datetime) -> Mapping[str, str]:
    loaded = pipeline.open_pack(policies, None, ROOT)
    judged = pipeline.judge_scenario(loaded, scenario, at, ROOT)
    return packet_files(judged.pack, judged.scenario, judged.readiness)


DEMO = {
    "release.env": """\
# ProductionReleaseHandoff.v1 snapshot bfg-3475ef37
BFG_RELEASE_ENVIRONMENT=local-demo
BFG_RELEASE_TARGET=db-auth-session-adapter
BFG_SCENARIO_ADAPTER=ScenarioStore.v1
BFG_STORAGE_ADAPTER=file-local
BFG_AUTH_MODE=mock-auth-header
BFG_TENANT_MODE=single-tenant-local
BFG_ROLLBACK_OWNER=user_md_anna
BFG_RELEASE_EVIDENCE=ProductionAdapterDryRun.v1
BFG_RELEASE_DECISION=BLOCKED_PENDING_DRY_RUN
""",
    "rollback.env": """\
# ProductionRollbackDrill.v1 snapshot bfg-3475ef37
BFG_ROLLBACK_DECISION=BLOCKED_PENDING_DRY_RUN
BFG_ROLLBACK_OWNER=user_md_anna
BFG_ROLLBACK_STORAGE=file-local
BFG_ROLLBACK_AUTH=mock-auth-header
BFG_ROLLBACK_EVIDENCE=ProductionReleaseHandoff.v1
BFG_ROLLBACK_PACKET=ProductionRollbackDrill.v1
""",
    "data-cutover.txt": """\
ProductionDataCutoverPlan.v1
target=db-auth-session-adapter
session=grant-demo-local
snapshot_schema=BFGScenarioSnapshot.v1
snapshot_checksum=bfg-3475ef37
snapshot_rows=0
batch_rows=5
batches=1/4
steps=0/5
connection=0/4
dry_run=0/5
runbook_decision=BLOCKED_PENDING_PREFLIGHT
release_decision=BLOCKED_PENDING_DRY_RUN
rollback_decision=BLOCKED_PENDING_DRY_RUN
cutover_decision=BLOCKED_PENDING_DATA_CUTOVER
""",
    "migration-preflight.txt": """\
ProductionAdapterMigrationPreflight.v1
schema=BFGScenarioSnapshot.v1
target=db-auth-session-adapter
session=grant-demo-local
checksum=bfg-3475ef37
rows=0
adapter_contract=ScenarioStore.v1
dry_run=0/5
connection=0/4
rollback_decision=BLOCKED_PENDING_DRY_RUN
""",
    "adapter-connection.txt": """\
ProductionAdapterConnection.v1
target=db-auth-session-adapter
endpoint=not recorded
tls_sha256=not recorded
rbac=not recorded
write_probe=not recorded
target_kind=not recorded
observed_at=not recorded
fresh=not recorded
snapshot_checksum=bfg-3475ef37
""",
    "dry-run-checkpoint.txt": """\
ProductionAdapterDryRun.v1
target=db-auth-session-adapter
replay_id=not recorded
export=not recorded
schema_map=not recorded
rbac_claims=not recorded
replay=not recorded
rollback_checkpoint=not recorded
target_kind=not recorded
observed_at=not recorded
fresh=not recorded
snapshot_checksum=bfg-3475ef37
""",
}


@pytest.mark.parametrize("path", DEMO)
def test_the_demo_packets(path: str) -> None:
    assert files("grant-demo-local")[path] == DEMO[path]


SQL = (
    *("README.md", "10_schema.up.sql", "20_schema.verify.sql", "30_replay.tenants_rbac.sql"),
    *("31_replay.operations.sql", "32_replay.finance.sql", "33_replay.audit.sql", "40_parity.sql"),
    *("80_rollback.data.sql", "90_schema.down.sql", "99_roles.down.sql"),
)


@SCENARIOS
def test_all_files_are_of_one_snapshot(scenario: str) -> None:
    rendered = files(scenario)
    assert set(rendered) == {*DEMO, *(f"sql/{name}" for name in SQL), "readiness.md"}
    checksums = {
        path: set(re.findall(r"bfg-[0-9a-f]{8}\b", each)) for path, each in rendered.items()
    }
    assert len(set().union(*checksums.values())) == 1
    assert all(checksums.values())
    assert all(text.endswith("\n") for text in rendered.values())


@SCENARIOS
@pytest.mark.parametrize("path", ["release.env", "rollback.env"])
def test_env_files_resolve_for_dotenv(scenario: str, path: str) -> None:
    values = dotenv_values(stream=io.StringIO(files(scenario)[path]))
    assert list(values) == list(dotenv_values(stream=io.StringIO(DEMO[path])))
    assert all(values.values())


@SCENARIOS
def test_the_report_is_markdown_that_github_reads(scenario: str) -> None:
    report = files(scenario)["readiness.md"]
    shown = Shown(report)
    assert recorded_instant(report) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert shown.tags[1] == "h1"
    assert shown.tags.count("pre") == 1
    gates_and_boards = 85 + 17
    assert shown.tags.count("tr") > gates_and_boards
    # Nothing that Markdown did not read stands in the text: no row, no heading, no fence.
    for line in shown.text.splitlines():
        assert not line.startswith(("| ", "#", "```"))


@SCENARIOS
def test_sql_files_say_what_they_are_of(scenario: str) -> None:
    rendered = files(scenario)
    header = rendered["sql/10_schema.up.sql"].splitlines()[:8]
    keys = [line.partition("=")[0] for line in header]
    assert keys == [
        "-- ProductionAdapterMigrationRunbook.v1",
        *("-- source", "-- target", "-- session", "-- checksum", "-- rows"),
        *("-- runbook_decision", "-- file"),
    ]
    for name in SQL[1:]:
        assert rendered[f"sql/{name}"].splitlines()[:7] == header[:7]
        assert rendered[f"sql/{name}"].splitlines()[7] == f"-- file={name}"


def test_the_header_of_the_demo() -> None:
    assert files("grant-demo-local")["sql/40_parity.sql"].splitlines()[:8] == [
        "-- ProductionAdapterMigrationRunbook.v1",
        "-- source=BFGScenarioSnapshot.v1",
        "-- target=db-auth-session-adapter",
        "-- session=grant-demo-local",
        "-- checksum=bfg-3475ef37",
        "-- rows=0",
        "-- runbook_decision=BLOCKED_PENDING_PREFLIGHT",
        "-- file=40_parity.sql",
    ]


@SCENARIOS
def test_the_index_and_the_report_name_every_file_with_its_digest(scenario: str) -> None:
    rendered = files(scenario)
    for name in SQL[1:]:
        digest = sha256(rendered[f"sql/{name}"].encode()).hexdigest()
        assert re.search(rf"^\| `{re.escape(name)}` \|.*\| `{digest}` \|$",
                         rendered["sql/README.md"], re.MULTILINE)  # fmt: skip
        assert f"| `sql/{name}` |" in rendered["readiness.md"]
        assert digest in rendered["readiness.md"]
    assert Shown(rendered["sql/README.md"]).tags.count("table") == 1


def test_a_pack_may_have_its_own_template_for_a_file_of_the_set() -> None:
    loaded = pipeline.open_pack(ROOT / "policies", None, ROOT)
    judged = pipeline.judge_scenario(loaded, ROOT / "scenarios/staging-rehearsal", AT, ROOT)
    own = {"postgres/99_roles.down.sql": "-- {{ file | sql_comment }}: the roles stay\n"}
    pack = judged.pack._replace(templates={**judged.pack.templates, **own})
    rendered = packet_files(pack, judged.scenario, judged.readiness)
    assert rendered["sql/99_roles.down.sql"] == "-- 99_roles.down.sql: the roles stay\n"
    assert rendered["sql/10_schema.up.sql"] == files("staging-rehearsal")["sql/10_schema.up.sql"]


def test_production_go_says_go_and_a_month_later_it_does_not() -> None:
    before = files("production-go")["readiness.md"]
    assert before.splitlines()[1] == "# Production GO for `tenant-rbac-adapter`"
    later = files("production-go", datetime(2026, 12, 21, 12, tzinfo=UTC))
    assert later["readiness.md"].splitlines()[1] == "# Production NO-GO for `tenant-rbac-adapter`"
    assert "fresh=no\n" in later["adapter-connection.txt"]
    assert "fresh=yes\n" in files("production-go")["adapter-connection.txt"]


def test_a_waiver_is_shown_with_its_reason_approver_and_end() -> None:
    report = files("staging-rehearsal")["readiness.md"]
    assert (
        "| `provider-contracts/maps-eta` | The maps provider has not settled its limits; staging"
        " runs on local ETAs until then. | `user_md_iryna` | `2026-12-15T00:00:00Z` |" in report
    )


@pytest.mark.parametrize("scenario", ["early", "waiver", "go"])
def test_another_company_has_its_own_packet(scenario: str) -> None:
    hospital = ROOT / "tests/packs/hospital"
    rendered = judged_files(hospital / "policies", hospital / f"scenarios/{scenario}.yaml", AT)
    sheet = rendered["sheets/go-live-sheet.txt"].splitlines()
    assert sheet[0] == "LabGoLive.v2"
    keys = [line.partition("=")[0] for line in sheet[1:]]
    assert keys[:4] == ["entscheid", "anforderungen", "system", "beginn"]
    assert ("ausnahme" in keys) == (scenario == "waiver")
    assert "bfg" not in rendered["readiness.md"].splitlines()[1].casefold()
