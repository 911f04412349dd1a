"""How many of the sources seen go to a place, or say the same of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from detections.anomalies._bounded import Bounded
from fengsui.loss import Losses

KEPT: Final = 64  # sources a place: with more it is not rare in any network we look at
FEW: Final = 10  # sources in all; below, rarity says nothing and is not claimed
_RARE_SHARE: Final = 0.02
_RARE_MOST: Final = 20.0


@dataclass(frozen=True, slots=True)
class Rarity:
    """What is known of a place and a signature.

    Attributes:
        sources: of those seen, how many went there (stops at 64). of: sources seen in all.
        signature_sources: how many said the same user agent or JA4.
        known: enough sources were seen for rarity to mean something.
    """

    sources: int
    of: int
    signature_sources: int

    @property
    def known(self) -> bool:
        return self.of >= FEW

    @property
    def rare(self) -> bool:
        return self.sources <= min(max(2.0, _RARE_SHARE * self.of), _RARE_MOST)

    @property
    def signature_rare(self) -> bool:
        return self.known and 0 < self.signature_sources <= max(1.0, 0.002 * self.of)

    @property
    def factor(self) -> float:
        """What regularity is worth: 1 for a rare place or caller, less the commoner it is."""
        if not self.known:
            return 0.97 if self.sources <= 2 else 0.8
        if self.rare or self.signature_rare:
            return 1.0
        return 0.85 if self.sources <= 0.1 * self.of else 0.5


class Prevalence:
    """Bounded counts; evictions in `losses` under `<name>.`."""

    def __init__(self, losses: Losses, name: str) -> None:
        self._sources: Bounded[str, list[None]] = Bounded(65_536, list, losses, f"{name}.sources")
        self._places: Bounded[str, set[str]] = Bounded(32_768, set, losses, f"{name}.places")
        self._signatures: Bounded[str, set[str]] = Bounded(8_192, set, losses, f"{name}.signatures")

    def source(self, source: str) -> None:
        """A source was seen, wherever it went."""
        self._sources.take(source)

    def place(self, place: str, source: str) -> None:
        """A source went to a place (registered domain or address)."""
        _remember(self._places.take(place), source)

    def signature(self, signature: str, source: str) -> None:
        """A source called itself this (user agent, JA4)."""
        _remember(self._signatures.take(signature), source)

    def rarity(self, place: str, signature: str = "") -> Rarity:
        """What is known of a place, and of what the caller says of itself."""
        return Rarity(
            sources=len(self._places.find(place) or ()),
            of=len(self._sources),
            signature_sources=len(self._signatures.find(signature) or ()) if signature else 0,
        )


def _remember(sources: set[str], source: str) -> None:
    if len(sources) < KEPT:
        sources.add(source)
