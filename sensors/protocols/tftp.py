"""TFTP: which file was read or written without any log-in, and whether it arrived (RFC 1350, 2347).

The server answers from a port of its own: that flow is announced by the request and only carries
the file. The one event belongs to the request's flow and is written when that is over.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from sensors.protocol import Context, FileSink, Flow, Protocol, Session, WireError
from sensors.wire.reader import text
from sensors.wire.tftp_transfer import (
    ACKNOWLEDGE,
    DATA,
    ERROR,
    ERRORS,
    OPTIONS,
    READ,
    Transfer,
    block_size,
    request,
)

_MOST_WAITING: Final = 64


class TftpSession(Session):
    """Requests of one flow, or the data of one transfer."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        note = context.note
        self._asked: OrderedDict[str, tuple[Transfer, int]] = OrderedDict()
        self._transfer: Transfer | None = note if isinstance(note, Transfer) else None
        self._sink: FileSink | None = None

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram."""
        if len(data) < 4 or data[0] or not 1 <= data[1] <= OPTIONS:
            raise WireError("no_opcode")
        asked = request(data, time)
        if asked:
            self._ask(side, asked)
            return
        transfer = self._transfer
        if transfer is None:
            raise WireError("no_request")
        transfer.answered = True
        number = data[2] << 8 | data[3]
        if data[1] == DATA:
            self._block(side, transfer, number, data[4:], time)
        elif data[1] == ERROR:
            transfer.error_code = number
            transfer.error = text(data[4:].split(b"\0")[0], 256)
            if not transfer.error and number < len(ERRORS):
                transfer.error = ERRORS[number]
        elif data[1] == OPTIONS:
            transfer.block = block_size(data) or transfer.block
        elif data[1] != ACKNOWLEDGE:
            raise WireError("bad_request")

    def _ask(self, side: int, asked: Transfer) -> None:
        key = f"{asked.opcode} {asked.name}"
        if key in self._asked and not self._asked[key][0].answered:
            return  # repeated
        if key in self._asked or len(self._asked) >= _MOST_WAITING:
            self._write(*self._asked.pop(key, None) or self._asked.popitem(last=False)[1])
        flow = self.context.flow
        address = flow.source if side == 0 else flow.destination
        port = flow.source_port if side == 0 else flow.destination_port
        self._asked[key] = (asked, side)
        self._transfer = asked
        self._close(asked.time)
        self.context.expect(address, port, "tftp", asked)

    def _block(self, side: int, transfer: Transfer, number: int, data: bytes, time: int) -> None:
        step = (number - transfer.last) & 0xFFFF
        if transfer.done or not step or step > 0x7FFF:
            return  # repeated
        if self._sink is None:
            name = transfer.name.replace("\\", "/").rpartition("/")[2]
            self._sink = self.context.file(time, name=name, path=transfer.name, sender=side)
        if step > 1:
            self._sink.skip((step - 1) * transfer.block)
        transfer.last = number
        transfer.size += len(data)
        self._sink.write(data)
        if len(data) < transfer.block:
            transfer.done = True
            self._close(time)

    def _close(self, time: int) -> None:
        if self._sink:
            self._sink.end(time)
            self._sink = None

    def end(self, time: int) -> None:
        """What came of the requests."""
        self._close(time)
        for asked, side in self._asked.values():
            self._write(asked, side)
        self._asked.clear()

    def _write(self, asked: Transfer, side: int) -> None:
        outcome = "failure" if asked.error_code is not None else "success" if asked.done else None
        self.context.emit(
            "tftp",
            asked.time,
            {
                "event.action": "read" if asked.opcode == READ else "write",
                "event.outcome": outcome,
                "file.path": asked.name,
                "file.name": asked.name.replace("\\", "/").rpartition("/")[2],
                "tftp.packet": "read" if asked.opcode == READ else "write",
                "tftp.file": asked.name,
                "tftp.mode": asked.mode,
                "tftp.error_code": asked.error_code,
                "tftp.error_msg": asked.error,
                "tftp.size": asked.size if asked.answered else None,
            },
            client=side,
        )


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A whole request; its mode word is magic enough for any port."""
    del side, flow
    return data[:1] == b"\0" and request(data, 0) is not None


PROTOCOL = Protocol(
    name="tftp",
    title="Trivial File Transfer Protocol",
    standard="RFC 1350, RFC 2347, RFC 2348",
    transports=frozenset({"udp"}),
    ports=frozenset({69}),
    session=TftpSession,
    recognises=recognises,
    datasets={
        "tftp": (
            "event.action", "event.outcome", "file.path", "file.name", "tftp.packet", "tftp.file",
            "tftp.mode", "tftp.error_code", "tftp.error_msg", "tftp.size",
        )
    },
    files=True,
)  # fmt: skip
