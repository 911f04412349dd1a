"""Cache: loaded rules kept by the content of their files and of our code, so that a start is quick.

A file that is damaged, or made by other code or from other rules, is never used: its name is a digest
of all that went into it, and its first line a digest of the rest.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import orjson

from detections.sigma.frozen import FrozenError
from detections.sigma.loaded import Loaded
from detections.sigma.places import LARGEST_FILE, LICENCES, rule_files
from detections.sigma.shelf import packed, unpacked

Placeholders = Mapping[str, Sequence[str | int | float]]
_HERE = Path(__file__).parent
_SOURCES = (_HERE, _HERE / "correlations")
_KEPT = 16  # files in the cache folder; the least recently used go first
_DIGEST = 32  # bytes
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
        found = _read(_shelf(inside, _noted(seen)))
        if found is not None:
            return found
        path = _shelf(inside, _key(files, placeholders))
        found = _read(path)
        if found is None:
            found = load(named)
            later(partial(_write, path, found))
        if _settled(files):
            later(partial(_note, seen, path))
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
    return Path("~/.cache/fengsui/sigma").expanduser()


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


def _noted(seen: Path) -> str:
    """The key of content that was noted for files that look so."""
    try:
        return seen.read_text("ascii", "replace")[:_DIGITS]
    except OSError:
        return ""


def _note(seen: Path, shelf: Path) -> None:
    """Remember which content the files have."""
    with contextlib.suppress(OSError):
        part = seen.with_name(f".{seen.name}.{os.getpid()}")
        part.write_text(shelf.stem.removeprefix("rules-"))
        part.replace(seen)


def _above(name: str, place: str) -> Iterator[str]:
    """Folders between a file and its place."""
    while len(name) > len(place):
        name = name.rpartition("/")[0]
        yield name


def _digest(path: str) -> bytes:
    """Of a file's content as far as the loader reads it."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return f"unreadable {error.errno}".encode()
    try:
        return hashlib.sha256(os.read(file, LARGEST_FILE + 1)).digest()
    except OSError as error:
        return f"unreadable {error.errno}".encode()
    finally:
        os.close(file)


@cache
def _code() -> bytes:
    """Of our own code and tables."""
    state = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted([*folder.glob("*.py"), *folder.glob("*.toml")]):
            state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.digest()


def _read(path: Path) -> Loaded | None:
    try:
        data = path.read_bytes()
        body = data[_DIGEST:]
        if hashlib.sha256(body).digest() != data[:_DIGEST]:
            return None
        found = unpacked(body)
        os.utime(path)
    except (OSError, FrozenError):
        return None
    return found


def _write(path: Path, loaded: Loaded) -> None:
    """Keep it if that can be done; two processes that write at once both leave a whole file."""
    try:
        body = packed(loaded)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            part.write_bytes(hashlib.sha256(body).digest() + body)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _drop_old(path.parent)
    except (OSError, FrozenError):
        return


def _drop_old(folder: Path) -> None:
    """Keep the newest few; parts that a killed process left go with them after a while."""
    files = sorted(folder.glob("*rules-*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in files[_KEPT:]:
        with contextlib.suppress(OSError):
            old.unlink()
