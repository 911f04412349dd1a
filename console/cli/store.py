"""`fengsui store`: which event store this is, how it fares, and moving between stores."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings as settings_of
from console.cli.output import OUT, progress, show_json, show_table
from console.cli.times import time_range
from console.storage import findings
from console.wiring import make_elastic, make_events
from fengsui.clock import WallClock, to_iso
from fengsui.errors import FengsuiError, StoreError, UsageError
from fengsui.settings import Settings
from fengsui.store.diagnosis import Finding
from fengsui.store.embedded.mending import mend as mend_embedded
from fengsui.store.event_store import EventStore, Hold, TimeRange
from fengsui.store.moving import Copied, copy_events

app = typer.Typer(
    no_args_is_help=True, help="The event store: files of this machine, or a cluster."
)
_STORE = typer.Option(None, "--store", help="Folder of the installation")
_JSON = typer.Option(False, "--json", help="One JSON document (fengsui schema)")
_KINDS = ("embedded", "elastic")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="store")


@app.command()
def status(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """Which store this is, how it fares, and what it holds of each dataset.

    Example: `fengsui store status --json | jq .datasets`
    """
    events = make_events(settings_of(store), writable=False)
    try:
        about, held = events.describe(), events.statistics()
    finally:
        events.close()
    rows = [
        {
            "dataset": one.dataset,
            "events": one.events,
            "bytes": one.bytes,
            "first": to_iso(one.first),
            "last": to_iso(one.last),
        }
        for one in held
    ]
    if as_json:
        facts = {"kind": about.kind, "version": about.version, "where": about.where}
        show_json({**facts, "status": about.status, "facts": about.facts, "datasets": rows})
        return
    OUT.print(f"{about.kind} {about.version} at {about.where}: {about.status}", markup=False)
    OUT.print(
        ", ".join(
            f"{value:,} {name}" if isinstance(value, int) else f"{value} {name}"
            for name, value in about.facts.items()
        ),
        markup=False,
    )
    show_table(
        "Stored",
        ("dataset", "#events", "#MB", "first", "last"),
        [
            (d.dataset, f"{d.events:,}", f"{d.bytes / 1e6:.1f}", to_iso(d.first), to_iso(d.last))
            for d in held
        ],
        empty="no events",
    )


@app.command()
def init(store: Path | None = _STORE) -> None:
    """Set up the cluster: templates and our own indices; again after an upgrade, it changes no event.

    Example: `FENGSUI_STORE_KIND=elastic FENGSUI_STORE_ELASTIC_URLS=https://es1:9200 fengsui store init`
    """
    chosen = settings_of(store)
    if chosen.store.kind != "elastic":
        raise UsageError(
            "The embedded store needs no set-up",
            where="store.kind: embedded",
            next="Set FENGSUI_STORE_KIND=elastic to set up a cluster",
        )
    events = make_elastic(chosen, writable=False)
    try:
        for line in events.set_up():
            OUT.print(f"made: {line}", markup=False)
    finally:
        events.close()


@app.command()
def doctor(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """Look at everything that can be wrong with the event store, and say what mends it.

    Ends with status 13 when something is bad.

    Example: `fengsui store doctor`
    """
    found = _examined(settings_of(store))
    if as_json:
        show_json(
            {
                "checks": [
                    {"what": f.what, "status": f.status, "found": f.found, "next": f.next}
                    for f in found
                ]
            }
        )
    else:
        show_table(
            "Event store",
            ("looked at", "", "found", "what mends it"),
            [(f.what, f.status, f.found, f.next) for f in found],
        )
    if any(one.status == "bad" for one in found):
        raise typer.Exit(StoreError.exit_status)


def _examined(chosen: Settings) -> list[Finding]:
    try:
        events = make_events(chosen, writable=False)
    except FengsuiError as error:
        return [Finding("store", "bad", error.what, error.next)]
    try:
        return list(findings(chosen, events, thorough=True))
    finally:
        events.close()


@app.command()
def verify(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """Hash what is stored and compare it with the chain; status 13 when something was changed.

    Example: `fengsui store verify`
    """
    events = make_events(settings_of(store), writable=False)
    try:
        found = events.verify()
    finally:
        events.close()
    if as_json:
        show_json({"segments": found.segments, "faults": list(found.faults)})
    else:
        OUT.print(
            f"{found.segments:,} segments or indices, {len(found.faults)} faults", markup=False
        )
        for fault in found.faults:
            OUT.print(f"  {fault}", markup=False)
    if found.faults:
        raise typer.Exit(StoreError.exit_status)


@app.command()
def mend(store: Path | None = _STORE) -> None:
    """Set damaged files of the embedded store aside and put the rest back in service.

    A catalogue that cannot be read, or that was changed behind the store's back, is made anew from the
    segments. Nothing is deleted: see the folder `events/damaged`. Stop the worker first.

    Example: `fengsui store mend`
    """
    chosen = settings_of(store)
    if chosen.store.kind == "elastic":
        raise UsageError(
            "A cluster mends itself",
            where="store.kind: elastic",
            next="`fengsui store doctor` says what it waits for",
        )
    done = mend_embedded(chosen.events_folder)
    for line in done or ["nothing was damaged"]:
        OUT.print(line, markup=False)


@app.command()
def copy(
    source: str = typer.Option(..., "--from", help="embedded or elastic"),
    target: str = typer.Option(..., "--to", help="the other one"),
    since: str = typer.Option("", "--since", help="only events from this time on"),
    until: str = typer.Option("", "--until", help="only events before this time"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Copy all events into the other store, compare counts and hashes day by day.

    Both may be in use meanwhile, except that the embedded store as a target takes one writer: stop the
    worker. A copy that was stopped goes on where it was when called again.

    Example: `fengsui store copy --from embedded --to elastic`
    """
    for kind in (source, target):
        if kind not in _KINDS:
            raise UsageError(f"{kind!r} is no store", next="Name embedded or elastic")
    if source == target:
        raise UsageError("Source and target are the same store", next="Name the two different ones")
    chosen = settings_of(store)
    began = time.perf_counter()
    ours = make_events(chosen, writable=False, kind=source)
    try:
        theirs = make_events(chosen, writable=True, kind=target)
        try:
            done = _copied(ours, theirs, time_range(since, until), quiet=as_json)
        finally:
            theirs.close()
    finally:
        ours.close()
    seconds = time.perf_counter() - began
    if as_json:
        show_json(_document(done, source, target, seconds))
        return
    OUT.print(
        f"{done.events:,} events in {len(done.days)} days are the same in both stores "
        f"({done.copied:,} copied now, {done.already} days were there before, {seconds:.1f} s)",
        markup=False,
    )


