"""`fengsui retro-hunt`: rules, indicators or a query over what is stored already."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Signal
from typing import Any, Final

import typer

from console.cli.installation import settings
from console.cli.output import OUT, progress, short_time, show_json, show_table
from console.cli.times import time_range
from console.retro.asked import JOB, LISTED, OWN, Asked, engine_of, is_place
from console.retro.hunting import Estimate, estimate
from console.retro.jobs import PLACE, new_job, resumed, run
from console.wiring import make_desk, open_stores
from fengsui.clock import WallClock, to_iso
from fengsui.errors import InputError, UsageError
from fengsui.store.state import Job, State

BY: Final = "command line"
_SHOWN: Final = 50  # hits in a table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retro-hunt")(retro_hunt)


def retro_hunt(  # noqa: PLR0913, PLR0917 - each is an option of the command
    what: list[str] = typer.Argument(
        None, help="Sigma rules: files, folders, ids, own (built-in), all (that may raise here)"
    ),
    query: str = typer.Option("", "--query", help="A Lucene query instead of rules"),
    indicator: list[str] = typer.Option(
        [], "--indicator", help="An address, network, domain, URL or hash; again for more"
    ),
    indicators: Path | None = typer.Option(
        None, "--indicators", help="File of indicators, one a line or CSV"
    ),
    since: str = typer.Option("", "--since", help="ISO time, included"),
    until: str = typer.Option("", "--until", help="ISO time, not included"),
    only_estimate: bool = typer.Option(False, "--estimate", help="Say what it costs; do not hunt"),
    resume: str = typer.Option("", "--resume", help="Id of a hunt that was stopped: go on with it"),
    list_all: bool = typer.Option(False, "--list", help="The hunts so far"),
    limit_hits: int = typer.Option(LISTED, "--limit-hits", min=0, max=100_000, help="Hits listed"),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema retro-hunt)"
    ),
) -> None:
    """Look for rules, indicators or a query in all stored events; the engine confirms each hit.

    Ctrl-C stops it and keeps what was found; --resume goes on. The worker may run meanwhile.

    Examples:
    `fengsui retro-hunt ./new_rule.yml --since 2026-11-01 --estimate`

    `fengsui retro-hunt own sigma/rules --json`

    `fengsui retro-hunt --indicator 203.0.113.9 --indicator bad.example.com`

    `fengsui retro-hunt --query 'dns.question.name:*.bad.example.com'`
    """
    current = settings(store)
    with open_stores(current, writable=False) as stores:
        state = stores.state
        if list_all:
            _show_all(state, as_json)
            return
        now = WallClock().now()
        if resume:
            job = resumed(state, resume, BY, now, here=True)
        else:
            within = time_range(since, until)
            asked = Asked(
                rules=tuple(map(_whole, what or ())),
                query=query,
                indicators=_indicators(indicator, indicators),
                since=within.since,
                until=within.until,
                listed=limit_hits,
            )
            job = new_job(asked, BY, now, here=True)
        desk = make_desk(current, stores)
        asked = Asked.of(job.arguments)
        engine = engine_of(asked, desk)  # what cannot be asked leaves no job
        if only_estimate:
            _show_estimate(estimate(engine, stores.events, asked.within), as_json)
            return
        state.put_job(job)
        state.audit(BY, f"job.{JOB}", job.id, asked.described())
        with _stopping() as stopped, progress(as_json) as tell:

            def on_progress(one: Job) -> bool:
                tell(one.done, one.total, one.message)
                return not stopped.is_set()

            job = run(job, state, stores.events, desk, on_progress)
    _show(job, as_json)


def _whole(name: str) -> str:
    """A path that means the same wherever the hunt is taken up again."""
    return str(Path(name).resolve()) if is_place(name) and name != OWN else name


def _indicators(given: list[str], file: Path | None) -> str:
    text = "\n".join(given)
    if file is None:
        return text
    if given:
        raise UsageError(
            "Indicators come from the command line or from a file",
            where="--indicator, --indicators",
            next="Give one of the two",
        )
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The list cannot be read: {getattr(error, 'strerror', '') or error}",
            where=str(file),
            next="Name a text file with one indicator a line",
        ) from error


@contextmanager
def _stopping() -> Generator[Signal]:
    """Set by Ctrl-C: the hunt ends in good order."""
    stopped = Signal()
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _show_estimate(found: Estimate, as_json: bool) -> None:
    if as_json:
        show_json(found.as_json())
        return
    some = f"{found.candidates:,}" if found.candidates >= 0 else "too many to count"
    OUT.print(
        f"{found.stored:,} events stored in that time, {some} to be confirmed,"
        f" {found.us_per_event:,.0f} µs each (measured on {found.sampled:,}): about"
        f" {found.seconds:,.1f} s",
        markup=False,
    )


def _show_all(state: State, as_json: bool) -> None:
    jobs = [job for job in state.jobs(500) if job.kind == JOB]
    if as_json:
        show_json({"hunts": [_row(job) for job in jobs]})
        return
    show_table(
        "Retro-hunts",
        ("id", "asked", "by", "looks for", "status", "#looked at", "#hits"),
        [
            (row["job"], short_time(row["created"]), row["by"], row["what"], row["status"],
             f"{row['events']:,}", f"{row['hits']:,}")
            for row in map(_row, jobs)
        ],
        empty="none yet",
    )  # fmt: skip


def _row(job: Job) -> dict[str, Any]:
    return {
        "job": job.id,
        "created": to_iso(job.created),
        "by": job.by,
        "what": Asked.of(job.arguments).described()["what"],
        "status": job.status,
        "events": job.done,
        "hits": int(job.result.get("hits", 0)),
    }


def _show(job: Job, as_json: bool) -> None:
    found = {name: value for name, value in job.result.items() if name != PLACE}
    if as_json:
        show_json({"job": job.id, "status": job.status, **found})
        return
    OUT.print(
        f"{found['hits']:,} hits in {found['events']:,} events that were confirmed one by one,"
        f" {found['seconds']:.1f} s",
        markup=False,
    )
    if found["partial"]:
        OUT.print(f"stopped; go on with: fengsui retro-hunt --resume {job.id}", markup=False)
    show_table(
        "Rules",
        ("rule", "title", "#hits", "first", "last"),
        [
            (one["rule"], one["title"]["en"], f"{one['hits']:,}",
             _when(one["first"]), _when(one["last"]))
            for one in found["rules"]
        ],
        empty=f"no hit of {found['looked_for']:,}",
    )  # fmt: skip
    show_table("Hits", ("time", "dataset", "event", "rule", "met"), _hits(found["listed"][:_SHOWN]))
    if found["idle_total"]:
        OUT.print(
            f"{found['idle_total']:,} rules could not be heard of here, the first because:"
            f" {found['idle'][0]['why']}",
            markup=False,
        )


def _hits(listed: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (_when(one["time"]), one["dataset"], one["event"], one["rule"],
         " · ".join(f"{fact['name']} = {fact['value']}" for fact in one["facts"]))
        for one in listed
    ]  # fmt: skip


def _when(iso: str) -> str:
    """With its year: hunts go back for months."""
    return iso[:19].replace("T", " ")
