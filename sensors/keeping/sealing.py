"""Packets at rest under AES-256-GCM (NIST SP 800-38D), with a key for each segment.

The master key comes from a file that only its owner may read. A segment has a random salt, and HKDF
(RFC 5869) makes its keys of both, so that a block's number is a nonce that never repeats. What is
not secret but must not change (which segment, which block, how long) is authenticated with it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fengsui.errors import InputError
from fengsui.key_file import KEY_SIZE, read_key

ID_SIZE: Final = 8
SALT_SIZE: Final = 16
TAG_SIZE: Final = 16
NONCE_SIZE: Final = 12

_SLICE: Final = b"FSSLICE1"


@dataclass(frozen=True, slots=True)
class Key:
    """A master key; `id` names it without telling anything of it."""

    master: bytes
    path: str = ""

    @property
    def id(self) -> bytes:
        """Eight bytes, the same for the same key."""
        return hashlib.sha256(b"fengsui packet key id" + self.master).digest()[:ID_SIZE]

    def cipher(self, salt: bytes, purpose: bytes) -> AESGCM:
        """The cipher of one segment for one purpose."""
        derive = HKDF(SHA256(), KEY_SIZE, salt, b"fengsui packets " + purpose)
        return AESGCM(derive.derive(self.master))


Keyring = Mapping[bytes, Key]


def load_key(path: Path) -> Key:
    """The key in a file; raises what `fengsui.key_file.read_key` does."""
    return Key(read_key(path, "the packet store", "packets.key_file"), str(path))


def make_keyring(keys: Iterable[Key]) -> Keyring:
    """Keys by their ids."""
    return {key.id: key for key in keys}


def key_of(keyring: Keyring, wanted: bytes, where: Path) -> Key:
    """The key that something was sealed with.

    Raises:
        InputError: it is not at hand (code `wrong_key`).
    """
    if wanted in keyring:
        return keyring[wanted]
    have = ", ".join(key.hex() for key in keyring) or "none"
    raise InputError(
        f"These packets are sealed with the key {wanted.hex()}, and the keys at hand are: {have}",
        where=str(where),
        next="Name the file of that key in packets.key_file or packets.old_key_files",
        code="wrong_key",
    )


def opened(cipher: AESGCM, nonce: bytes, data: bytes, bound: bytes, where: Path) -> bytes:
    """Sealed bytes in the clear.

    Raises:
        InputError: they were changed, or another key has the same id (code `tampered`).
    """
    try:
        return cipher.decrypt(nonce, data, bound)
    except InvalidTag as error:
        raise InputError(
            "Sealed packets were changed on the disk, or sealed with another key",
            where=str(where),
            next="Check the disk; the segment's other blocks may still be good",
            code="tampered",
        ) from error


def block_nonce(number: int) -> bytes:
    """Nonce of a segment's block: its number."""
    return number.to_bytes(NONCE_SIZE, "big")


def seal_file(key: Key, data: bytes) -> bytes:
    """A small file (a slice that was cut) sealed as one."""
    salt = os.urandom(SALT_SIZE)
    head = struct.pack(f"<8s{ID_SIZE}s{SALT_SIZE}s", _SLICE, key.id, salt)
    return head + key.cipher(salt, b"slice").encrypt(block_nonce(0), data, head)


def open_file(keyring: Keyring, data: bytes, where: Path) -> bytes:
    """What `seal_file` sealed; what it did not is given back as it is.

    Raises:
        InputError: the key is another one, or the file was changed.
    """
    if data[: len(_SLICE)] != _SLICE:
        return data
    head = data[: len(_SLICE) + ID_SIZE + SALT_SIZE]
    _, name, salt = struct.unpack(f"<8s{ID_SIZE}s{SALT_SIZE}s", head)
    cipher = key_of(keyring, name, where).cipher(salt, b"slice")
    return opened(cipher, block_nonce(0), data[len(head) :], head, where)
