"""Places: the rule files of folders, their text and their licence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from detections.sigma.faults import WrongRule
from fengsui.errors import RuleError

LARGEST_FILE = 1 << 20  # bytes; the largest public rule has 30 kB
_USUAL = 1 << 16  # bytes that nearly every file is smaller than
_ENDINGS = (".yml", ".yaml")
_DEEPEST = 40  # folders inside folders
_NO_FILE = "neither a file nor a link to one"
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")
_NONE = "?"  # a folder that says nothing of a licence
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def rule_files(place: Path) -> Iterator[tuple[str, str]]:
    """Every `*.yml` and `*.yaml` of a folder (deep), or the one file, in order of path; with the
    reason where one, or a folder, cannot be read. Links are followed, each folder is entered once.

    Raises:
        RuleError: the place does not exist or cannot be read.
    """
    try:
        if not place.exists():
            raise FileNotFoundError(2, "No such file or folder")
        if not place.is_dir():
            return iter([(str(place), "" if place.is_file() else _NO_FILE)])
        os.scandir(place).close()
    except OSError as error:
        raise _unreadable(place, error) from error
    return _inside(str(place), set(), 0)


def _inside(folder: str, seen: set[tuple[int, int]], depth: int) -> Iterator[tuple[str, str]]:
    try:
        own = os.stat(folder)  # noqa: PTH116 - of hundreds, and half the time of Path.stat
        key = (own.st_dev, own.st_ino)
        if key in seen:
            return
        seen.add(key)
        if depth > _DEEPEST:
            yield folder, f"folders are nested deeper than {_DEEPEST} levels"
            return
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield folder, f"the folder cannot be read: {error.strerror or error}"
        return
    start = "" if folder == "." else folder.rstrip("/") + "/"
    for entry in entries:
        path = start + entry.name
        try:
            if entry.is_dir():
                yield from _inside(path, seen, depth + 1)
            elif entry.name.lower().endswith(_ENDINGS):
                yield path, "" if entry.is_file() else _NO_FILE
        except OSError as error:
            yield path, f"cannot be read: {error.strerror or error}"


def content_of(path: str | Path) -> bytes:
    """A file's bytes; one more than `LARGEST_FILE` of a larger one.

    Raises:
        OSError: it cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(file, _USUAL)  # what is asked for is reserved, and takes most of the time
        return data if len(data) < _USUAL else data + os.read(file, LARGEST_FILE + 1 - _USUAL)
    finally:
        os.close(file)


def text_of(path: Path) -> str:
    """The text of a rule file.

    Raises:
        WrongRule: it is too large, or no UTF-8 text.
        OSError: it cannot be read.
    """
    data = content_of(path)
    if len(data) > LARGEST_FILE:
        raise WrongRule(f"larger than {LARGEST_FILE} bytes", 1)
    known = _MARKS.get(data[:2])
    if known:
        raise WrongRule(f"not UTF-8 text: it is {known}, save it as UTF-8", 1)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise WrongRule("not a text: it holds NUL bytes", line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            data.decode("gb18030")
            guess = "; it may be GBK: save it as UTF-8"
        except UnicodeDecodeError:
            guess = ""
        raise WrongRule(f"not UTF-8 text ({error.reason}){guess}", line) from error


def licence_of(folder: str, root: str, known: dict[str, str]) -> str:
    """Licence that a rules folder, or the nearest above it, names in a LICENSE file, as far as we know
    its text.

    Args:
        folder: inside `root`, or it.
        root: nothing above it is looked at.
        known: what was found before, by folder; added to.
    """
    if folder not in known:
        known[folder] = _licence_in(folder)
        if known[folder] == _NONE:
            above = str(Path(folder).parent)
            inside = len(folder) > len(root) and above != folder
            known[folder] = licence_of(above, root, known) if inside else ""
    return known[folder]


def _licence_in(folder: str) -> str:
    for name in LICENCES:
        try:
            with (Path(folder) / name).open("rb") as file:
                head = file.read(4096)
        except OSError:
            continue
        return "DRL 1.1" if b"Detection Rule License" in head else ""
    return _NONE


def _unreadable(path: Path, error: OSError) -> RuleError:
    return RuleError(
        f"Rules cannot be read: {error.strerror or error}",
        where=str(path),
        next="Check the path and its permissions (setting detection.rules)",
    )
