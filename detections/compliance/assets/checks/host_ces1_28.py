"""What a host stores is kept secret by cryptography (L3-CES1-28): the form of its passwords.

MD5 and DES of crypt(5) are guessed in bulk. Data of applications are not read here: open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.database_files import old_forms
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.upkeep import told_in_clear
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-28", "stored_secrets")
_WEAK: Final = frozenset({"hash/1", "hash/des", "hash/bsdi"})
_WEAK_WORDS: Final = frozenset({"md5", "bigcrypt"})


def judge(asset: AssetEvidence) -> list[Step]:
    """Passwords that are there, and what new ones become; the rest is open."""
    host = host_of(asset)
    bad = [*_kept(host), *_made(host), *old_forms(host.tree, host.services)]
    detail = ", ".join(f"{fact.name} {fact.value}" for fact in bad[:5])
    clear = told_in_clear(host.tree)
    where = ", ".join(one.source for one in clear)
    first = [step("told_in_clear", False, where, clear)] if clear else []
    form = step("password_form", False if bad else None, detail, bad)
    return [*first, form, step("stored", None)]


def _kept(host: HostFacts) -> list[AssetFact]:
    shadow = host.accounts.shadow
    able = {account.name for account in host.accounts.all if account.by_password}
    found: list[AssetFact] = []
    for number, line in enumerate(shadow.lines if shadow else (), start=1):
        name, _, rest = line.partition(":")
        kind = rest.partition(":")[0]
        if shadow and name in able and kind in _WEAK:
            found.append(shadow.fact(name, kind, number))
    passwd = host.accounts.passwd
    for number, line in enumerate(passwd.lines if passwd else (), start=1):
        fields = line.split(":")
        if passwd and len(fields) > 1 and fields[1].startswith("hash/"):
            # Whatever its form: everybody may read it here, and guess at it.
            found.append(passwd.fact(fields[0], fields[1], number))
    return found


def _made(host: HostFacts) -> list[AssetFact]:
    """pam_unix with a weak word, in the stack that sets passwords."""
    stacks = [host.stack(name, "password") for name in ("passwd", "common-password", "system-auth")
              if host.tree.presence(f"/etc/pam.d/{name}") == "present"]  # fmt: skip
    return list(
        dict.fromkeys(
            entry.file.fact("pam_unix", " ".join(entry.words), entry.line)
            for stack in stacks
            for entry in stack.of("pam_unix.so")
            if _WEAK_WORDS & set(entry.words)
        )
    )
