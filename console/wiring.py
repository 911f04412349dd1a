"""The roof: the only place that builds things and hands neighbours to each other."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from fastapi import FastAPI

from console import web
from console.api.app import create_app
from console.api.parts import ApiParts
from console.packets import FlowPackets, make_packet_store, packet_keys
from console.pipeline import Pipeline, Run
from console.responding import make_responder
from console.rules.desk import RuleDesk
from console.rules.loading import RuleSet, load_rules
from correlation.correlator import Correlator
from correlation.entities import CorrelationContext
from detections.compliance.catalogue import controls
from detections.compliance.check import checks
from detections.detections import Detections, build
from detections.detector import Context
from detections.life import raising
from detections.sigma.loader import Loaded as LoadedRules
from fengsui.asset import Asset
from fengsui.clock import WallClock
from fengsui.loss import Losses
from fengsui.settings import Loaded, Settings
from fengsui.store.embedded.store import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from fengsui.store.sql.state import open_state
from fengsui.store.state import Plan, State
from playbooks.drills.scenario import all_scenarios
from sensors.enrich.address_plan import AddressPlan
from sensors.files.keeping import FileStore
from sensors.intake.opening import sniff
from sensors.intake.spool import Spool

NO_RULES = LoadedRules((), ())


@dataclass(slots=True)
class Stores(AbstractContextManager["Stores"]):
    """Both stores of one installation, closed together."""

    events: EventStore
    state: State

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            stack.callback(self.state.close)
            stack.callback(self.events.close)


def make_home(settings: Settings) -> Path:
    """Make the installation's folder, readable by its owner only."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.home


def make_file_store(settings: Settings, losses: Losses) -> FileStore | None:
    """The folder of carried files that the settings `files` ask for; None where nothing is kept.

    Raises:
        SettingsError: the folder cannot be used.
    """
    policy = settings.files
    if not policy.kept_types:
        return None
    return FileStore(
        settings.files_folder,
        policy.kept_types,
        most=policy.max_megabytes << 20,
        most_each=policy.max_file_megabytes << 20,
        losses=losses,
    )


def open_stores(settings: Settings, *, writable: bool) -> Stores:
    """Open (and migrate) both stores.

    Raises:
        BusyError: `writable` and another process writes this event store.
        StoreError: one of them cannot be used.
    """
    make_home(settings)
    events = EmbeddedEventStore(
        settings.events_folder,
        writable=writable,
        memory_megabytes=settings.store.memory_megabytes,
        threads=settings.store.threads,
        retention_days=settings.store.retention_days,
    )
    try:
        return Stores(events, make_state(settings))
    except BaseException:
        events.close()
        raise


def make_state(settings: Settings) -> State:
    """Open (and migrate) the state alone."""
    make_home(settings)
    return open_state(f"sqlite:///{settings.state_file}")


def make_spool(settings: Settings) -> Spool:
    """The queue between sensors and workers."""
    make_home(settings)
    return Spool(settings.spool_folder, settings.spool.max_megabytes * 1_000_000)


def make_context(settings: Settings, plan: AddressPlan) -> Context:
    """What detectors are told of an installation."""
    return Context(
        is_internal=plan.is_internal,
        criticality=plan.criticality,
        allowed_domains=frozenset(settings.detection.allowed_domains),
        rule_budget=settings.detection.rule_budget_us,
    )


def make_detections(
    settings: Settings, plan: AddressPlan, rules: RuleSet | None = None, *, every: bool = False
) -> Detections:
    """Every rule and detector; raises RuleError with the name of a part that does not load.

    Args:
        settings: of the installation.
        plan: its addresses.
        rules: what its state says is to be loaded; without it, the rules of files.
        every: also those that may not raise, to list them.
    """
    loaded = None
    if rules is not None:
        loaded = rules.loaded if every else raising(rules.loaded, rules.lives)
    return build(
        make_context(settings, plan),
        [Path(folder) for folder in settings.detection.rules],
        [Path(file) for file in settings.detection.indicators],
        loaded=loaded,
    )


def make_desk(settings: Settings, stores: Stores) -> RuleDesk:
    """Rules and what people do with them."""
    context = make_context(settings, AddressPlan(stores.state.plan()))
    return RuleDesk(settings, stores.state, lambda: stores.events, context)


def make_correlator(settings: Settings, plan: AddressPlan) -> Correlator:
    """A correlator that knows our assets and units."""
    context = CorrelationContext(
        is_internal=plan.is_internal,
        criticality=plan.criticality,
        asset_name=plan.asset_name,
        unit_of=plan.unit_name,
        resolve=plan.host_id,
    )
    return Correlator(
        context,
        raise_at=settings.correlation.raise_at,
        window_hours=settings.correlation.window_hours,
    )


def make_pipeline(
    settings: Settings,
    run: Run,
    stores: Stores,
    extra: Plan | None = None,
    rules: RuleSet | None = None,
) -> Pipeline:
    """A pipeline for one stream.

    Args:
        settings: of the installation.
        run: what the stream is.
        stores: where it is kept.
        extra: a drill's own inventory, known to this stream only.
        rules: as loaded already; else they are loaded here.
    """
    plan = AddressPlan(joined(stores.state.plan(), extra or Plan()))
    rules = rules or load_rules(settings, stores.state)
    return Pipeline(
        run,
        plan,
        make_detections(settings, plan, rules),
        make_correlator(settings, plan),
        stores.events,
        stores.state,
    )


def joined(ours: Plan, extra: Plan) -> Plan:
    """Two inventories as one; where both know an asset, `extra` wins."""
    assets: Mapping[str, Asset] = {a.id: a for a in (*ours.assets, *extra.assets)}
    return Plan(
        units=tuple({u.id: u for u in (*ours.units, *extra.units)}.values()),
        systems=tuple({s.id: s for s in (*ours.systems, *extra.systems)}.values()),
        networks=tuple({n.cidr: n for n in (*ours.networks, *extra.networks)}.values()),
        assets=tuple(assets.values()),
    )


def make_app(loaded: Loaded, stores: Stores) -> FastAPI:
    """The console over both stores."""
    state, events, clock = stores.state, stores.events, WallClock()
    responder = make_responder(state, events, clock)
    plan = AddressPlan(state.plan())
    others = build(
        make_context(loaded.settings, plan),
        indicator_files=[Path(file) for file in loaded.settings.detection.indicators],
        loaded=NO_RULES,
    )
    return create_app(
        ApiParts(
            state=state,
            events=events,
            settings=loaded,
            clock=clock,
            playbooks=responder.library,
            match_playbooks=responder.matching,
            start_run=responder.start,
            decide=responder.decide,
            desk=make_desk(loaded.settings, stores),
            rules=lambda: others.rules,
            controls=controls,
            checks=checks,
            scenarios=all_scenarios,
            packets=FlowPackets(make_packet_store(loaded.settings), *packet_keys(loaded.settings)),
            sniff_upload=sniff,
            is_internal=plan.is_internal,
            unit_of=plan.unit_name,
            web=Path(web.__file__).parent / "dist",
        )
    )
