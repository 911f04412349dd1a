"""The roof over the correlation: what it is told of an installation, of a run, of the past."""

from __future__ import annotations

from functools import partial
from typing import Final

from console.drilling import drill_plan
from console.inventory import joined
from console.regrouping import Regrouping
from console.restoring import learn_past
from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from correlation.identities import Identities
from correlation.trust import Trust
from fengsui.clock import HOUR, WallClock
from fengsui.settings import Settings
from fengsui.store.event_store import EventStore
from fengsui.store.state import Plan, State
from sensors.enrich.address_plan import AddressPlan

# Assets that stand for many hosts: nothing is joined by them.
SHARED_KINDS: Final = frozenset(
    {"nat", "proxy", "dns", "resolver", "scanner", "gateway", "vpn", "balancer"}
)


def make_identities(plan: AddressPlan) -> Identities:
    """Who has which address, to begin with what is registered."""
    return Identities(plan.host_id, plan.is_internal)


def correlation_context(
    plan: AddressPlan, trust: Trust, identities: Identities
) -> CorrelationContext:
    """What the correlation is told: our assets and units, whose addresses are, how far rules are trusted."""
    shared = {f"asset:{asset.id}" for asset in plan.plan.assets if asset.kind in SHARED_KINDS}
    return CorrelationContext(
        is_internal=plan.is_internal,
        criticality=plan.criticality,
        asset_name=plan.asset_name,
        unit_of=plan.unit_name,
        resolve=identities.resolve,
        basis=identities.basis,
        names=identities.names,
        logons=identities.logons,
        trusted=trust,
        is_shared=lambda host: host in shared or plan.is_group(host),
    )


def make_correlator(settings: Settings, context: CorrelationContext) -> Correlator:
    """A correlator of our own alerts."""
    return Correlator(
        context,
        raise_at=settings.correlation.raise_at,
        window_hours=settings.correlation.window_hours,
    )


def plan_of_run(state: State, run: str) -> AddressPlan:
    """The address plan of a run: a drill brings an inventory of its own."""
    record = state.replay(run) if run else None
    extra = drill_plan(record.summary) if record and record.kind == "drill" else Plan()
    return AddressPlan(joined(state.plan(), extra))


def make_past_correlator(
    settings: Settings, events: EventStore, state: State, run: str, since: int, until: int
) -> Correlator:
    """A correlator that knows who had which address in a time range (ns) of the past."""
    plan = plan_of_run(state, run)
    identities = make_identities(plan)
    learn_past(identities, events, since, until)
    trust = Trust(state.judged())
    return make_correlator(settings, correlation_context(plan, trust, identities))


def make_regrouping(settings: Settings, events: EventStore, state: State) -> Regrouping:
    """What analysts decide about incidents, carried out."""

    def context(run: str) -> CorrelationContext:
        plan = plan_of_run(state, run)
        return correlation_context(plan, Trust(), make_identities(plan))

    return Regrouping(
        state,
        WallClock(),
        partial(make_past_correlator, settings, events, state),
        context,
        int(settings.correlation.window_hours * HOUR),
    )
