"""Syslog on the wire: which device reports what, how urgent.

One event a message. UDP (RFC 3164, RFC 5424) and plain TCP in either framing (RFC 6587): a length
in front, or a line feed behind. The message is kept up to 2,048 bytes.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text

_FACILITIES: Final = (
    "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV",
    "FTP", "NTP", "AUDIT", "ALERT", "CLOCK", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4",
    "LOCAL5", "LOCAL6", "LOCAL7",
)  # fmt: skip
_SEVERITIES: Final = (
    "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG",
)  # fmt: skip
_LONGEST: Final = 64 * 1024
_MOST_TEXT: Final = 2048


class SyslogSession(StreamSession):
    """Messages of one sender."""

    limit = _LONGEST + 8

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._wrong = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is a message."""
        if self.context.flow.transport != "udp":
            super().data(side, data, time)
        elif data:
            self._message(data, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One frame of a stream."""
        del side
        if data[:1] in {b"\n", b"\r", b"\0"}:
            return 1
        if data[:1].isdigit():
            count, space, _ = data[:8].partition(b" ")
            if not space and len(data) < 7:
                return 0
            if not count.isdigit() or not 0 < int(count) <= _LONGEST:
                raise WireError("frame")
            start = len(count) + 1
            if len(data) < start + int(count):
                return 0
            self._message(data[start : start + int(count)], time)
            return start + int(count)
        end = data.find(b"\n")
        if end < 0:
            return 0
        self._message(data[:end], time)
        return end + 1

    def end(self, time: int) -> None:
        """A last line without its end."""
        for side in (0, 1):
            rest = self.waiting(side)
            if rest[:1] == b"<":
                self._message(rest, time)

    def _message(self, data: bytes, time: int) -> None:
        priority, rest = _priority(data)
        fields: dict[str, Value | None] = {"message": text(rest.rstrip(b"\r\n\0"), _MOST_TEXT)}
        if priority is not None:
            fields["log.syslog.priority"] = priority
            fields["log.syslog.facility.name"] = _FACILITIES[priority >> 3]
            fields["log.syslog.severity.name"] = _SEVERITIES[priority & 7]
        else:
            self._wrong += 1
            if self._wrong > 16 or self.context.flow.transport != "udp":
                raise WireError("no_priority")
        self.context.emit("syslog", time, fields)


def _priority(data: bytes) -> tuple[int | None, bytes]:
    """The number in `<>`, and what follows."""
    end = data.find(b">", 1, 5)
    if data[:1] != b"<" or end < 2 or not data[1:end].isdigit() or int(data[1:end]) > 191:
        return None, data
    return int(data[1:end]), data[end + 1 :]


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A priority in front (behind a length on TCP) and printable text."""
    if side or not data:
        return False
    if flow.transport == "tcp" and data[:1].isdigit():
        count, space, data = data[:512].partition(b" ")
        if not space or len(count) > 5:
            return False
    priority, rest = _priority(data)
    if priority is None or len(rest) < 4:
        return False
    usual = {514, 601} & {flow.destination_port, flow.source_port}
    return bool(usual) or rest[:2] == b"1 " or (rest[:3].isalpha() and rest[3:4] == b" ")


PROTOCOL = Protocol(
    name="syslog",
    title="Syslog",
    standard="RFC 5424, RFC 3164",
    transports=frozenset({"udp", "tcp"}),
    session=SyslogSession,
    recognises=recognises,
    ports=frozenset({514}),
    datasets={
        "syslog": (
            "log.syslog.priority",
            "log.syslog.facility.name",
            "log.syslog.severity.name",
            "message",
        )
    },
)
