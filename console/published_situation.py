"""The documents of `fengsui situation --json` and `fengsui assets --json`."""

from __future__ import annotations

from console.api.schemas.situation import Outlooks, Situation, UnitRows, Warning  # noqa: A004 - the field's word
from console.published_document import Document


class Assets(Document):
    """`fengsui assets import --json`: how much the register holds."""

    units: int
    systems: int
    networks: int
    assets: int


class SituationReport(Document):
    """Gauges with their parts, units, forecasts and warnings, as the API gives them."""

    situation: Situation
    units: UnitRows
    forecasts: Outlooks
    warnings: list[Warning]
