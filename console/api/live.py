"""Server-sent events: what changed, told to every open console.

One task asks the state each second and tells all; a client that does not read is let go and comes
back by itself. Streams end after ten minutes, so that a session that ended is noticed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool

from console.api.problems import TooManyError
from fengsui.errors import FengsuiError

CLIENTS: Final = 64
_POLL: Final = 1.0  # seconds
_HEARTBEAT: Final = 15.0
_LONGEST: Final = 600.0
_UNREAD: Final = 32
_END: Final = b""
_log = logging.getLogger(__name__)

Changes = Callable[[int], tuple[int, dict[str, list[str]]]]


class Live:
    """Fan-out of the state's changes."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._clients: set[asyncio.Queue[bytes]] = set()
        self._poll: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    def stop(self) -> None:
        """End all streams, from any thread: the server is going down."""
        self._stopped = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_all)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body of one client's response.

        Raises:
            TooManyError: as many streams as there may be are open.
        """
        queue = self._join()
        try:
            yield b"retry: 3000\n\n"
            deadline = asyncio.get_running_loop().time() + _LONGEST
            while not self._stopped and asyncio.get_running_loop().time() < deadline:
                try:
                    message = await asyncio.wait_for(queue.get(), _HEARTBEAT)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if message == _END:
                    return
                yield message
        finally:
            self._clients.discard(queue)

    def check_room(self) -> None:
        """Whether one more client may come.

        Raises:
            TooManyError: not now.
        """
        if len(self._clients) >= CLIENTS:
            raise TooManyError(
                f"{CLIENTS} live views are open already", seconds=30, next="Close one, or wait"
            )

    def _join(self) -> asyncio.Queue[bytes]:
        self.check_room()
        queue: asyncio.Queue[bytes] = asyncio.Queue(_UNREAD)
        self._clients.add(queue)
        self._loop = asyncio.get_running_loop()
        if self._poll is None or self._poll.done():
            self._poll = self._loop.create_task(self._tell())
        return queue

    async def _tell(self) -> None:
        """Ask and tell until nobody listens."""
        number = -1
        while self._clients and not self._stopped:
            try:
                number, changed = await run_in_threadpool(self._changes, number)
            except FengsuiError as error:
                _log.warning("changes are not known", extra={"code": error.code})
            else:
                for topic, ids in changed.items():
                    self._send(encoded(topic, ids))
            await asyncio.sleep(_POLL)

    def _send(self, message: bytes) -> None:
        for queue in list(self._clients):
            if queue.full():
                self._clients.discard(queue)
                _end(queue)
            else:
                queue.put_nowait(message)

    def _end_all(self) -> None:
        for queue in list(self._clients):
            _end(queue)
        self._clients.clear()


def encoded(topic: str, ids: list[str]) -> bytes:
    """One message: `event: incidents`, `data: {"changed":[ids]}`."""
    return b"event: %b\ndata: %b\n\n" % (topic.encode(), orjson.dumps({"changed": ids}))


def _end(queue: asyncio.Queue[bytes]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(_END)
