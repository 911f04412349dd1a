"""Flow by flow against tshark: packets, bytes, times, and what each flow said.

tshark prints one line a packet; here they are added up by flow, as our `flow` events do. Left out,
counted: packets with more than one IP header (tunnels), fragments, and keys that either side has
more than once (ports used again, time-outs).
"""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

Event = dict[str, object]
Key = tuple[str, str, str]  # transport, and the two ends in order

_FIELDS: tuple[str, ...] = (
    "frame.time_epoch", "ip.src", "ip.dst", "ip.len", "ip.flags.mf", "ip.frag_offset", "ipv6.src",
    "ipv6.dst", "ipv6.plen", "ipv6.fraghdr.offset", "tcp.srcport", "tcp.dstport", "udp.srcport",
    "udp.dstport", "tcp.stream", "tls.handshake.extensions_server_name", "dns.id", "dns.qry.name",
    "dns.a", "dns.aaaa", "dns.count.auth_rr", "dns.count.add_rr", "http.request.method",
    "http.request.uri", "http.response.code",
)  # fmt: skip
NUMBERS = ("packets", "bytes", "first", "last")
TEXTS = ("SNI", "DNS id and name", "DNS addresses", "HTTP request", "HTTP status")


@dataclass
class Seen:
    """One flow as one program tells it; by end: packets and bytes of IP that it sent."""

    packets: Counter[str] = field(default_factory=Counter[str])
    bytes: Counter[str] = field(default_factory=Counter[str])
    first: int = 0  # µs
    last: int = 0
    holes: bool = False
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parts: set[str] = field(default_factory=set)  # what it was counted as: streams, or events


def _end(address: str, port: object) -> str:
    return f"{address} {port}"


def _key(transport: str, one: str, other: str) -> Key:
    return (transport, *sorted((one, other)))  # type: ignore[return-value]


