"""What people attested, as the combination of verdicts asks for it: fresh, newest first, by place.

A record closes a step that evidence leaves open; it never changes one that evidence decides. Not
applicable needs a second person; compensation and whole-system adjustment stand beside a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detections.compliance.evidence import Record
from fengsui.system import Attestation, AttestationKind


@dataclass(frozen=True, slots=True)
class Attested:
    """Attestations of a system at a time (ns); those that expired do not speak."""

    given: Sequence[Attestation]
    now: int

    def fresh(self, kind: AttestationKind, unit: str = "") -> list[Attestation]:
        """Those in force, newest first, each place once."""
        found: dict[tuple[str, str, str], Attestation] = {}
        for each in sorted(self.given, key=lambda one: (-one.at, one.id)):
            place = (each.unit, each.step, each.asset)
            if each.kind == kind and (not unit or each.unit == unit) and place not in found:
                found[place] = each
        return [each for each in found.values() if each.at <= self.now < each.expires]

    def record(self, unit: str, step: str, asset: str = "") -> Attestation | None:
        """The word on one step: about this asset, else about all."""
        fresh = [each for each in self.fresh("record", unit) if each.step == step]
        own = [each for each in fresh if asset and each.asset == asset]
        whole = [each for each in fresh if not each.asset]
        return next(iter([*own, *whole]), None)

    def excused(self, unit: str) -> Attestation | None:
        """Not applicable, with another person's approval."""
        fresh = self.fresh("not_applicable", unit)
        return next((each for each in fresh if each.approver and each.approver != each.by), None)

    def records(self) -> list[Record]:
        """As the checks of telemetry take them."""
        return [
            Record(
                unit=each.unit,
                name=each.step,
                level=each.level,
                holds=each.holds,
                time=each.at,
                by=each.by,
                digest=each.attachment.sha256 if each.attachment else "",
            )
            for each in self.fresh("record")
            if not each.asset
        ]
