"""`fengsui collect`: the script that an administrator runs on a host and carries a bundle back from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer

from detections.compliance.assets.host.bundle import read_bundle
from detections.compliance.assets.host.script import collect_script
from detections.compliance.assets.remote.device import VENDORS, fetch_configuration
from detections.compliance.assets.remote.ssh import Trust, fetch_bundle
from detections.compliance.assets.remote.target import Target, target_of
from detections.compliance.assets.windows.script import windows_script
from fengsui.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Evidence of hosts: the script that collects it.")

# What every command that logs in somewhere is told.
_TARGET = typer.Argument(..., help="user@host or user@host:port")
_PASSWORD_FILE = typer.Option(
    None, "--password-file", help="First line: of the login, or of --key; mode 600"
)
_ASK = typer.Option(False, "--ask-password", help="Ask for it on the terminal")
_KNOWN_HOSTS = typer.Option(
    None, "--known-hosts", help="File of known hosts; else ~/.ssh/known_hosts"
)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="collect")


@app.callback()
def collect() -> None:
    """Evidence of hosts: the script that collects it, read-only."""


@app.command()
def script(
    windows: bool = typer.Option(False, "--windows", help="The PowerShell script for Windows"),
) -> None:
    """Print the script that collects a host's evidence, read-only: POSIX shell, or PowerShell.

    Examples:
    `fengsui collect script > collect.sh`

    `sh collect.sh -o host.tar.gz`

    `sh collect.sh --root /mnt/image -o image.tar.gz`

    `fengsui collect script --windows > collect.ps1`

    `powershell -ExecutionPolicy Bypass -File collect.ps1 -Out host.zip`
    """
    sys.stdout.write(windows_script() if windows else collect_script())


@app.command()
def ssh(
    target: str = _TARGET,
    out: Path = typer.Option(..., "--out", "-o", help="File of the bundle"),
    key: Path | None = typer.Option(None, "--key", help="Private key; else the agent's"),
    password_file: Path | None = _PASSWORD_FILE,
    ask: bool = _ASK,
    known_hosts: Path | None = _KNOWN_HOSTS,
    host_key: str = typer.Option("", "--host-key", help="Fingerprint of its key, SHA256:…"),
    sudo: bool = typer.Option(False, "--sudo", help="As root by sudo -n"),
) -> None:
    """Run the host script over SSH, read-only, and keep its bundle. The host's key is always verified.

    Examples:
    `fengsui collect ssh auditor@10.1.2.3 --sudo -o host.tar.gz`

    `fengsui collect ssh root@10.1.2.3 --key audit_key --host-key SHA256:… -o host.tar.gz`

    `fengsui check run -e host.tar.gz`
    """
    chosen = _login(target, key, password_file, ask=ask)
    data = fetch_bundle(chosen, Trust(known_hosts, host_key), sudo=sudo)
    write_bundle(out, data)
    typer.echo(f"{out}: {len(data)} bytes of {chosen.name}", err=True)


@app.command()
def device(
    target: str = _TARGET,
    vendor: str = typer.Option(..., "--vendor", help=f"One of {', '.join(VENDORS)}"),
    out: Path = typer.Option(..., "--out", "-o", help="File of the configuration"),
    key: Path | None = typer.Option(None, "--key", help="Private key; else the password"),
    password_file: Path | None = _PASSWORD_FILE,
    ask: bool = _ASK,
    known_hosts: Path | None = _KNOWN_HOSTS,
) -> None:
    """Fetch a device's running configuration over SSH, by one showing command. Its key is verified.

    Examples:
    `fengsui collect device audit@10.1.0.1 --vendor huawei --password-file pw -o core.cfg`

    `fengsui check run -e core.cfg`
    """
    chosen = _login(target, key, password_file, ask=ask)
    data = fetch_configuration(chosen, vendor, known_hosts)
    _write(out, data, lambda _: None)
    typer.echo(f"{out}: {len(data)} bytes of {chosen.name}", err=True)


def _login(target: str, key: Path | None, password_file: Path | None, *, ask: bool) -> Target:
    chosen = target_of(target, key, password_file)
    if not ask:
        return chosen
    return replace(chosen, password=typer.prompt("Password", hide_input=True, err=True))


def write_bundle(out: Path, data: bytes) -> None:
    """Keep a bundle where only its owner reads it, whole or not at all; what is no bundle is refused.

    Raises:
        InputError: it is not whole, or not ours.
        UsageError: it cannot be written.
    """
    _write(out, data, read_bundle)


def _write(out: Path, data: bytes, proof: Callable[[Path], object]) -> None:
    part = out.with_name(f".{out.name}.part")
    try:
        part.touch(mode=0o600)
        part.write_bytes(data)
        proof(part)
        part.replace(out)
    except OSError as error:
        raise UsageError(
            f"The file cannot be written: {error.strerror}",
            where=str(out),
            next="Name another -o",
        ) from error
    finally:
        part.unlink(missing_ok=True)
