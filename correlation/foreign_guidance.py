"""What to look at first about an alert of another tool, whose rule says nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fengsui.rule import Check, Guidance
from fengsui.text import Text

_HOST: Final = ("host.ip", "host.name", "source.ip", "destination.ip")
_KIND: Final = ("rule.id", "rule.name")


def foreign_guidance(event: Mapping[str, object]) -> Guidance:
    """Questions that the fields of an alert's event can ask."""
    host = next((name for name in _HOST if event.get(name)), "")
    kind = next((name for name in _KIND if event.get(name)), "")
    checks: list[Check] = []
    if host:
        checks.append(_check("around", f"event.dataset:ids AND {host}:{{{host}}}"))
    if kind:
        checks.append(_check("elsewhere", f"event.dataset:ids AND {kind}:{{{kind}}}"))
    if host and host != "host.name":
        ends = f"(source.ip:{{{host}}} OR destination.ip:{{{host}}})"
        checks.append(_check("did", f"NOT event.dataset:ids AND {ends}"))
    source, target = (str(event.get(name) or "") for name in ("source.ip", "destination.ip"))
    if source and target:
        query = "source.ip:{source.ip} OR destination.ip:{source.ip}"
        question = Text("correlation.foreign.guide.far", {"value": source})
        checks.append(Check(question, query))
    return Guidance(
        means=Text("correlation.foreign.guide.means"),
        harmless=Text("correlation.foreign.guide.harmless"),
        check=tuple(checks),
        act=Text("correlation.foreign.guide.act"),
    )


def _check(question: str, query: str) -> Check:
    return Check(Text(f"correlation.foreign.guide.{question}"), query)
