"""WireGuard, OpenVPN and IKE: tunnels by their handshakes."""

from __future__ import annotations

from sensors.protocols import ike, openvpn, wireguard
from tests.sensors.protocols import tunnel_talks as talks
from tests.sensors.protocols.data_talks import C, S
from tests.sensors.protocols.playing import a_flow, play


def test_a_wireguard_tunnel_is_one_event() -> None:
    events = play(wireguard.PROTOCOL, talks.WIREGUARD, a_flow(51820, "udp")).of("wireguard")
    assert len(events) == 1
    assert events[0]["wireguard.established"] is True
    assert events[0]["wireguard.initiations"] == events[0]["wireguard.responses"] == 1
    assert events[0]["wireguard.keepalives"] == 1


def test_an_unanswered_wireguard_handshake() -> None:
    events = play(wireguard.PROTOCOL, talks.WIREGUARD[:1] * 5, a_flow(51820, "udp")).events
    assert events[0]["wireguard.established"] is False
    assert events[0]["wireguard.initiations"] == 5


def test_an_openvpn_tunnel_over_both_transports() -> None:
    for said, transport in ((talks.OPENVPN, "udp"), (talks.in_stream(talks.OPENVPN), "tcp")):
        events = play(openvpn.PROTOCOL, said, a_flow(1194, transport)).of("openvpn")
        assert len(events) == 1
        assert events[0]["openvpn.established"] is True
        assert events[0]["openvpn.control_protection"] == "tls-auth"
        assert events[0]["openvpn.hmac_bits"] == 160
        assert events[0]["openvpn.session_id.server"] == b"ABCDEFGH".hex()


def test_openvpn_without_an_answer_and_without_tls_auth() -> None:
    reset = b"\x38" + b"abcdefgh" + bytes(5)
    events = play(openvpn.PROTOCOL, [(C, reset)] * 3, a_flow(1194, "udp")).events
    assert [e["openvpn.control_protection"] for e in events] == ["none"]
    assert events[0]["openvpn.answered"] is False


def test_tls_crypt_is_told_from_tls_auth() -> None:
    flow = a_flow(1194, "udp")
    crypt = b"\x38" + b"abcdefgh" + b"\0\0\0\1\x65\0\0\0" + b"h" * 32 + b"e" * 5
    auth = b"\x38" + b"abcdefgh" + b"h" * 32 + b"\0\0\0\1\x65\0\0\0" + bytes(5)
    found = [play(openvpn.PROTOCOL, [(C, data)], flow).events[0] for data in (crypt, auth)]
    assert [e["openvpn.control_protection"] for e in found] == ["tls-crypt", "tls-auth"]
    assert openvpn.PROTOCOL.recognises(crypt, C, flow)


def test_ike_version_2() -> None:
    events = play(ike.PROTOCOL, talks.IKE2, a_flow(500, "udp")).of("ike")
    assert [e["ike.role"] for e in events] == ["initiator", "responder"]
    assert "ike.alg_enc" not in events[0]
    chosen = events[1]
    assert chosen["ike.alg_enc"] == "ENCR_AES_CBC"
    assert chosen["ike.sa_key_length"] == 256
    assert chosen["ike.alg_dh"] == "Modp2048"
    assert chosen["ike.notify"] == ["NAT_DETECTION_SOURCE_IP"]
    assert chosen["ike.payload"][-1] == "NoNextPayload"


def test_ike_version_1_with_what_was_chosen_remembered() -> None:
    events = play(ike.PROTOCOL, talks.IKE1, a_flow(500, "udp")).of("ike")
    assert [e["ike.encrypted_payloads"] for e in events] == [False, False, True]
    assert events[0]["ike.vendor_ids"] == ["4a131c8107035845"]
    assert events[2]["ike.alg_enc"] == "EncAesCbc"
    assert events[2]["ike.sa_life_duration"] == 28800
    assert events[1]["ike.exchange_type_verbose"] == "Identity Protection"


def test_ike_behind_nat_among_esp() -> None:
    flow = a_flow(4500, "udp")
    said = [(side, bytes(4) + data) for side, data in talks.IKE2]
    said[1:1] = [(C, b"\xff"), (S, b"\x12\x34\x56\x78" + bytes(40))]
    assert len(play(ike.PROTOCOL, said, flow).events) == 2


def test_a_refused_proposal() -> None:
    notify = bytes.fromhex("0000000800000000")[:4] + b"\0\0\0\x0e"
    said = [(C, talks.IKE2[0][1]), (S, talks.ike2(41, notify, flags=0x20))]
    last = play(ike.PROTOCOL, said, a_flow(500, "udp")).events[-1]
    assert last["ike.notify"] == ["NO_PROPOSAL_CHOSEN"]
    assert last["event.outcome"] == "failure"


def test_a_name_server_at_the_port_of_tls_is_no_openvpn() -> None:
    answer = (
        bytes.fromhex("38ed81800001000100000000")
        + b"\x012\x09SeCUREdns\x05AVaSt\x03cOM\0\0\x10\0\1"
    )
    assert not openvpn.PROTOCOL.recognises(answer + bytes(30), S, a_flow(443, "udp"))


def test_a_cookie_reply_alone_is_wireguard() -> None:
    cookie = b"\3\0\0\0" + bytes(range(60))
    assert wireguard.PROTOCOL.recognises(cookie, 0, a_flow(41_641, "udp"))
    (event,) = play(wireguard.PROTOCOL, [(0, cookie)], a_flow(41_641, "udp")).of("wireguard")
    assert event["wireguard.cookies"] == 1
