"""What is loaded: built-in rules, rules folders of the settings, packs, and our own texts over them.

A file of a pack that was changed here is replaced by our text when it loads; the pack's own stays on the
disk as it came. Our texts are written to `<home>/rules/active`, so that the loader reads files only.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from detections.detections import OWN_RULES
from detections.life import AnyRule, every
from detections.packs.archive import is_rule
from detections.sigma.loader import Loaded, Refused, load
from detections.sigma.placeholders import Placeholders
from fengsui import __version__
from fengsui.hashes import sha256
from fengsui.settings import Settings
from fengsui.store.rule_states import Pack, RuleLife, RuleVersion
from fengsui.store.state import State

OriginKind = Literal["builtin", "folder", "pack", "local"]
LOCAL: Final = "local"
BUILTIN: Final = "builtin"
_ID = re.compile(r"""^id:\s*['"]?([^\s'"#]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Origin:
    """A set of rules; `folder` is where its files stand. `pack` for installed ones."""

    name: str
    kind: OriginKind
    folder: Path
    version: str = ""
    pack: Pack | None = None


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of rules as it is loaded.

    Attributes:
        id: of its first rule; versions are kept under it.
        path: name inside its origin.
        loaded: the file that was read (ours, where it was changed here).
        upstream: the origin's own file; None for a rule of ours (and where upstream took it away).
        version: our newest text, where one is active.
        ids: of all its rules.
    """

    id: str
    origin: Origin
    path: str
    loaded: Path
    upstream: Path | None
    version: RuleVersion | None
    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is loaded."""
        return read_text(self.loaded)

    @property
    def upstream_text(self) -> str:
        """What upstream has; "" for a rule of ours."""
        return read_text(self.upstream) if self.upstream else ""

    @property
    def upstream_hash(self) -> str:
        """SHA-256 of what upstream has; "" for a rule of ours."""
        return sha256(self.upstream_text.encode()) if self.upstream else ""

    @property
    def local(self) -> bool:
        """Whether our text is active."""
        return self.version is not None

    @property
    def upstream_changed(self) -> bool:
        """Whether upstream went on since our text was made, and nobody has decided."""
        if self.version is None or not self.version.base:
            return False
        return self.upstream_hash != self.version.base


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that is known, drafts and retired rules too.

    Attributes:
        generation: of the state that it was loaded from.
        files: by id of the file's first rule.
        file_of: file id by rule id.
    """

    generation: tuple[int, int]
    loaded: Loaded
    origins: tuple[Origin, ...]
    files: Mapping[str, RuleFile]
    file_of: Mapping[str, str]
    lives: Mapping[str, RuleLife] = field(default_factory=dict[str, RuleLife])
    placeholders: Placeholders = field(default_factory=dict[str, list[str | int | float]])

    @property
    def all(self) -> tuple[AnyRule, ...]:
        """Rules and correlations."""
        return tuple(every(self.loaded))

    def file(self, rule: str) -> RuleFile | None:
        """The file that a rule stands in."""
        return self.files.get(self.file_of.get(rule, ""))

    def origin_of(self, path: Path) -> tuple[Origin, str]:
        """Whose a loaded file is, and its name there."""
        for origin in reversed(self.origins):
            if path.is_relative_to(origin.folder):
                return origin, path.relative_to(origin.folder).as_posix()
        return self.origins[0], path.name


def rules_folder(settings: Settings) -> Path:
    """Where packs and our own texts stand."""
    return settings.home / "rules"


def pack_folder(settings: Settings, pack: Pack) -> Path:
    """The files of an installed pack."""
    return rules_folder(settings) / "packs" / pack.name / pack.digest


def load_rules(settings: Settings, state: State | None, builtin: Path = OWN_RULES) -> RuleSet:
    """All rules of an installation; without its state, those of files alone.

    Raises:
        RuleError: a folder of the settings does not exist.
    """
    generation = state.rules_generation() if state else (0, 0)
    origins = _origins(settings, state.packs() if state else (), builtin)
    newest = state.newest_versions() if state else {}
    there = {"", *(origin.name for origin in origins)}  # what stood over a pack that is gone rests
    ours = {
        rule: each
        for rule, each in newest.items()
        if each.origin != "upstream" and each.pack in there
    }
    texts = state.rule_texts([each.hash for each in ours.values()]) if state else {}
    overlays = _overlays(origins, ours)
    written = _write(settings, ours, texts, overlays) if ours else {}
    places = _places(origins, overlays, written)
    loaded = load(places, settings.detection.placeholders)
    loaded = replace(loaded, refused=(*loaded.refused, *_gone(origins)))
    found = _rule_set(generation, loaded, origins, _Ours(ours, overlays, written), state)
    return replace(found, placeholders=settings.detection.placeholders)


def read_text(path: Path) -> str:
    """A rule file as text; what is no UTF-8 is replaced (it did not load either)."""
    return path.read_bytes().decode("utf-8-sig", "replace")


def rule_files(folder: Path) -> list[Path]:
    """Files of rules in a folder, as the loader orders them."""
    return sorted(path for path in folder.rglob("*") if is_rule(path.name) and path.is_file())


@dataclass(frozen=True, slots=True)
class _Ours:
    """Our active texts: versions, upstream's files that they replace, files that hold them; by id."""

    versions: Mapping[str, RuleVersion]
    upstream: Mapping[str, Path]
    written: Mapping[str, Path]


def _origins(settings: Settings, packs: Sequence[Pack], builtin: Path) -> tuple[Origin, ...]:
    made = [Origin(BUILTIN, "builtin", builtin, __version__)]
    for given in settings.detection.rules:
        folder = Path(given)
        made.append(Origin(given, "folder", folder if folder.is_dir() else folder.parent))
    made += [
        Origin(pack.name, "pack", pack_folder(settings, pack), pack.version, pack) for pack in packs
    ]
    made.append(Origin(LOCAL, "local", rules_folder(settings) / "active" / LOCAL))
    return tuple(made)


def _overlays(origins: Sequence[Origin], ours: Mapping[str, RuleVersion]) -> dict[str, Path]:
    """Upstream's file of each text of ours; by its name, else by the id that it begins with."""
    found: dict[str, Path] = {}
    for origin in origins:
        mine = {rule: each for rule, each in ours.items() if each.pack == origin.name}
        if not mine or origin.kind == "local":
            continue
        lost = set(mine)
        for rule, each in mine.items():
            path = origin.folder / each.path
            if path.is_file() and first_id(read_text(path)) in {rule, ""}:
                found[rule] = path
                lost.discard(rule)
        if lost and origin.folder.is_dir():
            for path in rule_files(origin.folder):
                rule = first_id(read_text(path))
                if rule in lost:
                    found[rule] = path
                    lost.discard(rule)
    return found


def first_id(text: str) -> str:
    """Id of the first rule of a text; "" where it names none."""
    match = _ID.search(text)
    return match[1].lower() if match else ""


def _write(
    settings: Settings,
    ours: Mapping[str, RuleVersion],
    texts: Mapping[str, str],
    overlays: Mapping[str, Path],
) -> dict[str, Path]:
    """Our texts as files, each beside a copy of its pack's licence."""
    folder = rules_folder(settings) / "active"
    written: dict[str, Path] = {}
    for rule, version in ours.items():
        if version.hash not in texts:
            continue
        shelf = LOCAL if not version.pack else sha256(version.pack.encode())[:16]
        path = folder / shelf / version.hash[:2] / f"{version.hash}.yml"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_suffix(f".{id(path)}.part")
            part.write_text(texts[version.hash], "utf-8", newline="")
            part.replace(path)
        licence = _licence_beside(overlays.get(rule))
        if licence and not (path.parent / licence.name).exists():
            shutil.copyfile(licence, path.parent / licence.name)
        written[rule] = path
    return written


def _licence_beside(path: Path | None) -> Path | None:
    for folder in path.parents if path else ():
        for name in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
            if (folder / name).is_file():
                return folder / name
        if folder.name in {"rules", "packs"}:
            break
    return None


def _places(
    origins: Sequence[Origin], overlays: Mapping[str, Path], written: Mapping[str, Path]
) -> list[Path]:
    """Folders and files for the loader: a folder of which a file is replaced is given file by file."""
    replaced = {overlays[rule]: path for rule, path in written.items() if rule in overlays}
    places: list[Path] = []
    for origin in origins:
        if origin.kind == "local":
            continue
        mine = {path for path in replaced if path.is_relative_to(origin.folder)}
        if origin.kind == "pack" and not origin.folder.is_dir():
            continue  # told by `_gone`
        whole = origin.folder if origin.kind != "folder" else Path(origin.name)
        if mine:
            places += [replaced.get(path, path) for path in rule_files(origin.folder)]
        else:
            places.append(whole)
    return [*places, *(path for rule, path in written.items() if rule not in overlays)]


def _gone(origins: Sequence[Origin]) -> list[Refused]:
    """Packs whose files somebody took away: the other rules go on."""
    return [
        Refused(
            origin.folder,
            1,
            origin.name,
            f"the files of the pack {origin.name} are gone: install it again",
            supported=True,
        )
        for origin in origins
        if origin.kind == "pack" and not origin.folder.is_dir()
    ]


def _rule_set(
    generation: tuple[int, int],
    loaded: Loaded,
    origins: tuple[Origin, ...],
    ours: _Ours,
    state: State | None,
) -> RuleSet:
    by_path: dict[Path, list[str]] = {}
    for rule in sorted(every(loaded), key=lambda one: one.line):
        by_path.setdefault(rule.path, []).append(rule.id)
    mine = {path: rule for rule, path in ours.written.items()}
    rule_set = RuleSet(generation, loaded, origins, {}, {}, state.rule_lives() if state else {})
    names = {origin.name: origin for origin in origins}
    files: dict[str, RuleFile] = {}
    for path, ids in by_path.items():
        id_ = mine.get(path)
        if id_ is None:
            origin, name = rule_set.origin_of(path)
            made = RuleFile(ids[0], origin, name, path, path, None, tuple(ids))
        else:
            version = ours.versions[id_]
            origin = names.get(version.pack or LOCAL, names[LOCAL])
            upstream = ours.upstream.get(id_)
            name = upstream.relative_to(origin.folder).as_posix() if upstream else version.path
            made = RuleFile(id_, origin, name, path, upstream, version, tuple(ids))
        files[made.id] = made
    file_of = {rule: made.id for made in files.values() for rule in made.ids}
    return RuleSet(generation, loaded, origins, files, file_of, rule_set.lives)


class RuleLibrary:
    """The rules of a running process; loads again when somebody changed them."""

    def __init__(self, settings: Settings, state: State, builtin: Path = OWN_RULES) -> None:
        self._settings = settings
        self._state = state
        self._builtin = builtin
        self._known: RuleSet | None = None
        self._lock = Lock()

    def current(self) -> RuleSet:
        """What is to be loaded now; several threads may ask, one of them loads."""
        with self._lock:
            generation = self._state.rules_generation()
            known = self._known
            if known is None or known.generation[1] != generation[1]:
                known = load_rules(self._settings, self._state, self._builtin)
            elif known.generation != generation:
                known = replace(known, generation=generation, lives=self._state.rule_lives())
            self._known = known
            return known
