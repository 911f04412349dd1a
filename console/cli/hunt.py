"""`fengsui hunt`: ask the stored events by a query, or files by a set of rules."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import typer

from fengsui.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(hunt)


def hunt(  # noqa: PLR0913, PLR0917 - each is an option of the command
    what: list[str] = typer.Argument(
        None,
        help="Lucene query over stored events; with --rules, files and folders to look through",
    ),
    rules: list[str] = typer.Option(
        [], "--rules", help="Sigma rules: a folder, a file, or own; again for more"
    ),
    logsource: str = typer.Option(
        "",
        "--logsource",
        help="Of events of unknown shape: category=process_creation,product=windows",
    ),
    level: str = typer.Option("", "--level", help="Least level of the rules that are run"),
    rule: list[str] = typer.Option([], "--rule", help="Id of the only rule to run; again for more"),
    limit_hits: int = typer.Option(0, "--limit-hits", min=0, help="Hits listed a rule; 0 for all"),
    form: str = typer.Option("table", "--format", help="table, json, csv or markdown"),
    output: Path | None = typer.Option(None, "--output", "-o", help="File to write"),
    placeholders: Path | None = typer.Option(
        None, "--placeholders", help="YAML file of values for %name% in rules (|expand)"
    ),
    since: str = typer.Option("", "--since", help="ISO time, included"),
    until: str = typer.Option("", "--until", help="ISO time, not included"),
    limit: int = typer.Option(50, "--limit", min=1, max=10_000, help="Events at most"),
    columns: str = typer.Option("", "--columns", help="Fields to show, separated by commas"),
    foreign: bool = typer.Option(
        False, "--foreign", help="Ask the indices of store.elastic_foreign instead of the store"
    ),
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation to ask"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema hunt, hunt_rules)"
    ),
) -> None:
    """Search the event store, newest first; or run Sigma rules over files, without any store.

    Examples:
    `fengsui hunt 'event.dataset:dns AND dns.question.name:*.example.com'`

    `fengsui hunt 'source.ip:10.0.0.0/8 AND NOT destination.port:443' --limit 200 --json`

    `fengsui hunt 'source.ip:10.0.0.0/8' --foreign`

    `fengsui hunt --rules sigma/rules Security.evtx sysmon.jsonl.gz`

    `fengsui hunt --rules own --rules sigma/rules office.pcap zeek/ --json`
    """
    if not rules:
        _search(what or [], since, until, limit, columns, store, as_json, foreign)
        return
    # Imported here: a query needs no rules, and a hunt over files no stores and no web.
    import_module("console.cli.hunt_rules").hunt_files(
        what or [],
        rules,
        logsource=logsource,
        level=level,
        rule=rule,
        limit_hits=limit_hits,
        form="json" if as_json else form,
        output=output,
        placeholders=placeholders,
    )


def _search(
    what: list[str],
    since: str,
    until: str,
    limit: int,
    columns: str,
    store: Path | None,
    as_json: bool,
    foreign: bool,
) -> None:
    if len(what) > 1:
        raise UsageError(
            "A query is one word of the command line",
            where="fengsui hunt",
            next="Put it in quotes; to look through files, name rules: --rules FOLDER",
        )
    search = import_module("console.cli.hunt_query").search
    search(what[0] if what else "*", since, until, limit, columns, store, as_json, foreign=foreign)
