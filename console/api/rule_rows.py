"""Rules as the API shows them: rows of the list, pages, results of checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from console.api.parts import ApiParts
from console.api.schemas import rules as shown
from console.api.shown import text_shown
from console.rules.checking import HealthRow
from console.rules.desk import DAY, SHOWN_DAYS, Counted, Known
from detections.life import AnyRule, state_of
from detections.sigma.loader import LoadedRule, Refused
from fengsui.clock import to_iso
from fengsui.rule import Rule as OtherRule
from fengsui.store.rule_states import RuleLife, RuleVersion

_NOTHING: Final = Counted((0,) * SHOWN_DAYS, 0, 0.0)


class Rows:
    """All rows of one moment."""

    def __init__(self, parts: ApiParts) -> None:
        self.known: Known = parts.desk.known()
        self._hits = parts.state.hits()
        now = parts.clock.now()
        self.first_day, self._counted = parts.desk.counted(now)
        self._seconds = sum(each.seconds for each in self._counted.values())
        self._lives = parts.state.rule_lives()
        self._newest = parts.state.newest_versions()
        self.others = [rule for rule in parts.rules() if rule.id not in self.known.by_id]

    @property
    def days_from(self) -> str:
        """First day of `hits_by_day`."""
        return to_iso(self.first_day * DAY)[:10]

    def all(self) -> list[shown.Rule]:
        """Sigma rules, correlations, and those of other detectors."""
        mine = [self.row(rule) for rule in self.known.rules.all]
        return [*mine, *(self.other(rule) for rule in self.others)]

    def row(self, rule: AnyRule) -> shown.Rule:
        """A Sigma rule or correlation."""
        file = self.known.rules.file(rule.id)
        assert file is not None
        life = self._lives.get(rule.id)
        health = self.known.health[rule.id]
        newest = self._newest.get(file.id)
        pack = file.origin.pack
        source = rule.logsource if isinstance(rule, LoadedRule) else None
        return shown.Rule.model_construct(
            **self._counts(rule.id),
            **_common(rule, health.datasets),
            **_standing(rule.status, life, health),
            kind="sigma" if source else "correlation",
            logsource=str(source) if source else f"correlation/{getattr(rule, 'type', '')}",
            platform=source.product if source else "",
            category=source.category if source else "",
            service=source.service if source else "",
            path=file.path,
            line=rule.line,
            origin=file.origin.kind,
            pack=file.origin.name if file.origin.kind in {"pack", "folder"} else "",
            signed=pack.signed if pack else None,
            editable=True,
            local=file.local and file.origin.kind != "local",
            upstream_changed=file.upstream_changed,
            version=newest.number if newest else 0,
            revision=life.revision if life else 0,
            changed_at=_changed(newest, life),
        )

    def other(self, rule: OtherRule) -> shown.Rule:
        """A rule of another detector: it is what the product makes it."""
        health = HealthRow("inert" if rule.status == "inert" else "live", "", (), ())
        return shown.Rule.model_construct(
            **self._counts(rule.id),
            **_common(rule, (rule.logsource,) if rule.logsource else ()),
            **_standing(rule.maturity, None, health),
            kind=rule.kind,
            logsource=rule.logsource,
            platform="",
            category="",
            service="",
            path=rule.path,
            line=1,
            origin="builtin",
            pack="",
            signed=None,
            editable=False,
            local=False,
            upstream_changed=False,
            version=0,
            revision=0,
            changed_at=None,
        )

    def _counts(self, rule: str) -> dict[str, Any]:
        counted = self._counted.get(rule, _NOTHING)
        cost = 1e6 * counted.seconds / counted.events if counted.events else None
        return {
            "hits": self._hits.get(rule, 0),
            "hits_30d": counted.hits,
            "hits_by_day": list(counted.days),
            "cost_us": round(cost, 4) if cost is not None else None,
            "cost_share": round(counted.seconds / self._seconds, 5) if self._seconds else None,
        }


def refused_row(known: Known, refused: Refused) -> shown.Refused:
    """A document that does not load."""
    origin, path = known.rules.origin_of(refused.path)
    return shown.Refused(
        origin=origin.kind,
        pack=origin.name if origin.kind in {"pack", "folder"} else "",
        path=path,
        line=refused.line,
        column=getattr(refused, "column", None),
        title=refused.title,
        reason=_by_origin(known, refused.reason),
        supported=refused.supported,
    )


def _by_origin(known: Known, reason: str) -> str:
    """A reason without our own folders: another file is named as in its pack."""
    for origin in known.rules.origins:
        reason = reason.replace(f"{origin.folder}/", f"{origin.name}: " if origin.name else "")
    return reason


def _common(rule: AnyRule | OtherRule, datasets: Sequence[str]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": text_shown(rule.title),
        "severity": rule.severity.word,
        "datasets": list(datasets),
        "techniques": list(rule.techniques),
        "tactics": list(rule.tactics),
        "units": list(rule.units),
        "gbt20986": list(getattr(rule, "gbt20986", ())),
        "author": rule.author,
        "licence": rule.licence,
    }


def _standing(status: str, life: RuleLife | None, health: HealthRow) -> dict[str, Any]:
    state = state_of(status, life)
    parked = life is not None and life.parked
    word: str = "parked" if parked else health.health
    return {
        "maturity": status,
        "state": state,
        "status": word if state not in {"draft", "retired"} else state,
        "health": word,
        "why": health.why,
        "missing": list(health.missing),
        "parked": shown.Parked(
            by=life.parked_by,
            reason=life.parked_reason,
            at=to_iso(life.parked_at),
            engine=life.engine,
        )
        if life is not None and parked
        else None,
    }


def _changed(newest: RuleVersion | None, life: RuleLife | None) -> str | None:
    at = max(newest.at if newest else 0, life.changed if life else 0)
    return to_iso(at) if at else None
