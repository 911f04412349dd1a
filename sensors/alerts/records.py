"""Records: JSON objects of tools that raise alerts, each to one form.

Suricata's EVE (docs.suricata.io, EVE JSON output), Wazuh's alerts.json (documentation.wazuh.com), AMiner,
ECS documents and Elastic's detection alerts (elastic.co/guide, ECS field reference), our own alerts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from fengsui.severity import Severity
from sensors.alerts.foreign import (
    ForeignAlert,
    NotAnAlert,
    address_of,
    ends,
    named,
    peer_of,
    short,
    time_of,
)
from sensors.alerts.scales import HUNDRED, TEN, WAZUH, by_floors, by_word, of_signature, tactics_of

_GROUP = re.compile(r"\s+group \d+$", re.IGNORECASE)
_MANAGER = "000"  # Wazuh's own agent: it speaks for hosts that send it their syslog


def of_eve(record: Mapping[str, Any]) -> ForeignAlert:
    """An alert of Suricata's EVE; the host is the private end, of two the one that opened the flow.

    Raises:
        NotAnAlert: it is an event of another type.
    """
    alert = record.get("alert")
    if record.get("event_type") != "alert" or not isinstance(alert, dict):
        raise NotAnAlert
    said = cast("dict[str, Any]", alert)
    flow, metadata = _map(record.get("flow")), _map(said.get("metadata"))
    source = address_of(flow.get("src_ip")) or address_of(record.get("src_ip"))
    target = address_of(flow.get("dest_ip")) or address_of(record.get("dest_ip"))
    ours, far = ends(source, target)
    title, category = short(said.get("signature")), short(said.get("category"))
    family = _GROUP.sub("", title)  # a list of addresses that is spread over many signatures
    peer = peer_of(ours, far, target)
    weight = [one for one in _list(metadata.get("signature_severity")) if isinstance(one, str)]
    return ForeignAlert(
        time_of(record.get("timestamp")),
        "suricata",
        short(said.get("signature_id")) or title if family == title else family,
        family,
        "" if ours else short(record.get("host")),
        ours,
        far,
        of_signature(said.get("severity"), weight, category),
        tactics_of(
            *(metadata.get("mitre_tactic_id"), metadata.get("mitre_tactic_name")),
            metadata.get("mitre_technique_id"),
            category=category,
        ),
        named([("host", peer), *_of_protocols(record)]),
    )


def _of_protocols(record: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    """What the protocol's part of an EVE record names."""
    yield "domain", _map(record.get("tls")).get("sni")
    yield "domain", _map(record.get("http")).get("hostname")
    dns = _map(record.get("dns"))
    for query in (dns, *_list(dns.get("query"))[:2], *_list(dns.get("queries"))[:2]):
        yield "domain", _map(query).get("rrname")
    for file in (record.get("fileinfo"), *_list(record.get("files"))[:2]):
        yield "file", _map(file).get("filename")
    yield "user", _map(record.get("krb5")).get("cname")


def of_wazuh(record: Mapping[str, Any], rule: Mapping[str, Any]) -> ForeignAlert:
    """An alert of Wazuh; where it hands on an alert of Suricata, the host is that alert's."""
    agent, data = _map(record.get("agent")), _map(record.get("data"))
    mitre, relayed = _map(rule.get("mitre")), _map(data.get("alert"))
    windows = _map(_map(data.get("win")).get("eventdata"))
    title, kind = short(rule.get("description")), short(rule.get("id"))
    host, address = short(agent.get("name")), address_of(agent.get("ip"))
    source = address_of(data.get("srcip") or data.get("src_ip") or windows.get("ipAddress"))
    target = address_of(data.get("dstip") or data.get("dest_ip"))
    if relayed and (source or target):
        address, far = ends(source, target)
        host, kind = "", f"{kind}:{short(relayed.get('signature_id'))}"
    else:
        if short(agent.get("id")) == _MANAGER:
            host = short(_map(record.get("predecoder")).get("hostname")) or host
            address = address_of(record.get("location"))
        if address in {"127.0.0.1", "::1"}:
            address = ""
        far = _far(source, address)
    peer = source if source and not far and source != address else ""
    return ForeignAlert(
        time_of(record.get("timestamp") or record.get("@timestamp")),
        "wazuh",
        kind or title,
        title or kind,
        host,
        address,
        far,
        by_floors(rule.get("level"), WAZUH),
        tactics_of(mitre.get("tactic"), mitre.get("id")),
        named(
            [
                ("host", peer),
                ("user", data.get("dstuser") or windows.get("targetUserName")),
                ("user", data.get("srcuser") or windows.get("subjectUserName")),
                ("file", _map(record.get("syscheck")).get("path")),
                ("process", windows.get("image") or windows.get("newProcessName")),
                ("domain", _map(data.get("dns")).get("rrname") or windows.get("queryName")),
            ]
        ),
    )


