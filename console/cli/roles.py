"""`fengsui up`, `sense`, `work`, `serve`."""

from __future__ import annotations

import sys

import typer

from console.cli.installation import loaded, settings
from console.cli.output import ERR, show_error, show_table
from console.roles.sense import Sense, interfaces_of
from console.roles.serve import serve_console
from console.roles.stop import stop_on_signals
from console.roles.supervisor import Supervisor
from console.roles.work import Worker
from console.security.accounts import create_first_user
from console.wiring import make_state, open_stores
from fengsui.errors import FengsuiError
from fengsui.log import start_logging
from fengsui.settings import Settings
from sensors.live.privilege import check_user
from sensors.live.ring import open_socket


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


def run_all(page: str = "") -> None:
    """Supervise the three roles until a signal; `page`: path within the console that is named."""
    start_logging("up", "warning")
    current = settings()
    state = make_state(current)
    password = "" if state.users() else create_first_user(state, language=current.console.language)
    where = f"http://{current.console.host}:{current.console.port}"
    ERR.print(f"console: {where}{page}", markup=False, soft_wrap=True)
    if password:
        ERR.print(f"login:   admin, one-time password: {password}")
    ERR.print(f"inbox:   {current.home / 'inbox'}  (captures and logs put there are read)")
    home = ["--home", str(current.home)]
    roles = {name: [*home, name] for name in ("work", "sense", "serve")}
    Supervisor(roles, state).run(stop_on_signals())
    state.close()


def sense(
    check: bool = typer.Option(
        False, "--check", help="Open each interface of the settings, say what is wrong, and end"
    ),
) -> None:
    """Run the sensor role: captured interfaces, followed folders and uploads become batches in the
    spool.

    Example: `FENGSUI_SENSOR_INTERFACES=eth1 FENGSUI_SENSOR_FOLLOW=/var/spool/pcap fengsui sense`
    """
    start_logging("sense")
    current = settings()
    if check:
        _check_interfaces(current)
        return
    state = make_state(current)
    # People read three lines; a service log reads JSON.
    told = _show_problem if sys.stderr.isatty() else None
    Sense(current, state, told).run(stop_on_signals())
    state.close()


def _check_interfaces(current: Settings) -> None:
    """A row for each interface that can be captured; the errors of the others, the last one raised."""
    rows: list[tuple[str, ...]] = []
    problem: FengsuiError | None = None
    for interface in interfaces_of(current.sensor):
        try:
            check_user(current.sensor.user)
            with open_socket(interface).socket:
                words = interface.filter or "all"
                rows.append((interface.name, words, str(interface.workers), interface.plane))
        except FengsuiError as error:
            if problem is not None:
                _show_problem(problem)
            problem = error
    columns = ("interface", "filter", "#workers", "plane")
    show_table("Can be captured", columns, rows, empty="no interface")
    if problem is not None:
        raise problem


def _show_problem(error: FengsuiError) -> None:
    show_error(error, as_json=False)


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
    chosen = loaded()
    _tell_if_nobody_can_log_in(chosen.settings)
    serve_console(chosen)


def _tell_if_nobody_can_log_in(current: Settings) -> None:
    """`fengsui up` makes the first person; a console of its own has to be told of one."""
    state = make_state(current)
    if not state.users():
        ERR.print(f"console: http://{current.console.host}:{current.console.port}", markup=False)
        ERR.print("login:   nobody yet; fengsui users add NAME --role system_admin --role analyst")
    state.close()
