from __future__ import annotations

import struct
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.loss import Losses
from sensors.protocols import dce_rpc
from sensors.sessions import Sessions
from tests.sensors.protocols import smb_words as words
from tests.sensors.protocols.playing import START, a_flow, checked, common_of, play, play_capture

FLOW = a_flow(49_664)
EPMAPPER = uuid.UUID("e1af8308-5d1f-11c9-91a4-08002b14a0fa")
SAMR = uuid.UUID("12345778-1234-abcd-ef00-0123456789ac")


def tower(port: int, address: str = "192.0.2.9") -> bytes:
    floors = [
        (b"\x0d" + words.SVCCTL.bytes_le + b"\2\0", b"\0\0"),
        (b"\x0d" + words.NDR.bytes_le + b"\2\0", b"\0\0"),
        (b"\x0b", b"\0\0"),
        (b"\x07", port.to_bytes(2, "big")),
        (b"\x09", bytes(int(part) for part in address.split("."))),
    ]
    told = struct.pack("<H", len(floors))
    for left, right in floors:
        told += struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right
    return told


def mapped(*towers: bytes) -> bytes:
    stub = bytes(20) + struct.pack("<IIII", len(towers), 4, 0, len(towers)) + bytes(4 * len(towers))
    for one in towers:
        stub += struct.pack("<II", len(one), len(one)) + one + bytes(-len(one) % 4)
    return stub + bytes(4)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_call(big: bool, piece: int) -> None:
    said = [
        (0, words.bind(words.SVCCTL, big=big)),
        (1, words.bind_ack("49664", big=big)),
        (0, words.request(12, b"x" * 10, 7, big=big)),
        (1, words.response(b"y" * 6, 7, big=big)),
    ]
    (one,) = play(dce_rpc.PROTOCOL, said, FLOW, piece=piece).of("dce_rpc")
    assert one["dce_rpc.endpoint"] == "svcctl"
    assert one["dce_rpc.operation"] == "CreateServiceW"
    assert one["dce_rpc.named_pipe"] == "49664"
    assert one["dce_rpc.interface"] == str(words.SVCCTL)
    assert one["dce_rpc.interface_version"] == "2.0"
    assert one["dce_rpc.request_bytes"] == 10
    assert one["dce_rpc.response_bytes"] == 6
    assert one["event.outcome"] == "success"
    assert one["event.duration"] > 0


def test_contexts_fragments_and_faults() -> None:
    said = [
        (0, words.bind(words.SVCCTL, EPMAPPER)),
        (1, words.bind_ack()),
        (0, words.bind(SAMR, kind=14, first=5)),
        (1, words.bind_ack("", kind=15)),
        (0, words.request(5, b"1" * 8, 2, context=5, flags=1)),
        (0, words.request(5, b"2" * 8, 2, context=5, flags=2)),
        (1, words.response(b"3" * 8, 2, flags=1) + words.response(b"4" * 8, 2, flags=0)),
        (1, words.response(b"5" * 8, 2, flags=2)),
        (0, words.request(15, call=3) + words.request(16, call=4)),
        (1, words.response(call=4) + words.fault(0x1C010003, 3)),
        (0, words.request(99, call=5, context=0)),
    ]
    found = play(dce_rpc.PROTOCOL, said, FLOW).of("dce_rpc")
    names = [
        (one["dce_rpc.endpoint"], one["dce_rpc.operation"], one["event.outcome"]) for one in found
    ]
    assert names == [
        ("samr", "SamrLookupDomainInSamServer", "success"),
        ("svcctl", "OpenServiceW", "success"),
        ("svcctl", "OpenSCManagerW", "failure"),
        ("svcctl", "unknown-99", "unknown"),
    ]
    assert found[0]["dce_rpc.request_fragments"] == 2
    assert found[0]["dce_rpc.response_bytes"] == 24
    assert found[2]["dce_rpc.fault_status"] == "0x1c010003"


def test_what_only_prepares_is_left_out() -> None:
    winreg = uuid.UUID("338cd001-2244-31f1-aaaa-900038001003")
    said = [
        (0, words.bind(winreg)),
        (0, words.request(2, call=1) + words.request(22, call=2)),
        (1, words.response(call=1) + words.response(call=2)),
    ]
    (one,) = play(dce_rpc.PROTOCOL, said, FLOW).of("dce_rpc")
    assert one["dce_rpc.operation"] == "BaseRegSetValue"


