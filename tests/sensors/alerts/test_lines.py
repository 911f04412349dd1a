"""Lines that devices send: CEF, LEEF, pairs, fast.log; each says who, what, when and how grave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import from_iso
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert, NotAnAlert
from sensors.alerts.lines import is_line, of_line

AT = from_iso("2026-03-04T05:06:07Z")
ENDS = {"address": "10.1.2.9", "far": "203.0.113.9"}
LINES = {
    "cef": r"<1>Mar  4 05:06:07 fw CEF:0|QiAnXin|Sky\|Eye|4.0|7|a \\ b|9|rt=Mar 04 2026 05:06:07 "
    r"src=203.0.113.9 dst=10.1.2.9 dhost=web cs1=a\=b duser=joe filePath=C:\\x.exe",
    "leef": "LEEF:2.0|Maker|Wall|1.0|41|^|src=203.0.113.9^dst=10.1.2.9^sev=9^usrName=joe"
    "^devTime=Mar 04 2026 05:06:07^cat=scan",
    "topsec": '<3>id=tos time="2026-03-04 05:06:07" fw=TopsecOS pri=0 type=ips src=203.0.113.9 '
    'dst=10.1.2.9 rule=ips1 msg="SQL injection"',
    "nsfocus": "<12>time:2026-03-04 05:06:07;danger_degree:2;event:[20131]远程命令执行;"
    "src_addr:203.0.113.9;src_port:4;dst_addr:10.1.2.9;proto:TCP;user:joe",
    "sangfor": "<14>2026-03-04T05:06:07Z gw fwlog: 日志类型:IPS防护日志, 漏洞ID:114, "
    "漏洞名称:Struts2 S2-045, 源IP:203.0.113.9, 目的IP:10.1.2.9, 严重等级:高, 动作:拒绝",
    "skyeye": '<13>x webids_alert|!{"access_time":1772600767000,"threat_name":"Webshell",'
    '"attack_sip":"203.0.113.9","alarm_sip":"10.1.2.9","hazard_level":9,"rule_id":"0x1"}',
    "fast": "03/04/2026-05:06:07.000000  [**] [1:2001:3] ET SCAN x [**] [Classification: Detection "
    "of a Network Scan] [Priority: 1] {TCP} 203.0.113.9:4 -> 10.1.2.9:80",
}
SAID = {
    "cef": ("qianxin sky|eye", "7", "a \\ b", Severity.CRITICAL),
    "leef": ("maker wall", "41", "scan", Severity.CRITICAL),
    "topsec": ("", "SQL injection", "SQL injection", Severity.CRITICAL),
    "nsfocus": ("", "[20131]远程命令执行", "[20131]远程命令执行", Severity.HIGH),
    "sangfor": ("", "114", "Struts2 S2-045", Severity.HIGH),
    "skyeye": ("", "0x1", "Webshell", Severity.CRITICAL),
    "fast": ("suricata", "2001", "ET SCAN x", Severity.HIGH),
}


@pytest.mark.parametrize("name", LINES)
def test_each_form_says_the_same(name: str) -> None:
    line = LINES[name]
    assert is_line(line)
    alert = of_line(line)
    assert alert.time == AT
    assert {"address": alert.address, "far": alert.far} == ENDS
    assert (alert.tool, alert.kind, alert.title, alert.severity) == SAID[name]


def test_escapes_of_an_extension_and_what_it_names() -> None:
    alert = of_line(LINES["cef"])
    assert alert.host == "web"
    assert set(alert.others) == {("user", "joe"), ("file", "C:\\x.exe")}


def test_a_syslog_header_gives_the_time_where_the_alert_has_none() -> None:
    alert = of_line("<1>2026-03-04T05:06:07Z fw CEF:0|A|B|1|2|n|3|src=10.0.0.1")
    assert alert.time == AT
    assert alert.severity == Severity.LOW


@pytest.mark.parametrize("line", ["", "words only", "a=1", "a=1 b=2 c=3", "time: now; a: b; c: d"])
def test_other_lines_are_none(line: str) -> None:
    assert not is_line(line)


@given(st.text(max_size=200), st.sampled_from(["CEF:0|a|b|c|d|e|f|", "LEEF:2.0|a|b|c|d|^|", ""]))
def test_hostile_lines_are_alerts_or_not(text: str, before: str) -> None:
    is_line(before + text)
    try:
        alert = of_line(before + text)
    except NotAnAlert:
        return
    assert isinstance(alert, ForeignAlert)
    assert alert.kind
    assert all(isinstance(part, str) and len(part) <= 300 for part in alert[1:7])
