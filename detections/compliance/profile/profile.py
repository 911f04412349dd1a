"""Profile: which items a system must meet, computed from its S and A levels and its extensions.

GB/T 22239-2019 annex A: a system graded S2A3 is level 3; it takes level-2 S items, level-3 A items and
level-3 G items. All extension items are G. Level 2 is never mapped to level 3 by clause number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from detections.compliance.profile.items import Item, items
from detections.compliance.profile.points import EXTENSIONS, GENERAL, LEVELS, points
from fengsui.errors import InputError

_WRITTEN: Final = re.compile(r"S([1-4])A([1-4])(?:G[1-4])?((?:\+[a-z]+)*)")
_ORDER: Final = ["PES", "CNS", "ABS", "CES", "SMC", "PSS", "ORS", "HRS", "CMS", "MMS"]


@dataclass(frozen=True, slots=True)
class Profile:
    """S and A levels (1–4) and extensions; its level is the higher of both."""

    s: int
    a: int
    extensions: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """Level of the system, also of its G items."""
        return max(self.s, self.a)

    def __str__(self) -> str:
        return "+".join([f"S{self.s}A{self.a}", *self.extensions])

    def items(self) -> tuple[Item, ...]:
        """The item set, by class, general before extensions."""
        return _items(self)

    def units(self) -> frozenset[str]:
        """Ids of the item set."""
        return frozenset(item.unit for item in self.items())


def make_profile(s: int, a: int, extensions: Iterable[str] = ()) -> Profile:
    """A profile whose parts are known.

    Raises:
        InputError: a level that does not exist, or an extension that is not carried at this level.
    """
    wanted = frozenset(extensions)
    if s not in LEVELS or a not in LEVELS:
        raise _bad(f"S{s}A{a} is no grade that is carried: levels 1 to 4 are")
    made = Profile(s, a, tuple(name for name in EXTENSIONS if name in wanted))
    for name in sorted(wanted):
        if name not in EXTENSIONS:
            raise _bad(f"{name[:20]} is no extension")
        if not points(made.level, name):
            raise _bad(f"The extension {name} is not carried at level {made.level}")
    return made


def parse_profile(text: str) -> Profile:
    """`S3A3`, `S2A3G3`, `S3A3+cloud+iot`.

    Raises:
        InputError: not of this form, or not carried.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise _bad(f"{text[:40]!r} is no profile")
    return make_profile(int(found[1]), int(found[2]), found[3].split("+")[1:])


@cache
def _items(profile: Profile) -> tuple[Item, ...]:
    level_of = {"S": profile.s, "A": profile.a, "G": profile.level}
    general = [
        item
        for level in sorted({profile.s, profile.a})
        for item in items(level)
        if level_of[item.sag] == level
    ]
    found = [*general, *_extended(profile)]
    # Stable: inside a class the order of the standard stays, general items first.
    return tuple(sorted(found, key=lambda item: _ORDER.index(item.prefix)))


def _extended(profile: Profile) -> Sequence[Item]:
    return [item for name in profile.extensions for item in items(profile.level, name)]


def _bad(what: str) -> InputError:
    known = ", ".join(("S3A3", "S2A3", "S3A3+cloud", f"… of {GENERAL}, {', '.join(EXTENSIONS)}"))
    return InputError(what, where="profile", next=f"Such as {known}", code="unknown_profile")
