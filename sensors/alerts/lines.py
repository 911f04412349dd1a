r"""Lines: alerts that devices send as text: CEF, LEEF, `key=value`, `键:值;`, and Suricata's fast.log.

    CEF:0|Vendor|Product|Version|Class|Name|Severity|src=… dst=… msg=…      (ArcSight CEF rev. 25)
    LEEF:2.0|Vendor|Product|Version|EventID|^|src=…^dst=…^sev=…             (IBM QRadar LEEF 2.0)
    id=tos time="2026-03-04 05:06:07" type=ips pri=2 src=… dst=… msg="…"    (天融信 and others)
    time:2026-03-04 05:06:07;danger_degree:2;event:…;src_addr:…;dst_addr:…  (绿盟, 深信服)

A syslog header before them may give the time and the device. In a header of CEF `\|` and `\\` stand for
themselves, in its extension `\=`, `\\`, `\n` and `\r` as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from sensors.alerts.columns import knows_when, of_named
from sensors.alerts.foreign import (
    ForeignAlert,
    NotAnAlert,
    address_of,
    ends,
    named,
    peer_of,
    short,
    time_of,
)
from sensors.alerts.scales import TEN, by_floors, by_word, of_signature, tactics_of

_LONGEST = 1 << 16  # characters of a line that are looked at
_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")
_CEF_PAIR = re.compile(r"(?:^|\s)([\w.\-\[\]]+)=")
_ESCAPED = re.compile(r"\\([\\|=nr])")
_BROKEN = {"n": " ", "r": " "}
_PAIR = re.compile(r"""([\w.\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;]*)""")
_COLON = re.compile(r"[;；,，|\t]\s*|\s{2,}")
_SYSLOG_ISO = re.compile(r"^(?:<\d+>)?(?:\d+ )?(\d{4}-\d\d-\d\dT\S+)(?: (\S+))?")
_SYSLOG_BSD = re.compile(r"^(?:<\d+>)?(\w{3} +\d+ (?:\d{4} )?\d\d:\d\d:\d\d)(?: (\S+))?")
_FAST = re.compile(
    r"^(\S+)\s+\[\*\*\] \[(\d+):(\d+):\d+\] (.*?) \[\*\*\] "
    r"(?:\[Classification: (.*?)\] )?(?:\[Priority: (\d+)\] )?\{\S+\} (\S+) -> (\S+)"
)
_PRIORITY = re.compile(r"^<\d+>")
_PORT = re.compile(r"^\[?(.*?)\]?(?::\d+)?$")
_NAMES = ("suser", "duser", "usrName", "request", "fname", "filePath", "destinationDnsDomain")


def is_line(line: str) -> bool:
    """Whether a line is of a form that is read here."""
    if "CEF:" in line or "LEEF:" in line or _FAST.match(line):
        return True
    names, values = _pairs(line[:_LONGEST])
    if len(names) < 3 or (not knows_when(names) and _time_of_header(line) is None):
        return False
    try:
        alert = of_named(names, values)
    except NotAnAlert:
        return False
    return bool(alert.address or alert.host)


def of_line(line: str) -> ForeignAlert:
    """The alert of a line.

    Raises:
        NotAnAlert: it is of no form that is known, or names nothing.
    """
    line = line[:_LONGEST]
    if "CEF:" in line:
        return of_cef(line)
    if "LEEF:" in line:
        return of_leef(line)
    fast = _FAST.match(line)
    if fast is not None:
        return _of_fast(fast)
    names, values = _pairs(line)
    if len(names) < 3:
        raise NotAnAlert
    alert = of_named(names, values)
    return alert if alert.time is not None else alert._replace(time=_time_of_header(line))


def of_cef(line: str) -> ForeignAlert:
    """The alert of a CEF line, with or without a syslog header.

    Raises:
        NotAnAlert: the line is not CEF.
    """
    begin = line.find("CEF:")
    parts = _header(line[begin:], 8) if begin >= 0 else []
    if len(parts) < 7:
        raise NotAnAlert
    _, vendor, product, _, signature, name, severity = (_plain(part) for part in parts[:7])
    fields = _cef_fields(parts[7] if len(parts) > 7 else "")
    word = by_word(severity)
    alert = _of_fields(
        fields,
        tool=f"{vendor} {product}",
        kind=signature or name,
        title=name or signature,
        when=("rt", "start", "end", "deviceReceiptTime"),
    )._replace(severity=word if word is not None else by_floors(severity, TEN))
    return alert if alert.time is not None else alert._replace(time=_time_of_header(line[:begin]))


def of_leef(line: str) -> ForeignAlert:
    """The alert of a LEEF line.

    Raises:
        NotAnAlert: the line is not LEEF.
    """
    begin = line.find("LEEF:")
    parts = line[begin:].split("|") if begin >= 0 else []
    if len(parts) < 6:
        raise NotAnAlert
    version, vendor, product, _, event = parts[:5]
    rest, between = "|".join(parts[5:]), "\t"
    if version.strip() == "LEEF:2.0" and len(parts) > 6:
        between, rest = _delimiter(parts[5]), "|".join(parts[6:])
    if between not in rest and "|" in rest:
        between = "|"
    pairs = (pair.partition("=") for pair in rest.split(between))
    fields = {name.strip(): value.strip() for name, found, value in pairs if found}
    alert = _of_fields(
        fields,
        tool=f"{vendor} {product}",
        kind=event,
        title=fields.get("msg") or fields.get("cat") or event,
        when=("devTime", "eventTime", "start"),
    )._replace(severity=by_floors(fields.get("sev"), TEN) or by_word(fields.get("sev")))
    return alert if alert.time is not None else alert._replace(time=_time_of_header(line[:begin]))


def _of_fields(
    fields: Mapping[str, str], *, tool: str, kind: str, title: str, when: tuple[str, ...]
) -> ForeignAlert:
    source, target = address_of(fields.get("src")), address_of(fields.get("dst"))
    ours, far = ends(source, target)
    host = fields.get("dhost") if ours == target else fields.get("shost")
    if not ours:
        ours = address_of(fields.get("dvc"))
        host = fields.get("shost") or fields.get("dhost") or fields.get("dvchost")
    sort = short(kind) or short(title)
    if not sort:
        raise NotAnAlert
    peer = peer_of(ours, far, target)
    named_here = {name: fields.get(name) for name in _NAMES}
    return ForeignAlert(
        next(filter(None, (time_of(fields.get(name)) for name in when)), None),
        short(tool.strip()).lower(),
        sort,
        short(title) or sort,
        short(host),
        ours,
        far,
        None,
        tactics_of(*(value for name, value in fields.items() if name.startswith(("cs", "cat")))),
        named(
            [
                ("host", peer),
                ("user", named_here["duser"] or named_here["usrName"]),
                ("user", named_here["suser"]),
                ("domain", named_here["destinationDnsDomain"]),
                ("file", named_here["filePath"] or named_here["fname"]),
                ("url", named_here["request"]),
            ]
        ),
    )


def _of_fast(found: re.Match[str]) -> ForeignAlert:
    when, _, sid, title, category, priority, source, target = found.groups()
    source, target = (address_of(_port_off(one)) for one in (source, target))
    ours, far = ends(source, target)
    return ForeignAlert(
        time_of(when),
        "suricata",
        sid,
        short(title.strip('"')),
        "",
        ours,
        far,
        of_signature(priority, (), category or ""),
        tactics_of(category=category or ""),
        named([("host", peer_of(ours, far, target))]),
    )


def _port_off(end: str) -> str:
    if address_of(end):
        return end
    found = _PORT.match(end)
    return found[1] if found is not None else end


def _pairs(line: str) -> tuple[list[str], list[object]]:
    """Names and values of a line, by `=`, else by colons; of JSON within the line, its members."""
    brace = line.find("{")
    if brace >= 0 and line.rstrip().endswith("}"):
        try:
            record = orjson.loads(line[brace:])
        except orjson.JSONDecodeError:
            record = None
        if isinstance(record, dict):
            return [str(name) for name in record], list(record.values())
    names: list[str] = []
    values: list[object] = []
    line = _PRIORITY.sub("", line)
    for found in _PAIR.finditer(line):
        names.append(found[1])
        values.append(found[2].strip("\"'"))
    if knows_when(names) or len(names) > 4:
        return names, values
    names, values = [], []
    for piece in _COLON.split(line):
        name, between, value = piece.replace("：", ":", 1).partition(":")
        name = name.rsplit(maxsplit=1)[-1] if name.strip() else ""
        if between and name:
            names.append(name)
            values.append(value.strip())
    return names, values


def _time_of_header(header: str) -> int | None:
    """Time of a syslog header; without a year it is the latest such day that is not ahead of us."""
    iso = _SYSLOG_ISO.match(header)
    if iso is not None:
        return time_of(iso[1])
    bsd = _SYSLOG_BSD.match(header)
    if bsd is None:
        return None
    return time_of(bsd[1])


def _header(text: str, parts: int) -> list[str]:
    """Split at pipes that no backslash takes the meaning of."""
    found: list[str] = []
    start = 0
    for pipe in _PIPE.finditer(text):
        if len(found) == parts - 1:
            break
        found.append(text[start : pipe.end() - 1])
        start = pipe.end()
    found.append(text[start:])
    return found


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: _BROKEN.get(found[1], found[1]), text)


def _cef_fields(text: str) -> dict[str, str]:
    """Extension of a CEF line: a value ends where the next `name=` begins."""
    found = list(_CEF_PAIR.finditer(text))
    fields: dict[str, str] = {}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        fields[match[1]] = _plain(text[match.end() : end].strip())
    return fields


def _delimiter(text: str) -> str:
    """LEEF 2.0's delimiter: a character, or its code such as x5E."""
    text = text.strip()
    code = re.fullmatch(r"(?:0?x)([0-9A-Fa-f]{2,4})", text)
    if code is not None:
        return chr(int(code[1], 16))
    return text[:1] or "\t"
