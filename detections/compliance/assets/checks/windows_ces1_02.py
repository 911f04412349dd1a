"""Lock after failures, end of idle sessions (L3-CES1-02), on the console and over remote desktop."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import against, limit
from detections.compliance.assets.windows.facts import POLICIES, WindowsFacts
from detections.compliance.assets.windows.steps import elsewhere, step, windows_check, windows_of

_SYSTEM: Final = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_SERVER: Final = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
_TCP: Final = rf"{_SERVER}\WinStations\RDP-Tcp"
_POLICY: Final = rf"{POLICIES}\Windows NT\Terminal Services"

_FORGETS: Final = (
    5  # minutes after which tries are forgotten: a guesser waits so long for the next ones
)
CHECK: Final = windows_check("L3-CES1-02", "lockout")


def judge(asset: AssetEvidence) -> list[Step]:
    """The lock, the built-in administrator under it, and idle time of each way in."""
    windows = windows_of(asset)
    return [
        _lock(windows),
        _administrator(windows),
        _idle_console(windows),
        *_idle_remote(windows),
        step(
            "domain_policy",
            True if windows.in_domain is False else None,
            windows.system.get("Domain", ""),
        ),
        elsewhere("other_sessions"),
    ]


def _lock(windows: WindowsFacts) -> Step:
    tries, length = windows.number("LockoutBadCount"), windows.number("LockoutDuration")
    reset = windows.number("ResetLockoutCount")
    facts = [
        against(windows.setting("LockoutBadCount"), "lock_tries"),
        against(windows.setting("LockoutDuration"), "windows_lock_minutes"),
        windows.setting("ResetLockoutCount"),
    ]
    if tries is None:
        return step("lock_policy", None, "", facts)
    if not 0 < tries <= limit("lock_tries"):
        return step("lock_policy", False, f"LockoutBadCount={tries}", facts)
    if length is None or reset is None:
        return step("lock_policy", None, "", facts)
    # 0 and -1: until an administrator opens it.
    short = length > 0 and length < limit("windows_lock_minutes")
    if not short and 0 < reset < _FORGETS:
        return step("lock_policy", False, f"ResetLockoutCount={reset}", facts)
    return step("lock_policy", not short, f"LockoutDuration={length}", facts)


def _administrator(windows: WindowsFacts) -> Step:
    """Older systems never lock the built-in administrator, and do not have the setting."""
    if windows.users is None or windows.policy is None:
        return step("administrator_locks", None)
    able = any(user["SID"].endswith("-500") for user in windows.enabled)
    setting = windows.number("AllowAdministratorLockout")
    facts = [windows.setting("AllowAdministratorLockout")]
    state = True if not able or setting == 1 else False if setting == 0 else None
    return step("administrator_locks", state, "AllowAdministratorLockout=0", facts)


def _idle_console(windows: WindowsFacts) -> Step:
    """The machine's limit, else a secured screen saver of every loaded user."""
    if not windows.registry_known:
        return step("idle_console", None)
    seconds = windows.registry("InactivityTimeoutSecs", _SYSTEM)
    fact = against(windows.fact("InactivityTimeoutSecs", seconds, "registry.tsv"), "idle_seconds")
    if seconds is not None and 0 < seconds <= limit("idle_seconds"):
        return step("idle_console", True, "", [fact])
    if seconds is not None and seconds > limit("idle_seconds"):
        return step("idle_console", False, f"InactivityTimeoutSecs={seconds}", [fact])
    # A screen saver is each user's own, and not all users are loaded.
    savers = windows.desktop("ScreenSaveTimeOut") + windows.desktop("ScreenSaverIsSecure")
    state = None if savers or windows.in_domain is not False else False
    return step("idle_console", state, "InactivityTimeoutSecs", [fact])


def _idle_remote(windows: WindowsFacts) -> list[Step]:
    denied = windows.registry("fDenyTSConnections", _POLICY, _SERVER)
    if denied == 1:
        return []
    idle = windows.registry("MaxIdleTime", _POLICY, _TCP)
    fact = against(windows.fact("MaxIdleTime_ms", idle, "registry.tsv"), "idle_seconds")
    if denied is None or not windows.registry_known:
        return [step("idle_remote", None, "", [fact])]
    good = idle is not None and 0 < idle <= limit("idle_seconds") * 1000
    return [step("idle_remote", good, f"MaxIdleTime={idle or 0}", [fact])]
