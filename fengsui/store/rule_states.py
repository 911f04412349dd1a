"""Life of rules in the state: texts and their versions, what may raise, packs, counts by day.

A text version belongs to a rule *file*, named by the id of its first rule; state and parking belong to
each rule. Nothing is overwritten silently: who writes says which version or revision was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

RuleState = Literal["draft", "experimental", "stable", "retired"]
VersionOrigin = Literal["local", "upstream", "merge", "revert"]
StepKind = Literal["state", "park", "unpark", "save", "revert", "merge", "upstream", "sample"]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One text of a rule file.

    Attributes:
        rule: id of the file's first rule.
        number: from 1, without gaps.
        hash: SHA-256 of the text.
        pack: the pack (or `builtin`, or a rules folder) whose file it replaces; "" for a rule of ours.
        path: of that file inside the pack.
        base: hash of upstream's text that it was made from; "" for a rule of ours.
    """

    rule: str
    number: int
    hash: str
    origin: VersionOrigin
    pack: str
    path: str
    base: str
    by: str
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A text to be kept; `base` is upstream's text ("" for a rule of ours).

    `seen`: the newest version that it was made upon; None does not mind.
    """

    rule: str
    text: str
    origin: VersionOrigin
    pack: str
    path: str
    base: str
    by: str
    reason: str
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class RuleLife:
    """What people (or the engine) decided about a rule; `state` None: as its file says.

    `revision` rises with each decision.
    """

    rule: str
    state: RuleState | None = None
    parked: bool = False
    parked_by: str = ""
    parked_reason: str = ""
    parked_at: int = 0
    engine: bool = False
    revision: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class RuleStep:
    """One entry of a rule's history."""

    rule: str
    number: int
    kind: StepKind
    before: str
    after: str
    by: str
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class KeptSample:
    """An event that a rule must (`fire`) or must not (`quiet`) meet, kept beside the rule."""

    rule: str
    number: int
    kind: Literal["fire", "quiet"]
    event: Mapping[str, Any]
    by: str
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pack:
    """An installed set of rules; its files stand in a folder named by `digest`.

    Attributes:
        digest: SHA-256 over names and contents of its files.
        source: the name of what it was installed from.
        key: fingerprint of the key that signed it; "" where nobody did.
    """

    name: str
    version: str
    author: str
    licence: str
    source: str
    key: str
    digest: str
    rules: int
    refused: int
    by: str
    at: int
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def signed(self) -> bool:
        """Whether a trusted key vouches for it."""
        return bool(self.key)


@dataclass(frozen=True, slots=True)
class RuleDay:
    """What one rule did on one day of event time (`day` is days since 1970-01-01, UTC)."""

    rule: str
    day: int
    hits: int
    events: int
    seconds: float


class RuleStates(Protocol):
    """The part of the state that is about rules."""

    def rules_generation(self) -> tuple[int, int]:
        """Two numbers: the first rises with every change of what should run, the second with texts."""
        ...

    def put_version(self, version: NewVersion, seen: int) -> RuleVersion:
        """Keep a new text of a rule file.

        Raises:
            BusyError: the newest version is not `seen` (code `version_conflict`).
        """
        ...

    def rule_versions(self, rule: str) -> list[RuleVersion]:
        """All of a file, newest first."""
        ...

    def newest_versions(self) -> dict[str, RuleVersion]:
        """The newest version of every file that has any."""
        ...

    def rule_texts(self, hashes: Sequence[str]) -> dict[str, str]:
        """Texts by hash; unknown ones are left out."""
        ...

    def step_rule(self, step: RuleStep, life: RuleLife, seen: int | None) -> RuleLife:
        """Keep a decision and its entry in the history; `step.number` and `life.revision` are given here.

        Args:
            step: what is done.
            life: what follows from it.
            seen: revision that was looked at; None does not mind.

        Raises:
            BusyError: the revision is not `seen` (code `version_conflict`).
        """
        ...

    def rule_life(self, rule: str) -> RuleLife:
        """What was decided about one rule; one without decisions has revision 0."""
        ...

    def rule_lives(self) -> dict[str, RuleLife]:
        """All rules about which something was decided."""
        ...

    def rule_steps(self, rule: str, limit: int = 200) -> list[RuleStep]:
        """History of a rule, newest first."""
        ...

    def add_sample(self, sample: KeptSample) -> KeptSample:
        """Keep a sample; its number is given here."""
        ...

    def drop_sample(self, rule: str, number: int) -> bool:
        """Take a kept sample away; False where there is none."""
        ...

    def samples(self, rule: str) -> list[KeptSample]:
        """Samples kept beside a rule."""
        ...

    def packs(self) -> list[Pack]:
        """Installed packs by name."""
        ...

    def put_pack(self, pack: Pack, seen: str, versions: Sequence[NewVersion] = ()) -> None:
        """Install or update in one transaction, with what it means for changed rules.

        Args:
            pack: as it is to be.
            seen: digest of the installed pack that was looked at, "" where there was none.
            versions: texts of files that change by it, in order.

        Raises:
            BusyError: another digest is installed (code `version_conflict`).
        """
        ...

    def drop_pack(self, name: str) -> bool:
        """Forget a pack; local changes of its rules stay, without effect. False: there is none."""
        ...

    def saw_rules(self, growth: Sequence[RuleDay]) -> None:
        """Add to the counts."""
        ...

    def rule_days(self, since: int, rule: str | None = None) -> list[RuleDay]:
        """Counts from day `since` on, in order of day and rule."""
        ...

    def newest_rule_day(self) -> int | None:
        """The last day that has counts; None without any."""
        ...
