"""Whose configuration a text is, told by its words. A tie or a foreign system is no answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.device.facts import Vendor

_FOREIGN: Final = re.compile(
    r"^\s*(?:ASA Version|:\s*Saved|!! IOS XR|! device:.*EOS|feature \S|nameif \S|ip vrouter|"
    r"zone \"|topsec|system-config|!<\S+>|set system |config system )",
    re.IGNORECASE | re.MULTILINE,
)
_MARKS: Final[Mapping[Vendor, re.Pattern[str]]] = {
    "huawei": re.compile(
        r"^!Software Version V|^\s*interface (?:Vlanif|MEth)|^user-interface |^aaa\s*$|local-aaa-user|"
        r"irreversible-cipher|^firewall zone |^security-policy\s*$|http secure-server|"
        r"^ authentication-scheme|"
        r"^stelnet server|^\s*local-user \S+ (?:password|service-type|privilege)",
        re.IGNORECASE | re.MULTILINE,
    ),
    "h3c": re.compile(
        r"^\s?version [57]\.\d|^\s*line (?:vty|class|con|aux)|user-role|^\s*local-user \S+ class|^ ?irf |"
        r"^\s?password-control|^\s?ip https? enable|interface Vlan-interface|^\s*domain default enable|"
        r"^security-policy ip|^acl (?:basic|advanced)|^\s*authentication-mode scheme|^\s*security-zone ",
        re.IGNORECASE | re.MULTILINE,
    ),
    "ruijie": re.compile(
        r"^version \S*RGOS|^hostname \S*ruijie|^(?:no )?enable service |^\s*line console \d|"
        r"^interface (?:AggregatePort|(?:Ten)?GigabitEthernet \d)|^\s*web-server|^install \d|^sysmac ",
        re.IGNORECASE | re.MULTILINE,
    ),
    "cisco": re.compile(
        r"^version 1[0-9]\.\d|^(?:no )?service timestamps|^boot-(?:start|end)-marker|^ip forward-protocol|"
        r"^\s*line con 0|^(?:no )?ip http |^license udi|^(?:no )?ip cef|"
        r"^username \S+ (?:privilege|secret|password)|"
        r"^interface (?:Ten)?GigabitEthernet\d|^interface FastEthernet\d|^no ip domain.lookup",
        re.IGNORECASE | re.MULTILINE,
    ),
}
# Dialects told by their own words; two kinds of them must be there.
_OWN: Final[Mapping[Vendor, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "hillstone": (
        re.compile(
            r'^(admin user ")|^\s+(src-zone ")|^\s+(dst-addr ")|^(ip vrouter ")|^\s+(manage \w+)|'
            r'^(zone ")|^(policy-global)\s*$|^(rule id \d)',
            re.MULTILINE,
        ),
        re.compile(r'^hostname "?([^"\s]+)', re.MULTILINE),
    ),
    "topsec": (
        re.compile(
            r"^(?:ID \d+ )?(?:(firewall policy add)|(pf service add)|(define area add)|(define host add)|"
            r"(define subnet add)|(system telnetd)|(network interface \S+ ip add)|(log log set))\b",
            re.MULTILINE | re.IGNORECASE,
        ),
        re.compile(r"^system (?:devname|devicename) set (?:name )?(\S+)", re.MULTILINE),
    ),
}
_NAME: Final = re.compile(r"^\s?(sysname|hostname)\s+(\S+)", re.MULTILINE | re.IGNORECASE)
_PAIRS: Final[Mapping[str, tuple[Vendor, Vendor]]] = {
    "sysname": ("huawei", "h3c"),
    "hostname": ("ruijie", "cisco"),
}
_ENOUGH: Final = 2


def vendor_of(text: str, *, enough: int = _ENOUGH) -> tuple[Vendor, str] | None:
    """Vendor and the device's own name; None when the text does not tell.

    `enough`: marks that must be found besides the name.
    """
    for vendor, (marks, title) in _OWN.items():
        kinds = {index for found in marks.finditer(text) for index in range(1, 9) if found[index]}
        if len(kinds) > _ENOUGH:
            named = title.search(text)
            return vendor, named.group(1) if named else vendor
    named = _NAME.search(text)
    if named is None or _FOREIGN.search(text):
        return None
    one, other = _PAIRS[named.group(1).lower()]
    counts: dict[Vendor, int] = {
        vendor: len(set(_MARKS[vendor].findall(text))) for vendor in (one, other)
    }
    best: Vendor = one if counts[one] >= counts[other] else other
    if counts[best] < enough or counts[one] == counts[other]:
        return None
    return best, str(named.group(2)).strip('"')
