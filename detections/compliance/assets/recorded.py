"""Records of what was asked live, as files: one JSON document with its own digest.

A target that answers now is evidence only while somebody looks. Its record is evidence that can be kept,
carried and read again, with the same findings; a changed or cut one is refused. The digest shows that it
is whole, not who made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from fengsui.clock import from_iso
from fengsui.errors import InputError

MOST_BYTES: Final = 8 << 20
_AGAIN: Final = "Collect it again: fengsui collect --help"


def head_of(kind: str) -> bytes:
    """How a record of a kind begins."""
    return f'{{"fengsui_{kind}":1,'.encode()


def record_of(kind: str, body: Mapping[str, Any]) -> bytes:
    """The document of a record."""
    whole = {f"fengsui_{kind}": 1, **body, "sha256": _digest(body)}
    return orjson.dumps(whole) + b"\n"


def read_record(kind: str, path: Path) -> tuple[dict[str, Any], str]:
    """The body of a record, and the file's SHA-256.

    Raises:
        InputError: too large, cut, changed, or no record of this kind.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _refused(path, f"The record is over {MOST_BYTES >> 20} MiB", "too_large")
    try:
        body: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _refused(path, "The record is cut or broken", "broken_record") from error
    if not isinstance(body, dict) or body.pop(f"fengsui_{kind}", None) != 1:  # pyright: ignore[reportUnknownMemberType]
        raise _refused(path, f"This is no record of a {kind}", "unknown_evidence")
    if body.pop("sha256", "") != _digest(body):  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        raise _refused(path, "The record is not as it was written", "forged_record")
    return body, hashlib.sha256(data).hexdigest()  # pyright: ignore[reportUnknownVariableType]


def time_of(body: Mapping[str, Any]) -> int:
    """When it was taken, in ns; 0 where it does not say."""
    try:
        return from_iso(str(body.get("time", "")))
    except (ValueError, InputError):
        return 0


def malformed(path: Path, error: Exception) -> InputError:
    """The error of a record whose parts are not what they should be."""
    del error  # may quote megabytes
    return _refused(path, "The record holds what no collector writes", "broken_record")


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _refused(path: Path, what: str, code: str) -> InputError:
    return InputError(what, where=str(path), next=_AGAIN, code=code)
