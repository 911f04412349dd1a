"""`fengsui up`, `sense`, `work`, `serve`."""

from __future__ import annotations

import typer

from console.cli.output import ERR
from console.cli.situation import loaded, settings
from console.roles.sense import Sense
from console.roles.serve import serve_console
from console.roles.stop import stop_on_signals
from console.roles.supervisor import Supervisor
from console.roles.work import Worker
from console.security.accounts import create_first_user
from console.wiring import make_state, open_stores
from fengsui.log import start_logging


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(sense)
    app.command()(work)
    app.command()(serve)


def up() -> None:
    """Run sensor, worker and console of this machine; what dies is started again.

    Example: `fengsui up`, then drop captures and logs into `<home>/inbox` or upload them.
    """
    run_all()


def run_all() -> None:
    """Supervise the three roles until a signal."""
    start_logging("up", "warning")
    current = settings()
    state = make_state(current)
    password = "" if state.users() else create_first_user(state, language=current.console.language)
    where = f"http://{current.console.host}:{current.console.port}"
    ERR.print(f"console: {where}")
    if password:
        ERR.print(f"login:   admin, one-time password: {password}")
    ERR.print(f"inbox:   {current.home / 'inbox'}  (captures and logs put there are read)")
    home = ["--home", str(current.home)]
    roles = {name: [*home, name] for name in ("work", "sense", "serve")}
    Supervisor(roles, state).run(stop_on_signals())
    state.close()


def sense() -> None:
    """Run the sensor role: followed folders and uploads become batches in the spool.

    Example: `FENGSUI_SENSOR_FOLLOW=/var/spool/pcap fengsui sense`
    """
    start_logging("sense")
    current = settings()
    state = make_state(current)
    Sense(current, state).run(stop_on_signals())
    state.close()


def work() -> None:
    """Run the worker role: spool → detections → event store and state.

    Example: `fengsui work`
    """
    start_logging("work")
    current = settings()
    with open_stores(current, writable=True) as stores:
        Worker(current, stores).run(stop_on_signals())


def serve() -> None:
    """Run the console alone: API and web.

    Example: `FENGSUI_CONSOLE_PORT=8601 fengsui serve`
    """
    start_logging("serve", "warning")
    serve_console(loaded())
