"""Log-ons by NTLM and Kerberos in heads of HTTP."""

from __future__ import annotations

import base64

import pytest

from tests.sensors.packet.frames import Connection, Seen, sense
from tests.sensors.protocols import smb_words as words

CHALLENGE = words.ntlm_challenge()


def head(line: str, name: str = "", token: bytes = b"", scheme: str = "NTLM") -> bytes:
    value = f"{name}: {scheme} {base64.b64encode(token).decode()}\r\n" if name else ""
    length = "Content-Length: 0\r\n" if line.startswith("HTTP/") else ""
    return f"{line}\r\nHost: intra.example\r\n{value}{length}\r\n".encode()


def talk(*heads: bytes, size: int = 1400, **options: object) -> Seen:
    web = Connection().open()
    for place, one in enumerate(heads):
        web.say(place & 1, one, size)
    return sense(web.close().pcap(), **options)


def logon(status: int, *, proxy: bool = False, scheme: str = "NTLM") -> list[bytes]:
    asked, told = (
        ("Proxy-Authorization", "Proxy-Authenticate")
        if proxy
        else ("Authorization", "WWW-Authenticate")
    )
    refused = "HTTP/1.1 407 No" if proxy else "HTTP/1.1 401 No"
    tokens = [words.ntlm_negotiate(), CHALLENGE, words.ntlm_authenticate("王五", "GOV", "PC-1")]
    if scheme == "Negotiate":
        tokens = [
            words.spnego_init(tokens[0]),
            *(words.spnego_answer(one, 1) for one in tokens[1:]),
        ]
    return [
        head("GET /a HTTP/1.1"),
        f"{refused}\r\n{told}: {scheme}\r\nContent-Length: 0\r\n\r\n".encode(),
        head("GET /a HTTP/1.1", asked, tokens[0], scheme),
        head(refused, told, tokens[1], scheme),
        head("GET /a HTTP/1.1", asked, tokens[2], scheme),
        head(f"HTTP/1.1 {status} x"),
    ]


@pytest.mark.parametrize("size", [1400, 9])
@pytest.mark.parametrize("proxy", [False, True])
@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_a_logon_is_one_event(size: int, proxy: bool, scheme: str) -> None:
    seen = talk(*logon(200, proxy=proxy, scheme=scheme), size=size)
    (event,) = seen.of("ntlm")
    assert (event["user.name"], event["user.domain"]) == ("王五", "GOV")
    assert (event["ntlm.host"], event["ntlm.server_nb_computer_name"]) == ("PC-1", "SRV")
    assert (event["ntlm.success"], event["network.protocol"]) == (True, "ntlm")
    (flow,) = seen.of("flow")
    assert event["zeek.session_id"] == flow["zeek.session_id"]
    assert event["source.ip"] == flow["source.ip"]
    assert len(seen.of("http")) == 3


def test_a_refusal_and_what_nobody_answers() -> None:
    (refused,) = talk(*logon(401)).of("ntlm")
    assert refused["event.outcome"] == "failure"
    (open_ended,) = talk(*logon(200)[:-1]).of("ntlm")
    assert open_ended["user.name"] == "王五"
    assert open_ended["event.outcome"] == "unknown"


def test_a_ticket_shown_with_each_request_counts_once() -> None:
    token = words.spnego_init(words.kerberos_token("HTTP/intra.example"), words.KERBEROS_OID)
    ask = head("GET / HTTP/1.1", "Authorization", token, "Negotiate")
    seen = talk(ask, head("HTTP/1.1 200 OK"), ask, head("HTTP/1.1 200 OK"))
    (event,) = seen.of("kerberos")
    assert event["kerberos.service"] == "HTTP/intra.example"
    assert (event["kerberos.request_type"], event["event.outcome"]) == ("AP", "success")
    assert event["kerberos.cipher"] == "rc4-hmac"


@pytest.mark.parametrize(
    "value", ["Basic YWxpY2U6eA==", "NTLM", "Negotiate !!!!!!!!!!!!!!", "n" * 40]
)
def test_what_is_no_token_gives_nothing(value: str) -> None:
    ask = f"GET / HTTP/1.1\r\nAuthorization: {value}\r\n\r\n".encode()
    seen = talk(ask, head("HTTP/1.1 200 OK"))
    assert not seen.of("ntlm")
    assert not seen.of("kerberos")
    assert len(seen.of("http")) == 1


def test_log_ons_alone_may_be_asked_for() -> None:
    seen = talk(*logon(200), datasets=frozenset({"ntlm"}))
    assert [event["event.dataset"] for event in seen.events] == ["ntlm"]
    assert not talk(*logon(200), datasets=frozenset({"http"})).of("ntlm")


def test_behind_a_proxys_tunnel_the_next_protocol_is_recognised() -> None:
    heads = logon(200, proxy=True)
    heads[4] = heads[4].replace(b"GET /a", b"CONNECT h:22")
    heads[5] = b"HTTP/1.1 200 OK\r\n\r\n"
    seen = talk(*heads, b"SSH-2.0-OpenSSH_9.6\r\n", b"SSH-2.0-dropbear\r\n")
    assert len(seen.of("ntlm")) == 1
    assert len(seen.of("ssh")) == 1
