"""Bodies of HTTP messages as carried files: inflated, multipart ones taken apart, named.

The compiled HTTP parser hands bodies over by transaction; what is open at once is bounded. Most bodies
are short and come whole, and the same ones come again and again: such a one is only gathered, and what
files it held is remembered by its SHA-256 and by what was said of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, Final

from sensors.files.carried import CarriedFile
from sensors.files.carried import Emit as EmitFile
from sensors.files.digests import CHUNK, HASHES
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


_MOST_KNOWN: Final = 4096  # bodies whose files are remembered: some kilobytes each
_NONE: Final[tuple[str, ...]] = ()

# A file's fields up to its duration, and those behind; None where it had no duration.
_File = tuple[FieldValues, FieldValues | None]


@lru_cache(maxsize=256)
def _codings(encoding: str) -> tuple[str, ...]:
    return tuple(codings_of(encoding))


class _Body:
    """A body that is open: gathered as long as it is short, then on its way through a sink."""

    __slots__ = ("about", "begun", "gathered", "large", "newest", "side", "sink", "waiting")

    def __init__(self, side: int, time: int, large: bool, about: tuple[Any, ...]) -> None:
        self.side = side
        self.begun = self.newest = time
        self.large = large
        self.about = about  # encoding, content type, name, URL, size
        self.gathered: list[bytes] = []
        self.waiting = 0  # bytes gathered
        self.sink: Sink | None = None


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
        self._known: OrderedDict[tuple[Any, ...], list[_File]] = OrderedDict()

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
        codings = _codings(encoding) if encoding else _NONE
        large = bool(codings) and not _LARGE.isdisjoint(codings)
        if large and self._large >= _MOST_LARGE:
            self._lost("inflation_busy", 1)
            return
        self._large += large
        body = _Body(side, time, large, (encoding, content_type, name, url, size))
        self._open[key] = body
        if self._store is not None:
            self._through_sink(key, body)

    def _through_sink(self, key: Hashable, body: _Body) -> Sink:
        """Give on what was gathered; what follows goes by."""
        body.sink = sink = self._sink(body, partial(self._emit, key, body.side), self._lost)
        gathered, body.gathered = body.gathered, []
        for piece in gathered:
            sink.write(piece)
        return sink

    def _sink(self, body: _Body, emit: EmitFile, lost: Lost) -> Sink:
        """Where a body's bytes go."""
        encoding, content_type, name, url, size = body.about
        codings = _codings(encoding) if encoding else _NONE
        boundary = boundary_of(content_type) if content_type else b""
        sink: Sink
        if boundary:
            sink = MultipartFiles(boundary, partial(self._part, emit, lost, body.begun), lost)
        else:
            sink = CarriedFile(
                emit, name=base_name(name) or url_name(url), size=None if codings else size,
                time=body.begun, lost=lost, store=self._store, hashes=self._hashes,
            )  # fmt: skip
        return Inflating(sink, list(codings), lost) if codings else sink

    def _part(self, emit: EmitFile, lost: Lost, time: int, name: str) -> Sink:
        """A sink for a part of a multipart body."""
        return CarriedFile(
            emit, name=name, time=time, lost=lost, store=self._store, hashes=self._hashes
        )

    def data(self, key: Hashable, data: bytes | memoryview) -> None:
        """The next bytes of a body; they may be overwritten afterwards."""
        body = self._open.get(key)
        if body is None:
            return
        if body.sink is not None:
            body.sink.write(data)
            return
        body.gathered.append(bytes(data))
        body.waiting += len(data)
        if body.waiting >= CHUNK:
            self._through_sink(key, body)

    def gap(self, key: Hashable, size: int) -> None:
        """Bytes of a body are lost."""
        body = self._open.get(key)
        if body is not None:
            (body.sink or self._through_sink(key, body)).skip(size)

    def end(self, key: Hashable, time: int, *, whole: bool = True) -> None:
        """A body is over; `whole` unless its end was not seen (a chunk without its last one)."""
        body = self._open.pop(key, None)
        if body is None:
            return
        self._large -= body.large
        sink = body.sink
        if sink is None and whole:
            self._short(key, body, time)
            return
        sink = sink or self._through_sink(key, body)
        if not whole:
            sink.cut()
        sink.end(time)

    def _short(self, key: Hashable, body: _Body, time: int) -> None:
        """Report the files of a whole body that was gathered."""
        about = (sha256(b"".join(body.gathered)).digest(), *body.about)
        files = self._known.get(about)
        if files is None:
            self._learn(key, body, time, about)
            return
        self._known.move_to_end(about)
        begun = body.begun
        for before, behind in files:
            fields = before
            if behind is not None:
                fields = {**before, "event.duration": max(0, time - begun), **behind}
            self._emit(key, body.side, begun, fields)

    def _learn(self, key: Hashable, body: _Body, time: int, about: tuple[Any, ...]) -> None:
        """Report the files of a body not seen before, and remember them.

        Not where something was wrong with it: what is found then may depend on its pieces.
        """
        found: list[_File] = []
        wrong = False

        def emit(when: int, fields: FieldValues) -> None:
            nonlocal wrong
            wrong = wrong or when != body.begun or "fengsui.parse" in fields
            found.append(_around_duration(fields))
            self._emit(key, body.side, when, fields)

        def lost(what: str, count: int) -> None:
            nonlocal wrong
            wrong = True
            self._lost(what, count)

        sink = self._sink(body, emit, lost)
        for piece in body.gathered:
            sink.write(piece)
        sink.end(time)
        if not wrong:
            self._known[about] = found
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def end_all(self, time: int) -> None:
        """Everything that is open is over, cut."""
        for key in list(self._open):
            self.end(key, time, whole=False)

    def __len__(self) -> int:
        """Bodies that are open."""
        return len(self._open)


def _around_duration(fields: FieldValues) -> _File:
    """A file's fields, split where its duration stands."""
    if "event.duration" not in fields:
        return fields, None
    names = list(fields)
    at = names.index("event.duration")
    return {name: fields[name] for name in names[:at]}, {
        name: fields[name] for name in names[at + 1 :]
    }
