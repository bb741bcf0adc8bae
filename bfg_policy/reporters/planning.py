"""A plan as text for a terminal, as `Plan.v1`, and as Markdown."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bfg_policy.evaluation.proof import NOT_ACCEPTED
from bfg_policy.instants import format_duration, format_instant
from bfg_policy.rendering.engine import engine_templates
from bfg_policy.rendering.limits import Limits
from bfg_policy.rendering.renderer import ENGINE, Renderer
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.json import Data, document_text, reading_data
from bfg_policy.reporters.painting import Painter, counted, sentence, wrapped
from bfg_policy.reporters.readings import condition_lines
from bfg_policy.reporters.results import PLAIN, Style
from bfg_policy.reporters.text import in_english, waiting_for_it, who

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bfg_policy.planning.types import Action, Job, Plan
    from bfg_policy.readiness import Change
    from bfg_policy.reporters.results import Judged

_MOST_NAMED = 4
_INDENT = 8


def report(form: str, judged: Judged, plan: Plan, style: Style = PLAIN) -> str:
    """A plan in a format: `text`, `json` or `markdown`. style: counts for text alone.

    Raises RenderError where the Markdown would be too large.
    """
    if form == "json":
        return document_text(plan_document(judged, plan))
    if form == "markdown":
        limits = Limits.of_gates(len(judged.pack.gates))
        return Renderer({}, engine_templates(), limits).render(
            f"{ENGINE}plan.md", _context(judged, plan)
        )
    return plan_text(judged, plan, style)


def plan_document(judged: Judged, plan: Plan) -> Data:
    """A plan as `Plan.v1`: plain data."""
    readiness = judged.readiness
    return {
        "contract": "Plan.v1",
        "scenario": readiness.scenario,
        "target": readiness.target,
        "at": format_instant(readiness.at),
        "pack": readiness.pack._asdict(),
        "goal": plan.goal,
        "verdict": readiness.verdict,
        "ready": plan.ready,
        "gates": plan.gates,
        "hand_overs": plan.hand_overs,
        "proof_until": _change(plan.proof_until),
        "actions": [_action(judged, action) for action in plan.actions],
        "waived": [
            {
                "gate": each.gate,
                "approved_by": each.approved_by,
                "expires": format_instant(each.expires),
            }
            for each in plan.waived
        ],
    }


def _action(judged: Judged, action: Action) -> Data:
    job, recording = action.job, action.job.recording
    made: Data = {
        "number": action.number,
        "owner": job.owner,
        "actors": list(job.actors),
        "kinds": list(job.kinds),
        "gates": list(job.gates),
        "because": list(job.because),
        "readings": [reading_data(reading) for reading in job.readings],
        "remedy": _remedy(judged, job),
        "unblocks": action.unblocks,
        "makes_ready": list(action.makes_ready),
        "makes_next": list(action.makes_next),
        "proof_until": _change(action.proof_until),
    }
    if recording is not None:
        made["evidence"] = {
            "contract": recording.contract,
            "live": recording.live,
            "fresh_for": format_duration(recording.fresh_for),
        }
    return made


def _remedy(judged: Judged, job: Job) -> str | None:
    """What the policy says to do, where the action is about one gate; else there is no one text."""
    return (in_english(judged.pack.gates[job.gates[0]].remedy) or None) if _alone(job) else None


def _alone(job: Job) -> bool:
    return len(job.gates) == 1


def _change(change: Change | None) -> Data | None:
    if change is None:
        return None
    return {"at": format_instant(change.at), "gate": change.gate, "why": change.why}


def _context(judged: Judged, plan: Plan) -> Data:
    """The document, and for each owner at work: the people, and the actions in their order."""
    blocks = [
        {
            "who": who(judged, owner),
            "actions": [{**_action(judged, action), **_in_words(action.job)} for action in group],
        }
        for owner, group in groupby(plan.actions, key=lambda action: action.job.owner)
    ]
    return {**plan_document(judged, plan), "blocks": blocks, "count": len(plan.actions)}


def _in_words(job: Job) -> Data:
    return {"does": _does(job), "why": [*job.because, *_barred(job)]}


def plan_text(judged: Judged, plan: Plan, style: Style = PLAIN) -> str:
    """A plan for a terminal of `style.width` columns."""
    painter = Painter(style)
    blocks = [_headline(judged, plan, style)]
    for owner, group in groupby(plan.actions, key=lambda action: action.job.owner):
        lines = [painter.bold(visible(who(judged, owner)))]
        for action in group:
            lines.extend(_lines(judged, action, style))
        blocks.append(lines)
    if plan.waived:
        waived = [
            f"  {painter.status('waived', visible(each.gate))}  approved by"
            f" {visible(each.approved_by)} until {format_instant(each.expires)}"
            for each in plan.waived
        ]
        blocks.append([painter.bold("Waived on the way"), *waived])
    blocks.append([_ending(plan)])
    return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


def _headline(judged: Judged, plan: Plan, style: Style) -> list[str]:
    painter, readiness = Painter(style), judged.readiness
    goal = visible(plan.goal or f"all boards of {readiness.pack.id}")
    if not plan.actions:
        first = painter.paint(f"{goal} is ready: nothing has to be done", "bold", "green")
    else:
        hand_overs = counted(plan.hand_overs, "hand-over")
        told = f"{counted(len(plan.actions), 'action')}, {hand_overs}"
        first = f"{painter.bold(f'Plan for {goal}')}: {told}"
    told = (
        f"{readiness.scenario} for {readiness.target} at {format_instant(readiness.at)}:"
        f" {plan.ready} of the {counted(plan.gates, 'gate')} that it needs are ready"
    )
    return [first, *(painter.dim(line) for line in wrapped(told, style.width))]


def _lines(judged: Judged, action: Action, style: Style) -> Iterator[str]:
    painter, job = Painter(style), action.job
    first, *rest = wrapped(_does(job), style.width - _INDENT)
    yield f"  {action.number:>4}  {painter.status('next', first)}"
    texts = [f"for {_named(job.gates)}"] if not _alone(job) else []
    texts.extend(_why(job))
    texts.extend(_barred(job))
    remedy = _remedy(judged, job)
    texts.extend([remedy] if remedy else [])
    for line in rest:
        yield " " * _INDENT + painter.status("next", line)
    for text in texts:
        yield from (" " * _INDENT + line for line in wrapped(text, style.width - _INDENT))
    for text in _gives(action):
        for line in wrapped(text, style.width - _INDENT):
            yield " " * _INDENT + painter.dim(line)


def _does(job: Job) -> str:
    """What is done, in words: `record the facts of x, then accept it`."""
    gate, recording = job.gates[0], job.recording
    if recording is not None:
        live = " of a live target" if recording.live else ""
        age = format_duration(recording.fresh_for)
        return f"record evidence {recording.contract}{live}, at most {age} old"
    if job.kinds == ("accept",):
        return f"accept {gate}"
    of = f"of {gate}" if _alone(job) else f"that {counted(len(job.gates), 'gate')} read"
    if job.kinds == ("mend",):
        return f"put right what is wrong with {gate}"
    return f"record the facts {of}" + (", then accept it" if "accept" in job.kinds else "")


def _why(job: Job) -> Iterator[str]:
    if job.readings:
        yield from condition_lines(job.readings)
        return
    # That an acceptance is not there yet is what the action says already.
    yield from (each for each in job.because if not each.startswith(NOT_ACCEPTED))


def _barred(job: Job) -> Iterator[str]:
    if "accept" in job.kinds and not job.actors:
        yield "nobody in `actors` may accept it: somebody who may has to be added first"


def _gives(action: Action) -> Iterator[str]:
    yield waiting_for_it(action.unblocks) + _before(action)
    if action.makes_ready:
        yield f"ready then: {_named(action.makes_ready)}"
    if action.makes_next:
        yield f"next then: {_named(action.makes_next)}"


def _before(action: Action) -> str:
    until = action.proof_until
    return "" if until is None else f"; to be done before {format_instant(until.at)}"


def _named(gates: Sequence[str]) -> str:
    return sentence(gates[:_MOST_NAMED], max(len(gates) - _MOST_NAMED, 0))


def _ending(plan: Plan) -> str:
    until = plan.proof_until
    if until is None:
        return ""
    what = f"{visible(until.gate)}, {visible(until.why)}"
    at = format_instant(until.at)
    if not plan.actions:
        return f"Time alone changes that at {at}: {what}"
    return f"All of it before {at}: {what}"
