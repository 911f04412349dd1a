"""An uploaded file, from the wire straight to disk; nothing but its first pieces is held in memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from console.api.guard import too_large
from fengsui.errors import InputError, StoreError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FIELD: Final = b"file"
_NAME_KEPT: Final = 80
# What OpenAPI is told of a route that takes one.
FILE_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


async def receive_file(request: Request, target: Path, limit: int) -> str:
    """Write the form's `file` to `target`; return the name it had, made harmless.

    Raises:
        InputError: not a form with one file (code `bad_upload`).
        TooLargeError: more than `limit` bytes.
        StoreError: the disk is full or cannot be written.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise _bad("The upload is not multipart/form-data")
    try:
        with target.open("wb") as file:
            form = _Form(file, limit)
            parser = MultipartParser(boundary, form.callbacks())
            async for piece in request.stream():
                parser.write(piece)
            parser.finalize()
    except MultipartParseError as error:
        raise _bad("The form is broken or cut short") from error
    except OSError as error:
        raise StoreError(
            f"The upload cannot be kept: {error.strerror}",
            where=str(target.parent),
            next="Make room on the disk or mend the folder's permissions",
            code="upload_not_kept",
        ) from error
    if not form.complete:
        raise _bad("The form has no complete file")
    return harmless(form.name)


def harmless(name: str) -> str:
    """The last part of a file name, of letters, digits and `._-` only."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^\w.-]+", "_", last).strip("._")[-_NAME_KEPT:] or "upload"


class _Form:
    """Hears of the parts of a form and keeps the one called `file`."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.name = ""
        self.complete = False
        self._file = file
        self._left = self._limit = limit
        self._header = b""
        self._value = b""
        self._is_file = False

    def callbacks(self) -> MultipartCallbacks:
        """For the parser."""
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
        }

    def _part_begin(self) -> None:
        self._is_file = False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        header, value = self._header, self._value
        self._header = self._value = b""
        if header.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        if options.get(b"name") != _FIELD:
            return
        if self.complete:
            raise _bad("The form has more than one file")
        self._is_file = True
        self.name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            return
        self._left -= end - start
        if self._left < 0:
            raise too_large(self._limit)
        self._file.write(data[start:end])

    def _part_end(self) -> None:
        self.complete = self.complete or self._is_file


def _bad(what: str) -> InputError:
    return InputError(
        what, next="Send one file as multipart/form-data, field `file`", code="bad_upload"
    )
