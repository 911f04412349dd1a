"""Carried evidence as findings: files are read one by one, a refused one stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence, Refused
from detections.compliance.assets.judging import AssetFinding, judge_asset
from detections.compliance.assets.reading import read_evidence
from fengsui.clock import to_iso
from fengsui.errors import InputError, UsageError

PROFILES: Final = ("S3A3",)


@dataclass(frozen=True, slots=True)
class Run:
    """What was judged of some evidence. Order: asset's name, unit, check."""

    profile: str
    assets: tuple[AssetEvidence, ...]
    findings: tuple[AssetFinding, ...]
    refused: tuple[Refused, ...]

    def as_json(self) -> dict[str, object]:
        """The document of `fengsui check run --json`; the same bytes for the same evidence."""
        return {
            "profile": self.profile,
            "assets": [
                {
                    "name": asset.name,
                    "kind": asset.kind,
                    "source": asset.source,
                    "hash": asset.digest,
                    "level": asset.level,
                    "time": to_iso(asset.collected) if asset.collected else "",
                    "problems": list(asset.problems),
                }
                for asset in self.assets
            ],
            "findings": [finding.as_json() for finding in self.findings],
            "refused": [
                {"source": refused.source, "error": refused.error.as_json()}
                for refused in self.refused
            ],
        }


def run_evidence(paths: Sequence[Path], profile: str = PROFILES[0]) -> Run:
    """Judge each file.

    Raises:
        UsageError: a profile that is not known.
    """
    if profile not in PROFILES:
        raise UsageError(
            f"The profile {profile[:20]} is not known",
            next=f"Known: {', '.join(PROFILES)}",
            code="unknown_profile",
        )
    assets: list[AssetEvidence] = []
    refused: list[Refused] = []
    for path in paths:
        try:
            assets.append(read_evidence(path))
        except InputError as error:
            refused.append(Refused(path.name, error))
    assets.sort(key=lambda asset: (asset.name, asset.digest, asset.source))
    findings = tuple(finding for asset in assets for finding in judge_asset(asset))
    return Run(profile, tuple(assets), findings, tuple(refused))
