"""The roof: the only place that builds things and hands neighbours to each other."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from fastapi import FastAPI

from console import web
from console.api.app import create_app
from console.api.parts import ApiParts
from console.correlating import (
    correlation_context,
    make_correlator,
    make_identities,
    make_regrouping,
    plan_of_run,
)
from console.foreign import ForeignAlerts
from console.inventory import joined
from console.packets import FlowPackets, make_packet_store, packet_keys
from console.pipeline import Pipeline, Run
from console.responding import make_responder
from console.rules.desk import RuleDesk
from console.rules.loading import RuleSet, load_rules
from console.situation.desk import SituationDesk
from console.stories import StoryKeeper, context_of
from correlation.trust import Trust
from detections.compliance.catalogue import controls
from detections.compliance.check import checks
from detections.detections import Detections, build
from detections.detector import Context
from detections.life import raising
from detections.sigma.loader import Loaded as LoadedRules
from fengsui.clock import WallClock
from fengsui.errors import MissingToolError, SettingsError
from fengsui.loss import Losses
from fengsui.settings import Loaded, Settings
from fengsui.store.embedded.store import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from fengsui.store.lock import writer_lock
from fengsui.store.sql.state import SqlState, open_state
from fengsui.store.state import Plan, State
from playbooks.drills.scenario import all_scenarios
from sensors.enrich.address_plan import AddressPlan
from sensors.files.keeping import FileStore
from sensors.intake.opening import sniff
from sensors.intake.spool import Spool

# Assets that stand for many hosts: nothing is joined by them.
SHARED_KINDS = frozenset(
    {"nat", "proxy", "dns", "resolver", "scanner", "gateway", "vpn", "balancer"}
)
FOREIGN_KEPT = "foreign_alerts.json"
if TYPE_CHECKING:
    from fengsui.store.elastic.connection import Address
    from fengsui.store.elastic.store import ElasticEventStore

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
    events = make_events(settings, writable=writable)
    try:
        return Stores(events, make_state(settings))
    except BaseException:
        events.close()
        raise


def make_events(settings: Settings, *, writable: bool, kind: str = "") -> EventStore:
    """Open the event store that the settings name, or of another `kind`.

    Raises:
        BusyError: `writable` and another process writes this event store.
        SettingsError, StoreError: it cannot be used.
    """
    chosen = settings.store
    if (kind or chosen.kind) == "elastic":
        return make_elastic(settings, writable=writable)
    return EmbeddedEventStore(
        settings.events_folder,
        writable=writable,
        memory_megabytes=chosen.memory_megabytes,
        threads=chosen.threads,
        classes=chosen.retention,
    )


def elastic_address(settings: Settings) -> Address:
    """Where the cluster of the settings is.

    Raises:
        MissingToolError: its client is not installed.
        SettingsError: no node is named.
    """
    try:
        from fengsui.store.elastic.connection import Address  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingToolError(
            "The client of Elasticsearch is not installed",
            where=str(error),
            next="pip install 'fengsui[elastic]'",
        ) from error
    chosen = settings.store
    if not chosen.elastic_urls:
        raise SettingsError(
            "No node of the cluster is named",
            where="store.elastic_urls",
            next="Set FENGSUI_STORE_ELASTIC_URLS=https://host:9200",
        )
    return Address(
        urls=tuple(chosen.elastic_urls),
        user=chosen.elastic_user,
        password=chosen.elastic_password.get_secret_value(),
        api_key=chosen.elastic_api_key.get_secret_value(),
        ca_file=chosen.elastic_ca_file,
        fingerprint=chosen.elastic_fingerprint,
        prefix=chosen.elastic_prefix,
    )


def make_elastic(settings: Settings, *, writable: bool) -> ElasticEventStore:
    """Open the event store on the cluster of the settings.

    Raises:
        BusyError: `writable` and another process of this installation writes.
        MissingToolError, SettingsError, StoreError: it cannot be used.
    """
    address = elastic_address(settings)
    from fengsui.store.elastic.store import ElasticEventStore  # noqa: PLC0415

    chosen = settings.store
    period = None if chosen.elastic_period == "auto" else chosen.elastic_period
    # Of this installation one process writes; others of the same cluster have homes of their own.
    lock = writer_lock(make_home(settings) / "elastic") if writable else None
    return ElasticEventStore(
        address, writable=writable, classes=chosen.retention, period=period, lock=lock
    )


def make_state(settings: Settings) -> SqlState:
    """Open (and migrate) the state alone."""
    make_home(settings)
    return open_state(settings.state_url)


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


def make_pipeline(
    settings: Settings,
    run: Run,
    stores: Stores,
    extra: Plan | None = None,
    rules: RuleSet | None = None,
    trust: Trust | None = None,
) -> Pipeline:
    """A pipeline for one stream.

    Args:
        settings: of the installation.
        run: what the stream is.
        stores: where it is kept.
        extra: a drill's own inventory, known to this stream only.
        rules: as loaded already; else they are loaded here.
        trust: as learned already, and kept up to date by the caller; else as the state has it now.
    """
    plan = AddressPlan(joined(stores.state.plan(), extra or Plan()))
    rules = rules or load_rules(settings, stores.state)
    identities = make_identities(plan)
    trust = trust or Trust(stores.state.judged())
    context = correlation_context(plan, trust, identities)
    kept = settings.home / FOREIGN_KEPT if run.kind == "live" else None
    return Pipeline(
        run,
        plan,
        make_detections(settings, plan, rules),
        make_correlator(settings, context),
        ForeignAlerts(run.scope, context, stores.state, kept),
        identities,
        stores.events,
        stores.state,
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
            regrouping=make_regrouping(loaded.settings, stores.events, stores.state),
            situation=SituationDesk(state, events, clock),
            rules=lambda: others.rules,
            controls=controls,
            checks=checks,
            scenarios=all_scenarios,
            packets=FlowPackets(make_packet_store(loaded.settings), *packet_keys(loaded.settings)),
            sniff_upload=sniff,
            is_internal=plan.is_internal,
            stories=StoryKeeper(state, lambda run: context_of(plan_of_run(state, run)), clock),
            unit_of=plan.unit_name,
            web=Path(web.__file__).parent / "dist",
        )
    )
