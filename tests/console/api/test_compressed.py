from __future__ import annotations

import gzip

import anyio
import pytest
from starlette.responses import Response
from starlette.types import Message

from console.api.compressed import Compressed

LARGE = b'{"title": "rule"}' * 1000


@pytest.mark.parametrize(
    ("path", "encodings", "zipped"),
    [
        ("/api/rules", b"gzip", True),
        ("/api/rules", b"identity", False),
        ("/api/session", b"gzip", False),
    ],
)
def test_only_large_lists_without_secrets_are_compressed(
    path: str, encodings: bytes, zipped: bool
) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"accept-encoding", encodings)],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(Compressed(Response(LARGE, media_type="application/json")), scope, receive, send)
    assert ((b"content-encoding", b"gzip") in sent[0]["headers"]) == zipped
    body = b"".join(one.get("body", b"") for one in sent[1:])
    assert (gzip.decompress(body) if zipped else body) == LARGE
    assert not zipped or len(body) < len(LARGE) / 10
