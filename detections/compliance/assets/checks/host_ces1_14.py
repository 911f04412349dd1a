"""Audit records are protected and backed up (L3-CES1-14).

Wide modes, or losing records when the disk fills, fail protection. Logs that stay here only and are
thrown away early fail the backup; that they really arrive elsewhere is not shown by a host.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.checks.host_ces1_10 import modes_kept
from detections.compliance.assets.host.auditing import audit_conf
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.logs import (
    SYSTEM_LOGS,
    emptied_logs,
    forwards,
    kept,
    short_journal,
    volatile_journal,
    wide_logs,
)
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import against, host_check, host_of, limit, step

CHECK: Final = host_check("L3-CES1-14", "audit_kept")
_PEOPLE: Final = 1000  # first UID of a person (login.defs UID_MIN)
_LOGS: Final = ("/var/log/audit/audit.log", "/var/log/wtmp", "/var/log/btmp", *SYSTEM_LOGS)


def judge(asset: AssetEvidence) -> list[Step]:
    """Protection and backup."""
    host = host_of(asset)
    return [_protected(host), _backed_up(host)]


def _protected(host: HostFacts) -> Step:
    bad: list[AssetFact] = []
    for path in _LOGS:
        row = host.tree.mode(path)
        if row is None or row.mode is None:
            continue
        wide = row.mode & 0o002
        if row.uid is not None and row.uid >= _PEOPLE:
            bad.append(AssetFact("owner", row.uid, path))
        if path.endswith("audit.log") and modes_kept(host):
            wide |= row.mode & ~limit("audit_mode") & 0o077
        if wide:
            bad.append(against(AssetFact("mode", f"{row.mode:o}", path), "audit_mode"))
    conf = audit_conf(host.tree) or {}
    if host.services.on("audit") is not False:
        names = (
            "space_left_action",
            "admin_space_left_action",
            "disk_full_action",
            "disk_error_action",
        )
        set_here = (conf[name] for name in names if name in conf)
        bad += [fact for fact in set_here if str(fact.value).lower() == "ignore"]
        full = conf.get("max_log_file_action")
        if full is not None and str(full.value).lower() in {"ignore", "suspend"}:
            bad.append(full)
    bad += [*wide_logs(host.tree), *emptied_logs(host.tree), *_small(host, conf)]
    if bad:
        detail = ", ".join(f"{fact.source} {fact.value}" for fact in bad)
        return step("logs_protected", False, detail, bad)
    return step("logs_protected", None, "", list(conf.values()))


def _small(host: HostFacts, conf: dict[str, AssetFact]) -> list[AssetFact]:
    """Room for auditd's records that a busy hour fills: then the old are overwritten."""
    full = str(conf["max_log_file_action"].value).lower() if "max_log_file_action" in conf else ""
    sizes = [conf[name] for name in ("max_log_file", "num_logs") if name in conf]
    values = [int(str(one.value)) for one in sizes if str(one.value).isdigit()]
    if full != "rotate" or len(values) != 2 or not host.services.on("audit"):
        return []
    space = values[0] * values[1]
    sent = any(one.name == "audisp_remote" for one in forwards(host.tree, host.services)[0])
    fact = against(replace(sizes[0], name="audit_space", value=space), "audit_space")
    return [fact] if space < limit("audit_space") and not sent else []


def _backed_up(host: HostFacts) -> Step:
    volatile = volatile_journal(host.tree) if host.services.on("rsyslog") is False else None
    if volatile is not None and not host.services.facts("log_agent"):
        return step("logs_backed_up", False, str(volatile.value), [volatile])
    short = short_journal(host.tree) if host.services.on("rsyslog") is False else None
    if short is not None and short[1] < limit("kept_days") and not host.services.facts("log_agent"):
        fact = against(replace(short[0], name="kept_days", value=short[1]), "kept_days")
        return step("logs_backed_up", False, f"{short[0].name} {short[0].value}", [fact])
    sent, unread = forwards(host.tree, host.services)
    agents = host.services.facts("log_agent")
    found, missing = kept(host.tree)
    facts = [*sent, *agents, *(against(one.fact, "kept_days") for one in found)]
    if unread or missing:
        return step("logs_backed_up", None, unread or missing, facts)
    brief = [one for one in found if one.days < limit("kept_days")]
    if brief and not sent and not agents and host.services.known:
        detail = ", ".join(f"{one.log} {one.days} d" for one in brief)
        return step("logs_backed_up", False, detail, facts)
    return step("logs_backed_up", None, "", facts)
