"""Sniffing: what a file of a hunt is, by its first bytes and lines."""

from __future__ import annotations

import codecs
import re
from importlib import import_module
from pathlib import Path
from typing import Final

from fengsui.errors import InputError
from sensors.foreign.json_values import Read, parsed
from sensors.intake.magic import ZIP, is_tar
from sensors.logs.parser import Format

HEAD: Final = 1 << 18  # bytes that are looked at
_SNIFFED: Final = 8  # lines
_LOOKED_AT: Final = 4096
_CONTROLS: Final = bytes(set(range(1, 32)) - {9, 10, 11, 12, 13, 27, 29, 30}) + b"\x7f"
_PACKED: Final = (ZIP, b"\x1f\x8b", b"BZh", b"\xfd7zX", b"\x28\xb5\x2f\xfd")
_OPENS: Final = re.compile(rb"\{|\[\s*(?:[\[{\"\]]|$|-?\d[\d.eE+-]*\s*[,\]]|true|false|null)")
_BOMS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def log_format(lines: list[bytes]) -> Format | None:
    """The log that these lines are of; alerts of other tools are none: rules judge what they were made of."""
    if all(map(_is_windows, lines)):
        return None
    # Imported here: the parsers of all logs, for files that are not known at first sight.
    known: Format | None = import_module("sensors.logs.reader").format_of(lines)
    return None if known is not None and known.name == "alerts" else known


def may_be_archive(path: str) -> bool:
    """Whether a file begins as an archive, or something packed, does."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(262)
    except OSError:
        return False
    return head.startswith(_PACKED) or is_tar(head)


def _is_windows(line: bytes) -> bool:
    """Whether a line is an event of Windows with Sigma's names."""
    value = _json_or_none(line)
    return isinstance(value, dict) and "EventID" in value and "Channel" in value


def is_only_like_eve(known: Format, line: bytes) -> bool:
    """`event_type` alone does not make EVE of events whose log source the caller names."""
    return known.name == "eve" and (b'"timestamp"' not in line or b'"flow_id"' not in line)


def is_windows_xml(head: bytes) -> bool:
    """Events of Windows' event log as XML: of `wevtutil`, or of `evtx_dump` with lines between."""
    start = head.lstrip()
    return start.startswith((b"<", b"Record ")) and b"<Event" in head and b"<System" in head


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text of any kind: more than one in fifty is a control character."""
    some = head[:_LOOKED_AT]
    return len(some) - len(some.translate(None, _CONTROLS)) > len(some) // 50


def refuse_archive(head: bytes, shown: str) -> None:
    """Archives are read where one can go back and forth in them, so not from a stream.

    Raises:
        InputError: what begins so is one.
    """
    if head.startswith(ZIP) or is_tar(head):
        raise InputError(
            "An archive cannot be read from a stream",
            where=shown,
            next="Write it to a file and name that, or unpack it",
            code="archive_in_stream",
        )


def kind_of(first: list[bytes]) -> str:
    """`json lines`, `json` (an array, or documents over several lines) or `text`."""
    start, *others = first or [b""]
    value = _json_or_none(start)
    if value is not None:
        return "json" if isinstance(value, list) else "json lines"
    opens = _OPENS.match(start) is not None
    if not start.startswith(b"[") and any(isinstance(_json_or_none(one), dict) for one in others):
        return "json lines"
    if not others and start.startswith(b"{") and len(start) >= HEAD:
        return "json lines"
    return "json" if opens else "text"


def _json_or_none(line: bytes) -> object:
    try:
        return parsed(line)[0]
    except ValueError:
        return None


def first_lines(head: bytes) -> list[bytes]:
    """The first lines that are not empty, whole ones."""
    found = [line.strip() for line in head[:HEAD].split(b"\n", 64)]
    if len(head) >= HEAD and len(found) > 1:
        found.pop()
    return [line for line in found if line][:_SNIFFED]


def as_utf8(read: Read, head: bytes) -> tuple[Read, bytes]:
    """The same text in UTF-8 without a byte order mark (PowerShell writes UTF-16)."""
    encoding = _BOMS.get(head[:2])
    if encoding is None:
        return read, head.removeprefix(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder(encoding)("replace")

    def again(size: int) -> bytes:
        while data := read(size):
            if text := decoder.decode(data):
                return text.encode("utf-8", "replace")
        return b""

    return again, decoder.decode(head[2:]).encode("utf-8", "replace")
