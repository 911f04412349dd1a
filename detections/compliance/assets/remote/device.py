"""The configuration of a network or security device over SSH, by netmiko: one command that shows it.

Only the command of the table is sent, and what netmiko needs to page and find its prompt. The host key
is verified; nothing of the session is logged. What comes back is a text as if somebody had carried it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from detections.compliance.assets.device.reader import is_configuration
from detections.compliance.assets.device.text import MOST_BYTES
from detections.compliance.assets.remote.target import Target
from fengsui.errors import InputError, MissingToolError, UsageError

CONNECT_SECONDS: Final = 10
ANSWER_SECONDS: Final = 60
# Vendor → what netmiko calls it, and the command.
VENDORS: Final[Mapping[str, tuple[str, str]]] = {
    "huawei": ("huawei", "display current-configuration"),
    "h3c": ("hp_comware", "display current-configuration"),
    "cisco": ("cisco_ios", "show running-config"),
    "ruijie": ("ruijie_os", "show running-config"),
    "hillstone": ("hillstone_stoneos", "show configuration"),
}


def fetch_configuration(target: Target, vendor: str, known_hosts: Path | None = None) -> bytes:
    """The running configuration of a device.

    Args:
        target: where to log in; its `password` is of the login, or of the key.
        vendor: of `VENDORS`.
        known_hosts: file in the form of OpenSSH; else that of the user.

    Raises:
        UsageError: the vendor is not known.
        InputError: not reachable, another host key, login refused, too slow, or no configuration.
        MissingToolError: the extra is not installed.
    """
    if vendor not in VENDORS:
        raise UsageError(
            f"The vendor {vendor[:20]} is not known", next=f"Known: {', '.join(VENDORS)}"
        )
    kind, command = VENDORS[vendor]
    text = _asked(target, kind, command, known_hosts or Path.home() / ".ssh" / "known_hosts")
    data = text.replace("\r\n", "\n").encode()
    if len(data) > MOST_BYTES:
        raise _failed(target, "The configuration is too large", "too_large")
    if not is_configuration(data[:4096]):
        raise _failed(target, "What the device showed is no configuration", "no_configuration")
    return data


def _asked(target: Target, kind: str, command: str, known_hosts: Path) -> str:
    try:
        from netmiko import ConnectHandler  # noqa: PLC0415 - an extra
        from netmiko.exceptions import (  # noqa: PLC0415
            NetmikoAuthenticationException,
            NetmikoBaseException,
            NetmikoTimeoutException,
            ReadTimeout,
        )
    except ImportError as error:
        raise MissingToolError(
            "The part for devices is not installed",
            next="Install the extra: pip install 'fengsui[devices]'",
        ) from error
    options: dict[str, Any] = {
        "device_type": kind,
        "host": target.host,
        "port": target.port,
        "username": target.user,
        "ssh_strict": True,
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(known_hosts),
        "allow_agent": target.key is None and not target.password,
        "conn_timeout": CONNECT_SECONDS,
        "auth_timeout": CONNECT_SECONDS,
        "banner_timeout": CONNECT_SECONDS,
    }
    if target.key is not None:
        options |= {"use_keys": True, "key_file": str(target.key)}
        options |= {"passphrase": target.password} if target.password else {}
    else:
        options["password"] = target.password
    try:
        device = ConnectHandler(**options)
        try:
            return str(device.send_command(command, read_timeout=ANSWER_SECONDS))
        finally:
            device.paramiko_cleanup()  # the connection ends; a device that hangs is asked no more
    except NetmikoAuthenticationException as error:
        raise _failed(target, "The device refuses the login", "login_refused") from error
    except ReadTimeout as error:
        raise _failed(target, "The device does not answer in time", "timeout") from error
    except (NetmikoTimeoutException, OSError) as error:
        key = "known_hosts" in str(error) or "host key" in str(error).lower()
        what = (
            "The device's key is not the one that is known" if key else "The device is not reached"
        )
        raise _failed(target, what, "host_key" if key else "unreachable") from error
    except (NetmikoBaseException, ValueError) as error:
        raise _failed(
            target, f"The device does not answer as one: {type(error).__name__}", "no_device"
        ) from error


def _failed(target: Target, what: str, code: str) -> InputError:
    return InputError(
        what,
        where=target.name,
        next="Check address, user and known hosts; or bring the configuration as a file",
        code=code,
    )
