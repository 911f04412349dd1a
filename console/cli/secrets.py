"""`fengsui secrets`: passwords for collection, by name; never shown, never on the command line."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json
from console.security.vault import checked_name, open_vault
from console.wiring import open_stores
from detections.compliance.assets.remote.target import secret_in
from fengsui.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Passwords for collection, sealed, by name.")
_STORE = typer.Option(None, "--store", help="Folder of the installation")
_NAME = typer.Argument(..., help="Name, such as core-switch")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="secrets")


@app.callback()
def secrets() -> None:
    """Passwords for collection: sealed in a file or kept in the keyring (settings: secrets.kind)."""


@app.command("set")
def set_secret(
    name: str = _NAME,
    file: Path | None = typer.Option(None, "--file", help="First line of a file of mode 600"),
    store: Path | None = _STORE,
) -> None:
    """Keep a password under a name, asked for on the terminal, or read from a file.

    Examples:
    `fengsui secrets set core-switch`

    `fengsui secrets set web-root --file pw`
    """
    chosen = settings(store)
    checked_name(name)
    value = (
        secret_in(file)
        if file
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    )
    open_vault(chosen).put(name, value)
    _audit(chosen, "secret.set", name)
    OUT.print(f"{name}: kept", markup=False)


@app.command("list")
def list_secrets(
    store: Path | None = _STORE,
    as_json: bool = typer.Option(False, "--json", help="One JSON document"),
) -> None:
    """Names of the secrets; their values are never shown.

    Examples:
    `fengsui secrets list`
    """
    names = open_vault(settings(store)).names()
    if as_json:
        show_json({"names": names})
        return
    for name in names:
        OUT.print(name, markup=False)


@app.command("remove")
def remove_secret(name: str = _NAME, store: Path | None = _STORE) -> None:
    """Forget a secret.

    Examples:
    `fengsui secrets remove core-switch`
    """
    chosen = settings(store)
    open_vault(chosen).remove(name)
    _audit(chosen, "secret.remove", name)
    OUT.print(f"{name}: forgotten", markup=False)


def _audit(chosen: Settings, act: str, name: str) -> None:
    with open_stores(chosen, writable=False) as stores:
        stores.state.audit(getpass.getuser(), act, name, {})
