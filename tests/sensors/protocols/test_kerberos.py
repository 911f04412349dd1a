from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.kerberos import PROTOCOL
from tests.sensors.protocols.dissected import dissected
from tests.sensors.protocols.infra_talks import (
    ASK,
    TELL,
    framed,
    kdc_error,
    kdc_reply,
    kdc_request,
)  # fmt: skip
from tests.sensors.protocols.playing import a_flow, play, play_capture
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

TGT = ("krbtgt", "EXAMPLE.GOV")
SAID = [
    (ASK, framed(kdc_request(0x6A, "li.wei", TGT, (18, 17, 23)))),
    (TELL, framed(kdc_error(25))),
    (ASK, framed(kdc_request(0x6A, "li.wei", TGT, (18, 17, 23), 78))),
    (TELL, framed(kdc_reply(0x6B, "li.wei", TGT, 18, 18))),
    (ASK, framed(kdc_request(0x6C, "", ("MSSQLSvc", "db.example.gov"), (23,), 79))),
    (TELL, framed(kdc_reply(0x6D, "li.wei", ("MSSQLSvc", "db.example.gov"), 23, 18))),
]
TCP = a_flow(88)
UDP = a_flow(88, "udp")


def test_each_exchange_is_an_event_with_client_service_and_result() -> None:
    refused, granted, service = play(PROTOCOL, SAID, TCP).events
    assert refused["kerberos.error"] == refused["kerberos.error_code"] == "KDC_ERR_PREAUTH_REQUIRED"
    assert refused["event.outcome"] == "failure"
    assert granted["kerberos.client"] == "li.wei/EXAMPLE.GOV"
    assert granted["kerberos.service"] == "krbtgt/EXAMPLE.GOV"
    assert granted["kerberos.request_type"] == "AS"
    assert granted["kerberos.success"] is True
    assert granted["kerberos.till"] == "2037-09-13T02:48:05.000000Z"
    assert (granted["kerberos.forwardable"], granted["kerberos.renewable"]) == (True, True)
    assert granted["kerberos.ciphers"][0] == "aes256-cts-hmac-sha1-96"
    assert granted["kerberos.padata"] == ["PA-PAC-REQUEST"]
    assert service["kerberos.request_type"] == "TGS"
    assert service["kerberos.client"] == "li.wei/EXAMPLE.GOV"  # of the reply
    assert service["kerberos.ciphers"] == ["rc4-hmac"]
    assert service["kerberos.cipher"] == "rc4-hmac"
    assert service["kerberos.weak_encryption"] is True


def test_the_servers_own_words_stand_before_the_name_of_the_number() -> None:
    played = play(PROTOCOL, [(TELL, kdc_error(6, "CLIENT_NOT_FOUND"))], UDP)
    assert played.events[0]["kerberos.error"] == "CLIENT_NOT_FOUND"
    assert played.events[0]["kerberos.error_code"] == "KDC_ERR_C_PRINCIPAL_UNKNOWN"


def test_datagrams_sent_again_are_one_exchange() -> None:
    request = kdc_request(0x6A, "li.wei", TGT, (18,))
    reply = kdc_reply(0x6B, "li.wei", TGT, 18, 18)
    assert len(play(PROTOCOL, [(ASK, request), (ASK, request), (TELL, reply)], UDP).events) == 1


def test_one_side_alone_shows_what_it_says() -> None:
    asked = play(PROTOCOL, [one for one in SAID if one[0] == ASK], TCP).events
    assert [event["kerberos.request_type"] for event in asked] == ["AS", "AS", "TGS"]
    assert "kerberos.success" not in asked[0]
    told = play(PROTOCOL, [one for one in SAID if one[0] == TELL], TCP).events
    assert [event["kerberos.success"] for event in told] == [False, True, True]


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, TCP)
    survives(PROTOCOL, SAID, TCP)
    survives(PROTOCOL, [(side, data[4:]) for side, data in SAID], UDP)
    for side, data in SAID:
        assert PROTOCOL.recognises(data, side, TCP)
        assert PROTOCOL.recognises(data[4:], side, UDP)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, TCP)
    survives_garbage(PROTOCOL, b"\x6a" + data, UDP)


def test_a_capture_of_kerberoasting_as_tshark_sees_it(
    bench: Callable[[str], Path], tmp_path: Path
) -> None:
    path = bench("attacks/lateral/lateral_movement__purplesharp_ad_playbook_I.pcap.zst")
    names = ("kerberos.CNameString", "kerberos.SNameString")
    lines = dissected(path, tmp_path, "kerberos.msg_type==13", *names)
    seen = sorted((client, service.replace(",", "/")) for client, service in lines)
    events = play_capture(path, [PROTOCOL]).events
    mine = sorted(
        (e["user.name"], e["kerberos.service"]) for e in events if e.get("kerberos.success")
    )
    assert mine == seen
    assert sum(e["kerberos.cipher"] == "rc4-hmac" for e in events) == 5
