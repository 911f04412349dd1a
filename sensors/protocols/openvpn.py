"""OpenVPN over UDP and TCP: tunnels, by the exchange of resets that opens them.

One event a flow: session ids of both sides, how the control channel is protected, and whether data
flowed afterwards.
Defined in OpenVPN's protocol documentation ("OpenVPN wire protocol", draft-openvpn-wire-protocol).
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import (
    ORIGINATOR,
    RESPONDER,
    Context,
    Flow,
    Protocol,
    StreamSession,
    WireError,
)

_CLIENT_V1, _SERVER_V1, _CLIENT_V2, _SERVER_V2, _CLIENT_V3 = 1, 2, 7, 8, 10
_RESETS: Final = {_CLIENT_V1: 1, _SERVER_V1: 1, _CLIENT_V2: 2, _SERVER_V2: 2, _CLIENT_V3: 3}
_DATA: Final = (6, 9)
_HMACS: Final = (16, 20, 28, 32, 48, 64)
_FIRST: Final = b"\0\0\0\1"


class OpenVpnSession(StreamSession):
    """One flow."""

    limit = 70_000

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.udp = context.flow.transport == "udp"
        self.client: int | None = None
        self.time = 0
        self.fields: dict[str, str | int | bool | None] = {}
        self.data_from: set[int] = set()
        self.resets = [False, False]
        self.packets = 0
        self.told = False

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is one packet; a stream has lengths before them."""
        if self.udp:
            if data:
                self._packet(side, data, time)
        else:
            super().data(side, data, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """A packet behind its two bytes of length."""
        if self.told:
            return 0
        if len(data) < 2:
            return 0
        size = int.from_bytes(data[:2], "big")
        if not size:
            raise WireError("length")
        if len(data) < 2 + size:
            return 0
        self._packet(side, data[2 : 2 + size], time)
        return 2 + size

    def _packet(self, side: int, data: bytes, time: int) -> None:
        code = data[0] >> 3
        if not 1 <= code <= 11:
            if not self.packets:
                raise WireError("no_openvpn")
            return
        self.packets += 1
        self.time = self.time or time
        if code in _RESETS and len(data) >= 14:
            self._reset(side, code, data)
        elif code in _DATA:
            self.data_from.add(side)
            if len(self.data_from) == 2 or self.packets > 1000:
                self._tell(time)
                self.context.done()

    def _reset(self, side: int, code: int, data: bytes) -> None:
        serves = code in (_SERVER_V1, _SERVER_V2)
        if self.client is None:
            self.client = 1 - side if serves else side
        who = "server" if serves else "client"
        self.resets[serves] = True
        self.fields[f"openvpn.session_id.{who}"] = data[1:9].hex()
        self.fields["openvpn.key_method"] = _RESETS[code]
        how, bits = _protection(data)
        if how:
            self.fields.setdefault("openvpn.control_protection", how)
            self.fields.setdefault("openvpn.hmac_bits", bits or None)

    def _tell(self, time: int) -> None:
        if self.told:
            return
        self.told = True
        self.context.emit("openvpn", self.time, {
            **self.fields,
            "openvpn.answered": all(self.resets),
            "openvpn.established": len(self.data_from) == 2,
            "event.duration": time - self.time,
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip

    def end(self, time: int) -> None:
        """A flow in which no data went both ways."""
        if any(self.resets) or len(self.data_from) == 2:
            self._tell(time)


def _protection(data: bytes) -> tuple[str, int]:
    """How a reset's control channel is protected, and bits of its HMAC; "" where it is none.

    Bare: ack count, acks, message id 0. With tls-auth: an HMAC, then packet id 1 and the time. With
    tls-crypt: packet id 1 and the time first, an HMAC of 256 bits, the rest encrypted.
    """
    size = len(data)
    code = data[0] >> 3
    if (size == 14 and data[9:] == b"\0\0\0\0\0") or (size == 26 and data[9] == 1):
        return "none", 0
    if data[9:13] in (_FIRST, b"\x0f\0\0\1") and _is_time(data, 13):
        if code == _CLIENT_V3:
            return ("tls-crypt-v2", 256) if size > 200 else ("", 0)
        if 54 <= size <= 96:
            return "tls-crypt", 256
    for hmac in _HMACS:
        at = 9 + hmac
        if data[at : at + 4] == _FIRST and size in (at + 13, at + 25) and _is_time(data, at + 4):
            return "tls-auth", hmac * 8
    return "", 0


def _is_time(data: bytes, at: int) -> bool:
    """Seconds since 1970, of 2007 to 2046."""
    return 0x46 <= data[at] <= 0x8F


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A reset in one of its exact forms."""
    del side
    if flow.transport == "tcp":
        if len(data) < 16 or int.from_bytes(data[:2], "big") != len(data) - 2:
            return False
        data = data[2:]
    return len(data) >= 14 and data[0] & 7 == 0 and data[0] >> 3 in _RESETS and bool(
        _protection(data)[0] and any(data[1:9])
    )  # fmt: skip


PROTOCOL: Final = Protocol(
    name="openvpn",
    title="OpenVPN tunnel",
    standard="draft-openvpn-wire-protocol",
    transports=frozenset({"tcp", "udp"}),
    session=OpenVpnSession,
    recognises=recognises,
    ports=frozenset({1194}),
    datasets={
        "openvpn": (
            "openvpn.session_id.client", "openvpn.session_id.server", "openvpn.key_method",
            "openvpn.control_protection", "openvpn.hmac_bits", "openvpn.answered",
            "openvpn.established", "event.duration",
        )
    },
)  # fmt: skip
