"""Alerts of several lines, tables with odd heads, and files in UTF-16."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import SECOND
from fengsui.loss import Losses
from fengsui.severity import Severity
from sensors.alerts.blocks import begins_block, blocks
from sensors.alerts.foreign import ForeignAlert
from sensors.alerts.reader import read_alerts

OSSEC = """** Alert 1642204800.123: mail  - syslog,sshd,
2022 Jan 15 00:00:00 (web01) 10.0.0.5->/var/log/auth.log
Rule: 5712 (level 10) -> 'sshd: brute force.'
Src IP: 203.0.113.4
User: root
Jan 15 00:00:00 web01 sshd[1]: Failed password

** Alert 1642204801.7: - ossec,
2022 Jan 15 00:00:01 manager->ossec-monitord
Rule: 502 (level 3) -> 'Server started.'
ossec: started
"""
SNORT = """[**] [1:2001:1] Scan of a port [**]
[Classification: Attempted Information Leak] [Priority: 2]
01/15/22-00:00:00.500000 10.0.0.5:80 -> 203.0.113.4:443
TCP TTL:64 TOS:0x0 ID:1 IpLen:20 DgmLen:40

[**] [1:2002:1] Odd ping [**]
[Priority: 3]
01/15/22-00:00:01.000000 10.0.0.6 -> 203.0.113.4
"""
TABLE = "time,name,ip,host\n1642204800,甲,10.0.0.5,web\n1642204801,乙,10.0.0.6,db\n"


def read(folder: Path, text: str | bytes) -> tuple[list[ForeignAlert], dict[str, int]]:
    path = folder / "alerts.log"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    losses = Losses()
    return [alert for _, alert in read_alerts(path, losses)], dict(losses.as_json())


def test_ossec_writes_an_alert_over_several_lines(tmp_path: Path) -> None:
    (first, second), losses = read(tmp_path, OSSEC)
    assert (first.kind, first.title, first.host) == ("5712", "sshd: brute force.", "web01")
    assert (first.address, first.far, first.severity) == (
        "10.0.0.5",
        "203.0.113.4",
        Severity.MEDIUM,
    )
    assert (second.host, second.time) == ("manager", int(1642204801.7 * SECOND))
    assert not losses


def test_snort_writes_full_alerts(tmp_path: Path) -> None:
    (first, second), losses = read(tmp_path, SNORT)
    assert (first.kind, first.address, first.far) == ("2001", "10.0.0.5", "203.0.113.4")
    assert first.time is not None
    assert second.time is not None
    assert second.time - first.time == SECOND // 2
    assert second.severity is Severity.LOW
    assert not losses


def test_a_cut_block_is_counted_and_the_good_one_kept(tmp_path: Path) -> None:
    found, losses = read(tmp_path, "** Alert 1642204799.1: -\nnothing\n" + OSSEC)
    assert len(found) == 2
    assert losses == {"alerts.other_records": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read_as_utf8_is(tmp_path: Path, encoding: str) -> None:
    text = TABLE if encoding == "utf-16" else "\ufeff" + TABLE
    assert read(tmp_path, text.encode(encoding)) == read(tmp_path, TABLE)


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace(",", "|"),
        "# written by a tool\n" + TABLE,
        "sep=,\n" + TABLE,
        TABLE.replace("time,name,ip,host", "Time Stamp,Alert-Name,IP Address,HOST_NAME", 1),
        TABLE.replace("time,name,ip,host", "TIME,Rule Title,IP_ADDRESS,Host Name", 1),
        TABLE.replace(",", ";").replace("1642204800", "1642204800,0"),
    ],
)
def test_a_table_is_the_same_however_its_head_is_written(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == read(tmp_path, TABLE)


def test_zeek_names_the_columns_of_its_notices(tmp_path: Path) -> None:
    text = (
        "#separator \\x09\n#path\tnotice\n#fields\tts\tnote\tmsg\tsrc\tdst\n#types\ttime\tenum\t"
        "string\taddr\taddr\n1642204800.5\tScan::Port_Scan\tone scanned\t10.0.0.5\t203.0.113.4\n"
        "1642204801.5\tScan::Port_Scan\tanother scanned\t10.0.0.6\t-\n#close\t2022\n"
    )
    found, losses = read(tmp_path, text)
    assert [(a.tool, a.kind, a.address, a.far) for a in found] == [
        ("zeek", "Scan::Port_Scan", "10.0.0.5", "203.0.113.4"),
        ("zeek", "Scan::Port_Scan", "10.0.0.6", ""),
    ]
    assert not losses


@given(st.lists(st.sampled_from(["** Alert 1.2: -", "[**] [1:2:3]", "Rule: 1", "x"]), max_size=40))
def test_every_block_begins_with_its_mark_and_no_line_stands_in_two(lines: list[str]) -> None:
    found = list(blocks("** Alert 1.1: -", lines))
    assert all(begins_block(block[0]) and not any(map(begins_block, block[1:])) for block in found)
    assert sum(map(len, found)) <= len(lines) + 1
    assert len(found) == 1 + sum(map(begins_block, lines))
