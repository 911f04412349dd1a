"""SNMP: who asks or sets what on which device, with which community or user.

One event a message, v1, v2c and v3 (where it is not encrypted). A community is SNMP's password in
clear and known to be so: it is kept, as Zeek and Suricata do; `public` and `private` are flagged.
RFC 1157, RFC 3416 (PDUs), RFC 3412 and RFC 3414 (v3 and its user model).
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Flow, Protocol, Session, WireError
from sensors.wire import ber
from sensors.wire.der import object_id
from sensors.wire.reader import text

_PDUS: Final = {
    0xA0: "get_request", 0xA1: "get_next_request", 0xA2: "response", 0xA3: "set_request",
    0xA4: "trap_v1", 0xA5: "get_bulk_request", 0xA6: "inform_request", 0xA7: "trap_v2",
    0xA8: "report",
}  # fmt: skip
_VERSIONS: Final = {0: "1", 1: "2c", 3: "3"}
_ERRORS: Final = (
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType",
    "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue",
    "resourceUnavailable", "commitFailed", "undoFailed", "authorizationError", "notWritable",
    "inconsistentName",
)  # fmt: skip
_TRAPS: Final = (
    "coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss",
    "enterpriseSpecific",
)  # fmt: skip
_LEVELS: Final = {0: "noAuthNoPriv", 1: "authNoPriv", 3: "authPriv"}
_SYS_DESCR, _SYS_NAME, _TRAP_OID = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.6.3.1.1.4.1.0"
_DEFAULTS: Final = frozenset({"public", "private"})
_MOST: Final = 64

Fields = dict[str, Value | None]


class SnmpSession(Session):
    """The datagrams of a manager and an agent."""

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        del side
        try:
            fields = _message(data)
        except (ValueError, IndexError):  # a sequence with too few members
            self.context.lost("malformed")
            return
        self.context.emit("snmp", time, fields)


def _message(data: bytes) -> Fields:
    whole = ber.expect(data, 0, len(data), ber.SEQUENCE)
    parts = ber.items(data, whole.start, whole.end, 4)
    version = ber.number(data, parts[0])
    if version not in _VERSIONS or len(parts) < 3:
        raise WireError("version")
    fields: Fields = {"snmp.version": _VERSIONS[version]}
    if version < 3:
        community = text(ber.content(data, parts[1]), 128)
        fields["snmp.community"] = community
        fields["snmp.default_community"] = community in _DEFAULTS or None
        _pdu(data, parts[2], fields)
    elif len(parts) == 4:
        _secured(data, parts, fields)
    return fields


def _secured(data: bytes, parts: list[ber.Item], fields: Fields) -> None:
    """Version 3: who, how well protected, and the PDU where it can be read."""
    _number, _size, flags, model = ber.items(data, parts[1].start, parts[1].end, 4)
    bits = data[flags.start] & 3 if flags.end > flags.start else 0
    fields["snmp.security_level"] = _LEVELS.get(bits, "unknown")
    if ber.number(data, model) == 3:
        inner = ber.expect(data, parts[2].start, parts[2].end, ber.SEQUENCE)
        members = ber.items(data, inner.start, inner.end, 6)
        fields["snmp.engine_id"] = ber.content(data, members[0])[:32].hex()
        name = text(ber.content(data, members[3]), 128) if len(members) > 3 else ""
        fields["snmp.usm"] = name
        fields["user.name"] = name
    if parts[3].tag == ber.SEQUENCE:
        _engine, context, pdu = ber.items(data, parts[3].start, parts[3].end, 3)
        fields["snmp.context"] = text(ber.content(data, context), 128)
        _pdu(data, pdu, fields)
    else:
        fields["snmp.encrypted"] = True


def _pdu(data: bytes, one: ber.Item, fields: Fields) -> None:
    kind = _PDUS.get(one.tag)
    if kind is None:
        raise WireError("pdu")
    fields["snmp.pdu_type"] = kind
    parts = ber.items(data, one.start, one.end, 6)
    if one.tag == 0xA4:
        generic = ber.number(data, parts[2])
        fields["snmp.trap_oid"] = object_id(ber.content(data, parts[0]))
        address = ber.content(data, parts[1])
        fields["snmp.trap_address"] = ".".join(map(str, address)) if len(address) == 4 else None
        fields["snmp.trap_type"] = _TRAPS[generic] if 0 <= generic < len(_TRAPS) else str(generic)
    else:
        fields["snmp.request_id"] = ber.number(data, parts[0])
        error = ber.number(data, parts[1])
        if error and one.tag != 0xA5:  # of a GetBulk it is a count
            fields["snmp.error"] = _ERRORS[error] if 0 < error < len(_ERRORS) else str(error)
    _bindings(data, parts[-1], fields)


def _bindings(data: bytes, listed: ber.Item, fields: Fields) -> None:
    names: list[str] = []
    for pair in ber.items(data, listed.start, listed.end, _MOST):
        name = ber.item(data, pair.start, pair.end)
        oid = object_id(ber.content(data, name))
        names.append(oid)
        value = ber.item(data, name.end, pair.end)
        if oid == _SYS_DESCR and value.tag == ber.OCTETS:
            fields["snmp.display_string"] = text(ber.content(data, value), 512)
        elif oid == _SYS_NAME and value.tag == ber.OCTETS:
            fields["snmp.system_name"] = text(ber.content(data, value), 256)
        elif oid == _TRAP_OID and value.tag == ber.OBJECT:
            fields["snmp.trap_oid"] = object_id(ber.content(data, value))
    fields["snmp.oids"] = [name for name in names if name]


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A sequence as long as the datagram, with a version and then a community or a v3 header."""
    del side, flow
    if data[:1] != b"\x30":  # the most usual answer, without the calls
        return False
    try:
        whole = ber.head(data)
        version = whole and ber.head(data, whole.start)
        behind = version and ber.head(data, version.end)
    except WireError:
        return False
    if not whole or not version or not behind or whole.tag != ber.SEQUENCE:
        return False
    if whole.end != len(data) or version.tag != ber.INTEGER or version.end - version.start != 1:
        return False
    if data[version.start] == 3:
        return behind.tag == ber.SEQUENCE
    if data[version.start] > 1 or behind.tag != ber.OCTETS or behind.end >= len(data):
        return False
    return data[behind.end] in _PDUS


PROTOCOL = Protocol(
    name="snmp",
    title="Simple Network Management Protocol",
    standard="RFC 3416, RFC 3412",
    transports=frozenset({"udp"}),
    session=SnmpSession,
    recognises=recognises,
    ports=frozenset({161, 162}),
    datasets={
        "snmp": (
            "snmp.version", "snmp.community", "snmp.default_community", "snmp.pdu_type",
            "snmp.request_id", "snmp.error", "snmp.oids", "snmp.display_string",
            "snmp.system_name", "snmp.trap_oid", "snmp.trap_address", "snmp.trap_type",
            "snmp.security_level", "snmp.engine_id", "snmp.usm", "snmp.context", "snmp.encrypted",
            "user.name",
        )
    },
)  # fmt: skip
