"""Rule: what every detection tells about itself, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from fengsui.alert import DetectionKind
from fengsui.severity import Severity
from fengsui.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the detections page.

    Attributes:
        status: `live`, `inert` (nothing feeds its logsource) or `parked` (stopped for its cost).
        maturity: Sigma status: `stable`, `test`, `experimental`.
        units: GB/T 28448 units that it gives evidence for, e.g. `L3-ABS1-10`.
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
        }
