from __future__ import annotations

import csv
import io
import json
from typing import Any

import orjson
import pytest

from sensors.foreign.files import ForeignFile
from sensors.foreign.record import Record
from sensors.foreign.wrapped import event_of_xml, unwrapped

CHANNEL = "Microsoft-Windows-Sysmon/Operational"
PROVIDER = "Microsoft-Windows-Sysmon"
DATA = {"Image": r"C:\Windows\System32\whoami.exe", "CommandLine": "whoami /all"}
ECS = {"ecs": {"version": "8"}, "winlog": {"channel": CHANNEL, "event_id": "1", "event_data": DATA}}
XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
    f'<Provider Name="{PROVIDER}"/><EventID Qualifiers="">1</EventID><Channel>{CHANNEL}</Channel>'
    "</System><EventData>"
    + "".join(f'<Data Name="{name}">{value}</Data>' for name, value in DATA.items())
    + "</EventData></Event>"
)
NAMED = {"EventData": {"Data": [{"@Name": name, "#text": one} for name, one in DATA.items()]}}
SPLUNK: dict[str, Any] = {"EventCode": "1", "source": f"XmlWinEventLog:{CHANNEL}", **DATA}
WAZUH: dict[str, Any] = {
    "win": {
        "system": {"providerName": PROVIDER, "eventID": "1", "channel": CHANNEL},
        "eventdata": {
            "image": DATA["Image"].replace("\\", "\\\\"),
            "commandLine": DATA["CommandLine"],
        },
    }
}


def read(data: bytes, name: str = "-") -> list[Record]:
    return list(ForeignFile(name, io.BytesIO(data)))


@pytest.mark.parametrize(
    "event",
    [
        {"preview": False, "result": SPLUNK},
        {"result": {"_raw": XML, "sourcetype": "XmlWinEventLog"}},
        {"result": {"_raw": json.dumps({"Channel": CHANNEL, "EventID": 1, **DATA}), "_time": "x"}},
        {**SPLUNK, "sourcetype": "XmlWinEventLog"},
        {"timestamp": "x", "agent": {"id": "1"}, "data": WAZUH, "location": "EventChannel"},
        {"EventId": 1, "Channel": CHANNEL, "Provider": PROVIDER, "Payload": json.dumps(NAMED)},
        {
            "Id": 1,
            "LogName": CHANNEL,
            "ProviderName": PROVIDER,
            "Message": "Process Create:\r\n"
            + "\r\n".join(f"{name}: {one}" for name, one in DATA.items()),
        },
        {"EventLog": CHANNEL, "EventID": 1, "Source": PROVIDER, "EventData": XML},
        {"event_id": 1, "channel": CHANNEL, "provider_name": PROVIDER, "event_data": DATA},
        {"System": {"EventID": {"Value": 1}, "Channel": CHANNEL}, "EventData": DATA},
    ],
)
def test_an_event_is_found_in_what_is_put_around_it(event: dict[str, Any]) -> None:
    ((number, origin, fields, raw),) = read(json.dumps(event).encode())
    assert (number, origin) == (0, "windows")
    assert (fields["Channel"], str(fields["EventID"])) == (CHANNEL, "1")
    assert {name: fields[name] for name in DATA} == DATA
    assert orjson.loads(raw) == fields


def test_a_search_hit_is_its_document() -> None:
    ((_, origin, fields, _),) = read(json.dumps({"_index": "w", "_source": ECS}).encode())
    assert origin == "ecs_documents"
    assert fields["winlog.event_data.Image"] == DATA["Image"]


@pytest.mark.parametrize(
    "event",
    [
        {"result": {"ok": True}, "id": 4},
        {"data": {"win": "x"}},
        {"data": {"win": {"system": {"x": 1}}}},
        {"_source": "x", "_index": "w"},
        {"event_id": 1, "channel": "web"},
        {"sourcetype": "access", "EventCode": "x"},
        {"_raw": "<Event>", "source": "x"},
    ],
)
def test_likenesses_stay_what_they_are(event: dict[str, Any]) -> None:
    assert unwrapped(event) is None


def test_many_layers_are_not_followed_for_ever() -> None:
    event: dict[str, Any] = {"a": 1}
    for _ in range(50):
        event = {"_source": event, "_id": "x"}
    assert len(read(json.dumps(event).encode())) <= 1


def test_backslashes_of_wazuh_are_halved_only_where_all_are_doubled() -> None:
    win = {"system": {"eventID": "1"}, "eventdata": {"a": r"x\y\\z", "b": r"\\\\srv\\c"}}
    found = unwrapped({"data": {"win": win}})
    assert found is not None
    assert (found["A"], found["B"]) == (r"x\y\\z", r"\\srv\c")


@pytest.mark.parametrize("text", [f"<?xml version='1.0'?>\n<Events>{XML}{XML}</Events>", XML * 2])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_of_the_event_log_is_read(text: str, codec: str) -> None:
    found = read(text.encode(codec))
    assert [record[:2] for record in found] == [(0, "windows"), (1, "windows")]
    assert all(record[2]["Image"] == DATA["Image"] for record in found)


def test_xml_that_is_broken_or_unfolds_is_counted() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "x">]>' + XML.replace("whoami /all", "&b;")
    assert event_of_xml(bomb) is None
    assert event_of_xml("<Event><System></Event>") is None
    foreign = ForeignFile("-", io.BytesIO((XML + "<Event><System></Event>" + XML).encode()))
    assert [record[0] for record in foreign] == [0, 2]
    assert [one.kind for one in foreign.problems] == ["not XML of an event"]


def test_rows_of_a_table_are_events() -> None:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["TimeCreated", "EventId", "Provider", "Channel", "Payload", "Empty"])
    rows.writerow(["2024", 1, PROVIDER, CHANNEL, json.dumps(NAMED), ""])
    rows.writerow(["2024", 2, PROVIDER, "two\nlines", "", "x"])
    first, second = read(text.getvalue().encode("utf-8-sig"))
    assert first[0] == 0
    assert first[2]["Image"] == DATA["Image"]
    assert "Empty" not in first[2]
    assert (second[0], second[2]["Channel"]) == (1, "two\nlines")
    flat = f"EventID,Channel,Image\n1,{CHANNEL},x.exe\n".encode()
    ((_, origin, fields, raw),) = read(flat)
    assert (origin, orjson.loads(raw)) == ("windows", fields)
