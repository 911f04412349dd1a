"""Link layers: the same packet below each of them gives the same event."""

from __future__ import annotations

import struct

import pytest

from tests.sensors.packet.frames import START, pcap, question, sense, udp

PACKET = udp("10.1.1.1", 5000, "10.2.2.2", 53, question(7, "x.example"))[14:]
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"
MAC = b"\x02\0\0\0\0\x01"
WIFI = struct.pack("<HH", 0x0108, 0) + MAC * 3 + b"\0\0"
QOS = struct.pack("<HH", 0x0288, 0) + MAC * 3 + b"\0\0" + b"\0\0"
RADIOTAP = struct.pack("<BBHI", 0, 0, 8, 0)
PADDED = struct.pack("<BBHIB", 0, 0, 9, 2, 0x20)
NFLOG = struct.pack("<BBH", 2, 0, 0) + struct.pack("<HH", 5, 1) + b"x\0\0\0"

ETHER = MAC * 2
AUTHENTICATED = (
    PACKET[:2] + struct.pack(">H", len(PACKET) + 24) + PACKET[4:9] + b"\x33" + PACKET[10:20]
    + bytes([PACKET[9], 4]) + bytes(22) + PACKET[20:]
)  # fmt: skip

FRAME = ETHER + b"\x08\0" + PACKET
CLEAR_MACSEC = b"\x88\xe5" + b"\x20\0" + bytes(4) + bytes(8)  # authenticated, not encrypted

LINKS = {
    "802.1ah": (1, ETHER + b"\x88\xe7" + bytes(4) + FRAME),
    "802.1br": (1, ETHER + b"\x89\x3f" + bytes(6) + b"\x08\0" + PACKET),
    "vlan and vn-tag": (1, ETHER + b"\x81\0\0\5\x89\x26" + bytes(4) + b"\x08\0" + PACKET),
    "hsr": (1, ETHER + b"\x89\x2f" + bytes(4) + b"\x08\0" + PACKET),
    "security group": (1, ETHER + b"\x89\x09" + bytes(6) + b"\x08\0" + PACKET),
    "clear macsec": (1, ETHER + CLEAR_MACSEC + b"\x08\0" + PACKET + bytes(16)),
    "fabric path": (1, ETHER + b"\x89\x03" + bytes(2) + FRAME),
    "isl": (1, b"\1\0\x0c\0\0\0" + bytes(20) + FRAME + bytes(4)),
    "service chain": (1, ETHER + b"\x89\x4f" + b"\0\2\1\1" + bytes(4) + PACKET),
    "service chain, bridged": (1, ETHER + b"\x89\x4f" + b"\0\2\1\3" + bytes(4) + FRAME),
    "pktap": (258, struct.pack("<III", 108, 1, 1) + bytes(96) + FRAME),
    "pktap raw": (258, struct.pack("<III", 108, 1, 12) + bytes(96) + PACKET),
    "ppi ethernet": (192, struct.pack("<BBHI", 0, 0, 8, 1) + FRAME),
    "token ring": (6, b"\x10\x40" + MAC + b"\x82" + MAC[1:] + b"\2\0" + SNAP + PACKET),
    "1394": (138, bytes(16) + b"\x08\0" + PACKET),
    "ipnet": (226, b"\1\2" + bytes(22) + PACKET),
    "mpls": (219, struct.pack(">I", 17 << 12 | 0x100) + PACKET),
    "net analyzer": (240, bytes(4) + FRAME),
    "sun atm": (123, b"\2\0\0\x20" + SNAP + PACKET),
    "sun atm, lan emulation": (123, b"\1\0\0\x20\0\1" + FRAME),
    "frame relay": (107, b"\x18\x41\3\xcc" + PACKET),
    "frame relay, snap": (107, b"\x18\x41\3\0\x80\0\0\0\x08\0" + PACKET),
    "frame relay, bridged": (107, b"\x18\x41\3\0\x80\0\x80\xc2\0\7" + FRAME),
    "frame relay, cisco": (107, b"\x18\x41\x08\0" + PACKET),
    "frame relay, direction": (206, b"\1\x18\x41\3\xcc" + PACKET),
    "ppp, direction": (204, b"\1\xff\3\0\x21" + PACKET),
    "pppd": (166, b"\0\3\0\x21" + PACKET),
    "cisco hdlc, direction": (205, b"\1\x0f\0\x08\0" + PACKET),
    "vn-tag": (1, ETHER + b"\x89\x26" + bytes(4) + b"\x08\0" + PACKET),
    "vn-tag and vlan": (1, ETHER + b"\x89\x26" + bytes(4) + b"\x81\0\0\5\x08\0" + PACKET),
    "authentication header": (1, ETHER + b"\x08\0" + AUTHENTICATED),
    "null": (0, struct.pack("<I", 2) + PACKET),
    "loopback": (108, struct.pack(">I", 2) + PACKET),
    "raw": (101, PACKET),
    "ipv4": (228, PACKET),
    "cooked": (113, struct.pack(">HHH8sH", 0, 1, 6, MAC + b"\0\0", 0x0800) + PACKET),
    "cooked 2": (276, struct.pack(">HHIHBB8s", 0x0800, 0, 1, 1, 0, 6, MAC + b"\0\0") + PACKET),
    "ppp": (9, b"\0\x21" + PACKET),
    "ppp short": (9, b"\x21" + PACKET),
    "ppp hdlc": (50, b"\xff\x03\0\x21" + PACKET),
    "pppoe": (51, struct.pack(">BBHHH", 0x11, 0, 1, len(PACKET) + 2, 0x21) + PACKET),
    "cisco hdlc": (104, b"\x0f\0\x08\0" + PACKET),
    "802.11": (105, WIFI + SNAP + PACKET),
    "802.11 qos": (105, QOS + SNAP + PACKET),
    "radiotap": (127, RADIOTAP + WIFI + SNAP + PACKET),
    "radiotap padded": (127, PADDED + QOS + b"\0\0" + SNAP + PACKET),
    "ppi": (192, struct.pack("<BBHI", 0, 0, 8, 105) + WIFI + SNAP + PACKET),
    "fddi": (10, b"\x50" + MAC * 2 + SNAP + PACKET),
    "pflog": (117, b"\x3d\x02" + b"\0" * 62 + PACKET),
    "nflog": (239, NFLOG + struct.pack("<HH", 4 + len(PACKET), 9) + PACKET),
    "enc": (109, struct.pack("<I", 2) + b"\0" * 8 + PACKET),
}


