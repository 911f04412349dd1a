"""Results of other scanners as evidence of the host that they name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.scan.lynis import is_lynis, read_lynis
from detections.compliance.assets.scan.results import MOST_BYTES, Scan, meanings_of
from detections.compliance.assets.scan.wazuh import is_wazuh, read_wazuh
from detections.compliance.assets.scan.xccdf import is_xccdf, read_xccdf
from fengsui.errors import InputError


def is_scan(head: bytes) -> bool:
    """Whether a file begins as a scanner's result does."""
    return is_xccdf(head) or is_lynis(head) or is_wazuh(head)


def read_scan(path: Path) -> AssetEvidence:
    """A scanner's result as evidence.

    Raises:
        InputError: too large, broken, hostile, or without results.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError("The result is too large", where=str(path), code="too_large")
    data = path.read_bytes()
    scan = _scan(data, str(path))
    unknown = sum(not meanings_of(scan.tool, each.rule) for each in scan.results)
    told = [f"{unknown} of {len(scan.results)} rules speak for no unit"] if unknown else []
    return AssetEvidence(
        name=scan.host or path.name,
        kind="scan",
        source=path.name,
        digest=hashlib.sha256(data).hexdigest(),
        collected=scan.collected,
        level="E1",
        facts=scan,
        problems=(*scan.problems, *told),
    )


def _scan(data: bytes, where: str) -> Scan:
    if is_xccdf(data[:4096]):
        return read_xccdf(data, where)
    return read_lynis(data) if is_lynis(data[:4096]) else read_wazuh(data, where)
