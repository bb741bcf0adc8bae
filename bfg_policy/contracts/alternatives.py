"""`anyOf` and `oneOf`: of several branches that do not hold, the one that was meant speaks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from bfg_policy.contracts import words
from bfg_policy.contracts.mistake import (
    CHOICES,
    Mistake,
    SchemaError,
    choices_of,
    path_of,
    wrong_choice,
    wrong_type,
)
from bfg_policy.source.shown import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def meant_by(error: SchemaError) -> Iterator[Mistake | SchemaError]:
    """What is wrong in the branch of `anyOf` or `oneOf` that the value means.

    A branch for another type of value was not meant, nor one with another tag (a `const` field).
    Gives a mistake where it takes all branches to tell it, else the errors of the one branch.
    """
    branches = _branches(error)
    if not branches:
        yield _several_fit(error)
        return
    fitting = [branch for branch in branches if not any(map(_is_misfit, branch))]
    if not fitting:
        yield _no_branch_fits(error, branches)
        return
    best = min(map(_distance, fitting))
    near = [branch for branch in fitting if _distance(branch) == best]
    choices = _common_choice(fitting)
    if choices is not None:
        yield choices
        return
    alternatives = [_missing_here(branch) for branch in near]
    if len(near) > 1 and all(alternatives):
        names = tuple(dict.fromkeys(name for names in alternatives for name in names))
        yield Mistake("missing", path_of(error), names)
        return
    yield from near[0]


def _branches(error: SchemaError) -> list[list[SchemaError]]:
    """The errors of each branch that does not hold."""
    context = sorted(error.context or (), key=lambda inner: int(inner.schema_path[0]))
    return [list(group) for _, group in groupby(context, key=lambda inner: inner.schema_path[0])]


def _is_misfit(error: SchemaError) -> bool:
    """Whether an error says that the value is of another kind than its branch is for."""
    if error.path:
        return False
    return error.validator in {"type", *CHOICES} or (
        error.validator in {"anyOf", "oneOf"}
        and all(any(map(_is_misfit, branch)) for branch in _branches(error))
    )


def _distance(branch: Sequence[SchemaError]) -> tuple[int, int]:
    """How far a value is from a branch: wrong tags first, then the number of errors."""
    return sum(error.validator in CHOICES for error in branch), len(branch)


def _missing_here(branch: Sequence[SchemaError]) -> list[str]:
    """The fields that are all that a branch misses; empty where something else is wrong, too."""
    if all(error.validator == "required" and not error.path for error in branch):
        return [error.message for error in branch]
    return []


def _common_choice(branches: Sequence[Sequence[SchemaError]]) -> Mistake | None:
    """All branches want other values of one and the same tag: what the tag may be."""
    tags = [
        [error for error in branch if error.validator in CHOICES and error.path]
        for branch in branches
    ]
    if len(branches) < 2 or not all(tags):
        return None
    firsts = [found[0] for found in tags]
    if len({tuple(error.absolute_path) for error in firsts}) != 1:
        return None
    return wrong_choice(firsts[0], tuple(value for error in firsts for value in choices_of(error)))


def _no_branch_fits(error: SchemaError, branches: list[list[SchemaError]]) -> Mistake:
    misfits = [next(filter(_is_misfit, branch)) for branch in branches]
    kind = words.type_name(error.instance)
    choices = [
        value
        for misfit in misfits
        if misfit.validator in CHOICES
        for value in choices_of(misfit)
        if words.type_name(value) == kind
    ]
    if choices:
        return wrong_choice(error, tuple(dict.fromkeys(choices)))
    return wrong_type(error, [word for misfit in misfits for word in _expected(misfit)])


def _expected(misfit: SchemaError) -> list[str]:
    if misfit.validator == "type":
        types: Any = misfit.validator_value
        return [
            words.type_in_words(name) for name in ([types] if isinstance(types, str) else types)
        ]
    if misfit.validator in CHOICES:
        return [f"`{words.shown(value)}`" for value in choices_of(misfit)]
    return [
        word
        for branch in _branches(misfit)
        for inner in branch
        if _is_misfit(inner)
        for word in _expected(inner)
    ]


def _several_fit(error: SchemaError) -> Mistake:
    """More than one branch of `oneOf` holds: where each wants a field, they exclude each other."""
    wanted = [
        name
        for branch in error.validator_value
        if isinstance(branch, dict)
        for name in branch.get("required", ())
    ]
    present = (
        [name for name in dict.fromkeys(wanted) if name in error.instance]
        if isinstance(error.instance, dict)
        else []
    )
    if len(present) > 1:
        both = " and ".join(f"`{cut(name)}`" for name in present)
        message = f"has {both}, which exclude each other"
    else:
        message = "fits several forms that exclude each other"
    return Mistake("value", path_of(error), message=message, value=error.instance, rank=90)
