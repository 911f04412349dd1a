"""Backups succeed, are restored, and reach the other site (L3-CES1-29, L3-CES1-30).

By the register `backups`: rows of kind `backup`, `restore` and `replica`, as backup programs export
them. A job that says "ok" without a size proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from detections.compliance.events.asking import Answer, event_query, limit, signed, told
from detections.compliance.events.ledger import moment, number
from detections.compliance.evidence import Evidence, Row
from fengsui.clock import DAY, HOUR

Rows = Sequence[Mapping[str, str]]
_GOOD: Final = frozenset({"ok", "success", "succeeded", "成功"})


def _local(evidence: Evidence) -> Answer:
    since, by_data, why = _read(evidence, ("backup", "restore"))
    late: list[str] = []
    unrestored: list[str] = []
    rows: list[Row] = []
    for name, found in sorted(by_data.items()):
        jobs = [row for row in found if row["kind"] == "backup"]
        good = [row for row in jobs if row["result"].lower() in _GOOD]
        sized = [row for row in good if row["size"] and number(row["size"]) > 0]
        if good and len(sized) < len(good):
            why = why or "no_size"
        interval = max(
            (number(r["interval_hours"]) for r in jobs if r["interval_hours"]), default=0.0
        )
        why = why or ("" if interval else "no_interval")
        age = evidence.now - max((moment(row["time"]) for row in good), default=0)
        patience = interval * (1 + limit("backups", "slack") / 100) * HOUR
        share = 100 * len(good) / len(jobs) if jobs else 0.0
        if share < limit("backups", "success") or (interval and age > patience):
            late.append(name)
        if not _restored(found, evidence.now):
            unrestored.append(name)
        rows.append({"data": name, "jobs": len(jobs), "good": len(good), "with_size": len(sized)})
    steps = (
        told("backups_succeed", late, len(rows), why),
        # A restore test that is not in the register may be filed elsewhere.
        told("backups_restored", [], len(rows), why or ("no_restore" if unrestored else "")),
        signed("backup_policy"),
        signed("backup_all_data"),
    )
    return Answer(steps, "register: backups", rows, since)


def _remote(evidence: Evidence) -> Answer:
    since, by_data, why = _read(evidence, ("replica",))
    bad: list[str] = []
    rows: list[Row] = []
    for name, found in sorted(by_data.items()):
        lags = [number(row["lag_seconds"]) for row in found if row["lag_seconds"]]
        good = sum(lag <= limit("backups", "lag_seconds") for lag in lags)
        if lags and 100 * good < limit("backups", "lag_share") * len(lags):
            bad.append(name)
        days = {moment(row["time"]) // DAY for row in found}
        why = why or ("short_readings" if len(days) < 30 or len(lags) < len(found) else "")
        rows.append({"data": name, "readings": len(found), "in_time": good})
    steps = (
        told("replica_in_time", bad, len(rows), why),
        signed("other_site"),
        signed("marker_test"),
        signed("backup_all_data"),
    )
    return Answer(steps, "register: backups", rows, since)


def _restored(found: Rows, now: int) -> bool:
    oldest = now - int(limit("backups", "restore_days")) * DAY
    return any(
        row["kind"] == "restore"
        and row["result"].lower() in _GOOD
        and oldest <= moment(row["time"]) <= now
        for row in found
    )


def _read(
    evidence: Evidence, kinds: tuple[str, ...]
) -> tuple[int, dict[str, list[Mapping[str, str]]], str]:
    since = evidence.now - int(limit("backups", "period_days")) * DAY
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in evidence.ledger.rows("backups"):
        recent = since <= moment(row["time"]) <= evidence.now
        if row["kind"] in kinds and (recent or row["kind"] == "restore"):
            found.setdefault(row["data"], []).append(row)
    register = evidence.ledger.register("backups")
    why = "no_jobs" if register is None or not found else ""
    return since, found, why or ("not_whole" if register and register.problems else "")


QUERIES: Final = (
    event_query("backups.local", "L3-CES1-29", _local),
    event_query("backups.remote", "L3-CES1-30", _remote),
)
