"""Shapes: what a JSON object is by its names, and its fields made flat.

Known are Windows events as event viewers, forwarders and converters write them (flat; nested as
EVTX; Beats 6; inside what `wrapped` knows), Sysmon for Linux, documents in ECS, and auditd records.
Anything else has no origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import orjson

from fengsui.ecs import DATASETS
from sensors.foreign.escapes import has_odd_escapes
from sensors.foreign.messages import data_of
from sensors.foreign.record import Origin
from sensors.foreign.wrapped import unwrapped

WINDOWS: Final = "windows"
SYSMON_LINUX: Final = "sysmon_linux"
ECS: Final = "ecs_documents"
AUDITD: Final = "auditd"

DEEPEST: Final = 32  # levels of nesting that are made flat
_MOST_FIELDS: Final = 4096  # of one event
_SYSMON: Final = "Microsoft-Windows-Sysmon"
LINUX: Final = "Linux-Sysmon"
PLAIN: Final = frozenset({str, int, bool, type(None)})  # whose JSON is read and written alike

_SYSTEM_NAMES: Final = {  # child of <System>: attribute → Sigma's name
    "Provider": {
        "Name": "Provider_Name",
        "Guid": "ProviderGuid",
        "EventSourceName": "EventSourceName",
    },
    "TimeCreated": {"SystemTime": "SystemTime"},
    "Execution": {"ProcessID": "ExecutionProcessID", "ThreadID": "ExecutionThreadID"},
    "Security": {"UserID": "UserID"},
    "Correlation": {"ActivityID": "ActivityID", "RelatedActivityID": "RelatedActivityID"},
    "EventID": {"Qualifiers": "Qualifiers"},
}
_HEADER: Final = ("Channel", "EventID", "Provider_Name", "Computer")  # data do not replace these
WITHOUT_SPACES: Final = frozenset(  # the channels that write most, never with spaces in names
    {
        "Security",
        "System",
        f"{_SYSMON}/Operational",
        "Microsoft-Windows-PowerShell/Operational",
        "Windows PowerShell",
    }
)
_ECS_EVENT: Final = frozenset({"code", "category", "dataset"})
_FILLED: Final = (  # names of which a document has some once its message has been parsed
    "winlog.", "event.category", "event.code", "event.dataset", "process.", "dns.", "url.",
    "destination.", "auditd.", "file.", "registry.",
)  # fmt: skip
_BEATS_6: Final = {  # Winlogbeat before 7
    "log_name": "Channel",
    "event_id": "EventID",
    "source_name": "Provider_Name",
    "computer_name": "Computer",
    "record_number": "EventRecordID",
}


class TooDeepError(ValueError):
    """An event with more levels or fields than an event has."""


def told(
    value: dict[str, Any], raw: bytes, *, named: bool = False
) -> tuple[Origin, dict[str, Any], bytes]:
    """Origin, flat fields and bytes of a JSON object.

    Args:
        value: the object.
        raw: the bytes that it was read from.
        named: the caller says what unknown objects are: a likeness to ECS is then not enough.

    Raises:
        TooDeepError: more than `DEEPEST` levels.
    """
    if "EventID" in value and "Channel" in value:
        if PLAIN.issuperset(map(type, value.values())) and not has_spaces(value):
            return origin_of(value), value, _usable(value, raw)
        fields = _windows_flat(value)
    else:
        return _others(value, raw, named=named)
    return origin_of(fields), fields, _written(fields)


def _others(
    value: dict[str, Any], raw: bytes, *, named: bool
) -> tuple[Origin, dict[str, Any], bytes]:
    inside = unwrapped(value)
    if inside is not None:
        value, raw = inside, _written(inside)
        if "EventID" in value and "Channel" in value:
            fields = _windows_flat(value)
            return origin_of(fields), fields, _written(fields)
    event = value.get("Event")
    event = event if isinstance(event, dict) else value
    if isinstance(event.get("System"), dict):
        fields = _nested(cast("dict[str, Any]", event))
        return origin_of(fields), fields, _written(fields)
    if "event_id" in value and "log_name" in value:
        fields = _beats_6(value)
        return origin_of(fields), fields, _written(fields)
    if _is_our_own(value):
        fields = flat(value)
        return str(fields["event.dataset"]), fields, _written(fields)
    if _is_ecs(value) or (not named and _is_like_ecs(value)):
        fields = flat(value)
        _without_spaces(fields)
        return ECS, fields, _written(fields)
    if "EventID" in value and _provider(value) in (_SYSMON, LINUX):
        fields = _windows_flat(value)
        return origin_of(fields), fields, _written(fields)
    if PLAIN.issuperset(map(type, value.values())):
        return _unnamed(value), value, _usable(value, raw)
    fields = flat(value)
    return _unnamed(fields), fields, _written(fields)


def _unnamed(fields: Mapping[str, Any]) -> Origin:
    """Auditd by what all of its records have; else nothing."""
    if "type" in fields and ("syscall" in fields or "auid" in fields or "nametype" in fields):
        return AUDITD
    return ""


def _is_our_own(value: Mapping[str, Any]) -> bool:
    """An event of ours, as `fengsui events` writes it."""
    return (
        "event.module" in value
        and "observer.name" in value
        and value.get("event.dataset") in DATASETS
    )


def _is_ecs(value: dict[str, Any]) -> bool:
    if "winlog" in value or "ecs" in value or "ecs.version" in value:
        return True
    return any(name.startswith("winlog.") for name in value)


def is_bare(fields: Mapping[str, Any]) -> bool:
    """A document of ECS that is only what its collector added to a text."""
    return not any(name.startswith(_FILLED) for name in fields)


def _is_like_ecs(value: Mapping[str, Any]) -> bool:
    """`event` as ECS fills it; other tools have objects of that name, too."""
    event = value.get("event")
    if isinstance(event, dict):
        return not _ECS_EVENT.isdisjoint(cast("dict[str, Any]", event))
    return any(f"event.{name}" in value for name in _ECS_EVENT)


def has_spaces(value: Mapping[str, Any]) -> bool:
    """Whether an event of Windows, of plain values, has names with spaces."""
    return value["Channel"] not in WITHOUT_SPACES and " " in "".join(value)


def _without_spaces(fields: dict[str, Any]) -> None:
    """`New Value` is NewValue, too: rules leave the spaces of such names out (Sigma 2.1, Field Usage)."""
    for name in [one for one in fields if " " in one]:
        fields.setdefault(name.replace(" ", ""), fields[name])


def _provider(value: Mapping[str, Any]) -> object:
    return value.get("Provider_Name") or value.get("SourceName") or value.get("ProviderName")


def origin_of(fields: Mapping[str, Any]) -> Origin:
    """Windows, or Sysmon for Linux, which writes the same names."""
    linux = fields.get("Channel") == "Linux-Sysmon/Operational"
    return SYSMON_LINUX if linux or fields.get("Provider_Name") == LINUX else WINDOWS


def _windows_flat(value: dict[str, Any]) -> dict[str, Any]:
    """Flat Windows fields from an object that is nearly so: nested data moves up."""
    fields: dict[str, Any] = {}
    for name, one in value.items():
        if name in ("EventData", "UserData", "event_data") and isinstance(one, dict):
            _data(cast("dict[str, Any]", one), fields)
        elif isinstance(one, dict | list):
            fields.update(flat({name: one}))
        else:
            fields[name] = one
    return _completed(fields)


def _beats_6(value: dict[str, Any]) -> dict[str, Any]:
    fields = _windows_flat(value)
    for name, known in _BEATS_6.items():
        if name in fields:
            fields.setdefault(known, fields[name])
    return _completed(fields)


def _completed(fields: dict[str, Any]) -> dict[str, Any]:
    """The channel, the provider and names with spaces under the names that rules use."""
    _without_spaces(fields)
    provider = _provider(fields)
    if provider is not None:
        fields.setdefault("Provider_Name", provider)
    if "StringInserts" in fields and isinstance(message := fields.get("Message"), str):
        for name, one in data_of(message, str(provider)).items():  # Fluent Bit
            fields.setdefault(name, one)
    if "Channel" not in fields:
        channel = {_SYSMON: f"{_SYSMON}/Operational", LINUX: f"{LINUX}/Operational"}
        if isinstance(provider, str) and provider in channel:
            fields["Channel"] = channel[provider]
    return fields


def _nested(event: dict[str, Any]) -> dict[str, Any]:
    """A Windows event as its XML says it: System, then EventData or UserData."""
    fields: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", event["System"]).items():
        if isinstance(value, dict):
            _header(name, cast("dict[str, Any]", value), fields)
        elif value is not None:
            fields[name] = value
    header = {name: fields[name] for name in _HEADER if name in fields}
    for name in ("EventData", "UserData"):
        data = event.get(name)
        if isinstance(data, dict):
            _data(cast("dict[str, Any]", data), fields)
        elif data is not None and not isinstance(data, list):
            fields[name] = data
    for name, value in header.items():
        if fields[name] != value:  # "the log System says that the log Security was cleared"
            fields[name] = [value, fields[name]] if name == "Channel" else value
    return fields


def _header(name: str, value: dict[str, Any], fields: dict[str, Any]) -> None:
    """An element of System: its attributes under Sigma's names, its text under its own."""
    attributes = value.get("#attributes", value)
    if isinstance(attributes, dict):
        for attribute, known in _SYSTEM_NAMES.get(name, {}).items():
            if attribute in attributes:
                fields[known] = attributes[attribute]
    text = value.get("#text", value.get("Value"))
    if text is not None:
        fields[name] = text


