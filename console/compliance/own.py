"""Fengsui's own self-check: its accounts, roles, audit, settings and folder, as findings.

What the program does by construction is stated with the test that keeps it true; what an
installation chooses is read from its settings and state. Gaps are findings like any other's.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.security.passwords import SHORTEST
from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import (
    AssetCheck,
    AssetFact,
    AssetFinding,
    State,
    Step,
    finding_of,
)
from detections.compliance.limits import limit
from fengsui import __version__
from fengsui.hashes import sha256
from fengsui.settings import Settings
from fengsui.store.state import State as StateStore
from fengsui.store.state import User
from fengsui.text import Text

NAME: Final = "fengsui"
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ADMINISTRATORS: Final = ("system_admin", "security_admin", "auditor")
_WORDS: Final[Mapping[State, str]] = {True: "good", False: "bad", None: "open"}
_FOREVER: Final = 36_500  # days; a store without a limit


@dataclass(frozen=True, slots=True)
class _Own:
    """What is looked at."""

    settings: Settings
    users: Sequence[User]
    records: int
    faults: int


def own_findings(settings: Settings, state: StateStore, now: int) -> list[AssetFinding]:
    """A finding of each unit that the program can say something about for itself."""
    newest = state.audit_records(1)
    own = _Own(
        settings,
        [user for user in state.users() if not user.disabled],
        newest[0].number if newest else 0,
        len(state.verify_audit()),
    )
    evidence = AssetEvidence(
        NAME, "service", f"{NAME} {__version__}", sha256(__version__.encode()), now, "E1", None
    )
    return [
        finding_of(_check(unit), evidence, [*(make(own) for make in steps), _PERSON])
        for unit, steps in _UNITS.items()
    ]


def _check(unit: str) -> AssetCheck:
    single = unit in {"L3-CES1-03", "L3-CES1-15"}
    return AssetCheck(
        f"own_{unit.lower()}", unit, ("service",), Text("own.claim", {"unit": unit}), single
    )


def _step(name: str, state: State, source: str = "", **values: str | int) -> Step:
    """One step with its sentence `own.NAME.good|bad|open`; `values` of a source are its facts."""
    facts = [AssetFact(key, value, source) for key, value in values.items()] if source else []
    repair = None if state else Text("own.repair", {})
    return Step(
        name, state, Text(f"own.{name}.{_WORDS[state]}", dict(values)), tuple(facts), repair
    )


def _unique(own: _Own) -> Step:
    names = [user.name for user in own.users]
    return _step("unique", len(set(names)) == len(names))


def _built(name: str, **values: str | int) -> Callable[[_Own], Step]:
    """True by construction; a test of the tree keeps it so."""
    text = Text(f"own.{name}.good", dict(values))
    return lambda _own: Step(name, True, text)


def _gap(name: str) -> Callable[[_Own], Step]:
    """Not there, and said so."""
    return lambda _own: _step(name, False)


def _idle(own: _Own) -> Step:
    return _step(
        "idle", False, "settings: console.session_hours", hours=own.settings.console.session_hours
    )


def _remote(own: _Own) -> Step:
    host = own.settings.console.host
    return _step("remote", host in _HERE, "settings: console.host", host=host)


def _roles(own: _Own) -> Step:
    both = [u.name for u in own.users if sum(role in _ADMINISTRATORS for role in u.roles) > 1]
    return _step("roles", not both, "state: users", names=", ".join(both[:5]) or "-")


def _auditor(own: _Own) -> Step:
    if not own.users:
        return _step("auditor", None)
    return _step("auditor", any("auditor" in user.roles for user in own.users))


def _chain(own: _Own) -> Step:
    state = None if not own.records else not own.faults
    return _step("chain", state, "state: audit", records=own.records)


def _retention(own: _Own) -> Step:
    days = own.settings.store.retention_days or _FOREVER
    needed = limit("log_retention", "retention_days")
    return _step(
        "retention", days >= needed, "settings: store.retention_days", days=days, limit=needed
    )


def _folder(own: _Own) -> Step:
    mode = stat.S_IMODE(own.settings.home.stat().st_mode)
    return _step("folder", not mode & 0o077, "home", mode=f"{mode:o}")


def _audit_stop(_own: _Own) -> Step:
    return _step("audit_stop", None)


# A test or an interview is part of every unit here, so that the program alone never says "conforms".
_PERSON: Final = Step("person", None, Text("own.person.open", {}))
_UNITS: Final[Mapping[str, tuple[Callable[[_Own], Step], ...]]] = {
    "L3-CES1-01": (
        _unique,
        _built("login"),
        _built("password", shortest=SHORTEST),
        _gap("rotation"),
    ),
    "L3-CES1-02": (_built("lockout"), _idle),
    "L3-CES1-03": (_remote,),
    "L3-CES1-04": (_gap("factors"),),
    "L3-CES1-08": (_roles,),
    "L3-CES1-10": (_folder,),
    "L3-CES1-12": (_built("covers"), _chain),
    "L3-CES1-14": (_chain, _gap("audit_backup")),
    "L3-CES1-15": (_audit_stop,),
    "L3-CES1-28": (_built("hashed"), _gap("encrypted")),
    "L3-SMC1-03": (_auditor, _roles, _chain),
    "L3-SMC1-10": (_retention,),
}
OWN_UNITS: Final = frozenset(_UNITS)
