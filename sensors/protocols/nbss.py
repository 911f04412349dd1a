"""NetBIOS session service, RFC 1002 §4.3: the request by which a session on port 139 begins.

It only says which name is called; what follows is SMB.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import Flow, Protocol, StreamSession, WireError
from sensors.wire.netbios_session import NEGATIVE, POSITIVE, REQUEST, RETARGET

_SETUP: Final = frozenset({REQUEST, POSITIVE, NEGATIVE, RETARGET})
_MOST: Final = 600  # two names of at most 255 bytes and their marks


class NbssSession(StreamSession):
    """Waits for the end of the first message, then hands over."""

    limit = 1024

    def parse(self, side: int, data: bytes, time: int) -> int:
        """Use the request or its answer."""
        del side, time
        if len(data) < 4:
            return 0
        size = int.from_bytes(data[2:4], "big")
        if data[0] not in _SETUP or size > _MOST:
            raise WireError("not_session")
        if len(data) < 4 + size:
            return 0
        self.context.switch("smb")
        return 4 + size


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """By the request's two encoded names: 32 letters A to P with their length in front."""
    del side, flow
    return (
        len(data) >= 40
        and data[0] == REQUEST
        and data[1] == 0
        and data[4] == 32
        and all(65 <= letter <= 80 for letter in data[5:37])
    )


PROTOCOL = Protocol(
    name="nbss",
    title="NetBIOS Session Service",
    standard="RFC 1002",
    transports=frozenset({"tcp"}),
    ports=frozenset({139}),
    session=NbssSession,
    recognises=recognises,
    leads_to="smb",
)
