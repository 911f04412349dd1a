"""Where the files of a backup lie: a folder, or a bucket (see `s3`)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol

from fengsui.errors import MissingToolError, UsageError

S3: Final = "s3://"


class Readable(Protocol):
    """A file that can be read from its begin; `str` says where it is. A `Path` is one."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Its bytes; OSError where it cannot be read."""
        ...


class Place(Protocol):
    """Files by name. What `put` has taken is read back under that name before `rename` gives it its own."""

    def staging(self) -> AbstractContextManager[Path]:
        """A local folder in which files are made."""
        ...

    def put(self, name: str) -> None:
        """Take a file of the staging folder, durably; one of that name is replaced in one step."""
        ...

    def rename(self, name: str, final: str) -> None:
        """Give a file that was put another name; one of that name is replaced in one step."""
        ...

    def names(self) -> set[str]:
        """Of all files."""
        ...

    def file(self, name: str) -> Readable:
        """One of them, there or not."""
        ...

    def remove(self, name: str) -> None:
        """Remove one."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine; it is its own staging folder."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def staging(self) -> Generator[Path]:
        """See `Place`."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield self.path

    def put(self, name: str) -> None:
        """See `Place`: it is there already."""

    def rename(self, name: str, final: str) -> None:
        """See `Place`."""
        (self.path / name).replace(self.path / final)

    def names(self) -> set[str]:
        """See `Place`."""
        return {one.name for one in self.path.iterdir()} if self.path.exists() else set()

    def file(self, name: str) -> Path:
        """See `Place`."""
        return self.path / name

    def remove(self, name: str) -> None:
        """See `Place`."""
        (self.path / name).unlink()


def place_of(text: str, endpoint: str = "") -> Place:
    """A folder by its path, or a bucket by `s3://bucket/prefix`.

    Args:
        text: as people write it.
        endpoint: `https://host:port` of a server that is compatible with S3; empty for Amazon's.

    Raises:
        UsageError: another kind of place.
        MissingToolError: the client for buckets is not installed.
    """
    if text.startswith(S3):
        try:
            from fengsui.store.backup.s3 import Bucket  # noqa: PLC0415 - the extra `s3`
        except ImportError as error:
            raise MissingToolError(
                "The client for S3-compatible storage is not installed",
                where=text,
                next="pip install 'fengsui[s3]'",
            ) from error
        return Bucket(text, endpoint)
    if "://" in text or endpoint:
        raise UsageError(
            "A backup goes to a folder or to s3://bucket/prefix",
            where=text,
            next="Name one of these; --endpoint is for s3:// only",
        )
    return Folder(Path(text))
