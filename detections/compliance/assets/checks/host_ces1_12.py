"""Audit is on and covers every user and important act (L3-CES1-12).

auditd must start, its rules must not begin with one that switches syscall audit off, and identity
must be watched. That a triggered act is found in the event store is not shown by a host.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.auditing import IDENTITY, audit_conf
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.logs import forwards
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-12", "audit")
_OWN: Final = frozenset({"kylin", "uos", "deepin"})  # audit centres of their own [CHECK]


def judge(asset: AssetEvidence) -> list[Step]:
    """On; covers users; records important acts; and what is seen of it elsewhere."""
    host = host_of(asset)
    return [_on(host), _users(host), _acts(host), *_logins(host), step("audit_seen", None)]


def _on(host: HostFacts) -> Step:
    starts = host.services.on("audit")
    facts = list(host.services.facts("audit"))
    stopped = [fact for fact in (_kernel(host), host.audit.off, _written(host)) if fact]
    if stopped:
        return step("audit_on", False, ", ".join(str(f.value) for f in stopped), stopped)
    if starts is False:
        state = None if host.system[0] in _OWN or host.system[0] == "" else False
        return step("audit_on", state, "auditd", facts)
    running = True if starts and host.audit.running else None
    return step("audit_on", running, "auditd", facts)


def _kernel(host: HostFacts) -> AssetFact | None:
    live = host.tree.output("cat /proc/cmdline")
    if live is not None:
        return live.fact("cmdline", "audit=0") if "audit=0" in live.text.split() else None
    entries = host.tree.folder("/boot/loader/entries", ".conf")
    grub = ("/etc/default/grub", *host.tree.folder("/etc/default/grub.d", ".cfg"))
    for path in (*grub, "/etc/kernel/cmdline", "/boot/grub2/grubenv", *entries):
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            words = line.replace("=", " ", 1).replace('"', " ").replace("'", " ").split()
            first = line.startswith(("GRUB_CMDLINE_LINUX", "kernelopts", "options"))
            if file and "audit=0" in words and (first or path == "/etc/kernel/cmdline"):
                return file.fact("cmdline", "audit=0", number)
    return None


def _written(host: HostFacts) -> AssetFact | None:
    """What auditd is told not to take or not to write, with no other to send it to."""
    conf = audit_conf(host.tree) or {}
    events = conf.get("local_events")
    if events is not None and str(events.value).lower() == "no":
        return events
    sent = any(fact.name == "audisp_remote" for fact in forwards(host.tree)[0])
    logs, form = conf.get("write_logs"), conf.get("log_format")
    if sent:
        return None
    if logs is not None and str(logs.value).lower() == "no":
        return logs
    return form if form is not None and str(form.value).lower() == "nolog" else None


def _logins(host: HostFacts) -> list[Step]:
    """Sshd that is told to say nothing of logins (INFO is its default)."""
    found = [fact for value, fact in host.sshd.values("loglevel") or ()
             if value in {"quiet", "fatal", "error"}]  # fmt: skip
    return [step("logins_logged", False, str(found[0].value), found)] if found else []


def _users(host: HostFacts) -> Step:
    rules = host.audit
    if rules.left_out is not None:
        return step("audit_users", False, str(rules.left_out.value), [rules.left_out])
    if rules.never is not None:
        return step("audit_users", False, str(rules.never.value), [rules.never])
    return step("audit_users", None, rules.open, rules.facts)


def _acts(host: HostFacts) -> Step:
    rules = host.audit
    if rules.open or host.services.on("audit") is None or host.system[0] in _OWN:
        return step("audit_acts", None, rules.open, rules.facts)
    if not rules.count:
        return step("audit_acts", False, "0", rules.facts)
    if not rules.identity:
        return step("audit_acts", None if rules.execve else False, ", ".join(IDENTITY), rules.facts)
    return step("audit_acts", True if rules.running else None, "", rules.facts)
