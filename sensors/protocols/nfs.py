"""NFS over ONC RPC, with mounting and the port mapper: which files whom asked for what.

One event a call with its reply, as Suricata's `nfs` records have it (GETATTR of versions 2 and 3 is
left out there and here). What is read and written is not kept.
Defined in RFC 5531, RFC 1094, RFC 1813, RFC 8881.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from sensors.protocol import ORIGINATOR, RESPONDER, Context, Flow, Protocol, WireError
from sensors.wire.frames import FramedSession
from sensors.wire.oncrpc import NFS, PROGRAMS, STATUS, Call, call_of, reply_of

_MAX_PENDING: Final = 256


class NfsSession(FramedSession):
    """One connection, or one flow of datagrams."""

    keep = 2048

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.udp = context.flow.transport == "udp"
        self.client: int | None = None
        self.pending: OrderedDict[int, tuple[int, Call]] = OrderedDict()
        self.whole = [True, True]  # whether a side's last fragment ended its record

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram is one message; a stream has marks before its records."""
        if self.udp:
            self._message(side, data, len(data), time)
        else:
            super().data(side, data, time)

    def frame(self, side: int, data: bytes, at: int) -> int:
        """A record's mark: the last fragment's bit, and its size."""
        if len(data) - at < 4:
            return 0
        size = int.from_bytes(data[at : at + 4], "big") & 0x7FFFFFFF
        if not 1 <= size <= 1 << 24:
            raise WireError("record")
        del side
        return 4 + size

    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """One fragment; only the first of a record is read."""
        first, self.whole[side] = self.whole[side], bool(data[0] & 0x80)
        if first:
            self._message(side, data[4:], size - 4, time)

    def _message(self, side: int, data: bytes, size: int, time: int) -> None:
        if len(data) < 12:
            raise WireError("truncated")
        kind = int.from_bytes(data[4:8], "big")
        if self.client is None:
            self.client = side if kind == 0 else 1 - side
        if kind == 0:
            call = call_of(data)
            if call is None:
                return
            if len(self.pending) >= _MAX_PENDING:
                _, (when, old) = self.pending.popitem(last=False)
                self._tell(old, when, {})
                self.context.lost("pending")
            self.pending[call.xid] = (time, call)
            return
        xid, status, result = reply_of(data)
        asked = self.pending.pop(xid, None)
        if asked is not None:
            self._replied(asked, status, result, size, time)

    def _replied(
        self, asked: tuple[int, Call], status: str, result: int | None, size: int, time: int
    ) -> None:
        when, call = asked
        fields: dict[str, str | int | None] = {
            "nfs.rpc.status": status, "nfs.response_bytes": size, "event.duration": time - when,
        }  # fmt: skip
        failed = status != "ACCEPTED"
        if result is not None and call.procedure not in ("NULL", "DUMP", "EXPORT", "UMNT"):
            if call.program == NFS or call.procedure == "MNT":
                fields["nfs.status"] = STATUS.get(result, str(result))
                failed = failed or result != 0
            elif call.procedure == "GETPORT":
                fields["nfs.mapped_port"] = result if result < 65536 else None
        fields["event.outcome"] = "failure" if failed else "success"
        self._tell(call, when, fields)

    def _tell(self, call: Call, time: int, fields: dict[str, str | int | None]) -> None:
        if call.program == NFS and call.version <= 3 and call.procedure == "GETATTR":
            return
        self.context.emit("nfs", time, {
            "nfs.program": PROGRAMS[call.program],
            "nfs.version": call.version,
            "nfs.procedure": call.procedure,
            "nfs.filename": call.filename,
            "nfs.rename_to": call.to,
            "nfs.operations": call.operations,
            "nfs.offset": call.offset,
            "nfs.count": call.count,
            "nfs.rpc.xid": call.xid,
            "nfs.rpc.auth_type": call.auth,
            "nfs.rpc.machine_name": call.machine,
            "nfs.rpc.uid": call.uid,
            "nfs.rpc.gid": call.gid,
            "file.name": call.filename if call.program == NFS else None,
            "event.action": call.procedure.lower(),
            **fields,
        }, client=RESPONDER if self.client == RESPONDER else ORIGINATOR)  # fmt: skip

    def end(self, time: int) -> None:
        """Calls without a reply."""
        del time
        for when, call in self.pending.values():
            self._tell(call, when, {})
        self.pending.clear()


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A call of version 2 to a program that is known."""
    del side
    if flow.transport == "tcp":
        if len(data) < 4 or not data[0] & 0x80:
            return False
        data = data[4:]
    return (
        len(data) >= 40
        and data[4:12] == b"\0\0\0\0\0\0\0\2"
        and int.from_bytes(data[12:16], "big") in PROGRAMS
        and data[16:19] == b"\0\0\0"
    )


PROTOCOL: Final = Protocol(
    name="nfs",
    title="Network File System over ONC RPC",
    standard="RFC 5531, RFC 1813, RFC 8881",
    transports=frozenset({"tcp", "udp"}),
    session=NfsSession,
    recognises=recognises,
    ports=frozenset({111, 2049}),
    datasets={
        "nfs": (
            "nfs.program", "nfs.version", "nfs.procedure", "nfs.filename", "nfs.rename_to",
            "nfs.operations", "nfs.offset", "nfs.count", "nfs.status", "nfs.mapped_port",
            "nfs.response_bytes", "nfs.rpc.xid", "nfs.rpc.status", "nfs.rpc.auth_type",
            "nfs.rpc.machine_name", "nfs.rpc.uid", "nfs.rpc.gid", "file.name", "event.action",
            "event.outcome", "event.duration",
        )
    },
)  # fmt: skip
