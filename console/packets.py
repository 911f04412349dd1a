"""Packets of a flow for the console: out of the packet store or of the captures that are kept, and
dissected.

Slices that were cut are kept for a while; where the packet store is sealed, so are they.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from console.api.parts import Cut, DissectedPacket, DissectionNode, PacketRow
from fengsui.clock import MILLISECOND, SECOND, from_iso
from fengsui.errors import FengsuiError
from fengsui.event import Fields
from fengsui.settings import Settings
from fengsui.text import Text
from sensors.keeping.carving import Carved, PacketStore
from sensors.keeping.flow_key import FlowKey, make_key
from sensors.keeping.keeper import Keeper
from sensors.keeping.ring import Limits
from sensors.keeping.sealing import (
    Key,
    Keyring,
    load_key,
    make_keyring,
    open_file,
    seal_file,
)
from sensors.packet import dissect
from sensors.packet.slice import Slice, slice_flow

_SLACK = MILLISECOND  # events are cut to microseconds, packets are not
MAX_PACKETS, MAX_BYTES = 2000, 4_000_000  # of a slice that is shown


def packet_keys(settings: Settings) -> tuple[Key | None, Keyring]:
    """The key that packets are sealed with, if any, and all that open them.

    Raises:
        SettingsError: a key cannot be read, or others can read it too.
    """
    named = settings.packets.key_file
    key = load_key(Path(named).expanduser()) if named else None
    old = [load_key(Path(path).expanduser()) for path in settings.packets.old_key_files]
    return key, make_keyring([*old, key] if key else old)


def make_packet_store(settings: Settings) -> PacketStore:
    """The reading side of the packet store.

    Raises:
        SettingsError: as `packet_keys`.
    """
    return PacketStore(settings.packets_folder, packet_keys(settings)[1])


def packet_limits(settings: Settings) -> Limits:
    """Bounds of the packet store."""
    given = settings.packets
    return Limits(
        size=int(given.max_gigabytes * 1e9),
        age=int(given.max_hours * 3600 * SECOND),
        segment=given.segment_megabytes << 20,
        reserve=int(given.reserve_gigabytes * 1e9),
    )


def make_keeper(settings: Settings, writer: str) -> Keeper | None:
    """The writing side, for a process that senses; None where no packets are to be kept.

    Args:
        settings: of the installation.
        writer: a name that no other process uses: the sensor's, the interface's and the worker's.

    Raises:
        SettingsError: as `packet_keys`.
        StoreError: the folder cannot be used.
    """
    if not settings.packets.keep:
        return None
    key, keyring = packet_keys(settings)
    limits = packet_limits(settings)
    return Keeper(settings.packets_folder, limits, key=key, old_keys=keyring, writer=writer)


class FlowPackets:
    """Implements `console.api.parts.Packets` with the packet store, the sensor's slices and tshark."""

    def __init__(
        self, store: PacketStore, key: Key | None = None, keys: Keyring | None = None
    ) -> None:
        self._store = store
        self._key = key
        self._keys: Keyring = keys or {}

    def held(self, flow: Fields) -> Text | None:
        """None where the packet store holds packets of the flow; else why it does not."""
        if flow.get("fengsui.run"):
            return Text("console.packets.no_capture")
        try:
            if self._store.count(flow_key(flow), *flow_span(flow)):
                return None
        except FengsuiError as error:
            if error.code == "wrong_key":
                return Text("console.packets.wrong_key")
            return Text("console.packets.unreadable", {"why": error.what})
        return Text("console.packets.no_capture")

    def slice_flow(self, captures: Sequence[Path], flow: Fields, target: Path) -> Cut:
        """Write a flow's packets into a pcap; those of the packet store if it has all of them.

        Raises:
            InputError: a capture cannot be read any more, or packets are sealed with another key.
        """
        kept = self._carved(flow)
        if captures and (kept is None or kept.packets < expected_packets(flow)):
            cut = _sliced(captures, flow)
            if kept is None or cut.packets > kept.packets:
                self._write(target, cut.pcap)
                return Cut(cut.packets, cut.bounded, "captures")
        if kept is None or not kept.packets:
            return Cut(0, False, "store")
        self._write(target, kept.pcap)
        return Cut(kept.packets, kept.bounded, "store")

    def _carved(self, flow: Fields) -> Carved | None:
        """Out of the packet store; a drill's packets were never on a wire."""
        if flow.get("fengsui.run"):
            return None
        return self._store.carve(
            flow_key(flow), *flow_span(flow), max_packets=MAX_PACKETS, max_bytes=MAX_BYTES
        )

    def _write(self, target: Path, pcap: bytes) -> None:
        target.touch(mode=0o600)
        target.write_bytes(seal_file(self._key, pcap) if self._key else pcap)

    def pcap(self, path: Path) -> bytes:
        """A slice in the clear.

        Raises:
            InputError: it was sealed with another key.
        """
        return open_file(self._keys, path.read_bytes(), path)

    def packet_list(self, pcap: Path, limit: int) -> tuple[list[PacketRow], int]:
        """The first packets, and how many there are.

        Raises:
            MissingToolError: tshark is not installed.
        """
        rows = dissect.packet_list(self.pcap(pcap))
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
        layers, rows = dissect.packet_detail(self.pcap(pcap), number)
        data = b"".join(bytes.fromhex(row.hex) for row in rows)
        return DissectedPacket(number, _nodes(layers), data)


def flow_key(flow: Fields) -> FlowKey:
    """Both ends of a flow's record.

    Raises:
        InputError: the record is none of a flow (code `bad_flow`).
    """
    return make_key(
        str(flow.get("source.ip", "")),
        int(str(flow.get("source.port", 0))),
        str(flow.get("destination.ip", "")),
        int(str(flow.get("destination.port", 0))),
        str(flow.get("network.transport", "")),
    )


def flow_span(flow: Fields) -> tuple[int, int]:
    """When the flow's packets were seen, both ends included, ns."""
    start = from_iso(str(flow.get("event.start", flow["@timestamp"])))
    length = flow.get("event.duration", 0)
    end = from_iso(str(flow["event.end"])) if "event.end" in flow else start + int(str(length))
    return start - _SLACK, end + _SLACK


def expected_packets(flow: Fields) -> int:
    """How many packets the flow's record counted; 0 where it does not say."""
    return int(str(flow.get("network.packets", 0)))


def _sliced(captures: Sequence[Path], flow: Fields) -> Slice:
    since, until = flow_span(flow)
    return slice_flow(
        captures,
        source=str(flow["source.ip"]),
        source_port=int(str(flow.get("source.port", 0))),
        destination=str(flow["destination.ip"]),
        destination_port=int(str(flow.get("destination.port", 0))),
        transport=str(flow["network.transport"]),
        since=since,
        until=until,
        max_packets=MAX_PACKETS,
        max_bytes=MAX_BYTES,
    )


def _nodes(nodes: Iterable[dissect.Node]) -> tuple[DissectionNode, ...]:
    return tuple(
        DissectionNode(node.label, node.value or None, _nodes(node.children)) for node in nodes
    )
