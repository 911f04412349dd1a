"""Containers: which office format, package or archive a zip or OLE file is.

Zip (APPNOTE 4.3): the names in the local headers that the first bytes hold tell. OLE compound files
(MS-CFB): the names of their streams do, where the directory lies early enough.
"""

from __future__ import annotations

from typing import Final

_LOCAL: Final = b"PK\x03\x04"
_MOST_MEMBERS: Final = 64
_OOXML: Final = "application/vnd.openxmlformats-officedocument"

# A name in the archive that begins so decides.
_MEMBERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"OFD.xml", "application/ofd"),  # GB/T 33190
    (b"word/", _OOXML + ".wordprocessingml.document"),
    (b"xl/", _OOXML + ".spreadsheetml.sheet"),
    (b"ppt/", _OOXML + ".presentationml.presentation"),
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
    (b"classes.dex", "application/vnd.android.package-archive"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
    (b"AppxManifest.xml", "application/vnd.ms-appx"),
)
_SURE: Final = 6  # of those that end the search; a MANIFEST.MF is in packages of Android too


def zip_kind(head: bytes, name: str = "") -> str:
    """Media type of a zip file by the names of its first members."""
    found = ""
    office = False
    at = head.find(_LOCAL)
    for _ in range(_MOST_MEMBERS):
        if at < 0 or at + 30 > len(head):
            break
        size = int.from_bytes(head[at + 26 : at + 28], "little")
        member = head[at + 30 : at + 30 + size]
        if member == b"mimetype":
            return _stated(head, at, size)
        office = office or member == b"[Content_Types].xml"
        for rank, (start, mime) in enumerate(_MEMBERS):
            if member.startswith(start):
                if rank < _SURE:
                    return mime
                found = found or mime
        at = head.find(_LOCAL, at + 30)
    if found == "application/java-archive" and name.lower().endswith(".apk"):
        return "application/vnd.android.package-archive"
    return found or (_OOXML if office else "application/zip")


def _stated(head: bytes, at: int, size: int) -> str:
    """Type that an OpenDocument or EPUB file states in its first member, stored plainly."""
    start = at + 30 + size + int.from_bytes(head[at + 28 : at + 30], "little")
    length = int.from_bytes(head[at + 18 : at + 22], "little")
    stated = head[start : start + min(length or 64, 96)]
    if length == 0:  # its length follows it: ends where the next member begins
        stated = stated.partition(b"PK")[0]
    words = stated.decode("ascii", "replace").strip()
    good = words.isprintable() and words.startswith("application/") and " " not in words
    return words if good and "\ufffd" not in words else "application/zip"


_STREAMS: Final[tuple[tuple[str, str], ...]] = (
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("VisioDocument", "application/vnd.visio"),
    ("HwpSummaryInformation", "application/x-hwp"),
)
_NAMES: Final = tuple(
    (("\0" if name == "Book" else "").encode() + name.encode("utf-16-le") + b"\0\0", mime)
    for name, mime in _STREAMS
)
_INSTALLER: Final = bytes.fromhex("84100c0000000000c000000000000046")  # class of an MSI's root
_PATCH: Final = bytes.fromhex("86100c0000000000c000000000000046")
# Kingsoft's formats of the same streams, which only the name tells apart.
_KINGSOFT: Final = {
    ("wps", "application/msword"): "application/wps-office.wps",
    ("et", "application/vnd.ms-excel"): "application/wps-office.et",
    ("dps", "application/vnd.ms-powerpoint"): "application/wps-office.dps",
}


def ole_kind(head: bytes, name: str = "") -> str:
    """Media type of an OLE compound file; Zeek's word for all of them where nothing tells."""
    found = "application/msword"
    if _INSTALLER in head or _PATCH in head:
        return "application/x-msi"
    for stream, mime in _NAMES:
        if stream in head:
            found = mime
            break
    extension = name.rpartition(".")[2].lower()
    return _KINGSOFT.get((extension, found), found)
