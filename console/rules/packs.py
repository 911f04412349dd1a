"""Installing rule packs: unpacked beside the old one, checked, shown, then swapped by one commit.

A pack's files stand in `<home>/rules/packs/<name>/<digest>`; the state says which digest is installed. So
whatever goes wrong before the commit leaves the old pack as it is, and a worker that reads it meanwhile
finds its files where they were.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import orjson

from console.rules.checking import unlinked_of, with_named
from console.rules.comparing import (
    KINDS,
    Change,
    ChangeKind,
    Comparison,
    PackFile,
    files_of,
    other_files,
    relative,
    title_of,
)
from console.rules.loading import RuleLibrary, rules_folder
from detections.life import every
from detections.packs.archive import Taken, take_folder, take_zip
from detections.packs.bundle import Manifest, pack_name, read_keys, read_manifest
from detections.sigma.loader import Loaded, Refused, load
from fengsui.clock import WallClock
from fengsui.errors import InputError, NotFoundError
from fengsui.hashes import sha256
from fengsui.ids import random_id
from fengsui.settings import Settings
from fengsui.store.rule_states import NewVersion, Pack
from fengsui.store.state import State

_STAGED_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Staged:
    """An unpacked pack, not installed yet; `left`: rule files that were too large."""

    id: str
    folder: Path
    source: str
    manifest: Manifest
    digest: str
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What installing would do.

    Attributes:
        installed: what it would replace.
        merged: changed on both sides, and merged; `conflicts`: the same, where our text stays active
            until somebody decides.
        versions: texts to be kept with it.
        refused: documents that do not load, and correlations that cannot be linked.
    """

    staged: Staged
    name: str
    installed: Pack | None
    loaded: Loaded
    unchanged: int
    changes: Mapping[ChangeKind, list[Change]]
    versions: tuple[NewVersion, ...]
    refused: tuple[Refused, ...]

    @property
    def same(self) -> bool:
        """Whether just this is installed already."""
        return self.installed is not None and self.installed.digest == self.staged.digest

    @property
    def licence(self) -> str:
        """What the manifest says, else the licence of most of its rules."""
        names = [one.licence for one in self.loaded.rules if one.licence]
        usual = max(set(names), key=names.count) if names else ""
        return self.staged.manifest.licence or usual

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        found: dict[str, int] = {kind: len(self.changes[kind]) for kind in KINDS}
        return {**found, "refused": len(self.refused), "unchanged": self.unchanged}


