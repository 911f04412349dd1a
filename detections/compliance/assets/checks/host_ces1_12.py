"""Audit is on and covers every user and important act (L3-CES1-12).

auditd must start, its rules must not begin with one that switches syscall audit off, and identity
must be watched. That a triggered act is found in the event store is not shown by a host.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.auditing import IDENTITY, audit_conf
from detections.compliance.assets.host.database_files import silent
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.kernel import boot_word
from detections.compliance.assets.host.logs import forwards, unwritten_logins
from detections.compliance.assets.host.selectors import thrown_away
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
    stopped = [
        fact for fact in (boot_word(host.tree, "audit=0"), host.audit.off, _written(host)) if fact
    ]
    if stopped:
        return step("audit_on", False, ", ".join(str(f.value) for f in stopped), stopped)
    if starts is False:
        # Servers of these houses have auditd as openEuler does, and system-auth; their desktops not.
        server = host.tree.presence("/etc/pam.d/system-auth") == "present"
        own = host.system[0] in _OWN and not server
        state = None if own or host.system[0] == "" else False
        return step("audit_on", state, "auditd", facts)
    running = True if starts and host.audit.running else None
    return step("audit_on", running, "auditd", facts)


def _written(host: HostFacts) -> AssetFact | None:
    """What auditd is told not to take or not to write, with no other to send it to."""
    conf = audit_conf(host.tree) or {}
    events = conf.get("local_events")
    if events is not None and str(events.value).lower() == "no":
        return events
    sent = any(fact.name == "audisp_remote" for fact in forwards(host.tree, host.services)[0])
    logs, form, where = (conf.get(name) for name in ("write_logs", "log_format", "log_file"))
    if sent:
        return None
    if where is not None and where.value == "/dev/null":
        return where
    if logs is not None and str(logs.value).lower() == "no":
        return logs
    return form if form is not None and str(form.value).lower() == "nolog" else None


def _logins(host: HostFacts) -> list[Step]:
    """Programs that are told to say nothing of logins, and logs that take none (sshd says them at INFO)."""
    found = [fact for value, fact in host.sshd.values("loglevel") or ()
             if value in {"quiet", "fatal", "error"}]  # fmt: skip
    unwritten = unwritten_logins(host.tree, host.services)
    thrown = thrown_away(host.tree) if host.services.on("rsyslog") else None
    found += [fact for fact in (host.sudoers.silent, unwritten, thrown) if fact is not None]
    steps = [step("logins_logged", False, str(found[0].value), found)] if found else []
    quiet = silent(host.tree, host.services)
    detail = ", ".join(f"{one.source} {one.name}" for one in quiet)
    return [*steps, *([step("database_logged", False, detail, quiet)] if quiet else [])]


def _users(host: HostFacts) -> Step:
    rules = host.audit
    if rules.left_out is not None:
        return step("audit_users", False, str(rules.left_out.value), [rules.left_out])
    if rules.never is not None:
        return step("audit_users", False, str(rules.never.value), [rules.never])
    return step("audit_users", None, rules.open, rules.facts)


def _acts(host: HostFacts) -> Step:
    rules = host.audit
    if (
        rules.open
        or host.services.on("audit") is None
        or (host.system[0] in _OWN and host.tree.presence("/etc/pam.d/system-auth") != "present")
    ):
        return step("audit_acts", None, rules.open, rules.facts)
    if not rules.count:
        return step("audit_acts", False, "0", rules.facts)
    if not rules.identity:
        missing = [path for path in IDENTITY if path not in rules.watched]
        some = None if rules.execve and not rules.watched else False
        return step("audit_acts", some, ", ".join(missing), rules.facts)
    return step("audit_acts", True if rules.running else None, "", rules.facts)
