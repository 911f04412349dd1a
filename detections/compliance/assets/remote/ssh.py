"""The host script over SSH: fed to the shell, its bundle read from the output; nothing stays behind.

The host key is verified against a file of known hosts or a fingerprint, always: there is no way to skip
it. The connection forwards nothing, and everything has a limit in time and bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from detections.compliance.assets.host.script import collect_script
from detections.compliance.assets.remote.target import Target
from detections.compliance.assets.sealed import MOST_PACKED
from fengsui.errors import FengsuiError, InputError, MissingToolError

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

CONNECT_SECONDS: Final = 10
WHOLE_SECONDS: Final = 120
_GZIP: Final = b"\x1f\x8b"
# The bundle goes through a pipe: some servers give a socket as output, which cannot be opened again.
_RUN: Final = "sh -s -- -o /dev/stdout | cat"


@dataclass(frozen=True, slots=True)
class Trust:
    """How the host is known: a file in the form of OpenSSH, or the fingerprint of its key (`SHA256:…`)."""

    known_hosts: Path | None = None
    fingerprint: str = ""


def fetch_bundle(target: Target, trust: Trust, *, sudo: bool = False) -> bytes:
    """Run the collector on a host and give its bundle.

    Args:
        target: where to log in.
        trust: how the host is known.
        sudo: run it as root by `sudo -n`, which must ask nothing.

    Raises:
        InputError: not reachable, another host key, login refused, too slow, too large, or no bundle.
        MissingToolError: the extra is not installed.
    """
    return _within(_fetch(target, trust, sudo), target)


async def _fetch(target: Target, trust: Trust, sudo: bool) -> bytes:
    command = f"sudo -n {_RUN}" if sudo else _RUN
    told, data = b"", b""
    async with await _connected(target, trust) as connection:
        process = await connection.create_process(command, encoding=None)
        process.stdin.write(collect_script().encode())
        process.stdin.write_eof()
        told, data = await asyncio.gather(process.stderr.read(4096), _limited(process.stdout))
        if len(data) > MOST_PACKED:
            process.terminate()
    if len(data) > MOST_PACKED:
        raise _failed(target, f"The bundle is over {MOST_PACKED >> 20} MiB", "too_large")
    if not data.startswith(_GZIP):
        said = told.decode("utf-8", "replace").strip().replace("\n", " ")
        raise _failed(target, f"No bundle came back: {said[:200] or 'nothing'}", "no_bundle")
    return data


async def _limited(stream: Any) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MOST_PACKED:
        part: bytes = await stream.read(1 << 16)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


async def _connected(target: Target, trust: Trust) -> SSHClientConnection:
    try:
        import asyncssh  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingToolError(
            "The part for SSH is not installed",
            next="Install the extra: pip install 'fengsui[remote]'",
        ) from error

    class Client(asyncssh.SSHClient):
        """Trusts one key: that of the fingerprint."""

        def validate_host_public_key(
            self, host: str, addr: str, port: int, key: asyncssh.SSHKey
        ) -> bool:
            del host, addr, port
            return bool(trust.fingerprint) and key.get_fingerprint() == trust.fingerprint

    # With a fingerprint no list is trusted beside it.
    known = ([], [], []) if trust.fingerprint else str(trust.known_hosts or _known_hosts())
    options: dict[str, Any] = {}
    if target.key is not None:
        options |= {"client_keys": [str(target.key)], "passphrase": target.password or None}
    elif target.password:
        options |= {"password": target.password, "client_keys": None, "agent_path": None}
    try:
        return await asyncssh.connect(
            target.host,
            target.port,
            username=target.user,
            known_hosts=known,
            client_factory=Client,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
            config=None,
            agent_forwarding=False,
            **options,
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise _failed(
            target,
            "The host's key is not the one that is known",
            "host_key",
            "Compare its fingerprint on the host, then --known-hosts FILE or --host-key SHA256:…",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise _failed(target, "The host refuses the login", "login_refused") from error
    except (OSError, asyncssh.Error, ValueError) as error:
        # A refusal may quote what it was given; only its kind is told.
        why = getattr(error, "strerror", None) or type(error).__name__
        raise _failed(target, f"The host cannot be reached: {why}", "unreachable") from error


def _known_hosts() -> Path:
    return Path.home() / ".ssh" / "known_hosts"


def _within(work: Coroutine[Any, Any, bytes], target: Target) -> bytes:
    async def limited() -> bytes:
        return await asyncio.wait_for(work, WHOLE_SECONDS)

    try:
        return asyncio.run(limited())
    except TimeoutError:
        raise _failed(target, f"The host did not end within {WHOLE_SECONDS} s", "timeout") from None
    except FengsuiError:
        raise
    except Exception as error:  # noqa: BLE001 - a connection breaks in many ways
        _broken(target, error)


def _broken(target: Target, error: Exception) -> NoReturn:
    raise _failed(target, f"The connection broke: {type(error).__name__}", "broken") from error


def _failed(target: Target, what: str, code: str, next_: str = "") -> InputError:
    return InputError(
        what,
        where=target.name,
        next=next_
        or "Check host, user and rights; or run the script there and carry the bundle back",
        code=code,
    )
