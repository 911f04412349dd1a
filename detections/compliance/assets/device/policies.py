"""Security policies of firewalls (USG and SecPath): rules between zones, with their objects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import Rule
from detections.compliance.assets.device.rules import (
    Ranges,
    addresses,
    between,
    named_service,
    plain,
    ports,
    protocol,
    services,
)

_PLAIN: Final = frozenset(
    {"action", "description", "disable", "policy", "session", "traffic", "logging", "counting",
     "parent-group", "profile", "track"}
)  # fmt: skip
_FILLERS: Final = frozenset({"subnet", "host", "mask", "address"})
_FEW: Final = 2
_DEEPEST: Final = 6


def usg_rules(root: Node) -> Iterator[Rule]:
    """`security-policy` of a USG: permits what says so, else denies."""
    objects = dict(_objects(root, ("ip", "address-set"), "address"))
    books = _service_objects(root)
    for policy in root.all("security-policy"):
        for block in policy.all("rule", "name"):
            name = " ".join(block.words[2:])
            yield _rule(
                "security-policy", name, block, (objects, books), "destination-address", "permit"
            )


def secpath_rules(root: Node) -> Iterator[Rule]:
    """`security-policy ip` of Comware: passes what says so, else drops."""
    objects = dict(_objects(root, ("object-group", "ip", "address"), "network"))
    books = _service_objects(root)
    for policy in root.all("security-policy", "ip"):
        for block in policy.all("rule"):
            name = block.words[-1] if len(block.words) > 1 else ""
            yield _rule(
                "security-policy ip", name, block, (objects, books), "destination-ip", "pass"
            )


def _rule(
    title: str, name: str, block: Node, known: tuple[dict[str, Ranges], dict[str, Ranges]],
    target_word: str, permits: str,
) -> Rule:  # fmt: skip
    objects, books = known
    source_word = target_word.replace("destination", "source")
    source, target, service = _Any(), _Any(), _Any()
    zones: tuple[list[str], list[str]] = ([], [])
    whole = True
    for node in block.children:
        word, rest = node.low[0], list(node.low[1:])
        if node.negated:
            continue
        if word in {"source-zone", "destination-zone"}:
            zones[word == "destination-zone"].extend(rest)
        elif word.startswith(source_word):
            whole = source.add(_end(word, rest, objects)) and whole
        elif word.startswith(target_word):
            whole = target.add(_end(word, rest, objects)) and whole
        elif word.startswith("service"):
            book = books.get(rest[0]) if len(rest) == 1 else None
            whole = service.add(_service(word, rest) if book is None else book) and whole
        else:
            whole = whole and word in _PLAIN
    return Rule(
        title,
        name,
        block.after("action") == permits,
        source.ranges(),
        target.ranges(),
        services(service.ranges()),
        (_zones(zones[0]), _zones(zones[1])),
        whole,
        block.state("disable") is not True,
        block.number,
    )


class _Any:
    """Ranges gathered from several lines; nothing said, or everything, is any."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int]] = []
        self._all = False

    def add(self, ranges: Ranges | None) -> bool:
        """Take ranges in; False when they were not read."""
        if ranges is None:
            return False
        self._all = self._all or not ranges
        self._found.extend(ranges)
        return True

    def ranges(self) -> Ranges:
        return () if self._all else tuple(self._found)


def _zones(names: list[str]) -> tuple[str, ...]:
    return () if "any" in names else tuple(sorted(set(names)))


def _end(word: str, rest: list[str], objects: dict[str, Ranges]) -> Ranges | None:
    if rest == ["any"]:
        return ()
    if not rest or "exclude" in word or "exclude" in rest or "ipv6" in word:
        return None
    if rest[0] == "address-set" and len(rest) == _FEW:
        return objects.get(rest[1])
    if rest[0] == "range" or word.endswith("-range"):
        ends = [one for one in rest if one != "range"]
        return between(ends[0], ends[1]) if len(ends) == _FEW else None
    numbers = [one for one in rest if one != "mask"]
    if len(numbers) == 1:
        known = objects.get(numbers[0])
        return addresses(numbers[0], "0") if known is None else known
    masked = "mask" in rest or word.endswith("-subnet")
    return addresses(numbers[0], numbers[1], mask=masked) if len(numbers) == _FEW else None


