"""Hashes of files as they go by, each content hashed only once by all of them.

The same files cross a network again and again: pages, scripts, fonts, updates, revocation lists. So
SHA-256 alone is made of everything, and chunk by chunk its value says whether so much of a file was
seen before: then the states of the other hashes, which cost ten times as much, are already known.
Two contents would need one SHA-256 to be taken for each other.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import cache
from typing import Any, Final

HASHES: Final = ("md5", "sha1", "sha256", "sm3")
CHUNK: Final = 32 * 1024
MOST_KNOWN: Final = 4096  # states kept: about a kilobyte each
# Hashes of nothing: a copy costs a tenth of a new one.
_SHA256: Final = hashlib.sha256()

States = tuple[Any, ...]  # hashes in the middle of their work: never changed, only copied


class _Known:
    """States by the SHA-256 of what they have taken in; the ones used last."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.fresh: States = tuple(hashlib.new(one, usedforsecurity=False) for one in names)
        self.states: OrderedDict[bytes, States] = OrderedDict()

    def after(self, key: bytes, before: States, chunk: bytes | memoryview) -> States:
        """The states behind a chunk, which brings SHA-256 to `key`."""
        found = self.states.get(key)
        if found is not None:
            self.states.move_to_end(key)
            return found
        found = tuple(one.copy() for one in before)
        for one in found:
            one.update(chunk)
        self.states[key] = found
        if len(self.states) > MOST_KNOWN:
            self.states.popitem(last=False)
        return found


@cache
def known(names: tuple[str, ...]) -> _Known:
    """What is remembered for these hashes."""
    return _Known(names)


class Digests:
    """Hashes of one file.

    Args:
        names: those wanted, of `HASHES`; OpenSSL must have them.
    """

    __slots__ = ("_known", "_names", "_sha256", "states")

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._known = known(tuple(one for one in names if one != "sha256"))
        self.states = self._known.fresh
        self._sha256 = _SHA256.copy()

    def update(self, chunk: bytes | memoryview) -> None:
        """The next `CHUNK` bytes, or fewer at a file's end."""
        self._sha256.update(chunk)
        if self.states:
            self.states = self._known.after(self._sha256.digest(), self.states, chunk)

    def digests(self) -> list[tuple[str, str]]:
        """Names and hexadecimal digests, in the order asked for."""
        states = iter(self.states)
        return [
            (name, self._sha256.hexdigest() if name == "sha256" else next(states).hexdigest())
            for name in self._names
        ]
