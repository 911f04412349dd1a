"""Search, histogram, terms, one event; flows with their packets; entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.api.routes.events import round_interval
from console.api.routes.flows import hex_rows
from fengsui.asset import Asset
from fengsui.clock import DAY, HOUR, MINUTE, SECOND, to_iso
from fengsui.event import make_event
from fengsui.store.embedded.store import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Plan, Replay
from tests.console.api.client import Browser, code
from tests.console.api.conftest import PCAP, SESSION, SamplePackets, make_records
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0, make_alert, make_incident

FLOW = f"/api/flows/{SESSION}"


@pytest.fixture(params=["memory", "embedded"])
def events(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    """The store that people really have, and the double that other tests of the API use."""
    if request.param == "memory":
        yield MemoryStore()
        return
    store = EmbeddedEventStore(tmp_path / "events", writable=True)
    yield store
    store.close()


@pytest.fixture(autouse=True)
def _filled(request: pytest.FixtureRequest, events: EventStore) -> None:
    if "empty" not in request.fixturenames:
        events.append(make_records())


@pytest.fixture
def empty() -> None:
    """Named by tests that begin with nothing."""


@pytest.fixture
def kept(state: SqlState, tmp_path: Path) -> Path:
    """A replay's capture that covers the flow."""
    capture = tmp_path / "a.pcap"
    capture.write_bytes(PCAP)
    spans = [{"first": to_iso(T0 - SECOND), "last": to_iso(T0 + MINUTE)}]
    other = [{"first": to_iso(T0 - DAY), "last": to_iso(T0 - HOUR)}]
    state.put_replay(Replay("r1", "replay", "a", (str(capture),), T0, T0, {"inputs": spans}))
    state.put_replay(Replay("r2", "replay", "b", ("/gone.pcap",), T0, T0, {"inputs": other}))
    return capture


def test_search(analyst: Browser) -> None:
    page = analyst.get("/api/events", q="dns.question.name:*.example").json()
    assert (page["total"], page["partial"], page["cursor"]) == (1, False, None)
    assert page["events"][0]["dns.question.name"] == "a.bad.example"
    page = analyst.get("/api/events", limit="1", sort="@timestamp", columns="source.ip").json()
    assert page["events"] == [
        {"event.id": "e" * 31 + "1", "@timestamp": to_iso(T0), "source.ip": "10.1.1.5"}
    ]
    following = analyst.get("/api/events", limit="1", sort="@timestamp", cursor=page["cursor"])
    assert following.json()["events"][0]["event.dataset"] == "dns"
    since = to_iso(T0 + SECOND)
    assert analyst.get("/api/events", since=since).json()["total"] == 1
    assert analyst.get("/api/events", until=since).json()["total"] == 1


def test_a_bad_query_says_where(analyst: Browser) -> None:
    for path in ("/api/events", "/api/events/histogram", "/api/events/terms"):
        response = analyst.get(path, q="source.ip:(1 OR", field="source.ip")
        if path == "/api/events":
            response = analyst.get(path, q="source.ip:(1 OR")
        assert (response.status_code, code(response)) == (422, "bad_query")
        problem = response.json()
        assert problem["where"] == f"character {problem['position'] + 1}"


@pytest.mark.parametrize(
    "query", [{"sort": "nothing"}, {"columns": "nothing"}, {"limit": "0"}, {"limit": "100000"}]
)
def test_bad_words_of_a_search(analyst: Browser, query: dict[str, str]) -> None:
    assert analyst.get("/api/events", **query).status_code == 422


def test_histogram_covers_what_is_held(analyst: Browser, log_in: Callable[..., Browser]) -> None:
    histogram = analyst.get("/api/events/histogram").json()
    assert (histogram["interval_seconds"], histogram["first"]) == (1, to_iso(T0))
    assert sum(bucket["count"] for bucket in histogram["buckets"]) == 2
    day = {"since": to_iso(T0 - DAY), "until": to_iso(T0 + SECOND), "buckets": "24"}
    histogram = analyst.get("/api/events/histogram", **day).json()
    assert histogram["interval_seconds"] == 2 * 3600
    assert histogram["buckets"][0]["count"] == 1


@pytest.mark.usefixtures("empty")
def test_histogram_of_nothing(analyst: Browser) -> None:
    histogram = analyst.get("/api/events/histogram").json()
    assert histogram == {"interval_seconds": 0, "buckets": [], "first": None, "last": None}


