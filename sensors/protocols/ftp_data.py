"""FTP's data channel: a file, in one direction, from the flow's first byte to its last (RFC 959).

Only a control connection can say what it is (`Context.expect`); the name comes from there too.
"""

from __future__ import annotations

from sensors.protocol import Flow, Protocol
from sensors.wire.transfer import TransferSession


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """Never: it has no mark of its own."""
    del data, side, flow
    return False


PROTOCOL = Protocol(
    name="ftp_data",
    title="File Transfer Protocol, data channel",
    standard="RFC 959",
    transports=frozenset({"tcp"}),
    session=TransferSession,
    recognises=recognises,
    files=True,
)
