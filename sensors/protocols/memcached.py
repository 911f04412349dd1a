"""Memcached: commands of the text protocol and of the binary one, hits, and what came back.

One event a command. Over UDP the amplification that attackers want of it shows in the bytes.
Defined in memcached's `doc/protocol.txt` and its binary protocol's specification.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.reader import text

_STORE: Final = frozenset({b"set", b"add", b"replace", b"append", b"prepend", b"cas"})
_READ: Final = frozenset({b"get", b"gets", b"gat", b"gats"})
_OTHER: Final = frozenset(
    b"delete incr decr touch stats flush_all version verbosity quit mg ms md ma mn me slabs"
    b" lru lru_crawler watch shutdown cache_memlimit".split()
)
_WORDS: Final = _STORE | _READ | _OTHER
_BINARY: Final = {
    0: "get", 1: "set", 2: "add", 3: "replace", 4: "delete", 5: "increment", 6: "decrement",
    7: "quit", 8: "flush", 9: "getq", 10: "noop", 11: "version", 12: "getk", 13: "getkq",
    14: "append", 15: "prepend", 16: "stat", 17: "setq", 28: "touch", 29: "gat", 32: "sasl_list",
    33: "sasl_auth", 34: "sasl_step",
}  # fmt: skip
_MAX_PENDING: Final = 256
_LINE: Final = 2100


@dataclass(slots=True)
class _Command:
    name: str
    key: str
    time: int
    keys: int = 0
    hits: int = 0
    size: int = 0
    user: str = ""
    secret: bool = False


class MemcachedSession(FramedSession):
    """One connection, or one flow of datagrams."""

    keep = 512

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.udp = context.flow.transport == "udp"
        self.client: int | None = None
        self.pending: deque[_Command] = deque()

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram has eight bytes in front: request, number, count."""
        if self.udp:
            if len(data) < 10:
                raise WireError("truncated")
            self._datagram(side, data[8:], time)
        else:
            super().data(side, data, time)

    def _datagram(self, side: int, data: bytes, time: int) -> None:
        at = 0
        while at < len(data) and not self.stopped:
            size = self.frame(side, data, at)
            if not size:
                break
            self.message(side, data[at : at + size], size, time)
            at += size

    def frame(self, side: int, data: bytes, at: int) -> int:
        """A binary message, or a line with the data that it announces."""
        first = data[at]
        if self.client is None:
            reply = first == 0x81 or data[at : at + 6] in (b"VALUE ", b"STORED")
            self.client = 1 - side if reply else side
        if first in (0x80, 0x81):
            if len(data) - at < 24:
                return 0
            return 24 + int.from_bytes(data[at + 8 : at + 12], "big")
        end = data.find(b"\n", at, at + _LINE)
        if end < 0:
            if len(data) - at >= _LINE:
                raise WireError("line")
            return 0
        words = data[at:end].split()
        size = end + 1 - at
        word = words[0] if words else b""
        if side == self.client:
            if word.lower() not in _WORDS:
                raise WireError("no_command")
            at = 4 if word in _STORE else 2 if word == b"ms" else 0
        else:
            at = 3 if word == b"VALUE" else 1 if word == b"VA" else 0
        if at and len(words) > at and words[at].isdigit() and len(words[at]) < 12:
            size += int(words[at]) + 2
        return size

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """A command or a reply."""
        if data[0] in (0x80, 0x81):
            self._binary(side, data, size, time)
            return
        words = data.partition(b"\n")[0].split()
        if side == self.client:
            self._line(words, time)
        elif self.pending and words:
            self._reply(words, size, time)

    def _line(self, words: list[bytes], time: int) -> None:
        name = words[0].lower()
        command = _Command(text(name), text(words[1], 250) if len(words) > 1 else "", time)
        command.keys = len(words) - 1 if name in _READ else 0
        if words[-1] == b"noreply" or name == b"quit":
            self._tell(command, "", time)
        else:
            self._ask(command)

    def _ask(self, command: _Command) -> None:
        if len(self.pending) >= _MAX_PENDING:
            self._tell(self.pending.popleft(), "", 0)
            self.context.lost("pending")
        self.pending.append(command)

    def _reply(self, words: list[bytes], size: int, time: int) -> None:
        command = self.pending[0]
        command.size += size
        if words[0] in (b"VALUE", b"STAT", b"ITEM"):
            command.hits += 1
            return
        self.pending.popleft()
        self._tell(command, text(words[0], 32), time)

    def _binary(self, side: int, data: bytes, size: int, time: int) -> None:
        opcode = data[1]
        key_size, extras = int.from_bytes(data[2:4], "big"), data[4]
        if data[0] == 0x80:
            key = text(data[24 + extras : 24 + extras + key_size], 250)
            command = _Command(_BINARY.get(opcode, str(opcode)), key, time)
            if opcode == 33 and key == "PLAIN":
                parts = data[24 + key_size :].split(b"\0")
                command.user = text(parts[1], 64) if len(parts) > 2 else ""
                command.secret = True
            if opcode in (9, 13, 17, 7):  # quiet ones answer only to tell of something
                self._tell(command, "", time)
            else:
                self._ask(command)
        elif self.pending:
            command = self.pending[0]
            command.size += size
            status = int.from_bytes(data[6:8], "big")
            command.hits += not status and opcode in (0, 12, 16)
            if opcode == 16 and key_size:
                return
            self.pending.popleft()
            self._tell(command, "OK" if not status else f"0x{status:04x}", time)

    def _tell(self, command: _Command, status: str, time: int) -> None:
        failed = status in ("ERROR", "CLIENT_ERROR", "SERVER_ERROR", "EN") or status[:2] == "0x"
        self.context.emit("memcached", command.time, {
            "memcached.command": command.name,
            "memcached.key": command.key,
            "memcached.keys": command.keys or None,
            "memcached.hits": command.hits if command.size else None,
            "memcached.status": status,
            "memcached.response_bytes": command.size or None,
            "memcached.password_seen": command.secret or None,
            "user.name": command.user,
            "event.action": command.name,
            "event.outcome": None if not status else "failure" if failed else "success",
            "event.duration": time - command.time if status else None,
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip

    def end(self, time: int) -> None:
        """Commands without a reply."""
        while self.pending:
            self._tell(self.pending.popleft(), "", time)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A command's line in its exact form, or a binary header whose sizes fit."""
    del side
    if flow.transport == "udp":
        if len(data) < 12 or data[4:8] != b"\0\1\0\0" or data[2:4] != b"\0\0":
            return False
        data = data[8:]
    if data[:1] == b"\x80" and len(data) >= 24:
        body = int.from_bytes(data[8:12], "big")
        return (
            data[1] in _BINARY
            and data[5] == 0
            and int.from_bytes(data[2:4], "big") + data[4] <= body
            and body + 24 == len(data)
        )
    line, end, _ = data[:300].partition(b"\r\n")
    if not end:
        return False
    words = line.split(b" ")
    if words[0] not in _WORDS:
        return False
    if words[0] in _STORE:
        return len(words) in (5, 6, 7) and words[2].isdigit() and words[4].isdigit()
    return 11211 in (flow.destination_port, flow.source_port) or (
        words[0] in (b"get", b"gets") and len(words) == 2 and bool(words[1]) and data[-2:] == b"\r\n"
    )  # fmt: skip


PROTOCOL: Final = Protocol(
    name="memcached",
    title="memcached",
    standard="memcached, doc/protocol.txt",
    transports=frozenset({"tcp", "udp"}),
    session=MemcachedSession,
    recognises=recognises,
    ports=frozenset({11211}),
    datasets={
        "memcached": (
            "memcached.command", "memcached.key", "memcached.keys", "memcached.hits",
            "memcached.status", "memcached.response_bytes", "memcached.password_seen", "user.name",
            "event.action", "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
