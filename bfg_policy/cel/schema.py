"""JSON Schema (2020-12) to the types of the rule language."""

from __future__ import annotations

from bfg_policy.cel.types import (
    BOOL,
    DYN,
    INT,
    NULL,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Type,
    members,
    object_type,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Schema = Mapping[str, Any]
    Resolve = Callable[[str], Schema]

_SCALARS: dict[str, Type] = {
    "null": NULL,
    "boolean": BOOL,
    "integer": INT,
    "number": NUMBER,
    "string": STRING,
}
_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    type(None): "null",
}
_OBJECT_WORDS = ("properties", "required", "additionalProperties", "patternProperties")
_ARRAY_WORDS = ("items", "prefixItems")
# No rule looks as deep into data; references may lead on for longer than Python's stack.
_MAX_DEPTH = 100


def from_schema(schema: Schema | bool, resolve: Resolve) -> Type:  # noqa: FBT001  (a schema)
    """The type of the data that a schema allows.

    resolve: gives the schema that a `$ref` to another document names, and raises `LookupError`
        where there is none; references within the schema are followed here.

    An object with properties has those fields alone, so that a misspelt one is found, even
    where the schema lets unknown ones pass; without properties it is a map. What the schema
    leaves open is `dyn`.
    """
    return _Converter(schema, resolve, {}).convert(schema)


class _Converter:
    """Converts the parts of one document.

    others: what references to other documents mean, shared by the converters of all of them.
    depth: how deep the parts are that led here; what is too deep is `dyn`.
    """

    def __init__(
        self, root: object, resolve: Resolve, others: dict[str, Type], depth: int = 0
    ) -> None:
        self.root = root
        self.resolve = resolve
        self.others = others
        self.own_refs: dict[str, Type] = {}
        self.depth = depth

    def convert(self, schema: object) -> Type:
        if not isinstance(schema, dict) or self.depth >= _MAX_DEPTH:
            return DYN
        self.depth += 1
        found = self.parts(schema)
        self.depth -= 1
        return found

    def parts(self, schema: Schema) -> Type:
        """What all that is said of the data comes to."""
        parts = [self.own(schema)]
        if "$ref" in schema:
            parts.append(self.reference(schema["$ref"]))
        parts.extend(self.convert(part) for part in schema.get("allOf", ()))
        choices = [schema[word] for word in ("anyOf", "oneOf") if word in schema]
        parts.extend(union(self.convert(part) for part in choice) for choice in choices)
        return _both(parts)

    def own(self, schema: Schema) -> Type:
        """What the schema says itself, without what it refers to."""
        if "const" in schema:
            return _listed([schema["const"]])
        if "enum" in schema:
            return _listed(schema["enum"])
        named = schema.get("type")
        if isinstance(named, str):
            return self.of_type(named, schema)
        if isinstance(named, list):
            return union(self.of_type(name, schema) for name in named)
        if any(word in schema for word in _OBJECT_WORDS):
            return self.object(schema)
        if any(word in schema for word in _ARRAY_WORDS):
            return self.of_type("array", schema)
        return DYN

    def of_type(self, name: str, schema: Schema) -> Type:
        if name == "object":
            return self.object(schema)
        if name == "array":
            listed = [self.convert(part) for part in schema.get("prefixItems", ())]
            if "items" in schema or not listed:
                listed.append(self.convert(schema.get("items", True)))
            return ListType(union(listed))
        return _SCALARS.get(name, DYN)

    def object(self, schema: Schema) -> Type:
        properties = schema.get("properties", {})
        others = [self.convert(part) for part in schema.get("patternProperties", {}).values()]
        additional = schema.get("additionalProperties", True)
        if isinstance(additional, dict):
            others.append(self.convert(additional))
        rest = union(others) if others else None
        if not properties and additional is not False:
            return MapType(STRING, rest or DYN)
        fields = {name: self.convert(part) for name, part in properties.items()}
        required = frozenset(schema.get("required", ())) & fields.keys()
        return ObjectType(fields, required, rest)

    def reference(self, ref: str) -> Type:
        known = self.own_refs if ref.startswith("#") else self.others
        if ref not in known:
            # A schema that refers to itself has no end: further down it is `dyn`.
            known[ref] = DYN
            known[ref] = self.follow(ref)
        return known[ref]

    def follow(self, ref: str) -> Type:
        if ref == "#" or ref.startswith("#/"):
            found: object = self.root
            for step in ref[2:].split("/") if len(ref) > 1 else ():
                key = step.replace("~1", "/").replace("~0", "~")
                if not isinstance(found, dict) or key not in found:
                    return DYN
                found = found[key]
            return self.convert(found)
        try:
            other = self.resolve(ref)
        except LookupError:
            return DYN
        return _Converter(other, self.resolve, self.others, self.depth).convert(other)


def _listed(values: Sequence[object]) -> Type:
    """The type of an enum: one kind or several, each with its values."""
    by_kind: dict[str, set[object]] = {}
    for value in values:
        kind = _KINDS.get(type(value))
        if kind is None:
            return DYN
        by_kind.setdefault(kind, set()).add(value)
    return union(Type(kind, frozenset(found)) for kind, found in by_kind.items())


def _both(parts: Sequence[Type]) -> Type:
    """The type of what is of all these types at once; the more is known the better."""
    known = [part for part in parts if part.kind != "dyn"]
    if not known:
        return DYN
    found = known[0]
    for part in known[1:]:
        found = _narrowed(found, part)
    return found


def _narrowed(left: Type, right: Type) -> Type:
    if isinstance(left, ObjectType) and isinstance(right, ObjectType):
        fields = dict(left.fields)
        for name, field in right.fields.items():
            fields[name] = _both((fields[name], field)) if name in fields else field
        return object_type(
            fields, required=left.required | right.required, rest=left.rest or right.rest
        )
    if isinstance(left, MapType) and isinstance(right, ObjectType):
        return right
    kinds = {part.kind: part for part in members(right)}
    common = [
        part if kinds[part.kind].values is None else kinds[part.kind]
        for part in members(left)
        if part.kind in kinds
    ]
    return union(common) if common else DYN
