"""The playbook of the library, run for an incident."""

from __future__ import annotations

import pytest

from fengsui.alert import Entity
from fengsui.clock import HOUR, SECOND
from fengsui.errors import BusyError, ForbiddenError, InputError, NotFoundError
from fengsui.playbook import Playbook, Run
from playbooks.action import Owner, action_names, load_actions
from playbooks.cacao import load_library
from playbooks.runner import decide, start

NOW = 1_790_000_000 * SECOND


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    (only,) = load_library(action_names())
    return only


def actions_of(run: Run, playbook: Playbook) -> list[tuple[str, str]]:
    return [(playbook.steps[r.step].action, r.status) for r in run.results]


def test_a_rehearsal_stops_for_approval_and_shows_what_is_asked(playbook, incident, surround):
    actions = load_actions(surround(incident))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert run.status == "waiting_approval"
    assert actions_of(run, playbook) == [
        ("confirm_facts", "rehearsed"),
        ("notify", "rehearsed"),
        ("dns_sinkhole", "waiting_approval"),
    ]
    assert run.next_step == run.results[-1].step
    assert "*.evil.example 60 IN CNAME ." in run.results[-1].effect.render("zh")
    assert run.results[-1].expires == NOW + 72 * HOUR
    assert "王敏" in run.results[1].effect.render("en")


def test_approvals_lead_to_the_end_and_are_recorded(playbook, incident, surround):
    actions = load_actions(surround(incident))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    run = decide(run, playbook, run.next_step, True, "zhang", "", NOW, actions)
    run = decide(run, playbook, run.next_step, True, "li", "值班只有一人", NOW, actions)
    assert run.status == "finished"
    assert run.next_step == ""
    assert actions_of(run, playbook) == [
        ("confirm_facts", "rehearsed"),
        ("notify", "rehearsed"),
        ("dns_sinkhole", "done"),
        ("dns_sinkhole", "rehearsed"),
        ("nftables_block", "done"),
        ("nftables_block", "rehearsed"),
        ("collect_evidence", "rehearsed"),
        ("recheck", "rehearsed"),
    ]
    decisions = [r.effect for r in run.results if r.status == "done"]
    assert [d.key for d in decisions] == [
        "playbooks.decision.approved",
        "playbooks.decision.approved_alone",
    ]
    assert "值班只有一人" in decisions[1].render("zh")
    for result in run.results:
        assert "{" not in result.effect.render("zh").replace("{ ", "").replace("{\n", "")


def test_a_rejection_ends_the_run_and_needs_a_reason(playbook, incident, surround):
    actions = load_actions(surround(incident))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    with pytest.raises(InputError):
        decide(run, playbook, run.next_step, False, "zhang", " ", NOW, actions)
    run = decide(run, playbook, run.next_step, False, "zhang", "业务高峰", NOW, actions)
    assert (run.status, run.next_step) == ("rejected", "")
    assert all(r.status != "waiting_approval" for r in run.results)


def test_live_runs_are_refused(playbook, incident, surround):
    with pytest.raises(ForbiddenError) as refused:
        start(playbook, incident, "live", "li", NOW, load_actions(surround(incident)))
    assert refused.value.code == "live_not_offered"
    for action in load_actions(surround(incident)).values():
        with pytest.raises(ForbiddenError):
            action.run({}, NOW)
        with pytest.raises(ForbiddenError):
            action.undo({}, NOW)


def test_a_decision_at_another_step_or_twice_is_refused(playbook, incident, surround):
    actions = load_actions(surround(incident))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    other = next(s for s in playbook.steps if s != run.next_step)
    with pytest.raises(BusyError):
        decide(run, playbook, other, True, "zhang", "", NOW, actions)
    with pytest.raises(NotFoundError):
        decide(run, playbook, "action--none", True, "zhang", "", NOW, actions)


def test_what_is_on_the_never_block_list_fails_and_goes_on(playbook, incident, surround):
    poisoned = [
        Entity("host", "10.3.4.17", "source", internal=True),
        Entity("host", "114.114.114.114", "c2"),
        Entity("domain", "www.shanghai.gov.cn", "c2"),
    ]
    actions = load_actions(surround(incident, poisoned))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert run.status == "finished"
    assert actions_of(run, playbook)[2:4] == [
        ("dns_sinkhole", "failed"),
        ("nftables_block", "failed"),
    ]
    assert "政务域名" in run.results[2].effect.render("zh")
    assert "public resolver" in run.results[3].effect.render("en")


def test_without_facts_the_run_fails_at_once(playbook, incident, surround):
    actions = load_actions(surround(incident, []))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert (run.status, actions_of(run, playbook)) == ("failed", [("confirm_facts", "failed")])


def test_an_owner_who_is_not_registered_is_said_and_passed(playbook, incident, surround):
    actions = load_actions(surround(incident, owner=Owner()))
    run = start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert actions_of(run, playbook)[1] == ("notify", "skipped")


def test_the_same_start_is_the_same_run(playbook, incident, surround):
    actions = load_actions(surround(incident))
    one = start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert one == start(playbook, incident, "rehearsal", "li", NOW, actions)
    assert one.as_json()["status"] == "waiting_approval"
