"""Files of alerts of many tools, each alert by its number."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import from_iso
from fengsui.errors import InputError
from fengsui.loss import Losses
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert, NotAnAlert, ends, time_of
from sensors.alerts.reader import read_alerts
from sensors.alerts.shapes import of_cef, of_object

AT = "2026-03-04T05:06:07.5+08:00"
EVE = {
    "timestamp": "2026-03-04T05:06:07.500000+0800",
    "event_type": "alert",
    "src_ip": "203.0.113.7",
    "dest_ip": "10.1.2.3",
    "alert": {"signature_id": 2001, "signature": "ET SCAN Something", "severity": 2},
}
WAZUH = {
    "timestamp": AT,
    "rule": {"level": 10, "description": "sshd: brute force", "id": "5712"},
    "agent": {"id": "001", "name": "web", "ip": "10.1.2.3"},
    "data": {"srcip": "203.0.113.7"},
}
CEF = (
    r"<134>Mar  4 05:06:07 fw CEF:0|Maker|Wall\|5|1.0|77|Port scan|8|rt=1772571967500 "
    "src=203.0.113.7 dst=10.1.2.3 dhost=web msg=a = b"
)


def read(path: Path) -> tuple[list[tuple[int, ForeignAlert]], Losses]:
    losses = Losses()
    return list(read_alerts(path, losses)), losses


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "alerts"
    path.write_text(text, "utf-8")
    return path


def test_each_tool_says_who_what_and_when() -> None:
    eve, wazuh, cef = of_object(EVE), of_object(WAZUH), of_cef(CEF)
    for alert in (eve, wazuh, cef):
        assert (alert.address, alert.far) == ("10.1.2.3", "203.0.113.7")
        assert alert.time == from_iso(AT)
    assert (eve.tool, eve.kind, eve.severity) == ("suricata", "2001", Severity.MEDIUM)
    assert (wazuh.host, wazuh.kind, wazuh.severity) == ("web", "5712", Severity.MEDIUM)
    assert (cef.tool, cef.kind, cef.host) == ("maker wall|5", "77", "web")
    assert (cef.title, cef.severity) == ("Port scan", Severity.HIGH)


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    text = (
        "time,name,ip,host,short\n1642213952,Wazuh: Something,172.17.1.8,mail,W-S\n\nx,,,,\n"
        '1642213953,"Suricata: a, b",10.0.0.1,fw,S-A\n'
    )
    found, losses = read(written(tmp_path, text))
    assert [number for number, _ in found] == [0, 2]
    first = found[0][1]
    assert first == ForeignAlert(
        1642213952 * 10**9, "wazuh", "W-S", "Wazuh: Something", "mail", "172.17.1.8", "", None
    )
    assert found[1][1].title == "Suricata: a, b"
    assert losses.as_json() == {"alerts.other_records": 1}


def test_lines_arrays_and_compressed_files_are_one(tmp_path: Path) -> None:
    records = [{"event_type": "flow"}, EVE, WAZUH]
    lines = "\n".join(map(json.dumps, records))
    as_lines, losses = read(written(tmp_path, lines))
    as_array, _ = read(written(tmp_path, json.dumps(records, indent=1)))
    packed = tmp_path / "alerts.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    assert as_lines == as_array == read(packed)[0]
    assert [number for number, _ in as_lines] == [1, 2]
    assert losses.as_json() == {"alerts.other_records": 1}


def test_bad_lines_are_counted_and_keep_their_number(tmp_path: Path) -> None:
    text = f"{json.dumps(EVE)}\n{{broken\n\n[1]\n{json.dumps(EVE)}\nplain words\n"
    found, losses = read(written(tmp_path, text))
    assert [number for number, _ in found] == [0, 3]
    assert losses.as_json() == {"alerts.bad_json": 1, "alerts.other_records": 2}


@pytest.mark.parametrize("text", ["words only\n", "a,b\n1,2\n", "[{]"])
def test_what_is_no_file_of_alerts_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, text))
    assert str(tmp_path) in caught.value.where
    assert caught.value.next


def test_our_own_alerts_are_read_too() -> None:
    alert = of_object(
        {
            "rule": "r1",
            "title": {"en": "Beacon", "zh": "周期外联"},
            "severity": "high",
            "first": AT,
            "entities": [
                {"kind": "host", "value": "10.1.2.3", "internal": True},
                {"kind": "host", "value": "203.0.113.7", "internal": False},
            ],
        }
    )
    assert alert[1:8] == (
        *("fengsui", "r1", "Beacon", "", "10.1.2.3", "203.0.113.7"),
        Severity.HIGH,
    )


def test_time_is_told_by_its_size() -> None:
    assert {time_of(n) for n in (1_700_000_000, "1700000000.0", 1.7e12, 1.7e15, 1.7e18)} == {
        1_700_000_000 * 10**9
    }
    assert [time_of(odd) for odd in (None, "", "soon", True, -1, float("nan"), [], 1e300)] == [
        None
    ] * 8


@given(seconds=st.integers(0, 2**32), before=st.sampled_from(["", " "]))
def test_seconds_are_the_same_as_text_and_as_number(seconds: int, before: str) -> None:
    assert time_of(f"{before}{seconds:010d}") == time_of(seconds)


def test_ours_is_the_private_end() -> None:
    assert ends("203.0.113.7", "10.0.0.1") == ("10.0.0.1", "203.0.113.7")
    assert ends("10.0.0.1", "203.0.113.7") == ("10.0.0.1", "203.0.113.7")
    assert ends("10.0.0.1", "10.0.0.2") == ("10.0.0.1", "")
    assert ends("", "10.0.0.2") == ("10.0.0.2", "")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["event_type", "alert", "rule", "agent", "data", "timestamp", "entities", "title", "name",
     "AnalysisComponent", "LogData", "AMiner", "@timestamp", "source.ip", "kibana.alert.severity",
     "src_ip", "dest_ip", "time", "short", "ip", "host", "severity", "first"]
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_hostile_objects_are_alerts_or_not(record: dict[str, Any]) -> None:
    try:
        alert = of_object(record)
    except NotAnAlert:
        return
    assert all(isinstance(text, str) and len(text) <= 300 for text in alert[1:7])
    assert alert.kind


@given(st.text(max_size=200))
def test_hostile_cef_is_an_alert_or_not(text: str) -> None:
    try:
        alert = of_cef("CEF:" + text)
    except NotAnAlert:
        return
    assert alert.time is None or alert.time > 0


CELLS = st.text(st.sampled_from("ab,\"\n'\ufeff; 告"), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 3)), min_size=1, max_size=12))
def test_a_table_says_the_same_wherever_its_time_stands(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    found: list[list[tuple[int, ForeignAlert]]] = []
    for first in (True, False):
        path = folder / f"{first}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for time, name, host in [
                ("time", "name", "host"),
                *((1_700_000_000 + t, f"n{n}", h) for n, h, t in rows),
            ]:
                writer.writerow((time, name, host) if first else (name, host, time))
        found.append(read(path)[0])
    assert found[0] == found[1]
