"""Packets of a flow for the console: cut out of the captures that are kept, and dissected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from console.api.parts import DissectedPacket, PacketRow
from fengsui.event import Fields


class FlowPackets:
    def slice_flow(self, captures: Sequence[Path], flow: Fields, target: Path) -> int:
        raise NotImplementedError

    def packet_list(self, pcap: Path, limit: int) -> tuple[list[PacketRow], int]:
        raise NotImplementedError

    def packet_detail(self, pcap: Path, number: int) -> DissectedPacket:
        raise NotImplementedError
