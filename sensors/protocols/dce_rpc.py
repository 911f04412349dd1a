"""DCE/RPC, by which Windows is administered from afar: C706, MS-RPCE.

Who called which operation of which interface, over TCP (connection-oriented) and UDP
(connectionless), and whether it was answered; one event a call, as in Zeek's dce_rpc.log. Calls
over SMB pipes come from `sensors.protocols.smb`. A log-on by NTLM or Kerberos inside is an event of its own.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import (
    ORIGINATOR,
    Context,
    FieldValues,
    Flow,
    Protocol,
    Session,
    WireError,
)
from sensors.wire import rpc, rpc_datagram
from sensors.wire.gss_logons import DATASETS
from sensors.wire.rpc_names import PREPARING, endpoint, operation
from sensors.wire.rpc_towers import listeners

_CALLS: Final = 256
_MOST_SEARCHED: Final = 16  # bytes kept of a piece in which no PDU begins
_EPMAPPER: Final = "epmapper"


class TcpSession(Session):
    """One TCP connection: an association."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._client = ORIGINATOR
        self._known = False
        self._search = [False, False]
        self._tail = [b"", b""]
        self._association = rpc.Association(self._report, context.lost, self._listener)

    def data(self, side: int, data: bytes, time: int) -> None:
        """The next bytes of a direction."""
        if not self._known:
            self._known = True
            if len(data) > 2 and data[2] in rpc.ANSWERS:
                self._client = 1 - side
        if self._search[side]:
            data = self._found(side, data)
            if not data:
                return
        self._association.feed(bool(side), data, time)

    def gap(self, side: int, size: int, time: int) -> None:
        """Bytes are lost: the next PDU is searched."""
        del size, time
        self.context.lost("gap")
        self._association.lose()
        self._search = [True, True] if not self._known else self._search
        self._search[side] = True

    def end(self, time: int) -> None:
        """Report what was not answered."""
        del time
        self._association.end()

    def _found(self, side: int, data: bytes) -> bytes:
        data = self._tail[side] + data
        at = data.find(b"\x05\x00")
        while at >= 0:
            if rpc.is_pdu(data[at : at + 16]):
                self._search[side] = False
                self._tail[side] = b""
                return data[at:]
            at = data.find(b"\x05\x00", at + 1)
        self._tail[side] = data[-_MOST_SEARCHED:]
        return b""

    def _report(self, dataset: str, time: int, fields: FieldValues) -> None:
        self.context.emit(dataset, time, fields, client=self._client)

    def _listener(self, transport: str, address: str, port: int) -> None:
        expect_listener(self.context, self._client, transport, address, port)


class UdpSession(Session):
    """One pair of UDP endpoints: calls by activity and sequence number."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._calls: dict[tuple[str, int], tuple[int, int, dict[str, Value | None]]] = {}

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram."""
        if not rpc_datagram.is_datagram(data):
            raise WireError("no_rpc")
        one = rpc_datagram.parse(data)
        key = (one.activity, one.sequence)
        known = self._calls.get(key)
        if one.kind == rpc_datagram.REQUEST:
            if known is None:
                self._begin(key, side, one, time)
            else:
                self._add(known[2], "request", one.size)
        elif known and one.kind in (rpc_datagram.RESPONSE, rpc_datagram.FAULT, rpc_datagram.REJECT):
            began, caller, fields = known
            self._add(fields, "response", one.size)
            if one.kind == rpc_datagram.RESPONSE and not one.fragment:
                self._mapped(caller, fields, data)
            if one.whole:
                del self._calls[key]
                failed = one.kind != rpc_datagram.RESPONSE
                fields["dce_rpc.response_type"] = "FAULT" if failed else "RESPONSE"
                fields["event.outcome"] = "failure" if failed else "success"
                fields["event.duration"] = time - began if time > began else None
                self._emit(began, caller, fields)

    def end(self, time: int) -> None:
        """Report what was not answered."""
        del time
        for began, caller, fields in self._calls.values():
            self._emit(began, caller, fields)
        self._calls.clear()

    def _begin(
        self, key: tuple[str, int], side: int, one: rpc_datagram.Datagram, time: int
    ) -> None:
        if len(self._calls) >= _CALLS:
            self._calls.pop(next(iter(self._calls)))
            self.context.lost("calls_dropped")
        fields: dict[str, Value | None] = {
            "event.outcome": "unknown",
            "dce_rpc.endpoint": endpoint(one.interface),
            "dce_rpc.operation": operation(one.interface, one.opnum),
            "dce_rpc.interface": one.interface,
            "dce_rpc.interface_version": one.version,
            "dce_rpc.opnum": one.opnum,
            "dce_rpc.call_id": one.sequence,
            "dce_rpc.activity_id": one.activity,
            "dce_rpc.object": one.object,
        }
        self._add(fields, "request", one.size)
        self._calls[key] = (time, side, fields)

    @staticmethod
    def _add(fields: dict[str, Value | None], which: str, size: int) -> None:
        for name, more in ((f"dce_rpc.{which}_bytes", size), (f"dce_rpc.{which}_fragments", 1)):
            before = fields.get(name)
            fields[name] = more + (before if isinstance(before, int) else 0)

    def _mapped(self, caller: int, fields: dict[str, Value | None], data: bytes) -> None:
        if fields["dce_rpc.endpoint"] == _EPMAPPER:
            for one in listeners(data[rpc_datagram.HEADER :]):
                expect_listener(self.context, caller, *one)

    def _emit(self, time: int, caller: int, fields: dict[str, Value | None]) -> None:
        if (fields["dce_rpc.endpoint"], fields["dce_rpc.operation"]) not in PREPARING:
            self.context.emit("dce_rpc", time, fields, client=caller)


def expect_listener(context: Context, client: int, transport: str, address: str, port: int) -> None:
    """Tell which flow to expect after an endpoint mapper named a listener."""
    if transport == "tcp":
        flow = context.flow
        server = flow.destination if client == ORIGINATOR else flow.source
        context.expect(server if address in ("", "0.0.0.0") else address, port, "dce_rpc")  # noqa: S104


def _session(context: Context) -> Session:
    return UdpSession(context) if context.flow.transport == "udp" else TcpSession(context)


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """By the header, which says version, kind, byte order and length."""
    del side
    if flow.transport == "udp":
        return rpc_datagram.is_datagram(data) and any(data[24:40])
    if not rpc.is_pdu(data) or len(data) < 16:
        return False
    if data[2] in (rpc.BIND, rpc.BIND_ACK, rpc.ALTER):
        return True
    return data[2] in (rpc.REQUEST, rpc.RESPONSE, rpc.FAULT) and len(data) >= 24


PROTOCOL = Protocol(
    name="dce_rpc",
    title="Distributed Computing Environment / Remote Procedure Calls",
    standard="C706, MS-RPCE",
    transports=frozenset({"tcp", "udp"}),
    ports=frozenset({135}),
    session=_session,
    recognises=recognises,
    datasets={"dce_rpc": rpc.CALL_FIELDS, **DATASETS},
)
