"""Evidence, told by its content or URL: host bundles, device configurations, databases, services."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.reader import is_database, read_database
from detections.compliance.assets.database.recorded import is_recorded, read_recorded
from detections.compliance.assets.device.reader import is_configuration, read_configuration
from detections.compliance.assets.host.bundle import is_bundle
from detections.compliance.assets.host.host import read_host
from detections.compliance.assets.probe.authority import Authority
from detections.compliance.assets.probe.reader import is_service, read_service
from detections.compliance.assets.probe.record import is_probe, read_probe
from detections.compliance.assets.scan.reader import is_scan, read_scan
from detections.compliance.assets.windows.bundle import is_windows_bundle
from detections.compliance.assets.windows.facts import read_windows
from detections.compliance.events.registers import is_register, read_register
from fengsui.clock import Clock, WallClock
from fengsui.errors import InputError

_NEXT: Final = (
    "Name a host bundle (fengsui collect script), a device configuration, or the URL of a database"
)
HEAD: Final = 4096  # bytes by which a kind of evidence is told


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of evidence: `suits` looks at the first bytes, `read` reads the file."""

    kind: str
    suits: Callable[[bytes], bool]
    read: Callable[[Path], AssetEvidence]


READERS: Final = (
    Reader("register", is_register, read_register),
    Reader("record of a probe", is_probe, read_probe),
    Reader("record of a database", is_recorded, read_recorded),
    Reader("host bundle", is_bundle, read_host),
    Reader("Windows bundle", is_windows_bundle, read_windows),
    Reader("scanner's result", is_scan, read_scan),
    Reader("device configuration", is_configuration, read_configuration),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be asked over the network: leave for probes, and the clock that times them."""

    authority: Authority | None = None
    clock: Clock = field(default_factory=WallClock)


def read_evidence(source: Path | str, asked: Asked | None = None) -> AssetEvidence:
    """One file of evidence, or one live database or service by its URL.

    Raises:
        InputError: not readable or reachable, of no kind we know, or hostile.
        ForbiddenError: a probe without leave.
        MissingToolError: a database's driver is not installed.
    """
    text = str(source)
    if isinstance(source, str) and is_database(text):
        return read_database(text)
    if isinstance(source, str) and is_service(text):
        asked = asked or Asked()
        return read_service(text, asked.authority, asked.clock)
    if isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://", text):
        raise InputError(
            "Evidence is not asked by this kind of URL",
            where=f"{text.partition(':')[0]}://…",
            next="postgresql://, mysql://, mariadb://, ssh://, tls:// or https://",
            code="unknown_evidence",
        )
    return _read_file(Path(source))


def _read_file(path: Path) -> AssetEvidence:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise InputError(
            f"The evidence cannot be read: {error.strerror}",
            where=str(path),
            next=_NEXT,
        ) from error
    for reader in READERS:
        if reader.suits(head):
            return reader.read(path)
    raise InputError(
        "This is no evidence that we know",
        where=str(path),
        next=_NEXT,
        code="unknown_evidence",
    )
