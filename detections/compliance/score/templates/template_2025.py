"""Report template 2025: 符合率 against 90 % and 60 %, with major risks [V: 公网安〔2025〕1846号 Q20].

The rule is silent at exactly 90 % and 60 %, and above 90 % with a major risk: these holes are filled
from the limits and named in the trace. The rate is compared before it is rounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from detections.compliance.score.inputs import (
    Grade,
    Limits,
    Line,
    Outcome,
    Risks,
    ScoredItem,
    applicable,
    rounded,
    share,
)

ID: Final = "2025"
_SECTION: Final = "template_2025"


def conclude(items: Sequence[ScoredItem], risks: Risks, limits: Limits) -> Outcome:
    """The rate in percent, and 符合, 基本符合 or 不符合."""
    counted = applicable(items)
    half = limits.number(_SECTION, "share_half")
    kinds = Counter(item.verdict for item in counted)
    met = sum((count * share(verdict, half) for verdict, count in kinds.items()), Fraction(0))
    rate = 100 * met / len(counted) if counted else Fraction(0)
    grade, hole = _grade(rate, risks, limits)
    trace = [
        Line("n", "", str(len(counted))),
        Line("met", "Σ x", rounded(met), limits.mark(_SECTION, "share_half")),
        Line("rate", f"100 × {rounded(met)} / {len(counted)}", rounded(rate)),
        Line("major", "", f"{risks.major} ({risks.repaired})"),
        Line(
            "upper", "", rounded(limits.number(_SECTION, "upper")), limits.mark(_SECTION, "upper")
        ),
        Line(
            "lower", "", rounded(limits.number(_SECTION, "lower")), limits.mark(_SECTION, "lower")
        ),
    ]
    if hole:
        trace.append(Line(f"hole_{hole}", "", grade, limits.mark("holes", hole)))
    return Outcome(rate, grade, tuple(trace))


def _grade(rate: Fraction, risks: Risks, limits: Limits) -> tuple[Grade, str]:
    upper, lower = limits.number(_SECTION, "upper"), limits.number(_SECTION, "lower")
    if rate > upper:
        if risks.major > risks.repaired:
            return limits.hole("above_upper_with_major"), "above_upper_with_major"
        return "conforms", ""
    if rate == upper:
        return limits.hole("at_upper"), "at_upper"
    if rate > lower:
        return "basically", ""
    if rate == lower:
        return limits.hole("at_lower"), "at_lower"
    return "does_not", ""