def _far(source: str, address: str) -> str:
    """A source where it is an address outside."""
    if not source or source == address:
        return ""
    ours, far = ends(address or "127.0.0.1", source)
    return far if ours != source else source


def of_aminer(record: Mapping[str, Any]) -> ForeignAlert:
    """An anomaly of AMiner."""
    component = _map(record.get("AnalysisComponent"))
    log = _map(record.get("LogData"))
    stamps = log.get("Timestamps") or log.get("DetectionTimestamp")
    aminer = _map(record.get("AMiner"))
    title = short(component.get("Message") or component.get("AnalysisComponentName"))
    return ForeignAlert(
        time_of(_one(stamps)),
        "aminer",
        short(component.get("AnalysisComponentName")) or title,
        title,
        short(aminer.get("ID") or log.get("Host")),
        address_of(aminer.get("ID")),
        "",
        None,
    )


def of_ecs(record: Mapping[str, Any]) -> ForeignAlert:
    """An ECS document, nested or with dotted names.

    Raises:
        NotAnAlert: it is an event of another kind, or names no rule.
    """

    def said(*names: str) -> object:
        return next((v for v in (_one(_at(record, name)) for name in names) if v), None)

    kind = said("event.kind")
    title = said("kibana.alert.rule.name", "signal.rule.name", "rule.name", "rule.description")
    if title is None and kind in {"alert", "signal"}:
        title = said("message", "event.action", "event.code")
    if title is None or (kind is not None and kind not in {"alert", "signal"}):
        raise NotAnAlert
    target = address_of(said("destination.ip"))
    ours, far = ends(address_of(said("source.ip")), target)
    own = address_of(said("host.ip"))
    severity = by_word(said("kibana.alert.severity", "signal.rule.severity", "log.level"))
    if severity is None:
        severity = by_floors(said("kibana.alert.risk_score", "event.risk_score"), HUNDRED)
    if severity is None:
        number = said("event.severity")
        large = isinstance(number, int | float) and number > 10
        severity = by_floors(number, HUNDRED if large else TEN)
    return ForeignAlert(
        time_of(said("@timestamp", "kibana.alert.start")),
        short(said("event.module", "observer.product", "event.dataset")),
        short(said("rule.id", "kibana.alert.rule.rule_id", "rule.uuid") or title),
        short(title),
        short(said("host.name", "host.hostname")),
        ours or own,
        far,
        severity,
        tactics_of(
            *(_at(record, "threat.tactic.id"), _at(record, "threat.tactic.name")),
            _at(record, "threat.technique.id"),
        ),
        named(
            [
                ("host", peer_of(ours, far, target)),
                ("user", said("user.name")),
                ("domain", said("dns.question.name", "url.domain", "destination.domain")),
                ("file", said("file.path", "file.name")),
                ("process", said("process.name", "process.executable")),
            ]
        ),
    )


def of_own(record: Mapping[str, Any], rule: str) -> ForeignAlert:
    """One of our own published alerts."""
    title = record.get("title")
    words = _map(title).get("en") if isinstance(title, dict) else title
    entities = [_map(entity) for entity in _list(record.get("entities"))]
    hosts = [e for e in entities if e.get("kind") == "host"]
    ours = [address_of(e.get("value")) for e in hosts if e.get("internal")]
    far = [address_of(e.get("value")) for e in hosts if not e.get("internal")]
    main = next(filter(None, ours or far), "")
    return ForeignAlert(
        time_of(record.get("first")),
        "fengsui",
        short(rule),
        short(words) or short(rule),
        "",
        main,
        next(filter(None, far), "") if ours else "",
        _severity(record.get("severity")),
        tactics_of(record.get("tactic"), record.get("technique"), record.get("techniques")),
        named(
            [("host", one) for one in ours if one != main]
            + [(short(e.get("kind")), e.get("value")) for e in entities if e.get("kind") != "host"]
        ),
    )


def _severity(value: object) -> Severity | None:
    return by_word(value)


def _at(record: Mapping[str, Any], name: str) -> object:
    """Value of a dotted name, whether the record nests or not."""
    if name in record:
        return record[name]
    head, _, rest = name.partition(".")
    while rest:
        inner = record.get(head)
        if isinstance(inner, dict):
            found = _at(cast("dict[str, Any]", inner), rest)
            if found is not None:
                return found
        step, _, rest = rest.partition(".")
        head = f"{head}.{step}"
    return None


def _one(value: object) -> object:
    if isinstance(value, list):
        members = cast("list[object]", value)
        return members[0] if members else None
    return value


def _map(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
