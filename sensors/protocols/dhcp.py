"""DHCP: which device got which address from whom, and how it calls itself.

One event a transaction, whatever flows its messages cross: a client that has no address yet and its
server use different ones (0.0.0.0 to 255.255.255.255, and the server to the client). It is written as
one of the client's flow where that was seen: at the ACK or NAK, when it falls silent, or when that
flow ends; stamped with the first message. RFC 2131, RFC 2132; BOOTP by RFC 951.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from fengsui.clock import SECOND
from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, Session, WireError
from sensors.wire.dhcp_options import COOKIE, TYPES, Message, fields_of, message
from sensors.wire.reader import text

_MOST_OPEN: Final = 4096
_MOST_TYPES: Final = 50
_SILENCE: Final = 10 * SECOND
_LAST: Final = frozenset({5, 6})  # ACK, NAK
_NOBODY: Final = frozenset({"0.0.0.0", "255.255.255.255", ""})  # noqa: S104 (compared, not bound to)

Fields = dict[str, Value | None]


@dataclass(slots=True)
class _Transaction:
    start: int
    newest: int
    owner: DhcpSession  # whose event it will be, and which side of that flow asked
    client: int
    asked: bool = False
    types: list[str] = field(default_factory=list[str])
    chaddr: str = ""
    fields: Fields = field(default_factory=dict[str, Value | None])


class DhcpSession(Session):
    """The messages of one flow; the transactions are those of all flows."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._open: dict[int, _Transaction] = context.shared
        self.mine: set[int] = set()  # of these, the ones that end with this flow

    def data(self, side: int, data: bytes, time: int) -> None:
        """One message."""
        try:
            read = message(data)
        except WireError:
            self.context.lost("malformed")
            return
        self._silent(time)
        one = self._transaction(read, side, time)
        one.newest = time
        kind = TYPES.get(read.kind, str(read.kind)) if read.kind else ""
        if len(one.types) < _MOST_TYPES:
            one.types.append(kind or ("BOOTREPLY" if read.reply else "BOOTREQUEST"))
        flow = self.context.flow
        sender = flow.destination if side else flow.source
        if read.reply:
            _reply(one, read, sender)
        else:
            _request(one, read, sender)
        if read.kind in _LAST:
            self._emit(read.transaction)

    def _transaction(self, read: Message, side: int, time: int) -> _Transaction:
        """The message's transaction; it goes over to this flow where that shows the client first."""
        number = read.transaction
        one = self._open.get(number)
        if one is None:
            if len(self._open) >= _MOST_OPEN:
                self._emit(next(iter(self._open)))
            client = 1 - side if read.reply else side
            one = self._open[number] = _Transaction(time, time, self, client)
            self.mine.add(number)
        if not read.reply and not one.asked:
            one.owner.mine.discard(number)
            one.owner, one.client, one.asked = self, side, True
            self.mine.add(number)
        return one

    def end(self, time: int) -> None:
        """Transactions of this flow that were not finished."""
        del time
        for number in sorted(self.mine):
            self._emit(number)

    def _silent(self, time: int) -> None:
        """Write transactions that have fallen silent: they stand in front."""
        for number, one in list(islice(self._open.items(), 4)):
            if time - one.newest > _SILENCE:
                self._emit(number)

    def _emit(self, number: int) -> None:
        one = self._open.pop(number)
        one.owner.mine.discard(number)
        fields = one.fields
        fields["dhcp.mac"] = fields.get("dhcp.mac") or one.chaddr
        fields["dhcp.transaction_id"] = f"{number:08x}"
        fields["dhcp.msg_types"] = one.types
        fields["event.duration"] = one.newest - one.start
        one.owner.context.emit("dhcp", one.start, fields, client=one.client)


def _request(one: _Transaction, read: Message, sender: str) -> None:
    fields = one.fields
    told = fields_of(read.options)
    told.pop("dhcp.lease_time", None)  # only wished for
    fields.update(told)
    if sender not in _NOBODY and not read.giaddr:
        fields["dhcp.client_addr"] = sender
    elif read.ciaddr:
        fields["dhcp.client_addr"] = read.ciaddr
    fields["dhcp.relay_addr"] = read.giaddr or fields.get("dhcp.relay_addr")
    identity = read.options.get(61, b"")
    if len(identity) == 7 and identity[0] == 1:
        fields["dhcp.mac"] = identity[1:].hex(":")
    else:
        one.chaddr = read.mac
    if 56 in read.options:
        fields["dhcp.client_message"] = text(read.options[56], 256)


def _reply(one: _Transaction, read: Message, sender: str) -> None:
    fields = one.fields
    told = fields_of(read.options)
    for key in ("dhcp.host_name", "dhcp.client_fqdn", "dhcp.vendor_class", "dhcp.parameters"):
        if fields.get(key):  # the client's own words count
            told.pop(key, None)
    fields.update(told)
    fields["dhcp.relay_addr"] = read.giaddr or fields.get("dhcp.relay_addr")
    if read.yiaddr:
        fields["dhcp.assigned_addr"] = read.yiaddr
        if sender not in _NOBODY:
            fields["dhcp.server_addr"] = sender
    if not fields.get("dhcp.client_addr"):
        fields["dhcp.client_addr"] = read.yiaddr or read.ciaddr
    if not fields.get("dhcp.mac"):
        fields["dhcp.mac"] = read.mac
    if 56 in read.options:
        fields["dhcp.server_message"] = text(read.options[56], 256)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """The magic cookie of DHCP behind BOOTP's fixed part."""
    del side, flow
    return len(data) >= 240 and data[0] in {1, 2} and data[236:240] == COOKIE


FIELDS: Final = (
    "dhcp.mac", "dhcp.host_name", "dhcp.client_fqdn", "dhcp.domain", "dhcp.requested_addr",
    "dhcp.assigned_addr", "dhcp.lease_time", "dhcp.client_message", "dhcp.server_message",
    "dhcp.msg_types", "dhcp.client_addr", "dhcp.server_addr", "dhcp.transaction_id",
    "dhcp.vendor_class", "dhcp.user_class", "dhcp.parameters", "dhcp.relay_addr",
    "dhcp.circuit_id", "dhcp.remote_id", "dhcp.subscriber_id", "dhcp.server_id",
    "dhcp.subnet_mask", "dhcp.routers", "dhcp.dns_servers", "dhcp.boot_file", "dhcp.tftp_server",
    "event.duration",
)  # fmt: skip

PROTOCOL = Protocol(
    name="dhcp",
    title="Dynamic Host Configuration Protocol",
    standard="RFC 2131",
    transports=frozenset({"udp"}),
    session=DhcpSession,
    recognises=recognises,
    ports=frozenset({67, 68}),
    datasets={"dhcp": FIELDS},
)