@pytest.mark.parametrize("link", LINKS)
def test_a_packet_is_found_below_every_link_layer(link: str) -> None:
    number, data = LINKS[link]
    seen = sense(pcap([(START, data)], link=number))
    (event,) = seen.of("dns")
    assert event["dns.question.name"] == "x.example"
    assert seen.summary.kinds == {"ipv4.udp": 1}


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        (0x0080, "wlan.management"),
        (0x00B4, "wlan.control"),
        (0x0048, "wlan.data"),
        (0x4108, "wlan.encrypted"),
    ],
)  # fmt: skip
def test_other_wireless_frames_are_counted_by_what_they_are(control: int, kind: str) -> None:
    data = struct.pack("<H", control) + WIFI[2:] + SNAP + PACKET
    seen = sense(pcap([(START, data)], link=105))
    assert seen.summary.kinds == {kind: 1}


def bundled(*names: str) -> bytes:
    """An aggregate of 802.11 (A-MSDU) of one question each."""
    parts = []
    for name in names:
        data = SNAP + udp("10.1.1.1", 5000, "10.2.2.2", 53, question(7, name))[14:]
        part = MAC * 2 + struct.pack(">H", len(data)) + data
        parts.append(part + bytes(-len(part) % 4))
    return QOS[:24] + b"\x80\0" + b"".join(parts)


def test_every_part_of_an_aggregate_is_read() -> None:
    seen = sense(pcap([(START, bundled("a.example", "b.example", "c.example"))], link=105))
    names = [event["dns.question.name"] for event in seen.of("dns")]
    assert names == ["a.example", "b.example", "c.example"]
    assert seen.of("flow")[0]["source.packets"] == 3
    assert seen.summary.records == 1


def test_a_cut_aggregate_ends() -> None:
    data = bundled("a.example", "b.example")
    for size in range(24, len(data)):
        assert len(sense(pcap([(START, data[:size])], link=105)).of("dns")) <= 2


@pytest.mark.parametrize("link", LINKS)
def test_a_cut_frame_is_counted_and_nothing_else(link: str) -> None:
    number, data = LINKS[link]
    for size in range(0, min(len(data), 60), 3):
        seen = sense(pcap([(START, data[:size])], link=number))
        assert sum(seen.summary.kinds.values()) == 1
