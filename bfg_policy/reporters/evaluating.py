"""What an expression gave: its value and type, what made it false, or why it has no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.cel.types import describe
from bfg_policy.rendering.visible import visible
from bfg_policy.reporters.excerpts import finding_block
from bfg_policy.reporters.json import Data, document_text, finding_data, reading_data
from bfg_policy.reporters.literals import json_value, laid_out, literal, type_text
from bfg_policy.reporters.painting import Painter, labelled, padded, widest
from bfg_policy.reporters.readings import condition_lines
from bfg_policy.reporters.results import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bfg_policy.cel import Type
    from bfg_policy.errors import Finding
    from bfg_policy.evaluation.expressions import Evaluation

_WIDEST_NAME = 30
_ONE_LINE = 1 << 30


def evaluation_text(evaluation: Evaluation, style: Style = PLAIN) -> str:
    """An evaluation for a terminal, with its last line end."""
    blocks = [finding_block(finding, style) for finding in evaluation.findings]
    if evaluation.type is not None:
        blocks.insert(0, _value(evaluation, evaluation.type, style))
    return "\n\n".join(blocks) + "\n"


def _value(evaluation: Evaluation, found: Type, style: Style) -> str:
    told = condition_lines(evaluation.readings)
    facts = [
        ("type", describe(found)),
        # What is indented goes on with the condition above it.
        *(("" if line.startswith(" ") else "because", line) for line in told),
    ]
    lines = [Painter(style).bold(laid_out(literal(evaluation.value), style.width))]
    for label, text in facts:
        lines.extend(labelled(label, text, style.width))
    return "\n".join(lines)


def evaluation_json(evaluation: Evaluation) -> str:
    """An evaluation as `Evaluation.v1`, with its last line end."""
    return document_text(evaluation_document(evaluation))


def evaluation_document(evaluation: Evaluation) -> Data:
    """An evaluation as `Evaluation.v1`: plain data."""
    found = evaluation.type
    return {
        "contract": "Evaluation.v1",
        "expression": evaluation.expression,
        "type": None if found is None else found.kind,
        "literal": None if found is None else laid_out(literal(evaluation.value), _ONE_LINE),
        **({} if found is None else _json(evaluation.value)),
        "readings": [reading_data(reading) for reading in evaluation.readings],
        "findings": [finding_data(finding) for finding in evaluation.findings],
    }


def _json(value: object) -> Data:
    try:
        return {"value": json_value(value)}
    except ValueError:  # JSON has no way to say it; the literal has
        return {}


def findings_text(findings: Iterable[Finding], style: Style = PLAIN) -> str:
    """What is wrong with one line of a prompt."""
    return "\n\n".join(finding_block(finding, style) for finding in findings) + "\n"


def type_lines(found: Type, style: Style = PLAIN) -> str:
    """A type with all that its contract tells of it."""
    return laid_out(type_text(found), style.width) + "\n"


def variables_text(
    variables: Mapping[str, Type], optional: Collection[str], style: Style = PLAIN
) -> str:
    """The names that an expression can use, each with its type; `?` where one may be absent."""
    shown = {f"{name}{'?' if name in optional else ''}": each for name, each in variables.items()}
    names = widest(shown, _WIDEST_NAME)
    painter = Painter(style)
    return "".join(
        f"{painter.bold(padded(name, names))}  {visible(describe(found))}\n"
        for name, found in shown.items()
    )
