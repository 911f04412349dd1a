"""W3C Extended Log Format, as IIS and proxies write it → dataset `http`.

w3.org/TR/WD-logfile.html; learn.microsoft.com/windows/win32/http/w3c-logging. The `#Fields` line names
the columns and may come again with others; times are UTC; a dash is nothing, a plus a blank.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value, make_event
from fengsui.ids import event_id
from sensors.logs.parser import LineError, Parsed
from sensors.logs.urls import host_name, request_url
from sensors.logs.values import LONGEST_TEXT, endpoints, instant, span, text, whole

_FIELDS: Final = "#Fields:"
_MOST_COLUMNS: Final = 128
_KNOWN: Final = frozenset({"cs-method", "cs-uri-stem", "cs-uri", "c-uri", "sc-status"})

Row = dict[str, str]


class W3cFormat:
    """Recognises a log by its directives."""

    name = "w3c"

    def sniff(self, first_lines: list[bytes]) -> float:
        """0.9 where a `#Fields` line names columns of requests."""
        for line in first_lines:
            if line.startswith(_FIELDS.encode()):
                columns = line.decode("utf-8", "replace").lower().split()
                return 0.9 if _KNOWN.intersection(columns) else 0.0
        return 0.0

    def start(self, file_name: str, sensor: str) -> W3cParser:
        """A parser; the file's name tells nothing."""
        del file_name
        return W3cParser(sensor)


class W3cParser:
    """Parser of one file."""

    def __init__(self, sensor: str) -> None:
        self._sensor = sensor
        self._columns: list[str] = []
        self._date = ""

    def parse(self, line: bytes) -> Parsed:
        """Event of one request, or what a directive was.

        Raises:
            LineError: no row of the columns above it, or no time.
        """
        shown = line[: 4 * LONGEST_TEXT].decode("utf-8", "replace").rstrip("\r")
        if shown.startswith("#"):
            return self._directive(shown)
        cells = shown.split(" ")
        if not self._columns or len(cells) != len(self._columns):
            raise LineError(f"{len(cells)} columns where #Fields has {len(self._columns)}")
        row = {name: cell for name, cell in zip(self._columns, cells, strict=True) if cell != "-"}
        time = instant(f"{row.get('date', self._date)}T{row.get('time', '')}Z")
        number = event_id("http", time, "w3c", line)
        event = make_event(id=number, time=time, dataset="http", fields=self._fields(row))
        return Parsed("request", event, "http", time, time)

    def _directive(self, line: str) -> Parsed:
        word, _, rest = line.partition(":")
        if word == "#Fields":
            self._columns = rest.lower().split()[:_MOST_COLUMNS]
        elif word == "#Date":
            self._date = rest.split()[0] if rest.split() else ""
        return Parsed("header")

    def _fields(self, row: Row) -> dict[str, Value | None]:
        host = _shown(row.get("cs-host") or row.get("cs(host)") or row.get("r-host"))
        user = _shown(row.get("cs-username"))
        port = whole(row.get("s-port"))
        version = row.get("cs-version", "")
        return {
            **endpoints(row.get("c-ip"), row.get("c-port"), row.get("s-ip"), port, "tcp", None),
            "network.protocol": "http",
            "event.duration": _milliseconds(row.get("time-taken", "")),
            "http.request.method": text(row.get("cs-method")),
            "http.version": version.removeprefix("HTTP/") or None,
            "http.request.body.bytes": whole(row.get("cs-bytes")),
            "http.request.referrer": _shown(row.get("cs(referer)")),
            "http.response.status_code": whole(row.get("sc-status")),
            "http.response.body.bytes": whole(row.get("sc-bytes")),
            "user_agent.original": _shown(row.get("cs(user-agent)")),
            **request_url(host_name(host), _target(row), port),
            "destination.domain": host_name(host),
            "url.username": user,
            "user.name": user,
            "event.module": "w3c",
            "observer.name": self._sensor,
        }


def _milliseconds(cell: str) -> int | None:
    """Nanoseconds of a count of milliseconds."""
    return span(int(cell) / 1000) if cell.isdecimal() and len(cell) < 12 else None


def _target(row: Row) -> str | None:
    """The request's target: whole, or of its stem and query."""
    whole_target = row.get("cs-uri") or row.get("c-uri")
    if whole_target:
        return text(whole_target)
    stem, query = row.get("cs-uri-stem", ""), row.get("cs-uri-query")
    return text(f"{stem}?{query}" if query else stem)


def _shown(cell: str | None) -> str | None:
    return text(cell.replace("+", " ")) if cell else None


PARSER = W3cFormat()
