"""Rule: what every detection tells about itself, whatever its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from fengsui.alert import DetectionKind
from fengsui.severity import Severity
from fengsui.text import Text, literal

_BLANK = re.compile(r"\{([A-Za-z@_][\w@.\-]*)\}")
_SPECIAL = re.compile(r"([^\w.@%])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at first.

    Attributes:
        query: Lucene over ECS fields; `{source.ip}` stands for that field of the alert's event.
    """

    question: Text
    query: str = ""

    def filled(self, fields: Mapping[str, object]) -> str | None:
        """The query about one event, values escaped; None where the event lacks a field of it."""
        missing = False

        def value(found: re.Match[str]) -> str:
            nonlocal missing
            one = fields.get(found[1])
            if isinstance(one, list):
                one = next(iter(cast("list[object]", one)), None)
            if one is None or isinstance(one, dict) or one == "":
                missing = True
                return ""
            text = str(one).lower() if isinstance(one, bool) else str(one)
            return _SPECIAL.sub(r"\\\1", text)

        query = _BLANK.sub(value, self.query)
        return None if missing else query

    def as_json(self) -> dict[str, object]:
        """Question in both languages, query as written."""
        return {"question": self.question.as_json(), "query": self.query}


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a person does with an alert of a rule: its meaning, usual harmless causes, first looks."""

    means: Text
    harmless: Text
    check: tuple[Check, ...]
    act: Text

    def as_json(self) -> dict[str, object]:
        """All fields by name, texts in both languages."""
        return {
            "means": self.means.as_json(),
            "harmless": self.harmless.as_json(),
            "check": [one.as_json() for one in self.check],
            "act": self.act.as_json(),
        }


def guidance_of(value: object) -> Guidance | None:
    """The `guidance` map of a rule file; None where there is none.

    Raises:
        ValueError: it has another shape.
    """
    if value is None:
        return None
    own = _map(value, "guidance")
    rows = own.get("check") or []
    if not isinstance(rows, list):
        raise ValueError("guidance.check is not a list")
    checks = [_map(row, "guidance.check") for row in cast("list[object]", rows)]
    return Guidance(
        means=_both(own, "means"),
        harmless=_both(own, "harmless"),
        check=tuple(Check(_both(row, "question"), str(row.get("query", ""))) for row in checks),
        act=_both(own, "act"),
    )


def _map(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not a map")
    return cast("dict[str, object]", value)


def _both(own: dict[str, object], name: str) -> Text:
    """A sentence in both languages; where one is missing the other stands in."""
    english, chinese = (str(own.get(key) or "").strip() for key in (name, f"{name}_zh"))
    return literal(chinese or english, english or chinese)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the detections page.

    Attributes:
        status: `live`, `inert` (nothing feeds its logsource) or `parked` (stopped for its cost).
        maturity: Sigma status: `stable`, `test`, `experimental`.
        units: GB/T 28448 units that it gives evidence for, e.g. `L3-ABS1-10`.
        gbt20986: GB/T 20986-2023 category or subclass of what it finds, in that standard's words.
        guidance: what to do with its alerts; None where its author gave none.
    """

    id: str
    title: Text
    kind: DetectionKind
    severity: Severity
    maturity: str
    status: str
    logsource: str
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    units: tuple[str, ...] = ()
    author: str = ""
    licence: str = ""
    path: str = ""
    description: Text = field(default_factory=lambda: Text(""))
    gbt20986: tuple[str, ...] = ()
    guidance: Guidance | None = None

    def as_json(self) -> dict[str, object]:
        """All fields by name, texts in both languages."""
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "kind": self.kind,
            "severity": self.severity.word,
            "maturity": self.maturity,
            "status": self.status,
            "logsource": self.logsource,
            "techniques": list(self.techniques),
            "tactics": list(self.tactics),
            "units": list(self.units),
            "author": self.author,
            "licence": self.licence,
            "path": self.path,
            "description": self.description.as_json(),
            "gbt20986": list(self.gbt20986),
            "guidance": None if self.guidance is None else self.guidance.as_json(),
        }
