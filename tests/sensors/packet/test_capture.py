"""The sensor as a whole: formats, bad input, bounds."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from fengsui import ecs
from fengsui.errors import InputError
from sensors.packet.capture import CaptureSensor
from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    Connection,
    answer,
    enhanced,
    ethernet,
    interface,
    ip,
    pcap,
    pcapng,
    question,
    section,
    sense,
    tcp,
    udp,
)

A_RECORD = [(1, bytes([203, 0, 113, 7]))]


def lookup(number: int = 7, at: int = START) -> list[tuple[int, bytes]]:
    return [
        (at, udp(CLIENT, 5000 + number, "9.9.9.9", 53, question(number, "www.example.org"))),
        (
            at + 20 * MS,
            udp(
                "9.9.9.9", 53, CLIENT, 5000 + number, answer(number, "www.example.org", 1, A_RECORD)
            ),
        ),
    ]


def conversation() -> list[tuple[int, bytes]]:
    web = Connection().open()
    web.say(0, b"GET /a HTTP/1.1\r\nHost: shop.example.org\r\n\r\n")
    web.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")
    web.close()
    return [*lookup(), *web.packets]


FORMS: dict[str, Callable[[], bytes]] = {
    "pcap big endian": lambda: pcap(conversation(), order=">"),
    "pcap nanoseconds": lambda: pcap(conversation(), nano=True),
    "pcap nanoseconds big endian": lambda: pcap(conversation(), nano=True, order=">"),
    "pcapng": lambda: pcapng(conversation()),
    "pcapng big endian": lambda: pcapng(conversation(), order=">"),
    "gzip": lambda: gzip.compress(pcap(conversation())),
    "gzip members": lambda: (
        gzip.compress(pcap(conversation())[:500]) + gzip.compress(pcap(conversation())[500:])
    ),
    "zstd": lambda: zstandard.compress(pcap(conversation())),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_events(form: str) -> None:
    plain = sense(pcap(conversation()))
    assert sorted(event["event.dataset"] for event in plain.events) == [
        "dns", "files", "flow", "flow", "http",
    ]  # fmt: skip
    assert sense(FORMS[form]()).events == plain.events


def test_ids_do_not_depend_on_the_size_of_the_table() -> None:
    plain = sense(pcap(conversation()))
    assert sense(pcap(conversation()), max_flows=2).events == plain.events


def test_events_begin_as_the_store_expects(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(conversation()))
    sensor = CaptureSensor(path, name="a.pcap", sensor='tap "1"\\')
    lines = b"".join(batch.lines for batch in sensor).splitlines()
    assert sensor.size == path.stat().st_size
    assert all(
        line.startswith(b'{"event.id":"') and line[45:62] == b'","@timestamp":"2'[:17]
        for line in lines
    )
    assert {json.loads(line)["observer.name"] for line in lines} == {'tap "1"\\'}


def test_pcapng_of_several_interfaces() -> None:
    query, reply = lookup()
    raw = ip(CLIENT, "9.9.9.9", 17, query[1][34:])
    capture = (
        section()
        + interface(101, 6)
        + interface(1, 0x80 | 20)
        + enhanced(query[0] // 1000, raw, 0)
        + enhanced((reply[0] << 20) // 1_000_000_000, reply[1], 1)
    )
    (event,) = sense(capture).of("dns")
    assert event["@timestamp"] == "2025-10-09T08:53:20.000000Z"
    assert event["dns.resolved_ip"] == ["203.0.113.7"]


def test_kinds_name_every_packet() -> None:
    packets = [
        (START, ethernet(b"\0" * 28, 0x0806)),
        (START, ethernet(b"\0" * 40, 0x88CC)),
        (START, ethernet(b"\0" * 40, 0x1234)),
        (START, ethernet(b"\x42\x42\x03" + b"\0" * 40, 38)),
        (START, ethernet(b"\xe0\xe0\x03" + b"\0" * 40, 38)),
        (START, ethernet(ip(CLIENT, SERVER, 17, b"x" * 40, fragment=100))),
        (START, ethernet(b"\x45" + b"\0" * 10)),
        (START, ethernet(b"\x60" + b"\0" * 10, 0x86DD)),
        (START, b"short"),
        (START, b""),
        (START, udp("2001:db8::1", 1, "2001:db8::2", 2, b"x", tags=(7, 9))),
    ]
    seen = sense(pcap(packets))
    assert seen.summary.kinds == {
        "arp": 1, "empty": 1, "ethertype.0x1234": 1, "fragment.ipv4.udp": 1, "ipv6.udp": 1, "ipx": 1,
        "lldp": 1, "malformed.ethernet": 1, "malformed.ipv4": 1, "malformed.ipv6": 1, "stp": 1,
    }  # fmt: skip
    (flow,) = seen.of("flow")
    assert (flow["network.vlan.id"], flow["network.inner.vlan.id"]) == ("7", "9")
    assert flow["source.mac"] == "02-00-00-00-00-01"


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"hello, this is not a capture at all", "not_a_capture"),
    "zeros": (b"\0" * 100_000, "not_a_capture"),
    "header only in part": (pcap([])[:10], "cut"),
    "first packet cut": (pcap(lookup())[:60], "cut"),
    "absurd length": (pcap([])[:24] + b"\x01\0\0\0\0\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f", "cut"),
    "zeros behind the header": (pcap([]) + b"\0" * 10_000, "cut"),
    "unknown link type": (pcap(lookup(), link=147), "link_type"),
    "damaged gzip": (b"\x1f\x8b\x08\0" + b"\xff" * 50, "damaged"),
    "damaged zstd": (b"\x28\xb5\x2f\xfd" + b"\xff" * 50, "damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_unusable_input_is_refused(case: str) -> None:
    data, code = BAD[case]
    with pytest.raises(InputError) as caught:
        sense(data)
    assert caught.value.code == code
    assert caught.value.where == "test"
    assert caught.value.next


def test_places_that_are_no_file(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "directory"), (tmp_path / "none", "missing")):
        with pytest.raises(InputError) as caught:
            list(CaptureSensor(path, name="x", sensor="tap"))
        assert caught.value.code == code


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_a_cut_capture_yields_what_stands_before(wrap: Callable[[bytes], bytes]) -> None:
    data = wrap(pcap(conversation() * 50))
    seen = sense(data[: len(data) - 30])
    assert seen.summary.events["dns"] >= 1
    assert set(seen.summary.losses.as_json()) & {"capture.cut_record", "capture.cut_compression"}


def test_what_follows_an_absurd_length_is_counted() -> None:
    good = pcap(conversation())
    seen = sense(good + b"\x01\0\0\0\0\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f" + b"x" * 5000)
    assert seen.events == sense(good).events
    assert seen.summary.losses.as_json() == {"capture.bad_record": 1, "capture.unread_bytes": 5016}


def test_a_full_table_ends_the_oldest_flow() -> None:
    packets = [
        (START + n * MS, tcp(f"10.0.{n >> 8}.{n & 255}", 1024 + n, SERVER, 443, "S", 1, 0))
        for n in range(600)
    ]
    seen = sense(pcap(packets), max_flows=64)
    flows = seen.of("flow")
    assert len(flows) == 600
    assert seen.summary.losses.as_json() == {"flow.evicted": 536}
    assert [flow["source.port"] for flow in flows] == list(range(1024, 1624))
    assert {flow["zeek.connection.state"] for flow in flows} == {"S0"}


def test_the_clock_advances_through_silence() -> None:
    packets = [(START + n * 9_000 * MS, ethernet(b"\0" * 28, 0x0806)) for n in range(20)]
    seen = sense(pcap(packets))
    assert len(seen.clocks) >= 9
    assert seen.clocks == sorted(seen.clocks)


def test_batches_stay_small() -> None:
    packets = [
        (START + n * 100_000, udp(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", 999, SERVER, 99, b"x"))
        for n in range(6000)
    ]
    sensor = CaptureSensor(None, io.BytesIO(pcap(packets)), name="x", sensor="tap")
    sizes = [len(batch.lines) for batch in sensor]
    assert len(sizes) > 2
    assert max(sizes) < 1_300_000


@pytest.mark.bench
@pytest.mark.parametrize(
    "name",
    [
        "dns/tunnel_iodine_cname.pcap.zst",
        "dns/tunnel_dnscat2_txt.pcap.zst",
        "attacks/c2/malicious-ssh-bruteforce.pcap.zst",
        "attacks/malware/2017-02-09-Hancitor-Pony-malspam-traffic.pcap.zst",
        "captures/office.pcap.zst",
    ],
)
def test_real_captures(bench: Callable[[str], Path], name: str) -> None:
    path = bench(name)
    sensor = CaptureSensor(path, name=name, sensor="tap")
    lines = b"".join(batch.lines for batch in sensor).splitlines()
    summary = sensor.summary
    assert sum(summary.kinds.values()) == summary.records
    assert sum(summary.events.values()) == len(lines)
    ids = {line[13:45] for line in lines}
    assert len(ids) == len(lines)
    for line in lines[:: max(1, len(lines) // 1000)]:
        assert ecs.faults(json.loads(line)) == []


def test_packets_of_no_interface_are_counted_and_alone_refused() -> None:
    (packet, *_) = lookup()
    ticks = packet[0] // 1000
    mixed = section() + interface() + enhanced(ticks, packet[1]) + enhanced(ticks, packet[1], 3)
    assert sense(mixed).summary.losses.as_json() == {"packet.malformed_interface": 1}
    with pytest.raises(InputError) as caught:
        sense(section() + enhanced(ticks, packet[1]))
    assert caught.value.code == "link_type"
