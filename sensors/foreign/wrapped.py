"""Wrapped: Windows events inside what a collector or an exporter put around them.

Known are Elasticsearch search hits, Splunk exports, Wazuh alerts and archives, EvtxECmd, `Get-WinEvent |
ConvertTo-Json`, tables saved by the event viewer, Microsoft Sentinel's table Event, GELF, Vector,
OpenTelemetry, and the XML of the event log itself. What comes out has the names of `shapes`: flat with
Channel and EventID, or nested as EVTX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, cast

import orjson

from sensors.foreign.messages import data_of

_MOST_LAYERS: Final = 3
_SPLUNK: Final = re.compile(r"(?:Xml)?WinEventLog:(?P<channel>.+)")
_SPLUNKS: Final = frozenset({"_raw", "_time", "sourcetype"})
_EXPORTED: Final = _SPLUNKS | {"source"}  # what would make the event one of Splunk's again
_BACKSLASHES: Final = re.compile(r"\\+")
_SPLUNK_TEXT: Final = re.compile(r"^(\w+)=(.*?)\r?$", re.MULTILINE)
_CHANNELS: Final = {  # provider → the channel that it writes to, where only the provider is told
    "Microsoft-Windows-Sysmon": "Microsoft-Windows-Sysmon/Operational",
    "Microsoft-Windows-Security-Auditing": "Security",
    "Microsoft-Windows-Eventlog": "Security",
    "Service Control Manager": "System",
    "PowerShell": "Windows PowerShell",
    **{
        f"Microsoft-Windows-{name}": f"Microsoft-Windows-{name}/Operational"
        for name in ("PowerShell", "TaskScheduler", "WMI-Activity", "Windows Defender", "NTLM")
    },
}
_WAZUH: Final = {  # data.win.system → Sigma's name
    "eventID": "EventID",
    "channel": "Channel",
    "providerName": "Provider_Name",
    "providerGuid": "ProviderGuid",
    "computer": "Computer",
    "systemTime": "SystemTime",
    "eventRecordID": "EventRecordID",
    "processID": "ExecutionProcessID",
    "threadID": "ExecutionThreadID",
    "level": "Level",
    "task": "Task",
    "opcode": "Opcode",
    "keywords": "Keywords",
}
_RENAMED: Final = (  # (names that such an event has, name → Sigma's name)
    (  # EvtxECmd
        ("EventId", "Channel", "Provider"),
        {"EventId": "EventID", "Provider": "Provider_Name", "TimeCreated": "SystemTime"},
    ),
    (  # Get-WinEvent
        ("Id", "LogName", "ProviderName"),
        {
            "Id": "EventID",
            "LogName": "Channel",
            "ProviderName": "Provider_Name",
            "MachineName": "Computer",
            "TimeCreated": "SystemTime",
        },
    ),
    (  # the event viewer's "Save All Events As" CSV
        ("Event ID", "Source", "Message"),
        {
            "Event ID": "EventID",
            "Source": "Provider_Name",
            "Log": "Channel",
            "Computer": "Computer",
            "Date and Time": "TimeCreated",
        },
    ),
    (  # Microsoft Sentinel, table Event
        ("EventLog", "EventID", "Source"),
        {"EventLog": "Channel", "Source": "Provider_Name", "TimeGenerated": "SystemTime"},
    ),
    (  # Vector and others
        ("event_id", "channel", "provider_name"),
        {
            "event_id": "EventID",
            "channel": "Channel",
            "provider_name": "Provider_Name",
            "computer": "Computer",
        },
    ),
)


def unwrapped(value: dict[str, Any]) -> dict[str, Any] | None:
    """The event inside an object; None where the object is no wrapping that is known."""
    found = value
    for _ in range(_MOST_LAYERS):
        inside = _one_layer(found)
        if inside is None:
            break
        found = inside
    return None if found is value else found


def _one_layer(value: dict[str, Any]) -> dict[str, Any] | None:
    inside = value.get("_source")
    if isinstance(inside, dict) and ("_index" in value or "_id" in value):
        return cast("dict[str, Any]", inside)
    inside = value.get("fields")
    if isinstance(inside, dict) and "_index" in value:  # of a search that asked for fields alone
        return {name: _only(one) for name, one in cast("dict[str, Any]", inside).items()}
    if "short_message" in value and "host" in value:  # GELF: added names begin with an underscore
        return {name.removeprefix("_"): one for name, one in value.items() if name != "version"}
    inside = value.get("Body", value.get("body"))
    if isinstance(inside, dict) and "channel" in inside and "event_id" in inside:
        return _otel(cast("dict[str, Any]", inside))
    inside = value.get("result")
    if isinstance(inside, dict):
        exported = cast("dict[str, Any]", inside)
        if "preview" in value or not _SPLUNKS.isdisjoint(exported):
            return exported
    source = value.get("source")
    if "_raw" in value or (isinstance(source, str) and "WinEventLog:" in source):
        return _splunk(value)
    data = value.get("data")
    if isinstance(data, dict) and isinstance(win := cast("dict[str, Any]", data).get("win"), dict):
        return _wazuh(cast("dict[str, Any]", win))
    if "Channel" in value and "EventID" in value:
        return None
    for names, renamed in _RENAMED:
        if all(name in value for name in names):
            return _with_data({renamed.get(name, name): one for name, one in value.items()})
    return None


def _only(value: Any) -> Any:
    return cast("Any", value[0]) if isinstance(value, list) and len(value) == 1 else value


def _otel(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body that OpenTelemetry's receiver of Windows events makes."""
    number, provider = body["event_id"], body.get("provider")
    found: dict[str, Any] = {"Channel": body["channel"], "Computer": body.get("computer")}
    found["EventID"] = number.get("id") if isinstance(number, dict) else number
    found["Provider_Name"] = provider.get("name") if isinstance(provider, dict) else provider
    found["SystemTime"] = body.get("system_time")
    data = body.get("event_data")
    items = data.get("data", data) if isinstance(data, dict) else data
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict):
            found.update(cast("dict[str, Any]", item))
    return found


