"""Evidence that is fetched before a run: only of registered addresses, with kept secrets, in its hours."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.compliance import collecting
from console.compliance.collecting import Fetching, collect_all, due_now
from console.compliance.desk import Desk
from console.compliance.targets import check_collection
from console.compliance.working import ask_due, run_job
from console.security.vault import open_vault
from console.wiring import Stores
from detections.compliance.assets.remote.target import Target
from fengsui.asset import Asset
from fengsui.clock import DAY, EventClock
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from fengsui.store.sql.system_codecs import system_from
from fengsui.store.state import Plan
from fengsui.system import AssessmentRun, Collection, FiledSystem
from tests.console.compliance.conftest import FAULTY, NOW, SYSTEM

HERE = Asset("web-1", "web-1", ("127.0.0.1",), kind="server")
SWITCH = Collection("sw", "device", "audit@10.0.0.2", "core", options={"vendor": "huawei"})
PROBE = Collection(
    "web-1",
    "probe",
    "127.0.0.1",
    approved_by="李四",
    options={"ports": "1", "allow": "22", "rate": "100"},
)


def file(desk: Desk, stores: Stores, *collections: Collection) -> FiledSystem:
    plan = stores.state.plan()
    stores.state.put_plan(Plan(assets=(*plan.assets, HERE)))
    known = stores.state.system("portal")
    assert known is not None
    row = replace(known, assets=("sw", "web-1"), collections=collections)
    return desk.file_system(row, "王敏")


def nothing(*_: object) -> None:
    pass


def test_a_device_is_fetched_with_its_secret(
    desk: Desk,
    stores: Stores,
    settings: Settings,
    clock: EventClock,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[[], AssessmentRun],
) -> None:
    asked: list[tuple[str, str]] = []

    def fetch(target: Target, vendor: str, known: object) -> bytes:
        asked.append((target.name, target.password))
        return FAULTY.encode()

    monkeypatch.setattr(collecting, "fetch_configuration", fetch)
    open_vault(settings).put("core", "pa55 word")
    system = file(desk, stores, SWITCH)
    assert collect_all(settings, stores.state, system, clock, nothing) == []
    assert asked == [("audit@10.0.0.2:22", "pa55 word")]
    brought = stores.state.evidence("portal")[0]
    assert (brought.asset, brought.by, brought.name) == ("HX-Core-01", "fengsui", "sw.cfg")
    assert run().counts["partly"] > 0
    told = str([stores.state.audit_records(100), brought, stores.state.jobs(10)])
    assert "pa55" not in told
    assert stores.state.verify_audit() == []


def test_a_probe_is_brought_and_judged(
    desk: Desk,
    stores: Stores,
    settings: Settings,
    clock: EventClock,
    run: Callable[[], AssessmentRun],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        system = file(desk, stores, replace(PROBE, options={**PROBE.options, "ports": port}))
        assert collect_all(settings, stores.state, system, clock, nothing) == []
    run()
    item = next(e for e in stores.state.item_verdicts("portal") if e.unit == "L3-CES1-18")
    assert item.assets["web-1"] == "partly"
    finding = stores.state.asset_verdicts("portal", "L3-CES1-18")[0].document
    assert port in str(finding["facts"])


@pytest.mark.parametrize(
    ("collection", "code"),
    [
        (replace(SWITCH, asset="other"), ""),
        (replace(SWITCH, target="audit:pw@10.0.0.2"), "bad_target"),
        (replace(SWITCH, options={}), ""),
        (replace(SWITCH, options={"vendor": "huawei", "port": "1"}), ""),
        (replace(SWITCH, hours="22-6"), "bad_hours"),
        (replace(PROBE, approved_by=" "), "no_authority"),
        (replace(PROBE, options={"ports": "0"}), ""),
        (replace(PROBE, options={"rate": "1e9"}), ""),
        (Collection("sw", "database", "postgresql://u:pw@10.0.0.2/x"), "secret_in_clear"),
        (
            Collection("sw", "database", "mysql://u@10.0.0.2/?password_file=/etc/hostname"),
            "secret_in_clear",
        ),
        (Collection("sw", "database", "ssh://10.0.0.2"), ""),
        (Collection("sw", "winrm", "a@10.0.0.2", options={"auth": "none"}), ""),
    ],
)
def test_what_cannot_be_fetched_is_not_kept(
    desk: Desk, stores: Stores, collection: Collection, code: str
) -> None:
    with pytest.raises(FengsuiError) as caught:
        file(desk, stores, collection)
    assert not code or caught.value.code == code
    assert "pw" not in caught.value.what


@pytest.mark.parametrize(
    "collection",
    [
        replace(SWITCH, target="audit@127.0.0.9"),
        replace(PROBE, target="127.0.0.9"),
        Collection("sw", "database", "postgresql://u@127.0.0.9/x", "core"),
        Collection("sw", "winrm", "a@localhost", "core"),
    ],
)
def test_a_secret_goes_to_registered_addresses_only(
    desk: Desk, stores: Stores, settings: Settings, clock: EventClock, collection: Collection
) -> None:
    open_vault(settings).put("core", "pa55 word")
    system = file(desk, stores, collection)
    with pytest.raises(FengsuiError) as caught:
        Fetching.of(settings, stores.state, clock).fetch(system.collections[0], "x")
    assert caught.value.code == "outside_scope"


def test_problems_are_told_and_end_nothing(
    desk: Desk, stores: Stores, settings: Settings, clock: EventClock
) -> None:
    system = file(desk, stores, SWITCH, replace(PROBE, hours="00:00-00:01"), PROBE)
    problems = collect_all(settings, stores.state, system, clock, nothing)
    assert len(problems) == 2  # no such secret; outside of the hours
    assert [file.kind for file in stores.state.evidence("portal")] == ["probe"]


def test_a_daily_run_waits_for_the_hours(
    desk: Desk, stores: Stores, clock: EventClock, run: Callable[[], AssessmentRun]
) -> None:
    # 08:00 UTC is 16:00 in China; the run before was then.
    system = file(desk, stores, replace(PROBE, hours="22:00-06:00"))
    run()
    assert not due_now(system, NOW)
    hour = DAY // 24
    assert ask_due(stores.state, desk, NOW + DAY + hour) == []
    assert ask_due(stores.state, desk, NOW + DAY + 7 * hour) == ["portal"]
    assert ask_due(stores.state, desk, NOW + 2 * DAY + hour) == ["portal"]


def test_a_job_fetches_before_it_judges(desk: Desk, stores: Stores, settings: Settings) -> None:
    file(desk, stores, replace(SWITCH, secret="gone"))
    job = desk.ask_run("portal", "full", "王敏")
    stores.state.put_job(replace(job, status="running"))
    run_job(settings, job.id)
    newest = stores.state.assessments("portal", 1)[0]
    assert any("gone" in problem for problem in newest.problems)


def test_rows_of_before_have_no_collections() -> None:
    document: dict[str, Any] = {
        "id": "a", "name": "a", "unit": "u", "responsible": "", "s_level": 3, "a_level": 3,
        "extensions": [], "assets": [], "inherited": [],
    }  # fmt: skip
    assert system_from(document).collections == ()
    assert SYSTEM.collections == ()
    check_collection(PROBE, {"web-1": HERE})
