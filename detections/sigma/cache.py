"""Cache: loaded rules kept by the content of their files and of our code, so that a start is quick.

A file that is damaged, or made by other code or from other rules, is never used: its name is a digest
of all that went into it, and its first line a digest of the rest.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import orjson

from detections.sigma.frozen import FrozenError
from detections.sigma.loaded import Loaded
from detections.sigma.places import LARGEST_FILE, rule_files
from detections.sigma.shelf import packed, unpacked

Placeholders = Mapping[str, Sequence[str | int | float]]
_HERE = Path(__file__).parent
_SOURCES = (_HERE, _HERE / "correlations")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")
_KEPT = 8  # files in the cache folder; the least recently used go first
_DIGEST = 32  # bytes


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
        path = (folder or user_folder()) / f"rules-{_key(named, placeholders)}.shelf"
        found = _read(path)
        if found is None:
            found = load(named)
            later(partial(_write, path, found))
        return found


@contextmanager
def _no_collections() -> Generator[None]:
    """Without garbage collection: a million lasting objects are made, and walking them costs most."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def user_folder() -> Path:
    """The cache folder of this user."""
    return Path("~/.cache/fengsui/sigma").expanduser()


def _key(places: Sequence[Path], placeholders: Placeholders) -> str:
    """Digest of all that the loaded rules depend on."""
    state = hashlib.sha256(_code())
    state.update(orjson.dumps({name: list(placeholders[name]) for name in sorted(placeholders)}))
    folders: set[str] = set()
    for place in places:
        for path, problem in rule_files(place):
            name = str(path)
            folders.update(_above(name, str(place)))
            state.update(f"\0{name}\0{problem}\0".encode("utf-8", "surrogateescape"))
            if not problem:
                state.update(_digest(name))
        folders.add(str(place))
    for folder in sorted(folders):  # a rule's licence is that of the nearest folder that has one
        for name in LICENCES:
            state.update(_digest(f"{folder}/{name}"))
    return state.hexdigest()[:40]


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
