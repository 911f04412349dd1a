"""`fengsui correlate`: what the alerts of other tools come to."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson
import typer
from rich.markup import escape

from console.cli.output import ERR, OUT, progress, severity, short_time, show_table
from console.replaying import OnProgress, peak_memory
from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.incidents import Positions, SurpriseIncident, part_title
from correlation.surprise.table import AlertTable
from fengsui.attack import TACTICS
from fengsui.clock import SECOND, WallClock, to_iso
from fengsui.errors import InputError
from fengsui.loss import Losses
from fengsui.severity import Severity
from sensors.alerts.reader import read_alerts

_BLOCK = 1 << 14
_AHEAD = 86_400 * SECOND  # ns beyond our own time, from which an alert's time is not believed
_SHOWN = 20
_TOLD = 5  # incidents that are told in full below the table
_PARTS = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="correlate")(correlate_command)


def correlate_command(
    paths: list[Path] = typer.Argument(
        help="Files of alerts: EVE, Wazuh, OSSEC, Snort, CEF, LEEF, JSON lines, tables; plain, .gz, .zst"
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
        "crowded": table.crowded + found.crowded,
        "time_not_believed": found.strays,
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
    """All alerts of all files; a file that cannot be read is counted where others can."""
    table = AlertTable()
    failed: list[InputError] = []
    for file, path in enumerate(paths):
        try:
            _read_file(path, file, table, losses, tell)
        except InputError as error:
            failed.append(error)
            ERR.print(f"{path}: {error.what}", soft_wrap=True)
            losses.add("alerts.unreadable_files")
    if failed and len(failed) == len(paths):
        raise failed[0]
    if not len(table) and not table.set_aside:
        raise InputError(
            "There is no alert in these files",
            where=", ".join(str(path) for path in paths)[:300],
            next="Check that they hold alerts: EVE with event_type alert, Wazuh's alerts.json, CEF, "
            "or a table with the columns time, name and ip or host",
            code="no_alerts",
        )
    return table


def _read_file(path: Path, file: int, table: AlertTable, losses: Losses, tell: OnProgress) -> None:
    latest = WallClock().now() + _AHEAD
    before: int | None = None
    for number, alert in read_alerts(path, losses):
        if number % _BLOCK == 0:
            tell(0, 0, f"reading {path.name}")
        if alert.time is None and before is not None:
            losses.add("alerts.at_the_time_of_the_one_before")
            table.add(file, number, alert._replace(time=before))
        elif alert.time is not None and alert.time > latest:
            losses.add("alerts.from_the_future")
        else:
            before = alert.time
            table.add(file, number, alert)


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
        shown = 0
        for positions, more in ((incident.alerts, {}), (incident.shared, {"shared": True})):
            for piece in _alerts(positions, more, table, names):
                out.write((b"," if shown else b"") + piece)
                shown += 1
        out.write(b"]}")
    out.write(b"\n]," + orjson.dumps(figures)[1:] + b"\n")
    out.flush()


def _alerts(
    positions: Positions, more: dict[str, bool], table: AlertTable, names: Sequence[str]
) -> Iterator[bytes]:
    """Pieces of a JSON array's inside: file and number of each alert, in order of the files."""
    files, numbers = table.column("file"), table.column("number")
    for start in range(0, len(positions), _BLOCK):
        block = positions[start : start + _BLOCK]
        rows = [
            {"file": names[file], "number": number, **more}
            for file, number in zip(files[block].tolist(), numbers[block].tolist(), strict=True)
        ]
        yield orjson.dumps(rows)[1:-1]


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
    for incident in found.incidents[:_TOLD]:
        if incident.severity >= Severity.MEDIUM:
            _tell(incident)
    OUT.print(f"\n{found.suppressed:,} of {alerts:,} alerts are in no incident.")
    if found.learned_until is not None:
        ERR.print(
            f"Nothing taught what is usual: alerts before {to_iso(found.learned_until * SECOND)} were "
            "judged while learning. Give the days before with --baseline.",
            soft_wrap=True,
        )
    aside = [f"{name} {count:,}" for name, count in set_aside.items() if count]
    if aside:
        ERR.print("Set aside: " + ", ".join(aside))


def _tell(incident: SurpriseIncident) -> None:
    """One incident: both titles, the stages, what its score is made of, its hosts."""
    OUT.print()
    OUT.print(escape(incident.title.render("zh")), style="bold", soft_wrap=True)
    OUT.print(escape(incident.title.render("en")), soft_wrap=True)
    strip = " → ".join(TACTICS[stage][2] for stage in incident.stages)
    if strip:
        OUT.print(f"  {strip}", soft_wrap=True)
    for name, bits in incident.parts[:_PARTS]:
        title = part_title(name)
        words = dict.fromkeys((title.render("zh"), title.render("en")))
        OUT.print(f"  {bits:6.1f}  {escape(' · '.join(words))}", soft_wrap=True)
    rest = sum(bits for _, bits in incident.parts[_PARTS:])
    if rest:
        OUT.print(f"  {rest:6.1f}  {len(incident.parts) - _PARTS} more kinds")
    hosts = [str(one.get("name") or one["value"]) for one in incident.entities if "bits" in one]
    OUT.print(f"  {escape(', '.join(hosts[:_PARTS]))}", soft_wrap=True)
