"""What a backup holds: `manifest.json`, authenticated with the backup's key."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from fengsui.errors import InputError
from fengsui.store.backup.place import Readable

FILE: Final = "manifest.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One file.

    Attributes:
        name: of the file in the backup's place.
        kind: `events` (of a day), `state` (a table) or `settings` (a file).
        of: the day (ISO), table or file name.
        rows, bytes, sha256, sm3: of its content in the clear; of a day, the same as the day's digest.
    """

    name: str
    kind: str
    of: str
    rows: int
    bytes: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files; `made` is ISO 8601, `schema` the state's."""

    made: str
    schema: str
    items: tuple[Item, ...]

    def item(self, kind: str, of: str) -> Item | None:
        """The file of a day, table or settings file."""
        return next((one for one in self.items if (one.kind, one.of) == (kind, of)), None)


def write_manifest(folder: Path, manifest: Manifest, key: bytes) -> None:
    """Replace the manifest in one step."""
    document: dict[str, Any] = {"format": FORMAT, **asdict(manifest)}
    body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    signed = {**document, "hmac_sha256": _seal(body, key)}
    part = folder / f"{FILE}.part"
    with part.open("wb") as file:
        file.write(orjson.dumps(signed, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / FILE)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(path: Readable, key: bytes) -> Manifest:
    """The manifest of a backup.

    Raises:
        InputError: there is none, it was changed or made with another key (code `bad_backup`).
    """
    try:
        with path.open("rb") as file:
            document: dict[str, Any] = orjson.loads(file.read())
        seal = document.pop("hmac_sha256")
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        whole = hmac.compare_digest(str(seal), _seal(body, key))
        known = document["format"] == FORMAT
        items = tuple(Item(**one) for one in document["items"])
        manifest = Manifest(document["made"], document["schema"], items)
    except OSError as error:
        raise _bad(path, f"it cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, "it is no manifest") from error
    if not whole:
        raise _bad(path, "it was changed, or made with another key")
    if not known:
        raise _bad(path, f"its format is {document['format']}, this program reads {FORMAT}")
    return manifest


def _seal(body: bytes, key: bytes) -> str:
    return hmac.new(hashlib.sha256(b"fengsui manifest " + key).digest(), body, "sha256").hexdigest()


def _bad(path: Readable, why: str) -> InputError:
    return InputError(
        f"The manifest of the backup cannot be used: {why}",
        where=str(path),
        next="Name the place of a finished backup and the key it was made with",
        code="bad_backup",
    )
