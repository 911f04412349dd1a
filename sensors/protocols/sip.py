"""SIP: who calls, registers or commands whom, and what the answer was; with GB/T 28181's commands.

One event a reply, with its request (RFC 3261), as Zeek writes it; requests that nobody answered come
when the flow ends. An ACK is part of its INVITE and gets an event only where it is the last request.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire import gb28181
from sensors.wire.reader import text
from sensors.wire.text_heads import Head, head_of, user_in

_METHODS: Final = frozenset(
    {
        "REGISTER", "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "NOTIFY", "SUBSCRIBE", "MESSAGE",
        "INFO", "PRACK", "UPDATE", "REFER", "PUBLISH", "SERVICE", "DO", "QTH", "KDMQ",
    }
)  # fmt: skip
_MOST_WAITING: Final = 256
_MOST_HOPS: Final = 32
_LONGEST_BODY: Final = 48 * 1024

_Fields = dict[str, Value | None]


class SipSession(StreamSession):
    """Dialogs of one flow, over UDP or TCP."""

    limit = 64 * 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked: OrderedDict[tuple[str, str], tuple[int, _Fields]] = OrderedDict()
        self._acknowledged: tuple[int, _Fields] | None = None
        self._depth = 0
        self._client = -1
        self._skip = [0, 0]

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is one message; a stream has any number."""
        if self.context.flow.transport != "udp":
            super().data(side, data, time)
            return
        if not data.strip(b"\r\n\0 "):
            return  # keep-alive (RFC 5626)
        head = head_of(data.lstrip(b"\r\n"), whole=True)
        if head is None:
            return
        start = len(data) - len(data.lstrip(b"\r\n"))
        self._message(side, head, data[start + head.size :], time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message of a stream."""
        if self._skip[side]:
            used = min(self._skip[side], len(data))
            self._skip[side] -= used
            return used
        if data[:1] in {b"\r", b"\n", b"\0"}:
            return 1
        head = head_of(data)
        if head is None:
            if not _is_start(data):
                raise WireError("no_message")
            return 0
        length = head.length("CONTENT-LENGTH", "L") or 0
        if length > _LONGEST_BODY:
            self._skip[side] = head.size + length - min(len(data), head.size + length)
            self._message(side, head, b"", time)
            return len(data) if self._skip[side] else head.size + length
        if len(data) < head.size + length:
            return 0
        self._message(side, head, data[head.size : head.size + length], time)
        return head.size + length

    def gap(self, side: int, size: int, time: int) -> None:
        """Begin again at a start line."""
        del size, time
        self.context.lost("gap")
        self._waiting[side] = b""
        self._skip[side] = 0

    def _message(self, side: int, head: Head, body: bytes, time: int) -> None:
        if head.first.startswith("SIP/2.0 "):
            if self._client < 0:
                self._client = 1 - side
            self._reply(head, body, time)
            return
        method, _, rest = head.first.partition(" ")
        uri, _, version = rest.rpartition(" ")
        if version != "SIP/2.0" or not method.isalpha() or len(method) > 24:
            raise WireError("no_message")
        if self._client < 0:
            self._client = side
        self._request(method, uri, head, body, time)

    def _request(self, method: str, uri: str, head: Head, body: bytes, time: int) -> None:
        from_field, to_field = head.get("FROM", "F"), head.get("TO", "T")
        call, sequence = head.get("CALL-ID", "I"), head.get("CSEQ")
        credentials = head.get("AUTHORIZATION", "PROXY-AUTHORIZATION")
        fields: _Fields = {
            "sip.method": method,
            "sip.uri": uri,
            "sip.date": head.get("DATE"),
            "sip.request_from": _untagged(from_field),
            "sip.request_to": to_field,
            "sip.reply_to": head.get("REPLY-TO"),
            "sip.call_id": call,
            "sip.seq": sequence,
            "sip.subject": head.get("SUBJECT", "S"),
            "sip.request_path": _path(head),
            "user_agent.original": head.get("USER-AGENT"),
            "sip.contact": head.get("CONTACT", "M"),
            "sip.request_body_len": head.length("CONTENT-LENGTH", "L"),
            "user.name": user_in(credentials) if credentials else None,
            "gb28181.from_id": gb28181.device_id(from_field),
            "gb28181.to_id": gb28181.device_id(to_field) or gb28181.device_id(uri),
        }
        fields.update(_body(head, body))
        self._acknowledged = (time, fields) if method == "ACK" else None
        if method == "ACK":
            return
        key = (call, sequence)
        if key in self._asked:  # repeated
            _extend(self._asked[key][1], "sip.request_path", _path(head))
            return
        if len(self._asked) >= _MOST_WAITING:
            _, (when, oldest) = self._asked.popitem(last=False)
            self._emit(when, oldest)
            self.context.lost("requests_waiting")
        self._asked[key] = (time, fields)

    def _reply(self, head: Head, body: bytes, time: int) -> None:
        _, _, rest = head.first.partition(" ")
        code, _, reason = rest.partition(" ")
        if not code.isdecimal() or len(code) != 3:
            raise WireError("bad_status")
        key = (head.get("CALL-ID", "I"), head.get("CSEQ"))
        unasked: tuple[int, _Fields] = (time, {"sip.call_id": key[0], "sip.seq": key[1]})
        when, asked = self._asked.get(key, unasked)
        status = int(code)
        _extend(asked, "sip.response_path", _path(head))
        fields: _Fields = {
            **_body(head, body),
            "sip.status_code": status,
            "sip.status_msg": reason,
            "sip.response_from": _untagged(head.get("FROM", "F")),
            "sip.response_to": head.get("TO", "T"),
            "sip.warning": head.get("WARNING"),
            "sip.server": head.get("SERVER"),
            "sip.response_body_len": head.length("CONTENT-LENGTH", "L"),
            "sip.content_type": head.get("CONTENT-TYPE", "C"),
            "event.outcome": None if status < 200 else "success" if status < 400 else "failure",
        }
        # What an earlier reply of the transaction said stays where this one is silent.
        asked.update({name: value for name, value in fields.items() if value not in (None, "", [])})
        self._emit(when, asked)
        if status >= 200:
            self._asked.pop(key, None)

    def _emit(self, time: int, fields: _Fields) -> None:
        fields["sip.trans_depth"] = self._depth
        self.context.emit("sip", time, fields, client=max(self._client, 0))

    def end(self, time: int) -> None:
        """Requests that nobody answered."""
        del time
        for when, fields in self._asked.values():
            self._emit(when, fields)
        self._asked.clear()
        if self._acknowledged:
            self._emit(*self._acknowledged)


def _body(head: Head, body: bytes) -> _Fields:
    if not body:
        return {}
    kind = head.get("CONTENT-TYPE", "C")
    if gb28181.is_manscdp(kind):
        return gb28181.manscdp(body)
    if "sdp" not in kind.lower():
        return {}
    media: list[str] = []
    address = ""
    for raw in body[:4096].split(b"\n", 128):
        if raw[:2] == b"m=" and len(media) < 16:
            media.append(" ".join(text(raw[2:].strip(), 128).split(" ")[:3]))
        elif raw[:2] == b"c=" and not address:
            address = text(raw[2:].strip(), 128).rpartition(" ")[2].partition("/")[0]
    return {"sip.media": media, "sip.media_address": address, **gb28181.session_of(body)}


def _extend(fields: _Fields, name: str, more: list[str]) -> None:
    known = fields.get(name)
    before = [str(one) for one in known] if isinstance(known, list) else []
    fields[name] = (before + more)[:_MOST_HOPS]


def _untagged(value: str) -> str:
    for mark in (";tag=", "; tag="):
        value = value.partition(mark)[0]
    return value


def _path(head: Head) -> list[str]:
    return [
        value.partition(";branch")[0].partition("; branch")[0]
        for value in head.all("VIA", "V")[:_MOST_HOPS]
    ]


def _is_start(data: bytes) -> bool:
    """Whether the bytes may be the beginning of a message."""
    line = data[:2048].partition(b"\n")[0]
    if line.startswith(b"SIP/2.0"[: len(line)]):
        return True
    return line.partition(b" ")[0][:24].isalpha() and (b"\n" not in data[:2048] or b"SIP/2" in line)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A status line, or a request line with a known method."""
    del side, flow
    if data[:8] == b"SIP/2.0 ":
        return data[8:11].isdigit()
    if not data[:1].isalpha():
        return False
    line = data[:1024].partition(b"\n")[0]
    return (
        line.rstrip().endswith(b" SIP/2.0")
        and text(line.partition(b" ")[0], 32).upper() in _METHODS
    )


PROTOCOL = Protocol(
    name="sip",
    title="Session Initiation Protocol",
    standard="RFC 3261, GB/T 28181",
    transports=frozenset({"udp", "tcp"}),
    ports=frozenset({5060}),
    session=SipSession,
    recognises=recognises,
    datasets={
        "sip": (
            "event.outcome", "user.name", "user_agent.original", "sip.trans_depth", "sip.method",
            "sip.uri", "sip.date", "sip.request_from", "sip.request_to", "sip.response_from",
            "sip.response_to", "sip.reply_to", "sip.call_id", "sip.seq", "sip.subject",
            "sip.request_path", "sip.response_path", "sip.status_code", "sip.status_msg",
            "sip.warning", "sip.request_body_len", "sip.response_body_len", "sip.content_type",
            "sip.contact", "sip.server", "sip.media", "sip.media_address", *gb28181.FIELDS,
        )
    },
)  # fmt: skip
