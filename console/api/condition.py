"""The pipeline's joints, told from what the roles report of themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from console.api.schemas.health import (
    InterfaceRow,
    Joint,
    JointName,
    JointStatus,
    PacketStoreRow,
    PacketWriter,
)
from fengsui.clock import SECOND, to_iso
from fengsui.store.event_store import DatasetStatistics
from fengsui.store.state import Replay

SILENT: Final = 15 * SECOND  # a role reports each few seconds; after this it is held to be down
LAGGING: Final = 10.0  # seconds
_REPLAYS_SHOWN: Final = 20
# Told of the traffic itself: its events are whole, so they turn no joint red.
NOTED: Final = frozenset(
    {
        "dns.repeated_query",
        "fragment.overlap",
        "http.encoding_mismatch",
        "http.multipart_other_boundary",
        "quic.not_decrypted",
        "smb.encrypted",
        "stream.overlap",
    }
)

Report = tuple[int, Mapping[str, Any]]  # ns, document
Lost = tuple[dict[str, int], dict[str, int]]  # since the start, and within the last hour


class Rates:
    """Events a second of each role and packets of each interface, between their last two reports."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}
        self._rates: dict[str, float] = {}

    def rate(self, role: str, report: Report) -> float | None:
        """Events a second; None until two reports were seen."""
        at, document = report
        return self.of(role, at, int(document.get("events", 0)))

    def of(self, name: str, at: int, count: int) -> float | None:
        """The same of any count that grows, told at `at` (ns)."""
        before, counted = self._seen.get(name, (at, count))
        if at > before:
            self._rates[name] = max(0.0, (count - counted) * SECOND / (at - before))
        self._seen[name] = (at, count)
        return self._rates.get(name)


def joints(
    reports: Mapping[str, Report],
    held: Sequence[DatasetStatistics],
    replays: Sequence[Replay],
    rates: Rates,
    now: int,
) -> list[Joint]:
    """From the interface to the console, in order of the stream."""
    sense, work = reports.get("sense"), reports.get("work")
    losses = _sorted_losses(sense, work, "losses")
    lately = _sorted_losses(sense, work, "lost_lately")

    def lost(joint: str) -> Lost:
        return losses[joint], lately[joint]

    sensed = rates.rate("sense", sense) if sense else None
    worked = rates.rate("work", work) if work else None
    waiting = _number(work, "waiting")
    lag = (_number(work, "lag_seconds") or 0.0) if waiting else 0.0
    spool = {"waiting": waiting, "bytes": _number(work, "spool_bytes")}
    runs = _sensor_detail(sense, replays)
    return [
        _joint("sensor", sense, now, lost("sensor"), sensed, lag=_wire_lag(sense), detail=runs),
        _joint("spool", work, now, lost("spool"), sensed, lag=lag, detail=spool),
        _joint(
            "detections",
            work,
            now,
            lost("detections"),
            worked,
            lag=lag,
            detail=_named(work, "clock"),
        ),
        _joint("store", work, now, lost("store"), worked, detail=_store_detail(held)),
        Joint(
            id="console",
            status="good",
            rate=None,
            lag_seconds=0.0,
            losses={},
            lost_lately={},
            noted=[],
            detail={},
            at=to_iso(now),
        ),
    ]


def interfaces(reports: Mapping[str, Report], rates: Rates) -> list[InterfaceRow]:
    """Captured interfaces, as the sensor has told them last."""
    at, document = reports.get("sense", (0, {}))
    rows = cast("Sequence[Mapping[str, Any]]", document.get("interfaces", ()))
    return [
        InterfaceRow.model_validate(
            {
                **row,
                "drop_share": row["drops"] / row["packets"] if row["packets"] else 0.0,
                "packet_rate": rates.of(f"interface {row['name']}", at, row["packets"]),
            }
        )
        for row in rows
    ]


def packet_store(reports: Mapping[str, Report]) -> PacketStoreRow | None:
    """The packet store, as the sensor has told of it last; None where no packets are kept."""
    _, document = reports.get("sense", (0, {}))
    held = document.get("packet_store")
    if not held:
        return None
    writers = [PacketWriter.model_validate(row) for row in document.get("packets", ())]
    states = {each.state for each in writers}
    worst = next((state for state in ("failed", "paused") if state in states), "writing")
    return PacketStoreRow.model_validate({**held, "state": worst, "writers": writers})


def _sorted_losses(
    sense: Report | None, work: Report | None, field: str
) -> dict[str, dict[str, int]]:
    """Losses by the joint where they happened, told by the beginning of their names."""

    def of(report: Report | None, belongs: Callable[[str], bool]) -> dict[str, int]:
        counts = cast("Mapping[str, int]", report[1].get(field, {}) if report else {})
        return {name: count for name, count in counts.items() if belongs(name)}

    def in_spool(name: str) -> bool:
        return name.startswith("spool.")

    return {
        "sensor": of(sense, lambda name: not in_spool(name)),
        "spool": _added(of(sense, in_spool), of(work, in_spool)),
        "detections": of(work, lambda name: not name.startswith(("spool.", "store."))),
        "store": of(work, lambda name: name.startswith("store.")),
    }


def _joint(
    name: JointName,
    report: Report | None,
    now: int,
    lost: Lost,
    rate: float | None,
    *,
    lag: float | None = None,
    detail: Mapping[str, Any],
) -> Joint:
    losses, lately = lost
    return Joint(
        id=name,
        status=_status(report, now, lately, lag),
        rate=rate,
        lag_seconds=lag if report else None,
        losses=losses,
        lost_lately=lately,
        noted=sorted(NOTED & losses.keys()),
        detail=dict(detail),
        at=to_iso(report[0]) if report else None,
    )


def _wire_lag(report: Report | None) -> float | None:
    """How far the slowest interface is behind the wire; None where none is captured."""
    rows = cast("Sequence[Mapping[str, Any]]", report[1].get("interfaces", ()) if report else ())
    return max((float(row["lag_seconds"]) for row in rows), default=None)


def _status(
    report: Report | None, now: int, lately: Mapping[str, int], lag: float | None
) -> JointStatus:
    if report is None:
        return "unknown"
    if now - report[0] > SILENT:
        return "stopped"
    unseen = any(
        row["status"] in ("failed", "down")
        for row in cast("Sequence[Mapping[str, Any]]", report[1].get("interfaces", ()))
    )
    if unseen or any(count for name, count in lately.items() if name not in NOTED):
        return "lost"
    return "lagging" if (lag or 0) > LAGGING else "good"


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def _number(report: Report | None, name: str) -> float | None:
    value = report[1].get(name) if report else None
    return value if isinstance(value, int | float) else None


def _named(report: Report | None, name: str) -> dict[str, Any]:
    return {name: report[1][name]} if report and name in report[1] else {}


def _sensor_detail(report: Report | None, replays: Sequence[Replay]) -> dict[str, Any]:
    """What is followed, and what was lost in the latest replays and drills."""
    lost: dict[str, Any] = {}
    for replay in replays[:_REPLAYS_SHOWN]:
        inputs = cast("Sequence[Mapping[str, Any]]", replay.summary.get("inputs", ()))
        losses: dict[str, int] = {}
        for each in inputs:
            losses = _added(losses, each.get("losses") or {})
        if losses:
            lost[replay.id] = {"name": replay.name, "losses": losses}
    return {**_named(report, "follow"), "runs": lost}


def _store_detail(held: Sequence[DatasetStatistics]) -> dict[str, Any]:
    return {"events": sum(row.events for row in held), "bytes": sum(row.bytes for row in held)}
