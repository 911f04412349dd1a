"""Default accounts and their passwords (L3-CES1-06): a default community decides; the rest needs a test."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-06", "default_accounts")
_WORDS: Final = frozenset(
    {"rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6", "com2sec", "com2sec6"}
)


def judge(asset: AssetEvidence) -> list[Step]:
    """Communities of a running SNMP agent; root and the rest are open."""
    host = host_of(asset)
    found = _communities(host)
    first = [step("communities", False, "snmpd", found)] if found else []
    return [*first, step("default_passwords", None)]


def _communities(host: HostFacts) -> list[AssetFact]:
    file = host.tree.file("/etc/snmp/snmpd.conf")
    if file is None or not host.services.on("snmp"):
        return []
    found: list[AssetFact] = []
    for number, raw in enumerate(file.lines, start=1):
        words = raw.split("#")[0].split()
        if (
            not words
            or words[0].lower() not in _WORDS
            or not {"public", "private"} & set(words[1:])
        ):
            continue
        sources = {"localhost", "127.0.0.1", "::1", "127.0.0.0/8"}
        if not sources & set(words[1:]):
            found.append(file.fact("community", "default", number))
    return found
