"""Sizes: sums that grow with what they are given, the page's table among them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from console.cli.main import make_app
from console.published import document
from console.sizing import Load, Sized, read_costs, sized
from fengsui.errors import InputError
from fengsui.store.elastic.names import BYTES_OF_A_SHARD, period_for

PAGE = Path(__file__).resolve().parents[2] / "docs/operating/sizing.md"
COSTS = read_costs()
PAGES = {
    "3 Gbit/s": ([Load("data", 3)], "elastic"),
    "3 Gbit/s, embedded": ([Load("data", 3)], "embedded"),
    "40 Gbit/s, 37 of it video": ([Load("data", 3), Load("video", 37)], "elastic"),
    "40 Gbit/s, all data": ([Load("data", 40)], "elastic"),
    "100 Gbit/s, 90 of it video": ([Load("data", 10), Load("video", 90)], "elastic"),
    "100 Gbit/s, all data": ([Load("data", 100)], "elastic"),
}


def row(name: str, found: Sized) -> str:
    return (
        f"| {name} | {found.events_a_second:,.0f} | {found.sensors} / {found.sensor_cores:,.0f} |"
        f" {found.work_cores:,.0f} | {found.store_bytes_a_day / 1e9:,.0f} GB |"
        f" {found.store_bytes / 1e12:,.0f} TB | {found.nodes} / {found.node_cores:,.0f} |"
        f" {found.shards:,} | {found.largest_shard / 1e9:,.0f} GB |"
    )


@pytest.mark.parametrize("name", PAGES)
def test_the_table_of_the_page(name: str) -> None:
    loads, store = PAGES[name]
    found = sized(loads, 60, 184, COSTS, store=store)  # type: ignore[arg-type]
    assert row(name, found) in PAGE.read_text("utf-8")


@given(
    gigabits=st.floats(0.01, 200),
    days=st.integers(1, 1000),
    units=st.integers(0, 500),
    more=st.floats(1.01, 4),
)
def test_more_takes_more(gigabits: float, days: int, units: int, more: float) -> None:
    small = sized([Load("data", gigabits)], units, days, COSTS)
    large = sized([Load("data", gigabits * more)], units, days, COSTS)
    longer = sized([Load("data", gigabits)], units, days * 2, COSTS)
    for name in ("events_a_second", "sensor_cores", "work_cores", "store_bytes", "node_cores"):
        assert getattr(large, name) > getattr(small, name)
    assert longer.store_bytes == pytest.approx(2 * small.store_bytes)
    assert longer.nodes >= small.nodes >= 3


@given(st.floats(1e6, 1e11))
def test_periods_are_those_of_the_store(size: float) -> None:
    days = {"month": 31, "part": 7, "day": 1}[period_for(size)]
    assert days == next((n for n in (31, 7, 1) if size * n <= BYTES_OF_A_SHARD), 1)
    assert COSTS["shard_bytes"].value == BYTES_OF_A_SHARD


@pytest.mark.parametrize(
    "text", ["x", "[packet_us]\nvalue = 0", "[none]\nvalue = 1", "[packet_us]\nvalue = 'a'"]
)
def test_costs_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError):
        read_costs(path)


def test_costs_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "costs.toml"
    path.write_text('[cluster_bytes]\nvalue = 349\nfrom = "measured here"\n', "utf-8")
    loads = [Load("data", 1)]
    ours, theirs = sized(loads, 0, 184, COSTS), sized(loads, 0, 184, read_costs(path))
    assert theirs.store_bytes == pytest.approx(ours.store_bytes / 2)


def test_the_command() -> None:
    result = CliRunner().invoke(make_app(["sizing"]), ["sizing", "--data", "100", "--json"])
    found = json.loads(result.stdout)
    document("sizing").model_validate(found)
    assert len(found["limits"]) == 2
    text = CliRunner().invoke(make_app(["sizing"]), ["sizing", "--video", "1"]).stdout
    assert re.search(r"assumed, not measured: .*packet_media_us", text)
