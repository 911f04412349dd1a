"""The Windows script over WinRM (MS-WSMV): fed to PowerShell, its bundle read from the output.

HTTPS only, and the certificate is always verified, by the system's authorities or a file of them. A small
piece on the command line reads the script from standard input, so that no file of it is written; the
bundle lies in the temporary folder until it was sent, and is removed. Everything has a limit.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from detections.compliance.assets.remote.target import Target
from detections.compliance.assets.sealed import MOST_PACKED
from detections.compliance.assets.windows.script import windows_script
from fengsui.errors import FengsuiError, InputError, MissingToolError, UsageError

if TYPE_CHECKING:
    from pypsrp.shell import Process

WINRM_PORT: Final = 5986
AUTHS: Final = ("negotiate", "kerberos", "ntlm", "basic")
CONNECT_SECONDS: Final = 10
ANSWER_SECONDS: Final = 30
WHOLE_SECONDS: Final = 300
_UTF8: Final = 65001
_DENIED: Final = 5  # ERROR_ACCESS_DENIED
_BEGIN: Final = "-----BEGIN FENGSUI BUNDLE-----"
_END: Final = "-----END FENGSUI BUNDLE-----"
_BUNDLE: Final = re.compile(rf"{_BEGIN}\s*([A-Za-z0-9+/=\s]*){_END}")
# The script is run in this scope ("."), as its counters are of the script's scope.
BOOTSTRAP: Final = f"""$ProgressPreference='SilentlyContinue'
$FengsuiTo=Join-Path ([IO.Path]::GetTempPath()) ('fengsui-'+[Guid]::NewGuid().ToString('N')+'.zip')
$FengsuiRun=[ScriptBlock]::Create(($input|Out-String))
try{{. $FengsuiRun -Out $FengsuiTo
[Console]::Out.WriteLine('{_BEGIN}')
[Console]::Out.WriteLine([Convert]::ToBase64String([IO.File]::ReadAllBytes($FengsuiTo)))
[Console]::Out.WriteLine('{_END}')}}
finally{{if(Test-Path $FengsuiTo){{Remove-Item -Force $FengsuiTo}}}}"""
ARGUMENTS: Final = (
    "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-EncodedCommand",
    base64.b64encode(BOOTSTRAP.encode("utf-16-le")).decode(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Windows:
    """How the host is known and asked: a file of authorities (None: the system's), and a way to log in."""

    authorities: Path | None = None
    auth: str = "negotiate"


def fetch_windows(target: Target, windows: Windows) -> bytes:
    """Run the collector on a Windows host and give its bundle.

    Raises:
        UsageError: the way to log in is not known, or a file of authorities is not there.
        InputError: not reachable, another certificate, login refused, too slow, too large, or no bundle.
        MissingToolError: the extra is not installed.
    """
    if windows.auth not in AUTHS:
        raise UsageError(
            f"{windows.auth[:20]} is no way to log in", next=f"Choose {', '.join(AUTHS)}"
        )
    if windows.authorities is not None and not windows.authorities.is_file():
        raise UsageError("The file of authorities is not there", where=str(windows.authorities))
    done: list[bytes | Exception] = []

    def work() -> None:
        try:
            done.append(_fetch(target, windows))
        except Exception as error:  # noqa: BLE001 - told below, in the caller's thread
            done.append(error)

    # A server that sends a byte now and then holds no caller: the thread is left behind.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(WHOLE_SECONDS + CONNECT_SECONDS)
    outcome = done[0] if done else TimeoutError()
    if isinstance(outcome, bytes):
        return outcome
    if isinstance(outcome, FengsuiError):
        raise outcome
    raise _told(target, outcome) from outcome


def _fetch(target: Target, windows: Windows) -> bytes:
    try:
        from pypsrp.shell import Process, SignalCode, WinRS  # noqa: PLC0415 - an extra
        from pypsrp.wsman import WSMan  # noqa: PLC0415
    except ImportError as error:
        raise MissingToolError(
            "The part for WinRM is not installed",
            next="Install the extra: pip install 'fengsui[windows]'",
        ) from error
    authorities = windows.authorities
    connection = WSMan(
        target.host,
        port=target.port,
        username=target.user,
        password=target.password,
        ssl=True,
        auth=windows.auth,
        # A path is taken as requests takes it; the library's hint names the bool only.
        cert_validation=str(authorities) if authorities else True,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        connection_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        no_proxy=True,
    )
    with connection, WinRS(connection, codepage=_UTF8) as shell:
        process = Process(shell, "powershell.exe", list(ARGUMENTS))
        process.begin_invoke()
        try:
            process.send(windows_script().encode())
            _wait(process, target)
        finally:
            process.signal(SignalCode.TERMINATE)
    return _bundle(target, process.stdout, process.stderr)


def _wait(process: Process, target: Target) -> None:
    from pypsrp.shell import CommandState  # noqa: PLC0415 - an extra

    end = time.monotonic() + WHOLE_SECONDS
    while process.state != CommandState.DONE:
        process.poll_invoke()
        if len(process.stdout) > MOST_PACKED * 3 // 2:
            raise _failed(target, f"The bundle is over {MOST_PACKED >> 20} MiB", "too_large")
        if time.monotonic() > end:
            raise TimeoutError


def _bundle(target: Target, out: bytes, told: bytes) -> bytes:
    found = _BUNDLE.search(out.decode("ascii", "replace"))
    try:
        data = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        data = b""
    if len(data) > MOST_PACKED:
        raise _failed(target, f"The bundle is over {MOST_PACKED >> 20} MiB", "too_large")
    if not data:
        said = re.sub(r"<[^>]{0,200}>|#< CLIXML|_x000[AD]_|[\x00-\x1f]", " ", _text(told or out))
        said = " ".join(said.split())
        raise _failed(target, f"No bundle came back: {said[:200] or 'nothing'}", "no_bundle")
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _told(target: Target, error: Exception) -> InputError:
    """What went wrong; never more of it than its kind, as a refusal may quote what it was given."""
    if isinstance(error, TimeoutError):
        return _failed(target, f"The host did not end within {WHOLE_SECONDS} s", "timeout")
    import requests  # noqa: PLC0415 - comes with the extra
    from pypsrp.exceptions import (  # noqa: PLC0415
        AuthenticationError,
        WinRMTransportError,
        WSManFaultError,
    )

    if isinstance(error, AuthenticationError):
        return _failed(target, "The host refuses the login", "login_refused")
    if isinstance(error, requests.exceptions.SSLError):
        return _failed(
            target,
            "The host's certificate is not verified",
            "certificate",
            "Name the authority's file (--ca), and the host by the name in its certificate",
        )
    if isinstance(error, requests.exceptions.ReadTimeout):
        return _failed(target, "The host does not answer in time", "timeout")
    if isinstance(error, requests.exceptions.RequestException):
        return _failed(target, "The host cannot be reached", "unreachable")
    if isinstance(error, WSManFaultError):
        if error.code == _DENIED:
            return _failed(target, "The account may not use WinRM on the host", "denied")
        return _failed(target, f"WinRM gives the fault {str(error.code)[:60]}", "fault")
    if isinstance(error, WinRMTransportError):
        return _failed(target, f"The host answers HTTP {error.code}, not WinRM", "no_winrm")
    return _failed(target, f"The connection broke: {type(error).__name__}", "broken")


def _failed(target: Target, what: str, code: str, next_: str = "") -> InputError:
    return InputError(
        what,
        where=target.name,
        next=next_
        or "Check the HTTPS listener, user and rights; or run the script there and carry the bundle back",
        code=code,
    )
