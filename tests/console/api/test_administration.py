"""Users, settings, audit, hunts, assets, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from httpx import Response

from fengsui.asset import Asset, Network, System, Unit
from fengsui.clock import SECOND, EventClock
from fengsui.store.sql.state import SqlState
from fengsui.store.state import Plan, Replay, SourceSeen
from tests.console.api.client import Browser, code
from tests.console.api.conftest import make_records
from tests.console.api.memory_store import MemoryStore
from tests.fengsui.store.sql.samples import T0


def test_a_new_user_logs_in_and_must_change(app: FastAPI, log_in: Callable[[str], Browser]) -> None:
    admin = log_in("security_admin")
    made = admin.post("/api/users", {"name": "王芳", "roles": ["analyst"]}).json()
    assert made["user"]["must_change"] is True
    browser = Browser(app)
    assert browser.log_in("王芳", made["password"]).status_code == 200
    assert code(browser.get("/api/incidents")) == "password_change_needed"
    assert code(admin.post("/api/users", {"name": "王芳", "roles": ["viewer"]})) == "name_taken"
    assert admin.post("/api/users", {"name": "a b", "roles": ["viewer"]}).status_code == 422
    names = [user["name"] for user in admin.get("/api/users").json()["items"]]
    assert "王芳" in names
    assert "password" not in admin.get("/api/users").text.replace("must_change", "")


def test_three_administrators_are_three_persons(log_in: Callable[[str], Browser]) -> None:
    admin = log_in("security_admin")
    both = {"name": "x", "roles": ["system_admin", "auditor"]}
    assert code(admin.post("/api/users", both)) == "roles_exclude_each_other"
    both = {"roles": ["security_admin", "auditor"]}
    assert code(_change(admin, "viewer", **both)) == "roles_exclude_each_other"
    own = {"roles": ["security_admin", "analyst"]}
    assert code(_change(admin, "security_admin", **own)) == "own_account"


def test_changing_a_user(app: FastAPI, log_in: Callable[[str], Browser]) -> None:
    admin, viewer = log_in("security_admin"), log_in("viewer")
    changed = _change(admin, "viewer", roles=["analyst"]).json()
    assert (changed["user"]["roles"], changed["password"]) == (["analyst"], None)
    assert viewer.get("/api/session").json()["user"]["roles"] == ["analyst"]
    reset = _change(admin, "viewer", reset_password=True).json()
    assert viewer.get("/api/session").status_code == 401
    assert Browser(app).log_in("viewer", reset["password"]).status_code == 200
    _change(admin, "viewer", disabled=True)
    assert Browser(app).log_in("viewer", reset["password"]).status_code == 401
    nobody = admin.call("PATCH", "/api/users/none", json={"version": "x"})
    assert code(nobody) == "not_found"


def test_two_administrators_never_overwrite_each_other(log_in: Callable[[str], Browser]) -> None:
    admin = log_in("security_admin")
    seen = _version(admin, "viewer")
    assert _change(admin, "viewer", disabled=True).status_code == 200
    late = admin.call("PATCH", "/api/users/viewer", json={"roles": ["analyst"], "version": seen})
    assert (late.status_code, code(late)) == (409, "version_conflict")
    rows = admin.get("/api/users").json()["items"]
    row = next(row for row in rows if row["name"] == "viewer")
    assert (row["roles"], row["disabled"]) == (["viewer"], True)


def _version(admin: Browser, name: str) -> str:
    rows = admin.get("/api/users").json()["items"]
    return next(row["version"] for row in rows if row["name"] == name)


def _change(admin: Browser, name: str, **change: Any) -> Response:
    change = {**change, "version": _version(admin, name)}
    return admin.call("PATCH", f"/api/users/{name}", json=change)


def test_settings_tell_their_origin(log_in: Callable[[str], Browser]) -> None:
    items = log_in("system_admin").get("/api/settings").json()["items"]
    row = next(item for item in items if item["name"] == "console.upload_megabytes")
    assert (row["value"], row["origin"]) == (
        2,
        "environment variable FENGSUI_CONSOLE_UPLOAD_MEGABYTES",
    )


def test_audit(log_in: Callable[[str], Browser], state: SqlState) -> None:
    auditor = log_in("auditor")
    page = auditor.get("/api/audit").json()
    assert page["faults"] == []
    assert (page["items"][0]["action"], page["items"][0]["by"]) == ("session.begin", "auditor")
    state.audit("ann", "x")
    assert [e["action"] for e in auditor.get("/api/audit", limit="1").json()["items"]] == ["x"]
    assert auditor.get("/api/audit", before="2").json()["items"][0]["number"] == 1


def test_hunts(analyst: Browser) -> None:
    hunt = analyst.post("/api/hunts", {"name": "tunnels", "query": "dns.bytes:>500"}).json()
    assert analyst.get("/api/hunts").json()["items"] == [hunt]
    assert code(analyst.post("/api/hunts", {"name": "x", "query": "a:("})) == "bad_query"
    assert analyst.call("DELETE", f"/api/hunts/{hunt['id']}").json() == {"done": True}
    assert code(analyst.call("DELETE", f"/api/hunts/{hunt['id']}")) == "not_found"


def test_assets(analyst: Browser, state: SqlState) -> None:
    state.put_plan(
        Plan(
            (Unit("edu", "教育局"),),
            (System("s1", "OA", "edu", 3, 3, 3),),
            (Network("10.0.0.0/8", "office", "data"),),
            (Asset("srv-1", "DNS", ("10.1.1.5",)),),
        )
    )
    state.saw_assets({"srv-1": (T0, T0)})
    inventory = analyst.get("/api/assets").json()
    assert inventory["units"][0]["name"] == "教育局"
    assert inventory["assets"][0]["first"].startswith("2026")
    assert (len(inventory["systems"]), len(inventory["networks"])) == (1, 1)


def test_captured_interfaces_are_told_with_what_they_lost(
    analyst: Browser, state: SqlState, clock: EventClock
) -> None:
    numbers = ("events", "freezes", "blocks_used", "peak_blocks", "blocks", "queue_bytes")
    row = dict.fromkeys((*numbers, "bytes", "restarts", "shed_seconds"), 0) | {
        "name": "eth1", "status": "capturing", "plane": "data", "filter": "", "workers": 2, "wanted": 2,
        "packets": 1000, "drops": 10, "lag_seconds": 0.2, "waits_for_spool": False, "shedding": False,
        "losses": {"live.kernel_drops": 10}, "problem": None,
    }  # fmt: skip
    problem = {"code": "no_such_interface", "what": "w", "where": "x", "next": "y"}
    failed = row | {
        "name": "eth9",
        "status": "failed",
        "packets": 0,
        "drops": 0,
        "problem": problem,
    }
    state.put_health("sense", T0, {"events": 1, "losses": {}, "interfaces": [row, failed]})
    health = analyst.get("/api/health").json()
    one, two = health["interfaces"]
    assert (one["drop_share"], one["packet_rate"], one["lag_seconds"]) == (0.01, None, 0.2)
    assert (two["drop_share"], two["problem"]["code"]) == (0.0, "no_such_interface")
    assert (health["joints"][0]["status"], health["joints"][0]["lag_seconds"]) == ("lost", 0.2)
    later = row | {"packets": 3000}
    state.put_health("sense", T0 + 2 * SECOND, {"events": 1, "losses": {}, "interfaces": [later]})
    assert analyst.get("/api/health").json()["interfaces"][0]["packet_rate"] == 1000.0


def test_the_packet_store_is_as_its_worst_writer(analyst: Browser, state: SqlState) -> None:
    state.put_health("sense", T0, {"packets": [], "packet_store": None})
    assert analyst.get("/api/health").json()["packets"] is None
    held = {
        "folder": "/data/packets", "segments": 3, "bytes": 9, "max_bytes": 10, "max_hours": 72.0,
        "oldest": "2026-11-21T08:00:00.000000Z", "sealed": True,
    }  # fmt: skip
    good = {"writer": "s-eth1-0", "interface": "eth1", "state": "writing", "packets": 5, "bytes": 9}
    bad = {
        "writer": "s-files",
        "interface": "",
        "state": "paused",
        "why": "No space left on device",
    }
    for rows, worst in (([good], "writing"), ([good, bad], "paused"),
                        ([bad | {"state": "failed"}, bad, good], "failed")):  # fmt: skip
        state.put_health("sense", T0, {"packets": rows, "packet_store": held})
        found = analyst.get("/api/health").json()["packets"]
        assert (found["state"], found["oldest"], len(found["writers"])) == (
            worst,
            held["oldest"],
            len(rows),
        )


def test_health(analyst: Browser, state: SqlState, clock: EventClock, events: MemoryStore) -> None:
    joints = {each["id"]: each for each in analyst.get("/api/health").json()["joints"]}
    assert list(joints) == ["sensor", "spool", "detections", "store", "console"]
    assert [each["status"] for each in joints.values()] == ["unknown"] * 4 + ["good"]
    events.append(make_records())
    state.saw_sources([SourceSeen("sensor-1", "dns", 5, T0 - SECOND, T0)])
    cut = {"decoder.cut_packets": 3}
    state.put_health("sense", T0, {"events": 100, "losses": cut, "lost_lately": cut})
    losses = {"store.field_set_aside.x": 1, "spool.unreadable_batches": 0}
    busy = {
        "events": 100,
        "waiting": 9,
        "lag_seconds": 60.0,
        "losses": losses,
        "lost_lately": losses,
    }
    state.put_health("work", T0, busy)
    run = {"inputs": [{"losses": {"capture.cut": 2}}]}
    state.put_replay(Replay("r1", "replay", "a.pcap", (), T0, T0, run))
    clock.advance(T0 + 2 * SECOND)
    health = analyst.get("/api/health").json()
    joints = {each["id"]: each for each in health["joints"]}
    assert {name: each["status"] for name, each in joints.items()} == {
        "sensor": "lost",
        "spool": "lagging",
        "detections": "lagging",
        "store": "lost",
        "console": "good",
    }
    assert joints["sensor"]["losses"] == {"decoder.cut_packets": 3}
    assert joints["sensor"]["detail"]["runs"]["r1"]["losses"] == {"capture.cut": 2}
    assert joints["store"]["detail"]["events"] == 2
    assert health["sources"][0]["silent_seconds"] == 2.0
    assert {row["dataset"] for row in health["store"]} == {"flow", "dns"}
    assert health["roles"]["work"]["waiting"] == 9
    state.put_health("sense", T0 + 2 * SECOND, {"events": 300, "losses": {}})
    joint = analyst.get("/api/health").json()["joints"][0]
    assert (joint["rate"], joint["status"]) == (100.0, "good")
    told = {"dns.repeated_query": 7}  # it tells of the traffic: nothing was lost
    past = {"stream.gap": 5}  # lost once, and not within the hour
    document = {"events": 300, "losses": told | past, "lost_lately": told}
    state.put_health("sense", T0 + 2 * SECOND, document)
    joint = analyst.get("/api/health").json()["joints"][0]
    assert (joint["status"], joint["noted"]) == ("good", ["dns.repeated_query"])
    assert joint["losses"] == told | past
    clock.advance(T0 + 60 * SECOND)
    assert analyst.get("/api/health").json()["joints"][0]["status"] == "stopped"
