"""`fengsui collect`: evidence of hosts, devices, databases and services, carried or fetched, read-only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import typer

from console.cli.collect_login import (
    ASK,
    KNOWN_HOSTS,
    PASSWORD_FILE,
    SECRET,
    STORE,
    logged_in,
    password_of,
)
from console.cli.collect_probe import probe
from detections.compliance.assets.database.recorded import read_recorded, record_database
from detections.compliance.assets.host.bundle import read_bundle
from detections.compliance.assets.host.script import collect_script
from detections.compliance.assets.remote.device import VENDORS, fetch_configuration
from detections.compliance.assets.remote.ssh import Trust, fetch_bundle
from detections.compliance.assets.remote.target import target_of
from detections.compliance.assets.remote.winrm import AUTHS, WINRM_PORT, Windows, fetch_windows
from detections.compliance.assets.windows.facts import read_windows
from detections.compliance.assets.windows.script import windows_script
from fengsui.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Evidence of hosts, devices, databases, services.")

_TARGET = typer.Argument(..., help="user@host or user@host:port")
_OUT = typer.Option(..., "--out", "-o", help="File of the evidence")


app.command()(probe)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="collect")


@app.callback()
def collect() -> None:
    """Evidence: the script that an administrator runs, or what is fetched, read-only."""


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
def ssh(  # noqa: PLR0913, PLR0917 - options of a command
    target: str = _TARGET,
    out: Path = _OUT,
    key: Path | None = typer.Option(None, "--key", help="Private key; else the agent's"),
    secret: str = SECRET,
    password_file: Path | None = PASSWORD_FILE,
    ask: bool = ASK,
    known_hosts: Path | None = KNOWN_HOSTS,
    host_key: str = typer.Option("", "--host-key", help="Fingerprint of its key, SHA256:…"),
    sudo: bool = typer.Option(False, "--sudo", help="As root by sudo -n"),
    store: Path | None = STORE,
) -> None:
    """Run the host script over SSH, read-only, and keep its bundle. The host's key is always verified.

    Examples:
    `fengsui collect ssh auditor@10.1.2.3 --sudo -o host.tar.gz`

    `fengsui collect ssh root@10.1.2.3 --key audit_key --host-key SHA256:… -o host.tar.gz`

    `fengsui secrets set web-1 && fengsui collect ssh root@10.1.2.3 --secret web-1 -o host.tar.gz`

    `fengsui check run -e host.tar.gz`
    """
    chosen = logged_in(target_of(target, key), password_of(secret, password_file, ask, store))
    data = fetch_bundle(chosen, Trust(known_hosts, host_key), sudo=sudo)
    write_bundle(out, data)
    typer.echo(f"{out}: {len(data)} bytes of {chosen.name}", err=True)


@app.command()
def winrm(
    target: str = _TARGET,
    out: Path = _OUT,
    secret: str = SECRET,
    password_file: Path | None = PASSWORD_FILE,
    ask: bool = ASK,
    ca: Path | None = typer.Option(
        None, "--ca", help="File of authorities (PEM) for its certificate; else the system's"
    ),
    auth: str = typer.Option(AUTHS[0], "--auth", help=f"One of {', '.join(AUTHS)}"),
    store: Path | None = STORE,
) -> None:
    r"""Run the PowerShell script over WinRM (HTTPS, port 5986), read-only, and keep its bundle.

    The certificate is always verified. The account is one of the host's administrators.

    Examples:
    `fengsui collect winrm auditor@win1.example.cn --secret win1 --ca district-ca.pem -o win1.zip`

    `fengsui collect winrm 'DISTRICT\auditor@win1.example.cn' --ask-password -o win1.zip`

    `fengsui check run -e win1.zip`
    """
    chosen = logged_in(
        target_of(target, port=WINRM_PORT), password_of(secret, password_file, ask, store)
    )
    data = fetch_windows(chosen, Windows(ca, auth))
    _write(out, data, read_windows)
    typer.echo(f"{out}: {len(data)} bytes of {chosen.name}", err=True)


@app.command()
def device(  # noqa: PLR0913, PLR0917 - options of a command
    target: str = _TARGET,
    vendor: str = typer.Option(..., "--vendor", help=f"One of {', '.join(VENDORS)}"),
    out: Path = _OUT,
    key: Path | None = typer.Option(None, "--key", help="Private key; else the password"),
    secret: str = SECRET,
    password_file: Path | None = PASSWORD_FILE,
    ask: bool = ASK,
    known_hosts: Path | None = KNOWN_HOSTS,
    store: Path | None = STORE,
) -> None:
    """Fetch a device's running configuration over SSH, by one showing command. Its key is verified.

    Examples:
    `fengsui collect device audit@10.1.0.1 --vendor huawei --secret core-switch -o core.cfg`

    `fengsui check run -e core.cfg`
    """
    chosen = logged_in(target_of(target, key), password_of(secret, password_file, ask, store))
    data = fetch_configuration(chosen, vendor, known_hosts)
    _write(out, data, lambda _: None)
    typer.echo(f"{out}: {len(data)} bytes of {chosen.name}", err=True)


@app.command()
def database(
    url: str = typer.Argument(..., help="postgresql://user@host/postgres or mysql://user@host/"),
    out: Path = _OUT,
    name: str = typer.Option("", "--name", help="Of the asset; else host and port"),
    secret: str = SECRET,
    password_file: Path | None = PASSWORD_FILE,
    ask: bool = ASK,
    store: Path | None = STORE,
) -> None:
    """Ask a database, read-only, and keep its answers as a file that can be judged again.

    Examples:
    `fengsui collect database postgresql://auditor@10.1.2.3/postgres --secret pg -o pg.database.json`

    `fengsui system bring portal pg.database.json --asset pg-1`
    """
    data = record_database(url, password_of(secret, password_file, ask, store), name)
    _write(out, data, read_recorded)
    typer.echo(f"{out}: {len(data)} bytes", err=True)


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
