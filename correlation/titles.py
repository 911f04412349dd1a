"""One sentence that says what happened, chosen by what the alerts of an incident show.

Each combination has a sentence of its own in the catalogue (`correlation.title.*`), so that both
languages read as written by a person; the most telling one whose facts are all there is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from correlation.entities import CorrelationContext, is_ours
from correlation.joining import Node
from correlation.scoring import SEVERITY_POINTS
from correlation.story.behaviours import UNCONTROLLED
from correlation.story.plain import plain
from correlation.story.sizes import size_text
from fengsui.alert import Alert
from fengsui.severity import Severity
from fengsui.text import Text

Values = dict[str, str | int | float]

# What must be known for each sentence; the first that fits is taken.
_PATTERNS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (name, frozenset(name.split("_")))
    for name in (
        "broken_scanned_uploaded",
        "broken_scanned",
        "broken_uploaded",
        "controlled_scanned_moved_uploaded",
        "controlled_scanned_guessing_uploaded",
        "controlled_scanned_guessing_tunnelled",
        "guessed_scanned_uploaded",
        "controlled_moved_uploaded",
        "controlled_scanned_uploaded",
        "controlled_scanned_moved",
        "controlled_moved_tunnelled",
        "scanned_guessing_moved",
        "downloaded_controlled_uploaded",
        "controlled_uploaded",
        "controlled_moved",
        "controlled_scanned",
        "controlled_tunnelled",
        "downloaded_controlled",
        "guessed_scanned",
        "guessed_uploaded",
        "guessing_moved",
        "scanned_moved",
        "scanned_guessing",
        "scanned_uploaded",
        "moved_uploaded",
        "broken",
        "uploaded",
        "tunnelled",
        "controlled",
        "moved",
        "guessing",
        "guessed",
        "scanned",
        "downloaded",
    )
)
# Facts by which detections tell how many hosts, and units in which they tell sizes.
_COUNTS: Final = frozenset({"hosts", "targets", "failed_hosts", "swept_hosts", "new_admin_targets"})
_BYTES: Final = {"B": 1.0, "MB": 1e6, "MB/h": 1e6, "MB/d": 1e6}
_OVER_DNS: Final = "T1071.004"


def title_of(nodes: Sequence[Node], context: CorrelationContext) -> Text:
    """The sentence for a group of alerts (never empty)."""
    host = principal(nodes)
    facts = _facts(nodes, host, context) if host else {}
    address = _address(nodes, host, context) if host else ""
    known = frozenset(name for name, values in facts.items() if values is not None)
    values: Values = _label(address, context)
    for name, needed in _PATTERNS:
        if needed <= known:
            for part in sorted(needed):
                values |= facts[part] or {}
            return Text(f"correlation.title.{name}", values)
    return _plain(nodes, values if host else {})


def principal(nodes: Sequence[Node]) -> str:
    """Canonical id of the host of ours that most points of the alerts are about; "" when none is."""
    weight: defaultdict[str, float] = defaultdict(float)
    for node in nodes:
        points = SEVERITY_POINTS[node.alert.severity] * node.alert.fidelity
        for host in node.part.acting:
            weight[host] += points
    return min(weight, key=lambda host: (-weight[host], host), default="")


def _plain(nodes: Sequence[Node], values: Values) -> Text:
    worst = max(
        nodes, key=lambda n: (n.alert.severity, n.alert.fidelity, -n.alert.first, n.alert.id)
    )
    title = worst.alert.title
    rules = len({node.alert.rule for node in nodes})
    told = {"alert": plain(title.render("zh"), 160), "alert_en": plain(title.render("en"), 160)}
    values = {**values, **told, "rules": rules}
    name = ("several" if rules > 1 else "one") if "host" in values else "no_host"
    return Text(f"correlation.title.{name}", values)


def _facts(
    nodes: Sequence[Node], host: str, context: CorrelationContext
) -> dict[str, Values | None]:
    own = [node for node in nodes if host in node.part.acting]
    return {
        "controlled": _controlled(own, context),
        "tunnelled": _tunnelled(own, context),
        "uploaded": _uploaded(own, context),
        "scanned": _counted(own, "discovery", "scanned", at_least=2),
        "moved": _counted(own, "lateral-movement", "moved", at_least=1),
        "downloaded": _values_if(_any(own, {"initial-access", "execution"}, {"T1105"})),
        "guessing": _values_if(any(_guesses(n) and n.part.hit for n in own)),
        "guessed": _values_if(_was_guessed(nodes, host, context)),
        "broken": _broken(nodes, host, context),
    }


def _values_if(holds: bool) -> Values | None:
    return {} if holds else None


def _any(nodes: Sequence[Node], tactics: set[str], techniques: set[str]) -> bool:
    return any(
        tactics & set(node.part.tactics) or techniques & set(node.alert.techniques)
        for node in nodes
    )


def _guesses(node: Node) -> bool:
    return any(technique.startswith("T1110") for technique in node.alert.techniques)


def _was_guessed(nodes: Sequence[Node], host: str, context: CorrelationContext) -> bool:
    for node in filter(_guesses, nodes):
        outsider = any(
            e.kind == "host" and e.role in {"attacker", "source"} and not is_ours(e, context)
            for e in node.alert.entities
        )
        if host in node.part.hit or (outsider and node.part.acting == (host,)):
            return True
    return False


def _broken(nodes: Sequence[Node], host: str, context: CorrelationContext) -> Values | None:
    """Who probably found a password of the host, if that came before all else that it did."""
    found: list[tuple[int, str]] = []
    for node in nodes:
        alert = node.alert
        if not _guesses(node) or alert.reason.key.rpartition(".")[2] != "entered":
            continue
        victims = {
            context.resolve(entity.value, alert.first)
            for entity in alert.entities
            if entity.role == "victim" and is_ours(entity, context)
        }
        guessers = sorted(e.value for e in alert.entities if e.role in {"attacker", "source"})
        if host in victims and guessers:
            found.append((alert.first, guessers[0]))
    if not found:
        return None
    first, guesser = min(found)
    acts = [node.alert.first for node in nodes if host in node.part.acting and not _guesses(node)]
    return {"guesser": plain(guesser)} if all(first <= act for act in acts) else None


def _counted(nodes: Sequence[Node], tactic: str, name: str, *, at_least: int) -> Values | None:
    hit: set[str] = set()
    told = 0
    for node in nodes:
        if tactic in node.part.tactics:
            hit.update(node.part.hit)
            told = max([told, *_numbers(node.alert)])
    count = max(len(hit), told)
    return {name: count} if count >= at_least else None


def _numbers(alert: Alert) -> Iterator[int]:
    for fact in alert.facts:
        if fact.name in _COUNTS and isinstance(fact.value, int | float):
            yield int(fact.value)


def _controlled(nodes: Sequence[Node], context: CorrelationContext) -> Values | None:
    """The C2 of the surest alert of medium severity or above that names one who may control."""
    found = [
        (-SEVERITY_POINTS[alert.severity] * alert.fidelity, value)
        for node in nodes
        if "command-and-control" in node.part.tactics
        and (alert := node.alert).severity >= Severity.MEDIUM
        and _OVER_DNS not in alert.techniques
        and not UNCONTROLLED & {technique.split(".")[0] for technique in alert.techniques}
        and (value := _outside(alert, context))
    ]
    return {"c2": min(found)[1]} if found else None


def _tunnelled(nodes: Sequence[Node], context: CorrelationContext) -> Values | None:
    found = [
        value
        for node in nodes
        if _OVER_DNS in node.alert.techniques
        and "exfiltration" in node.part.tactics  # encrypted DNS alone carries nothing out
        and (value := _outside(node.alert, context))
    ]
    return {"domain": _commonest(found)} if found else None


def _uploaded(nodes: Sequence[Node], context: CorrelationContext) -> Values | None:
    best: tuple[float, str] = (0.0, "")
    for node in nodes:
        if "exfiltration" not in node.part.tactics or _OVER_DNS in node.alert.techniques:
            continue
        if to := _outside(node.alert, context):
            best = max(best, (max(_sizes(node.alert), default=0.0), to))
    return {"size": size_text(best[0]), "to": best[1]} if best[0] > 0 else None


def _sizes(alert: Alert) -> Iterator[float]:
    for fact in alert.facts:
        if fact.unit in _BYTES and isinstance(fact.value, int | float):
            yield fact.value * _BYTES[fact.unit]


def _outside(alert: Alert, context: CorrelationContext) -> str:
    """The thing outside that an alert names: a domain before an address, a C2 before others."""
    outside = [
        (entity.role != "c2", entity.kind != "domain", entity.value)
        for entity in alert.entities
        if entity.kind in {"domain", "host"} and not is_ours(entity, context)
    ]
    return plain(min(outside)[2]) if outside else ""


def _commonest(values: Sequence[str]) -> str:
    return min(set(values), key=lambda value: (-values.count(value), value))


def _address(nodes: Sequence[Node], host: str, context: CorrelationContext) -> str:
    """An address of a host as the alerts name it, IPv4 before IPv6."""
    addresses = {
        entity.value
        for node in nodes
        if host in node.part.acting
        for entity in node.alert.entities
        if is_ours(entity, context) and context.resolve(entity.value, node.alert.first) == host
    }
    return min(addresses, key=lambda value: (":" in value, value), default=host)


def _label(address: str, context: CorrelationContext) -> Values:
    """The host with whose it is, in the brackets of each language."""
    owner = plain(context.unit_of(address) or context.asset_name(address))
    address = plain(address)
    if not owner or owner == address:
        return {"host": address, "host_en": address}
    return {"host": f"{address}（{owner}）", "host_en": f"{address} ({owner})"}
