"""How the event store fares, for the command line and the console alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.wiring import elastic_address
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from fengsui.store.diagnosis import Finding
from fengsui.store.event_store import EventStore

BACKUP: Final = "backup"
"""Under this name the last backup reports to the state, as roles do."""


def findings(settings: Settings, events: EventStore, *, thorough: bool) -> Iterator[Finding]:
    """What is wrong with a store, and what mends it.

    Args:
        settings: of the installation.
        events: its store.
        thorough: also read every segment of an embedded store and compare its hashes.
    """
    try:
        if settings.store.kind == "elastic":
            from fengsui.store.elastic.doctor import examine  # noqa: PLC0415 - an extra

            yield from examine(elastic_address(settings))
            return
        about = events.describe()
        mend = "" if about.status == "good" else "free the disk, or shorten store.retention_days"
        free = int(about.facts["disk free"]) / 1e9
        yield Finding("disk", "warning" if mend else "good", f"{free:.1f} GB free", mend)
        yield Finding("segments", "good", f"{about.facts['segments']:,}")
        yield from _hashes(events) if thorough else ()
    except FengsuiError as error:
        yield Finding("store", "bad", error.what, error.next)


def _hashes(events: EventStore) -> Iterator[Finding]:
    faults = events.verify().faults
    for fault in faults:
        yield Finding(
            "segment", "bad", fault, "`fengsui store mend`, then restore its days from a backup"
        )
    if not faults:
        yield Finding("hash chain", "good", "nothing was changed behind the store's back")
