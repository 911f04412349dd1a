"""Remote management is not in the clear (L3-CES1-03): services, listeners, security of remote desktop."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.windows.facts import POLICIES, WindowsFacts
from detections.compliance.assets.windows.steps import (
    elsewhere,
    named,
    step,
    windows_check,
    windows_of,
)

_CLEAR: Final = {"tlntsvr": "Telnet", "ftpsvc": "FTP", "msftpsvc": "FTP"}
_PORTS: Final = {21: "FTP", 23: "Telnet", 512: "rexec", 513: "rlogin", 514: "rsh", 5900: "VNC"}
_SERVER: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
_TCP: Final = rf"{_SERVER}\WinStations\RDP-Tcp"
_POLICY: Final = rf"{POLICIES}\Windows NT\Terminal Services"
_WINRM: Final = rf"{POLICIES}\Windows\WinRM\Service"
_WSMAN: Final = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service"

_SCHANNEL: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols"
_LSA: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
_TLS: Final = 2
_NTLM2: Final = (
    3  # below it, answers of LM or NTLM 1 go out, which give the password away (MS-NLMP)
)

CHECK: Final = windows_check("L3-CES1-03", "clear_text", single=True)


def judge(asset: AssetEvidence) -> list[Step]:
    """A clear-text way that is on decides; none decides nothing without a probe."""
    windows = windows_of(asset)
    running = windows.running or {}
    bad = [f"{name} ({what})" for name, what in _CLEAR.items() if name in running]
    ports = {one.port for one in windows.listeners or [] if one.protocol == "TCP"}
    bad += [f"{port}/tcp ({what})" for port, what in _PORTS.items() if port in ports]
    bad += _remote_desktop(windows)
    # Switched on by somebody; where it is left alone, the system's age decides.
    bad += [f"SCHANNEL {name}" for name in ("SSL 3.0", "TLS 1.0", "TLS 1.1")
            if windows.registry("Enabled", rf"{_SCHANNEL}\{name}\Server") not in {None, 0}]  # fmt: skip
    level = windows.registry("LmCompatibilityLevel", _LSA)
    if level is not None and level < _NTLM2:
        bad.append(f"LmCompatibilityLevel={level}")
    if windows.registry("AllowUnencryptedTraffic", _WINRM) == 1 or (
        windows.registry("allow_unencrypted", _WSMAN) == 1
    ):
        bad.append("WinRM AllowUnencrypted=1")
    facts = [windows.fact("clear_text", each, "services.tsv") for each in bad]
    if bad:
        return [step("clear_ways", False, named(bad), facts)]
    return [elsewhere("clear_text", facts)]


def _remote_desktop(windows: WindowsFacts) -> list[str]:
    """RDP security (0) encrypts with a key that anybody in between may change; TLS is 2, negotiated 1."""
    if windows.registry("fDenyTSConnections", _POLICY, _SERVER) != 0:
        return []
    layer = windows.registry("SecurityLayer", _POLICY, _TCP)
    first = windows.registry("UserAuthentication", _POLICY, _TCP)
    if layer == 0:
        return ["RDP SecurityLayer=0"]
    return ["RDP UserAuthentication=0"] if first == 0 and layer != _TLS else []