def _splunk(value: dict[str, Any]) -> dict[str, Any] | None:
    raw = value.get("_raw")
    if isinstance(raw, str):
        if (event := event_of_xml(raw)) is not None:
            return event
        if raw.startswith("{"):
            try:
                inside = orjson.loads(raw)
            except orjson.JSONDecodeError:
                inside = None
            if isinstance(inside, dict):
                return cast("dict[str, Any]", inside)
        if "EventCode=" in raw and "LogName=" in raw:
            return _splunk_text(raw)
    source = _SPLUNK.match(str(value.get("source", "")))
    number = value.get("EventID", value.get("EventCode"))
    if number is None or source is None:
        return None
    fields = {name: one for name, one in value.items() if name not in _EXPORTED}
    return {"Channel": source["channel"], **fields, "EventID": number}


def _splunk_text(raw: str) -> dict[str, Any]:
    """Lines `name=value`, the last of which is the text of the event."""
    head, _, message = raw.partition("Message=")
    named = dict(_SPLUNK_TEXT.findall(head))
    provider = named.get("SourceName", "")
    found = {"Channel": named.pop("LogName"), "EventID": named.pop("EventCode"), **named}
    return {**found, "Provider_Name": provider, "Message": message, **data_of(message, provider)}


def _wazuh(win: Mapping[str, Any]) -> dict[str, Any] | None:
    """Names begin small there, and each backslash is written twice."""
    system, data = win.get("system"), win.get("eventdata")
    if not isinstance(system, dict) or "eventID" not in system:
        return None
    fields: dict[str, Any] = {}
    if isinstance(data, dict):
        for name, one in cast("dict[str, Any]", data).items():
            fields[name[:1].upper() + name[1:]] = _single(one) if isinstance(one, str) else one
    for name, one in cast("dict[str, Any]", system).items():
        fields[_WAZUH.get(name, name)] = _single(one) if isinstance(one, str) else one
    return fields


def _single(text: str) -> str:
    r"""`C:\\Windows` as `C:\Windows`, where every backslash stands twice."""
    if "\\\\" not in text or any(len(one) % 2 for one in _BACKSLASHES.findall(text)):
        return text
    return text.replace("\\\\", "\\")


def _with_data(fields: dict[str, Any]) -> dict[str, Any]:
    """Data that are a text inside the event: JSON (EvtxECmd), XML (Sentinel), lines of Sysmon's message."""
    payload = fields.get("Payload")
    if isinstance(payload, str) and payload.startswith("{"):
        try:
            document = orjson.loads(payload)
        except orjson.JSONDecodeError:
            document = None
        if isinstance(document, dict):
            fields.update(_data(cast("dict[str, Any]", document)))
    for name in ("EventData", "ParameterXml", "UserData"):
        text = fields.get(name)
        if isinstance(text, str) and text.lstrip().startswith("<"):
            fields.update(_data_of_xml(text))
    provider = str(fields.get("Provider_Name", ""))
    if "Channel" not in fields and provider in _CHANNELS:
        fields["Channel"] = _CHANNELS[provider]
    message = fields.get("Message")
    if isinstance(message, str):
        for name, one in data_of(message, provider).items():
            fields.setdefault(name, one)
    return {**fields, **_data({"EventData": fields.get("event_data")})}


def _data(document: Mapping[str, Any]) -> dict[str, Any]:
    """Named data of an EventData element as JSON has it."""
    data = document.get("EventData")
    if not isinstance(data, dict):
        return {}
    found: dict[str, Any] = {}
    for name, one in cast("dict[str, Any]", data).items():
        if name != "Data":
            found[name] = one
            continue
        items: list[Any] = one if isinstance(one, list) else [one]
        for item in items:
            if isinstance(item, dict) and isinstance(
                key := item.get("@Name", item.get("Name")), str
            ):
                found[key] = item.get("#text")
    return found


def _data_of_xml(text: str) -> dict[str, Any]:
    root = _parsed(text)
    if root is None:
        return {}
    return {
        one.attrib["Name"]: one.text or ""
        for one in root.iter()
        if _name(one) == "Data" and "Name" in one.attrib
    }


def event_of_xml(text: str) -> dict[str, Any] | None:
    """An `<Event>` element of the Windows event log, nested as EVTX; None for anything else."""
    if not text.lstrip("\ufeff \t\r\n").startswith("<Event"):
        return None
    root = _parsed(text)
    if root is None or _name(root) != "Event":
        return None
    event: dict[str, Any] = {}
    for part in root:
        match _name(part):
            case "System":
                event["System"] = {
                    _name(one): {"#attributes": dict(one.attrib), "#text": one.text} for one in part
                }
            case "EventData":
                event["EventData"] = {
                    "Data": [{"Name": one.get("Name"), "#text": one.text or ""} for one in part]
                }
            case "UserData":
                event["UserData"] = {
                    _name(one): {_name(leaf): leaf.text or "" for leaf in one} for one in part
                }
            case _:
                pass
    return {"Event": event} if "System" in event else None


def _parsed(text: str) -> Any:
    # Imported here: most events are JSON. It refuses entities, so that none can unfold.
    try:
        return import_module("defusedxml.ElementTree").fromstring(text.strip("\ufeff \t\r\n\0"))
    except (ValueError, SyntaxError):
        return None


def _name(element: Any) -> str:
    """Without its name space."""
    return str(element.tag).rpartition("}")[2]
