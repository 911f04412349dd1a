"""IEC 60870-5-104: what a control centre commands and what stations report.

One event for each ASDU (I-format), and for each start, stop or test of the transfer that is asked for.
IEC 60870-5-104, IEC 60870-5-101 (types and causes).
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError

_START: Final = 0x68
_PORT: Final = 2404
_UNNUMBERED: Final = {
    0x07: "STARTDT act", 0x0B: "STARTDT con", 0x13: "STOPDT act", 0x23: "STOPDT con",
    0x43: "TESTFR act", 0x83: "TESTFR con",
}  # fmt: skip
_TESTS: Final = frozenset({0x43, 0x83})
_TYPES: Final = {
    1: "M_SP_NA_1", 3: "M_DP_NA_1", 5: "M_ST_NA_1", 7: "M_BO_NA_1", 9: "M_ME_NA_1",
    11: "M_ME_NB_1", 13: "M_ME_NC_1", 15: "M_IT_NA_1", 20: "M_PS_NA_1", 21: "M_ME_ND_1",
    30: "M_SP_TB_1", 31: "M_DP_TB_1", 32: "M_ST_TB_1", 33: "M_BO_TB_1", 34: "M_ME_TD_1",
    35: "M_ME_TE_1", 36: "M_ME_TF_1", 37: "M_IT_TB_1", 38: "M_EP_TD_1", 39: "M_EP_TE_1",
    40: "M_EP_TF_1", 45: "C_SC_NA_1", 46: "C_DC_NA_1", 47: "C_RC_NA_1", 48: "C_SE_NA_1",
    49: "C_SE_NB_1", 50: "C_SE_NC_1", 51: "C_BO_NA_1", 58: "C_SC_TA_1", 59: "C_DC_TA_1",
    60: "C_RC_TA_1", 61: "C_SE_TA_1", 62: "C_SE_TB_1", 63: "C_SE_TC_1", 64: "C_BO_TA_1",
    70: "M_EI_NA_1", 100: "C_IC_NA_1", 101: "C_CI_NA_1", 102: "C_RD_NA_1", 103: "C_CS_NA_1",
    105: "C_RP_NA_1", 107: "C_TS_TA_1", 110: "P_ME_NA_1", 111: "P_ME_NB_1", 112: "P_ME_NC_1",
    113: "P_AC_NA_1", 120: "F_FR_NA_1", 121: "F_SR_NA_1", 122: "F_SC_NA_1", 123: "F_LS_NA_1",
    124: "F_AF_NA_1", 125: "F_SG_NA_1", 126: "F_DR_TA_1", 127: "F_SC_NB_1",
}  # fmt: skip
_CAUSES: Final = {
    1: "per/cyc", 2: "back", 3: "spont", 4: "init", 5: "req", 6: "act", 7: "actcon", 8: "deact",
    9: "deactcon", 10: "actterm", 11: "retrem", 12: "retloc", 13: "file", 20: "inrogen",
    37: "reqcogen", 44: "unknown type", 45: "unknown cause", 46: "unknown asdu address",
    47: "unknown object address",
}  # fmt: skip
_COMMANDS: Final = range(45, 70)


class Iec104Session(StreamSession):
    """One connection of a control centre to a station."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        flow = context.flow
        self._client = 1 if flow.source_port == _PORT and flow.destination_port != _PORT else 0

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One APDU."""
        del side
        if len(data) < 2:
            return 0
        if data[0] != _START or not 4 <= data[1] <= 253:
            raise WireError("start")
        size = 2 + data[1]
        if len(data) < size:
            return 0
        if not data[2] & 1:
            self._asdu(data[6:size], time)
        elif data[2] & 3 == 3 and data[2] not in _TESTS:
            name = _UNNUMBERED.get(data[2], f"unknown-{data[2]}")
            self._emit(time, {"iec104.format": "U", "iec104.type": name})
        return size

    def _asdu(self, data: bytes, time: int) -> None:
        if len(data) < 9:
            self.context.lost("malformed")
            return
        cause = data[2] & 63
        fields: dict[str, Value | None] = {
            "iec104.format": "I",
            "iec104.type": _TYPES.get(data[0], f"type {data[0]}"),
            "iec104.cause": _CAUSES.get(cause, f"cause {cause}"),
            "iec104.negative": bool(data[2] & 64) or None,
            "iec104.test": bool(data[2] & 128) or None,
            "iec104.command": data[0] in _COMMANDS or None,
            "iec104.originator": data[3],
            "iec104.common_address": int.from_bytes(data[4:6], "little"),
            "iec104.object_address": int.from_bytes(data[6:9], "little"),
            "iec104.objects": data[1] & 127,
        }
        self._emit(time, fields)

    def _emit(self, time: int, fields: dict[str, Value | None]) -> None:
        self.context.emit("iec104", time, fields, client=self._client)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """Frames that fill the segment, the first of a known form."""
    del side
    if len(data) < 6 or data[0] != _START or data[1] < 4:
        return False
    at = 0
    while at + 2 <= len(data) and data[at] == _START and data[at + 1] >= 4:
        at += 2 + data[at + 1]
    if at != len(data):
        return False
    if data[2] & 3 == 3:
        return data[1] == 4 and data[2] in _UNNUMBERED and data[3:6] == b"\0\0\0"
    usual = _PORT in {flow.destination_port, flow.source_port}
    return usual and (data[2] & 1 == 1 or (len(data) >= 15 and data[6] in _TYPES))


PROTOCOL = Protocol(
    name="iec104",
    title="IEC 60870-5-104",
    standard="IEC 60870-5-104",
    transports=frozenset({"tcp"}),
    session=Iec104Session,
    recognises=recognises,
    ports=frozenset({_PORT}),
    datasets={
        "iec104": (
            "iec104.format", "iec104.type", "iec104.cause", "iec104.negative", "iec104.test",
            "iec104.command", "iec104.originator", "iec104.common_address",
            "iec104.object_address", "iec104.objects",
        )
    },
)  # fmt: skip
