"""Compression of the few answers that are large, repeat themselves and hold no secret.

Nothing else is compressed: the length of a compressed answer tells of what it holds (BREACH).
"""

from __future__ import annotations

from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PATHS: Final = frozenset({"/api/rules", "/api/rules/coverage"})
_LEAST: Final = 4096  # bytes that are worth it


class Compressed:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._zipped = GZipMiddleware(app, minimum_size=_LEAST, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        large = scope["type"] == "http" and scope["path"] in PATHS
        await (self._zipped if large else self._app)(scope, receive, send)
