"""Loader: folders of Sigma files → rules with conditions of our own, filters applied.

Specification: Sigma 2.1 (SigmaHQ/sigma-specification): rules, filters, and the old files with
`action` documents. Correlations are read by their own package. Everything that is refused is kept
with file, line and reason, and hides nothing else.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from detections.sigma.actions import Actions
from detections.sigma.convert import condition_of
from detections.sigma.documents import Document, Map, documents
from detections.sigma.faults import Unsupported, WrongRule
from detections.sigma.filters import filter_of, filtered
from detections.sigma.header import rule_of
from detections.sigma.loaded import Loaded, LoadedFilter, LoadedRule, Refused
from detections.sigma.placeholders import Placeholders
from detections.sigma.places import LARGEST_FILE, licence_of, rule_files, text_of
from detections.sigma.shelf import ShelvedRule, ShelvedRules
from fengsui.errors import RuleError

if TYPE_CHECKING:
    from detections.sigma.correlations.rule import LoadedCorrelation

    Found = LoadedRule | LoadedCorrelation | LoadedFilter | Refused

__all__ = [
    "LARGEST_FILE", "Loaded", "LoadedFilter", "LoadedRule", "Refused", "load", "load_file",
    "load_text",
]  # fmt: skip

_DOCUMENTS = 1000  # documents of one file
_NOTHING: Mapping[str, list[str]] = {}


def load(places: Iterable[Path], placeholders: Placeholders = _NOTHING) -> Loaded:
    """Every `*.yml` and `*.yaml` of folders (deep) and files, in order of path.

    Args:
        places: folders and files.
        placeholders: values of `%name%` under `|expand`, by name (setting `detection.placeholders`).

    Raises:
        RuleError: a place does not exist or cannot be read.
    """
    shelf = Gathered()
    with without_collector():
        for file in files_of(places):
            for found in read(file, placeholders):
                shelf.add(found)
    return shelf.loaded()


class File(NamedTuple):
    """One file of rules; `problem` is why it cannot be read."""

    path: Path
    licence: str
    problem: str


def files_of(places: Iterable[Path]) -> Iterator[File]:
    """The files that `load` reads, each once, in its order."""
    known: set[str] = set()
    for place in places:
        licences: dict[str, str] = {}
        root = str(place if place.is_dir() else place.parent)
        for name, problem in rule_files(place):
            if name in known:  # a folder and a file in it, both named
                continue
            known.add(name)
            path = Path(name)
            yield File(path, licence_of(str(path.parent), root, licences), problem)


def read(file: File, placeholders: Placeholders) -> Iterator[Found]:
    """What a file holds, as it stands there."""
    if file.problem:
        yield Refused(file.path, 1, "", file.problem, supported=True)
    else:
        yield from _of_file(file.path, file.licence, placeholders)


@contextmanager
def without_collector() -> Generator[None]:
    """Reading makes no cycles and many objects: looking for cycles takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load_file(
    path: Path, *, licence: str = "", placeholders: Placeholders = _NOTHING
) -> list[LoadedRule | LoadedCorrelation | Refused]:
    """All rules of one file; `licence` is that of the folder, for rules that do not name their own.

    Raises:
        RuleError: the file does not exist.
    """
    if not path.exists():
        raise RuleError(
            "Rules cannot be read: No such file or folder",
            where=str(path),
            next="Check the path and its permissions (setting detection.rules)",
        )
    return Gathered.of(_of_file(path, licence, placeholders))


def load_text(
    text: str, path: Path, *, licence: str = "", placeholders: Placeholders = _NOTHING
) -> Iterator[LoadedRule | LoadedCorrelation | Refused]:
    """All rules of a YAML text, its own filters applied; `path` is where it says it is from."""
    yield from Gathered.of(_of_text(text, path, licence, placeholders))


