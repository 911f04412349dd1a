"""A flow that is one file and nothing else: FTP's data channel, IRC's DCC."""

from __future__ import annotations

from sensors.protocol import Context, FileSink, Session
from sensors.wire.ftp_channel import Transfer


class TransferSession(Session):
    """One transfer: what the first side that speaks sends."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._sender = -1
        self._sink: FileSink | None = None

    def _file(self, side: int, time: int) -> FileSink | None:
        if self._sink is None:
            note = self.context.note
            transfer = note if isinstance(note, Transfer) else Transfer()
            self._sender = side
            self._sink = self.context.file(
                time, name=transfer.name, path=transfer.path, sender=side, size=transfer.size
            )
        return self._sink if side == self._sender else None

    def data(self, side: int, data: bytes, time: int) -> None:
        """Bytes of the file."""
        sink = self._file(side, time)
        if sink:
            sink.write(data)

    def gap(self, side: int, size: int, time: int) -> None:
        """A hole in the file."""
        sink = self._file(side, time)
        if sink:
            sink.skip(size)

    def end(self, time: int) -> None:
        """The file ends with its flow."""
        if self._sink:
            self._sink.end(time)
