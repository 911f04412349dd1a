"""Audit records are kept (L3-CES1-14): off the host, or long enough on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import limit
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)
from fengsui.clock import DAY, from_iso

_FORWARD: Final = (
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager"
)
_AGENTS: Final = frozenset(
    {
        "winlogbeat", "filebeat", "elastic agent", "nxlog", "splunkforwarder", "wazuhsvc", "ossecsvc",
        "fluent-bit", "fluentdwinsvc", "vector", "rsyslogd", "evtsys", "syslogagent", "healthservice",
    }
)  # fmt: skip

CHECK: Final = windows_check("L3-CES1-14", "audit_kept")


def judge(asset: AssetEvidence) -> list[Step]:
    """An agent or forwarding, or a log that reaches back; that what is sent arrives is the store's."""
    windows = windows_of(asset)
    rows = {row["LogName"]: row for row in windows.bundle.table("logs") or []}
    security = rows.get("Security")
    running = windows.running
    agents = sorted(name for name in running or {} if name in _AGENTS)
    forwarding = bool(windows.values_under(_FORWARD)) and windows.values_under(_FORWARD) != ["0"]
    facts = [windows.fact("agent", name, "services.tsv") for name in agents]
    if security is not None:
        facts.append(windows.fact("Security_oldest", security["OldestRecord"], "logs.tsv"))
        facts.append(windows.fact("Security_bytes", security["MaximumSizeInBytes"], "logs.tsv"))
    if agents or forwarding:
        return [step("log_kept", True, named(agents), facts), elsewhere("audit_seen")]
    if security is None or running is None:
        return [step("log_kept", None, "", facts), elsewhere("audit_seen")]
    # Without an agent that we know the log is the host's own: it must reach back, or never overwrite.
    whole = security["LogMode"] != "Circular" or _age(security, asset.collected) >= limit(
        "kept_days"
    )
    return [
        step("log_kept", None if whole else False, security["OldestRecord"][:10], facts),
        elsewhere("audit_seen"),
    ]


def _age(row: Mapping[str, str], now: int) -> int:
    try:
        return (now - from_iso(row["OldestRecord"])) // DAY
    except ValueError:
        return 0
