"""What the roof hands to the API: stores, clock, and functions of the other floors.

The API builds nothing of this itself (`console/wiring.py` does) and so can be tested with parts of
the test's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

from fastapi import Depends, Request

from console.regrouping import Regrouping
from console.rules.desk import RuleDesk
from console.situation.desk import SituationDesk
from console.stories import StoryKeeper
from fengsui.clock import Clock
from fengsui.control import Check, Control
from fengsui.event import Fields
from fengsui.incident import Incident
from fengsui.playbook import Playbook, Run, RunMode
from fengsui.rule import Rule
from fengsui.settings import Loaded
from fengsui.store.event_store import EventStore
from fengsui.store.state import State
from fengsui.text import Text


class ScenarioRow(Protocol):
    """A scenario of the shelf."""

    @property
    def id(self) -> str:
        """As on the command line."""
        ...

    @property
    def name(self) -> Text:
        """For people."""
        ...

    @property
    def description(self) -> Text:
        """What is played."""
        ...

    @property
    def steps(self) -> int:
        """How many steps are injected."""
        ...


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One packet of a list; `time` in ns, `length` in bytes on the wire."""

    number: int
    time: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str


@dataclass(frozen=True, slots=True)
class DissectionNode:
    """One line of a dissection."""

    label: str
    value: str | None = None
    children: tuple[DissectionNode, ...] = ()


@dataclass(frozen=True, slots=True)
class DissectedPacket:
    """One packet: its tree and its bytes."""

    number: int
    tree: tuple[DissectionNode, ...]
    data: bytes


PacketOrigin = Literal["store", "captures"]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a slice holds; `bounded` where there are more packets than were let into it."""

    packets: int
    bounded: bool
    origin: PacketOrigin


class Packets(Protocol):
    """The evidence of a flow, in packets. All bounded in size and time by the implementation."""

    def held(self, flow: Fields) -> Text | None:
        """None where the packet store holds packets of the flow; else why it does not."""
        ...

    def slice_flow(self, captures: Sequence[Path], flow: Fields, target: Path) -> Cut:
        """Write the packets of a flow into a file `target`, out of the packet store or of captures.

        Raises:
            InputError: a capture cannot be read any more, or packets are sealed with another key.
        """
        ...

    def pcap(self, path: Path) -> bytes:
        """What `slice_flow` wrote, as a pcap.

        Raises:
            InputError: it was sealed with another key.
        """
        ...

    def packet_list(self, pcap: Path, limit: int) -> tuple[list[PacketRow], int]:
        """The first `limit` packets and how many there are.

        Raises:
            MissingToolError: the dissector is not installed.
        """
        ...

    def packet_detail(self, pcap: Path, number: int) -> DissectedPacket:
        """One packet by its number, from 1.

        Raises:
            MissingToolError: the dissector is not installed.
            NotFoundError: there is no such packet.
        """
        ...


@dataclass(frozen=True, slots=True)
class ApiParts:
    """Everything that the API needs.

    Attributes:
        desk: Sigma rules, and what is done with them.
        regrouping: merges and splits of incidents.
        situation: gauges, units, forecasts.
        rules: rules of the other detectors.
        match_playbooks: playbooks that fit an incident, best first, each with why.
        start_run, decide: run a playbook, answer a waiting step (run, step, approve, by, reason);
            the API keeps the run that they return.
        sniff_upload: kind of an uploaded file by its content; raises InputError when it is neither
            a capture nor a log that can be read.
        web: folder of the built console; a folder without `index.html` is answered with advice.
        stories: of incidents, kept so that the largest opens like the smallest.
        is_internal, unit_of: whether an address is ours, and the name of its unit ("" if unknown).
        catalogue_units: assessment units of the standard's catalogue, those without checks too.
    """

    state: State
    events: EventStore
    settings: Loaded
    clock: Clock
    playbooks: Sequence[Playbook]
    match_playbooks: Callable[[Incident], Sequence[tuple[Playbook, Text]]]
    start_run: Callable[[Playbook, Incident, RunMode, str], Run]
    decide: Callable[[Run, str, bool, str, str], Run]
    desk: RuleDesk
    regrouping: Regrouping
    situation: SituationDesk
    rules: Callable[[], Sequence[Rule]]
    controls: Callable[[], Sequence[Control]]
    checks: Callable[[], Sequence[Check]]
    scenarios: Callable[[], Sequence[ScenarioRow]]
    packets: Packets
    sniff_upload: Callable[[Path], str]
    is_internal: Callable[[str], bool]
    stories: StoryKeeper
    web: Path
    unit_of: Callable[[str], str] = lambda _address: ""
    catalogue_units: int = 211


def _parts(request: Request) -> ApiParts:
    parts: ApiParts = request.app.state.parts
    return parts


Parts = Annotated[ApiParts, Depends(_parts)]
