"""What every command that logs in somewhere is told: a kept secret, a file, or a prompt; never a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from console.cli.installation import settings
from console.security.vault import open_vault
from detections.compliance.assets.remote.target import Target, secret_in

SECRET = typer.Option("", "--secret", help="Name of a kept password (fengsui secrets set)")
PASSWORD_FILE = typer.Option(
    None, "--password-file", help="First line: of the login, or of --key; mode 600"
)
ASK = typer.Option(False, "--ask-password", help="Ask for it on the terminal")
KNOWN_HOSTS = typer.Option(
    None, "--known-hosts", help="File of known hosts; else ~/.ssh/known_hosts"
)
STORE = typer.Option(None, "--store", help="Folder of the installation that keeps the secret")


def password_of(secret: str, file: Path | None, ask: bool, store: Path | None) -> str:
    """The password, from where it was named; "" from nowhere.

    Raises:
        NotFoundError: no secret of this name.
        InputError: the file is not readable, empty, or open to others.
    """
    if secret:
        return open_vault(settings(store)).get(secret)
    if file:
        return secret_in(file)
    if ask:
        return str(typer.prompt("Password", hide_input=True, err=True))
    return ""


def logged_in(target: Target, password: str) -> Target:
    """A target with its password."""
    return replace(target, password=password)
