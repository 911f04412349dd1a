"""Incidents: what a case of foreign alerts is told as."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.case import Case, Weighed
from correlation.surprise.kinds import Kind
from correlation.surprise.table import Host
from fengsui.attack import TACTIC_ORDER
from fengsui.clock import SECOND, to_iso
from fengsui.ids import digest_id
from fengsui.severity import Severity
from fengsui.text import Text

_SHOWN_HOSTS = 200
_SHOWN_ADDRESSES = 50
_FLOORS = (
    (Severity.CRITICAL, 2.0),
    (Severity.HIGH, 1.0),
    (Severity.MEDIUM, 0.35),
    (Severity.LOW, 0.15),
)


@dataclass(frozen=True, slots=True)
class SurpriseIncident:
    """Alerts that hang together.

    Attributes:
        score: bits; the parts sum to it.
        parts: bits by kind of alert.
        entities: our hosts with the bits that each carries, then addresses outside.
        stages: ATT&CK tactics that the alerts speak of, in their order.
        first, last, raised: s since the epoch; `raised` None where it never came to high severity.
        alerts: positions in the table, rising.
        context: alerts on the same hosts that belong to it and prove nothing, by kind.
    """

    id: str
    title: Text
    severity: Severity
    score: float
    parts: tuple[tuple[str, float], ...]
    entities: tuple[dict[str, object], ...]
    stages: tuple[str, ...]
    first: int
    last: int
    raised: int | None
    alerts: NDArray[np.int64]
    context: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """All but the alerts."""
        raised = None if self.raised is None else to_iso(self.raised * SECOND)
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "severity": self.severity.word,
            "score": self.score,
            "parts": [{"name": name, "bits": bits} for name, bits in self.parts],
            "first": to_iso(self.first * SECOND),
            "last": to_iso(self.last * SECOND),
            "raised": raised,
            "entities": list(self.entities),
            "stages": list(self.stages),
            "context": self.context,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """Positions in the table of a case's alerts, rising: those that count, and how many are context."""

    alerts: NDArray[np.int64]
    context: Mapping[int, int]  # kind → alerts


def told(
    case: Case,
    weighed: Weighed,
    found: Found,
    hosts: Mapping[int, Host],
    kinds: Mapping[int, Kind],
    raise_at: float,
) -> SurpriseIncident:
    """The incident that a case is shown as."""
    counted = [item for item in case.items if (item.host, item.kind) in weighed.evidence]
    first = min(item.first for item in counted)
    last = max(item.last for item in counted)
    carried: defaultdict[int, float] = defaultdict(float)
    best: dict[tuple[int, int], float] = {}
    for item in counted:
        key = (item.host, item.kind)
        best[key] = max(best.get(key, 0.0), item.bits + item.severity)
    for (host, _), bits in best.items():
        carried[host] += bits
    by_bits = sorted(carried, key=lambda host: (-carried[host], hosts[host].key))
    severity = next((s for s, share in _FLOORS if weighed.score >= share * raise_at), Severity.INFO)
    if case.raised is not None:
        severity = max(severity, Severity.HIGH)
    said = max(
        (kinds[item.kind].severity or Severity.INFO for item in counted), default=Severity.INFO
    )
    severity = max(severity, Severity(max(said - 1, 0)))  # one alert alone is worth a step less
    spoken = {stage for kind, _ in weighed.parts for stage in kinds[kind].stages}
    main = hosts[by_bits[0]]
    return SurpriseIncident(
        id=digest_id("surprise", main.key, first, kinds[counted[0].kind].key),
        title=_title(main, len(carried), weighed, kinds, last - first),
        severity=severity,
        score=weighed.score,
        parts=tuple((kinds[kind].title, bits) for kind, bits in weighed.parts),
        entities=_entities(by_bits, carried, hosts, [item.far for item in counted]),
        stages=tuple(tactic for tactic in TACTIC_ORDER if tactic in spoken),
        first=first,
        last=last,
        raised=case.raised,
        alerts=found.alerts,
        context={kinds[kind].title: count for kind, count in sorted(found.context.items())},
    )


def _title(
    main: Host, hosts: int, weighed: Weighed, kinds: Mapping[int, Kind], seconds: int
) -> Text:
    values: dict[str, str | int | float] = {
        "host": main.name or main.address,
        "others": hosts - 1,
        "kinds": len(weighed.parts),
        "worst": kinds[weighed.parts[0][0]].title,
        "minutes": max(1, round(seconds / 60)),
    }
    return Text(f"correlation.surprise.{'many' if hosts > 1 else 'one'}", values)


def _entities(
    by_bits: Sequence[int],
    carried: Mapping[int, float],
    hosts: Mapping[int, Host],
    addresses: Sequence[str],
) -> tuple[dict[str, object], ...]:
    shown: list[dict[str, object]] = [
        {
            "kind": "host",
            "value": hosts[host].key,
            "name": hosts[host].name,
            "internal": True,
            "bits": round(carried[host], 2),
        }
        for host in by_bits[:_SHOWN_HOSTS]
    ]
    often = Counter(address for address in addresses if address)
    for address, items in sorted(often.items(), key=lambda one: (-one[1], one[0])):
        if len(shown) >= _SHOWN_HOSTS + _SHOWN_ADDRESSES:
            break
        shown.append({"kind": "host", "value": address, "internal": False, "items": items})
    return tuple(shown)
