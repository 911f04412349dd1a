"""Passwords: argon2id (RFC 9106), at most two at once, so that logins cannot eat the memory."""

from __future__ import annotations

import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fengsui.errors import InputError

SHORTEST: Final = 12
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look alike
_AT_ONCE = threading.Semaphore(2)
# 19 MiB and 2 passes: OWASP's argon2id floor; a laptop takes about 30 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id string to keep."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, hashed: str) -> bool:
    """Whether `password` made `hashed`; takes as long when `hashed` is empty (no such user)."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(hashed or _nobody(), password) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False


def one_time_password() -> str:
    """Sixteen characters in groups of four, about 79 bits."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def check_new(password: str, name: str) -> None:
    """Whether a person may choose this password.

    Raises:
        InputError: code `weak_password`: shorter than 12, of few different characters, or the name.
    """
    if len(password) < SHORTEST or len(set(password)) < 6 or name.lower() in password.lower():
        raise InputError(
            "This password is too easy to guess",
            where="new",
            next=f"Take at least {SHORTEST} characters, six of them different, without your name",
            code="weak_password",
        )


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_hex())
