"""From a flow to its packets: what holds them, and the slice that was cut out of it.

Cutting is recorded: who, which flow, how many packets. A slice belongs to who had it cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast

import orjson

from console.api.parts import ApiParts, Cut, PacketOrigin
from fengsui.clock import SECOND, from_iso
from fengsui.errors import NotFoundError
from fengsui.event import Fields
from fengsui.ids import digest_id, random_id
from fengsui.query.tree import Term
from fengsui.store.event_store import Sort
from fengsui.store.state import Replay
from fengsui.text import Text

RECORDS_SHOWN: Final = 500
SLICES_KEPT: Final = 32
_CAPTURES_READ: Final = 4
_SLACK: Final = SECOND


@dataclass(frozen=True, slots=True)
class Evidence:
    """A flow's records in order of time, its `flow` record if any, and the captures that cover it.

    `why` says why there are no packets to show; None when there are. `origin` says where they are
    looked for first.
    """

    records: list[Fields]
    flow: Fields | None
    captures: tuple[Path, ...]
    why: Text | None
    origin: PacketOrigin | None = None


@dataclass(frozen=True, slots=True)
class Sliced:
    """A slice on the disk; `expected` packets were counted when the flow was seen, 0 if unknown."""

    path: Path
    cut: Cut
    expected: int


def evidence_of(parts: ApiParts, session: str) -> Evidence:
    """What is held of a session id.

    Raises:
        NotFoundError: no event bears it.
    """
    page = parts.events.search(
        Term("zeek.session_id", session),
        sort=Sort("@timestamp", descending=False),
        limit=RECORDS_SHOWN,
    )
    if not page.events:
        raise NotFoundError(
            "There is no such flow (any more)", where=session, next="Look for it under Hunt"
        )
    flows = [each for each in page.events if each.get("event.dataset") == "flow"]
    flow = max(flows, key=lambda each: str(each.get("event.end", "")), default=None)
    if flow is None or "source.ip" not in flow:
        return Evidence(page.events, flow, (), Text("console.packets.no_flow"))
    named = _captures(parts, flow)
    kept = tuple(path for path in named if path.is_file())[:_CAPTURES_READ]
    why = parts.packets.held(flow)
    if why is None:
        return Evidence(page.events, flow, kept, None, "store")
    if kept:
        return Evidence(page.events, flow, kept, None, "captures")
    if named and why.key == "console.packets.no_capture":
        why = Text("console.packets.capture_gone", {"name": named[0].name})
    return Evidence(page.events, flow, kept, why)


def sliced(parts: ApiParts, session: str, by: str) -> Sliced:
    """A slice of the flow's packets for a person; cut once, recorded, then kept for a while.

    Raises:
        NotFoundError: no such flow, or no packets of it (code `no_capture`).
    """
    evidence = evidence_of(parts, session)
    if evidence.why is not None or evidence.flow is None:
        what = evidence.why.render("en") if evidence.why else "There is no flow record"
        raise NotFoundError(
            what,
            where=session,
            next="Keep packets (packets.keep), or upload or replay captures",
            code="no_capture",
        )
    flow = evidence.flow
    folder = parts.settings.settings.home / "slices"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = digest_id(by, session, str(flow.get("event.id", "")), *map(str, evidence.captures))
    target = folder / f"{key}.pcap"
    told = target.with_suffix(".json")
    if not (target.exists() and told.exists()):
        cut = _cut(parts, evidence.captures, flow, target)
        parts.state.audit(by, "flow.carve", session, asdict(cut))
        _forget_old(folder)
    cut = Cut(**orjson.loads(told.read_bytes()))
    return Sliced(target, cut, int(str(flow.get("network.packets", 0))))


def _cut(parts: ApiParts, captures: Sequence[Path], flow: Fields, target: Path) -> Cut:
    """Cut a slice, and put what it is beside it."""
    part = target.with_suffix(f".{random_id()}.part")
    try:
        cut = parts.packets.slice_flow(captures, flow, part)
        if cut.packets:
            target.with_suffix(".json").write_bytes(orjson.dumps(asdict(cut)))
            part.rename(target)
            return cut
    finally:
        part.unlink(missing_ok=True)
    raise NotFoundError(
        "What is kept of that time does not hold this flow's packets",
        where=str(flow.get("zeek.session_id", "")),
        next="Newer packets may have taken their place, or another capture of the same time",
        code="no_capture",
    )


def _captures(parts: ApiParts, flow: Fields) -> list[Path]:
    """Captures of the flow's own drill, or of any replay that covers its time."""
    run = str(flow.get("fengsui.run", ""))
    replay = parts.state.replay(run) if run else None
    if replay is not None:
        return [Path(capture) for capture in replay.captures]
    start, end = _times(flow)
    found: list[Path] = []
    for each in parts.state.replays():
        if each.kind != "drill":
            found += [Path(name) for name in _covering(each, start, end)]
    return list(dict.fromkeys(found))


def _covering(replay: Replay, start: int, end: int) -> Sequence[str]:
    """Captures of a replay whose input spans the time; all of them where it does not say which."""
    inputs = cast("Sequence[Mapping[str, Any]]", replay.summary.get("inputs", ()))
    spans = [_covers(each, start, end) for each in inputs]
    if len(inputs) == len(replay.captures):
        return [name for name, fits in zip(replay.captures, spans, strict=True) if fits]
    return replay.captures if any(spans) else ()


def _covers(each: Mapping[str, Any], start: int, end: int) -> bool:
    try:
        first, last = from_iso(str(each["first"])), from_iso(str(each["last"]))
    except (KeyError, ValueError):
        return False
    return first - _SLACK <= start and end <= last + _SLACK


def _times(flow: Fields) -> tuple[int, int]:
    start = from_iso(str(flow.get("event.start") or flow["@timestamp"]))
    return start, from_iso(str(flow.get("event.end") or flow["@timestamp"]))


def _forget_old(folder: Path) -> None:
    slices = sorted(folder.glob("*.pcap"), key=lambda path: path.stat().st_mtime_ns)
    for path in slices[:-SLICES_KEPT]:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
