"""How large an installation must be: from link rates, units and retention to sensors, cores, disk and shards.

Plain sums over what an event and a packet cost. Each cost is a row of `sizing.toml` that says whether it was
measured or is assumed; the result names those that it stands on.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from fengsui.errors import InputError

COSTS: Final = Path(__file__).with_name("sizing.toml")
Plane = Literal["data", "video"]
StoreKind = Literal["embedded", "elastic"]
SHARES: Final = {"flow": 0.45, "dns": 0.25, "tls": 0.15, "http": 0.10, "other": 0.05}
"""Of the events of a data plane, by dataset (the office mix)."""
_DAY: Final = 86_400
_PERIODS: Final = (
    31,
    7,
    1,
)  # days of an index, as `fengsui.store.elastic.names.period_for` chooses
_MOST_DOCUMENTS: Final = 2**31 - 128  # of a shard, Lucene's own bound
_MOST_SHARDS: Final = 1_000  # of a node


@dataclass(frozen=True, slots=True)
class Load:
    """One plane: its rate when it is busiest, and what is looked at.

    Attributes:
        gigabits: a second, at the busiest time.
        mean: of the day as a share of that; disks are filled by it.
        all_protocols: also those of the second tier.
    """

    plane: Plane
    gigabits: float
    mean: float = 0.4
    all_protocols: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """One figure, and where it is from."""

    value: float
    source: str

    @property
    def is_assumed(self) -> bool:
        """Whether nobody has measured it."""
        return self.source.startswith("assumed")


@dataclass(frozen=True, slots=True)
class Sized:
    """What it takes. Bytes in bytes; rates at the busiest time unless they say otherwise.

    Attributes:
        sensor_cores: kernel and capture workers.
        work_cores: for rules, correlation and writing; one worker uses one.
        nodes: of the cluster, copies counted; 0 with the embedded store.
        largest_shard: bytes; an index is a day at least, and has one shard.
        limits: what does not fit, and what to do.
    """

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
    limits: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The published form."""
        return {**asdict(self), "limits": list(self.limits)}


def read_costs(path: Path = COSTS) -> dict[str, Cost]:
    """The costs of a file; a row that it lacks is ours.

    Raises:
        InputError: the file cannot be read, or a value is no positive number.
    """
    found: dict[str, Cost] = read_costs() if path != COSTS else {}
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        rows = {
            name: Cost(float(row["value"]), str(row.get("from", "")))
            for name, row in document.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, getattr(error, "strerror", None) or str(error)) from error
    for name, cost in rows.items():
        if not (0 < cost.value < math.inf) or (found and name not in found):
            raise _bad(path, f"{name} is no cost, or not a positive number")
    return found | rows


def sized(
    loads: Sequence[Load],
    units: int,
    days: int,
    costs: Mapping[str, Cost],
    *,
    store: StoreKind = "elastic",
    copies: int = 1,
) -> Sized:
    """What loads take.

    Args:
        loads: the planes.
        units: whose logs come too.
        days: of retention.
        costs: see `read_costs`.
        store: where events go.
        copies: of each shard, beside the first.
    """
    cost = {name: one.value for name, one in costs.items()}
    packets = [_packets(one, cost) for one in loads]
    peak = [rate * _events(one, cost) for one, rate in zip(loads, packets, strict=True)]
    logs = units * cost["log_events_a_unit"]
    sensor = sum(
        rate * (cost["kernel_us"] + cost[_decoding(one)]) / 1e6
        for one, rate in zip(loads, packets, strict=True)
    )
    mean = sum(one.mean * rate for one, rate in zip(loads, peak, strict=True)) + logs
    events = sum(peak) + logs
    each = cost["embedded_bytes"] if store == "embedded" else cost["cluster_bytes"] * (1 + copies)
    a_day = mean * _DAY
    share = cost["share_of_a_core"]
    on_cluster = store == "elastic"
    work = cost["worker_us"] + (cost["cluster_writer_us"] if on_cluster else 0)
    sensor_cores, work_cores = sensor / share, events * work / 1e6 / share
    node_cores = events * cost["cluster_us"] * (1 + copies) / 1e6 / share if on_cluster else 0.0
    indices, largest, documents = _indices(a_day, days, cost) if on_cluster else (0, 0.0, 0.0)
    shards = indices * (1 + copies)
    needed = (
        a_day * days * each / (cost["disk_of_a_node"] * cost["share_of_a_disk"]),
        node_cores / cost["cores_of_a_node"],
        shards / _MOST_SHARDS,
    )
    return Sized(
        packets_a_second=sum(packets),
        events_a_second=events,
        events_a_day=a_day,
        sensors=math.ceil(sensor_cores / cost["cores_of_a_node"]),
        sensor_cores=sensor_cores,
        work_cores=work_cores,
        spool_bytes_a_second=events * cost["spool_bytes"],
        store_bytes_a_day=a_day * each,
        store_bytes=a_day * days * each,
        nodes=max(1 + 2 * bool(copies), math.ceil(max(needed))) if on_cluster else 0,
        node_cores=node_cores,
        shards=shards,
        largest_shard=largest,
        limits=tuple(_limits(work_cores, largest, documents, cost)),
    )


def _packets(load: Load, cost: Mapping[str, float]) -> float:
    size = cost["packet_bytes" if load.plane == "data" else "media_packet_bytes"]
    return load.gigabits * 1e9 / 8 / size


def _events(load: Load, cost: Mapping[str, float]) -> float:
    return cost["events_a_packet" if load.plane == "data" else "events_a_media_packet"]


def _decoding(load: Load) -> str:
    if load.plane == "video":
        return "packet_media_us"
    return "packet_all_us" if load.all_protocols else "packet_us"


def _indices(a_day: float, days: int, cost: Mapping[str, float]) -> tuple[int, float, float]:
    """Indices kept, bytes of the largest, documents in it."""
    count, largest, documents = 0, 0.0, 0.0
    for share in SHARES.values():
        size = a_day * share * cost["cluster_bytes"]
        period = next((n for n in _PERIODS if size * n <= cost["shard_bytes"]), 1)
        count += math.ceil(days / period) + 1
        largest = max(largest, size * period)
        documents = max(documents, a_day * share * period)
    return count, largest, documents


def _limits(
    work_cores: float, largest: float, documents: float, cost: Mapping[str, float]
) -> list[str]:
    found: list[str] = []
    if work_cores > 1:
        found.append(
            f"one worker is one core, this takes {math.ceil(work_cores)}: take packets off before the ring,"
            " or split into several installations, one a plane or address range"
        )
    if documents > _MOST_DOCUMENTS:
        found.append(
            f"a day of one dataset is {documents:.1e} events, a shard holds {_MOST_DOCUMENTS:.1e}:"
            " split into several installations with prefixes of their own"
        )
    elif largest > 3 * cost["shard_bytes"]:
        found.append(
            f"the largest shard is {largest / 1e9:,.0f} GB, which recovers slowly:"
            " split into several installations with prefixes of their own"
        )
    return found


def _bad(path: Path, why: str) -> InputError:
    return InputError(
        f"The costs cannot be used: {why}",
        where=str(path),
        next="Write each as [name] with value and from, as console/sizing.toml does",
    )
