"""Hunting: a rule set over files, without a store and without settings."""

from __future__ import annotations

import gc
import heapq
import time
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from detections.sigma.hunter import Hunter, Inert
from detections.sigma.loaded import Loaded, Refused
from detections.sigma.mapping import Logsource
from detections.sigma.shelf import Head
from fengsui.errors import FengsuiError, InputError, NotFoundError
from fengsui.severity import Severity
from sensors.foreign.files import ForeignFile
from sensors.foreign.sniffing import may_be_archive
from sensors.foreign.times import time_of
from sensors.intake.magic import STANDARD_INPUT

MOST_HITS = 5_000_000  # that are listed; all are counted

OnProgress = Callable[[int, int, str], None]  # done, total (bytes; 0 unknown), what is being read
if TYPE_CHECKING:
    from detections.sigma.correlations.rule import LoadedCorrelation
    from sensors.enrich.address_plan import AddressPlan

    AnyRule = Head | LoadedCorrelation


class Hit(NamedTuple):
    """A rule met by an event: positions in `Hunted.files` and `Hunted.rules`, number in the file."""

    file: int
    number: int
    rule: int


class Hits:
    """Hits in the order in which they are listed, 24 bytes each."""

    def __init__(self) -> None:
        self._flat = array("q")
        self._late: list[Hit] = []  # of correlations, which may be about earlier events

    def __len__(self) -> int:
        return len(self._flat) // 3 + len(self._late)

    def add(self, file: int, number: int, rule: int) -> None:
        """One hit; files and numbers come in order."""
        self._flat.extend((file, number, rule))

    def add_late(self, hit: Hit) -> None:
        """One that may be about an earlier event."""
        self._late.append(hit)

    def in_order(self, rules: Sequence[AnyRule]) -> Iterator[Hit]:
        """By file, number and id of the rule."""

        def key(hit: Hit) -> tuple[int, int, str]:
            return hit.file, hit.number, rules[hit.rule].id

        each = iter(self._flat)
        flat = map(Hit._make, zip(each, each, each, strict=True))
        return heapq.merge(flat, sorted(self._late, key=key), key=key)


@dataclass(slots=True)
class HuntedFile:
    """One file and what became of it."""

    file: ForeignFile
    events: int = 0
    unknown: int = 0  # events of a shape without a log source
    undated: int = 0  # events of rules that correlations name, without a time of their own
    error: FengsuiError | None = None

    def counted(self) -> Iterator[dict[str, Any]]:
        """What could not be read, or not be used, as JSON objects."""
        name = self.file.name
        for one in self.file.problems:
            yield {
                "file": name,
                "what": one.kind,
                "count": one.count,
                "number": one.number,
                "example": one.example,
            }
        for what, count in (
            ("events without a log source: name it with --logsource", self.unknown),
            (
                "events of correlations without a time: that of the event before was taken",
                self.undated,
            ),
        ):
            if count:
                yield {"file": name, "what": what, "count": count, "number": -1, "example": ""}

    def as_json(self) -> dict[str, Any]:
        """Name, kind, number of events, and the error that ended it."""
        return {
            "file": self.file.name,
            "kind": self.file.kind,
            "events": self.events,
            "error": self.error.as_json() if self.error else None,
        }


