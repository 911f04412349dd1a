"""Defender: rows of Microsoft Defender's advanced hunting tables (Device…Events) under Sigma's names.

learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sensors.foreign.record import Origin

_BY: Final = {  # the process that did it
    "InitiatingProcessFolderPath": "Image",
    "InitiatingProcessCommandLine": "CommandLine",
    "InitiatingProcessAccountName": "User",
    "InitiatingProcessId": "ProcessId",
}
_FILE: Final = {"FolderPath": "TargetFilename", **_BY}
_REGISTRY: Final = {"RegistryValueData": "Details", **_BY}
_KINDS: Final[dict[str, tuple[str, dict[str, str]]]] = {  # ActionType → category, names
    "ProcessCreated": (
        "process_creation",
        {
            "FolderPath": "Image",
            "ProcessCommandLine": "CommandLine",
            "AccountName": "User",
            "ProcessId": "ProcessId",
            "ProcessIntegrityLevel": "IntegrityLevel",
            "ProcessVersionInfoOriginalFileName": "OriginalFileName",
            "ProcessVersionInfoFileDescription": "Description",
            "ProcessVersionInfoCompanyName": "Company",
            "ProcessVersionInfoProductName": "Product",
            "InitiatingProcessFolderPath": "ParentImage",
            "InitiatingProcessCommandLine": "ParentCommandLine",
            "InitiatingProcessId": "ParentProcessId",
        },
    ),
    "ConnectionSuccess": (
        "network_connection",
        {
            "RemoteIP": "DestinationIp",
            "RemotePort": "DestinationPort",
            "RemoteUrl": "DestinationHostname",
            "LocalIP": "SourceIp",
            "LocalPort": "SourcePort",
            "Protocol": "Protocol",
            **_BY,
        },
    ),
    "FileCreated": ("file_event", _FILE),
    "FileDeleted": ("file_delete", _FILE),
    "RegistryValueSet": ("registry_set", _REGISTRY),
    "RegistryKeyCreated": ("registry_add", _REGISTRY),
    "RegistryValueDeleted": ("registry_delete", _REGISTRY),
    "ImageLoaded": ("image_load", {"FolderPath": "ImageLoaded", **_BY}),
}


def of_defender(fields: Mapping[str, Any]) -> tuple[Origin, dict[str, Any]] | None:
    """Log source and fields of a row; None for anything else."""
    kind = _KINDS.get(str(fields.get("ActionType")))
    if kind is None or ("DeviceName" not in fields and "DeviceId" not in fields):
        return None
    category, names = kind
    found = dict(fields)
    for name, known in names.items():
        if fields.get(name) not in (None, ""):
            found[known] = fields[name]
    if category == "network_connection":
        found["Initiated"] = "true"
    key = fields.get("RegistryKey")
    if isinstance(key, str):
        value = fields.get("RegistryValueName")
        found["TargetObject"] = f"{key}\\{value}" if value else key
    hashes = [f"{name}={fields[name]}" for name in ("MD5", "SHA1", "SHA256") if fields.get(name)]
    if hashes:
        found["Hashes"] = ",".join(hashes)
    return ("windows", category, ""), found
