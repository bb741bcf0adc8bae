"""The packet set of a database: the SQL files that the schema map and a scenario give."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from bfg_policy.errors import Finding, RenderError
from bfg_policy.pack import PacketSet
from bfg_policy.packets.batches import replay_context
from bfg_policy.packets.context import snapshot_data
from bfg_policy.packets.mapped import Data, map_data
from bfg_policy.rendering.data import NOT_RECORDED
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bfg_policy.database import SchemaMap
    from bfg_policy.pack import Board, Pack
    from bfg_policy.readiness import Readiness
    from bfg_policy.scenario import Scenario

SET = "postgres"
UP, VERIFY, PARITY = "10_schema.up.sql", "20_schema.verify.sql", "40_parity.sql"
ROLLBACK, DOWN, ROLES_DOWN = "80_rollback.data.sql", "90_schema.down.sql", "99_roles.down.sql"
INDEX = "README.md"
_REPLAY = "30_replay.sql"
# Where `VERIFY` builds what it compares with.
_SCRATCH = {"schema": "bfg_policy_expected", "control": "bfg_policy_expected_control"}
# What is waited for at the advisory lock is seen after it, whatever the server's default is.
_FRAME = (
    "BEGIN; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;  -- frame",
    ("COMMIT;  -- frame", "ROLLBACK;  -- frame"),
)
_LONGEST_NAME = 63  # bytes


def database_packet(
    pack: Pack, scenario: Scenario, readiness: Readiness | None, *, schema: str | None = None
) -> dict[str, str]:
    """The files of the set by name, and their index.

    readiness: None where nothing was judged; then the decision is not recorded. schema: the
    database schema to use instead of the map's, its control schema being named after it.
    Without a payload there are no replays, no parity, and nothing to take back.
    Raises RenderError with what is wrong: BFG326 without a map, BFG320 for the name, BFG611 and
    BFG602 for what of the scenario cannot be written.
    """
    return dict(_Set(pack, scenario, readiness, schema).files())


def statements(text: str) -> str:
    """What a file of the set does, without its own transaction around it.

    So that a caller can run several in a transaction of its own. `VERIFY` leaves what it built
    behind: run it in a savepoint that is rolled back. Raises ValueError for any other text.
    """
    lines = text.splitlines(keepends=True)
    opening = [index for index, line in enumerate(lines) if line.rstrip("\n") == _FRAME[0]]
    closing = [index for index, line in enumerate(lines) if line.rstrip("\n") in _FRAME[1]]
    if len(opening) != 1 or closing != [len(lines) - 1]:
        raise ValueError("this is no file of a packet set")
    return "".join(lines[opening[0] + 1 : closing[0]])


class _Set:
    """One rendering of the set."""

    def __init__(
        self, pack: Pack, scenario: Scenario, readiness: Readiness | None, schema: str | None
    ) -> None:
        self._map = _chosen_map(pack, schema)
        self._renderer = Renderer(
            pack.templates, engine_templates(), _limits(scenario), pack.template_paths
        )
        board = next((each for each in pack.boards.values() if _is_ours(each)), None)
        self._replay = replay_context(self._map, pack, scenario)
        self._context: Data = {
            "map": map_data(self._map),
            "schema": self._map.schema,
            "control": self._map.control,
            "scratch": _SCRATCH,
            "header": _header(pack, scenario, readiness, board),
            "tenant": scenario.tenant,
            "replay": self._replay,
        }

    def files(self) -> Iterator[tuple[str, str]]:
        """Each file with its text; last, but first by its name, the index."""
        roles = self._map.roles
        listed: list[Data] = []
        for name, role, text in (
            (UP, roles.owner, self._up()),
            (VERIFY, roles.owner, self._text(VERIFY, **_SCRATCH)),
            *((name, roles.replay, text) for name, text in self._replays()),
            *self._if_replayed(PARITY, roles.verify),
            *self._if_replayed(ROLLBACK, roles.replay),
            (DOWN, roles.owner, self._text(DOWN)),
            (ROLES_DOWN, "", self._text(ROLES_DOWN)),
        ):
            step = "30" if role == roles.replay and name != ROLLBACK else name[:2]
            listed.append({"name": name, "step": step, "role": role, "sha256": _sha256(text)})
            yield name, text
        yield INDEX, self._text(INDEX, files=listed)

    def _up(self) -> str:
        """The file that makes the schema; its revision is the digest of what it does."""
        revision = _sha256(statements(self._text(UP, revision="")))
        return self._text(UP, revision=revision)

    def _replays(self) -> Iterator[tuple[str, str]]:
        batches = self._replay["batches"] if self._replay is not None else []
        assert isinstance(batches, list)
        for batch in batches:
            yield batch["file"], self._text(_REPLAY, file=batch["file"], batch=batch)

    def _if_replayed(self, name: str, role: str) -> Iterator[tuple[str, str, str]]:
        if self._replay is not None:
            yield name, role, self._text(name)

    def _text(self, template: str, **more: object) -> str:
        own = f"{SET}/{template}"
        name = own if self._renderer.known(own) else ENGINE + own
        return self._renderer.render(name, {"file": template, **self._context, **more})


def _chosen_map(pack: Pack, schema: str | None) -> SchemaMap:
    if pack.schema_map is None:
        raise RenderError(
            Finding(
                "BFG326",
                f"the pack `{pack.id.id}` has no schema map",
                note="nothing says which tables there are",
                hint="name one in pack.yaml, such as `schema_map: database/main.yaml`",
            )
        )
    if schema is None:
        return pack.schema_map
    chosen = pack.schema_map.within(schema)
    wrong = _wrong_name(chosen.schema) or _wrong_name(chosen.control)
    if wrong is not None:
        raise RenderError(
            Finding(
                "BFG320",
                f"`{schema}` cannot be the name of a schema here: {wrong}",
                note="the database could take another name than the packets do",
                hint="choose lower-case letters, digits and underscores, beginning with a letter",
            )
        )
    return chosen


def _wrong_name(name: str) -> str | None:
    if len(name) > _LONGEST_NAME:
        return f"`{name}` is longer than {_LONGEST_NAME} bytes"
    if not (name.isascii() and name[:1].islower() and name.replace("_", "a").isalnum()):
        return "it is no plain name"
    if name != name.lower():
        return "it has capitals"
    if name.startswith("pg_") or name in _SCRATCH.values():
        return "it is kept for other things"
    return None


def _is_ours(board: Board) -> bool:
    return isinstance(board.packet, PacketSet) and board.packet.set == SET


def _header(
    pack: Pack, scenario: Scenario, readiness: Readiness | None, board: Board | None
) -> Data:
    snapshot = snapshot_data(pack, scenario)
    decision = readiness.boards[board.id].decision if readiness and board else None
    return {
        "contract": (board.contract if board else None) or pack.id.id,
        "source": snapshot["schema"] or NOT_RECORDED,
        "target": scenario.target,
        "session": scenario.id,
        "checksum": snapshot["checksum"],
        "rows": snapshot["total"],
        "decision": decision or NOT_RECORDED,
    }


def _limits(scenario: Scenario) -> Limits:
    """A rendering may cost more for a larger payload."""
    snapshot = scenario.document.get("snapshot")
    size = len(json.dumps(snapshot)) if isinstance(snapshot, dict) else 0
    least = Limits()
    return least._replace(steps=least.steps + 16 * size, written=least.written + 16 * size)


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()
