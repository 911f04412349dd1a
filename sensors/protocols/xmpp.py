"""XMPP (Jabber): who logs in to which chat server, in clear or behind TLS.

One event a stream: when it asks for TLS, when a log-in succeeds or fails, or at its end. What people
write is not read. RFC 6120, and the log-in of XEP-0078 before it.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.reader import text

_ATTRIBUTE: Final = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MOST: Final = 256 * 1024  # bytes of a stream that are looked at
_STREAM: Final = b"stream:stream"


class XmppSession(StreamSession):
    """One stream: tags, and the text between them."""

    limit = 64 * 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields: dict[str, Value | None] = {}
        self._client: int | None = None
        self._time = 0
        self._seen = 0
        self._failed = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One tag with the text before it."""
        close = data.find(b">")
        if close < 0:
            return 0
        words, opened, tag = data[:close].partition(b"<")
        if not opened:
            raise WireError("no_tag")
        self._seen += close
        if self._seen > _MOST:
            self._tell()
            self.context.done()
        name, _, rest = tag.partition(b" ")
        self._tag(side, name.rstrip(b"/").lower(), rest, words, time)
        return close + 1

    def _tag(self, side: int, name: bytes, rest: bytes, words: bytes, time: int) -> None:
        if name == _STREAM:
            self._opening(side, rest, time)
        elif self._client is None:
            if not name.startswith(b"?"):
                raise WireError("no_stream")
        elif side == self._client:
            self._asked(name, rest, words)
        else:
            self._answered(name, words)

    def _asked(self, name: bytes, rest: bytes, words: bytes) -> None:
        fields = self._fields
        if name == b"auth":
            fields["xmpp.mechanism"] = _attributes(rest).get("mechanism")
        elif name == b"/auth" and fields.get("xmpp.mechanism") == "PLAIN":
            fields["user.name"] = _plain(words)
            fields["xmpp.password_seen"] = True
        elif name == b"/username":
            fields["user.name"] = text(words, 128)
        elif name == b"/password":
            fields["xmpp.password_seen"] = True

    def _answered(self, name: bytes, words: bytes) -> None:
        fields = self._fields
        if self._failed:
            fields["event.outcome"] = "failure"
            fields["xmpp.error"] = text(name.rstrip(b"/"), 64)
            self._failed = False
            self._tell()
        elif name == b"/jid":
            fields["xmpp.jid"] = text(words, 256)
        elif name == b"proceed":
            fields["xmpp.tls"] = True
            self._tell()
            self.context.switch("tls")
        elif name == b"success":
            fields["event.outcome"] = "success"
        elif name == b"failure":
            self._failed = True

    def _opening(self, side: int, rest: bytes, time: int) -> None:
        if self._client is None:
            self._client = side
            self._time = time
        found = _attributes(rest)
        if side == self._client:
            self._fields["xmpp.to"] = found.get("to")
            if domain := found.get("to"):
                self._fields["destination.domain"] = domain.lower()
            self._fields["xmpp.kind"] = found.get("xmlns", "").removeprefix("jabber:") or None
        else:
            self._fields["xmpp.from"] = found.get("from")

    def _tell(self) -> None:
        if self._client is not None and self._time:
            self.context.emit("xmpp", self._time, self._fields, client=self._client)
        self._time = 0

    def end(self, time: int) -> None:
        """What was learnt, unless it was told."""
        del time
        self._tell()


def _attributes(data: bytes) -> dict[str, str]:
    return {
        text(one[1], 32).lower(): text(one[2] if one[2] is not None else one[3], 256)
        for one in _ATTRIBUTE.finditer(data[:4096])
    }


def _plain(words: bytes) -> str | None:
    """The name in a message of SASL PLAIN (RFC 4616)."""
    try:
        parts = base64.b64decode(words.strip(), validate=True).split(b"\0")
    except (binascii.Error, ValueError):
        return None
    return text(parts[1], 128) if len(parts) == 3 else None


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The tag that opens a stream, behind the declaration of XML or not."""
    del side, flow
    if data[:5] != b"<?xml" and data[:15] != b"<stream:stream ":
        return False
    return b"<stream:stream" in data[:300]


PROTOCOL = Protocol(
    name="xmpp",
    title="XMPP",
    standard="RFC 6120",
    transports=frozenset({"tcp"}),
    session=XmppSession,
    recognises=recognises,
    ports=frozenset({5222, 5269}),
    datasets={
        "xmpp": (
            "xmpp.to", "xmpp.from", "xmpp.kind", "xmpp.mechanism", "xmpp.jid", "xmpp.tls",
            "xmpp.error", "xmpp.password_seen", "user.name", "destination.domain", "event.outcome",
        )
    },
)  # fmt: skip
