"""Failed logins lock, idle sessions end (L3-CES1-02).

PAM is run: a wrong password must be counted, a locked account must be denied, in every login
service, with the arguments of the module over faillock.conf. TMOUT counts where it is readonly and
nothing resets it; ClientAlive finds dead clients and not idle people. Graphical locks are not read.
"""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.greeter import unlocked_screens
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.login import Lock, lock_of
from detections.compliance.assets.host.pam import Entry
from detections.compliance.assets.host.sshd import only
from detections.compliance.assets.judging import AssetFact, State, Step
from detections.compliance.assets.steps import (
    against,
    host_check,
    host_of,
    limit,
    step,
    word,
    worst,
)

CHECK: Final = host_check("L3-CES1-02", "lockout")
_CONF: Final = "/etc/security/faillock.conf"
_DEFAULTS: Final = {
    "pam_faillock.so": ("3", "600"),
    "pam_tally2.so": ("", "0"),
    "pam_tally.so": ("", "0"),
}


def judge(asset: AssetEvidence) -> list[Step]:
    """Handled, locked within limits, idle ended; and what is not read."""
    host = host_of(asset)
    return [_handled(host), _limits(host), _idle(host), _screens(host)]


def _screens(host: HostFacts) -> Step:
    """Where a desktop starts, a screen that never locks decides; the rest of its sessions is open."""
    found = unlocked_screens(host.tree) if host.services.on("desktop") else ()
    detail = ", ".join(f"{fact.name}={fact.value}" for fact in found)
    return step("other_sessions", False if found else None, detail, found)


def _handled(host: HostFacts) -> Step:
    if host.keys_only:
        return step("lock_there", None, word("no_password_login"))
    past = _past_pam(host)
    if past is not None:
        return past
    locks = host.locks
    state = worst(lock.works for lock in locks)
    detail = ", ".join(
        f"{lock.service}: {word(lock.why)}" for lock in locks if lock.works is state and lock.why
    )
    facts = [
        entry.file.fact("lock", f"{entry.module} {' '.join(entry.words)}".strip(), entry.line)
        for lock in locks
        for entry in lock.entries
    ]
    return step("lock_there", state, detail, dict.fromkeys(facts))


def _past_pam(host: HostFacts) -> Step | None:
    """What takes passwords past every lock of PAM.

    Dropbear, which knows none, and `UsePAM no` (the default of sshd_config(5)).
    """
    other = host.services.facts("dropbear")
    conf = host.tree.file("/etc/default/dropbear") or host.tree.file("/etc/sysconfig/dropbear")
    told = " ".join([*(line for line in (conf.lines if conf else ()) if line[:1] != "#"),
                     *(str(fact.value) for fact in other)])  # fmt: skip
    if other and not re.search(r"(?:^|[\s\"'])-[sg]\b", told):
        return step("lock_there", False, "dropbear", other)
    found = host.sshd.values("usepam")
    words = host.sshd.every("passwordauthentication")
    if not host.sshd.there or found is None or only(words, "no"):
        return None
    refused = [fact for value, fact in found if value == "no"]
    if not refused:
        return None
    sure = len(found) == 1 and ":" in refused[0].source
    return step("lock_there", False if sure else None, "UsePAM no", refused)


def _limits(host: HostFacts) -> Step:
    if host.keys_only:
        return step("lock_limits", None, word("no_password_login"))
    conf, readable = _conf(host)
    facts: list[AssetFact] = []
    states: list[State] = []
    why: list[str] = []
    for lock in host.locks:
        if not lock.works:
            states.append(lock.works)
            why.append(f"{lock.service}: {word(lock.why)}")
            continue
        state, said = _within(host, lock, conf, readable, facts)
        states.append(state)
        why += [f"{lock.service}: {said}"] if said else []
    return step("lock_limits", worst(states), "; ".join(dict.fromkeys(why)), dict.fromkeys(facts))


def _conf(host: HostFacts, path: str = _CONF) -> tuple[dict[str, AssetFact], bool]:
    file = host.tree.file(path)
    found: dict[str, AssetFact] = {}
    for number, raw in enumerate(file.lines if file else (), start=1):
        name, _, value = raw.split("#")[0].partition("=")
        if file and name.strip():
            found[name.strip()] = file.fact(name.strip(), value.strip() or "on", number)
    return found, file is not None or host.tree.presence(path) == "absent"


def _within(
    host: HostFacts, lock: Lock, conf: dict[str, AssetFact], readable: bool, facts: list[AssetFact]
) -> tuple[State, str]:
    said: list[str] = []
    for entry in lock.entries:
        options = entry.options
        faillock = entry.module == "pam_faillock.so"
        if faillock and "conf" in options:
            conf, readable = _conf(host, options["conf"])
        if faillock and not readable and not {"deny", "unlock_time"} <= options.keys():
            return None, options.get("conf", _CONF)
        deny, seconds = (
            _value(
                entry.file.fact(name, options.get(name, ""), entry.line),
                conf if faillock else {},
                default,
            )
            for name, default in zip(("deny", "unlock_time"), _DEFAULTS[entry.module], strict=True)
        )
        facts += [against(deny, "lock_tries"), against(seconds, "lock_seconds")]
        said += _bad(str(deny.value), str(seconds.value))
        if faillock:
            said += _short(entry, conf, facts)
        root = "even_deny_root" in options or (faillock and "even_deny_root" in conf)
        root = root or "root_unlock_time" in options or (faillock and "root_unlock_time" in conf)
        account = host.accounts.one("root")
        if not root and (account is None or account.by_password):
            said.append("even_deny_root")
    if not said and _root_lock(host, lock) is not True:
        return None, "root"
    return (False, ", ".join(dict.fromkeys(said))) if said else (True, "")


