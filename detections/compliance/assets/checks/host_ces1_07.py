"""No stale or shared accounts (L3-CES1-07): people and their accounts are a register's.

Accounts whose name says that they are nobody's (guest, test, demo) and that log in are superfluous.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import NOBODYS, host_check, host_of, step
from fengsui.clock import DAY

CHECK: Final = host_check("L3-CES1-07", "stale_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Accounts of nobody; all others with a password are listed for whoever knows the people."""
    accounts = host_of(asset).accounts
    shadow, today = accounts.shadow, asset.collected // DAY
    able = [one for one in accounts.all if one.by_password
            and not (one.expires is not None and today and one.expires <= today)]  # fmt: skip
    bad = [shadow.fact("account", one.name) for one in able if shadow and NOBODYS.match(one.name)]
    detail = ", ".join(str(fact.value) for fact in bad)
    first = [step("nobodys_accounts", False, detail, bad)] if bad else []
    shared = _one_key(host_of(asset))
    if shared:
        detail = ", ".join(str(fact.value) for fact in shared)
        first.append(step("shared_key", False, detail, shared))
    names = [shadow.fact("account", one.name) for one in able if shadow]
    return [*first, step("owners", None, "", names)]


def _one_key(host: HostFacts) -> list[AssetFact]:
    """One key that lets in as two people (the script says only with which file a key is one).

    Root's keys are those of his administrators: they are not counted.
    """
    homes = {f"{one.home}/.ssh/authorized_keys": one for one in host.accounts.all
             if one.uid and one.can_login}  # fmt: skip
    found: list[AssetFact] = []
    for path, account in homes.items():
        file = host.tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            other = homes.get(line.partition(" same=")[2])
            if file and other is not None and other is not account:
                found.append(file.fact("shared_key", f"{other.name}={account.name}", number))
    return found
