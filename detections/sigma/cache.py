"""Cache: loaded rules kept by the content of their files and of our code, so that a start is quick.

A file that is damaged, or made by other code or from other rules, is never used: its name is a digest
of all that went into it, and it begins with a digest of the rest. Files that look as they did when they
were read last (rules and cache alike: place, size, times) are not read again to tell that they are the same.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import mmap
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import orjson

from detections.sigma.checked_file import DIGEST, is_whole, write_checked
from detections.sigma.frozen import FrozenError
from detections.sigma.loaded import Loaded
from detections.sigma.places import LICENCES, content_of, rule_files
from detections.sigma.shelf import packed, unpacked
from detections.sigma.tables import FOLDER

Placeholders = Mapping[str, Sequence[str | int | float]]
_HERE = Path(__file__).parent
_SOURCES = (_HERE, _HERE / "correlations")
_KEPT = 16  # files in the cache folder; the least recently used go first
_DIGITS = 40  # of a key
_COARSE = 2_000_000_000  # ns between two times of a file system that tells them coarsely


def loaded_once(
    places: Iterable[Path],
    placeholders: Placeholders,
    load: Callable[[Sequence[Path]], Loaded],
    folder: Path | None = None,
    later: Callable[[Callable[[], None]], object] = lambda write: write(),
) -> Loaded:
    """What `load` makes of these places, from the cache where it is there.

    Args:
        places: folders and files of rules.
        placeholders: values that `load` fills in.
        load: reads the rules.
        folder: of the cache; the user's own where none is given.
        later: called with what writes the cache; at once, or when there is time (`atexit.register`).

    Raises:
        RuleError: as `load` does.
    """
    named = tuple(places)
    with _no_collections():
        inside = folder or user_folder()
        files = _files(named)
        seen = inside / f"rules-{_seen(files, placeholders)}.same"
        key, state = _noted(seen)
        found = _read(_shelf(inside, key), state) if key else None
        if found is not None:
            return found
        path = _shelf(inside, _key(files, placeholders))
        found = _read(path)
        made = None
        if found is None:
            found = made = load(named)
        later(partial(_keep, path, made, seen if _settled(files) else None))
        return found


def _shelf(folder: Path, key: str) -> Path:
    return folder / f"rules-{key}.shelf"


@contextmanager
def _no_collections() -> Generator[None]:
    """Without garbage collection: a million lasting objects are made, and walking them costs most."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()  # and back: what was made counts as old, and is not walked at once
            gc.unfreeze()
            gc.enable()


def user_folder() -> Path:
    """The cache folder of this user."""
    return Path(FOLDER).expanduser()


class _File(NamedTuple):
    """A file that rules are read from, or a licence that might be there; `state` tells it has not changed."""

    name: str
    problem: str
    state: tuple[int, ...]


def _files(places: Sequence[Path]) -> list[_File]:
    """All that the loaded rules depend on, besides placeholders and our code."""
    found: list[_File] = []
    folders: set[str] = set()
    for place in places:
        own = {str(place)}
        for name, problem in rule_files(place):
            if name.rpartition("/")[0] not in own:
                own.update(_above(name, str(place)))
            found.append(_File(name, problem, () if problem else _state(name)))
        folders |= own
    for folder in sorted(folders):  # a rule's licence is that of the nearest folder that has one
        found += [_File(path, "", _state(path)) for path in (f"{folder}/{one}" for one in LICENCES)]
    return found


def _state(name: str) -> tuple[int, ...]:
    """What changes with a file's content: where it is, its size and its times in ns."""
    try:
        seen = os.stat(name)  # noqa: PTH116 - of thousands, and half the time of Path.stat
    except OSError:
        return ()
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _settled(files: Sequence[_File]) -> bool:
    """Whether all files are older than their clock is coarse, so that one that changes gets another time."""
    newest = max((max(one.state[3:]) for one in files if one.state), default=0)
    return newest < time.time_ns() - _COARSE


def _seen(files: Sequence[_File], placeholders: Placeholders) -> str:
    """Digest of how the files look from outside."""
    state = hashlib.sha256(_begun(placeholders))
    state.update("".join(map(tuple.__repr__, files)).encode("utf-8", "surrogateescape"))
    return state.hexdigest()[:_DIGITS]


def _key(files: Sequence[_File], placeholders: Placeholders) -> str:
    """Digest of the files' content."""
    state = hashlib.sha256(_begun(placeholders))
    for name, problem, _ in files:
        state.update(f"\0{name}\0{problem}\0".encode("utf-8", "surrogateescape"))
        if not problem:
            state.update(_digest(name))
    return state.hexdigest()[:_DIGITS]


def _begun(placeholders: Placeholders) -> bytes:
    """What they depend on besides files."""
    return _code() + orjson.dumps({name: list(placeholders[name]) for name in sorted(placeholders)})


def _noted(seen: Path) -> tuple[str, str]:
    """What was noted for files that look so: the key of their content, and how its shelf looked."""
    try:
        key, _, state = seen.read_text("ascii", "replace").partition(" ")
    except OSError:
        return "", ""
    return (key, state) if len(key) == _DIGITS else ("", "")


def _note(seen: Path, shelf: Path) -> None:
    """Remember which content the files have, and how the shelf looks that is whole."""
    with contextlib.suppress(OSError):
        looks = _looks(shelf.stat())
        part = seen.with_name(f".{seen.name}.{os.getpid()}")
        part.write_text(f"{shelf.stem.removeprefix('rules-')} {looks}")
        part.replace(seen)


def _looks(state: os.stat_result) -> str:
    """What changes with a shelf's content; the time of its last use does not."""
    return f"{state.st_dev} {state.st_ino} {state.st_size} {state.st_mtime_ns}"


def _above(name: str, place: str) -> Iterator[str]:
    """Folders between a file and its place."""
    while len(name) > len(place):
        name = name.rpartition("/")[0]
        yield name


def _digest(path: str) -> bytes:
    """Of a file's content as far as the loader reads it."""
    try:
        return hashlib.sha256(content_of(path)).digest()
    except OSError as error:
        return f"unreadable {error.errno}".encode()


@cache
def _code() -> bytes:
    """Of our own code and tables."""
    state = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted([*folder.glob("*.py"), *folder.glob("*.toml")]):
            state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.digest()


def _read(path: Path, known: str = "") -> Loaded | None:
    """What a shelf holds; one that looks as `known` says is whole."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            body = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        digest, rest = bytes(body[:DIGEST]), body[DIGEST:]
        if _looks(state) != known and not is_whole(digest, rest):
            return None
        found = unpacked(rest)
        os.utime(path, ns=(time.time_ns(), state.st_mtime_ns))
    except (OSError, ValueError):  # a FrozenError is one
        return None
    return found


def _keep(path: Path, made: Loaded | None, seen: Path | None) -> None:
    """Write what is new, and note what the files look like."""
    if made is not None:
        _write(path, made)
    if seen is not None:
        _note(seen, path)


def _write(path: Path, loaded: Loaded) -> None:
    """Keep it if that can be done."""
    try:
        write_checked(path, packed(loaded))
        _drop_old(path.parent)
    except (OSError, FrozenError):
        return


def _used(path: Path) -> float:
    state = path.stat()
    return max(state.st_atime, state.st_mtime)


def _drop_old(folder: Path) -> None:
    """Keep the newest few; parts that a killed process left go with them after a while."""
    files = sorted(folder.glob("*rules-*"), key=_used, reverse=True)
    for old in files[_KEPT:]:
        with contextlib.suppress(OSError):
            old.unlink()
