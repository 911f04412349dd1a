"""Capabilities: what capturing needs, and giving all of it up before the first packet is decoded.

Only opening a packet socket needs CAP_NET_RAW. The process that decodes gets the open socket and
keeps nothing: no capability, no way to gain one, and another user where one is named.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import encodings
import os
import pkgutil
import pwd
import signal
import sys
from pathlib import Path
from typing import Final

from fengsui.errors import ForbiddenError, SettingsError

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_CAPABILITY_VERSION_3: Final = 0x20080522  # linux/capability.h
_SETS: Final = ("CapInh", "CapPrm", "CapEff", "CapAmb")


def setcap_line() -> str:
    """The command that lets this very Python capture without being root."""
    return f"setcap cap_net_raw,cap_net_admin=eip {Path(sys.executable).resolve()}"


def not_permitted(interface: str) -> ForbiddenError:
    """The error of a packet socket that was refused."""
    return ForbiddenError(
        f"This process may not capture on {interface}",
        where=f"sensor.interfaces: {interface} (no CAP_NET_RAW)",
        next=f"Run as root: {setcap_line()}",
        code="not_permitted",
    )


def held() -> dict[str, int]:
    """Capability sets of this process as bit masks, by the kernel's names; those of any of its threads."""
    masks: dict[str, int] = dict.fromkeys(_SETS, 0)
    for status in Path("/proc/self/task").glob("*/status"):
        for line in status.read_text().splitlines():
            name, _, value = line.partition(":")
            if name in masks:
                masks[name] |= int(value, 16)
    return masks


def without_threads() -> dict[str, str]:
    """Environment of a process that is to drop its privileges: numpy would start threads beforehand."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # noqa: TID251 - handed on, not read


def load_codecs() -> None:
    """Load every character encoding: Python does so at their first use, from where it may not read then."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError, ImportError):
            codecs.lookup(module.name)


def check_user(user: str) -> None:
    """Refuse a user that is not there, or whom this process cannot become.

    Raises:
        SettingsError: `sensor.user` names nobody, or this process is not root.
    """
    if not user:
        return
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise SettingsError(
            f"There is no user {user}",
            where="sensor.user",
            next=f"Run: adduser --system --group {user}, or leave sensor.user empty",
            code="no_such_user",
        ) from None
    if os.geteuid() not in (0, entry.pw_uid):
        raise SettingsError(
            f"Only root can run the capture as {user}",
            where="sensor.user",
            next=f"Start as root, or as {user} with: {setcap_line()}",
            code="not_root",
        )


def die_with_parent() -> None:
    """Get SIGTERM when the parent is gone, however it went."""
    _call(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0))


def drop(user: str) -> None:
    """Become `user` (where named and root), clear every capability, forbid gaining any.

    To be called before a thread is started: each has capabilities of its own.

    Raises:
        OSError: the kernel refused; the process must not go on.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _call(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    if user and os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _call(libc.capset(header, (ctypes.c_uint32 * 6)()))
    _call(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    die_with_parent()  # the change of user has cleared it
    if any(held().values()):
        raise PermissionError("capabilities are left after they were dropped")


def _call(status: int) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
