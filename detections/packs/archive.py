"""A pack's files, taken out of a zip or a folder into a folder of our own.

Only rule files and what tells about them (licence, manifest, signature) are taken. Everything that a
hostile archive does is refused before a byte of it is written: names that lead outside, links, two
names for one file, more files or bytes than any rule set has, encryption.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from fengsui.errors import InputError

ARCHIVE_MOST: Final = 128 << 20  # bytes of a zip
ENTRIES_MOST: Final = 50_000
RULES_MOST: Final = 20_000
FILE_MOST: Final = 1 << 20  # bytes of a rule file
TOTAL_MOST: Final = 256 << 20  # bytes of all that is taken
NAME_MOST: Final = 512
MANIFEST: Final = "pack.json"
SIGNATURE: Final = "pack.sig"
_DIRECTORY_MOST: Final = 16 << 20  # bytes of the zip's own list of names
_DEPTH_MOST: Final = 16
_RULES: Final = (".yml", ".yaml")
_PIECE: Final = 1 << 16
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken; `left` are rule files that were too large, by name."""

    files: tuple[str, ...]
    left: tuple[str, ...]


def take_zip(archive: Path, target: Path) -> Taken:
    """Unpack what a pack needs into the empty folder `target`; one folder around all is left off.

    Raises:
        InputError: not a whole zip (`bad_zip`), a hostile one (`hostile_zip`), one with more files
            (`too_many_files`) or bytes (`too_large`) than a pack may have.
    """
    _check_size(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = [info for info in opened.infolist() if not _is_folder(info)]
            _check_entries(opened.infolist())
            names = _without_top([info.filename for info in infos])
            wanted = [
                (name, info) for name, info in zip(names, infos, strict=True) if is_kept(name)
            ]
            return _write(target, ((name, _pieces(opened, info)) for name, info in wanted))
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        why = str(error) or "a file of it is cut"
        raise _bad(f"The pack is not a whole zip file: {why}", archive, "bad_zip") from error
    except (OSError, UnicodeError, ValueError, RuntimeError) as error:
        raise _bad(f"The pack cannot be unpacked: {error}", archive, "bad_zip") from error


def take_folder(folder: Path, target: Path) -> Taken:
    """The same from a folder; links in it are left alone.

    Raises:
        InputError: it cannot be read, or holds more than a pack may.
    """
    if not folder.is_dir():
        raise _bad("There is no such folder", folder, "no_pack")
    found: list[tuple[str, Path]] = []
    try:
        for path in _walk(folder):
            name = path.relative_to(folder).as_posix()
            if is_kept(name) and _fault(name) is None:
                found.append((name, path))
            if len(found) > RULES_MOST:
                raise _bad(f"More than {RULES_MOST} rule files", folder, "too_many_files")
        return _write(target, ((name, _read(path)) for name, path in sorted(found)))
    except OSError as error:
        raise _bad(
            f"The pack cannot be read: {error.strerror or error}", folder, "no_pack"
        ) from error


def is_kept(name: str) -> bool:
    """Whether a file of this name belongs to a pack: rules, licence, manifest, signature."""
    path = PurePosixPath(name)
    if any(part.startswith(".") for part in path.parts):
        return False
    known = {MANIFEST, SIGNATURE}
    return path.suffix.lower() in _RULES or path.stem.upper() == "LICENSE" or name in known


def is_rule(name: str) -> bool:
    """Whether it is a file of rules."""
    return PurePosixPath(name).suffix.lower() in _RULES


def _check_size(archive: Path) -> None:
    """Refuse before the list of names is read into memory, which the zip itself says the size of."""
    try:
        size = archive.stat().st_size
        with archive.open("rb") as file:
            file.seek(max(0, size - (1 << 16) - 22))
            tail = file.read()
    except OSError as error:
        raise _bad(
            f"The pack cannot be read: {error.strerror or error}", archive, "no_pack"
        ) from error
    if size > ARCHIVE_MOST:
        raise _bad(f"The pack is larger than {ARCHIVE_MOST >> 20} MiB", archive, "too_large")
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise _bad("The pack is not a whole zip file: its end is missing", archive, "bad_zip")
    entries, length = struct.unpack_from("<HI", tail, end + 10)
    if entries > ENTRIES_MOST or length > _DIRECTORY_MOST or b"PK\x06\x07" in tail[end - 20 : end]:
        raise _bad(f"The pack has more than {ENTRIES_MOST} files", archive, "too_many_files")


def _check_entries(infos: Iterable[zipfile.ZipInfo]) -> None:
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for number, info in enumerate(infos):
        # The name as it stands in the archive: Python cuts it at a NUL and turns "\\" round elsewhere.
        name = info.orig_filename
        fault = _fault(name.removesuffix("/")) or _kind_fault(info)
        if fault:
            raise _hostile(fault, name)
        if number >= ENTRIES_MOST:
            raise _hostile(f"more than {ENTRIES_MOST} files", name)
        if _is_folder(info):
            continue
        folded = name.casefold()
        if folded in seen:
            raise _hostile(f"the same name twice ({seen[folded]!r})", name)
        seen[folded] = name
        folders.update(parent.as_posix() for parent in PurePosixPath(folded).parents)
    both = folders & seen.keys()
    if both:
        raise _hostile("a file and a folder of one name", min(both))


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith("/")  # `is_dir` fails where a name begins with NUL


def _fault(name: str) -> str | None:
    """Why a name is not one inside a folder; None where it is."""
    if not name or len(name.encode("utf-8", "surrogatepass")) > NAME_MOST:
        return "an empty or overlong name"
    if any(ord(letter) < 32 or letter in "\\\x7f" for letter in name) or name[1:2] == ":":
        return "a name with letters that no rule file has"
    parts = name.split("/")
    if name.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        return "a name that leads elsewhere"
    if len(parts) > _DEPTH_MOST or any(
        len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts
    ):
        return "too many folders in one another"
    return None


def _kind_fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "a link or device"
    if info.flag_bits & 0x1:
        return "an encrypted file"
    return None


def _without_top(names: list[str]) -> list[str]:
    """Names without the one folder that stands around all of them (as in a repository's own zip)."""
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or any("/" not in name for name in names):
        return names
    return [name.partition("/")[2] for name in names]


def _pieces(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    if info.compress_type not in _METHODS:
        raise _hostile("a compression that no rule pack needs", info.filename)
    with opened.open(info) as file:
        while piece := file.read(_PIECE):
            yield piece


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _walk(folder: Path) -> Iterator[Path]:
    """Files of a folder, deep; links and what begins with a dot are passed over."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _write(target: Path, files: Iterable[tuple[str, Iterator[bytes]]]) -> Taken:
    taken: list[str] = []
    left: list[str] = []
    total = 0
    for name, pieces in files:
        if len(taken) >= RULES_MOST:
            raise _bad(f"More than {RULES_MOST} rule files", Path(name), "too_many_files")
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with path.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                if size > FILE_MOST:
                    break
                file.write(piece)
        total += min(size, FILE_MOST)
        if total > TOTAL_MOST:
            raise _hostile(f"more than {TOTAL_MOST >> 20} MiB of rules", name)
        if size > FILE_MOST:
            path.unlink()
            left.append(name)
        else:
            taken.append(name)
    return Taken(tuple(taken), tuple(left))


def _hostile(what: str, name: str) -> InputError:
    return InputError(
        f"The pack is refused: {what}",
        where=name[:NAME_MOST].encode("utf-8", "backslashreplace").decode(),
        next="Do not install it; ask whoever made it",
        code="hostile_zip",
    )


def _bad(what: str, where: Path, code: str) -> InputError:
    return InputError(what, where=str(where), next="Give a folder or zip of Sigma rules", code=code)
