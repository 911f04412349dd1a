"""What compiled code keeps of SMB2: records and their bounds, see `sensors.packet.smb_state`."""

from __future__ import annotations

from typing import Final

import numpy as np

SHARE_SIZE: Final = 4096  # bytes of a share's texts
SHARE_COUNT: Final = 1024
STATUSES_SIZE: Final = 65_536  # bytes of the names of answers
STATUS_COUNT: Final = 1024

# A share of SMB2 that a client is connected to, as its parser has told.
SHARE: Final = np.dtype(
    [
        ("session", "i8"),
        ("number", "i8"),
        ("next", "i4"),  # of the same flow, or of the free list
        ("size", "i4", (3,)),  # bytes of its texts: see sensors.packet.smb_shares
    ],
    align=True,
)

# A request of SMB2 that waits for its answer.
ASK: Final = np.dtype(
    [
        ("mid", "i8"),
        ("time", "i8"),
        ("session", "i8"),
        ("number", "i8"),  # of the share
        ("key", "i8", (2,)),  # file id, once it is known
        ("after", "i8"),  # 1 + the number of the request in the same message that opens the file
        ("status", "i8"),  # of an interim answer, -1 without one
        ("options", "i8"),
        ("disposition", "i8"),
        ("share", "i4"),
        ("command", "i4"),
        ("client", "i4"),
        ("slot", "i4"),  # that holds the name
        ("size", "i4"),  # bytes of the name
        ("next", "i4"),
    ],
    align=True,
)
ASK_COUNT: Final = 4096
MAX_ASKS: Final = 64  # of one flow

# A file that is open, of which its parser has not heard.
OPENED: Final = np.dtype(
    [
        ("key", "i8", (2,)),
        ("session", "i8"),
        ("number", "i8"),
        ("time", "i8"),
        ("bytes", "i8"),
        ("times", "i8", (4,)),
        ("slot", "i4"),
        ("size", "i4"),
        ("next", "i4"),
    ],
    align=True,
)
OPENED_COUNT: Final = 4096
MAX_OPENED: Final = 256  # of one flow
SEEN_COUNT: Final = 32_768  # openings remembered; a power of two
