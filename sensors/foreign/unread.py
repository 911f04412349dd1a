r"""Unread: blocks of flat Windows events, of which only channel and number are read.

Most events of a log meet no rule, and their bytes tell that: reading all of their fields would take half
of a hunt. That their bytes can be judged as they are is looked at for a whole block at once: every line is
one JSON object (msgspec reads each to its end), its texts are UTF-8, and nothing in the block is written
otherwise than orjson would: `\u0041` for a letter, `1e3` for 1000. Any other block is read event by event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, overload

import msgspec
import orjson

from sensors.foreign.record import Record
from sensors.foreign.shapes import LINUX, WINDOWS, WITHOUT_SPACES

try:
    import hyperscan as _hyperscan
except ImportError:  # no wheel for this processor
    _hyperscan = None  # type: ignore[assignment]
hyperscan: Any = _hyperscan


def _below(digits: bytes) -> bytes:
    """A pattern of the numbers of so many digits that are larger than this one."""
    return b"|".join(
        b"%b[%d-9]%b" % (digits[:at], digit - 47, rb"\d" * (len(digits) - at - 1))
        for at, digit in enumerate(digits)
        if digit != 57
    )


UNUSUAL: Final = (
    rb"(?:^|[^\\])(?:\\\\)*\\[u/]",  # an escape that orjson might not write
    rb":\s*[\[{]",  # a value that is a list or an object
    rb'"\s*:\s*-?\d+[.eE]',  # a fraction, which has many spellings
    rb'"\s*:\s*(?:\d{20}|-(?:\d{20}|%b))' % _below(b"9223372036854775808"),  # one beyond 64 bits
    LINUX.encode(),  # Sysmon for Linux writes the same names
)
_MOST_PIECES: Final = 8  # of a block in which usual and other events alternate


class _Head(msgspec.Struct, gc=False):
    """What decides which rules an event can meet; the last one counts where a name stands twice."""

    Channel: object = None
    EventID: object = None


_head: Final[Callable[[bytes], _Head]] = msgspec.json.Decoder(_Head).decode
_routed: Final = attrgetter("Channel", "EventID")


class Unread(Sequence[Record]):
    """Neighbouring events of a file; as a sequence it reads what it is asked for.

    Attributes:
        number: of the first.
        raws: JSON of each.
        keys: channel and number of each.
    """

    def __init__(self, number: int, raws: list[bytes], keys: list[tuple[str, int | str]]) -> None:
        self.number, self.raws, self.keys = number, raws, keys

    def __len__(self) -> int:
        return len(self.raws)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self.raws)))]
        raw = self.raws[index]
        return self.number + index, WINDOWS, orjson.loads(raw), raw


def pieces(
    values: Sequence[bytes | None],
) -> list[tuple[int, int, list[tuple[str, int | str]]]] | None:
    """Which values of a block without anything unusual are flat Windows events.

    Returns:
        Places (first, one beyond the last) of neighbours with their channels and numbers, none for
        neighbours that are something else; None where the block is to be read event by event.
    """
    try:
        keys: list[Any] = list(map(_routed, map(_head, values)))  # type: ignore[arg-type]
        for value in values:
            if value is not None and not value.isascii():
                value.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        return None
    found: list[tuple[int, int, list[tuple[str, int | str]]]] = []
    for usual, end in _runs(keys):
        if len(found) == _MOST_PIECES:
            return None
        start = found[-1][1] if found else 0
        found.append((start, end, keys[start:end] if usual else []))
    return found


def _runs(keys: list[Any]) -> Iterator[tuple[bool, int]]:
    """Whether neighbours are usual, and the place beyond the last of them."""
    if all(map(_is_usual, keys)):
        yield True, len(keys)
        return
    end = 0
    for usual, some in groupby(keys, _is_usual):
        end += sum(1 for _ in some)
        yield usual, end


def _is_usual(key: tuple[object, object]) -> bool:
    channel, number = key
    return channel in WITHOUT_SPACES and (number.__class__ is int or number.__class__ is str)


def _scanner() -> Callable[[bytes], bool]:
    if hyperscan is None:
        return lambda _block: True
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[b"|".join(UNUSUAL)],
        ids=[0],
        elements=1,
        flags=hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL,
    )

    def found_one(_id: int, _start: int, _end: int, _flags: int, found: Any) -> None:
        found.append(True)

    def scan(block: bytes) -> bool:
        found: list[bool] = []
        database.scan(block, match_event_handler=found_one, context=found)
        return bool(found)

    return scan


is_unusual: Callable[[bytes], bool] = _scanner()
