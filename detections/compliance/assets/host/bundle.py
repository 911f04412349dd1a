"""A host bundle as the collector wrote it, read as something that an enemy may have written.

Gzip'd tar, streamed: nothing is unpacked to disk. Bounded in bytes and members; only plain files
with plain relative names; each member must have the digest that the manifest says.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from detections.compliance.assets.host.tree import Output, Row, Tree
from detections.compliance.assets.sealed import Seal, text_of

MOST_BYTES: Final = 32 << 20
MOST_MEMBERS: Final = 4000
MOST_ROWS: Final = 50_000
SEAL: Final = Seal(
    "host",
    "fengsui-host-evidence",
    "Collect again: fengsui collect script > collect.sh; sh collect.sh -o host.tar.gz",
    text_of,
)
_GZIP: Final = b"\x1f\x8b"
_COLUMNS: Final = 9


def is_bundle(head: bytes) -> bool:
    """Whether a file begins as a bundle does."""
    return head.startswith(_GZIP)


def read_bundle(path: Path) -> tuple[Tree, str]:
    """The tree of a bundle, and the SHA-256 of the file.

    Raises:
        InputError: truncated, forged, hostile, or no bundle of ours.
    """
    packed = SEAL.packed(path)
    members = _members(path, packed)
    about = SEAL.prove(path, members)
    return _tree(path, members, about), hashlib.sha256(packed).hexdigest()


class _Bounded(io.RawIOBase):
    """Decompressed bytes, up to a limit: a bomb ends here."""

    def __init__(self, packed: bytes) -> None:
        self._stream = gzip.GzipFile(fileobj=io.BytesIO(packed))
        self._left = MOST_BYTES

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuchError
        return data


class _TooMuchError(Exception):
    pass


def _members(path: Path, packed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=_Bounded(packed), mode="r|") as tar:
            for count, member in enumerate(tar):
                if count >= MOST_MEMBERS:
                    SEAL.refuse(path, f"The bundle has over {MOST_MEMBERS} members", "too_large")
                if member.isdir():
                    continue
                name = member.name.removeprefix("./")
                parts = name.split("/")
                if not member.isreg() or name.startswith("/") or ".." in parts or name in found:
                    SEAL.refuse(
                        path, f"The bundle has a member that ours never have: {name[:80]!r}"
                    )
                held = tar.extractfile(member)
                found[name] = held.read(MOST_BYTES) if held else b""
    except _TooMuchError:
        SEAL.refuse(path, f"The bundle unpacks to over {MOST_BYTES >> 20} MiB", "too_large")
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError) as error:
        raise SEAL.broken(path, error) from error
    return found


def _tree(path: Path, members: Mapping[str, bytes], about: Mapping[str, str]) -> Tree:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    rows, modes = _rows(path, text_of(members.get("files.tsv", b"")), digests)
    texts: dict[str, str] = {}
    for name, data in members.items():
        if name.startswith("files/"):
            row = rows.get(name.removeprefix("files"))
            if row is None or row.kind != "f":
                SEAL.refuse(path, f"{name[:80]} is not in the list of files", "forged_bundle")
            texts[row.path] = text_of(data)
    return Tree(
        rows,
        modes,
        texts,
        _names(text_of(members.get("names.tsv", b""))),
        _outputs(members),
        about,
        _packages(text_of(members.get("made/dpkg.tsv", b""))),
    )


def _rows(
    path: Path, text: str, digests: Mapping[str, str]
) -> tuple[dict[str, Row], dict[str, Row]]:
    rows: dict[str, Row] = {}
    modes: dict[str, Row] = {}
    for count, line in enumerate(text.splitlines()):
        cells = line.split("\t")
        if len(cells) != _COLUMNS or count > MOST_ROWS:
            SEAL.refuse(path, f"Line {count + 1} of the list of files is not ours")
        row = Row(
            kind=cells[0],
            path=cells[1],
            mode=int(cells[2], 8)
            if cells[2].isdigit() and set(cells[2]) <= set("01234567")
            else None,
            uid=_number(cells[3]),
            gid=_number(cells[4]),
            size=_number(cells[5]) or 0,
            changed=_number(cells[6]) or 0,
            note=cells[7],
            digest=digests.get(f"files{cells[1]}", ""),
            target=cells[8],
        )
        if row.kind == "m":
            modes[row.path] = row
        elif row.kind != "n":
            rows[row.path] = row
    return rows, modes


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _names(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines()[:MOST_ROWS]:
        cells = line.split("\t")
        if len(cells) == 3:
            found.setdefault(cells[0], {})[cells[1]] = cells[2]
    return found


def _outputs(members: Mapping[str, bytes]) -> dict[str, Output]:
    found: dict[str, Output] = {}
    for line in text_of(members.get("commands.tsv", b"")).splitlines():
        cells = line.split("\t", 2)
        if len(cells) == 3 and cells[0] in members:
            status = _number(cells[1])
            data = members[cells[0]]
            digest = hashlib.sha256(data).hexdigest()
            status = 1 if status is None else status
            found[cells[2]] = Output(cells[2], status, text_of(data), digest)
    return found


def _packages(text: str) -> dict[str, str]:
    pairs = (line.partition("\t") for line in text.splitlines()[:MOST_ROWS])
    return {name: version for name, _, version in pairs if name}
