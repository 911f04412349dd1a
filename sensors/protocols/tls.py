"""TLS met half-way: behind STARTTLS, behind a proxy's answer, or where the port did not tell.

One event a handshake, as Zeek's ssl.log: server name, versions, suite, fingerprints, certificates,
alerts, whether it was resumed and came to an end. RFC 8446, 5246; TLCP by GB/T 38636; hellos in the
framing of SSLv2. TLS from a flow's first byte on is the compiled decoder's (`sensors.packet.tls`).
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire.certificate import describe
from sensors.wire.handshake import FIELDS, Handshake, Messages
from sensors.wire.tls_names import VERSIONS

_CHANGE, _ALERT, _HANDSHAKE, _DATA, _HEARTBEAT = range(20, 25)
_MOST_RECORD: Final = 16_384 + 2048
_MOST_PLAIN: Final = 400  # records without a new handshake message, before we give up waiting


class TlsSession(StreamSession):
    """Both sides' records up to the end of the handshake."""

    limit = _MOST_RECORD + 64

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.handshake = Handshake("t")
        self._messages = (Messages(), Messages())
        self._time = 0
        self._written = False
        self._idle = 0

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One record."""
        if len(data) < 5:
            return 0
        if data[0] & 0x80 and not self.handshake.anything and data[2] in {1, 4}:
            return self._old(side, data, time)
        kind = data[0]
        size = int.from_bytes(data[3:5], "big")
        if not _CHANGE <= kind <= _HEARTBEAT or not _is_version(data) or size > _MOST_RECORD:
            raise WireError("not_tls")
        if kind == _DATA and not self.handshake.anything:
            self.context.done()  # met behind the handshake: only the flow says that it is TLS
            return len(data)
        if len(data) < 5 + size:
            return 0
        self._record(side, kind, data[5 : 5 + size], time)
        return 5 + size

    def gap(self, side: int, size: int, time: int) -> None:
        """Some of the handshake is lost: what is known is written."""
        del side, size
        self.handshake.fields["fengsui.parse"] = "partial"
        self.context.lost("gap")
        self._write(time)
        self.context.done()

    def end(self, time: int) -> None:
        """The handshake did not come to its end."""
        for side in (0, 1):
            rest = self._messages[side].rest()
            if rest is None or rest[0] not in {1, 2} or self._is_encrypted(side):
                continue
            try:
                self.handshake.message(side, *rest, whole=False)
            except WireError:
                self.context.lost("truncated")
        self._write(time)

    def _is_encrypted(self, side: int) -> bool:
        handshake = self.handshake
        return handshake.switched[side] and not handshake.is_13

    def _record(self, side: int, kind: int, content: bytes, time: int) -> None:
        handshake = self.handshake
        self._time = self._time or time
        self._idle += 1
        if kind == _CHANGE:
            handshake.switch(side)
        elif kind == _DATA or self._is_encrypted(side):
            handshake.encrypted(side, data=kind == _DATA)
        elif kind == _ALERT:
            handshake.alert(side, content)
        elif kind == _HANDSHAKE:
            for message in self._messages[side].add(content):
                self._idle = 0
                handshake.message(side, *message)
        elif kind == _HEARTBEAT:
            handshake.letter(side, "b")
        if handshake.established or self._idle > _MOST_PLAIN:
            self._write(time)
            self.context.done()

    def _old(self, side: int, data: bytes, time: int) -> int:
        """A hello in the framing of SSLv2."""
        size = int.from_bytes(data[:2], "big") & 0x7FFF
        if len(data) < 2 + size:
            return 0
        self._time = time
        body = data[3 : 2 + size]
        if data[2] == 1:
            self.handshake.old_hello(side, body)
            return 2 + size
        handshake = self.handshake
        handshake.client_side(1 - side)
        handshake.letter(side, "s")
        handshake.fields["tls.version_protocol"], handshake.fields["tls.version"] = VERSIONS[2]
        length = int.from_bytes(body[4:6], "big")
        if length and 10 + length <= len(body):
            handshake.fields.update(describe([body[10 : 10 + length]]))
        return 2 + size

    def _write(self, time: int) -> None:
        if self._written or not self.handshake.anything:
            return
        self._written = True
        self.context.emit(
            "tls", self._time or time, self.handshake.event(), client=self.handshake.client
        )


def _is_version(data: bytes) -> bool:
    """Whether a record's version is one of SSL 3.0 to TLS 1.3 or of TLCP."""
    return (data[1] == 3 and data[2] <= 4) or (data[1] == 1 and data[2] == 1)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A handshake record that begins with a hello, a hello in the framing of SSLv2, or, of a flow that
    was met in its middle, whole records of encrypted data as far as they can be seen.
    """
    del side, flow
    if data[:2] == b"\x17\3":
        return _is_encrypted_data(data)
    if len(data) >= 11 and data[0] & 0x80:
        return _is_old_hello(data)
    if len(data) < 11 or data[0] != _HANDSHAKE or not _is_version(data) or data[5] not in {1, 2}:
        return False
    size = int.from_bytes(data[6:9], "big")
    return 38 <= size <= _MOST_RECORD and (data[9] == 3 or data[9:11] == b"\1\1")


def _is_encrypted_data(data: bytes) -> bool:
    """Whether records of application data follow each other to the end of what is there."""
    at = 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        if (
            data[at] not in {_DATA, _ALERT}
            or not _is_version(data[at:])
            or not 17 <= size <= _MOST_RECORD
        ):
            return False
        at += 5 + size
    return at > 0


def _is_old_hello(data: bytes) -> bool:
    """A ClientHello of SSLv2, or of SSL 3.0 and TLS in its framing; all its lengths have to agree."""
    size = int.from_bytes(data[:2], "big") & 0x7FFF
    suites, session, challenge = (int.from_bytes(data[at : at + 2], "big") for at in (5, 7, 9))
    known = data[3:5] == b"\0\2" or (data[3] == 3 and data[4] <= 3)
    sized = suites and suites % 3 == 0 and session <= 32 and 16 <= challenge <= 32
    return bool(data[2] == 1 and known and sized and size == 9 + suites + session + challenge)


PROTOCOL = Protocol(
    name="tls",
    title="Transport Layer Security",
    standard="RFC 8446, RFC 5246, GB/T 38636",
    transports=frozenset({"tcp"}),
    session=TlsSession,
    recognises=recognises,
    ports=frozenset({443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443}),
    datasets={"tls": FIELDS},
)
