"""Kinds of the records that compiled code hands over (`sensors.packet.handover`)."""

from __future__ import annotations

from typing import Final

BEGIN: Final = 1  # bytes: members of JSON that all events of the flow share; protocol, if known
NAMED: Final = 2  # the protocol was recognised later
DATA: Final = 3
LOST: Final = 4  # number: bytes that are missing
END: Final = 5  # bytes: line of the flow's event without its end
# Bytes: line of a TLS event without its end, the client's certificates, the server's; number: how many
# those of the server are << 16 | the client's.
SECURED: Final = 6
BODY_BEGIN: Final = (
    7  # bytes: content encoding, 0, content type, 0, members of JSON; number: length
)
BODY: Final = 8
BODY_LOST: Final = 9  # as LOST, of the side's body
BODY_END: Final = 10  # number: 1 where it is cut
LOGON: Final = 12  # bytes: of HTTP's head, `NTLM base64`, or none; number: status of an answer, 0
SMB_OPENED: Final = (
    11  # bytes: a file of SMB2 that the parser has to know, see sensors.packet.smb_state
)
