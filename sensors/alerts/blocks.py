"""Blocks: alerts of several lines each, as OSSEC's alerts.log and Snort's full alerts have them.

** Alert 1642204800.123: - syslog,sshd,                  [**] [1:2001:1] Scan of a port [**]
2022 Jan 15 00:00:00 (web01) 10.0.0.5->/var/log/auth.log [Classification: Attempted Recon] [Priority: 2]
Rule: 5712 (level 10) -> 'Brute force.'                  03/04-05:06:07.123456 10.0.0.5:80 -> 1.2.3.4:443
Src IP: 1.2.3.4                                          TCP TTL:64 TOS:0x0 ID:1 IpLen:20 DgmLen:40
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from sensors.alerts.foreign import ForeignAlert, NotAnAlert
from sensors.alerts.lines import of_line
from sensors.alerts.records import of_wazuh

_LINES_KEPT = 32  # of one block; what an alert says stands in its first ones
_BEGINS = ("** Alert ", "[**] [")
_ALERT = re.compile(r"^\*\* Alert (\d+(?:\.\d+)?)")
_PLACE = re.compile(r"^\d{4} \w{3} +\d+ [\d:]+ (?:\((?P<name>[^)]*)\) )?(?P<host>\S*?)->")
_RULE = re.compile(r"^Rule: (\d+) \(level (\d+)\) -> '(.*?)'?$")
_SAID = re.compile(r"^(Src IP|Dst IP|User): (\S+)$")
_NAMES = {"Src IP": "srcip", "Dst IP": "dstip", "User": "dstuser"}
_WHEN = re.compile(r"^(\S+) (\S+) -> (\S+)$")


def begins_block(line: str) -> bool:
    """Whether a line begins an alert of several."""
    return line.startswith(_BEGINS)


def blocks(first: str, lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines of each alert; a line before the first of them is left."""
    block: list[str] = []
    for line in chain([first], lines):
        if begins_block(line):
            if block:
                yield block
            block = [line]
        elif block and len(block) < _LINES_KEPT:
            block.append(line)
    if block:
        yield block


def of_block(block: list[str]) -> ForeignAlert:
    """The alert of a block.

    Raises:
        NotAnAlert: it is cut, or of another form.
    """
    return _of_ossec(block) if block[0].startswith("** Alert ") else _of_snort(block)


def _of_ossec(block: list[str]) -> ForeignAlert:
    began = _ALERT.match(block[0])
    place = next(filter(None, map(_PLACE.match, block)), None)
    rule = next(filter(None, map(_RULE.match, block)), None)
    if began is None or rule is None:
        raise NotAnAlert
    agent: dict[str, str] = {}
    if place is not None:
        named = place["name"] is not None
        agent = {"name": place["name"] if named else place["host"], "ip": place["host"]}
    data = {_NAMES[found[1]]: found[2] for found in map(_SAID.match, block) if found}
    said = {"id": rule[1], "level": rule[2], "description": rule[3]}
    return of_wazuh({"timestamp": float(began[1]), "agent": agent, "data": data}, said)


def _of_snort(block: list[str]) -> ForeignAlert:
    """The same as a line of fast.log: time, title, classification and ends."""
    ends = next(filter(None, map(_WHEN.match, (line.strip() for line in block))), None)
    if ends is None:
        raise NotAnAlert
    kind = next((line.strip() for line in block if line.startswith("[Class")), "")
    kind = kind or next((line.strip() for line in block if line.startswith("[Prio")), "")
    return of_line(f"{ends[1]}  {block[0].strip()} {kind} {{IP}} {ends[2]} -> {ends[3]}")
