"""How steps become a verdict of an asset, assets one of a check, checks one of a unit.

GB/T 28449-2018 8.2.1 for steps; the way from assets to item is by analogy with it. A step is true,
false or open (None): open never counts for conformity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fengsui.control import Conformity

Step = bool | None

# Worst first; insufficient evidence stands before conformity, so that an open check is never hidden.
_WORST_FIRST: Final = (
    Conformity.DOES_NOT,
    Conformity.PARTLY,
    Conformity.INSUFFICIENT,
    Conformity.CONFORMS,
    Conformity.NOT_APPLICABLE,
)


def of_steps(steps: Sequence[Step]) -> Conformity:
    """All must hold: conforms when all are true, partly when only some, insufficient when open.

    False beside open, with nothing true, is the worse of the two that it may become.
    """
    if not steps:
        return Conformity.INSUFFICIENT
    if False in steps:
        return Conformity.PARTLY if True in steps else Conformity.DOES_NOT
    return Conformity.INSUFFICIENT if None in steps else Conformity.CONFORMS


def of_assets(verdicts: Iterable[Conformity]) -> Conformity:
    """One asset that fails stops conformity, whatever the share; one that is open leaves it open."""
    found = set(verdicts)
    if len(found) > 1:
        found.discard(Conformity.NOT_APPLICABLE)
    if not found:
        return Conformity.INSUFFICIENT
    if len(found) == 1:
        return found.pop()
    if found <= {Conformity.CONFORMS, Conformity.INSUFFICIENT}:
        return Conformity.INSUFFICIENT
    return Conformity.PARTLY


def with_gates(verdict: Conformity, gates: Sequence[Step]) -> Conformity:
    """A verdict on assets together with steps that concern the whole.

    A gate that is open turns conforms into insufficient evidence; one that fails into partly.
    """
    if verdict is not Conformity.CONFORMS:
        return verdict
    if False in gates:
        return Conformity.PARTLY
    return Conformity.INSUFFICIENT if None in gates else verdict


def of_checks(verdicts: Iterable[Conformity]) -> Conformity:
    """Verdict of a unit: the worst of its checks, and open before conforming."""
    found = set(verdicts)
    if len(found) > 1:
        found.discard(Conformity.NOT_APPLICABLE)
    return next((one for one in _WORST_FIRST if one in found), Conformity.INSUFFICIENT)
