from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.ldap import PROTOCOL
from tests.sensors.protocols import smb_words as words
from tests.sensors.protocols.dissected import dissected
from tests.sensors.protocols.infra_talks import (
    ASK,
    TELL,
    bind,
    entry,
    equal,
    ldap,
    ldap_result,
    number,
    sasl_bind,
    search,
    tlv,
)  # fmt: skip
from tests.sensors.protocols.playing import a_flow, play, play_capture
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

TCP = a_flow(389)
UDP = a_flow(389, "udp")
FILTER = tlv(0xA0, equal("objectClass", "user"), equal("a", "1"), tlv(0xA2, tlv(0x87, b"mail")))
SAID = [
    (ASK, ldap(1, bind("cn=admin,dc=example,dc=gov", "secret"))),
    (TELL, ldap(1, ldap_result(0x61, 49, "80090308"))),
    (ASK, ldap(2, search("dc=example,dc=gov", 2, FILTER, "cn", "mail"), wide=True)),
    (TELL, ldap(2, entry("cn=a", 300)) + ldap(2, entry("cn=b")) + ldap(2, ldap_result(0x65, 0))),
    (ASK, ldap(3, tlv(0x4A, b"cn=old,dc=example,dc=gov")) + ldap(4, tlv(0x42))),
    (TELL, ldap(3, ldap_result(0x6B, 50))),
]


def test_a_bind_keeps_the_name_and_never_the_password() -> None:
    event = play(PROTOCOL, SAID, TCP).events[0]
    assert event["ldap.operation"] == "bind simple"
    assert event["ldap.object"] == "cn=admin,dc=example,dc=gov"
    assert event["user.name"] == "admin"
    assert event["ldap.argument"] == "REDACTED"
    assert event["ldap.password_seen"] is True
    assert (event["ldap.result"], event["ldap.result_code"]) == ("invalid credentials", 49)
    assert event["ldap.diagnostic_message"] == "80090308"
    assert event["event.outcome"] == "failure"
    assert "secret" not in str(event)


def test_a_search_has_its_filter_and_counts_its_entries() -> None:
    event = play(PROTOCOL, SAID, TCP).events[1]
    assert event["ldap.operation"] == "search"
    assert event["ldap.base_object"] == "dc=example,dc=gov"
    assert event["ldap.scope"] == "tree"
    assert event["ldap.deref_aliases"] == "never"
    assert event["ldap.filter"] == "(&(&(objectClass=user)(a=1))(!(mail=*)))"
    assert event["ldap.attributes"] == ["cn", "mail"]
    assert event["ldap.result_count"] == 2
    assert event["ldap.result"] == "success"


def test_delete_and_unbind() -> None:
    unbind, delete = play(PROTOCOL, SAID, TCP).events[2:]
    assert unbind["ldap.operation"] == "unbind"
    assert (delete["ldap.operation"], delete["ldap.object"]) == (
        "delete",
        "cn=old,dc=example,dc=gov",
    )
    assert delete["ldap.result"] == "insufficient access rights"


def test_filters_of_every_kind() -> None:
    pieces = tlv(0x30, tlv(0x80, b"a"), tlv(0x81, b"b"), tlv(0x82, b"c"))
    bits = (
        tlv(0x81, b"1.2.840.113556.1.4.803"),
        tlv(0x82, b"userAccountControl"),
        tlv(0x83, b"2"),
        tlv(0x84, b"\0"),
    )
    kinds = {
        "(cn=a*b*c)": tlv(0xA4, tlv(4, b"cn"), pieces),
        "(userAccountControl:1.2.840.113556.1.4.803:=2)": tlv(0xA9, *bits),
        "(n>=1)": tlv(0xA5, tlv(4, b"n"), tlv(4, b"1")),
        "(n<=1)": tlv(0xA6, tlv(4, b"n"), tlv(4, b"1")),
        "(n~=1)": tlv(0xA8, tlv(4, b"n"), tlv(4, b"1")),
        "(NtVer=0x00000016)": tlv(0xA3, tlv(4, b"NtVer"), tlv(4, b"\x16\0\0\0")),
        "(x=\\ff\\00)": tlv(0xA3, tlv(4, b"x"), tlv(4, b"\xff\0")),
        "(|(a=1))": tlv(0xA1, equal("a", "1")),
    }
    for shown, data in kinds.items():
        events = play(PROTOCOL, [(ASK, ldap(1, search("", 0, data)))], TCP).events
        assert events[0]["ldap.filter"] == shown


