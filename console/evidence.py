"""Evidence as findings: files and live targets one by one, a refused one stops no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence, Refused
from detections.compliance.assets.judging import AssetFinding, judge_asset
from detections.compliance.assets.probe.authority import Authority
from detections.compliance.assets.reading import Asked, read_evidence
from fengsui.clock import DAY, to_iso
from fengsui.errors import ForbiddenError, InputError, MissingToolError, UsageError

PROFILES: Final = ("S3A3",)
OLDEST_DAYS: Final = 30  # gate G4: evidence of files, commands and probes


@dataclass(frozen=True, slots=True)
class Run:
    """What was judged of some evidence. Order: asset's name, unit, check."""

    profile: str
    assets: tuple[AssetEvidence, ...]
    findings: tuple[AssetFinding, ...]
    refused: tuple[Refused, ...]
    authority: Authority | None = None

    def as_json(self) -> dict[str, object]:
        """The document of `fengsui check run --json`; the same bytes for the same evidence."""
        return {
            "profile": self.profile,
            "authority": self.authority.as_json() if self.authority else None,
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


@dataclass(frozen=True, slots=True)
class Demands:
    """What evidence must be: of `names` only (none: of any), no older than 30 days `as_of` (ns, 0: any)."""

    names: frozenset[str] = frozenset()
    as_of: int = 0
    authority: Authority | None = None

    def check(self, asset: AssetEvidence) -> None:
        """Refuse what is of another asset, too old, or from the future.

        Raises:
            InputError: it is.
        """
        if self.names and asset.name not in self.names:
            raise InputError(
                f"The evidence is of another asset: {asset.name[:60]}",
                where=asset.source,
                next=f"Expected: {', '.join(sorted(self.names))[:200]}",
                code="another_asset",
            )
        if not self.as_of:
            return
        if not asset.collected:
            return  # a configuration says no time: its findings stay open or fail, and say so
        days = (self.as_of - asset.collected) // DAY
        if days > OLDEST_DAYS or days < -1:
            raise InputError(
                f"The evidence is of {to_iso(asset.collected)[:10]}, which is not within {OLDEST_DAYS} days",
                where=asset.source,
                next="Collect again",
                code="too_old" if days > 0 else "from_the_future",
            )


ANY: Final = Demands()
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[\w.-]*)(?::\d{1,5})?(?=[/?#]|$)")


def run_evidence(
    sources: Sequence[Path | str], profile: str = PROFILES[0], demands: Demands = ANY
) -> Run:
    """Judge each file and each live target.

    Raises:
        UsageError: a profile that is not known.
    """
    if profile not in PROFILES:
        raise UsageError(
            f"The profile {profile[:20]} is not known",
            next=f"Known: {', '.join(PROFILES)}",
            code="unknown_profile",
        )
    judged: list[tuple[AssetEvidence, list[AssetFinding]]] = []
    refused: list[Refused] = []
    asked = Asked(demands.authority)
    for source in sources:
        try:
            asset = read_evidence(source, asked)
            demands.check(asset)
        except (InputError, ForbiddenError, MissingToolError) as error:
            refused.append(Refused(shown_source(source), error))
            continue
        # What was read is let go once it is judged: a thousand hosts do not fit otherwise.
        kept = replace(asset, facts=None)
        judged.append((kept, [replace(one, asset=kept) for one in judge_asset(asset)]))
    judged.sort(key=lambda pair: (pair[0].name, pair[0].digest, pair[0].source))
    assets = tuple(asset for asset, _ in judged)
    findings = tuple(finding for _, found in judged for finding in found)
    return Run(profile, assets, findings, tuple(refused), demands.authority)


def shown_source(source: Path | str) -> str:
    """A file's name, or a URL without user, password and parameters."""
    if isinstance(source, Path) or "://" not in source:
        return Path(source).name
    scheme, _, rest = source.partition("://")
    # A password may hold anything, "/" and "?" among it: only what surely is a host is shown.
    host = _HOST.match(rest.rpartition("@")[2])
    return f"{scheme[:20]}://{host[0] if host else '…'}"
