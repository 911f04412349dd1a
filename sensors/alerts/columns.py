"""Columns: records whose fields have usual names, in English or Chinese, told by those names.

They serve tables with a header, JSON of no known shape, and the `key=value` and `键:值` lines of devices
(天融信, 绿盟, 深信服, 奇安信, 华为 and others).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sensors.alerts.foreign import (
    ForeignAlert,
    NotAnAlert,
    address_of,
    ends,
    named,
    peer_of,
    short,
    time_of,
    with_time,
)
from sensors.alerts.scales import by_key, tactics_of

_ROWS_KNOWN = 20_000

# Names of fields, the first that is there; lower case.
_TIMES = (
    *("time", "timestamp", "@timestamp", "date", "datetime", "start", "access_time", "event_time"),
    *("eventtime", "log_time", "logtime", "devtime", "alarm_time", "attack_time", "first_time"),
    *("start_time", "starttime", "rt", "时间", "发生时间", "告警时间", "检测时间", "开始时间"),
    *("攻击时间", "最近发生时间", "日志时间", "记录时间"),
    *("_time", "ts", "timegenerated", "time_generated", "createddatetime", "created_at", "created"),
    *(
        "alertcreationtime",
        "eventdatetime",
        "detection_time",
        "detected_at",
        "first_seen",
        "date_time",
    ),
    *("receivetime", "generatedtime", "eventtimestamp", "lastseen", "occurred"),
)
_TITLES = (
    *("name", "title", "signature", "alert.signature", "rule.description", "rule_name", "rulename"),
    *(
        "alarm_name",
        "threat_name",
        "attack_name",
        "event_name",
        "eventname",
        "vuln_name",
        "signame",
    ),
    *(
        "event",
        "msg",
        "rule",
        "alert",
        "message",
        "description",
        "事件名称",
        "告警名称",
        "威胁名称",
    ),
    *("攻击名称", "漏洞名称", "规则名称", "名称", "事件", "描述", "攻击类型", "attack_type"),
    *("alertname", "alert_name", "detect_name", "displayname", "alerttitle", "detection"),
    *("ruletitle", "threatcontentname", "threat", "signaturename", "event_id", "事件id"),
)
_KINDS = (
    *("short", "signature_id", "alert.signature_id", "sid", "rule_id", "rule.id", "id_rule"),
    *("attack_id", "vuln_id", "规则id", "漏洞id", "特征id"),
)
_HOSTS = (
    *("host", "hostname", "agent", "agent.name", "host.name", "computer", "computername", "device"),
    *("主机名", "主机名称", "资产名称", "终端名称", "compromisedentity", "computerdnsname"),
    *("device.hostname", "hostnames", "dest_host", "agent_name", "endpoint", "machine", "nodename"),
)
_ADDRESSES = (
    "ip",
    "address",
    "host_ip",
    "agent.ip",
    "host.ip",
    "主机ip",
    "资产ip",
    "终端ip",
    "device.local_ip",
    "ip_address",
)
_SOURCES = (
    *("src_ip", "source_ip", "src", "source.ip", "srcip", "data.srcip", "sip", "src_addr", "saddr"),
    *(
        "id.orig_h",
        "attack_sip",
        "source_address",
        "sourceaddress",
        "attacker",
        "attacker_ip",
        "源ip",
        "源地址",
    ),
    *("源ip地址", "攻击者ip", "攻击ip", "攻击源", "攻击源ip"),
)
_OTHERS = (
    *("dest_ip", "dst_ip", "destination_ip", "dst", "destination.ip", "dstip", "data.dstip", "dip"),
    *("dst_addr", "daddr", "alarm_sip", "destination_address", "destinationaddress", "victim"),
    *(
        "dest",
        "id.resp_h",
        "dest_addr",
        "victim_ip",
        "目的ip",
        "目的地址",
        "目的ip地址",
        "受害者ip",
        "受害ip",
        "目标ip",
        "被攻击ip",
    ),
)
_SEVERITIES = (
    *(
        "severity",
        "alertseverity",
        "severity_label",
        "level",
        "rule.level",
        "severitylevel",
        "priority",
        "risk_level",
        "hazard_level",
    ),
    *(
        "danger_degree",
        "alert.severity",
        "sev",
        "risk",
        "risk_score",
        "pri",
        "严重等级",
        "严重级别",
    ),
    *("威胁等级", "威胁级别", "危险等级", "风险等级", "告警级别", "告警等级", "级别", "等级"),
)
_TACTICS = (
    "tactic",
    "tactics",
    "technique",
    "techniques",
    "mitre",
    "rule.mitre.id",
    "att_ck",
    "attck",
)
_ENTITIES = {
    "user": (
        "user",
        "username",
        "user_name",
        "usrname",
        "suser",
        "duser",
        "用户",
        "用户名",
        "账号",
    ),
    "domain": ("domain", "hostname_dns", "dns_query", "sni", "域名"),
    "file": ("file", "filename", "file_name", "file_path", "filepath", "文件名", "文件路径"),
    "process": ("process", "process_name", "image", "进程", "进程名"),
}
_NOTHING = ("", None, "-", "(empty)")
_DAYS = (("date", "time"), ("日期", "时间"))  # of records that give both apart
_NO_NAMES = frozenset({"", "-", "any", "none", "null", "n/a", "unknown", "0.0.0.0"})  # noqa: S104
_APART = re.compile(r"[\s_\-/()]+")  # a name is the same however its words are set apart


def _plain(name: str) -> str:
    return _APART.sub("", name.strip().strip('"').lower())


_WHEN = {_plain(name): name for name in _TIMES}
_GROUPS = (_KINDS, _TITLES, _HOSTS, _ADDRESSES, _SOURCES, _OTHERS, _SEVERITIES, _TACTICS)


def knows_when(names: Sequence[str]) -> bool:
    """Whether one of these names is that of a time."""
    return any(_plain(name) in _WHEN for name in names)


def of_named(names: Sequence[str], values: Sequence[object], tool: str = "") -> ForeignAlert:
    """The alert of one record.

    Raises:
        NotAnAlert: it names neither what was seen nor its kind.
    """
    return Columns(names, tool).alert(values)


# A field's usual name by its plain one; of several that are alike, the one that is asked first.
_CALLED: dict[str, str] = {}
for _name in chain(_TIMES, *_GROUPS, *_ENTITIES.values()):
    _CALLED.setdefault(_plain(_name), _name)


class Columns:
    """Which columns of a table say what; the first of the usual names that has a value."""

    def __init__(self, names: Sequence[str], tool: str = "") -> None:
        place: dict[str, int] = {}
        for number, name in enumerate(names):
            place.setdefault(_CALLED.get(_plain(name), name.strip().lower()), number)
        self._names = [name for name, _ in sorted(place.items(), key=lambda one: one[1])]
        self._tool = tool
        self._when = [place[name] for name in _TIMES if name in place]
        self._day = next(
            ((place[d], place[t]) for d, t in _DAYS if d in place and t in place), None
        )
        self._places = [[place[name] for name in group if name in place] for group in _GROUPS]
        self._by_place = {number: name for name, number in place.items()}
        self._entities = [
            (kind, [place[name] for name in group if name in place])
            for kind, group in _ENTITIES.items()
        ]
        self._told = [number for group in self._places for number in group]
        self._told += [number for _, group in self._entities for number in group]
        self._known: dict[tuple[object, ...], ForeignAlert] = {}
        self.says_when = bool(self._when)
        self.begin_with_time = self._when == [0] and self._day is None

    def alert(self, row: Sequence[object]) -> ForeignAlert:
        """The alert of a row; what stands beside its time is told once for all rows that say the same.

        Raises:
            NotAnAlert: it names neither what was seen nor its kind.
        """
        width = len(row)
        said = tuple([row[place] if place < width else None for place in self._told])
        try:
            alert = self._known.get(said)
        except TypeError:  # an object of JSON may hold lists
            return with_time(self._said(row), self._time(row))
        if alert is None:
            alert = self._said(row)
            if len(self._known) < _ROWS_KNOWN:
                self._known[said] = alert
        return with_time(alert, self._time(row))

    def _time(self, row: Sequence[object]) -> int | None:
        if self._day is not None:
            day, clock = (_found(row, (place,)) for place in self._day)
            if (time := time_of(f"{day} {clock}")) is not None:
                return time
        return time_of(_found(row, self._when))

    def _said(self, row: Sequence[object]) -> ForeignAlert:
        kind, title, host, address, source, other, _, tactics = (
            _found(row, places) for places in self._places
        )
        words = short(title)
        sort = short(kind) or words
        if not sort:
            raise NotAnAlert
        tool, _, rest = words.partition(": ")
        source, other = address_of(source), address_of(other)
        ours, far = ends(source, other)
        named_host = short(host)
        own = address_of(address)
        peer = peer_of(own or ours, far, source if own == other else other)
        if own:
            far = "" if far == own else far
            ours = own
        elif not ours and short(address).lower() not in _NO_NAMES:
            named_host = " ".join(filter(None, (named_host, short(address))))
        others = ((kind, _found(row, places)) for kind, places in self._entities)
        return ForeignAlert(
            None,
            self._tool or (tool.lower() if rest and " " not in tool else ""),
            sort,
            words or sort,
            named_host,
            ours,
            far,
            self._severity(row),
            tactics_of(tactics),
            named([("host", peer), *others]),
        )

    def _severity(self, row: Sequence[object]) -> Any:
        for place in self._places[6]:
            if place < len(row):
                severity = by_key(self._by_place[place], row[place])
                if severity is not None:
                    return severity
        return None


def _found(row: Sequence[object], places: Sequence[int]) -> object:
    for place in places:
        if place < len(row) and row[place] not in _NOTHING:
            return row[place]
    return None
