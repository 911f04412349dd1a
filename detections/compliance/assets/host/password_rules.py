"""Password quality in force: pam_pwquality, pam_cracklib and pam_passwdqc as PAM reaches them.

pwquality.conf(5): drop-ins are read first, the main file last, arguments of the module win.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.login import module_there
from detections.compliance.assets.host.pam import Entry, Stack, run_stack
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

CHECKERS: Final = ("pam_pwquality.so", "pam_cracklib.so", "pam_passwdqc.so")
# What else may stand in a password stack; a module that is not here may be a checker of its vendor.
_KNOWN: Final = frozenset(
    f"pam_{name}.so"
    for name in [
        "unix",
        "deny",
        "permit",
        "sss",
        "ldap",
        "krb5",
        "winbind",
        "pwhistory",
        "gnome_keyring",
        "ecryptfs",
        "systemd_home",
        "selinux",
        "faillock",
        "succeed_if",
        "localuser",
        "usertype",
        "env",
        "smbpass",
        "mount",
    ]
)
_CREDITS: Final = ("dcredit", "ucredit", "lcredit", "ocredit")
_FLOOR: Final = 6  # libpwquality takes no smaller minlen
MAIN: Final = "/etc/security/pwquality.conf"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the password stack of a service demands.

    `state`: "in_force", "none" (no checker), "ineffective" (there, but it stops nothing), or
    "unknown". `length` is the shortest password that passes, `classes` the least kinds of characters.
    """

    service: str
    state: str
    length: int = 0
    classes: int = 0
    root: bool = False
    facts: tuple[AssetFact, ...] = ()
    why: str = ""


def rules_of(tree: Tree, stack: Stack, *, old_defaults: bool | None) -> Rules:
    """Rules of one service's password stack.

    `old_defaults`: libpwquality before 1.4, whose credits default to 1; None where not known.
    """
    checkers = [e for e in stack.of(*CHECKERS) if module_there(tree, e.module) is not False]
    strange = [
        e.module for e in stack.flat() if e.module not in _KNOWN and e.module not in CHECKERS
    ]
    if stack.open:
        return Rules(stack.service, "unknown", why=stack.open)
    if not checkers:
        off = _deepin_off(tree) if "pam_deepin_pw_check.so" in strange else None
        if off is not None:
            return Rules(stack.service, "ineffective", facts=(off,), why=str(off.value))
        if strange:
            return Rules(stack.service, "unknown", why=strange[0])
        facts = _unix_facts(stack)
        return Rules(stack.service, "none", facts=facts)
    entry = checkers[0]
    fact = entry.file.fact("password_checker", entry.module, entry.line)
    if not refuses(tree, stack, entry) or not _handed_on(stack, entry):
        state = "unknown" if strange else "ineffective"
        return Rules(stack.service, state, facts=(fact,), why=" ".join(strange))
    if entry.module == "pam_passwdqc.so":
        return _passwdqc(stack, entry, fact)
    return _pwquality(tree, stack, entry, fact, old_defaults)


def _deepin_off(tree: Tree) -> AssetFact | None:
    """UOS's and deepin's own checker, where its settings switch it off ([Password] STRONG_PASSWORD).

    What it demands where it is on turns on its version: that stays open.
    """
    file = tree.file("/etc/deepin/dde.conf")
    for number, line in enumerate(file.lines if file else (), start=1):
        name, _, value = (part.strip().lower() for part in line.partition("="))
        if file and name == "strong_password" and value == "false":
            return file.fact(name, f"{name} = {value}", number)
    return None


def _unix_facts(stack: Stack) -> tuple[AssetFact, ...]:
    return tuple(
        entry.file.fact("pam_unix", " ".join(entry.words), entry.line)
        for entry in stack.of("pam_unix.so")
    )


_TAKES: Final = frozenset({"use_authtok", "use_first_pass", "try_first_pass"})


def _handed_on(stack: Stack, checker: Entry) -> bool:
    """The module that sets the password takes the one that was checked, and does not ask for another."""
    lines = stack.flat()
    setters = [one for one in lines[lines.index(checker) :] if one.module == "pam_unix.so"]
    return not setters or bool(_TAKES & set(setters[0].words))


