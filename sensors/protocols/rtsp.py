"""RTSP: who asked a camera or recorder for which stream, as whom, and what the answer was.

One event a request with its reply (RFC 2326, RFC 7826; ONVIF streaming). Media interleaved in the
connection is passed over, and once it plays nothing more is read of the flow.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text
from sensors.wire.text_heads import Head, head_of, user_in

_METHODS: Final = frozenset(
    {
        "OPTIONS", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER",
        "SET_PARAMETER", "REDIRECT", "RECORD", "PLAY_NOTIFY",
    }
)  # fmt: skip
_MOST_WAITING: Final = 64
_LONGEST_BODY: Final = 32 * 1024

_Fields = dict[str, Value | None]


class RtspSession(StreamSession):
    """One control connection."""

    limit = 64 * 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked: OrderedDict[str, tuple[int, _Fields]] = OrderedDict()
        self._client = -1
        self._skip = [0, 0]
        self._playing = False

    def data(self, side: int, data: bytes, time: int) -> None:
        """What is passed over is not even joined."""
        if self._skip[side] >= len(data) and not self._waiting[side]:
            self._skip[side] -= len(data)
            return
        super().data(side, data, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message, or one interleaved frame."""
        if self._skip[side]:
            used = min(self._skip[side], len(data))
            self._skip[side] -= used
            return used
        if data[0] == 0x24:  # "$": channel, length, media (RFC 2326 section 10.12)
            if len(data) < 4:
                return 0
            if self._playing:
                self.context.done()
            self._skip[side] = 4 + int.from_bytes(data[2:4], "big")
            return self.parse(side, data, time)
        if data[:1] in {b"\r", b"\n"}:
            return 1
        head = head_of(data)
        if head is None:
            if b"\n" in data[:4096] and b"RTSP/" not in data[:4096].partition(b"\n")[0]:
                raise WireError("no_message")
            return 0
        length = head.length("CONTENT-LENGTH") or 0
        if len(data) < head.size + min(length, _LONGEST_BODY):
            return 0
        body = data[head.size : head.size + min(length, _LONGEST_BODY)]
        self._message(side, head, body, time)
        self._skip[side] = length - len(body)
        return head.size + len(body)

    def gap(self, side: int, size: int, time: int) -> None:
        """Lost media is no loss; else begin again at what comes."""
        del time
        self.context.lost("gap")
        if self._skip[side] >= size:
            self._skip[side] -= size
            return
        self._waiting[side] = b""
        self._skip[side] = 0

    def _message(self, side: int, head: Head, body: bytes, time: int) -> None:
        if head.first.startswith("RTSP/"):
            if self._client < 0:
                self._client = 1 - side
            self._reply(head, body, time)
            return
        method, _, rest = head.first.partition(" ")
        uri, _, version = rest.rpartition(" ")
        if not version.startswith("RTSP/") or len(method) > 32:
            raise WireError("no_message")
        if self._client < 0:
            self._client = side
        credentials = head.get("AUTHORIZATION")
        fields: _Fields = {
            "rtsp.method": method,
            "rtsp.version": version[5:],
            "url.original": uri,
            "rtsp.cseq": head.get("CSEQ"),
            "rtsp.session": head.get("SESSION").partition(";")[0],
            "rtsp.transport": head.get("TRANSPORT"),
            "rtsp.auth_scheme": credentials.partition(" ")[0] if credentials else None,
            "user.name": user_in(credentials) if credentials else _user_of_url(uri),
            "user_agent.original": head.get("USER-AGENT"),
        }
        if (credentials.lower().startswith("basic")) or _has_password(uri):
            fields["rtsp.password_seen"] = True
            fields["url.original"] = _without_password(uri)
        if len(self._asked) >= _MOST_WAITING:
            _, (when, oldest) = self._asked.popitem(last=False)
            self._emit(when, oldest)
            self.context.lost("requests_waiting")
        self._asked[f"{side} {head.get('CSEQ')}"] = (time, fields)

    def _reply(self, head: Head, body: bytes, time: int) -> None:
        version, _, rest = head.first.partition(" ")
        code, _, reason = rest.partition(" ")
        if not code.isdecimal() or len(code) != 3:
            raise WireError("bad_status")
        number = head.get("CSEQ")
        key = f"{self._client} {number}"
        if key not in self._asked:  # the server asks too (ANNOUNCE, REDIRECT)
            key = f"{1 - self._client} {number}"
        unasked: tuple[int, _Fields] = (time, {"rtsp.cseq": number, "rtsp.version": version[5:]})
        when, fields = self._asked.pop(key, unasked)
        status = int(code)
        fields["rtsp.status_code"] = status
        fields["rtsp.status_msg"] = reason
        fields["event.outcome"] = "success" if status < 400 else "failure"
        fields["rtsp.server"] = head.get("SERVER")
        fields["rtsp.content_type"] = head.get("CONTENT-TYPE")
        session = head.get("SESSION").partition(";")[0]
        if session:
            fields["rtsp.session"] = session
        transport = head.get("TRANSPORT")
        if transport:
            fields["rtsp.transport"] = transport
        if "sdp" in head.get("CONTENT-TYPE").lower():
            fields["rtsp.media"] = [
                " ".join(text(line[2:].strip(), 128).split(" ")[:3])
                for line in body[:8192].split(b"\n", 256)
                if line[:2] == b"m="
            ][:16]
        self._playing = self._playing or (fields.get("rtsp.method") == "PLAY" and status < 300)
        self._emit(when, fields)

    def _emit(self, time: int, fields: _Fields) -> None:
        self.context.emit("rtsp", time, fields, client=max(self._client, 0))

    def end(self, time: int) -> None:
        """Requests that nobody answered."""
        del time
        for when, fields in self._asked.values():
            self._emit(when, fields)
        self._asked.clear()


def _authority(uri: str) -> str:
    return uri.partition("://")[2].partition("/")[0]


def _user_of_url(uri: str) -> str:
    return _authority(uri).rpartition("@")[0].partition(":")[0]


def _has_password(uri: str) -> bool:
    return ":" in _authority(uri).rpartition("@")[0]


def _without_password(uri: str) -> str:
    scheme, mark, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{host}{slash}{path}"


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A status line, or a request line with a known method."""
    del side, flow
    if data[:5] == b"RTSP/":
        return data[5:7] in {b"1.", b"2."}
    if not data[:1].isupper():
        return False
    line = data[:1024].partition(b"\n")[0]
    return b" RTSP/" in line[-12:] and text(line.partition(b" ")[0], 32) in _METHODS


PROTOCOL = Protocol(
    name="rtsp",
    title="Real-Time Streaming Protocol",
    standard="RFC 2326, RFC 7826",
    transports=frozenset({"tcp"}),
    ports=frozenset({554, 8554}),
    session=RtspSession,
    recognises=recognises,
    datasets={
        "rtsp": (
            "event.outcome", "user.name", "user_agent.original", "url.original", "rtsp.method",
            "rtsp.version", "rtsp.cseq", "rtsp.session", "rtsp.transport", "rtsp.auth_scheme",
            "rtsp.password_seen", "rtsp.status_code", "rtsp.status_msg", "rtsp.server",
            "rtsp.content_type", "rtsp.media",
        )
    },
)  # fmt: skip