def _data(data: dict[str, Any], fields: dict[str, Any]) -> None:
    """Named data become fields; unnamed ones are all `Data`, as Sigma calls them."""
    if len(data) == 1 and "Data" not in data:
        (inner,) = data.values()
        if isinstance(inner, dict):  # UserData: one element of the provider's own
            data = cast("dict[str, Any]", inner)
    for name, value in data.items():
        if name == "#attributes":
            continue
        if name == "Data" and isinstance(value, dict | list):
            _unnamed_data(value, fields)
        elif isinstance(value, dict | list):
            fields.update(flat({name: value}))
        else:
            fields[name] = value
        if " " in name:
            # SigmaHQ's rules write such names without the spaces.
            fields.setdefault(name.replace(" ", ""), value)


def _unnamed_data(value: Any, fields: dict[str, Any]) -> None:
    """`Data` elements: {"#text": […]}, a list of texts, or a list of {"Name", "#text"}."""
    texts: list[Any] = []
    items: list[Any] = value if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, dict):
            texts.append(item)
            continue
        named = item.get("Name") or item.get("@Name")
        attributes = item.get("#attributes")
        if isinstance(attributes, dict):
            named = named or attributes.get("Name")
        text = item.get("#text", item.get("text", item.get("Value")))
        if isinstance(named, str):
            fields[named] = text
        elif isinstance(text, list):
            texts += text
        else:
            texts.append(text)
    plain = [text for text in texts if text is not None and not isinstance(text, dict | list)]
    if plain:
        fields["Data"] = plain[0] if len(plain) == 1 else plain


def flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Nested objects as dotted names; objects in lists are merged: each name has a list of values.

    Raises:
        TooDeepError: more than `DEEPEST` levels or `_MOST_FIELDS` names.
    """
    fields: dict[str, Any] = {}
    _put(fields, "", value, 0)
    return fields


def _put(fields: dict[str, Any], name: str, value: Any, depth: int) -> None:
    if depth > DEEPEST or len(fields) > _MOST_FIELDS:
        raise TooDeepError(f"more than {DEEPEST} levels or {_MOST_FIELDS} fields")
    if isinstance(value, Mapping):
        start = f"{name}." if name else ""
        for key, one in cast("Mapping[str, Any]", value).items():
            _put(fields, start + key, one, depth + 1)
    elif isinstance(value, list):
        items: list[Any] = value
        plain = [one for one in items if not isinstance(one, dict | list)]
        if plain or not items:
            _add(fields, name, plain)
        for one in items:
            if isinstance(one, dict | list):
                inner: dict[str, Any] = {}
                _put(inner, name, one, depth + 1)
                for key, found in inner.items():
                    _add(fields, key, found if isinstance(found, list) else [found])
    else:
        fields[name] = value


def _add(fields: dict[str, Any], name: str, values: list[Any]) -> None:
    known = fields.get(name)
    if known is None:
        fields[name] = values
    else:
        fields[name] = [*(known if isinstance(known, list) else [known]), *values]


def _usable(fields: dict[str, Any], raw: bytes) -> bytes:
    """The bytes as they are when they write names and texts as orjson does, else written anew."""
    return _written(fields) if has_odd_escapes(raw) else raw


def _written(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields)
