"""Loader: Sigma YAML files → rules with conditions of our own; pySigma reads, we take over.

Specification: Sigma 2.1 (SigmaHQ/sigma-specification), rules only. Correlation rules and filters
are recognised and refused as not supported yet; everything refused is kept with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from detections.sigma.conditions import Condition
from detections.sigma.convert import Unsupported, condition_of
from detections.sigma.lines import line_of
from detections.sigma.mapping import Logsource
from fengsui.attack import TACTICS, in_order, tactic_of
from fengsui.errors import RuleError
from fengsui.ids import digest_id
from fengsui.severity import Severity
from fengsui.text import Text, literal

LARGEST_FILE = 1 << 20  # bytes; the largest public rule has 30 kB
_DOCUMENTS = 1000  # rules in one file


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule as its file states it; fields of `condition` are still the rule's own names.

    Attributes:
        key_fields: event fields that make two hits the same; empty: those of the entities.
        fidelity: the author's estimate of how often it is right, 0…1; None where not given.
        samples: events that must (`fire`) and must not (`quiet`) match, as flat ECS fields.
    """

    id: str
    title: Text
    description: Text
    severity: Severity
    status: str
    logsource: Logsource
    condition: Condition
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    author: str
    licence: str
    path: Path
    line: int
    key_fields: tuple[str, ...] = ()
    fidelity: float | None = None
    units: tuple[str, ...] = ()
    samples: dict[str, list[dict[str, object]]] = field(
        default_factory=dict[str, list[dict[str, object]]]
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that is not loaded; `supported` is false where the rule is valid and we lag behind."""

    path: Path
    line: int
    title: str
    reason: str
    supported: bool

    def error(self) -> RuleError:
        """The same as an error with file and line."""
        return RuleError(
            f"The Sigma rule {self.title or 'without a title'!r} does not load: {self.reason}",
            where=f"{self.path}:{self.line}",
            next="Mend the line named, or take the file out of the rules folder",
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """All documents of some folders."""

    rules: tuple[LoadedRule, ...]
    refused: tuple[Refused, ...]


def load(places: Iterable[Path]) -> Loaded:
    """Every `*.yml` and `*.yaml` of folders (deep) and files, in order of path.

    Raises:
        RuleError: a place does not exist or cannot be read.
    """
    rules: dict[str, LoadedRule] = {}
    refused: list[Refused] = []
    licences: dict[Path, str] = {}
    for place in places:
        for path in _files(place):
            folder = path.parent
            if folder not in licences:
                licences[folder] = _licence(folder, place)
            for found in load_file(path, licence=licences[folder]):
                if isinstance(found, Refused):
                    refused.append(found)
                elif (known := rules.get(found.id)) is not None:
                    reason = f"its id is that of {known.path}:{known.line}"
                    title = found.title.render("en")
                    refused.append(Refused(path, found.line, title, reason, supported=True))
                else:
                    rules[found.id] = found
    return Loaded(tuple(rules.values()), tuple(refused))


def load_file(path: Path, *, licence: str = "") -> list[LoadedRule | Refused]:
    """All rules of one file; `licence` is that of the folder, for rules that do not name their own.

    Raises:
        RuleError: the file cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            return [Refused(path, 1, "", f"larger than {LARGEST_FILE} bytes", supported=True)]
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        return [Refused(path, 1, "", f"not UTF-8 text ({error.reason})", supported=True)]
    except OSError as error:
        raise _unreadable(path, error) from error
    return list(load_text(text, path, licence=licence))


def load_text(text: str, path: Path, *, licence: str = "") -> Iterator[LoadedRule | Refused]:
    """All rules of a YAML text; `path` is where it says it is from."""
    try:
        documents = list(yaml.load_all(text, yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        yield Refused(path, line, "", f"not YAML: {problem}", supported=True)
        return
    if len(documents) > _DOCUMENTS:
        yield Refused(path, 1, "", f"more than {_DOCUMENTS} documents", supported=True)
        return
    for index, document in enumerate(documents):
        if document is not None:
            yield _one(document, index, text, path, licence)


def _one(document: object, index: int, text: str, path: Path, licence: str) -> LoadedRule | Refused:
    if not isinstance(document, dict):
        line = line_of(text, index)
        return Refused(path, line, "", "a rule is a map of names and values", supported=True)
    content = cast("dict[str, Any]", document)
    title = str(content.get("title", ""))
    for word in ("correlation", "filter", "action"):
        if word in content and "detection" not in content:
            reason = f"{word} documents are not supported yet"
            return Refused(path, line_of(text, index, word), title, reason, supported=False)
    try:
        rule = SigmaRule.from_dict(content)
        condition = condition_of(rule)
        return _taken_over(rule, condition, content, path, line_of(text, index), licence)
    except Unsupported as error:
        line = line_of(text, index, "detection", str(error))
        return Refused(path, line, title, str(error), supported=False)
    except (SigmaError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # pySigma meets some wrong types with Python's own errors; the rule is wrong all the same.
        reason = f"{error}" or type(error).__name__
        line = line_of(text, index, type(error).__name__, reason)
        return Refused(path, line, title, reason, supported=True)


def _taken_over(
    rule: SigmaRule,
    condition: Condition,
    content: dict[str, Any],
    path: Path,
    line: int,
    licence: str,
) -> LoadedRule:
    if not rule.title:
        raise ValueError("a rule needs a title")
    source = rule.logsource
    techniques, tactics = _attack([str(tag) for tag in rule.tags])
    own = _mapping(content.get("fengsui"), "fengsui")
    description = (rule.description or "").strip()
    fidelity = own.get("fidelity")
    return LoadedRule(
        id=str(rule.id) if rule.id else digest_id("sigma", rule.title, path.name),
        title=literal(str(content.get("title_zh") or rule.title), rule.title),
        description=literal(str(content.get("description_zh") or description).strip(), description),
        severity=Severity.parse(str(rule.level)) if rule.level else Severity.MEDIUM,
        status=str(rule.status) if rule.status else "experimental",
        logsource=Logsource(source.product or "", source.category or "", source.service or ""),
        condition=condition,
        techniques=techniques,
        tactics=tactics,
        author=rule.author or "",
        licence=rule.license or licence,
        path=path,
        line=line,
        key_fields=tuple(map(str, own.get("key", ()))),
        fidelity=None if fidelity is None else min(max(float(fidelity), 0.0), 1.0),
        units=tuple(map(str, own.get("units", ()))),
        samples=_mapping(own.get("samples"), "fengsui.samples"),
    )


def _mapping(value: object, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not a map")
    return cast("dict[str, Any]", value)


def _attack(tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Techniques and tactics of tags such as `attack.t1071.004` and `attack.command-and-control`."""
    words = [
        tag.lower().removeprefix("attack.") for tag in tags if tag.lower().startswith("attack.")
    ]
    techniques = [word.upper() for word in words if word[:1] == "t" and word[1:5].isdigit()]
    tactics = {word.replace("_", "-") for word in words} & TACTICS.keys()
    usual = {tactic for one in techniques if (tactic := tactic_of(one)) is not None}
    return tuple(dict.fromkeys(techniques)), in_order(tactics or usual)


def _files(place: Path) -> list[Path]:
    try:
        if not place.exists():
            raise FileNotFoundError(2, "No such file or folder")
        if place.is_file():
            return [place]
        return sorted(
            path for path in place.rglob("*") if path.suffix in {".yml", ".yaml"} and path.is_file()
        )
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(path: Path, error: OSError) -> RuleError:
    return RuleError(
        f"Rules cannot be read: {error.strerror or error}",
        where=str(path),
        next="Check the path and its permissions (setting detection.rules)",
    )


def _licence(folder: Path, root: Path) -> str:
    """Licence that a rules folder names in a LICENSE file, as far as we know its text."""
    for place in (folder, *folder.parents):
        for name in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
            path = place / name
            if path.is_file():
                head = path.read_bytes()[:4096]
                return "DRL 1.1" if b"Detection Rule License" in head else ""
        if place == root:
            break
    return ""
