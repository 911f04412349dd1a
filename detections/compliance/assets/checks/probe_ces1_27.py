"""Credentials are not sent in clear (L3-CES1-27): a login that is asked for without TLS decides."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.probe.seen import fact, probe_check, step
from detections.compliance.assets.probe.web import WebSeen

CHECK: Final = probe_check("L3-CES1-27", "clear_login")
_SHOWN: Final = (":status", "location", "server", "set-cookie", "strict-transport-security")
_IN_CLEAR: Final = frozenset({"form", "basic"})


def judge(asset: AssetEvidence) -> list[Step]:
    """A form or a challenge that has a password sent as it is; other pages are open."""
    seen = asset.facts
    if not isinstance(seen, WebSeen):
        return []
    shown = [fact(asset, name, seen.headers[name]) for name in _SHOWN if name in seen.headers]
    if seen.login in _IN_CLEAR:
        bad = fact(asset, "clear_login", seen.login, "https", "OURS: TLS 1.2 or TLCP")
        return [step("clear_login", False, f"{asset.source} {seen.login}", [bad, *shown])]
    moved = seen.headers.get("location", "") if seen.secured else ""
    return [step("clear_login", None, moved, shown)]
