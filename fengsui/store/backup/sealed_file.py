"""Files of a backup: zstd, then AES-256-GCM or SM4-GCM in chunks (see `ciphers`).

    8 bytes that name the cipher  16 bytes of salt  { 4 bytes length, 1 byte "last", ciphertext and tag } …

The key of a file is made by HKDF (RFC 5869) of the backup's key, the salt and the file's name, so a chunk's
number is a nonce that never repeats. Name, number and "last" are authenticated: chunks cannot be changed,
swapped, cut off, or moved to another file.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import zstandard
from cryptography.exceptions import InvalidTag

from fengsui.errors import InputError
from fengsui.hashes import new_sm3
from fengsui.store.backup.ciphers import MAGICS, CipherName, Sealing, cipher_of
from fengsui.store.backup.place import Readable

_MAGIC: Final = 8
_SALT: Final = 16
_CHUNK: Final = 1 << 20
_LENGTH: Final = struct.Struct(">IB")
_LARGEST: Final = _CHUNK + 64
_LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, in the clear: lines, bytes and their hashes."""

    rows: int
    bytes: int
    sha256: str
    sm3: str


class Counting:
    """Counts and hashes lines as they pass."""

    def __init__(self) -> None:
        self._rows = self._bytes = 0
        self._first, self._second = hashlib.sha256(), new_sm3()

    def add(self, line: bytes) -> None:
        """Count one."""
        self._rows += 1
        self._bytes += len(line)
        self._first.update(line)
        self._second.update(line)

    @property
    def content(self) -> Content:
        """What has passed."""
        return Content(self._rows, self._bytes, self._first.hexdigest(), self._second.hexdigest())


def write_sealed(
    path: Path,
    name: str,
    lines: Iterable[bytes],
    key: bytes,
    algorithm: CipherName = "aes-256-gcm",
) -> Content:
    """Write lines (each with its line end) durably; an unfinished file never has the final name.

    Raises:
        OSError: the disk refuses.
    """
    counting = Counting()
    salt = os.urandom(_SALT)
    cipher = _cipher(algorithm, key, salt, name)
    magic = next(magic for magic, known in MAGICS.items() if known == algorithm)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(magic + salt)
        number = 0
        held = b""
        for chunk in _compressed(lines, counting):
            if held:
                _seal(file, cipher, name, number, held, last=False)
                number += 1
            held = chunk
        _seal(file, cipher, name, number, held, last=True)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return counting.content


def read_sealed(path: Readable, name: str, key: bytes) -> Iterator[bytes]:
    """The lines of a file.

    Raises:
        InputError: it is missing, cut off, changed, or sealed with another key (code `bad_backup`).
    """
    unpack = zstandard.ZstdDecompressor().decompressobj()
    rest = b""
    try:
        for chunk in _opened(path, name, key):
            block = rest + unpack.decompress(chunk)
            *whole, rest = block.split(b"\n")
            yield from (line + b"\n" for line in whole)
    except zstandard.ZstdError as error:
        raise _bad(path, f"it cannot be unpacked: {error}") from error
    if rest:
        yield rest


def content_of(path: Readable, name: str, key: bytes) -> Content:
    """Count and hash what a file holds, reading all of it."""
    counting = Counting()
    for line in read_sealed(path, name, key):
        counting.add(line)
    return counting.content


def _compressed(lines: Iterable[bytes], counting: Counting) -> Iterator[bytes]:
    pack = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
    buffer = bytearray()
    for line in lines:
        counting.add(line)
        buffer += pack.compress(line)
        while len(buffer) >= _CHUNK:
            yield bytes(buffer[:_CHUNK])
            del buffer[:_CHUNK]
    buffer += pack.flush()
    for start in range(0, len(buffer), _CHUNK):
        yield bytes(buffer[start : start + _CHUNK])


def _seal(
    file: BinaryIO, cipher: Sealing, name: str, number: int, chunk: bytes, *, last: bool
) -> None:
    sealed = cipher.encrypt(_nonce(number), chunk, _bound(name, number, last=last))
    file.write(_LENGTH.pack(len(sealed), last) + sealed)


def _opened(path: Readable, name: str, key: bytes) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            head = file.read(_MAGIC + _SALT)
            algorithm = MAGICS.get(head[:_MAGIC])
            if len(head) < _MAGIC + _SALT or algorithm is None:
                raise _bad(path, "it is no file of a backup")
            cipher = _cipher(algorithm, key, head[_MAGIC:], name)
            last = False
            number = 0
            while not last:
                length, flag = _LENGTH.unpack(_exactly(file, _LENGTH.size, path))
                if length > _LARGEST:
                    raise _bad(path, "it was changed")
                last = bool(flag)
                sealed = _exactly(file, length, path)
                yield cipher.decrypt(_nonce(number), sealed, _bound(name, number, last=last))
                number += 1
    except InvalidTag as error:
        raise _bad(path, "it was changed, or sealed with another key") from error
    except OSError as error:
        raise _bad(path, str(error.strerror)) from error


def _exactly(file: BinaryIO, size: int, path: Readable) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise _bad(path, "it is cut off")
    return found


def _cipher(algorithm: CipherName, key: bytes, salt: bytes, name: str) -> Sealing:
    return cipher_of(algorithm, key, salt, b"fengsui backup " + name.encode())


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(name: str, number: int, *, last: bool) -> bytes:
    return f"{name} {number} {int(last)}".encode()


def _bad(path: Readable, why: str) -> InputError:
    return InputError(
        f"A file of the backup cannot be used: {why}",
        where=str(path),
        next="Use the key it was made with, or an older backup; nothing was restored from this file",
        code="bad_backup",
    )
