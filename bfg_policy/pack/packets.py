"""The packets of boards: one file of a template, or a folder with a set of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bfg_policy.errors import Finding
from bfg_policy.pack.types import REPORT, Packet, PacketSet
from bfg_policy.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bfg_policy.model import PacketModel
    from bfg_policy.pack.written import WrittenPack, WrittenPolicy


def linked_packet(model: PacketModel) -> Packet | PacketSet:
    """The packet of a board that `check_packets` has nothing to say about."""
    if model.set is not None:
        return PacketSet(model.set, model.path)
    assert model.template is not None
    return Packet(model.template, model.path)


def check_packets(pack: WrittenPack, templates: Collection[str]) -> Iterator[Finding]:
    """What is wrong with the boards' packets. templates: the names of those that there are."""
    sets: dict[str, str] = {}
    for policy in pack.policies:
        packet = policy.model.packet
        if packet is None:
            continue
        yield from _check_kind(pack, policy, packet, templates)
        if packet.set is not None and packet.set in sets:
            yield Finding(
                "BFG306",
                f"the set `{packet.set}` is the packet of `{sets[packet.set]}` already",
                policy.place("packet", "set"),
                note="its files say of which board they are",
                hint="let one board have it",
            )
        elif packet.set is not None:
            sets[packet.set] = policy.model.policy
    yield from _check_packet_paths(pack)


def _check_kind(
    pack: WrittenPack, policy: WrittenPolicy, packet: PacketModel, templates: Collection[str]
) -> Iterator[Finding]:
    if packet.template is not None and packet.set is not None:
        yield Finding(
            "BFG306",
            "this packet has a `template` and a `set`",
            policy.place("packet", "set", key=True),
            note="only one of the two can be rendered",
            hint="delete one of the two",
        )
    elif packet.set is not None and pack.schema_map is None:
        yield Finding(
            "BFG326",
            f"a set `{packet.set}`, and the pack has no schema map",
            policy.place("packet", "set"),
            note="nothing says which tables there are",
            hint="write one and name it in pack.yaml, such as `schema_map: database/main.yaml`",
        )
    elif packet.template is not None and packet.template not in templates:
        suggestion = closest(packet.template, [name for name in templates if "/" not in name])
        yield Finding(
            "BFG306",
            f"there is no template `{packet.template}`",
            policy.place("packet", "template"),
            note="the board's packet could not be rendered",
            hint=None
            if suggestion
            else f"write `templates/{packet.template}.j2` beside the policies",
            suggestion=suggestion,
        )


def _check_packet_paths(pack: WrittenPack) -> Iterator[Finding]:
    # Two names that differ in case alone are one file on some systems.
    files = {REPORT: "the readiness report"}
    folders: dict[str, str] = {}
    for policy in pack.policies:
        packet = policy.model.packet
        if packet is None:
            continue
        path = packet.path.casefold()
        parents = [path[:index] for index, character in enumerate(path) if character == "/"]
        clashes = (files.get(path), folders.get(path), *(files.get(each) for each in parents))
        clash = next((each for each in clashes if each), None)
        if clash:
            yield Finding(
                "BFG306",
                f"the packet's path `{packet.path}` is taken by {clash}",
                policy.place("packet", "path"),
                note="one file would overwrite the other",
                hint="give the packet a path of its own",
            )
        whose = f"the packet of `{policy.model.policy}`"
        files.setdefault(path, whose)
        for parent in parents:
            folders.setdefault(parent, whose)
