"""What a login does, by running its PAM stack: wrong password, right password, locked account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from detections.compliance.assets.host.pam import Entry, Stack, run_stack
from detections.compliance.assets.host.tree import Tree

Scene = Literal["wrong", "right", "locked"]
_REMOTE: Final = frozenset(
    f"pam_{name}.so"
    for name in (
        "sss",
        "ldap",
        "krb5",
        "winbind",
        "fprintd",
        "systemd_home",
        "gnome_keyring",
        "smbpass",
    )
)
_PASS: Final = frozenset(
    f"pam_{name}.so"
    for name in [
        "env",
        "faildelay",
        "nologin",
        "loginuid",
        "limits",
        "permit",
        "access",
        "securetty",
        "selinux",
        "keyinit",
        "group",
        "umask",
        "motd",
        "mail",
        "lastlog",
        "systemd",
        "issue",
        "warn",
        "time",
        "localuser",
        "pwquality",
        "cracklib",
        "pwhistory",
        "passwdqc",
        "mkhomedir",
        "namespace",
        "tty_audit",
        "shells",
    ]
)
_QUIET: Final = frozenset({"pam_cap.so", "pam_ecryptfs.so", "pam_selinux_permit.so"})
# Modules that look at who somebody is, and ask for no secret.
_LOOKS: Final = frozenset(
    f"pam_{name}.so"
    for name in ["succeed_if", "listfile", "wheel", "rhosts", "exec", "group", "script"]
)
# Doors that ask as the user himself; what else asks for a login does it as root.
_OF_USERS: Final = frozenset({"su", "su-l", "sudo", "sudo-i", "runuser", "chsh", "chfn", "passwd"})
LOCKS: Final = ("pam_faillock.so", "pam_tally2.so", "pam_tally.so")


@dataclass(frozen=True, slots=True)
class Lock:
    """How a service's stack locks after failures.

    `works`: failures are counted and a locked account is denied; None where a module is unknown.
    """

    service: str
    works: bool | None
    entries: tuple[Entry, ...]
    why: str


def module_there(tree: Tree, module: str) -> bool | None:
    """Whether a module's file is in a folder of modules; None where none was listed."""
    folders = [names for path, names in tree.names.items() if path.endswith("/security")]
    return any(module in names for names in folders) if folders else None


def lets_in(tree: Tree, stack: Stack, scene: Scene, *, root: bool) -> bool | None:
    """Whether a stack lets somebody in; None where it turns on a module that we do not know."""
    results = {
        run_stack(stack.entries, _answers(tree, scene, root=root, guess=guess))[0]
        for guess in ("success", "auth_err")
    }
    return results.pop() if len(results) == 1 else None


def lets_somebody(tree: Tree, stack: Stack, *, trusts: bool) -> Entry | None:
    """The line that lets some people in with a wrong password, for who or where they are.

    `trusts`: there are files of trusted hosts, which pam_rhosts believes. None: there is no such line.
    """

    def answer(entry: Entry) -> str:
        if module_there(tree, entry.module) is False:
            return "skip" if entry.optional_file else "module_unknown"
        if entry.module in _LOOKS:
            return _looked(entry, trusts)
        if entry.module == "pam_rootok.so":
            return "auth_err" if stack.service in _OF_USERS else "success"
        return _answer(entry, "wrong", False, "auth_err")

    passed, asked = run_stack(stack.entries, answer)
    if not passed:
        return None
    doors = [one for one in stack.flat() if id(one) in asked
             and (one.module in _LOOKS or one.module == "pam_rootok.so")]  # fmt: skip
    return doors[-1] if doors else None


def _looked(entry: Entry, trusts: bool) -> str:
    if entry.module == "pam_wheel.so":
        return "success" if "trust" in entry.words and "deny" not in entry.words else "ignore"
    if entry.module == "pam_rhosts.so":
        return "success" if trusts else "auth_err"
    if entry.module == "pam_succeed_if.so":
        return _succeeds(entry, False, "success")
    if entry.module == "pam_exec.so":  # its program's end is its answer
        return "success" if any(word.endswith("bin/true") for word in entry.words) else "auth_err"
    return "success" if entry.module in {"pam_listfile.so"} else "auth_err"