@dataclass(slots=True)
class Hunted:
    """What a hunt found.

    Attributes:
        rules: all rules, then all correlations that could be linked.
        refused: documents that did not load, and correlations whose references lead nowhere.
        counts: hits by position of the rule, those that are not listed too.
        firsts: the first hit of each rule.
        parked: rules that were stopped for their cost, and why.
    """

    rules: Sequence[AnyRule]
    refused: Sequence[Refused]
    files: list[HuntedFile]
    hits: Hits = field(default_factory=Hits)
    inert: list[Inert] = field(default_factory=list[Inert])
    counts: dict[int, int] = field(default_factory=dict[int, int])
    firsts: dict[int, Hit] = field(default_factory=dict[int, Hit])
    parked: dict[int, str] = field(default_factory=dict[int, str])
    seconds: float = 0.0

    @property
    def events(self) -> int:
        """Events that were shown to the rules."""
        return sum(one.events for one in self.files)

    def matched(self) -> Iterator[tuple[AnyRule, int, Hit]]:
        """Rules with hits, their number and the first: worst first, then by number of hits."""
        rules = self.rules

        def rank(one: tuple[int, int]) -> tuple[int, int, str]:
            return -rules[one[0]].severity, -one[1], rules[one[0]].id

        for number, count in sorted(self.counts.items(), key=rank):
            yield rules[number], count, self.firsts[number]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the hits is wanted.

    Attributes:
        least: hits of rules below this severity are left out.
        rules: ids or names of the only rules whose hits are wanted; empty for all.
        limit: hits listed a rule, 0 for all; all are counted.
        logsource: of events that have none by their shape.
    """

    least: Severity = Severity.INFO
    rules: frozenset[str] = frozenset()
    limit: int = 0
    logsource: Logsource | None = None

    def has(self, rule: AnyRule) -> bool:
        """Whether hits of a rule are wanted."""
        if rule.severity < self.least:
            return False
        return not self.rules or rule.id in self.rules or rule.name in self.rules


def hunt(loaded: Loaded, paths: Sequence[str], wanted: Wanted, on_progress: OnProgress) -> Hunted:
    """Run the rules over all files; one that cannot be read is recorded, and the others go on.

    Raises:
        FengsuiError: not one file could be read: the first one's error; or no rule is wanted.
    """
    started = time.perf_counter()
    with few_collections():
        found = _hunted(_Run(loaded, expanded(paths), wanted), on_progress)
    found.seconds = time.perf_counter() - started
    return found


def _hunted(run: _Run, on_progress: OnProgress) -> Hunted:
    found = run.found
    total = sum(one.file.size for one in found.files)
    done = 0
    for index, one in enumerate(found.files):
        try:
            run.walk(index, partial(_tell, on_progress, done, total, one.file.name))
        except FengsuiError as error:
            one.error = error
        done += one.file.size
    run.finish()
    on_progress(total, total, "")
    errors = [one.error for one in found.files if one.error is not None]
    if errors and len(errors) == len(found.files) and not found.events:
        # An empty log has no events, which is an answer; what cannot be read has none.
        worst = [error for error in errors if error.code != "empty"]
        if worst:
            raise worst[0]
    return found


def _tell(on_progress: OnProgress, before: int, total: int, name: str, done: int) -> None:
    on_progress(before + done, total, name)


def expanded(paths: Sequence[str]) -> list[str]:
    """Files as named; of a folder, all files below it in order of name, hidden ones left out.

    Raises:
        InputError: a folder holds no file.
    """
    files: list[str] = []
    for path in paths:
        folder = Path(path)
        if path == STANDARD_INPUT or not folder.is_dir():
            files.append(path)
            continue
        inside = sorted(one for one in folder.rglob("*") if one.is_file())
        seen = [str(one) for one in inside if not _hidden(one.relative_to(folder))]
        if not seen:
            raise InputError("The folder holds no file", where=path, next="Name another folder")
        files += seen
    return files


def _files_of(path: str, wanted: Wanted) -> Iterator[ForeignFile]:
    """The file, or the files inside an archive."""
    named = wanted.logsource is not None
    if path == STANDARD_INPUT or not may_be_archive(path):
        yield ForeignFile(path, named=named)
        return
    # Imported here: most hunts are over no archive.
    archives = import_module("sensors.foreign.archives")
    if not archives.is_archive(Path(path)):
        yield ForeignFile(path, named=named)
        return
    try:
        inside = archives.members(Path(path))
    except InputError:  # as one file, of which the same will be said in its turn
        inside = [archives.Member(archives.Archive(Path(path), path), "")]
    for member in inside:
        yield ForeignFile.member(member, named=named)


def _is_internal(address: str) -> bool:
    return _plan().is_internal(address)


@cache
def _plan() -> AddressPlan:
    """The addresses that are ours without any settings; imported with the first event that asks."""
    nothing = import_module("fengsui.store.state").Plan()
    plan: AddressPlan = import_module("sensors.enrich.address_plan").AddressPlan(nothing)
    return plan


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


class _Run:
    """A hunt on its way."""

    def __init__(self, loaded: Loaded, paths: Sequence[str], wanted: Wanted) -> None:
        self._hunter = Hunter(
            loaded.rules,
            wanted.logsource,
            correlations=loaded.correlations,
            is_internal=_is_internal,
        )
        rules: tuple[AnyRule, ...] = (*self._hunter.heads, *self._hunter.correlations)
        refused = (*loaded.refused, *self._hunter.refused)
        self.found = Hunted(
            rules,
            refused,
            [HuntedFile(one) for path in paths for one in _files_of(path, wanted)],
        )
        self._limit = wanted.limit
        silent = self._hunter.silent
        self._shown = [
            wanted.has(rule) and number not in silent for number, rule in enumerate(rules)
        ]
        if wanted.rules and not any(self._shown):
            raise NotFoundError(
                "No rule that was loaded has this id, name and level",
                where=", ".join(sorted(wanted.rules)),
                next="fengsui rules coverage --rules FOLDER --json shows the ids",
            )
        self._last = 0  # time of the event before

    def walk(self, index: int, tell: Callable[[int], None]) -> None:
        """All events of one file."""
        one = self.found.files[index]
        hunter, bases = self._hunter, self._hunter.bases
        for records in one.file.batches():
            one.events += len(records)
            if isinstance(records, list):
                found = hunter.match_all(records)
            else:
                found = hunter.match_unread(records.keys, records.raws)
            for place, numbers in found:
                number, origin, fields, _ = records[place]
                self._hit(index, number, numbers)
                if not bases.isdisjoint(numbers):
                    self._correlate(one, (index, number), numbers, fields, origin)
            if isinstance(records, list) and not self._hunter.dataset(""):
                one.unknown += sum([not record[1] for record in records])
            tell(one.file.done)

    def finish(self) -> None:
        """The files have ended: correlations say the rest, and what could not be met is known."""
        self._late(self._hunter.finish())
        self.found.inert = self._hunter.inert()
        self.found.parked = self._hunter.parked

    def _hit(self, file: int, number: int, rules: list[int]) -> None:
        if len(rules) > 1:
            rules = sorted(rules, key=lambda rule: self.found.rules[rule].id)
        for rule in rules:
            if self._shown[rule] and self._listed(Hit(file, number, rule)):
                self.found.hits.add(file, number, rule)

    def _listed(self, hit: Hit) -> bool:
        """Count a hit; whether it is listed, too."""
        counts = self.found.counts
        count = counts[hit.rule] = counts.get(hit.rule, 0) + 1
        if count == 1:
            self.found.firsts[hit.rule] = hit
        return (not self._limit or count <= self._limit) and len(self.found.hits) < MOST_HITS

    def _correlate(
        self,
        one: HuntedFile,
        event: tuple[int, int],
        numbers: list[int],
        fields: dict[str, Any],
        origin: str | tuple[str, str, str],
    ) -> None:
        time = time_of(fields)
        if time is None:
            one.undated += 1
            time = self._last
        self._last = time
        self._late(self._hunter.observe(numbers, fields, time, event, origin))

    def _late(self, hits: Sequence[tuple[int, object]]) -> None:
        for rule, event in hits:
            hit = Hit(*cast("tuple[int, int]", event), rule)
            if self._shown[rule] and self._listed(hit):
                self.found.hits.add_late(hit)


@contextmanager
def few_collections() -> Generator[None]:
    """Rules stay for good and events go at once: looking for garbage among them costs a fifth."""
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
