"""`fengsui rules pack`: rule packs from folders, zips and signed bundles."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings
from console.cli.output import OUT, show_json, show_table
from console.rules.comparing import KINDS
from console.rules.desk import RuleDesk
from console.rules.packs import PackDesk, Preview
from console.wiring import make_desk, open_stores
from detections.packs.bundle import make_bundle, pack_name, read_private_key
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.store.rule_states import Pack

app = typer.Typer(no_args_is_help=True, help="Rule packs: installed, compared, updated, removed.")
BY = "command line"
_JSON = typer.Option(False, "--json", help="One JSON document")
_STORE = typer.Option(None, "--store", help="Folder of the installation")
_UNSIGNED = typer.Option(
    False, "--allow-unsigned", help="Also install what nobody trusted signed (it is marked)"
)
_NAME = typer.Option("", "--name", help="Name of the pack (default: the manifest's, or the file's)")
_REASON = typer.Option("", "--reason", help="Why; kept in the audit trail")


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.add_typer(app, name="pack")


@contextmanager
def desk_of(store: Path | None) -> Generator[RuleDesk]:
    """The desk of an installation, for one command."""
    current = settings(store)
    with open_stores(current, writable=False) as stores:
        yield make_desk(current, stores)


@app.command()
def install(
    source: Path = typer.Argument(help="Folder or zip of Sigma rules, or a signed bundle"),
    name: str = _NAME,
    allow_unsigned: bool = _UNSIGNED,
    reason: str = _REASON,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Install a pack, or update the one of that name; what is wrong with it leaves the old one.

    Examples:
    `fengsui rules pack install sigma.zip --name sigmahq --allow-unsigned`

    `FENGSUI_DETECTION_PACK_KEYS=maker.pem fengsui rules pack install bundle.zip`
    """
    with desk_of(store) as desk:
        preview = _preview(desk.packs, source, name)
        pack = desk.packs.install(preview, BY, reason, allow_unsigned=allow_unsigned)
    _tell(preview, pack, as_json)


