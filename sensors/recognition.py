"""Recognising the protocol of a flow that the decoder does not know, by the shelf's own tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fengsui.loss import Losses
from sensors.protocol import Flow, Protocol

# A connection of TLS that was met on its way: the most usual of what is asked about, and no other
# protocol begins like it.
WITHIN_TLS: Final = frozenset(
    bytes((kind, 3, minor)) for kind in (0x14, 0x15, 0x17) for minor in range(1, 5)
)


class Recognition:
    """What is asked of an unknown flow's first bytes.

    Args:
        protocols: what may be found, in the order of asking.
        losses: where a test that raises is counted.
    """

    def __init__(self, protocols: Mapping[str, Protocol], losses: Losses) -> None:
        self._losses = losses
        self._askable = {
            transport: tuple(
                (one.name, one.recognises)
                for one in protocols.values()
                if transport in one.transports
            )
            for transport in ("tcp", "udp", "sctp")
        }
        self._tls = tuple(pair for pair in self._askable["tcp"] if pair[0] == "tls")

    def recognise(self, flow: Flow, side: int, data: bytes) -> str:
        """Name of the protocol whose bytes these are, or ""."""
        askable = self._askable.get(flow.transport, ())
        if data[:3] in WITHIN_TLS and flow.transport == "tcp":
            askable = self._tls
        for name, recognises in askable:
            try:
                if recognises(data, side, flow):
                    return name
            except Exception:  # noqa: BLE001 - a mistake of one protocol is not the others'
                self._losses.add(f"{name}.recognition_error")
        return ""
