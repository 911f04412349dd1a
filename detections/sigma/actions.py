"""Actions: `action: global`, `reset` and `repeat` of files with several documents.

Sigma 1.0, "Rule Collections": a global document is merged into all that follow, several add up,
`reset` forgets them, and `repeat` makes the rule before once more with what it says otherwise. What
a document says itself goes before what is global.
"""

from __future__ import annotations

from pathlib import Path

from detections.sigma.documents import Map
from detections.sigma.faults import WrongRule
from fengsui.ids import digest_id

_ACTIONS = ("global", "reset", "repeat")


class Actions:
    """State of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._global: Map | None = None
        self._before: Map | None = None
        self._taken: dict[str, int] = {}  # ids that documents took from another, titles without id

    def rule(self, content: Map) -> Map | None:
        """The document as a rule with all that is merged into it; None where it is no rule itself.

        Raises:
            WrongRule: an action that is not known, or nothing to repeat.
        """
        if "correlation" in content or "filter" in content:
            return content
        action = content.get("action")
        own = content if action is None else _without_action(content)
        match action:
            case "global":
                self._global = _over(self._global, own)
                return None
            case "reset":
                self._global = None
                return None
            case "repeat":
                if self._before is None:
                    raise WrongRule("there is no rule before it to repeat", content.lines["action"])
                whole = _over(self._before, own)
            case None:
                whole = _over(self._global, own)
            case _:
                known = ", ".join(_ACTIONS)
                problem = f"unknown action {str(action)[:60]!r}; known are {known}"
                raise WrongRule(problem, content.lines["action"])
        self._before = whole
        return self._identified(whole, own, repeated=action == "repeat")

    def _identified(self, whole: Map, own: Map, *, repeated: bool) -> Map:
        """Every rule of the file with an id of its own: the first keeps one that several share."""
        if own.get("id"):
            return whole
        given = str(whole.get("id") or "")
        name = given or str(whole.get("title") or "")
        count = self._taken[name] = self._taken.get(name, -1 + repeated) + 1
        if not name or count == 0:
            return whole
        again = merged(whole, Map(whole.line))
        again["id"] = digest_id("sigma", name, self._path.name, count)
        again.lines.setdefault("id", whole.line)
        return again


def merged(base: Map, over: Map) -> Map:
    """Both maps as one; where both have a value that of `over` counts, maps are merged in turn."""
    made = Map(over.line)
    for source in (base, over):
        for name, value in source.items():
            known = made.get(name)
            if isinstance(known, Map) and isinstance(value, Map):
                made[name] = merged(known, value)
            else:
                made[name] = value
            made.lines[name] = source.lines[name]
            made.written.pop(name, None)
            if name in source.written:
                made.written[name] = source.written[name]
    return made


def _over(base: Map | None, own: Map) -> Map:
    return own if base is None else merged(base, own)


def _without_action(content: Map) -> Map:
    made = merged(content, Map(content.line))
    made.line = content.line
    del made["action"]
    return made
