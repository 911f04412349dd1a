"""Seen: what the sensor says of a capture, each event held against the field registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fengsui import ecs
from sensors.packet.capture import CaptureSensor

Event = dict[str, Any]


class Seen:
    """Events of one capture, and what was counted as not understood."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self.losses: dict[str, int] = {}

    def of(self, dataset: str, **values: Any) -> list[Event]:
        """Events of a dataset whose fields have these values (`tls__version` for `tls.version`)."""
        wanted = {name.replace("__", "."): value for name, value in values.items()}
        return [
            event
            for event in self.events
            if event["event.dataset"] == dataset
            and all(event.get(name) == value for name, value in wanted.items())
        ]

    def one(self, dataset: str, **values: Any) -> Event:
        """The only event of a dataset with these values."""
        found = self.of(dataset, **values)
        assert len(found) == 1, f"{len(found)} of {dataset} {values}: {self.tell(dataset)}"
        return found[0]

    def flow_protocols(self) -> list[str]:
        """What the flows of TCP and UDP are recognised as, without multicast's own chatter."""
        return [
            event.get("network.protocol", "")
            for event in self.of("flow")
            if event["network.transport"] in {"tcp", "udp"}
        ]

    def tell(self, dataset: str = "") -> str:
        """The events as lines, for a failed test."""
        shown = [e for e in self.events if dataset in {"", e["event.dataset"]}]
        return "\n".join(json.dumps(event, ensure_ascii=False) for event in shown) or str(
            sorted({event["event.dataset"] for event in self.events})
        )


def read(path: Path, seen: Seen | None = None) -> Seen:
    """Read a capture as a user's `fengsui events --protocols all` would."""
    seen = seen or Seen(path)
    sensor = CaptureSensor(path, name=path.name, sensor="peers")
    for batch in sensor:
        seen.events += [json.loads(line) for line in batch.lines.splitlines()]
    seen.losses = sensor.summary.losses.as_json()
    for event in seen.events:
        assert ecs.faults(event) == [], event
    return seen
