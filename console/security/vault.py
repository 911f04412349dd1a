"""Secrets of logins that the installation makes by itself: in an encrypted file, or in the keyring.

The file is sealed with AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) derives from the
first line of the key file. Names and values are sealed together, so that a copy tells neither, and a
changed one does not open. Whoever has both files has the secrets: keep the key file on another medium,
or hand it over by the service manager (`secrets.key_file`).
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from detections.compliance.assets.remote.target import secret_in
from fengsui.errors import InputError, MissingToolError, NotFoundError, StoreError, UsageError
from fengsui.settings import Settings

MOST_SECRETS: Final = 10_000
MOST_LENGTH: Final = 4096
_MOST_BYTES: Final = 64 << 20
_NAME: Final = re.compile(r"[\w.@:-]{1,64}")
_FORMAT: Final = "fengsui-secrets-1"
# 32 MiB and three rounds: RFC 7914 §2 for a login; the key file may hold a word that people chose.
_COST: Final = {"n": 1 << 15, "r": 8, "p": 3}
_SERVICE: Final = "fengsui"
_INDEX: Final = "#names"  # of the keyring, which does not list


class Vault(Protocol):
    """Secrets by name."""

    def names(self) -> list[str]:
        """All names, sorted."""
        ...

    def get(self, name: str) -> str:
        """A secret.

        Raises:
            NotFoundError: there is none of this name.
        """
        ...

    def put(self, name: str, value: str) -> None:
        """Keep or replace one."""
        ...

    def remove(self, name: str) -> None:
        """Forget one.

        Raises:
            NotFoundError: there is none of this name.
        """
        ...


def open_vault(settings: Settings) -> Vault:
    """The vault of an installation.

    Raises:
        MissingToolError: the keyring is asked for, and its extra is not installed.
    """
    if settings.secrets.kind == "keyring":
        return KeyringVault(f"{_SERVICE}:{settings.home}")
    named = settings.secrets.key_file
    key = Path(named).expanduser() if named else settings.home / "secrets.key"
    return FileVault(settings.home / "secrets.sealed", key, make_key=not named)


def checked_name(name: str) -> str:
    """A name as it may be.

    Raises:
        UsageError: it may not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "A name of a secret has up to 64 letters, digits and . _ - @ :",
            next="Such as core-switch",
            code="bad_name",
        )
    return name


class FileVault:
    """An encrypted file.

    Args:
        path: of the file.
        key: of the key file; only its owner may read it.
        make_key: make one of 256 random bits where there is none.
    """

    def __init__(self, path: Path, key: Path, *, make_key: bool) -> None:
        self._path = path
        self._key = key
        self._make_key = make_key

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._read())

    def get(self, name: str) -> str:
        """A secret."""
        found = self._read().get(name)
        if found is None:
            raise _unknown(name)
        return found

    def put(self, name: str, value: str) -> None:
        """Keep or replace one."""
        checked_name(name)
        _check_value(value)
        known = self._read()
        if len(known) >= MOST_SECRETS and name not in known:
            raise InputError(f"{MOST_SECRETS} secrets are kept already", where=str(self._path))
        self._write({**known, name: value})

    def remove(self, name: str) -> None:
        """Forget one."""
        known = self._read()
        if name not in known:
            raise _unknown(name)
        self._write({each: value for each, value in known.items() if each != name})

    def _read(self) -> dict[str, str]:
        try:
            with self._path.open("rb") as file:
                data = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._broken(f"The secrets cannot be read: {error.strerror}") from error
        try:
            document: Any = orjson.loads(data)
            if document["format"] != _FORMAT:
                raise ValueError
            salt, nonce, sealed = (
                base64.b64decode(document[part], validate=True)
                for part in ("salt", "nonce", "sealed")
            )
            opened = AESGCM(self._derived(salt)).decrypt(nonce, sealed, _FORMAT.encode())
        except InvalidTag:
            raise self._broken(
                "The secrets do not open: another key, or the file was changed"
            ) from None
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise self._broken("The file of the secrets is broken") from None
        found: dict[str, str] = orjson.loads(opened)
        return found

    def _write(self, values: Mapping[str, str]) -> None:
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        key = self._derived(salt, make=self._make_key)
        sealed = AESGCM(key).encrypt(nonce, orjson.dumps(values), _FORMAT.encode())
        parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
        document = {"format": _FORMAT} | {k: base64.b64encode(v).decode() for k, v in parts.items()}
        _keep(self._path, orjson.dumps(document))

    def _derived(self, salt: bytes, *, make: bool = False) -> bytes:
        if make and not self._key.exists():
            _keep(self._key, secrets.token_hex(32).encode() + b"\n")
        word = secret_in(self._key)
        return Scrypt(salt, 32, **_COST).derive(word.encode())

    def _broken(self, what: str) -> StoreError:
        return StoreError(
            what,
            where=f"{self._path}, key {self._key}",
            next="Restore both files from the backup, or remove the first and set the secrets anew",
            code="secrets_closed",
        )


class KeyringVault:
    """The keyring of the system (Secret Service, Windows Credential Locker, macOS Keychain …)."""

    def __init__(self, service: str) -> None:
        try:
            import keyring  # noqa: PLC0415 - an extra
            import keyring.errors  # noqa: PLC0415
        except ImportError as error:
            raise MissingToolError(
                "The part for the keyring is not installed",
                next="Install the extra: pip install 'fengsui[keyring]', or secrets.kind = \"file\"",
            ) from error
        self._keyring = keyring
        self._service = service

    def names(self) -> list[str]:
        """All names, sorted."""
        found: list[str] = orjson.loads(self._asked(_INDEX) or "[]")
        return sorted(found)

    def get(self, name: str) -> str:
        """A secret."""
        found = self._asked(name) if name != _INDEX else None
        if found is None:
            raise _unknown(name)
        return found

    def put(self, name: str, value: str) -> None:
        """Keep or replace one."""
        checked_name(name)
        _check_value(value)
        self._set(name, value)
        self._set(_INDEX, orjson.dumps(sorted({*self.names(), name})).decode())

    def remove(self, name: str) -> None:
        """Forget one."""
        self.get(name)
        try:
            self._keyring.delete_password(self._service, name)
        except self._keyring.errors.KeyringError as error:
            raise _shut(error) from error
        self._set(_INDEX, orjson.dumps([each for each in self.names() if each != name]).decode())

    def _asked(self, name: str) -> str | None:
        try:
            return self._keyring.get_password(self._service, name)
        except self._keyring.errors.KeyringError as error:
            raise _shut(error) from error

    def _set(self, name: str, value: str) -> None:
        try:
            self._keyring.set_password(self._service, name, value)
        except self._keyring.errors.KeyringError as error:
            raise _shut(error) from error


def _keep(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise StoreError(
            f"The secrets cannot be kept: {error.strerror}", where=str(path)
        ) from error


def _check_value(value: str) -> None:
    if not 0 < len(value) <= MOST_LENGTH or "\x00" in value:
        raise InputError(f"A secret has 1 to {MOST_LENGTH} characters", code="bad_secret")


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(
        f"There is no secret {name[:64]}",
        next="fengsui secrets list; fengsui secrets set NAME",
        code="no_such_secret",
    )


def _shut(error: Exception) -> StoreError:
    return StoreError(
        f"The keyring does not answer: {type(error).__name__}",
        where="secrets.kind = keyring",
        next='Unlock it, or choose secrets.kind = "file"',
        code="keyring_shut",
    )
