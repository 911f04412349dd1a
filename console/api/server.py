"""The HTTP server. At a signal open live views are ended first, so that it goes down at once."""

from __future__ import annotations

from types import FrameType

import uvicorn
from fastapi import FastAPI

from console.api.live import Live


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C or SIGTERM: end at once, a second time without waiting for requests.

        The signal is not raised again afterwards (as uvicorn does), so that the caller can close
        what it opened.
        """
        self._live.stop()
        self.force_exit = self.should_exit
        self.should_exit = True


def make_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server whose `run` ends at SIGINT or SIGTERM.

    Request logs are left out: the audit trail tells who did what.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=512,
    )
    return _Server(config, app.state.live)
