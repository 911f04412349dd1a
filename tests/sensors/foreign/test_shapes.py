from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.shapes import TooDeepError, flat, told

CHANNEL = "Microsoft-Windows-Sysmon/Operational"


def of(value: dict[str, object]) -> tuple[object, dict[str, object]]:
    origin, fields, raw = told(value, orjson.dumps(value))
    assert orjson.loads(raw).keys() >= set(fields)
    return origin, fields


def test_a_flat_event_stays_as_it_is() -> None:
    event: dict[str, object] = {"EventID": 1, "Channel": CHANNEL, "Image": "x"}
    assert of(event) == ("windows", event)


def test_a_nested_event_has_the_names_of_sigma() -> None:
    system = {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "g"}},
        "EventID": {"#attributes": {"Qualifiers": 3}, "#text": 11},
        "TimeCreated": {"#attributes": {"SystemTime": "2026-04-17T05:24:53Z"}},
        "Channel": CHANNEL,
        "Correlation": None,
    }
    origin, fields = of(
        {"Event": {"System": system, "EventData": {"New Value": "v", "Hashes": "h"}}}
    )
    assert origin == "windows"
    assert fields == {
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "ProviderGuid": "g",
        "EventID": 11,
        "Qualifiers": 3,
        "SystemTime": "2026-04-17T05:24:53Z",
        "Channel": CHANNEL,
        "New Value": "v",
        "NewValue": "v",
        "Hashes": "h",
    }


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"Data": {"#text": ["a", "b"]}}, ["a", "b"]),
        ({"Data": ["a", {"#text": "b"}]}, ["a", "b"]),
        ({"Data": "a"}, "a"),
        ({"Data": [{"#attributes": {"Name": "Data"}, "#text": "a"}]}, "a"),
    ],
)
def test_data_without_a_name_are_the_field_data(data: dict[str, object], found: object) -> None:
    system = {"EventID": 400, "Channel": "Windows PowerShell"}
    assert of({"System": system, "EventData": data})[1]["Data"] == found


def test_user_data_do_not_take_the_place_of_the_header() -> None:
    event = {
        "Event": {
            "System": {"EventID": 104, "Channel": "System"},
            "UserData": {"LogFileCleared": {"Channel": "Security", "EventID": 7, "BackupPath": ""}},
        }
    }
    fields = of(event)[1]
    assert fields["Channel"] == ["System", "Security"]
    assert fields["EventID"] == 104
    assert fields["BackupPath"] == ""


@pytest.mark.parametrize(
    ("event", "origin"),
    [
        ({"EventID": 1, "Channel": "Linux-Sysmon/Operational"}, "sysmon_linux"),
        ({"EventID": 1, "SourceName": "Microsoft-Windows-Sysmon", "Image": "x"}, "windows"),
        ({"event_id": 1, "log_name": CHANNEL, "event_data": {"Image": "x"}}, "windows"),
        ({"winlog": {"channel": CHANNEL, "event_id": 1}}, "ecs_documents"),
        ({"winlog.channel": CHANNEL, "event.code": "1"}, "ecs_documents"),
        ({"event": {"category": ["process"]}, "process": {"name": "sh"}}, "ecs_documents"),
        ({"event": {"id": 7}, "process": {"name": "sh"}}, ""),
        ({"event.dataset": "dns", "event.module": "packet", "observer.name": "s"}, "dns"),
        ({"type": "SYSCALL", "syscall": "59", "exe": "/bin/sh"}, "auditd"),
        ({"CommandLine": "whoami"}, ""),
    ],
)
def test_shapes_are_told_by_their_names(event: dict[str, object], origin: str) -> None:
    assert of(event)[0] == origin


def test_a_likeness_to_ecs_does_not_go_before_what_the_caller_says() -> None:
    for event in ({"event": {"code": "1"}}, {"event.category": "x"}):
        assert told(event, orjson.dumps(event), named=True)[0] == ""
    event = {"winlog": {"event_id": 1}}
    assert told(event, orjson.dumps(event), named=True)[0] == "ecs_documents"


DEFENDER = "Microsoft-Windows-Windows Defender/Operational"


@pytest.mark.parametrize(
    "event",
    [
        {"EventID": 5007, "Channel": DEFENDER, "New Value": "v"},
        {"EventID": 5007, "Channel": DEFENDER, "New Value": "v", "Data": ["a"]},
        {"winlog": {"channel": DEFENDER, "event_id": 5007, "event_data": {"New Value": "v"}}},
    ],
)
def test_names_with_spaces_are_known_without_them(event: dict[str, object]) -> None:
    fields = of(event)[1]
    names = {name.rpartition(".")[2]: value for name, value in fields.items()}
    assert (names["New Value"], names["NewValue"]) == ("v", "v")


def test_other_names_of_the_same_are_completed() -> None:
    fields = of({"event_id": 1, "log_name": CHANNEL, "event_data": {"Image": "x"}})[1]
    assert (fields["EventID"], fields["Channel"], fields["Image"]) == (1, CHANNEL, "x")
    fields = of({"EventID": 1, "SourceName": "Microsoft-Windows-Sysmon"})[1]
    assert fields["Channel"] == CHANNEL


def test_nested_objects_become_dotted_names_and_lists_are_merged() -> None:
    event = {"a": {"b": 1, "c": [{"d": 1}, {"d": [2, 3]}, 4]}, "e": []}
    assert flat(event) == {"a.b": 1, "a.c.d": [1, 2, 3], "a.c": [4], "e": []}


@pytest.mark.parametrize("depth", [40, 1000])
def test_an_event_that_is_too_deep_is_refused(depth: int) -> None:
    event: dict[str, object] = {"x": 1}
    for _ in range(depth):
        event = {"a": event}
    with pytest.raises(TooDeepError):
        told(event, b"")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["Event", "System", "EventData", "Channel", "EventID", "winlog", "Data", "x"]
)


@given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=4), max_size=6))
def test_no_object_breaks_it_and_the_bytes_hold_the_fields(event: dict[str, object]) -> None:
    origin, fields, raw = told(event, orjson.dumps(event))
    assert origin in ("", "windows", "sysmon_linux", "ecs_documents", "auditd")
    assert all(not isinstance(value, dict) for value in fields.values())
    assert orjson.dumps(orjson.loads(raw)) == orjson.dumps(fields)
