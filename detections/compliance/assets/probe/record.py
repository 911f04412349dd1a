"""A probe of one registered asset, made under a leave and kept as a record.

The leave is part of the record: who approved it, for which addresses, how fast, in which hours. The
record is evidence of level E4 (seen from outside): it can speak against the asset, and is never all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from detections.compliance.assets.asset import AssetEvidence, AssetKind, Parts
from detections.compliance.assets.probe.authority import allowed_address, authority_of
from detections.compliance.assets.probe.pace import RATE, pace_of, within_hours
from detections.compliance.assets.probe.ports import USUAL, PortsSeen, ports_of, probe_ports
from detections.compliance.assets.probe.snmp import SNMP_PORT, SnmpSeen, probe_snmp
from detections.compliance.assets.probe.ssh import SshService, probe_ssh
from detections.compliance.assets.probe.tls import TlsService, probe_tls
from detections.compliance.assets.probe.web import WebSeen, probe_web
from detections.compliance.assets.recorded import (
    head_of,
    malformed,
    read_record,
    record_of,
    time_of,
)
from fengsui.clock import Clock, to_iso
from fengsui.errors import InputError, UsageError

KIND: Final = "probe"
# What is asked more closely where the port is open; TLS beginning later in a talk is not.
_SPOKEN: Final = {
    22: "ssh", 2222: "ssh", 80: "http", 8000: "http", 8080: "http", 8081: "http", 8088: "http",
    443: "https", 8443: "https", 465: "tls", 636: "tls", 990: "tls", 993: "tls", 995: "tls",
}  # fmt: skip
_WORDS: Final = ("ssh", "tls", "https", "http")
_FACTS: Final[Mapping[str, tuple[AssetKind, TypeAdapter[Any]]]] = {
    "ports": ("probe", TypeAdapter(PortsSeen)),
    "snmp": ("probe", TypeAdapter(SnmpSeen)),
    "http": ("probe", TypeAdapter(WebSeen)),
    "ssh": ("service", TypeAdapter(SshService)),
    "tls": ("service", TypeAdapter(TlsService)),
}


@dataclass(frozen=True, slots=True)
class Leave:
    """Who approved a probe, of which addresses, at how many connections a second, in which hours."""

    approved_by: str
    scope: tuple[str, ...]
    rate: float = RATE
    hours: str = ""


@dataclass(frozen=True, slots=True)
class ProbeOrder:
    """What is asked of an asset.

    Attributes:
        name: of the asset, as the register names it.
        host: its address, or a name that leads to it.
        allowed: ports that it may serve by the signed list; None where there is no list.
        speak: by port what is spoken there (`ssh`, `tls`, `https`, `http`), beside the usual ones.
    """

    name: str
    host: str
    leave: Leave
    ports: tuple[int, ...] = USUAL
    allowed: tuple[int, ...] | None = None
    speak: Mapping[int, str] = field(default_factory=dict[int, str])
    snmp_port: int = SNMP_PORT


def probe_asset(order: ProbeOrder, clock: Clock, by: str) -> bytes:
    """Probe an asset and give the record.

    Raises:
        ForbiddenError: nobody approved it, an address outside of the scope, or of the hours.
        UsageError: a rate or hours that are none.
        InputError: the name leads nowhere.
    """
    leave = order.leave

    def check() -> None:
        within_hours(leave.hours, clock.now(), order.host)

    pace = pace_of(leave.rate, check)
    check()
    address = allowed_address(order.host, 0, authority_of(leave.approved_by, leave.scope))
    began = clock.now()
    wanted = sorted({*order.ports, *order.speak, *(order.allowed or ())})
    ports = probe_ports(address, wanted, order.allowed, pace)
    parts = [_part("ports", f"tcp://{order.host}", ports)]
    problems: list[str] = []
    for port in ports.open:
        spoken = order.speak.get(port) or _SPOKEN.get(port, "")
        if not spoken:
            continue
        where = f"{spoken}://{order.host}:{port}"
        pace.wait()
        try:
            parts.append(_spoken(spoken, address, port, order.host, where))
        except InputError as error:
            problems.append(f"{where}: {error.what}")
    snmp = probe_snmp(address, order.snmp_port, pace)
    parts.append(_part("snmp", f"snmp://{order.host}:{order.snmp_port}", snmp))
    return record_of(
        KIND,
        {
            "time": to_iso(began),
            "asset": order.name,
            "address": address,
            "by": by,
            "leave": asdict(leave) | {"scope": list(leave.scope)},
            "parts": parts,
            "problems": problems,
        },
    )


def spoken_of(text: str) -> dict[int, str]:
    """What is spoken on ports: `8443=https,2200=ssh`.

    Raises:
        UsageError: a port or a word that is not known.
    """
    found: dict[int, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        port, _, word = part.partition("=")
        numbers = ports_of(port)
        if word not in _WORDS or len(numbers) != 1:
            raise UsageError(
                f"{part[:30]} is not understood", next=f"Such as 8443=https; of {', '.join(_WORDS)}"
            )
        found[numbers[0]] = word
    return found


def is_probe(head: bytes) -> bool:
    """Whether a file begins as a record of a probe does."""
    return head.startswith(head_of(KIND))


def read_probe(path: Path) -> AssetEvidence:
    """A record of a probe as evidence.

    Raises:
        InputError: cut, changed, or not what a probe writes.
    """
    body, digest = read_record(KIND, path)
    collected = time_of(body)
    try:
        name = str(body["asset"])[:200]
        problems = tuple(str(each)[:300] for each in body["problems"][:100])
        parts = tuple(_read(part, name, digest, collected) for part in body["parts"])
    except (KeyError, TypeError, ValidationError) as error:
        raise malformed(path, error) from error
    return AssetEvidence(name, "probe", path.name, digest, collected, "E4", Parts(parts), problems)


def _read(part: Mapping[str, Any], name: str, digest: str, collected: int) -> AssetEvidence:
    kind, adapter = _FACTS[part["kind"]]
    facts = adapter.validate_python(part["facts"])
    return AssetEvidence(name, kind, str(part["where"])[:300], digest, collected, "E4", facts)


def _spoken(spoken: str, address: str, port: int, host: str, where: str) -> dict[str, Any]:
    if spoken == "ssh":
        return _part("ssh", where, probe_ssh(address, port, where))
    if spoken == "http":
        return _part("http", where, probe_web(address, port, host, where))
    http = spoken == "https"
    return _part("tls", where, probe_tls(address, port, host, where, http=http))


def _part(kind: str, where: str, facts: object) -> dict[str, Any]:
    dumped = _FACTS[kind][1].dump_python(facts, mode="json")
    if isinstance(dumped.get("methods"), list):
        dumped["methods"] = sorted(dumped["methods"])  # a set has no order
    return {"kind": kind, "where": where, "facts": dumped}