class PackDesk:
    """Packs of one installation."""

    def __init__(self, settings: Settings, state: State, library: RuleLibrary) -> None:
        self._settings = settings
        self._state = state
        self._library = library
        self._stage = rules_folder(settings) / "staged"

    def stage(self, source: Path, name: str = "") -> Staged:
        """Unpack and check a zip or folder; nothing that is installed is touched.

        Args:
            source: the file or folder.
            name: what it was called, where `source` is a temporary file.

        Raises:
            InputError: it is no pack, a hostile one, or its signature does not hold.
        """
        keys = read_keys(self._settings.detection.pack_keys)
        id_ = random_id()
        folder = self._stage / id_
        files = folder / "files"
        files.mkdir(parents=True, mode=0o700)
        try:
            taken = take_folder(source, files) if source.is_dir() else take_zip(source, files)
            manifest = read_manifest(files, taken.files, keys)
            digest = _digest(files, taken)
            staged = Staged(id_, files, name or source.name, manifest, digest, taken.left)
            (folder / "about.json").write_bytes(
                orjson.dumps({**asdict(staged), "folder": ""}, option=orjson.OPT_SORT_KEYS)
            )
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, InputError) and name and error.where == str(source):
                error.where = name  # not where we had put it
            raise
        self._forget_old(keep=id_)
        return staged

    def staged(self, id_: str) -> Staged:
        """What was staged before; raises NotFoundError."""
        folder = self._stage / id_
        try:
            if not re.fullmatch("[0-9a-f]+", id_):
                raise FileNotFoundError(id_)
            about = orjson.loads((folder / "about.json").read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotFoundError(
                "There is no such upload (any more)", where=id_, next="Upload the pack again"
            ) from error
        manifest = Manifest(**about.pop("manifest"))
        about.update(manifest=manifest, folder=folder / "files", left=tuple(about["left"]))
        return Staged(**about)

    def forget(self, staged: Staged) -> None:
        """Throw away what was only to be looked at."""
        shutil.rmtree(staged.folder.parent, ignore_errors=True)

    def preview(self, staged: Staged, name: str = "") -> Preview:
        """What installing it would do.

        Raises:
            InputError: no rule of it loads (`nothing_loads`), or its name is none.
        """
        name = _name_for(staged, name)
        installed = next((each for each in self._state.packs() if each.name == name), None)
        loaded = load([staged.folder], self._settings.detection.placeholders)
        unlinked = self._unlinked(loaded)
        left = (_too_large(staged, one) for one in staged.left)
        refused = tuple(
            replace(one, reason=one.reason.replace(f"{staged.folder}/", ""))
            for one in (*loaded.refused, *unlinked, *left)
        )
        if not loaded.rules and len(loaded.correlations) == len(unlinked):
            first = refused[0] if refused else None
            raise InputError(
                "No rule of this pack loads"
                + (f"; the first fault: {first.reason}" if first else ": it holds no rule file"),
                where=relative(first.path, staged.folder) if first else staged.source,
                next="Give a folder or zip with Sigma rules (*.yml)",
                code="nothing_loads",
            )
        compared = self._compared(staged, name, installed, loaded)
        return Preview(
            staged=staged,
            name=name,
            installed=installed,
            loaded=loaded,
            unchanged=compared.unchanged,
            changes=compared.changes,
            versions=tuple(compared.versions),
            refused=refused,
        )

    def install(
        self, preview: Preview, by: str, reason: str, *, allow_unsigned: bool = False
    ) -> Pack:
        """Make a staged pack the installed one.

        Raises:
            InputError: nobody trusted signed it and that is not allowed (`unsigned`).
            BusyError: another pack of this name was installed, or one of its rules changed, since the
                preview (`version_conflict`); nothing is changed then.
        """
        staged, manifest = preview.staged, preview.staged.manifest
        if not manifest.key and not allow_unsigned:
            raise InputError(
                "Nobody whom we trust signed this pack",
                where=staged.source,
                next="Allow it expressly (--allow-unsigned), or install a signed bundle",
                code="unsigned",
            )
        rules = len(preview.loaded.rules) + len(preview.loaded.correlations)
        pack = Pack(
            preview.name,
            manifest.version,
            manifest.author,
            preview.licence,
            staged.source,
            manifest.key,
            staged.digest,
            rules,
            len(preview.refused),
            by,
            WallClock().now(),
        )
        target = rules_folder(self._settings) / "packs" / pack.name / pack.digest
        seen = preview.installed.digest if preview.installed else ""
        fresh = not target.exists()
        if fresh:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged.folder.rename(target)
        try:
            self._state.put_pack(pack, seen, preview.versions)
        except BaseException:
            if fresh:
                target.rename(staged.folder)
            raise
        detail = {"digest": pack.digest, "key": pack.key, "source": pack.source, "reason": reason}
        self._state.audit(by, "pack.install", pack.name, {**detail, **preview.counts})
        shutil.rmtree(staged.folder.parent, ignore_errors=True)
        self._prune(target, keep={pack.digest, seen})
        return pack

    def remove(self, name: str, by: str, reason: str) -> None:
        """Take a pack away; texts of ours over its rules stay in the state, without effect.

        Raises:
            NotFoundError: no such pack is installed.
        """
        if not self._state.drop_pack(name):
            raise NotFoundError(
                "There is no such pack", where=name, next="See `fengsui rules pack list`"
            )
        self._state.audit(by, "pack.remove", name, {"reason": reason})

    def _unlinked(self, loaded: Loaded) -> list[Refused]:
        """Correlations that name each other in a circle, or what neither the pack nor we have."""
        if not loaded.correlations:
            return []
        whole = with_named(tuple(every(loaded)), self._library.current())
        mine = {(one.path, one.line) for one in loaded.correlations}
        return [one for one in unlinked_of(whole) if (one.path, one.line) in mine]

    def _compared(
        self,
        staged: Staged,
        name: str,
        installed: Pack | None,
        loaded: Loaded,
    ) -> Comparison:
        known = self._library.current()
        origin = next((one for one in known.origins if one.pack == installed), None)
        old: dict[str, PackFile] = {}
        if installed is not None and origin is not None:
            for file in known.files.values():
                if file.origin.name == name and file.upstream is not None:
                    old[file.id] = PackFile(file.path, file.upstream_text, title_of(file.text))
            paths = {file.path for file in old.values()}
            paths |= {relative(one.path, origin.folder) for one in known.loaded.refused}
            old |= other_files(origin.folder, paths)
        newest = self._state.newest_versions()
        comparison = Comparison(
            name,
            old,
            files_of(loaded, staged.folder),
            newest,
            self._state.rule_texts,
            f"{name} {staged.manifest.version}".strip(),
        )
        comparison.run()
        return comparison

    def _prune(self, target: Path, keep: set[str]) -> None:
        for folder in target.parent.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    def _forget_old(self, keep: str) -> None:
        folders = sorted(self._stage.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for folder in folders[:-_STAGED_MOST]:
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)


def _digest(folder: Path, taken: Taken) -> str:
    rows = [f"{name} {sha256((folder / name).read_bytes())}" for name in sorted(taken.files)]
    return sha256("\n".join(rows).encode())


def _name_for(staged: Staged, name: str) -> str:
    stated = staged.manifest.name
    if stated and name and name != stated and staged.manifest.key:
        raise InputError(
            f"The pack is signed under the name {stated}",
            where=name,
            next="Leave the name out",
            code="bad_name",
        )
    usual = re.sub(r"[^a-z0-9._-]+", "-", Path(staged.source).stem.lower()).strip("-._")
    return pack_name(name or stated or usual or "pack")


def _too_large(staged: Staged, name: str) -> Refused:
    return Refused(staged.folder / name, 1, "", "larger than 1 MiB", supported=True)
