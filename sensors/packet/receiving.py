"""Receiving what the compiled decoder hands over: records become calls of sessions and of files."""

from __future__ import annotations

import struct
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Final, cast

import orjson

from sensors.files.bodies import HttpBodies
from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.packet import records as h
from sensors.packet.layout import (
    ASKED,
    DONE,
    GLANCED,
    HANDED,
    HANDLED,
    HANDOVER,
    MAX_PROTOCOLS,
    NEW,
    WATCHED,
    WORDS,
    WORDS_SIZE,
    Tables,
)
from sensors.packet.smb_shares import tell_shares
from sensors.packet.texts import PROTOCOL_NUMBER
from sensors.protocol import FieldValues, Protocol, Session
from sensors.sessions import Sessions
from sensors.wire.certificate import CertificateCache
from sensors.wire.http_logons import HttpLogons

_HEAD: Final = struct.Struct("<iiiiqqii")
_BACKSLASH: Final = 0x5C
_FILE_IDS: Final = struct.Struct("<8q")
# Where servers of the first tier, and of protocols that are only recognised, listen.
_HOMES: Final = {
    53: "dns", 80: "http", 8080: "http", 443: "tls", 853: "tls", 993: "tls", 995: "tls",
    465: "tls", 636: "tls", 990: "tls", 5353: "mdns", 5355: "llmnr", 137: "nbns",
}  # fmt: skip


# Protocols that share ports: one where another is at home is no surprise.
_TOGETHER: Final = (
    ("smb", "nbss"), ("tls", "quic", "dtls"), ("dns", "mdns", "llmnr"), ("http", "http2"),
    ("sip", "stun"), ("ike", "openvpn"), ("dhcp", "dhcpv6"),
)  # fmt: skip


def name_protocols(
    tables: Tables, protocols: Mapping[str, Protocol], glanced: frozenset[str]
) -> tuple[str, ...]:
    """Tell the compiled code every protocol's name, who wants it and where it is at home.

    Of the flows of those `glanced` at, only the beginning is wanted.

    Returns the names by number: those that the compiled code recognises have its own numbers.
    """
    names = [*PROTOCOL_NUMBER, *(name for name in protocols if name not in PROTOCOL_NUMBER)]
    at = WORDS
    for number, name in enumerate(names[:MAX_PROTOCOLS]):
        data = name.encode()
        assert at + len(data) <= WORDS + WORDS_SIZE
        tables.arena[at : at + len(data)] = memoryview(data)
        tables.words[number] = at << 12 | len(data)
        if name in protocols:
            role = WATCHED if protocols[name].tunnels else HANDLED
            tables.roles[number] = GLANCED if name in glanced else role
        at += len(data)
    for group, members in enumerate(_TOGETHER, 1):
        for name in members:
            if name in names:
                tables.groups[names.index(name)] = group
    for port, name in _HOMES.items():
        tables.homes[port] = PROTOCOL_NUMBER[name]
    for name, one in protocols.items():
        for port in one.ports:
            tables.homes[port] = names.index(name)
    return tuple(names)


def _file_ids(keys: Sequence[bytes]) -> tuple[int, ...]:
    """Four ids of sixteen bytes as compiled code compares them, zeros where there is none."""
    return _FILE_IDS.unpack(b"".join(keys[:4]).ljust(_FILE_IDS.size, b"\0"))


def _emit_file(
    sessions: Sessions, key: Hashable, side: int, time: int, fields: FieldValues
) -> None:
    """Write the event of a body that was a file; for `HttpBodies`."""
    serial, _ = cast("tuple[int, int]", key)
    context = sessions.open.get(serial)
    if context is not None:
        context.emit("files", time, fields, client=side)


def _emit_logon(
    sessions: Sessions, serial: int, side: int, dataset: str, time: int, fields: FieldValues
) -> None:
    """Write the event of a log-on in heads of HTTP; for `HttpLogons`."""
    context = sessions.open.get(serial)
    if context is not None:
        context.emit(dataset, time, fields, client=side)


def _member(members: bytes, key: bytes) -> str:
    """Text of a member of JSON, by `,"key":"`: no text has that in it, since quotes are escaped."""
    at = members.find(key)
    if at < 0:
        return ""
    begin = end = at + len(key)
    while True:
        end = members.index(b'"', end)
        if members[end - 1] != _BACKSLASH or _is_end(members, begin, end):
            break
        end += 1
    return cast("str", orjson.loads(members[begin - 1 : end + 1]))


def _is_end(members: bytes, begin: int, end: int) -> bool:
    """Whether the backslashes in front of a quote escape each other and not the quote."""
    before = members[begin:end]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 0


