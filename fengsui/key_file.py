"""Secret keys in files that only their owner may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from fengsui.errors import SettingsError

KEY_SIZE: Final = 32
_MAKE: Final = "Make one: (umask 077; openssl rand -hex 32 > fengsui.key)"


def read_key(path: Path, of: str, setting: str) -> bytes:
    """The key in a file: 32 bytes, or 64 hexadecimal digits.

    Args:
        path: the file.
        of: what it opens, for errors, such as `the packet store`.
        setting: setting or option that named it.

    Raises:
        SettingsError: it is not there, others may read it (code `key_permissions`) or it is no key.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(1024)
    except OSError as error:
        raise SettingsError(
            f"The key of {of} cannot be read: {error.strerror}",
            where=f"{path}, from {setting}",
            next=_MAKE,
            code="key_missing",
        ) from error
    if mode & 0o077:
        raise SettingsError(
            f"Others may read the key of {of} (mode {mode:04o})",
            where=f"{path}, from {setting}",
            next=f"chmod 600 {path}; if others had access, make a new key",
            code="key_permissions",
        )
    text = content.strip()
    if len(text) == 2 * KEY_SIZE:
        try:
            content = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            content = b""
    if len(content) != KEY_SIZE:
        raise SettingsError(
            f"The key of {of} is neither 32 bytes nor 64 hexadecimal digits",
            where=f"{path}, from {setting}",
            next=_MAKE,
            code="bad_key",
        )
    return content
