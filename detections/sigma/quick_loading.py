"""Quick loading: the same as `loader.load`, by two processes, and on a shelf.

Reading thousands of YAML files is all that a first start waits for. A second process reads half of
them and hands over rows and frozen rules, which are nobody's to take apart again here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from detections.sigma.frozen import FrozenError
from detections.sigma.loaded import Loaded, LoadedRule
from detections.sigma.loader import File, Gathered, files_of, load, read, without_collector
from detections.sigma.placeholders import Placeholders
from detections.sigma.shelf import ShelvedRule, bound, shelved, unbound

if TYPE_CHECKING:
    from detections.sigma.loader import Found

_WORTH = 200  # files from which on a second process pays
_OWN = 0.53  # share of the files that this process reads: the other's memory is copied as it writes
_PIECE = 1 << 20  # bytes


def load_quickly(places: Iterable[Path], placeholders: Placeholders) -> Loaded:
    """Every rule of some folders and files; see `loader.load`.

    Raises:
        RuleError: a place does not exist or cannot be read.
    """
    named = tuple(places)
    with without_collector():
        files = list(files_of(named))
        half = int(len(files) * _OWN) if _pays(len(files)) else len(files)
        far = _Far(files[half:], placeholders) if half < len(files) else None
        gathered = Gathered()
        try:
            found = list(_shelved(files[:half], placeholders))
        except FrozenError:
            found = None
        finally:
            given = far.found() if far is not None else []
        if found is None or given is None:
            return load(named, placeholders)  # something that only this process can hold
        for one in (*found, *given):
            gathered.add(one)
        return gathered.loaded()


def _pays(files: int) -> bool:
    """Whether there is a second processor, and no thread that a fork would leave behind."""
    return files >= _WORTH and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _shelved(files: Sequence[File], placeholders: Placeholders) -> Iterable[ShelvedRule | Found]:
    for file in files:
        for one in read(file, placeholders):
            yield shelved(one) if isinstance(one, LoadedRule) else one


class _Far:
    """A child that reads some files; it ends when its pipe is read."""

    def __init__(self, files: Sequence[File], placeholders: Placeholders) -> None:
        self._end, other = os.pipe()
        self._child = os.fork()
        if self._child:
            os.close(other)
            return
        status = 1
        try:
            os.close(self._end)
            _send(other, _as_bytes(files, placeholders))
            status = 0
        finally:
            os._exit(status)  # nothing of the parent's is flushed or ended here

    def found(self) -> list[ShelvedRule | Found] | None:
        """What it read, in order; None where it failed."""
        with open(self._end, "rb") as pipe:  # noqa: PTH123 - a pipe has no path
            data = pipe.read()
        _, status = os.waitpid(self._child, 0)
        if status:
            return None
        try:
            rules, others = unbound(data)
        except FrozenError:
            return None
        each = iter(rules)
        found: list[ShelvedRule | Found] = []
        for before, other in others:
            while len(found) < before:
                found.append(next(each))
            found.append(other)
        return [*found, *each]


def _as_bytes(files: Sequence[File], placeholders: Placeholders) -> bytes:
    """All of some files: the rules, and the others with their places among them."""
    found = list(_shelved(files, placeholders))
    rules = [one for one in found if isinstance(one, ShelvedRule)]
    others = [(place, one) for place, one in enumerate(found) if not isinstance(one, ShelvedRule)]
    return bound(rules, others)


def _send(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view[:_PIECE]) :]
