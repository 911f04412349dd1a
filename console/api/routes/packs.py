"""Rule packs: looked at before they are installed, swapped as a whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from console.api.access import Operator, Visitor, needs
from console.api.pack_rows import pack_page, pack_row, pack_rows, preview_shown
from console.api.parts import Parts
from console.api.schemas.packs import (
    InstallPack,
    PackCounts,
    PackInstalled,
    PackPage,
    PackPreview,
    Packs,
    RemovePack,
)
from console.api.schemas.words import Done
from console.api.uploads import FILE_FORM, receive_file
from detections.packs.archive import ARCHIVE_MOST
from fengsui.ids import random_id

router = APIRouter(prefix="/packs", tags=["packs"])
PackKeeper = Annotated[Visitor, needs("analyst", "system_admin")]


@router.get("")
def list_packs(visitor: Operator, parts: Parts) -> Packs:
    """Where rules come from: built in, folders of the settings, packs."""
    return Packs(items=pack_rows(parts.desk))


@router.get("/{name}")
def read_pack(visitor: Operator, name: str, parts: Parts) -> PackPage:
    """One pack with what did not load, and what waits for a decision."""
    return pack_page(parts.desk, name)


@router.post("/uploads", openapi_extra=FILE_FORM)
async def upload_pack(request: Request, visitor: PackKeeper, parts: Parts) -> PackPreview:
    """Look at a zip of rules: what installing it would change. Nothing is changed yet."""
    settings = parts.settings.settings
    folder = settings.home / "rules"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"upload-{random_id()}.part"
    limit = min(settings.console.upload_megabytes * 1_000_000, ARCHIVE_MOST)
    try:
        name = await receive_file(request, target, limit)

        def look() -> PackPreview:
            staged = parts.desk.packs.stage(target, name)
            parts.state.audit(
                visitor.name, "pack.upload", name, {"digest": staged.digest, "upload": staged.id}
            )
            return preview_shown(parts.desk, parts.desk.packs.preview(staged))

        return await run_in_threadpool(look)
    finally:
        target.unlink(missing_ok=True)


@router.post("")
def install_pack(given: InstallPack, visitor: PackKeeper, parts: Parts) -> PackInstalled:
    """Install what was uploaded and looked at."""
    desk = parts.desk.packs
    preview = desk.preview(desk.staged(given.upload), given.name)
    counts = PackCounts(**preview.counts)
    pack = desk.install(preview, visitor.name, given.reason, allow_unsigned=given.allow_unsigned)
    return PackInstalled(pack=pack_row(parts.desk, pack.name), counts=counts)


@router.post("/{name}/remove")
def remove_pack(given: RemovePack, name: str, visitor: PackKeeper, parts: Parts) -> Done:
    """Take a pack away."""
    parts.desk.packs.remove(name, visitor.name, given.reason)
    return Done()
