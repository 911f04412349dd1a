"""`fengsui correlate`: what the alerts of other tools come to."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson
import typer

from console.cli.output import ERR, OUT, progress, severity, short_time, show_table
from console.replaying import OnProgress, peak_memory
from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.incidents import SurpriseIncident
from correlation.surprise.kinds import Kind
from correlation.surprise.table import AlertTable, Host
from fengsui.clock import SECOND, WallClock, to_iso
from fengsui.errors import InputError
from fengsui.loss import Losses
from sensors.alerts.foreign import ForeignAlert
from sensors.alerts.reader import read_alerts

_BLOCK = 1 << 14
_AHEAD = 86_400 * SECOND  # ns beyond our own time, from which an alert's time is not believed
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="correlate")(correlate_command)


def correlate_command(
    paths: list[Path] = typer.Argument(
        help="Files of alerts: EVE, Wazuh, CEF, JSON lines, tables; plain, .gz or .zst"
    ),
    baseline: list[Path] = typer.Option(
        [], "--baseline", help="Files of the time before, which teach what is usual"
    ),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema correlate)"
    ),
) -> None:
    """Turn the alerts of other tools into incidents, without store or settings.

    Examples:
    `fengsui correlate /var/ossec/logs/alerts/alerts.json --baseline last-week.json.gz`

    `fengsui correlate eve.json alerts.csv --json | jq '.incidents[0].title'`
    """
    began = time.perf_counter()
    losses = Losses()
    with progress(quiet=as_json) as tell:
        taught = _read(baseline, losses, tell) if baseline else None
        table = _read(paths, losses, tell)
        found = correlate(
            table, taught, on_progress=lambda done, total: tell(done, total, "correlating")
        )
    set_aside = {
        "without_time": table.without_time,
        "without_host": table.without_host,
        "crowded": table.crowded,
        **losses.as_json(),
    }
    figures: dict[str, object] = {
        "suppressed": found.suppressed,
        "alerts_read": len(table),
        "set_aside": set_aside,
        "learning_until": None
        if found.learned_until is None
        else to_iso(found.learned_until * SECOND),
        "seconds": round(time.perf_counter() - began, 3),
        "peak_mib": peak_memory() >> 20,
    }
    if as_json:
        _write(sys.stdout.buffer, found, table, [str(path) for path in paths], figures)
        return
    _show(found, len(table), set_aside)


def _read(paths: Sequence[Path], losses: Losses, tell: OnProgress) -> AlertTable:
    table = AlertTable()
    latest = WallClock().now() + _AHEAD
    for file, path in enumerate(paths):
        for number, alert in read_alerts(path, losses):
            if alert.time is not None and alert.time > latest:
                losses.add("alerts.from_the_future")
                continue
            _add(table, file, number, alert)
            if number % _BLOCK == 0:
                tell(0, 0, f"reading {path.name}")
    if not len(table):
        raise InputError(
            "There is no alert with a time and a host in these files",
            where=", ".join(str(path) for path in paths)[:300],
            next="Check that they hold alerts: EVE with event_type alert, Wazuh's alerts.json, CEF, "
            "or a table with the columns time, name and ip or host",
            code="no_alerts",
        )
    return table


def _add(table: AlertTable, file: int, number: int, alert: ForeignAlert) -> None:
    table.add(
        file,
        number,
        time=alert.time,
        host=Host(alert.address, alert.host),
        kind=Kind(alert.tool, alert.kind, alert.title, alert.severity),
        far=alert.far,
    )


def _write(
    out: BinaryIO,
    found: Correlated,
    table: AlertTable,
    names: Sequence[str],
    figures: dict[str, object],
) -> None:
    """The document; the alerts of an incident may be half a million, so they are written in pieces."""
    out.write(b'{"incidents":[')
    for place, incident in enumerate(found.incidents):
        out.write(b",\n" if place else b"\n")
        out.write(orjson.dumps(incident.as_json())[:-1] + b',"alerts":[')
        for piece in _alerts(incident, table, names):
            out.write(piece)
        out.write(b"]}")
    out.write(b"\n]," + orjson.dumps(figures)[1:] + b"\n")
    out.flush()


def _alerts(incident: SurpriseIncident, table: AlertTable, names: Sequence[str]) -> Iterator[bytes]:
    """Pieces of a JSON array's inside: file and number of each alert, in order of the files."""
    files, numbers = table.column("file"), table.column("number")
    for start in range(0, len(incident.alerts), _BLOCK):
        block = incident.alerts[start : start + _BLOCK]
        rows = [
            {"file": names[file], "number": number}
            for file, number in zip(files[block].tolist(), numbers[block].tolist(), strict=True)
        ]
        yield (b"," if start else b"") + orjson.dumps(rows)[1:-1]


def _show(found: Correlated, alerts: int, set_aside: dict[str, int]) -> None:
    show_table(
        "Incidents",
        ("severity", "#bits", "what", "stages", "first", "last", "#alerts"),
        [
            (
                severity(incident.severity.word),
                round(incident.score, 1),
                incident.title.render("en"),
                " → ".join(incident.stages),
                short_time(to_iso(incident.first * SECOND)),
                short_time(to_iso(incident.last * SECOND)),
                f"{len(incident.alerts):,}",
            )
            for incident in found.incidents[:_SHOWN]
        ],
        empty="no alert stood out from what its host usually shows",
    )
    rest = len(found.incidents) - _SHOWN
    if rest > 0:
        OUT.print(f"{rest} weaker ones are in --json.")
    OUT.print(f"{found.suppressed:,} of {alerts:,} alerts are in no incident.")
    if found.learned_until is not None:
        ERR.print(
            f"Nothing taught what is usual: alerts before {to_iso(found.learned_until * SECOND)} were "
            "judged while learning. Give the days before with --baseline.",
            soft_wrap=True,
        )
    aside = [f"{name} {count:,}" for name, count in set_aside.items() if count]
    if aside:
        ERR.print("Set aside: " + ", ".join(aside))