def asked_when(tree: Tree, stack: Stack, scene: Scene, entry: Entry, *, root: bool) -> bool | None:
    """Whether a line is reached in a scene."""
    results = {
        id(entry) in run_stack(stack.entries, _answers(tree, scene, root=root, guess=guess))[1]
        for guess in ("success", "auth_err")
    }
    return results.pop() if len(results) == 1 else None


def _answers(tree: Tree, scene: Scene, *, root: bool, guess: str) -> Callable[[Entry], str]:
    def answer(entry: Entry) -> str:
        if module_there(tree, entry.module) is False:
            return "skip" if entry.optional_file else "module_unknown"
        return _answer(entry, scene, root, guess)

    return answer


def _answer(entry: Entry, scene: Scene, root: bool, guess: str) -> str:
    module = entry.module
    if module == "pam_unix.so":
        return "auth_err" if scene == "wrong" else "success"
    if module == "pam_deny.so":
        return "auth_err"
    if module in LOCKS:
        return _lock_answer(entry, scene)
    if module in _REMOTE:
        return "user_unknown"
    if module in _PASS:
        return "success"
    if module in _QUIET:
        return "ignore"
    if module == "pam_rootok.so":
        return "auth_err"
    if module == "pam_usertype.so":
        regular = "isregular" in entry.words
        return "success" if regular is not root else "auth_err"
    if module == "pam_succeed_if.so":
        return _succeeds(entry, root, guess)
    return guess


def _lock_answer(entry: Entry, scene: Scene) -> str:
    if entry.module != "pam_faillock.so":
        return "auth_err" if scene == "locked" else "success"
    if "authfail" in entry.words:
        return "auth_err"
    if scene == "locked":
        return "auth_err"
    return "success" if "authsucc" in entry.words else "ignore"


def _succeeds(entry: Entry, root: bool, guess: str) -> str:
    words = [
        word
        for word in entry.words
        if word not in {"quiet", "quiet_success", "quiet_fail", "use_uid", "debug"}
    ]
    uid = 0 if root else 1000
    if len(words) == 3 and words[0] == "uid" and words[2].isdigit():
        tests: Mapping[str, bool] = {
            ">=": uid >= int(words[2]), "<": uid < int(words[2]), ">": uid > int(words[2]),
            "<=": uid <= int(words[2]), "eq": uid == int(words[2]), "=": uid == int(words[2]),
            "ne": uid != int(words[2]), "!=": uid != int(words[2]),
        }  # fmt: skip
        if words[1] in tests:
            return "success" if tests[words[1]] else "auth_err"
    return guess


def lock_of(tree: Tree, auth: Stack, account: Stack, *, root: bool = False) -> Lock:
    """How failures lock in a service (pam_faillock(8), pam_tally2(8))."""
    entries = auth.of(*LOCKS)
    there = tuple(e for e in entries if module_there(tree, e.module) is not False)
    if auth.open:
        return Lock(auth.service, None, there, "unresolved")
    if not there:
        return Lock(auth.service, False, (), "module_missing" if entries else "no_module")
    counters = [e for e in there if e.module != "pam_faillock.so" or "authfail" in e.words]
    counted = [asked_when(tree, auth, "wrong", entry, root=root) for entry in counters]
    denied = lets_in(tree, auth, "locked", root=root)
    if True not in counted:
        return Lock(auth.service, None if None in counted else False, there, "not_counted")
    if denied is not False:
        return Lock(auth.service, None if denied is None else False, there, "not_denied")
    if there[0].module == "pam_faillock.so" and not any("authsucc" in e.words for e in there):
        if account.open:
            return Lock(auth.service, None, there, "unresolved")
        if not account.of("pam_faillock.so"):
            return Lock(auth.service, False, there, "no_account_line")
    return Lock(auth.service, True, there, "")
