"""Bodies of HTTP messages as carried files: inflated, multipart ones taken apart, named.

The compiled HTTP parser hands bodies over by transaction; what is open at once is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sensors.files.carried import CarriedFile
from sensors.files.carried import Emit as EmitFile
from sensors.files.digests import HASHES
from sensors.files.inflating import Inflating, Sink, codings_of
from sensors.files.keeping import FileStore
from sensors.files.multipart import MultipartFiles, boundary_of
from sensors.files.names import base_name, url_name
from sensors.protocol import FieldValues

Emit = Callable[[Hashable, int, int, FieldValues], None]  # key, side, time, fields
Lost = Callable[[str, int], None]

MOST_OPEN: Final = 1024
_MOST_LARGE: Final = 64  # with a window of megabytes: br and zstd
_LARGE: Final = frozenset({"br", "zstd"})


@dataclass(slots=True)
class _Body:
    sink: Sink
    large: bool
    newest: int


class HttpBodies:
    """Bodies on their way, by a key of the transaction and its side.

    Args:
        emit: writes an event of dataset `files`: the key and side as given to `begin`, the time and
            the fields. The side is the one that sends the body.
        lost: counts what is left out (`http.body_evicted`, `http.inflation_bomb`, …).
        store: where files are kept when the policy wants them.
        hashes: which to make.
    """

    def __init__(
        self,
        emit: Emit,
        lost: Lost,
        *,
        store: FileStore | None = None,
        hashes: tuple[str, ...] = HASHES,
    ) -> None:
        self._emit = emit
        self._lost: Lost = lambda what, count: lost("http." + what, count)
        self._store = store
        self._hashes = hashes
        self._open: OrderedDict[Hashable, _Body] = OrderedDict()
        self._large = 0

    def begin(
        self,
        key: Hashable,
        side: int,
        time: int,
        *,
        encoding: str = "",
        content_type: str = "",
        name: str = "",
        url: str = "",
        size: int | None = None,
    ) -> None:
        """A body begins; an open one of the same key ends, cut.

        Args:
            key: of the transaction and side; anything that can be looked up.
            side: that sends it.
            time: ns.
            encoding: Content-Encoding; "" where there is none.
            content_type: Content-Type, with its boundary.
            name: file name, as Content-Disposition has it.
            url: path of the request, whose last segment names the file otherwise.
            size: Content-Length.
        """
        if key in self._open:
            self.end(key, time, whole=False)
        while len(self._open) >= MOST_OPEN:
            oldest = next(iter(self._open))
            self._lost("body_evicted", 1)
            self.end(oldest, self._open[oldest].newest, whole=False)
        codings = codings_of(encoding) if encoding else []
        large = not _LARGE.isdisjoint(codings)
        if large and self._large >= _MOST_LARGE:
            self._lost("inflation_busy", 1)
            return
        called = base_name(name) or url_name(url)

        emit = partial(self._emit, key, side)
        boundary = boundary_of(content_type) if content_type else b""
        sink: Sink
        if boundary:
            sink = MultipartFiles(boundary, partial(self._part, emit, time), self._lost)
        else:
            sink = CarriedFile(
                emit, name=called, size=None if codings else size, time=time, lost=self._lost,
                store=self._store, hashes=self._hashes,
            )  # fmt: skip
        if codings:
            sink = Inflating(sink, codings, self._lost)
        self._large += large
        self._open[key] = _Body(sink, large, time)

    def _part(self, emit: EmitFile, time: int, name: str) -> Sink:
        """A sink for a part of a multipart body."""
        return CarriedFile(
            emit, name=name, time=time, lost=self._lost, store=self._store, hashes=self._hashes
        )

    def data(self, key: Hashable, data: bytes | memoryview) -> None:
        """The next bytes of a body; they may be overwritten afterwards."""
        body = self._open.get(key)
        if body is not None:
            body.sink.write(data)

    def gap(self, key: Hashable, size: int) -> None:
        """Bytes of a body are lost."""
        body = self._open.get(key)
        if body is not None:
            body.sink.skip(size)

    def end(self, key: Hashable, time: int, *, whole: bool = True) -> None:
        """A body is over; `whole` unless its end was not seen (a chunk without its last one)."""
        body = self._open.pop(key, None)
        if body is None:
            return
        self._large -= body.large
        if not whole:
            body.sink.cut()
        body.sink.end(time)

    def end_all(self, time: int) -> None:
        """Everything that is open is over, cut."""
        for key in list(self._open):
            self.end(key, time, whole=False)

    def __len__(self) -> int:
        """Bodies that are open."""
        return len(self._open)
