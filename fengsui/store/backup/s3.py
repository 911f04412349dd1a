"""Backups in a bucket of an S3-compatible store.

Credentials and region are found where every client of S3 finds them (`AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_CA_BUNDLE`, `~/.aws`). Files are sealed before they leave this machine. A file
appears there whole or not at all, which is what the order of a backup needs; nothing but put, get, copy, list
and delete is asked for.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as LinkError

from fengsui.errors import StoreError, UsageError
from fengsui.store.backup.place import S3

_REGION: Final = "us-east-1"  # what compatible servers expect where none is named
_ATTEMPTS: Final = 4
_ABSENT: Final = frozenset({"404", "NoSuchKey"})
_KEYS: Final = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may read and write the bucket"
)


class Bucket:
    """A bucket, or what of it begins with a prefix.

    Args:
        url: `s3://bucket/prefix`.
        endpoint: of a compatible server; empty for Amazon's, or `AWS_ENDPOINT_URL`.

    Raises:
        UsageError: the address names no bucket, or the endpoint is none.
    """

    def __init__(self, url: str, endpoint: str = "") -> None:
        self._bucket, _, prefix = url.removeprefix(S3).partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._staged = Path()
        self._shown = url.rstrip("/")
        session = boto3.Session()
        try:
            self._client: Any = session.client(
                "s3",
                endpoint_url=endpoint or None,
                region_name=session.region_name or _REGION,
                config=Config(
                    connect_timeout=10,
                    read_timeout=60,
                    retries={"max_attempts": _ATTEMPTS, "mode": "standard"},
                    # not every compatible server knows the newer checksums
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    s3={"addressing_style": "path" if endpoint else "auto"},
                ),
            )
        except (ValueError, BotoCoreError) as error:
            raise UsageError(
                f"The endpoint cannot be used: {error}",
                where=endpoint,
                next="Give it as https://host:port",
            ) from error
        if not self._bucket:
            raise UsageError("No bucket is named", where=url, next="Write it as s3://bucket/prefix")

    def __str__(self) -> str:
        return self._shown

    @contextmanager
    def staging(self) -> Generator[Path]:
        """See `Place`: in the folder for temporary files, which needs room for the largest day."""
        with tempfile.TemporaryDirectory(prefix="fengsui-backup-") as folder:
            self._staged = Path(folder)
            yield self._staged

    def put(self, name: str) -> None:
        """See `Place`; the staged file is removed."""
        path = self._staged / name
        with self._explained():
            self._client.upload_file(str(path), self._bucket, self._prefix + name)
        path.unlink()

    def rename(self, name: str, final: str) -> None:
        """See `Place`: a copy on the server, then the first name goes."""
        source = {"Bucket": self._bucket, "Key": self._prefix + name}
        with self._explained():
            self._client.copy(source, self._bucket, self._prefix + final)
        self.remove(name)

    def names(self) -> set[str]:
        """See `Place`."""
        with self._explained():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            keys = {str(one["Key"]) for page in pages for one in page.get("Contents", ())}
        found = {key.removeprefix(self._prefix) for key in keys}
        return {name for name in found if "/" not in name}

    def file(self, name: str) -> _Object:
        """See `Place`."""
        return _Object(self, name)

    def remove(self, name: str) -> None:
        """See `Place`."""
        with self._explained():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def fetched(self, name: str) -> BinaryIO:
        """A whole object, as a temporary file; FileNotFoundError where there is none."""
        file = tempfile.TemporaryFile(prefix="fengsui-backup-")  # noqa: SIM115 - the caller closes it
        try:
            with self._explained():
                self._client.download_fileobj(self._bucket, self._prefix + name, file)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise self._failed("No credentials for the bucket are set", _KEYS, "keys") from error
        except ClientError as error:
            raise self._refused(error) from error
        except (LinkError, HTTPClientError) as error:
            what = f"The S3-compatible store cannot be reached: {error}"
            raise self._failed(
                what,
                "Check --endpoint, the network and, for a private authority, AWS_CA_BUNDLE",
                "unreachable",
            ) from error
        except (BotoCoreError, Boto3Error) as error:
            raise self._failed(
                f"The bucket cannot be used: {error}", "Check the endpoint"
            ) from error

    def _refused(self, error: ClientError) -> Exception:
        told: dict[str, Any] = error.response.get("Error", {})
        code = str(told.get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code == "NoSuchBucket":
            return self._failed("There is no such bucket", "Make it, or name another", "no_bucket")
        if code in _ABSENT:
            return FileNotFoundError(errno.ENOENT, "There is no such file")
        if status in (401, 403):
            return self._failed(f"The bucket refuses this key ({code})", _KEYS, "keys")
        return self._failed(
            f"The bucket refused: {code} {told.get('Message', '')}".rstrip(),
            "Look at the store's own log; the last finished backup is still whole",
        )

    def _failed(self, what: str, then: str, code: str = "failed") -> StoreError:
        return StoreError(what, where=self._shown, next=then, code=f"s3_{code}")


@dataclass(frozen=True, slots=True)
class _Object:
    """One object of a bucket."""

    bucket: Bucket
    name: str

    def __str__(self) -> str:
        return f"{self.bucket}/{self.name}"

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """See `Readable`."""
        return self.bucket.fetched(self.name)
