"""Texts, lives and packs of rules: nothing is overwritten silently, everything is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from fengsui.errors import BusyError
from fengsui.hashes import sha256
from fengsui.store.rule_states import (
    KeptSample,
    NewVersion,
    Pack,
    RuleDay,
    RuleLife,
    RuleStep,
)
from fengsui.store.sql.database import Database
from fengsui.store.sql.migrate import migrate, migrate_forward
from fengsui.store.sql.state import SqlState
from tests.fengsui.store.sql.samples import T0


def _new(words: str, base: str = "", rule: str = "r1", **more: object) -> NewVersion:
    return NewVersion(rule, words, "local", "p", "a.yml", base, "ann", "why", **more)  # type: ignore[arg-type]


def _step(kind: str = "state", rule: str = "r1") -> RuleStep:
    return RuleStep(rule, 0, kind, "draft", "stable", "ann", 0, "good")  # type: ignore[arg-type]


def test_versions_are_numbered_and_keep_their_texts(state: SqlState) -> None:
    first = state.put_version(_new("a: 1\n", "a: 0\n"), 0)
    second = state.put_version(_new("a: 2\n", "a: 0\n"), 1)
    assert (first.number, second.number, second.at) == (1, 2, T0)
    assert [one.number for one in state.rule_versions("r1")] == [2, 1]
    assert state.newest_versions() == {"r1": second}
    texts = state.rule_texts([first.hash, second.hash, first.base, "none"])
    assert texts == {
        sha256(b"a: 1\n"): "a: 1\n",
        sha256(b"a: 2\n"): "a: 2\n",
        sha256(b"a: 0\n"): "a: 0\n",
    }
    assert [(one.kind, one.before, one.after) for one in state.rule_steps("r1")] == [
        ("save", "1", "2"),
        ("save", "0", "1"),
    ]


def test_somebody_was_faster(state: SqlState) -> None:
    state.put_version(_new("a"), 0)
    with pytest.raises(BusyError) as caught:
        state.put_version(_new("b"), 0)
    assert caught.value.code == "version_conflict"
    assert [one.hash for one in state.rule_versions("r1")] == [sha256(b"a")]
    assert state.rule_texts([sha256(b"b")]) == {}


def test_of_two_at_once_one_wins(state: SqlState) -> None:
    def save(words: str) -> bool:
        try:
            state.put_version(_new(words), 0)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, "abcdefgh")) == 1
    assert len(state.rule_versions("r1")) == 1


def test_lives(state: SqlState) -> None:
    assert state.rule_life("r1") == RuleLife("r1")
    kept = state.step_rule(_step(), RuleLife("r1", "stable"), 0)
    assert (kept.revision, kept.changed, state.rule_lives()) == (1, T0, {"r1": kept})
    parked = RuleLife("r1", "stable", parked=True, parked_by="bo", parked_reason="dear")
    again = state.step_rule(_step("park"), parked, 1)
    assert (again.revision, again.parked_at) == (2, T0)
    with pytest.raises(BusyError) as caught:
        state.step_rule(_step(), RuleLife("r1", "retired"), 1)
    assert caught.value.code == "version_conflict"
    assert state.rule_life("r1") == again
    assert [one.kind for one in state.rule_steps("r1")] == ["park", "state"]


def test_generations(state: SqlState) -> None:
    seen = [state.rules_generation()]
    state.put_version(_new("a"), 0)
    seen.append(state.rules_generation())
    state.step_rule(_step(), RuleLife("r1", "stable"), None)
    seen.append(state.rules_generation())
    state.add_sample(KeptSample("r1", 0, "fire", {"a": 1}, "ann", 0, ""))
    seen.append(state.rules_generation())
    assert seen == [(0, 0), (1, 1), (2, 1), (2, 1)]
    assert state.changes(0)[1]["rules"] == ["r1"]


def test_samples(state: SqlState) -> None:
    for number in (1, 2):
        kept = state.add_sample(KeptSample("r1", 0, "fire", {"a": [number]}, "ann", 0, "x"))
        assert (kept.number, kept.at) == (number, T0)
    assert state.drop_sample("r1", 1)
    assert not state.drop_sample("r1", 1)
    assert [one.event for one in state.samples("r1")] == [{"a": [2]}]


def _pack(digest: str) -> Pack:
    return Pack("p", "1", "Ann", "DRL 1.1", "p.zip", "", digest, 3, 1, "ann", T0)


def test_packs_are_swapped_with_their_versions_or_not_at_all(state: SqlState) -> None:
    state.put_pack(_pack("d1"), "")
    assert state.packs() == [_pack("d1")]
    assert not state.packs()[0].signed
    with pytest.raises(BusyError):
        state.put_pack(_pack("d2"), "")
    state.put_version(_new("mine"), 0)
    with pytest.raises(BusyError):  # the second text was made upon an older version
        state.put_pack(_pack("d2"), "d1", [_new("b", rule="r2"), _new("merged", seen=0)])
    assert (state.packs(), state.rule_versions("r2")) == ([_pack("d1")], [])
    state.put_pack(_pack("d2"), "d1", [_new("b", rule="r2"), _new("merged", seen=1)])
    assert state.packs() == [_pack("d2")]
    assert state.rule_versions("r1")[0].hash == sha256(b"merged")
    assert state.drop_pack("p")
    assert not state.drop_pack("p")


def test_counts_of_days_add_up(state: SqlState) -> None:
    assert state.newest_rule_day() is None
    state.saw_rules([RuleDay("r1", 7, 1, 10, 0.5), RuleDay("r2", 7, 2, 10, 0.1)])
    state.saw_rules([RuleDay("r1", 7, 2, 5, 0.25), RuleDay("r1", 8, 1, 1, 0.0)])
    state.saw_rules([])
    assert state.newest_rule_day() == 8
    assert state.rule_days(8) == [RuleDay("r1", 8, 1, 1, 0.0)]
    assert state.rule_days(0, "r1") == [RuleDay("r1", 7, 3, 15, 0.75), RuleDay("r1", 8, 1, 1, 0.0)]


def test_back_and_forward_again_keeps_what_was_before(url: str) -> None:
    database = Database(url)
    migrate(database, "v0001")
    with database.writing() as connection:
        connection.execute(text("INSERT INTO hunt VALUES ('h', 'n', '{}')"))
    migrate_forward(database)
    database.close()
    state = SqlState(url)
    state.put_version(_new("a"), 0)
    migrate(state.database, "v0001")
    migrate_forward(state.database)
    assert state.rules_generation() == (0, 0)
    assert state.rule_versions("r1") == []
    with state.database.reading() as connection:
        assert connection.execute(text("SELECT id FROM hunt")).scalars().all() == ["h"]
    state.close()
