"""A row of the register as it was typed or posted → `FiledSystem`."""

from __future__ import annotations

from console.api.schemas.systems import Register
from fengsui.system import Collection, FiledSystem, Inherited

_SAME = (
    "name", "unit", "responsible", "s_level", "a_level", "number", "graded", "filed", "certified",
    "assessed", "renewed", "public", "continuity", "key_industry", "daily", "high_risk_edition",
    "score_edition",
)  # fmt: skip


def system_of(id_: str, row: Register, version: int) -> FiledSystem:
    """The system of a row."""
    return FiledSystem(
        id=id_,
        **{name: getattr(row, name) for name in _SAME},
        extensions=tuple(row.extensions),
        assets=tuple(dict.fromkeys(row.assets)),
        inherited=tuple(Inherited(each.unit, each.system) for each in row.inherited),
        collections=tuple(Collection(**each.model_dump()) for each in row.collections),
        version=version,
    )
