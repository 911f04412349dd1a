"""The compiled reader of hellos against the plain one: the same bytes have to give the same fields."""

from __future__ import annotations

import io
import ipaddress
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sensors.packet import texts
from sensors.wire.handshake import client_fields, server_fields
from sensors.wire.hello import client_hello, server_hello
from sensors.wire.tls_suites import SUITES
from tests.sensors.packet.frames import START, Connection, pcap, sense
from tests.sensors.wire.hellos import client_bodies, message, record, server_bodies

CLIENT = (
    "tls.client.server_name", "destination.domain", "tls.client.supported_versions",
    "tls.client.ja3", "tls.client.ja4", "fengsui.parse",
)  # fmt: skip
SERVER = (
    "tls.version", "tls.version_protocol", "tls.cipher", "tls.curve", "tls.next_protocol",
    "tls.server.ja3s", "tls.server.ja4s",
)  # fmt: skip
Known = dict[str, Any]


def of_client(body: bytes) -> Known:
    fields = client_fields(client_hello(body))
    return {name: fields.get(name) for name in CLIENT}


def of_server(body: bytes) -> Known:
    fields = server_fields(server_hello(body))
    return {name: fields.get(name) for name in SERVER}


def text_only(body: bytes) -> bool:
    """Names that are text: how other bytes are shown is not what is compared here."""
    return all(one.isascii() and b"\0" not in one for one in server_hello(body).protocols)


def differences(found: Known, expected: Known) -> Known:
    """What differs, but for words that the compiled tables do not have."""
    wrong: Known = {}
    for name, value in expected.items():
        got = found.get(name)
        unnamed = got is None if name == "tls.curve" else str(got).startswith("0x")
        if got != value and not (name in {"tls.curve", "tls.cipher"} and unnamed):
            wrong[name] = (got, value)
    return wrong


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # making an example smaller takes the sensor minutes
)
@given(
    st.lists(
        st.tuples(client_bodies, server_bodies.filter(text_only), st.sampled_from((1400, 90))),
        min_size=60,
        max_size=80,
    )
)
def test_made_up_hellos(pairs: list[tuple[bytes, bytes, int]]) -> None:
    packets: list[tuple[int, bytes]] = []
    for number, (client, server, size) in enumerate(pairs):
        start = START + number * 1_000_000_000
        secure = Connection(8443, 40_000 + number, start).open()
        secure.say(0, record(22, message(1, client)), size)
        secure.say(1, record(22, message(2, server)), size)
        packets += secure.close().packets
    events = {event["source.port"] - 40_000: event for event in sense(pcap(packets)).of("tls")}
    assert len(events) == len(pairs)
    for number, (client, server, _) in enumerate(pairs):
        expected = {**of_client(client), **of_server(server)}
        assert differences(events[number], expected) == {}


def test_both_name_suites_alike() -> None:
    compiled = {
        int(code): texts.BLOB[number >> 12 : (number >> 12) + (number & 4095)].tobytes().decode()
        for code, number in zip(texts.SUITE_CODES, texts.SUITE_TEXTS.tolist(), strict=True)
    }
    assert compiled == {code: SUITES[code] for code in compiled}


Ends = tuple[str, int, str, int]


def segments(capture: bytes) -> Iterator[tuple[Ends, bytes]]:
    """Payloads of the TCP segments of an Ethernet capture, with where they come from and go to."""
    at = 24
    while at + 16 <= len(capture):
        size = struct.unpack_from("<I", capture, at + 8)[0]
        frame = capture[at + 16 : at + 16 + size]
        at += 16 + size
        kind, place = frame[12:14], 14
        if kind == b"\x08\0" and frame[23] == 6:
            whole = place + int.from_bytes(frame[16:18], "big")
            segment = place + (frame[14] & 15) * 4
            ends = frame[26:30], frame[30:34]
        elif kind == b"\x86\xdd" and frame[20] == 6:
            segment = place + 40
            whole = segment + int.from_bytes(frame[18:20], "big")
            ends = frame[22:38], frame[38:54]
        else:
            continue
        source, target = (str(ipaddress.ip_address(one)) for one in ends)
        ports = struct.unpack_from(">HH", frame, segment)
        data = frame[segment + (frame[segment + 12] >> 4) * 4 : whole]
        yield (source, ports[0], target, ports[1]), data


def test_hellos_of_a_real_capture(bench: Callable[[str], Path]) -> None:
    path = bench("captures/office.pcap.zst")
    capture = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read()
    seen: dict[Ends, list[Known]] = {}
    seen_at_all = sense(capture)
    named = [
        event["quic.server_name"] for event in seen_at_all.of("quic") if "quic.server_name" in event
    ]
    assert len(named) >= 94  # as many as tshark finds
    for event in seen_at_all.of("tls"):
        ends = tuple(
            event[f"{side}.{part}"] for side in ("source", "destination") for part in ("ip", "port")
        )
        seen.setdefault(ends, []).append(event)  # type: ignore[arg-type]
    compared = {1: 0, 2: 0}
    met: set[tuple[int, Ends]] = set()  # a later hello of a flow is not in its event
    for ends, data in segments(capture):
        kind = data[5] if len(data) > 43 and data[0] == 22 and data[1] == 3 else 0
        size = int.from_bytes(data[6:9], "big")
        if kind not in compared or 9 + size > len(data) or size + 4 > int.from_bytes(data[3:5]):
            continue
        body = data[9 : 9 + size]
        flow = ends if kind == 1 else (*ends[2:], *ends[:2])
        if (kind, flow) in met or flow not in seen or (kind == 2 and server_hello(body).is_retry):
            continue
        met.add((kind, flow))
        expected = of_client(body) if kind == 1 else of_server(body)
        if kind == 2 and expected["tls.curve"] is None:
            del expected["tls.curve"]  # told later, by the key exchange
        assert {} in [differences(event, expected) for event in seen[flow]], (flow, expected)
        compared[kind] += 1
    assert compared[1] > 500
    assert compared[2] > 500