@dataclass(slots=True)
class Gathered:
    """What was found so far; a second document with the id of another is refused."""

    rules: dict[str, LoadedRule | ShelvedRule | LoadedCorrelation] = field(
        default_factory=dict[str, "LoadedRule | ShelvedRule | LoadedCorrelation"]
    )
    filters: list[LoadedFilter] = field(default_factory=list[LoadedFilter])
    refused: list[Refused] = field(default_factory=list[Refused])

    @classmethod
    def of(cls, found: Iterable[Found]) -> list[LoadedRule | LoadedCorrelation | Refused]:
        shelf = cls()
        for one in found:
            shelf.add(one)
        loaded = shelf.loaded()
        whole: list[LoadedRule | LoadedCorrelation | Refused] = [
            *loaded.rules,
            *loaded.correlations,
            *loaded.refused,
        ]
        return sorted(whole, key=lambda one: one.line)

    def add(self, found: Found | ShelvedRule) -> None:
        """One more document."""
        if isinstance(found, Refused):
            self.refused.append(found)
        elif isinstance(found, LoadedFilter):
            self.filters.append(found)
        elif (known := self.rules.get(found.id)) is not None:
            reason = f"its id is that of {known.path}:{known.line}"
            title = found.title.render("en")
            self.refused.append(Refused(found.path, found.line, title, reason, supported=True))
        else:
            self.rules[found.id] = found

    def loaded(self) -> Loaded:
        """All of it, filters applied."""
        every = self.rules.values()
        shelf = [one for one in every if isinstance(one, ShelvedRule)]
        rules = [one for one in every if isinstance(one, LoadedRule)]
        others = tuple(one for one in every if not isinstance(one, LoadedRule | ShelvedRule))
        if shelf and not rules and not self.filters:
            return Loaded(ShelvedRules(shelf), tuple(self.refused), others)
        rules += [one.whole() for one in shelf]
        names = [name for one in others for name in (one.id, one.name)]
        rules, idle = filtered(rules, self.filters, names)
        return Loaded(tuple(rules), (*self.refused, *idle), others)


def _of_file(path: Path, licence: str, placeholders: Placeholders) -> Iterator[Found]:
    try:
        text = text_of(path)
    except WrongRule as fault:
        yield Refused(path, fault.line, "", str(fault), supported=True)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield Refused(path, 1, "", reason, supported=True)
    else:
        yield from _of_text(text, path, licence, placeholders)


def _of_text(text: str, path: Path, licence: str, placeholders: Placeholders) -> Iterator[Found]:
    actions = Actions(path)
    for number, document in enumerate(documents(text)):
        if number >= _DOCUMENTS:
            reason = f"more than {_DOCUMENTS} documents: the rest of the file is not read"
            yield Refused(path, document.line, "", reason, supported=True)
            return
        if isinstance(document, WrongRule):
            yield Refused(path, document.line, "", str(document), supported=True)
        elif document.content is not None:
            found = _one(document, actions, path, licence, placeholders)
            if found is not None:
                yield found


def _one(
    document: Document, actions: Actions, path: Path, licence: str, placeholders: Placeholders
) -> LoadedRule | LoadedCorrelation | LoadedFilter | Refused | None:
    content, line = document.content, document.line
    if not isinstance(content, Map):
        reason = "a rule is a map of names and values"
        return Refused(path, line, "", reason, supported=True)
    title = content.get("title")
    name = title if isinstance(title, str) else ""
    try:
        whole = actions.rule(content)
        return None if whole is None else _made(whole, path, line, licence, placeholders)
    except Unsupported as error:
        return Refused(path, error.line or line, name, str(error), supported=False)
    except WrongRule as error:
        return Refused(path, error.line or line, name, str(error), supported=True)
    except (ValueError, TypeError) as error:  # of a correlation: no line of its own
        return Refused(path, line, name, str(error), supported=True)


def _made(
    content: Map, path: Path, line: int, licence: str, placeholders: Placeholders
) -> LoadedRule | LoadedCorrelation | LoadedFilter:
    if "correlation" in content:
        # Imported here: correlations are made of loaded rules, so their package imports this one.
        from detections.sigma.correlations.reading import correlation_of  # noqa: PLC0415

        return correlation_of(content, path, line, licence)
    if "filter" in content and "detection" not in content:
        return filter_of(content, path, line, placeholders)
    detection = content.get("detection")
    if not isinstance(detection, Map):
        problem = "detection is not a map" if detection is not None else "a rule needs a detection"
        raise WrongRule(problem, content.lines.get("detection", line))
    condition = condition_of(detection, content.lines["detection"], placeholders)
    return rule_of(content, condition, path, line, licence)
