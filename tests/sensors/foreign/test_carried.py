"""Events inside what other tools put around them, from file to fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sensors.foreign.files import ForeignFile

CHANNEL = "Microsoft-Windows-Sysmon/Operational"
IMAGE = "C:\\Windows\\whoami.exe"
EVENT = {"EventID": 1, "Channel": CHANNEL, "Image": IMAGE}
LINE = json.dumps(EVENT)
XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
    '<Provider Name="Microsoft-Windows-Sysmon"/><EventID>1</EventID>'
    f"<Channel>{CHANNEL}</Channel></System>"
    f'<EventData><Data Name="Image">{IMAGE}</Data></EventData></Event>'
)
MESSAGE = f"Process Create:\nUtcTime: 2026-01-02 03:04:05.000\nImage: {IMAGE}\nUser: A\\b"
SYSLOG = "Jan  2 03:04:05 pc sysmon[3]: "
HIT = {"_index": "x", "_id": "1", "_source": EVENT}


def read(path: Path, text: str | bytes) -> list[tuple[int, Any, dict[str, Any]]]:
    file = path / "x.log"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(number, origin, fields) for number, origin, fields, _ in ForeignFile(str(file))]


SYSMON = "Microsoft-Windows-Sysmon"
GELF = {
    "version": "1.1",
    "host": "a",
    "short_message": "b",
    **{f"_{k}": v for k, v in EVENT.items()},
}
FIELDS = {"_index": "x", "fields": {name: [value] for name, value in EVENT.items()}}
HEADER = '#TYPE X\n"Id","LogName","ProviderName","Message"\n'
VIEWER = "\ufeff级别,日期和时间,来源,事件 ID,任务类别\n信息,2026/1/2 3:04:05,"
SPLUNK = f"1/2/2026\nLogName={CHANNEL}\nEventCode=1\nSourceName={SYSMON}\nMessage={MESSAGE}"
FLUENT = {"ProviderName": SYSMON, "StringInserts": ["x"], "Message": MESSAGE}
OTEL = {"channel": CHANNEL, "event_id": {"id": 1}, "event_data": {"data": [{"Image": IMAGE}]}}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (json.dumps({"took": 3, "hits": {"total": {"value": 2}, "hits": [HIT, HIT]}}), 2),
        (json.dumps({"took": 3, "hits": {"hits": [HIT, HIT], "x": [{}]}, "y": {}}, indent=1), 2),
        (json.dumps({"hits": {"hits": [FIELDS]}}), 1),
        (json.dumps({"took": 1, "hits": {"hits": []}}), 0),
        (json.dumps({"preview": False, "results": [EVENT]}), 1),
        (json.dumps({"Records": [EVENT, EVENT]}), 2),
        (f"[{LINE},{LINE}]\n[{LINE}]", 3),
        (json.dumps({"log": LINE + "\n", "stream": "stdout", "time": "2026-01-02T03:04:05Z"}), 1),
        (json.dumps({"@timestamp": "2026", "ecs": {"version": "8"}, "message": SYSLOG + LINE}), 1),
        (json.dumps({"@timestamp": "2026", "event": {"original": XML}}), 1),
        (json.dumps({"category": "x", "properties": {"RawXml": XML}}), 1),
        (json.dumps(GELF), 1),
        (SYSLOG + LINE, 1),
        (SYSLOG + "@cee: " + LINE, 1),
        (SYSLOG + XML, 1),
        (f"Record 1\n<?xml version='1.0'?>\n{XML}\nRecord 2\n{XML}\n", 2),
        (f"Channel;EventID;Image\n{CHANNEL};1;{IMAGE}\n", 1),
        (f"Channel\tEventID\tImage\n{CHANNEL}\t1\t{IMAGE}\n", 1),
        (f'{HEADER}"1","{CHANNEL}","{SYSMON}","{MESSAGE}"\n', 1),
        (f'{VIEWER}{SYSMON},1,x,"{MESSAGE}"\n', 1),
        ('_raw,source\n"' + XML.replace('"', '""') + '",x\n', 1),
        (json.dumps({"preview": False, "result": {"source": "x", "_raw": SPLUNK}}), 1),
        (json.dumps({"EventID": 1, "Channel": CHANNEL, **FLUENT}), 1),
        (json.dumps({"Body": OTEL}), 1),
    ],
)
def test_the_event_inside_is_found(tmp_path: Path, text: str, count: int) -> None:
    found = read(tmp_path, text)
    assert [number for number, _, _ in found] == list(range(count))
    for _, origin, fields in found:
        assert (origin, fields["Channel"], fields["Image"]) == ("windows", CHANNEL, IMAGE)
        assert str(fields["EventID"]) == "1"


def test_lists_of_an_event_are_its_own(tmp_path: Path) -> None:
    event = {**EVENT, "data": [{"a": 1}, {"a": 2}]}
    ((_, origin, fields),) = read(tmp_path, json.dumps(event))
    assert (origin, fields["data.a"]) == ("windows", [1, 2])


def test_what_the_caller_names_is_not_looked_into(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"message": SYSLOG + LINE, "Image": "y"}))
    assert [one[:2] for one in ForeignFile(str(file), named=True)] == [(0, "")]
    file.write_text("Image,CommandLine\na.exe,b c\n")
    ((_, origin, fields, _),) = ForeignFile(str(file), named=True)
    assert (origin, fields) == ("", {"Image": "a.exe", "CommandLine": "b c"})
    for text in ("one, two\nthree, four\n", "one,two\nthree\n"):
        file.write_text(text)
        assert [one[0] for one in ForeignFile(str(file), named=True)] == [0, 1]


def test_entries_of_journald(tmp_path: Path) -> None:
    stamp = {"__REALTIME_TIMESTAMP": "1767323045000000"}
    entries = [
        {**stamp, "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": "Failed password"},
        {**stamp, "_COMM": "sudo", "MESSAGE": list(b"a : TTY=p ; USER=#-1 ; COMMAND=/bin/sh -c x")},
        {**stamp, "_AUDIT_TYPE_NAME": "EXECVE", "MESSAGE": 'EXECVE argc=1 a0="id"'},
    ]
    ssh, sudo, audit = read(tmp_path, "\n".join(map(json.dumps, entries)))
    assert ssh[1:] == (("linux", "", "sshd"), ssh[2])
    assert ssh[2]["message"] == "Failed password"
    assert sudo[1] == ("linux", "", "sudo")
    assert (sudo[2]["USER"], sudo[2]["COMMAND"]) == ("#-1", "/bin/sh -c x")
    assert (audit[1], audit[2]["type"], audit[2]["a0"]) == ("auditd", "EXECVE", "id")


def test_records_of_audit_as_one_object(tmp_path: Path) -> None:
    event = {
        "ID": "1767323045.123:45",
        "SYSCALL": {"exe": "/bin/id", "SYSCALL": "execve"},
        "EXECVE": {"argc": 2, "ARGV": ["id", "-u"]},
        "PATH": [{"name": "/bin/id"}, {"name": "/lib/x"}],
    }
    ((_, origin, fields),) = read(tmp_path, json.dumps(event))
    assert (origin, fields["type"]) == ("auditd", ["SYSCALL", "EXECVE", "PATH"])
    assert (fields["a0"], fields["a1"], fields["cmdline"]) == ("id", "-u", "id -u")
    assert (fields["exe"], fields["name"]) == ("/bin/id", ["/bin/id", "/lib/x"])


def test_rows_of_defender_have_sigmas_names(tmp_path: Path) -> None:
    rows = [
        {"ActionType": "ProcessCreated", "DeviceName": "a", "FolderPath": IMAGE, "SHA1": "00"},
        {"ActionType": "RegistryValueSet", "DeviceName": "a", "RegistryKey": "HKLM\\x",
         "RegistryValueName": "y", "RegistryValueData": "z"},
    ]  # fmt: skip
    process, registry = read(tmp_path, "\n".join(map(json.dumps, rows)))
    assert process[1] == ("windows", "process_creation", "")
    assert (process[2]["Image"], process[2]["Hashes"]) == (IMAGE, "SHA1=00")
    assert registry[1] == ("windows", "registry_set", "")
    assert (registry[2]["TargetObject"], registry[2]["Details"]) == ("HKLM\\x\\y", "z")
