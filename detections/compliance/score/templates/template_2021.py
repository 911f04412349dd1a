"""Report template 2021 (from memory [M]): M = Vt + Vm, each with a floor of 0; a high risk gives 差.

Vt = 100·y − Σ f(w)·(1 − x)·S over technical items, Vm the same with 1 − y over management items;
S = 100 / n with n applicable items; x is 1, 0.5 or 0; y is 0.5.
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

ID: Final = "2021"
_SECTION: Final = "template_2021"


def conclude(items: Sequence[ScoredItem], risks: Risks, limits: Limits) -> Outcome:
    """The score of 100, and 优, 良, 中 or 差."""
    counted = applicable(items)
    y = limits.number(_SECTION, "share_technical") / 100
    half = limits.number(_SECTION, "share_half")
    weight = limits.number(_SECTION, "weight_default")
    each = Fraction(100, len(counted)) if counted else Fraction(0)
    parts: list[Fraction] = []
    trace = [
        Line("n", "", str(len(counted))),
        Line("s", "100 / n", rounded(each)),
        Line("f", "", str(weight), limits.mark(_SECTION, "weight_default")),
    ]
    for name, technical, whole in (("vt", True, y), ("vm", False, 1 - y)):
        kinds = Counter(item.verdict for item in counted if item.technical is technical)
        lost = sum(
            (
                count * weight * (1 - share(verdict, half)) * each
                for verdict, count in kinds.items()
            ),
            Fraction(0),
        )
        part = max(Fraction(0), 100 * whole - lost) if counted else Fraction(0)
        parts.append(part)
        formula = f"max(0, 100 × {rounded(whole)} − {rounded(lost)})"
        trace.append(Line(name, formula, rounded(part), limits.mark(_SECTION, "share_technical")))
    total = sum(parts, Fraction(0))
    trace.append(Line("m", "Vt + Vm", rounded(total)))
    trace.append(Line("high_risks", "", str(risks.high)))
    return Outcome(total, _grade(total, risks, limits), tuple(trace))


def _grade(total: Fraction, risks: Risks, limits: Limits) -> Grade:
    if risks.high:
        return "poor"
    if total >= limits.number(_SECTION, "best") and not risks.possible:
        return "excellent"
    if total >= limits.number(_SECTION, "good"):
        return "good"
    return "middle" if total >= limits.number(_SECTION, "middle") else "poor"
