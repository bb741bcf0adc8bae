"""What is fuzzed: each target takes any bytes, and raises only where the product is at fault."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from bfg_policy import pipeline
from bfg_policy.cel import DYN, CelEvaluationError, CelSyntaxError, check, explain, parse, program
from bfg_policy.cel.values import Meter
from bfg_policy.errors import BfgPolicyError, RenderError
from bfg_policy.instants import parse_instant
from bfg_policy.rendering.renderer import Renderer
from bfg_policy.reporters import REPORTERS, Findings, Judged, Style, format_result
from bfg_policy.source import parse_document
from fuzz.choosing import Choices
from tests.cel.adapter import same, to_typed
from tests.cel.fuzz import Programs, data

if TYPE_CHECKING:
    from collections.abc import Callable

    from bfg_policy.errors import Finding
    from bfg_policy.source import Document

_HOSPITAL = Path(__file__).resolve().parent.parent / "tests" / "packs" / "hospital"
_AT = parse_instant("2026-11-20T12:00:00Z")
# Not below any folder that a path could be shown relative to.
_NOWHERE = Path("/nowhere")
# A rule of a stranger may cost two million steps; fewer let more rules be tried.
_BUDGET = 50_000
_CONTEXT = {
    "name": "value",
    "number": 3,
    "nothing": None,
    "items": {"keys": "of the mapping", "b": 2},
    "list": [{"id": "a|b", "n": 1}, {"id": "c", "n": 2}],
    "many": list(range(50)),
}


def reader(data: bytes) -> None:
    """YAML and JSON: a document or findings, and both readers say the same of JSON."""
    exact = _read(data, is_json=True)
    loose = _read(data, is_json=False)
    if exact is None:
        return
    text = exact.text
    # A tab or a line end that YAML takes otherwise, and long keys, are refused in YAML alone.
    if loose is not None and "\\/" not in text:
        assert loose.data == exact.data


def _read(data: bytes, *, is_json: bool) -> Document | None:
    try:
        document = parse_document(data, "f", json=is_json)
    except BfgPolicyError as error:
        for finding in error.findings:
            _assert_sound(finding)
        return None
    assert json.loads(json.dumps(document.data, allow_nan=False)) == document.data
    document.place(_deepest(document.data))
    return document


def _deepest(value: object) -> list[str | int]:
    """A path down the last of each mapping's and list's values."""
    path: list[str | int] = []
    while isinstance(value, dict | list) and value:
        step: Any = list(value)[-1] if isinstance(value, dict) else len(value) - 1
        path.append(step)
        value = value[step]
    return path


def _assert_sound(finding: Finding) -> None:
    """It is told in one printable line, and its caret stands on the line that it quotes."""
    assert finding.message.isprintable(), finding
    place = finding.place
    if place.excerpt is not None and place.column is not None:
        assert 0 < place.column <= len(place.excerpt) + 1, finding


def rules(data: bytes) -> None:
    """A text as a rule: parsed, checked, explained, and both evaluators agree."""
    text = data.decode("utf-8", "replace")
    _take_rule(text, {"a": [1, {"b": "x"}], "s": {"name": "a", "n": 2, "ok": True, "tags": ["a"]}})


def programs(given: bytes) -> None:
    """A rule that means something, built out of the bytes, over data built out of them."""
    choices = Choices(given)
    _take_rule(Programs(choices).program(), data(choices))


def _take_rule(text: str, bindings: dict[str, object]) -> None:
    try:
        expr = parse(text)
    except CelSyntaxError:
        return
    for problem in check(expr, dict.fromkeys(bindings, DYN), DYN):
        assert 0 <= problem.start < problem.end <= len(text), (text, problem)
    compiled = program(expr)
    exact: object = CelEvaluationError
    meter = Meter(_BUDGET)
    with suppress(CelEvaluationError):
        exact = compiled.evaluate_exactly(bindings, meter)
    if exact is False:
        explain(compiled, bindings)
    function = compiled.prepare()
    if function is None:
        return
    fast_meter = Meter(_BUDGET)
    try:
        fast = function(bindings, fast_meter)
    except Exception:
        return  # it gave up, as it may: then the closures have the word
    if exact is CelEvaluationError:
        # A value that the closures never need is worked out at once by the function.
        assert meter.left < 0 or fast_meter.left < 0, text
    else:
        assert same(to_typed(fast), to_typed(exact)), text


def scenario(data: bytes) -> None:
    """A whole scenario, judged by a pack and told in every format, or findings."""
    loaded = _hospital()
    result: Judged | Findings
    try:
        judged = pipeline.judge_scenario(loaded, data, _AT, _NOWHERE)
        result = Judged(judged.pack, judged.scenario, judged.readiness, ())
    except BfgPolicyError as error:
        result = Findings(error.findings)
    for finding in _findings(result):
        _assert_sound(finding)
    for form in REPORTERS:
        format_result(form, result, Style(color=False))


def _findings(result: Judged | Findings) -> tuple[Finding, ...]:
    return tuple(result.readiness.findings if isinstance(result, Judged) else result.findings)


@cache
def _hospital() -> pipeline.LoadedPack:
    return pipeline.open_pack(_HOSPITAL / "policies", None, _HOSPITAL)


def policy(data: bytes) -> None:
    """A policy beside those of a pack: linked, or findings."""
    folder = _folder()
    (folder / "policies" / "result-interface.yaml").write_bytes(data)
    try:
        pipeline.open_pack(folder / "policies", None, folder)
    except BfgPolicyError as error:
        for finding in error.findings:
            _assert_sound(finding)


@cache
def _folder() -> Path:
    """A copy of the hospital that may be written to."""
    folder = Path(mkdtemp(prefix="fuzz-"))
    for name in ("policies", "contracts"):
        (folder / name).mkdir()
        for file in (_HOSPITAL / name).glob("*.*"):
            (folder / name / file.name).write_bytes(file.read_bytes())
    (folder / "policies" / "templates").mkdir()
    (folder / "policies" / "templates" / "go-live-sheet.txt.j2").write_text("", encoding="utf-8")
    return folder


def templates(data: bytes) -> None:
    """A template of a stranger: a text, or one finding."""
    text = data.decode("utf-8", "replace")
    with suppress(RenderError):
        Renderer({"t": text, "part": "{{ name | env }}"}, {}).render("t", _CONTEXT)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "reader": reader,
    "rules": rules,
    "programs": programs,
    "scenario": scenario,
    "policy": policy,
    "templates": templates,
}