def _service(word: str, rest: list[str]) -> Ranges | None:
    if rest == ["any"]:
        return ()
    if not rest or (word == "service" and rest[0] != "protocol"):
        return _names(rest, word)
    words = " ".join(rest).replace("source-port 0 to 65535", "").split()
    words = [one for one in words if one != "protocol"]
    base = protocol(words[0]) if words else None
    if base is None or len(words) == 1:
        return base
    if words[1] not in {"destination-port", "destination"}:
        return None
    numbers = [one for one in words[2:] if one != "eq"]
    if numbers and numbers[0] in {"range", "gt", "lt"}:
        return ports(base, numbers[0], numbers[1:])
    return _port_list(base, numbers)


def _port_list(base: Ranges, words: list[str]) -> Ranges | None:
    """Ports one by one or as `A to B`."""
    found: list[tuple[int, int]] = []
    while words:
        used = 3 if words[1:2] == ["to"] else 1
        span = ports(base, "to", [words[0], words[used - 1] if used <= len(words) else ""])
        if not span:
            return None
        found.extend(span)
        del words[:used]
    return tuple(found) or None


def _names(words: list[str], word: str) -> Ranges | None:
    if word != "service" or not words:
        return None
    return tuple(span for name in words for span in named_service(name))


def _objects(root: Node, head: tuple[str, ...], member: str) -> Iterator[tuple[str, Ranges]]:
    """Address objects whose every member was read, groups of groups too; no ranges are every address."""
    blocks: dict[str, list[Node]] = {}
    for block in root.all(*head):
        if len(block.low) > len(head):
            blocks.setdefault(block.low[len(head)], []).extend(block.children)

    def gather(name: str, depth: int) -> list[Ranges] | None:
        nodes = [node for node in blocks.get(name, ()) if node.low[0] != "description"]
        found: list[Ranges] = []
        for node in nodes:
            inner = _inner(node)
            spans = gather(inner, depth + 1) if inner and depth < _DEEPEST else None
            if not inner:
                words = [one for one in node.low if one not in _FILLERS | {member}]
                words = words[1:] if words and words[0].isdecimal() else words
                one = _member(words, mask="mask" in node.low or "subnet" in node.low)
                spans = None if one is None or node.negated else [one]
            if spans is None:
                return None
            found += spans
        return found or None

    for name in blocks:
        spans = gather(name, 0)
        if spans is not None:
            yield name, () if () in spans else plain(tuple(one for span in spans for one in span))


def _inner(node: Node) -> str:
    """The object that a member of a group names (`address 0 address-set X`, `network group-object X`)."""
    words = node.low
    named = [
        after
        for word, after in pairwise(words)
        if word in {"address-set", "group-object", "service-set"}
    ]
    return named[-1] if named else ""


def _service_objects(root: Node) -> dict[str, Ranges]:
    """Services by the names that the text gives them (`ip service-set`, `object-group service`)."""
    blocks = {block.low[2]: block.children
              for head in (("ip", "service-set"), ("object-group", "service"))
              for block in root.all(*head) if len(block.low) > _FEW}  # fmt: skip

    def gather(name: str, depth: int) -> Ranges | None:
        found: list[tuple[int, int]] = []
        for node in blocks.get(name, ()):
            if node.low[0] == "description":
                continue
            inner = _inner(node)
            words = [one for one in node.low if one != "service"]
            words = words[1:] if words and words[0].isdecimal() else words
            if inner:
                spans = gather(inner, depth + 1) if depth < _DEEPEST else None
            else:
                spans = _service(
                    "service", words if words[:1] == ["protocol"] else ["protocol", *words]
                )
            if spans is None:
                return None
            if not spans:
                return ()
            found.extend(spans)
        return tuple(found) or None

    spans = {name: gather(name, 0) for name in blocks}
    return {name: services(one) for name, one in spans.items() if one is not None}


def _member(words: list[str], *, mask: bool) -> Ranges | None:
    if words[:1] == ["range"] and len(words) == _FEW + 1:
        return between(words[1], words[2])
    if len(words) == 1:
        return addresses(words[0], "0")
    return addresses(words[0], words[1], mask=mask) if len(words) == _FEW else None