@pytest.mark.parametrize("bare", [False, True])
def test_kerberos_inside(bare: bool) -> None:
    shown_as = words.kerberos_token("host/srv.dom")
    shown_as = shown_as[shown_as.index(b"\1\0\x6e") + 2 :] if bare else shown_as
    token = words.spnego_init(shown_as, words.KERBEROS_OID)
    said = [
        (0, words.bind(words.SVCCTL, auth=token)),
        (1, words.bind_ack(auth=words.spnego_answer(state=0))),
    ]
    (shown,) = play(dce_rpc.PROTOCOL, said, FLOW).of("kerberos")
    assert (shown["kerberos.service"], shown["kerberos.cipher"]) == ("host/srv.dom", "rc4-hmac")
    assert (shown["kerberos.success"], shown["kerberos.weak_encryption"]) == (True, True)


def test_ntlm_inside() -> None:
    said = [
        (0, words.bind(words.SVCCTL, auth=words.ntlm_negotiate())),
        (1, words.bind_ack(auth=words.ntlm_challenge())),
        (0, words.pdu(16, bytes(4), auth=words.ntlm_authenticate("bob"))),
        (0, words.request(15, call=2)),
        (1, words.response(call=2)),
    ]
    played = play(dce_rpc.PROTOCOL, said, FLOW)
    (ntlm,) = played.of("ntlm")
    assert ntlm["user.name"] == "bob"
    assert ntlm["ntlm.server_nb_computer_name"] == "SRV"
    assert "ntlm.success" not in ntlm
    (call,) = played.of("dce_rpc")
    assert call["dce_rpc.auth"] == "ntlm"
    assert call["dce_rpc.auth_level"] == "privacy"


def test_the_mapper_names_a_listener() -> None:
    sessions = Sessions({"dce_rpc": dce_rpc.PROTOCOL}, Losses())
    flow = a_flow(135)
    sessions.begin(1, flow, common_of(flow), "C1", "dce_rpc")
    said = [
        (0, words.bind(EPMAPPER)),
        (0, words.request(3)),
        (1, words.response(mapped(tower(49_700), tower(49_701, "0.0.0.0")))),
    ]
    for side, data in said:
        sessions.data(1, side, data, START)
    assert set(sessions.expected) == {("192.0.2.9", 49_700), (flow.destination, 49_701)}
    coming = a_flow(49_700, destination="192.0.2.9")
    sessions.begin(2, coming, common_of(coming), "C2")
    assert sessions.protocol(2) == "dce_rpc"


def test_one_side_and_turned() -> None:
    said = [(0, words.bind(words.SVCCTL)), (0, words.request(15)), (1, words.response())]
    (asked,) = play(dce_rpc.PROTOCOL, said[:2], FLOW).of("dce_rpc")
    assert asked["event.outcome"] == "unknown"
    answered = play(dce_rpc.PROTOCOL, said[2:], FLOW)
    assert answered.events == []
    assert answered.losses == {"dce_rpc.answer_alone": 1}
    turned = [(1, words.bind_ack()), *((1 - side, data) for side, data in said)]
    (one,) = play(dce_rpc.PROTOCOL, [(0, turned[0][1]), *turned[1:]], FLOW).of("dce_rpc")
    assert one["source.port"] == 49_664


def test_a_gap_is_stepped_over() -> None:
    sessions = Sessions({"dce_rpc": dce_rpc.PROTOCOL}, Losses())
    sessions.begin(1, FLOW, common_of(FLOW), "C1", "dce_rpc")
    sessions.data(1, 0, words.bind(words.SVCCTL) + words.request(15)[:20], START)
    sessions.gap(1, 0, 100, START)
    sessions.data(1, 0, b"rest" + words.request(16, call=2), START)
    sessions.data(1, 1, words.response(call=2), START)
    sessions.end(1, START)
    (one,) = checked(sessions, [dce_rpc.PROTOCOL])
    assert one["dce_rpc.operation"] == "OpenServiceW"


def datagram(
    kind: int,
    opnum: int,
    body: bytes,
    sequence: int,
    *,
    flags: int = 0x08,
    part: int = 0,
    big: bool = False,
) -> bytes:
    order = ">" if big else "<"
    raw = SAMR.bytes if big else SAMR.bytes_le
    head = struct.pack("BBBB3sB", 4, kind, flags, 0, b"\0\0\0" if big else b"\x10\0\0", 0)
    head += bytes(16) + raw + bytes(range(16))
    head += struct.pack(
        order + "IIIHHHHHBB", 0, 1, sequence, opnum, 0xFFFF, 0xFFFF, len(body), part, 0, 0
    )
    return head + body