@pytest.mark.parametrize(
    ("span", "interval"),
    [(1, SECOND), (60 * SECOND, SECOND), (61 * SECOND, 2 * SECOND), (DAY, 30 * MINUTE),
     (30 * DAY, 12 * HOUR), (3650 * DAY, 90 * DAY)],
)  # fmt: skip
def test_intervals_are_round(span: int, interval: int) -> None:
    assert round_interval(span, 60) == interval
    assert span <= interval * 60


def test_terms(analyst: Browser) -> None:
    terms = analyst.get("/api/events/terms", field="event.dataset").json()
    assert terms["buckets"] == [{"key": "dns", "count": 1}, {"key": "flow", "count": 1}]
    assert code(analyst.get("/api/events/terms", field="nothing")) == "unknown_field"


def test_one_event(analyst: Browser) -> None:
    found = analyst.get(f"/api/events/{'e' * 31}2").json()
    assert (found["flow"], found["event"]["event.dataset"]) == (SESSION, "dns")
    assert code(analyst.get("/api/events/none")) == "not_found"


def test_fields(analyst: Browser) -> None:
    items = analyst.get("/api/fields").json()["items"]
    assert items[0] == {
        "name": "event.id",
        "type": "keyword",
        "list": False,
        "description": items[0]["description"],
    }


def test_flow(analyst: Browser, state: SqlState) -> None:
    state.put_alerts([make_alert("a1", events=("e" * 31 + "2",))])
    state.put_incidents([make_incident("i1", alerts=("a1",))], {})
    flow = analyst.get(FLOW).json()
    assert flow["flow"]["event.dataset"] == "flow"
    assert [record["event.dataset"] for record in flow["records"]] == ["flow", "dns"]
    assert [alert["id"] for alert in flow["alerts"]] == ["a1"]
    assert [each["id"] for each in flow["incidents"]] == ["i1"]
    assert flow["packets"]["available"] is False
    assert flow["packets"]["why"]["key"] == "console.packets.no_capture"
    assert code(analyst.get("/api/flows/Cnone")) == "not_found"
    assert analyst.get("/api/flows/a-b").status_code == 422


def test_packets_of_a_replay(analyst: Browser, kept: Path, packets: SamplePackets) -> None:
    kept_as = {"available": True, "why": None, "origin": "captures"}
    assert analyst.get(FLOW).json()["packets"] == kept_as
    page = analyst.get(f"{FLOW}/packets", limit="1").json()
    assert (len(page["packets"]), page["total"], page["bounded"]) == (1, 2, True)
    detail = analyst.get(f"{FLOW}/packets/2").json()
    assert detail["tree"][0]["children"][0] == {"label": "TTL", "value": "64", "children": []}
    assert [row["offset"] for row in detail["hex"]] == [0, 16]
    assert code(analyst.get(f"{FLOW}/packets/3")) == "not_found"
    assert packets.sliced == [(kept,)]  # cut once, then kept
    response = analyst.get(f"{FLOW}/pcap")
    assert response.content == PCAP
    assert f"{SESSION}.pcap" in response.headers["content-disposition"]


def test_only_analysts_take_packets_along(
    log_in: Callable[[str], Browser], kept: Path, state: SqlState
) -> None:
    assert kept.exists()
    viewer = log_in("viewer")
    assert viewer.get(f"{FLOW}/packets").status_code == 200
    assert viewer.get(f"{FLOW}/pcap").status_code == 403
    log_in("analyst").get(f"{FLOW}/pcap")
    assert state.audit_records(1)[0].what == "flow.download"


def test_packets_of_the_store(
    log_in: Callable[[str], Browser], packets: SamplePackets, state: SqlState
) -> None:
    packets.why, packets.count = None, 3
    analyst = log_in("analyst")
    kept = analyst.get(FLOW).json()["packets"]
    assert kept == {"available": True, "why": None, "origin": "store"}
    page = analyst.get(f"{FLOW}/packets").json()
    assert (page["origin"], page["cut"], page["expected"]) == ("store", True, None)
    assert packets.sliced == [()]


