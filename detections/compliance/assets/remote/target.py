"""A host to fetch evidence from, and how to log in; secrets come from files or a prompt, never a word."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fengsui.errors import InputError, UsageError

_TARGET: Final = re.compile(
    r"(?P<user>[A-Za-z_][\w.\\-]{0,63})@(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9][\w.-]{0,252})(?::(?P<port>\d{1,5}))?"
)
SSH_PORT: Final = 22
_OPEN: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Target:
    """User, host and port; `key`: a private key's file; `password`: of the login or of the key."""

    user: str
    host: str
    port: int
    key: Path | None = None
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What may be shown of it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{host}:{self.port}"


def target_of(
    text: str, key: Path | None = None, password_file: Path | None = None, port: int = SSH_PORT
) -> Target:
    """`user@host`, `user@host:2222` or `user@[2001:db8::1]:22`.

    Raises:
        UsageError: not of that form; a password in it is never shown.
        InputError: the file of the password is not readable, empty, or readable by others.
    """
    found = _TARGET.fullmatch(text)
    number = int(found["port"] or port) if found else 0
    if found is None or not 0 < number < 1 << 16:
        raise UsageError(
            "The target is not understood",
            where=text.rpartition("@")[2][:80] or "target",
            next="user@host or user@host:port; a password comes from --password-file or a prompt",
            code="bad_target",
        )
    password = secret_in(password_file) if password_file else ""
    return Target(found["user"], found["host"].strip("[]"), number, key, password)


def secret_in(path: Path) -> str:
    """The first line of a file that only its owner may read.

    Raises:
        InputError: not readable, empty, or open to others.
    """
    try:
        mode = path.stat().st_mode
        with path.open(encoding="utf-8") as file:
            secret = file.readline(1024).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("The file of the password cannot be read", where=str(path)) from error
    if mode & _OPEN:
        raise InputError(
            "The file of the password may be read by others",
            where=f"{path}: {stat.S_IMODE(mode):o}",
            next=f"chmod 600 {path}",
            code="secret_open",
        )
    if not secret:
        raise InputError("The file of the password is empty", where=str(path))
    return secret
