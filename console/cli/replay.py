"""`fengsui replay`: what is in these captures and logs."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer

from console.cli.compiling import say_if_compiling
from console.cli.installation import settings
from console.cli.output import OUT, progress, severity, short_time, show_json, show_table
from console.replaying import Outcome
from console.replays import replay_into
from fengsui.settings import Settings, load_settings

_WORST_FIRST: Final = ("critical", "high", "medium", "low", "info")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    paths: list[str] = typer.Argument(
        help="Captures and logs, plain, .gz or .zst; - is standard input"
    ),
    store: Path | None = typer.Option(
        None,
        "--store",
        help="Keep everything in this installation's folder (default: a store of its own)",
    ),
    name: str = typer.Option("", "--name", help="Name of the run in the console"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema replay)"),
) -> None:
    """Send captures and logs through the whole pipeline, on their own clock.

    Examples:
    `fengsui replay office.pcap`

    `fengsui replay conn.log dns.log http.log --json`

    `zstdcat big.pcap.zst | fengsui replay - --store ./case-17`
    """
    if store is None:
        with tempfile.TemporaryDirectory(prefix="fengsui-") as folder:
            outcome = run(load_settings(home=Path(folder)).settings, paths, name, quiet=as_json)
    else:
        outcome = run(settings(store), paths, name, quiet=as_json)
    if as_json:
        show_json(outcome.as_json())
    else:
        show_outcome(outcome)
        if store is None:
            OUT.print(
                "Nothing was kept: --store FOLDER keeps it, fengsui --home FOLDER serve shows it."
            )


def run(current: Settings, paths: Sequence[str], name: str, *, quiet: bool) -> Outcome:
    """Replay with progress on standard error."""
    say_if_compiling()
    with progress(quiet) as tell:
        return replay_into(current, paths, name, tell)


def show_outcome(outcome: Outcome) -> None:
    """Tables of what was read, found and lost."""
    document = outcome.as_json()
    show_table(
        "Read",
        ("input", "#records", "events", "first", "last", "problem"),
        [
            (
                one["name"],
                f"{one['records']:,}",
                ", ".join(f"{name} {count:,}" for name, count in one["events"].items()) or "none",
                short_time(one["first"]),
                short_time(one["last"]),
                one["error"]["what"] if one["error"] else "",
            )
            for one in document["inputs"]
        ],
    )
    show_table(
        "Kinds of records",
        ("kind", "#count"),
        [(kind, f"{count:,}") for kind, count in Counter(document["kinds"]).most_common()],
    )
    show_alerts(document["alerts"])
    show_incidents(document["incidents"])
    show_table(
        "Lost, cut or not understood",
        ("what", "#count"),
        [(what, f"{count:,}") for what, count in document["losses"].items()],
        empty="nothing",
    )
    kept = f"{document['added']:,} events kept"
    if document["duplicates"]:
        kept += f", {document['duplicates']:,} were there already"
    memory = document["peak_memory_bytes"] / 1e6
    OUT.print(f"{kept}; {document['seconds']:.1f} s, peak memory {memory:,.0f} MB\n")


def show_alerts(alerts: Sequence[dict[str, Any]]) -> None:
    """One row for what was raised the same way, worst first; the reason is that of the first."""
    alike: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for alert in sorted(alerts, key=lambda alert: alert["first"]):
        rank = _WORST_FIRST.index(alert["severity"])
        alike.setdefault((rank, alert["title"]["en"]), []).append(alert)
    show_table(
        "Alerts",
        ("severity", "what", "#alerts", "who", "#count", "first", "why"),
        [
            (
                severity(rows[0]["severity"]),
                title,
                len(rows),
                _who(rows),
                sum(alert["count"] for alert in rows),
                short_time(rows[0]["first"]),
                rows[0]["reason"]["en"],
            )
            for (_, title), rows in sorted(alike.items(), key=lambda row: row[0][0])
        ],
        empty="none",
    )


def _who(alerts: Sequence[dict[str, Any]]) -> str:
    """The first entities of the alerts and how many more there are."""
    named = dict.fromkeys(entity["value"] for alert in alerts for entity in alert["entities"])
    shown = list(named)[:4]
    more = [f"{len(named) - len(shown)} more"] if len(named) > len(shown) else []
    return ", ".join(shown + more)


def show_incidents(incidents: Sequence[dict[str, Any]]) -> None:
    """Incidents, highest score first."""
    show_table(
        "Incidents",
        ("#score", "severity", "what", "stages", "#alerts", "first", "last"),
        [
            (
                f"{incident['score']:.0f}",
                severity(incident["severity"]),
                incident["title"]["en"],
                " → ".join(stage["tactic"] for stage in incident["stages"]),
                len(incident["alerts"]),
                short_time(incident["first"]),
                short_time(incident["last"]),
            )
            for incident in sorted(incidents, key=lambda incident: -incident["score"])
        ],
        empty="none",
    )
