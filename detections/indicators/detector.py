"""Indicators: events that hold a value of a list."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from detections.detector import Context
from detections.indicators.lists import Indicator, Kind, normal_url
from fengsui.alert import Alert, Entity, EntityKind, Fact, alert_id
from fengsui.clock import to_iso
from fengsui.event import Event
from fengsui.rule import Rule
from fengsui.severity import Severity
from fengsui.text import Text

_FIDELITY = 0.85
ADDRESSES = ("source.ip", "destination.ip", "dns.resolved_ip", "dns.answers.data")
NAMES = (
    "dns.question.name",
    "dns.answers.data",
    "tls.client.server_name",
    "url.domain",
    "destination.domain",
)
URLS = ("url.full",)
HASHES: dict[str, Kind] = {
    "file.hash.sha256": "sha256",
    "file.hash.sha1": "sha1",
    "file.hash.md5": "md5",
    "tls.client.ja3": "ja3",
    "tls.client.ja4": "ja4",
    "tls.server.hash.sha256": "sha256",
}
_ENTITY: dict[Kind, EntityKind] = {
    "ip": "host",
    "cidr": "host",
    "domain": "domain",
    "url": "url",
    "sha256": "hash",
    "sha1": "hash",
    "md5": "hash",
    "ja3": "ja4",
    "ja4": "ja4",
}


class IndicatorDetector:
    """One dictionary look-up for each value of an event, whatever the size of the lists.

    Networks are looked up by prefix length, domains label by label, pages by every prefix that ends
    at a slash. Expired indicators do not match at an event's own time.
    """

    def __init__(self, indicators: Sequence[Indicator], context: Context) -> None:
        self._context = context
        self._known: dict[tuple[str, str], list[Indicator]] = {}
        self._networks: dict[tuple[int, int], dict[int, list[Indicator]]] = {}
        for one in indicators:
            if one.kind == "cidr":
                self._add_network(one)
            else:
                self._known.setdefault((one.kind, one.value), []).append(one)
        self._kinds = {kind for kind, _ in self._known}
        self.datasets: frozenset[str] = frozenset()
        names = dict.fromkeys(one.list for one in indicators)
        self.rules: tuple[Rule, ...] = tuple(map(_rule, names))

    def observe(self, event: Event, now: int) -> Iterable[Alert]:
        """An alert for each list and value that the event holds."""
        found = {
            (one.list, one.kind, one.value): (one, field, value)
            for field, value, one in self._matches(event)
        }
        if not found:
            return ()
        time = event.time
        return [
            self._alert(event, one, field, value, now)
            for one, field, value in found.values()
            if not one.expires or time < one.expires
        ]

    def advance(self, now: int) -> Iterable[Alert]:
        """Nothing: lists keep no state."""
        return ()

    def _add_network(self, one: Indicator) -> None:
        network = ipaddress.ip_network(one.value)
        shift = network.max_prefixlen - network.prefixlen
        table = self._networks.setdefault((network.version, shift), {})
        table.setdefault(int(network.network_address) >> shift, []).append(one)

    def _matches(self, event: Event) -> Iterator[tuple[str, str, Indicator]]:
        fields = event.fields
        for field in ADDRESSES:
            for value in _texts(fields.get(field)):
                yield from ((field, value, one) for one in self._of_address(value))
        if "domain" in self._kinds:
            for field in NAMES:
                for value in _texts(fields.get(field)):
                    yield from ((field, value, one) for one in self._of_name(value))
        if "url" in self._kinds:
            for field in URLS:
                for value in _texts(fields.get(field)):
                    yield from ((field, value, one) for one in self._of_url(value))
        for field, kind in HASHES.items():
            for value in _texts(fields.get(field)):
                known = self._known.get((kind, value.lower()), ())
                yield from ((field, value, one) for one in known)

    def _of_address(self, value: str) -> Iterator[Indicator]:
        yield from self._known.get(("ip", value), ())
        if not self._networks:
            return
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return
        number = int(address)
        for (version, shift), table in self._networks.items():
            if version == address.version:
                yield from table.get(number >> shift, ())

    def _of_name(self, value: str) -> Iterator[Indicator]:
        name = value.lower().rstrip(".")
        while "." in name:
            yield from self._known.get(("domain", name), ())
            name = name.partition(".")[2]

    def _of_url(self, value: str) -> Iterator[Indicator]:
        address = normal_url(value)
        yield from self._known.get(("url", address), ())
        ends = [i + 1 for i, char in enumerate(address[:2048]) if char in "/?"]
        for end in ends:
            for prefix in {address[:end], address[: end - 1]} - {address}:
                yield from self._known.get(("url", prefix), ())

    def _alert(self, event: Event, one: Indicator, field: str, value: str, now: int) -> Alert:
        rule = rule_id(one.list)
        source = event.text("source.ip")
        key = f"{source}|{one.kind}|{one.value}"
        run, time = event.text("fengsui.run"), event.time
        shown = value if len(value) <= 200 else value[:199] + "…"
        values = {"list": one.list, "indicator": one.value, "field": field, "value": shown}
        dated = {**values, "added": to_iso(one.added)[:10]} if one.added else values
        facts = [Fact("indicator", one.value), Fact("list", one.list), Fact(field, shown)]
        if one.added:
            facts.append(Fact("added", to_iso(one.added)))
        if one.description:
            facts.append(Fact("description", one.description))
        return Alert(
            id=alert_id(rule, key, run, time),
            rule=rule,
            title=Text("indicators.title", {"list": one.list, "indicator": one.value}),
            kind="indicator",
            severity=one.severity,
            fidelity=_FIDELITY,
            key=key,
            entities=self._entities(event, one, field, value),
            events=(event.id,),
            first=time,
            last=time,
            raised=max(now, time),
            reason=Text("indicators.reason_dated" if one.added else "indicators.reason", dated),
            facts=tuple(facts),
            tactics=("command-and-control",),
            run=run,
        )

    def _entities(self, event: Event, one: Indicator, field: str, value: str) -> tuple[Entity, ...]:
        found: list[Entity] = []
        for name in ("source.ip", "destination.ip"):
            address = event.text(name)
            if not address or (name == field and _ENTITY[one.kind] == "host"):
                continue
            internal = self._context.is_internal(address)
            found.append(Entity("host", address, "source" if internal else "peer", internal))
        kind = _ENTITY[one.kind]
        listed = value if kind == "host" else one.value
        internal = kind == "host" and self._context.is_internal(listed)
        return (*found, Entity(kind, listed, "c2", internal))


def rule_id(name: str) -> str:
    """Id of the rule that stands for a list."""
    return f"indicators:{name}"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _rule(name: str) -> Rule:
    return Rule(
        id=rule_id(name),
        title=Text("indicators.rule", {"list": name}),
        kind="indicator",
        severity=Severity.HIGH,
        maturity="stable",
        status="live",
        logsource="",
        techniques=(),
        tactics=("command-and-control",),
        description=Text("indicators.description", {"list": name}),
    )
