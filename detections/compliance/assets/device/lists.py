"""Address lists of VRP, Comware and IOS as rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import Rule
from detections.compliance.assets.device.rules import (
    Ranges,
    addresses,
    between,
    plain,
    ports,
    protocol,
    services,
)

_HARMLESS: Final = frozenset({"logging", "log", "counting", "log-input"})
_OPERATORS: Final = frozenset({"eq", "gt", "lt", "range", "neq"})
_NO_ZONES: Final = ((), ())
_BASIC: Final = range(2000, 3000)


def vrp_lists(root: Node) -> Iterator[tuple[str, int, list[Rule], str]]:
    """`acl …` of VRP and Comware, IPv4 only: name, line, rules, and its number too when it has a name."""
    for block in root.all("acl"):
        words = [word for word in block.low[1:] if word not in {"number", "basic", "advanced"}]
        if not words or "ipv6" in words or block.low[1:2] == ("mac",):
            continue
        named = "name" in words and words.index("name") + 1 < len(words)
        name = words[words.index("name") + 1] if named else words[0]
        ordered = "auto" not in words
        rows = [one for one in block.all("rule") if len(one.low) > 1]
        rules = [_vrp_rule(name, one, ordered=ordered) for one in rows]
        number = next((word for word in words if word.isdecimal()), "") if named else ""
        yield name, block.number, [rule for rule in rules if rule is not None], number


def _vrp_rule(name: str, node: Node, *, ordered: bool) -> Rule | None:
    words = list(node.low[1:])
    number = words.pop(0) if words[0].isdecimal() else str(node.number)
    if not words or words[0] not in {"permit", "deny"}:
        return None
    permit = words.pop(0) == "permit"
    service: Ranges | None = ()
    if words and words[0] not in {"source", "destination", *_HARMLESS}:
        service = protocol(words.pop(0))
    ends: dict[str, Ranges | None] = {"source": (), "destination": ()}
    whole = ordered and service is not None
    while words and whole:
        word = words.pop(0)
        if word in ends and words:
            ends[word], used = _vrp_end(words)
            whole = ends[word] is not None
            del words[:used]
        elif word == "destination-port" and len(words) > 1 and service is not None:
            used = 3 if words[0] == "range" else 2
            service = ports(service, words[0], words[1:used])
            whole = service is not None
            del words[:used]
        else:
            whole = word in _HARMLESS
    source, target = ends["source"] or (), ends["destination"] or ()
    return Rule(
        name, number, permit, source, target, service or (), _NO_ZONES, whole, True, node.number
    )


def _vrp_end(words: list[str]) -> tuple[Ranges | None, int]:
    if words[0] == "any":
        return (), 1
    return (addresses(words[0], words[1]), 2) if len(words) > 1 else (None, 1)


def ios_lists(root: Node) -> Iterator[tuple[str, int, list[Rule], str]]:
    """`ip access-list …` and `access-list N …`: name, first line, rules in their order."""
    numbered: dict[str, list[tuple[Node, tuple[str, ...]]]] = {}
    first: dict[str, int] = {}
    for node in root.all("access-list"):
        if len(node.low) > 2:
            numbered.setdefault(node.low[1], []).append((node, node.low[2:]))
    for block in root.all("ip", "access-list"):
        if len(block.low) > 3 and block.low[2] in {"standard", "extended"}:
            name = block.low[3]
            kind = ("standard",) if block.low[2] == "standard" else ()
            rows = [(one, (*kind, *_without_number(one.low))) for one in _in_order(block)]
            numbered.setdefault(name, []).extend(rows)
            first.setdefault(name, block.number)
            if not rows:
                yield name, block.number, [], ""
    groups = _ios_groups(root)
    for name, rows in numbered.items():
        rules = [_ios_rule(name, node, list(words), groups) for node, words in rows]
        if rows:
            yield (
                name,
                first.get(name, rows[0][0].number),
                [rule for rule in rules if rule is not None],
                "",
            )


def _in_order(block: Node) -> list[Node]:
    said = [one for one in block.children if not one.negated]
    if all(one.low[0].isdecimal() for one in said):
        return sorted(said, key=lambda one: int(one.low[0][:9]))
    return said


def _without_number(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[0].isdecimal() else words


def _ios_groups(root: Node) -> tuple[dict[str, Ranges], dict[str, Ranges]]:
    """`object-group network` and `object-group service`, those whose every member was read."""
    networks: dict[str, Ranges] = {}
    books: dict[str, Ranges] = {}
    for block in root.all("object-group"):
        if len(block.low) < 3 or block.low[1] not in {"network", "service"}:
            continue
        kept, member = (networks, _ios_network) if block.low[1] == "network" else (books, _ios_book)
        spans = [
            member(list(node.low), kept) for node in block.children if node.low[0] != "description"
        ]
        if spans and None not in spans:
            joined = tuple(one for span in spans for one in span or ())
            kept[block.low[2]] = (
                () if () in spans else plain(joined) if kept is networks else services(joined)
            )
    return networks, books


def _ios_network(words: list[str], known: dict[str, Ranges]) -> Ranges | None:
    """`host A`, `A MASK`, `range A B`, `any`, `group-object NAME`."""
    if words == ["any"]:
        return ()
    if len(words) < 2:
        return None
    if words[0] == "group-object":
        return known.get(words[1])
    if words[0] == "host":
        return addresses(words[1], "0")
    if words[0] == "range" and len(words) == 3:
        return between(words[1], words[2])
    return addresses(words[0], words[1], mask=True)


def _ios_book(words: list[str], known: dict[str, Ranges]) -> Ranges | None:
    """`ip`, `tcp`, `tcp eq 443`, `tcp range A B`, `group-object NAME`."""
    if words[0] == "group-object" and len(words) == 2:
        return known.get(words[1])
    base = protocol(words[0])
    return base if base is None or len(words) == 1 else ports(base, words[1], words[2:])


_Groups = tuple[dict[str, Ranges], dict[str, Ranges]]
_NO_GROUPS: Final[_Groups] = ({}, {})


def _ios_rule(name: str, node: Node, words: list[str], groups: _Groups = _NO_GROUPS) -> Rule | None:
    standard = name.isdecimal() and (int(name) < 100 or 1300 <= int(name) < 2000)
    if words and words[0] == "standard":
        standard = bool(words.pop(0))
    if len(words) < 2 or words[0] not in {"permit", "deny"}:
        return None
    permit = words.pop(0) == "permit"
    if words[0] == "object-group" and not standard and len(words) > 1:
        service = groups[1].get(words[1])
        del words[:2]
    else:
        service = () if standard else protocol(words.pop(0))
    whole = service is not None
    source = _ios_end(words, groups[0], bare=standard)
    target: Ranges | None = ()
    if words and words[0] in _OPERATORS:
        whole = False
    if whole and not standard:
        target = _ios_end(words, groups[0], bare=False)
        if words and words[0] in _OPERATORS and service is not None:
            used = 3 if words[0] == "range" else 2
            service = ports(service, words[0], words[1:used])
            del words[:used]
    whole = (
        whole and None not in (source, target, service) and all(word in _HARMLESS for word in words)
    )
    return Rule(
        name,
        str(node.number),
        permit,
        source or (),
        target or (),
        service or (),
        _NO_ZONES,
        whole,
        True,
        node.number,
    )


def _ios_end(words: list[str], groups: dict[str, Ranges], *, bare: bool) -> Ranges | None:
    """Take one end off the words."""
    if not words:
        return None
    first = words.pop(0)
    if first == "any":
        return ()
    if first == "host":
        return addresses(words.pop(0), "0") if words else None
    if first == "object-group" and words:
        return groups.get(words.pop(0))
    if words and words[0].count(".") == 3:
        return addresses(first, words.pop(0))
    return addresses(first, "0") if bare else None
