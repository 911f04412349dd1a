"""Shapes: which form a record of another tool has, told by its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sensors.alerts.columns import Columns, of_named
from sensors.alerts.foreign import ForeignAlert, NotAnAlert
from sensors.alerts.lines import is_line, of_cef, of_line
from sensors.alerts.records import of_aminer, of_ecs, of_eve, of_own, of_wazuh

__all__ = ["Columns", "is_line", "of_cef", "of_line", "of_object"]

_WRAPPERS = ("_source", "result")  # of Elasticsearch's and Splunk's exports
_ECS = ("kibana.alert", "event.", "signal.")
_DEPTH = 3


def of_object(record: Mapping[str, Any]) -> ForeignAlert:
    """The alert of a JSON object, its shape told by its keys.

    Raises:
        NotAnAlert: it is a record of another kind, or names none.
    """
    for wrapper in _WRAPPERS:
        inner = record.get(wrapper)
        if isinstance(inner, dict):
            record = cast("dict[str, Any]", inner)
    alert = _of_shape(record)
    if not alert.kind:
        raise NotAnAlert
    return alert


def _of_shape(record: Mapping[str, Any]) -> ForeignAlert:
    if isinstance(record.get("event_type"), str) and (
        record["event_type"] != "alert" or isinstance(record.get("alert"), dict)
    ):
        return of_eve(record)
    rule = record.get("rule")
    if isinstance(rule, dict) and "level" in rule:
        return of_wazuh(record, cast("dict[str, Any]", rule))
    if isinstance(record.get("entities"), list) and isinstance(rule, str):
        return of_own(record, rule)
    if "AnalysisComponent" in record:
        return of_aminer(record)
    if isinstance(record.get("event"), dict) or any(name.startswith(_ECS) for name in record):
        return of_ecs(record)
    flat = _flat(record)
    return of_named(list(flat), list(flat.values()))


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested objects as dotted names."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEPTH:
            found |= _flat(cast("dict[str, Any]", value), f"{before}{name}.", depth + 1)
        else:
            found[f"{before}{name}"] = value
    return found
