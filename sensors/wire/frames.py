"""Messages with a length in front of them, as databases send them: large bodies are not kept.

A protocol says where the next message ends; it gets the message's first bytes and its whole size.
What is longer is stepped over without waiting for it, so a bulk read costs no memory, and bytes
lost inside such a body cost nothing but their count.
"""

from __future__ import annotations

from abc import abstractmethod

from sensors.protocol import Context, StreamSession, WireError


class FramedSession(StreamSession):
    """A session whose messages say their length.

    Attributes:
        keep: bytes of a message that are handed over at most, its head included.
        limit: what may wait for more bytes, a side.
    """

    keep = 4096
    limit = 64 * 1024

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._skip = [0, 0]
        self.stopped = False

    @abstractmethod
    def frame(self, side: int, data: bytes, at: int) -> int:
        """Size of the message at `at`, head included; 0 where more bytes are needed to say it.

        Raises:
            WireError: these bytes are not of this protocol.
        """

    @abstractmethod
    def message(self, side: int, data: bytes, size: int, time: int) -> None:
        """One message: its first bytes (all, where it is not longer than `keep`), and its size."""

    def stop(self, switch: str | None = None) -> None:
        """No more messages: the flow is over, or goes on as `switch` ("" to be recognised)."""
        self.stopped = True
        if switch is None:
            self.context.done()
        else:
            self.context.switch(switch)

    def data(self, side: int, data: bytes, time: int) -> None:
        """Hand over whole messages."""
        skip = self._skip[side]
        at = min(skip, len(data))
        if skip:
            self._skip[side] = skip - at
        if self._waiting[side]:
            data = self._waiting[side] + data
            self._waiting[side] = b""
        end = len(data)
        while at < end and not self.stopped:
            size = self.frame(side, data, at)
            if size <= 0 or end - at < min(size, self.keep):
                break
            self.message(side, data[at : at + min(size, self.keep)], size, time)
            at += size
        if at > end:
            self._skip[side] += at - end
        elif at < end:
            if end - at > self.limit:
                raise WireError("too_long")
            self._waiting[side] = data[at:]

    def parse(self, side: int, data: bytes, time: int) -> int:
        """Not asked: `data` hands over whole messages by itself."""
        del side, data, time
        return 0

    def gap(self, side: int, size: int, time: int) -> None:
        """Lost bytes: harmless inside a body that is stepped over, else the flow is given up."""
        if size <= self._skip[side]:
            self._skip[side] -= size
            self.context.lost("gap_in_body")
        else:
            super().gap(side, size, time)