def test_a_filter_nested_without_end_is_refused() -> None:
    deep = equal("a", "1")
    for _ in range(100):
        deep = tlv(0xA2, deep)
    played = play(PROTOCOL, [(ASK, ldap(1, search("", 0, deep)))], TCP)
    assert played.losses == {"ldap.malformed": 1}


def test_a_modify_names_attributes_without_values() -> None:
    change = tlv(
        0x30, number(2, 0x0A), tlv(0x30, tlv(4, b"unicodePwd"), tlv(0x31, tlv(4, b"Geheim")))
    )
    request = tlv(0x66, tlv(4, b"cn=u"), tlv(0x30, change))
    (event,) = play(
        PROTOCOL, [(ASK, ldap(9, request)), (TELL, ldap(9, ldap_result(0x67, 0)))], TCP
    ).events
    assert event["ldap.operation"] == "modify"
    assert event["ldap.object"] == "cn=u"
    assert event["ldap.attributes"] == ["unicodePwd"]
    assert "Geheim" not in str(event)


def test_start_tls_hands_the_flow_on() -> None:
    asked = tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.1466.20037"))
    said = [(ASK, ldap(1, asked)), (TELL, ldap(1, ldap_result(0x78, 0))), (ASK, b"\x16\3\1\0\1\1")]
    played = play(PROTOCOL, said, TCP)
    assert played.events[0]["ldap.object"] == "1.3.6.1.4.1.1466.20037 (StartTLS)"
    assert played.losses == {}


def test_signed_tokens_are_read_and_sealed_ones_end_it() -> None:
    inner = ldap(8, search("dc=x", 0, equal("a", "1")))
    token = b"\x05\x04\x05\xff\0\x0c\0\x0c" + b"\0" * 8 + b"s" * 12 + inner
    bound = [(ASK, ldap(7, sasl_bind("GSS-SPNEGO"))), (TELL, ldap(7, ldap_result(0x61, 0)))]
    said = [*bound, (ASK, len(token).to_bytes(4, "big") + token)]
    events = play(PROTOCOL, said, TCP).events
    assert [event["ldap.operation"] for event in events] == ["bind SASL", "search"]
    assert events[0]["ldap.argument"] == "GSS-SPNEGO"
    same_in_pieces(PROTOCOL, said, TCP)
    sealed = b"\x05\x04\x07\xff\0\0\0\x1c" + b"\x99" * 60
    said = [*bound, (ASK, len(sealed).to_bytes(4, "big") + sealed)]
    assert len(play(PROTOCOL, said, TCP).events) == 1
    same_in_pieces(PROTOCOL, said, TCP)


