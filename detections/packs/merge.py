"""Three-way merge of texts by lines: what only one side changed is taken over, what both changed is a
conflict. Hunks that touch (with no unchanged line between them) count as both having changed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

LINES_MOST = 20_000  # of one text; the comparison takes time with the square of it at worst


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that both sides changed; `line` is that of its first mark in the merged text, from 1."""

    line: int
    base: tuple[str, ...]
    local: tuple[str, ...]
    upstream: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of a merge; with conflicts `text` holds both sides between marks."""

    text: str
    conflicts: tuple[Conflict, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing waits for a person."""
        return not self.conflicts


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines `start` to `end` of the base stand as lines `first` to `last` of one side."""

    start: int
    end: int
    first: int
    last: int


def merge(base: str, local: str, upstream: str) -> Merged:
    """Upstream's changes to `base` brought into `local`.

    Merging with a side that changed nothing gives the other side, to the byte.
    """
    if local == upstream or upstream == base:
        return Merged(local, ())
    if local == base:
        return Merged(upstream, ())
    texts = [text.splitlines(keepends=True) for text in (base, local, upstream)]
    if max(map(len, texts)) > LINES_MOST:
        return _marked([], *texts)
    return _merged(*texts)


def changes(older: str, newer: str, before: str, after: str) -> str:
    """A unified diff; empty where nothing changed. `before` and `after` are names for its head."""
    texts = [text.splitlines(keepends=True) for text in (older, newer)]
    if max(map(len, texts)) > LINES_MOST:
        return f"--- {before}\n+++ {after}\n(too many lines to compare)\n"
    rows = unified_diff(texts[0], texts[1], before, after)
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end\n" for row in rows)


def _merged(base: list[str], local: list[str], upstream: list[str]) -> Merged:
    ours, theirs = _hunks(base, local), _hunks(base, upstream)
    out: list[str] = []
    conflicts: list[Conflict] = []
    done = 0  # lines of the base that are dealt with
    while ours or theirs:
        start, end, mine, yours = _group(ours, theirs)
        out += base[done:start]
        done = end
        left = _side(base, local, start, end, mine)
        right = _side(base, upstream, start, end, yours)
        if not yours or left == right:
            out += left
        elif not mine:
            out += right
        else:
            conflicts.append(
                Conflict(len(out) + 1, tuple(base[start:end]), tuple(left), tuple(right))
            )
            out = _with_marks(out, left, right)
    out += base[done:]
    return Merged("".join(out), tuple(conflicts))


def _hunks(base: list[str], side: list[str]) -> list[_Hunk]:
    blocks = SequenceMatcher(None, base, side, autojunk=False).get_opcodes()
    return [_Hunk(a, b, c, d) for tag, a, b, c, d in blocks if tag != "equal"]


def _group(ours: list[_Hunk], theirs: list[_Hunk]) -> tuple[int, int, list[_Hunk], list[_Hunk]]:
    """Take the next hunk with all that it touches, from both lists; the lines of the base it spans."""
    first = min((hunks[0] for hunks in (ours, theirs) if hunks), key=lambda hunk: hunk.start)
    start, end = first.start, first.end
    taken: tuple[list[_Hunk], list[_Hunk]] = ([], [])
    grown = True
    while grown:
        grown = False
        for hunks, mine in ((ours, taken[0]), (theirs, taken[1])):
            while hunks and hunks[0].start <= end:
                hunk = hunks.pop(0)
                mine.append(hunk)
                end = max(end, hunk.end)
                grown = True
    return start, end, *taken


def _side(
    base: list[str], side: list[str], start: int, end: int, hunks: Sequence[_Hunk]
) -> list[str]:
    """What one side has for lines `start` to `end` of the base."""
    out: list[str] = []
    at = start
    for hunk in hunks:
        out += base[at : hunk.start]
        out += side[hunk.first : hunk.last]
        at = hunk.end
    return out + base[at:end]


def _with_marks(out: list[str], left: Sequence[str], right: Sequence[str]) -> list[str]:
    if out and not out[-1].endswith("\n"):
        out[-1] += "\n"
    return [
        *out,
        "<<<<<<< local\n",
        *map(_ended, left),
        "=======\n",
        *map(_ended, right),
        ">>>>>>> upstream\n",
    ]


def _marked(out: list[str], base: list[str], local: list[str], upstream: list[str]) -> Merged:
    conflict = Conflict(1, tuple(base), tuple(local), tuple(upstream))
    return Merged("".join(_with_marks(out, local, upstream)), (conflict,))


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n"
