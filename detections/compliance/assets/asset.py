"""Asset evidence: what was read of one host or device, when, from what, and how strong it is.

Readers make it of a file that somebody brought; checks judge its `facts`. Nothing of it needs a
store, settings or the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fengsui.errors import FengsuiError

AssetKind = Literal[
    "host", "network", "security", "database", "service", "register", "windows", "scan", "probe"
]
EvidenceLevel = Literal["E0", "E1", "E4", "E6"]


@dataclass(frozen=True, slots=True)
class AssetEvidence:
    """One asset as a piece of evidence shows it.

    Attributes:
        name: host name or `sysname`, as the evidence itself says.
        source: name of the file as it was given.
        digest: SHA-256 of that file.
        collected: ns; time of the collection as the evidence says, 0 where it says none.
        level: E0 a file tree or text read offline; E1 taken on the running target with full rights.
        facts: what the reader made of it: `HostFacts`, or a device's configuration.
        problems: what was cut, missing or unreadable, one sentence each.
    """

    name: str
    kind: AssetKind
    source: str
    digest: str
    collected: int
    level: EvidenceLevel
    facts: object
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Facts of one asset that was seen as several things: each is judged by the checks of its kind."""

    parts: tuple[AssetEvidence, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Evidence that was not taken, with the reason."""

    source: str
    error: FengsuiError
