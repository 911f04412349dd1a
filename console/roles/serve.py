"""The console role: API and pages, reading the event store and writing the state."""

from __future__ import annotations

from console.api.server import make_server
from console.wiring import make_app, open_stores
from fengsui.errors import BusyError
from fengsui.settings import Loaded


def serve_console(loaded: Loaded) -> None:
    """Serve until a signal.

    Raises:
        BusyError: the port is taken (code `port_taken`).
    """
    settings = loaded.settings
    host, port = settings.console.host, settings.console.port
    with open_stores(settings, writable=False) as stores:
        try:
            make_server(make_app(loaded, stores), host, port).run()
        except SystemExit as error:  # uvicorn's way to say that it could not bind
            raise BusyError(
                f"The console cannot listen on {host}:{port}",
                where="console.port",
                next="Stop what listens there, or set FENGSUI_CONSOLE_PORT",
                code="port_taken",
            ) from error
