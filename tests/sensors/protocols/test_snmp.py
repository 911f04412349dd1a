from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.snmp import PROTOCOL
from tests.sensors.protocols.infra_talks import (
    ASK,
    TELL,
    number,
    oid,
    snmp,
    snmp3,
    snmp_pdu,
    tlv,
)  # fmt: skip
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(161, "udp")
DESCR = "1.3.6.1.2.1.1.1.0"
SAID = [
    (ASK, snmp(1, "public", snmp_pdu(0xA0, 7, 0, (DESCR, tlv(5))))),
    (TELL, snmp(1, "public", snmp_pdu(0xA2, 7, 0, (DESCR, tlv(4, b"Router"))))),
    (TELL, snmp(0, "mib", snmp_pdu(0xA2, 8, 2, (DESCR, tlv(5))))),
]


def test_each_message_is_an_event() -> None:
    asked, told, failed = play(PROTOCOL, SAID, FLOW).events
    assert asked["snmp.version"] == "2c"
    assert asked["snmp.community"] == "public"
    assert asked["snmp.default_community"] is True
    assert asked["snmp.pdu_type"] == "get_request"
    assert asked["snmp.oids"] == [DESCR]
    assert told["snmp.display_string"] == "Router"
    assert (failed["snmp.version"], failed["snmp.error"]) == ("1", "noSuchName")
    assert "snmp.default_community" not in failed


def test_a_trap_of_version_1() -> None:
    trap = tlv(
        0xA4,
        oid("1.3.6.1.4.1.9"),
        tlv(0x40, b"\xc0\0\2\1"),
        number(3),
        number(0),
        tlv(0x43, b"\1"),
        tlv(0x30),
    )
    (event,) = play(PROTOCOL, [(ASK, snmp(0, "private", trap))], FLOW).events
    assert event["snmp.pdu_type"] == "trap_v1"
    assert event["snmp.trap_type"] == "linkUp"
    assert event["snmp.trap_address"] == "192.0.2.1"
    assert event["snmp.trap_oid"] == "1.3.6.1.4.1.9"


def test_version_3_with_and_without_privacy() -> None:
    scoped = tlv(0x30, tlv(4, b"e"), tlv(4, b"ctx"), snmp_pdu(0xA1, 5, 0, (DESCR, tlv(5))))
    plain, sealed = play(
        PROTOCOL,
        [(ASK, snmp3("oper", 5, scoped)), (ASK, snmp3("oper", 7, tlv(4, b"x" * 30)))],
        FLOW,
    ).events
    assert plain["snmp.usm"] == plain["user.name"] == "oper"
    assert plain["snmp.security_level"] == "authNoPriv"
    assert plain["snmp.pdu_type"] == "get_next_request"
    assert plain["snmp.engine_id"] == "80001f8804"
    assert sealed["snmp.encrypted"] is True
    assert sealed["snmp.security_level"] == "authPriv"


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)
    assert not PROTOCOL.recognises(b"\x30\x03\x02\x01\x01", 0, FLOW)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\x30\x40\x02\x01\x00\x04\x01a\xa4" + data, FLOW)
