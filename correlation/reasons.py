"""Reasons: in which words a link between two alerts is told, down to how a host was known again.

Two alerts may name one machine by different addresses, or by a person who was logged on there; then
the sentence says which register, hardware address, lease, DNS answer or log-on made them one.
"""

from __future__ import annotations

from typing import Final

from correlation.clusters import ANALYST, Link
from correlation.entities import CorrelationContext, is_ours
from correlation.joining import Node
from fengsui.alert import Alert
from fengsui.clock import MINUTE
from fengsui.text import Text

_TOLD: Final = frozenset({"host", "moved", ANALYST})  # kinds with a sentence of their own

Values = dict[str, str | int | float]


def reason(link: Link, value: str, before: Node, after: Node, context: CorrelationContext) -> Text:
    """Why two alerts are joined.

    Args:
        link: between them.
        value: what people call the thing that joins them.
        before: the one that the other is joined to.
        after: the other.
        context: who had which address and name at their times.
    """
    values: Values = {"value": value, "minutes": round(link.gap / MINUTE)}
    name = link.kind if link.kind in _TOLD else "shared"
    alerts = before.alert, after.alert
    if name == "moved" and link.value in after.part.hit:
        alerts = after.alert, before.alert  # the act on the host is told first
    if name in {"host", "moved"}:
        return _of_host(name, link.value, values, alerts, context)
    if name == "shared":
        values["kind"] = f"⟨web.entity_kind.{link.kind}⟩"
        answered = _answered(link, alerts, context)
        if answered:
            return Text("correlation.join.answered", values | {"address": answered})
    return Text(f"correlation.join.{name}", values)


def _of_host(
    name: str, host: str, values: Values, alerts: tuple[Alert, Alert], context: CorrelationContext
) -> Text:
    one, other = (_addresses(alert, host, context) for alert in alerts)
    if one & other:
        return Text(f"correlation.join.{name}", values)
    if one and other:
        here, there = min(one), min(other)
        basis = {
            "one": here,
            "one_basis": _basis(here, alerts[0], context),
            "other": there,
            "other_basis": _basis(there, alerts[1], context),
        }
        return Text(f"correlation.join.{name}_known", values | basis)
    person = next((e.value for a in alerts for e in a.entities if e.kind == "user"), "")
    if not person or name == "moved":
        return Text(f"correlation.join.{name}", values)
    return Text("correlation.join.logged_on", values | {"user": person})


def _addresses(alert: Alert, host: str, context: CorrelationContext) -> set[str]:
    return {
        entity.value
        for entity in alert.entities
        if is_ours(entity, context) and context.resolve(entity.value, alert.first) == host
    }


def _basis(address: str, alert: Alert, context: CorrelationContext) -> str:
    return f"⟨correlation.basis.{context.basis(address, alert.first) or 'itself'}⟩"


def _answered(link: Link, alerts: tuple[Alert, Alert], context: CorrelationContext) -> str:
    """The address that stands for a domain in an alert which does not name it; "" where both do."""
    if link.kind != "domain":
        return ""
    for alert in alerts:
        if any(e.kind == "domain" and e.value.lower() == link.value for e in alert.entities):
            continue
        for entity in alert.entities:
            if link.value in context.names(entity.value, alert.first):
                return entity.value
    return ""
