"""IKE, the key exchange of IPsec: who negotiates with whom, and what algorithms were chosen.

One event a message, as Suricata's `ike` records have it. Encrypted payloads are named and no more.
Defined in RFC 2408 and 2409 (version 1), RFC 7296 (version 2), RFC 3948 (behind NAT).
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import ORIGINATOR, Context, Flow, Protocol, Session, WireError
from sensors.wire.isakmp import payloads

_EXCHANGES1: Final = {
    1: "Base", 2: "Identity Protection", 3: "Authentication Only", 4: "Aggressive",
    5: "Informational", 6: "Transaction (Config Mode)", 32: "Quick Mode", 33: "New Group Mode",
}  # fmt: skip
_EXCHANGES2: Final = {
    34: "IKE_SA_INIT", 35: "IKE_AUTH", 36: "CREATE_CHILD_SA", 37: "INFORMATIONAL",
    38: "IKE_SESSION_RESUME", 43: "IKE_INTERMEDIATE",
}  # fmt: skip
_FAILED: Final = frozenset(
    {"NO_PROPOSAL_CHOSEN", "AUTHENTICATION_FAILED", "INVALID_KE_PAYLOAD", "INVALID_SYNTAX",
     "TS_UNACCEPTABLE", "INVALID_IKE_SPI", "INVALID_MAJOR_VERSION"}
)  # fmt: skip
_OTHER: Final = 200  # datagrams of ESP after which the flow is no more looked at
_CHOSEN: Final = ("alg_enc", "alg_hash", "alg_auth", "alg_prf", "alg_dh", "alg_esn",
                  "sa_key_length", "sa_life_type", "sa_life_duration")  # fmt: skip


class IkeSession(Session):
    """One flow of datagrams."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.chosen: dict[str, str | int] = {}
        self.seen = False
        self.other = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram: a message, or ESP behind NAT."""
        if data[:4] == b"\0\0\0\0":  # the mark of "no ESP"
            data = data[4:]
        if not _is_message(data):
            if not self.seen and len(data) > 1 and self.context.flow.destination_port != 4500:
                raise WireError("no_ike")
            self.other += 1
            if self.other > _OTHER:
                self.context.done()
            return
        self.seen = True
        self._message(side, data[: int.from_bytes(data[24:28], "big")], time)

    def _message(self, side: int, data: bytes, time: int) -> None:
        major, exchange, flags = data[17] >> 4, data[18], data[19]
        hidden = major == 1 and bool(flags & 1)
        found = payloads(data if not hidden else b"", data[16], major)
        names = _EXCHANGES1 if major == 1 else _EXCHANGES2
        verbose = names.get(exchange, str(exchange))
        initiator = bool(flags & 8) if major == 2 else side == ORIGINATOR
        if found.transforms and not initiator:
            self.chosen = dict(found.transforms[0])
        told = self.chosen if major == 1 or not initiator else {}
        fields: dict[str, str | int | bool | list[str] | None] = {
            "ike.version_major": major,
            "ike.version_minor": data[17] & 15,
            "ike.init_spi": data[:8].hex(),
            "ike.resp_spi": data[8:16].hex(),
            "ike.message_id": int.from_bytes(data[20:24], "big"),
            "ike.exchange_type": exchange,
            "ike.exchange_type_verbose": verbose,
            "ike.role": "initiator" if initiator else "responder",
            "ike.payload": found.names,
            "ike.vendor_ids": found.vendors,
            "ike.notify": found.notify,
            "ike.doi": found.doi,
            "ike.encrypted_payloads": hidden or found.encrypted,
            "ike.key_exchange_payload_length": found.key_size,
            "ike.nonce_payload_length": found.nonce_size,
            "ike.proposals": [_shown(one) for one in found.transforms],
            "event.action": verbose.lower().replace(" ", "_"),
            "event.outcome": "failure" if not _FAILED.isdisjoint(found.notify) else None,
        }
        for name in _CHOSEN:
            if name in told:
                fields["ike." + name] = told[name]
        self.context.emit("ike", time, fields)


def _shown(transform: dict[str, str | int]) -> str:
    return " ".join(str(transform[name]) for name in _CHOSEN[:7] if name in transform)


def _is_message(data: bytes) -> bool:
    """A header whose version, exchange and length fit."""
    if len(data) < 28 or data[:8] == bytes(8):
        return False
    if data[17] >> 4 not in (1, 2):
        return False
    size = int.from_bytes(data[24:28], "big")
    if not 28 <= size <= len(data):
        return False
    if data[17] >> 4 == 1:
        return data[18] in _EXCHANGES1 and data[16] <= 23 and data[19] <= 7
    return data[17] == 0x20 and 34 <= data[18] <= 45 and not data[19] & 0xC7


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A first message: the responder's SPI is still zero; any message at IKE's own ports."""
    del side
    ports = (flow.source_port, flow.destination_port)
    if 4500 in ports and data[:4] == b"\0\0\0\0":
        data = data[4:]
    if not _is_message(data):
        return False
    if 500 in ports or 4500 in ports:
        return True
    return not any(data[8:16]) and data[18] in (2, 4, 34) and data[16] in (1, 33)


PROTOCOL: Final = Protocol(
    name="ike",
    title="Internet Key Exchange (IPsec)",
    standard="RFC 2409, RFC 7296",
    transports=frozenset({"udp"}),
    session=IkeSession,
    recognises=recognises,
    ports=frozenset({500, 4500}),
    datasets={
        "ike": (
            "ike.version_major", "ike.version_minor", "ike.init_spi", "ike.resp_spi",
            "ike.message_id", "ike.exchange_type", "ike.exchange_type_verbose", "ike.role",
            "ike.payload", "ike.vendor_ids", "ike.notify", "ike.doi", "ike.encrypted_payloads",
            "ike.key_exchange_payload_length", "ike.nonce_payload_length", "ike.proposals",
            "ike.alg_enc", "ike.alg_hash", "ike.alg_auth", "ike.alg_prf", "ike.alg_dh",
            "ike.alg_esn", "ike.sa_key_length", "ike.sa_life_type", "ike.sa_life_duration",
            "event.action", "event.outcome",
        )
    },
)  # fmt: skip