@app.command()
def update(
    name: str = typer.Argument(help="An installed pack"),
    source: Path = typer.Argument(help="Its new folder, zip or bundle"),
    allow_unsigned: bool = _UNSIGNED,
    reason: str = _REASON,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Update an installed pack; local changes are kept, and merged where upstream's do not touch them.

    Example: `fengsui rules pack update sigmahq sigma-new.zip --allow-unsigned`
    """
    with desk_of(store) as desk:
        if name not in {pack.name for pack in desk.state.packs()}:
            raise _no_pack(name)
        preview = _preview(desk.packs, source, name)
        pack = desk.packs.install(preview, BY, reason, allow_unsigned=allow_unsigned)
    _tell(preview, pack, as_json)


@app.command()
def diff(
    source: Path = typer.Argument(help="Folder or zip"),
    name: str = _NAME,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Show what installing would change; nothing is changed.

    Example: `fengsui rules pack diff sigma-new.zip --name sigmahq`
    """
    with desk_of(store) as desk:
        preview = _preview(desk.packs, source, name)
        desk.packs.forget(preview.staged)
    if as_json:
        show_json(_document(preview, None))
        return
    _show(preview)
    for kind in KINDS:
        for change in preview.changes[kind]:
            if change.diff:
                OUT.print(f"{kind}: {change.path}\n{change.diff}", markup=False)


@app.command("list")
def list_packs(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """List installed packs.

    Example: `fengsui rules pack list`
    """
    with desk_of(store) as desk:
        packs = desk.state.packs()
    if as_json:
        show_json({"packs": [_pack(pack) for pack in packs]})
        return
    show_table(
        "Packs",
        ("name", "version", "#rules", "#refused", "signed", "licence", "by", "installed"),
        [
            (
                pack.name,
                pack.version,
                pack.rules,
                pack.refused,
                pack.key if pack.signed else "no",
                pack.licence,
                pack.by,
                to_iso(pack.at),
            )
            for pack in packs
        ],
        empty="none; `fengsui rules pack install FOLDER|ZIP`",
    )


@app.command()
def remove(
    name: str = typer.Argument(help="An installed pack"),
    reason: str = _REASON,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Take a pack away; local changes of its rules stay in the history.

    Example: `fengsui rules pack remove sigmahq --reason "replaced by ours"`
    """
    with desk_of(store) as desk:
        desk.packs.remove(name, BY, reason)
    if as_json:
        show_json({"removed": name})
    else:
        OUT.print(f"removed {name}", markup=False)


@app.command()
def bundle(
    folder: Path = typer.Argument(help="Folder of rules"),
    target: Path = typer.Argument(help="Zip to write"),
    name: str = typer.Option(..., "--name", help="Name of the pack"),
    version: str = typer.Option("", "--version", help="Its version"),
    author: str = typer.Option("", "--author", help="Who made it"),
    licence: str = typer.Option("", "--licence", help="Its licence"),
    key: Path | None = typer.Option(
        None, "--key", help="Private Ed25519 key (PEM): openssl genpkey -algorithm ed25519"
    ),
    as_json: bool = _JSON,
) -> None:
    """Make a bundle of a folder: a zip with a manifest of its files, signed with a key.

    Example: `fengsui rules pack bundle ./rules ours.zip --name ours --key key.pem`
    """
    signer = read_private_key(key) if key else None
    with tempfile.TemporaryDirectory() as staged:
        made = make_bundle(
            folder,
            target,
            signer,
            Path(staged),
            name=pack_name(name),
            version=version,
            author=author,
            licence=licence,
        )
    document = {"file": str(target), "files": len(made.files or ()), "key": made.key}
    if as_json:
        show_json(document)
    else:
        signed = f"signed by {made.key}" if made.key else "not signed"
        OUT.print(f"{target}: {document['files']} files, {signed}", markup=False)


def _preview(desk: PackDesk, source: Path, name: str) -> Preview:
    return desk.preview(desk.stage(source), name)


def _tell(preview: Preview, pack: Pack, as_json: bool) -> None:
    if as_json:
        show_json(_document(preview, pack))
        return
    _show(preview)
    signed = f"signed by {pack.key}" if pack.signed else "not signed"
    OUT.print(f"installed {pack.name} {pack.version}: {pack.rules} rules, {signed}", markup=False)


def _show(preview: Preview) -> None:
    counts = ", ".join(f"{count} {word}" for word, count in preview.counts.items())
    OUT.print(f"{preview.name}: {counts}", markup=False)
    for kind in KINDS:
        show_table(
            kind,
            ("rule", "title", "file"),
            [(one.rule, one.title, one.path) for one in preview.changes[kind][:50]],
        )
    folder = preview.staged.folder
    show_table(
        "refused",
        ("where", "why"),
        [
            (f"{one.path.relative_to(folder).as_posix()}:{one.line}", one.reason)
            for one in preview.refused[:50]
        ],
    )


def _document(preview: Preview, pack: Pack | None) -> dict[str, Any]:
    folder = preview.staged.folder
    return {
        "name": preview.name,
        "pack": _pack(pack) if pack else None,
        "installed": _pack(preview.installed) if preview.installed else None,
        "signed": bool(preview.staged.manifest.key),
        "digest": preview.staged.digest,
        "same": preview.same,
        "counts": preview.counts,
        **{kind: [asdict(one) for one in preview.changes[kind]] for kind in KINDS},
        "refused": [
            {
                "file": one.path.relative_to(folder).as_posix(),
                "line": one.line,
                "title": one.title,
                "reason": one.reason,
            }
            for one in preview.refused
        ],
    }


def _pack(pack: Pack) -> dict[str, Any]:
    return {**asdict(pack), "at": to_iso(pack.at), "signed": pack.signed}


def _no_pack(name: str) -> NotFoundError:
    return NotFoundError("There is no such pack", where=name, next="See `fengsui rules pack list`")
