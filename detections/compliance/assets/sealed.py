"""Sealed bundles: what every reader of a collector's bundle asks of it before it believes a line.

The file is bounded, each member has the digest that the manifest says, nothing of the manifest is
missing, and the bundle says itself which collector and version wrote it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from fengsui.clock import from_iso
from fengsui.errors import InputError

MOST_PACKED: Final = 8 << 20
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True)
class Seal:
    """One collector's.

    Attributes:
        kind: of hosts, in words.
        format: what its `about` says.
        again: how to collect anew.
        text: of a member's bytes.
    """

    kind: str
    format: str
    again: str
    text: Callable[[bytes], str]

    def packed(self, path: Path) -> bytes:
        """The file, up to its bound.

        Raises:
            InputError: it cannot be read, or is larger.
        """
        try:
            with path.open("rb") as file:
                data = file.read(MOST_PACKED + 1)
        except OSError as error:
            raise InputError(
                f"The bundle cannot be read: {error.strerror}", where=str(path)
            ) from error
        if len(data) > MOST_PACKED:
            self.refuse(path, f"The bundle is over {MOST_PACKED >> 20} MiB", "too_large")
        return data

    def prove(self, path: Path, members: Mapping[str, bytes]) -> dict[str, str]:
        """Each member is in the manifest with its digest, and nothing of the manifest is missing.

        Returns:
            what the bundle says of itself.

        Raises:
            InputError: forged, of a version that is not known, or no bundle of this collector.
        """
        if "manifest" not in members or "about" not in members:
            self.refuse(
                path, f"This is no {self.kind} bundle: it has no manifest", "unknown_evidence"
            )
        listed: dict[str, str] = {}
        for line in self.text(members["manifest"]).splitlines():
            digest, _, name = line.partition("  ")
            listed[name] = digest
        for name, data in members.items():
            if name != "manifest" and listed.pop(name, "") != hashlib.sha256(data).hexdigest():
                self.refuse(path, f"{name[:80]} is not what the manifest says", "forged_bundle")
        if listed:
            self.refuse(path, f"{min(listed)[:80]} is missing of the bundle", "forged_bundle")
        lines = (line.partition("=") for line in self.text(members["about"]).split("\n"))
        about = {key: value[:200] for key, _, value in lines if key}
        if about.get("format") != self.format or about.get("version") != "1":
            self.refuse(
                path,
                "The bundle is of a version that this program does not know",
                "unknown_evidence",
            )
        return about

    def broken(self, path: Path, error: Exception) -> InputError:
        """The error of a bundle that does not unpack."""
        return InputError(
            "The bundle is truncated or broken",
            where=f"{path}: {error}"[:300],
            next=self.again,
            code="broken_bundle",
        )

    def refuse(self, path: Path, what: str, code: str = "hostile_bundle") -> NoReturn:
        """Say why a bundle is not taken.

        Raises:
            InputError: always.
        """
        raise InputError(what, where=str(path), next=self.again, code=code)


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


def collected_at(about: Mapping[str, str]) -> int:
    """When it was collected, by its own words; 0 where they are no time."""
    try:
        return from_iso(about.get("time", ""))
    except (ValueError, InputError):
        return 0
