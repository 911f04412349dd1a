from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sensors.wire import ntlm, spnego
from tests.sensors.protocols import smb_words as words


def test_a_logon() -> None:
    logon = ntlm.Logon(5)
    assert logon.take(words.ntlm_negotiate()) == ntlm.NEGOTIATE
    assert logon.take(words.ntlm_challenge()) == ntlm.CHALLENGE
    assert logon.take(words.ntlm_authenticate("王五", "区政府", "PC-1")) == ntlm.AUTHENTICATE
    fields = logon.finished(False)
    assert fields["user.name"] == "王五"
    assert fields["user.domain"] == "区政府"
    assert fields["ntlm.host"] == "PC-1"
    assert fields["ntlm.version"] == "10.0 build 19041 rev 15"
    assert fields["ntlm.server_dns_domain_name"] == "dom.test"
    assert fields["event.outcome"] == "failure"
    assert set(fields) <= set(ntlm.FIELDS)


def test_spnego() -> None:
    token = spnego.parse(words.spnego_init(words.ntlm_negotiate()))
    assert (token.mechanism, token.inner) == ("ntlm", words.ntlm_negotiate())
    assert spnego.parse(words.ntlm_negotiate()).mechanism == "ntlm"
    answer = spnego.parse(words.spnego_answer(words.ntlm_challenge(), spnego.INCOMPLETE))
    assert (answer.state, ntlm.kind(answer.inner)) == (1, 2)
    assert spnego.parse(words.spnego_answer(state=2)).state == spnego.REJECTED
    assert spnego.parse(b"").mechanism == ""


def test_a_ticket() -> None:
    blob = words.spnego_init(words.kerberos_token(), words.KERBEROS_OID)
    found = spnego.parse(blob)
    assert found.mechanism == "kerberos"
    assert spnego.ticket(found.inner) == ("DOM.TEST", "cifs/srv.dom", 23)
    assert spnego.ticket(b"\x60\x03\6\1") == spnego.Ticket()


@given(
    st.binary(max_size=120),
    st.sampled_from([b"", ntlm.SIGNATURE, b"\x60\x20", b"\xa1\x10\x30\x0e"]),
)
def test_noise(data: bytes, start: bytes) -> None:
    token = spnego.parse(start + data)
    spnego.ticket(start + data)
    for number in (b"\2\0\0\0", b"\3\0\0\0"):
        ntlm.Logon(0).take(ntlm.SIGNATURE + number + token.inner)