def _short(entry: Entry, conf: dict[str, AssetFact], facts: list[AssetFact]) -> list[str]:
    """Failures that are forgotten too soon to add up, and root's own time where it has one."""
    said: list[str] = []
    for name, row in (
        ("fail_interval", "lock_interval_seconds"),
        ("root_unlock_time", "lock_seconds"),
    ):
        text = entry.options.get(name, "")
        fact = entry.file.fact(name, text, entry.line) if text else conf.get(name)
        if fact is None:
            continue
        facts.append(against(fact, row))
        value = str(fact.value)
        free = ("0", "never") if name == "root_unlock_time" else ()
        if value not in free and (not value.isdigit() or int(value) < limit(row)):
            said.append(f"{name}={value}")
    return said


def _root_lock(host: HostFacts, lock: Lock) -> bool | None:
    """The same for root, whom another path through the stack may lead past the lock."""
    account = host.accounts.one("root")
    if account is not None and not account.by_password:
        return True
    stacks = (host.stack(lock.service, kind) for kind in ("auth", "account"))
    return lock_of(host.tree, *stacks, root=True).works


def _value(fact: AssetFact, conf: dict[str, AssetFact], default: str) -> AssetFact:
    if fact.value:
        return fact
    if fact.name in conf:
        return conf[fact.name]
    return AssetFact(fact.name, default or "none", f"{fact.source} (default)", fact.digest)


def _bad(deny: str, seconds: str) -> list[str]:
    found: list[str] = []
    if not deny.isdigit() or not 0 < int(deny) <= limit("lock_tries"):
        found.append(f"deny={deny}")
    if seconds != "never" and (not seconds.isdigit() or 0 < int(seconds) < limit("lock_seconds")):
        found.append(f"unlock_time={seconds}")
    return found


def _idle(host: HostFacts) -> Step:
    idle = host.idle
    facts = [against(fact, "idle_seconds") for fact in idle.facts]
    others = [
        fact
        for name in ("channeltimeout", "unusedconnectiontimeout")
        for fact in host.sshd.facts(name)
        if fact.value != "none"
    ]
    if idle.open:
        return step("idle", None, idle.open, facts)
    if idle.seconds is None or idle.seconds == 0 or idle.seconds > limit("idle_seconds"):
        if others or _logind(host):
            return step("idle", None, "ChannelTimeout, StopIdleSessionSec", [*facts, *others])
        return step(
            "idle",
            False,
            f"TMOUT={idle.seconds or 'none'}",
            [*facts, *host.sshd.facts("clientaliveinterval")],
        )
    if not idle.fixed:
        return step("idle", False, f"TMOUT={idle.seconds}, not readonly", facts)
    shells = {one.shell.rsplit("/", 1)[-1] for one in host.accounts.all if one.by_password}
    strange = sorted(shells - {"bash", "sh", "dash", "rbash", "ksh", "ash"})
    endless = [name for name in strange if _never_ends(host, name)]
    if endless:
        return step("idle", False, f"{', '.join(endless)}: TMOUT=none", facts)
    return step(
        "idle", None if strange else True, ", ".join(strange) or f"TMOUT={idle.seconds}", facts
    )


_STARTS: Final = {
    "zsh": ("/etc/zsh/zshenv", "/etc/zsh/zprofile", "/etc/zsh/zshrc", "/etc/zsh/zlogin", "/etc/zshenv",
            "/etc/zprofile", "/etc/zshrc", "/etc/zlogin"),
    "csh": ("/etc/csh.cshrc", "/etc/csh.login"),
    "tcsh": ("/etc/csh.cshrc", "/etc/csh.login"),
}  # fmt: skip


def _never_ends(host: HostFacts, shell: str) -> bool:
    """A shell that reads nothing of what ends bash, and is told nothing of its own."""
    if shell not in _STARTS or any(host.tree.presence(p) == "unknown" for p in _STARTS[shell]):
        return False
    files = [file for path in _STARTS[shell] if (file := host.tree.file(path))]
    lines = [line for file in files for line in file.lines if not line.lstrip().startswith("#")]
    return not any(re.search(r"TMOUT|autologout|/etc/profile\b|profile\.d", line) for line in lines)


def _logind(host: HostFacts) -> bool:
    paths = ["/etc/systemd/logind.conf", *host.tree.folder("/etc/systemd/logind.conf.d", ".conf")]
    files = [file for path in paths if (file := host.tree.file(path))]
    return any(
        line.strip().startswith("StopIdleSessionSec=") for file in files for line in file.lines
    )
