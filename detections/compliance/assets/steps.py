"""Words and limits of the host checks: a step's sentence by its key and state, a fact's threshold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from detections.compliance.assets.asset import AssetEvidence, AssetKind
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.judging import AssetCheck, AssetFact, State, Step
from fengsui.text import Text

_FILE: Final = Path(__file__).with_name("host_limits.toml")
_WORDS: Final = {True: "good", False: "bad", None: "open"}
_HOST: Final[tuple[AssetKind, ...]] = ("host",)
# Steps that no file of a host shows: what to bring instead is said by each.
_OTHERS: Final = frozenset(
    [
        "other_logins",
        "other_sessions",
        "two_factors",
        "account_table",
        "default_passwords",
        "owners",
        "roles",
        "labels_tested",
        "audit_seen",
        "audit_fields",
        "audit_stop",
        "baseline",
        "services_listed",
        "terminals",
        "flaws",
        "block_test",
        "stored",
    ]
)
# Accounts whose name says that they are nobody's.
NOBODYS: Final = re.compile(
    r"(?:guest|test|tester|testuser|demo|temp|tmp|user)\d{0,3}$", re.IGNORECASE
)
MOST_FACTS: Final = 40  # of one step


def host_check(unit: str, name: str, *, single: bool = False) -> AssetCheck:
    """A check of hosts; its claim is `hosts.claim.NAME`."""
    return AssetCheck(f"host_{name}", unit, _HOST, Text(f"hosts.claim.{name}", {}), single)


def host_of(asset: AssetEvidence) -> HostFacts:
    """The facts of a host."""
    if not isinstance(asset.facts, HostFacts):
        raise TypeError(f"{asset.source} is no host")
    return asset.facts


def step(name: str, state: State, detail: str = "", facts: Iterable[AssetFact] = ()) -> Step:
    """A step with its sentence `hosts.NAME.good|bad|open`, and the repair of what fails."""
    return worded("hosts", name, state, detail, facts, own=name in _OTHERS)


def worded(
    shelf: str,
    name: str,
    state: State,
    detail: str = "",
    facts: Iterable[AssetFact] = (),
    *,
    own: bool = False,
) -> Step:
    """A step with the sentences of a shelf. `own`: it says itself what to bring while it is open."""
    text = Text(f"{shelf}.{name}.{_WORDS[state]}", {"detail": detail or "-"})
    repair = None
    if state is False or (state is None and own):
        repair = Text(f"{shelf}.{name}.repair", {"detail": detail or "-"})
    elif state is None:
        repair = Text(f"{shelf}.more.repair", {})
    return Step(name, state, text, tuple(facts)[:MOST_FACTS], repair)


def word(name: str) -> str:
    """A word of the catalogue inside of a detail, said in the reader's language (`hosts.word.NAME`)."""
    return f"⟨hosts.word.{name}⟩"


def limit(name: str) -> int:
    """The value of a threshold."""
    return int(_document()[name]["value"])


def against(fact: AssetFact, name: str) -> AssetFact:
    """A fact with the threshold that it is held against."""
    row = _document()[name]
    value = int(row["value"])
    shown = f"{value:o}" if name.endswith("_mode") else value
    return replace(fact, limit=shown, mark=str(row["mark"]))


def worst(states: Iterable[State]) -> State:
    """All must hold."""
    found = list(states)
    return False if False in found else (None if None in found or not found else True)


@cache
def _document() -> dict[str, dict[str, int | str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
