"""Alerts made by hand for the correlation's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from fengsui.alert import Alert, Entity, Fact, alert_id
from fengsui.clock import SECOND
from fengsui.severity import Severity
from fengsui.text import literal

START = 1_790_000_000 * SECOND


def _ours(address: str) -> bool:
    return address.startswith(("10.", "2001:db8:"))


def _resolve(address: str, _time: int = 0, /) -> str:
    return address.replace("2001:db8::", "10.0.0.")


@pytest.fixture(scope="session")
def context() -> CorrelationContext:
    """10/8 and 2001:db8::/32 are ours; 2001:db8::N and 10.0.0.N are one asset."""
    return CorrelationContext(
        is_internal=_ours,
        criticality=lambda address: 4 if address == "10.0.0.4" else 1,
        unit_of=lambda address: "教育局" if address == "10.3.4.17" else "",
        resolve=_resolve,
        is_shared=lambda address: address == "10.0.0.254",
    )


@pytest.fixture(scope="session")
def make_alert() -> Callable[..., Alert]:
    """`make_alert("scan", "10.0.0.1", to="10.0.0.2", at=60)`: `at` in seconds of the run."""

    def make(
        rule: str,
        source: str,
        *,
        to: str | tuple[str, ...] = (),
        c2: str = "",
        domain: str = "",
        at: float = 0,
        lasts: float = 0,
        severity: Severity = Severity.MEDIUM,
        fidelity: float = 0.8,
        technique: str = "",
        facts: tuple[Fact, ...] = (),
        key: str = "",
        run: str = "",
    ) -> Alert:
        targets = (to,) if isinstance(to, str) else to
        entities = [Entity("host", source, "source", _ours(source))]
        entities += [Entity("host", target, "target", _ours(target)) for target in targets]
        if c2:
            entities.append(Entity("host", c2, "c2"))
        if domain:
            entities.append(Entity("domain", domain, "c2"))
        first = START + int(at * SECOND)
        key = key or f"{source}>{','.join(targets)}{c2}{domain}"
        return Alert(
            id=alert_id(rule, key, run, first),
            rule=rule,
            title=literal(f"规则 {rule}", f"Rule {rule}"),
            kind="sigma",
            severity=severity,
            fidelity=fidelity,
            key=key,
            entities=tuple(entities),
            events=(f"{first:032x}",),
            first=first,
            last=first + int(lasts * SECOND),
            raised=first,
            reason=literal(f"在 {at} 秒", f"at {at} s"),
            facts=facts,
            techniques=(technique,) if technique else (),
            run=run,
        )

    return make


@pytest.fixture
def make_correlator(context: CorrelationContext) -> Callable[..., Correlator]:
    """A correlator that raises at 30 with a window of 24 h, unless told otherwise."""

    def make(raise_at: float = 30.0, window_hours: float = 24.0, **kept: int) -> Correlator:
        return Correlator(context, raise_at, window_hours, **kept)

    return make
