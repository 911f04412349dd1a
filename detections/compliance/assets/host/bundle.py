"""A host bundle as the collector wrote it, read as something that an enemy may have written.

Gzip'd tar, streamed: nothing is unpacked to disk. Bounded in bytes and members; only plain files
with plain relative names; each member must have the digest that the manifest says.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

from detections.compliance.assets.host.tree import Output, Row, Tree
from fengsui.errors import InputError

MOST_PACKED: Final = 8 << 20
MOST_BYTES: Final = 32 << 20
MOST_MEMBERS: Final = 4000
MOST_ROWS: Final = 50_000
FORMAT: Final = "fengsui-host-evidence"
_GZIP: Final = b"\x1f\x8b"
_COLUMNS: Final = 9
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")


def is_bundle(head: bytes) -> bool:
    """Whether a file begins as a bundle does."""
    return head.startswith(_GZIP)


def read_bundle(path: Path) -> tuple[Tree, str]:
    """The tree of a bundle, and the SHA-256 of the file.

    Raises:
        InputError: truncated, forged, hostile, or no bundle of ours.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(MOST_PACKED + 1)
    except OSError as error:
        raise InputError(f"The bundle cannot be read: {error.strerror}", where=str(path)) from error
    if len(packed) > MOST_PACKED:
        _refuse(path, f"The bundle is over {MOST_PACKED >> 20} MiB", "too_large")
    members = _members(path, packed)
    _prove(path, members)
    return _tree(path, members), hashlib.sha256(packed).hexdigest()


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
                    _refuse(path, f"The bundle has over {MOST_MEMBERS} members", "too_large")
                if member.isdir():
                    continue
                name = member.name.removeprefix("./")
                parts = name.split("/")
                if not member.isreg() or name.startswith("/") or ".." in parts or name in found:
                    _refuse(path, f"The bundle has a member that ours never have: {name[:80]!r}")
                held = tar.extractfile(member)
                found[name] = held.read(MOST_BYTES) if held else b""
    except _TooMuchError:
        _refuse(path, f"The bundle unpacks to over {MOST_BYTES >> 20} MiB", "too_large")
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError) as error:
        raise InputError(
            "The bundle is truncated or broken",
            where=f"{path}: {error}",
            next="Collect again: sh collect.sh -o host.tar.gz",
            code="broken_bundle",
        ) from error
    return found


def _prove(path: Path, members: Mapping[str, bytes]) -> None:
    """Each member is in the manifest with its digest, and nothing of the manifest is missing."""
    if "manifest" not in members or "about" not in members:
        _refuse(path, "This is no host bundle: it has no manifest", "unknown_evidence")
    listed: dict[str, str] = {}
    for line in text_of(members["manifest"]).splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    for name, data in members.items():
        if name != "manifest" and listed.pop(name, "") != hashlib.sha256(data).hexdigest():
            _refuse(path, f"{name[:80]} is not what the manifest says", "forged_bundle")
    if listed:
        _refuse(path, f"{min(listed)[:80]} is missing of the bundle", "forged_bundle")


def _tree(path: Path, members: Mapping[str, bytes]) -> Tree:
    about = {
        key: value[:200]
        for key, _, value in (line.partition("=") for line in text_of(members["about"]).split("\n"))
        if key
    }
    if about.get("format") != FORMAT or about.get("version") != "1":
        _refuse(
            path, "The bundle is of a version that this program does not know", "unknown_evidence"
        )
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    rows, modes = _rows(path, text_of(members.get("files.tsv", b"")), digests)
    texts: dict[str, str] = {}
    for name, data in members.items():
        if name.startswith("files/"):
            row = rows.get(name.removeprefix("files"))
            if row is None or row.kind != "f":
                _refuse(path, f"{name[:80]} is not in the list of files", "forged_bundle")
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


def text_of(data: bytes) -> str:
    """Text in UTF-8 or GB 18030; what is neither keeps its ASCII. Control characters are dropped."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode("ascii", "replace")
    text = text.replace("\r\n", "\n")
    return _CONTROL.sub("\ufffd", text)


def _rows(
    path: Path, text: str, digests: Mapping[str, str]
) -> tuple[dict[str, Row], dict[str, Row]]:
    rows: dict[str, Row] = {}
    modes: dict[str, Row] = {}
    for count, line in enumerate(text.splitlines()):
        cells = line.split("\t")
        if len(cells) != _COLUMNS or count > MOST_ROWS:
            _refuse(path, f"Line {count + 1} of the list of files is not ours")
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


def _refuse(path: Path, what: str, code: str = "hostile_bundle") -> NoReturn:
    raise InputError(
        what,
        where=str(path),
        next="Collect again: fengsui collect script > collect.sh; sh collect.sh -o host.tar.gz",
        code=code,
    )