class Receiver:
    """Reads the records of one decoder.

    Args:
        tables: of the decoder.
        sessions: parsers of the second tier.
        glanced: protocols of which only the beginning of a flow is wanted.
        bodies: whether bodies of HTTP are wanted.
        store: where files are kept when the policy wants them.
        hashes: made of each file.
    """

    def __init__(
        self,
        tables: Tables,
        sessions: Sessions,
        *,
        glanced: frozenset[str],
        bodies: bool,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        self._tables = tables
        self._filled = tables.state["handover"]
        self._last_body = tables.state["last_body"]
        self._serials = tables.flows["serial"]
        self._stages = tables.flows["stage"]
        self._protocols = tables.flows["protocol"]
        self._sessions = sessions
        self._bodies = (
            HttpBodies(
                partial(_emit_file, sessions), sessions.losses.add, store=store, hashes=hashes
            )
            if bodies
            else None
        )
        self._logons = HttpLogons(partial(_emit_logon, sessions), sessions.losses.add)
        self._certificates = CertificateCache()
        self._names = name_protocols(tables, sessions.protocols, glanced)
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self._lines: list[bytes] = []

    def receive(self) -> None:
        """Read all records that lie there, and tell the decoder what became of their flows."""
        end = self._filled.item(0)
        if end == HANDOVER:
            return
        view = self._tables.arena.data
        at = HANDOVER
        touched: dict[int, int] = {}
        contexts, bodies = self._sessions.open, self._bodies
        head, data_kind, read = _HEAD.size, h.DATA, _HEAD.unpack_from
        while at < end:
            size, kind, index, side, serial, time, protocol, number = read(view, at)
            at += head
            data = view[at : at + size]
            if kind == data_kind:
                context = contexts.get(serial)
                if context is not None:
                    context.feed(side, data.tobytes(), time)
                touched[serial] = index
            elif kind == h.BODY:
                if bodies is not None:
                    bodies.data((serial, side), data)
            else:
                self._receive(kind, side, serial, time, data.tobytes(), protocol, number)
            at += (size + 7) & ~7
        self._filled[0] = HANDOVER
        self._last_body[0] = 0
        self._answer(touched)

    def _receive(
        self, kind: int, side: int, serial: int, time: int, data: bytes, protocol: int, number: int
    ) -> None:
        if kind == h.BEGIN:
            self._sessions.meet(serial, data, time, self._names[protocol])
        elif kind == h.NAMED:
            self._sessions.named(serial, self._names[protocol])
        elif kind == h.LOST:
            self._sessions.gap(serial, side, number, time)
        elif kind == h.SMB_OPENED:
            self._sessions.opened(serial, data)
        elif kind == h.LOGON:
            self._logons.take(serial, side, data, number, time)
        elif kind == h.END:
            self._end(serial, time, data, protocol)
        elif kind == h.SECURED:
            server = len(data) - (number >> 16)
            client = server - (number & 0xFFFF)
            line = data[:client] + self._certificates.fragment(data[server:])
            if client < server:
                line += self._certificates.fragment(data[client:server], "client")
            self._lines.append(line + b"}\n")
        elif self._bodies is not None:
            self._body(kind, side, serial, time, data, number)

    def _end(self, serial: int, time: int, line: bytes, protocol: int) -> None:
        """The flow's own event: named, where only a session knows what it was."""
        name = "" if protocol else self._sessions.protocol(serial)
        self._logons.end(serial)
        self._sessions.end(serial, time)
        if not line:
            return
        if name:
            line += b',"network.protocol":"' + name.encode() + b'"'
        self._lines.append(line + b"}\n")

    def _body(self, kind: int, side: int, serial: int, time: int, data: bytes, number: int) -> None:
        bodies = self._bodies
        assert bodies is not None
        key = (serial, side)
        if kind == h.BODY_LOST:
            bodies.gap(key, number)
            return
        if kind == h.BODY_END:
            bodies.end(key, time, whole=not number)
            return
        # The members hold no zero byte; what a head said may.
        head, _, members = data.rpartition(b"\0")
        encoding, _, content_type = head.partition(b"\0")
        answer = b',"http.response.status_code":' in members
        bodies.begin(
            key,
            side,
            time,
            encoding=encoding.decode("latin-1"),
            content_type=content_type.decode("latin-1"),
            name=_member(members, b',"file.name":"'),
            size=number if number >= 0 else None,
            url=_member(members, b',"url.path":"') if answer else "",
        )

    def _answer(self, touched: Mapping[int, int]) -> None:
        """Tell the decoder which flows are recognised, and of which nothing more is wanted."""
        sessions = self._sessions
        contexts = sessions.open
        for serial, index in touched.items():
            context = contexts.get(serial)
            parser = None
            if context is not None and context.settled and not context.over:
                parser = context.parser
                if parser is not None and not parser.teaches:
                    continue  # the usual case: the decoder knows all
            if self._serials.item(index) != serial:
                continue
            if parser is None:
                self._tell(index, *sessions.verdict(serial))
                parser = context.parser if context is not None and context.settled else None
            if parser is not None and parser.teaches:
                self._teach(index, parser)

    def _teach(self, index: int, parser: Session) -> None:
        """What a parser of SMB2 lets the decoder do by itself."""
        quiet = parser.quiet_files
        shares = parser.new_shares()
        if quiet:
            self._tables.flows[index]["quiet"] = _file_ids(quiet)
        if shares:
            tell_shares(self._tables, self._tables.flows[index], shares)

    def _tell(self, index: int, over: bool, name: str, again: bool) -> None:
        if not over and not name:
            return
        stage = self._stages[index]
        wanted = NEW if again else DONE if over else HANDED
        for side, now in enumerate(stage.tolist()):
            if now == ASKED or (now == HANDED and wanted != HANDED):
                stage[side] = wanted
        if again:
            self._tables.flows[index]["tried"] = 0
        if name and self._protocols.item(index) == 0:
            self._protocols[index] = self._numbers.get(name, 0)
            self._tables.flows[index]["remaining"] = -1  # where its messages begin was not followed

    def take(self) -> tuple[bytes, int]:
        """Lines of finished events since the last call, and their number."""
        lines, self._lines = self._lines, []
        written, count = self._sessions.take()
        return b"".join(lines) + written, count + len(lines)
