"""What `fengsui store … --json`, `backup` and `restore` print."""

from __future__ import annotations

from console.published_document import Document


class StoreDataset(Document):
    """What is held of one dataset; times are ISO 8601."""

    dataset: str
    events: int
    bytes: int
    first: str
    last: str


class StoreStatus(Document):
    """`fengsui store status`."""

    kind: str
    version: str
    where: str
    status: str
    facts: dict[str, str | int]
    datasets: list[StoreDataset]


class StoreVerified(Document):
    """`fengsui store verify`; `faults` is empty where nothing was changed."""

    segments: int
    faults: list[str]


class DoctorRow(Document):
    """One thing looked at: `good`, `warning` or `bad`, and the command or setting that mends it."""

    what: str
    status: str
    found: str
    next: str


class StoreDoctor(Document):
    """`fengsui store doctor`."""

    checks: list[DoctorRow]


class CopiedDay(Document):
    """One day of event time, alike in both stores."""

    day: str
    events: int
    sha256: str
    sm3: str


class StoreCopied(Document):
    """`fengsui store copy`."""

    source: str
    target: str
    events: int
    copied: int
    days_already_there: int
    seconds: float
    days: list[CopiedDay]


class BackupFile(Document):
    """One file of a backup: hashes of what is in it, in the clear."""

    name: str
    kind: str
    rows: int
    bytes: int
    sha256: str
    sm3: str


class Backup(Document):
    """`fengsui backup` and `fengsui restore`: what was written, or brought back, and compared."""

    folder: str
    made: str
    seconds: float
    events: int
    state_rows: int
    written: int
    unchanged: int
    files: list[BackupFile]
