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
        "evidence and acceptances that is an error: whoever wrote it thinks that it counts. A file "
        "of another kind beside these two is a warning; `.sig`, `.md` and README pass.",
        "Rename it, or move it elsewhere.",
    ),
    Entry(
        "BFG150",
        "git cannot be asked",
        "Revisions are read through `git`, from the repository that the current folder is in. "
        "There is no `git`, no repository, or one that git does not trust.",
        "Run it in the project's clone, or compare two folders.",
    ),
    Entry(
        "BFG151",
        "no such revision",
        "git finds no commit under this name. A clone that CI makes is mostly shallow: it holds "
        "the latest commit alone, and no other branch.",
        "Fetch the revision: in CI with `fetch-depth: 0`.",
    ),
    Entry(
        "BFG152",
        "a revision holds what cannot be read",
        "A link or a submodule stands where a folder or file was named, a path leads out of the "
        "project, an object is missing, or there is more than the limits allow. Nothing is "
        "followed and nothing is fetched.",
        "Put regular files there, or fetch the whole history.",
    ),
    Entry(
        "BFG153",
        "the configuration of what is compared cannot be used",
        "A revision, or a folder, is read by its own configuration: where its policies, contracts "
        "and scenario lie.",
        "Correct the configuration there, or leave it out of account with `--isolated`.",
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
        "BFG320",
        "a name that the database cannot have",
        "Two schemas or two roles of the schema map have one name, or a name begins as those that "
        "PostgreSQL keeps for itself.",
        "Choose another name.",
    ),
    Entry(
        "BFG321",
        "the schema map has no such table or column",
        "A key, a reference, a batch or a group of rows names what the map does not have, or a "
        "column is filled from what a scenario does not offer.",
        "Correct the name, or map it.",
    ),
    Entry(
        "BFG322",
        "a key that tells no rows apart",
        "Every key begins with the tenant's column, or an id of one tenant would tell whether "
        "another one has it too. No part of a key may be missing, or nested.",
        "Begin with the tenant's column, and name columns that every row has.",
    ),
    Entry(
        "BFG323",
        "a reference that leads out of the tenant",
        "Row-level security does not bind foreign keys. Only one that begins with the tenant's "
        "column, and holds the other table's whole key, stays within the tenant.",
        "Name one column for each part of the other table's key, the tenant's first.",
    ),
    Entry(
        "BFG324",
        "batches that cannot be replayed",
        "Each mapped table is in exactly one batch, and stands after the tables that it refers to.",
        "Put the tables into that order.",
    ),
    Entry(
        "BFG325",
        "a column or a grant that contradicts the map",
        "A column that the product has itself, one that is optional and nullable at once, two that "
        "hold one value, one whose type is not that of its source; or a change granted on a table "
        "that is only appended to.",
        "Take one of the two away.",
    ),
    Entry(
        "BFG326",
        "a packet set without a schema map",
        "The files of a set are made from the map of the snapshot's tables, which `schema_map` in "
        "pack.yaml names.",
        "Write the map and name it, or render a template instead.",
    ),
    Entry(
        "BFG330",
        "two scenarios of one id",
        "Of the scenarios that were judged together, two call themselves the same, so nobody can "
        "tell their results apart, and their reports would be written to one folder.",
        "Give each scenario an id of its own.",
    ),
    Entry(
        "BFG340",
        "a test of what does not exist",
        "A policy test names a gate, a board, a role or an actor that nothing has. It would pass "
        "for ever, or never, whatever the policies say.",
        "Correct the name; a suggestion is given where one is close.",
    ),
    Entry(
        "BFG341",
        "a path of a test that leads nowhere",
        "A policy test changes something that its scenario does not have. A change that changes "
        "nothing tests nothing.",
        "Correct the path, or add what it leads to first.",
    ),
    Entry(
        "BFG342",
        "two tests with one name",
        "Two suites, two tests of a suite, two cases of a test or two explanations have the same "
        "name, so a report could not tell them apart.",
        "Give each a name of its own.",
    ),
    Entry(
        "BFG343",
        "an expectation that can never be met",
        "A policy test expects nothing at all, or a status, a reason, a decision or a finding that "
        "cannot come out.",
        "Expect what the policies can say.",
    ),
    Entry(
        "BFG344",
        "no change, or two at once",
        "Each change of a policy test is exactly one of `set`, `remove`, `append`, `accept`, "
        "`waive` and `tamper`, with the keys that belong to it.",
        "Write several changes as a list.",
    ),
    Entry(
        "BFG345",
        "a test's scenario that cannot be used",
        "The path leads out of the project, through a symbolic link, or to nothing.",
        "Write the path of a scenario of this project, relative to the test's own file.",
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
        "BFG532",
        "a policy test that fails",
        "What the policies say of the test's scenario is not what the test expects.",
        "Correct the policy; or the test, where the policy was meant to change.",
    ),
    Entry(
        "BFG533",
        "a policy that no test looks at",
        "No test expects this gate to be ready, or to be not ready for its own reason, or this "
        "board to decide what its ladder can decide.",
        "Write a test that expects it.",
    ),
    Entry(
        "BFG534",
        "a weakened policy that no test notices",
        "`bfg-policy test --mutate` weakened the policy, and every test still passed.",
        "Write a test that fails then, or say in a suite's `survivors` why there can be none.",
    ),
    Entry(
        "BFG535",
        "an explanation of what does not survive",
        "A suite explains a survivor that a test notices, or that does not exist. It would hide "
        "the next survivor of that name.",
        "Delete the explanation, or correct the name.",
    ),
    Entry(
        "BFG540",
        "a withdrawal that takes nothing back",
        "A withdrawal takes back the acceptance that stood when it was written, and none stood "
        "then: the gate was never accepted, or was withdrawn already.",
        "Look at its instant and at its gate.",
        "warning",
    ),
    Entry(
        "BFG541",
        "a withdrawal by somebody who may not",
        "An acceptance is withdrawn by the actor who gave it, or by an actor of the gate's owning "
        "role. A withdrawal by anybody else makes the gate `invalid`.",
        "Let the right actor withdraw, or accept anew.",
    ),
    Entry(
        "BFG542",
        "a record that would not count",
        "Of the acceptances and withdrawals of a gate the latest counts, and one that is not older "
        "stands there already. Nothing was written.",
        "Give a later instant with `--at`, or put right the record whose instant is wrong.",
    ),
    Entry(
        "BFG543",
        "a record before its time",
        "What the gate needs is not ready yet. An acceptance is kept and counts as soon as it is, "
        "and so is a waiver; neither stands in for needs.",
        "Nothing, where it was meant so.",
        "warning",
    ),
    Entry(
        "BFG544",
        "nothing to withdraw",
        "No acceptance of the gate stands: it was never accepted, or was withdrawn already.",
        "Name the gate that was meant.",
    ),
    Entry(
        "BFG545",
        "nothing to waive",
        "A waiver stands in for proof that does not hold. This gate's proof holds, must not be "
        "believed, or is waived for as long already.",
        "Name the gate that was meant; mend what is invalid.",
    ),
    Entry(
        "BFG546",
        "a file that cannot be edited",
        "Writing the waiver into the file would change something else in it too, or the waiver "
        "would not read back as it was meant. Nothing was written.",
        "Add the waiver by hand, as it is shown.",
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
        "It lies among what was rendered, reports or pages, and no policy gives it.",
        "Delete it, or keep it elsewhere.",
        "warning",
    ),
    Entry(
        "BFG607",
        "a template that nothing uses",
        "No policy names it for its packet, and no template that is used includes or extends it; "
        "often its name is misspelt, and the product's own template is taken in its place.",
        "Correct its name, name it in a policy's `packet`, or delete it.",
        "warning",
    ),
    Entry(
        "BFG611",
        "a row that does not fit the schema map",
        "The payload has a table, column or value that the map does not have, or lacks one that it "
        "has; a row repeats a key, refers to a row that is not there, or is of another tenant. Its "
        "digest could not be computed in the database, so it is not replayed.",
        "Correct the payload, or map what it holds.",
    ),
    Entry(
        "BFG615",
        "a packet is missing",
        "The policies give a packet that does not lie in the scenario's folder of reports.",
        "Run `bfg-policy render`, and look at what it changes.",
    ),
    Entry(
        "BFG616",
        "a packet was changed by hand",
        "It is not what was rendered: the digest of its text stands in none of the indexes beside "
        "it.",
        "Never run it. Find out who changed it and why, then run `bfg-policy render`.",
    ),
    Entry(
        "BFG617",
        "a packet of another scenario",
        "The report beside it says that it was rendered for another scenario.",
        "Run `bfg-policy render`, and look at what it changes.",
    ),
    Entry(
        "BFG618",
        "a packet of another snapshot",
        "The checksum in it is not that of the scenario's snapshot, so what it would migrate is "
        "something else.",
        "Run `bfg-policy render`, and look at what it changes.",
    ),
    Entry(
        "BFG619",
        "a packet that is stale",
        "It was rendered, and the policies or the scenario have changed since then.",
        "Run `bfg-policy render`, and look at what it changes.",
    ),
    Entry(
        "BFG620",
        "a file that is no packet",
        "It lies among the packets, and nothing renders it. Whoever runs them could take it for "
        "one of them.",
        "Delete it, or keep it elsewhere.",
    ),
    Entry(
        "BFG621",
        "a database that is not what its packets make it",
        "Its catalogues differ from what the packets would make: a table, a policy, a privilege, a "
        "function, a role.",
        "Find out who changed it and why. Nothing is changed by looking.",
    ),
    Entry(
        "BFG622",
        "rows that are not the snapshot's",
        "A row is missing, is one too many, or differs from the snapshot that the packets carry.",
        "Find out who changed it and why. Nothing is changed by looking.",
    ),
    Entry(
        "BFG623",
        "a database that could not be looked at",
        "Nobody was let in, or the login may not do what looking takes.",
        "Look at the DSN, and at what its login may do.",
    ),
    Entry(
        "BFG625",
        "there is nothing to rehearse",
        "A record of a rehearsal says which snapshot it is of, and the scenario names none.",
        "Claim `snapshot.sha256`, and bring the payload.",
    ),
    Entry(
        "BFG641",
        "a gate regressed",
        "The gate was ready in the base and is not any more, or it became invalid. What moved it "
        "was found by judging: without that part of the change it would be where it was.",
        "Bring the proof again, or take the change back.",
        "warning",
    ),
    Entry(
        "BFG642",
        "the policy asks for less",
        "A gate, a need, a rule, evidence or an acceptance is gone or weaker, another role "
        "answers, a board decides sooner, a contract accepts more, or an exception was added. "
        "Whether that is right is a decision, and nobody should have to look for it.",
        "Let whoever answers for the gate look at it.",
        "warning",
    ),
    Entry(
        "BFG643",
        "the base cannot be judged",
        "What HEAD is compared with has mistakes of its own, so there is nothing to compare with. "
        "Where it only lacks the scenario, its policies judge HEAD's: what moved, they moved.",
        "Compare with a revision that can be judged; HEAD by itself was.",
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
