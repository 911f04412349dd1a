"""Every login is authenticated, identities are unique, passwords are strong and change (L3-CES1-01).

The effective stack, not a line: PAM is run with a wrong password, quality modules must be able to
refuse, ages are those of each account and not login.defs. Boot loader, application users and weak
passwords are not read here: that part stays open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.accounts import NEVER, Account
from detections.compliance.assets.host.database_files import weak_words
from detections.compliance.assets.host.greeter import automatic_logins
from detections.compliance.assets.host.history import history_of
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.login import lets_in, lets_somebody
from detections.compliance.assets.host.password_rules import Rules
from detections.compliance.assets.host.ports import free_stores
from detections.compliance.assets.host.shares import open_docker
from detections.compliance.assets.host.trust import free_shells, trust_files, trusted_hosts
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
from fengsui.clock import DAY

CHECK: Final = host_check("L3-CES1-01", "identity")
# Doors inside of a host, and at its screen, that ask who it is.
_OTHERS: Final = ("su", "su-l", "sudo", "gdm-password", "lightdm", "cockpit", "remote", "vsftpd")


def judge(asset: AssetEvidence) -> list[Step]:
    """Seven steps, the last of which is open here."""
    host = host_of(asset)
    return [
        _authenticated(host),
        _unique(host),
        _no_empty(host),
        _complexity(host),
        *_of_databases(host),
        _rotation(host, asset.collected // DAY),
        _history(host),
        step("other_logins", None, "remote" if host.accounts.remote else ""),
    ]


def _authenticated(host: HostFacts) -> Step:
    automatic = automatic_logins(host.tree)
    tree, services = host.tree, host.services
    trusted = trusted_hosts(tree, host.accounts, services, host.sshd)
    stacks = [host.stack(name, "auth") for name in host.logins()]
    others = [host.stack(name, "auth") for name in _OTHERS
              if host.tree.presence(f"/etc/pam.d/{name}") == "present"]  # fmt: skip
    open_doors = [
        stack
        for stack in (*stacks, *others)
        if not stack.open
        and any(
            lets_in(host.tree, stack, "wrong", root=root) is True
            for root in (False, True)
            if not (root and stack.service in _OTHERS)
        )
    ]
    doors = [stack.entries[0].file.fact("auth_stack", stack.service) for stack in open_doors]
    trusts = bool(trust_files(tree, host.accounts))
    doors += [
        door.file.fact("auth_stack", f"{stack.service}: {door.module}", door.line)
        for stack in (*stacks, *others)
        if not stack.open
        and stack not in open_doors
        and (door := lets_somebody(tree, stack, trusts=trusts))
    ]
    doors += [*free_shells(tree, services), *free_stores(tree, services)]
    doors += [fact for one in host.sshds for value, fact in one.values("authenticationmethods") or ()
              if value == "none"]  # fmt: skip
    facts = (*automatic, *trusted, *doors, *open_docker(tree, services))
    if facts:
        return step("authenticated", False, ", ".join(fact.source for fact in facts), facts)
    sure = bool(stacks) and all(
        not s.open and lets_in(host.tree, s, "wrong", root=False) is False for s in stacks
    )
    return step("authenticated", True if sure else None)


def _unique(host: HostFacts) -> Step:
    passwd = host.accounts.passwd
    if passwd is None:
        return step("unique", None, "/etc/passwd")
    names: dict[str, Account] = {}
    uids: dict[int, Account] = {}
    facts: list[AssetFact] = []
    for account in host.accounts.all:
        twin = names.setdefault(account.name, account)
        same = uids.setdefault(account.uid, account)
        if twin is not account or same is not account:
            facts.append(
                passwd.fact("same_identity", f"{account.name}={account.uid}", account.line)
            )
    facts += _copied(host)
    if facts:
        return step("unique", False, ", ".join(str(fact.value) for fact in facts[:5]), facts)
    return step("unique", None if host.accounts.broken else True)


def _copied(host: HostFacts) -> list[AssetFact]:
    """Two people with one password: the very hash of another account (the script says only which).

    Where all hashes are one, nobody set them: a template, of which nothing is said.
    """
    shadow = host.accounts.shadow
    able = {account.name for account in host.accounts.all if account.by_password}
    found: list[AssetFact] = []
    for number, line in enumerate(shadow.lines if shadow else (), start=1):
        fields = line.split(":")
        same = fields[-1].removeprefix("same=") if fields[-1].startswith("same=") else ""
        if shadow and fields[0] in able and same in able:
            found.append(shadow.fact("same_password", f"{fields[0]}={same}", number))
    shared = {name for fact in found for name in str(fact.value).split("=")}
    return found if able - shared else []


def _no_empty(host: HostFacts) -> Step:
    accounts = host.accounts
    shadow = accounts.shadow or accounts.passwd
    empty = [account.name for account in accounts.all if account.password in {"empty"}]
    facts = [shadow.fact("empty_password", name) for name in empty if shadow]
    users = ("root", *(one.name for one in accounts.all if one.can_login))
    values = [pair for user in dict.fromkeys(users) for sshd in host.sshds
              for pair in sshd.values("permitemptypasswords", user) or ()]  # fmt: skip
    allowed = list(dict.fromkeys(fact for value, fact in values if value == "yes"))
    if facts or allowed:
        detail = ", ".join(empty[:5]) or "PermitEmptyPasswords yes"
        return step("no_empty", False, detail, [*facts, *allowed])
    return step("no_empty", True if accounts.known else None, "/etc/shadow")


def _complexity(host: HostFacts) -> Step:
    if host.keys_only:
        return step("complexity", None, word("no_password_login"))
    rules = host.password_rules
    states = [_rule_state(host, one) for one in rules]
    state = worst(state for state, _ in states)
    detail = "; ".join(dict.fromkeys(why for one, why in states if one is state and why))
    facts = [against(fact, "password_length") if fact.name == "minlen" else fact
             for one in rules for fact in one.facts]  # fmt: skip
    for one in rules:
        if one.state == "in_force" and one.facts:
            source = one.facts[0]
            effective = AssetFact("shortest_password", one.length, source.source, source.digest)
            kinds = AssetFact("least_classes", one.classes, source.source, source.digest)
            facts += [against(effective, "password_length"), against(kinds, "password_classes")]
    return step("complexity", state, detail, dict.fromkeys(facts))


def _of_databases(host: HostFacts) -> list[Step]:
    """Password rules of a database here that its own files switch down."""
    weak = weak_words(host.tree, host.services)
    detail = ", ".join(f"{one.source} {one.name} {one.value}" for one in weak)
    return [step("complexity", False, detail, weak)] if weak else []


def _rule_state(host: HostFacts, rules: Rules) -> tuple[State, str]:
    if rules.state == "unknown":
        return None, f"{rules.service}: {rules.why}"
    if rules.state != "in_force":
        return False, f"{rules.service}: {rules.why or word(rules.state)}"
    if rules.length < limit("password_length"):
        return False, f"{rules.service}: {rules.length} < {limit('password_length')}"
    if rules.classes < limit("password_classes"):
        return False, f"{rules.service}: {rules.classes} < {limit('password_classes')}"
    root = host.accounts.one("root")
    if not rules.root and root is not None and root.by_password:
        return False, f"{rules.service}: enforce_for_root"
    return (True if rules.root or host.accounts.known else None), ""


def _rotation(host: HostFacts, today: int) -> Step:
    accounts, shadow = host.accounts, host.accounts.shadow
    if shadow is None or not accounts.known:
        return step("rotation", None, "/etc/shadow")
    users = [one for one in accounts.all if one.can_login and one.password in {"usable"}]
    if not users:
        return step("rotation", None, word("no_password_account"))
    most = limit("password_age_days")
    facts = [
        against(shadow.fact(f"max_days:{one.name}", _shown(one)), "password_age_days")
        for one in users
    ]
    loose = [
        one.name
        for one in users
        if one.most_age is None or one.most_age > most or one.changed is None
    ]
    old = [
        one.name for one in users
        if one.name not in loose and one.changed and today
        # A day in the future switches ageing off until then (shadow(5), pam_unix).
        and (today - one.changed > most or one.changed > today + 1)
    ]  # fmt: skip
    if loose or old:
        return step("rotation", False, ", ".join((loose + old)[:5]), facts)
    new = _default_age(host)
    return step("rotation", True if new is not None and new <= most else None, "login.defs", facts)


def _history(host: HostFacts) -> Step:
    """Old passwords are refused wherever one may be set."""
    if host.keys_only:
        return step("history", None, word("no_password_login"))
    found = [history_of(host.tree, stack) for stack in host.password_stacks]
    facts = [against(fact, "password_history") for one in found for fact in one.facts]
    short = [one for one in found if one.kept is not None and one.kept < limit("password_history")]
    if short:
        detail = ", ".join(f"{one.service}: {one.kept}" for one in short)
        return step("history", False, detail, dict.fromkeys(facts))
    open_ = not found or any(one.kept is None for one in found)
    return step("history", None if open_ else True, "", dict.fromkeys(facts))


def _shown(account: Account) -> str | int:
    if account.most_age is None or account.changed is None:
        return "never"
    return "never" if account.most_age >= NEVER else account.most_age


def _default_age(host: HostFacts) -> int | None:
    """PASS_MAX_DAYS: what new accounts get; it says nothing of those that are there."""
    file = host.tree.file("/etc/login.defs")
    found: int | None = None
    for line in file.lines if file else ():
        words = line.split("#")[0].split()
        if len(words) == 2 and words[0] == "PASS_MAX_DAYS" and words[1].isdigit():
            found = int(words[1])
    return found
