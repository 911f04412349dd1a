"""What `fengsui sizing --json` prints."""

from __future__ import annotations

from pydantic import Field

from console.published_document import Document


class SizingCost(Document):
    """A figure that the result stands on."""

    value: float
    source: str = Field(alias="from", description="how it was measured, or that it is assumed")


class Sizing(Document):
    """`fengsui sizing`; bytes in bytes, rates at the busiest time."""

    packets_a_second: float
    events_a_second: float
    events_a_day: float
    sensors: int
    sensor_cores: float
    work_cores: float
    spool_bytes_a_second: float
    store_bytes_a_day: float
    store_bytes: float
    nodes: int
    node_cores: float
    shards: int
    largest_shard: float
    limits: list[str] = Field(description="what does not fit, and what to do")
    costs: dict[str, SizingCost]
