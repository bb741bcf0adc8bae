"""Two validators of one mind: a fast one that says yes or no, an exact one that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bfg_policy.contracts.mistake import SchemaError


from bfg_policy.contracts.formats import CHECKS
from bfg_policy.contracts.keywords import SUFFIX, Schema

# Never fetched: an address that cannot exist (RFC 2606), to make file names absolute.
_BASE = "https://contracts.invalid/"
_DROPPED = frozenset(("$id", "$schema"))


class Validators:
    """The validators of each contract, made when they are first needed.

    closure: the schemas that a contract consists of, with all that they refer to, by name.
    """

    def __init__(self, closure: Callable[[str], Mapping[str, Schema]]) -> None:
        self._closure = closure
        self._fast: dict[str, Any] = {}
        self._exact: dict[str, Any] = {}

    def accept(self, name: str, data: object) -> bool:
        """Whether some data is what a contract says; what cannot be decided is not."""
        fast = self._fast.get(name)
        if fast is None:
            fast = self._fast[name] = self._make_fast(name)
        try:
            return bool(fast.is_valid(data))
        except (ValueError, RecursionError):
            return False

    def errors(self, name: str, data: object) -> Iterator[SchemaError]:
        """What jsonschema has against some data. Raises RecursionError on odd contracts."""
        exact = self._exact.get(name)
        if exact is None:
            exact = self._exact[name] = self._make_exact(name)
        found: Iterator[SchemaError] = exact.iter_errors(data)
        return found

    def _make_fast(self, name: str) -> Any:
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_BASE}{name}{SUFFIX}"},
            registry=jsonschema_rs.Registry(list(self._resources(name).items())),
            offline=True,
            pattern_options=jsonschema_rs.RegexOptions(),
            formats=dict(CHECKS),
            validate_formats=True,
        )

    def _make_exact(self, name: str) -> Any:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        from bfg_policy.contracts.exact import FORMAT_CHECKER, Validator

        resources = {
            uri: DRAFT202012.create_resource(schema)
            for uri, schema in self._resources(name).items()
        }
        return Validator(
            {"$ref": f"{_BASE}{name}{SUFFIX}"},
            registry=Registry().with_resources(resources.items()),
            format_checker=FORMAT_CHECKER,
        )

    def _resources(self, name: str) -> dict[str, dict[str, Any]]:
        """The contract's schemas by address.

        Without `$id`, which would give them another one, and without `$schema`, by which
        jsonschema would choose another validator than ours.
        """
        return {
            f"{_BASE}{found}{SUFFIX}": {key: schema[key] for key in schema if key not in _DROPPED}
            for found, schema in self._closure(name).items()
        }