def refuses(tree: Tree, stack: Stack, checker: Entry) -> bool:
    """A password that a module refuses is not set: it stands before the setter, and its refusal counts."""
    setters = [i for i, e in enumerate(stack.flat()) if e.module in {"pam_unix.so"}]
    if setters and stack.flat().index(checker) > setters[0]:
        return False

    def answer(entry: Entry) -> str:
        if entry is checker or entry.module == "pam_deny.so":
            return "authtok_err"
        if module_there(tree, entry.module) is False:
            return "skip" if entry.optional_file else "module_unknown"
        return "success"

    return not run_stack(stack.entries, answer)[0]


def _settings(tree: Tree) -> tuple[dict[str, tuple[str, AssetFact]], str]:
    """Pwquality's settings by name with their place; and a path that could not be read."""
    found: dict[str, tuple[str, AssetFact]] = {}
    paths = [*tree.folder("/etc/security/pwquality.conf.d", ".conf"), MAIN]
    for path in paths:
        file = tree.file(path)
        if file is None:
            if tree.presence(path) == "unknown":
                return found, path
            continue
        for number, raw in enumerate(file.lines, start=1):
            name, _, value = raw.split("#", 1)[0].partition("=")
            if name.strip():
                key = name.strip().lower()
                found[key] = (value.strip(), file.fact(key, value.strip() or "on", number))
    return found, ""


def _pwquality(tree: Tree, stack: Stack, entry: Entry, fact: AssetFact, old: bool | None) -> Rules:
    settings: dict[str, tuple[str, AssetFact]] = {}
    if entry.module == "pam_pwquality.so":
        settings, unread = _settings(tree)
        if unread:
            return Rules(stack.service, "unknown", why=unread)
    else:
        old = True  # pam_cracklib has the old defaults and no file
    for name, value in entry.options.items():
        settings[name] = (value, entry.file.fact(name, value or "on", entry.line))
    values = {name: value for name, (value, _) in settings.items()}
    shown = ("minlen", "minclass", *_CREDITS, "enforce_for_root", "enforcing", "local_users_only")
    facts = (fact, *(settings[name][1] for name in shown if name in settings))
    if old is None and not {"minlen", *_CREDITS} <= values.keys() and "minlen" not in values:
        return Rules(stack.service, "unknown", facts=facts, why="default of minlen")
    if values.get("enforcing") == "0":
        return Rules(stack.service, "ineffective", facts=facts, why="enforcing=0")
    credit = {name: _int(values, name, 1 if old else 0) for name in _CREDITS}
    least = _int(values, "minlen", 9 if old else 8)
    positive = sum(max(0, value) for value in credit.values())
    length = max(_FLOOR, least - positive, (least + 1) // 2)
    classes = max(_int(values, "minclass", 0), sum(value < 0 for value in credit.values()), 1)
    return Rules(stack.service, "in_force", length, classes, "enforce_for_root" in values, facts)


def _int(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, "").strip()
    try:
        return int(text) if len(text) < 6 else default
    except ValueError:
        return default


def _passwdqc(stack: Stack, entry: Entry, fact: AssetFact) -> Rules:
    """`min=N0,…,N4`: N0 one kind, N1 two, N3 three, N4 four kinds of characters; N2 a phrase."""
    options = entry.options
    if "config" in options:
        return Rules(stack.service, "unknown", facts=(fact,), why="pam_passwdqc config=")
    lengths = (options.get("min") or "disabled,24,11,8,7").split(",")
    if len(lengths) != 5 or options.get("enforce") == "none":
        state = "ineffective" if options.get("enforce") == "none" else "unknown"
        return Rules(stack.service, state, facts=(fact,), why="enforce=none")
    classes = next((n for n, i in ((1, 0), (2, 1), (3, 3), (4, 4)) if lengths[i] != "disabled"), 4)
    numbers = [int(n) for n in lengths if n.isdigit()]
    shown = entry.file.fact("min", ",".join(lengths), entry.line)
    root = options.get("enforce", "everyone") == "everyone"
    return Rules(stack.service, "in_force", min(numbers, default=0), classes, root, (fact, shown))