@pytest.mark.parametrize("big", [False, True])
def test_over_udp(big: bool) -> None:
    flow = a_flow(135, transport="udp")
    said = [
        (0, datagram(0, 0, b"a" * 20, 1, big=big)),
        (1, datagram(2, 0, b"b" * 30, 1, big=big)),
        (0, datagram(0, 1, b"a", 2, big=big)),
        (0, datagram(0, 1, b"a", 2, big=big)),
        (1, datagram(3, 1, bytes(4), 2, big=big)),
        (0, datagram(0, 5, b"", 3, big=big)),
    ]
    for _, data in said:
        assert dce_rpc.recognises(data, 0, flow)
    found = play(dce_rpc.PROTOCOL, said, flow).of("dce_rpc")
    assert [one["dce_rpc.operation"] for one in found] == [
        "SamrConnect",
        "SamrCloseHandle",
        "SamrLookupDomainInSamServer",
    ]
    assert [one["event.outcome"] for one in found] == ["success", "failure", "unknown"]
    assert found[0]["dce_rpc.response_bytes"] == 30
    assert found[0]["dce_rpc.activity_id"]


def test_recognition() -> None:
    assert dce_rpc.recognises(words.bind(SAMR), 0, FLOW)
    assert dce_rpc.recognises(words.bind_ack(), 1, FLOW)
    assert dce_rpc.recognises(words.request(3), 0, FLOW)
    assert not dce_rpc.recognises(b"\5\1\0", 0, FLOW)  # SOCKS
    assert not dce_rpc.recognises(b"\5\2\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 0, FLOW)
    assert not dce_rpc.recognises(b"\4\0" + bytes(90), 0, a_flow(53, "udp"))


SAID = [
    (0, words.bind(EPMAPPER, SAMR, auth=words.ntlm_negotiate())),
    (1, words.bind_ack(auth=words.ntlm_challenge())),
    (0, words.pdu(16, bytes(4), auth=words.ntlm_authenticate())),
    (0, words.request(3, call=2)),
    (1, words.response(mapped(tower(49_700)), call=2)),
    (0, words.request(5, call=3, context=1)),
    (1, words.fault(5, 3)),
]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_mutants_never_raise(data: st.DataObject) -> None:
    said = list(SAID)
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(said) - 1))
        side, raw = said[number]
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        change = data.draw(st.binary(max_size=4))
        said[number] = (side, raw[:at] + change + raw[at + data.draw(st.integers(0, 4)) :])
    played = play(dce_rpc.PROTOCOL, said, FLOW, piece=data.draw(st.sampled_from([0, 13])))
    assert "dce_rpc.parser_error" not in played.losses


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=200)), max_size=6), st.booleans())
def test_noise_never_raises(said: list[tuple[int, bytes]], udp: bool) -> None:
    flow = a_flow(135, transport="udp" if udp else "tcp")
    start = b"\4\0\0\0\x10\0\0\0" if udp else b"\5\0\0\3\x10\0\0\0\x40\0"
    played = play(dce_rpc.PROTOCOL, [(side, start + raw) for side, raw in said], flow)
    assert "dce_rpc.parser_error" not in played.losses


@pytest.mark.parametrize(
    "name",
    [
        "lateral_movement__empire_psexec_dcerpc_tcp_svcctl",
        "lateral_movement__empire_wmi_dcerpc_wmi_IWbemServices_ExecMethod",
    ],
)
def test_operations_as_tshark_sees_them(
    bench: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    path = bench(f"attacks/lateral/{name}.pcap.zst")
    plain = tmp_path / "one.pcap"
    wanted = "dcerpc.pkt_type==0 && dcerpc.cn_flags.first_frag==1"
    command = ["tshark", "-r", str(plain), "-Y", wanted, "-T", "fields", "-e", "dcerpc.opnum"]
    try:
        subprocess.run(["zstd", "-qdf", str(path), "-o", str(plain)], check=True)
        seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        pytest.skip("zstd or tshark is missing")
    theirs = Counter(int(word) for word in seen.replace(",", "\n").split())
    ours = Counter(
        one["dce_rpc.opnum"] for one in play_capture(path, [dce_rpc.PROTOCOL]).of("dce_rpc")
    )
    assert theirs
    assert ours == theirs
