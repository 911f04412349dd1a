"""Header: what a document says about itself, besides what it looks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from detections.sigma.conditions import Condition
from detections.sigma.documents import Items, Map, plain
from detections.sigma.faults import WrongRule
from detections.sigma.loaded import LoadedRule
from detections.sigma.mapping import Logsource
from fengsui.attack import TACTICS, in_order, tactic_of
from fengsui.ids import digest_id
from fengsui.rule import guidance_of
from fengsui.severity import Severity
from fengsui.text import literal

_STATUS = ("stable", "test", "experimental", "deprecated", "unsupported")
_LEVELS = ("informational", "low", "medium", "high", "critical")
_LONGEST_TITLE = 256  # characters, Sigma 2.1 rules, "Title"
_LONGEST_TEXT = 65_535
_LONGEST_ID = 200
_NESTED = frozenset({Map, Items})


def rule_of(content: Map, condition: Condition, path: Path, line: int, licence: str) -> LoadedRule:
    """A rule from its document and its condition.

    Raises:
        WrongRule: an attribute has a value that it cannot have; with the line.
    """
    return LoadedRule(
        logsource=logsource_of(content, line),
        condition=condition,
        **header_of(content, path, line, licence),
    )


def header_of(content: Map, path: Path, line: int, licence: str) -> dict[str, Any]:
    """The attributes that rules and correlation rules have in common, by name.

    Raises:
        WrongRule: one has a value that it cannot have; with the line.
    """
    title = title_of(content, line)
    tags = texts(content, "tags")
    techniques, tactics = _attack(tags)
    description = _text(content, "description").strip()
    level = _one_of(content, "level", _LEVELS)
    own = section(content, "fengsui")
    return {
        "id": id_of(content, title, path),
        "title": literal(_text(content, "title_zh") or title, title),
        "description": literal(
            _text(content, "description_zh").strip() or description, description
        ),
        "severity": Severity.parse(level) if level else Severity.MEDIUM,
        "status": _one_of(content, "status", _STATUS) or "experimental",
        "techniques": techniques,
        "tactics": tactics,
        "author": ", ".join(texts(content, "author")),
        "licence": _text(content, "license") or licence,
        "path": path,
        "line": line,
        "name": _text(content, "name"),
        "taxonomy": _text(content, "taxonomy") or "sigma",
        "references": texts(content, "references"),
        "falsepositives": texts(content, "falsepositives"),
        "fields": texts(content, "fields"),
        "related": _related(content),
        **_own(own, content),
    }


def title_of(content: Map, line: int) -> str:
    """The title.

    Raises:
        WrongRule: there is none, or it is too long.
    """
    title = _text(content, "title").strip()
    if not title:
        raise WrongRule("a rule needs a title", content.lines.get("title", line))
    if len(title) > _LONGEST_TITLE:
        problem = f"the title is longer than {_LONGEST_TITLE} characters"
        raise WrongRule(problem, content.lines["title"])
    return title


def id_of(content: Map, title: str, path: Path) -> str:
    """The id, in the usual spelling where it is a UUID; without one a stable digest.

    Raises:
        WrongRule: it is no text, or too long.
    """
    found = _text(content, "id").strip()
    if not found:
        return digest_id("sigma", title, path.name)
    if len(found) > _LONGEST_ID or not found.isprintable():
        raise WrongRule(f"an id is a text of at most {_LONGEST_ID} characters", content.lines["id"])
    try:
        return str(UUID(found)) if len(found) == 36 else found
    except ValueError:
        return found


def logsource_of(content: Map, line: int) -> Logsource:
    """The log source.

    Raises:
        WrongRule: there is none, or it names nothing.
    """
    if "logsource" not in content:
        raise WrongRule("a rule must have a log source", line)
    at = content.lines["logsource"]
    found = content["logsource"]
    if not isinstance(found, Map):
        raise WrongRule("a log source is a map of category, product and service", at)
    source = Logsource(*(_text(found, name) for name in ("product", "category", "service")))
    if source == Logsource():
        raise WrongRule("a log source names a category, a product or a service", at)
    return source


def section(content: Map, name: str) -> Map:
    """A map inside the document; empty where it is not there.

    Raises:
        WrongRule: it is something else.
    """
    found = content.get(name)
    if found is None:
        return Map(content.line)
    if not isinstance(found, Map):
        raise WrongRule(f"{name} is not a map", content.lines[name])
    return found


def texts(content: Map, name: str) -> tuple[str, ...]:
    """An attribute that is a list of texts, or one text.

    Raises:
        WrongRule: it is something else.
    """
    found = content.get(name)
    if found is None:
        return ()
    many = found if isinstance(found, Items) else [found]
    if not _NESTED.isdisjoint(map(type, many)):
        raise WrongRule(f"{name} is not a list of texts", content.lines[name])
    return tuple(str(one) for one in many if one is not None)


def _text(content: Map, name: str) -> str:
    found = content.get(name)
    if found is None:
        return ""
    if isinstance(found, Map | Items):
        raise WrongRule(f"{name} is not a text", content.lines[name])
    text = content.written.get(name) or str(found)
    if len(text) > _LONGEST_TEXT:
        raise WrongRule(f"{name} is longer than {_LONGEST_TEXT} characters", content.lines[name])
    return text


def _one_of(content: Map, name: str, known: Sequence[str]) -> str:
    word = _text(content, name)
    if word and word.lower() not in known:
        problem = f"'{word[:60]}' is not a valid Sigma rule {name}; known are {', '.join(known)}"
        raise WrongRule(problem, content.lines[name])
    return word.lower()


def _related(content: Map) -> tuple[tuple[str, str], ...]:
    found = content.get("related")
    rows = found if isinstance(found, Items) else []
    return tuple((_text(row, "type"), _text(row, "id")) for row in rows if isinstance(row, Map))


def _own(own: Map, content: Map) -> dict[str, Any]:
    """Attributes of the `fengsui` map: Sigma leaves names that it does not know to their users."""
    line = content.lines.get("fengsui", content.line)
    fidelity = own.get("fidelity")
    if fidelity is not None and (
        isinstance(fidelity, bool) or not isinstance(fidelity, int | float)
    ):
        raise WrongRule("fengsui.fidelity is a number from 0 to 1", own.lines["fidelity"])
    samples = section(own, "samples")
    if not all(
        isinstance(one, Map | Items)  # a correlation's sample is a list of events
        for rows in samples.values()
        for one in cast("list[object]", rows or [])
    ):
        raise WrongRule("fengsui.samples are lists of events", own.lines["samples"])
    try:
        guidance = guidance_of(own.get("guidance"))
    except ValueError as error:
        raise WrongRule(f"fengsui.{error}", own.lines.get("guidance", line)) from error
    return {
        "key_fields": texts(own, "key"),
        "fidelity": None if fidelity is None else min(max(float(fidelity), 0.0), 1.0),
        "units": texts(own, "units"),
        "samples": {name: plain(rows or []) for name, rows in samples.items()},
        "gbt20986": texts(own, "gbt20986"),
        "guidance": guidance,
    }


def _attack(tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Techniques and tactics of tags such as `attack.t1071.004` and `attack.command-and-control`."""
    words = [
        tag.lower().removeprefix("attack.") for tag in tags if tag.lower().startswith("attack.")
    ]
    techniques = [word.upper() for word in words if word[:1] == "t" and word[1:5].isdigit()]
    tactics = {word.replace("_", "-") for word in words} & TACTICS.keys()
    usual = {tactic for one in techniques if (tactic := tactic_of(one)) is not None}
    return tuple(dict.fromkeys(techniques)), in_order(tactics or usual)
