"""A signature vouches for every file of a pack, or for nothing."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from detections.packs.archive import take_zip
from detections.packs.bundle import (
    Manifest,
    fingerprint,
    make_bundle,
    pack_name,
    read_keys,
    read_manifest,
    read_private_key,
)
from fengsui.errors import InputError, SettingsError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    (made / "web").mkdir(parents=True)
    (made / "web" / "a.yml").write_text("title: a\n", "utf-8")
    (made / "b.yml").write_text("title: b\n", "utf-8")
    return made


def bundle(folder: Path, key: Ed25519PrivateKey | None = KEY) -> Path:
    target, staged = folder.parent / "p.zip", folder.parent / f"staged-{key is None}"
    staged.mkdir(exist_ok=True)
    for old in staged.rglob("*.yml"):
        old.unlink()
    make_bundle(folder, target, key, staged, name="ours", version="2", author="Ann", licence="MIT")
    return target


def opened(path: Path, *keys: Ed25519PrivateKey) -> Manifest:
    target = path.parent / "opened"
    target.mkdir()
    taken = take_zip(path, target)
    return read_manifest(target, taken.files, [key.public_key() for key in keys])


def changed(path: Path, **files: bytes | None) -> Path:
    """The zip with other contents for some files; None takes one away."""
    with zipfile.ZipFile(path) as old:
        known: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    known |= {name.replace("__", "/").replace("_", "."): data for name, data in files.items()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in known.items():
            if data is not None:
                new.writestr(name, data)
    return path


def test_signed_and_whole(folder: Path) -> None:
    manifest = opened(bundle(folder), OTHER, KEY)
    assert (manifest.name, manifest.version, manifest.author, manifest.licence) == (
        "ours", "2", "Ann", "MIT",
    )  # fmt: skip
    assert manifest.key == fingerprint(KEY.public_key())
    assert set(manifest.files or ()) == {"b.yml", "web/a.yml"}


def test_the_same_folder_makes_the_same_bytes(folder: Path) -> None:
    assert bundle(folder).read_bytes() == bundle(folder).read_bytes()


@pytest.mark.parametrize(
    "files",
    [
        {"b_yml": b"title: evil\n"},
        {"b_yml": None},
        {"c_yml": b"title: more\n"},
        {"pack_json": orjson.dumps({"name": "ours", "files": {}})},
        {"pack_json": None},
        {"pack_sig": base64.b64encode(bytes(64))},
        {"pack_sig": b"?"},
    ],
)
def test_whatever_was_changed_is_refused(folder: Path, files: dict[str, bytes | None]) -> None:
    with pytest.raises(InputError) as caught:
        opened(changed(bundle(folder), **files), KEY)
    assert caught.value.code == "bad_signature"


def test_keys_that_are_not_trusted(folder: Path) -> None:
    path = bundle(folder)
    with pytest.raises(InputError) as caught:
        opened(path)
    assert caught.value.code == "untrusted_key"
    target = path.parent / "opened"
    taken = sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file())
    with pytest.raises(InputError) as caught:
        read_manifest(target, taken, [OTHER.public_key()])
    assert caught.value.code == "bad_signature"


def test_an_unsigned_bundle_says_so(folder: Path) -> None:
    manifest = opened(bundle(folder, None), KEY)
    assert (manifest.name, manifest.key) == ("ours", "")
    again = folder.parent / "opened"
    (again / "b.yml").write_text("title: other\n", "utf-8")
    with pytest.raises(InputError) as caught:  # its manifest is held to all the same
        read_manifest(again, ["pack.json", "b.yml", "web/a.yml"], [])
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    "data", [b"[]", b"{", b'{"format": 9}', b'{"name": "../x"}', b'{"files": 3}']
)
def test_bad_manifests(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pack.json").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path, ["pack.json"], [])
    assert caught.value.code in {"bad_manifest", "bad_name"}


def test_keys_of_the_settings(tmp_path: Path) -> None:
    raw = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = tmp_path / "key.pem"
    pem.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    found = read_keys([base64.b64encode(raw).decode(), str(pem)])
    assert {fingerprint(key) for key in found} == {fingerprint(KEY.public_key())}
    wrong = tmp_path / "x.pem"
    wrong.write_bytes(
        X25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    for bad in ("none.pem", str(wrong), "A" * 44):
        with pytest.raises(SettingsError):
            read_keys([bad])


def test_private_keys(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert read_private_key(path).private_bytes_raw() == bytes(range(32))
    path.write_bytes(b"nothing")
    with pytest.raises(InputError):
        read_private_key(path)


@pytest.mark.parametrize("name", ["", "builtin", "A", "a/b", "..", "-x", "a" * 65])
def test_names_that_no_pack_has(name: str) -> None:
    with pytest.raises(InputError) as caught:
        pack_name(name)
    assert caught.value.code == "bad_name"
