"""How regular a series of contacts is: four sub-scores in 0…1, each with its plain meaning.

The idea of RITA (activecm/rita: Bowley skew, median absolute deviation, histogram), with formulas
of our own that also hold for captures of half an hour: bins follow the span of the series itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Final

from fengsui.clock import SECOND

_BINS: Final = 24
_PER_BIN: Final = 3  # expected contacts a bin: fewer bins for short series
_SAME: Final = 1.0  # seconds: contacts closer than this are one (parallel connections)


@dataclass(frozen=True, slots=True)
class Regularity:
    """Sub-scores and what they were read from.

    Attributes:
        timing: symmetry (1 - |Bowley skew|) and tightness (1 - MAD/median) of the intervals.
        sizes: the same of the bytes sent, or the share of the commonest size where that is more;
            None when no sizes are known.
        coverage: share of the time bins between first and last contact that have a contact.
        evenness: 1 - coefficient of variation of the contacts a bin.
        interval: median, s. jitter: MAD of the intervals over their median.
        count: contacts left after joining those of the same second. span: s.
    """

    timing: float
    sizes: float | None
    coverage: float
    evenness: float
    interval: float
    jitter: float
    count: int
    span: float

    @property
    def score(self) -> float:
        """Mean of the sub-scores that are known."""
        known = [self.timing, self.coverage, self.evenness]
        return fmean(known if self.sizes is None else [*known, self.sizes])


def regularity(times: Sequence[int], sizes: Sequence[int]) -> Regularity | None:
    """Score a series. `times` in ns, ascending; None for fewer than four separate contacts."""
    moments = _joined(times)
    if len(moments) < 4:
        return None
    intervals = [after - before for before, after in pairwise(moments)]
    middle = median(intervals)
    span = moments[-1] - moments[0]
    bins = _histogram(moments, span)
    mean = fmean(bins)
    return Regularity(
        timing=(_symmetry(intervals) + _tightness(intervals)) / 2,
        sizes=_sameness(sizes) if len(sizes) >= 4 else None,
        coverage=sum(1 for count in bins if count) / len(bins),
        evenness=max(0.0, 1 - pstdev(bins) / mean),
        interval=middle,
        jitter=_mad(intervals, middle) / middle,
        count=len(moments),
        span=span,
    )


def _joined(times: Sequence[int]) -> list[float]:
    moments: list[float] = []
    for time in times:
        seconds = time / SECOND
        if not moments or seconds - moments[-1] >= _SAME:
            moments.append(seconds)
    return moments


def _histogram(moments: Sequence[float], span: float) -> list[int]:
    bins = max(3, min(_BINS, len(moments) // _PER_BIN))
    counts = [0] * bins
    for moment in moments:
        counts[min(int((moment - moments[0]) / span * bins), bins - 1)] += 1
    return counts


def _sameness(sizes: Sequence[float]) -> float:
    """Tight about one size, or most contacts of one and the same size (the rest carry results)."""
    commonest = max(Counter(sizes).values()) / len(sizes)
    return max((_symmetry(sizes) + _tightness(sizes)) / 2, commonest)


def _mad(values: Sequence[float], middle: float) -> float:
    return median(abs(value - middle) for value in values)


def _tightness(values: Sequence[float]) -> float:
    middle = median(values)
    if middle <= 0:
        return 1.0 if not any(values) else 0.0
    return max(0.0, 1 - _mad(values, middle) / middle)


def _symmetry(values: Sequence[float]) -> float:
    """1 - |Bowley skew|; 1 where the middle half has no width worth the name."""
    ordered = sorted(values)
    size = len(ordered) - 1
    low, middle, high = (ordered[round(size * part)] for part in (0.25, 0.5, 0.75))
    width = high - low
    if width <= 0.02 * abs(middle):
        return 1.0
    return 1 - abs((low + high - 2 * middle) / width)
