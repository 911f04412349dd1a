"""`fengsui users`: people of the console, for whoever has the machine."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json, show_table
from console.security.accounts import create_user, reset_password
from console.wiring import make_state
from fengsui.errors import NotFoundError, UsageError
from fengsui.store.state import Role

app = typer.Typer(no_args_is_help=True, help="People of the console.")
_STORE = typer.Option(None, "--store", help="Folder of the installation")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="users")


@app.command("list")
def list_users(
    store: Path | None = _STORE,
    as_json: bool = typer.Option(False, "--json", help="One JSON document"),
) -> None:
    """List users with their roles.

    Example: `fengsui users list`
    """
    state = make_state(settings(store))
    rows = [
        (user.name, ", ".join(user.roles), "disabled" if user.disabled else "")
        for user in state.users()
    ]
    state.close()
    if as_json:
        show_json(
            {
                "users": [
                    {"name": n, "roles": r.split(", "), "disabled": bool(d)} for n, r, d in rows
                ]
            }
        )
    else:
        show_table("Users", ("name", "roles", ""), rows, empty="none; `fengsui up` makes the first")


@app.command()
def add(
    name: str = typer.Argument(help="Name to log in with"),
    role: list[str] = typer.Option(..., "--role", help="One of: " + ", ".join(get_args(Role))),
    store: Path | None = _STORE,
) -> None:
    """Add a user and print a one-time password.

    Example: `fengsui users add li.wei --role viewer --role analyst`
    """
    unknown = sorted(set(role) - set(get_args(Role)))
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)} is no role",
            where="--role",
            next="Known: " + ", ".join(get_args(Role)),
        )
    state = make_state(settings(store))
    password = create_user(state, name, [cast("Role", one) for one in role])
    state.audit("command line", "user.create", name, {"roles": role})
    state.close()
    OUT.print(f"{name}: one-time password {password}")


@app.command()
def reset(
    name: str = typer.Argument(help="Name to log in with"),
    store: Path | None = _STORE,
) -> None:
    """Give a user a new one-time password; all of the user's logins end.

    Example: `fengsui users reset admin`
    """
    state = make_state(settings(store))
    user = state.user(name)
    if user is None:
        raise NotFoundError(
            f"There is no user {name}", where="users", next="See `fengsui users list`"
        )
    password = reset_password(state, user)
    state.audit("command line", "user.reset_password", name)
    state.close()
    OUT.print(f"{name}: one-time password {password}")