def test_every_cut_is_recorded_for_who_looks(
    log_in: Callable[[str], Browser], packets: SamplePackets, state: SqlState
) -> None:
    packets.why = None
    for name in ("analyst", "viewer", "analyst"):
        assert log_in(name).get(f"{FLOW}/packets").status_code == 200
    log_in("analyst").get(f"{FLOW}/packets/1")
    done = [r for r in state.audit_records(50) if r.what == "flow.carve"]
    assert [(r.by, r.target) for r in done] == [("viewer", SESSION), ("analyst", SESSION)]
    assert done[0].detail == {"packets": 2, "bounded": False, "origin": "store"}
    assert len(packets.sliced) == 2


@pytest.mark.usefixtures("empty")
def test_a_drills_flow_leads_to_the_drills_capture(
    analyst: Browser, events: EventStore, state: SqlState, tmp_path: Path, packets: SamplePackets
) -> None:
    events.append(make_records(run="d1"))
    capture = tmp_path / "drill.pcap"
    capture.write_bytes(PCAP)
    state.put_replay(Replay("d1", "drill", "n", (str(capture),), T0))
    assert analyst.get(f"{FLOW}/packets").status_code == 200
    assert packets.sliced == [(capture,)]


def test_no_packets_says_why(
    analyst: Browser, kept: Path, packets: SamplePackets, state: SqlState
) -> None:
    packets.missing = True
    response = analyst.get(f"{FLOW}/packets")
    assert (response.status_code, code(response)) == (503, "missing_tool")
    for slice_ in (kept.parent / "home" / "slices").glob("*"):
        slice_.unlink()
    packets.count = 0
    assert code(analyst.get(f"{FLOW}/packets")) == "no_capture"
    kept.unlink()
    assert analyst.get(FLOW).json()["packets"]["why"]["en"].startswith("The capture a.pcap")
    response = analyst.get(f"{FLOW}/packets")
    assert (response.status_code, code(response)) == (404, "no_capture")
    assert str(kept) not in response.text


def test_hex_rows() -> None:
    rows = hex_rows(bytes(range(60, 80)))
    assert (rows[0].hex[:8], rows[0].text[:4], rows[1].offset) == ("3c 3d 3e", "<=>?", 16)


def test_entity(analyst: Browser, state: SqlState) -> None:
    state.put_alerts([make_alert("a1")])
    state.put_incidents([make_incident("i1")], {})
    state.put_plan(Plan(assets=(Asset("srv-1", "DNS", ("10.1.1.5",), unit="edu"),)))
    host = analyst.get("/api/entities/host/10.1.1.5").json()
    assert (host["internal"], host["asset"]["name"], host["events"]) == (True, "DNS", 2)
    assert (host["first"], host["last"]) == (to_iso(T0), to_iso(T0 + SECOND))
    assert host["peers"] == [{"key": "192.0.2.9", "count": 1}]
    assert len(host["incidents"]) == len(host["alerts"]) == 1
    domain = analyst.get("/api/entities/domain/bad.example").json()
    assert (domain["events"], domain["peers"][0]["key"]) == (1, "10.1.1.5")
    assert analyst.get("/api/entities/url/http://x.example/a?b").json()["events"] == 0
    outside = analyst.get("/api/entities/host/192.0.2.9").json()
    assert (outside["internal"], outside["asset"]) == (False, None)
    assert analyst.get("/api/entities/planet/mars").status_code == 422


def test_what_met_the_query_is_marked(analyst: Browser, events: MemoryStore) -> None:
    """In UTF-16, as browsers count: a character beyond the first plane is two."""
    fields = {"message": "😀 <b>烽燧</b> Beacon", "source.ip": "10.9.9.9"}
    events.append([make_event(id="ab" * 16, time=T0, dataset="syslog", fields=fields)])  # type: ignore[arg-type]
    page = analyst.get("/api/events", q="beacon AND source.ip:10.9.0.0/16").json()
    assert page["marks"] == [
        [
            {"field": "message", "index": 0, "start": 13, "end": 19},
            {"field": "source.ip", "index": 0, "start": 0, "end": 8},
        ]
    ]
    one = analyst.get(f"/api/events/{'ab' * 16}", q="烽燧").json()
    assert one["marks"] == [{"field": "message", "index": 0, "start": 6, "end": 8}]
    assert analyst.get(f"/api/events/{'ab' * 16}").json()["marks"] == []
    assert analyst.get(f"/api/events/{'ab' * 16}", q="a:(").json()["code"] == "bad_query"
