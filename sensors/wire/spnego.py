"""GSS-API tokens: SPNEGO (RFC 4178) around NTLM or Kerberos, or either of them bare."""

from __future__ import annotations

from typing import Final, NamedTuple

from sensors.protocol import WireError
from sensors.wire import ber
from sensors.wire.reader import text

_SPNEGO: Final = bytes.fromhex("2b0601050502")
MECHANISMS: Final = {
    bytes.fromhex("2a864886f712010202"): "kerberos",
    bytes.fromhex("2a864882f712010202"): "kerberos",  # as Windows 2000 misspelt it
    bytes.fromhex("2a864886f71201020203"): "kerberos",  # user to user
    bytes.fromhex("2b06010401823702020a"): "ntlm",
    bytes.fromhex("2b06010401823702021e"): "negoex",
}
_APPLICATION: Final = 0x60
_REQUEST: Final = 0x6E  # a bare AP-REQ, as DCE/RPC has it
_INIT: Final = 0xA0
_RESPONSE: Final = 0xA1
_NTLM: Final = b"NTLMSSP\0"

ACCEPTED: Final = 0
INCOMPLETE: Final = 1
REJECTED: Final = 2


class Token(NamedTuple):
    """What a token says.

    Attributes:
        mechanism: of the inner token or the first that is offered: `kerberos`, `ntlm`, `negoex`, "".
        inner: the mechanism's own token, b"" where there is none.
        state: SPNEGO's negState, None where it has none.
        offered: all mechanisms that are offered.
    """

    mechanism: str
    inner: bytes
    state: int | None = None
    offered: tuple[str, ...] = ()


_NOTHING: Final = Token("", b"")


def parse(blob: bytes) -> Token:
    """Read a security blob; an empty Token where it is none that we know."""
    if blob.startswith(_NTLM):
        return Token("ntlm", blob)
    if not blob:
        return _NOTHING
    try:
        if blob[0] == _APPLICATION:
            return _application(blob)
        if blob[0] == _RESPONSE:
            return _response(blob, 0)
        if blob[0] == _INIT:
            return _init(blob, 0)
        if blob[0] == _REQUEST:
            return Token("kerberos", blob)
    except WireError:
        pass
    at = blob.find(_NTLM, 0, 4096)  # in a wrapping that we do not read
    return Token("ntlm", blob[at:]) if at >= 0 else _NOTHING


def _application(blob: bytes) -> Token:
    outer = ber.head(blob)
    if outer is None:
        return _NOTHING
    name = ber.expect(blob, outer.start, len(blob), ber.OBJECT)
    kind = ber.content(blob, name)
    if kind != _SPNEGO:
        return Token(MECHANISMS.get(kind, ""), blob)
    return _init(blob, name.end) if blob[name.end] == _INIT else _response(blob, name.end)


def _members(blob: bytes, at: int) -> dict[int, ber.Item]:
    """Members of the SEQUENCE inside a context tag; a cut last one is taken as far as it is there."""
    outer = ber.head(blob, at)
    inner = ber.head(blob, outer.start) if outer else None
    if inner is None or inner.tag != ber.SEQUENCE:
        return {}
    found: dict[int, ber.Item] = {}
    at, end = inner.start, min(inner.end, len(blob))
    while at < end and len(found) < 8:
        one = ber.head(blob, at)
        if one is None:
            break
        found.setdefault(one.tag, one)
        at = one.end
    return found


def _octets(blob: bytes, one: ber.Item | None) -> bytes:
    inner = ber.head(blob, one.start) if one else None
    return blob[inner.start : inner.end] if inner and inner.tag == ber.OCTETS else b""


def _init(blob: bytes, at: int) -> Token:
    found = _members(blob, at)
    offered: list[str] = []
    types = found.get(0xA0)
    inner = ber.head(blob, types.start) if types else None
    if inner:
        for one in ber.items(blob, inner.start, min(inner.end, len(blob)), 16):
            name = MECHANISMS.get(ber.content(blob, one), "")
            if name and name not in offered:
                offered.append(name)
    token = _octets(blob, found.get(0xA2))
    return Token(_of(token, offered[0] if offered else ""), token, None, tuple(offered))


def _response(blob: bytes, at: int) -> Token:
    found = _members(blob, at)
    state = None
    if 0xA0 in found:
        one = ber.head(blob, found[0xA0].start)
        state = blob[one.start] if one and one.start < len(blob) else None
    name = ""
    if 0xA1 in found:
        one = ber.head(blob, found[0xA1].start)
        name = MECHANISMS.get(ber.content(blob, one), "") if one else ""
    token = _octets(blob, found.get(0xA2))
    return Token(_of(token, name), token, state, (name,) if name else ())


def _of(token: bytes, name: str) -> str:
    """Mechanism of an inner token: by itself where it tells."""
    if token.startswith(_NTLM):
        return "ntlm"
    if token[:1] == b"\x60":
        inner = ber.head(token)
        if inner:
            one = ber.head(token, inner.start)
            if one and one.tag == ber.OBJECT:
                return MECHANISMS.get(ber.content(token, one), name)
    return name


class Ticket(NamedTuple):
    """What can be read of a ticket: "" and None where it is none.

    Attributes:
        cipher: number of the encryption type under which the service reads it.
    """

    realm: str = ""
    service: str = ""
    cipher: int | None = None


def ticket(token: bytes) -> Ticket:
    """The ticket in a Kerberos token (RFC 4121 §4.1 around an AP-REQ, or that alone)."""
    try:
        outer = ber.head(token)
        if outer is None or outer.tag not in {_APPLICATION, _REQUEST}:
            return Ticket()
        at = 0
        if outer.tag == _APPLICATION:
            at = ber.expect(token, outer.start, len(token), ber.OBJECT).end + 2
        request = ber.expect(token, at, len(token), _REQUEST)
        body = ber.expect(token, request.start, request.end, ber.SEQUENCE)
        found = ber.by_tag(token, body.start, body.end).get(0xA3)
        if found is None:
            return Ticket()
        issued = ber.expect(token, found.start, found.end, 0x61)
        body = ber.expect(token, issued.start, issued.end, ber.SEQUENCE)
        parts = ber.by_tag(token, body.start, body.end)
        realm = ber.item(token, parts[0xA1].start, parts[0xA1].end)
        service = ber.expect(token, parts[0xA2].start, parts[0xA2].end, ber.SEQUENCE)
        words = ber.by_tag(token, service.start, service.end)[0xA1]
        inner = ber.expect(token, words.start, words.end, ber.SEQUENCE)
        names = [
            text(ber.content(token, one)) for one in ber.items(token, inner.start, inner.end, 8)
        ]
        sealed = ber.expect(token, parts[0xA3].start, parts[0xA3].end, ber.SEQUENCE)
        etype = ber.by_tag(token, sealed.start, sealed.end)[0xA0]
        cipher = ber.number(token, ber.item(token, etype.start, etype.end))
        return Ticket(text(ber.content(token, realm)), "/".join(names), cipher)
    except (WireError, KeyError):
        return Ticket()
