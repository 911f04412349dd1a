"""One exchange of HTTP/2, a request with its response, as it comes: fields, bodies, end."""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.files.inflating import Inflating, Sink, codings_of
from sensors.protocol import Context, FileSink
from sensors.wire.http_fields import (
    Headers,
    body_name,
    first_values,
    request_fields,
    response_fields,
    told_type,
)

_HEAD: Final = 256  # bytes of a body that tell its type


_OF_BODY: Final = (b"content-length", b"content-encoding", b"content-disposition")


def _of_body(head: dict[bytes, str]) -> dict[bytes, str]:
    """The headers that a body is read with; the others need not be kept."""
    return {name: head[name] for name in _OF_BODY if name in head}


class _Whole:
    """A carried file as the place where inflated bytes go."""

    def __init__(self, sink: FileSink) -> None:
        self.write = sink.write
        self.skip = sink.skip
        self.end = sink.end

    def cut(self) -> None:
        """Not whole: as if something were lost."""
        self.skip(0)


class Body:
    """One side's body: counted, its type told, carried as a file."""

    def __init__(self, context: Context, time: int, side: int, head: dict[bytes, str], path: str):
        self.size = 0
        self.head = b""
        length = head.get(b"content-length", "")
        codings = codings_of(head.get(b"content-encoding", ""))
        known = length.isascii() and length.isdigit() and len(length) < 16 and not codings
        name = body_name(path, head.get(b"content-disposition", ""))
        file = context.file(time, name=name, sender=side, size=int(length) if known else None)
        self._plain = not codings
        self._sink: Sink = _Whole(file)
        if codings:
            self._sink = Inflating(self._sink, codings, context.lost)

    def write(self, data: bytes) -> None:
        """The next bytes."""
        self.size += len(data)
        if self._plain and len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        self._sink.write(data)

    def end(self, time: int, *, whole: bool) -> None:
        """The body is over."""
        if not whole:
            self._sink.cut()
        self._sink.end(time)


class Exchange:
    """A request and its response.

    Args:
        context: of the flow.
        time: of its first frame.
    """

    __slots__ = ("_bodies", "_context", "_ended", "_fields", "_heads", "_path", "time")

    def __init__(self, context: Context, time: int) -> None:
        self.time = time
        self._context = context
        self._fields: dict[str, Value | None] = {}
        self._path = ""
        self._heads: list[dict[bytes, str] | None] = [None, None]  # by side
        self._bodies: list[Body | None] = [None, None]
        self._ended = [False, False]

    @property
    def over(self) -> bool:
        """Whether both sides have ended."""
        return self._ended[0] and self._ended[1]

    @property
    def anything(self) -> bool:
        """Whether something is known of it besides its number."""
        return bool(self._fields) or any(self._bodies)

    def request(self, side: int, headers: Headers) -> None:
        """The request's headers."""
        head = first_values(headers)
        self._fields.update(request_fields(headers))
        self._path = head.get(b":path", "")
        self._heads[side] = _of_body(head)

    def response(self, side: int, headers: Headers) -> None:
        """The response's headers; those of an interim one (103) give way to the final ones."""
        head = first_values(headers)
        name = self._fields.get("file.name")
        self._fields.update(response_fields(headers))
        self._fields["file.name"] = self._fields["file.name"] or name
        self._heads[side] = _of_body(head)

    def data(self, side: int, data: bytes, time: int) -> None:
        """Bytes of a side's body."""
        body = self._bodies[side]
        if body is None:
            head = self._heads[side] or {}
            body = self._bodies[side] = Body(self._context, time, side, head, self._path)
        body.write(data)

    def end(self, side: int, time: int) -> None:
        """A side has ended."""
        if self._ended[side]:
            return
        self._ended[side] = True
        body = self._bodies[side]
        if body is not None:
            body.end(time, whole=True)

    def event(self, client: int, time: int) -> dict[str, Value | None]:
        """The fields; what is not over ends here."""
        made = dict(self._fields)
        for side, which in ((client, "request"), (1 - client, "response")):
            body = self._bodies[side]
            if body is not None:
                if not self._ended[side]:
                    body.end(time, whole=False)
                key = f"http.{which}.mime_type"
                made[key] = told_type(body.head, str(made.get(key) or ""))
            if body is not None or self._heads[side] is not None:
                made[f"http.{which}.body.bytes"] = body.size if body is not None else 0
        return made
