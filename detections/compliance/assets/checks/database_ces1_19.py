"""Terminals that manage a database are limited by address (L3-CES1-19).

An account that may come from every address, or from a network that is no set of terminals, decides; a
limit before the server counts for an assessor, who then records it. A certificate of one's own is a way of
access that limits too.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.access import reached_rules, users_of_rule
from detections.compliance.assets.database.hba import Reached
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import limit

CHECK: Final = database_check("L3-CES1-19", "terminals", single=True)
_EVERY: Final = 1 << 32


def judge(asset: AssetEvidence) -> list[Step]:
    """One step."""
    base = database_of(asset)
    bad = _accounts(base) if isinstance(base, MySQL) else _rules(base)
    names = ("listen_addresses", "bind_address", "skip_networking")
    return [step("terminals", False if bad else None, listed(bad), bad or base.facts(*names))]


def _rules(base: PostgreSQL) -> list[AssetFact]:
    found: list[AssetFact] = []
    if base.value("listen_addresses") == "":
        return found
    for one in reached_rules(base) or ():
        users = users_of_rule(base, one.rule)
        proved = one.rule.method == "cert" or any(
            "clientcert=verify" in x for x in one.rule.options
        )
        if one.rule.method == "reject" or proved:
            continue
        if users and (one.anywhere or _wide(one)):
            found.append(base.rule_fact("access_rule", one.rule))
    return found


def _accounts(base: MySQL) -> list[AssetFact]:
    if base.value("skip_networking") == "on":
        return []
    return [
        base.account_fact("from_everywhere", one)
        for one in base.active
        if one.remote and not one.certificate and addresses(one.host) >= limit("database_addresses")
    ]


def _wide(one: Reached) -> bool:
    """Some network of a rule is as wide as no set of terminals is (of IPv6, a site's /48)."""
    nets = [end for _, end in one.parts if not isinstance(end, str) and not end.is_loopback]
    most = limit("database_addresses")
    return any(
        net.num_addresses >= most if net.version == 4 else net.prefixlen < 48 for net in nets
    )


def addresses(host: str) -> int:
    """How many addresses a pattern of MySQL takes in: `%` any run, `_` any letter, or a mask."""
    if "/" in host:
        try:
            return ipaddress.IPv4Network(host, strict=False).num_addresses
        except ValueError:
            return 1
    if not {"%", "_"} & set(host):
        return 1
    if ":" in host or re.search(r"[a-z]", host.replace("%", ""), re.IGNORECASE):
        return _EVERY if host.startswith("%") else 1  # a domain: whoever writes its reverse zone
    parts = host.split(".")
    told = [part for part in parts[:4] if "%" not in part and "_" not in part]
    if not told and len(parts) < 4:
        return _EVERY
    return int(256 ** (4 - len(told)) if "%" in host else 10 ** host.count("_"))
