"""NTP: which clocks are asked and believed, and control requests that are used to flood others.

One event a message. Modes 1 to 5 as Zeek's ntp.log; modes 6 (control) and 7 (private, with the
`MON_GETLIST` of reflection attacks) with operation and request code. RFC 5905, RFC 1305 appendix B;
mode 7 by the reference implementation's ntp_request.h.
"""

from __future__ import annotations

import struct
from typing import Final

from fengsui.clock import SECOND, to_iso
from fengsui.event import Value
from sensors.protocol import Flow, Protocol, Session
from sensors.wire.reader import text

_HEAD: Final = struct.Struct(">BBbbIII")
_EPOCH: Final = 2_208_988_800  # 1970 in NTP's seconds since 1900
_CONTROL: Final = {
    1: "read status", 2: "read variables", 3: "write variables", 4: "read clock variables",
    5: "write clock variables", 6: "set trap", 7: "async message", 8: "configure",
    9: "save configuration", 10: "read MRU", 11: "read ordered list", 12: "request nonce",
    31: "unset trap",
}  # fmt: skip
_PRIVATE: Final = {
    0: "PEER_LIST", 1: "PEER_LIST_SUM", 2: "PEER_INFO", 3: "PEER_STATS", 4: "SYS_INFO",
    5: "SYS_STATS", 6: "IO_STATS", 7: "MEM_STATS", 8: "LOOP_INFO", 9: "TIMER_STATS", 10: "CONFIG",
    11: "UNCONFIG", 16: "GET_RESTRICT", 20: "MON_GETLIST", 23: "TRUSTKEY", 24: "UNTRUSTKEY",
    35: "AUTHINFO", 36: "TRAPS", 42: "MON_GETLIST_1", 43: "HOSTNAME_ASSOCID", 44: "IF_STATS",
}  # fmt: skip

Fields = dict[str, Value | None]


class NtpSession(Session):
    """The datagrams of two clocks."""

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        del side
        if not data:
            return
        mode = data[0] & 7
        fields: Fields = {"ntp.version": data[0] >> 3 & 7, "ntp.mode": mode}
        if 1 <= mode <= 5 and len(data) >= 48:
            _time_message(data, fields)
        elif mode == 6 and len(data) >= 12:
            _control(data, fields)
        elif mode == 7 and len(data) >= 8:
            _private(data, fields)
        else:
            self.context.lost("malformed")
            return
        self.context.emit("ntp", time, fields)


def _time_message(data: bytes, fields: Fields) -> None:
    first, stratum, poll, precision, delay, dispersion, reference = _HEAD.unpack_from(data)
    fields["ntp.leap"] = first >> 6
    fields["ntp.stratum"] = stratum
    fields["ntp.poll"] = 2.0**poll
    fields["ntp.precision"] = 2.0**precision
    fields["ntp.root_delay"] = delay / 65_536
    fields["ntp.root_disp"] = dispersion / 65_536
    fields["ntp.ref_id"] = _reference(stratum, reference)
    fields["ntp.ref_time"] = _date(data, 16)
    fields["ntp.org_time"] = _date(data, 24)
    fields["ntp.rec_time"] = _date(data, 32)
    fields["ntp.xmt_time"] = _date(data, 40)
    count, authenticated = _extensions(data)
    fields["ntp.num_exts"] = count
    fields["ntp.authenticated"] = authenticated


def _reference(stratum: int, number: int) -> str | None:
    """Kiss code or clock in letters; above stratum 1 an address (or a hash that looks like one)."""
    raw = number.to_bytes(4, "big")
    if stratum > 1:
        return ".".join(map(str, raw))
    return text(raw) if number else None


def _date(data: bytes, at: int) -> str | None:
    """A time stamp; None for 0. Below half of the range it is of the era that begins in 2036."""
    seconds, fraction = struct.unpack_from(">II", data, at)
    if not seconds and not fraction:
        return None
    if seconds < _EPOCH:
        seconds += 1 << 32
    return to_iso((seconds - _EPOCH) * SECOND + (fraction * SECOND >> 32))


def _extensions(data: bytes) -> tuple[int, bool]:
    """Number of extension fields (RFC 7822), and whether a MAC stands at the end."""
    at = 48
    count = 0
    while len(data) - at >= 28 and count < 64:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 16 or size % 4 or at + size > len(data):
            break
        at += size
        count += 1
    return count, len(data) - at in {20, 24, 36}


def _control(data: bytes, fields: Fields) -> None:
    """Mode 6 (RFC 1305 appendix B, RFC 9327)."""
    code = data[1] & 31
    fields["ntp.request"] = _CONTROL.get(code, f"operation {code}")
    fields["ntp.request_code"] = code
    fields["ntp.response"] = bool(data[1] & 0x80)
    fields["ntp.error"] = bool(data[1] & 0x40) or None


def _private(data: bytes, fields: Fields) -> None:
    """Mode 7: its first byte has the response bit where others have the leap indicator."""
    code = data[3]
    fields["ntp.request"] = _PRIVATE.get(code, f"request {code}")
    fields["ntp.request_code"] = code
    fields["ntp.response"] = bool(data[0] & 0x80)
    fields["ntp.error"] = data[4] >> 4 != 0 or None
    fields["ntp.items"] = int.from_bytes(data[4:6], "big") & 0xFFF


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """By port and shape, as NTP has no magic; elsewhere a client's first question: nothing but a time."""
    del side
    if len(data) < 8:
        return False
    if flow.destination_port != 123 and flow.source_port != 123:
        return len(data) == 48 and data[0] & 0x3F in (0x1B, 0x23) and not any(data[4:40])
    version, mode = data[0] >> 3 & 7, data[0] & 7
    if mode == 7:
        return version in {2, 3} and data[2] in {0, 2, 3} and len(data) in range(8, 512)
    if mode == 6:
        return 1 <= version <= 4 and len(data) >= 12
    return 1 <= version <= 4 and mode in range(1, 6) and len(data) >= 48 and data[1] <= 16


PROTOCOL = Protocol(
    name="ntp",
    title="Network Time Protocol",
    standard="RFC 5905",
    transports=frozenset({"udp"}),
    session=NtpSession,
    recognises=recognises,
    ports=frozenset({123}),
    datasets={
        "ntp": (
            "ntp.version", "ntp.mode", "ntp.leap", "ntp.stratum", "ntp.poll", "ntp.precision",
            "ntp.root_delay", "ntp.root_disp", "ntp.ref_id", "ntp.ref_time", "ntp.org_time",
            "ntp.rec_time", "ntp.xmt_time", "ntp.num_exts", "ntp.authenticated", "ntp.request",
            "ntp.request_code", "ntp.response", "ntp.error", "ntp.items",
        )
    },
)  # fmt: skip
