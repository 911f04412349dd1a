"""Mail as it streams by: header fields, parts, dots."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.wire.dotted import Dotted
from sensors.wire.mail_headers import addresses_in, decoded, fields_of, listed, mailboxes, parameter
from sensors.wire.mime import MailReader
from sensors.wire.sasl import user_of


class Kept:
    """A sink that keeps what it gets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = b""
        self.lost = 0
        self.over = False

    def write(self, data: bytes) -> None:
        self.data += data

    def skip(self, size: int) -> None:
        self.lost += size

    def end(self, time: int) -> None:
        self.over = True


def read(raw: bytes, piece: int = 0) -> tuple[MailReader, list[Kept]]:
    sinks: list[Kept] = []

    def open_file(time: int, name: str) -> Kept:
        sinks.append(Kept(name))
        return sinks[-1]

    reader = MailReader(open_file)
    for at in range(0, len(raw), piece or len(raw) or 1):
        reader.feed(raw[at : at + (piece or len(raw))], 0)
    reader.end(0)
    assert all(sink.over for sink in sinks)
    return reader, sinks


@pytest.mark.parametrize("piece", [0, 1, 7, 100])
def test_parts_of_a_nested_mail(piece: int) -> None:
    mail = EmailMessage()
    mail["Subject"] = "你好"
    mail.set_content("text é\n" * 5, cte="quoted-printable")
    mail.add_alternative("<p>hi</p>", subtype="html")
    mail.add_attachment(
        bytes(range(256)), maintype="application", subtype="zip", filename="表 1.zip"
    )
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("inside")
    mail.add_attachment(inner)
    reader, sinks = read(mail.as_bytes().replace(b"\n", b"\r\n"), piece)
    assert [sink.name for sink in sinks] == ["", "", "表 1.zip", ""]
    assert sinks[0].data == "text é\r\n".encode() * 5
    assert sinks[2].data == bytes(range(256))
    assert sinks[3].data.strip() == b"inside"
    assert decoded(dict(reader.fields)["SUBJECT"]) == "你好"


def test_a_mail_without_header_and_one_without_body() -> None:
    assert read(b"\r\njust text")[1][0].data == b"just text"
    assert read(b"Subject: x")[0].fields == [("SUBJECT", "x")]
    assert read(b"")[1] == []


def test_depth_is_bounded() -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(50)
    )
    reader, sinks = read(raw + b"\r\nx")
    assert reader.parts <= 256
    assert len(sinks) <= 1


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"--b",
                b"--b--",
                b"\r\n",
                b"\n",
                b"Content-Type: multipart/x; boundary=b",
                b"Content-Transfer-Encoding: base64",
                b"QUJD=",
                b"=3D=",
                b"Content-Type: message/rfc822",
                b"a: b",
                b"\xff",
            ]
        )
    ),
    st.integers(1, 9),
)
def test_pieces_of_any_mail_give_the_same(parts: list[bytes], piece: int) -> None:
    raw = b"\r\n".join(parts)
    whole = [(sink.name, sink.data) for sink in read(raw)[1]]
    assert [(sink.name, sink.data) for sink in read(raw, piece)[1]] == whole


def test_header_fields() -> None:
    assert fields_of(b"A: 1\r\n 2\r\nB:\t3\r\nnonsense\r\n") == [("A", "1 2"), ("B", "3")]
    assert decoded("=?utf-8?Q?a=5Fb?= =?gb2312?B?1tA=?= x") == "a_b中 x"
    assert decoded("=?nonsense?B?AAAA?=") == "=?nonsense?B?AAAA?="
    for odd in ("zlib", "rot13", "undefined", "unicode_escape", "utf-7", "a\0b"):
        assert decoded(f"=?{odd}?Q?x?=") == f"=?{odd}?Q?x?="
        assert parameter(f"a; filename*={odd}''x", "filename") == "x"
    assert listed('"A, B" <a@b.c>, d@e.f') == ['"A, B" <a@b.c>', "d@e.f"]
    assert mailboxes("A <a@b.c>, a@b.c; d@e.f") == ["a@b.c", "d@e.f"]
    assert addresses_in("from x [10.0.0.1] (999.1.1.1) by 1.2.3.4.5") == ["10.0.0.1"]
    assert addresses_in("from x ([IPv6:2001:DB8::1]) by y [::ffff]") == ["2001:db8::1", "::ffff"]
    assert parameter('text/plain; name="a;b.txt"; x=y', "name") == "a;b.txt"
    assert parameter("a; filename*=utf-8''%E8%A1%A8.xls", "filename") == "表.xls"
    assert parameter("a; filename*0=a; filename*1=b.txt", "filename") == "ab.txt"
    assert parameter("a/b", "filename") == ""


def test_dots() -> None:
    dotted = Dotted()
    assert dotted.take(b"..a\r\n.b\r\n.\r\nnext") == (b".a\r\nb\r\n", 12)
    assert dotted.over
    assert Dotted().take(b"half a line") == (b"", 0)


def test_names_of_log_ins() -> None:
    assert user_of("PLAIN", b"AGxpAHB3") == "li"
    assert user_of("CRAM-MD5", b"bGkgYWJjZA==") == "li"
    assert user_of("XOAUTH2", b"dXNlcj1saQFhdXRoPUJlYXJlciB4AQE=") == "li"
    assert user_of("SCRAM-SHA-1", b"biwsbj1saSxyPXg=") == "li"
    assert user_of("NTLM", b"!!!") == ""
