"""Registers as forms: written, read again, refused by the row, taken back; words that are taken back."""

from __future__ import annotations

import pytest

from console.compliance.desk import Desk, Word
from console.compliance.registering import registers_of, restore_register, write_register
from console.wiring import Stores
from fengsui.clock import DAY, EventClock
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.settings import Settings

PLACE = ("portal", "leavers")
ROW = {"account": "zhang", "kind": "离职", "end": "2026-06-30", "removed": "", "returned": ""}


def leavers(settings: Settings, stores: Stores, clock: EventClock):
    found = registers_of(settings, stores.state, "portal", clock.now())
    return next(each for each in found if each.name == "leavers")


def test_a_register_is_written_and_taken_back(
    desk: Desk, stores: Stores, settings: Settings, clock: EventClock
) -> None:
    assert leavers(settings, stores, clock).versions == ()
    first = write_register(desk, stores.state, PLACE, [ROW], "", "王敏")
    kept = leavers(settings, stores, clock)
    assert [row["kind"] for row in kept.rows] == ["leaver"]
    assert kept.fresh
    clock.advance(clock.now() + DAY)
    second = write_register(
        desk, stores.state, PLACE, [ROW, {**ROW, "account": "li"}], first.sha256, "王敏"
    )
    with pytest.raises(BusyError):
        write_register(desk, stores.state, PLACE, [ROW], first.sha256, "李四")
    assert len(leavers(settings, stores, clock).rows) == 2
    clock.advance(clock.now() + DAY)
    restore_register(settings, desk, stores.state, PLACE, first.sha256, "王敏")
    kept = leavers(settings, stores, clock)
    assert (len(kept.rows), kept.versions[0].sha256) == (1, first.sha256)
    assert kept.versions[1].sha256 == second.sha256
    clock.advance(clock.now() + 31 * DAY)
    assert not leavers(settings, stores, clock).fresh
    assert stores.state.verify_audit() == []


@pytest.mark.parametrize("change", [{"account": ""}, {"end": "last week"}, {"kind": "某某"}])
def test_a_row_that_is_not_understood_is_refused(
    desk: Desk, stores: Stores, change: dict[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        write_register(desk, stores.state, PLACE, [ROW, {**ROW, **change}], "", "王敏")
    assert "line 4" in caught.value.what
    assert stores.state.evidence("portal") == []


def test_no_such_register_system_or_version(desk: Desk, stores: Stores, settings: Settings) -> None:
    for place in (("portal", "../x"), ("nowhere", "leavers")):
        with pytest.raises(NotFoundError):
            write_register(desk, stores.state, place, [ROW], "", "王敏")
    with pytest.raises(NotFoundError):
        restore_register(settings, desk, stores.state, PLACE, "0" * 64, "王敏")


def test_a_word_is_taken_back(desk: Desk, stores: Stores, clock: EventClock) -> None:
    word = Word("L3-PES1-01", "record", "whole", True, "机房在二楼")
    made = desk.attest("portal", word, "王敏")
    clock.advance(clock.now() + DAY)
    with pytest.raises(InputError):
        desk.withdraw("portal", made.id, " ", "王敏")
    back = desk.withdraw("portal", made.id, "看错了机房", "李四")
    assert (back.expires, back.by, back.step) == (clock.now(), "李四", "whole")
    assert len(stores.state.attestations("portal")) == 2  # what was said stays
    clock.advance(clock.now() + DAY)
    for id_ in (made.id, back.id, "x"):
        with pytest.raises(NotFoundError):
            desk.withdraw("portal", id_, "again", "李四")