def test_a_bind_by_ntlm_or_kerberos_is_an_event_of_its_own() -> None:
    said = [
        (ASK, ldap(1, sasl_bind("GSS-SPNEGO", words.spnego_init(words.ntlm_negotiate())))),
        (TELL, ldap(1, ldap_result(0x61, 14, "", words.spnego_answer(words.ntlm_challenge(), 1)))),
        (
            ASK,
            ldap(2, sasl_bind("GSS-SPNEGO", words.spnego_answer(words.ntlm_authenticate("bob")))),
        ),
        (TELL, ldap(2, ldap_result(0x61, 49, "", words.spnego_answer(state=2)))),
        (ASK, ldap(3, sasl_bind("GSSAPI", words.kerberos_token("ldap/dc.dom.test", 18)))),
        (TELL, ldap(3, ldap_result(0x61, 0))),
    ]
    played = play(PROTOCOL, said, TCP)
    (logon,) = played.of("ntlm")
    assert (logon["user.name"], logon["ntlm.success"]) == ("bob", False)
    assert logon["ntlm.server_nb_computer_name"] == "SRV"
    (shown,) = played.of("kerberos")
    assert (shown["kerberos.service"], shown["kerberos.realm"]) == ("ldap/dc.dom.test", "DOM.TEST")
    assert (shown["kerberos.request_type"], shown["kerberos.success"]) == ("AP", True)
    assert (shown["network.protocol"], shown["kerberos.weak_encryption"]) == ("kerberos", False)
    assert len(played.of("ldap")) == 3
    same_in_pieces(PROTOCOL, said, TCP)


def test_an_older_bind_by_ntlm_has_its_challenge_in_the_name() -> None:
    def sicily(tag: int, token: bytes) -> bytes:
        return tlv(0x60, number(3), tlv(4), tlv(tag, token))

    challenge = tlv(0x61, number(0, 0x0A), tlv(4, words.ntlm_challenge()), tlv(4))
    said = [
        (ASK, ldap(1, sicily(0x8A, words.ntlm_negotiate()))),
        (TELL, ldap(1, challenge)),
        (ASK, ldap(2, sicily(0x8B, words.ntlm_authenticate("bob")))),
        (TELL, ldap(2, ldap_result(0x61, 0))),
    ]
    (logon,) = play(PROTOCOL, said, TCP).of("ntlm")
    assert (logon["user.name"], logon["ntlm.success"]) == ("bob", True)
    assert logon["ntlm.server_nb_computer_name"] == "SRV"


def test_an_entry_longer_than_any_buffer_is_counted_and_stepped_over() -> None:
    big = b"\x64\x84" + (1_000_000).to_bytes(4, "big") + b"\4\6cn=big" + b"v" * (1_000_000 - 8)
    whole = b"\x30\x84" + (len(big) + 3).to_bytes(4, "big") + number(2) + big
    said = [
        (ASK, ldap(2, search("", 0, equal("a", "1")))),
        (TELL, whole + ldap(2, ldap_result(0x65, 0))),
    ]
    (event,) = play(PROTOCOL, said, TCP, piece=1400).events
    assert event["ldap.result_count"] == 1
    assert event["ldap.result"] == "success"


def test_laws() -> None:
    same_in_pieces(PROTOCOL, SAID, TCP)
    survives(PROTOCOL, SAID, TCP)
    survives(PROTOCOL, SAID, UDP)
    assert all(PROTOCOL.recognises(data, side, TCP) for side, data in SAID)
    told = play(PROTOCOL, [one for one in SAID if one[0] == TELL], TCP).events
    assert [event["ldap.result_code"] for event in told] == [49, 0, 50]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, TCP)
    survives_garbage(PROTOCOL, b"\x30\x40\x02\x01\x01\x63" + data, UDP)


def test_a_capture_of_reconnaissance_as_tshark_sees_it(
    bench: Callable[[str], Path], tmp_path: Path
) -> None:
    path = bench("attacks/lateral/lateral_movement__purplesharp_ad_playbook_I.pcap.zst")
    lines = dissected(
        path, tmp_path, "ldap.filter", "ldap.messageID", "ldap.baseObject", "ldap.filter"
    )
    searches = [
        e for e in play_capture(path, [PROTOCOL]).events if e.get("ldap.operation") == "search"
    ]
    assert {(str(e["ldap.message_id"]), e.get("ldap.base_object", "")) for e in searches} >= {
        (first.split(",")[-1], base.split(",DC=nothing")[0]) for first, base, _ in lines if base
    }
    assert len(searches) == len(lines)
