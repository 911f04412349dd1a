r"""Access logs of web servers: the Common and Combined Log Format of Apache and nginx → dataset `http`.

httpd.apache.org/docs/current/logs.html. A virtual host in front (`vhost_combined`) and further
columns behind are taken as they come; `\"` and `\xhh` are Apache's escapes inside quotes.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

from fengsui.clock import SECOND
from fengsui.event import Value, make_event
from fengsui.ids import event_id
from sensors.logs.parser import LineError, Parsed
from sensors.logs.urls import host_name, request_url
from sensors.logs.values import LONGEST_TEXT, address, text, whole

_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_LINE: Final = re.compile(
    r"(?:(\S+) )?(\S+) (\S+) ([^\[\]]{1,256}) \[(\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    + _QUOTED
    + r" (\d{3}|-) (\d+|-)(?: "
    + _QUOTED
    + " "
    + _QUOTED
    + ")?",
    re.ASCII,
)
_ESCAPE: Final = re.compile(r'\\(?:x([0-9a-fA-F]{2})|(["\\]))')
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        start=1,
    )
}


class AccessLogFormat:
    """Recognises access logs by the shape of their first line."""

    name = "access_log"

    def sniff(self, first_lines: list[bytes]) -> float:
        """0.8 where the first lines are requests with a status."""
        if not first_lines:
            return 0.0
        fits = [_LINE.match(line.decode("utf-8", "replace")) for line in first_lines]
        return 0.8 if fits[0] and sum(map(bool, fits)) * 2 > len(fits) else 0.0

    def start(self, file_name: str, sensor: str) -> AccessLogParser:
        """A parser; the file's name tells nothing."""
        del file_name
        return AccessLogParser(sensor)


class AccessLogParser:
    """Parser of one file."""

    def __init__(self, sensor: str) -> None:
        self._sensor = sensor

    def parse(self, line: bytes) -> Parsed:
        """Event of one request.

        Raises:
            LineError: not a line of this format.
        """
        shown = line[: 4 * LONGEST_TEXT].decode("utf-8", "replace")
        found = _LINE.match(shown)
        if found is None:
            raise LineError("no line of an access log")
        server, client, _, user, stamp, request, status, size, referrer, agent = found.groups()
        time = _instant(stamp)
        method, target, version = _request(_plain(request))
        host = text(server) if server else None
        fields: dict[str, Value | None] = {
            "network.protocol": "http",
            "source.ip": address(client),
            "source.domain": None if address(client) else host_name(client),
            "http.request.method": method,
            "http.version": version,
            "http.response.status_code": whole(status),
            "http.response.body.bytes": whole(size),
            "http.request.referrer": _said(referrer),
            "user_agent.original": _said(agent),
            **request_url(host_name(host), target, None),
            "destination.domain": host_name(host),
            "url.username": _said(user),
            "user.name": _said(user),
            "event.module": "access_log",
            "observer.name": self._sensor,
        }
        number = event_id("http", time, "access_log", line)
        event = make_event(id=number, time=time, dataset="http", fields=fields)
        return Parsed("request", event, "http", time, time)


def _request(line: str) -> tuple[str | None, str | None, str | None]:
    """Method, target and version; a request that is no HTTP is all target."""
    words = line.split(" ")
    if len(words) >= 3 and words[-1].startswith("HTTP/"):
        return words[0], text(" ".join(words[1:-1])), words[-1].removeprefix("HTTP/")
    if len(words) == 2 and words[0].isupper():
        return words[0], text(words[1]), None
    return None, _said(line), None


def _said(cell: str | None) -> str | None:
    """A cell, or None for the dash that stands for nothing."""
    return None if cell is None or cell == "-" else text(_plain(cell))


def _plain(cell: str) -> str:
    if "\\" not in cell:
        return cell
    return _ESCAPE.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], cell)


@lru_cache(maxsize=4096)
def _instant(stamp: str) -> int:
    """Nanoseconds of `10/Oct/2026:13:55:36 +0800`."""
    try:
        zone = int(stamp[22:24]) * 60 + int(stamp[24:26])
        moment = dt.datetime(
            int(stamp[7:11]), _MONTHS[stamp[3:6]], int(stamp[:2]),
            int(stamp[12:14]), int(stamp[15:17]), int(stamp[18:20]), tzinfo=dt.UTC,
        )  # fmt: skip
    except (ValueError, KeyError) as error:
        raise LineError(f"not a time: {stamp}") from error
    seconds = int(moment.timestamp()) - (zone if stamp[21] == "+" else -zone) * 60
    if seconds < 0:
        raise LineError(f"not a time: {stamp}")
    return seconds * SECOND


PARSER = AccessLogFormat()
