"""What a retro-hunt is asked to look for; kept in its job, so that it can be taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from console.retro.engines import Engine, IndicatorEngine, QueryEngine, SigmaEngine
from console.rules.checking import refuse, with_named
from console.rules.desk import RuleDesk
from detections.detections import OWN_RULES
from detections.indicators.lists import read_text
from detections.life import AnyRule, every, raising
from detections.sigma.loaded import Loaded, Refused
from detections.sigma.loader import load
from fengsui.errors import InputError, NotFoundError
from fengsui.query.lucene import parse_lucene
from fengsui.store.event_store import ALWAYS, TimeRange

JOB: Final = "retro_hunt"
LISTED: Final = 1_000
OWN: Final = "own"
ALL: Final = "all"
_DESCRIBED: Final = 200  # characters
Kind = Literal["rules", "query", "indicators"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One of `rules`, `source`, `query` and `indicators` is given.

    Attributes:
        rules: ids of rules, files and folders of Sigma rules, `own` or `all` that may raise here.
        source: a Sigma rule as YAML.
        query: Lucene text.
        indicators: text of an indicator list, as `detections.indicators.lists` reads it.
        since, until: event time, ns.
        listed: hits that are listed; all are counted.
    """

    rules: tuple[str, ...] = ()
    source: str = ""
    query: str = ""
    indicators: str = ""
    since: int = ALWAYS.since
    until: int = ALWAYS.until
    listed: int = LISTED

    def __post_init__(self) -> None:
        if sum(map(bool, (self.rules, self.source, self.query, self.indicators))) != 1:
            raise InputError(
                "A retro-hunt looks for rules, for indicators or for a query",
                where="rules, source, query, indicators",
                next="Give just one of them",
                code="bad_request",
            )

    @property
    def kind(self) -> Kind:
        """Which of them."""
        return "query" if self.query else "indicators" if self.indicators else "rules"

    @property
    def within(self) -> TimeRange:
        """The time range."""
        return TimeRange(self.since, self.until)

    def described(self) -> dict[str, str]:
        """In short, for lists and the audit trail."""
        what = " ".join(self.rules) or self.query or self.indicators or self.source
        return {"kind": self.kind, "what": " ".join(what.split())[:_DESCRIBED]}

    def as_json(self) -> dict[str, Any]:
        """For a job's arguments."""
        return asdict(self)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Asked:
        """From a job's arguments."""
        found: dict[str, Any] = {
            name: value for name, value in given.items() if name in cls.__dataclass_fields__
        }
        found["rules"] = tuple(given.get("rules", ()))
        return cls(**found)


def engine_of(asked: Asked, desk: RuleDesk) -> Engine:
    """What confirms each hit.

    Raises:
        InputError: the query or the indicators cannot be read.
        NotFoundError: there is no rule of an id.
        RuleError: a rule does not load.
    """
    if asked.query:
        return QueryEngine(parse_lucene(asked.query), asked.query)
    if asked.indicators:
        return IndicatorEngine(read_text(asked.indicators, Path("indicators")), desk.context)
    loaded, wanted = _from_text(asked.source, desk) if asked.source else _named(asked.rules, desk)
    return SigmaEngine(loaded, wanted, desk.context)


def _from_text(text: str, desk: RuleDesk) -> tuple[Loaded, list[AnyRule]]:
    checked = desk.editor.check(text)
    refuse(checked)
    return checked.with_named, list(checked.rules)


def _named(names: tuple[str, ...], desk: RuleDesk) -> tuple[Loaded, list[AnyRule]]:
    """Rules by id and place; with those that correlations among them name."""
    wanted: dict[str, AnyRule] = {}
    refused: list[Refused] = []
    places = [OWN_RULES if name == OWN else Path(name) for name in names if is_place(name)]
    if places:
        loaded = load(places, desk.placeholders)
        wanted |= {one.id: one for one in every(loaded)}
        refused += loaded.refused
    ids = [name for name in names if not is_place(name)]
    known = desk.library.current() if ids else None
    if known is not None and ALL in ids:
        wanted |= {one.id: one for one in every(raising(known.loaded, known.lives))}
    by_id = {one.id: one for one in known.all} if known is not None else {}
    for id_ in ids:
        if id_ != ALL and id_ not in by_id:
            raise NotFoundError(
                "There is no such rule or file",
                where=id_,
                next="See `fengsui rules`; or name a file",
            )
        wanted |= {id_: by_id[id_]} if id_ != ALL else {}
    rules = list(wanted.values())
    return replace(with_named(rules, known), refused=tuple(refused)), rules


def is_place(name: str) -> bool:
    """Whether a name is that of our own rules, of a file or of a folder; else it is the id of a rule."""
    return name == OWN or name.endswith((".yml", ".yaml")) or Path(name).exists()
