"""`fengsui backup` and `fengsui restore`: both stores and the settings, encrypted, and back as a drill."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import typer

from console.cli.installation import settings as settings_of
from console.cli.output import OUT, progress, show_json
from console.storage import BACKUP
from console.wiring import make_events, make_state
from fengsui.clock import WallClock, to_iso
from fengsui.errors import UsageError
from fengsui.key_file import read_key
from fengsui.store.backup.backup import Backup, Done
from fengsui.store.backup.ciphers import MAGICS, CipherName
from fengsui.store.backup.place import Place, place_of
from fengsui.store.state import State

_KEY = typer.Option(..., "--key-file", help="32 random bytes, or 64 hexadecimal digits (mode 600)")
_ENDPOINT = typer.Option(
    "", "--endpoint", help="https://host:port of an S3-compatible server; Amazon's without it"
)
_STORE = typer.Option(None, "--store", help="Folder of the installation")
_JSON = typer.Option(False, "--json", help="One JSON document (fengsui schema backup)")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.command()(backup)
    parent.command()(restore)


def backup(
    place: str = typer.Argument(
        help="Folder of the backup, or s3://bucket/prefix; a second run writes what is new"
    ),
    key_file: Path = _KEY,
    endpoint: str = _ENDPOINT,
    cipher: str = typer.Option("aes-256-gcm", "--cipher", help="aes-256-gcm or sm4-gcm"),
    full: bool = typer.Option(False, "--full", help="Write all days again, not only changed ones"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Write events, state and settings into a folder or bucket, encrypted, and read it all back.

    Everything may go on running. Captures, kept packets and kept files are not part of it.
    Keys of a bucket are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws.

    Example: `(umask 077; openssl rand -hex 32 > backup.key)`

    `fengsui backup /mnt/backup --key-file backup.key`

    `fengsui backup /mnt/backup --key-file backup.key --cipher sm4-gcm --full`

    `fengsui backup s3://backups/fengsui --endpoint https://s3.example:9000 --key-file backup.key`
    """
    chosen = settings_of(store)
    algorithm = _cipher(cipher)
    folder = place_of(place, endpoint)
    key = read_key(key_file, "the backup", "--key-file")
    began = time.perf_counter()
    events = make_events(chosen, writable=False)
    try:
        state = make_state(chosen)
        try:
            with progress(as_json) as tell:
                done = Backup(folder, key, tell, algorithm).write(
                    events, state, chosen.home, WallClock(), full=full
                )
            seconds = time.perf_counter() - began
            _report(state, done, folder, algorithm, seconds)
        finally:
            state.close()
    finally:
        events.close()
    _show(done, folder, seconds, "written and read back", as_json=as_json)


def _cipher(name: str) -> CipherName:
    for known in MAGICS.values():
        if name == known:
            return known
    raise UsageError(
        f"{name!r} is no cipher of backups", where="--cipher", next="Name aes-256-gcm or sm4-gcm"
    )


def _report(state: State, done: Done, folder: Place, cipher: CipherName, seconds: float) -> None:
    """What the console says of the last backup."""
    about: dict[str, Any] = {
        "folder": str(folder),
        "events": done.events,
        "seconds": round(seconds, 3),
        "cipher": cipher,
    }
    state.put_health(BACKUP, WallClock().now(), about)
    state.audit("command line", "backup", str(folder), about)


def restore(
    place: str = typer.Argument(help="Folder of the backup, or s3://bucket/prefix"),
    key_file: Path = _KEY,
    endpoint: str = _ENDPOINT,
    verify_only: bool = typer.Option(
        False, "--verify-only", help="Read everything, restore nothing"
    ),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Bring a backup into an empty installation, and compare counts and hashes of everything.

    The evidence (time, counts, hashes) is also kept in the installation's folder as restored-….json.

    Example: `fengsui --home /srv/drill restore /mnt/backup --key-file backup.key`
    """
    folder = place_of(place, endpoint)
    key = read_key(key_file, "the backup", "--key-file")
    began = time.perf_counter()
    if verify_only:
        with progress(as_json) as tell:
            manifest = Backup(folder, key, tell).verify()
        done = Done(manifest, 0, len(manifest.items))
        _show(done, folder, time.perf_counter() - began, "verified", as_json=as_json)
        return
    chosen = settings_of(store)
    events = make_events(chosen, writable=True)
    try:
        state = make_state(chosen)
        try:
            with progress(as_json) as tell:
                done = Backup(folder, key, tell).restore(events, state, chosen.home)
        finally:
            state.close()
    finally:
        events.close()
    seconds = time.perf_counter() - began
    evidence = chosen.home / f"restored-{to_iso(WallClock().now())[:19].replace(':', '')}.json"
    evidence.write_bytes(orjson.dumps(_document(done, folder, seconds), option=orjson.OPT_INDENT_2))
    _show(done, folder, seconds, "restored, counts and hashes equal", as_json=as_json)


def _show(done: Done, folder: Place, seconds: float, what: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_document(done, folder, seconds))
        return
    OUT.print(
        f"{what}: {done.events:,} events, {done.state_rows:,} rows of the state, "
        f"{len(done.manifest.items)} files ({done.unchanged} unchanged), {seconds:.1f} s",
        markup=False,
    )


def _document(done: Done, folder: Place, seconds: float) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "made": done.manifest.made,
        "seconds": round(seconds, 3),
        "events": done.events,
        "state_rows": done.state_rows,
        "written": done.written,
        "unchanged": done.unchanged,
        "files": [
            {
                "name": one.name,
                "kind": one.kind,
                "rows": one.rows,
                "bytes": one.bytes,
                "sha256": one.sha256,
                "sm3": one.sm3,
            }
            for one in done.manifest.items
        ],
    }
