"""What the entry points of compiled code answer."""

from __future__ import annotations

from typing import Final

# Of `engine.run`.
MORE: Final = 0  # read on: the input buffer holds no whole record
READY: Final = 1  # take the output and what is handed over
BAD: Final = 2  # nothing behind this place can be read
ENDED: Final = 3  # all flows are written
ASKING: Final = 4  # answer which protocol a flow is before the next packet
# Of `scanning.scan`; MORE and BAD besides.
FOUND: Final = 5
