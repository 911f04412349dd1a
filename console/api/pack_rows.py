"""Packs as the API shows them."""

from __future__ import annotations

from console.api.rule_rows import refused_row
from console.api.schemas.packs import Pack, PackChange, PackCounts, PackPage, PackPreview
from console.api.schemas.rules import Refused, RuleName
from console.api.shown import text_shown
from console.rules.comparing import SHOWN_MOST, ChangeKind
from console.rules.desk import RuleDesk
from console.rules.loading import Origin, RuleFile
from console.rules.packs import Preview
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError


def pack_rows(desk: RuleDesk) -> list[Pack]:
    """All origins of rules but our own texts."""
    return [_row(desk, origin) for origin in desk.known().rules.origins if origin.kind != "local"]


def pack_row(desk: RuleDesk, name: str) -> Pack:
    """One of them; raises NotFoundError."""
    return _row(desk, _origin(desk, name))


def pack_page(desk: RuleDesk, name: str) -> PackPage:
    """One of them with its faults; raises NotFoundError."""
    origin = _origin(desk, name)
    known = desk.known()
    refused = [
        refused_row(known, one) for one in known.refused if one.path.is_relative_to(origin.folder)
    ]
    waiting = [each for each in _files(desk, origin) if each.upstream_changed]
    return PackPage(
        **_row(desk, origin).model_dump(),
        refused_items=refused[:SHOWN_MOST],
        upstream_changed_items=[
            RuleName(id=each.id, title=text_shown(known.by_id[each.ids[0]].title))
            for each in waiting
        ],
    )


def preview_shown(desk: RuleDesk, preview: Preview) -> PackPreview:
    """What installing would do."""
    staged = preview.staged

    def rows(kind: ChangeKind) -> list[PackChange]:
        return [
            PackChange(rule=one.rule, title=one.title, path=one.path, diff=one.diff)
            for one in preview.changes[kind][:SHOWN_MOST]
        ]

    return PackPreview(
        upload=staged.id,
        name=preview.name,
        version=staged.manifest.version,
        author=staged.manifest.author,
        licence=preview.licence,
        signed=bool(staged.manifest.key),
        key=staged.manifest.key,
        digest=staged.digest,
        installed=pack_row(desk, preview.name) if preview.installed else None,
        same=preview.same,
        added=rows("added"),
        changed=rows("changed"),
        removed=rows("removed"),
        merged=rows("merged"),
        conflicts=rows("conflicts"),
        refused=[
            Refused(
                origin="pack",
                pack=preview.name,
                path=one.path.relative_to(staged.folder).as_posix(),
                line=one.line,
                column=getattr(one, "column", None),
                title=one.title,
                reason=one.reason,
                supported=one.supported,
            )
            for one in preview.refused[:SHOWN_MOST]
        ],
        counts=PackCounts(**preview.counts),
    )


def _origin(desk: RuleDesk, name: str) -> Origin:
    for origin in desk.known().rules.origins:
        if origin.name == name and origin.kind != "local":
            return origin
    raise NotFoundError("There is no such pack", where=name, next="See GET /api/packs")


def _files(desk: RuleDesk, origin: Origin) -> list[RuleFile]:
    return [each for each in desk.known().rules.files.values() if each.origin == origin]


def _row(desk: RuleDesk, origin: Origin) -> Pack:
    files = _files(desk, origin)
    refused = desk.known().refused
    pack = origin.pack
    return Pack(
        name=origin.name,
        kind="builtin" if origin.kind == "builtin" else "pack" if pack else "folder",
        version=origin.version,
        author=pack.author if pack else "",
        licence=pack.licence if pack else "",
        source=pack.source if pack else "",
        signed=pack.signed if pack else False,
        key=pack.key if pack else "",
        digest=pack.digest if pack else "",
        rules=sum(len(each.ids) for each in files),
        refused=sum(one.path.is_relative_to(origin.folder) for one in refused),
        by=pack.by if pack else "",
        at=to_iso(pack.at) if pack else None,
        local=sum(each.local for each in files),
        upstream_changed=sum(each.upstream_changed for each in files),
        removable=pack is not None,
    )
