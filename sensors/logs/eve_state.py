"""Zeek's word for how a connection went, from the flags that Suricata keeps of both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_FIN: Final = 0x01
_SYN: Final = 0x02
_RST: Final = 0x04


def flow_state(row: Mapping[str, Any], packets: tuple[int, int]) -> str:
    """Zeek's conn_state as far as the flags of both ways tell it; rules speak in these words."""
    if str(row.get("proto")).upper() != "TCP":
        icmp = "ICMP" in str(row.get("proto")).upper()
        return "OTH" if icmp else ("SF" if all(packets) else "S0" if packets[0] else "SHR")
    tcp = row.get("tcp")
    tcp = tcp if isinstance(tcp, dict) else {}
    ours, theirs = _flags(tcp.get("tcp_flags_ts")), _flags(tcp.get("tcp_flags_tc"))
    if not ours & _SYN:
        return "OTH"
    if not packets[1]:
        return "SH" if ours & _FIN else "RSTOS0" if ours & _RST else "S0"
    if not theirs & _SYN:
        return "REJ" if theirs & _RST else "OTH"
    for sent, state in ((ours & _RST, "RSTO"), (theirs & _RST, "RSTR")):
        if sent:
            return state
    return {(True, True): "SF", (True, False): "S2", (False, True): "S3"}.get(
        (bool(ours & _FIN), bool(theirs & _FIN)), "S1"
    )


def _flags(value: object) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        return 0
