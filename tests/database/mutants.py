"""The packet that lays the tables down, with one thing in it removed or weakened at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TENANT = r'\(SELECT "bfg_flowcontrol"\.current_tenant\(\)\)'
_BOUNDARY = rf'"tenant_id" = {_TENANT}'
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)

# What is looked for, what it becomes; each place where it stands is a mutant.
KINDS: dict[str, list[tuple[str, str]]] = {
    "a policy removed": [(r"CREATE POLICY [^;]+;", "")],
    "a boundary that adds instead of taking away": [("AS RESTRICTIVE", "AS PERMISSIVE")],
    "a boundary that lets read": [
        (
            r"(RESTRICTIVE FOR ALL TO PUBLIC\s+USING) \((?:[^;]+?)\)(\s+WITH CHECK)",
            r"\1 (true)\2",
        ),
    ],
    "a boundary that lets write": [(rf"WITH CHECK \({_BOUNDARY}\)", "WITH CHECK (true)")],
    "a boundary for the application alone": [
        ("RESTRICTIVE FOR ALL TO PUBLIC", 'RESTRICTIVE FOR ALL TO "bfg_app"'),
    ],
    "a boundary for reading alone": [
        (
            rf"RESTRICTIVE FOR ALL (TO PUBLIC[^;]+?)\s+WITH CHECK \({_BOUNDARY}\)",
            r"RESTRICTIVE FOR SELECT \1",
        ),
    ],
    "a policy that forgets who wrote a row": [
        (r'(WITH CHECK|USING) \("replayed_in" IS (?:NOT )?NULL\)', r"\1 (true)"),
    ],
    "a policy for everybody": [(r'(CREATE POLICY "app_[^;]+ TO )"bfg_app"', r"\1PUBLIC")],
    "row-level security off": [
        (r"ALTER TABLE [^;]+ ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;", ""),
        ("ENABLE ROW LEVEL SECURITY, FORCE", "FORCE"),
    ],
    "row-level security not forced": [(", FORCE ROW LEVEL SECURITY", "")],
    "a trigger removed": [(r"CREATE TRIGGER [^;]+;", "")],
    "a trigger that looks away": [
        (r"""WHEN \(OLD\."replayed_in" IS NULL OR current_user <> 'bfg_replay'\)""", when)
        for when in (
            """WHEN (current_user <> 'bfg_replay')""",
            """WHEN (OLD."replayed_in" IS NULL)""",
        )
    ],
    "a foreign key removed": [
        (r',?\n *CONSTRAINT "\w+_fkey" FOREIGN KEY [^\n]+\n +REFERENCES [^\n]+\)(?=[,\n])', "")
    ],
    "a key removed": [(r',\n *(?:CONSTRAINT "\w+_pkey" )?PRIMARY KEY \([^)]+\)', "")],
    "a unique constraint removed": [(r",\n *UNIQUE \([^)]+\)", "")],
    "a check removed": [
        (r',\n *CONSTRAINT "\w+_check" CHECK [^\n]+(?=,\n)', ""),
        (r"(NOT NULL) CHECK \((?:[^()]|\([^()]*\))*\)(?=,\n)", r"\1"),
    ],
    "a column that may be missing": [
        (r'("(?:status|kind|source|currency)" text) NOT NULL', r"\1"),
        (r"(batch text) NOT NULL", r"\1"),
    ],
    "an index removed": [(r"CREATE INDEX [^;]+;", "")],
    "a grant removed": [(r"(?m)^GRANT [^;]+;", "")],
    "a grant of everything": [
        (r'GRANT [A-Z, ]+(ON "bfg_\w+"\."?\w+"? TO)', r"GRANT ALL \1"),
        (r"GRANT USAGE (ON SCHEMA [^;]+ TO)", r"GRANT ALL \1"),
    ],
    "a grant of every column": [(r"GRANT (INSERT|UPDATE) \([^)]+\)", r"GRANT \1")],
    "a grant to everybody": [(r'(GRANT [A-Z]+(?: ON| \()[^;]+ TO )"bfg_app"(?=[;,])', r"\1PUBLIC")],
    "a revocation removed": [(r"REVOKE ALL ON ALL FUNCTIONS [^;]+;", "")],
    "a tenant that need not be": [
        (r"IF tenant IS NULL OR ([^\n]+) THEN", rf"IF {condition} THEN")
        for condition in ("false", "tenant IS NULL", r"\1")
    ],
    "a tenant that is another": [
        (r"RETURN tenant;", f"RETURN {value};") for value in ("NULL", "''", "'bfg-staging'")
    ],
    "a function with its owner's rights": [
        (r"(current_tenant\(\) RETURNS text\nLANGUAGE plpgsql STABLE)", r"\1 SECURITY DEFINER"),
        (r"(RETURNS trigger\nLANGUAGE plpgsql)", r"\1 SECURITY DEFINER"),
    ],
    "a function that anybody's path leads astray": [
        (
            r"(FUNCTION \S+current_tenant\(\)[^$]+?SAFE) SET search_path = pg_catalog, pg_temp",
            r"\1",
        ),
        (r"(refuse_change\(\)[^$]+?plpgsql) SET search_path = pg_catalog, pg_temp", r"\1"),
    ],
    "a refusal that is none": [
        (r"RAISE EXCEPTION '% of %\.% is not allowed'[^;]+;", body)
        for body in ("RETURN coalesce(NEW, OLD);", "RETURN NULL;")
    ],
    "a digest of less": [
        (r"""array_to_string\(ARRAY\[\n  [^\n]+,\n""", "array_to_string(ARRAY[\n"),
        (r"""chr\(10\)(?=[^$]+"orders")""", "''"),
        (r"""(FROM "bfg_flowcontrol"\."orders" AS stored) ORDER BY 1""", r"\1"),
        (r"""count\(\*\), encode(?=[^$]+"orders")""", "1::bigint, encode"),
    ],
    "a role that may do more": [
        ("NOLOGIN", "LOGIN"),
        ("NOBYPASSRLS", "BYPASSRLS"),
        ("NOCREATEROLE", "CREATEROLE"),
    ],
}


class Mutant(NamedTuple):
    """kind: of the change. what: the text that was changed. text: the whole packet."""

    kind: str
    what: str
    text: str


def mutants(packet: str, kind: str) -> Iterator[Mutant]:
    """The packet with one change of a kind, at each place where it can be made."""
    plain = _COMMENT.sub(lambda match: match[0] if "frame" in match[0] else "", packet)
    begin = plain.index("DO $packet$")
    end = plain.index("END IF;\nEND\n$packet$;", plain.index("CREATE FUNCTION"))
    for pattern, replacement in KINDS[kind]:
        for match in re.finditer(pattern, plain[begin:end]):
            start, stop = begin + match.start(), begin + match.end()
            changed = match.expand(replacement)
            what = " ".join(match[0].split())
            yield Mutant(
                kind, f"{what[:160]} -> {changed[:80]}", plain[:start] + changed + plain[stop:]
            )
