"""What an LDAP message says (RFC 4511 §4): fields of requests and of results.

Values of attributes are not kept: passwords are among them.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.wire import ber
from sensors.wire.ldap_filter import filter_text
from sensors.wire.ldap_names import ALIASES, EXTENDED, RESULTS, SCOPES
from sensors.wire.ntlm import SIGNATURE
from sensors.wire.reader import text

MOST_LIST: Final = 64
START_TLS: Final = "1.3.6.1.4.1.1466.20037"
_SIMPLE, _SASL, _SICILY_FIRST, _SICILY_LAST = 0x80, 0xA3, 0x89, 0x8B
_SERVER: Final = 0x87  # serverSaslCreds
_BIND: Final = 3  # members of a bind and of its answer at least
_SICILY: Final = {
    0x89: "sicily_package_discovery",
    0x8A: "sicily_negotiate",
    0x8B: "sicily_response",
}

Fields = dict[str, Value | None]


def request(number: int, data: bytes, one: ber.Item) -> Fields:
    """Fields of the request with this operation number; `one` is the operation."""
    if number == 0:
        return _bind(data, one)
    if number == 3:
        return _search(data, one)
    if number in {10, 16}:  # delete and abandon have no members: the content is the name or number
        words = ber.content(data, one)
        plain = text(words, 1024) if number == 10 else str(int.from_bytes(words[:4], "big"))
        return {"ldap.object": plain}
    if number == 23:
        name = ber.item(data, one.start, one.end)
        oid = text(ber.content(data, name), 128)
        return {"ldap.object": f"{oid} ({EXTENDED.get(oid, 'unknown')})", "ldap.argument": None}
    if number not in {6, 8, 12, 14}:
        return {}
    parts = ber.items(data, one.start, one.end, 4)
    fields: Fields = {"ldap.object": text(ber.content(data, parts[0]), 1024)}
    if number in {6, 8} and len(parts) > 1:
        fields["ldap.attributes"] = _changed(number, data, parts[1])
    elif number == 12 and len(parts) > 1:
        fields["ldap.argument"] = text(ber.content(data, parts[1]), 1024)
    return fields


def _bind(data: bytes, one: ber.Item) -> Fields:
    version, name, proof = ber.items(data, one.start, one.end, 3)
    who = text(ber.content(data, name), 1024)
    fields: Fields = {
        "ldap.version": ber.number(data, version),
        "ldap.object": who,
        "user.name": _user(who),
    }
    if proof.tag == _SIMPLE:
        given = proof.end > proof.start
        fields["ldap.operation"] = "bind simple"
        fields["ldap.argument"] = "REDACTED" if given else None
        fields["ldap.password_seen"] = given or None
    elif proof.tag == _SASL:
        mechanism = ber.item(data, proof.start, proof.end)
        fields["ldap.operation"] = "bind SASL"
        fields["ldap.argument"] = text(ber.content(data, mechanism), 64)
    elif _SICILY_FIRST <= proof.tag <= _SICILY_LAST:
        fields["ldap.operation"] = "bind " + _SICILY[proof.tag]
        fields["ldap.argument"] = "NTLM"
    return fields


def _user(name: str) -> str:
    """The user of a DN (value of its first part), a UPN or a Windows name."""
    kind, equals, rest = name.partition("=")
    return rest.partition(",")[0] if equals and kind.isalnum() else name


def _search(data: bytes, one: ber.Item) -> Fields:
    parts = ber.items(data, one.start, one.end, 8)
    base, scope, aliases = parts[0], ber.number(data, parts[1]), ber.number(data, parts[2])
    fields: Fields = {
        "ldap.base_object": text(ber.content(data, base), 1024),
        "ldap.scope": SCOPES.get(scope, "unknown"),
        "ldap.deref_aliases": ALIASES.get(aliases, "unknown"),
        "ldap.filter": filter_text(data, parts[5].end, parts[6].end) if len(parts) > 6 else None,
    }
    if len(parts) > 7:
        listed = ber.items(data, parts[7].start, parts[7].end, MOST_LIST)
        fields["ldap.attributes"] = [text(ber.content(data, x), 128) for x in listed]
    return fields


def _changed(number: int, data: bytes, listed: ber.Item) -> list[str]:
    """Names of the attributes that a modify or an add writes."""
    found: list[str] = []
    for change in ber.items(data, listed.start, listed.end, MOST_LIST):
        attribute = ber.items(data, change.start, change.end, 2)[-1 if number == 6 else 0]
        name = ber.item(data, attribute.start, attribute.end) if number == 6 else attribute
        found.append(text(ber.content(data, name), 128))
    return found


def logon_token(data: bytes, one: ber.Item) -> bytes:
    """Token of a log-on in a bind or its answer, b"" without any (RFC 4511 §4.2, MS-ADTS 5.1.1.1.3).

    Of SASL the credentials; of Sicily what a bind is given, and the answer's matchedDN.
    """
    parts = ber.items(data, one.start, one.end, 8)
    if len(parts) < _BIND:
        return b""
    for part in parts[_BIND - 1 :]:
        if part.tag == _SASL:
            inside = ber.items(data, part.start, part.end, 2)
            return ber.content(data, inside[1]) if len(inside) > 1 else b""
        if part.tag == _SERVER or _SICILY_FIRST <= part.tag <= _SICILY_LAST:
            return ber.content(data, part)
    return ber.content(data, parts[1]) if data.startswith(SIGNATURE, parts[1].start) else b""


def result(data: bytes, one: ber.Item) -> tuple[int, Fields]:
    """Code and fields of an LDAPResult."""
    code, _matched, words = ber.items(data, one.start, one.end, 3)
    number = ber.number(data, code)
    return number, {
        "ldap.result": RESULTS.get(number, "unknown"),
        "ldap.result_code": number,
        "ldap.diagnostic_message": text(ber.content(data, words), 512),
    }
