"""Archives: the files inside zip and tar files, packed ones and archives inside of archives too.

Members are unpacked as they are read, in their order: a packed tar is unpacked once to be listed and once to
be read. Only an archive inside another is copied to the disk.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from fengsui.errors import InputError
from sensors.intake.magic import ZIP, is_tar
from sensors.logs.lines import Counted, unpacked

_MOST: Final = 100_000  # members of one archive
_DEEPEST: Final = 3  # archives inside of archives
_INNER: Final = (
    ".zip",
    ".tar",
    ".tgz",
    ".tar.gz",
    ".tar.bz2",
    ".tbz2",
    ".tar.xz",
    ".txz",
    ".tar.zst",
)
_LARGEST: Final = 4 << 30  # bytes of an archive inside another
_BLOCK: Final = 1 << 20


class Member:
    """One file inside an archive.

    Attributes:
        shown: the archive's path and the name inside, with slashes.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self.shown = f"{archive.shown}/{name}".rstrip("/")
        self._archive = archive
        self._name = name

    def open(self) -> BinaryIO:
        """Its bytes.

        Raises:
            InputError: it is damaged, or needs a password.
        """
        return self._archive.opened(self._name)


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip file does, or is a tar file, packed or not."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            return head == ZIP or _is_tar(unpacked(Counted(file, head), head))
    except Exception:  # noqa: BLE001 - gzip and zstd have many ways to be damaged; as a file it is told
        return False


def _is_tar(plain: Any) -> bool:
    head = b""
    while len(head) < tarfile.BLOCKSIZE and (more := plain.read(tarfile.BLOCKSIZE - len(head))):
        head += more
    return is_tar(head)


def members(path: Path) -> list[Member]:
    """The files inside, those of archives inside too, in order; hidden ones left out.

    Raises:
        InputError: it is damaged, or has too many members.
    """
    return list(_members(Archive(path, str(path)), 1))


def _members(archive: Archive, depth: int) -> Iterator[Member]:
    for name in archive.names():
        member = Member(archive, name)
        if depth < _DEEPEST and name.lower().endswith(_INNER):
            copy = _copied(member)
            if copy is not None and is_archive(Path(copy.name)):
                inner = Archive(Path(copy.name), member.shown, copy)
                try:
                    yield from list(_members(inner, depth + 1))
                    continue
                except InputError:  # as one file, of which the same will be said in its turn
                    pass
        yield member


def _copied(member: Member) -> Any:
    """A temporary file with a member's bytes; None where it cannot be read or is too large."""
    copy = tempfile.NamedTemporaryFile(prefix="fengsui-", suffix=".archive")  # noqa: SIM115 - kept open
    try:
        with member.open() as stream:
            while block := stream.read(_BLOCK):
                copy.write(block)
                if copy.tell() > _LARGEST:
                    return None
    except (InputError, *_ERRORS):
        return None
    copy.flush()
    return copy


class Archive:
    """A zip or tar file.

    Args:
        path: of the file.
        shown: what its members' names begin with.
        kept: held as long as the archive: a temporary file.
    """

    def __init__(self, path: Path, shown: str, kept: object = None) -> None:
        self.shown = shown
        self._path = path
        self._kept = kept
        self._tar: tarfile.TarFile | None = None
        self._close: Callable[[], object] = bool  # the tar file that is open

    def names(self) -> list[str]:
        """Names of the files inside, in order; hidden ones left out.

        Raises:
            InputError: it is damaged, or has too many members.
        """
        try:
            if zipfile.is_zipfile(self._path) or self._is_zip():
                with zipfile.ZipFile(self._path) as found:
                    names = sorted({one.filename for one in found.infolist() if not one.is_dir()})
            else:
                names = self._names_of_tar()
        except (*_ERRORS, NotImplementedError) as error:
            raise self._damaged(error) from error
        if len(names) > _MOST:
            raise self._damaged(ValueError(f"more than {_MOST:,} files"))
        return [
            name
            for name in names
            if not any(
                part.startswith((".", "__MACOSX")) for part in name.split("/") if part != "."
            )
        ]

    def opened(self, name: str) -> BinaryIO:
        """A member's bytes.

        Raises:
            InputError: it is damaged, or needs a password.
        """
        try:
            if self._is_zip():
                return cast("BinaryIO", zipfile.ZipFile(self._path).open(name))
            return self._of_tar(name)
        except RuntimeError as error:
            raise InputError(
                "This file of the archive needs a password",
                where=f"{self.shown}/{name}",
                next="Unpack the archive and name the folder",
                code="encrypted",
            ) from error
        except (*_ERRORS, NotImplementedError) as error:
            raise self._damaged(error) from error

    def _is_zip(self) -> bool:
        with self._path.open("rb") as file:
            return file.read(4) == ZIP

    def _stream(self) -> tarfile.TarFile:
        self._close()
        file = self._path.open("rb")
        self._close = weakref.finalize(self, file.close)
        head = file.read(4)
        plain = io.BufferedReader(_Raw(unpacked(Counted(file, head), head)))
        return tarfile.open(fileobj=plain, mode="r|")

    def _names_of_tar(self) -> list[str]:
        """What can be listed of a cut file is listed; nothing at all is damage."""
        names: list[str] = []
        try:
            with self._stream() as found:
                for one in found:
                    if one.isfile():
                        names.append(one.name)
                    if len(names) > _MOST:
                        break
        except _ERRORS:
            if not names:
                raise
        finally:
            self._close()
        return names

    def _of_tar(self, name: str) -> BinaryIO:
        """Goes on from the member that was read last; from the start where that one stands behind."""
        for _ in range(2):
            tar = self._tar or self._stream()
            self._tar = tar
            while (one := tar.next()) is not None:
                if one.name == name and one.isfile() and (found := tar.extractfile(one)):
                    return cast("BinaryIO", found)
            self._tar = None
        raise KeyError(name)

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"The archive cannot be read: {error}",
            where=self.shown,
            next="Fetch it again; it is cut or damaged",
            code="damaged",
        )


class _Raw(io.RawIOBase):
    """What has a `read`, as a stream."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._plain.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


_ERRORS = (zipfile.BadZipFile, tarfile.TarError, OSError, ValueError, KeyError, EOFError)