def of_tshark(capture: Path) -> tuple[dict[Key, Seen], int]:
    """Flows by tshark, and packets that were left out."""
    command = ["tshark", "-n", "-r", str(capture), "-Y", "(tcp || udp) && !icmp && !icmpv6",
               "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]  # fmt: skip
    for name in _FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode and not done.stdout:  # it ends with 2 where a capture's end is cut off
        raise SystemExit(f"tshark: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    found: dict[Key, Seen] = {}
    left = 0
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        cells = dict(zip(_FIELDS, line.split("\t"), strict=False))
        if not _add(found, cells):
            left += 1
    return found, left


def _add(found: dict[Key, Seen], cells: dict[str, str]) -> bool:
    """One packet; whether it was taken."""
    four, six = cells["ip.src"], cells["ipv6.src"]
    ports = cells["tcp.srcport"] or cells["udp.srcport"]
    several = "|" in four + six + ports or (four and six)
    fragment = cells["ip.flags.mf"] in {"1", "True"} or cells["ip.frag_offset"] not in {"", "0"}
    if several or fragment or cells["ipv6.fraghdr.offset"] or not (four or six):
        return False
    transport = "tcp" if cells["tcp.srcport"] else "udp"
    source = _end(four or six, cells[f"{transport}.srcport"])
    target = _end(cells["ip.dst"] or cells["ipv6.dst"], cells[f"{transport}.dstport"])
    flow = found.setdefault(_key(transport, source, target), Seen())
    flow.packets[source] += 1
    flow.bytes[source] += int(cells["ip.len"]) if four else int(cells["ipv6.plen"]) + 40
    time = int(Decimal(cells["frame.time_epoch"]) * 1_000_000)
    flow.first = flow.first or time  # of the first packet in the file, as all sensors have it
    flow.last = max(flow.last, time)
    flow.parts.add(cells["tcp.stream"])
    _say(flow.texts, cells)
    return True


def _say(texts: dict[str, set[str]], cells: dict[str, str]) -> None:
    texts["SNI"] |= {
        one.lower() for one in cells["tls.handshake.extensions_server_name"].split("|")
    }
    number = cells["dns.id"].split("|")[0]
    for name in cells["dns.qry.name"].split("|") if number else ():
        texts["DNS id and name"].add(f"{int(number, 16)} {name.lower()}" if name else "")
    # tshark does not say which section an address is in: only where there is none but answers
    if cells["dns.count.auth_rr"] == "0" and cells["dns.count.add_rr"] in {"0", "1"}:
        texts["DNS addresses"] |= {*cells["dns.a"].split("|"), *cells["dns.aaaa"].split("|")}
    methods, uris = cells["http.request.method"].split("|"), cells["http.request.uri"].split("|")
    if len(methods) == len(uris):
        texts["HTTP request"] |= {
            f"{a} {b}" if a else "" for a, b in zip(methods, uris, strict=True)
        }
    texts["HTTP status"] |= set(cells["http.response.code"].split("|"))


def of_events(events: Iterable[Event]) -> dict[Key, Seen]:
    """Flows by our events."""
    found: dict[Key, Seen] = {}
    for event in events:
        transport = str(event.get("network.transport"))
        if transport not in {"tcp", "udp"} or "source.port" not in event:
            continue
        source = _end(str(event["source.ip"]), event["source.port"])
        target = _end(str(event["destination.ip"]), event["destination.port"])
        flow = found.setdefault(_key(transport, source, target), Seen())
        if event["event.dataset"] == "flow":
            flow.parts.add(str(event["event.id"]))
            for end, side in ((source, "source"), (target, "destination")):
                flow.packets[end] += int(str(event[f"{side}.packets"]))
                flow.bytes[end] += int(str(event[f"{side}.bytes"]))
            flow.holes = "zeek.connection.missed_bytes" in event
            flow.first, flow.last = _micro(event["event.start"]), _micro(event["event.end"])
        _tell(flow.texts, event)
    return found


def _tell(texts: dict[str, set[str]], event: Event) -> None:
    dataset = event["event.dataset"]
    if dataset in {"tls", "quic"}:
        texts["SNI"].add(str(event.get("tls.client.server_name", "")).lower())
    elif dataset == "dns" and event.get("network.protocol") != "nbns":
        if "dns.question.name" in event:
            texts["DNS id and name"].add(f"{event['dns.id']} {event['dns.question.name']}")
        for one in event.get("dns.resolved_ip", ()):  # type: ignore[attr-defined]
            texts["DNS addresses"].add(one)
    elif dataset == "http" and not str(event.get("http.version", "")).startswith("2"):
        if "http.request.method" in event:
            texts["HTTP request"].add(f"{event['http.request.method']} {event.get('url.original')}")
        for field in ("http.response.status_code", "http.response.info_code"):
            texts["HTTP status"].add(str(event.get(field, "")))


def _micro(text: object) -> int:
    at = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    return int(at.timestamp()) * 1_000_000 + at.microsecond


@dataclass
class Compared:
    """What is equal in how many flows, and the ones that are not."""

    flows: int = 0
    left: Counter[str] = field(default_factory=Counter[str])
    equal: Counter[str] = field(default_factory=Counter[str])
    having: Counter[str] = field(default_factory=Counter[str])
    differ: list[tuple[str, Key, str]] = field(default_factory=list)


def compare(ours: dict[Key, Seen], theirs: dict[Key, Seen]) -> Compared:
    """Each of tshark's flows with ours of the same ends."""
    result = Compared()
    for key, peer in theirs.items():
        mine = ours.get(key)
        if mine is None or not mine.parts:
            result.left["not ours"] += 1
            result.differ.append(("flow", key, f"{dict(peer.packets)}"))
            continue
        if len(mine.parts) > 1 or len(peer.parts) > 1:
            result.left["several of the same ends"] += 1
            continue
        result.flows += 1
        for what in NUMBERS:
            _note(result, what, key, getattr(mine, what), getattr(peer, what))
        for what in TEXTS:
            said = peer.texts[what] - {""}
            if said:
                result.having[what] += 1
                _note(result, what, key, mine.texts[what] & said, said, mine.holes)
    return result


def _note(
    result: Compared, what: str, key: Key, mine: object, theirs: object, holes: bool = False
) -> None:
    if isinstance(mine, Counter) and isinstance(theirs, Counter):
        mine, theirs = +mine, +theirs
    if mine == theirs:
        result.equal[what] += 1
    else:
        result.differ.append(
            (what, key, f"ours {mine}, tshark's {theirs}{' [bytes missing]' * holes}")
        )
