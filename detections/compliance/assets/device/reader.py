"""A file with a device's configuration as evidence: told by content, offline (E0)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import comware, ios, stoneos, tos, vrp
from detections.compliance.assets.device.blocks import Node, tree
from detections.compliance.assets.device.facts import DeviceFacts
from detections.compliance.assets.device.references import references
from detections.compliance.assets.device.text import MOST_BYTES, Lines, decode, lines_of
from detections.compliance.assets.device.vendor import vendor_of
from fengsui.errors import InputError

_READERS: Final = {"huawei": vrp.read, "h3c": comware.read, "cisco": ios.read, "ruijie": ios.read,
            "hillstone": stoneos.read, "topsec": tos.read}  # fmt: skip
_VERSION: Final = re.compile(
    r"^(?:!Software Version\s+(\S+)|\s?version\s+(\S[^\r\n]{0,80})|\[(V\d{3}R\w+)\]\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_ENDS: Final = {
    "huawei": frozenset({"return"}),
    "h3c": frozenset({"return"}),
    "cisco": frozenset({"end"}),
    "ruijie": frozenset({"end"}),
    # No closing word is known of these: what they do not say is open.
    "hillstone": frozenset(),
    "topsec": frozenset(),
}


def is_configuration(head: bytes) -> bool:
    """Whether the first bytes are of a configuration that is read here."""
    text = decode(head) or decode(head[:-1]) or decode(head[:-2]) or decode(head[:-3])
    if text is None:
        return False
    text = lines_of(text).text()
    if len(head) < 4096:
        return vendor_of(text) is not None
    return vendor_of(text, enough=1) is not None


def read_configuration(path: Path) -> AssetEvidence:
    """One device.

    Raises:
        InputError: it is not readable, or its vendor is not told.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    return evidence_of(data, path.name)


def evidence_of(data: bytes, source: str) -> AssetEvidence:
    """Evidence of the bytes of a configuration.

    Raises:
        InputError: no text, or no vendor that is read here.
    """
    text = decode(data)
    lines = lines_of(text or "", cut=len(data) > MOST_BYTES)
    text = lines.text()
    known = vendor_of(text)
    if known is None:
        raise InputError(
            "This is no configuration of Huawei, H3C, Ruijie, Cisco, Hillstone or Topsec",
            where=source,
            next="Give the whole output of `display current-configuration` or `show running-config`",
            code="unknown_device",
        )
    vendor, name = known
    root = tree(lines)
    names = {node.words[-1] for node in root.children if node.low[0] in {"sysname", "hostname"}}
    if len(names) > 1:
        raise InputError(
            "The text holds the configurations of several devices",
            where=source,
            next="Save each device's configuration in a file of its own",
            code="several_devices",
        )
    version = _VERSION.search(text)
    facts = DeviceFacts(vendor, name)
    facts.version = next(filter(None, version.groups())).strip() if version else ""
    facts.whole = _complete(lines, root, _ENDS[vendor])
    _READERS[vendor](root, facts)
    references(root, facts)
    problems = () if facts.whole else ("the text is not the whole configuration",)
    return AssetEvidence(
        name=name,
        kind="security" if facts.firewall else "network",
        source=source,
        digest=hashlib.sha256(data).hexdigest(),
        collected=0,
        level="E0",
        facts=facts,
        problems=problems,
    )


def _complete(lines: Lines, root: Node, ends: frozenset[str]) -> bool:
    """From the name to the closing word, with ports and login lines, and still indented."""
    said = [node for node in root.children if not node.negated]
    first = {node.low[0] for node in said}
    return (
        lines.whole
        and bool(said)
        and said[-1].low[0] in ends
        and bool(first & {"sysname", "hostname"})
        and "interface" in first
        and bool(first & {"line", "user-interface"})
        and any(node.children for node in said)
    )
