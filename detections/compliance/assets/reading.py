"""Evidence files, told by content: host bundles and device configurations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device.reader import is_configuration, read_configuration
from detections.compliance.assets.host.bundle import is_bundle
from detections.compliance.assets.host.host import read_host
from fengsui.errors import InputError

HEAD: Final = 4096  # bytes by which a kind of evidence is told


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of evidence: `suits` looks at the first bytes, `read` reads the file."""

    kind: str
    suits: Callable[[bytes], bool]
    read: Callable[[Path], AssetEvidence]


READERS: Final = (
    Reader("host bundle", is_bundle, read_host),
    Reader("device configuration", is_configuration, read_configuration),
)


def read_evidence(path: Path) -> AssetEvidence:
    """One file of evidence.

    Raises:
        InputError: not readable, of no kind we know, or hostile.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise InputError(
            f"The evidence cannot be read: {error.strerror}",
            where=str(path),
            next="Name a host bundle (fengsui collect script) or a device configuration",
        ) from error
    for reader in READERS:
        if reader.suits(head):
            return reader.read(path)
    raise InputError(
        "This is no evidence that we know",
        where=str(path),
        next="Name a host bundle (fengsui collect script) or a device configuration",
        code="unknown_evidence",
    )
