"""IRC's DCC SEND: a file from one client straight to another, which acknowledges by counts.

Only the offer in an IRC connection can say what it is (`Context.expect`). Defined by custom, see
the Client-To-Client Protocol's description of DCC.
"""

from __future__ import annotations

from sensors.protocol import Flow, Protocol
from sensors.wire.transfer import TransferSession


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """Never: it has no mark of its own."""
    del data, side, flow
    return False


PROTOCOL = Protocol(
    name="irc_data",
    title="Internet Relay Chat, direct file transfer",
    standard="DCC",
    transports=frozenset({"tcp"}),
    session=TransferSession,
    recognises=recognises,
    files=True,
)
