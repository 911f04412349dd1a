"""The API: an application over its parts. Long work is asked of the worker, never done here."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute

from console.api import routes, web
from console.api.compressed import Compressed
from console.api.condition import Rates
from console.api.guard import Guard
from console.api.live import Live
from console.api.parts import ApiParts
from console.api.problems import add_handlers
from console.api.schemas.problems import Problem
from console.security.limiter import Limiter
from fengsui import __version__
from fengsui.clock import MINUTE
from fengsui.registry import parts as shelf

_DESCRIPTION = """The console's API. Errors are `application/problem+json`; changes need the header
`X-CSRF-Token` with the value that the session gives."""
_PROBLEM = {"model": Problem, "description": "What went wrong, where, and what to do next"}


def create_app(parts: ApiParts) -> FastAPI:
    """The application, ready to be served (see `console.api.server`)."""
    app = _bare_app()
    equip(app, parts)
    app.add_middleware(Compressed)
    console = parts.settings.settings.console
    app.add_middleware(Guard, host=console.host, upload_limit=console.upload_megabytes * 1_000_000)
    return app


def equip(app: FastAPI, parts: ApiParts) -> None:
    """Give an application its parts, and counters that begin anew."""
    app.state.parts = parts
    app.state.rates = Rates()
    app.state.live = Live(parts.state.changes)
    app.state.logins = Limiter(parts.clock)
    app.state.addresses = Limiter(parts.clock, failures=30)
    app.state.checks = Limiter(parts.clock, failures=120, window=MINUTE)
    app.state.tests = Limiter(parts.clock, failures=20, window=MINUTE)


def openapi() -> dict[str, object]:
    """The OpenAPI document; it does not depend on any part."""
    return _bare_app().openapi()


def _bare_app() -> FastAPI:
    app = FastAPI(
        title="Fengsui",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
        responses={"default": _PROBLEM},
    )
    add_handlers(app)
    for module in shelf(routes):
        app.include_router(module.router, prefix="/api")
    app.include_router(web.router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
