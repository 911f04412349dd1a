"""Forms that forwarders, exports and older tools give alerts: all say the same alert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import SECOND, WallClock
from fengsui.loss import Losses
from sensors.alerts.foreign import ForeignAlert, time_of
from sensors.alerts.reader import read_alerts

AT = 1_772_600_767  # 2026-03-04T05:06:07Z
EVE: dict[str, Any] = {
    "timestamp": "2026-03-04T13:06:07.000000+0800",
    "event_type": "alert",
    "src_ip": "10.1.2.3",
    "dest_ip": "192.0.2.1",
    "alert": {"signature_id": 2001, "signature": "ET X", "category": "c", "severity": 1},
}
WAZUH: dict[str, Any] = {
    "timestamp": "2026-03-04T05:06:07.000+0000",
    "rule": {"level": 10, "description": "brute force", "id": "5712"},
    "agent": {"id": "003", "name": "web01", "ip": "10.0.0.5"},
    "data": {"srcip": "192.0.2.1"},
}


def read(path: Path, text: str | bytes) -> list[ForeignAlert]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [alert for _, alert in read_alerts(path, Losses())]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(EVE),
        json.dumps(EVE, indent=2),
        "<134>Mar  4 05:06:07 fw suricata[12]: " + json.dumps(EVE),
        json.dumps({"@timestamp": "2026-03-05T00:00:00Z", "message": json.dumps(EVE)}),
        json.dumps({"@timestamp": "2026-03-05T00:00:00Z", "json": EVE}),
        json.dumps(
            {
                "@timestamp": "2026-03-04T05:06:07Z",
                "source": {"ip": "10.1.2.3"},
                "destination": {"ip": "192.0.2.1"},
                "suricata": {"eve": {"event_type": "alert", "alert": EVE["alert"]}},
            }
        ),
    ],
)
def test_eve_is_found_wherever_a_forwarder_put_it(tmp_path: Path, text: str) -> None:
    (alert,) = read(tmp_path / "a", text)
    assert (alert.time, alert.tool, alert.kind) == (AT * SECOND, "suricata", "2001")
    assert (alert.address, alert.far) == ("10.1.2.3", "192.0.2.1")


@pytest.mark.parametrize(
    "document",
    [
        [WAZUH, WAZUH],
        {"took": 1, "hits": {"total": {"value": 2}, "hits": [{"_source": WAZUH}] * 2}},
        {"value": [WAZUH, WAZUH]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_answers_of_an_api_hold_lists(tmp_path: Path, document: object, indent: int | None) -> None:
    found = read(tmp_path / "a", json.dumps(document, indent=indent))
    assert [(one.kind, one.host, one.address) for one in found] == [
        ("5712", "web01", "10.0.0.5")
    ] * 2


def test_a_record_that_holds_a_list_is_one_alert(tmp_path: Path) -> None:
    line = json.dumps({"time": AT, "name": "X", "host": "h", "items": [{"a": 1}, {"b": 2}]})
    assert len(read(tmp_path / "a", f"{line}\n{line}\n")) == 2


@pytest.mark.parametrize(
    "form",
    [
        "03/04/26-05:06:07.000000",
        "04.03.2026 05:06:07",
        "3/4/2026 5:06:07 AM",
        "20260304050607",
        "Wed Mar 04 05:06:07 2026",
        "2026.03.04 05:06:07",
    ],
)
def test_times_of_other_tools(form: str) -> None:
    assert time_of(form) == AT * SECOND


@pytest.mark.parametrize("form", ["03/04-05:06:07.25", "Mar  4 05:06:07.25"])
def test_a_time_without_a_year_is_the_latest_that_has_been(form: str) -> None:
    time = time_of(form)
    assert time is not None
    now = WallClock().now()
    assert now - 367 * 86_400 * SECOND < time <= now + 86_400 * SECOND
    assert time % SECOND == SECOND // 4


def test_day_and_time_may_stand_apart(tmp_path: Path) -> None:
    (alert,) = read(tmp_path / "a", "Date,Time,Alert,Host\n2026-03-04,05:06:07,X,h\n")
    assert (alert.time, alert.title, alert.host) == (AT * SECOND, "X", "h")


def test_tables_of_chinese_devices_may_be_gb18030(tmp_path: Path) -> None:
    text = "时间,事件名称,源IP,目的IP,等级\n2026-03-04 05:06:07,扫描,192.0.2.1,10.0.0.5,高\n"
    assert read(tmp_path / "a", text.encode("gb18030")) == read(tmp_path / "b", text)
    assert read(tmp_path / "a", text)[0].title == "扫描"


def test_snort_without_a_priority_and_with_quotes(tmp_path: Path) -> None:
    line = '03/04/26-05:06:07.0 [**] [1:2001:1] "ET X" [**] {TCP} 10.0.0.5:80 -> 192.0.2.1:443'
    (alert,) = read(tmp_path / "a", line)
    assert (alert.kind, alert.title, alert.severity, alert.far) == (
        "2001",
        "ET X",
        None,
        "192.0.2.1",
    )


def test_a_notice_of_zeek_is_told_by_its_note(tmp_path: Path) -> None:
    record = {"ts": AT, "note": "Scan::Port_Scan", "msg": "192.0.2.1 scanned", "dst": "10.0.0.5"}
    (alert,) = read(tmp_path / "a", json.dumps(record))
    assert (alert.tool, alert.kind, alert.address) == ("zeek", "Scan::Port_Scan", "10.0.0.5")


ENDS = {"src_ip": "10.1.2.3", "dest_ip": "10.2.0.9"}


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        (json.dumps({**EVE, **ENDS}), "10.2.0.9"),
        (
            json.dumps(
                {
                    "@timestamp": "2026-03-04T05:06:07Z",
                    "event.kind": "alert",
                    "rule.name": "x",
                    "source": {"ip": "10.1.2.3"},
                    "destination": {"ip": "10.2.0.9"},
                }
            ),
            "10.2.0.9",
        ),
        (
            "03/04/2026-05:06:07.000000  [**] [1:2001:3] ET SCAN x [**] [Priority: 1] {TCP} "
            "10.1.2.3:4 -> 10.2.0.9:80\n",
            "10.2.0.9",
        ),
        ("time,name,src_ip,dest_ip\n1642204800,x,10.1.2.3,10.2.0.9\n", "10.2.0.9"),
        ("time,name,ip,src_ip,dest_ip\n1642204800,x,10.2.0.9,10.1.2.3,10.2.0.9\n", "10.1.2.3"),
    ],
)
def test_of_two_hosts_of_ours_the_other_one_is_named(tmp_path: Path, text: str, peer: str) -> None:
    (alert,) = read(tmp_path / "a", text)
    assert {alert.address, peer} == {"10.1.2.3", "10.2.0.9"}
    assert alert.far == ""
    assert ("host", peer) in alert.others
