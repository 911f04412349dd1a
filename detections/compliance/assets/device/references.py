"""What a configuration refers to and does not have, has and does not use, or holds beyond its time.

One reader for the block dialects: names after the words that refer are held against the names that
are defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from detections.compliance.assets.device.blocks import Node
from detections.compliance.assets.device.facts import DeviceFacts, Fault
from fengsui.clock import SECOND, WallClock

_LISTS: Final = (("acl",), ("access-list",), ("ip", "access-list"), ("ipv6", "access-list"),
                 ("mac", "access-list"), ("expert", "access-list"))  # fmt: skip
# Kinds of objects: words that define one, and words on other lines that refer to it.
_OBJECTS: Final = {
    "address": ((("ip", "address-set"), ("object-group", "ip", "address"), ("address",)),
                re.compile(r"(?:address-set|(?:src|dst)-addr|(?:source|destination)-ip(?!-))$")),
    "time range": ((("time-range",), ("schedule",)), re.compile(r"(?:time-range|schedule)$")),
}  # fmt: skip
_BUILT_IN: Final = frozenset({"any", "any6", "ipv6-any", "private_network", "all", "any-ipv6"})
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
# 08:00 to 18:00 working-day; period-range …; periodic weekdays …
_WEEKLY: Final = re.compile(r"period|\bweek|daily|\bto \d\d?:\d\d(?::\d\d)? \w", re.I)
_DATES: Final = (
    re.compile(r"(?P<y>20\d\d)[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>20\d\d)"),
    re.compile(r"(?P<d>\d{1,2})\s+(?P<n>[a-z]{3})[a-z]*\s+(?P<y>20\d\d)", re.I),
    re.compile(r"(?P<n>[a-z]{3})[a-z]*\s+(?P<d>\d{1,2})\s+(?P<y>20\d\d)", re.I),
)
# Ports of management and of stores that no passage from outside should lead to.
_PUBLISHED: Final = frozenset(
    ["22", "23", "3389", "5900", "445", "139", "3306", "1433", "1521", "5432", "6379", "27017", "ssh",
     "telnet", "www-telnet", "9200", "161"]
)  # fmt: skip


def references(root: Node, facts: DeviceFacts) -> None:
    """Fill in what is missing, unused, expired and published."""
    if facts.whole:
        _missing_lists(root, facts)
    _objects(root, facts)
    _expired(root, facts)
    _published(root, facts)
    _six(root, facts)


def _defined_lists(root: Node) -> dict[str, bool]:
    """Names and numbers of all address lists, with whether any rule is in one."""
    found: dict[str, bool] = {}
    for node in root.children:
        if node.negated or not any(node.starts(*form) for form in _LISTS):
            continue
        rules = [
            one for one in node.children if one.low[0] not in {"description", "step", "remark"}
        ]
        filled = any(not one.negated for one in rules) or node.low[0] == "access-list"
        for word in node.low[1:]:
            found[word] = found.get(word, False) or filled
    return found


def _missing_lists(root: Node, facts: DeviceFacts) -> None:
    lists = _defined_lists(root)
    for way in facts.remote_ways():
        if way.sources and not lists.get(way.sources):
            facts.dangling_ways.append(
                Fault("list_missing", {"way": way.name, "list": way.sources}, way.line)
            )
    for block in root.all("interface"):
        for node in block.children:
            name = _bound(node)
            if name and not node.negated and not lists.get(name):
                values: dict[str, str | int] = {"list": name, "port": "".join(block.words[1:])}
                facts.dangling.append(Fault("missing_list", values, node.number))


def _bound(node: Node) -> str:
    """The list that a line of an interface binds to its traffic; "" for none."""
    words = [one for one in node.low if one not in {"name", "ipv6"}]
    if node.starts("traffic-filter") and "acl" in words[:-1]:
        return words[words.index("acl") + 1]
    if node.starts("packet-filter") and len(words) > 1:
        return next((one for one in words[1:] if one not in {"inbound", "outbound", "filter"}), "")
    if "access-group" in words[:2] and words[0] in {"ip", "access-group"}:
        return words[words.index("access-group") + 1] if words[-1] != "access-group" else ""
    return ""


def _objects(root: Node, facts: DeviceFacts) -> None:
    for kind, (forms, refers) in _OBJECTS.items():
        defined: dict[str, int] = {}
        for node in root.children:
            for form in forms:
                if not node.negated and node.starts(*form) and len(node.low) > len(form):
                    defined.setdefault(node.low[len(form)].strip('"'), node.number)
        used = dict(_uses(root, refers))
        for name, line in used.items():
            if defined and name not in defined and name not in _BUILT_IN and _named(name):
                facts.dangling_objects.append(
                    Fault("missing_object", {"kind": kind, "name": name}, line)
                )
        lines = set(defined.values())
        own = {word.strip('"') for node in root.walk() if node.number not in lines
               for word in node.low[1:]} if facts.firewall and defined else set[str]()  # fmt: skip
        for name, line in defined.items():
            if facts.firewall and name not in own and name not in _BUILT_IN:
                facts.dangling_objects.append(
                    Fault("unused_object", {"kind": kind, "name": name}, line)
                )


def _named(name: str) -> bool:
    """A name, and not an address that stands in its place."""
    return not re.match(r"[\d.:/]+$", name)


def _uses(root: Node, refers: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    top = {id(node) for node in root.children}
    for node in root.walk():
        if node.negated:
            continue
        for place, word in enumerate(node.low[:-1]):
            if (place or id(node) not in top) and refers.match(word):
                yield node.low[place + 1].strip('"'), node.number


def _expired(root: Node, facts: DeviceFacts) -> None:
    """Rules whose time is over for good: an absolute range that has ended, and no weekly one."""
    now = WallClock().now()
    ended: set[str] = set()
    for node in root.children:
        if node.low[0] not in {"time-range", "schedule"} or node.negated or len(node.low) < 2:
            continue
        texts = [" ".join(one.words) for one in (node, *node.walk())]
        ends = [_end(text) for text in texts]
        dates = [end for end in ends if end]
        weekly = any(not _end(text) and _WEEKLY.search(text) for text in texts)
        if dates and max(dates) < now and not weekly:
            ended.add(node.low[1].strip('"'))
    top = {id(node) for node in root.children}
    for node in root.walk() if ended else ():
        words = [word.strip('"') for word in node.low]
        for place, word in enumerate(words[:-1]):
            inside = place or id(node) not in top
            if word in {"time-range", "schedule"} and inside and words[place + 1] in ended:
                values: dict[str, str | int] = {"name": words[place + 1]}
                facts.dangling_objects.append(Fault("expired_rule", values, node.number))


def _end(text: str) -> int:
    """The last moment of an absolute range in ns since 1970; 0 where none is named."""
    parts = re.split(r"\b(?:to|end)\b", text, flags=re.I)
    if len(parts) < 2:
        return 0
    for pattern in _DATES:
        seen = pattern.search(parts[-1])
        if seen is None:
            continue
        fields = seen.groupdict()
        month = _month(fields.get("n") or "") or int(fields.get("m") or 0)
        try:
            day = datetime(int(fields["y"]), month, int(fields["d"]), 23, 59, tzinfo=UTC)
        except ValueError:
            continue
        return int(day.timestamp()) * SECOND
    return 0


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1 if name[:3].lower() in _MONTHS else 0


def _published(root: Node, facts: DeviceFacts) -> None:
    """Management of machines inside that address translation leads everybody to."""
    for node in root.walk():
        words = node.low
        if node.negated:
            continue
        inside = ""
        if words[:2] == ("nat", "server") and "inside" in words:
            rest = words[words.index("inside") + 1 :]
            inside = rest[1] if len(rest) > 1 else ""
        elif words[:5] == ("ip", "nat", "inside", "source", "static") and len(words) > 7:
            inside = words[7]
        if inside in _PUBLISHED and not {"acl", "permit-source"} & set(words):
            facts.published.append(Fault("published", {"port": inside}, node.number))


def _six(root: Node, facts: DeviceFacts) -> None:
    """IPv6 that is on where only IPv4 is limited: lines, and ports with a list."""
    ports = [block for block in root.all("interface") if block.all("ipv6", "address")
             and block.state("shutdown") is not True]  # fmt: skip
    if not ports or not facts.whole or facts.firewall:
        return
    lines = [*root.all("line"), *root.all("user-interface")]
    for way in facts.remote_ways():
        block = next((one for one in lines if one.number == way.line), None)
        limited = block is not None and any(
            "ipv6" in node.low and {"acl", "access-class"} & set(node.low)
            for node in block.children
        )
        server = any("ipv6" in node.low and "acl" in node.low for node in root.all("ssh"))
        if way.sources and not limited and not server:
            facts.dangling_ways.append(Fault("no_list_six", {"way": way.name}, way.line))
    for block in ports:
        four = [node for node in block.children if _bound(node) and "ipv6" not in node.low]
        six = any(
            "ipv6" in node.low
            and {"traffic-filter", "packet-filter", "access-group"} & set(node.low)
            for node in block.children
        )
        if four and not six:
            values: dict[str, str | int] = {"port": "".join(block.words[1:])}
            facts.dangling.append(Fault("six_open", values, block.number))