def _copied(ours: EventStore, theirs: EventStore, within: TimeRange, *, quiet: bool) -> Copied:
    with progress(quiet) as tell:
        return copy_events(
            ours,
            theirs,
            within,
            lambda done, total, day: tell(done, total, to_iso(day)[:10] if day else ""),
        )


def _document(done: Copied, source: str, target: str, seconds: float) -> dict[str, Any]:
    return {
        "source": source,
        "target": target,
        "events": done.events,
        "copied": done.copied,
        "days_already_there": done.already,
        "seconds": round(seconds, 3),
        "days": [
            {
                "day": to_iso(one.day)[:10],
                "events": one.events,
                "sha256": one.sha256,
                "sm3": one.sm3,
            }
            for one in done.days
        ],
    }


@app.command()
def hold(
    name: str = typer.Argument(help="What this hold is called"),
    reason: str = typer.Option(..., "--reason", help="Why, and who asked for it"),
    since: str = typer.Option("", "--since", help="events from this time on"),
    until: str = typer.Option("", "--until", help="events before this time"),
    dataset: list[str] = typer.Option(
        [], "--dataset", help="only this dataset; may be given again"
    ),
    store: Path | None = _STORE,
) -> None:
    """Place a legal hold: events of that time are kept until it is released. Stop the worker first.

    Example: `fengsui store hold case-17 --reason "police, letter 4" --since 2026-11-01 --until 2026-11-08`
    """
    within = time_range(since, until)
    events = make_events(settings_of(store), writable=True)
    try:
        events.hold(Hold(name, within, reason, WallClock().now(), tuple(dataset)))
    finally:
        events.close()


@app.command()
def release(name: str = typer.Argument(help="Of the hold"), store: Path | None = _STORE) -> None:
    """End a legal hold.

    Example: `fengsui store release case-17`
    """
    events = make_events(settings_of(store), writable=True)
    try:
        gone = events.release(name)
    finally:
        events.close()
    if not gone:
        raise UsageError(f"There is no hold {name!r}", next="`fengsui store holds` lists them")


@app.command()
def holds(store: Path | None = _STORE) -> None:
    """List legal holds.

    Example: `fengsui store holds`
    """
    events = make_events(settings_of(store), writable=False)
    try:
        rows = [
            (
                one.name,
                to_iso(one.within.since),
                to_iso(min(one.within.until, 4_102_444_800 * 10**9)),
                ", ".join(one.datasets) or "all",
                one.reason,
            )
            for one in events.holds()
        ]
    finally:
        events.close()
    show_table("Holds", ("name", "since", "until", "datasets", "reason"), rows, empty="none")
