"""Peaks of devices and links stay under their limits (L3-CNS1-01, -02), rooms in their band (L3-PES1-17).

By the registers `loads`, `links` and `climate`, as a monitoring system exports them. A reading above
the limit is against it; none is open until the period is full, every asset is in it and it holds a
peak that somebody named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.checks.cleartext_devices import DEVICES
from detections.compliance.events.asking import Answer, event_query, limit, signed, told
from detections.compliance.events.ledger import moment, number
from detections.compliance.evidence import Evidence, Row
from fengsui.clock import DAY

_YES: Final = frozenset({"1", "yes", "true", "y", "是"})
Read = Mapping[str, list[Mapping[str, str]]]


def _devices(evidence: Evidence) -> Answer:
    since, read = _read(evidence, "loads", "device")
    most = limit("peaks", "share")
    rows: list[Row] = []
    for name, found in sorted(read.items()):
        peak = {key: max(number(row[key]) for row in found) for key in ("cpu", "memory")}
        rows.append({"device": name, "readings": len(found), **peak})
    bad = [str(r["device"]) for r in rows if float(r["cpu"]) > most or float(r["memory"]) > most]
    wanted = [a for a in evidence.plan.assets if a.kind in DEVICES]
    unread = [a for a in wanted if not read.keys() & {a.id, a.name, *a.addresses}]
    why = "no_register" if not wanted else "not_polled" if unread else ""
    why = why or _unripe(evidence, "loads", read, since, peaks=True)
    steps = (
        told("load_at_peak", bad, len(rows), why),
        signed("never_down_for_load"),
        signed("capacity_test"),
    )
    return Answer(steps, "register: loads", rows, since)


def _links(evidence: Evidence) -> Answer:
    since, read = _read(evidence, "links", "link")
    rows: list[Row] = []
    bad: list[str] = []
    unknown = False
    for name, found in sorted(read.items()):
        shares: list[float] = []
        for row in found:
            contract = number(row["contract_bps"])
            busiest = max(number(row["in_bps"]), number(row["out_bps"]))
            unknown = unknown or contract <= 0
            shares.append(100 * busiest / contract if contract > 0 else 0.0)
        usual = sorted(shares)[min(len(shares) - 1, len(shares) * 95 // 100)]
        rows.append({"link": name, "readings": len(found), "p95": round(usual, 2)})
        if usual > limit("peaks", "share"):
            bad.append(f"{name} {usual:.0f}%")
    why = "no_contract" if unknown else _unripe(evidence, "links", read, since, peaks=True)
    steps = (
        told("links_at_peak", bad, len(rows), why),
        signed("links_complete"),
        signed("bandwidth_test"),
    )
    return Answer(steps, "register: links", rows, since)


def _rooms(evidence: Evidence) -> Answer:
    since, read = _read(evidence, "climate", "room")
    rows: list[Row] = []
    bad: list[str] = []
    flat = False
    for name, found in sorted(read.items()):
        heat = [number(row["temperature"]) for row in found]
        damp = [number(row["humidity"]) for row in found]
        outside = sum(not _in_band(h, d) for h, d in zip(heat, damp, strict=True))
        rows.append({"room": name, "readings": len(found), "outside": outside})
        if 100 * outside > limit("climate", "outside") * len(found):
            bad.append(name)
        flat = flat or (len(set(heat)) == 1 and len(set(damp)) == 1)
    why = "flat_line" if flat else _unripe(evidence, "climate", read, since, peaks=False)
    steps = (
        told("rooms_in_band", bad, len(rows), why),
        signed("conditioner_seen"),
        signed("rooms_complete"),
    )
    return Answer(steps, "register: climate", rows, since)


def _in_band(heat: float, damp: float) -> bool:
    warm = limit("climate", "coldest") <= heat <= limit("climate", "warmest")
    return warm and limit("climate", "driest") <= damp <= limit("climate", "dampest")


def _read(evidence: Evidence, register: str, by: str) -> tuple[int, Read]:
    since = evidence.now - int(limit("peaks", "period_days")) * DAY
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in evidence.ledger.rows(register):
        if since <= moment(row["time"]) <= evidence.now:
            found.setdefault(row[by], []).append(row)
    return since, found


def _unripe(evidence: Evidence, name: str, read: Read, since: int, *, peaks: bool) -> str:
    register = evidence.ledger.register(name)
    if register is None or not read:
        return "no_readings"
    if register.problems:
        return "not_whole"
    full = (evidence.now - since) // DAY if peaks else int(limit("climate", "least_days"))
    share = 1 - limit("peaks", "gap_share") / 100
    for found in read.values():
        times = sorted(moment(row["time"]) for row in found)
        days = {time // DAY for time in times}
        if len(days) < full * share or evidence.now - times[-1] > DAY:
            return "short_readings"
        if peaks and not any(row["peak"].lower() in _YES for row in found):
            return "no_peak"
    return ""


QUERIES: Final = (
    event_query("peaks.devices", "L3-CNS1-01", _devices),
    event_query("peaks.links", "L3-CNS1-02", _links),
    event_query("climate", "L3-PES1-17", _rooms),
)
