"""Ciphers of a backup: AES-256-GCM (NIST SP 800-38D) and SM4-GCM (GB/T 32907, RFC 8998), key by HKDF.

Both take a nonce of 12 bytes and give a tag of 16 behind the ciphertext. With SM4 the key is derived by
SM3 (GB/T 32905), with AES by SHA-256.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fengsui.errors import MissingToolError

CipherName = Literal["aes-256-gcm", "sm4-gcm"]
MAGICS: Final[dict[bytes, CipherName]] = {b"FSBACKUP": "aes-256-gcm", b"FSBACKU4": "sm4-gcm"}
_TAG: Final = 16


class Sealing(Protocol):
    """Authenticated encryption."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """The text; InvalidTag where it is not what was sealed."""
        ...


class Sm4Gcm:
    """SM4 in Galois/counter mode; `key` has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """See `Sealing.encrypt`."""
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """See `Sealing.decrypt`."""
        opening = Cipher(self._key, modes.GCM(nonce, data[-_TAG:], _TAG)).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-_TAG]) + opening.finalize()


def cipher_of(name: CipherName, key: bytes, salt: bytes, info: bytes) -> Sealing:
    """The cipher of one file; its key is made of the backup's key, the file's salt and `info`.

    Raises:
        MissingToolError: the OpenSSL of this machine has no SM4-GCM or SM3.
    """
    if name == "aes-256-gcm":
        return AESGCM(HKDF(SHA256(), 32, salt, info).derive(key))
    try:
        made = Sm4Gcm(HKDF(SM3(), 16, salt, info).derive(key))
        made.encrypt(bytes(12), b"", b"")
    except UnsupportedAlgorithm as error:
        raise MissingToolError(
            "SM4-GCM is not to be had here",
            where=str(error),
            next="Install the cryptography package with its own OpenSSL: pip install cryptography",
        ) from error
    return made
