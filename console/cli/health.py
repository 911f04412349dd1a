"""`fengsui health`: is everything running, and was anything lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from console.cli.installation import settings
from console.cli.output import show_json, show_table
from console.retro.scheduled_report import shown
from console.wiring import open_stores
from fengsui.clock import SECOND, WallClock, to_iso


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(health)


def health(
    store: Path | None = typer.Option(None, "--store", help="Folder of the installation to ask"),
    as_json: bool = typer.Option(False, "--json", help="One JSON document (fengsui schema health)"),
) -> None:
    """Roles with their last report, sources with their last event, every counter of loss.

    Example: `fengsui health --json | jq .losses`
    """
    now = WallClock().now()
    with open_stores(settings(store), writable=False) as stores:
        roles: dict[str, dict[str, Any]] = {
            role: {
                "at": to_iso(at),
                "seconds_ago": round((now - at) / SECOND, 1),
                **shown(document),
            }
            for role, (at, document) in stores.state.health().items()
        }
        sources = stores.state.sources()
        statistics = stores.events.statistics()
    losses = {
        f"{role}.{name}": count
        for role, document in roles.items()
        for name, count in document.get("losses", {}).items()
    }
    if as_json:
        show_json(
            {
                "roles": roles,
                "losses": losses,
                "sources": [
                    {
                        "sensor": s.sensor,
                        "dataset": s.dataset,
                        "events": s.events,
                        "first": to_iso(s.first),
                        "last": to_iso(s.last),
                    }
                    for s in sources
                ],
                "store": [
                    {
                        "dataset": d.dataset,
                        "events": d.events,
                        "bytes": d.bytes,
                        "first": to_iso(d.first),
                        "last": to_iso(d.last),
                    }
                    for d in statistics
                ],
            }
        )
        return
    show_table(
        "Roles",
        ("role", "reported", "#seconds ago"),
        [(role, d["at"], d["seconds_ago"]) for role, d in roles.items()],
        empty="nothing has run here yet; start it with `fengsui up`",
    )
    show_table(
        "Interfaces",
        ("interface", "status", "#packets", "#dropped", "#ring", "#seconds behind", "problem"),
        [
            (
                row["name"],
                row["status"],
                f"{row['packets']:,}",
                f"{row['drops']:,}",
                f"{row['blocks_used']}/{row['blocks']}",
                row["lag_seconds"],
                row["problem"]["what"] if row["problem"] else "",
            )
            for row in roles.get("sense", {}).get("interfaces", ())
        ],
    )
    show_table(
        "Packet store",
        ("written by", "state", "#packets", "#GB", "why"),
        [
            (
                row.get("writer", ""),
                row.get("state", ""),
                f"{row.get('packets', 0):,}",
                f"{row.get('bytes', 0) / 1e9:.2f}",
                row.get("why", ""),
            )
            for row in roles.get("sense", {}).get("packets", ())
        ],
    )
    show_table(
        "Stored",
        ("dataset", "#events", "#MB", "first", "last"),
        [
            (d.dataset, f"{d.events:,}", f"{d.bytes / 1e6:.1f}", to_iso(d.first), to_iso(d.last))
            for d in statistics
        ],
        empty="no events",
    )
    show_table("Lost", ("where", "#count"), list(losses.items()), empty="nothing")
