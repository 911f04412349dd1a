"""`fengsui packets`: a flow's packets out of the packet store, and what the store holds."""

from __future__ import annotations

import getpass
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import typer

from console.cli.installation import settings
from console.cli.output import ERR, show_json, show_table
from console.cli.times import time_option
from console.packets import flow_key, flow_span, make_packet_store
from console.wiring import make_state, open_stores
from fengsui.clock import to_iso
from fengsui.errors import InputError, NotFoundError, UsageError
from fengsui.query.tree import Term
from fengsui.settings import Settings
from fengsui.store.event_store import Sort
from sensors.keeping.flow_key import FlowKey, make_key

app = typer.Typer()
_STORE = typer.Option(None, "--store", help="Folder of the installation to ask")
_JSON = typer.Option(False, "--json", help="One JSON document (fengsui schema packets, or carve)")
_SESSION: Final = re.compile(r"[0-9A-Za-z]{1,64}")
_ENDS: Final = re.compile(
    r"(?P<transport>[\w-]+)[ ,]+(?P<a>\S+?)(:(?P<ap>\d+))?[ ,]+(?P<b>\S+?)(:(?P<bp>\d+))?", re.ASCII
)
_MOST: Final = 10_000_000  # packets; the size is what people bound
_EVER: Final = (0, 2**63 - 1)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="packets")


@app.callback(invoke_without_command=True)
def packets(
    context: typer.Context,
    flow: str = typer.Option(
        "", "--flow", help="Session id of its events, or 'tcp 10.1.1.5:40000 192.0.2.9:443'"
    ),
    output: str = typer.Option("", "--output", "-o", help="pcap to write; - is standard output"),
    since: str = typer.Option("", "--since", help="ISO time, included"),
    until: str = typer.Option("", "--until", help="ISO time, included"),
    megabytes: int = typer.Option(256, "--megabytes", min=1, max=4096, help="Size at most"),
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Write a flow's packets as a capture; who took which flow is recorded.

    Examples:
    `fengsui packets --flow CHhAvVGS1DHFjwGM9 -o flow.pcap`

    `fengsui packets --flow 'udp 10.1.1.5:5353 [2001:db8::1]:53' -o - | tshark -r -`

    `fengsui packets status`
    """
    if context.invoked_subcommand is not None:
        return
    if not flow or not output:
        raise UsageError(
            "Which flow, and where to?",
            where="--flow, -o",
            next="fengsui packets --flow SESSION -o flow.pcap; or `fengsui packets status`",
        )
    if output == "-" and sys.stdout.isatty():
        raise UsageError("A capture is not for a terminal", where="-o -", next="Name a file")
    current = settings(store)
    key, span = _wanted(
        current, flow, time_option(since, "--since", None), time_option(until, "--until", None)
    )
    found = make_packet_store(current).carve(
        key, *span, max_packets=_MOST, max_bytes=megabytes * 1_000_000
    )
    told = {
        "packets": found.packets,
        "bounded": found.bounded,
        "segments": found.segments,
        "lost_segments": found.lost,
    }
    _record(current, flow, told)
    if not found.packets:
        raise NotFoundError(
            "The packet store holds no packet of this flow",
            where=flow,
            next="`fengsui packets status` shows what times it covers",
            code="no_packets",
        )
    _write(output, found.pcap)
    if as_json:
        show_json(told, sys.stderr if output == "-" else sys.stdout)
        return
    more = "; there are more: raise --megabytes" if found.bounded else ""
    ERR.print(f"{found.packets:,} packets, {len(found.pcap):,} bytes{more}", markup=False)


@app.command()
def status(store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """What the packet store holds, its bounds, and what the sensor last said of it.

    Example: `fengsui packets status`
    """
    current = settings(store)
    held = make_packet_store(current).overview()
    state = make_state(current)
    try:
        _, report = state.health().get("sense", (0, {}))
    finally:
        state.close()
    writing: list[dict[str, Any]] = list(report.get("packets") or ())
    given = current.packets
    document = {
        **asdict(held),
        "first": to_iso(held.first) if held.packets else "",
        "last": to_iso(held.last) if held.packets else "",
        "folder": str(current.packets_folder),
        "keep": given.keep,
        "max_gigabytes": given.max_gigabytes,
        "max_hours": given.max_hours,
        "writers": writing,
    }
    if as_json:
        show_json(document)
        return
    rows = [
        ("keeping", "on" if given.keep else "off (packets.keep)"),
        ("folder", current.packets_folder),
        ("bounds", f"{given.max_gigabytes:g} GB" + _hours(given.max_hours)),
        ("held", f"{held.packets:,} packets, {held.bytes / 1e9:.2f} GB, {held.segments} segments"),
        ("from", document["first"]),
        ("to", document["last"]),
        ("being written", held.unfinished),
        ("sealed", f"{held.sealed} segments; keys {', '.join(held.keys) or '-'}"),
    ]
    if held.unreadable:
        rows.append(("keys not at hand", held.unreadable))
    show_table("Packet store", ("what", "is"), rows)
    if writing:
        columns = ("written by", "state", "#packets", "#GB", "why")
        show_table("Sensor", columns, [_writer(row) for row in writing])


def _hours(hours: float) -> str:
    return f", {hours:g} hours" if hours else ""


def _writer(row: dict[str, Any]) -> tuple[str, ...]:
    size = f"{row.get('bytes', 0) / 1e9:.2f}"
    names = row.get("writer", ""), row.get("state", "")
    return (*names, f"{row.get('packets', 0):,}", size, row.get("why", ""))


def _wanted(
    current: Settings, flow: str, since: int | None, until: int | None
) -> tuple[FlowKey, tuple[int, int]]:
    """The flow, and from when to when to look."""
    if _SESSION.fullmatch(flow):
        key, known = _known(current, flow)
    elif match := _ENDS.fullmatch(flow.strip()):
        first, second = match["a"].strip("[]"), match["b"].strip("[]")
        ports = int(match["ap"] or 0), int(match["bp"] or 0)
        key = make_key(first, ports[0], second, ports[1], match["transport"])
        known = _EVER
    else:
        raise UsageError(
            f"{flow!r} is no flow",
            where="--flow",
            next="Give a session id, or 'tcp 10.1.1.5:40000 192.0.2.9:443'",
        )
    return key, (known[0] if since is None else since, known[1] if until is None else until)


def _known(current: Settings, session: str) -> tuple[FlowKey, tuple[int, int]]:
    """A flow by its session id, from the event store."""
    with open_stores(current, writable=False) as stores:
        page = stores.events.search(Term("zeek.session_id", session), sort=Sort(), limit=1000)
    flows = [event for event in page.events if event.get("event.dataset") == "flow"]
    if not flows:
        raise NotFoundError(
            "There is no record of such a flow",
            where=session,
            next="Take zeek.session_id of an event (`fengsui hunt`), or give both ends",
        )
    spans = [flow_span(flow) for flow in flows]
    return flow_key(flows[0]), (min(s for s, _ in spans), max(u for _, u in spans))


def _record(current: Settings, flow: str, told: dict[str, Any]) -> None:
    state = make_state(current)
    try:
        detail = {**told, "origin": "store", "user": getpass.getuser()}
        state.audit("command line", "flow.carve", flow, detail)
    finally:
        state.close()


def _write(output: str, pcap: bytes) -> None:
    if output == "-":
        sys.stdout.buffer.write(pcap)
        sys.stdout.buffer.flush()
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pcap)
    except OSError as error:
        raise InputError(
            f"The output cannot be written: {error.strerror}",
            where=output,
            next="Name another file",
        ) from error
