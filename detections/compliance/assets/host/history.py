"""Old passwords that are not taken again: pam_pwhistory, or pam_unix with `remember`, as PAM reaches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.login import module_there
from detections.compliance.assets.host.pam import Entry, Stack
from detections.compliance.assets.host.password_rules import refuses
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_CONF: Final = "/etc/security/pwhistory.conf"
_DEFAULT: Final = 10  # pam_pwhistory(8)
# Modules of vendors that may keep a history of their own are not among these.
_PLAIN: Final = frozenset(
    f"pam_{name}.so"
    for name in ["unix", "deny", "permit", "pwquality", "cracklib", "passwdqc", "pwhistory", "sss", "ldap",
                 "krb5", "winbind", "gnome_keyring", "ecryptfs", "systemd_home", "selinux", "localuser",
                 "usertype", "succeed_if", "env", "mount", "smbpass", "faillock"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """How many old passwords a service refuses; None where that is not known."""

    service: str
    kept: int | None
    facts: tuple[AssetFact, ...]


def history_of(tree: Tree, stack: Stack) -> History:
    """The most that one of its modules remembers, where its refusal counts."""
    strange = [entry for entry in stack.flat() if entry.module not in _PLAIN]
    if stack.open:
        return History(stack.service, None, ())
    found = [_conf(tree, entry) for entry in stack.of("pam_pwhistory.so")
             if module_there(tree, entry.module) is not False and refuses(tree, stack, entry)]  # fmt: skip
    found += [entry.file.fact("remember", entry.options["remember"], entry.line)
              for entry in stack.of("pam_unix.so") if "remember" in entry.options]  # fmt: skip
    counts = [int(str(fact.value)) for fact in found if str(fact.value).isdigit()]
    if not counts and strange:
        return History(stack.service, None, ())
    return History(stack.service, max(counts, default=0), tuple(found))


def _conf(tree: Tree, entry: Entry) -> AssetFact:
    """The argument over the file over the default."""
    if "remember" in entry.options:
        return entry.file.fact("remember", entry.options["remember"], entry.line)
    file = tree.file(_CONF)
    found: AssetFact | None = None
    for number, raw in enumerate(file.lines if file else (), start=1):
        name, _, value = raw.split("#")[0].partition("=")
        if file and name.strip() == "remember":
            found = file.fact("remember", value.strip(), number)
    return found or AssetFact("remember", _DEFAULT, f"{entry.file.path}:{entry.line} (default)")
