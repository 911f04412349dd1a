"""The short way for rows of a Zeek `conn` log: most lines of any Zeek are these.

A row whose cells are all plain is written straight into JSON, about three times as fast as by way
of a dictionary. Whatever is unusual goes the long way (`zeek_records`); a test holds both equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import orjson

from fengsui.clock import MINUTE, to_iso
from fengsui.event import Event
from fengsui.ids import event_id
from sensors.enrich.community_id import community_id, packed_address
from sensors.logs.parser import Parsed
from sensors.logs.values import PROTOCOL_NUMBERS
from sensors.logs.zeek_records import service

# A quote, a backslash, a control character other than the tab, or anything beyond ASCII.
_UNUSUAL: Final = re.compile(rb'[\x00-\x08\x0a-\x1f"\\\x7f-\xff]')

_COUNTS: Final = (
    ("missed_bytes", "zeek.connection.missed_bytes"),
    ("orig_bytes", "client.bytes"),
    ("resp_bytes", "server.bytes"),
    ("orig_ip_bytes", "source.bytes"),
    ("resp_ip_bytes", "destination.bytes"),
    ("orig_pkts", "source.packets"),
    ("resp_pkts", "destination.packets"),
)
_TEXTS: Final = (
    ("uid", "zeek.session_id"),
    ("conn_state", "zeek.connection.state"),
    ("history", "zeek.connection.history"),
    ("vlan", "network.vlan.id"),
    ("inner_vlan", "network.inner.vlan.id"),
    ("orig_l2_addr", "source.mac"),
    ("resp_l2_addr", "destination.mac"),
)
_EMPTY: Final = frozenset({"", "(empty)"})
_FLAGS: Final = (
    ("local_orig", "zeek.connection.local_orig"),
    ("local_resp", "zeek.connection.local_resp"),
)
_NEEDED: Final = (
    *("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration"),
    *("orig_ip_bytes", "resp_ip_bytes", "orig_pkts", "resp_pkts"),
)


class FlowRows:
    """Rows of one header; `row` answers None where the long way must be taken."""

    def __init__(self, columns: Sequence[str], sensor: str) -> None:
        self._at = [columns.index(name) for name in _NEEDED]
        self._counts = _present(columns, _COUNTS)
        self._texts = _present(columns, _TEXTS)
        self._flags = _present(columns, _FLAGS)
        self._width = len(columns)
        self._tail = f',"event.module":"zeek","observer.name":{orjson.dumps(sensor).decode()}}}'

    @staticmethod
    def fits(columns: Sequence[str]) -> bool:
        """Whether a header has all that this way needs, and no Community ID of its own."""
        return set(_NEEDED) <= set(columns) and "community_id" not in columns

    def row(self, line: bytes) -> Parsed | None:
        """Event of a plain row."""
        if _UNUSUAL.search(line) or len(line) > 4096:
            return None
        cells = line.decode("ascii").split("\t")
        if len(cells) != self._width:
            return None
        ts, a, p, b, q, proto, served, lasted, up, down, sent, got = (cells[i] for i in self._at)
        start, span = _micros(ts), 0 if lasted == "-" else _micros(lasted)
        ends = _ends(a, p, b, q, proto)
        if start is None or span is None or ends is None:
            return None
        if not (up.isdecimal() and down.isdecimal() and sent.isdecimal() and got.isdecimal()):
            return None
        pieces = self._pieces(cells)
        if pieces is None:
            return None
        began, ended = _iso(start), _iso(start + span)
        protocol = None if served == "-" else _service(served)
        time = start * 1000
        number = event_id("flow", time, "zeek", line)
        duration = "" if lasted == "-" else f',"event.duration":{span * 1000}'
        named = f',"network.protocol":"{protocol}"' if protocol else ""
        raw = (
            f'{{"event.id":"{number}","@timestamp":"{began}","event.dataset":"flow"{ends}'
            f',"event.start":"{began}","event.end":"{ended}"'
            f'{duration}{named},"network.bytes":{int(up) + int(down)}'
            f',"network.packets":{int(sent) + int(got)}'
            f"{''.join(pieces)}{self._tail}"
        )
        return Parsed("conn", Event(raw.encode("ascii")), "flow", time, (start + span) * 1000)

    def _pieces(self, cells: list[str]) -> list[str] | None:
        pieces: list[str] = []
        for index, name in self._counts:
            cell = cells[index]
            if cell.isdecimal() and len(cell) < 18:
                pieces.append(f"{name}{int(cell)}")
            elif cell != "-":
                return None
        for index, name in self._texts:
            cell = cells[index]
            if cell in _EMPTY:
                return None
            if cell != "-":
                pieces.append(f'{name}"{cell}"')
        for index, name in self._flags:
            cell = cells[index]
            if cell in {"T", "F"}:
                pieces.append(f"{name}{'true' if cell == 'T' else 'false'}")
        return pieces


def _present(columns: Sequence[str], wanted: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    return [(columns.index(name), f',"{field}":') for name, field in wanted if name in columns]


def _micros(cell: str) -> int | None:
    """Microseconds of `1713484795.943239`, the form that Zeek writes; None for any other."""
    seconds, _, rest = cell.partition(".")
    if len(rest) == 6 and len(seconds) <= 11 and (seconds + rest).isdecimal():
        return int(seconds + rest)
    return None


def _iso(micros: int) -> str:
    minutes, rest = divmod(micros, 60_000_000)
    seconds, rest = divmod(rest, 1_000_000)
    return f"{_minute(minutes)}{seconds:02d}.{rest:06d}Z"


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    return to_iso(minutes * MINUTE)[:17]


@lru_cache(maxsize=4096)
def _service(cell: str) -> str | None:
    return service(cell)


def _ends(a: str, p: str, b: str, q: str, proto: str) -> str | None:
    left, right = packed_address(a), packed_address(b)
    if left is None or right is None or not (p.isdecimal() and q.isdecimal()):
        return None
    if len(p) > 5 or len(q) > 5 or int(p) > 65_535 or int(q) > 65_535:
        return None
    known = _transport(proto, len(left) == 16)
    if known is None:
        return None
    number, middle, one, two = known
    identity = community_id(left, right, number, int(p), int(q))
    return (
        f',"source.ip":"{a}","destination.ip":"{b}"{middle}'
        f'"network.community_id":"{identity}","{one}":{int(p)},"{two}":{int(q)}'
    )


@lru_cache(maxsize=64)
def _transport(proto: str, six: bool) -> tuple[int, str, str, str] | None:
    """Protocol number, its fields, and what its ports are called."""
    if proto not in {"tcp", "udp", "icmp"}:
        return None
    name = "ipv6-icmp" if six and proto == "icmp" else proto
    number = PROTOCOL_NUMBERS[name]
    middle = (
        f',"network.transport":"{name}","network.type":"{"ipv6" if six else "ipv4"}"'
        f',"network.iana_number":"{number}",'
    )
    if proto == "icmp":
        return number, middle, "icmp.type", "icmp.code"
    return number, middle, "source.port", "destination.port"
