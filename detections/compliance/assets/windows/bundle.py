"""A Windows bundle as the collector wrote it, read as something that an enemy may have written.

A zip, read in memory: nothing is unpacked to disk. Bounded in bytes, members and ratio; only plain
names in one folder; each member must have the digest that the manifest says. Texts are UTF-8 (ours),
UTF-16 (secedit) or the code page of a Chinese Windows (936).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from detections.compliance.assets.sealed import Seal, text_of

MOST_BYTES: Final = 32 << 20
MOST_MEMBERS: Final = 100
MOST_ROWS: Final = 20_001
_ZIP: Final = b"PK\x03\x04"
_NAME: Final = re.compile(r"[a-z][a-z-]{0,30}(\.[a-z]{2,4})?")
_LINK: Final = 0o120000  # of a Unix mode, in the upper half of external_attr
Row = Mapping[str, str]
# Tables of the collector, by the columns that it writes.
COLUMNS: Final[Mapping[str, str]] = {
    "system": "Caption Version BuildNumber ProductType OSLanguage Domain PartOfDomain",
    "users": "Name SID Disabled Lockout PasswordRequired PasswordExpires PasswordAgeDays LastLogin",
    "members": "Group SID Member",
    "registry": "Key Name Value",
    "services": "Name State StartMode StartName DisplayName",
    "shares": "Name Type Path",
    "firewall-rules": "Name Value",
    "programs": "DisplayName DisplayVersion Publisher",
    "features": "Name InstallState",
    "hotfixes": "HotFixID InstalledOn",
    "defender": "AntivirusEnabled RealTimeProtectionEnabled AntivirusSignatureLastUpdated AMServiceEnabled",
    "logs": "LogName IsEnabled MaximumSizeInBytes LogMode OldestRecord",
}


@dataclass(frozen=True)
class Bundle:
    """Members of a bundle as text, with their digests.

    Attributes:
        states: by member, `ok`, `cut` or why it failed; a member that is not there is not in it.
    """

    about: Mapping[str, str]
    texts: Mapping[str, str]
    digests: Mapping[str, str]
    states: Mapping[str, str] = field(default_factory=dict[str, str])

    def read(self, name: str) -> str | None:
        """A member's text; None where it was not collected, failed or was cut."""
        return self.texts.get(name) if self.states.get(name) == "ok" else None

    def table(self, name: str) -> list[Row] | None:
        """Rows of a table by column; None as `read`, or where a row is not of its shape."""
        text = self.read(f"{name}.tsv")
        if text is None:
            return None
        head, *lines = text.removesuffix("\n").split("\n")
        columns = COLUMNS[name].split()
        if head.split("\t") != columns:
            return None
        rows = [line.split("\t") for line in lines[:MOST_ROWS]]
        if any(len(cells) != len(columns) for cells in rows):
            return None
        return [dict(zip(columns, cells, strict=True)) for cells in rows]


def is_windows_bundle(head: bytes) -> bool:
    """Whether a file begins as a zip does."""
    return head.startswith(_ZIP)


def read_windows_bundle(path: Path) -> tuple[Bundle, str]:
    """A bundle, and the SHA-256 of the file.

    Raises:
        InputError: truncated, forged, hostile, or no bundle of ours.
    """
    packed = SEAL.packed(path)
    members = _members(path, packed)
    about = SEAL.prove(path, members)
    texts = {name: decoded(data) for name, data in members.items()}
    states = (line.partition("\t") for line in texts.get("index.tsv", "").split("\n"))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    bundle = Bundle(about, texts, digests, {name: state for name, _, state in states if name})
    return bundle, hashlib.sha256(packed).hexdigest()


def decoded(data: bytes) -> str:
    """Text of a Windows program: UTF-16 by its mark or its zeros, else UTF-8 or code page 936."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif len(data) > 3 and data[1:40:2].count(0) * 2 > len(data[1:40:2]):
        text = data.decode("utf-16-le", "replace")
    else:
        return text_of(data.removeprefix(b"\xef\xbb\xbf"))
    return text_of(text.encode("utf-8", "replace"))


SEAL: Final = Seal(
    "Windows",
    "fengsui-windows-evidence",
    "Collect again: fengsui collect script --windows > collect.ps1",
    decoded,
)


def _members(path: Path, packed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_MEMBERS:
                SEAL.refuse(path, f"The bundle has over {MOST_MEMBERS} members", "too_large")
            for info in infos:
                link = (info.external_attr >> 16) & 0o170000 == _LINK
                if not _NAME.fullmatch(info.filename) or info.filename in found or link:
                    SEAL.refuse(
                        path,
                        f"The bundle has a member that ours never have: {info.filename[:80]!r}",
                    )
                if info.flag_bits & 1:
                    SEAL.refuse(path, "The bundle is encrypted")
                with archive.open(info) as member:
                    data = member.read(left + 1)  # what the header says of its size is not believed
                left -= len(data)
                if left < 0:
                    SEAL.refuse(
                        path, f"The bundle unpacks to over {MOST_BYTES >> 20} MiB", "too_large"
                    )
                found[info.filename] = data
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        zlib.error,
        ValueError,
        NotImplementedError,
    ) as error:
        raise SEAL.broken(path, error) from error
    return found
