"""Enrichment: whose addresses these are, which way the traffic goes, which domain a name belongs to."""

from __future__ import annotations

from fengsui.event import Event, Value
from sensors.enrich.address_plan import AddressPlan, Place
from sensors.enrich.domains import domain_parts


def enrich(event: Event, plan: AddressPlan) -> Event:
    """The event with `network.direction`, `cn.*` and the parts of its domain names.

    What the sensor wrote is never changed. Our own side gives `cn.plane`, `cn.zone` and `cn.unit`:
    the source where it is ours, else the destination; the tag of the frame decides the plane where
    the plan names it.
    """
    extra: dict[str, Value] = {}
    source, destination = event.text("source.ip"), event.text("destination.ip")
    if source and destination:
        here, there = plan.at(source), plan.at(destination)
        extra["network.direction"] = _direction(here.internal, there.internal)
        _side(extra, "source", here)
        _side(extra, "destination", there)
        ours = here if here.internal else there
        tag = plan.tagged(event.text("network.vlan.id"))
        extra["cn.plane"] = tag.plane if tag else ours.plane
        extra["cn.zone"], extra["cn.unit"] = ours.zone, ours.unit
    _domains(extra, event)
    return event.adding({name: value for name, value in extra.items() if value != ""})


def _direction(source: bool, destination: bool) -> str:
    if source:
        return "internal" if destination else "outbound"
    return "inbound" if destination else "external"


def _side(extra: dict[str, Value], side: str, place: Place) -> None:
    extra[f"cn.{side}.zone"] = place.zone
    extra[f"cn.{side}.unit"] = place.unit
    extra[f"cn.{side}.asset"] = place.asset.id if place.asset else ""


def _domains(extra: dict[str, Value], event: Event) -> None:
    name = event.text("dns.question.name")
    if name:
        parts = domain_parts(name)
        extra["dns.question.registered_domain"] = parts.registered
        extra["dns.question.subdomain"] = parts.subdomain
        extra["dns.question.top_level_domain"] = parts.suffix
    if host := event.text("url.domain"):
        extra["url.registered_domain"] = domain_parts(host).registered
