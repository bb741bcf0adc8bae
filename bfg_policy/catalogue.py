"""Every finding's code: what it means, why it matters, how to mend it.

Codes are grouped by phase: 1xx reading, 2xx contracts, 3xx links, 4xx rules, 5xx evidence,
acceptances, waivers and snapshots, 6xx rendering, 7xx secrets. A code keeps its meaning for
ever; a meaning that is dropped takes its code with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bfg_policy.errors import Severity


class Entry(NamedTuple):
    """What `bfg-policy explain CODE` tells."""

    code: str
    title: str
    meaning: str
    remedy: str
    severity: Severity = "error"


_ENTRIES = (
    Entry(
        "BFG101",
        "a file cannot be read",
        "The file is missing, is not a regular file (a folder, a link, a pipe), or the system "
        "refuses to open it. Links are refused because they lead out of what was named on the "
        "command line.",
        "Put a regular, readable file there.",
    ),
    Entry(
        "BFG102",
        "a file is not UTF-8",
        "Policies and scenarios are UTF-8 and nothing else, so that everybody reads the same "
        "letters.",
        "Save the file as UTF-8.",
    ),
    Entry(
        "BFG103",
        "a file is not well-formed",
        "The YAML or JSON breaks off or contradicts itself: an open quote or bracket, a tab, an "
        "indentation that fits nowhere.",
        "Mend the syntax at the place shown.",
    ),
    Entry(
        "BFG104",
        "a key stands twice",
        "Most readers would silently keep the last of the two, so a reviewer cannot know which "
        "one counts.",
        "Delete one of the two, or rename it.",
    ),
    Entry(
        "BFG105",
        "an anchor, an alias or a merge key",
        "They make a file mean something else than what stands at the place, and a few lines of "
        "them can grow beyond all memory.",
        "Write the value out where it is meant.",
    ),
    Entry(
        "BFG106",
        "a tag",
        "Tags ask the reader to make something special of a value. Only the types of YAML 1.2's "
        "core schema are read.",
        "Delete the tag; quote the value where a text is meant.",
    ),
    Entry(
        "BFG107",
        "several documents, or a directive",
        "A file holds one document. What stood in a second one would be overlooked.",
        "Keep one document in each file.",
    ),
    Entry(
        "BFG108",
        "a key is not a text",
        "Numbers, booleans, lists and mappings are no names.",
        "Quote the key, or give it a name.",
    ),
    Entry(
        "BFG109",
        "a value that YAML 1.1 and 1.2 read differently",
        "`no` is false to one reader and a word to the other, `010` is 8 or 10, `1:30` is 90. "
        "Which one a tool uses is not to be guessed in a policy.",
        "Quote it where a text is meant; write `true`, `false` or a plain decimal number "
        "otherwise.",
    ),
    Entry(
        "BFG110",
        "a number out of range",
        "Numbers are finite, and whole numbers fit into 64 bits.",
        "Write a smaller number, or quote it where it is an identifier.",
    ),
    Entry(
        "BFG111",
        "nested too deeply",
        "A document this deep is read by nobody, and crashes tools that try.",
        "Flatten it.",
    ),
    Entry(
        "BFG112",
        "too large",
        "The file, or what is in it, is beyond the cap that the message names.",
        "Split it, or leave out what does not belong.",
    ),
    Entry(
        "BFG113",
        "no mapping at the top",
        "The file is empty, or holds a list or a single value where keys are due.",
        "Begin with the document's first key.",
    ),
    Entry(
        "BFG114",
        "a character that may not stand in a file",
        "Control characters and lone surrogates change what people and terminals see.",
        "Delete the character.",
    ),
    Entry(
        "BFG115",
        "a file that nothing reads",
        "It lies where the product reads, but not under a name that it reads. Among policies, "
        "evidence and acceptances that is an error: whoever wrote it thinks that it counts.",
        "Rename it, or move it elsewhere.",
    ),
    Entry(
        "BFG201",
        "an unknown field",
        "The contract has no field of that name here. A misspelt field is a demand that nobody "
        "checks.",
        "Correct the name; the contract lists those that exist.",
    ),
    Entry(
        "BFG202",
        "a field is missing",
        "The contract demands it.",
        "Add it.",
    ),
    Entry(
        "BFG203",
        "a value of the wrong type",
        "The contract asks for another type, such as a text or a list.",
        "Write the value as the contract asks; quote a text that looks like a number.",
    ),
    Entry(
        "BFG204",
        "a value that is not allowed",
        "The contract lists the values that may stand here.",
        "Choose one of them.",
    ),
    Entry(
        "BFG205",
        "a malformed value",
        "The type is right, and the form, the length or the range is not.",
        "Write it in the form that the message shows.",
    ),
    Entry(
        "BFG206",
        "an unknown contract",
        "No file `NAME.schema.json` of that name lies in the folder of contracts, nor in the "
        "product.",
        "Correct the name, or write the contract.",
    ),
    Entry(
        "BFG207",
        "a contract that cannot be used",
        "The JSON Schema is broken, refers to something outside the folder, or uses a pattern "
        "that cannot be matched in linear time.",
        "Mend the contract; refer to other contracts by their file names.",
    ),
    Entry(
        "BFG208",
        "a key stands in two files",
        "In folder form each part of a scenario has one place, so that nobody reads one and is "
        "judged by the other.",
        "Delete one of the two.",
    ),
    Entry(
        "BFG301",
        "a reference that leads nowhere",
        "No gate or board has that id.",
        "Correct the id, or write the gate.",
    ),
    Entry(
        "BFG302",
        "needs in a circle",
        "Gates that wait for one another never become ready.",
        "Take away the need that is not really one.",
    ),
    Entry(
        "BFG303",
        "two policies with one id",
        "Both would stand for the same board.",
        "Give one of them another id.",
    ),
    Entry(
        "BFG304",
        "an unknown role",
        "`pack.yaml` lists the roles; nobody can act in another one.",
        "Correct the role, or add it to `roles`.",
    ),
    Entry(
        "BFG305",
        "a decision ladder that misleads",
        "A ladder ends with an entry that has no `until`, reaches every entry, and waits for its "
        "own board before it says that all is well.",
        "Mend the entry that the message names.",
    ),
    Entry(
        "BFG306",
        "a packet that cannot be rendered",
        "Its template does not exist, or its path is taken.",
        "Correct the template's name, or choose another path.",
    ),
    Entry(
        "BFG307",
        "two actors with one id",
        "The second could take the first one's acceptances.",
        "Give each actor an id of its own.",
    ),
    Entry(
        "BFG308",
        "a gate that proves nothing",
        "It has no rule, asks for no acceptance and needs nothing, or it asks for evidence that "
        "no rule reads.",
        "Say what must be true.",
    ),
    Entry(
        "BFG309",
        "a board that cannot play its part",
        "The verdict board must decide something, and each gate of a score must need a whole "
        "board.",
        "Name another board, or complete this one.",
    ),
    Entry(
        "BFG401",
        "a rule that cannot be read",
        "It is not an expression of CEL, the Common Expression Language.",
        "Mend the expression at the place shown.",
    ),
    Entry(
        "BFG402",
        "a rule names something unknown",
        "Rules see `scenario`, its keys by their own names, and `evidence` where the gate asks "
        "for a record.",
        "Correct the name.",
    ),
    Entry(
        "BFG403",
        "a rule reads a field that does not exist",
        "The contract of what it reads has no such field, so the rule could never be true.",
        "Correct the field, or add it to the contract.",
    ),
    Entry(
        "BFG404",
        "a rule mixes types",
        "CEL compares and combines only values that fit together; nothing is converted silently.",
        "Compare like with like, or convert explicitly.",
    ),
    Entry(
        "BFG405",
        "a rule that is not true or false",
        "Only what is exactly `true` passes; a text or a number is no answer.",
        "Compare the value with something.",
    ),
    Entry(
        "BFG406",
        "a pattern that cannot be used",
        "Patterns are RE2's, which match in linear time: no look-around, no back-references, no "
        "repetition of huge repetitions.",
        "Rewrite the pattern.",
    ),
    Entry(
        "BFG407",
        "a rule over a limit",
        "It is too long, too deep, or would cost too much.",
        "Simplify it, or split the gate.",
    ),
    Entry(
        "BFG408",
        "a condition that is always the same",
        "By its types alone it can only be true, or only false.",
        "Check what was meant.",
        "warning",
    ),
    Entry(
        "BFG409",
        "a field that may be absent decides a choice",
        "Under `||` or `?:` a missing field can be skipped unseen.",
        "Ask `has(...)` first.",
        "warning",
    ),
    Entry(
        "BFG410",
        "a rule that failed",
        "It compiled, and then met a value that it cannot work on. Its gate is invalid.",
        "Correct the value or the rule.",
    ),
    Entry(
        "BFG411",
        "an expression that reads what is not there",
        "The contract lets a scenario do without it, and this one does. Nothing that is missing "
        "is taken for false, empty or zero: a proof that reads it does not hold yet.",
        "Record it, or ask `has(...)` first.",
    ),
    Entry(
        "BFG501",
        "evidence that was tampered with",
        "The record's own digest does not fit its content.",
        "Let the collector observe again.",
    ),
    Entry(
        "BFG502",
        "evidence of another target",
        "The record observed another adapter than the one that the scenario is judged for.",
        "Observe the right target.",
    ),
    Entry(
        "BFG503",
        "evidence about another snapshot",
        "The record's `snapshot_sha256` is not that of the scenario.",
        "Observe again with this snapshot.",
    ),
    Entry(
        "BFG504",
        "evidence from the future",
        "It claims to have been observed after the instant of the judgement.",
        "Correct the clock and observe again.",
    ),
    Entry(
        "BFG505",
        "evidence that has expired",
        "It is older than a gate's `fresh_for`. The gate is `next` again.",
        "Observe again.",
        "warning",
    ),
    Entry(
        "BFG506",
        "two records of one contract",
        "Nobody could tell which of them a gate should believe.",
        "Keep one of them.",
    ),
    Entry(
        "BFG510",
        "an acceptance by somebody who may not",
        "A gate is accepted by an actor of its owning role, or by the very actor that it names.",
        "Let the right actor accept.",
    ),
    Entry(
        "BFG511",
        "an acceptance in the future",
        "It claims to have been given after the instant of the judgement.",
        "Write when it was really given.",
    ),
    Entry(
        "BFG512",
        "an acceptance of an unknown gate",
        "No policy has a gate of that id.",
        "Correct the id.",
    ),
    Entry(
        "BFG513",
        "an acceptance that nothing asks for",
        "The gate has no `accept`, so the sign-off changes nothing.",
        "Accept the gate that was meant.",
    ),
    Entry(
        "BFG514",
        "an acceptance that has expired",
        "It was valid while at < expires. The gate is `next` again.",
        "Accept anew.",
        "warning",
    ),
    Entry(
        "BFG520",
        "a waiver of a gate that may never be waived",
        "`waivers.never` in pack.yaml names it.",
        "Bring the proof.",
    ),
    Entry(
        "BFG521",
        "a waiver approved by who asked for it",
        "A waiver takes two people.",
        "Let somebody else approve it.",
    ),
    Entry(
        "BFG522",
        "a waiver approved by somebody who may not",
        "`waivers.approvers` in pack.yaml lists the roles that may.",
        "Let an actor of such a role approve it.",
    ),
    Entry(
        "BFG523",
        "a waiver that has expired",
        "It was valid while at < expires, and no longer counts.",
        "Bring the proof, or ask for a new waiver.",
        "warning",
    ),
    Entry(
        "BFG524",
        "a waiver of an unknown gate",
        "No policy has a gate of that id.",
        "Correct the id.",
    ),
    Entry(
        "BFG525",
        "a waiver by an unknown actor",
        "Who asked for it or approved it is no actor of the scenario.",
        "Correct the id, or add the actor.",
    ),
    Entry(
        "BFG526",
        "a waiver of a gate without proof",
        "The gate only waits for others; a waiver never stands in for needs.",
        "Waive the gate that it waits for.",
    ),
    Entry(
        "BFG530",
        "a snapshot that is not what it claims",
        "The claimed digest or number of rows is not that of the payload.",
        "Find out which of the two is right.",
    ),
    Entry(
        "BFG531",
        "a snapshot that has no digest",
        "A value of the payload is outside the profile of `bfg-digest-1`.",
        "Write whole numbers to 2^53-1, and everything else as text.",
    ),
    Entry(
        "BFG601",
        "a template that fails",
        "It has a syntax error, uses a name that does not exist, or produces too much.",
        "Mend the template.",
    ),
    Entry(
        "BFG602",
        "a value that cannot be quoted",
        "The output language has no safe way to write it: a line break in a comment, a blank in "
        "an env file.",
        "Change the value, or leave it out of the packet.",
    ),
    Entry(
        "BFG603",
        "a stale report",
        "What lies in `reports/` is not what the policies and the scenario give.",
        "Run `bfg-policy render` and commit what it writes.",
    ),
    Entry(
        "BFG604",
        "a report whose verdict is over",
        "It is right for the instant that it was judged at, and would be another one today.",
        "Run `bfg-policy render` and commit what it writes.",
        "warning",
    ),
    Entry(
        "BFG605",
        "a file cannot be written",
        "The system refuses, or the way to it leads through a link.",
        "Look at permissions and free space, or choose another path.",
    ),
    Entry(
        "BFG606",
        "a file that nothing renders",
        "It lies among the rendered reports, and no policy gives it.",
        "Delete it, or keep it elsewhere.",
        "warning",
    ),
    Entry(
        "BFG701",
        "a credential",
        "Something here looks like a password, a token or a private key. Whatever stands in a "
        "repository is read by everybody who can clone it.",
        "Revoke it, take it out of the history, and refer to where it is kept.",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.code: entry for entry in _ENTRIES}
