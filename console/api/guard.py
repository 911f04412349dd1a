"""The outermost layer: whose name was called, how large a body may be, which headers go out.

Plain ASGI, so that streams pass through untouched.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.problems import TooLargeError, answer, answer_error, plain_problem

JSON_LIMIT: Final = 1 << 20
_SLACK: Final = 1 << 16  # multipart's own words around a file
UPLOAD_PATHS: Final = frozenset({"/api/captures", "/api/packs/uploads"})
_CSP: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Guard:
    """Wraps the application.

    Args:
        host: the name or address that the console listens on, called by which is right.
        upload_limit: bytes of the largest file that may be uploaded.
    """

    def __init__(self, app: ASGIApp, host: str, upload_limit: int) -> None:
        self._app = app
        self._host = host
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _adding_headers(send, scope["path"].startswith("/api"))
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if not is_our_name(headers.get(b"host", ""), self._host):
            problem = plain_problem(
                400,
                "bad_host",
                "This name is not the console's",
                next="Open the console by its address, or by the name in console.host",
            )
            await answer(problem)(scope, receive, sender)
            return
        is_upload = scope["path"] in UPLOAD_PATHS and scope["method"] == "POST"
        limit = self._upload_limit + _SLACK if is_upload else JSON_LIMIT
        try:
            length = headers.get(b"content-length", "0")
            if not length.isdigit() or int(length) > limit:
                raise too_large(limit)
            if is_upload:
                await self._app(scope, _bounded(receive, limit), sender)
            else:
                body = await _read(receive, limit)
                await self._app(scope, _replayed(body, receive), sender)
        except TooLargeError as error:
            await answer_error(error)(scope, receive, sender)


def too_large(limit: int) -> TooLargeError:
    """The error of a body over `limit` bytes."""
    return TooLargeError(
        f"The body is larger than the {limit} bytes allowed",
        next="Send less, or raise console.upload_megabytes",
    )


def is_our_name(host: str, own: str) -> bool:
    """Whether a Host header is ours: an address, localhost, or the configured name.

    A page of another site can make its own name lead here (DNS rebinding), but not an address.
    """
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() in {"localhost", own.lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _adding_headers(send: Send, is_api: bool) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _ in message["headers"]}
            extra = [*_HEADERS, (b"cache-control", b"no-store")] if is_api else _HEADERS
            message["headers"] = [
                *message["headers"],
                *((name, value) for name, value in extra if name not in known),
            ]
        await send(message)

    return sender


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receiver() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise too_large(limit)
        return message

    return receiver


async def _read(receive: Receive, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receiver() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiver
