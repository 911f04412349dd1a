"""Incidents: what a case of foreign alerts is told as."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from correlation.surprise.case import Item
from correlation.surprise.kinds import Kind
from correlation.surprise.names import Names
from correlation.surprise.showing import Shown
from correlation.surprise.table import Host
from correlation.surprise.weighing import STAGES, TRAIL, Weighed
from fengsui.attack import in_order
from fengsui.clock import SECOND, to_iso
from fengsui.ids import digest_id
from fengsui.severity import Severity
from fengsui.text import LANGUAGES, Text, literal

Positions = NDArray[np.int32] | NDArray[np.int64]  # in the table, rising
_SHOWN_HOSTS = 200
_SHOWN_OTHERS = 50  # of each kind


@dataclass(frozen=True, slots=True)
class SurpriseIncident:
    """Alerts that hang together.

    Attributes:
        score: bits; the parts sum to it.
        parts: bits by kind of alert, then for what the kinds are together (`part_title`).
        entities: our hosts with the bits that each carries, then addresses outside.
        stages: ATT&CK tactics that the alerts speak of, in their order.
        first, last, raised: s since the epoch; `raised` None where it never came to high severity.
        learning: whether some of it was judged while its network was being learned.
        alerts: positions in the table, rising.
        shared: positions of what hubs showed that serve its hosts: context that others may have too.
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
    learning: bool
    alerts: Positions
    shared: Positions
    context: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """All but the alerts."""
        raised = None if self.raised is None else to_iso(self.raised * SECOND)
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "severity": self.severity.word,
            "score": self.score,
            "parts": [_part(name, bits) for name, bits in self.parts],
            "first": to_iso(self.first * SECOND),
            "last": to_iso(self.last * SECOND),
            "raised": raised,
            "entities": list(self.entities),
            "stages": list(self.stages),
            "learning": self.learning,
            "context": self.context,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """Positions in the table of a case's alerts, rising: those that count, and those of hubs."""

    alerts: Positions
    context: Mapping[int, int]  # kind → alerts
    shared: Positions


_NO_POSITIONS = np.empty(0, np.int64)


def part_title(name: str) -> Text:
    """What a part is called: a kind in its tool's own words, what kinds are together in ours."""
    return Text(name) if name in (STAGES, TRAIL) else literal(name, name)


def _part(name: str, bits: float) -> dict[str, object]:
    title = {language: part_title(name).render(language) for language in LANGUAGES}
    return {"name": title["en"], "title": title, "bits": bits}


def worst_first(incident: SurpriseIncident) -> tuple[object, ...]:
    """Order of incidents."""
    return -incident.severity, -incident.score, incident.first, incident.id


def told(one: Shown, found: Found | None, names: Names) -> SurpriseIncident:
    """The incident that a case is shown as.

    Args:
        one: the case with what it comes to.
        found: its alerts, where it comes from a table.
        names: of hosts and kinds.
    """
    case, weighed = one.case, one.weighed
    counted = [item for item in case.items if item.key in weighed.evidence]
    first = min(item.first for item in counted)
    last = max(item.last for item in counted)
    carried: defaultdict[int, float] = defaultdict(float)
    for key in weighed.evidence:
        carried[key[0]] += case.best[key].worth
    by_bits = sorted(carried, key=lambda host: (-carried[host], names.hosts[host].key))
    kinds = names.kinds
    spoken = {stage for kind, _ in weighed.parts for stage in kinds[kind].stages}
    main = names.hosts[by_bits[0]]
    context = found.context if found else {}
    learning = any(item.cold > 0 for item in counted)
    return SurpriseIncident(
        id=digest_id("surprise", case.name),
        title=_title(main, len(carried), weighed, kinds, last - first, learning=learning),
        severity=one.severity,
        score=weighed.score,
        parts=(*((kinds[kind].title, bits) for kind, bits in weighed.parts), *weighed.more),
        entities=_entities(by_bits, carried, names.hosts, counted),
        stages=in_order(spoken),
        first=first,
        last=last,
        raised=one.raised,
        learning=learning,
        alerts=found.alerts if found else _NO_POSITIONS,
        shared=found.shared if found else _NO_POSITIONS,
        context={kinds[kind].title: count for kind, count in sorted(context.items())},
    )


def _title(
    main: Host, hosts: int, weighed: Weighed, kinds: Sequence[Kind], seconds: int, *, learning: bool
) -> Text:
    values: dict[str, str | int | float] = {
        "host": main.name or main.address,
        "hosts": hosts,
        "kinds": len(weighed.parts),
        "worst": kinds[weighed.parts[0][0]].title,
        "minutes": max(1, round(seconds / 60)),
    }
    which = "many" if hosts > 1 else "one"
    return Text(f"correlation.surprise.{'learning_' if learning else ''}{which}", values)


def _entities(
    by_bits: Sequence[int],
    carried: Mapping[int, float],
    hosts: Sequence[Host],
    counted: Sequence[Item],
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
    far = Counter(item.far for item in counted if item.far)
    shown.extend(
        {"kind": "host", "value": address, "internal": False, "items": items}
        for address, items in _most(far)
    )
    others: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in counted:
        for kind, value in item.others:
            others[kind][value] += 1
    for kind in sorted(others):
        shown.extend(
            {"kind": kind, "value": value, "items": items} for value, items in _most(others[kind])
        )
    return tuple(shown)


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN_OTHERS]
