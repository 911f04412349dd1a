"""Evidence out of the stores, for what compliance asks of telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from detections.compliance.events.ledger import Ledger
from fengsui.store.event_store import EventStore
from fengsui.store.state import Plan, SourceSeen


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """What checks may ask: the store, the register, the sources; of live telemetry, or of one run."""

    events: EventStore
    plan: Plan
    sources: Sequence[SourceSeen]
    now: int
    run: str = ""
    others: frozenset[str] = frozenset()
    ledger: Ledger = field(default_factory=Ledger)
