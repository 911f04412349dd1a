"""NTLM and Negotiate in heads of HTTP (RFC 4559, MS-NTHT), by connection.

The decoder hands over the values that hold a token, and the status of what answers them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from sensors.protocol import FieldValues
from sensors.wire.gss_logons import GssLogons
from sensors.wire.sasl import unwrapped

_MOST: Final = 4096
_REFUSED: Final = frozenset({401, 407})
# Serial of a flow, side of the client, dataset, time, fields.
Emit = Callable[[int, int, str, int, FieldValues], None]


class HttpLogons:
    """The log-ons of all connections; the oldest goes when there are too many.

    Args:
        emit: writes an event of a flow.
        lost: counts.
    """

    def __init__(self, emit: Emit, lost: Callable[[str], None]) -> None:
        self._emit = emit
        self._lost = lost
        self._open: OrderedDict[int, GssLogons] = OrderedDict()

    def take(self, serial: int, side: int, value: bytes, status: int, time: int) -> None:
        """A value (`NTLM base64`; none where an answer has no token); `status` 0 of a request."""
        logons = self._open.get(serial)
        if logons is None:
            if len(self._open) >= _MOST:
                self._lost("http.logons_evicted")
                self.end(next(iter(self._open)))
            client = 1 - side if status else side
            logons = self._open[serial] = GssLogons(partial(self._emit, serial, client))
        token = unwrapped(value.partition(b" ")[2])
        if token:
            logons.take(token, time)
        if status >= 200 or status == 101:
            logons.answered(status not in _REFUSED)

    def end(self, serial: int) -> None:
        """A flow is over."""
        logons = self._open.pop(serial, None)
        if logons is not None:
            logons.end()
