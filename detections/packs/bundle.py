"""Signed bundles: a manifest that lists the SHA-256 of each file, and an Ed25519 signature over it.

`pack.json`: {"format": 1, "name", "version", "author", "licence", "files": {path: SHA-256}}.
`pack.sig`: the signature (RFC 8032) over the bytes of `pack.json`, base64. What is not in the manifest
is refused, and so is what is in it and missing: a signature vouches for the whole pack or for nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from detections.packs.archive import MANIFEST, SIGNATURE, is_kept, take_folder
from fengsui.errors import InputError, SettingsError
from fengsui.hashes import sha256

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TEXT_MOST: Final = 200
_RESERVED: Final = {"builtin", "local", "folder"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says about itself; `files` is None where it lists none, `key` "" where unsigned."""

    name: str = ""
    version: str = ""
    author: str = ""
    licence: str = ""
    files: Mapping[str, str] | None = None
    key: str = ""


def read_manifest(
    folder: Path, files: Iterable[str], trusted: Sequence[Ed25519PublicKey]
) -> Manifest:
    """The manifest of unpacked files, checked against them and against its signature.

    Args:
        folder: where the files stand.
        files: their names.
        trusted: keys that may vouch for a pack.

    Raises:
        InputError: `bad_signature` (it, or a file, does not fit), `untrusted_key`, `bad_manifest`.
    """
    names = set(files)
    if MANIFEST not in names:
        if SIGNATURE in names:
            raise _fails("There is a signature and no manifest", SIGNATURE)
        return Manifest()
    data = (folder / MANIFEST).read_bytes()
    manifest = _manifest(data)
    if SIGNATURE in names:
        key = _signer(data, (folder / SIGNATURE).read_bytes(), trusted)
        manifest = _with_key(manifest, key)
    if manifest.files is not None:
        _check_files(folder, names - {MANIFEST, SIGNATURE}, manifest.files)
    elif manifest.key:
        raise _fails("The manifest lists no files, so its signature vouches for nothing", MANIFEST)
    return manifest


def read_keys(given: Iterable[str]) -> list[Ed25519PublicKey]:
    """Public keys of a setting: 32 bytes in base64, or the path of a PEM file.

    Raises:
        SettingsError: one is neither.
    """
    return [_key(one) for one in given]


def fingerprint(key: Ed25519PublicKey) -> str:
    """First 16 hexadecimal digits of the key's SHA-256."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw))[:16]


def make_bundle(
    folder: Path, target: Path, key: Ed25519PrivateKey | None, staged: Path, **about: str
) -> Manifest:
    """Write a folder of rules as a bundle; the same bytes each time.

    Args:
        folder: of rules.
        target: zip to write.
        key: signs; None makes an unsigned one.
        staged: an empty folder to work in.
        about: name, version, author, licence.

    Raises:
        InputError: the folder is no pack, or the name is none.
    """
    taken = take_folder(folder, staged)
    files = {
        name: sha256((staged / name).read_bytes())
        for name in taken.files
        if name not in {MANIFEST, SIGNATURE}
    }
    document = {"format": 1, **about, "files": files}
    data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"
    manifest = _manifest(data)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(MANIFEST), data)
        if key is not None:
            archive.writestr(_entry(SIGNATURE), base64.b64encode(key.sign(data)) + b"\n")
        for name in files:
            archive.writestr(_entry(name), (staged / name).read_bytes())
    return _with_key(manifest, fingerprint(key.public_key()) if key else "")


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """A private key from a PEM file (PKCS 8, without password); raises InputError."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"The key cannot be read: {error}",
            where=str(path),
            next="Make one: openssl genpkey -algorithm ed25519 -out key.pem",
            code="bad_key",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("This is no Ed25519 key", where=str(path), code="bad_key")
    return key


def pack_name(text: str) -> str:
    """A name that a pack may have.

    Raises:
        InputError: it has other letters than `a-z 0-9 . _ -`, or is one of ours.
    """
    if not _NAME.fullmatch(text) or text in _RESERVED:
        raise InputError(
            "A pack's name has letters a-z, digits, '.', '_' and '-', at most 64",
            where=text[:80],
            next="Give it a name with --name",
            code="bad_name",
        )
    return text


def _manifest(data: bytes) -> Manifest:
    try:
        document = orjson.loads(data)
        if not isinstance(document, dict):
            raise TypeError("not an object")
        content = cast("dict[str, Any]", document)
        if content.get("format", 1) != 1:
            raise ValueError(f"format {content['format']!r} is not known")
        words = {name: str(content.get(name) or "")[:_TEXT_MOST] for name in _WORDS}
        files = content.get("files")
        listed = None if files is None else {str(n): str(h).lower() for n, h in files.items()}
    except (orjson.JSONDecodeError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"The pack's manifest cannot be read: {error}",
            where=MANIFEST,
            next="Make the pack again with `fengsui rules pack bundle`",
            code="bad_manifest",
        ) from error
    if words["name"]:
        pack_name(words["name"])
    return Manifest(**words, files=listed)


_WORDS: Final = ("name", "version", "author", "licence")


def _with_key(manifest: Manifest, key: str) -> Manifest:
    return Manifest(
        manifest.name, manifest.version, manifest.author, manifest.licence, manifest.files, key
    )


def _signer(data: bytes, signature: bytes, trusted: Sequence[Ed25519PublicKey]) -> str:
    """Fingerprint of the trusted key that signed."""
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except binascii.Error as error:
        raise _fails("The signature is not base64", SIGNATURE) from error
    for key in trusted:
        try:
            key.verify(raw, data)
        except InvalidSignature:
            continue
        return fingerprint(key)
    if not trusted:
        raise InputError(
            "The pack is signed, and no key is trusted here",
            where=SIGNATURE,
            next="Add the maker's key to the setting detection.pack_keys",
            code="untrusted_key",
        )
    raise _fails(
        "The signature is of none of the trusted keys, or the manifest was changed", MANIFEST
    )


def _check_files(folder: Path, found: set[str], listed: Mapping[str, str]) -> None:
    expected = {name for name in listed if is_kept(name)}
    for name in sorted(expected ^ found):
        what = "is missing or too large" if name in expected else "is not in the manifest"
        raise _fails(f"A file {what}", name)
    for name in sorted(found):
        if sha256((folder / name).read_bytes()) != listed[name]:
            raise _fails("A file differs from its SHA-256 in the manifest", name)


def _key(text: str) -> Ed25519PublicKey:
    path = Path(text).expanduser()
    try:
        if len(text) < 44 or not re.fullmatch(r"[A-Za-z0-9+/]{43}=", text):
            found = load_pem_public_key(path.read_bytes())
            if isinstance(found, Ed25519PublicKey):
                return found
            raise ValueError("it is no Ed25519 key")
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"A key that may sign rule packs cannot be read: {error}",
            where=f"detection.pack_keys: {text[:80]}",
            next="Give 32 bytes in base64, or the path of a PEM file (openssl pkey -pubout)",
        ) from error


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    return entry


def _fails(what: str, where: str) -> InputError:
    return InputError(
        f"The pack cannot be trusted: {what}",
        where=where,
        next="Do not install it; fetch it again from whoever made it",
        code="bad_signature",
    )
