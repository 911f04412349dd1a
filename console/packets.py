"""Packets of a flow for the console: cut out of the captures that are kept, and dissected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from console.api.parts import DissectedPacket, DissectionNode, PacketRow
from fengsui.clock import SECOND, from_iso
from fengsui.event import Fields
from sensors.packet import dissect
from sensors.packet.slice import slice_flow


class FlowPackets:
    """Implements `console.api.parts.Packets` with the sensor's own slices and with tshark."""

    def slice_flow(self, captures: Sequence[Path], flow: Fields, target: Path) -> int:
        """Write a flow's packets into a pcap; how many.

        Raises:
            InputError: a capture cannot be read any more.
        """
        start = from_iso(str(flow.get("event.start", flow["@timestamp"])))
        length = flow.get("event.duration", 0)
        end = from_iso(str(flow["event.end"])) if "event.end" in flow else start + int(str(length))
        cut = slice_flow(
            captures,
            source=str(flow["source.ip"]),
            source_port=int(str(flow.get("source.port", 0))),
            destination=str(flow["destination.ip"]),
            destination_port=int(str(flow.get("destination.port", 0))),
            transport=str(flow["network.transport"]),
            since=start - SECOND,  # events are cut to microseconds, packets are not
            until=end + SECOND,
        )
        target.write_bytes(cut.pcap)
        return cut.packets

    def packet_list(self, pcap: Path, limit: int) -> tuple[list[PacketRow], int]:
        """The first packets, and how many there are.

        Raises:
            MissingToolError: tshark is not installed.
        """
        rows = dissect.packet_list(pcap.read_bytes())
        shown = [
            PacketRow(
                r.number,
                r.time,
                r.source,
                r.destination,
                r.protocol,
                r.length,
                r.info,
            )
            for r in rows[:limit]
        ]
        return shown, len(rows)

    def packet_detail(self, pcap: Path, number: int) -> DissectedPacket:
        """One packet by its number, from 1.

        Raises:
            MissingToolError: tshark is not installed.
            NotFoundError: there is no such packet.
        """
        layers, rows = dissect.packet_detail(pcap.read_bytes(), number)
        data = b"".join(bytes.fromhex(row.hex) for row in rows)
        return DissectedPacket(number, _nodes(layers), data)


def _nodes(nodes: Iterable[dissect.Node]) -> tuple[DissectionNode, ...]:
    return tuple(
        DissectionNode(node.label, node.value or None, _nodes(node.children)) for node in nodes
    )
