"""The rest of the protocol, noun by noun."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fengsui.asset import Asset, Network, System, Unit
from fengsui.clock import SECOND, EventClock
from fengsui.errors import BusyError, StoreError
from fengsui.store.sql.state import SqlState, open_state
from fengsui.store.state import Act, Job, Plan, Replay, SavedHunt, SourceSeen, State, User
from tests.fengsui.store.sql.samples import T0, make_alert, make_finding, make_incident, make_run


def test_is_a_state(state: SqlState) -> None:
    held: State = state
    methods = {name for name in vars(State) if not name.startswith("_")}
    assert {name for name in methods if not callable(getattr(held, name, None))} == set()


def test_replays(state: SqlState) -> None:
    old = Replay("r1", "replay", "x.pcap", ("/captures/x.pcap",), T0, T0 + 1, {"packets": 3})
    new = Replay("d1", "drill", "first-intrusion", (), T0 + 5)
    state.put_replay(old)
    state.put_replay(new)
    assert state.replays() == [new, old]
    assert state.replays("replay") == [old]
    assert (state.replay("d1"), state.replay("none")) == (new, None)


def test_purge_takes_a_run_and_nothing_else(state: SqlState) -> None:
    for run in ("d1", ""):
        state.put_alerts([make_alert(f"a{run}", run=run)])
        state.put_incidents([make_incident(f"i{run}", run=run)], {f"x{run}": f"i{run}"})
        state.act(f"i{run}", Act("take", "ann", T0), 0)
        state.put_run(make_run(f"r{run}", incident=f"i{run}"))
    state.put_replay(Replay("d1", "drill", "n", (), T0))
    state.put_scorecard("d1", {"detected": 8})
    state.purge_run("d1")
    assert state.case("id1") is None
    assert state.case("xd1") is None
    assert state.alerts(run="d1") == []
    assert state.runs("id1") == []
    assert (state.replays(), state.scorecards()) == ([], [])
    case = state.case("x")
    assert case is not None
    assert (case.incident.id, case.owner) == ("i", "ann")
    assert len(state.alerts()) == len(state.runs()) == 1


def test_playbook_runs(state: SqlState) -> None:
    first, second = make_run("r1"), make_run("r2", started=T0 + 1)
    state.put_run(first)
    state.put_run(second)
    assert state.runs("i1") == [second, first]
    assert state.runs("other") == []
    state.put_run(replace(first, status="finished"))
    found = state.run("r1")
    assert found is not None
    assert found.status == "finished"
    assert state.run("none") is None


def test_findings_keep_their_history(state: SqlState) -> None:
    old, new = make_finding("f1"), make_finding("f2", time=T0 + 1)
    other = make_finding("f3", check="coverage")
    state.put_findings([old, other])
    state.put_findings([new, old])
    assert state.findings() == [new, other]
    assert state.findings(latest=False) == [new, old, other]
    assert state.findings(unit="none") == []


def test_scorecards_newest_first(state: SqlState) -> None:
    state.put_scorecard("d1", {"detected": 7})
    state.put_scorecard("d2", {"detected": 8})
    assert state.scorecards() == [{"detected": 8}, {"detected": 7}]
    state.put_scorecard("d1", {"detected": 9})
    assert state.scorecards()[0] == {"detected": 9}


def test_plan_is_replaced_and_sightings_stay(state: SqlState) -> None:
    camera = Asset("cam-1", "Gate", ("10.9.0.1", "fd00::1"), kind="camera", logs=("flow",))
    plan = Plan(
        (Unit("edu", "教育局"),),
        (System("s1", "OA", "edu", 3, 3, 3),),
        (Network("10.0.0.0/8", "office", "data"),),
        (camera,),
    )
    state.put_plan(plan)
    assert state.plan() == plan
    state.saw_assets({"cam-1": (20, 30), "gone": (1, 2)})
    state.saw_assets({"cam-1": (10, 25)})
    state.put_plan(replace(plan, units=()))
    assert state.plan() == Plan(
        (), plan.systems, plan.networks, (replace(camera, first=10, last=30),)
    )


def test_sources_add_up(state: SqlState) -> None:
    state.saw_sources([SourceSeen("s1", "flow", 5, 20, 30), SourceSeen("s1", "dns", 1, 1, 1)])
    state.saw_sources([SourceSeen("s1", "flow", 2, 10, 25)])
    state.saw_sources([])
    assert state.sources() == [
        SourceSeen("s1", "dns", 1, 1, 1),
        SourceSeen("s1", "flow", 7, 10, 30),
    ]


def test_health_keeps_the_latest(state: SqlState) -> None:
    state.put_health("work", 1, {"rate": 1})
    state.put_health("work", 2, {"rate": 9})
    assert state.health() == {"work": (2, {"rate": 9})}


def test_jobs(state: SqlState) -> None:
    jobs = [Job(f"j{n}", "replay", {"path": "x"}, "queued", "ann", T0 + n) for n in range(3)]
    for job in reversed(jobs):
        state.put_job(job)
    assert [job.id for job in state.jobs()] == ["j2", "j1", "j0"]
    taken = state.take_job(["replay", "drill"])
    assert taken == replace(jobs[0], status="running")
    assert state.take_job(["drill"]) is None
    state.put_job(replace(taken, status="cancelled"))
    state.put_job(replace(taken, done=5))
    job = state.job("j0")
    assert job is not None
    assert (job.status, job.done) == ("cancelled", 5)
    assert state.job("none") is None


def test_people_and_sessions(state: SqlState, clock: EventClock) -> None:
    ann = User("ann", ("analyst", "viewer"), "$argon2id$…", must_change=True)
    state.put_user(ann)
    state.put_user(User("bo", (), "", disabled=True, language="en"))
    assert [user.name for user in state.users()] == ["ann", "bo"]
    assert (state.user("ann"), state.user("cy")) == (ann, None)
    state.put_user(replace(ann, disabled=True), seen=ann)
    for late in (ann, User("cy", (), "")):
        with pytest.raises(BusyError, match="Somebody else changed the user") as raised:
            state.put_user(replace(late, language="en"), seen=late)
        assert "argon2id" not in str(raised.value)
    assert (state.user("ann"), state.user("cy")) == (replace(ann, disabled=True), None)
    for token in ("t1", "t2", "t3"):
        state.put_session(token, "ann", T0 + 10 * SECOND)
    assert state.session("t1", T0) == "ann"
    assert state.session("t1", T0 + 10 * SECOND) is None
    state.drop_session("t3")
    assert state.session("t3", T0) is None
    state.drop_sessions("ann", keep="t2")
    assert (state.session("t1", T0), state.session("t2", T0)) == (None, "ann")
    clock.advance(T0 + 11 * SECOND)
    state.put_session("t4", "ann", T0 + 20 * SECOND)
    assert state.session("t2", T0) is None  # forgotten, not only expired


def test_hunts(state: SqlState) -> None:
    state.put_hunt(SavedHunt("h1", "Zebra", "a:1", "ann", T0))
    state.put_hunt(SavedHunt("h2", "Ant", "b:1", "ann", T0))
    assert [hunt.name for hunt in state.hunts()] == ["Ant", "Zebra"]
    state.drop_hunt("h2")
    assert [hunt.id for hunt in state.hunts()] == ["h1"]


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError) as caught:
        open_state(f"sqlite:///{path}")
    assert caught.value.code == "state_unusable"
    assert str(path) in caught.value.where


@pytest.mark.parametrize("url", ["nonsense", "unknown://x/y"])
def test_a_url_that_names_nothing(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_state(url)
    assert caught.value.code == "bad_state_url"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as caught:
        open_state(f"sqlite:///{tmp_path}/file/state.sqlite")
    assert caught.value.code == "state_unusable"
