"""Default accounts (L3-CES1-06): the built-in administrator and guest, renamed or disabled."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_DEFAULTS: Final = {
    "-500": ("administrator", "administrateur", "administrador", "administratör", "rendszergazda",
             "järjestelmänvalvoja", "администратор"),
    "-501": ("guest", "gast", "invité", "invitado", "convidado", "гость", "vendég", "vieras"),
}  # fmt: skip
_COMMUNITIES: Final = r"HKLM\SYSTEM\CurrentControlSet\Services\SNMP\Parameters\ValidCommunities"

CHECK: Final = windows_check("L3-CES1-06", "default_accounts")


def judge(asset: AssetEvidence) -> list[Step]:
    """Either is enough by 28448; an enabled one under its own name needs a test of its password."""
    windows = windows_of(asset)
    if windows.users is None:
        return [elsewhere("default_passwords")]
    bad = [
        user
        for user in windows.enabled
        for rid, names in _DEFAULTS.items()
        if user["SID"].endswith(rid) and user["Name"].strip().lower() in names
    ]
    facts = [windows.fact("default_account", user["Name"], "users.tsv") for user in bad]
    snmp = "snmp" in (windows.running or {})
    usual = [
        value
        for value in windows.values_under(_COMMUNITIES)
        if snmp and value in {"public", "private"}
    ]
    found = [windows.fact("community", value, "registry.tsv") for value in usual]
    first = [step("communities", False, named(usual), found)] if usual else []
    if bad or windows.running is None or (snmp and not windows.registry_known):
        return [*first, elsewhere("default_passwords", facts)]
    return [*first, step("defaults_handled", True, "", facts)]
